"""Which event is about which fault, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.evaluation.operating import Alarm, length_s, operating_point
from auscult.evaluation.truth import Fault

FAULTS = (Fault(start_s=100.0, end_s=120.0, label="knock"), Fault(start_s=130.0, end_s=150.0))


def alarm(start_s, end_s, told_s):
    return Alarm(
        start_s=start_s, end_s=end_s, told_s=told_s, kind="anomaly", rule="sudden", peak_ratio=1.5
    )


def point(*alarms, truth=FAULTS):
    return operating_point(alarms, truth, duration_s=1000.0, limits={"sudden": 1.0})


def delays(found):
    return [one.delay_s for one in found.heard]


def test_an_event_within_a_fault_hears_it():
    found = point(alarm(102.0, 118.0, 104.5))
    assert delays(found) == [4.5, None]
    assert (found.n_false, found.n_missed, found.missed, found.median_delay_s) == (0, 1, 0.5, 4.5)


def test_the_first_event_told_counts():
    assert delays(point(alarm(110.0, 112.0, 111.0), alarm(103.0, 105.0, 104.0)))[0] == 4.0


def test_one_event_over_two_faults_tells_of_the_first():
    assert delays(point(alarm(101.0, 149.0, 103.0))) == [3.0, None]


def test_an_event_elsewhere_is_false():
    found = point(alarm(500.0, 510.0, 501.0))
    assert (found.n_false, delays(found), found.false_s) == (1, [None, None], 10.0)
    assert found.normal_s == 960.0
    assert found.false_per_day == pytest.approx(86400 / 960)
    assert found.false_per_day_at_most == pytest.approx(4.744 * 86400 / 960, rel=1e-3)


def test_an_alarm_that_never_ends_hears_nothing():
    found = point(alarm(0.0, 1000.0, 2.0))
    assert (found.n_false, found.n_missed, found.false_s) == (1, 2, 960.0)


def test_told_after_the_fault_about_a_stretch_within_it():
    assert delays(point(alarm(118.0, 126.0, 121.0)))[0] == 21.0


def test_touching_is_not_overlapping():
    assert point(alarm(90.0, 100.0, 95.0)).n_false == 1
    assert point(alarm(120.0, 125.0, 121.0)).n_false == 1


def test_without_truth_nothing_is_known_of_misses():
    found = point(alarm(1.0, 2.0, 2.0), truth=None)
    assert (found.missed, found.median_delay_s, found.n_false) == (None, None, 1)
    assert found.alarms[0].is_false is None


def test_all_of_it_is_a_fault():
    found = point(truth=[Fault(start_s=0.0, end_s=1000.0)])
    assert (found.normal_s, found.false_per_day, found.false_per_day_at_most) == (0, None, None)
    assert found.to_dict()["alarm_share_of_normal"] is None


def test_json_has_every_event_where_it_is_wanted():
    found = point(alarm(102.0, 118.0, 104.5))
    assert "alarms" not in found.to_dict()
    whole = found.to_dict(whole=True)
    assert whole["alarms"][0]["is_false"] is False
    assert whole["heard"][0] == {
        "start_s": 100.0,
        "end_s": 120.0,
        "label": "knock",
        "delay_s": 4.5,
    }


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)).map(sorted)))
def test_length_is_that_of_the_union(spans):
    covered = np.zeros(200, bool)
    for start, end in spans:
        covered[start:end] = True
    assert length_s([(float(a), float(b)) for a, b in spans]) == covered.sum()


def test_an_alarm_that_never_ends_hears_the_first_fault_only():
    """Otherwise a limit that is always exceeded from then on would hear everything, without a false event."""
    told = [alarm(12.0, 3600.0, told_s=15.0)]
    faults = [Fault(start_s=s, end_s=s + 10.0) for s in (10.0, 1000.0, 2000.0)]
    found = operating_point(told, faults, duration_s=3600.0, limits={})
    assert delays(found) == [5.0, None, None]
    assert found.false_s == pytest.approx(3600.0 - 20.0 - 20.0, abs=1.0)
