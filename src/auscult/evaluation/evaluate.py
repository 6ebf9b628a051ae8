"""Measure a bundle on labelled recordings, three ways, beside what loudness alone would reach.

Two questions are asked, each where the labels answer it: does it hear what is wrong, and does it tell its classes apart?
"""

import hashlib
import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import chain
from typing import Any, Literal

import numpy as np

from auscult.datasets.clip import NORMAL, Clip
from auscult.errors import BundleError, DatasetError
from auscult.evaluation import metrics
from auscult.evaluation.classes import Classes, Strangers, class_results, strangers
from auscult.evaluation.dcase import check_dcase_year
from auscult.evaluation.inside import Inside, inside
from auscult.evaluation.judge import (
    COLUMNS,
    ClipScorer,
    ColumnName,
    Pool,
    Row,
    Skipped,
    finite,
    judge_clip,
    side_of,
)
from auscult.evaluation.level_leak import deviations
from auscult.evaluation.metrics import Array, Confusion
from auscult.evaluation.official import DcaseRule, dcase_rules
from auscult.evaluation.units import Unit, decisions, levels, machine_means, sides, units_of
from auscult.memory import record
from auscult.runtime import learned
from auscult.runtime.bundle import Bundle
from auscult.runtime.tta import Augmentation, AugmentedScorer

KEPT_SOUNDS = 10
"""Of the normal and of the anomalous recordings, how many of the worst misses keep the samples that they carried."""

