"""What follows from a sensitivity: higher limits for rarer alarms, and promises that hold."""

from datetime import UTC, datetime

import numpy as np
import pytest

from auscult.server.history import Stretch
from auscult.server.sensitivity import (
    BUDGETS_PER_DAY,
    factor_of,
    hours_missing,
    past_events,
    steps_of,
)


@pytest.fixture
def calibration(bundle):
    return bundle.manifest.calibration


def test_the_rarer_the_alarms_the_higher_the_limit(calibration):
    steps = steps_of(calibration)
    assert [one.budget_per_day for one in steps] == list(BUDGETS_PER_DAY)
    factors = [one.limit_factor for one in steps]
    assert factors == sorted(factors)
    in_use = steps_of(calibration, [calibration.budget_per_day])[0]
    assert in_use.limit_factor == pytest.approx(1.0)
    assert all(one.promised_per_day >= one.budget_per_day for one in steps)


def test_what_cannot_be_promised_yet_says_how_long_it_takes(calibration):
    missing = [hours_missing(calibration, budget) for budget in BUDGETS_PER_DAY]
    told = [hours for hours in missing if hours is not None]
    assert told == sorted(told)
    # Three over the rate: 95 % of the time there would have been one.
    assert missing[-1] > 24 * 30 * 2.9


def test_what_would_have_been_told_counts_by_the_limit_that_was_in_use(calibration):
    ratios = np.full(100, 0.5)
    ratios[50] = 1.01
    stretch = Stretch(start=datetime(2030, 1, 1, tzinfo=UTC), hop_s=1.0, ratios=ratios)
    steps = steps_of(calibration)
    for at, step in enumerate(steps):
        in_use = factor_of(calibration, step.budget_per_day)
        assert in_use == pytest.approx(step.limit_factor)
        assert past_events(stretch, steps, in_use)[at] == 1
    assert past_events(None, steps, 1.0) is None
    assert factor_of(calibration, None) == 1.0
