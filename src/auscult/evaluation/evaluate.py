"""Measure a bundle on labelled recordings, three ways, beside what loudness alone would reach.

Clips of one label often come from one recording session with nearly constant loudness, so that loudness gives the answer
away. Every figure is therefore taken three times: as recorded; with every clip brought to the same RMS; and with a random
gain of up to ±6 dB on each clip. A bundle that really hears the fault loses little from the first to the third.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from auscult.audio.level import level_db, peak_db
from auscult.audio.read import read
from auscult.audio.resample import resample
from auscult.audio.sound import Sound
from auscult.datasets.clip import Clip
from auscult.errors import AudioError, BundleError, DatasetError, MissingExtra
from auscult.evaluation import metrics
from auscult.evaluation.metrics import Array, Confusion, DcaseCell
from auscult.runtime.verdict import ClipVerdict, Explanation

TARGET_RMS = 0.05
"""Common RMS of the second column, -26 dBFS: no machine sound with a crest factor below 20 has to be held back."""

_TARGET_DB = float(20 * np.log10(TARGET_RMS))

GAIN_RANGE_DB = 6.0
"""Random gains of the third column are drawn evenly from -6 to +6 dB."""

_SILENCE_DB = -120.0
_DCASE_2020 = re.compile(r"(normal|anomaly)_id_\d\d_\d{8}")
_DCASE_DOMAINS = re.compile(r"section_\d\d_(source|target)_(train|test)_(normal|anomaly)_")

Pool = Literal["max", "mean"]
ColumnName = Literal["as_recorded", "rms_normalised", "random_gain"]
COLUMNS: tuple[ColumnName, ...] = ("as_recorded", "rms_normalised", "random_gain")


class _Manifest(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def sample_rate_hz(self) -> int: ...
    @property
    def level_median_db(self) -> float | None: ...


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
    duration_s
        Length of the recording.
    embedding
        Mean embedding, shape (dim,); empty where the bundle gives none.
    """

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
    duration_s: float
    embedding: NDArray[Any]

    @property
    def name(self) -> str:
        """The file, and the stretch where it is not the whole file."""
        return self.clip.name

    @property
    def title(self) -> str:
        """The name without the folders."""
        return Path(self.clip.name).name

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
        """Labelled normal; everything else counts as anomalous."""
        return self.clip.is_normal

    def in_column(self, column: ColumnName) -> float:
        """The score in one of the three columns."""
        return {
            "as_recorded": self.score,
            "rms_normalised": self.score_rms_normalised,
            "random_gain": self.score_random_gain,
        }[column]

    def to_dict(self) -> dict[str, Any]:
        """All but the embedding, ready for JSON."""
        return {
            "file": self.name,
            "label": self.label,
            "machine": self.machine,
            "unit": self.unit,
            "domain": self.domain,
            "score": self.score,
            "score_rms_normalised": self.score_rms_normalised,
            "score_random_gain": self.score_random_gain,
            "ratio": _finite(self.ratio),
            "is_anomaly": self.is_anomaly,
            "level_db": _finite(self.level_db),
            "explanation": self.explanation.text if self.explanation else None,
        }


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A recording that could not be scored, and why."""

    name: str
    error: str


@dataclass(frozen=True, kw_only=True)
class Column:
    """Figures of one way of playing the recordings.

    Parameters
    ----------
    auc, pauc, average_precision
        See `auscult.evaluation.metrics`.
    ci95, pauc_ci95
        95 % bootstrap intervals of `auc` and `pauc`.
    """

    auc: float
    pauc: float
    average_precision: float
    ci95: tuple[float, float]
    pauc_ci95: tuple[float, float]

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {key: list(v) if isinstance(v, tuple) else v for key, v in asdict(self).items()}


@dataclass(frozen=True, kw_only=True)
class Unit:
    """Figures of one machine, unit and domain; `None` where only one kind of recording is there.

    Parameters
    ----------
    machine, unit, domain
        As the clips say.
    n_normal, n_anomaly
        Recordings.
    auc, pauc
        As recorded.
    auc_rms_normalised, auc_random_gain
        In the other two columns.
    level_auc
        What loudness alone reaches: AUC of the distance from the median level of this unit's own normal recordings.
    false_positive_rate, recall
        Share of normal recordings that raised an alarm, and of anomalous ones that were heard, at the bundle's limit.
    """

    machine: str
    unit: str
    domain: str
    n_normal: int
    n_anomaly: int
    auc: float | None
    pauc: float | None
    auc_rms_normalised: float | None
    auc_random_gain: float | None
    level_auc: float | None
    false_positive_rate: float | None
    recall: float | None


@dataclass(frozen=True, kw_only=True)
class DcaseRule:
    """Official DCASE score of these recordings by the rule of one or several years.

    Parameters
    ----------
    rule
        `2020`, `2021` or `2022-2025`: the files' names do not say which year from 2021 on, so both are given.
    score
        0 to 1; `None` where a machine lacks one kind of recording.
    cells
        The figures of each machine and section that enter it.
    why_not
        Why there is no score.
    """

    rule: str
    score: float | None
    cells: tuple[dict[str, Any], ...] = ()
    why_not: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """How good a bundle is on a set of labelled recordings.

    Parameters
    ----------
    bundle
        Its name.
    rows, skipped
        Recordings that were scored, in the order given, and those that could not be.
    n_unlabelled
        Recordings left out because nothing says what they are.
    columns
        Figures by column: `as_recorded`, `rms_normalised`, `random_gain`.
    level_auc
        AUC of |level - `level_reference_db`|: what loudness alone reaches.
    level_reference_db, level_reference
        The level, and where it is from: `learned`, or `test normals` where the bundle knows none.
    limit
        The bundle's limit for recordings; infinite where it has none.
    at_limit
        What its decisions amount to.
    units
        By machine, unit and domain.
    dcase
        Official scores where the files are named as in DCASE Task 2, else empty.
    sample_rate_hz, pool, seed, draws
        How it was measured.
    """

    bundle: str
    rows: tuple[Row, ...]
    skipped: tuple[Skipped, ...]
    n_unlabelled: int
    columns: dict[ColumnName, Column]
    level_auc: float
    level_reference_db: float
    level_reference: Literal["learned", "test normals"]
    limit: float
    at_limit: Confusion
    units: tuple[Unit, ...]
    dcase: tuple[DcaseRule, ...]
    sample_rate_hz: int
    pool: Pool
    seed: int
    draws: int

    @property
    def n_normal(self) -> int:
        """Normal recordings that were scored."""
        return sum(row.is_normal for row in self.rows)

    @property
    def n_anomaly(self) -> int:
        """Anomalous recordings that were scored."""
        return len(self.rows) - self.n_normal

    @property
    def n_held_back(self) -> int:
        """Recordings whose gain was kept smaller because of their peak."""
        return sum(row.held_back for row in self.rows)

    @property
    def unit_level_auc(self) -> float | None:
        """What loudness alone reaches within units, on average by their recordings; `None` where no unit has both kinds.

        Units differ in loudness among themselves, which can hide in `level_auc` what it gives away in each of them.
        """
        known = [
            (u.level_auc, u.n_normal + u.n_anomaly) for u in self.units if u.level_auc is not None
        ]
        if not known:
            return None
        areas, sizes = zip(*known, strict=True)
        return float(np.average(areas, weights=sizes))

    @property
    def always_alarm_f1(self) -> float:
        """F1 of calling everything anomalous."""
        return metrics.always_alarm_f1(self.n_normal, self.n_anomaly)

    def scores(self, column: ColumnName = "as_recorded") -> tuple[Array, Array]:
        """Scores of the normal and of the anomalous recordings."""
        return _sides(self.rows, [row.in_column(column) for row in self.rows])

    def to_dict(self, *, rows: bool = False) -> dict[str, Any]:
        """The shape that `auscult evaluate --json` prints; `rows=True` adds every recording."""
        first = self.columns["as_recorded"]
        answer: dict[str, Any] = {
            "bundle": self.bundle,
            "auc": first.auc,
            "pauc": first.pauc,
            "level_auc": self.level_auc,
            "n_normal": self.n_normal,
            "n_anomaly": self.n_anomaly,
            "n_unlabelled": self.n_unlabelled,
            **{name: self.columns[name].to_dict() for name in COLUMNS},
            "at_limit": self._at_limit(),
            "unit_level_auc": self.unit_level_auc,
            "level_reference_db": self.level_reference_db,
            "level_reference": self.level_reference,
            "n_held_back": self.n_held_back,
            "per_unit": [asdict(unit) for unit in self.units],
            "dcase": [asdict(rule) for rule in self.dcase],
            "skipped": [{"file": item.name, "error": item.error} for item in self.skipped],
            "pool": self.pool,
            "seed": self.seed,
            "bootstrap": self.draws,
        }
        if rows:
            answer["rows"] = [row.to_dict() for row in self.rows]
        return answer

    def _at_limit(self) -> dict[str, Any]:
        counted = self.at_limit
        return {
            "limit": _finite(self.limit),
            "confusion": asdict(counted),
            "precision": counted.precision,
            "recall": counted.recall,
            "f1": counted.f1,
            "false_positive_rate": counted.false_positive_rate,
            "always_alarm_f1": self.always_alarm_f1,
        }


Judge = Callable[[Clip], Row | Skipped]
Map = Callable[[Judge, Iterable[Clip]], Iterable[Row | Skipped]]
Progress = Callable[[int, int], None]


def evaluate(
    scorer: ClipScorer,
    clips: Iterable[Clip],
    *,
    map: Map = map,  # noqa: A002 - it is one: parallelism is an argument
    seed: int = 0,
    bootstrap: int = 1000,
    progress: Progress | None = None,
    pool: Pool = "max",
    channel: int | None = None,
) -> Evaluation:
    """Score labelled recordings three ways and say how well the bundle tells them apart.

    Parameters
    ----------
    scorer
        The bundle at work.
    clips
        Labelled recordings that the bundle has not learned from. `normal` is normal, `""` is left out and counted,
        every other label is anomalous.
    map
        Called as `map(function, clips)`, like the built-in; pass a pool's to score in parallel.
    seed
        Of the random gains (with the recording's name, never its place in the list) and of the bootstrap.
    bootstrap
        Draws for the intervals.
    progress
        Called with the number of recordings done and their total.
    pool
        How the scorer makes one score of a long recording.
    channel
        Channel to listen to; all of them averaged where `None`.

    Returns
    -------
    Evaluation
        A recording that can't be read or scored is named in `skipped` and never stops the others.

    Raises
    ------
    DatasetError
        There are not both normal and anomalous recordings.

    Notes
    -----
    Second column: every clip is brought to an RMS of 0.05 (-26 dBFS). Third column: a gain drawn evenly from -6 to +6 dB.
    A gain that would take the peak past full scale is kept smaller, so that nothing clips; `n_held_back` counts them.
    The decision at the limit is taken as recorded.
    """
    every = list(clips)
    labelled = [clip for clip in every if clip.label]
    _require_both([clip.is_normal for clip in labelled], "recordings")
    judge = partial(judge_clip, scorer=scorer, seed=seed, pool=pool, channel=channel)
    results = []
    for done, result in enumerate(map(judge, labelled), 1):
        results.append(result)
        if progress:
            progress(done, len(labelled))
    rows = tuple(result for result in results if isinstance(result, Row))
    skipped = tuple(result for result in results if isinstance(result, Skipped))
    left = f"recordings left after {len(skipped)} skipped" if skipped else "recordings"
    _require_both([row.is_normal for row in rows], left, skipped)
    reference_db, reference = _level_reference(scorer, rows)
    return Evaluation(
        bundle=scorer.bundle.manifest.name,
        rows=rows,
        skipped=skipped,
        n_unlabelled=len(every) - len(labelled),
        columns={name: _column(rows, name, seed, bootstrap) for name in COLUMNS},
        level_auc=_level_auc(rows, reference_db),
        level_reference_db=reference_db,
        level_reference=reference,
        limit=float(np.median([row.limit for row in rows])),
        at_limit=_decisions(rows),
        units=_units(rows),
        dcase=_dcase(rows),
        sample_rate_hz=scorer.bundle.manifest.sample_rate_hz,
        pool=pool,
        seed=seed,
        draws=bootstrap,
    )


def judge_clip(
    clip: Clip,
    *,
    scorer: ClipScorer,
    seed: int = 0,
    pool: Pool = "max",
    channel: int | None = None,
) -> Row | Skipped:
    """Read one recording once and score it three ways; what can't be scored is skipped with its reason.

    It stands by itself, so that any `map` may run it in another process.
    """
    try:
        sound = sound_of(clip, rate_hz=scorer.bundle.manifest.sample_rate_hz, channel=channel)
        row = _judged(clip, sound, scorer, seed, pool)
    except (AudioError, DatasetError, MissingExtra) as error:
        return Skipped(name=clip.name, error=str(error))
    scores = [row.in_column(column) for column in COLUMNS]
    if not np.isfinite(scores).all():
        return Skipped(name=clip.name, error=f"{clip.name} has no finite score: no usable sound.")
    return row


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
    return Row(
        clip=clip,
        score=verdict.score,
        score_rms_normalised=again(_amplified(sound, rms_gain_db)).score,
        score_random_gain=again(_amplified(sound, gain_db)).score,
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


def _require_both(normal: Sequence[bool], what: str, skipped: Sequence[Skipped] = ()) -> None:
    """Refuse what holds one kind of sound only."""
    reason = f" The first one skipped: {skipped[0].error}" if skipped else ""
    n_normal = sum(normal)
    if n_normal and n_normal < len(normal):
        return
    if not normal:
        problem = f"There are no labelled {what}: cannot be evaluated."
    elif n_normal:
        problem = f"The {n_normal} {what} are normal sound only: cannot be evaluated."
    else:
        problem = f"The {len(normal)} {what} are anomalous sound only: cannot be evaluated."
    raise DatasetError(
        problem + reason,
        "one normal and one anomalous recording or more",
        "Put recordings into a folder `normal/` and into another one beside it, for instance `anomaly/`.",
    )


def _sides(rows: Sequence[Row], values: Sequence[float]) -> tuple[Array, Array]:
    """Values of the normal and of the anomalous rows."""
    normal = np.array([row.is_normal for row in rows], bool)
    every = np.asarray(values, float)
    return every[normal], every[~normal]


def _column(rows: Sequence[Row], name: ColumnName, seed: int, draws: int) -> Column:
    normal, anomaly = _sides(rows, [row.in_column(name) for row in rows])
    interval = partial(metrics.bootstrap_ci, normal, anomaly, n=draws, seed=seed)
    return Column(
        auc=metrics.auc(normal, anomaly),
        pauc=metrics.pauc(normal, anomaly),
        average_precision=metrics.average_precision(normal, anomaly),
        ci95=interval(metrics.auc),
        pauc_ci95=interval(metrics.pauc),
    )


def _level_reference(
    scorer: ClipScorer, rows: Sequence[Row]
) -> tuple[float, Literal["learned", "test normals"]]:
    """The usual level of normal sound; anomalous recordings are never asked."""
    learned = scorer.bundle.manifest.level_median_db
    if learned is not None and np.isfinite(learned):
        return float(learned), "learned"
    return _normal_level_db(rows), "test normals"


def _normal_level_db(rows: Sequence[Row]) -> float:
    """Median level of the normal recordings."""
    return float(np.median([_audible(row.level_db) for row in rows if row.is_normal]))


def _level_auc(rows: Sequence[Row], reference_db: float) -> float:
    """What |level - usual level| reaches as a score."""
    return metrics.auc(*_sides(rows, [abs(_audible(row.level_db) - reference_db) for row in rows]))


def _audible(level_db: float) -> float:
    """A level that can be subtracted: silence counts as -120 dBFS."""
    return max(level_db, _SILENCE_DB)


def _decisions(rows: Iterable[Row]) -> Confusion:
    """What the bundle itself decided, not what the scores would allow."""
    pairs = [(row.is_normal, row.is_anomaly) for row in rows]
    return Confusion(
        tn=pairs.count((True, False)),
        fp=pairs.count((True, True)),
        fn=pairs.count((False, False)),
        tp=pairs.count((False, True)),
    )


def _units(rows: Sequence[Row]) -> tuple[Unit, ...]:
    """Figures by machine, unit and domain, sorted."""

    def key(row: Row) -> tuple[str, str, str]:
        return row.machine, row.unit, row.domain

    return tuple(_unit(name, list(group)) for name, group in groupby(sorted(rows, key=key), key))


def _unit(name: tuple[str, str, str], rows: list[Row]) -> Unit:
    counted = _decisions(rows)
    n_normal = counted.tn + counted.fp
    n_anomaly = counted.fn + counted.tp
    both = bool(n_normal and n_anomaly)

    def area(column: ColumnName) -> float | None:
        return metrics.auc(*_sides(rows, [row.in_column(column) for row in rows])) if both else None

    machine, unit, domain = name
    return Unit(
        machine=machine,
        unit=unit,
        domain=domain,
        n_normal=n_normal,
        n_anomaly=n_anomaly,
        auc=area("as_recorded"),
        pauc=metrics.pauc(*_sides(rows, [row.score for row in rows])) if both else None,
        auc_rms_normalised=area("rms_normalised"),
        auc_random_gain=area("random_gain"),
        level_auc=_level_auc(rows, _normal_level_db(rows)) if both else None,
        false_positive_rate=counted.false_positive_rate if n_normal else None,
        recall=counted.recall if n_anomaly else None,
    )


def _dcase(rows: Sequence[Row]) -> tuple[DcaseRule, ...]:
    """Official scores, where every file is named as the challenge names them."""
    names = [row.path.name for row in rows]
    if all(_DCASE_2020.match(name) for name in names):
        return (_dcase_rule("2020", 2020, rows),)
    if all(_DCASE_DOMAINS.match(name) for name in names):
        return _dcase_rule("2021", 2021, rows), _dcase_rule("2022-2025", 2022, rows)
    return ()


def _dcase_rule(rule: str, year: int, rows: Sequence[Row]) -> DcaseRule:
    def key(row: Row) -> tuple[str, str]:
        return row.machine, row.unit

    cells = [
        DcaseCell(
            machine=name[0],
            section=name[1],
            normal=_by_domain([row for row in group if row.is_normal]),
            anomaly=_by_domain([row for row in group if not row.is_normal]),
        )
        for name, group in ((name, list(g)) for name, g in groupby(sorted(rows, key=key), key))
    ]
    try:
        return DcaseRule(
            rule=rule,
            score=metrics.dcase_score(year, cells),
            cells=tuple(
                {"machine": cell.machine, "section": cell.section} | metrics.dcase_parts(year, cell)
                for cell in cells
            ),
        )
    except DatasetError as error:
        return DcaseRule(rule=rule, score=None, why_not=str(error))


def _by_domain(rows: Sequence[Row]) -> dict[str, list[float]]:
    scores: dict[str, list[float]] = {}
    for row in rows:
        scores.setdefault(row.domain, []).append(row.score)
    return scores


def _finite(value: float) -> float | None:
    """JSON knows no infinity."""
    return value if np.isfinite(value) else None
