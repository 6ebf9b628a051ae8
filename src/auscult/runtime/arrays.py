"""Arrays as text, for the metadata of a bundle: JSON {name: {dtype, shape, data (base64)}}."""

import base64
import json
from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auscult.errors import BundleError
from auscult.runtime.manifest import plain_json

MAX_ARRAYS_BYTES = 64 * 2**20

_DTYPES = ("float16", "float32", "int8", "int16", "int32", "int64")
_MAX_ARRAYS = 64
_MAX_AXES = 4


def to_json(arrays: Mapping[str, NDArray[Any]]) -> str:
    """The text that is stored.

    Examples
    --------
    >>> to_json({"a": np.array([1, 2], np.int16)})
    '{"a": {"dtype": "int16", "shape": [2], "data": "AQACAA=="}}'
    """
    return json.dumps(
        {
            name: {
                "dtype": str(array.dtype),
                "shape": array.shape,
                "data": base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii"),
            }
            for name, array in arrays.items()
        }
    )


def from_json(text: str, source: str) -> dict[str, NDArray[Any]]:
    """Read arrays from a file that may come from anywhere.

    Raises
    ------
    BundleError
        If the text is too long, or no such arrays of finite numbers.
    """
    try:
        if len(text) > MAX_ARRAYS_BYTES or _has_too_many_parts(text):
            raise ValueError("too large")
        return {str(name): _array(entry) for name, entry in plain_json(text).items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BundleError(
            f"{source}: the arrays in its metadata are broken.",
            "arrays as Auscult writes them",
            "Get the bundle again from where it was made.",
        ) from None


def _has_too_many_parts(text: str) -> bool:
    """Megabytes of brackets would become gigabytes of lists; base64 has none of these signs."""
    many = _MAX_ARRAYS * (_MAX_AXES + 3)
    return any(text.count(sign) > many for sign in "{[,:")


def _array(entry: Mapping[str, Any]) -> NDArray[Any]:
    shape = entry["shape"]
    if entry["dtype"] not in _DTYPES or len(shape) > _MAX_AXES:
        raise ValueError("no such array")
    if not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError("no shape")
    raw = base64.b64decode(entry["data"], validate=True)
    array = np.frombuffer(raw, np.dtype(entry["dtype"]))
    if array.size != prod(shape):
        raise ValueError("another number of values than its shape says")
    if array.dtype.kind == "f" and not np.all(np.isfinite(array)):
        raise ValueError("not finite")
    return array.reshape(shape)
