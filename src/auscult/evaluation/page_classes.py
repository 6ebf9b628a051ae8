"""What the page says of classes: tiles, a table of all of them, who is taken for whom, and how far to trust probabilities."""

import math
from collections.abc import Iterator

from auscult.evaluation.class_words import points
from auscult.evaluation.classes import Classes, ClassFigures
from auscult.evaluation.judge import COLUMNS, ColumnName
from auscult.evaluation.markup import Markup, data_table, el
from auscult.evaluation.svg import Plot
from auscult.evaluation.words import COLUMN_TITLES, interval, number, percent

MAX_NUMBERED = 15
"""With more classes than this, fields of the picture are too small for numbers."""

_SIDE = 380
_MARGIN = 112
_NAME_LENGTH = 14
_NAME_HEIGHT = 12


def class_tiles(found: Classes) -> Iterator[tuple[str, str, str]]:
    """Figure, name and explanation of each tile."""
    yield (
        percent(found.accuracy),
        "named rightly",
        f"95 %: {interval(found.accuracy_ci95)}; commonest class {percent(found.majority)}",
    )
    yield (
        percent(found.balanced_accuracy),
        "on average over classes",
        f"95 %: {interval(found.balanced_ci95)}",
    )
    yield (
        points(found.calibration_error),
        "calibration error",
        "how far its probabilities are off",
    )
    others = found.strangers
    if others is not None and others.auc is not None:
        called = f"{percent(others.detected)} called none of these" if others.limit else ""
        yield f"{others.auc:.2f}", "AUC of unknown classes", called


def class_table(found: Classes) -> Markup:
    """Every class, and all of them together."""
    head = (
        "Class",
        "Most often taken for",
        "Recordings",
        "Precision",
        "Recall",
        "F1",
        "Silhouette",
    )
    rows = [_cells(one, found.taken_for.get(one.label)) for one in found.per_class]
    every = (
        "All, on average over classes",
        "",
        str(found.n),
        number(_mean([one.precision for one in found.per_class])),
        number(found.balanced_accuracy),
        number(found.macro_f1),
        number(found.silhouette),
    )
    return data_table(head, [*rows, every], caption="How well each class is known", words=2)


def _cells(one: ClassFigures, taken: tuple[str, int] | None) -> tuple[str, ...]:
    figures = (number(value) for value in (one.precision, one.recall, one.f1, one.silhouette))
    other = "–" if taken is None else f"{taken[0]} ({taken[1]})"
    return one.label, other, str(one.recordings), *figures


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def ways_table(found: Classes) -> Markup:
    """Accuracy in each way of playing the recordings."""
    names: list[ColumnName] = [name for name in COLUMNS if name in found.accuracy_by_column]
    rows = [(COLUMN_TITLES[name], number(found.accuracy_by_column[name])) for name in names]
    return data_table(("", "Named rightly"), rows, caption="The same recordings, played otherwise")


def strangers_table(found: Classes) -> Markup | None:
    """The classes that the bundle does not know; `None` where there are none."""
    others = found.strangers
    if others is None:
        return None
    rows = [(label, str(count)) for label, count in others.labels.items()]
    if others.auc is not None and others.ci95 is not None:
        rows.append(("AUC of distance, unknown against known", number(others.auc)))
        rows.append(("95 %", interval(others.ci95)))
    if others.limit is not None:
        rows.append(("Called none of these, of the unknown", percent(others.detected)))
        rows.append(("Called none of these, of the known", percent(others.rejected)))
    return data_table(("", "Recordings"), rows, caption="Classes that the bundle does not know")


# Who is taken for whom


def confusion_picture(found: Classes) -> Markup:
    """A field for each class (row) and each name given (column), darker the larger the share of the row."""
    n = len(found.labels)
    size = _SIDE / n
    marks = [*_fields(found, size), *_names(found, size)]
    width = _MARGIN + _SIDE + 44  # room for the last name, which leans over
    said = f"Confusion matrix of {n} classes; {percent(found.accuracy)} on the diagonal"
    return el("svg", *marks, viewBox=f"0 0 {width} {width}", role="img", aria_label=said)


def _fields(found: Classes, size: float) -> Iterator[Markup]:
    gap = min(2.0, size / 8)
    for i, row in enumerate(found.confusion):
        for j, count in enumerate(row):
            x, y = _MARGIN + j * size, _MARGIN + i * size
            share = count / max(sum(row), 1)
            said = f"{found.labels[i]}, named {found.labels[j]}: {count}"
            kind = "cell c0" if i == j else "cell bad"
            yield el(
                "rect",
                el("title", said),
                x=x,
                y=y,
                width=size - gap,
                height=size - gap,
                class_=kind,
                fill_opacity=0.06 + 0.74 * share,
            )
            if count and n_fits(found):
                yield el("text", str(count), x=x + size / 2, y=y + size / 2 + 4, class_="mid")


def n_fits(found: Classes) -> bool:
    """There is room for numbers in the fields."""
    return len(found.labels) <= MAX_NUMBERED


def _names(found: Classes, size: float) -> Iterator[Markup]:
    every = math.ceil(_NAME_HEIGHT / size)  # of too many names, some
    for i, label in enumerate(found.labels):
        if i % every:
            continue
        name = label if len(label) <= _NAME_LENGTH else label[: _NAME_LENGTH - 1] + "…"
        middle = _MARGIN + (i + 0.5) * size
        yield el("text", name, x=_MARGIN - 8, y=middle + 4, class_="tick end")
        turned = f"translate({middle + 4:.1f} {_MARGIN - 8}) rotate(-60)"
        yield el("text", name, class_="tick", transform=turned)


def confusion_numbers(found: Classes) -> Markup:
    """Every confusion, most often first."""
    rows = ((label, name, str(count)) for label, name, count in found.confusions)
    head = ("Recordings of", "named", "how many")
    return data_table(head, rows, caption="What was taken for what", words=2)


# How far to trust probabilities


def reliability_picture(found: Classes) -> Markup:
    """How often it was right, against how sure it was."""
    plot = Plot(x=(0, 1), y=(0, 1), x_label="how sure it was", y_label="how often it was right")
    marks = []
    for one in found.reliability:
        x, end = plot.px((one.low, one.high)).tolist()
        y, base = plot.py((one.accuracy, 0.0)).tolist()
        said = f"{one.recordings} recordings, {percent(one.confidence)} sure, {percent(one.accuracy)} right"
        marks.append(
            el(
                "rect",
                el("title", said),
                x=x + 0.5,
                y=y,
                width=end - x - 1,
                height=base - y,
                class_="bar c0",
            )
        )
    return plot.svg(
        *marks,
        plot.line([0, 1], [0, 1], "chance"),
        *(plot.dot(one.confidence, one.accuracy, "mean of the bin") for one in found.reliability),
        label=f"Reliability of probabilities, calibration error {found.calibration_error:.3f}",
    )


def reliability_numbers(found: Classes) -> Markup:
    """The bins of the picture."""
    rows = (
        (
            f"{one.low:.2f} – {one.high:.2f}",
            str(one.recordings),
            number(one.confidence),
            number(one.accuracy),
        )
        for one in found.reliability
    )
    head = ("Probability", "Recordings", "On average", "Right")
    return data_table(head, rows, caption="How sure it was, and how often right")
