"""Recordings in, mono float32 samples out: whole, in part, or block by block in bounded memory."""

import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Literal

import numpy as np

from auscult.audio import header
from auscult.audio.decode import Decoder, Frames, Source, opened
from auscult.audio.resample import Resampler
from auscult.audio.sound import Samples, Sound
from auscult.errors import AudioError, AuscultWarning, RecipeError

__all__ = ["SOUND_SUFFIXES", "SoundInfo", "Source", "blocks", "info", "pcm", "read"]

# fmt: off
SOUND_SUFFIXES = frozenset({
    ".wav", ".wave", ".rf64", ".w64", ".aif", ".aiff", ".aifc", ".caf", ".au", ".snd", ".flac", ".ogg", ".oga", ".opus",
    ".mp3", ".m4a", ".m4b", ".mp4", ".mov", ".3gp", ".aac", ".amr", ".webm", ".mka", ".mkv", ".wma",
})
# fmt: on
"""Suffixes, in lower case, of files worth trying; what is inside decides."""

_PIECE_FRAMES = 65536
_FULL_SCALE = {"int16": 2.0**15, "int32": 2.0**31, "float32": 1.0}


@dataclass(frozen=True, kw_only=True)
class SoundInfo:
    """What the header of a recording says.

    Parameters
    ----------
    rate_hz, channels
        Samples a second, and in how many channels.
    duration_s
        Length in seconds; NaN where the header doesn't say.
    format
        Of the file (`"WAV"`, `"FLAC"`, `"OGG"`, `"MP3"`), or of the codec in it (`"AAC"`).
    """

    rate_hz: int
    channels: int
    duration_s: float
    format: str


def info(source: Source) -> SoundInfo:
    """Read only the header of a recording.

    Parameters
    ----------
    source
        A path, the bytes of a file, or a seekable binary file.

    Raises
    ------
    AudioError
        If it is missing, cut off, or no sound.
    MissingExtra
        If it needs the extra `streams`.

    Examples
    --------
    >>> import io, soundfile
    >>> file = io.BytesIO()
    >>> soundfile.write(file, np.zeros((8000, 2)), 16000, format="FLAC")
    >>> info(file)
    SoundInfo(rate_hz=16000, channels=2, duration_s=0.5, format='FLAC')
    """
    with opened(source) as decoder:
        return SoundInfo(
            rate_hz=decoder.rate_hz,
            channels=decoder.channels,
            duration_s=decoder.duration_s,
            format=decoder.format,
        )


def read(
    source: Source,
    *,
    rate_hz: int | None = None,
    channel: int | None = None,
    start_s: float = 0.0,
    end_s: float | None = None,
) -> Sound:
    """Read a recording, or a stretch of one.

    Parameters
    ----------
    source
        A path, the bytes of a file, or a seekable binary file. WAV, FLAC, Ogg and MP3 are read by libsndfile; M4A, AAC,
        WebM and WMA need the extra `streams`. The name doesn't matter.
    rate_hz
        Rate to resample to; `None` keeps that of the file. A higher one warns: it adds no sound.
    channel
        Which channel, from 0; `None` averages them.
    start_s, end_s
        Stretch in seconds of the file; `None` is its end. The stretch is resampled by itself.

    Returns
    -------
    sound
        Mono, float32, full scale at ±1, finite.

    Raises
    ------
    AudioError
        If the file is missing, empty, cut off or no sound; if it holds no samples, NaN or infinity, more than 64
        channels, or a rate outside 1 kHz to 768 kHz; if the channel or the stretch is not in it.
    MissingExtra
        If it needs the extra `streams`.

    Examples
    --------
    >>> import io, soundfile
    >>> file = io.BytesIO()
    >>> soundfile.write(file, np.zeros((48000, 2)), 48000, format="WAV")
    >>> read(file, rate_hz=16000, start_s=0.5).samples.shape
    (8000,)
    """
    with opened(source) as decoder:
        to_hz = decoder.rate_hz if rate_hz is None else rate_hz
        _warn_if_upsampled(decoder, to_hz)
        pieces = list(_samples(decoder, to_hz, channel, start_s, end_s))
    return Sound(samples=np.concatenate(pieces), rate_hz=to_hz)


