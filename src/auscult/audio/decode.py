"""Decoders: libsndfile for WAV, FLAC, Ogg and MP3, PyAV for what phones and browsers record."""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
import soundfile
from numpy.typing import NDArray

from auscult.audio import header
from auscult.errors import AudioError, MissingExtra

Source = str | os.PathLike[str] | bytes | BinaryIO
"""A path, the bytes of a file, or a seekable binary file."""

Frames = NDArray[np.float32]
"""Samples of all channels, shape (frames, channels), full scale at ±1."""

# Lossy decoders carry state from before: sample for sample the same sound comes only by decoding all that precedes.
_SEEKS_EXACTLY = {"WAV", "RF64", "W64", "AIFF", "AU", "FLAC"}
_PIECE_FRAMES = 65536
_UNKNOWN_LENGTH = (
    2**63 - 1
)  # libsndfile's SF_COUNT_MAX: a FLAC stream whose encoder didn't know its length
_UNRECOGNISED = 1  # libsndfile's SF_ERR_UNRECOGNISED_FORMAT


class Decoder(Protocol):
    """An open recording: facts, and frames in their order.

    Attributes
    ----------
    name
        What people call it.
    rate_hz, channels, format
        As the header says.
    frames
        Length in frames, or `None` where the header doesn't say it exactly.
    duration_s
        Length in seconds as declared or estimated; NaN where nothing is known.
    least_s
        Seconds that must come out, or the recording was cut off; 0 where nothing is declared.
    """

    name: str
    rate_hz: int
    channels: int
    format: str
    frames: int | None
    duration_s: float
    least_s: float

    def read(self, n_frames: int) -> Frames:
        """Decode the next frames; fewer only at the end."""

    def skip(self, n_frames: int) -> int:
        """Pass over frames; return how many there were."""


@contextmanager
def opened(source: Source) -> Iterator[Decoder]:
    """Open a recording, whatever it is called; what is inside counts.

    Raises
    ------
    AudioError
        If it is missing, unreadable, or no sound.
    MissingExtra
        If it needs PyAV, which is not installed.
    """
    with _file(source) as (file, name):
        view = header.checked(file, name)
        head = view.read(12)
        view.seek(0)
        demuxer = header.container(head)
        with _av(view, name, demuxer) if demuxer else _sndfile(view, name, head) as decoder:
            header.check_rate(name, decoder.rate_hz)
            header.check_channels(name, decoder.channels)
            yield decoder


@contextmanager
def _file(source: Source) -> Iterator[tuple[BinaryIO, str]]:
    if isinstance(source, str | os.PathLike):
        with _open_path(Path(source)) as file:
            yield file, str(source)
    elif isinstance(source, bytes | bytearray | memoryview):
        yield BytesIO(source), "The sound in memory"
    elif source.seekable():
        yield source, str(getattr(source, "name", "The stream"))
    else:
        raise AudioError(
            "The stream can't be read from its start again.",
            "a seekable file, bytes or a path",
            "Read it into bytes first.",
        )


def _open_path(path: Path) -> BinaryIO:
    try:
        # Opening a pipe would wait for ever.
        if path.exists() and not path.is_file():
            what = "a directory" if path.is_dir() else "no ordinary file"
            raise AudioError(f"{path} is {what}.", "a recording", "Give the path of a sound file.")
        return path.open("rb")
    except FileNotFoundError:
        raise AudioError(
            f"{path} does not exist.", "a recording", "Check the path and its spelling."
        ) from None
    except PermissionError:
        raise AudioError(
            f"{path} may not be read: permission denied.",
            "a file that this user may read",
            "Change its permissions (chmod u+r) or run as the user that owns it.",
        ) from None
    except (OSError, ValueError) as error:
        raise AudioError(f"{path} can't be opened: {error}.", "a recording") from None


class _Sequential(soundfile.SoundFile):  # type: ignore[misc]
    """A sound file that is read from front to back.

    `SoundFile` seeks after each read, to where it is already; that makes the MP3 decoder lose its state, and what comes
    out would depend on the sizes of the reads.
    """

    def seekable(self) -> bool:
        return False


