"""What one sensitivity would have called in a long recording, what it heard of what was wrong, and how late; pure.

An event is about a fault if it reaches into it and was told once the fault had begun; every other event is a false one. So an event that
never ends hears nothing, or the one fault that it was told in. A fault is heard if an event is about it, from when the first one was
told: that is the end of the window that brought it, and not where it is said to begin.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from auscult.evaluation.truth import Fault
from auscult.runtime.poisson import upper_mean

DAY_S = 86400.0


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """An event as it would have been told.

    Parameters
    ----------
    start_s, end_s
        Where it is said to begin and to end.
    told_s
        When it was told.
    kind, rule, peak_ratio
        As `auscult.live.events.Event` has them; the ratio is to the limit of this operating point.
    is_false
        It was told outside every fault that it reaches into, or reaches into none; `None` where nothing tells.
    """

    start_s: float
    end_s: float
    told_s: float
    kind: str
    rule: str
    peak_ratio: float
    is_false: bool | None = None


@dataclass(frozen=True, kw_only=True)
class FaultHeard:
    """A fault, and when it was heard.

    Parameters
    ----------
    fault
        The fault.
    delay_s
        From its beginning to the telling of the first event about it; `None`: missed.
    """

    fault: Fault
    delay_s: float | None


@dataclass(frozen=True, kw_only=True)
class OperatingPoint:
    """What one sensitivity would have called, heard and missed.

    Parameters
    ----------
    budget_per_day
        The budget whose limits these are; `None` of limits between and beyond.
    factor
        The limits as multiples of the bundle's own.
    limits
        By rule.
    alarms
        Events, in order of time.
    heard
        Every fault; empty where nothing tells of faults.
    normal_s
        Seconds of the recording without any fault.
    false_s
        Seconds of it that lie within events.
    """

    budget_per_day: float | None
    factor: float
    limits: dict[str, float]
    alarms: tuple[Alarm, ...]
    heard: tuple[FaultHeard, ...]
    normal_s: float
    false_s: float

    @property
    def n_false(self) -> int:
        """Events that are about no fault; all of them where nothing tells of faults."""
        return sum(alarm.is_false is not False for alarm in self.alarms)

    @property
    def false_per_day(self) -> float | None:
        """How many of those a day of normal sound; `None` where there is no normal sound."""
        return self.n_false * DAY_S / self.normal_s if self.normal_s else None

    @property
    def false_per_day_at_most(self) -> float | None:
        """The upper end of what the count supports, at 95 % confidence (Garwood 1936)."""
        return upper_mean(self.n_false) * DAY_S / self.normal_s if self.normal_s else None

    @property
    def n_missed(self) -> int:
        """Faults that no event is about."""
        return sum(one.delay_s is None for one in self.heard)

    @property
    def missed(self) -> float | None:
        """Share of faults missed; `None` where there was none."""
        return self.n_missed / len(self.heard) if self.heard else None

    @property
    def median_delay_s(self) -> float | None:
        """Of the faults that were heard."""
        delays = [one.delay_s for one in self.heard if one.delay_s is not None]
        return float(np.median(delays)) if delays else None

    def to_dict(self, *, whole: bool = False) -> dict[str, Any]:
        """Ready for JSON; `whole=True` adds every event and fault."""
        answer: dict[str, Any] = {
            "budget_per_day": self.budget_per_day,
            "factor": self.factor,
            "limits": self.limits,
            "events": len(self.alarms),
            "false_events": self.n_false,
            "false_per_day": self.false_per_day,
            "false_per_day_at_most": self.false_per_day_at_most,
            "alarm_share_of_normal": self.false_s / self.normal_s if self.normal_s else None,
            "faults": len(self.heard),
            "missed": self.n_missed,
            "missed_share": self.missed,
            "median_delay_s": self.median_delay_s,
        }
        if whole:
            answer["alarms"] = [asdict(alarm) for alarm in self.alarms]
            answer["heard"] = [asdict(one.fault) | {"delay_s": one.delay_s} for one in self.heard]
        return answer


def operating_point(
    alarms: Sequence[Alarm],
    truth: Sequence[Fault] | None,
    *,
    duration_s: float,
    limits: dict[str, float],
    factor: float = 1.0,
    budget_per_day: float | None = None,
) -> OperatingPoint:
    """Which events are about a fault, and which faults were heard, how late.

    Examples
    --------
    >>> told = [Alarm(start_s=12.0, end_s=20.0, told_s=15.0, kind="anomaly", rule="sudden", peak_ratio=2.0)]
    >>> faults = [Fault(start_s=10.0, end_s=18.0), Fault(start_s=50.0, end_s=60.0)]
    >>> point = operating_point(told, faults, duration_s=100.0, limits={})
    >>> [one.delay_s for one in point.heard], point.n_false, point.normal_s, point.false_s
    ([5.0, None], 0, 82.0, 2.0)
    """
    spans = [] if truth is None else [(fault.start_s, fault.end_s) for fault in truth]
    marked = [
        alarm
        if truth is None
        else replace(alarm, is_false=not any(_is_about(alarm, *span) for span in spans))
        for alarm in sorted(alarms, key=lambda alarm: (alarm.start_s, alarm.told_s))
    ]
    under_alarm = [(alarm.start_s, min(alarm.end_s, duration_s)) for alarm in marked]
    normal_s = max(duration_s - length_s(spans), 0.0)
    return OperatingPoint(
        budget_per_day=budget_per_day,
        factor=factor,
        limits=limits,
        alarms=tuple(marked),
        heard=tuple(_heard(fault, marked) for fault in truth or ()),
        normal_s=normal_s,
        false_s=length_s([*spans, *under_alarm]) - length_s(spans),
    )


def length_s(spans: Iterable[tuple[float, float]]) -> float:
    """Seconds that lie within at least one of some stretches.

    >>> length_s([(0.0, 2.0), (1.0, 4.0), (10.0, 11.0)])
    5.0
    """
    total, reached = 0.0, -np.inf
    for start_s, end_s in sorted(spans):
        total += max(end_s - max(start_s, reached), 0.0)
        reached = max(reached, end_s)
    return float(total)


def _heard(fault: Fault, alarms: Iterable[Alarm]) -> FaultHeard:
    told = [alarm.told_s for alarm in alarms if _is_about(alarm, fault.start_s, fault.end_s)]
    return FaultHeard(fault=fault, delay_s=min(told) - fault.start_s if told else None)


def _overlap(alarm: Alarm, start_s: float, end_s: float) -> bool:
    return alarm.start_s < end_s and start_s < alarm.end_s


def _is_about(alarm: Alarm, start_s: float, end_s: float) -> bool:
    """What was told before something went wrong is not about it, even where it goes on until then."""
    return _overlap(alarm, start_s, end_s) and alarm.told_s >= start_s
