"""Front ends against the NumPy reference, which is librosa's."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.audio.mel import log_mel_db
from auscult.errors import RecipeError
from auscult.models.frontend import BandPass, LogMel, normalised

RATE_HZ = 16000


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 99),
    samples=st.integers(1024, 9000),
    shape=st.sampled_from([(1024, 512, 64), (512, 160, 40), (2048, 1000, 128), (400, 500, 32)]),
)
def test_the_picture_is_that_of_the_reference(seed, samples, shape):
    n_fft, hop, n_bands = shape
    sound = np.random.default_rng(seed).uniform(-1, 1, samples).astype(np.float32)
    ours = LogMel(rate_hz=RATE_HZ, n_fft=n_fft, hop=hop, n_bands=n_bands)(
        torch.from_numpy(sound[None])
    )
    wanted = log_mel_db(sound, rate_hz=RATE_HZ, n_fft=n_fft, hop=hop, n_bands=n_bands)
    assert np.abs(ours[0].numpy() - wanted).max() < 1e-3


@pytest.mark.parametrize("n_fft", [2, 1023, 1026])
def test_a_frame_that_can_not_be_folded_is_refused(n_fft):
    with pytest.raises(RecipeError, match=rf"{n_fft} samples is no multiple of four.*model.n_fft"):
        LogMel(rate_hz=RATE_HZ, n_fft=n_fft)


def test_less_than_a_frame_is_no_picture():
    with pytest.raises(ValueError, match="200 samples are less than a frame of 1024"):
        LogMel(rate_hz=RATE_HZ, padding=0)(torch.zeros(1, 200))


def test_its_bands_are_where_it_says():
    picture = LogMel(rate_hz=RATE_HZ, n_bands=32, high_hz=7000.0)
    for band in (5, 15, 25):
        tone = np.sin(2 * np.pi * picture.bands_hz[band][1] * np.arange(RATE_HZ) / RATE_HZ)
        loudest = picture(torch.from_numpy(tone.astype(np.float32)[None]))[0].mean(dim=1).argmax()
        assert abs(int(loudest) - band) <= 1


@pytest.mark.parametrize(
    ("hz", "passes"), [(2.0, False), (100.0, True), (1000.0, True), (3000.0, True), (5000.0, False)]
)
def test_a_band_passes_and_the_rest_does_not(hz, passes):
    band = BandPass(rate_hz=RATE_HZ, low_hz=20.0, high_hz=4000.0, taps=2049)
    tone = np.sin(2 * np.pi * hz * np.arange(4 * RATE_HZ) / RATE_HZ).astype(np.float32)
    heard = band(torch.from_numpy(tone[None]))[0].numpy()[RATE_HZ:-RATE_HZ]
    # Nothing is delayed: what passes is what came.
    difference = np.abs(heard - tone[RATE_HZ:-RATE_HZ]).max()
    assert difference < 0.02 if passes else np.abs(heard).max() < 0.1


@pytest.mark.parametrize("samples", [300, 383, 384, 385, 5000])
def test_a_band_is_a_convolution_at_any_length(samples):
    """Also where blocks begin and end, and before and after the sound, where there is silence."""
    sound = np.random.default_rng(0).standard_normal((2, samples)).astype(np.float32)
    click = torch.zeros(1, 4097)
    click[0, 2048] = 1.0
    band = BandPass(rate_hz=RATE_HZ, low_hz=300.0, high_hz=3000.0, taps=257)
    kernel = band(click)[0, 2048 - 128 : 2048 + 129].numpy()
    heard = band(torch.from_numpy(sound)).numpy()
    assert heard.shape == sound.shape
    for row in range(2):
        wanted = np.convolve(sound[row], kernel, mode="full")[128 : 128 + samples]
        np.testing.assert_allclose(heard[row], wanted, atol=1e-5)


def test_a_band_to_half_the_rate_only_cuts_below():
    band = BandPass(rate_hz=RATE_HZ, low_hz=0.0, high_hz=8000.0)
    sound = torch.randn(1, 5000)
    assert torch.allclose(band(sound), sound, atol=1e-6)


@pytest.mark.parametrize(("low_hz", "high_hz"), [(-1.0, 100.0), (500.0, 400.0), (9000.0, 9500.0)])
def test_a_band_that_holds_nothing(low_hz, high_hz):
    with pytest.raises(RecipeError, match=r"holds nothing .*model.band_hz"):
        BandPass(rate_hz=RATE_HZ, low_hz=low_hz, high_hz=high_hz)


@given(gain=st.floats(0.01, 100.0), offset=st.floats(-0.5, 0.5))
def test_level_and_offset_do_not_matter(gain, offset):
    sound = torch.sin(torch.arange(200) * 0.3)[None]
    assert torch.allclose(normalised(gain * sound + offset), normalised(sound), atol=1e-3)


def test_with_less_padding_frames_begin_later():
    sound = torch.randn(1, 8000, generator=torch.Generator().manual_seed(0))
    usual = LogMel(rate_hz=16000, n_fft=512, hop=256, n_bands=16)(sound)
    within = LogMel(rate_hz=16000, n_fft=512, hop=256, n_bands=16, padding=0)(sound)
    assert torch.allclose(within, usual[:, :, 1:-1], atol=1e-3)
