"""An evaluation for people: one HTML page that works offline, a table for the terminal, JSON, pictures.

The page holds everything it shows, asks nothing of the network and runs no script; its own content policy forbids both.
What comes from outside (file names, labels, error texts) becomes HTML only through `_el`, which escapes it.
"""

import base64
import io
import json
import math
import struct
import warnings
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile as sf
from numpy.typing import NDArray
from rich.markup import escape
from rich.table import Table

from auscult.audio.mel import hz_to_mel, log_mel_db
from auscult.audio.sound import Sound
from auscult.errors import AuscultError, AuscultWarning, DatasetError, MissingExtra
from auscult.evaluation import metrics
from auscult.evaluation.evaluate import COLUMNS, Evaluation, Row, sound_of
from auscult.evaluation.metrics import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LISTEN_S = 10.0
LISTEN_HZ = 16_000
LISTEN_RMS = 0.1
MAX_SOUND_BYTES = 8_000_000
"""All recordings of a page together; a page should still open from an e-mail."""

_MAX_POINTS = 2000
_COLUMN_TITLES = {
    "as_recorded": "As recorded",
    "rms_normalised": "Every clip equally loud",
    "random_gain": "Random gain ±6 dB",
}
_FEW = 20
_LOUDNESS_TELLS = 0.75
_A_LOSS = 0.05


def summary(evaluation: Evaluation) -> tuple[str, ...]:
    """The result in a few sentences for someone who looks after machines, not models.

    Returns
    -------
    sentences
        What it heard, how well it ranks, how far loudness alone gets.
    """
    counted, first = evaluation.at_limit, evaluation.columns["as_recorded"]
    low, high = first.ci95
    return (
        (
            f"At the limit it ships with, {evaluation.bundle} heard {counted.tp} of {evaluation.n_anomaly} anomalous "
            f"recordings and raised a false alarm on {counted.fp} of {evaluation.n_normal} normal ones."
        ),
        (
            "Shown one normal and one anomalous recording, it gives the anomalous one the higher score in "
            f"{100 * first.auc:.0f} of 100 cases (with these recordings, anything from {100 * low:.0f} to "
            f"{100 * high:.0f} would be no surprise); guessing gives 50."
        ),
        f"Loudness alone, without listening to the sound, would reach {100 * evaluation.level_auc:.0f} of 100.",
    )


def cautions(evaluation: Evaluation) -> tuple[str, ...]:
    """What to know before believing the figures; empty where nothing stands against them."""
    return (
        *_about_loudness(evaluation),
        *_about_certainty(evaluation),
        *_about_recordings(evaluation),
    )


def _about_loudness(evaluation: Evaluation) -> Iterator[str]:
    first, equal, gained = (evaluation.columns[name] for name in COLUMNS)
    loudness = max(evaluation.level_auc, evaluation.unit_level_auc or 0.0)
    if loudness >= _LOUDNESS_TELLS:
        within = " within each unit" if loudness > evaluation.level_auc else ""
        yield (
            "Loudness gives the answer away in these recordings "
            f"(AUC {loudness:.2f} by level alone{within}). Go by the row “Every clip equally loud”."
        )
    if first.auc - equal.auc > _A_LOSS:
        yield (
            f"{100 * (first.auc - equal.auc):.0f} points of AUC are lost when every clip is equally loud: "
            "part of the result was loudness."
        )
    if first.auc - gained.auc > _A_LOSS:
        yield (
            f"{100 * (first.auc - gained.auc):.0f} points of AUC are lost under random gain: expect as much "
            "when the microphone, its place or its setting changes."
        )


def _about_certainty(evaluation: Evaluation) -> Iterator[str]:
    low, high = evaluation.columns["as_recorded"].ci95
    if low <= 0.5 <= high:
        yield "The interval of the AUC includes 0.5: this result can't be told from guessing."
    if min(evaluation.n_normal, evaluation.n_anomaly) < _FEW:
        yield (
            f"{evaluation.n_normal} normal and {evaluation.n_anomaly} anomalous recordings are few: "
            "the figures may move by more than the intervals say."
        )
    if math.isinf(evaluation.limit):
        yield "The bundle has no limit for recordings yet, so it calls none of them anomalous."
    elif evaluation.at_limit.f1 <= evaluation.always_alarm_f1:
        yield (
            f"F1 at the limit is {evaluation.at_limit.f1:.2f}; always raising the alarm would score "
            f"{evaluation.always_alarm_f1:.2f}. A limit that keeps false alarms rare pays for it in F1, "
            "and one short recording may be too little to be sure of a fault."
        )


def _about_recordings(evaluation: Evaluation) -> Iterator[str]:
    if evaluation.skipped:
        yield f"Could not be scored, and left out: {_count(len(evaluation.skipped))}."
    if evaluation.n_unlabelled:
        yield f"Without a label, and left out: {_count(evaluation.n_unlabelled)}."
    if evaluation.n_held_back:
        yield (
            "Amplified less than the rule asks, because the peaks would have clipped: "
            f"{_count(evaluation.n_held_back)}."
        )


def table(evaluation: Evaluation) -> Table:
    """The result for the terminal.

    Returns
    -------
    rich.table.Table
        The three columns of the evaluation as rows, loudness alone, then every unit.
    """
    result = Table(title=escape(f"{evaluation.bundle}: how well it hears"), title_justify="left")
    result.add_column("")
    for name in ("recordings", "AUC", "95 %", "pAUC", "heard", "false alarms"):
        result.add_column(name, justify="right", no_wrap=True)
    counted = evaluation.at_limit
    for name in COLUMNS:
        column = evaluation.columns[name]
        recorded = name == "as_recorded"
        result.add_row(
            _COLUMN_TITLES[name],
            f"{evaluation.n_normal} + {evaluation.n_anomaly}" if recorded else "",
            f"{column.auc:.3f}",
            _interval(column.ci95),
            f"{column.pauc:.3f}",
            f"{counted.tp}/{evaluation.n_anomaly}" if recorded else "",
            f"{counted.fp}/{evaluation.n_normal}" if recorded else "",
        )
    result.add_row("Loudness alone", "", f"{evaluation.level_auc:.3f}", end_section=True)
    if len(evaluation.units) > 1:
        for unit in evaluation.units:
            result.add_row(
                escape(_unit_name(unit.machine, unit.unit, unit.domain)),
                f"{unit.n_normal} + {unit.n_anomaly}",
                _number(unit.auc),
                "",
                _number(unit.pauc),
                _percent(unit.recall),
                _percent(unit.false_positive_rate),
            )
    return result


def write_json(evaluation: Evaluation, path: Path, *, rows: bool = True) -> None:
    """Write all figures and, unless told otherwise, every recording's row.

    Raises
    ------
    DatasetError
        The file can't be written.
    """
    _write(path, json.dumps(evaluation.to_dict(rows=rows), indent=2, allow_nan=False) + "\n")


