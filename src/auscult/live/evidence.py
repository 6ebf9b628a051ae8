"""The picture that is kept of an event: levels of bands by frame, and where they are unusual."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auscult.audio.mel import band_edges_hz, hann, power_frames
from auscult.audio.sound import Samples
from auscult.runtime.manifest import Manifest

MAX_BANDS = 64
MAX_FRAMES = 200
FLOOR_DB = -120.0

FRAME_S = 0.064
"""Long enough to tell bands of 30 Hz apart, short enough for a knock."""

Array = NDArray[np.float64]


def evidence(
    manifest: Manifest,
    samples: Samples,
    start_s: float,
    *,
    anomaly_map: NDArray[np.floating[Any]] | None = None,
) -> dict[str, Any]:
    """The picture of a stretch of sound, small enough to be stored with an event.

    Parameters
    ----------
    manifest
        Of the bundle: its rate and its bands. Where it has none, 32 mel bands up to half the rate.
    samples
        Mono, at the bundle's rate, full scale at ±1; the sound around an event's peak.
    start_s
        Where it begins in the stream.
    anomaly_map
        What the bundle draws of the same samples, shape (bands, frames).

    Returns
    -------
    picture
        `bands_hz`, the centres; `start_s` of the first frame, `hop_s` between frames; `level_db`, a row for each frame of
        at most 200 with the level of each of at most 64 bands in dBFS, at least −120; `anomaly_map` of the same shape, or
        `None`. Rounded to 0.1 (frequencies and times finer), plain values throughout.

    Examples
    --------
    >>> from auscult.runtime.manifest import Fingerprint
    >>> manifest = Manifest(name="m", family="x", sample_rate_hz=16000, window_samples=16000, hop_samples=16000,
    ...                     min_window_samples=16000, data=Fingerprint(sha256="", recordings=0, seconds=0.0))
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000).astype(np.float32)
    >>> picture = evidence(manifest, tone, 3.0)
    >>> len(picture["bands_hz"]), len(picture["level_db"]), picture["start_s"], picture["anomaly_map"]
    (32, 30, 3.0, None)
    """
    rate_hz = manifest.sample_rate_hz
    bands_hz = _bands(manifest)
    n_fft = 2 ** round(np.log2(FRAME_S * rate_hz))
    samples = np.pad(samples, (0, max(n_fft - len(samples), 0)))
    hop = max(n_fft // 2, -(-(len(samples) - n_fft) // (MAX_FRAMES - 1)))
    power = power_frames(samples, n_fft=n_fft, hop=hop, centre=False).astype(np.float64)
    # Mean square of the frame, so that a full-scale sine in one band has −3 dB.
    power *= 2.0 / (n_fft * np.sum(hann(n_fft) ** 2))
    bank = _bank(bands_hz, rate_hz, n_fft)
    levels = 10.0 * np.log10(np.maximum(_merged(bank @ power, np.sum), 10.0 ** (FLOOR_DB / 10.0)))
    drawn = None
    if anomaly_map is not None and np.size(anomaly_map):
        drawn = _on_frames(np.asarray(anomaly_map, np.float64), levels.shape)
    return {
        "bands_hz": _merged(bands_hz[:, 1], np.mean).round(1).tolist(),
        "start_s": round(start_s, 3),
        "hop_s": round(hop / rate_hz, 6),
        "level_db": levels.T.round(1).tolist(),
        "anomaly_map": None if drawn is None else drawn.T.round(1).tolist(),
    }


def drawn_map(outputs: Mapping[str, NDArray[Any]]) -> NDArray[Any] | None:
    """The anomaly map among what a bundle gave for one window; `None` where it draws none.

    >>> drawn_map({"score": np.zeros(1)}) is None, drawn_map({"anomaly_map": np.zeros((1, 4, 7))}).shape
    (True, (4, 7))
    """
    return outputs["anomaly_map"][0] if "anomaly_map" in outputs else None


def _bands(manifest: Manifest) -> Array:
    """Lower, centre and upper frequency of each band, shape (bands, 3)."""
    if manifest.bands_hz:
        return np.asarray(manifest.bands_hz, np.float64)
    return band_edges_hz(32, low_hz=0.0, high_hz=manifest.sample_rate_hz / 2, scale="slaney")


def _bank(bands_hz: Array, rate_hz: int, n_fft: int) -> Array:
    """Triangles whose sum is 1 where they overlap: what every bin has is shared out among its bands."""
    bins_hz = np.fft.rfftfreq(n_fft, 1.0 / rate_hz)
    low, centre, high = (bands_hz[:, i, None] for i in range(3))
    rising = (bins_hz - low) / np.maximum(centre - low, 1e-9)
    falling = (high - bins_hz) / np.maximum(high - centre, 1e-9)
    bank: Array = np.clip(np.minimum(rising, falling), 0.0, 1.0)
    # A triangle between two bins takes what the nearest one has, as far as its width reaches.
    empty = np.flatnonzero(bank.sum(axis=1) == 0)
    nearest = np.abs(bins_hz[None, :] - centre[empty]).argmin(axis=1)
    bank[empty, nearest] = (high - low)[empty, 0] / 2.0 * n_fft / rate_hz
    return bank


def _merged(rows: Array, how: Any) -> Array:
    """Neighbouring bands as one, where there are more than are kept."""
    step = -(-len(rows) // MAX_BANDS)
    return np.stack([how(rows[i : i + step], axis=0) for i in range(0, len(rows), step)])


def _on_frames(drawn: Array, shape: tuple[int, ...]) -> Array:
    """A map in as many bands and frames as the levels have; of several frames the strangest counts."""
    bands, frames = shape
    rows = _merged(drawn, np.max) if len(drawn) > bands else drawn
    if len(rows) != bands:
        rows = rows[np.arange(bands) * len(rows) // bands]
    edges = np.arange(frames + 1) * rows.shape[1] // frames
    columns = [rows[:, a : max(b, a + 1)].max(axis=1) for a, b in pairwise(edges)]
    on_frames: Array = np.nan_to_num(np.stack(columns, axis=1))
    return on_frames
