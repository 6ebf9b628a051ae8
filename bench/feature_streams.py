"""Hours of a machine's sound at the level of features, in seconds: what limits and votes are measured on.

Of each of 64 mel bands the mean and the deviation of its log power over the frames of a window: of one second, apart, or of
two seconds that overlap by half, as the product listens. Band powers are gamma distributed with the degrees of freedom that
a band of that many bins has. What a scenario adds moves the means in units of σ, the deviation that chance alone gives the
mean of a band in one second (0.2 to 0.8 dB).
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from auscult.audio.mel import filter_bank

Array = NDArray[np.float64]
Windows = Literal["apart", "overlapping"]

N_BANDS = 64
FRAMES = 30
CHUNK_S = 600

WANDER_S = (20.0, 60.0, 180.0)
WANDER_SIGMA = 0.7
KNOCKS_PER_HOUR = 20.0
KNOCK_S = (1.0, 3.0)
KNOCK_SIGMA = 2.0
CYCLE_S = 7.0
CYCLE_SIGMA = 2.0
STATE_SIGMA = 4.0
DWELL_S = 240.0
FAULT_BANDS = 8


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a scenario does to the windows, in σ: the shift of their means, and the variance it adds within them."""

    shift: Array
    variance: Array | float = 0.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Stream:
    """Seconds of sound, shape (..., seconds, bands); `sigma` is the deviation of each band's mean by chance alone."""

    mean: Array
    deviation: Array
    sigma: Array

    def windows(self, kind: Windows) -> Array:
        """Features, shape (..., windows, 2 * bands)."""
        if kind == "apart":
            return np.concatenate([self.mean, self.deviation], axis=-1)
        # Two seconds together: the mean of their means; their scatter, and that between them.
        first, second = self.mean[..., :-1, :], self.mean[..., 1:, :]
        scatter = self.deviation[..., :-1, :] ** 2 + self.deviation[..., 1:, :] ** 2
        deviation = np.sqrt(scatter / 2.0 + (first - second) ** 2 / 4.0)
        return np.concatenate([(first + second) / 2.0, deviation], axis=-1)

    def changed(self, change: Change) -> "Stream":
        """The same chance, in another scenario."""
        return Stream(
            mean=self.mean + change.shift * self.sigma,
            deviation=np.sqrt(self.deviation**2 + change.variance * self.sigma**2),
            sigma=self.sigma,
        )

    def part(self, seconds: slice | NDArray[np.int64]) -> "Stream":
        """Some of the seconds."""
        return Stream(mean=self.mean[seconds], deviation=self.deviation[seconds], sigma=self.sigma)


def chance(rng: np.random.Generator, seconds: int) -> Stream:
    """Stationary noise: nothing but chance."""
    bank = filter_bank(
        rate_hz=16000,
        n_fft=1024,
        n_bands=N_BANDS,
        low_hz=50.0,
        high_hz=7300.0,
        scale="htk",
        norm="mean",
    )
    # A Hann window lets neighbouring bins share their power: correlation 4/9, and 1/36 for the next but one.
    shared = sum(
        (
            weight * np.eye(bank.shape[1], k=k)
            for k, weight in ((-2, 1 / 36), (-1, 4 / 9), (0, 1.0), (1, 4 / 9), (2, 1 / 36))
        ),
        np.zeros((bank.shape[1],) * 2),
    )
    shape = (1.0 / np.sum((bank @ shared) * bank, axis=1)).astype(np.float32)
    mean, deviation = np.empty((2, seconds, N_BANDS))
    for start in range(0, seconds, CHUNK_S):
        size = (FRAMES, min(CHUNK_S, seconds - start), N_BANDS)
        log_power = np.log(rng.standard_gamma(shape, size, dtype=np.float32))
        mean[start : start + CHUNK_S] = log_power.mean(axis=0)
        deviation[start : start + CHUNK_S] = log_power.std(axis=0)
    return Stream(mean=mean, deviation=deviation, sigma=mean.std(axis=0))