def blocks(
    source: Source,
    *,
    rate_hz: int | None = None,
    channel: int | None = None,
    start_s: float = 0.0,
    end_s: float | None = None,
    block_s: float = 10.0,
) -> Iterator[Samples]:
    """Read a recording of any length block by block, in bounded memory.

    Joined, the blocks are bit for bit the samples of `read` with the same arguments. Nothing is opened before the first
    block is asked for.

    Parameters
    ----------
    source, rate_hz, channel, start_s, end_s
        As `read` takes them.
    block_s
        Length of each block but the last, in seconds.

    Yields
    ------
    block
        Mono, float32, shape (samples,).

    Raises
    ------
    AudioError, MissingExtra
        As `read` does. What is wrong late in a file is found late.
    RecipeError
        If `block_s` is not above 0.

    Examples
    --------
    >>> import io, soundfile
    >>> file = io.BytesIO()
    >>> soundfile.write(file, np.zeros(40000), 16000, format="FLAC")
    >>> [len(block) for block in blocks(file, block_s=1.0)]
    [16000, 16000, 8000]
    """
    if not 0 < block_s < math.inf:
        raise RecipeError(
            f"A block of {block_s} s has no meaning.", "a length above 0 s", "Change block_s."
        )
    with opened(source) as decoder:
        to_hz = decoder.rate_hz if rate_hz is None else rate_hz
        _warn_if_upsampled(decoder, to_hz)
        pieces = _samples(decoder, to_hz, channel, start_s, end_s)
        yield from _cut(pieces, max(1, round(block_s * to_hz)))


def pcm(
    data: bytes,
    *,
    rate_hz: int,
    channels: int = 1,
    dtype: Literal["int16", "int32", "float32"] = "int16",
    channel: int | None = None,
) -> Sound:
    r"""Read raw samples that come without a header.

    Parameters
    ----------
    data
        Little-endian samples, channels interleaved.
    rate_hz, channels, dtype
        What a header would say.
    channel
        Which channel, from 0; `None` averages them.

    Returns
    -------
    sound
        Mono, float32, full scale at ±1, finite.

    Raises
    ------
    AudioError
        If there are no samples, or not a whole number of frames; NaN or infinity; a rate or a number of channels out of
        range.
    RecipeError
        If `dtype` is unknown.

    Examples
    --------
    >>> pcm(b"\x00\x40\x00\xc0", rate_hz=16000).samples
    array([ 0.5, -0.5], dtype=float32)
    """
    name = "The raw sound"
    if dtype not in _FULL_SCALE:
        raise RecipeError(
            f"Raw samples of type {dtype!r} are unknown.", ", ".join(_FULL_SCALE), "Change dtype."
        )
    header.check_rate(name, rate_hz)
    header.check_channels(name, channels)
    kind = np.dtype(dtype).newbyteorder("<")
    if not data or len(data) % (channels * kind.itemsize):
        raise AudioError(
            f"{name} is {len(data)} bytes long.",
            f"a multiple, above 0, of {channels * kind.itemsize} bytes "
            f"({channels} channel(s) of {dtype})",
            "Check the number of channels and dtype, and that nothing was cut off.",
        )
    values = np.frombuffer(data, kind).reshape(-1, channels)
    frames = values.astype(np.float32) / np.float32(_FULL_SCALE[dtype])
    samples = _mono(frames, channel, name)
    return Sound(samples=np.concatenate(list(_finite([samples], name, rate_hz))), rate_hz=rate_hz)


def _samples(
    decoder: Decoder,
    to_hz: int,
    channel: int | None,
    start_s: float,
    end_s: float | None,
) -> Iterator[Samples]:
    """The stretch as mono pieces at the wanted rate; the one way that all sound comes in."""
    resampler = Resampler(decoder.rate_hz, to_hz)
    first, last = _stretch(decoder, start_s, end_s)
    mono = (_mono(frames, channel, decoder.name) for frames in _frames(decoder, first, last))
    for piece in _finite(mono, decoder.name, decoder.rate_hz, first):
        yield resampler.feed(piece)
    yield resampler.close()


def _stretch(decoder: Decoder, start_s: float, end_s: float | None) -> tuple[int, int | None]:
    """First frame, and the one after the last (`None`: wherever the sound ends)."""
    if decoder.frames == 0:
        raise _nothing(decoder)
    ends = decoder.frames / decoder.rate_hz if decoder.frames else math.inf
    # Half a frame of grace: times are rounded when they are written down.
    latest_s = ends + 0.5 / decoder.rate_hz
    if not (0 <= start_s < ends and (end_s is None or start_s < end_s <= latest_s)):
        raise _outside(decoder, start_s, end_s)
    first = round(start_s * decoder.rate_hz)
    last = decoder.frames if end_s is None else round(end_s * decoder.rate_hz)
    if last is not None and last <= first:
        raise _outside(decoder, start_s, end_s)
    return first, last


