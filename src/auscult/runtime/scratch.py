"""A folder for what a library wants to have in files; a disk that is full is told in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from auscult.errors import EngineError


@contextmanager
def scratch(what: str) -> Iterator[Path]:
    """A folder that goes away again.

    Parameters
    ----------
    what
        What it is for, as errors begin: "The network could not be put into eight bits".

    Raises
    ------
    EngineError
        If something could not be written to it.

    Examples
    --------
    >>> with scratch("Nothing could be kept") as folder:
    ...     folder.is_dir()
    True
    """
    place = ""
    try:
        with TemporaryDirectory() as folder:
            place = f" to {Path(folder).parent}"
            yield Path(folder)
    except OSError as error:
        raise EngineError(
            f"{what}: files for a while could not be written{place}: {error.strerror or error}.",
            "a disk with room for several times the bundle",
            "Make room there, or name a folder on another disk in the environment variable TMPDIR.",
        ) from None
