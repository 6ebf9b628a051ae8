"""What a data set holds, as one HTML page: what is wrong with it, and which of its classes sound alike."""

from collections.abc import Iterator

import numpy as np

from auscult.datasets.clip import NORMAL
from auscult.evaluation.data_check import ClassMap, DataReport
from auscult.evaluation.markup import Markup, data_table, el
from auscult.evaluation.page import card, document, section
from auscult.evaluation.page_map import Mark, scatter

_SHOWN = 5


def data_page(report: DataReport) -> str:
    """The whole page."""
    subtitle = f"{report.recordings} recordings, {report.hours:.2f} h that can be read"
    return document("What is in this data", subtitle, _sections(report))


def _sections(report: DataReport) -> Iterator[Markup]:
    yield section("What is wrong with it", _findings(report))
    if report.classes is not None:
        yield section("Which classes sound alike", *_by_class(report.classes))
    yield section("What it holds", _counts(report))


def _findings(report: DataReport) -> Markup:
    if not report.findings:
        return el("p", "Nothing.")
    rows = [
        (
            one.severity,
            one.text,
            ", ".join(one.files[:_SHOWN]) + (" …" if len(one.files) > _SHOWN else ""),
        )
        for one in report.findings
    ]
    return card(data_table(("", "What", "Where"), rows, caption="Findings", words=3))


def _counts(report: DataReport) -> Markup:
    rows = [
        (what, name or "(not said)", str(count))
        for what, counts in report.counts.items()
        for name, count in counts.items()
        if set(counts) != {""}
    ]
    return card(data_table(("", "", "Recordings"), rows, caption="Recordings by kind", words=2))


def _by_class(found: ClassMap) -> Iterator[Markup]:
    labels = sorted(
        {place.label for place in found.places}, key=lambda name: (name != NORMAL, name)
    )
    marks = [
        Mark(
            title=f"{place.file}: {place.label}", label=place.label, is_round=place.label == NORMAL
        )
        for place in found.places
    ]
    points = np.array([(place.x, place.y) for place in found.places])
    picture, legend = scatter(
        points, marks, labels=labels, x_label=found.x_label, y_label=found.y_label
    )
    missing = f" {found.left_out} recordings are left out of the picture." if found.left_out else ""
    yield el(
        "p",
        "Each mark is the beginning of a recording, as the built-in embedder hears it, loudness taken out; near ones sound "
        f"alike.{missing} The silhouette of a class is 1 where its recordings sound like each other alone, 0 where they "
        "overlap with another class, and below 0 where they sound more like that. Classes that overlap here may still be told "
        "apart by what is trained on them; ones that lie apart are easy.",
    )
    rows = [
        (label, f"{value:.2f}")
        for label, value in sorted(found.silhouettes.items(), key=lambda item: item[1])
    ]
    numbers = data_table(("Class", "Silhouette"), rows, caption="The most mixed classes first")
    yield el("div", card(el("div", *legend, picture)), card(numbers), class_="grid")