def write_html(evaluation: Evaluation, path: Path, *, listen: int = 3, tsne: bool = False) -> None:
    """Write one self-contained page: figures with their tables, and the worst misses to look at and listen to.

    Parameters
    ----------
    evaluation
        The result.
    path
        Where to write the page.
    listen
        How many of the least strange anomalous and of the strangest normal recordings to put in.
    tsne
        Draw the map of embeddings by t-SNE instead of by principal components (extra `report`).

    Raises
    ------
    DatasetError
        The file can't be written.
    MissingExtra
        t-SNE was asked for and scikit-learn is not installed.
    """
    _write(path, "<!doctype html>\n" + _page(evaluation, listen, tsne=tsne))


def figures(evaluation: Evaluation, folder: Path, *, tsne: bool = False) -> tuple[Path, ...]:
    """Write the page's figures as PNG files for a talk or a paper (extra `report`).

    Returns
    -------
    paths
        The files written.

    Raises
    ------
    DatasetError
        The folder can't be written to.
    MissingExtra
        matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtra("Drawing PNG figures", "report") from None
    paths = []
    for name, draw in tuple(_paintings(evaluation, tsne=tsne)):
        figure = Figure(figsize=(6.4, 4.2), dpi=150, layout="constrained")
        draw(figure.add_subplot())
        picture = io.BytesIO()
        figure.savefig(picture, format="png")
        paths.append(folder / f"{name}.png")
        _write(paths[-1], picture.getvalue())
    return tuple(paths)


# ── Words and files ──────────────────────────────────────────────────────────────────────────────────────────────────


def _write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all."""
    data = content.encode() if isinstance(content, str) else content
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        raise DatasetError(
            f"{path} can't be written: {error.strerror or error}.",
            "a place that can be written to",
            "Choose another file or folder.",
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _percent(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else f"{100 * value:.{digits}f} %"


def _count(n: int) -> str:
    return f"{n} recording{'s' if n != 1 else ''}"


def _interval(ends: tuple[float, float]) -> str:
    return f"{ends[0]:.2f} – {ends[1]:.2f}"


def _unit_name(*parts: str) -> str:
    return " ".join(part for part in parts if part) or "(unnamed)"


# ── What the figures show ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True, eq=False)
class _Histogram:
    edges: Array
    normal: NDArray[np.int64]
    anomaly: NDArray[np.int64]
    log: bool


def _histogram(evaluation: Evaluation) -> _Histogram:
    """Counts by score; equal steps, or equal ratios where scores span more than a factor of six."""
    normal, anomaly = evaluation.scores()
    shown = np.concatenate([normal, anomaly])
    if math.isfinite(evaluation.limit):
        shown = np.append(shown, evaluation.limit)
    low, high = float(shown.min()), float(shown.max())
    log = low > 0 and high / low > 6
    margin = (high / low) ** 0.02 if log else (high - low) * 0.02 or 0.5
    n_bins = int(np.clip(2 * math.sqrt(len(shown)), 12, 48))
    if log:
        edges = np.geomspace(low / margin, high * margin, n_bins + 1)
    else:
        edges = np.linspace(low - margin, high + margin, n_bins + 1)
    counts = [np.histogram(scores, edges)[0] for scores in (normal, anomaly)]
    return _Histogram(edges=edges, normal=counts[0], anomaly=counts[1], log=log)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Map:
    """Recordings as points on a plane, shape (rows, 2)."""

    points: Array
    rows: tuple[Row, ...]
    x_label: str
    y_label: str
    left_out: int


def _embedding_map(evaluation: Evaluation, *, tsne: bool) -> _Map | None:
    """The embeddings on a plane; `None` where there are too few to draw one."""
    step = math.ceil(len(evaluation.rows) / _MAX_POINTS)
    rows = evaluation.rows[::step]
    embeddings = np.stack([row.embedding for row in rows]).astype(float)
    if len(rows) < 3 or embeddings.shape[1] < 2:
        return None
    spread = embeddings.std(axis=0)
    # As in the distance itself, dimensions count alike, and nearly constant ones are not blown up.
    z = (embeddings - embeddings.mean(axis=0)) / np.maximum(spread, 0.1 * np.median(spread) + 1e-9)
    left_out = len(evaluation.rows) - len(rows)
    if tsne and len(rows) > 4:
        labels = ("t-SNE 1 (no unit)", "t-SNE 2 (no unit)")
        points = _tsne(z)
    else:
        u, s, _ = np.linalg.svd(z, full_matrices=False)
        share = s**2 / max(float((s**2).sum()), 1e-12)
        points = u[:, :2] * s[:2]
        labels = (
            f"first direction ({_percent(share[0])} of the spread)",
            f"second direction ({_percent(share[1])})",
        )
    return _Map(points=points, rows=rows, x_label=labels[0], y_label=labels[1], left_out=left_out)


def _tsne(z: Array) -> Array:
    try:
        from sklearn.manifold import TSNE
    except ImportError:
        raise MissingExtra("A t-SNE map", "report") from None
    perplexity = min(30.0, (len(z) - 1) / 3)
    points: Array = TSNE(perplexity=perplexity, init="pca", random_state=0).fit_transform(z)
    return points.astype(float)


def _labels(rows: Iterable[Row]) -> tuple[str, ...]:
    """Labels, normal first; a place in it is a colour."""
    names = {row.label for row in rows}
    return tuple(sorted(names, key=lambda name: (name != "normal", name != "anomaly", name)))


# ── HTML and SVG, escaped by construction ────────────────────────────────────────────────────────────────────────────


class _Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


_VOID = {"meta"}
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


def _el(tag: str, /, *children: str, **attributes: str | float | bool) -> _Markup:
    """An element. Children that are not markup are escaped; `class_` and `stroke_width` become what they mean."""
    words = [
        tag,
        *(_attribute(key, value) for key, value in attributes.items() if value is not False),
    ]
    inside = "".join(
        child if isinstance(child, _Markup) else child.translate(_ESCAPES) for child in children
    )
    end = "" if tag in _VOID else f"</{tag}>"
    return _Markup(f"<{' '.join(words)}>{inside}{end}")


def _attribute(key: str, value: str | float | bool) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is True:
        return name
    text = value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
    return f'{name}="{text.translate(_ESCAPES)}"'


def _table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, caption: str, words: int = 1
) -> _Markup:
    """A table whose first `words` columns hold text and whose others hold numbers."""

    def cells(tag: str, row: Sequence[str]) -> list[_Markup]:
        return [_el(tag, cell, class_="n" if i >= words else "t") for i, cell in enumerate(row)]

    header = _el(
        "tr",
        *(_el("th", h, scope="col", class_="n" if i >= words else "t") for i, h in enumerate(head)),
    )
    body = [_el("tr", *cells("td", row)) for row in rows]
    content = _el("table", _el("caption", caption), _el("thead", header), _el("tbody", *body))
    # Focusable, so that a wide table can be scrolled from the keyboard.
    return _el("div", content, class_="scroll", tabindex="0", role="region", aria_label=caption)


@dataclass(frozen=True, kw_only=True)
class _Plot:
    """A plane to draw on: values in, pixels out."""

    x: tuple[float, float]
    y: tuple[float, float]
    x_label: str
    y_label: str
    log_x: bool = False
    width: int = 520
    height: int = 320
    left: int = 52
    right: int = 14
    top: int = 16
    bottom: int = 46

    def px(self, values: Any) -> Array:
        """Horizontal pixels of values."""
        v, ends = np.asarray(values, float), np.asarray(self.x, float)
        if self.log_x:
            v, ends = np.log(np.maximum(v, ends[0] / 2)), np.log(ends)
        share = (v - ends[0]) / (ends[1] - ends[0])
        return np.asarray(self.left + np.clip(share, 0, 1) * (self.width - self.left - self.right))

    def py(self, values: Any) -> Array:
        """Vertical pixels of values."""
        share = (np.asarray(values, float) - self.y[0]) / (self.y[1] - self.y[0])
        height = self.height - self.top - self.bottom
        return np.asarray(self.top + (1 - np.clip(share, 0, 1)) * height)

    def svg(self, *marks: _Markup, label: str) -> _Markup:
        """The picture with its axes; `label` says in words what it shows."""
        return _el(
            "svg",
            *self._axes(),
            *marks,
            viewBox=f"0 0 {self.width} {self.height}",
            role="img",
            aria_label=label,
        )

    def _axes(self) -> Iterator[_Markup]:
        base, end = self.height - self.bottom, self.width - self.right
        for value in _ticks(*self.y):
            y = float(self.py(value))
            yield _el("line", x1=self.left, x2=end, y1=y, y2=y, class_="grid")
            # Counts drawn downwards are counts all the same.
            said = _short(abs(value) if self.y[0] == -self.y[1] else value)
            yield _el("text", said, x=self.left - 8, y=y + 4, class_="tick end")
        for value in _log_ticks(*self.x) if self.log_x else _ticks(*self.x):
            x = float(self.px(value))
            yield _el("line", x1=x, x2=x, y1=base, y2=base + 5, class_="axis")
            yield _el("text", _short(value), x=x, y=base + 18, class_="tick mid")
        yield _el("line", x1=self.left, x2=end, y1=base, y2=base, class_="axis")
        middle = (self.left + end) / 2
        yield _el("text", self.x_label, x=middle, y=self.height - 8, class_="name mid")
        y = (self.top + base) / 2
        yield _el(
            "text", self.y_label, class_="name mid", transform=f"translate(13 {y:g}) rotate(-90)"
        )

    def line(self, x: Any, y: Any, kind: str) -> _Markup:
        """A curve through points, each pixel once."""
        return _el("path", d=self._path(x, y), class_=kind)

    def area(self, x: Any, y: Any, kind: str) -> _Markup:
        """What lies under a curve."""
        xs = np.asarray(x, float)
        down = np.r_[self.y[0], np.asarray(y, float), self.y[0]]
        return _el("path", d=self._path(np.r_[xs[0], xs, xs[-1]], down) + "Z", class_=kind)

    def _path(self, x: Any, y: Any) -> str:
        points = np.stack([self.px(x), self.py(y)], axis=1).round(1)
        new = np.r_[True, (np.diff(points, axis=0) != 0).any(axis=1)]
        return "M" + "L".join(f"{a:g} {b:g}" for a, b in points[new])

    def limit(self, value: float) -> tuple[_Markup, ...]:
        """The bundle's limit as an upright line with its name; nothing where there is none."""
        if not math.isfinite(value):
            return ()
        x = float(self.px(value))
        right = x < self.width - 90
        return (
            _el("line", x1=x, x2=x, y1=self.top, y2=self.height - self.bottom, class_="limit"),
            _el(
                "text",
                "limit",
                x=x + (5 if right else -5),
                y=self.top + 10,
                class_="note" if right else "note end",
            ),
        )

    def dot(self, x: float, y: float, title: str) -> _Markup:
        """A point to notice."""
        mark = _el("title", title)
        return _el("circle", mark, cx=float(self.px(x)), cy=float(self.py(y)), r=5.5, class_="dot")

    def note(self, text: str, x: float, y: float, kind: str = "note") -> _Markup:
        """A word at a place."""
        return _el("text", text, x=float(self.px(x)), y=float(self.py(y)), class_=kind)


def _ticks(low: float, high: float) -> list[float]:
    """About five round numbers in a range."""
    raw = (high - low) / 5
    size = 10 ** math.floor(math.log10(raw))
    step = next(size * m for m in (1, 2, 2.5, 5, 10) if size * m >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [i * step for i in range(first, math.floor(high / step + 1e-9) + 1)]


def _log_ticks(low: float, high: float) -> list[float]:
    """Round numbers for a range of ratios: 1-2-5 over two decades, else powers of ten."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if high / low < 200 else (1,)
    return [m * 10.0**d for d in decades for m in steps if low <= m * 10.0**d <= high]


def _short(value: float) -> str:
    return f"{value:.6g}".replace("-", "−")


# ── The figures ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _figure(title: str, text: str, picture: _Markup, numbers: _Markup, *more: _Markup) -> _Markup:
    """A figure, what it says in a sentence, and its numbers behind a fold."""
    return _el(
        "figure",
        _el("h3", title),
        _el("figcaption", text),
        *more,
        picture,
        _el("details", _el("summary", "Numbers"), numbers),
        class_="card",
    )


def _legend(*entries: tuple[str, str]) -> _Markup:
    return _el(
        "p",
        *(_el("span", _el("i", class_=f"key {kind}"), name) for kind, name in entries),
        class_="legend",
    )


def _histogram_figure(evaluation: Evaluation) -> _Markup:
    bins = _histogram(evaluation)
    top = 1.1 * max(int(bins.normal.max()), int(bins.anomaly.max()))
    plot = _Plot(
        x=(float(bins.edges[0]), float(bins.edges[-1])),
        y=(-top, top),
        log_x=bins.log,
        x_label="score" + (" (each step the same ratio)" if bins.log else ""),
        y_label="recordings",
    )
    spans = list(zip(bins.edges[:-1], bins.edges[1:], strict=True))
    # Back to back: bars laid over each other would make a third colour that means nothing.
    bars = [
        _histogram_bar(plot, span, count if name == "normal" else -count, name)
        for name, counts in (("normal", bins.normal), ("anomalous", bins.anomaly))
        for span, count in zip(spans, counts.tolist(), strict=True)
        if count
    ]
    numbers = _table(
        ("Score from", "to", "Normal", "Anomalous"),
        (
            (f"{low:.3g}", f"{high:.3g}", str(n), str(a))
            for (low, high), n, a in zip(spans, bins.normal, bins.anomaly, strict=True)
            if n or a
        ),
        caption="Recordings by score",
        words=0,
    )
    return _figure(
        "Scores",
        "The less the two heaps share the same scores, the better. Right of the limit an alarm is raised.",
        plot.svg(
            *bars,
            plot.line(plot.x, (0, 0), "zero"),
            *plot.limit(evaluation.limit),
            label="Histogram of the scores of normal and anomalous recordings, with the limit",
        ),
        numbers,
        _legend(("c0", "normal, upwards"), ("c1", "anomalous, downwards")),
    )


def _histogram_bar(plot: _Plot, span: tuple[float, float], count: int, name: str) -> _Markup:
    """One bar, upwards for normal recordings and downwards for anomalous ones."""
    x, end = (float(v) for v in plot.px(span))
    y, base = sorted(float(v) for v in plot.py((0, count)))
    kind = "bar c0" if count > 0 else "bar c1"
    said = _el("title", f"{abs(count)} {name}, score {span[0]:.3g} to {span[1]:.3g}")
    return _el("rect", said, x=x + 0.5, y=y, width=end - x - 1, height=base - y, class_=kind)


def _roc_figure(evaluation: Evaluation) -> _Markup:
    plot = _Plot(
        x=(0, 1), y=(0, 1), x_label="false alarms among normal", y_label="heard among anomalous"
    )
    fpr, tpr, _ = metrics.roc(*evaluation.scores())
    equal_fpr, equal_tpr, _ = metrics.roc(*evaluation.scores("rms_normalised"))
    early = np.linspace(0, metrics.MAX_FPR, 50)
    counted = evaluation.at_limit
    said = f"At the limit: {_percent(counted.recall)} heard, {_percent(counted.false_positive_rate)} false alarms"
    shares = (0.01, 0.05, 0.1, 0.2, 0.5)
    numbers = _table(
        ("False alarms up to", "Heard as recorded", "Heard, equally loud"),
        (
            (
                f"{_percent(s)}",
                f"{_percent(tpr[fpr <= s].max(), 1)}",
                f"{_percent(equal_tpr[equal_fpr <= s].max(), 1)}",
            )
            for s in shares
        ),
        caption="What could be heard at a given share of false alarms",
        words=0,
    )
    return _figure(
        "What each false alarm buys (ROC)",
        "The curve hugs the upper left corner when faults are heard before false alarms begin. "
        "Shaded: the part that pAUC looks at.",
        plot.svg(
            plot.area(early, np.interp(early, fpr, tpr), "shade"),
            plot.line([0, 1], [0, 1], "chance"),
            plot.line(equal_fpr, equal_tpr, "curve second"),
            plot.line(fpr, tpr, "curve"),
            plot.dot(counted.false_positive_rate, counted.recall, said),
            plot.note("guessing", 0.74, 0.68),
            label=f"ROC curve, area {evaluation.columns['as_recorded'].auc:.3f}. {said}.",
        ),
        numbers,
        _legend(
            ("stroke", "as recorded"), ("stroke second", "equally loud"), ("round", "at the limit")
        ),
    )


def _pr_figure(evaluation: Evaluation) -> _Markup:
    plot = _Plot(x=(0, 1), y=(0, 1), x_label="heard among anomalous", y_label="right among alarms")
    precision, recall, _ = metrics.precision_recall(*evaluation.scores())
    base = evaluation.n_anomaly / len(evaluation.rows)
    counted = evaluation.at_limit
    said = f"At the limit: {_percent(counted.recall)} heard, {_percent(counted.precision)} of alarms right"
    shares = (0.25, 0.5, 0.75, 0.9, 1.0)
    numbers = _table(
        ("Heard at least", "Alarms that are right"),
        ((f"{_percent(s)}", f"{_percent(precision[recall >= s].max(), 1)}") for s in shares),
        caption="How many alarms are right at a given share heard",
        words=0,
    )
    alarms = counted.tp + counted.fp
    dot = [plot.dot(counted.recall, counted.precision, said)] if alarms else []
    legend = [("stroke", "as recorded"), *([("round", "at the limit")] if alarms else [])]
    return _figure(
        "How many alarms are right (precision and recall)",
        f"Here {_percent(base)} of the recordings are anomalous; in use faults are far rarer, and so are right alarms.",
        plot.svg(
            plot.line([0, 1], [base, base], "chance"),
            # The end at (0, 1) is a convention; no limit reaches it.
            plot.line(recall[recall > 0], precision[recall > 0], "curve"),
            *dot,
            plot.note("always alarm", 0.02, base, "note up"),
            label="Precision-recall curve, average precision "
            f"{evaluation.columns['as_recorded'].average_precision:.3f}. {said}.",
        ),
        numbers,
        _legend(*legend),
    )


def _f1_figure(evaluation: Evaluation) -> _Markup:
    bins = _histogram(evaluation)
    ends = (float(bins.edges[0]), float(bins.edges[-1]))
    plot = _Plot(x=ends, y=(0, 1), log_x=bins.log, x_label="limit (score)", y_label="F1")
    normal, anomaly = evaluation.scores()
    limits, f1 = metrics.f1_curve(normal, anomaly)
    limits, f1 = np.r_[ends[0], limits, ends[1]], np.r_[f1[0], f1, f1[-1]]
    always = evaluation.always_alarm_f1
    chosen = [
        (f"{q} % of normal recordings stay below", float(np.quantile(normal, q / 100)))
        for q in (50, 90, 95, 99, 100)
    ]
    if math.isfinite(evaluation.limit):
        chosen.insert(0, ("the bundle's limit", evaluation.limit))
    numbers = _table(
        ("Limit", "Score", "F1"),
        ((name, f"{at:.3g}", f"{metrics.f1_at(normal, anomaly, at):.3f}") for name, at in chosen),
        caption="F1 at some limits",
    )
    return _figure(
        "F1 against the limit",
        f"Always raising the alarm scores {always:.2f} here: a peak hardly above the dashed line means little.",
        plot.svg(
            plot.line([ends[0], ends[1]], [always, always], "chance"),
            plot.line(np.repeat(limits, 2)[1:], np.repeat(f1, 2)[:-1], "curve"),
            *plot.limit(evaluation.limit),
            plot.note("always alarm", ends[1], always, "note end up"),
            label=f"F1 against the limit; always raising the alarm scores {always:.2f}",
        ),
        numbers,
        _legend(("stroke", "as recorded")),
    )


def _confusion_figure(evaluation: Evaluation) -> _Markup:
    counted = evaluation.at_limit
    cells = (
        (0, 0, counted.tn, evaluation.n_normal, "rightly quiet", "c0"),
        (1, 0, counted.fp, evaluation.n_normal, "false alarms", "bad"),
        (0, 1, counted.fn, evaluation.n_anomaly, "missed", "bad"),
        (1, 1, counted.tp, evaluation.n_anomaly, "heard", "c1"),
    )
    marks = []
    for column, row, count, whole, name, kind in cells:
        x, y, share = 112 + column * 202, 40 + row * 130, count / whole
        marks += [
            _el(
                "rect",
                x=x,
                y=y,
                width=196,
                height=124,
                rx=8,
                class_=f"cell {kind}",
                fill_opacity=0.08 + 0.34 * share,
            ),
            _el("text", str(count), x=x + 98, y=y + 62, class_="big mid"),
            _el("text", f"{name}, {_percent(share)}", x=x + 98, y=y + 90, class_="mid"),
        ]
    for text, x, y, kind in (
        ("called normal", 210, 26, "name mid"),
        ("called anomalous", 412, 26, "name mid"),
        ("normal", 100, 106, "name end"),
        ("anomalous", 100, 236, "name end"),
    ):
        marks.append(_el("text", text, x=x, y=y, class_=kind))
    said = (
        f"Of {evaluation.n_normal} normal recordings {counted.fp} raised a false alarm; "
        f"of {evaluation.n_anomaly} anomalous ones {counted.fn} were missed."
    )
    numbers = _table(
        ("Recordings", "Called normal", "Called anomalous"),
        (
            ("normal", str(counted.tn), str(counted.fp)),
            ("anomalous", str(counted.fn), str(counted.tp)),
        ),
        caption="Decisions at the bundle's limit",
    )
    return _figure(
        "Decisions at the limit",
        f"{said} F1 {counted.f1:.2f}, precision {counted.precision:.2f}, recall {counted.recall:.2f}.",
        _el("svg", *marks, viewBox="0 0 520 304", role="img", aria_label=said),
        numbers,
    )


def _map_figure(evaluation: Evaluation, *, tsne: bool) -> _Markup | None:
    points = _embedding_map(evaluation, tsne=tsne)
    if points is None:
        return None
    labels = _labels(points.rows)
    colour = {label: f"c{min(i, 5)}" for i, label in enumerate(labels)}
    plot = _Plot(
        x=_padded(points.points[:, 0]),
        y=_padded(points.points[:, 1]),
        x_label=points.x_label,
        y_label=points.y_label,
    )
    places = zip(
        plot.px(points.points[:, 0]), plot.py(points.points[:, 1]), points.rows, strict=True
    )
    marks = [_marker(float(x), float(y), row, colour[row.label]) for x, y, row in places]
    of = {label: points.points[[row.label == label for row in points.rows]] for label in labels}
    numbers = _table(
        ("Label", "Recordings", "Centre x", "Centre y", "Spread x", "Spread y"),
        (
            (label, str(len(p)), *(f"{v:.2f}" for v in (*p.mean(axis=0), *p.std(axis=0))))
            for label, p in of.items()
        ),
        caption="Where the recordings of each label lie on the map",
    )
    left_out = (
        f" {points.left_out} recordings are left out of the picture." if points.left_out else ""
    )
    return _figure(
        "How alike the recordings sound",
        f"Each mark is a recording; near ones sound alike to the bundle.{left_out}",
        plot.svg(*marks, label="Map of the recordings' embeddings, coloured by label"),
        numbers,
        _legend(
            *(
                (f"{colour[label]}{' round' if label == 'normal' else ' diamond'}", label)
                for label in labels
            )
        ),
    )


def _padded(values: Array) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = 0.06 * (high - low) or 1.0
    return low - margin, high + margin


def _marker(x: float, y: float, row: Row, colour: str) -> _Markup:
    """A round mark for normal, a diamond for what is not: told apart without colour too."""
    said = _el("title", f"{row.title}: {row.label}, score {row.score:.3g}")
    if row.is_normal:
        return _el("circle", said, cx=x, cy=y, r=3.6, class_=f"mark {colour}")
    d = f"M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5Z"
    return _el("path", said, d=d, class_=f"mark {colour}")


# ── The worst misses ─────────────────────────────────────────────────────────────────────────────────────────────────


def _misses(evaluation: Evaluation, listen: int) -> list[_Markup]:
    ranked = sorted(evaluation.rows, key=lambda row: row.score)
    quiet = [row for row in ranked if not row.is_normal][:listen]
    loud = [row for row in reversed(ranked) if row.is_normal][:listen]
    used = 0
    parts: list[_Markup] = []
    for title, rows in (
        ("Anomalous recordings that it found least strange", quiet),
        ("Normal recordings that it found strangest", loud),
    ):
        cards = []
        for row in rows:
            card, size = _miss(evaluation, row, MAX_SOUND_BYTES - used)
            cards.append(card)
            used += size
        parts += [_el("h3", title), _el("div", *cards, class_="grid small")]
    return parts


def _miss(evaluation: Evaluation, row: Row, room_bytes: int) -> tuple[_Markup, int]:
    """A card with the recording's picture and sound, and how many bytes of sound it holds."""
    size = 0
    try:
        sound, start_s = _excerpt(row, min(LISTEN_HZ, evaluation.sample_rate_hz))
    except AuscultError as error:
        shown = [_el("p", f"It can't be played: {error}", class_="muted")]
    else:
        shown = [_spectrogram(row, sound, start_s)]
        data = _wav_uri(sound)
        if len(data) <= room_bytes:
            size = len(data)
            shown.append(_el("audio", src=data, controls=True, aria_label=f"Play {row.title}"))
        else:
            shown.append(_el("p", "Left out of the page to keep it small.", class_="muted"))
    wrong = row.is_anomaly == row.is_normal
    verdict = {
        (True, True): "false alarm",
        (True, False): "rightly quiet",
        (False, False): "missed",
        (False, True): "heard",
    }[row.is_normal, row.is_anomaly]
    facts = [
        f"score {row.score:.3g}",
        *([f"{row.ratio:.2f} × limit"] if math.isfinite(row.ratio) else []),
        f"{row.level_db:.0f} dBFS".replace("-", "−"),
        _unit_name(row.machine, row.unit, row.domain) if row.machine or row.unit else row.label,
    ]
    text = [_el("p", row.explanation.text)] if row.explanation else []
    card = _el(
        "article",
        _el(
            "h4",
            row.title,
            " ",
            _el("span", verdict, class_="tag bad" if wrong else "tag"),
            title=row.name,
        ),
        _el("p", " · ".join(facts), class_="muted"),
        *text,
        *shown,
        class_="card",
    )
    return card, size


def _excerpt(row: Row, rate_hz: int) -> tuple[Sound, float]:
    """At most ten seconds, the explained stretch in the middle, loud enough to hear; and where they start."""
    start_s = 0.0
    if row.explanation:
        middle_s = (row.explanation.start_s + row.explanation.end_s) / 2
        start_s = float(np.clip(middle_s - LISTEN_S / 2, 0, max(row.duration_s - LISTEN_S, 0)))
    if row.clip.sound is None:
        first_s = row.clip.start_s + start_s
        goes_on = row.duration_s > start_s + LISTEN_S
        clip = replace(
            row.clip, start_s=first_s, end_s=first_s + LISTEN_S if goes_on else row.clip.end_s
        )
    else:
        clip = replace(row.clip, sound=_cut(row.clip.sound, start_s))
    with warnings.catch_warnings():
        # What there is to say about the file was said when it was scored.
        warnings.simplefilter("ignore", AuscultWarning)
        sound = sound_of(clip, rate_hz=rate_hz)
    rms = float(np.sqrt(np.mean(np.square(sound.samples, dtype=np.float64))))
    peak = float(np.abs(sound.samples).max(initial=0))
    gain = min(LISTEN_RMS / rms, 0.99 / peak) if rms else 1.0
    return Sound(samples=sound.samples * np.float32(gain), rate_hz=rate_hz), start_s


def _cut(sound: Sound, start_s: float) -> Sound:
    start = round(start_s * sound.rate_hz)
    end = start + round(LISTEN_S * sound.rate_hz)
    return Sound(samples=sound.samples[start:end], rate_hz=sound.rate_hz)


def _wav_uri(sound: Sound) -> str:
    """The sound as a 16-bit WAV inside an address."""
    file = io.BytesIO()
    sf.write(file, sound.samples, sound.rate_hz, format="WAV", subtype="PCM_16")
    return "data:audio/wav;base64," + base64.b64encode(file.getvalue()).decode()


def _spectrogram(row: Row, sound: Sound, start_s: float) -> _Markup:
    """A picture of the sound over time and frequency, the explained part framed."""
    top_hz = sound.rate_hz / 2
    plot = _Plot(
        x=(start_s, start_s + sound.duration_s),
        y=(0, float(hz_to_mel(top_hz, "slaney"))),
        x_label="seconds",
        y_label="",
        width=360,
        height=190,
        left=40,
        top=6,
        bottom=38,
        right=6,
    )
    base, end = plot.height - plot.bottom, plot.width - plot.right
    marks = [
        _el(
            "image",
            href=_picture_uri(sound),
            x=plot.left,
            y=plot.top,
            width=end - plot.left,
            height=base - plot.top,
            preserveAspectRatio="none",
        )
    ]
    for hz in (500, 1000, 2000, 4000, 8000):
        if hz < top_hz:
            y = float(plot.py(hz_to_mel(hz, "slaney")))
            marks.append(
                _el("text", _short(hz / 1000), x=plot.left - 6, y=y + 4, class_="tick end")
            )
    for second in _ticks(*plot.x):
        x = float(plot.px(second))
        marks.append(_el("text", _short(second), x=x, y=base + 15, class_="tick mid"))
    middle = (plot.left + end) / 2
    marks.append(_el("text", "seconds", x=middle, y=plot.height - 5, class_="name mid"))
    turned = f"translate(11 {(plot.top + base) / 2:g}) rotate(-90)"
    marks.append(_el("text", "kHz", class_="name mid", transform=turned))
    if row.explanation:
        why = row.explanation
        x0, x1 = (float(v) for v in plot.px([why.start_s, why.end_s]))
        y1, y0 = (
            float(v) for v in plot.py(hz_to_mel(np.array([why.low_hz, why.high_hz]), "slaney"))
        )
        marks.append(
            _el("rect", x=x0, y=y0, width=max(x1 - x0, 2), height=max(y1 - y0, 2), class_="frame")
        )
    return _el(
        "svg",
        *marks,
        viewBox=f"0 0 {plot.width} {plot.height}",
        role="img",
        aria_label=f"Spectrogram of {row.title}, {sound.duration_s:.1f} s"
        + (", with the explained part framed" if row.explanation else ""),
    )


def _picture_uri(sound: Sound) -> str:
    """Log-mel power as a PNG inside an address, the loudest on top of 60 dB."""
    hop = max(128, len(sound.samples) // 480)
    db = log_mel_db(sound.samples, rate_hz=sound.rate_hz, n_fft=1024, hop=hop, n_bands=96)
    top = float(np.percentile(db, 99.8))
    low = max(float(np.percentile(db, 2)), top - 60)
    shade = np.clip((db - low) / max(top - low, 1.0), 0, 1)
    return "data:image/png;base64," + base64.b64encode(_png(shade[::-1])).decode()


# From dark to light, evenly in lightness, readable in grey and with any colour vision.
_INK = ((0, 0, 4), (28, 16, 68), (79, 18, 123), (129, 37, 129), (181, 54, 122), (229, 80, 100), (251, 135, 97), (254, 194, 135), (252, 253, 191))  # fmt: skip


def _png(shade: NDArray[np.floating[Any]]) -> bytes:
    """An indexed PNG of values from 0 to 1, shape (rows, columns)."""
    stops = np.asarray(_INK, float)
    at = np.linspace(0, len(stops) - 1, 256)
    palette = np.stack(
        [np.interp(at, np.arange(len(stops)), stops[:, i]) for i in range(3)], axis=1
    )
    height, width = shade.shape
    # Every row of a PNG begins with the number of its filter: 0, none.
    rows = np.pad((shade * 255).round().astype(np.uint8), ((0, 0), (1, 0)))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            chunk(b"PLTE", palette.round().astype(np.uint8).tobytes()),
            chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)),
            chunk(b"IEND", b""),
        )
    )


