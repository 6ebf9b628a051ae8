"""How a stream was heard, as bytes that are kept: arrays without pickle, and a bound on what is read again."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_MOST_IN_HALF = 1000.0


def narrowed(embeddings: NDArray[np.float32]) -> Array:
    """In half precision, which is far finer than what tells two windows apart; huge values stay single.

    Examples
    --------
    >>> narrowed(np.ones((1, 2), np.float32)).dtype, narrowed(np.full((1, 2), 1e4, np.float32)).dtype
    (dtype('float16'), dtype('float32'))
    """
    fits = np.abs(embeddings).max(initial=0.0) < _MOST_IN_HALF
    return embeddings.astype(np.float16 if fits else np.float32)


def packed(ears: str, **arrays: Array) -> bytes:
    """Arrays by name, and what heard them."""
    file = io.BytesIO()
    np.savez(file, ears=np.array(ears), **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def unpacked(
    content: bytes, names: Sequence[str], *, max_bytes: int
) -> tuple[str, tuple[Array, ...]] | None:
    """What was packed, in the order of the names; `None` where it is nothing of the kind, or more than that.

    Examples
    --------
    >>> unpacked(b"nothing", ["embeddings"], max_bytes=100) is None
    True
    """
    if len(content) > max_bytes:
        return None
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            ears, found = str(arrays["ears"]), tuple(arrays[name] for name in names)
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile):
        return None
    return (ears, found) if all(array.dtype.kind in "fiu" for array in found) else None
