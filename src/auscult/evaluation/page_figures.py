"""The figures of the page: each a picture with a sentence that says what to see, and its numbers behind a fold."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from auscult.evaluation import metrics
from auscult.evaluation.class_words import points
from auscult.evaluation.classes import Classes
from auscult.evaluation.embedding_map import embedding_map
from auscult.evaluation.evaluate import Evaluation
from auscult.evaluation.histogram import Histogram, histogram
from auscult.evaluation.inside import FilterPair
from auscult.evaluation.markup import Markup, data_table, el
from auscult.evaluation.page_classes import (
    confusion_numbers,
    confusion_picture,
    reliability_numbers,
    reliability_picture,
)
from auscult.evaluation.page_inside import filter_numbers, filter_picture
from auscult.evaluation.page_map import map_figure, strangeness_figure
from auscult.evaluation.page_parts import figure, legend
from auscult.evaluation.page_rebuilt import rebuilt_figures
from auscult.evaluation.svg import Plot
from auscult.evaluation.words import percent


def page_figures(evaluation: Evaluation, *, tsne: bool = False) -> Iterator[Markup]:
    """All figures in the order of the page; the map only where one can be drawn."""
    if evaluation.detects:
        bins = histogram(evaluation)
        yield _scores(evaluation, bins)
        yield _confusion(evaluation)
        yield _roc(evaluation)
        yield _precision_recall(evaluation)
        yield _f1(evaluation, bins)
    if evaluation.classes is not None:
        yield _class_confusion(evaluation.classes)
        yield _reliability(evaluation.classes)
    drawn = embedding_map(evaluation, tsne=tsne)
    if drawn is not None:
        yield map_figure(drawn)
        if evaluation.detects:
            yield strangeness_figure(drawn)
    filters = () if evaluation.inside is None else evaluation.inside.filters
    if filters:
        yield _filters(filters)
    if evaluation.detects:
        yield from rebuilt_figures(evaluation)


# Scores


def _scores(evaluation: Evaluation, bins: Histogram) -> Markup:
    top = 1.1 * max(int(bins.normal.max()), int(bins.anomaly.max()))
    plot = Plot(
        x=_ends(bins),
        y=(-top, top),
        log_x=bins.log,
        x_label="score" + (" (each step the same ratio)" if bins.log else ""),
        y_label="recordings",
    )
    picture = plot.svg(
        *_bars(plot, bins),
        plot.line(plot.x, (0, 0), "zero"),
        *plot.limit(evaluation.limit),
        label="Histogram of the scores of normal and anomalous recordings, with the limit",
    )
    return figure(
        "Scores",
        "The less the two heaps share the same scores, the better. Right of the limit an alarm is raised.",
        picture,
        _score_numbers(bins),
        legend(("c0", "normal, upwards"), ("c1", "anomalous, downwards")),
    )


def _ends(bins: Histogram) -> tuple[float, float]:
    return float(bins.edges[0]), float(bins.edges[-1])


def _spans(bins: Histogram) -> list[tuple[float, float]]:
    return list(zip(bins.edges[:-1].tolist(), bins.edges[1:].tolist(), strict=True))


def _bars(plot: Plot, bins: Histogram) -> Iterator[Markup]:
    """Back to back: bars laid over each other would make a third colour that means nothing."""
    for name, counts in (("normal", bins.normal), ("anomalous", -bins.anomaly)):
        for span, count in zip(_spans(bins), counts.tolist(), strict=True):
            if count:
                yield _bar(plot, span, count, name)


def _bar(plot: Plot, span: tuple[float, float], count: int, name: str) -> Markup:
    """One bar, upwards for normal recordings and downwards (a count below 0) for anomalous ones."""
    x, end = plot.px(span).tolist()
    y, base = sorted(plot.py((0, count)).tolist())
    kind = "bar c0" if count > 0 else "bar c1"
    said = el("title", f"{abs(count)} {name}, score {span[0]:.3g} to {span[1]:.3g}")
    return el("rect", said, x=x + 0.5, y=y, width=end - x - 1, height=base - y, class_=kind)


def _score_numbers(bins: Histogram) -> Markup:
    rows = (
        (f"{low:.3g}", f"{high:.3g}", str(n), str(a))
        for (low, high), n, a in zip(_spans(bins), bins.normal, bins.anomaly, strict=True)
        if n or a
    )
    head = ("Score from", "to", "Normal", "Anomalous")
    return data_table(head, rows, caption="Recordings by score", words=0)


# What was decided


def _confusion(evaluation: Evaluation) -> Markup:
    counted = evaluation.at_limit
    said = (
        f"Of {evaluation.n_normal} normal recordings {counted.fp} raised a false alarm; "
        f"of {evaluation.n_anomaly} anomalous ones {counted.fn} were missed."
    )
    numbers = data_table(
        ("Recordings", "Called normal", "Called anomalous"),
        (
            ("normal", str(counted.tn), str(counted.fp)),
            ("anomalous", str(counted.fn), str(counted.tp)),
        ),
        caption="Decisions at the bundle's limit",
    )
    marks = [*_cells(evaluation), *_cell_names()]
    return figure(
        "Decisions at the limit",
        f"{said} F1 {counted.f1:.2f}, precision {counted.precision:.2f}, recall {counted.recall:.2f}.",
        el("svg", *marks, viewBox="0 0 520 304", role="img", aria_label=said),
        numbers,
    )


def _cells(evaluation: Evaluation) -> Iterator[Markup]:
    """The four fields, darker the larger the share of its row."""
    counted, n_normal, n_anomaly = evaluation.at_limit, evaluation.n_normal, evaluation.n_anomaly
    for column, row, count, whole, name, kind in (
        (0, 0, counted.tn, n_normal, "rightly quiet", "c0"),
        (1, 0, counted.fp, n_normal, "false alarms", "bad"),
        (0, 1, counted.fn, n_anomaly, "missed", "bad"),
        (1, 1, counted.tp, n_anomaly, "heard", "c1"),
    ):
        x, y, share = 112 + column * 202, 40 + row * 130, count / whole
        shape = {"x": x, "y": y, "width": 196, "height": 124, "rx": 8}
        yield el("rect", **shape, class_=f"cell {kind}", fill_opacity=0.08 + 0.34 * share)
        yield el("text", str(count), x=x + 98, y=y + 62, class_="big mid")
        yield el("text", f"{name}, {percent(share)}", x=x + 98, y=y + 90, class_="mid")


def _cell_names() -> Iterator[Markup]:
    for text, x, y, kind in (
        ("called normal", 210, 26, "name mid"),
        ("called anomalous", 412, 26, "name mid"),
        ("normal", 100, 106, "name end"),
        ("anomalous", 100, 236, "name end"),
    ):
        yield el("text", text, x=x, y=y, class_=kind)


# What each limit would do


def _roc(evaluation: Evaluation) -> Markup:
    plot = Plot(
        x=(0, 1), y=(0, 1), x_label="false alarms among normal", y_label="heard among anomalous"
    )
    fpr, tpr, _ = metrics.roc(*evaluation.scores())
    equal_fpr, equal_tpr, _ = metrics.roc(*evaluation.scores("rms_normalised"))
    early = np.linspace(0, metrics.MAX_FPR, 50)
    counted = evaluation.at_limit
    said = f"At the limit: {percent(counted.recall)} heard, {percent(counted.false_positive_rate)} false alarms"
    picture = plot.svg(
        plot.area(early, np.interp(early, fpr, tpr), "shade"),
        plot.line([0, 1], [0, 1], "chance"),
        plot.line(equal_fpr, equal_tpr, "curve second"),
        plot.line(fpr, tpr, "curve"),
        plot.dot(counted.false_positive_rate, counted.recall, said),
        plot.note("guessing", 0.74, 0.68),
        label=f"ROC curve, area {evaluation.columns['as_recorded'].auc:.3f}. {said}.",
    )
    numbers = data_table(
        ("False alarms up to", "Heard as recorded", "Heard, equally loud"),
        (
            (
                percent(s),
                percent(tpr[fpr <= s].max(), 1),
                percent(equal_tpr[equal_fpr <= s].max(), 1),
            )
            for s in (0.01, 0.05, 0.1, 0.2, 0.5)
        ),
        caption="What could be heard at a given share of false alarms",
        words=0,
    )
    return figure(
        "What each false alarm buys (ROC)",
        "The curve hugs the upper left corner when faults are heard before false alarms begin. "
        "Shaded: the part that pAUC looks at.",
        picture,
        numbers,
        legend(
            ("stroke", "as recorded"), ("stroke second", "equally loud"), ("round", "at the limit")
        ),
    )


def _precision_recall(evaluation: Evaluation) -> Markup:
    plot = Plot(x=(0, 1), y=(0, 1), x_label="heard among anomalous", y_label="right among alarms")
    precision, recall, _ = metrics.precision_recall(*evaluation.scores())
    base = evaluation.n_anomaly / len(evaluation.sided)
    counted = evaluation.at_limit
    said = f"At the limit: {percent(counted.recall)} heard, {percent(counted.precision)} of alarms right"
    alarms = counted.tp + counted.fp > 0
    dot = [plot.dot(counted.recall, counted.precision, said)] if alarms else []
    area = evaluation.columns["as_recorded"].average_precision
    picture = plot.svg(
        plot.line([0, 1], [base, base], "chance"),
        # The end at (0, 1) is a convention; no limit reaches it.
        plot.line(recall[recall > 0], precision[recall > 0], "curve"),
        *dot,
        plot.note("always alarm", 0.02, base, "note up"),
        label=f"Precision-recall curve, average precision {area:.3f}. {said}.",
    )
    numbers = data_table(
        ("Heard at least", "Alarms that are right"),
        (
            (percent(s), percent(precision[recall >= s].max(), 1))
            for s in (0.25, 0.5, 0.75, 0.9, 1.0)
        ),
        caption="How many alarms are right at a given share heard",
        words=0,
    )
    return figure(
        "How many alarms are right (precision and recall)",
        f"Here {percent(base)} of the recordings are anomalous; in use faults are far rarer, and so are right alarms.",
        picture,
        numbers,
        legend(("stroke", "as recorded"), *([("round", "at the limit")] if alarms else [])),
    )


def _f1(evaluation: Evaluation, bins: Histogram) -> Markup:
    ends = _ends(bins)
    # Above 1 there is room for the name of the limit.
    plot = Plot(x=ends, y=(0, 1.12), log_x=bins.log, x_label="limit (score)", y_label="F1")
    limits, f1 = metrics.f1_curve(*evaluation.scores())
    limits, f1 = np.r_[ends[0], limits, ends[1]], np.r_[f1[0], f1, f1[-1]]
    always = evaluation.always_alarm_f1
    picture = plot.svg(
        plot.line(ends, [always, always], "chance"),
        # Between two scores it stays what it was: stairs.
        plot.line(np.repeat(limits, 2)[1:], np.repeat(f1, 2)[:-1], "curve"),
        *plot.limit(evaluation.limit),
        plot.note("always alarm", ends[1], always, "note end up"),
        label=f"F1 against the limit; always raising the alarm scores {always:.2f}",
    )
    return figure(
        "F1 against the limit",
        f"Always raising the alarm scores {always:.2f} here: a peak hardly above the dashed line means little.",
        picture,
        _f1_numbers(evaluation),
        legend(("stroke", "as recorded")),
    )


def _f1_numbers(evaluation: Evaluation) -> Markup:
    normal, anomaly = evaluation.scores()
    chosen = [
        (f"{q} % of normal recordings stay below", float(np.quantile(normal, q / 100)))
        for q in (50, 90, 95, 99, 100)
    ]
    if math.isfinite(evaluation.limit):
        chosen.insert(0, ("the bundle's limit", evaluation.limit))
    rows = ((name, f"{at:.3g}", f"{metrics.f1_at(normal, anomaly, at):.3f}") for name, at in chosen)
    return data_table(("Limit", "Score", "F1"), rows, caption="F1 at some limits")


# Classes


def _class_confusion(found: Classes) -> Markup:
    return figure(
        "What is taken for what",
        "A row for each class, a column for each name it was given: what is right lies on the diagonal.",
        confusion_picture(found),
        confusion_numbers(found),
    )


def _reliability(found: Classes) -> Markup:
    return figure(
        "How far to trust its probabilities",
        "Bars below the dashed line: surer than it has reason to be. "
        f"On average they are {points(found.calibration_error)} off.",
        reliability_picture(found),
        reliability_numbers(found),
    )


# What it has learned


def _filters(filters: Sequence[FilterPair]) -> Markup:
    return figure(
        "Filters that it has learned",
        f"{len(filters)} pairs: each splits a sound into low and high, and the low part goes on to the next.",
        filter_picture(filters),
        filter_numbers(filters),
        legend(("stroke", "low"), ("stroke second", "high")),
    )