def _pattern(rng: np.random.Generator) -> Array:
    """A smooth spectral shape with mean square 1."""
    x = np.linspace(0.0, np.pi, N_BANDS)
    waves = np.cos(np.outer(np.arange(1, 5), x) + rng.uniform(0.0, 2.0 * np.pi, (4, 1)))
    shape = rng.standard_normal(4) @ waves
    return np.asarray(shape / np.sqrt(np.mean(shape**2)))


def _wandering(rng: np.random.Generator, seconds: int, time_constant_s: float) -> Array:
    """AR(1) with variance 1."""
    keep = np.exp(-1.0 / time_constant_s)
    steps = rng.standard_normal(seconds)
    steps[1:] *= np.sqrt(1.0 - keep**2)
    return np.array(list(accumulate(steps.tolist(), lambda old, step: keep * old + step)))


def iid(_rng: np.random.Generator, seconds: int, _learned_s: int) -> Change:
    """Nothing but chance."""
    return Change(shift=np.zeros((seconds, N_BANDS)))


def wander(rng: np.random.Generator, seconds: int, _learned_s: int) -> Change:
    """Three spectral patterns come and go, slowly."""
    moves = (
        np.outer(_wandering(rng, seconds, time_s), WANDER_SIGMA * _pattern(rng))
        for time_s in WANDER_S
    )
    return Change(shift=sum(moves, np.zeros((seconds, N_BANDS))))


def burst(rng: np.random.Generator, seconds: int, _learned_s: int) -> Change:
    """Knocks from the background, each with a spectrum of its own; a knock rarely fills whole windows."""
    shift, variance = np.zeros((2, seconds, N_BANDS))
    for _ in range(rng.poisson(KNOCKS_PER_HOUR * seconds / 3600.0)):
        start_s = rng.uniform(0.0, seconds)
        end_s = min(start_s + rng.uniform(*KNOCK_S), seconds)
        knock = rng.exponential(KNOCK_SIGMA) * np.abs(_pattern(rng))
        for window in range(int(start_s), int(np.ceil(end_s))):
            part = min(end_s, window + 1) - max(start_s, window)
            shift[window] += part * knock
            variance[window] += part * (1.0 - part) * knock**2
    return Change(shift=shift, variance=variance)


def cyclic(rng: np.random.Generator, seconds: int, _learned_s: int) -> Change:
    """A cycle of seven seconds that never keeps time exactly."""
    phase = np.cumsum(2.0 * np.pi / CYCLE_S * (1.0 + 0.05 * rng.standard_normal(seconds)))
    waves = np.stack([np.cos(phase), np.sin(phase), np.cos(2.0 * phase)], axis=1)
    patterns = np.stack([_pattern(rng) for _ in range(3)])
    return Change(shift=CYCLE_SIGMA * waves @ patterns)


def two_states(rng: np.random.Generator, seconds: int, learned_s: int) -> Change:
    """Two operating points; the last change before learning ends is half a minute before, so both are always heard."""
    dwells = rng.gamma(4.0, DWELL_S / 4.0, size=2 * int(seconds / DWELL_S) + 20)
    changes = np.cumsum(dwells)
    at = learned_s - 30.0
    changes += at - changes[np.searchsorted(changes, at)]
    state = np.searchsorted(changes, np.arange(seconds)) % 2
    return Change(shift=np.outer(STATE_SIGMA * state, _pattern(rng)))


Scenario = Callable[[np.random.Generator, int, int], Change]
GATED: dict[str, Scenario] = {"iid": iid, "wander": wander, "burst": burst}
REPORTED: dict[str, Scenario] = {"cyclic": cyclic, "two_states": two_states}


def fault_bands(rng: np.random.Generator) -> Array:
    """Eight adjacent bands anywhere: 1 there, 0 elsewhere."""
    first = rng.integers(0, N_BANDS - FAULT_BANDS + 1)
    bands = np.arange(N_BANDS)
    return np.asarray((bands >= first) & (bands < first + FAULT_BANDS), np.float64)
