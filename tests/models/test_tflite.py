"""Constants come out of a TFLite file as its own interpreter sees them."""

import os
import struct
import warnings
from pathlib import Path

import numpy as np
import pytest

from auscult.errors import BundleError
from auscult.models.tflite import Constant, constants

DATA = Path(os.environ.get("AUSCULT_DATA", Path(__file__).parents[2] / "../shared/data"))
YAMNET = DATA / "models" / "yamnet_classification_int8.tflite"


class Writer:
    """Writes the few kinds of FlatBuffers that a TFLite file is made of, from front to back."""

    def __init__(self):
        self.content = bytearray(b"\0\0\0\0TFL3")
        self.later = []

    def put(self, data):
        self.content += bytes(-len(self.content) % 8)
        place = len(self.content)
        self.content += data
        return place

    def table(self, fields):
        """Fields by number: (form, value), or a function that writes what the offset leads to."""
        count = max(fields, default=-1) + 1
        vtable = self.put(struct.pack("<HH", 4 + 2 * count, 4 + 8 * count) + bytes(2 * count))
        place = self.put(bytes(8 + 8 * count))
        struct.pack_into("<i", self.content, place, place - vtable)
        for number, field in fields.items():
            inside = 8 + 8 * number
            struct.pack_into("<H", self.content, vtable + 4 + 2 * number, inside)
            if callable(field):
                target = field()
                struct.pack_into("<I", self.content, place + inside, target - place - inside)
            else:
                struct.pack_into(field[0], self.content, place + inside, field[1])
        return place

    def array(self, values, kind):
        data = np.asarray(values, kind)
        # The values themselves are aligned, not the count before them.
        self.content += bytes((-len(self.content) - 4) % 8)
        place = len(self.content)
        self.content += struct.pack("<I", len(data)) + data.tobytes()
        return place

    def tables(self, makers):
        place = self.put(struct.pack("<I", len(makers)) + bytes(4 * len(makers)))
        for i, make in enumerate(makers):
            at = place + 4 + 4 * i
            target = make()
            struct.pack_into("<I", self.content, at, target - at)
        return place


KINDS = {"float32": 0, "int32": 2, "int8": 9}


def written(tensors):
    """A file of tensors (name, values, scale, zero points, axis)."""
    w = Writer()

    def tensor(number, one):
        name, values, scale, zero, axis = one
        return lambda: w.table(
            {
                0: lambda: w.array(values.shape, np.int32),
                1: ("<b", KINDS[values.dtype.name]),
                2: ("<I", number),
                3: lambda: w.array(list(name.encode()), np.uint8),
                4: lambda: w.table(
                    {
                        2: lambda: w.array(scale, np.float32),
                        3: lambda: w.array(zero, np.int64),
                        6: ("<i", axis),
                    }
                ),
            }
        )

    def graph():
        return w.table(
            {
                0: lambda: w.tables([tensor(i, one) for i, one in enumerate(tensors)]),
            }
        )

    def buffer(values):
        return lambda: w.table({0: lambda: w.array(values.ravel().view(np.uint8), np.uint8)})

    root = w.table(
        {
            2: lambda: w.tables([graph]),
            4: lambda: w.tables([buffer(one[1]) for one in tensors]),
        }
    )
    struct.pack_into("<I", w.content, 0, root)
    return bytes(w.content)


KERNEL = np.arange(-6, 6, dtype=np.int8).reshape(3, 4)
FILE = written(
    [
        ("kernel", KERNEL, [0.5, 1.0, 2.0, 4.0], [0], 1),
        ("bias", np.array([10, -3], np.int32), [0.1], [2], 0),
        ("table", np.array([0.25, 8.0], np.float32), [], [], 0),
        ("input", np.array([], np.float32), [], [], 0),
    ]
)


def test_constants_are_read_and_made_real():
    found = constants(FILE)
    assert [constant.name for constant in found.values()] == ["kernel", "bias", "table"]
    assert sorted(found) == [0, 1, 2]
    np.testing.assert_array_equal(found[0].values, KERNEL)
    np.testing.assert_array_equal(found[0].real(), KERNEL * np.array([0.5, 1.0, 2.0, 4.0]))
    np.testing.assert_allclose(found[1].real(), [0.8, -0.5], rtol=1e-6)
    np.testing.assert_array_equal(found[2].real(), [0.25, 8.0])


@pytest.mark.parametrize("content", [b"", b"short", b"\0\0\0\0ONNXabcdefgh", FILE[:200], FILE[:20]])
def test_what_is_no_such_file(content):
    with pytest.raises(BundleError) as caught:
        constants(content, "yamnet.tflite")
    assert "yamnet.tflite is no TFLite file, or is broken" in caught.value.what
    assert caught.value.expected == "the file as it was published"


def test_any_flipped_byte_is_an_error_or_a_number():
    rng = np.random.default_rng(0)
    for place in rng.choice(len(FILE), 200, replace=False):
        content = bytearray(FILE)
        content[place] ^= 0xFF
        try:
            found = constants(bytes(content))
        except BundleError:
            continue
        assert all(isinstance(constant, Constant) for constant in found.values())


def test_the_interpreter_sees_the_same():
    interpreter = pytest.importorskip("ai_edge_litert.interpreter")
    if not YAMNET.is_file():
        pytest.skip("no models/yamnet_classification_int8.tflite under AUSCULT_DATA")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        runner = interpreter.Interpreter(str(YAMNET))
        details = {one["index"]: one for one in runner.get_tensor_details()}
    found = constants(YAMNET.read_bytes())
    assert len(found) > 60
    for number, constant in found.items():
        detail = details[number]
        assert constant.name == detail["name"]
        np.testing.assert_array_equal(constant.values, runner.get_tensor(number))
        quantised = detail["quantization_parameters"]
        np.testing.assert_array_equal(constant.scale, quantised["scales"])
        if len(constant.scale) > 1:
            assert constant.axis == quantised["quantized_dimension"]
