"""Where in time and frequency a sound differs from normal, and how, in words.

The sound is laid out as a field: by how many deviations each band is off in each tenth of a second. The place is the
rectangle whose excess over what normal sound has by chance is largest (a maximum-sum rectangle, so neither a single loud
cell nor everything), lengthened over repeats in the same band. The manner comes from the embedding: its three parts say
how much brighter, unsteadier and more impulsive that band is.

That is what a memory of normal sound can tell. Maps of other families are in no unit: of them, only the place that counted
most is told.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auscult.audio.sound import Samples
from auscult.audio.window import windows
from auscult.runtime.bundle import Bundle
from auscult.runtime.engine import Engine
from auscult.runtime.manifest import LevelTrack, Manifest
from auscult.runtime.parts import FIRST, MEMORY, PIECE_S, explained_dim, frames_a_piece
from auscult.runtime.verdict import Explanation, Nearest

Array = NDArray[np.float64]
Run = Callable[..., dict[str, NDArray[np.float32]]]

# In deviations of a single frame. A piece of normal sound, a few frames long, is off by half of one on average; what is
# twice as much counts. One cell's say is bounded: powers in dB have a long tail downwards, and a rectangle should be many
# cells' doing.
TYPICAL_EXCESS = 1.0
MAX_EXCESS = 3.0

# A map without signs does not average out: its pieces of normal sound are off by 0.8. This brings them nearer to a half.
UNSIGNED = 0.8

# Louder or quieter as a whole by up to this many deviations is what machines do; only what goes beyond is off.
USUAL_SWING = 3.0

# Another stretch of the same band belongs to the same sound if it holds this part of the first one's excess.
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
    sums = np.zeros((n_bands + 1, n_frames + 1))
    sums[1:, 1:] = excess.cumsum(axis=0).cumsum(axis=1)
    best, place = -np.inf, (0, 0, 0)
    for first in range(n_bands):
        running = sums[first + 1 :] - sums[first]  # (last bands, ends): all frames before an end
        gain = running[:, 1:] - np.minimum.accumulate(running, axis=1)[:, :-1]
        last, end = divmod(int(gain.argmax()), n_frames)
        if gain[last, end] > best:
            best, place = float(gain[last, end]), (first, first + last, end)
    first, last, end = place
    before = (sums[last + 1] - sums[first])[: end + 1]
    return Patch(
        first_band=first,
        last_band=last,
        first_frame=int(end - before[::-1].argmin()),
        last_frame=end,
        excess=best,
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
    rest = excess[main.first_band : main.last_band + 1].sum(axis=0, keepdims=True)
    spans = [main]
    for _ in range(MAX_REPEATS):
        # Nothing gains by reaching across what was found already.
        rest[:, spans[-1].first_frame : spans[-1].last_frame + 1] = -abs(main.excess)
        repeat = largest_patch(rest)
        if repeat.excess < REPEAT_PART * main.excess:
            break
        spans.append(repeat)
    return replace(
        main,
        first_frame=min(span.first_frame for span in spans),
        last_frame=max(span.last_frame for span in spans),
    )


def explain_stretch(
    bundle: Bundle, run: Run, samples: Samples, start_s: float
) -> Explanation | None:
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
    if bundle.manifest.family == MEMORY:
        alone = run if bundle.explainer is None else _first_alone(bundle.explainer)
        return _differing(bundle, alone, samples, start_s)
    return _counting_most(bundle.manifest, run, samples, start_s)


def _first_alone(engine: Engine) -> Run:
    """The first of several embedders, as if there were no other."""

    def run(samples: Samples, *_: object) -> dict[str, NDArray[np.float32]]:
        found = engine.run(np.atleast_2d(samples))
        return {"embedding": found[FIRST], "level_db": found["level_db"]}

    return run


def _counting_most(
    manifest: Manifest, run: Run, samples: Samples, start_s: float
) -> Explanation | None:
    """The highest cell of the map of the window that scores highest; `None` where all cells are alike."""
    cut = windows(samples, manifest.window_samples, manifest.hop_samples)
    parts = list(cut) if len(cut) else [samples]
    if len(parts[0]) < manifest.min_window_samples:
        return None
    # One after the other: maps of many windows at once would take much memory.
    scores = [float(run(part, (), ["score"])["score"][0]) for part in parts]
    worst = int(np.argmax(scores))
    found = run(parts[worst], (), ["anomaly_map", "level_db"])
    drawn = np.nan_to_num(np.asarray(found["anomaly_map"][0], np.float64))
    if np.ptp(drawn) == 0.0:
        return None
    band, frame = divmod(int(drawn.argmax()), drawn.shape[1])
    rate_hz = manifest.sample_rate_hz
    begin_s = start_s + (worst * manifest.hop_samples + frame * manifest.map_hop_samples) / rate_hz
    end_s = begin_s + manifest.map_frame_samples / rate_hz
    low_hz, _, high_hz = manifest.bands_hz[band]
    level = manifest.level
    level_change_db = None if level is None else float(found["level_db"][0]) - level.median_db
    place = f"{begin_s:.1f}-{end_s:.1f} s, {_hz(low_hz)}-{_hz(high_hz)}"
    return Explanation(
        low_hz=low_hz,
        high_hz=high_hz,
        start_s=begin_s,
        end_s=end_s,
        text=f"{place}: this counted most.{_loudness(level_change_db, level)}",
        level_change_db=level_change_db,
    )


def _differing(bundle: Bundle, run: Run, samples: Samples, start_s: float) -> Explanation:
    """Where a memory's sound differs from normal, how, and what it has learned that is most like it."""
    manifest = bundle.manifest
    patch = find_patch(_field(bundle, run, samples))
    low_s, high_s = _times(patch, len(samples), manifest)
    # The pieces at both ends lie partly outside, and an edge within a segment would pass for an impulse.
    edge_s = PIECE_S if high_s - low_s > 5 * PIECE_S else 0.0
    segment = _at_least(samples, low_s + edge_s, high_s - edge_s, manifest)
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


