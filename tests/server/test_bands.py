import numpy as np
import pytest

from auscult.server.bands import N_BANDS, bands_of


@pytest.mark.parametrize("rate_hz", [8000, 16000, 48000])
def test_a_tone_is_loudest_in_its_own_band(rate_hz):
    bands = bands_of(rate_hz)
    assert len(bands.centres_hz) == N_BANDS
    for hz in (200.0, 1000.0, 0.3 * rate_hz):
        tone = 0.5 * np.sin(2 * np.pi * hz * np.arange(rate_hz) / rate_hz).astype(np.float32)
        levels = bands.levels_db(tone)
        nearest = np.argmin(np.abs(bands.centres_hz - hz))
        assert abs(int(np.argmax(levels)) - nearest) <= 1


def test_silence_and_a_few_samples_have_levels_too():
    for samples in (np.zeros(16000, np.float32), np.ones(3, np.float32)):
        levels = bands_of(16000).levels_db(samples)
        assert len(levels) == N_BANDS
        assert np.all(np.isfinite(levels))


def test_twenty_decibels_are_twenty_decibels():
    noise = np.random.default_rng(0).normal(0.0, 0.1, 16000).astype(np.float32)
    louder, quieter = (bands_of(16000).levels_db(noise * gain) for gain in (1.0, 0.1))
    np.testing.assert_allclose(np.subtract(louder, quieter), 20.0, atol=0.11)
