"""What a file says of itself, checked before a decoder sees it.

Decoders are lenient or terse: a WAV file that was cut off reads as a shorter one, a rate of 0 Hz is an "internal error".
"""

import io
import os
import struct
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from auscult.errors import AudioError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MIN_RATE_HZ = 1_000
MAX_RATE_HZ = 768_000
MAX_CHANNELS = 64

# How chunks are written: head of a chunk, place of the first one, what its size counts beside the body, alignment.
_CHUNKS = {
    b"RIFF": ("<4sI", 12, 0, 2),
    b"RF64": ("<4sI", 12, 0, 2),
    b"FORM": (">4sI", 12, 0, 2),
    b"riff": ("<16sQ", 40, 24, 8),  # Sony Wave64
}
_MAX_CHUNKS = 1000
_CONTAINERS = {b"\x1a\x45\xdf\xa3": "matroska", b"\x30\x26\xb2\x75": "asf", b"#!AM": "amr"}
_MP4_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"}
_OGG_MAX_PAGE = 27 + 255 + 255 * 255


class View(io.RawIOBase):
    """A seekable file without its name, in which some bytes read differently.

    Decoders guess from names; here only what is inside counts.
    """

    def __init__(self, file: BinaryIO, *, at: int = 0, patch: bytes = b"") -> None:
        self._file = file
        self._at = at
        self._patch = patch

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Position in the file."""
        return self._file.tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move in the file."""
        return self._file.seek(offset, whence)

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Read into a writable buffer."""
        room = memoryview(buffer).cast("B")
        start = self._file.tell()
        data = self._file.read(len(room))
        first = max(start, self._at)
        last = min(start + len(data), self._at + len(self._patch))
        if first < last:
            patch = self._patch[first - self._at : last - self._at]
            data = data[: first - start] + patch + data[last - start :]
        room[: len(data)] = data
        return len(data)


def container(head: bytes) -> str | None:
    """Name of the PyAV demuxer for a file that libsndfile can't read, from its first bytes.

    Examples
    --------
    >>> container(bytes([0, 0, 0, 28]) + b"ftypM4A "), container(b"RIFF")
    ('mov', None)
    """
    if head[4:8] in _MP4_BOXES:
        return "mov"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "aac"  # ADTS: MPEG audio's sync word with layer 0
    return _CONTAINERS.get(head[:4])


def checked(file: BinaryIO, name: str) -> View:
    """Refuse what can't be sound; return the file as a decoder should see it, at its start.

    Raises
    ------
    AudioError
        If the file is empty, cut off, or declares a rate or a number of channels that is out of range.
    """
    n_bytes = file.seek(0, os.SEEK_END)
    if not n_bytes:
        raise AudioError(
            f"{name} is empty (0 bytes).",
            "a recording",
            "Record or copy it again.",
            code="audio_empty",
            values={"name": name},
        )
    file.seek(0)
    kind = file.read(4)
    view = View(file)
    if kind in _CHUNKS:
        view = _check_chunks(file, name, kind, n_bytes)
    elif kind == b"OggS":
        _check_ogg(file, name, n_bytes)
    view.seek(0)
    return view


def check_rate(name: str, rate_hz: float) -> None:
    """Refuse a sample rate that no recording has.

    Raises
    ------
    AudioError
        If it is not within 1 kHz and 768 kHz.
    """
    if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
        raise AudioError(
            f"{name} declares a sample rate of {rate_hz:.12g} Hz.",
            f"{MIN_RATE_HZ} to {MAX_RATE_HZ} Hz",
            "The header is damaged, or this is no recording; export it again.",
        )


def check_channels(name: str, channels: int) -> None:
    """Refuse a number of channels that no microphone array here has.

    Raises
    ------
    AudioError
        If it is not within 1 and 64.
    """
    if not 1 <= channels <= MAX_CHANNELS:
        raise AudioError(
            f"{name} declares {channels} channels.",
            f"1 to {MAX_CHANNELS} channels",
            "The header is damaged, or the channels must be split into several files first.",
        )


def _check_chunks(file: BinaryIO, name: str, kind: bytes, n_bytes: int) -> View:
    data_64: int | None = None
    bytes_per_s = 0
    for tag, at, size in islice(_chunks(file, kind, n_bytes), _MAX_CHUNKS):
        if tag == b"ds64" and at + 16 <= n_bytes:
            _, data_64 = struct.unpack("<QQ", _at(file, at, 16))
        elif tag == b"fmt " and at + 12 <= n_bytes:
            channels, rate_hz, bytes_per_s = struct.unpack("<2xHII", _at(file, at, 12))
            check_rate(name, rate_hz)
            check_channels(name, channels)
        elif tag == b"COMM" and at + 18 <= n_bytes:
            channels, bits, exponent, mantissa = struct.unpack(">h4xhHQ", _at(file, at, 18))
            rate_hz = _extended(exponent, mantissa)
            check_rate(name, rate_hz)
            check_channels(name, channels)
            bytes_per_s = int(rate_hz * channels * bits / 8)
        elif tag in {b"data", b"SSND"}:
            declared = data_64 if data_64 is not None and kind == b"RF64" else size
            if _is_unwritten(declared):
                return _with_length(file, kind, at, declared)
            if declared > n_bytes - at:
                fields = 8 if tag == b"SSND" else 0  # AIFF has two before the sound
                raise _cut_off(name, declared - fields, n_bytes - at - fields, bytes_per_s)
            break
    return View(file)


def _cut_off(name: str, declared: int, present: int, bytes_per_s: int) -> AudioError:
    unit, per_unit = ("s", bytes_per_s) if bytes_per_s else ("bytes", 1)
    return AudioError(
        f"{name} is cut off: its header declares {declared / per_unit:.8g} {unit} of sound, "
        f"and {max(0, present) / per_unit:.8g} {unit} are there.",
        "a whole recording",
        "Copy or record it again.",
        code="audio_damaged",
        values={"name": name},
    )


def _with_length(file: BinaryIO, kind: bytes, at: int, declared: int) -> View:
    """A length of 0 that was never written reads as "to the end"; the other marks decoders know."""
    following = _at(file, at, 8)
    if kind == b"RIFF" and declared == 0 and following and not _is_chunk(following):
        return View(file, at=at - 4, patch=b"\xff\xff\xff\xff")
    return View(file)


def _check_ogg(file: BinaryIO, name: str, n_bytes: int) -> None:
    """Refuse a stream whose last page is not whole: Ogg declares no length, but each page does."""
    start = max(0, n_bytes - 2 * _OGG_MAX_PAGE)
    tail = _at(file, start, n_bytes - start)
    page = tail[max(0, tail.rfind(b"OggS\0")) :]
    n_segments = page[26] if len(page) > 26 else 1
    declared = 27 + n_segments + sum(page[27 : 27 + n_segments])
    if len(page) < declared:
        raise AudioError(
            f"{name} is cut off: its last page declares {declared} bytes or more, "
            f"and {len(page)} are there.",
            "a whole recording",
            "Copy or record it again.",
            code="audio_damaged",
            values={"name": name},
        )


def _chunks(file: BinaryIO, kind: bytes, n_bytes: int) -> Iterator[tuple[bytes, int, int]]:
    """Tag, place of the body and size of each chunk."""
    pattern, at, counted, align = _CHUNKS[kind]
    head = struct.calcsize(pattern)
    while at + head <= n_bytes:
        tag, size = struct.unpack(pattern, _at(file, at, head))
        size = max(0, size - counted)
        yield tag[:4], at + head, size
        at += head + size + -size % align


def _at(file: BinaryIO, at: int, size: int) -> bytes:
    file.seek(at)
    return file.read(size)


def _is_unwritten(size: int) -> bool:
    """Whether it is a length that writers to a pipe put: 0, about 2³¹ (SoX, arecord), about 2³² (FFmpeg), all ones."""
    return (
        size in {0, 0xFFFF_FFFF_FFFF_FFFF}
        or 0x7FFF_F000 <= size <= 0x8000_0000
        or 0xFFFF_FF00 <= size <= 0xFFFF_FFFF
    )


def _is_chunk(head: bytes) -> bool:
    """Whether another chunk follows an empty data chunk, rather than sound whose length was never written."""
    tag, size = head[:4], int.from_bytes(head[4:8], "little")
    return tag.isascii() and tag.decode("ascii").isprintable() and size < 2**24


def _extended(exponent: int, mantissa: int) -> float:
    """The 80-bit float of AIFF."""
    return float(mantissa) * 2.0 ** (min(exponent & 0x7FFF, 16383 + 960) - 16383 - 63)
