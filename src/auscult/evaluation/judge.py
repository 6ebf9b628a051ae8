"""One recording, judged three ways: as recorded, as loud as all the others, and at a random gain.

Clips of one label often come from one recording session with nearly constant loudness, so that loudness gives the answer
away. A bundle that really hears the fault loses little from the first to the third.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from auscult.audio.level import level_db, peak_db
from auscult.audio.read import read
from auscult.audio.resample import resample
from auscult.audio.sound import Sound
from auscult.datasets.clip import ANOMALY, NORMAL, Clip
from auscult.errors import AudioError, BundleError, DatasetError, MissingExtra
from auscult.runtime.manifest import OpenSet
from auscult.runtime.tta import AugmentedScorer
from auscult.runtime.verdict import ClipVerdict, Explanation

TARGET_RMS = 0.05
"""Common RMS of the second column, -26 dBFS: no machine sound with a crest factor below 20 has to be held back."""

_TARGET_DB = float(20 * np.log10(TARGET_RMS))

GAIN_RANGE_DB = 6.0
"""Random gains of the third column are drawn evenly from -6 to +6 dB."""

Pool = Literal["auto", "max", "mean"]
Side = Literal["normal", "anomaly", ""]
ColumnName = Literal["as_recorded", "rms_normalised", "random_gain"]
COLUMNS: tuple[ColumnName, ...] = ("as_recorded", "rms_normalised", "random_gain")


class _Manifest(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def sample_rate_hz(self) -> int: ...
    @property
    def level_median_db(self) -> float | None: ...
    @property
    def labels(self) -> tuple[str, ...]: ...
    @property
    def alarm_labels(self) -> tuple[str, ...]: ...
    @property
    def open_set(self) -> OpenSet | None: ...
    @property
    def pool(self) -> Literal["max", "mean"]: ...


class _Bundle(Protocol):
    @property
    def manifest(self) -> _Manifest: ...


class ClipScorer(Protocol):
    """What is asked of a scorer here; `auscult.runtime.scorer.Scorer` is one."""

    @property
    def bundle(self) -> _Bundle:
        """The bundle, with its manifest."""

    def score(self, sound: Sound, /, *, pool: Pool, explain: bool) -> ClipVerdict:
        """Judge one recording."""

    def embed(self, sound: Sound, /) -> NDArray[Any]:
        """Mean embedding of one recording, shape (dim,)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Row:
    """One recording and what the bundle made of it.

    Parameters
    ----------
    name
        The file, and the stretch where it is not the whole file.
    clip
        The labelled recording.
    score, score_rms_normalised, score_random_gain
        Score as recorded, at the common RMS, and with the random gain.
    limit, ratio
        Limit for recordings (infinite where the bundle has none), and the verdict's ratio (1.0 = at the limit).
    is_anomaly
        The bundle's own decision, as recorded.
    explanation
        What differs and where; `None` for what was judged normal.
    level_db
        RMS level in dBFS; `-inf` for silence.
    rms_gain_db, random_gain_db
        Gains of the second and third column.
    held_back
        A gain was kept smaller than its rule says because the peak would have passed full scale.
    was_learned
        The bundle learned from this very sound.
    was_held_out
        It learned nothing from this sound, but its epoch was chosen and its limits were set by it.
    duration_s
        Length of the recording.
    embedding
        Mean embedding, shape (dim,); empty where the bundle gives none.
    silenced
        The clip carried its samples and they were dropped, to hold no more sound in memory than is listened to.
    side
        What the label is to this bundle: see `side_of`.
    probabilities
        Of each of the bundle's classes, as recorded; nothing where it knows none.
    heard_as
        The class that it was named, by column.
    distance, is_known
        How far it is from all classes, and whether that is near enough to be one of them; `None` where nothing tells.
    parts
        Scores of the bundle's parts, by column, then by name; nothing where it has none.
    """

    name: str
    clip: Clip
    score: float
    score_rms_normalised: float
    score_random_gain: float
    limit: float
    ratio: float
    is_anomaly: bool
    explanation: Explanation | None = None
    level_db: float
    rms_gain_db: float
    random_gain_db: float
    held_back: bool
    was_learned: bool = False
    was_held_out: bool = False
    duration_s: float
    embedding: NDArray[Any]
    silenced: bool = False
    side: Side
    probabilities: Mapping[str, float] = field(default_factory=dict)
    heard_as: Mapping[ColumnName, str] = field(default_factory=dict)
    distance: float | None = None
    is_known: bool | None = None
    parts: Mapping[ColumnName, Mapping[str, float]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The name without the folders."""
        return Path(self.name).name

    @property
    def path(self) -> Path:
        """The file."""
        return self.clip.path

    @property
    def label(self) -> str:
        """`normal`, `anomaly`, or the name of a class."""
        return self.clip.label

    @property
    def machine(self) -> str:
        """Kind of machine."""
        return self.clip.machine

    @property
    def unit(self) -> str:
        """Individual machine or section."""
        return self.clip.unit

    @property
    def domain(self) -> str:
        """`source`, `target`, or nothing."""
        return self.clip.domain

    @property
    def is_normal(self) -> bool:
        """It counts as normal."""
        return self.side == NORMAL

    @property
    def is_anomalous(self) -> bool:
        """It counts as anomalous. What a classifier does not know is neither."""
        return self.side == ANOMALY

    @property
    def is_mistaken(self) -> bool:
        """It is of a class that the bundle knows, and was named another."""
        return self.label in self.probabilities and self.heard_as["as_recorded"] != self.label

    @property
    def recording(self) -> str:
        """What it was cut from."""
        return self.clip.group or str(self.clip.path)

    def in_column(self, column: ColumnName) -> float:
        """The score in one of the three columns."""
        return {
            "as_recorded": self.score,
            "rms_normalised": self.score_rms_normalised,
            "random_gain": self.score_random_gain,
        }[column]

    def without_sound(self) -> Self:
        """The same row without the samples that its clip carried."""
        return replace(self, clip=replace(self.clip, sound=None), silenced=True)

    def to_dict(self) -> dict[str, Any]:
        """All but the embedding, ready for JSON; what is heard of classes and by parts only where there are any."""
        known = {
            "file": self.name,
            "label": self.label,
            "machine": self.machine,
            "unit": self.unit,
            "domain": self.domain,
            "score": self.score,
            "score_rms_normalised": self.score_rms_normalised,
            "score_random_gain": self.score_random_gain,
            "ratio": finite(self.ratio),
            "is_anomaly": self.is_anomaly,
            "level_db": finite(self.level_db),
            "explanation": self.explanation.text if self.explanation else None,
        }
        if self.parts:
            known["parts"] = {column: dict(scores) for column, scores in self.parts.items()}
        if not self.probabilities:
            return known
        return known | {
            "heard_as": dict(self.heard_as),
            "probabilities": dict(self.probabilities),
            "distance": self.distance,
            "is_known": self.is_known,
        }


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A recording that could not be scored, and why."""

    name: str
    error: str


def side_of(label: str, labels: Collection[str] = (), alarm_labels: Collection[str] = ()) -> Side:
    """What a recording with a label is to a bundle.

    Parameters
    ----------
    label
        Of the recording.
    labels, alarm_labels
        Classes of the bundle, and which of them are alarms.

    Returns
    -------
    side
        To a bundle without classes, everything but `normal` is anomalous. To a classifier, its alarms are anomalous and its
        other classes normal, and so are `anomaly` and `normal`; any other class is neither.

    Examples
    --------
    >>> side_of("rattle"), side_of("rattle", ("hum", "hiss"), ("hiss",)), side_of("hum", ("hum", "hiss"), ("hiss",))
    ('anomaly', '', 'normal')
    """
    if label in labels:
        return "anomaly" if label in alarm_labels else "normal"
    if label == NORMAL:
        return "normal"
    return "anomaly" if label == ANOMALY or not labels else ""


def judge_clip(
    clip: Clip,
    *,
    scorer: ClipScorer,
    seed: int = 0,
    pool: Pool = "auto",
    channel: int | None = None,
    learned: Collection[str] = (),
    held_out: Collection[str] = (),
) -> Row | Skipped | None:
    """Read one recording once and score it three ways; what can't be scored is skipped with its reason.

    It stands by itself, so that any `map` may run it in another process.

    Parameters
    ----------
    clip
        The recording.
    scorer
        The bundle at work.
    seed
        Of the random gain.
    pool, channel
        As for the scorer.
    learned, held_out
        Beginnings of the SHA-256 of the sounds that the bundle learned from, and of those that chose its epoch.

    Returns
    -------
    result
        `None` for a recording of which nothing is said: it is not even read.
    """
    if not clip.label:
        return None
    scorer = scorer_of(scorer, clip)
    try:
        sound = sound_of(clip, rate_hz=scorer.bundle.manifest.sample_rate_hz, channel=channel)
        digest = hashlib.sha256(sound.samples.tobytes()).hexdigest() if learned or held_out else ""
        row = replace(
            _judged(clip, sound, scorer, seed, pool),
            was_learned=any(digest.startswith(known) for known in learned),
            was_held_out=any(digest.startswith(known) for known in held_out),
        )
    except (AudioError, DatasetError, MissingExtra) as error:
        return Skipped(name=clip.name, error=str(error))
    scores = [row.in_column(column) for column in COLUMNS]
    mute = scorer.bundle.manifest.labels and not row.probabilities
    if mute or not np.isfinite([*scores, *row.probabilities.values()]).all():
        return Skipped(name=clip.name, error=f"{clip.name} has no finite score: no usable sound.")
    return row


def scorer_of(scorer: ClipScorer, clip: Clip) -> ClipScorer:
    """The scorer of a recording: noisy copies depend on its name."""
    return scorer.named(clip.name) if isinstance(scorer, AugmentedScorer) else scorer


def sound_of(clip: Clip, *, rate_hz: int, channel: int | None = None) -> Sound:
    """The sound of a clip at a rate, from its file or from what it carries.

    Raises
    ------
    AudioError
        The recording can't be read.
    """
    if clip.sound is None:
        return read(
            clip.path, rate_hz=rate_hz, channel=channel, start_s=clip.start_s, end_s=clip.end_s
        )
    samples = resample(clip.sound.samples, clip.sound.rate_hz, rate_hz)
    return Sound(samples=samples, rate_hz=rate_hz)


def random_gain_db(clip: Clip, seed: int) -> float:
    """Gain from -6 to +6 dB that depends on the recording and the seed, not on where the files lie or in which order.

    Examples
    --------
    >>> clip = Clip(path=Path("fan/normal/1.wav"), label="normal")
    >>> random_gain_db(clip, 0) == random_gain_db(Clip(path=Path("/mnt/1.wav"), label="normal"), 0)
    True
    """
    known = (clip.machine, clip.unit, clip.domain, clip.label, Path(clip.name).name, seed)
    digest = hashlib.sha256(repr(known).encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8], "big"))
    return float(rng.uniform(-GAIN_RANGE_DB, GAIN_RANGE_DB))


