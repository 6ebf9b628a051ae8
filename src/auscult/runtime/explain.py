"""Where in time and frequency a sound differs from normal, and how, in words.

The bundle's `anomaly_map` says by how many deviations each band of each frame is off. The place is the rectangle whose
excess over what normal sound has by chance is largest (a maximum-sum rectangle, so neither a single loud cell nor
everything), lengthened over repeats in the same band. The manner comes from the embedding: its three parts say how much
brighter, unsteadier and more impulsive that band is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auscult.audio.sound import Samples
from auscult.runtime.bundle import Bundle
from auscult.runtime.manifest import LevelTrack, Manifest
from auscult.runtime.verdict import Explanation, Nearest

Array = NDArray[np.float64]
Run = Callable[..., dict[str, NDArray[np.float32]]]

# In deviations. A cell of normal sound is off by 0.8 on average (the mean of |z|); what is twice as much counts. One
# cell's say is bounded: powers in dB have a long tail downwards, and a rectangle should be many cells' doing.
TYPICAL_EXCESS = 1.25
MAX_EXCESS = 3.0

# Another rectangle in the same band belongs to the same sound if it holds this part of the first one's excess.
REPEAT_PART = 0.25
MAX_REPEATS = 12

_DB_PER_NEPER = float(10.0 / np.log(10.0))


@dataclass(frozen=True, kw_only=True)
class Patch:
    """A rectangle of an anomaly map: bands and frames, both ends included."""

    first_band: int
    last_band: int
    first_frame: int
    last_frame: int
    excess: float

    def shares_bands(self, other: "Patch") -> bool:
        """The two overlap by at least half of the narrower one's bands."""
        low = max(self.first_band, other.first_band)
        high = min(self.last_band, other.last_band)
        narrower = min(self.last_band - self.first_band, other.last_band - other.first_band) + 1
        return 2 * (high - low + 1) >= narrower


def largest_patch(excess: Array) -> Patch:
    """The rectangle with the largest sum.

    Parameters
    ----------
    excess
        Shape (bands, frames); positive where there is more than usual, negative elsewhere.

    Examples
    --------
    >>> field = np.full((6, 8), -1.0)
    >>> field[2:4, 3:6] = 2.0
    >>> largest_patch(field)
    Patch(first_band=2, last_band=3, first_frame=3, last_frame=5, excess=12.0)
    """
    n_bands, n_frames = excess.shape
    sums = np.concatenate([np.zeros((1, n_frames)), np.cumsum(excess, axis=0)])
    first, last = np.triu_indices(n_bands)
    best = np.full(len(first), -np.inf)
    best_start = np.zeros(len(first), np.int64)
    best_end = np.zeros(len(first), np.int64)
    running = np.zeros(len(first))
    start = np.zeros(len(first), np.int64)
    # Kadane's maximum-sum interval along time, for all pairs of first and last band at once.
    for frame in range(n_frames):
        column = sums[last + 1, frame] - sums[first, frame]
        fresh = running <= 0.0
        running = np.where(fresh, column, running + column)
        start[fresh] = frame
        better = running > best
        best = np.where(better, running, best)
        best_start[better] = start[better]
        best_end[better] = frame
    top = int(np.argmax(best))
    return Patch(
        first_band=int(first[top]),
        last_band=int(last[top]),
        first_frame=int(best_start[top]),
        last_frame=int(best_end[top]),
        excess=float(best[top]),
    )


def find_patch(anomaly_map: Array) -> Patch:
    """The stretch of time and frequency that raised the score most, repeats in the same band included.

    Parameters
    ----------
    anomaly_map
        Shape (bands, frames), in deviations, not negative.
    """
    excess = np.minimum(anomaly_map, TYPICAL_EXCESS + MAX_EXCESS) - TYPICAL_EXCESS
    main = largest_patch(excess)
    frames = [(main.first_frame, main.last_frame)]
    for _ in range(MAX_REPEATS):
        excess[
            main.first_band : main.last_band + 1, frames[-1][0] : frames[-1][1] + 1
        ] = -MAX_EXCESS
        repeat = largest_patch(excess)
        if repeat.excess < REPEAT_PART * main.excess or not repeat.shares_bands(main):
            break
        frames.append((repeat.first_frame, repeat.last_frame))
    return Patch(
        first_band=main.first_band,
        last_band=main.last_band,
        first_frame=min(first for first, _ in frames),
        last_frame=max(last for _, last in frames),
        excess=main.excess,
    )


def explain_stretch(bundle: Bundle, run: Run, samples: Samples, start_s: float) -> Explanation:
    """Explain a stretch of sound: see `auscult.runtime.scorer.Scorer.explain_samples`.

    Parameters
    ----------
    bundle, run
        The bundle, and the scorer's way to run its graph on one window.
    samples
        Mono, at the bundle's rate.
    start_s
        Where the stretch begins.
    """
    manifest = bundle.manifest
    anomaly_map = _map_of(run, samples, manifest)
    patch = find_patch(anomaly_map)
    rate_hz = manifest.sample_rate_hz
    low_s = patch.first_frame * manifest.map_hop_samples / rate_hz
    high_s = (patch.last_frame * manifest.map_hop_samples + manifest.map_frame_samples) / rate_hz
    high_s = min(high_s, len(samples) / rate_hz)
    segment = _at_least(samples, low_s, high_s, manifest)
    found = run(segment, (), ["embedding", "level_db"])
    embedding = np.asarray(found["embedding"][0], np.float64)
    bands = slice(patch.first_band, patch.last_band + 1)
    kinds, change_db = _manner(bundle, embedding, bands)
    level = manifest.level
    level_change_db = None if level is None else float(found["level_db"][0]) - level.median_db
    nearest = _nearest(bundle, _block_embedding(run, samples, manifest))
    low_hz = manifest.bands_hz[patch.first_band][0]
    high_hz = manifest.bands_hz[patch.last_band][2]
    times = (start_s + low_s, start_s + high_s)
    text = (
        f"{times[0]:.1f}-{times[1]:.1f} s, {_hz(low_hz)}-{_hz(high_hz)}: {_how(kinds, change_db)}."
        + _loudness(level_change_db, level)
    )
    return Explanation(
        low_hz=low_hz,
        high_hz=high_hz,
        start_s=times[0],
        end_s=times[1],
        text=text,
        kinds=kinds,
        change_db=change_db,
        level_change_db=level_change_db,
        nearest=nearest,
    )


