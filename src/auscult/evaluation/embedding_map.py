"""Recordings as points on a plane, near where they sound alike to the bundle."""

import math
from dataclasses import dataclass

import numpy as np

from auscult.datasets.clip import ANOMALY, NORMAL
from auscult.errors import MissingExtra
from auscult.evaluation.evaluate import Evaluation
from auscult.evaluation.judge import Row
from auscult.evaluation.metrics import Array
from auscult.evaluation.words import percent

MAX_POINTS = 2000
"""More recordings than these are thinned out evenly."""

_LEAST = 3
_LEAST_TSNE = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class EmbeddingMap:
    """Recordings as points on a plane.

    Parameters
    ----------
    points
        Shape (n, 2).
    rows
        The recordings, in the order of the points.
    x_label, y_label
        What the axes are.
    left_out
        How many recordings were thinned out.
    """

    points: Array
    rows: tuple[Row, ...]
    x_label: str
    y_label: str
    left_out: int

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels, normal first; a place in it is a colour."""
        names = {row.label for row in self.rows}
        return tuple(sorted(names, key=lambda name: (name != NORMAL, name != ANOMALY, name)))

    def of(self, label: str) -> Array:
        """The points of one label, shape (m, 2)."""
        return self.points[[row.label == label for row in self.rows]]


def embedding_map(evaluation: Evaluation, *, tsne: bool = False) -> EmbeddingMap | None:
    """The embeddings on a plane, by principal components or by t-SNE (extra `report`).

    Returns
    -------
    map
        `None` where there are too few recordings or dimensions to draw one.

    Raises
    ------
    MissingExtra
        t-SNE was asked for and scikit-learn is not installed.
    """
    rows = evaluation.rows[:: math.ceil(len(evaluation.rows) / MAX_POINTS)]
    embeddings = np.stack([row.embedding for row in rows]).astype(float)
    if len(rows) < _LEAST or embeddings.shape[1] < 2:
        return None
    place = _by_tsne if tsne and len(rows) >= _LEAST_TSNE else _by_principal_components
    points, x_label, y_label = place(_scaled(embeddings))
    return EmbeddingMap(
        points=points,
        rows=rows,
        x_label=x_label,
        y_label=y_label,
        left_out=len(evaluation.rows) - len(rows),
    )


def _scaled(embeddings: Array) -> Array:
    """As in the distance itself, dimensions count alike, and nearly constant ones are not blown up."""
    spread = embeddings.std(axis=0)
    z: Array = (embeddings - embeddings.mean(axis=0)) / np.maximum(
        spread, 0.1 * np.median(spread) + 1e-9
    )
    return z


def _by_principal_components(z: Array) -> tuple[Array, str, str]:
    u, s, _ = np.linalg.svd(z, full_matrices=False)
    share = s**2 / max(float((s**2).sum()), 1e-12)
    return (
        u[:, :2] * s[:2],
        f"first direction ({percent(share[0])} of the spread)",
        f"second direction ({percent(share[1])})",
    )


def _by_tsne(z: Array) -> tuple[Array, str, str]:
    try:
        from sklearn.manifold import TSNE
    except ImportError:
        raise MissingExtra("A t-SNE map", "report") from None
    perplexity = min(30.0, (len(z) - 1) / 3)
    points = TSNE(perplexity=perplexity, init="pca", random_state=0).fit_transform(z)
    return points.astype(float), "t-SNE 1 (no unit)", "t-SNE 2 (no unit)"
