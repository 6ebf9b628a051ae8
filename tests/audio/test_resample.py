import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.audio.resample import Resampler, resample
from auscult.errors import RecipeError

RATES = [1000, 8000, 11025, 16000, 16001, 22050, 32000, 44100, 48000, 96000, 768000]


def noise(n, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, n).astype(np.float32)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    from_hz=st.sampled_from(RATES),
    to_hz=st.sampled_from(RATES),
    n=st.integers(0, 6000),
    cuts=st.lists(st.integers(0, 6000), max_size=40),
)
def test_any_partition_gives_the_whole_result_bit_for_bit(from_hz, to_hz, n, cuts):
    sound = noise(n, seed=n)
    resampler = Resampler(from_hz, to_hz)
    parts = [resampler.feed(block) for block in np.split(sound, sorted(min(c, n) for c in cuts))]
    joined = np.concatenate([*parts, resampler.close()])
    whole = resample(sound, from_hz, to_hz)
    assert joined.tobytes() == whole.tobytes()
    assert abs(len(whole) - n * to_hz / from_hz) < 1


def test_one_sample_at_a_time():
    sound = noise(500)
    resampler = Resampler(44100, 16000)
    parts = [resampler.feed(sound[i : i + 1]) for i in range(len(sound))]
    assert np.array_equal(
        np.concatenate([*parts, resampler.close()]), resample(sound, 44100, 16000)
    )


def test_equal_rates_pass_through():
    sound = noise(100)
    assert np.array_equal(resample(sound, 16000, 16000), sound)
    assert len(Resampler(16000, 16000).close()) == 0


def test_a_tone_keeps_its_frequency_and_level_and_what_is_too_high_goes():
    time_s = np.arange(48000) / 48000
    low = np.sin(2 * np.pi * 1000 * time_s).astype(np.float32)
    high = np.sin(2 * np.pi * 12000 * time_s).astype(np.float32)
    expected = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)
    inner = slice(500, -500)
    assert np.abs(resample(low, 48000, 16000) - expected)[inner].max() < 1e-4
    assert np.abs(resample(high, 48000, 16000))[inner].max() < 1e-4


def test_after_close_a_new_sound_begins():
    first, second = noise(3000, seed=1), noise(2000, seed=2)
    resampler = Resampler(48000, 16000)
    resampler.feed(first)
    resampler.close()
    joined = np.concatenate([resampler.feed(second), resampler.close()])
    assert np.array_equal(joined, resample(second, 48000, 16000))


def test_strided_read_only_and_double_precision_input_is_taken():
    stereo = noise(4000).reshape(-1, 2)
    stereo.flags.writeable = False
    left = resample(stereo[:, 0], 48000, 16000)
    assert left.dtype == np.float32
    assert np.array_equal(left, resample(stereo[:, 0].astype(np.float64), 48000, 16000))


@pytest.mark.parametrize(("from_hz", "to_hz"), [(0, 16000), (16000, 0), (-8000, 16000)])
def test_rates_must_be_above_zero(from_hz, to_hz):
    with pytest.raises(RecipeError, match=r"rate of (0|-8000) Hz has no meaning.*above 0 Hz.*Give"):
        Resampler(from_hz, to_hz)
    with pytest.raises(RecipeError, match="has no meaning"):
        resample(noise(10), from_hz, to_hz)
