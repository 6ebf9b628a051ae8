"""What a bundle can draw again, beside what it was given: a normal recording, and those that it judged worst."""

import warnings
from collections.abc import Iterator, Sequence

import numpy as np

from auscult.errors import AuscultError, AuscultWarning
from auscult.evaluation.evaluate import Evaluation
from auscult.evaluation.inside import Rebuilt
from auscult.evaluation.judge import Row
from auscult.evaluation.markup import Markup, data_table, el
from auscult.evaluation.metrics import Array
from auscult.evaluation.misses import worst
from auscult.evaluation.page_inside import band_picture
from auscult.evaluation.page_parts import figure


def rebuilt_figures(evaluation: Evaluation) -> Iterator[Markup]:
    """A figure for each recording that is shown; nothing where the bundle draws nothing again."""
    for why, row, parts in _shown(evaluation):
        yield figure(
            f"Drawn again: {why}",
            f"{row.title}, score {row.score:.3g}. Left what it was given, right what it made of it, on one scale. "
            "What is strange to it lies where they differ.",
            el("div", *_pictures(row, parts)),
            _numbers(parts),
        )


def chosen(evaluation: Evaluation) -> list[tuple[str, Row]]:
    """A normal recording as most are, the strangest anomalous one, and the worst miss of either kind; none of them twice."""
    heard = [row for row in evaluation.rows if not row.silenced]
    normal = [row for row in heard if row.is_normal]
    anomalous = [row for row in heard if row.is_anomalous]
    quiet, loud = worst(evaluation, 1)
    every = [
        *(("a normal recording like most", row) for row in _middle(normal)),
        *(("the anomalous one found strangest", row) for row in _strangest(anomalous)),
        *(("the anomalous one found least strange", row) for row in quiet),
        *(("the normal one found strangest", row) for row in loud),
    ]
    found: dict[str, tuple[str, Row]] = {}
    for why, row in every:
        if not row.silenced:
            found.setdefault(row.name, (why, row))
    return list(found.values())


def _middle(rows: Sequence[Row]) -> Sequence[Row]:
    """The one whose score is in the middle."""
    ranked = sorted(rows, key=lambda row: row.score)
    return ranked[(len(ranked) - 1) // 2 :][:1]


def _strangest(rows: Sequence[Row]) -> Sequence[Row]:
    return [max(rows, key=lambda row: row.score)] if rows else []


def _shown(evaluation: Evaluation) -> Iterator[tuple[str, Row, tuple[Rebuilt, ...]]]:
    """Why a recording is shown, the recording, and what was drawn of it by each part."""
    inside = evaluation.inside
    if inside is None or not inside.parts_that_draw:
        return
    for why, row in chosen(evaluation):
        try:
            with warnings.catch_warnings():
                # What there is to say about the file was said when it was scored.
                warnings.simplefilter("ignore", AuscultWarning)
                parts = inside.rebuilt_of(row)
        except AuscultError:
            continue  # gone since it was scored; among the worst misses the page says so
        if parts:
            yield why, row, parts


def _pictures(row: Row, parts: Sequence[Rebuilt]) -> Iterator[Markup]:
    for part in parts:
        if part.part:
            yield el("p", part.part, class_="muted")
        pair = (
            band_picture(
                shade,
                x=(part.start_s, part.end_s),
                centres_hz=part.centres_hz,
                said=f"{row.title} {words}",
            )
            for shade, words in zip(
                _shades(part), ("as it was given", "as it was drawn again"), strict=True
            )
        )
        yield el("div", *pair, class_="pair")


def _shades(part: Rebuilt) -> tuple[Array, Array]:
    """Both from 0 to 1 on the scale of the original, high bands first."""
    low, top = np.percentile(part.original, [2.0, 99.8])
    original, rebuilt = (
        np.clip((one[::-1] - low) / max(top - low, 1.0), 0, 1)
        for one in (part.original, part.rebuilt)
    )
    return original, rebuilt


def _numbers(parts: Sequence[Rebuilt]) -> Markup:
    rows = [
        (
            part.part or "all of it",
            f"{part.error_db:.1f}",
            f"{part.original.std():.1f}",
            *_worst_band(part),
        )
        for part in parts
    ]
    head = ("Part", "Error in dB", "Deviation of the original in dB", "Worst band in Hz", "Its error in dB")  # fmt: skip
    return data_table(head, rows, caption="How far what was drawn is from what was given")


def _worst_band(part: Rebuilt) -> tuple[str, str]:
    errors_db = part.errors_db
    band = int(errors_db.argmax())
    hz = f"{part.centres_hz[band]:.0f}" if part.centres_hz else "–"
    return hz, f"{errors_db[band]:.1f}"
