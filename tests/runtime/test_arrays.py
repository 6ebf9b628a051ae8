import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from auscult.errors import BundleError
from auscult.runtime import arrays
from auscult.runtime.arrays import from_json, to_json


@given(
    array=hnp.arrays(
        st.sampled_from([np.int16, np.int32, np.int64, np.float32, np.float16]),
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
        elements={"allow_nan": False, "allow_infinity": False},
    )
)
def test_what_is_written_is_read_again(array):
    again = from_json(to_json({"a": array, "b": array}), "fan.onnx")
    assert list(again) == ["a", "b"]
    # An array without axes is kept as one number in a row.
    np.testing.assert_array_equal(again["a"], array, strict=True)


def refused(text):
    with pytest.raises(BundleError) as caught:
        from_json(text, "fan.onnx")
    assert caught.value.what == "fan.onnx: the arrays in its metadata are broken."
    assert "as Auscult writes them" in caught.value.expected
    assert "Get the bundle again" in caught.value.action


@pytest.mark.parametrize(
    "shape", ["[-1]", "[true]", "[1.0]", "1", "null", '"1"', "[1, 1, 1, 1, 1]", "[2]", "[0]", "[]x"]
)
def test_a_shape_that_is_none(shape):
    refused(f'{{"a": {{"dtype": "int16", "shape": {shape}, "data": "AAA="}}}}')


@pytest.mark.parametrize("dtype", ["object", "float64", "complex64", "<U9", "O", "V8", ""])
def test_a_kind_that_bundles_do_not_keep(dtype):
    refused(f'{{"a": {{"dtype": "{dtype}", "shape": [1], "data": "AAA="}}}}')


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers(value):
    refused(to_json({"a": np.array([value], np.float32)}))


@pytest.mark.parametrize("part", ["[],", "{},", '"":[],', "0,", '"":'])
def test_megabytes_of_brackets_are_refused_before_they_are_read(part, monkeypatch):
    monkeypatch.setattr(arrays, "plain_json", lambda _: pytest.fail("it was read"))
    begun = time.process_time()
    refused("[" + part * (30 * 2**20 // len(part)) + "0]")
    assert time.process_time() - begun < 20.0


def test_a_text_that_is_too_long(monkeypatch):
    monkeypatch.setattr(arrays, "MAX_ARRAYS_BYTES", 10)
    refused(to_json({"a": np.zeros(9, np.int16)}))
