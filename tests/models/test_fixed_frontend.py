"""Front ends of others agree with what they were made after."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from auscult.models.fixed_frontend import FixedPower, fourier_rows, mel_triangles


def noise(n, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((2, n)).astype(np.float32))


def test_the_power_is_that_of_the_fourier_transform():
    window = np.hanning(64)
    power = FixedPower(fourier_rows(np.arange(33), 64, window), step=16)
    found = power(noise(640))
    expected = torch.stft(
        noise(640), 64, 16, window=torch.tensor(window).float(), center=False, return_complex=True
    )
    torch.testing.assert_close(found, expected.abs() ** 2, rtol=1e-4, atol=1e-4)


@given(st.integers(80, 700))
def test_the_sound_is_mirrored_at_both_ends(n):
    """With one frame for each step begun."""
    power = FixedPower(np.ones((1, 40), np.complex128), step=10, before=20)
    sound = noise(n)
    mirrored = torch.nn.functional.pad(sound, (20, 19), mode="reflect")
    expected = mirrored.unfold(1, 40, 10).sum(dim=2) ** 2
    found = power(sound)[:, 0]
    assert found.shape[1] == -(-n // 10)
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3)


def test_nothing_of_it_is_trained_or_saved():
    power = FixedPower(np.ones((1, 4), np.complex128), step=2)
    assert not list(power.parameters())
    assert not power.state_dict()


def test_triangles_are_straight_on_the_mel_scale():
    bins_hz = np.linspace(0.0, 8000.0, 257)
    bank = mel_triangles(40, bins_hz, low_hz=100.0, high_hz=7000.0)
    assert bank.shape == (40, 257)
    assert bank.min() == 0.0
    assert bank.max() <= 1.0
    inside = (bins_hz > 300.0) & (bins_hz < 6000.0)
    # Each bin belongs to two neighbours, to both together wholly.
    np.testing.assert_allclose(bank[:, inside].sum(axis=0), 1.0, atol=1e-9)
    assert not bank[:, bins_hz > 7000.0].any()


@pytest.mark.parametrize("length", [4, 6])
def test_rows_shorter_than_the_transform_are_padded_with_zeros(length):
    x = np.random.default_rng(0).standard_normal(length)
    rows = fourier_rows(np.arange(5), 8, np.ones(length))
    np.testing.assert_allclose(rows @ x, np.fft.rfft(x, 8), atol=1e-12)
