import numpy as np
import pytest

from auscult.audio.synth.voice import RATE_HZ, Voice, say
from auscult.errors import RecipeError


def test_the_same_seed_says_the_same():
    first, again = (say(Voice(), seconds=2.0, seed=3) for _ in range(2))
    assert np.array_equal(first.samples, again.samples)
    assert not np.array_equal(first.samples, say(Voice(), seconds=2.0, seed=4).samples)
    assert np.abs(first.samples).max() == pytest.approx(0.5)


@pytest.mark.parametrize("pitch_hz", [110.0, 210.0, 300.0])
def test_it_has_the_pitch_that_was_asked_for_and_comes_in_syllables(pitch_hz):
    samples = say(Voice(pitch_hz=pitch_hz), seconds=6.0, seed=1).samples.astype(np.float64)
    power = np.abs(np.fft.rfft(samples)) ** 2
    hz = np.fft.rfftfreq(len(samples), 1.0 / RATE_HZ)
    low = (hz > 50.0) & (hz < 1.45 * pitch_hz)
    assert hz[low][power[low].argmax()] == pytest.approx(pitch_hz, rel=0.35)
    assert power[(hz > 80.0) & (hz < 4500.0)].sum() > 0.8 * power.sum()
    level = np.sqrt((samples[: 6 * RATE_HZ].reshape(-1, 160) ** 2).mean(axis=1))
    swell = np.abs(np.fft.rfft(level - level.mean()))
    pace_hz = np.fft.rfftfreq(len(level), 0.01)
    assert 2.0 < pace_hz[swell.argmax()] < 8.0


def test_no_voice_is_as_low():
    with pytest.raises(RecipeError, match="pitch_hz"):
        Voice(pitch_hz=20.0)