# ── The page ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _page(evaluation: Evaluation, listen: int, *, tsne: bool) -> _Markup:
    title = f"How well {evaluation.bundle} hears"
    head = _el(
        "head",
        _el("meta", charset="utf-8"),
        _el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        _el("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        _el("title", title),
        _el("style", _Markup(_STYLE)),
    )
    drawn = [
        _histogram_figure(evaluation),
        _confusion_figure(evaluation),
        _roc_figure(evaluation),
        _pr_figure(evaluation),
        _f1_figure(evaluation),
        _map_figure(evaluation, tsne=tsne),
    ]
    sections = [
        _section("In short", *_in_short(evaluation)),
        _section("Three ways of playing the same recordings", *_three_ways(evaluation)),
        _section("Figures", _el("div", *(f for f in drawn if f), class_="grid")),
        _section("Machine by machine", *_by_unit(evaluation)),
    ]
    if evaluation.dcase:
        sections.append(_section("Official DCASE score", *_official(evaluation)))
    if listen > 0:
        hint = "At most ten seconds of each, brought to equal loudness for listening."
        sections.append(
            _section(
                "The worst misses", _el("p", hint, class_="muted"), *_misses(evaluation, listen)
            )
        )
    if evaluation.skipped:
        rows = [(item.name, item.error) for item in evaluation.skipped]
        listing = _table(
            ("Recording", "Why"), rows, caption="Recordings that could not be scored", words=2
        )
        sections.append(_section("Skipped", _el("div", listing, class_="card")))
    sections.append(_section("How this was measured", _method(evaluation)))
    n = f"{evaluation.n_normal} normal and {evaluation.n_anomaly} anomalous recordings"
    top = _el("header", _el("h1", title), _el("p", n, class_="muted"))
    return _el("html", head, _el("body", _el("main", top, *sections)), lang="en")


def _section(title: str, *content: str) -> _Markup:
    return _el("section", _el("h2", title), *content)


def _in_short(evaluation: Evaluation) -> list[_Markup]:
    counted, first = evaluation.at_limit, evaluation.columns["as_recorded"]
    tiles = (
        (f"{first.auc:.2f}", "AUC as recorded", f"95 %: {_interval(first.ci95)}; guessing 0.50"),
        (
            f"{counted.tp} of {evaluation.n_anomaly}",
            "anomalies heard",
            f"at the limit, {_percent(counted.recall)}",
        ),
        (
            f"{counted.fp} of {evaluation.n_normal}",
            "false alarms",
            f"at the limit, {_percent(counted.false_positive_rate)}",
        ),
        (f"{evaluation.level_auc:.2f}", "AUC of loudness alone", "what a level meter would reach"),
    )
    cards = [
        _el("div", _el("strong", big), _el("span", name), _el("small", more), class_="card tile")
        for big, name, more in tiles
    ]
    sentences = [_el("p", sentence, class_="lead") for sentence in summary(evaluation)]
    notes = [_el("li", text) for text in cautions(evaluation)]
    careful = [
        _el("div", _el("h3", "Before you believe it"), _el("ul", *notes), class_="card careful")
    ]
    return [_el("div", *cards, class_="tiles"), *sentences, *(careful if notes else [])]


def _three_ways(evaluation: Evaluation) -> list[_Markup]:
    rows: list[Sequence[str]] = []
    for name in COLUMNS:
        column = evaluation.columns[name]
        rows.append(
            (
                _COLUMN_TITLES[name],
                f"{column.auc:.3f}",
                _interval(column.ci95),
                _bar(column.auc, column.ci95),
                f"{column.pauc:.3f}",
                _interval(column.pauc_ci95),
                f"{column.average_precision:.3f}",
            )
        )
    rows.append(
        (
            "Loudness alone",
            f"{evaluation.level_auc:.3f}",
            "",
            _bar(evaluation.level_auc),
            "",
            "",
            "",
        )
    )
    head = ("", "AUC", "95 %", "0 to 1, tick at guessing", "pAUC", "95 %", "Average precision")
    text = (
        "Clips of one kind often come from one day with one microphone setting, so loudness can give the answer away. "
        "A bundle that hears the fault itself loses little from the first row to the third."
    )
    caption = "The same recordings as they are, at equal loudness, and at random gain"
    return [_el("p", text), _el("div", _table(head, rows, caption=caption), class_="card")]


def _bar(value: float, ends: tuple[float, float] | None = None) -> _Markup:
    """A small picture of a figure from 0 to 1 with its interval."""
    marks = [
        _el("rect", x=0, y=6, width=120, height=4, rx=2, class_="track"),
        _el("line", x1=60, x2=60, y1=2, y2=14, class_="axis"),
        _el("rect", x=0, y=6, width=120 * value, height=4, rx=2, class_="fill"),
    ]
    if ends:
        x0, x1 = 120 * ends[0], 120 * ends[1]
        marks.append(_el("line", x1=x0, x2=x1, y1=8, y2=8, class_="whisker"))
    marks.append(_el("circle", cx=120 * value, cy=8, r=4, class_="knob"))
    return _el("svg", *marks, viewBox="-6 0 132 16", class_="spark", aria_hidden="true")


def _by_unit(evaluation: Evaluation) -> list[_Markup]:
    head = ("Machine", "Unit", "Domain", "Normal", "Anomalous", "AUC", "", "pAUC", "Equally loud", "Random gain", "Loudness alone", "Heard", "False alarms")  # fmt: skip
    rows = [
        (
            unit.machine or "–",
            unit.unit or "–",
            unit.domain or "–",
            str(unit.n_normal),
            str(unit.n_anomaly),
            _number(unit.auc),
            "" if unit.auc is None else _bar(unit.auc),
            _number(unit.pauc),
            _number(unit.auc_rms_normalised),
            _number(unit.auc_random_gain),
            _number(unit.level_auc),
            _percent(unit.recall),
            _percent(unit.false_positive_rate),
        )
        for unit in evaluation.units
    ]
    text = "A unit with few recordings may lie far off by luck alone: read them together, never one by itself."
    listing = _table(head, rows, caption="Figures of every machine, unit and domain", words=3)
    return [_el("p", text), _el("div", listing, class_="card")]


def _official(evaluation: Evaluation) -> list[_Markup]:
    rows = [
        (rule.rule, "–" if rule.score is None else f"{100 * rule.score:.2f} %", rule.why_not)
        for rule in evaluation.dcase
    ]
    text = (
        "By the rule of each year; the one that counts is that of the year the recordings are from."
    )
    listing = _table(("Year", "Score", ""), rows, caption="Official score, as recorded")
    return [_el("p", text), _el("div", listing, class_="card")]


def _method(evaluation: Evaluation) -> _Markup:
    reference = f"{evaluation.level_reference_db:.1f} dBFS".replace("-", "−")
    known = {
        "learned": "the level learned",
        "test normals": "the median of the normal recordings here",
    }
    lines = (
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
        "Decisions are the bundle's own, as recorded. Every label but “normal” counts as anomalous.",
    )
    return _el("ul", *(_el("li", line) for line in lines), class_="muted")


_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:"
_STYLE = """
:root{color-scheme:light dark;--page:#f5f6f4;--card:#fff;--ink:#17201f;--soft:#5a6664;--line:#e2e6e3;--axis:#8b9694;
--c0:#1f6fb2;--c1:#d2561a;--c2:#6b4fb3;--c3:#0f8a6b;--c4:#b3881a;--c5:#a83a6e;--bad:#c0392b;--careful:#fdf6e3;--edge:#e3c770}
@media (prefers-color-scheme:dark){:root{--page:#101416;--card:#181d20;--ink:#e8eceb;--soft:#9aa6a5;--line:#2a3135;
--axis:#66726f;--c0:#62aef0;--c1:#ff9457;--c2:#b39cf5;--c3:#46cfa6;--c4:#e3c04d;--c5:#f08ab8;--bad:#ff7b6b;--careful:#262114;
--edge:#6b5a24}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,"Segoe UI","Noto Sans",sans-serif}
main{max-width:1180px;margin:0 auto;padding:40px 24px 72px}
h1{font-size:2rem;line-height:1.2;margin:0;letter-spacing:-.02em;overflow-wrap:anywhere}
h2{font-size:1.3rem;margin:48px 0 12px;letter-spacing:-.01em}
h3{font-size:1.02rem;margin:0 0 4px}
h4{font-size:.95rem;margin:0;overflow-wrap:anywhere}
section>h3{margin:24px 0 12px}
p{margin:0 0 12px;max-width:75ch}
header p{margin-top:6px}
.lead{font-size:1.06rem}
.muted,figcaption,small,caption{color:var(--soft)}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:18px 20px;margin:0;min-width:0}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:18px}
.grid.small{grid-template-columns:repeat(auto-fit,minmax(min(100%,310px),1fr))}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(220px,1fr));gap:14px;margin-bottom:22px}
.tile{display:flex;flex-direction:column;padding:16px 18px}
.tile strong{font-size:1.9rem;line-height:1.2;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.tile span{font-weight:600}
.tile small{font-size:.85rem}
.careful{background:var(--careful);border-color:var(--edge);margin-top:18px}
.careful ul{margin:6px 0 0;padding-left:20px}
figcaption{font-size:.92rem;margin-bottom:10px;min-height:2.9em}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{fill:var(--ink);font-size:13px}
svg .tick,svg .note{fill:var(--soft);font-size:12px;font-variant-numeric:tabular-nums}
svg .name{fill:var(--soft);font-size:13px}
svg .note{paint-order:stroke;stroke:var(--card);stroke-width:4px;stroke-linejoin:round}
svg .big{font-size:34px;font-weight:650}
.mid{text-anchor:middle}.end{text-anchor:end}.up{transform:translateY(-6px)}
.grid-line,.grid line.grid,line.grid{stroke:var(--line);stroke-width:1}
line.axis{stroke:var(--axis);stroke-width:1}
.curve{fill:none;stroke:var(--c0);stroke-width:2.4;stroke-linejoin:round}
.curve.second{stroke:var(--c2);stroke-width:1.8;stroke-dasharray:2 4;stroke-linecap:round}
.chance{fill:none;stroke:var(--axis);stroke-width:1.4;stroke-dasharray:6 5}
.shade{fill:var(--c0);opacity:.14}
.zero{stroke:var(--axis);stroke-width:1}
.limit{stroke:var(--ink);stroke-width:1.6;stroke-dasharray:3 3}
.dot{fill:var(--card);stroke:var(--ink);stroke-width:2.4}
.bar{fill-opacity:.62;stroke-width:1}
.mark{fill-opacity:.72;stroke:var(--card);stroke-width:.8}
.frame{fill:none;stroke:#fff;stroke-width:2;stroke-dasharray:5 3}
.c0{fill:var(--c0);background:var(--c0)}.c1{fill:var(--c1);background:var(--c1)}.c2{fill:var(--c2);background:var(--c2)}
.c3{fill:var(--c3);background:var(--c3)}.c4{fill:var(--c4);background:var(--c4)}.c5{fill:var(--c5);background:var(--c5)}
.cell.bad{fill:var(--bad)}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:.88rem;color:var(--soft);margin:0 0 8px}
.legend span{display:inline-flex;align-items:center;gap:7px}
.key{width:12px;height:12px;border-radius:3px;display:inline-block}
.key.round{border-radius:50%}
.key.round:not(.c0){border:2.4px solid var(--ink)}
.key.diamond{border-radius:1px;transform:rotate(45deg) scale(.8)}
.key.stroke{height:0;width:20px;border-radius:0;border-top:3px solid var(--c0);background:none}
.key.stroke.second{border-top:3px dotted var(--c2)}
.scroll{overflow-x:auto}
.scroll:focus-visible,summary:focus-visible{outline:2px solid var(--c0);outline-offset:3px}
table{border-collapse:collapse;width:100%;font-size:.93rem}
caption{text-align:left;font-size:.85rem;padding-bottom:8px}
th,td{padding:8px 10px;border-bottom:1px solid var(--line);vertical-align:middle}
tbody tr:last-child td{border-bottom:0}
th{font-weight:600;color:var(--soft);font-size:.85rem;vertical-align:bottom}
.t{text-align:left;overflow-wrap:break-word}
th.t{white-space:nowrap}
td.t:first-child{min-width:6.5em}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
th.n{white-space:normal}
.spark{width:132px;min-width:110px;display:inline-block;vertical-align:middle}
.track{fill:var(--line)}.fill{fill:var(--c0);opacity:.35}.knob{fill:var(--c0)}.whisker{stroke:var(--c0);stroke-width:4;opacity:.55}
details{margin-top:8px;font-size:.9rem}
summary{cursor:pointer;color:var(--soft)}
.tag{font-size:.78rem;font-weight:600;color:var(--soft);border:1px solid var(--line);border-radius:99px;padding:1px 9px;
white-space:nowrap}
.tag.bad{color:var(--bad);border-color:currentColor}
article p{margin:4px 0 8px;font-size:.92rem}
audio{width:100%;margin-top:10px;height:40px}
@media print{body{background:#fff}.card{break-inside:avoid}audio,details{display:none}}
"""


# ── The same figures as PNG ──────────────────────────────────────────────────────────────────────────────────────────

_BLUE, _ORANGE, _GREY = "#1f6fb2", "#d2561a", "#8b9694"
_COLOURS = (_BLUE, _ORANGE, "#6b4fb3", "#0f8a6b", "#b3881a", "#a83a6e")
_Painting = Any


def _paintings(evaluation: Evaluation, *, tsne: bool) -> Iterator[tuple[str, _Painting]]:
    """Names of the figures and what draws each on matplotlib axes."""
    yield "scores", partial(_paint_scores, evaluation)
    yield "roc", partial(_paint_roc, evaluation)
    yield "precision_recall", partial(_paint_pr, evaluation)
    yield "f1_against_limit", partial(_paint_f1, evaluation)
    yield "confusion", partial(_paint_confusion, evaluation)
    points = _embedding_map(evaluation, tsne=tsne)
    if points is not None:
        yield "embedding_map", partial(_paint_map, points)


def _paint_scores(evaluation: Evaluation, axes: "Axes") -> None:
    bins = _histogram(evaluation)
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
        axes.plot(fpr, tpr, color=colour, label=f"{_COLUMN_TITLES[name]}, AUC {auc:.3f}")
    axes.plot([0, 1], [0, 1], color=_GREY, linestyle="--", label="guessing")
    counted = evaluation.at_limit
    axes.plot(counted.false_positive_rate, counted.recall, "o", color="black", label="at the limit")
    axes.set(xlabel="false alarms among normal", ylabel="heard among anomalous", title="ROC")
    axes.legend(frameon=False, loc="lower right")


def _paint_pr(evaluation: Evaluation, axes: "Axes") -> None:
    precision, recall, _ = metrics.precision_recall(*evaluation.scores())
    axes.plot(recall[recall > 0], precision[recall > 0], color=_BLUE)
    axes.axhline(
        evaluation.n_anomaly / len(evaluation.rows),
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


def _paint_map(points: _Map, axes: "Axes") -> None:
    for i, label in enumerate(_labels(points.rows)):
        chosen = points.points[[row.label == label for row in points.rows]]
        marker = "o" if label == "normal" else "D"
        colour = _COLOURS[min(i, len(_COLOURS) - 1)]
        axes.scatter(
            chosen[:, 0], chosen[:, 1], s=18, marker=marker, color=colour, alpha=0.75, label=label
        )
    axes.set(xlabel=points.x_label, ylabel=points.y_label, title="How alike the recordings sound")
    axes.legend(frameon=False)