_NAMED = 5


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
    n_known
        Recordings left out because the bundle learned from them, or its epoch was chosen by them.
    n_training
        Further recordings left out because they are of a training split, where there is a test split too.
    columns
        Figures by column: `as_recorded`, `rms_normalised`, `random_gain`; empty where the recordings are not both normal and
        anomalous, which only a classifier is evaluated on.
    level_auc
        AUC of |level - `level_reference_db`|: what loudness alone reaches. NaN where `columns` is empty.
    level_reference_db, level_reference
        The level, and where it is from: `learned`, or `test normals` where the bundle knows none.
    limit
        The bundle's limit for recordings; infinite where it has none.
    at_limit
        What its decisions amount to.
    units
        By machine, unit and domain.
    dcase
        Official scores of the year asked for, or where the files are named as in DCASE Task 2, else empty.
    sample_rate_hz, channel, pool, seed, draws
        How it was measured; `channel=None` is the mean of all.
    classes
        How well it tells its classes apart; `None` where no recording is labelled with one of them.
    augmentation
        The noisy copies that each score is the mean over; `None` where recordings were scored as they are.
    inside
        The bundle, to be asked what it draws of a recording and what filters it has learned; `None` where nothing answers.
    """

    bundle: str
    rows: tuple[Row, ...]
    skipped: tuple[Skipped, ...]
    n_unlabelled: int
    n_known: int
    n_training: int
    columns: dict[ColumnName, Column]
    level_auc: float
    level_reference_db: float
    level_reference: Literal["learned", "test normals"]
    limit: float
    at_limit: Confusion
    units: tuple[Unit, ...]
    dcase: tuple[DcaseRule, ...]
    sample_rate_hz: int
    channel: int | None
    pool: Pool
    seed: int
    draws: int
    classes: Classes | None = None
    augmentation: Augmentation | None = None
    inside: Inside | None = None

    @property
    def detects(self) -> bool:
        """There are normal and anomalous recordings, and so figures of how well it tells those apart."""
        return bool(self.columns)

    @property
    def sided(self) -> tuple[Row, ...]:
        """Recordings that count as normal or anomalous: all, but for classes that a classifier does not know."""
        return tuple(row for row in self.rows if row.side)

    @property
    def n_normal(self) -> int:
        """Normal recordings that were scored."""
        return sum(row.is_normal for row in self.rows)

    @property
    def n_anomaly(self) -> int:
        """Anomalous recordings that were scored."""
        return sum(row.is_anomalous for row in self.rows)

    @property
    def n_held_back(self) -> int:
        """Recordings whose gain was kept smaller because of their peak."""
        return sum(row.held_back for row in self.rows)

    @property
    def n_learned(self) -> int:
        """Recordings that the bundle learned from: what it makes of them says little about new ones."""
        return sum(row.was_learned for row in self.rows)

    @property
    def n_held_out(self) -> int:
        """Recordings that nothing was learned from, but that chose the epoch and set the limits."""
        return sum(row.was_held_out for row in self.rows)

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
    def machines(self) -> tuple[Unit, ...]:
        """Means over the units of each machine that has several."""
        return machine_means(self.units)

    @property
    def parts(self) -> dict[str, dict[ColumnName, dict[str, float]]]:
        """AUC and pAUC of each part's own score, by column; nothing where the bundle is of one piece."""
        if not self.detects:
            return {}
        names = next((row.parts["as_recorded"] for row in self.sided if row.parts), {})
        return {name: {column: self._part(name, column) for column in COLUMNS} for name in names}

    def _part(self, name: str, column: ColumnName) -> dict[str, float]:
        # What could not be heard has no parts, and counts as it does for the whole: as 0.
        scores = [row.parts.get(column, {}).get(name, 0.0) for row in self.sided]
        normal, anomaly = sides(self.sided, scores)
        return {"auc": metrics.auc(normal, anomaly), "pauc": metrics.pauc(normal, anomaly)}

    @property
    def always_alarm_f1(self) -> float:
        """F1 of calling everything anomalous."""
        return metrics.always_alarm_f1(self.n_normal, self.n_anomaly)

    def scores(self, column: ColumnName = "as_recorded") -> tuple[Array, Array]:
        """Scores of the normal and of the anomalous recordings."""
        return sides(self.sided, [row.in_column(column) for row in self.sided])

    def to_dict(self, *, rows: bool = False) -> dict[str, Any]:
        """The shape that `auscult evaluate --json` prints; `rows=True` adds every recording.

        What could not be measured is left out.
        """
        answer: dict[str, Any] = {"bundle": self.bundle}
        if self.detects:
            answer |= self._detection()
        else:
            answer |= {
                "n_recordings": len(self.rows),
                "n_unlabelled": self.n_unlabelled,
                "n_held_back": self.n_held_back,
            }
        if self.classes is not None:
            answer["classes"] = self.classes.to_dict()
        answer |= {
            "skipped": [{"file": item.name, "error": item.error} for item in self.skipped],
            "recordings_sha256": self._digest(),
            "n_held_out": self.n_held_out,
            "pool": self.pool,
            "seed": self.seed,
            "bootstrap": self.draws,
        }
        if self.augmentation is not None:
            answer["tta"] = self.augmentation.to_dict()
        if rows:
            answer["rows"] = [row.to_dict() for row in self.rows]
        return answer

    def _digest(self) -> str:
        """Of the names of what was scored: evaluations can be averaged if it is the same."""
        names = "\n".join(sorted(row.name for row in self.rows))
        return hashlib.sha256(names.encode()).hexdigest()

    def _detection(self) -> dict[str, Any]:
        first = self.columns["as_recorded"]
        return {
            "auc": first.auc,
            "pauc": first.pauc,
            "level_auc": self.level_auc,
            "n_normal": self.n_normal,
            "n_anomaly": self.n_anomaly,
            "n_unlabelled": self.n_unlabelled,
            "n_learned": self.n_learned,
            "n_known_left_out": self.n_known,
            "n_training_left_out": self.n_training,
            **{name: self.columns[name].to_dict() for name in COLUMNS},
            "at_limit": self._at_limit(),
            "unit_level_auc": self.unit_level_auc,
            "level_reference_db": self.level_reference_db,
            "level_reference": self.level_reference,
            "n_held_back": self.n_held_back,
            "per_unit": [asdict(unit) for unit in self.units],
            "per_machine": [asdict(unit) for unit in self.machines],
            "dcase": [asdict(rule) for rule in self.dcase],
            **({"parts": parts} if (parts := self.parts) else {}),
        }

    def _at_limit(self) -> dict[str, Any]:
        counted = self.at_limit
        return {
            "limit": finite(self.limit),
            "confusion": asdict(counted),
            "precision": counted.precision,
            "recall": counted.recall,
            "f1": counted.f1,
            "false_positive_rate": counted.false_positive_rate,
            "always_alarm_f1": self.always_alarm_f1,
        }


Result = Row | Skipped | None
Judge = Callable[[Clip], Result]
Map = Callable[[Judge, Iterable[Clip]], Iterable[Result]]
Progress = Callable[[int, str], None]
"""Called with the number of recordings done and the name of the last one; no name where nothing was known of it."""


