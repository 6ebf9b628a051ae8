"""Which sound of a stream is calm: nothing near an alarm, and nothing that is broken off too soon."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.live.calm import GUARD_S, SHORTEST_WINDOWS, CalmStretches
from auscult.memory.going_on import PIECE_WINDOWS
from auscult.runtime.calibration import Calibration, rule_from
from auscult.runtime.verdict import Verdict

RULE = rule_from(
    np.exp(np.random.default_rng(0).standard_normal(100)),
    name="sustained",
    statistic="score",
    votes=2,
    of=3,
)
CALIBRATION = Calibration(rules=(RULE,), recording=None, level=None, heard_s=3600.0)
HELD = int(GUARD_S)


def verdict(second, *, holding=False, state="normal"):
    return Verdict(
        start_s=float(second),
        end_s=second + 2.0,
        score=float(second),
        fast_score=1.0,
        ratio=0.5,
        holding=holding,
        state=state,
        level_db=-30.0,
    )


def heard(windows, *, fit=()):
    """Windows of what each stretch was made that turned out calm."""
    calm = CalmStretches(CALIBRATION, hop_s=1.0)
    found = []
    for one in windows:
        row = np.full(3, one.start_s, np.float32)
        told = calm.hear(one, row, is_fit=one.start_s not in fit)
        found += told
    return found


def seconds(found):
    return [one.embeddings[:, 0].tolist() for one in found]


def test_a_minute_is_calm_once_nothing_has_alarmed_for_minutes_after_it():
    n = PIECE_WINDOWS
    assert heard(verdict(second) for second in range(n + HELD)) == []
    (one,) = heard(verdict(second) for second in range(n + HELD + 2))
    assert seconds([one]) == [list(range(n))]
    assert one.is_clear
    # A vote of two in three needs two windows; the second largest of them is the newest but one.
    assert np.isnan(one.statistics[0, 0])
    assert one.statistics[1:, 0].tolist() == list(range(n - 1))


@given(at=st.integers(0, 900))
def test_nothing_near_an_alarm_is_learned(at):
    windows = [
        verdict(second, state="anomaly" if second == at else "normal") for second in range(900)
    ]
    for stretch in seconds(heard(windows)):
        assert stretch[-1] < at - HELD + 2 or stretch[0] >= at + HELD


def test_what_comes_near_a_limit_is_counted_and_not_learned():
    near = [verdict(second, holding=second == 70) for second in range(400)]
    clear = [one.is_clear for one in heard(near)]
    assert clear == [True, False, True, True]


@pytest.mark.parametrize("what", ["gap", "unfit"])
def test_what_is_broken_off_is_two_stretches_and_what_is_too_short_none(what):
    first = PIECE_WINDOWS + SHORTEST_WINDOWS
    second_at = first + (5 if what == "gap" else 1)
    last = second_at + SHORTEST_WINDOWS - 1
    fit = (first, last)
    middle = [] if what == "gap" else [verdict(first)]
    windows = [verdict(s) for s in range(first)] + middle
    windows += [verdict(s) for s in range(second_at, last + 400)]
    found = seconds(heard(windows, fit=fit))
    assert found[1] == list(range(PIECE_WINDOWS, first))
    assert all(second_at not in one for one in found)
    assert found[2][0] == last + 1


def test_what_was_not_judged_is_left_out():
    calm = CalmStretches(CALIBRATION, hop_s=1.0)
    silent = [verdict(second, state="no_signal") for second in range(400)]
    assert [calm.hear(one, None, is_fit=True) for one in silent] == [[]] * 400
