"""Which recordings a trained bundle learned from."""

import hashlib

import numpy as np
import pytest

from auscult.runtime.arrays import from_json, to_json
from auscult.runtime.learned import ARRAY, array_of, digests_of


def test_beginnings_come_back_through_a_bundle():
    digests = [hashlib.sha256(bytes([number])).hexdigest() for number in range(20)]
    kept = from_json(to_json({ARRAY: array_of(digests)}), "fan.onnx")
    assert digests_of(kept) == tuple(sorted(digest[:16] for digest in digests))


@pytest.mark.parametrize("arrays", [{}, {ARRAY: np.zeros(4, np.int16)}, {ARRAY: np.zeros((2, 4))}])
def test_what_keeps_none_gives_none(arrays):
    assert digests_of(arrays) == ()


def test_nothing_learned():
    assert digests_of({ARRAY: array_of([])}) == ()
