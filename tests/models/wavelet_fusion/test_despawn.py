"""What is lost and what is not; thresholds; filters; what is strange."""

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.errors import RecipeError
from auscult.models.export_onnx import to_onnx
from auscult.models.wavelet_fusion.despawn import DeSpaWN, filters

from .conftest import trained

GIVEN = {"rate_hz": 16000, "window_samples": 16000}


@given(
    wavelet=st.sampled_from(("haar", "db2", "db4")),
    levels=st.integers(1, 8),
    samples=st.integers(1536, 5000),
)
@settings(max_examples=30, deadline=None)
def test_without_thresholds_nothing_is_lost(wavelet, levels, samples):
    detector = DeSpaWN(**GIVEN, wavelet=wavelet, levels=levels, threshold=0.0)
    sound = torch.randn(2, samples, generator=torch.Generator().manual_seed(samples))
    features = detector.features(sound)
    assert 0 <= samples - features.shape[1] < 2**levels
    with torch.no_grad():
        found = detector.judge(features)
    assert torch.allclose(found["rebuilt"], features, atol=1e-5)
    energy = sum(found[f"coefficient.{n}"].square().sum(dim=(1, 2)) for n in range(levels + 1))
    assert torch.allclose(energy, features.square().sum(dim=1), rtol=1e-4)


def test_a_threshold_drops_what_is_small_on_its_side_and_keeps_what_is_large():
    detector = DeSpaWN(**GIVEN)
    with torch.no_grad():
        detector.threshold[3] = torch.tensor([1.0, 3.0])
        signal = torch.tensor([[[-5.0, -2.0, 0.0, 0.2, 2.0, 5.0]]])
        kept = detector.gate(signal, 3)[0, 0]
    assert kept.tolist() == pytest.approx([-5.0, 0.0, 0.0, 0.0, 2.0, 5.0], abs=0.01)


@torch.no_grad()
def test_the_waveform_and_what_was_rebuilt_can_be_looked_at():
    detector = DeSpaWN(**GIVEN, levels=4, threshold=0.0).eval()
    sound = 0.1 * torch.randn(2, 16000)
    seen = detector.inspect(sound)
    assert torch.equal(seen["original"], detector.features(sound))
    assert seen["rebuilt"].shape == seen["original"].shape


def test_a_tone_is_found_in_its_octave():
    detector = DeSpaWN(**GIVEN, levels=6)
    tone = torch.sin(2 * torch.pi * 1500.0 / 16000 * torch.arange(16000))[None]
    with torch.no_grad():
        found = detector.judge(detector.features(tone))
    power = [float(found[f"coefficient.{level}"].square().sum()) for level in range(7)]
    assert int(np.argmax(power)) == 3  # 1 to 2 kHz


@pytest.mark.parametrize("preset", ["small", "full"])
def test_the_high_pass_follows_the_low_pass(preset):
    detector = DeSpaWN(rate_hz=16000, window_samples=160000, preset=preset)
    with torch.no_grad():
        for split in detector.splits.values():
            split.low_pass += 0.1 * torch.randn_like(split.low_pass)
    pairs = filters(detector)
    assert pairs.shape == ((13 if preset == "full" else 1), 2, 8)
    low, high = pairs[0]
    assert np.allclose(high, low[::-1] * np.array([1, -1] * 4), atol=1e-6)
    for shift in (0, 2, 4, 6):  # whatever was learned, they stay orthogonal to each other
        assert abs(np.dot(low[shift:], high[: 8 - shift])) < 1e-5


@pytest.mark.parametrize(("preset", "n"), [("small", 1), ("full", 3)])
def test_a_bundle_holds_the_low_passes_under_their_names_in_order(preset, n):
    detector = DeSpaWN(**GIVEN, preset=preset, levels=3)
    with torch.no_grad():
        for level, split in enumerate(detector.splits.values()):
            split.low_pass += 0.01 * level
    weights = {
        one.name: onnx.numpy_helper.to_array(one) for one in to_onnx(detector).graph.initializer
    }
    held = [weights[name].ravel() for name in sorted(weights) if name.endswith("low_pass")]
    assert np.array_equal(held, filters(detector)[:, 0])
    assert len(held) == n


def test_attention_weighs_all_levels_alike_until_it_has_learned():
    detector = DeSpaWN.tiny()
    with torch.no_grad():
        weights = detector.judge(detector.features(torch.randn(2, 4000)))["weights"]
        assert torch.equal(weights, torch.ones(2, 4))
        detector.attention.outwards.bias[2] = 1.0
        learned = detector.judge(detector.features(torch.randn(2, 4000)))["weights"]
    assert (learned[:, 2] > 1.5).all()
    assert torch.allclose(learned.mean(dim=1), torch.ones(2))


@pytest.fixture(scope="module")
def learned(fan):
    return trained(DeSpaWN, fan)


def test_loudness_changes_nothing(fan, learned):
    with torch.no_grad():
        loud, quiet = (learned(gain * fan.broken[0])["score"] for gain in (1.0, 0.01))
    assert torch.allclose(loud, quiet, rtol=1e-3)


def test_what_is_broken_scores_more(fan, learned):
    assert fan.area(learned) > 0.9
    with torch.no_grad():
        typical = learned(torch.cat(fan.normal))["score"].median()
    assert 0.3 < typical < 3.0


def test_the_map_shows_when():
    detector = DeSpaWN(**GIVEN)
    residual = torch.zeros(1, 15872)
    residual[0, 8100] = 1.0
    found = {"residual": residual, "statistics": torch.zeros(1, detector.dim)}
    with torch.no_grad():
        drawn = detector.outputs(found)["anomaly_map"][0, 0]
    hop, frame = detector.map_hop_samples, detector.map_frame_samples
    heard = [column for column in range(len(drawn)) if hop * column <= 8100 < hop * column + frame]
    assert drawn.nonzero()[:, 0].tolist() == heard


def test_feature_maps_have_names():
    maps = DeSpaWN.tiny().inspect(torch.randn(2, 4000))
    assert sorted(maps) == [
        *(f"coefficient.{n}" for n in range(4)),
        "original",
        "rebuilt",
        "weights",
    ]


@pytest.mark.parametrize("levels", [0, -1, 13, 40])
def test_levels_that_make_no_sense(levels):
    with pytest.raises(RecipeError, match=rf"can't be split {levels} times"):
        DeSpaWN(**GIVEN, levels=levels)
