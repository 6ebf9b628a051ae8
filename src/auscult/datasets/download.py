"""Files from the network: resumed where they broke off, verified, there whole or not at all; and archives unpacked with care.

Only the standard library. Beside a file `x` that is not whole yet lie `x.part`, what has come so far, and `x.part.tag`, by
which the server knows whether its file is still the same.
"""

import hashlib
import http.client
import os
import shutil
import ssl
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from auscult.errors import DatasetError

Progress = Callable[[int, int | None], None]
"""Told how many bytes are there, and of how many, where that is known."""

_PIECE_BYTES = 2**20
_LEFT_FREE_BYTES = 200 * 10**6
_TIMEOUT_S = 30.0
_MAX_MEMBERS = 500_000
_MAX_RATIO = 50  # unpacked to packed; sound has less than 5
_BROKEN_ARCHIVE = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, NotImplementedError)
_PARTIAL, _NOT_FOUND, _BEYOND_THE_END = 206, 404, 416


def download(
    address: str,
    target: Path,
    *,
    sha256: str = "",
    md5: str = "",
    size_bytes: int | None = None,
    progress: Progress | None = None,
) -> Path:
    """Fetch a file, or what is missing of it.

    Parameters
    ----------
    address
        `http://…` or `https://…`
    target
        Where it shall be; its folder is made. A file that is there already and as it should be stays.
    sha256, md5
        Checksum, if one is known.
    size_bytes
        Size, if it is known.
    progress
        See `Progress`.

    Returns
    -------
    target

    Raises
    ------
    DatasetError
        If there is no connection, no such file, no room, or what came is not what it should be. What came before an
        interruption is kept.
    """
    wanted = _Wanted(address=address, sha256=sha256, md5=md5, size_bytes=size_bytes)
    if target.is_file() and wanted.is_met(target):
        return target
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not (size_bytes is not None and _size(part) == size_bytes):
            _fetch(wanted, part, progress)
        _verify(wanted, part)
        part.replace(target)
        _tag(part).unlink(missing_ok=True)
    except OSError as error:
        raise DatasetError(
            f"{target} could not be written: {error.strerror or error}.",
            "a folder that may be written to, with room for the file",
            "Choose another place, or make room; what has come so far is kept.",
        ) from None
    return target


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    address: str
    sha256: str
    md5: str
    size_bytes: int | None

    def is_met(self, path: Path) -> bool:
        """A file without a known checksum is as it should be if it has the known size, or there is none."""
        return not self.flaw(path)

    def flaw(self, path: Path) -> tuple[str, str] | None:
        """What is wrong with a file, and what was expected."""
        size = _size(path)
        if self.size_bytes is not None and size != self.size_bytes:
            return f"has {size:,} bytes", f"{self.size_bytes:,} bytes"
        for kind, expected in (("sha256", self.sha256), ("md5", self.md5)):
            if not expected:
                continue
            with path.open("rb") as file:
                found = hashlib.file_digest(file, kind).hexdigest()
            if found != expected:
                return f"has the {kind} {found}", expected
        return None


def _verify(wanted: _Wanted, part: Path) -> None:
    flaw = wanted.flaw(part)
    if flaw is None:
        return
    part.unlink()
    _tag(part).unlink(missing_ok=True)
    found, expected = flaw
    raise DatasetError(
        f"What came from {wanted.address} {found}.",
        expected,
        "It was removed. Try again; if it happens again, the file was replaced or the connection changes it.",
    )


def _fetch(wanted: _Wanted, part: Path, progress: Progress | None) -> None:
    with closing(_opened(wanted, part)) as answer:
        done = _size(part) if answer.status == _PARTIAL else 0
        length = answer.headers.get("Content-Length")
        total = done + int(length) if length is not None and length.isdecimal() else None
        _check_room(part.parent, (total or wanted.size_bytes or done) - done, part.name)
        _remember(part, answer.headers.get("ETag") or answer.headers.get("Last-Modified") or "")
        with part.open("ab" if done else "wb") as file:
            for piece in _pieces(answer, wanted.address):
                file.write(piece)
                done += len(piece)
                if progress is not None:
                    progress(done, total)
            file.flush()
            os.fsync(file.fileno())
    if total is not None and done < total:
        raise _interrupted(wanted.address, f"after {done:,} of {total:,} bytes")


