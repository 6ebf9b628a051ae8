"""Layers that more than one family may use, of operators that every runtime has."""

import torch
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


class Standardised(nn.Module):
    """Every row of a picture at mean 0 and deviation 1 over all pictures that it was trained on.

    What it knows grows with every batch, and a batch is measured by what is known then: so a picture looks alike in training and
    afterwards, which the statistics of each batch by itself would not give.

    Parameters
    ----------
    rows
        Of a picture.
    least
        Deviations below this count as this: a row that never moves in training would make a storm of the slightest change.

    Examples
    --------
    >>> layer = Standardised(1, least=0.1)
    >>> _ = layer(torch.tensor([[[1.0, 3.0]], [[5.0, 7.0]]]))
    >>> float(layer.mean), float(layer.variance), layer.eval()(torch.tensor([[[4.0]]])).item()
    (4.0, 5.0, 0.0)
    """

    def __init__(self, rows: int, *, least: float) -> None:
        super().__init__()
        self.least = least
        self.register_buffer("mean", torch.zeros(rows))
        self.register_buffer("variance", torch.ones(rows))
        self.register_buffer("seen", torch.zeros(()))

    mean: Tensor
    variance: Tensor
    seen: Tensor

    def forward(self, picture: Tensor) -> Tensor:
        """(batch, rows, frames) to the same shape."""
        if self.training:
            self._learn(picture)
        return (picture - self.mean[:, None]) / self.deviation[:, None]

    @property
    def deviation(self) -> Tensor:
        """Of every row, shape (rows,)."""
        return self.variance.sqrt().clamp_min(self.least)

    @torch.no_grad()
    def _learn(self, picture: Tensor) -> None:
        variance, mean = torch.var_mean(picture, dim=(0, 2), correction=0)
        self.seen += len(picture)
        share = len(picture) / self.seen
        away = mean - self.mean
        self.mean += share * away
        # Chan et al., "Algorithms for computing the sample variance", 1983: of two parts together.
        self.variance += share * (variance - self.variance) + share * (1.0 - share) * away.square()


def _conv(inwards: int, outwards: int, kernel: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inwards, outwards, kernel, stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(outwards),
    )
