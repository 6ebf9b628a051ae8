"""The worst misses, to look at and listen to: a card each, with picture and sound."""

import base64
import io
import math
import warnings
from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain

import numpy as np
import soundfile as sf

from auscult.audio.sound import Sound
from auscult.errors import AudioError, AuscultError, AuscultWarning
from auscult.evaluation.evaluate import KEPT_SOUNDS, Evaluation
from auscult.evaluation.inside import shown_clip, shown_from_s
from auscult.evaluation.judge import Row, sound_of
from auscult.evaluation.markup import Markup, el
from auscult.evaluation.page_inside import map_picture
from auscult.evaluation.spectrogram import spectrogram
from auscult.evaluation.words import decibels, percent, unit_name

LISTEN_HZ = 16_000
LISTEN_RMS = 0.1
MAX_SOUND_BYTES = 8_000_000
"""All recordings of a page together; a page should still open from an e-mail."""

_Hear = Callable[[Row], tuple[Sound, float]]

_VERDICTS = {
    # is it normal, did it raise an alarm
    (True, True): "false alarm",
    (True, False): "rightly quiet",
    (False, False): "missed",
    (False, True): "heard",
}


def worst(evaluation: Evaluation, listen: int) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """The anomalous recordings found least strange and the normal ones found strangest, at most `listen` of each."""
    ranked = sorted(evaluation.rows, key=lambda row: row.score)
    quiet = [row for row in ranked if row.is_anomalous]
    loud = [row for row in reversed(ranked) if row.is_normal]
    return tuple(quiet[:listen]), tuple(loud[:listen])


def surest_mistakes(evaluation: Evaluation, listen: int) -> tuple[Row, ...]:
    """Recordings of known classes that were given another name, the surest first."""
    wrong = [row for row in evaluation.rows if row.is_mistaken]
    return tuple(sorted(wrong, key=lambda row: -max(row.probabilities.values()))[:listen])


def mistakes(evaluation: Evaluation, listen: int) -> list[Markup]:
    """Cards of the recordings that were given the wrong name; nothing where there are none."""
    cards = _cards(evaluation, surest_mistakes(evaluation, listen), _misnamed)
    return [el("div", *cards, class_="grid small")] if cards else []


def misses(evaluation: Evaluation, listen: int) -> list[Markup]:
    """Headings and cards; sounds are left out from where the page would grow too large."""
    quiet, loud = worst(evaluation, listen)
    cards = _cards(evaluation, chain(quiet, loud), _decided)
    return [
        el("h3", "Anomalous recordings that it found least strange"),
        el("div", *cards[: len(quiet)], class_="grid small"),
        el("h3", "Normal recordings that it found strangest"),
        el("div", *cards[len(quiet) :], class_="grid small"),
    ]


def _cards(
    evaluation: Evaluation, rows: Iterable[Row], tag: Callable[[Row], Markup]
) -> list[Markup]:
    hear = partial(
        excerpt,
        rate_hz=min(LISTEN_HZ, evaluation.sample_rate_hz),
        channel=evaluation.channel,
    )
    room_bytes = MAX_SOUND_BYTES
    cards = []
    for row in rows:
        drawn = _drawn(evaluation, row)
        card, used_bytes = _card(row, tag(row), hear, room_bytes, drawn)
        cards.append(card)
        room_bytes -= used_bytes
    return cards


def _decided(row: Row) -> Markup:
    kind = "tag bad" if row.is_anomaly == row.is_normal else "tag"
    return el("span", _VERDICTS[row.is_normal, row.is_anomaly], class_=kind)


def _misnamed(row: Row) -> Markup:
    share = max(row.probabilities.values())
    named = f"{row.label}, named {row.heard_as['as_recorded']} ({percent(share)})"
    return el("span", named, class_="tag bad")


def _drawn(evaluation: Evaluation, row: Row) -> list[Markup]:
    """What the bundle itself draws of the stretch that is shown; nothing where it draws nothing, or the sound is gone."""
    if evaluation.inside is None or row.silenced:
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AuscultWarning)
            drawn = evaluation.inside.map_of(row)
    except AuscultError:
        # The picture of the sound, just before, says why.
        return []
    return [] if drawn is None else [map_picture(drawn, title=row.title)]


def _card(
    row: Row, tag: Markup, hear: _Hear, room_bytes: int, drawn: list[Markup]
) -> tuple[Markup, int]:
    """What is known of a recording, its pictures and its sound; and how many bytes of sound that is."""
    heard, used_bytes = _heard(row, hear, room_bytes)
    card = el(
        "article",
        el("h4", row.title, " ", tag, title=row.name),
        el("p", _facts(row), class_="muted"),
        *([el("p", row.explanation.text)] if row.explanation else []),
        *heard[:1],
        *drawn,
        *heard[1:],
        class_="card",
    )
    return card, used_bytes


def _facts(row: Row) -> str:
    """What is known of it in one line, which breaks between facts only."""
    named = row.machine or row.unit
    facts = [
        f"score {row.score:.3g}",
        *([f"{row.ratio:.2f} × limit"] if math.isfinite(row.ratio) else []),
        decibels(row.level_db),
        unit_name(row.machine, row.unit, row.domain) if named else row.label,
    ]
    return "\N{NO-BREAK SPACE}· ".join(fact.replace(" ", "\N{NO-BREAK SPACE}") for fact in facts)


def _heard(row: Row, hear: _Hear, room_bytes: int) -> tuple[list[Markup], int]:
    """Picture and sound of a recording, or why they are missing; and how many bytes of sound that is."""
    try:
        sound, start_s = hear(row)
    except AuscultError as error:
        return [el("p", f"It can't be played: {error}", class_="muted")], 0
    picture = spectrogram(sound, title=row.title, start_s=start_s, explanation=row.explanation)
    data = _wav_uri(sound)
    if len(data) > room_bytes:
        return [picture, el("p", "Left out of the page to keep it small.", class_="muted")], 0
    player = el("audio", src=data, controls=True, aria_label=f"Play {row.title}")
    return [picture, player], len(data)


def excerpt(row: Row, *, rate_hz: int, channel: int | None = None) -> tuple[Sound, float]:
    """At most ten seconds, the explained stretch in the middle, loud enough to hear; and where they start, in seconds.

    Raises
    ------
    AudioError
        The recording can't be read any more, or its samples were not kept.
    """
    if row.silenced:
        raise AudioError(f"its samples were kept for the {KEPT_SOUNDS} worst of each kind only.")
    start_s = shown_from_s(row)
    with warnings.catch_warnings():
        # What there is to say about the file was said when it was scored.
        warnings.simplefilter("ignore", AuscultWarning)
        sound = sound_of(shown_clip(row, start_s), rate_hz=rate_hz, channel=channel)
    return _levelled(sound), start_s


def _levelled(sound: Sound) -> Sound:
    """As loud as the others; silence stays silent, and peaks stay below full scale."""
    rms = float(np.sqrt(np.mean(np.square(sound.samples, dtype=np.float64))))
    peak = float(np.abs(sound.samples).max(initial=0))
    gain = min(LISTEN_RMS / rms, 0.99 / peak) if rms else 1.0
    return Sound(samples=sound.samples * np.float32(gain), rate_hz=sound.rate_hz)


def _wav_uri(sound: Sound) -> str:
    """The sound as a 16-bit WAV inside an address."""
    file = io.BytesIO()
    sf.write(file, sound.samples, sound.rate_hz, format="WAV", subtype="PCM_16")
    return "data:audio/wav;base64," + base64.b64encode(file.getvalue()).decode()
