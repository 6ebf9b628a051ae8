import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.audio.synth.chance import (
    SLOPE_DEVIATION,
    SPLINE_DEVIATION,
    generator,
    slow_curve,
    spline,
)

LONG_S = np.arange(0.0, 40_000.0, 0.25)


@given(st.integers(0, 2**40), st.text(max_size=9), st.integers(-(2**30), 2**30))
def test_a_draw_is_the_same_whenever_it_is_asked_for(seed, part, number):
    assert generator(seed, part, number).random() == generator(seed, part, number).random()


def test_every_seed_part_and_number_draws_otherwise():
    keys = [(0, "a", 1), (1, "a", 1), (0, "b", 1), (0, "a", 2), (0, "a", -1), (0, "a", 0)]
    assert len({generator(*key).random() for key in keys}) == len(keys)


@pytest.mark.parametrize("curve", [slow_curve, lambda *of: spline(*of, 0.3)])
@given(first=st.integers(0, 2000), n=st.integers(1, 300))
def test_a_curve_needs_no_past(curve, first, n):
    times_s = np.arange(3000) / 10
    piece = slice(first, first + n)
    for whole, part in zip(curve(5, "x", times_s), curve(5, "x", times_s[piece]), strict=True):
        assert np.array_equal(whole[piece], part)


def test_a_spline_varies_as_much_as_it_says_and_its_slope_is_its_slope():
    value, slope = spline(3, "x", LONG_S, 2.0)
    assert np.std(value) == pytest.approx(SPLINE_DEVIATION, rel=0.03)
    assert np.std(slope) == pytest.approx(SLOPE_DEVIATION, rel=0.03)
    knots = LONG_S / 2.0
    assert np.gradient(value, knots)[1:-1] == pytest.approx(slope[1:-1], abs=0.05)


def test_a_slow_curve_has_deviation_one_and_is_slow():
    value, integral = slow_curve(3, "x", LONG_S)
    assert np.std(value) == pytest.approx(1.0, abs=0.1)
    assert np.abs(np.diff(value)).max() < 0.1
    assert np.gradient(integral, LONG_S)[1:-1] == pytest.approx(value[1:-1], abs=0.01)
