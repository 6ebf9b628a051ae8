"""Files read within a limit, and written whole or not at all."""

import errno
import os
import secrets
import stat
from pathlib import Path


def read_limited(path: Path, limit_bytes: int) -> bytes | None:
    """All of a file, or `None` if it is longer than the limit; a pipe that never ends is read no further than that."""
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size > limit_bytes:
            return None
        content = file.read(limit_bytes + 1)
    return None if len(content) > limit_bytes else content


def write_whole(target: Path, content: bytes) -> None:
    """Write a file so that, whatever happens, either the old one or the new one is there.

    It is written beside its place under a hidden name that no bundle has, flushed, and renamed. A link stays: what it points
    to is written. A file that was there keeps its permissions; a new one has those that the user gives new files. A power
    cut may leave the hidden file `.….part` behind, and nothing else.

    Raises
    ------
    OSError
        If the place can't be written to, or is no ordinary file.
    """
    place = Path(os.path.realpath(target))  # where a link that is broken, too, points to
    before = _mode(place)
    temporary = place.with_name(f".{secrets.token_hex(8)}.part")
    # Opened by hand, for the umask to do its work, and so that nobody else's file or link is written to.
    handle = os.open(
        temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666
    )
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if before is not None:
            temporary.chmod(before)
        temporary.replace(place)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _flush_folder(place.parent)


def _mode(place: Path) -> int | None:
    """Permissions of the file that is there; a device, a pipe or a folder is not to be replaced by a file."""
    try:
        mode = place.lstat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(place))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "It is no ordinary file", str(place))
    return stat.S_IMODE(mode)


def _flush_folder(folder: Path) -> None:
    """A name is safe when its folder is; the file itself is there already, so that a refusal is no failure."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows opens no folders
        return
    try:
        os.fsync(handle)
    except OSError:  # nor do all file systems flush them
        pass
    finally:
        os.close(handle)
