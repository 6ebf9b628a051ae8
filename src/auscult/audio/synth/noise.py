"""Noise with a colour: white noise by the second, through filters that are made once for each machine."""

import math
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from auscult.audio.sound import Samples
from auscult.audio.synth.chance import Values, generator
from auscult.audio.synth.machine import Machine, resonant_db
from auscult.audio.synth.second import Second

Responses: TypeAlias = NDArray[np.complex64]


def coloured_noise(second: Second, part: str, responses: Responses) -> NDArray[np.float32]:
    """The same white noise through each filter, shape (filters, rate_hz)."""
    rate_hz = second.machine.rate_hz
    taps = _taps(rate_hz)
    # The filter reaches back into the second before.
    before = _white(second.seed, part, second.number - 1, rate_hz)[-taps:]
    here = _white(second.seed, part, second.number, rate_hz)
    spectrum = np.fft.rfft(np.concatenate((before, here)))
    return np.asarray(np.fft.irfft(spectrum * responses, rate_hz + taps)[:, taps:])


def _white(seed: int, part: str, number: int, rate_hz: int) -> Samples:
    return generator(seed, part, number).standard_normal(rate_hz, dtype=np.float32)


def _taps(rate_hz: int) -> int:
    return rate_hz // 8  # resolves 8 Hz


def _filters(magnitudes: Values, rate_hz: int) -> Responses:
    """Filters of `_taps` samples with these magnitudes, shape (filters, bins); the first one keeps the power of noise."""
    taps = _taps(rate_hz)
    impulses = np.roll(np.fft.irfft(magnitudes, rate_hz), taps // 2, axis=1)[:, :taps]
    impulses *= np.hanning(taps)
    impulses /= math.sqrt(float(np.sum(impulses[0] ** 2)))
    return np.fft.rfft(impulses, rate_hz + taps).astype(np.complex64)


def _bins_hz(rate_hz: int) -> Values:
    return np.arange(rate_hz // 2 + 1, dtype=np.float64)


@lru_cache(maxsize=16)
def flow_responses(machine: Machine) -> Responses:
    """The flow's colour, and what, added to it, makes it brighter around 1 kHz."""
    magnitude = _magnitude(machine, machine.flow_slope_db)
    octaves = np.log2(np.maximum(_bins_hz(machine.rate_hz), 30.0) / 1000.0)
    return _filters(np.stack((magnitude, magnitude * octaves)), machine.rate_hz)


@lru_cache(maxsize=16)
def background_responses(machine: Machine) -> Responses:
    """The background's colour."""
    return _filters(_magnitude(machine, machine.background_slope_db)[None], machine.rate_hz)


@lru_cache(maxsize=16)
def band_response(low_hz: float, high_hz: float, rate_hz: int) -> Responses:
    """White between two frequencies, nothing outside."""
    bins_hz = _bins_hz(rate_hz)
    return _filters(((bins_hz >= low_hz) & (bins_hz <= high_hz)).astype(float)[None], rate_hz)


def _magnitude(machine: Machine, slope_db: float) -> Values:
    bins_hz = _bins_hz(machine.rate_hz)
    shape_db = slope_db * np.log2(np.maximum(bins_hz, 30.0) / 1000.0)
    shape_db += resonant_db(machine, bins_hz)
    # A microphone hears little below 20 Hz, and a converter nothing near half its rate.
    heard = 1.0 / (1.0 + (20.0 / np.maximum(bins_hz, 0.1)) ** 4)
    heard *= 1.0 / (1.0 + (bins_hz / (0.47 * machine.rate_hz)) ** 24)
    return np.asarray(10.0 ** (shape_db / 20.0) * heard)
