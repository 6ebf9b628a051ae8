"""How simulated sound is looked at."""

import math

import numpy as np
import pytest

from auscult.audio.synth import render


@pytest.fixture(scope="session")
def samples():
    def rendered(machine, seconds=3.0, seed=0, faults=(), start_s=0.0):
        return render(machine, seconds=seconds, seed=seed, faults=faults, start_s=start_s).samples

    return rendered


@pytest.fixture(scope="session")
def fault_alone(samples):
    def difference(machine, fault, seconds, seed=0):
        healthy = samples(machine, seconds, seed).astype(float)
        return samples(machine, seconds, seed, [fault]).astype(float) - healthy

    return difference


@pytest.fixture(scope="session")
def spectrum():
    """Frequencies and the mean power at each."""

    def measured(sound, rate_hz=16000, n=4096):
        frames = np.lib.stride_tricks.sliding_window_view(sound.astype(float), n)[:: n // 4]
        power = np.mean(np.abs(np.fft.rfft(frames * np.hanning(n))) ** 2, axis=0)
        return np.fft.rfftfreq(n, 1 / rate_hz), power

    return measured


@pytest.fixture(scope="session")
def band_db(spectrum):
    """Level between two frequencies."""

    def measured(sound, low_hz, high_hz):
        hz, power = spectrum(sound)
        return 10 * math.log10(power[(hz >= low_hz) & (hz <= high_hz)].sum())

    return measured
