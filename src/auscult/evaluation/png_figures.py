"""The same figures as PNG files, for a talk or a paper (extra `report`)."""

import io
import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from auscult.datasets.clip import NORMAL
from auscult.errors import MissingExtra
from auscult.evaluation import metrics
from auscult.evaluation.classes import Classes
from auscult.evaluation.embedding_map import EmbeddingMap, embedding_map
from auscult.evaluation.evaluate import Evaluation
from auscult.evaluation.histogram import histogram
from auscult.evaluation.judge import COLUMNS
from auscult.evaluation.page_classes import n_fits
from auscult.evaluation.words import COLUMN_TITLES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BLUE, _ORANGE, _GREY = "#1f6fb2", "#d2561a", "#8b9694"
_COLOURS = (_BLUE, _ORANGE, "#6b4fb3", "#0f8a6b", "#b3881a", "#a83a6e")

_Paint = Callable[["Axes"], None]


def png_figures(evaluation: Evaluation, *, tsne: bool = False) -> Iterator[tuple[str, bytes]]:
    """Every figure's name and its picture.

    Raises
    ------
    MissingExtra
        matplotlib is not installed, or t-SNE was asked for and scikit-learn is not.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtra("Drawing PNG figures", "report") from None
    for name, paint in _paintings(evaluation, tsne=tsne):
        figure = Figure(figsize=(6.4, 4.2), dpi=150, layout="constrained")
        paint(figure.add_subplot())
        picture = io.BytesIO()
        figure.savefig(picture, format="png")
        yield name, picture.getvalue()


def _paintings(evaluation: Evaluation, *, tsne: bool) -> Iterator[tuple[str, _Paint]]:
    """Names of the figures and what draws each on axes."""
    if evaluation.detects:
        yield "scores", partial(_paint_scores, evaluation)
        yield "roc", partial(_paint_roc, evaluation)
        yield "precision_recall", partial(_paint_pr, evaluation)
        yield "f1_against_limit", partial(_paint_f1, evaluation)
        yield "confusion", partial(_paint_confusion, evaluation)
    if evaluation.classes is not None:
        yield "class_confusion", partial(_paint_classes, evaluation.classes)
        yield "reliability", partial(_paint_reliability, evaluation.classes)
    found = embedding_map(evaluation, tsne=tsne)
    if found is not None:
        yield "embedding_map", partial(_paint_map, found)


def _paint_scores(evaluation: Evaluation, axes: "Axes") -> None:
    bins = histogram(evaluation)
    axes.stairs(bins.normal, bins.edges, fill=True, alpha=0.6, color=_BLUE, label="normal")
    axes.stairs(-bins.anomaly, bins.edges, fill=True, alpha=0.6, color=_ORANGE, label="anomalous")
    axes.axhline(0, color=_GREY, linewidth=0.8)
    axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    _paint_limit(evaluation, axes)
    axes.set(xlabel="score", ylabel="recordings", title="Scores")
    if bins.log:
        axes.set_xscale("log")
    axes.legend(frameon=False)


def _paint_limit(evaluation: Evaluation, axes: "Axes") -> None:
    if math.isfinite(evaluation.limit):
        axes.axvline(evaluation.limit, color="black", linestyle=":", label="limit")


def _paint_roc(evaluation: Evaluation, axes: "Axes") -> None:
    for name, colour in zip(COLUMNS, (_BLUE, *_COLOURS[2:4]), strict=True):
        fpr, tpr, _ = metrics.roc(*evaluation.scores(name))
        auc = evaluation.columns[name].auc
        axes.plot(fpr, tpr, color=colour, label=f"{COLUMN_TITLES[name]}, AUC {auc:.3f}")
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle="--", label="guessing")
    counted = evaluation.at_limit
    axes.plot(counted.false_positive_rate, counted.recall, "o", color="black", label="at the limit")
    axes.set(xlabel="false alarms among normal", ylabel="heard among anomalous", title="ROC")
    axes.legend(frameon=False, loc="lower right")


def _paint_pr(evaluation: Evaluation, axes: "Axes") -> None:
    precision, recall, _ = metrics.precision_recall(*evaluation.scores())
    axes.plot(recall[recall > 0], precision[recall > 0], color=_BLUE)
    axes.axhline(
        evaluation.n_anomaly / len(evaluation.sided),
        color=_GREY,
        linestyle="--",
        label="always alarm",
    )
    axes.set(
        xlabel="heard among anomalous",
        ylabel="right among alarms",
        ylim=(0, 1.02),
        title="Precision and recall",
    )
    axes.legend(frameon=False)


def _paint_f1(evaluation: Evaluation, axes: "Axes") -> None:
    limits, f1 = metrics.f1_curve(*evaluation.scores())
    axes.step(limits, f1, where="post", color=_BLUE)
    axes.axhline(evaluation.always_alarm_f1, color=_GREY, linestyle="--", label="always alarm")
    _paint_limit(evaluation, axes)
    axes.set(xlabel="limit (score)", ylabel="F1", ylim=(0, 1.02), title="F1 against the limit")
    axes.legend(frameon=False)


def _paint_confusion(evaluation: Evaluation, axes: "Axes") -> None:
    counted = evaluation.at_limit
    counts = np.array([[counted.tn, counted.fp], [counted.fn, counted.tp]])
    shares = counts / counts.sum(axis=1, keepdims=True)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if shares[row, column] > 0.6 else "black"
        axes.text(column, row, str(count), ha="center", va="center", fontsize=18, color=colour)
    axes.set_xticks([0, 1], ["called normal", "called anomalous"])
    axes.set_yticks([0, 1], ["normal", "anomalous"])
    axes.set_title("Decisions at the limit")


def _paint_classes(found: Classes, axes: "Axes") -> None:
    counts = np.array(found.confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    if n_fits(found):
        for (row, column), count in np.ndenumerate(counts):
            if count:
                colour = "white" if shares[row, column] > 0.6 else "black"
                axes.text(column, row, str(count), ha="center", va="center", color=colour)
    places, size = range(len(found.labels)), 9 if n_fits(found) else 4
    axes.set_xticks(places, found.labels, rotation=60, ha="right", fontsize=size)
    axes.set_yticks(places, found.labels, fontsize=size)
    axes.set(xlabel="named", ylabel="recordings of", title="What is taken for what")


def _paint_reliability(found: Classes, axes: "Axes") -> None:
    bins = found.reliability
    axes.bar(
        [b.low for b in bins],
        [b.accuracy for b in bins],
        width=[b.high - b.low for b in bins],
        align="edge",
        alpha=0.6,
        color=_BLUE,
    )
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle="--", label="as sure as right")
    axes.set(
        xlabel="how sure it was",
        ylabel="how often it was right",
        xlim=(0, 1),
        ylim=(0, 1.02),
        title="Reliability of probabilities",
    )
    axes.legend(frameon=False)


def _paint_map(found: EmbeddingMap, axes: "Axes") -> None:
    for i, label in enumerate(found.labels):
        x, y = found.of(label).T
        axes.scatter(
            x,
            y,
            s=18,
            marker="o" if label == NORMAL else "D",
            color=_COLOURS[i % len(_COLOURS)],
            alpha=0.75,
            label=label,
        )
    axes.set(xlabel=found.x_label, ylabel=found.y_label, title="How alike the recordings sound")
    if len(found.labels) > len(_COLOURS):  # colours come again, so names stand on the map
        for label in found.labels:
            x, y = np.median(found.of(label), axis=0)
            axes.annotate(label, (x, y), ha="center", fontsize=7)
        return
    axes.legend(frameon=False)
