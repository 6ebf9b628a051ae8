"""How loud a sound is, and whether it can be trusted: silence, clipping, a stuck input, a constant offset.

Levels are dBFS of the RMS with full scale at ±1: an RMS of 1 is 0 dB, a full-scale sine is −3.01 dB, digital silence
is −inf. Samples are finite; reading sees to that.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from auscult.audio.sound import Samples

Health = Literal["ok", "silent", "clipped", "stuck", "dc"]

SILENT_DB = -90.0
"""AC level below which nothing was heard: the last bit of 16."""

CLIPPED_FRACTION = 0.01
"""Share of clipped samples above which a sound is called clipped."""

DC_OFFSET = 0.25
"""Constant offset above which a sound is called offset, if the offset outweighs the sound too."""

FULL_SCALE = 0.999
"""What counts as full scale: converters differ in their last steps."""

FLAT_TOP = 0.25
"""Extreme above which a flat top is clipping: in quiet sound the steps of the converter make flat tops of their own."""


@dataclass(frozen=True, kw_only=True)
class Level:
    """Loudness and health of a stretch of sound.

    Parameters
    ----------
    level_db, peak_db
        RMS and largest magnitude, dBFS.
    dc
        Mean of the samples, in full scales.
    ac_level_db
        RMS about the mean, dBFS; −inf for a constant.
    clipped_fraction
        Share of samples, 0 to 1, that stand with a neighbour at full scale (magnitude of 0.999 and more) or, where the
        largest or smallest value is beyond ±0.25, at that value: a flat top.
    longest_constant_s
        Longest stretch of one unchanging value, digital silence included, in seconds.
    """

    level_db: float
    peak_db: float
    dc: float
    ac_level_db: float
    clipped_fraction: float
    longest_constant_s: float


def level_db(samples: Samples) -> float:
    """RMS in dBFS.

    Parameters
    ----------
    samples
        Shape (samples,), full scale at ±1.

    Returns
    -------
    db
        0 for an RMS of 1; −inf for digital silence or no samples.

    Examples
    --------
    >>> level_db(np.zeros(8, np.float32)), level_db(np.empty(0, np.float32))
    (-inf, -inf)
    >>> round(level_db(np.sin(np.arange(48000) * 2 * np.pi / 48).astype(np.float32)), 2)
    -3.01
    """
    return _db(_rms(samples))


def peak_db(samples: Samples) -> float:
    """Largest magnitude in dBFS; −inf for digital silence or no samples.

    Examples
    --------
    >>> peak_db(np.float32([0.0, -1.0, 0.5]))
    0.0
    """
    return _db(float(max(samples.max(), -samples.min()))) if len(samples) else -math.inf


def measure(samples: Samples, rate_hz: int) -> Level:
    """Measure loudness and health.

    Parameters
    ----------
    samples
        Mono, shape (samples,), full scale at ±1.
    rate_hz
        Samples a second.

    Returns
    -------
    level
        What `judge` needs; of no samples, the level of silence.

    Examples
    --------
    >>> square = np.tile(np.float32([1, 1, -1, -1]), 100)
    >>> measure(square, 16000).clipped_fraction
    1.0
    """
    if not len(samples):
        samples = np.zeros(1, np.float32)
    low, high = float(samples.min()), float(samples.max())
    dc = float(samples.mean()) if low < high else low
    return Level(
        level_db=level_db(samples),
        peak_db=_db(max(high, -low)),
        dc=dc,
        ac_level_db=_db(_rms(samples - np.float32(dc))),
        clipped_fraction=_clipped_fraction(samples, low, high),
        longest_constant_s=_longest_constant(samples) / rate_hz,
    )


def judge(level: Level) -> Health:
    """Say in a word whether a sound can be trusted.

    Returns
    -------
    health
        `"stuck"`: one unchanging value that is not zero. `"silent"`: AC level below −90 dBFS. `"clipped"`: more than 1 %
        of the samples are clipped. `"dc"`: the mean is beyond ±0.25 and larger than the AC RMS. Else `"ok"`. The first
        that fits.

    Examples
    --------
    >>> judge(measure(np.zeros(16000, np.float32), 16000))
    'silent'
    >>> judge(measure(np.full(16000, 0.5, np.float32), 16000))
    'stuck'
    """
    if level.ac_level_db == -math.inf and level.level_db > -math.inf:
        return "stuck"
    if level.ac_level_db < SILENT_DB:
        return "silent"
    if level.clipped_fraction > CLIPPED_FRACTION:
        return "clipped"
    if abs(level.dc) > DC_OFFSET and _db(abs(level.dc)) > level.ac_level_db:
        return "dc"
    return "ok"


def _rms(samples: Samples) -> float:
    if not len(samples):
        return 0.0
    # A dot product is an order of magnitude quicker than squaring into a new array; in parts, because a float32 sum
    # over an hour of sound loses digits.
    parts = (samples[i : i + 65536] for i in range(0, len(samples), 65536))
    return math.sqrt(sum(float(np.dot(part, part)) for part in parts) / len(samples))


def _db(amplitude: float) -> float:
    return 20.0 * math.log10(amplitude) if amplitude > 0 else -math.inf


def _clipped_fraction(samples: Samples, low: float, high: float) -> float:
    at_limit = np.zeros(len(samples), np.bool_)
    if high > FLAT_TOP:
        at_limit |= samples >= np.float32(min(high, FULL_SCALE))
    if low < -FLAT_TOP:
        at_limit |= samples <= np.float32(max(low, -FULL_SCALE))
    return _in_runs(at_limit) / len(samples)


def _in_runs(marked: NDArray[np.bool_]) -> int:
    """Count the marked samples that have a marked neighbour."""
    pairs = marked[1:] & marked[:-1]
    with_left = np.count_nonzero(pairs)
    # A run of k holds k - 1 pairs; so add the number of runs, which is that of the pairs without a pair before them.
    return int(with_left + np.count_nonzero(pairs[1:] > pairs[:-1]) + np.count_nonzero(pairs[:1]))


def _longest_constant(samples: Samples) -> int:
    """Length of the longest run of equal samples."""
    same = samples[1:] == samples[:-1]
    # Looking only at where `same` flips keeps the arrays short, in noise and in silence alike.
    flips = np.flatnonzero(same[1:] != same[:-1]) + 1
    bounds = np.concatenate(([0], flips, [len(same)]))
    runs = np.diff(bounds)[0 if same[:1].any() else 1 :: 2]
    return int(runs.max(initial=0)) + 1
