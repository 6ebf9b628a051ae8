"""The report as one HTML page that holds everything it shows, asks nothing of the network and runs no script.

Its own content policy forbids both. What comes from outside (file names, labels, error texts) becomes HTML only through
`markup.el`, which escapes it. How it looks is in `page.css`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib.resources import files

from auscult.evaluation.classes import Classes
from auscult.evaluation.evaluate import Evaluation
from auscult.evaluation.judge import COLUMNS, ColumnName
from auscult.evaluation.markup import Markup, data_table, el
from auscult.evaluation.misses import misses, mistakes
from auscult.evaluation.official import DcaseRule
from auscult.evaluation.page_classes import (
    class_table,
    class_tiles,
    strangers_table,
    ways_table,
)
from auscult.evaluation.page_figures import page_figures
from auscult.evaluation.units import Unit
from auscult.evaluation.words import (
    COLUMN_TITLES,
    cautions,
    count,
    decibels,
    interval,
    number,
    percent,
    summary,
)

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:"


def page(evaluation: Evaluation, *, listen: int = 3, tsne: bool = False) -> str:
    """The whole page; `listen` misses of each kind can be listened to.

    Raises
    ------
    MissingExtra
        t-SNE was asked for and scikit-learn is not installed.
    """
    title = f"How well {evaluation.bundle} hears"
    n = f"{evaluation.n_normal} normal and {evaluation.n_anomaly} anomalous recordings"
    if not evaluation.detects:
        n = count(len(evaluation.rows))
    return document(title, n, _sections(evaluation, listen, tsne=tsne))


def document(title: str, subtitle: str, sections: Iterable[Markup]) -> str:
    """A page that holds everything it shows, of sections."""
    top = el("header", el("h1", title), el("p", subtitle, class_="muted"))
    body = el("body", el("main", top, *sections))
    return "<!doctype html>\n" + el("html", _head(title), body, lang="en")


def _head(title: str) -> Markup:
    style = files("auscult.evaluation").joinpath("page.css").read_text("utf-8")
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        el("title", title),
        el("style", Markup("\n" + style)),
    )


def _sections(evaluation: Evaluation, listen: int, *, tsne: bool) -> Iterator[Markup]:
    figures = el("div", *page_figures(evaluation, tsne=tsne), class_="grid")
    yield section("In short", *_in_short(evaluation))
    if evaluation.detects:
        yield section("Three ways of playing the same recordings", *_three_ways(evaluation))
    if evaluation.classes is not None:
        yield section("Class by class", *_by_class(evaluation.classes))
    yield section("Figures", figures)
    if len(evaluation.units) > 1:
        yield section("Machine by machine", *_by_unit(evaluation))
    if evaluation.dcase:
        yield section("Official DCASE score", *_official(evaluation))
    if listen > 0:
        text = "At most ten seconds of each, brought to equal loudness for listening."
        hint = el("p", text, class_="muted")
        if evaluation.detects:
            yield section("The worst misses", hint, *misses(evaluation, listen))
        wrong = mistakes(evaluation, listen)
        if wrong:
            yield section("The surest mistakes", hint, *wrong)
    if evaluation.skipped:
        yield section("Skipped", _skipped(evaluation))
    yield section("How this was measured", _method(evaluation))


def section(title: str, *content: str) -> Markup:
    """A part of a page with its heading."""
    return el("section", el("h2", title), *content)


def card(content: Markup) -> Markup:
    """A frame around what belongs together."""
    return el("div", content, class_="card")


# In short


def _in_short(evaluation: Evaluation) -> Iterator[Markup]:
    yield el("div", *_tiles(evaluation), class_="tiles")
    for sentence in summary(evaluation):
        yield el("p", sentence, class_="lead")
    notes = [el("li", text) for text in cautions(evaluation)]
    if notes:
        title = el("h3", "Before you believe it")
        yield el("div", title, el("ul", *notes), class_="card careful")


def _tiles(evaluation: Evaluation) -> Iterator[Markup]:
    known = evaluation.classes
    figures = (
        *(_detection_tiles(evaluation) if evaluation.detects else ()),
        *(() if known is None else class_tiles(known)),
    )
    for big, name, more in figures:
        words = el("strong", big), el("span", name), el("small", more)
        yield el("div", *words, class_="card tile")


def _detection_tiles(evaluation: Evaluation) -> tuple[tuple[str, str, str], ...]:
    counted, first = evaluation.at_limit, evaluation.columns["as_recorded"]
    return (
        (f"{first.auc:.2f}", "AUC as recorded", f"95 %: {interval(first.ci95)}; guessing 0.50"),
        (
            f"{counted.tp} of {evaluation.n_anomaly}",
            "anomalies heard",
            f"at the limit, {percent(counted.recall)}",
        ),
        (
            f"{counted.fp} of {evaluation.n_normal}",
            "false alarms",
            f"at the limit, {percent(counted.false_positive_rate)}",
        ),
        (f"{evaluation.level_auc:.2f}", "AUC of loudness alone", "what a level meter would reach"),
    )


# Tables


def _three_ways(evaluation: Evaluation) -> tuple[Markup, Markup]:
    head = ("", "AUC", "95 %", "0 to 1, tick at guessing", "pAUC", "95 %", "Average precision")
    level = evaluation.level_auc
    always = evaluation.n_anomaly / (evaluation.n_normal + evaluation.n_anomaly)
    rows = [
        *(_column_cells(evaluation, name) for name in COLUMNS),
        *(row for name, found in evaluation.parts.items() for row in _part_cells(name, found)),
        ("Loudness alone", number(level), "", _bar(level), "", "", ""),
        ("Always alarm", number(0.5), "", _bar(0.5), number(0.5), "", number(always)),
    ]
    text = (
        "Clips of one kind often come from one day with one microphone setting, so loudness can give the answer away. "
        "A bundle that hears the fault itself loses little from the first row to the third."
    )
    caption = "The same recordings as they are, at equal loudness, and at random gain"
    return el("p", text), card(data_table(head, rows, caption=caption))


def _column_cells(evaluation: Evaluation, name: ColumnName) -> tuple[str, ...]:
    column = evaluation.columns[name]
    return (
        COLUMN_TITLES[name],
        number(column.auc),
        interval(column.ci95),
        _bar(column.auc, column.ci95),
        number(column.pauc),
        interval(column.pauc_ci95),
        number(column.average_precision),
    )


def _part_cells(
    name: str, found: Mapping[ColumnName, Mapping[str, float]]
) -> Iterator[tuple[str | Markup, ...]]:
    for column in COLUMNS:
        area, partial = found[column]["auc"], found[column]["pauc"]
        title = f"{COLUMN_TITLES[column]}, {name} alone"
        yield title, number(area), "", _bar(area), number(partial), "", ""


def _bar(value: float, ends: tuple[float, float] | None = None) -> Markup:
    """A small picture of a figure from 0 to 1 with its interval."""
    marks = [
        el("rect", x=0, y=6, width=120, height=4, rx=2, class_="track"),
        el("line", x1=60, x2=60, y1=2, y2=14, class_="axis"),
        el("rect", x=0, y=6, width=120 * value, height=4, rx=2, class_="fill"),
    ]
    if ends:
        x0, x1 = 120 * ends[0], 120 * ends[1]
        marks.append(el("line", x1=x0, x2=x1, y1=8, y2=8, class_="whisker"))
    marks.append(el("circle", cx=120 * value, cy=8, r=4, class_="knob"))
    return el("svg", *marks, viewBox="-6 0 132 16", class_="spark", aria_hidden="true")


def _by_unit(evaluation: Evaluation) -> tuple[Markup, Markup]:
    head = ("Machine", "Unit", "Domain", "Normal", "Anomalous", "AUC", "", "pAUC", "Equally loud", "Random gain", "Loudness alone", "Heard", "False alarms", "F1", "F1 of always alarm")  # fmt: skip
    means = (replace(mean, unit="mean of its units") for mean in evaluation.machines)
    rows = [_unit_cells(unit) for unit in (*evaluation.units, *means)]
    text = "A unit with few recordings may lie far off by luck alone: read them together, never one by itself."
    caption = "Figures of every machine, unit and domain"
    return el("p", text), card(data_table(head, rows, caption=caption, words=3))


def _unit_cells(unit: Unit) -> tuple[str, ...]:
    return (
        unit.machine or "–",
        unit.unit or "–",
        unit.domain or "–",
        str(unit.n_normal),
        str(unit.n_anomaly),
        number(unit.auc),
        "" if unit.auc is None else _bar(unit.auc),
        number(unit.pauc),
        number(unit.auc_rms_normalised),
        number(unit.auc_random_gain),
        number(unit.level_auc),
        percent(unit.recall),
        percent(unit.false_positive_rate),
        number(unit.f1),
        number(unit.always_alarm_f1),
    )


def _by_class(found: Classes) -> Iterator[Markup]:
    yield card(class_table(found))
    tables = (ways_table(found), strangers_table(found))
    cards = [card(one) for one in tables if one is not None]
    yield el("div", *cards, class_="grid")


def _official(evaluation: Evaluation) -> Iterator[Markup]:
    rows = [(rule.rule, rule.why_not, percent(rule.score, 2)) for rule in evaluation.dcase]
    text = (
        "By the rule of each year; the one that counts is that of the year the recordings are from."
    )
    caption = "Official score, as recorded"
    yield el("p", text)
    yield card(data_table(("Year", "", "Score"), rows, caption=caption, words=2))
    for rule in evaluation.dcase:
        if rule.cells:
            yield card(_official_cells(rule))


def _official_cells(rule: DcaseRule) -> Markup:
    """What enters an official score, machine by machine."""
    names = [name for name in rule.cells[0] if name not in ("machine", "section")]
    head = ("Machine", "Section", *(name.replace("_", " ").replace("auc", "AUC") for name in names))
    rows = [
        (cell["machine"] or "–", cell["section"] or "–", *(percent(cell[n], 2) for n in names))
        for cell in rule.cells
    ]
    return data_table(head, rows, caption=f"What enters the score of {rule.rule}", words=2)


def _skipped(evaluation: Evaluation) -> Markup:
    rows = [(item.name, item.error) for item in evaluation.skipped]
    caption = "Recordings that could not be scored"
    return card(data_table(("Recording", "Why"), rows, caption=caption, words=2))


# How


def _method(evaluation: Evaluation) -> Markup:
    lines = (*(_of_detection(evaluation) if evaluation.detects else ()), *_of_classes(evaluation))
    return el("ul", *(el("li", line) for line in lines), class_="muted")


def _of_classes(evaluation: Evaluation) -> tuple[str, ...]:
    if evaluation.classes is None:
        return ()
    return (
        (
            "A recording is given the class whose probability is largest on average over its windows. Accuracy: share named "
            "rightly, with Wilson's interval, which counts each recording once."
        ),
        (
            "Calibration error: mean distance between probability and share right, over fifteen bins of the probability (Guo "
            "et al. 2017). Silhouette: −1 nearer to another class, 1 far from all others (Rousseeuw 1987), of the mean "
            "embeddings, each dimension scaled alike."
        ),
    )


def _of_augmentation(evaluation: Evaluation) -> tuple[str, ...]:
    how = evaluation.augmentation
    if how is None:
        return ()
    text = (
        f"Each score is the mean over the recording itself and {how.copies} copies of it under white noise {how.snr_db:g} dB "
        f"below it, by its name and seed {how.seed}."
    )
    return (text,)


def _of_detection(evaluation: Evaluation) -> tuple[str, ...]:
    reference = decibels(evaluation.level_reference_db, 1)
    known = {
        "learned": "the level learned",
        "test normals": "the median of the normal recordings here",
    }
    classifies = evaluation.classes is not None
    counted = (
        "The bundle's alarm labels count as anomalous, its other classes as normal."
        if classifies
        else "Every label but “normal” counts as anomalous."
    )
    return (
        (
            "AUC: the chance that an anomalous recording scores above a normal one. pAUC: the same with at most 10 % false "
            "alarms, scaled so that guessing is 0.5 (McClish; as in DCASE)."
        ),
        f"Intervals: {evaluation.draws} bootstrap draws of normal and anomalous recordings, 95 %, seed {evaluation.seed}.",
        (
            "Equally loud: every clip at an RMS of 0.05 (−26 dBFS). Random gain: −6 to +6 dB, by the recording's name and the "
            "seed. A gain is kept smaller where the peak would pass full scale."
        ),
        f"Loudness alone: distance of the level from {reference}, {known[evaluation.level_reference]}.",
        (
            f"One score of a long recording: {'the highest of its parts' if evaluation.pool == 'max' else 'its average sound'}. "
            f"The bundle listens at {evaluation.sample_rate_hz} Hz."
        ),
        *_of_augmentation(evaluation),
        f"Decisions are the bundle's own, as recorded. {counted}",
    )
