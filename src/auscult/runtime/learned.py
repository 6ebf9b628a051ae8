"""Which recordings a trained bundle learned from, and which chose its epoch: so much of their digests that they are known again."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

ARRAY = "learned.digests"

HELD_OUT = "learned.held_out"
"""Of recordings that nothing was learned from, but that chose the epoch and set the limits."""

_BYTES = 8


def array_of(digests: Iterable[str]) -> NDArray[np.int16]:
    """Beginnings of SHA-256 digests, ready to be kept in a bundle: shape (recordings, 4).

    Examples
    --------
    >>> digests_of({ARRAY: array_of(["00ff" * 16])})
    ('00ff00ff00ff00ff',)
    """
    raw = b"".join(bytes.fromhex(digest)[:_BYTES] for digest in sorted(set(digests)))
    return np.frombuffer(raw, np.dtype("<i2")).reshape(-1, _BYTES // 2)


def digests_of(arrays: Mapping[str, NDArray[Any]], name: str = ARRAY) -> tuple[str, ...]:
    """The beginnings as hexadecimal digits; none where a bundle keeps none."""
    found = arrays.get(name)
    if found is None or found.ndim != 2 or found.dtype != np.int16:
        return ()
    return tuple(row.astype("<i2").tobytes().hex() for row in found)
