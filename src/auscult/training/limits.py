"""Limits of a trained bundle, from sound that was held out and is no alarm."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from auscult.audio.sound import Sound
from auscult.runtime.bundle import Bundle
from auscult.runtime.calibration import (
    SAME_EVENT_S,
    Calibration,
    Rule,
    rule_from,
    voted_by_stretch,
)
from auscult.runtime.manifest import LevelTrack, OpenSet
from auscult.runtime.scorer import Scorer
from auscult.runtime.verdict import ClipVerdict, Verdict

UNKNOWN_SHARE = 0.05
"""So much of the held-out sound of known classes is taken for none of them."""

KNOWN_SHARE = 0.9
"""So many of the known alarms are to be over a limit, if calm sound lets them."""

VOTE_S = 10.0
"""What lasts is judged by the majority of so much sound, for bundles whose windows are judged one by one."""

_MIN_WINDOWS = 10
_MIN_TAIL = 100
_SHARE = 0.9
_SUDDEN_SHARE = 0.1


def calibrated(
    bundle: Bundle, held_out: Iterable[tuple[str, Sound]], *, budget_per_day: float
) -> Bundle:
    """Set limits.

    Parameters
    ----------
    bundle
        Exported, without limits.
    held_out
        Label and sound of clips that the weights do not come from.
    budget_per_day
        False alarms a day that the user accepts.

    Returns
    -------
    bundle
        Without limits where too little was held out to set any.
    """
    scorer = Scorer(bundle)
    alarms = set(bundle.manifest.alarm_labels)
    known: list[ClipVerdict] = []
    calm: list[ClipVerdict] = []
    loud: list[ClipVerdict] = []
    for label, sound in held_out:
        if len(sound.samples) < bundle.manifest.min_window_samples:
            continue  # learned as it is repeated, and never judged by itself
        verdict = scorer.score(sound, explain=False)
        if not any(_is_scored(window) for window in verdict):
            continue
        known.append(verdict)
        (loud if label in alarms else calm).append(verdict)
    manifest = replace(
        bundle.manifest,
        calibration=_calibration(bundle, calm, loud, budget_per_day),
        level=_level(calm),
        open_set=_open_set(known),
    )
    return replace(bundle, manifest=manifest)


def _calibration(
    bundle: Bundle, calm: list[ClipVerdict], loud: list[ClipVerdict], budget_per_day: float
) -> Calibration | None:
    scores, stretch = _scores(calm)
    if len(scores) < _MIN_WINDOWS or len(calm) < 2:
        return None
    manifest = bundle.manifest
    rate_hz = manifest.sample_rate_hz
    hop_s = manifest.hop_samples / rate_hz
    heard_s = sum(verdict.duration_s for verdict in calm)
    overlap = max(-(-manifest.window_samples // manifest.hop_samples) - 1, 0)
    same_event = round(SAME_EVENT_S / hop_s)

    def rule(name: str, votes: int, of: int, share: float) -> Rule:
        statistics, parts = voted_by_stretch(scores, stretch, votes=votes, of=of)
        return rule_from(
            statistics,
            name=name,
            statistic="score",
            votes=votes,
            of=of,
            share=share,
            decisions_per_hour=3600.0 / hop_s,
            heavy_tail=of == 1 and len(statistics) >= _MIN_TAIL,
            overlap=overlap,
            same_event=same_event,
            stretch=parts,
            most=_most(statistics, _voted(loud, votes, of)),
        )

    of = _vote_size(stretch, hop_s) if manifest.pool == "mean" else 1
    lasting = (rule("sustained", of // 2 + 1, of, _SHARE),) if of > 1 else ()
    calibration = Calibration(
        rules=(*lasting, rule("sudden", 1, 1, _SUDDEN_SHARE if lasting else _SHARE)),
        recording=_recording(calm, loud, heard_s),
        level=None,
        heard_s=heard_s,
    )
    return calibration.with_budget(budget_per_day)


def _vote_size(stretch: NDArray[np.int64], hop_s: float) -> int:
    """Windows of ten seconds that vote together: an odd number, and no more than most recordings have."""
    heard = int(np.median(np.bincount(np.unique(stretch, return_inverse=True)[1])))
    most = min(round(VOTE_S / hop_s), heard)
    return max(most - 1 + most % 2, 1)


def _voted(verdicts: list[ClipVerdict], votes: int, of: int) -> list[float]:
    """Of each recording the largest statistic."""
    largest = []
    for verdict in verdicts:
        scores, stretch = _scores([verdict])
        largest.append(float(voted_by_stretch(scores, stretch, votes=votes, of=of)[0].max()))
    return largest


def _most(calm: NDArray[np.float64], loud: list[float]) -> float | None:
    """Where the limit is useful at most: nine of ten known alarms are over it, unless calm sound was, too.

    From minutes of calm sound a budget of one alarm a day can't be held by any limit that could be proved; without this, the limit
    of a network that tells all of it apart would lie where no alarm comes.
    """
    if not loud:
        return None
    return float(max(np.quantile(loud, 1.0 - KNOWN_SHARE), calm.max()))


def _recording(calm: list[ClipVerdict], loud: list[ClipVerdict], heard_s: float) -> Rule:
    worst = np.array([verdict.score for verdict in calm])
    return rule_from(
        worst,
        name="recording",
        statistic="score",
        share=_SHARE,
        decisions_per_hour=3600.0 * len(worst) / heard_s,
        heavy_tail=len(worst) >= _MIN_TAIL,
        most=_most(worst, [verdict.score for verdict in loud]),
    )


def _is_scored(window: Verdict) -> bool:
    return window.state not in ("no_signal", "unreliable")


def _scores(verdicts: list[ClipVerdict]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    pairs = [
        (window.score, number)
        for number, verdict in enumerate(verdicts)
        for window in verdict
        if _is_scored(window)
    ]
    scores, stretch = np.array(pairs, np.float64).reshape(-1, 2).T
    return scores, stretch.astype(np.int64)


def _level(calm: list[ClipVerdict]) -> LevelTrack | None:
    levels = np.array([w.level_db for v in calm for w in v if np.isfinite(w.level_db)])
    if not len(levels):
        return None
    median = float(np.median(levels))
    return LevelTrack(median_db=median, mad_db=float(np.median(np.abs(levels - median))))


def _open_set(known: list[ClipVerdict]) -> OpenSet | None:
    distances = [w.distance for v in known for w in v if w.distance is not None]
    if len(distances) < _MIN_WINDOWS:
        return None
    limit = float(np.quantile(distances, 1.0 - UNKNOWN_SHARE))
    return OpenSet(limit=limit, share=UNKNOWN_SHARE)
