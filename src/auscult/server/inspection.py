"""A recording looked at from all sides: verdict, waveform, spectrogram, what the bundle draws, what its layers see.

Nothing is kept. What comes out is small, however long the recording is: pictures have at most a thousand columns, and a
recording is at most ten minutes long.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from auscult.audio import read
from auscult.audio.mel import band_edges_hz, filter_bank, hann, power_frames
from auscult.audio.sound import Samples, Sound
from auscult.audio.window import windows
from auscult.errors import AudioError, BundleError
from auscult.runtime.manifest import Manifest
from auscult.runtime.scorer import Scorer
from auscult.runtime.verdict import ClipVerdict

MAX_S = 600.0
MAX_RATE_HZ = 48_000
COLUMNS, FEW_COLUMNS = 1000, 256
ROWS = 96
RANGE_DB = 70.0

MAX_MAP_ROWS, MAX_MAP_COLUMNS = 64, 128
MAX_CHANNELS = 32
LAYER = "feature_map."
"""Outputs whose names begin so are what a layer makes of a window: bundles for inspection have them."""

_FRAME_S = 0.05
_LOWEST_HZ, _HIGHEST_HZ = 50.0, 16_000.0
_SILENCE = 1e-12
_FRAMES_AT_ONCE = 2048
_PIECE_S = 10.0

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Recording:
    """A recording that was read.

    Parameters
    ----------
    name
        What people call it.
    sound
        All of it, mono; at the rate of the file, or at 48 kHz where that is higher.
    rate_hz, channels, format
        Of the file.
    """

    name: str
    sound: Sound
    rate_hz: int
    channels: int
    format: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Picture:
    """Numbers laid out in time, and what stands at its edges.

    Parameters
    ----------
    values
        Shape (columns, rows), finite; the first row is the lowest.
    bands_hz
        Centre of each row; empty where rows are no frequencies.
    start_s, hop_s
        Where the first column begins, and how long each is.
    low, high
        What is drawn darkest and brightest.
    """

    values: Array
    bands_hz: tuple[float, ...] = ()
    start_s: float = 0.0
    hop_s: float = 0.0
    low: float
    high: float

    def levels(self) -> bytes:
        """Every number as a byte, from 0 at `low` to 255 at `high`, column after column.

        Examples
        --------
        >>> Picture(values=np.array([[0.0, 1.0], [2.0, 9.0]]), low=0.0, high=2.0).levels().hex(" ")
        '00 80 ff ff'
        """
        span = self.high - self.low or 1.0
        part = np.clip((self.values - self.low) / span, 0.0, 1.0)
        return np.round(255.0 * part).astype(np.uint8).tobytes()


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """What one layer makes of a window.

    Parameters
    ----------
    name
        Of the layer.
    shape
        What it gives: channels, rows, columns.
    mean
        Mean of its channels.
    channels
        Each of the first thirty-two, on the same scale.
    """

    name: str
    shape: tuple[int, int, int]
    mean: Picture
    channels: tuple[Picture, ...]


def recording_of(content: bytes, name: str) -> Recording:
    """Read a recording that may be anything, as far as ten minutes.

    Raises
    ------
    AudioError
        If it is no sound, broken, or longer.
    MissingExtra
        If it needs the extra `streams`.
    """
    called = name or "The recording"
    facts = read.info(_named(content, called))
    if facts.duration_s > MAX_S:
        raise _too_long(called, f"{facts.duration_s / 60.0:.0f} minutes long")
    rate_hz = min(facts.rate_hz, MAX_RATE_HZ)
    pieces, held = [], 0
    # A header may say less than comes.
    for piece in read.blocks(_named(content, called), rate_hz=rate_hz, block_s=_PIECE_S):
        pieces.append(piece)
        held += len(piece)
        if held > MAX_S * rate_hz:
            raise _too_long(called, f"longer than {MAX_S / 60.0:.0f} minutes")
    return Recording(
        name=called,
        sound=Sound(samples=np.concatenate(pieces), rate_hz=rate_hz),
        rate_hz=facts.rate_hz,
        channels=facts.channels,
        format=facts.format,
    )


def waveform(samples: Samples, columns: int = COLUMNS) -> tuple[list[float], list[float]]:
    """Lowest and highest sample of each column, at most so many.

    Examples
    --------
    >>> waveform(np.array([0.0, 0.5, -0.25, 0.125], np.float32), columns=2)
    ([0.0, -0.25], [0.5, 0.125])
    """
    edges = _edges(len(samples), columns)[:-1]
    low, high = np.minimum.reduceat(samples, edges), np.maximum.reduceat(samples, edges)
    return low.round(4).tolist(), high.round(4).tolist()


def spectrogram(sound: Sound, columns: int = COLUMNS) -> Picture:
    """Levels of mel bands in dBFS; a column shows the loudest of its frames, so that a knock is never left out.

    Parameters
    ----------
    sound
        Of any length.
    columns
        At most so many.

    Examples
    --------
    >>> tone = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000).astype(np.float32)
    >>> picture = spectrogram(Sound(samples=tone, rate_hz=16000))
    >>> loudest = picture.bands_hz[int(picture.values.mean(axis=0).argmax())]
    >>> bool(abs(loudest - 1000.0) < 30.0), picture.values.shape[1]
    (True, 96)
    """
    rate_hz = sound.rate_hz
    n_fft = 2 ** round(np.log2(_FRAME_S * rate_hz))
    bounds = {"low_hz": _LOWEST_HZ, "high_hz": min(rate_hz / 2, _HIGHEST_HZ)}
    bank = filter_bank(
        rate_hz=rate_hz, n_fft=n_fft, n_bands=ROWS, scale="htk", norm="mean", **bounds
    )
    # A sine at full scale has 0 dB in the bin that it falls into.
    bank = bank * np.float32(4.0 / np.sum(hann(n_fft)) ** 2)
    hop = int(np.clip(len(sound.samples) // columns, n_fft // 8, n_fft // 2))
    power = np.concatenate(list(_powers(sound.samples, bank, n_fft, hop)), axis=1)
    edges = _edges(power.shape[1], columns)[:-1]
    loudest = np.maximum.reduceat(power, edges, axis=1)
    values = 10.0 * np.log10(loudest.T.astype(np.float64) + _SILENCE)
    high = float(5.0 * np.ceil(values.max() / 5.0))
    return Picture(
        values=values,
        bands_hz=_rounded(band_edges_hz(ROWS, scale="htk", **bounds)[:, 1]),
        hop_s=sound.duration_s / len(values),
        low=high - RANGE_DB,
        high=high,
    )


def anomaly_map(scorer: Scorer, samples: Samples, columns: int = COLUMNS) -> Picture | None:
    """What a bundle draws of a recording: by how much each spot is off, or where it looked; `None` where it draws nothing.

    Parameters
    ----------
    scorer
        The bundle.
    samples
        Mono, at the bundle's rate.
    columns
        At most so many.
    """
    manifest = scorer.bundle.manifest
    if "anomaly_map" not in scorer.engine.outputs or not manifest.bands_hz:
        return None
    cut = windows(samples, manifest.window_samples, manifest.window_samples)
    parts = list(cut) if len(cut) else [samples]
    drawn = [scorer.run(part, (), ["anomaly_map"])["anomaly_map"][0] for part in parts]
    # Of a window longer than any picture is wide, the highest; where it looked is told by peaks.
    whole = np.nan_to_num(np.concatenate(drawn, axis=1).astype(np.float64))
    values = np.maximum.reduceat(whole, _edges(whole.shape[1], columns)[:-1], axis=1).T
    covered_s = sum(map(len, parts)) / manifest.sample_rate_hz
    return Picture(
        values=values,
        bands_hz=_rounded(np.array([band[1] for band in manifest.bands_hz])),
        hop_s=covered_s / len(values),
        low=min(float(values.min()), 0.0),
        high=float(np.quantile(values, 0.995)) or 1.0,
    )


def layer_names(scorer: Scorer) -> list[str]:
    """Layers that a bundle shows, from the first to the last; none unless it was made for inspection."""
    found = (name for name in scorer.engine.outputs if name.startswith(LAYER))
    return [name.removeprefix(LAYER) for name in found]


def telling_s(verdict: ClipVerdict) -> float:
    """Where the window begins that counted most."""
    worst = max(verdict.windows, key=lambda one: (one.state == "anomaly", one.ratio, one.score))
    return worst.start_s


def window_at(samples: Samples, manifest: Manifest, at_s: float) -> tuple[Samples, float]:
    """The window that begins at a time, or as near to it as there is one; and where it begins."""
    last = max(len(samples) - manifest.window_samples, 0)
    first = min(max(round(at_s * manifest.sample_rate_hz), 0), last)
    return samples[first : first + manifest.window_samples], first / manifest.sample_rate_hz


def layers(scorer: Scorer, window: Samples) -> list[Layer]:
    """What each layer makes of a window.

    Raises
    ------
    BundleError
        If the bundle shows none.
    """
    names = layer_names(scorer)
    if not names:
        raise BundleError(
            f"{scorer.bundle.manifest.name} does not show its layers.",
            "a bundle for inspection",
            "Train with --inspect, and use the inspect.onnx that it writes.",
            code="bundle_no_layers",
        )
    found = scorer.run(window, (), [LAYER + name for name in names])
    return [_layer(name, np.asarray(found[LAYER + name][0], np.float64)) for name in names]


def _layer(name: str, given: Array) -> Layer:
    """Numbers in a row are one channel of one row; pictures are one channel, or as many as there are."""
    maps = np.nan_to_num(np.atleast_2d(given))
    maps = maps.reshape(-1, *maps.shape[-2:])
    small = np.stack([_shrunk(one) for one in maps[:MAX_CHANNELS]])
    low, high = float(small.min()), float(small.max())
    mean = _shrunk(maps.mean(axis=0))
    n_channels, rows, columns = maps.shape
    return Layer(
        name=name,
        shape=(n_channels, rows, columns),
        mean=Picture(values=mean.T, low=float(mean.min()), high=float(mean.max())),
        channels=tuple(Picture(values=one.T, low=low, high=high) for one in small),
    )


def _shrunk(values: Array) -> Array:
    """No more than 64 rows and 128 columns: means of neighbours."""
    for axis, most in ((0, MAX_MAP_ROWS), (1, MAX_MAP_COLUMNS)):
        edges = _edges(values.shape[axis], most)
        sums = np.add.reduceat(values, edges[:-1], axis=axis)
        counts = np.diff(edges)
        values = sums / (counts[:, None] if axis == 0 else counts)
    return values


def _powers(
    samples: Samples, bank: NDArray[np.float32], n_fft: int, hop: int
) -> Iterator[NDArray[np.float32]]:
    """Power of each band, frame by frame, a while at a time: a whole recording's frames would take much memory."""
    padded = np.pad(samples, (0, max(n_fft - len(samples), 0)))
    n_frames = 1 + (len(padded) - n_fft) // hop
    for first in range(0, n_frames, _FRAMES_AT_ONCE):
        last = min(first + _FRAMES_AT_ONCE, n_frames)
        part = padded[first * hop : (last - 1) * hop + n_fft]
        power: NDArray[np.float32] = bank @ power_frames(part, n_fft=n_fft, hop=hop, centre=False)
        yield power


def _edges(length: int, columns: int) -> NDArray[np.int64]:
    """Ends of at most so many columns of nearly one width, none of them empty."""
    return np.linspace(0, length, min(columns, length) + 1).astype(np.int64)


def _rounded(values: Array) -> tuple[float, ...]:
    return tuple(values.round(1).tolist())


def _named(content: bytes, name: str) -> BytesIO:
    file = BytesIO(content)
    file.name = name
    return file


def _too_long(name: str, how: str) -> AudioError:
    return AudioError(
        f"{name} is {how}.",
        f"at most {MAX_S / 60.0:.0f} minutes",
        "Cut out what you want to look at, or judge all of it: auscult score FILE",
        code="audio_long",
        values={"name": name, "most_minutes": MAX_S / 60.0},
    )
