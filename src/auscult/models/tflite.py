"""The constants of a TFLite file, read by hand: its weights, without anything that could run it.

A TFLite file is a FlatBuffer. A table begins with the distance back to its vtable, and the vtable says how far into the table
each field lies. Source: the FlatBuffers format, and `schema.fbs` of TensorFlow Lite.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from auscult.errors import BundleError

_Number = TypeVar("_Number", bound=np.generic)

_IDENTIFIER = b"TFL3"
_DTYPES = {0: np.float32, 2: np.int32, 4: np.int64, 9: np.int8}

# Numbers of the fields that are read, in the order of the schema.
_MODEL_SUBGRAPHS, _MODEL_BUFFERS = 2, 4
_SUBGRAPH_TENSORS = 0
_SHAPE, _TYPE, _BUFFER, _NAME, _QUANTIZATION = range(5)
_BUFFER_DATA = 0
_SCALE, _ZERO_POINT, _AXIS = 2, 3, 6


@dataclass(frozen=True, kw_only=True, eq=False)
class Constant:
    """A constant of the graph.

    Parameters
    ----------
    name
        As in the file; not always unique.
    values
        As they are stored.
    scale, zero_point
        Of quantised ones: real value = scale·(value - zero_point); one of each, or one for each entry of `axis`.
    """

    name: str
    values: NDArray[np.generic]
    scale: NDArray[np.float32]
    zero_point: NDArray[np.int64]
    axis: int

    def real(self) -> NDArray[np.float32]:
        """What the values stand for."""
        values = self.values.astype(np.float32)
        if not len(self.scale):
            return values
        shape = [1] * values.ndim
        if len(self.scale) > 1:
            shape[self.axis] = -1
        zero = np.broadcast_to(self.zero_point.astype(np.float32), self.scale.shape)
        return (values - zero.reshape(shape)) * self.scale.reshape(shape)


def constants(content: bytes, source: str = "model") -> dict[int, Constant]:
    """The constants of a file's first graph, by the number of their tensor.

    Raises
    ------
    BundleError
        If it is no TFLite file, or broken.
    """
    if content[4:8] != _IDENTIFIER:
        raise _broken(source)
    try:
        return dict(_constants(content))
    except (struct.error, IndexError, KeyError, UnicodeDecodeError, ValueError):
        raise _broken(source) from None


def _constants(content: bytes) -> Iterator[tuple[int, Constant]]:
    model = _Table(content, _offset(content, 0))
    buffers = model.tables(_MODEL_BUFFERS)
    graph = model.tables(_MODEL_SUBGRAPHS)[0]
    for number, tensor in enumerate(graph.tables(_SUBGRAPH_TENSORS)):
        data = buffers[tensor.number(_BUFFER, "<I")].array(_BUFFER_DATA, np.uint8)
        if not len(data):
            continue
        kind = _DTYPES[tensor.number(_TYPE, "<b")]
        quantised = tensor.table(_QUANTIZATION)
        yield (
            number,
            Constant(
                name=tensor.text(_NAME),
                values=data.view(kind).reshape(tensor.array(_SHAPE, np.int32)),
                scale=quantised.array(_SCALE, np.float32),
                zero_point=quantised.array(_ZERO_POINT, np.int64),
                axis=quantised.number(_AXIS, "<i"),
            ),
        )


class _Table:
    def __init__(self, content: bytes, start: int) -> None:
        self._content, self._start = content, start

    def _place(self, field: int) -> int:
        """Where a field lies; 0 if it is not there."""
        if not self._start:
            return 0
        (back,) = struct.unpack_from("<i", self._content, self._start)
        vtable = self._start - back
        (length,) = struct.unpack_from("<H", self._content, vtable)
        if 4 + 2 * field >= length:
            return 0
        (inside,) = struct.unpack_from("<H", self._content, vtable + 4 + 2 * field)
        return self._start + inside if inside else 0

    def number(self, field: int, form: str) -> int:
        place = self._place(field)
        return int(struct.unpack_from(form, self._content, place)[0]) if place else 0

    def table(self, field: int) -> "_Table":
        place = self._place(field)
        return _Table(self._content, _offset(self._content, place) if place else 0)

    def _vector(self, field: int) -> tuple[int, int]:
        place = self._place(field)
        if not place:
            return 0, 0
        start = _offset(self._content, place)
        (count,) = struct.unpack_from("<I", self._content, start)
        return start + 4, count

    def tables(self, field: int) -> "list[_Table]":
        start, count = self._vector(field)
        return [_Table(self._content, _offset(self._content, start + 4 * i)) for i in range(count)]

    def array(self, field: int, kind: type[_Number]) -> NDArray[_Number]:
        start, count = self._vector(field)
        return np.frombuffer(self._content, kind, count, start)

    def text(self, field: int) -> str:
        return self.array(field, np.uint8).tobytes().decode()


def _offset(content: bytes, place: int) -> int:
    (distance,) = struct.unpack_from("<I", content, place)
    return place + int(distance)


def _broken(source: str) -> BundleError:
    return BundleError(
        f"{source} is no TFLite file, or is broken.",
        "the file as it was published",
        "Get it again from where it was made.",
    )
