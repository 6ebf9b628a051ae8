import numpy as np
import pytest

from auscult.memory.archive import narrowed, packed, unpacked


@pytest.mark.parametrize("largest", [900.0, 1e5])
def test_what_is_packed_comes_back(largest):
    rows = np.linspace(-largest, largest, 12, dtype=np.float32).reshape(3, 4)
    content = packed("ears", rows=narrowed(rows), number=np.arange(3))
    ears, (number, back) = unpacked(content, ["number", "rows"], max_bytes=10_000)
    assert ears == "ears"
    assert number.tolist() == [0, 1, 2]
    assert np.allclose(back, rows, rtol=1e-3)


def test_what_is_not_of_the_kind_is_nothing():
    content = packed("ears", rows=np.zeros(3))
    for damaged in (b"", b"nothing", content[:-30]):
        assert unpacked(damaged, ["rows"], max_bytes=10_000) is None
    assert unpacked(packed("ears", rows=np.array(["a"])), ["rows"], max_bytes=10_000) is None
    assert unpacked(content, ["others"], max_bytes=10_000) is None
    assert unpacked(content, ["rows"], max_bytes=len(content) - 1) is None