def evaluate(
    scorer: ClipScorer,
    clips: Iterable[Clip],
    *,
    map: Map = map,  # noqa: A002 - it is one: parallelism is an argument
    seed: int = 0,
    bootstrap: int = 1000,
    progress: Progress | None = None,
    pool: Pool = "auto",
    channel: int | None = None,
    dcase: int | None = None,
) -> Evaluation:
    """Score labelled recordings three ways and say how well the bundle tells them apart.

    Of a classifier, recordings labelled with its classes say how well it knows them; its alarm labels count as anomalous, its
    other classes as normal. Classes that it does not know say how well it notices that.

    Parameters
    ----------
    scorer
        The bundle at work.
    clips
        Labelled recordings. Those that the bundle has learned from, or that chose its epoch and set its limits, are left out, unless that
        leaves no normal one.
        `normal` is normal, `""` is left out and counted,
        every other label is anomalous (but for classifiers: see above). Where there is a test split, those of a training split are left
        out, too: DCASE's official scores are of the test split alone. Taken one by one: those that carry their samples need
        not fit into memory together.
    map
        Called as `map(function, clips)`, like the built-in; pass a pool's to score in parallel.
    seed
        Of the random gains (with the recording's name, never its place in the list) and of the bootstrap.
    bootstrap
        Draws for the intervals.
    progress
        Called after each recording.
    pool
        How the scorer makes one score of a long recording.
    channel
        Channel to listen to; all of them averaged where `None`.
    dcase
        Year whose official score is wanted, 2020 to 2025; `None`: what the files' names say.

    Returns
    -------
    Evaluation
        A recording that can't be read or scored is named in `skipped` and never stops the others.

    Raises
    ------
    DatasetError
        There are not both normal and anomalous recordings, nor any of a class that the bundle knows.
    RecipeError
        `bootstrap` is less than 1, or no official score is known for the year.

    Notes
    -----
    Second column: every clip is brought to an RMS of 0.05 (-26 dBFS). Third column: a gain drawn evenly from -6 to +6 dB.
    A gain that would take the peak past full scale is kept smaller, so that nothing clips; `n_held_back` counts them.
    The decision at the limit is taken as recorded.
    """
    metrics.check_bootstrap(bootstrap)
    if dcase is not None:
        check_dcase_year(dcase)
    pool = scorer.bundle.manifest.pool if pool == "auto" else pool
    judge = partial(
        judge_clip,
        scorer=scorer,
        seed=seed,
        pool=pool,
        channel=channel,
        learned=_learned(scorer),
        held_out=_held_out(scorer),
    )
    manifest = scorer.bundle.manifest
    results = map(judge, _looked_ahead(clips, manifest.labels, manifest.alarm_labels))
    rows, skipped, n_unlabelled = _gathered(results, progress)
    left = f"recordings left after {len(skipped)} skipped" if skipped else "recordings"
    fresh, n_known = _unheard(rows, manifest.labels)
    tests = _of_the_test(fresh, manifest.labels)
    classes = _classes(scorer, tests, seed, bootstrap)
    if classes is None:
        normal = [row.is_normal for row in rows if row.side]
        _require_both(normal, left, skipped, labels=manifest.labels)
    rows = tests
    result = Evaluation(
        bundle=manifest.name,
        rows=tuple(rows),
        skipped=tuple(skipped),
        n_unlabelled=n_unlabelled,
        n_known=n_known,
        n_training=len(fresh) - len(tests),
        columns={},
        level_auc=float("nan"),
        level_reference_db=float("nan"),
        level_reference="test normals",
        limit=float(np.median([row.limit for row in rows])),
        at_limit=decisions(rows),
        units=(),
        dcase=(),
        sample_rate_hz=manifest.sample_rate_hz,
        channel=channel,
        pool=pool,
        seed=seed,
        draws=bootstrap,
        classes=classes,
        augmentation=scorer.augmentation if isinstance(scorer, AugmentedScorer) else None,
        inside=inside(scorer, channel),
    )
    return (
        _with_detection(scorer, result, dcase) if result.n_normal and result.n_anomaly else result
    )


