"""Recordings as points on a plane, near where they sound alike to the bundle."""

import math
from dataclasses import dataclass

import numpy as np

from auscult.datasets.clip import ANOMALY, NORMAL
from auscult.evaluation.evaluate import Evaluation
from auscult.evaluation.judge import Row
from auscult.evaluation.metrics import Array
from auscult.evaluation.plane import LEAST, MAX_POINTS, on_a_plane


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
    if len(rows) < LEAST or embeddings.shape[1] < 2:
        return None
    plane = on_a_plane(embeddings, tsne=tsne)
    return EmbeddingMap(
        points=plane.points,
        rows=rows,
        x_label=plane.x_label,
        y_label=plane.y_label,
        left_out=len(evaluation.rows) - len(rows),
    )