def _opened(wanted: _Wanted, part: Path) -> http.client.HTTPResponse:
    """The answer of the server: the rest of the file if it gives that, else all of it."""
    done, tag = _size(part), _remembered(part)
    headers = {"User-Agent": "auscult", "Accept-Encoding": "identity"}
    is_strong = bool(tag) and not tag.startswith("W/")
    # Pieces of two files must not be joined: the server tells by its tag, or a checksum tells afterwards.
    if done and (is_strong or wanted.sha256 or wanted.md5):
        headers["Range"] = f"bytes={done}-"
        if is_strong:
            headers["If-Range"] = tag
    try:
        answer = _answer(wanted.address, headers)
    except HTTPError as error:
        error.close()
        if error.code != _BEYOND_THE_END or "Range" not in headers:
            raise _refused(wanted.address, error) from None
        part.unlink()
        return _opened(wanted, part)
    if answer.status == _PARTIAL and not _begins_at(answer, done):
        answer.close()
        part.unlink()
        return _opened(wanted, part)
    return answer


def _answer(address: str, headers: dict[str, str]) -> http.client.HTTPResponse:
    if urlsplit(address).scheme not in ("http", "https"):
        raise DatasetError(
            f"{address} is no address of the web.",
            "http://… or https://…",
            "Check the address.",
        )
    request = Request(address, headers=headers)  # noqa: S310 - looked at above
    try:
        answer: http.client.HTTPResponse = urlopen(request, timeout=_TIMEOUT_S)  # noqa: S310
    except HTTPError:
        raise
    except (URLError, TimeoutError, http.client.HTTPException, ConnectionError) as error:
        raise _unreachable(address, getattr(error, "reason", error)) from None
    return answer


def _begins_at(answer: http.client.HTTPResponse, start: int) -> bool:
    said: str = answer.headers.get("Content-Range", "")
    return said.startswith(f"bytes {start}-")


