"""The constants of a TFLite file, read by hand: its weights, without anything that could run it.

Source: `schema.fbs` of TensorFlow Lite.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auscult.errors import BundleError
from auscult.runtime.flatbuffer import BROKEN, Table, offset

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
    except BROKEN:
        raise _broken(source) from None


def _constants(content: bytes) -> Iterator[tuple[int, Constant]]:
    model = Table(content, offset(content, 0))
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


def _broken(source: str) -> BundleError:
    return BundleError(
        f"{source} is no TFLite file, or is broken.",
        "the file as it was published",
        "Get it again from where it was made.",
    )
