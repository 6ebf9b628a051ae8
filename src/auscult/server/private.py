"""Files of the server that nobody else may read: keys, addresses with passwords, what the owner chose."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOSPC
from pathlib import Path
from typing import Any

from auscult.errors import StoreError


def write_private(path: Path, plain: Any, *, what: str) -> None:
    """Write JSON whole or not at all, for the owner alone.

    Parameters
    ----------
    path
        Where to.
    plain
        Plain values.
    what
        What errors call it.

    Raises
    ------
    StoreError
        If it can't be written; then what was there is there still.
    """
    with refused_disk(f"{what} could not be written to {path}"):
        write_private_bytes(path, json.dumps(plain, indent=1).encode())


def write_private_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, for the owner alone.

    Raises
    ------
    OSError
        If it can't be written; then what was there is there still.
    """
    part = path.with_suffix(".part")
    # Made anew, so that nobody else's file or link is written to.
    part.unlink(missing_ok=True)
    number = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


@contextmanager
def refused_disk(trouble: str) -> Iterator[None]:
    """What the disk refuses is told in words.

    Parameters
    ----------
    trouble
        What could not be done, and where.

    Raises
    ------
    StoreError
        In place of an `OSError`.

    Examples
    --------
    >>> with refused_disk("Nothing can be kept in /nowhere"):  # doctest: +ELLIPSIS
    ...     open("/nowhere/at all")
    Traceback (most recent call last):
    auscult.errors.StoreError: Nothing can be kept in /nowhere: No such file or directory. Expected: ...
    """
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{trouble}: {error.strerror or error}.",
            "a folder that may be written to, with space left",
            "Make room, or choose another place: --data-dir",
            code="disk_full" if error.errno == ENOSPC else "disk_failed",
        ) from None
