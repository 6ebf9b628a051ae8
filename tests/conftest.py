"""Sound made here, and what is learned from it once for all tests."""

import numpy as np
import pytest
import soundfile
from hypothesis import settings

from auscult.audio.sound import Sound
from auscult.datasets.clip import Clip
from auscult.memory.embedder import describe
from auscult.memory.graph import spectrum_embedder
from auscult.memory.learn import learn_clips
from auscult.memory.spectrum import PRESETS
from auscult.runtime.bundle import load
from auscult.runtime.scorer import Scorer

RATE_HZ = 16000

settings.register_profile("auscult", deadline=None, derandomize=True)
settings.load_profile("auscult")


def machine_sound(seed, seconds=10.0):
    """A motor: flow noise that falls with frequency, a hum and its overtones that wander a little."""
    rng = np.random.default_rng(seed)
    n = round(seconds * RATE_HZ)
    frequency = np.fft.rfftfreq(n, 1 / RATE_HZ)
    noise = np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) / (1.0 + frequency / 500.0) ** 0.7, n)
    time_s = np.arange(n) / RATE_HZ
    hum = np.zeros(n)
    for overtone, strength in ((1, 0.02), (2, 0.015), (7, 0.01)):
        wander = 1.0 + 0.1 * np.sin(2 * np.pi * (0.3 * time_s + rng.random()))
        hum += strength * wander * np.sin(2 * np.pi * (120 * overtone * time_s + rng.random()))
    return (0.06 * noise + hum).astype(np.float32)


def tone(hz, seconds, amplitude):
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ)).astype(np.float32)


@pytest.fixture(scope="session")
def sound():
    """A function: samples of the machine from a seed, at 16 kHz."""
    return machine_sound


@pytest.fixture(scope="session")
def clips():
    """A function: that many independent recordings of the machine, labelled normal, in memory."""

    def make(n=12, seconds=10.0, seed=0, label="normal"):
        return [
            Clip(
                path=Path(f"{seed + i:02d}.wav"),
                label=label,
                group=f"{seed + i:02d}.wav",
                sound=Sound(samples=machine_sound(seed + i, seconds), rate_hz=RATE_HZ),
            )
            for i in range(n)
        ]

    return make