def _with_detection(scorer: ClipScorer, result: Evaluation, year: int | None) -> Evaluation:
    """With the figures of how well normal and anomalous recordings are told apart."""
    rows = result.sided
    level_auc, reference_db, reference = _level_figures(scorer, rows)
    return replace(
        result,
        columns={name: _column(rows, name, result.seed, result.draws) for name in COLUMNS},
        level_auc=level_auc,
        level_reference_db=reference_db,
        level_reference=reference,
        units=units_of(rows),
        dcase=dcase_rules(rows, year),
    )


def _classes(scorer: ClipScorer, rows: Sequence[Row], seed: int, bootstrap: int) -> Classes | None:
    """Figures of the recordings whose label is a class of the bundle, beside those of unknown classes."""
    labels = scorer.bundle.manifest.labels
    place = {label: i for i, label in enumerate(labels)}
    known = [row for row in rows if row.label in place]
    if not known:
        return None
    embeddings = np.stack([row.embedding for row in known]).astype(float)
    found = class_results(
        [place[row.label] for row in known],
        [[row.probabilities[label] for label in labels] for row in known],
        labels,
        recordings=[row.recording for row in known],
        embeddings=embeddings if embeddings.shape[1] else None,
        draws=bootstrap,
        seed=seed,
    )
    by_column: dict[str, float] = {
        name: float(np.mean([row.heard_as.get(name) == row.label for row in known]))
        for name in COLUMNS
    }
    unknown = [row for row in rows if not row.side]
    others = _strangers(scorer, known, unknown, seed, bootstrap) if unknown else None
    return replace(found, accuracy_by_column=by_column, strangers=others)


def _strangers(
    scorer: ClipScorer, known: Sequence[Row], unknown: Sequence[Row], seed: int, bootstrap: int
) -> Strangers:
    open_set = scorer.bundle.manifest.open_set
    return strangers(
        [row.distance for row in known],
        [row.distance for row in unknown],
        dict(sorted(Counter(row.label for row in unknown).items())),
        limit=None if open_set is None else open_set.limit,
        draws=bootstrap,
        seed=seed,
    )


def _unheard(rows: list[Row], labels: Sequence[str]) -> tuple[list[Row], int]:
    """Without the recordings that the bundle learned from or was chosen by, and how many those were.

    If then no normal one is left, or none of the classes that the bundle tells apart: with those that it was chosen by; or with all.
    """
    strangers = [row for row in rows if not row.was_learned and not row.was_held_out]
    for fresh in (strangers, [row for row in rows if not row.was_learned]):
        if _says_enough(fresh, labels):
            return fresh, len(rows) - len(fresh)
    return rows, 0


def _of_the_test(rows: list[Row], labels: Sequence[str]) -> list[Row]:
    """Without a training split where there is a test split, unless that lacks a side that is there."""
    tests = [row for row in rows if row.clip.split != "train"]
    has_test = any(row.clip.split == "test" for row in tests) and _says_enough(tests, labels)
    lacks_side = not any(row.is_anomalous for row in tests) and any(
        row.is_anomalous for row in rows
    )
    return tests if has_test and not lacks_side else rows


def _says_enough(rows: Sequence[Row], labels: Sequence[str]) -> bool:
    """There is a normal recording, or one of a class that the bundle tells apart."""
    return any(row.label in labels if labels else row.is_normal for row in rows)


def _learned(scorer: ClipScorer) -> tuple[str, ...]:
    """Digests of the sounds that a bundle learned from; none where it keeps no record of them."""
    if not isinstance(scorer.bundle, Bundle):
        return ()
    if learned.ARRAY in scorer.bundle.arrays:
        return learned.digests_of(scorer.bundle.arrays)
    try:
        return tuple(record.of(scorer.bundle).digests)
    except BundleError:
        return ()


def _held_out(scorer: ClipScorer) -> tuple[str, ...]:
    """Digests of the sounds that a trained bundle's epoch was chosen by."""
    if not isinstance(scorer.bundle, Bundle):
        return ()
    return learned.digests_of(scorer.bundle.arrays, learned.HELD_OUT)


def _looked_ahead(
    clips: Iterable[Clip], labels: Sequence[str], alarm_labels: Sequence[str]
) -> Iterator[Clip]:
    """The same clips; where none carries its samples, what can't be evaluated is refused before hours of listening."""
    rest = iter(clips)
    ahead: list[Clip] = []
    for clip in rest:
        ahead.append(clip)
        if clip.sound is not None:
            break
    else:
        if not any(clip.label in labels for clip in ahead):
            sides = [side_of(clip.label, labels, alarm_labels) for clip in ahead if clip.label]
            _require_both([side == NORMAL for side in sides if side], "recordings", labels=labels)
    return chain(ahead, rest)


