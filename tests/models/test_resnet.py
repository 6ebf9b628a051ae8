"""What is its own; what every family does is in test_checks.py."""

import pytest
import torch

from auscult.errors import RecipeError
from auscult.models.export_onnx import to_onnx
from auscult.models.resnet import ResNet
from auscult.runtime.engine import Engine


def test_its_stages_are_64_128_256_512_and_it_shows_what_they_see():
    detector = ResNet(rate_hz=16000, window_samples=16000, labels=("a", "b")).eval()
    with torch.no_grad():
        maps = detector.inspect(torch.zeros(1, 16000))
    assert list(maps) == ["stem", "stage1", "stage2", "stage3", "stage4"]
    assert [one.shape[1] for one in maps.values()] == [64, 64, 128, 256, 512]
    assert sum(one.numel() for one in detector.parameters()) == pytest.approx(11.2e6, rel=0.01)


def test_feature_maps_are_in_the_bundle_for_inspection_and_nowhere_else():
    torch.manual_seed(0)
    detector = ResNet.tiny().eval()
    engine = Engine(to_onnx(detector, inspect=True).SerializeToString())
    waveform = 0.1 * torch.randn(2, detector.window_samples)
    found = engine.run(waveform.numpy())
    with torch.no_grad():
        maps = detector.inspect(waveform)
    for name, value in maps.items():
        here = torch.from_numpy(found[f"feature_map.{name}"])
        assert torch.allclose(here, value, atol=1e-4)
    plain = {value.name for value in to_onnx(detector).graph.output}
    assert not any(name.startswith("feature_map.") for name in plain)


def test_what_spec_augment_blots_out_is_a_picture():
    detector = ResNet.tiny()
    assert detector.features(torch.zeros(2, 4000)).shape == (2, 32, 32)


def test_options_that_make_no_sense():
    with pytest.raises(RecipeError, match="0 or less"):
        ResNet(rate_hz=8000, window_samples=4000, labels=("a", "b"), width=0.0)