def _pieces(answer: http.client.HTTPResponse, address: str) -> Iterator[bytes]:
    while True:
        try:
            piece = answer.read(_PIECE_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise _interrupted(address, f"({error or type(error).__name__})") from None
        if not piece:
            return
        yield piece


def _check_room(folder: Path, n_bytes: int, name: str) -> None:
    free = shutil.disk_usage(folder).free
    if n_bytes + _LEFT_FREE_BYTES > free:
        raise DatasetError(
            f"There is no room for {name}: {n_bytes / 1e9:.2f} GB are to come, {free / 1e9:.2f} GB are free in {folder}.",
            f"{(n_bytes + _LEFT_FREE_BYTES) / 1e9:.2f} GB",
            "Make room, or choose another folder.",
        )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _tag(part: Path) -> Path:
    return part.with_name(part.name + ".tag")


def _remember(part: Path, tag: str) -> None:
    if tag:
        _tag(part).write_text(tag, encoding="utf-8")
    else:
        _tag(part).unlink(missing_ok=True)


def _remembered(part: Path) -> str:
    try:
        return _tag(part).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def _unreachable(address: str, reason: object) -> DatasetError:
    host = urlsplit(address).hostname or address
    if isinstance(reason, ssl.SSLCertVerificationError):
        why = "its certificate is not trusted here"
    else:
        why = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return DatasetError(
        f"{host} can't be reached: {why}.",
        f"a connection to {host}",
        f"Check the network and the proxy, or fetch {address} elsewhere and bring the file here.",
    )


def _refused(address: str, error: HTTPError) -> DatasetError:
    if error.code == _NOT_FOUND:
        return DatasetError(
            f"{address} is not there: the server answers 404.",
            "a file at this address",
            "It may have moved: update Auscult, or fetch it by hand from the page of its publisher.",
        )
    return DatasetError(
        f"{address} is not given out: the server answers {error.code} {error.reason}.",
        "the file",
        "Try again later; what has come so far is kept.",
    )


def _interrupted(address: str, where: str) -> DatasetError:
    return DatasetError(
        f"The connection to {urlsplit(address).hostname} broke off {where}.",
        "the whole file",
        "Give the same command again: it goes on from there.",
    )


def unpack(archive: Path, folder: Path, *, progress: Progress | None = None) -> int:
    """Unpack a ZIP or tar archive; files that are there already, and as long, are left alone.

    Parameters
    ----------
    archive
        Its bytes tell which of both it is.
    folder
        It is made, and nothing is written outside it.
    progress
        Told bytes done and bytes in all.

    Returns
    -------
    files
        How many it holds.

    Raises
    ------
    DatasetError
        If it is broken, holds links, names that lead elsewhere, or far more than its size can honestly hold, or if there is
        no room. Names and sizes are looked at before anything is written.
    """
    try:
        with archive.open("rb") as file:
            is_zip = zipfile.is_zipfile(file)
        if is_zip:
            with zipfile.ZipFile(archive) as packed:
                return _unpacked(list(_zip_members(packed)), archive, folder, progress)
        with tarfile.open(archive) as tape:
            return _unpacked(list(_tar_members(tape)), archive, folder, progress)
    except _BROKEN_ARCHIVE as error:
        raise _spoilt(archive, f"it is broken ({error})") from None
    except OSError as error:
        raise DatasetError(
            f"{archive} could not be unpacked to {folder}: {error.strerror or error}.",
            "a folder that may be written to, with room",
            "Make room or choose another folder, and give the same command again.",
        ) from None


@dataclass(frozen=True, kw_only=True)
class _Member:
    """A file in an archive."""

    name: str
    n_bytes: int
    is_plain: bool
    open: Callable[[], IO[bytes]]


def _zip_members(packed: zipfile.ZipFile) -> Iterator[_Member]:
    for info in packed.infolist():
        if info.is_dir():
            continue
        mode = info.external_attr >> 16
        is_locked = bool(info.flag_bits & 1)
        yield _Member(
            name=info.filename,
            n_bytes=info.file_size,
            is_plain=(stat.S_IFMT(mode) in (0, stat.S_IFREG)) and not is_locked,
            open=partial(packed.open, info),
        )


def _tar_members(tape: tarfile.TarFile) -> Iterator[_Member]:
    for info in tape:
        if not info.isdir():
            yield _Member(
                name=info.name,
                n_bytes=info.size,
                is_plain=info.isreg(),
                open=partial(_in_tar, tape, info),
            )


def _in_tar(tape: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    file = tape.extractfile(info)
    if file is None:
        raise tarfile.ReadError(f"{info.name} can't be read")
    return file


def _unpacked(
    members: list[_Member], archive: Path, folder: Path, progress: Progress | None
) -> int:
    places = [_place(member, archive, folder) for member in members]
    total = _honest_size(members, archive)
    folder.mkdir(parents=True, exist_ok=True)
    missing = [
        (member, place)
        for member, place in zip(members, places, strict=True)
        if not (place.is_file() and place.stat().st_size == member.n_bytes)
    ]
    _check_room(folder, sum(member.n_bytes for member, _ in missing), archive.name)
    done = total - sum(member.n_bytes for member, _ in missing)
    for member, place in missing:
        _write(member, place, archive)
        done += member.n_bytes
        if progress is not None:
            progress(done, total)
    return len(members)


def _place(member: _Member, archive: Path, folder: Path) -> Path:
    """Where a file belongs, if that is inside the folder on every system."""
    path = PurePosixPath(member.name)
    parts = path.parts
    leads_out = path.is_absolute() or ".." in parts or not parts
    if leads_out or any(sign in member.name for sign in "\\:\0") or not member.is_plain:
        raise _spoilt(archive, f"it holds {member.name!r}, a link or a name that leads elsewhere")
    place = folder.joinpath(*parts)
    if not place.resolve().is_relative_to(folder.resolve()):
        raise _spoilt(archive, f"{member.name!r} would be written through a link to elsewhere")
    return place


def _honest_size(members: list[_Member], archive: Path) -> int:
    total = sum(member.n_bytes for member in members)
    if len(members) > _MAX_MEMBERS or total > _MAX_RATIO * max(
        archive.stat().st_size, _PIECE_BYTES
    ):
        raise _spoilt(archive, f"it would become {len(members):,} files of {total / 1e9:.1f} GB")
    return total


def _write(member: _Member, place: Path, archive: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(place.name + ".part")
    written = 0
    with member.open() as packed, part.open("wb") as file:
        while piece := packed.read(_PIECE_BYTES):
            written += len(piece)
            if written > member.n_bytes:
                break
            file.write(piece)
    if written != member.n_bytes:
        part.unlink()
        raise _spoilt(archive, f"{member.name!r} is not as long as it says")
    part.replace(place)


def _spoilt(archive: Path, what: str) -> DatasetError:
    return DatasetError(
        f"{archive} can't be unpacked: {what}.",
        "a whole ZIP or tar archive of plain files",
        "Remove it and fetch it again.",
    )