def _gathered(
    results: Iterable[Result], progress: Progress | None
) -> tuple[list[Row], list[Skipped], int]:
    """Rows, what was skipped, and how many had no label; only the rows worth listening to keep carried samples."""
    rows: list[Row] = []
    skipped: list[Skipped] = []
    n_unlabelled = 0
    worst: _Worst = {"normal": [], "anomaly": [], "mistaken": []}
    for done, result in enumerate(results, 1):
        if isinstance(result, Row):
            rows.append(result)
            _forget_better(rows, worst)
        elif result:
            skipped.append(result)
        else:
            n_unlabelled += 1
        if progress:
            progress(done, result.name if result else "")
    return rows, skipped, n_unlabelled


_Worst = dict[str, list[tuple[float, int]]]
"""By kind, a heap of how bad a row is and its place (or the negative of that), with the least bad on top."""


def _forget_better(rows: list[Row], worst: _Worst) -> None:
    """Drop the samples of whichever rows are no longer among the worst of any kind, the last one included."""
    row, place = rows[-1], len(rows) - 1
    if row.clip.sound is None:
        return
    looked_at = {place}
    for kind, bad in _badness(row, place):
        heapq.heappush(worst[kind], bad)
        if len(worst[kind]) > KEPT_SOUNDS:
            looked_at.add(abs(heapq.heappop(worst[kind])[1]))
    kept = {abs(place) for heap in worst.values() for _, place in heap}
    for place in looked_at - kept:
        rows[place] = rows[place].without_sound()


def _badness(row: Row, place: int) -> Iterator[tuple[str, tuple[float, int]]]:
    """How bad a row is of each kind: a normal one with a high score, an anomalous one with a low one, a sure mistake.

    Ties as the report breaks them: of equal normal ones the last counts as the worst, of others the first.
    """
    if row.is_normal:
        yield "normal", (row.score, place)
    elif row.is_anomalous:
        yield "anomaly", (-row.score, -place)
    if row.is_mistaken:
        yield "mistaken", (max(row.probabilities.values()), -place)


def _require_both(
    normal: Sequence[bool],
    what: str,
    skipped: Sequence[Skipped] = (),
    *,
    labels: Sequence[str] = (),
) -> None:
    """Refuse what holds one kind of sound only, and none of the classes that the bundle knows."""
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
    if labels:
        raise DatasetError(
            f"None of the {what} is of a class that the bundle knows.{reason}",
            f"recordings labelled {', '.join(labels[:_NAMED])}{', …' if len(labels) > _NAMED else ''}",
            "Put the recordings of each class into a folder with its name.",
        )
    raise DatasetError(
        problem + reason,
        "one normal and one anomalous recording or more",
        "Put recordings into a folder `normal/` and into another one beside it, for instance `anomaly/`.",
    )


def _column(rows: Sequence[Row], name: ColumnName, seed: int, draws: int) -> Column:
    normal, anomaly = sides(rows, [row.in_column(name) for row in rows])
    interval = partial(metrics.bootstrap_ci, normal, anomaly, n=draws, seed=seed)
    return Column(
        auc=metrics.auc(normal, anomaly),
        pauc=metrics.pauc(normal, anomaly),
        average_precision=metrics.average_precision(normal, anomaly),
        ci95=interval(metrics.auc),
        pauc_ci95=interval(metrics.pauc),
    )


def _level_figures(
    scorer: ClipScorer, rows: Sequence[Row]
) -> tuple[float, float, Literal["learned", "test normals"]]:
    """What loudness alone reaches, the usual level and where it is from; anomalous recordings are never asked."""
    normal_db, anomaly_db = levels(rows)
    learned_db = scorer.bundle.manifest.level_median_db
    if learned_db is None or not np.isfinite(learned_db):
        area = metrics.auc(*deviations(normal_db, anomaly_db))
        return area, float(np.median(normal_db)), "test normals"
    area = metrics.auc(np.abs(normal_db - learned_db), np.abs(anomaly_db - learned_db))
    return area, float(learned_db), "learned"
