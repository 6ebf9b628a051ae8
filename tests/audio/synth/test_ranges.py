import math
from dataclasses import make_dataclass

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from auscult.audio.synth.ranges import check_ranges, check_whole, is_real, is_whole
from auscult.errors import RecipeError

Pipe = make_dataclass("Pipe", ["length_m"])


@given(st.floats(allow_nan=True))
@example(-1.0)
@example(2.5)
def test_a_number_is_in_its_range_with_both_ends(value):
    assert is_real(value, -1.0, 2.5) == (-1.0 <= value <= 2.5)


@given(st.integers())
@example(0)
@example(7)
def test_a_whole_number_is_in_its_range_with_both_ends(value):
    assert is_whole(value, 0, 7) == (0 <= value <= 7)


@pytest.mark.parametrize("value", [np.float32(1.5), np.int64(2), 2, 2.5])
def test_numpy_counts_as_numbers(value):
    assert is_real(value, 1, 3)
    assert is_whole(value, 1, 3) == (value == 2)


@pytest.mark.parametrize("value", [math.nan, math.inf, "2", None, 2j, [2]])
def test_what_is_no_number_is_in_no_range(value):
    assert not is_real(value, 1, 3)
    assert not is_whole(value, 1, 3)


@pytest.mark.parametrize("length_m", [1, 2])
def test_both_ends_of_a_range_pass(length_m):
    check_ranges(Pipe(length_m), length_m=(1, 2))
    check_whole(Pipe(length_m), length_m=(1, 2))


def test_a_refusal_names_the_object_the_value_and_the_range():
    with pytest.raises(RecipeError) as refusal:
        check_ranges(Pipe(0.2), length_m=(0.5, 1e9))
    assert str(refusal.value) == (
        "Pipe has length_m=0.2. Expected: length_m from 0.5 to 1e+09. Change length_m."
    )
    with pytest.raises(RecipeError, match=r"length_m=1\.5.* a whole number from 1 to 4\. Change"):
        check_whole(Pipe(1.5), length_m=(1, 4))
