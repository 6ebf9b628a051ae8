import librosa
import numpy as np
import pytest

from auscult.audio import mel
from auscult.errors import RecipeError

RATE_HZ = 16000


@pytest.fixture(scope="module")
def noise():
    rng = np.random.default_rng(0)
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(RATE_HZ * 2) / RATE_HZ)
    return (tone + 0.05 * rng.standard_normal(RATE_HZ * 2)).astype(np.float32)


@pytest.mark.parametrize("scale", ["slaney", "htk"])
@pytest.mark.parametrize(("n_fft", "n_bands"), [(512, 40), (1024, 64), (2048, 128)])
def test_filter_banks_equal_librosas(scale, n_fft, n_bands):
    ours = mel.filter_bank(rate_hz=RATE_HZ, n_fft=n_fft, n_bands=n_bands, scale=scale)
    theirs = librosa.filters.mel(sr=RATE_HZ, n_fft=n_fft, n_mels=n_bands, htk=scale == "htk")
    np.testing.assert_allclose(ours, theirs, atol=1e-7)


@pytest.mark.parametrize("scale", ["slaney", "htk"])
def test_log_mel_equals_librosas_within_a_thousandth_of_a_decibel(noise, scale):
    ours = mel.log_mel_db(noise, rate_hz=RATE_HZ, scale=scale)
    power = librosa.feature.melspectrogram(
        y=noise, sr=RATE_HZ, n_fft=1024, hop_length=512, n_mels=64, htk=scale == "htk"
    )
    theirs = librosa.power_to_db(power, top_db=None)
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


@pytest.mark.parametrize("scale", ["slaney", "htk"])
def test_mfcc_equals_librosas_within_a_thousandth_of_a_decibel(noise, scale):
    ours = mel.mfcc(noise, rate_hz=RATE_HZ, scale=scale)
    theirs = librosa.feature.mfcc(
        y=noise, sr=RATE_HZ, n_mfcc=40, n_fft=1024, hop_length=512, n_mels=128, htk=scale == "htk"
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


def test_mean_normalised_rows_sum_to_one_and_none_is_empty():
    bank = mel.filter_bank(
        rate_hz=RATE_HZ, n_fft=1024, n_bands=128, low_hz=50, high_hz=7800, scale="htk", norm="mean"
    )
    np.testing.assert_allclose(bank.sum(axis=1), 1.0, atol=1e-6)


def test_a_triangle_without_a_bin_takes_the_nearest():
    bank = mel.filter_bank(
        rate_hz=RATE_HZ, n_fft=256, n_bands=128, low_hz=50, high_hz=7800, scale="htk", norm="mean"
    )
    edges = mel.band_edges_hz(128, low_hz=50, high_hz=7800, scale="htk")
    bins_hz = np.fft.rfftfreq(256, 1 / RATE_HZ)
    single = np.flatnonzero((bank == 1.0).any(axis=1))
    assert len(single) > 10
    for row in single:
        assert abs(bins_hz[bank[row].argmax()] - edges[row, 1]) <= RATE_HZ / 256 / 2 + 1e-9


def test_dft_matrices_give_the_power_of_the_fft(noise):
    frame = noise[:1024].astype(np.float64)
    cosine, sine = mel.dft_matrices(1024, np.arange(3, 500))
    power = (cosine @ frame) ** 2 + (sine @ frame) ** 2
    np.testing.assert_allclose(power, np.abs(np.fft.rfft(frame))[3:500] ** 2, rtol=1e-9, atol=1e-9)


def test_cosine_matrix_is_orthonormal():
    full = mel.cosine_matrix(64, 64)
    np.testing.assert_allclose(full @ full.T, np.eye(64), atol=1e-12)


def test_impossible_bands_are_refused_in_three_beats():
    with pytest.raises(RecipeError) as caught:
        mel.filter_bank(rate_hz=8000, n_fft=512, n_bands=64, high_hz=7800)
    text = str(caught.value)
    assert "to 7800 Hz do not fit a rate of 8000 Hz" in text
    assert "high <= 4000 Hz" in text
    assert "Change the band edges" in text