def _judged(clip: Clip, sound: Sound, scorer: ClipScorer, seed: int, pool: Pool) -> Row:
    """One recording's row."""
    loudness_db = level_db(sound.samples)
    headroom_db = -peak_db(sound.samples)
    wanted_rms_db = _TARGET_DB - loudness_db if np.isfinite(loudness_db) else 0.0
    wanted_random_db = random_gain_db(clip, seed)
    rms_gain_db = min(wanted_rms_db, headroom_db)
    gain_db = min(wanted_random_db, headroom_db)
    verdict = scorer.score(sound, pool=pool, explain=True)
    again = partial(scorer.score, pool=pool, explain=False)
    equally_loud = again(_amplified(sound, rms_gain_db))
    at_random = again(_amplified(sound, gain_db))
    manifest = scorer.bundle.manifest
    heard = dict(zip(COLUMNS, (verdict, equally_loud, at_random), strict=True))
    return Row(
        name=clip.name,
        clip=clip,
        score=verdict.score,
        score_rms_normalised=equally_loud.score,
        score_random_gain=at_random.score,
        # A bundle without calibration says 0, and calls nothing anomalous.
        limit=verdict.limit if verdict.limit > 0 else np.inf,
        ratio=verdict.ratio,
        is_anomaly=verdict.is_anomaly,
        explanation=verdict.explanation,
        level_db=loudness_db,
        rms_gain_db=float(rms_gain_db),
        random_gain_db=float(gain_db),
        held_back=bool(rms_gain_db < wanted_rms_db or gain_db < wanted_random_db),
        duration_s=sound.duration_s,
        embedding=_embedding(scorer, sound),
        side=side_of(clip.label, manifest.labels, manifest.alarm_labels),
        probabilities=verdict.probabilities,
        heard_as={column: one.label for column, one in heard.items() if one.label},
        distance=verdict.distance,
        is_known=verdict.is_known,
        parts={column: one.parts for column, one in heard.items() if one.parts},
    )


def _embedding(scorer: ClipScorer, sound: Sound) -> NDArray[Any]:
    """Mean embedding of a recording, shape (dim,); empty where the bundle gives none."""
    try:
        return np.asarray(scorer.embed(sound)).ravel()
    except BundleError:
        return np.empty(0)


def _amplified(sound: Sound, gain_db: float) -> Sound:
    gain = np.float32(10 ** (gain_db / 20))
    return Sound(samples=sound.samples * gain, rate_hz=sound.rate_hz)


def finite(value: float) -> float | None:
    """JSON knows no infinity."""
    return value if np.isfinite(value) else None
