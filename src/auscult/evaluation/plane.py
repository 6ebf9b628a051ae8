"""Embeddings on a plane, and how well their classes keep apart in all dimensions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auscult.errors import MissingExtra
from auscult.evaluation.metrics import Array

LEAST = 3
"""Fewer points make no map."""

MAX_POINTS = 2000
"""More points than these are thinned out evenly: every one is compared with every other."""

_LEAST_TSNE = 5
_ROWS = 256


@dataclass(frozen=True, kw_only=True, eq=False)
class Plane:
    """Embeddings as points on a plane.

    Parameters
    ----------
    points
        Shape (n, 2).
    x_label, y_label
        What the axes are.
    """

    points: Array
    x_label: str
    y_label: str


def on_a_plane(embeddings: Array, *, tsne: bool = False) -> Plane:
    """Place embeddings by principal components, or by t-SNE (extra `report`).

    Parameters
    ----------
    embeddings
        Shape (n, dim), three or more of at least two dimensions.
    tsne
        By t-SNE, from five embeddings on.

    Raises
    ------
    MissingExtra
        t-SNE was asked for and scikit-learn is not installed.

    Examples
    --------
    >>> plane = on_a_plane(np.random.default_rng(0).normal(size=(9, 4)))
    >>> plane.points.shape, plane.x_label.startswith("first direction")
    ((9, 2), True)
    """
    place = _by_tsne if tsne and len(embeddings) >= _LEAST_TSNE else _by_principal_components
    points, x_label, y_label = place(scaled(embeddings))
    return Plane(points=points, x_label=x_label, y_label=y_label)


def scaled(embeddings: Array) -> Array:
    """As in the distance itself, dimensions count alike, and nearly constant ones are not blown up."""
    spread = embeddings.std(axis=0)
    z: Array = (embeddings - embeddings.mean(axis=0)) / np.maximum(
        spread, 0.1 * np.median(spread) + 1e-9
    )
    return z


def silhouettes(points: Array, labels: Sequence[str]) -> Array:
    """How much nearer each point is to its own class than to the nearest other one.

    Parameters
    ----------
    points
        Shape (n, dim).
    labels
        The class of each; two different ones at least.

    Returns
    -------
    silhouettes
        Shape (n,), from -1 (nearer to another class) over 0 (between two) to 1 (far from all others); 0 for the only point
        of its class.

    Notes
    -----
    P. J. Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis" (1987), with
    Euclidean distances: the same numbers as scikit-learn's `silhouette_samples`.

    Examples
    --------
    >>> silhouettes(np.array([[0.0], [1.0], [10.0], [11.0]]), ["a", "a", "b", "b"]).round(2).tolist()
    [0.9, 0.89, 0.89, 0.9]
    """
    _, codes, counts = np.unique(np.asarray(labels), return_inverse=True, return_counts=True)
    member = np.eye(len(counts))[codes]
    found = [
        _silhouettes(points[at : at + _ROWS], points, member, codes[at : at + _ROWS])
        for at in range(0, len(points), _ROWS)
    ]
    return np.concatenate(found)


def _silhouettes(
    some: Array, points: Array, member: Array, codes: NDArray[np.signedinteger[Any]]
) -> Array:
    """Of some of the points; `member` says who belongs where, shape (n, classes)."""
    squares = (some**2).sum(axis=1)[:, None] + (points**2).sum(axis=1) - 2.0 * some @ points.T
    sums = np.sqrt(np.maximum(squares, 0.0)) @ member
    counts = member.sum(axis=0)
    own = np.arange(len(some)), codes
    inside = sums[own] / np.maximum(counts[codes] - 1.0, 1.0)
    means = sums / counts
    means[own] = np.inf
    outside = means.min(axis=1)
    width = (outside - inside) / np.maximum(np.maximum(inside, outside), 1e-300)
    return np.where(counts[codes] > 1.0, width, 0.0)


def class_silhouettes(embeddings: Array, labels: Sequence[str]) -> dict[str, float]:
    """Mean silhouette of each class in scaled dimensions, as on the map; empty with one class, or one dimension only.

    Classes of a single embedding say nothing of how near their own are, and are left out.

    Parameters
    ----------
    embeddings
        Shape (n, dim); of more than 2000, every second, third … is taken.
    labels
        The class of each.

    Examples
    --------
    >>> points = np.array([[0.0, 0.0], [0.0, 1.0], [9.0, 0.0], [9.0, 1.0], [4.0, 4.0]])
    >>> sorted(class_silhouettes(points, ["a", "a", "b", "b", "c"]))
    ['a', 'b']
    """
    step = -(-len(labels) // MAX_POINTS)
    some, names = embeddings[::step], np.asarray(labels)[::step]
    if embeddings.ndim != 2 or embeddings.shape[1] < 1 or len(set(names.tolist())) < 2:
        return {}
    found = silhouettes(scaled(some), names.tolist())
    return {
        str(name): float(found[names == name].mean())
        for name in np.unique(names)
        if (names == name).sum() > 1
    }


def _by_principal_components(z: Array) -> tuple[Array, str, str]:
    u, s, _ = np.linalg.svd(z, full_matrices=False)
    share = s**2 / max(float((s**2).sum()), 1e-12)
    return (
        u[:, :2] * s[:2],
        f"first direction ({100 * share[0]:.0f} % of the spread)",
        f"second direction ({100 * share[1]:.0f} %)",
    )


def _by_tsne(z: Array) -> tuple[Array, str, str]:
    try:
        from sklearn.manifold import TSNE
    except ImportError:
        raise MissingExtra("A t-SNE map", "report") from None
    perplexity = min(30.0, (len(z) - 1) / 3)
    points = TSNE(perplexity=perplexity, init="pca", random_state=0).fit_transform(z)
    return points.astype(float), "t-SNE 1 (no unit)", "t-SNE 2 (no unit)"
