"""What a bundle's file is called by: `.onnx`, or `.tflite` for LiteRT. What it is, its content says."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from auscult.runtime.tflite_file import is_tflite

SUFFIXES = (".onnx", ".tflite")

_FIRST_BYTES = 8


def suffix_of(path: Path) -> str:
    """The suffix that fits a file's content, however it came to be called.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     _ = file.write(b"....TFL3....")
    ...     file.flush()
    ...     suffix_of(Path(file.name))
    '.tflite'
    """
    with path.open("rb") as file:
        return SUFFIXES[is_tflite(file.read(_FIRST_BYTES))]


def bundle_files_in(folder: Path) -> Iterator[Path]:
    """Files in a folder that are called as bundles are, in no order."""
    return chain.from_iterable(folder.glob(f"*{suffix}") for suffix in SUFFIXES)
