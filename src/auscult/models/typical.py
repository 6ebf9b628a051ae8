"""How far something is from what it is like in normal sound, as a layer."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from auscult.memory.distance import fit

FEWEST_WINDOWS = 20
"""Of fewer there is no telling what is usual in a domain: they count with all the others."""

_SMALLEST = 1e-12
# Of a covariance nothing is gained by more.
_MOST_VECTORS = 20_000


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


class TypicalOfEach(nn.Module):
    """The distance to the nearest of several domains, each of which has its own idea of what is typical.

    After Harada et al., "First-Shot Anomaly Sound Detection for Machine Condition Monitoring: A Domain Generalization Baseline", 2023.

    Parameters
    ----------
    dim
        Length of the vectors.
    domains
        Their names; none: all sound is of one.

    Examples
    --------
    >>> typical = TypicalOfEach(2, ("source", "target"))
    >>> apart = torch.tensor([0.0, 50.0]).repeat(40)[:, None]
    >>> vectors = torch.randn(80, 2, generator=torch.Generator().manual_seed(0)) + apart
    >>> typical.learn(vectors[:, None], torch.arange(80) % 2)
    >>> bool((typical(vectors) < 5).all()), bool(typical(torch.full((1, 2), 25.0)) > 10)
    (True, True)
    """

    def __init__(self, dim: int, domains: Sequence[str] = ()) -> None:
        super().__init__()
        self.each = nn.ModuleList(Typical(dim) for _ in range(max(len(domains), 1)))

    def learn(self, vectors: Tensor, targets: Tensor) -> None:
        """What is typical of each domain; one with few windows has that of all.

        Parameters
        ----------
        vectors
            Shape (windows, vectors, dim), of normal sound.
        targets
            Number of the domain of each window, shape (windows,).
        """
        for number, typical in enumerate(self.each):
            own = targets == number
            taken = vectors[own] if int(own.sum()) >= FEWEST_WINDOWS else vectors
            every = taken.flatten(0, 1)
            typical.learn(every[:: 1 + len(every) // _MOST_VECTORS])  # type: ignore[operator] # a Typical, as all of them

    def forward(self, vectors: Tensor) -> Tensor:
        """Distance of each of (batch, dim) to the nearest domain."""
        found = [typical(vectors) for typical in self.each]
        return found[0] if len(found) == 1 else torch.stack(found, dim=1).amin(dim=1)


def too_few(domains: Sequence[str], targets: Sequence[int]) -> tuple[str, ...]:
    """Domains that have too few windows for an idea of their own.

    Parameters
    ----------
    domains
        Names.
    targets
        Number of the domain of each window.

    Examples
    --------
    >>> too_few(("source", "target"), [0] * 100 + [1] * 5)
    ('target',)
    """
    counts = np.bincount(np.asarray(targets, np.int64), minlength=len(domains))
    return tuple(name for name, n in zip(domains, counts, strict=True) if n < FEWEST_WINDOWS)
