"""mn04: our own code of a public network, held against its weights and against a plain front end."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from auscult.audio.resample import resample
from auscult.errors import RecipeError
from auscult.models.fixed_frontend import mel_triangles
from auscult.models.mn04 import CLASSES, DIM, Mn04, mn04

DATA = Path(os.environ.get("AUSCULT_DATA", Path(__file__).parents[2] / "../shared/data"))
SIMILAR = torch.nn.functional.cosine_similarity


def plain_log_mel(samples):
    """The published front end, step by step, of sound at 32 kHz."""
    x = samples * (0.05 / np.sqrt(np.mean(samples**2) + 1e-10))
    emphasised = torch.from_numpy((x[1:] - 0.97 * x[:-1]).astype(np.float32))[None]
    window = torch.hann_window(800, periodic=False)
    power = torch.stft(emphasised, 1024, 320, 800, window, center=True, return_complex=True).abs()
    bank = mel_triangles(128, np.arange(513) * 31.25, low_hz=0.0, high_hz=15000.0)
    bank[:, -1] = 0.0
    return ((torch.tensor(bank).float() @ power**2 + 1e-5).log() + 4.5) / 5.0


def sound(rate_hz, seconds=1.0, seed=0):
    """A tone with harmonics below 7 kHz, a beat, and noise."""
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    tones = sum(np.sin(2 * np.pi * 440.0 * k * t + k) / k for k in range(1, 15))
    noise = np.random.default_rng(seed).standard_normal(round(seconds * 4000))
    noise = resample(noise.astype(np.float32), 4000, rate_hz)[: len(t)]
    return (0.1 * tones * (1.2 + np.sin(10 * t)) + 0.1 * noise).astype(np.float32)


@pytest.fixture(scope="module")
def fresh():
    torch.manual_seed(0)
    return Mn04(rate_hz=16000).eval()


@pytest.fixture(scope="module")
def weights():
    path = DATA / "models" / "efficientat_mn04_as_mAP_432.pt"
    if not path.is_file():
        pytest.skip("no weights of mn04 under AUSCULT_DATA")
    return torch.load(path, map_location="cpu", weights_only=True)


@torch.no_grad()
def test_the_front_end_is_the_published_one():
    samples = sound(32000)
    found = Mn04(rate_hz=32000).log_mel(torch.from_numpy(samples)[None])[0]
    expected = plain_log_mel(samples)[0]
    assert found.shape == expected.shape == (128, 100)
    # At both ends the sound is mirrored before pre-emphasis instead of after it.
    torch.testing.assert_close(found[:, 2:-2], expected[:, 2:-2], rtol=0.0, atol=2e-3)


@torch.no_grad()
def test_upsampling_inside_is_upsampling(fresh):
    samples = sound(16000)
    found = fresh.log_mel(torch.from_numpy(samples)[None])[0]
    expected = plain_log_mel(resample(samples, 16000, 32000))[0]
    below_7_khz = slice(0, 95)
    difference = (found - expected)[below_7_khz, 2:-2].abs()
    assert difference.mean() < 0.01
    assert difference.max() < 0.2


@torch.no_grad()
@pytest.mark.parametrize("gain", [0.01, 0.1, 3.0])
def test_loudness_says_nothing(fresh, gain):
    samples = torch.from_numpy(sound(16000))[None]
    torch.testing.assert_close(fresh(gain * samples), fresh(samples), rtol=1e-3, atol=1e-3)


@torch.no_grad()
@pytest.mark.parametrize("samples", [8000, 8001, 15999, 16000, 40123])
def test_any_length_from_half_a_second_on(fresh, samples):
    assert fresh(torch.zeros(2, samples)).shape == (2, DIM)
    frames = -(-samples // 160)
    assert fresh.log_mel(torch.zeros(1, samples)).shape == (1, 128, frames)


@torch.no_grad()
def test_silence_gives_numbers(fresh):
    assert torch.isfinite(fresh(torch.zeros(1, 16000))).all()


def test_a_rate_that_it_does_not_take():
    with pytest.raises(RecipeError) as caught:
        Mn04(rate_hz=44100)
    assert "44,100 Hz" in caught.value.what
    assert caught.value.expected == "16000 or 32000 Hz"
    assert "audio.sample_rate_hz" in caught.value.action


@torch.no_grad()
def test_weights_load_strictly(fresh):
    state = fresh.state_dict()
    assert sum(value.numel() for name, value in fresh.named_parameters()) == 983_599
    again = mn04(state)
    assert not again.training
    samples = torch.from_numpy(sound(16000))[None]
    torch.testing.assert_close(again(samples), fresh(samples))
    with pytest.raises(RuntimeError, match="Missing key"):
        mn04({name: value for name, value in state.items() if name != "classifier.5.bias"})


@torch.no_grad()
def test_the_public_weights_hear_what_is_there(weights):
    network = mn04(weights)
    path = DATA / "esc50_16k" / "1-100032-A-0.ogg"
    if not path.is_file():
        pytest.skip("no esc50_16k under AUSCULT_DATA")
    samples = torch.from_numpy(soundfile.read(path, dtype="float32")[0])[None]
    logits = network.logits(samples)
    assert logits.shape == (1, CLASSES)
    dog, bark, animal = 74, 75, 72
    assert set(logits[0].topk(3).indices.tolist()) == {dog, bark, animal}


@torch.no_grad()
def test_real_clips_at_either_rate_have_nearly_the_same_embedding(weights):
    paths = sorted((DATA / "esc50_16k").glob("*.ogg"))[::200]
    if not paths:
        pytest.skip("no esc50_16k under AUSCULT_DATA")
    low, high = mn04(weights), mn04(weights, rate_hz=32000)
    for path in paths:
        samples = soundfile.read(path, dtype="float32")[0]
        fine = resample(samples, 16000, 32000)
        found = low(torch.from_numpy(samples)[None])
        assert SIMILAR(found, high(torch.from_numpy(fine)[None])).item() > 0.99
        assert SIMILAR(found, high.maps(plain_log_mel(fine)).mean(dim=(2, 3))).item() > 0.99
