"""A window that a sound fills in part is embedded as it was worked out from one that is full of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.memory.edges import SHARES, edges
from auscult.memory.spectrum import PRESETS, embed

RATE_HZ = 16000
N = 2 * RATE_HZ
BANDS = PRESETS["default"].n_bands


def noise(seed, n=N):
    return 0.01 * np.random.default_rng(seed).standard_normal(n)


def hiss(seed, low_hz=2000.0, high_hz=3000.0):
    """Noise of one band, 20 dB over the rest."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(N))
    hz = np.fft.rfftfreq(N, 1 / RATE_HZ)
    return 0.1 * np.fft.irfft(spectrum * ((hz > low_hz) & (hz < high_hz)), N)


def mean_embedding(sounds):
    return np.mean([embed(one.astype(np.float32)) for one in sounds], axis=0)


@pytest.fixture(scope="module")
def normal():
    return mean_embedding([noise(seed) for seed in range(8)])


@pytest.fixture(scope="module")
def full():
    return mean_embedding([noise(20 + seed) + hiss(seed) for seed in range(8)])


@pytest.mark.parametrize("number", range(len(SHARES)))
def test_it_is_what_the_embedder_hears(normal, full, number):
    begins = N - round(SHARES[number] * N)
    sounds = []
    for seed in range(8):
        sound = hiss(40 + seed)
        sound[:begins] = 0.0
        sounds.append(noise(60 + seed) + sound)
    heard = mean_embedding(sounds)
    guessed = edges(normal, full)[number]
    for part in range(3):
        rows = slice(part * BANDS, (part + 1) * BANDS)
        away, found = (one[rows] - normal[rows] for one in (heard, guessed))
        cosine = away @ found / (np.linalg.norm(away) * np.linalg.norm(found))
        assert cosine > 0.9
        assert np.linalg.norm(found) == pytest.approx(np.linalg.norm(away), rel=0.25)


def test_they_lie_in_another_direction_than_the_sound(normal, full):
    away = full - normal
    edge = edges(normal, full)[0] - normal
    assert away @ edge / (np.linalg.norm(away) * np.linalg.norm(edge)) < 0.5


@given(st.integers(0, 2**32 - 1), st.floats(0.0, 12.0))
def test_whatever_was_heard_they_are_numbers(seed, size):
    rng = np.random.default_rng(seed)
    normal, full = (np.abs(rng.standard_normal(3 * 16)) * size for _ in range(2))
    assert np.all(np.isfinite(edges(normal, full)))
