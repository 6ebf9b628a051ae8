"""Layers that more than one family may use, of operators that every runtime has."""

from torch import Tensor, nn
from torch.nn import functional


class Attention(nn.Module):
    """Multi-head self-attention over time, with its weights.

    Source: Vaswani et al., "Attention Is All You Need", 2017.

    Parameters
    ----------
    dim
        Length of a step's vector.
    heads
        They share it.
    dropout
        Of the weights.
    """

    def __init__(self, dim: int, heads: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.inwards = nn.Linear(dim, 3 * dim)
        self.outwards = nn.Linear(dim, dim)

    def forward(self, steps: Tensor) -> tuple[Tensor, Tensor]:
        """Steps of shape (batch, steps, dim) to the same shape, and how much each step was looked at: (batch, steps), mean 1."""
        dim = steps.shape[2]
        query, key, value = (self._split(part) for part in self.inwards(steps).split(dim, dim=2))
        likeness = query @ key.transpose(2, 3) * (dim // self.heads) ** -0.5
        weights = likeness.softmax(dim=3)
        mixed = functional.dropout(weights, self.dropout, self.training) @ value
        joined = mixed.transpose(1, 2).flatten(2)
        # Each looks once: the sum over those that look is 1 in the mean.
        looked_at = weights.mean(dim=1).sum(dim=1)
        return self.outwards(joined), looked_at

    def _split(self, part: Tensor) -> Tensor:
        """(batch, steps, dim) to (batch, heads, steps, dim / heads)."""
        return part.reshape(*part.shape[:2], self.heads, -1).transpose(1, 2)


class Residual(nn.Module):
    """Two convolutions around which the input goes, too.

    Source: He et al., "Deep Residual Learning for Image Recognition", 2016.

    Parameters
    ----------
    inwards, outwards
        Channels.
    stride
        Of the first convolution.
    """

    def __init__(self, inwards: int, outwards: int, stride: int = 1) -> None:
        super().__init__()
        self.first = _conv(inwards, outwards, 3, stride)
        self.second = _conv(outwards, outwards, 3, 1)
        is_same = stride == 1 and inwards == outwards
        self.around = nn.Identity() if is_same else _conv(inwards, outwards, 1, stride)

    def forward(self, picture: Tensor) -> Tensor:
        """(batch, channels, bands, frames) to as many bands and frames, over the stride."""
        found = self.second(functional.relu(self.first(picture)))
        return functional.relu(found + self.around(picture))


def _conv(inwards: int, outwards: int, kernel: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inwards, outwards, kernel, stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(outwards),
    )