def _frames(decoder: Decoder, first: int, last: int | None) -> Iterator[Frames]:
    position = decoder.skip(first)
    while last is None or position < last:
        frames = decoder.read(
            _PIECE_FRAMES if last is None else min(_PIECE_FRAMES, last - position)
        )
        if not len(frames):
            break
        position += len(frames)
        yield frames
    _check_end(decoder, position, first, last)


def _check_end(decoder: Decoder, position: int, first: int, last: int | None) -> None:
    """Refuse sound that ended before it should."""
    decoded_s = position / decoder.rate_hz
    wanted_s = math.inf if last is None else last / decoder.rate_hz
    if decoded_s < min(decoder.least_s, wanted_s):
        raise AudioError(
            f"{decoder.name} is cut off: its header declares {decoder.duration_s:.8g} s of sound, "
            f"and {decoded_s:.8g} s can be decoded.",
            "a whole recording",
            "Copy or record it again.",
            code="audio_damaged",
            values={"name": decoder.name},
        )
    if not position:
        raise _nothing(decoder)
    if position <= first or (decoder.frames is None and decoded_s < wanted_s < math.inf):
        raise AudioError(
            f"{decoder.name} ends after {decoded_s:.8g} s.",
            "a stretch within the recording",
            "Change start_s or end_s.",
        )


def _mono(frames: Frames, channel: int | None, name: str) -> Samples:
    channels = frames.shape[1]
    if channel is None:
        # Column by column: a mean over so short an axis is several times slower.
        return sum((frames[:, c] for c in range(1, channels)), frames[:, 0]) / np.float32(channels)
    if not 0 <= channel < channels:
        raise AudioError(
            f"Channel {channel} was asked for, but {name} has {channels} channel(s).",
            "0" if channels == 1 else f"0 to {channels - 1}",
            "Choose another channel, or none for the average of all.",
        )
    return np.ascontiguousarray(frames[:, channel])


def _finite(
    pieces: Iterator[Samples] | list[Samples], name: str, rate_hz: int, first: int = 0
) -> Iterator[Samples]:
    """Pass on pieces as long as they hold numbers; else say where they don't, and how often."""
    rest = iter(pieces)
    for piece in rest:
        bad = ~np.isfinite(piece)
        if bad.any():
            n_bad = sum(int(np.count_nonzero(~np.isfinite(p))) for p in chain([piece], rest))
            raise AudioError(
                f"{name} holds {n_bad} sample(s) that are NaN or infinite, the first at "
                f"{(first + int(bad.argmax())) / rate_hz:.6g} s.",
                "finite samples",
                "Export it again, or cut that part out.",
            )
        first += len(piece)
        yield piece


def _cut(pieces: Iterator[Samples], block_samples: int) -> Iterator[Samples]:
    """The same samples in blocks of one length, the last one shorter."""
    kept: list[Samples] = []
    held = 0
    for piece in pieces:
        kept.append(piece)
        held += len(piece)
        if held >= block_samples:
            joined = np.concatenate(kept)
            whole = held - held % block_samples
            for at in range(0, whole, block_samples):
                yield joined[at : at + block_samples]
            kept, held = [joined[whole:]], held - whole
    if held:
        yield np.concatenate(kept)


def _warn_if_upsampled(decoder: Decoder, to_hz: int) -> None:
    if to_hz > decoder.rate_hz:
        warnings.warn(
            AuscultWarning(
                f"{decoder.name} is {decoder.rate_hz} Hz but is read at {to_hz} Hz: nothing above {decoder.rate_hz / 2:g} Hz "
                "can be heard, and only a bundle that was learned from recordings at "
                f"{decoder.rate_hz} Hz can judge it. Learn one from such recordings, or record at {to_hz} Hz.",
                about="recordings of a low rate",
            ),
            stacklevel=3,  # the caller of `read`, or whoever takes from `blocks`
        )


def _nothing(decoder: Decoder) -> AudioError:
    return AudioError(
        f"{decoder.name} holds no samples.",
        "sound",
        "Record it again.",
        code="audio_empty",
        values={"name": decoder.name},
    )


def _outside(decoder: Decoder, start_s: float, end_s: float | None) -> AudioError:
    end = "the end" if end_s is None else f"{end_s:g} s"
    length = f"{decoder.duration_s:.8g} s" if decoder.frames else "unknown length"
    return AudioError(
        f"The stretch from {start_s:g} s to {end} is not in {decoder.name}.",
        f"0 <= start < end within a recording of {length}",
        "Change start_s or end_s.",
    )
