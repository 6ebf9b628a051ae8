"""Where values come to lie, and which numbers the axes show."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.evaluation.svg import Plot, log_ticks, ticks

SQUARE = Plot(
    x=(0, 10), y=(0, 1), x_label="x", y_label="y", width=120, height=120, left=10, right=10,
    top=10, bottom=10,
)  # fmt: skip


def test_values_become_pixels_and_never_leave_the_plot():
    assert SQUARE.px([0, 5, 10, 99, -99]).tolist() == [10, 60, 110, 110, 10]
    assert SQUARE.py([0, 0.5, 1, 9]).tolist() == [110, 60, 10, 10]


def test_equal_ratios_are_equal_steps():
    plot = Plot(x=(1, 100), y=(0, 1), x_label="", y_label="", log_x=True)
    low, middle, high = plot.px([1, 10, 100])
    assert middle - low == pytest.approx(high - middle)
    assert plot.px(0.0) == plot.left


@given(
    low=st.floats(-1e6, 1e6),
    span=st.floats(1e-3, 1e6),
)
def test_ticks_are_few_round_and_inside(low, span):
    found = ticks(low, low + span)
    assert 2 <= len(found) <= 6
    assert all(low - 1e-6 * span <= value <= low + 1.000001 * span for value in found)
    step = found[1] - found[0]
    lead = step / 10 ** math.floor(math.log10(step) + 1e-6)
    assert min(abs(lead - m) for m in (1, 2, 2.5, 5, 10)) < 0.01


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.5, 30, [0.5, 1, 2, 5, 10, 20]), (0.01, 100, [0.01, 0.1, 1, 10, 100])],
)
def test_ticks_of_ratios(low, high, expected):
    assert log_ticks(low, high) == pytest.approx(expected)


def test_counts_drawn_downwards_have_no_sign():
    plot = Plot(x=(0, 1), y=(-10, 10), x_label="", y_label="")
    assert "−" not in plot.svg(label="")
    assert "−" in Plot(x=(0, 1), y=(-10, 11), x_label="", y_label="").svg(label="")


def test_points_on_one_pixel_are_drawn_once():
    line = SQUARE.line(np.linspace(0, 1e-3, 1000), np.zeros(1000), "curve")
    assert line.count("L") == 0


def test_an_area_reaches_the_ground_on_both_sides():
    assert 'd="M10 110L10 60L110 10L110 110Z"' in SQUARE.area([0, 10], [0.5, 1], "shade")


def test_a_limit_is_named_on_the_side_that_has_room():
    assert SQUARE.limit(math.inf) == ()
    plot = Plot(x=(0, 1), y=(0, 1), x_label="", y_label="", left=0, right=0, width=500)
    for value, place, kind in ((0.5, 255, "note"), (0.9, 445, "note end")):
        line, name = plot.limit(value)
        assert f'x1="{500 * value:g}"' in line
        assert f'x="{place}" ' in name
        assert f'class="{kind}"' in name


def test_the_picture_says_what_it_shows():
    picture = SQUARE.svg(label="A & B")
    assert picture.startswith('<svg viewBox="0 0 120 120" role="img" aria-label="A &amp; B">')
    assert ">x</text>" in picture
    assert ">y</text>" in picture