def _times(patch: Patch, n_samples: int, manifest: Manifest) -> tuple[float, float]:
    """From the first sample of its first piece to the last one of its last, in seconds."""
    step = frames_a_piece(manifest) * manifest.map_hop_samples
    overlap = manifest.map_frame_samples - manifest.map_hop_samples
    end = (patch.last_frame + 1) * step + overlap
    if n_samples - end < step:  # what is left over at the end belongs to the last piece
        end = n_samples
    return patch.first_frame * step / manifest.sample_rate_hz, end / manifest.sample_rate_hz


def _field(bundle: Bundle, run: Run, samples: Samples) -> Array:
    """By how many deviations each band is off in each piece, shape (bands, pieces), not negative."""
    manifest = bundle.manifest
    frames = frames_a_piece(manifest)
    mean, sigma = (bundle.weights.get(f"bands.{name}") for name in ("mean", "sigma"))
    dim = explained_dim(manifest, bundle.explainer is not None)
    if mean is not None and sigma is not None and dim == 3 * len(mean):
        step = frames * manifest.map_hop_samples
        length = step + manifest.map_frame_samples - manifest.map_hop_samples
        # Too short to be judged, but the mean of each band needs no more than a frame.
        pieces = windows(samples, length, step)
        return _off_normal(run(pieces, (), ["embedding", "level_db"]), mean, sigma, manifest.level)
    drawn = _map_of(run, samples, manifest)
    n = drawn.shape[1] // frames
    means: Array = drawn[:, : n * frames].reshape(len(drawn), n, frames).mean(axis=2)
    return means * UNSIGNED


def _off_normal(
    found: dict[str, NDArray[np.float32]], mean: Array, sigma: Array, learned: LevelTrack | None
) -> Array:
    """Field of the spectrum embedder, from the embeddings of short pieces.

    Their first part is the shape of the spectrum, signed and level removed: so the pieces of a machine that works in turns
    are alike though their loudness is not, and what a few loud bands take from all others can be given back. The map of the
    whole stretch tells neither. What is lost is a machine that falls silent; its loudness tells, within the stretch.
    """
    shape = found["embedding"][:, : len(mean)].T - mean  # (bands, pieces)
    shape = shape - np.median(shape, axis=0)
    level_db = found["level_db"]
    usual_db = np.median(level_db) if learned is None else learned.median_db
    # A microphone that was turned up is no fault: at least a quarter of what is heard is no quieter, and no louder.
    swing = (level_db - np.clip(usual_db, *np.quantile(level_db, (0.25, 0.75)))) / _DB_PER_NEPER
    usual = USUAL_SWING * float(np.median(sigma))
    beyond = swing - np.clip(swing, -usual, usual)
    off: Array = np.abs(shape + beyond) / sigma
    return off


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
    cut = windows(samples, manifest.window_samples, manifest.hop_samples)
    found = run(cut if len(cut) else samples, (), ["embedding"])
    return np.asarray(found["embedding"].mean(axis=0), np.float64)


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
    mine = kept[:, : len(embedding)].astype(np.float64)
    distances = _quadratic(bundle.weights, mine - embedding)
    index = int(np.argmin(distances))
    exemplar = exemplars[index]
    return Nearest(
        recording=exemplar.recording,
        start_s=exemplar.start_s,
        end_s=exemplar.end_s,
        distance=float(distances[index]),
    )


def _how(kinds: tuple[str, ...], change_db: float | None) -> str:
    how = f"{' and '.join(kinds[:2])} than normal" if kinds else "different from normal"
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
