"""A sensitivity and what follows from it: limits, promises, and what would have been told in the past hour."""

from collections.abc import Sequence
from dataclasses import dataclass

from auscult.runtime.calibration import Calibration
from auscult.server.history import Stretch, events_at

BUDGETS_PER_DAY = (24.0, 4.0, 1.0, 1 / 7, 1 / 30)
"""One an hour, one in six hours, one a day, one a week, one a month."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """A sensitivity that may be chosen.

    Parameters
    ----------
    budget_per_day
        False alarms a day that are acceptable.
    promised_per_day
        What may be promised: no better than the sound heard supports.
    limit_factor
        Its limit to the one that is in use: over 1 is less sensitive.
    """

    budget_per_day: float
    promised_per_day: float
    limit_factor: float


def steps_of(
    calibration: Calibration, budgets_per_day: Sequence[float] = BUDGETS_PER_DAY
) -> list[Step]:
    """What each of some budgets would bring."""
    now = _limit(calibration)
    found = []
    for budget in budgets_per_day:
        at = calibration.with_budget(budget)
        found.append(
            Step(
                budget_per_day=budget,
                promised_per_day=at.promised_per_day,
                limit_factor=_limit(at) / now,
            )
        )
    return found


def hours_missing(calibration: Calibration, budget_per_day: float) -> float | None:
    """Hours of normal sound that are still to be heard before a budget can be promised; `None` if it can be already.

    As far as the limits at that budget call as rarely as so far.
    """
    at = calibration.with_budget(budget_per_day)
    if at.supported_per_day <= budget_per_day and at.trust != "provisional":
        return None
    judged_s = at.heard_s if at.judged_s is None else at.judged_s
    needed_s = judged_s * at.supported_per_day / budget_per_day
    return max(needed_s - judged_s, 0.0) / 3600.0


def past_events(
    stretch: Stretch | None, steps: Sequence[Step], in_use_factor: float
) -> list[int] | None:
    """How many events each would have told of a stretch that was heard; `None` where nothing was.

    Parameters
    ----------
    in_use_factor
        Limit by which the stretch was judged, to the one that factors are given to.
    """
    if stretch is None or not len(stretch.ratios):
        return None
    return [events_at(stretch, factor=step.limit_factor / in_use_factor) for step in steps]


def factor_of(calibration: Calibration, budget_per_day: float | None) -> float:
    """Limit at a budget to the limit that is in use."""
    if budget_per_day is None:
        return 1.0
    return _limit(calibration.with_budget(budget_per_day)) / _limit(calibration)


def _limit(calibration: Calibration) -> float:
    """Of the rule that spends most of the budget."""
    rule = max(calibration.rules, key=lambda one: one.share)
    return rule.limit(calibration.target_per_hour * rule.share)
