"""How far something is from what it is like in normal sound, as a layer."""

import numpy as np
import torch
from torch import Tensor, nn

from auscult.memory.distance import fit

_SMALLEST = 1e-12


class Typical(nn.Module):
    """The distance of `auscult.memory.distance`, of a fixed size: the covariance is kept as a matrix that whitens.

    Parameters
    ----------
    dim
        Length of the vectors.

    Examples
    --------
    >>> chance = torch.Generator().manual_seed(0)
    >>> typical = Typical(2)
    >>> typical.learn(3.0 + torch.randn(500, 2, generator=chance) * torch.tensor([9.0, 1.0]))
    >>> [round(float(one)) for one in typical(torch.tensor([[12.0, 3.0], [3.0, 12.0]]))]
    [1, 6]
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(dim))
        self.register_buffer("whitening", torch.eye(dim))

    mean: Tensor
    whitening: Tensor

    def learn(self, vectors: Tensor) -> None:
        """From vectors (n, dim) of normal sound; of fewer than two there is nothing to learn."""
        if len(vectors) < 2:
            return
        found = fit(vectors.double().cpu().numpy())
        even = np.sqrt(found.isotropic)
        along = np.sqrt(np.maximum(found.isotropic + found.weights, 0.0)) - even
        root = even * np.eye(len(found.mean))
        root += (found.directions.T * along) @ found.directions
        self.mean.copy_(torch.from_numpy(found.mean))
        self.whitening.copy_(torch.from_numpy(root / found.sigma[:, None]))

    def forward(self, vectors: Tensor) -> Tensor:
        """Distance of each of (batch, dim), per root of dim: about 1 for what it learned from."""
        white = (vectors - self.mean) @ self.whitening
        return (white * white).mean(dim=1).clamp_min(_SMALLEST).sqrt()
