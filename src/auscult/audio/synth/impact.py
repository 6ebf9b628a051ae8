"""Something is struck: the ring of its modes, at any number of times."""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from auscult.audio.synth.chance import Values, generator
from auscult.audio.synth.second import Second

_MODES = 24


def impacts(second: Second, ring: Values, onsets: Sequence[tuple[float, float]]) -> Values:
    """The same ring at several times, each with its amplitude; what began before this second rings on in it."""
    rate_hz = second.machine.rate_hz
    wave = np.zeros(rate_hz)
    for time_s, amplitude in onsets:
        first = round((time_s - second.number) * rate_hz)
        low, high = max(first, 0), min(first + len(ring), rate_hz)
        if low < high:
            wave[low:high] += amplitude * ring[low - first : high - first]
    return wave


@lru_cache(maxsize=16)
def ringing(
    seed: int, part: str, *, band_hz: tuple[float, float], decay_s: float, rate_hz: int
) -> Values:
    """What something struck sounds like: many modes between two frequencies, dying away; energy 1."""
    low_hz, high_hz = band_hz
    draw = generator(seed, part, 0)
    # A mode that dies away within decay_s is as wide as this, and has to fit as a whole.
    width_hz = min(1.0 / (2 * math.pi * decay_s), (high_hz - low_hz) / 4)
    edges = np.geomspace(low_hz + width_hz, min(high_hz, 0.48 * rate_hz) - width_hz, _MODES + 1)
    modes_hz = draw.uniform(edges[:-1], edges[1:])
    weights = draw.choice([-1.0, 1.0], _MODES) * draw.uniform(0.6, 1.0, _MODES)
    times_s = np.arange(round(8 * decay_s * rate_hz)) / rate_hz
    waves = weights[:, None] * np.sin(2 * np.pi * modes_hz[:, None] * times_s)
    ring = waves.sum(axis=0) * np.exp(-times_s / decay_s)
    return np.asarray(ring / math.sqrt(float(np.dot(ring, ring))))
