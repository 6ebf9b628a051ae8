"""What loudness alone gives away, without seeing leaks where there are none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.evaluation.level_leak import LEAK_AUC, deviations, is_leak, level_leaks
from auscult.evaluation.metrics import auc


@given(st.lists(st.floats(-60, 0), min_size=2, max_size=12))
def test_each_normal_one_is_compared_with_the_median_of_the_others(values):
    array = np.array(values)
    others = [np.median(np.delete(array, i)) for i in range(len(array))]
    normal, anomaly = deviations(values, [-30.0])
    assert np.allclose(normal, np.abs(array - others))
    assert anomaly == pytest.approx(abs(-30.0 - np.median(array)))


def test_one_normal_recording_is_its_own_usual_level():
    normal, anomaly = deviations([-20.0], [-26.0])
    assert (normal.tolist(), anomaly.tolist()) == ([0.0], [6.0])


def test_a_few_recordings_of_equal_loudness_show_no_leak_on_average():
    rng = np.random.default_rng(0)
    areas = [auc(*deviations(rng.normal(size=5), rng.normal(size=5))) for _ in range(400)]
    assert np.mean(areas) == pytest.approx(0.5, abs=0.03)


def test_each_unit_is_compared_with_itself():
    # Louder in one unit, quieter in the other, and their medians are far apart: only by unit is it plain.
    units = [
        ("id_00", [-20.0, -20.5, -21, -19.5], [-15.0, -15.5]),
        ("id_02", [-40.0, -40.5, -41, -39.5], [-46.0]),
    ]
    area, leaks = level_leaks(units)
    assert area == 1.0
    assert [(leak.unit, leak.n_normal, leak.n_anomaly, leak.auc) for leak in leaks] == [
        ("id_00", 4, 2, 1.0),
        ("id_02", 4, 1, 1.0),
    ]


@pytest.mark.parametrize(
    ("normal", "anomaly"), [([-20.0, -20.1], [-10.0]), ([-20.0] * 9, []), ([], [])]
)
def test_too_little_to_compare_is_left_out(normal, anomaly):
    assert level_leaks([("fan", normal, anomaly)]) == (None, ())


def test_a_handful_of_recordings_is_no_evidence():
    assert not is_leak(1.0, 3, 1, sure=2.5)
    assert is_leak(1.0, 10, 10, sure=2.5)
    assert not is_leak(LEAK_AUC - 0.01, 1000, 1000, sure=2.5)
    (leak,) = level_leaks([("", [-20.0, -20.1, -20.2], [-10.0])])[1]
    assert (leak.auc, leak.is_leak(sure=2.0)) == (1.0, False)
