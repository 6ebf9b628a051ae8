"""Vectors rounded to the nearest of a few codes, which follow what they are nearest to.

Source: van den Oord, Vinyals & Kavukcuoglu, "Neural Discrete Representation Learning", NeurIPS 2017; codes move by moving averages (its
appendix A.1), and those that nothing is near to begin again somewhere else.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

_DECAY = 0.97
# A code that is chosen so much less often than codes are in the mean is dead.
_DEAD = 0.05
# Codes share a vector where their squared distances from it (mean of the dimensions) differ by less.
_SOFTNESS = 0.005
_SMALLEST = 1e-6


class Quantiser(nn.Module):
    """A codebook.

    Judging, two codes that are equally near share a vector, and the score has no jump there: what is computed elsewhere in another order
    has the same score. Everywhere else the nearest has it all, as in training.

    Parameters
    ----------
    dim
        Length of the vectors.
    codes
        Number of codes.

    Examples
    --------
    >>> quantiser = Quantiser(dim=2, codes=4).eval()
    >>> _ = quantiser.codebook.copy_(torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]))
    >>> rounded, squared = quantiser(torch.tensor([[[0.9, 0.2]]]))
    >>> rounded.round(decimals=2).tolist(), round(float(squared), 3)
    ([[[1.0, 0.0]]], 0.025)
    """

    def __init__(self, *, dim: int, codes: int) -> None:
        super().__init__()
        self.codes = codes
        self.register_buffer("codebook", torch.randn(codes, dim))
        self.register_buffer("counts", torch.zeros(codes))
        self.register_buffer("sums", torch.zeros(codes, dim))

    codebook: Tensor
    counts: Tensor
    sums: Tensor

    def forward(self, vectors: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors (batch, steps, dim) to codes of the same shape, and the mean squared difference (batch, steps).

        In training gradients of the codes go to the vectors, as if nothing had been rounded, and the codes move.
        """
        if not self.training:
            rounded = self._shared(vectors)
            return rounded, (vectors - rounded).square().mean(dim=2)
        flat = vectors.detach().flatten(0, 1)
        nearest = torch.cdist(flat, self.codebook).argmin(dim=1)
        rounded = self.codebook[nearest].reshape(vectors.shape)
        self._follow(flat, nearest)
        squared = (vectors - rounded).square().mean(dim=2)
        return vectors + (rounded - vectors).detach(), squared

    def _shared(self, vectors: Tensor) -> Tensor:
        # Difference by difference: of |a|² + |b|² - 2ab little is left where the two are near each other.
        away = vectors[:, :, None] - self.codebook
        squared = away.square().mean(dim=3)
        found: Tensor = (-squared / _SOFTNESS).softmax(dim=2) @ self.codebook
        return found

    @torch.no_grad()
    def _follow(self, vectors: Tensor, nearest: Tensor) -> None:
        chosen = functional.one_hot(nearest, self.codes).to(vectors)
        self.counts.lerp_(chosen.sum(dim=0), 1.0 - _DECAY)
        self.sums.lerp_(chosen.T @ vectors, 1.0 - _DECAY)
        mean = self.counts.mean()
        is_dead = self.counts < _DEAD * mean
        # Not drawn, but evenly spaced: the same batch always revives them alike.
        spaced = torch.linspace(0, len(vectors) - 1, self.codes, device=vectors.device).long()
        self.sums.copy_(torch.where(is_dead[:, None], mean * vectors[spaced], self.sums))
        self.counts.copy_(torch.where(is_dead, mean, self.counts))
        self.codebook.copy_(self.sums / self.counts.clamp_min(_SMALLEST)[:, None])