def _map_of(run: Run, samples: Samples, manifest: Manifest) -> Array:
    """Anomaly map of a stretch of any length."""
    if manifest.min_window_samples < manifest.window_samples:
        return np.asarray(run(samples, (), ["anomaly_map"])["anomaly_map"][0], np.float64)
    length = manifest.window_samples
    starts = range(0, max(len(samples) - length, 0) + 1, length)
    parts = [run(samples[s : s + length], (), ["anomaly_map"])["anomaly_map"][0] for s in starts]
    return np.concatenate(parts, axis=1).astype(np.float64)


def _at_least(samples: Samples, low_s: float, high_s: float, manifest: Manifest) -> Samples:
    """The stretch, lengthened on both sides to what the graph can embed."""
    needed = manifest.min_window_samples
    first, last = round(low_s * manifest.sample_rate_hz), round(high_s * manifest.sample_rate_hz)
    if last - first < needed:
        first = max(0, min((first + last - needed) // 2, len(samples) - needed))
        last = first + needed
    return samples[first:last]


def _block_embedding(run: Run, samples: Samples, manifest: Manifest) -> Array:
    """Mean embedding of the windows in a stretch."""
    length, hop = manifest.window_samples, manifest.hop_samples
    starts = range(0, max(len(samples) - length, 0) + 1, hop)
    found = [run(samples[s : s + length], (), ["embedding"])["embedding"][0] for s in starts]
    return np.asarray(np.mean(found, axis=0), np.float64)


def _manner(bundle: Bundle, embedding: Array, bands: slice) -> tuple[tuple[str, ...], float | None]:
    """How the band differs: words in order of weight, and its change in dB against the other bands."""
    weights = bundle.weights
    n_bands = len(bundle.manifest.bands_hz)
    mean = weights.get("window.mean")
    if mean is None or len(mean) != 3 * n_bands:
        return (), None
    deviation = np.asarray((embedding - mean).reshape(3, n_bands), np.float64)
    z = deviation * weights["window.inverse_sigma"].reshape(3, n_bands)
    # Level is removed from the shape as a mean over all bands: what rises in many makes the others fall. The median of
    # the other bands undoes that.
    others = np.delete(deviation[0], np.r_[bands])
    offset = float(np.median(others)) if len(others) else 0.0
    change_db = (float(deviation[0, bands].mean()) - offset) * _DB_PER_NEPER
    strengths = [
        (
            change_db / _DB_PER_NEPER * float(weights["window.inverse_sigma"][bands].mean()),
            "brighter",
            "duller",
        ),
        (float(z[1, bands].mean()), "unsteadier", "steadier"),
        (float(z[2, bands].mean()), "more impulsive", "less impulsive"),
    ]
    strengths.sort(key=lambda item: -abs(item[0]))
    words = [up if value > 0 else down for value, up, down in strengths if abs(value) > 1.0]
    return tuple(words), change_db


def _quadratic(weights: Any, difference: Array) -> Array:
    """Whitened length of each row of `difference`, with the constants that are in the graph."""
    z = difference * weights["block.inverse_sigma"]
    along = z @ weights["block.directions"]
    squared = (
        weights["block.isotropic"] * np.sum(z**2, axis=1)
        + along**2 @ weights["block.weights"][:, 0]
    )
    return np.asarray(np.sqrt(np.maximum(squared, 0.0)) / weights["block.scale"])


def _nearest(bundle: Bundle, embedding: Array) -> Nearest | None:
    kept = bundle.arrays.get("exemplars")
    exemplars = bundle.manifest.exemplars
    if kept is None or "block.weights" not in bundle.weights:
        return None
    if not exemplars or kept.shape != (len(exemplars), bundle.manifest.dim):
        return None
    distances = _quadratic(bundle.weights, kept.astype(np.float64) - embedding)
    index = int(np.argmin(distances))
    exemplar = exemplars[index]
    return Nearest(
        recording=exemplar.recording,
        start_s=exemplar.start_s,
        end_s=exemplar.end_s,
        distance=float(distances[index]),
    )


def _how(kinds: tuple[str, ...], change_db: float | None) -> str:
    how = f"{' and '.join(kinds[:2]) or 'different'} than normal"
    if change_db is None or abs(change_db) < 1.0:
        return how
    return f"{how}, {abs(change_db):.0f} dB {'more' if change_db > 0 else 'less'} there"


def _loudness(level_change_db: float | None, level: LevelTrack | None) -> str:
    """Loudness apart, where it is out of the ordinary: it is never part of the score."""
    if level is None or level_change_db is None:
        return ""
    if abs(level_change_db) <= max(3.0 * 1.4826 * level.mad_db, 3.0):
        return ""
    word = "louder" if level_change_db > 0 else "quieter"
    return f" As a whole {abs(level_change_db):.0f} dB {word} than learned."


def _hz(frequency: float) -> str:
    return f"{frequency / 1000:.1f} kHz" if frequency >= 1000 else f"{round(frequency, -1):.0f} Hz"