class _SndfileDecoder:
    """libsndfile behind `Decoder`."""

    def __init__(self, file: soundfile.SoundFile, name: str) -> None:
        self._file = file
        self.name = name
        self.rate_hz: int = file.samplerate
        self.channels: int = file.channels
        self.format: str = file.format.replace("WAVEX", "WAV")  # the same, with a longer header
        self.frames: int | None = None if file.frames == _UNKNOWN_LENGTH else file.frames
        self.duration_s = math.nan if self.frames is None else self.frames / self.rate_hz
        # Encoders of MP3 disagree on whether their padding counts: two granules of 1152 samples at 22 kHz.
        slack_s = 0.1 if self.format == "MP3" else 0.0
        self.least_s = 0.0 if self.frames is None else self.duration_s - slack_s
        self._seeks = self.format in _SEEKS_EXACTLY and soundfile.SoundFile.seekable(file)

    def read(self, n_frames: int) -> Frames:
        try:
            frames: Frames = self._file.read(n_frames, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise self._broken(error) from None
        return frames

    def skip(self, n_frames: int) -> int:
        if not self._seeks or self.frames is None:
            return _decode_and_drop(self, n_frames)
        try:
            return int(self._file.seek(min(n_frames, self.frames)))
        except soundfile.LibsndfileError as error:
            raise self._broken(error) from None

    def _broken(self, error: soundfile.LibsndfileError) -> AudioError:
        try:
            decoded = self._file.tell()
        except soundfile.LibsndfileError:
            decoded = 0  # so damaged that there is not even a position
        return _damaged(self, decoded, error.error_string)


@contextmanager
def _sndfile(view: header.View, name: str, head: bytes) -> Iterator[Decoder]:
    try:
        file = _Sequential(view)
    except soundfile.LibsndfileError as error:
        what = f"it begins with {head!r}" if error.code == _UNRECOGNISED else error.error_string
        raise _no_sound(name, what) from None
    with file:
        yield _SndfileDecoder(file, name)


class _AvDecoder:
    """PyAV behind `Decoder`."""

    def __init__(self, container: Any, name: str, av: Any) -> None:
        stream = container.streams.audio[0]
        codec = stream.codec_context
        self.name = name
        self.rate_hz: int = codec.sample_rate
        self.channels: int = codec.layout.nb_channels
        self.format: str = codec.name.upper()
        # MP4 declares a length that leaves out the encoder's padding; the others round, estimate, or say nothing.
        exact = container.format.name.startswith("mov") and stream.duration is not None
        declared_s = container.duration / av.time_base if container.duration else math.nan
        self.duration_s = float(stream.duration * stream.time_base) if exact else declared_s
        self.frames = round(self.duration_s * self.rate_hz) if exact else None
        estimated = math.isnan(self.duration_s) or container.format.name == "aac"
        self.least_s = 0.0 if estimated else self.duration_s - 0.25
        # A ValueError is a track that changes its rate or channels halfway.
        self._errors = (av.FFmpegError, ValueError)
        self._packed = self._decode(container, stream, av.AudioResampler(format="flt"))
        self._rest = np.empty((0, self.channels), np.float32)
        self._decoded = 0

    def read(self, n_frames: int) -> Frames:
        parts, held = [self._rest], len(self._rest)
        while held < n_frames and (part := self._next()) is not None:
            parts.append(part)
            held += len(part)
        frames = np.concatenate(parts)
        self._rest = frames[n_frames:]
        return frames[:n_frames]

    def skip(self, n_frames: int) -> int:
        return _decode_and_drop(self, n_frames)

    def _next(self) -> Frames | None:
        try:
            return next(self._packed, None)
        except self._errors as error:
            why = getattr(error, "strerror", None) or str(error)
            raise _damaged(self, self._decoded, why) from None

    def _decode(self, container: Any, stream: Any, resampler: Any) -> Iterator[Frames]:
        for frame in container.decode(stream):
            for packed in resampler.resample(frame):
                self._decoded += packed.samples
                yield packed.to_ndarray().reshape(-1, self.channels)  # from (1, frames · channels)


@contextmanager
def _av(view: header.View, name: str, demuxer: str) -> Iterator[Decoder]:
    try:
        import av
    except ImportError:
        raise MissingExtra(f"Reading {name}", "streams") from None
    try:
        # The demuxer is pinned and no protocol allowed: a playlist under a false name opens no other file.
        container = av.open(
            view,
            format=demuxer,
            options={"protocol_whitelist": "none"},
            metadata_errors="replace",
        )
    except av.FFmpegError as error:
        raise _no_sound(name, f"{error.strerror}; it may be cut off") from None
    with container:
        if not any(stream.codec_context for stream in container.streams.audio[:1]):
            raise _no_sound(name, "it has no sound track that can be decoded")
        yield _AvDecoder(container, name, av)


def _decode_and_drop(decoder: Decoder, n_frames: int) -> int:
    left = n_frames
    while left and (dropped := len(decoder.read(min(left, _PIECE_FRAMES)))):
        left -= dropped
    return n_frames - left


def _no_sound(name: str, why: str) -> AudioError:
    return AudioError(
        f"{name} can't be read as sound: {why.rstrip('.')}.",
        "WAV, FLAC, OGG, MP3, AIFF, M4A or WebM",
        "Check that it is a recording; if it is, convert it to FLAC (ffmpeg -i IN OUT.flac).",
        code="audio_unreadable",
        values={"name": name},
    )


def _damaged(decoder: Decoder, n_decoded: int, why: str) -> AudioError:
    declared = f"; its header declares {decoder.duration_s:.8g} s" if decoder.duration_s > 0 else ""
    return AudioError(
        f"{decoder.name} is damaged or cut off: decoding breaks off after "
        f"{n_decoded / decoder.rate_hz:.8g} s{declared} ({why.removeprefix('Error : ').rstrip('.')}).",
        "a whole recording",
        "Copy or record it again.",
        code="audio_damaged",
        values={"name": decoder.name},
    )
