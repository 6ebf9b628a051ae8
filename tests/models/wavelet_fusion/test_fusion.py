"""Three parts, trained one by one, and one score of them."""

import numpy as np
import pytest
import torch

from auscult.errors import RecipeError
from auscult.models.export_onnx import to_onnx
from auscult.models.wavelet_fusion.despawn import DeSpaWN
from auscult.models.wavelet_fusion.fusion import PARTS, WaveletFusion
from auscult.runtime.engine import Engine

from .conftest import kept, trained

GIVEN = {"rate_hz": 16000, "window_samples": 32000}


@pytest.fixture(scope="module")
def learned(fan):
    return trained(WaveletFusion, fan)


def weights_of(detector):
    return {name: one.clone() for name, one in detector.state_dict().items()}


def test_the_structure_of_the_full_preset_is_exported_as_it_is():
    """Levels with filters of their own, patches of sixteen bands; all of it small."""
    narrow = {"embed_dim": 24, "depth": 1, "num_heads": 2, "fusion_dim": 16, "fusion_heads": 2}
    small = {"levels": 3, "n_fft": 512, "patch_frames": 4, "latent_dim": 8, "codes": 16}
    torch.manual_seed(0)
    detector = WaveletFusion(
        rate_hz=8000, window_samples=18_432, preset="full", **small, **narrow
    ).eval()
    with torch.no_grad():  # else they are alike, and kept once
        for split in detector.despawn.splits.values():
            split.low_pass += 0.01 * torch.randn_like(split.low_pass)
    model = to_onnx(detector)
    assert len([one for one in model.graph.initializer if one.name.endswith("low_pass")]) == 3
    sound = 0.1 * torch.randn(2, 18_432, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        wanted = {name: value.numpy() for name, value in detector(sound).items()}
    found = Engine(model.SerializeToString()).run(sound.numpy(), outputs=list(wanted))
    for name, value in wanted.items():
        assert np.abs(found[name] - value).max() <= 1e-4 * np.abs(value).max(), name


@pytest.mark.parametrize("stage", PARTS)
def test_a_stage_moves_its_own_weights_and_no_others(stage):
    torch.manual_seed(0)
    detector = WaveletFusion.tiny()
    detector.begin(stage)
    detector.train()
    before = weights_of(detector)
    assert {n.split(".")[0] for n, p in detector.named_parameters() if p.requires_grad} == {stage}
    optimizer = torch.optim.SGD([p for p in detector.parameters() if p.requires_grad], lr=0.1)
    found = detector.judge(detector.features(torch.randn(4, 18432)))
    torch.autograd.backward(detector.loss(found, torch.zeros(4, 1)))
    optimizer.step()
    moved = {n.split(".")[0] for n, one in weights_of(detector).items() if not one.equal(before[n])}
    assert moved == {stage}


def test_only_the_part_that_learns_is_in_training():
    detector = WaveletFusion.tiny().train()
    detector.begin("masked_transformer")
    assert [detector.get_submodule(part).training for part in PARTS] == [False, True, False]
    assert not any(detector.eval().get_submodule(part).training for part in PARTS)


def test_what_is_broken_scores_more_in_every_part_and_in_all(fan, learned):
    assert {part: fan.area(learned, f"part_score.{part}") > 0.8 for part in PARTS} == dict.fromkeys(
        PARTS, True
    )
    assert fan.area(learned) > 0.9


def test_a_part_scores_as_it_would_alone(fan, learned):
    alone = DeSpaWN(**{name: learned.settings()[name] for name in DeSpaWN.tiny().settings()}).eval()
    alone.load_state_dict(learned.despawn.state_dict())
    with torch.no_grad():
        wanted = alone(fan.broken[0])["score"]
        assert torch.equal(learned(fan.broken[0])["part_score.despawn"], wanted)


@torch.no_grad()
def test_held_out_normal_sound_has_a_mean_of_0_and_a_deviation_of_1_in_every_part(fan, learned):
    found = learned(torch.cat(fan.held_out))
    parts = torch.stack([found[f"part_score.{part}"] for part in PARTS], dim=1)
    z = (parts.log() - learned.part_means) / learned.part_deviations
    assert torch.allclose(z.mean(dim=0), torch.zeros(3), atol=1e-3)
    assert torch.allclose(z.std(dim=0), torch.ones(3), atol=1e-3)
    assert torch.allclose(found["score"], torch.nn.functional.softplus(z.mean(dim=1)), atol=1e-5)


def test_with_nothing_held_out_what_was_learned_from_has_to_do(fan):
    detector = WaveletFusion.tiny().eval()
    heard = kept(detector, torch.cat(fan.learned))
    nothing = {name: one[:0] for name, one in heard.items()}
    detector.after_training(heard, torch.zeros(len(heard["fusion.score"])), nothing)
    assert torch.isfinite(detector.part_deviations).all()
    assert (detector.part_means != 0).all()


def test_each_domain_has_its_own_idea_of_what_is_typical(fan):
    plain = {**WaveletFusion.tiny().settings(), "labels": ("source", "target")}
    detector = WaveletFusion(**plain).eval()
    assert detector.n_targets == 2
    heard = kept(detector, torch.cat(fan.learned))
    # As many windows again, as if from another place.
    other = {name: one + 3.0 if one.ndim == 2 else one for name, one in heard.items()}
    both = {name: torch.cat([*[one] * 2, *[other[name]] * 2]) for name, one in heard.items()}
    n = len(heard["fusion.score"])
    detector.after_training(both, torch.tensor([0] * 2 * n + [1] * 2 * n), both)
    for part in (detector.despawn, detector.masked_transformer):
        source, target = (one.mean for one in part.typical.each)
        assert torch.allclose(target - source, torch.full_like(source, 3.0), atol=1e-3)


@torch.no_grad()
def test_the_score_follows_each_part(learned):
    own = {"despawn.statistics": learned.despawn.typical.each[0].mean + torch.zeros(1, 1)}
    own["masked_transformer.statistics"] = learned.masked_transformer.typical.each[0].mean[None]
    rest = {"fusion.embedding": torch.zeros(1, 4), "masked_transformer.map": torch.zeros(1, 1, 1)}
    scores = [
        float(learned.outputs({**own, **rest, "fusion.score": torch.tensor([value])})["score"])
        for value in (0.1, 1.0, 10.0, 1e6, 1e12)
    ]
    assert scores == sorted(scores)
    assert scores[0] >= 0.0
    assert scores[-1] < float("inf")


def test_lengths_of_both_branches_may_differ():
    detector = WaveletFusion.tiny().eval()
    with torch.no_grad():
        for samples in (16384, 17001, 18432 + 777, 40000):
            assert detector(torch.randn(1, samples))["score"].shape == (1,)


def test_both_presets_can_be_made():
    assert WaveletFusion(**GIVEN).despawn.levels == 8
    whole = WaveletFusion(rate_hz=16000, window_samples=160000, preset="full", depth=1)
    assert (whole.despawn.levels, whole.dim, whole.fusion.quantiser.codes) == (13, 128, 512)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"window_samples": 16000}, "too short for wavelet_fusion"),
        ({"fusion_dim": 30}, "can't be shared by 4 heads"),
        ({"codes": 1}, "can say nothing"),
        ({"preset": "full"}, "can't be split 13 times"),
    ],
)
def test_options_that_make_no_sense(options, words):
    with pytest.raises(RecipeError, match=words):
        WaveletFusion(**{**GIVEN, **options})


def test_the_code_knows_what_both_branches_hear_at_the_same_time():
    torch.manual_seed(0)
    fusion = WaveletFusion.tiny().eval().fusion
    one, other = (
        torch.randn(1, n, layer.num_features)
        for n, layer in zip((16, 32), fusion.scales, strict=True)
    )
    later = other.roll(8, dims=1)
    with torch.no_grad():
        together, apart = fusion(one, other)["score"], fusion(one, later)["score"]
    assert abs(float(together - apart)) > 1e-4 * float(together)
