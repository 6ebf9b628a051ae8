"""A long recording, heard once and decided many times: what each sensitivity would have called, heard and missed; pure.

Scores do not depend on limits. So a recording is heard once, as live listening hears it, and the votes, limits and the patience
of its events are gone through again for each operating point; at the bundle's own limits they are the events of live listening.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from auscult.errors import BundleError, RecipeError
from auscult.evaluation.operating import Alarm, OperatingPoint, operating_point
from auscult.evaluation.truth import Fault
from auscult.live.events import Event, EventTracker, Patience
from auscult.runtime.decision import Decider, Threshold
from auscult.runtime.manifest import Manifest
from auscult.runtime.verdict import Verdict

BUDGETS_PER_DAY = (1000.0, 100.0, 24.0, 10.0, 1.0, 0.14, 0.01)
"""False alarms a day whose limits are tried; 0.14 is one a week."""

_POINTS = 40
_ROUNDING_S = 1e-4


@dataclass(frozen=True, kw_only=True, eq=False)
class Replay:
    """A long recording and what every sensitivity would have made of it.

    Parameters
    ----------
    recording, bundle
        Their names.
    duration_s
        Length of the recording.
    verdicts
        Of its windows, at the bundle's limits.
    truth
        The faults; `None` where nothing tells of them.
    chosen
        The operating point that was chosen.
    budgets
        Those of several budgets, the most sensitive first.
    points
        Those of limits that make a difference, the most sensitive first.
    promise
        What the chosen limits promise, in words.
    """

    recording: str
    bundle: str
    duration_s: float
    verdicts: tuple[Verdict, ...]
    truth: tuple[Fault, ...] | None
    chosen: OperatingPoint
    budgets: tuple[OperatingPoint, ...]
    points: tuple[OperatingPoint, ...]
    promise: str

    def to_dict(self) -> dict[str, Any]:
        """The shape that `auscult replay --json` prints."""
        states = [verdict.state for verdict in self.verdicts]
        return {
            "recording": self.recording,
            "bundle": self.bundle,
            "duration_s": self.duration_s,
            "windows": len(states),
            "windows_not_judged": sum(state in ("no_signal", "unreliable") for state in states),
            "truth": None if self.truth is None else [asdict(fault) for fault in self.truth],
            "chosen": self.chosen.to_dict(whole=True),
            "budgets": [point.to_dict() for point in self.budgets],
            "points": [point.to_dict() for point in self.points],
            "promise": self.promise,
        }


def replay(
    manifest: Manifest,
    verdicts: Sequence[Verdict],
    *,
    duration_s: float,
    truth: Sequence[Fault] | None = None,
    recording: str = "",
    level_track: bool = False,
    patience: Patience = Patience(),  # noqa: B008 - it is frozen
) -> Replay:
    """Go through a recording's verdicts at many sensitivities.

    Parameters
    ----------
    manifest
        Of the bundle, with the budget that was chosen.
    verdicts
        Of all windows in order of time, as live listening gives them.
    duration_s
        Length of the recording.
    truth
        Its faults; `None` where nothing tells of them, and then every event counts as false.
    recording
        Its name.
    level_track
        Loudness alone raises events, too.
    patience
        When an event is told.

    Raises
    ------
    BundleError
        The bundle has no limits.
    RecipeError
        There is no verdict.
    """
    calibration = manifest.calibration
    if calibration is None:
        raise BundleError(
            f"{manifest.name} has no limits, so nothing can be called.",
            "a bundle that was calibrated on normal sound",
            "Learn or train one: auscult learn, auscult train.",
        )
    if not verdicts:
        raise RecipeError(
            f"{recording or 'The recording'} is over before anything could be judged.",
            "one window of the bundle, or more",
            "Give a longer recording.",
        )
    own = calibration.thresholds(level_track=level_track)

    def at(thresholds: Sequence[Threshold], budget_per_day: float | None) -> OperatingPoint:
        alarms = list(alarms_at(manifest, verdicts, thresholds, patience))
        factor = max((a.limit / b.limit for a, b in zip(thresholds, own, strict=True)), default=1.0)
        return operating_point(
            alarms,
            truth,
            duration_s=duration_s,
            limits={one.name: one.limit for one in thresholds},
            factor=factor,
            budget_per_day=budget_per_day,
        )

    budgets = sorted({*BUDGETS_PER_DAY, calibration.budget_per_day}, reverse=True)
    by_budget = [
        at(calibration.with_budget(one).thresholds(level_track=level_track), one) for one in budgets
    ]
    return Replay(
        recording=recording,
        bundle=manifest.name,
        duration_s=duration_s,
        verdicts=tuple(verdicts),
        truth=None if truth is None else tuple(truth),
        chosen=by_budget[budgets.index(calibration.budget_per_day)],
        budgets=tuple(by_budget),
        points=tuple(at(scaled(own, factor), None) for factor in factors(verdicts)),
        promise=calibration.in_words(),
    )


def alarms_at(
    manifest: Manifest,
    verdicts: Iterable[Verdict],
    thresholds: Sequence[Threshold],
    patience: Patience = Patience(),  # noqa: B008 - it is frozen
) -> Iterator[Alarm]:
    """The events of a recording as other limits would have told them, each once it has ended.

    Parameters
    ----------
    manifest
        Of the bundle.
    verdicts
        Of all windows in order of time; their scores count, and not what was decided.
    thresholds, patience
        What decides.
    """
    tracker = EventTracker(patience, level=manifest.level)
    told_s: dict[int, float] = {}
    for verdict in _decided_again(manifest, verdicts, thresholds):
        for event in tracker.update(verdict):
            if event.status == "begun":
                told_s[event.id] = verdict.end_s
            else:
                yield _alarm(event, told_s[event.id])
    for event in tracker.close():
        yield _alarm(event, told_s[event.id])


def scaled(thresholds: Sequence[Threshold], factor: float) -> tuple[Threshold, ...]:
    """The same rules with limits that are so many times as high."""
    return tuple(
        replace(one, limit=one.limit * factor, release=one.release * factor) for one in thresholds
    )


def factors(verdicts: Iterable[Verdict]) -> list[float]:
    """Multiples of the limits, rising, from what half of all windows exceed to what none does.

    Half of them are even steps of ratio; the others lie where windows do, denser towards the highest, which few events are made of.
    """
    ratios = np.array([verdict.ratio for verdict in verdicts if verdict.ratio > 0.0])
    if not len(ratios):
        return [1.0]
    middle, above = float(np.median(ratios)), 1.01 * float(ratios.max())
    shares = 1.0 - np.geomspace(0.5, 1.0 / max(len(ratios), _POINTS), _POINTS // 2)
    even = np.geomspace(middle, above, _POINTS // 2)
    return sorted({*np.quantile(ratios, shares).tolist(), *even.tolist(), 1.0})


def _decided_again(
    manifest: Manifest, verdicts: Iterable[Verdict], thresholds: Sequence[Threshold]
) -> Iterator[Verdict]:
    """Verdicts as other limits give them; nothing votes across a gap, or a window that could not be judged."""
    decider = Decider(thresholds)
    hop_s = manifest.hop_samples / manifest.sample_rate_hz
    due_s = None
    for verdict in verdicts:
        if due_s is not None and abs(verdict.start_s - due_s) > _ROUNDING_S:
            decider.reset()
        due_s = verdict.start_s + hop_s
        if verdict.state in ("no_signal", "unreliable"):
            decider.reset()
            yield verdict
            continue
        decision = decider.push(_scores(manifest, verdict))
        yield replace(
            verdict,
            ratio=decision.ratio,
            rule=decision.rule,
            state="anomaly" if decision.over else "normal",
            holding=decision.holding,
            since_s=verdict.start_s - decision.windows_back * hop_s if decision.over else None,
        )


def _scores(manifest: Manifest, verdict: Verdict) -> dict[str, float]:
    scores = {"score": verdict.score, "level_db": verdict.level_db}
    if verdict.fast_score is not None:
        scores["fast_score"] = verdict.fast_score
    if manifest.level is not None:
        scores["level_deviation"] = manifest.level.deviation(verdict.level_db)
    return scores


def _alarm(event: Event, told_s: float) -> Alarm:
    return Alarm(
        start_s=event.start_s,
        end_s=event.end_s,
        told_s=told_s,
        kind=event.kind,
        rule=event.rule,
        peak_ratio=event.peak_ratio,
    )
