"""Maps of recordings: near where they sound alike, coloured by what they are or by how strange they are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from auscult.evaluation.embedding_map import EmbeddingMap
from auscult.evaluation.judge import Row
from auscult.evaluation.markup import Markup, data_table, el
from auscult.evaluation.metrics import Array
from auscult.evaluation.page_parts import figure, legend
from auscult.evaluation.svg import Plot

_COLOURS = 6


def map_figure(found: EmbeddingMap) -> Markup:
    """Recordings on a plane, coloured by label."""
    marks = [
        Mark(
            title=f"{row.title}: {row.label}, score {row.score:.3g}",
            label=row.label,
            is_round=row.is_normal,
        )
        for row in found.rows
    ]
    picture, key = scatter(
        found.points,
        marks,
        labels=found.labels,
        x_label=found.x_label,
        y_label=found.y_label,
    )
    missing = f" {found.left_out} recordings are left out of the picture." if found.left_out else ""
    return figure(
        "How alike the recordings sound",
        f"Each mark is a recording; near ones sound alike to the bundle.{missing}",
        picture,
        _map_numbers(found),
        *key,
    )


def strangeness_figure(found: EmbeddingMap) -> Markup:
    """The same plane, coloured by score: whether what is strange lies together, and away from what is normal."""
    plot = _plane(found.points, found.x_label, found.y_label)
    scores = np.array([row.score for row in found.rows])
    ranks = np.searchsorted(np.sort(scores), scores) / max(len(scores) - 1, 1)
    xs, ys = plot.px(found.points[:, 0]).tolist(), plot.py(found.points[:, 1]).tolist()
    drawn = [
        # The strangest come last, so that they lie on top.
        _shaded(xs[i], ys[i], found.rows[i], float(ranks[i]))
        for i in np.argsort(scores, kind="stable")
    ]
    picture = plot.svg(*drawn, label="Map of the recordings' embeddings, coloured by score")
    quarters = np.quantile(scores, (0.0, 0.25, 0.5, 0.75, 1.0))
    numbers = data_table(
        ("Share of recordings below", "Score"),
        [(f"{25 * i} %", f"{value:.3g}") for i, value in enumerate(quarters.tolist())],
        caption="Scores of the recordings on the map",
    )
    return figure(
        "How strange they sound",
        "The same map by score: faint marks score lowest, strong ones highest. Diamonds are anomalous recordings.",
        picture,
        numbers,
    )


def _shaded(x: float, y: float, row: Row, rank: float) -> Markup:
    mark = Mark(
        title=f"{row.title}: {row.label}, score {row.score:.3g}",
        label=row.label,
        is_round=row.is_normal,
    )
    return _marker(x, y, mark, "shaded", style=f"fill-opacity:{0.08 + 0.92 * rank:.2f}")


def _plane(points: Array, x_label: str, y_label: str) -> Plot:
    return Plot(x=_padded(points[:, 0]), y=_padded(points[:, 1]), x_label=x_label, y_label=y_label)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A recording on a map.

    Parameters
    ----------
    title
        What is said of it.
    label
        Its class.
    is_round
        Round, or else a diamond: told apart without colour too.
    """

    title: str
    label: str
    is_round: bool


def scatter(
    points: Array, marks: Sequence[Mark], *, labels: Sequence[str], x_label: str, y_label: str
) -> tuple[Markup, list[Markup]]:
    """A map of recordings, and its legend; of many classes, names stand on the map instead, because colours come again.

    Parameters
    ----------
    points
        Shape (n, 2).
    marks
        What lies there.
    labels
        Classes in the order of their colours.
    x_label, y_label
        What the axes are.
    """
    plot = _plane(points, x_label, y_label)
    colour = {label: f"c{i % _COLOURS}" for i, label in enumerate(labels)}
    xs, ys = plot.px(points[:, 0]).tolist(), plot.py(points[:, 1]).tolist()
    drawn = [
        _marker(x, y, mark, colour[mark.label]) for x, y, mark in zip(xs, ys, marks, strict=True)
    ]
    key: list[Markup] = []
    if len(labels) > _COLOURS:
        own = np.array([mark.label for mark in marks])
        for label in labels:
            x, y = np.median(points[own == label], axis=0).tolist()
            drawn.append(plot.note(label, x, y, "note mid up"))
    else:
        round_ones = {mark.label for mark in marks if mark.is_round}
        kinds = (
            (f"{colour[label]} {'round' if label in round_ones else 'diamond'}", label)
            for label in labels
        )
        key.append(legend(*kinds))
    return plot.svg(*drawn, label="Map of the recordings' embeddings, coloured by label"), key


def _map_numbers(found: EmbeddingMap) -> Markup:
    of = {label: found.of(label) for label in found.labels}
    return data_table(
        ("Label", "Recordings", "Centre x", "Centre y", "Spread x", "Spread y"),
        (
            (label, str(len(p)), *(f"{v:.2f}" for v in (*p.mean(axis=0), *p.std(axis=0))))
            for label, p in of.items()
        ),
        caption="Where the recordings of each label lie on the map",
    )


def _padded(values: Array) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = 0.06 * (high - low) or 1.0
    return low - margin, high + margin


def _marker(x: float, y: float, mark: Mark, colour: str, **more: str) -> Markup:
    said = el("title", mark.title)
    if mark.is_round:
        return el("circle", said, cx=x, cy=y, r=3.6, class_=f"mark {colour}", **more)
    d = f"M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5Z"
    return el("path", said, d=d, class_=f"mark {colour}", **more)
