"""Tell whether recordings come from one machine, or from several that were put into one folder."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Mean silhouette of a split in two above which there are two kinds of sound. Single MIMII units at -6 dB come to 0.57 at
# most; machines recorded without such noise, to 0.8 and more. Units of one type in much noise are not told apart.
TWO_KINDS = 0.65
MIN_EACH = 3
_ROUNDS = 50


def several_machines(vectors: Array, within: Array) -> bool:
    """Block embeddings fall into two groups that are far apart for their width.

    Parameters
    ----------
    vectors
        Shape (blocks, dim).
    within
        Shape (windows, dim): scatter of windows within blocks, the natural unit of distance.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> one, noise = rng.standard_normal((12, 5)), rng.standard_normal((99, 5))
    >>> several_machines(one, noise), several_machines(np.vstack([one, one + 20.0]), noise)
    (False, True)
    """
    if len(vectors) < 2 * MIN_EACH:
        return False
    scatter = within.std(axis=0)
    x = vectors / np.maximum(scatter, np.median(scatter) * 0.1 + 1e-9)
    side = _two_means(x)
    if min(np.count_nonzero(side), np.count_nonzero(~side)) < MIN_EACH:
        return False
    return _silhouette(x, side) > TWO_KINDS


def _distances(x: Array, y: Array) -> Array:
    squared = np.sum(x**2, axis=1)[:, None] + np.sum(y**2, axis=1)[None] - 2.0 * x @ y.T
    return np.asarray(np.sqrt(np.maximum(squared, 0.0)))


def _two_means(x: Array) -> NDArray[np.bool_]:
    """Side of each row, by two-means from the row farthest from the middle and the one farthest from that."""
    first = x[_distances(x, x.mean(axis=0)[None])[:, 0].argmax()]
    second = x[_distances(x, first[None])[:, 0].argmax()]
    centres = np.stack([first, second])
    side = np.zeros(len(x), bool)
    for _ in range(_ROUNDS):
        distance = _distances(x, centres)
        fresh = distance[:, 1] < distance[:, 0]
        if np.array_equal(fresh, side) or fresh.all() or not fresh.any():
            return fresh
        side = fresh
        centres = np.stack([x[~side].mean(axis=0), x[side].mean(axis=0)])
    return side


def _silhouette(x: Array, side: NDArray[np.bool_]) -> float:
    """Rousseeuw's mean silhouette (1987); over at most a thousand rows."""
    if len(x) > 1000:
        kept = np.linspace(0, len(x) - 1, 1000).astype(np.int64)
        x, side = x[kept], side[kept]
    distance = _distances(x, x)
    same = side[:, None] == side[None]
    own = np.sum(distance * same, axis=1) / np.maximum(same.sum(axis=1) - 1, 1)
    other = np.sum(distance * ~same, axis=1) / np.maximum((~same).sum(axis=1), 1)
    return float(np.mean((other - own) / np.maximum(np.maximum(own, other), 1e-12)))
