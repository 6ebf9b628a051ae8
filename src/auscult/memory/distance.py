"""Distance from normal: Mahalanobis with Ledoit-Wolf shrinkage, in a form whose size grows with what was heard.

With z = (x - mean)/sigma and the shrunk covariance C = (1-rho)·S + rho·tau·I, the squared distance z'C⁻¹z needs only the
eigenvectors of S that the data span: a constant times |z|² corrected along each of them. That is what ends in the graph.
Shrinkage: Ledoit & Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", 2004.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MIN_SHRINKAGE = 0.05
MAX_RANK = 512

# A block is the mean of nine windows that overlap by half. By chance alone such a mean deviates about half as much as its
# windows do from it (0.46 to 0.51), so that much of their scatter surely is in the blocks' too. Chosen a little below, by
# hand; on real machines anything from 0.3 to 0.7 does the same within 0.005 of AUC.
WITHIN_PART = 0.4


@dataclass(frozen=True, kw_only=True, eq=False)
class Whitened:
    """A learned distance.

    Parameters
    ----------
    mean, sigma
        Shape (dim,); z = (x - mean) / sigma.
    isotropic
        Weight of |z|².
    directions, weights
        Shapes (rank, dim) and (rank,): weight of (directions·z)², negative along what normal sound does by itself.
    scale
        Scores are divided by it, so that 1.0 is what held-out normal sound typically has.
    """

    mean: Array
    sigma: Array
    isotropic: float
    directions: Array
    weights: Array
    scale: float = 1.0

    def __call__(self, vectors: Array) -> Array:
        """Distance of each row.

        Parameters
        ----------
        vectors
            Shape (n, dim).

        Returns
        -------
        distance
            Shape (n,), not negative, unbounded.
        """
        z = (np.asarray(vectors, np.float64) - self.mean) / self.sigma
        along = z @ self.directions.T
        squared = self.isotropic * np.sum(z**2, axis=1) + along**2 @ self.weights
        return np.asarray(np.sqrt(np.maximum(squared, 0.0)) / self.scale)

    def scaled(self, scale: float) -> "Whitened":
        """The same distance in another unit."""
        return replace(self, scale=scale)


@dataclass(frozen=True, kw_only=True, eq=False)
class Distances:
    """What is learned of one embedder's embeddings.

    Parameters
    ----------
    block, window
        Distances of ten-second means and of single windows.
    partial
        Shape (context + 1,): how much more the mean of 1, 2, … windows scatters than a whole block; `None`: not known.
    """

    block: Whitened
    window: Whitened
    partial: Array | None = None


def ledoit_wolf_shrinkage(z: Array) -> float:
    """Shrinkage towards the scaled identity for rows with mean zero, between 0 and 1.

    Parameters
    ----------
    z
        Shape (n, dim), centred.

    Examples
    --------
    >>> few, many = np.random.default_rng(0).standard_normal((2, 1000, 20))
    >>> ledoit_wolf_shrinkage(few[:5]) > 0.5, ledoit_wolf_shrinkage(many) > 0.5
    (True, True)
    """
    n, dim = z.shape
    tau = np.sum(z**2) / (n * dim)
    gram = z @ z.T if n < dim else z.T @ z
    norm_of_s = np.sum(gram**2) / n**2
    noise = (np.sum(np.sum(z**2, axis=1) ** 2) / n - norm_of_s) / (dim * n)
    spread = (norm_of_s - dim * tau**2) / dim
    return 0.0 if noise <= 0 or spread <= 0 else float(min(noise, spread) / spread)


def _spectrum_of(z: Array) -> tuple[Array, Array]:
    """Eigenvalues (descending) and eigenvectors (rows) of z'z/n, by way of the smaller of the two products."""
    n, dim = z.shape
    if n < dim:
        values, vectors = np.linalg.eigh(z @ z.T / n)
        keep = values > max(values[-1], 1e-300) * 1e-9
        values, vectors = values[keep], z.T @ vectors[:, keep]
        vectors /= np.sqrt(n * values)
    else:
        values, vectors = np.linalg.eigh(z.T @ z / n)
        keep = values > max(values[-1], 1e-300) * 1e-9
        values, vectors = values[keep], vectors[:, keep]
    return values[::-1], vectors[:, ::-1].T


def _rows(x: Array, mean: Array, within: Array | None) -> Array:
    """Deviations from the mean, and the scatter within blocks where it is known, each kind weighing as much."""
    between = x - mean
    if within is None or not len(within):
        return between
    total = len(between) + len(within)
    return np.concatenate(
        [
            between * np.sqrt(total / len(between)),
            within * WITHIN_PART * np.sqrt(total / len(within)),
        ]
    )


def fit(vectors: Array, within: Array | None = None) -> Whitened:
    """Learn the distance from normal vectors.

    Parameters
    ----------
    vectors
        Shape (n, dim), n >= 2.
    within
        Shape (m, dim): deviations of windows from the mean of their block, where `vectors` are such means. From few blocks
        they tell which directions are harmless long before the blocks themselves do.

    Returns
    -------
    distance
        With `scale` 1; the caller sets it from held-out scores.

    Examples
    --------
    >>> normal = np.random.default_rng(0).standard_normal((50, 8)) * [9, 1, 1, 1, 1, 1, 1, 1]
    >>> d = fit(normal)
    >>> along, across = np.eye(8)[:2] * 9  # 9 is nothing on the wide axis, and much on a narrow one
    >>> bool(d(across[None])[0] > 3 * d(along[None])[0])
    True
    """
    x = np.asarray(vectors, np.float64)
    mean = x.mean(axis=0)
    rows = _rows(x, mean, within)
    n, dim = rows.shape
    deviation = np.sqrt(np.mean(rows**2, axis=0))
    sigma = np.maximum(deviation, 0.1 * float(np.median(deviation)) + 1e-6)
    z = rows / sigma
    tau = max(float(np.sum(z**2)) / (n * dim), 1e-12)
    # From two or three vectors the estimate comes out as 0 and would divide by zero.
    rho = 1.0 if n <= 3 else max(ledoit_wolf_shrinkage(z), MIN_SHRINKAGE)
    values, directions = _spectrum_of(z)
    values, directions = values[:MAX_RANK], directions[:MAX_RANK]
    isotropic = 1.0 / (rho * tau)
    weights = 1.0 / ((1.0 - rho) * values + rho * tau) - isotropic
    return Whitened(
        mean=mean, sigma=sigma, isotropic=isotropic, directions=directions, weights=weights
    )
