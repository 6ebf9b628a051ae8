"""What is its own; what every family does is in test_checks.py."""

import pytest
import torch

from auscult.errors import RecipeError
from auscult.models.checks import check_batch_size_changes_nothing, check_onnx
from auscult.models.cnn_attention import CnnAttention

GIVEN = {"rate_hz": 16000, "window_samples": 16000, "labels": ("ok", "ng"), "alarm_labels": ("ng",)}


def test_a_step_hears_what_its_column_of_the_map_says():
    torch.manual_seed(0)
    detector = CnnAttention(**GIVEN).eval()
    hop, frame = detector.map_hop_samples, detector.map_frame_samples
    quiet = torch.zeros(1, 16000)
    for step in (0, 20, 50):
        click = quiet.clone()
        click[0, step * hop + frame // 2] = 1.0
        heard = (
            detector.convolutions(click[:, None]) - detector.convolutions(quiet[:, None])
        ).abs()
        first, last = heard[0].sum(dim=0).nonzero()[[0, -1], 0].tolist()
        assert first <= step <= last
        assert (last - first) * hop <= frame


@pytest.mark.parametrize("rate_hz", [8000, 16000, 22050, 44100, 48000])
def test_attention_looks_about_sixty_times_a_second(rate_hz):
    given = GIVEN | {"rate_hz": rate_hz, "window_samples": rate_hz}
    assert rate_hz / CnnAttention(**given).map_hop_samples == pytest.approx(62.5, rel=0.01)


def test_at_its_own_level_loudness_changes_nothing():
    torch.manual_seed(0)
    detector = CnnAttention(**GIVEN, normalise="rms", band_hz=(20.0, 8000.0)).eval()
    sound = torch.randn(1, 16000)
    with torch.no_grad():
        loud, quiet = (detector(gain * sound)["probabilities"] for gain in (1.0, 0.01))
    assert torch.allclose(loud, quiet, atol=1e-4)


class InABand(CnnAttention):
    @classmethod
    def tiny(cls):
        small = super().tiny().settings()
        return cls(**{**small, "band_hz": (20.0, 3000.0), "normalise": "rms"})


@pytest.mark.parametrize("check", [check_batch_size_changes_nothing, check_onnx])
def test_it_is_exported_with_its_band_and_level(check):
    check(InABand)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"channels": (64, 128)}, "three whole numbers"),
        ({"attention_dim": 100, "heads": 8}, "can't be shared by 8 heads"),
        ({"band_hz": (20.0,)}, "a lower and an upper edge"),
        ({"window_samples": 2000}, "too short for cnn_attention"),
    ],
)
def test_options_that_make_no_sense(options, words):
    with pytest.raises(RecipeError, match=words):
        CnnAttention(**{**GIVEN, **options})
