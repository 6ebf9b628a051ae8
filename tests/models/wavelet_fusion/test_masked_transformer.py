"""What is hidden stays hidden; what is strange."""

import pytest
import torch

from auscult.errors import RecipeError
from auscult.models.wavelet_fusion.masked_transformer import MaskedTransformer

from .conftest import trained

GIVEN = {"rate_hz": 16000, "window_samples": 32000}


def ready():
    torch.manual_seed(0)
    return MaskedTransformer.tiny().eval()


@torch.no_grad()
def test_what_is_hidden_is_not_looked_at():
    detector = ready()
    patches = torch.randn(1, 32, 4, 6)
    hidden = torch.zeros(1, 1, 4, 6)
    hidden[..., 1, 2] = 1.0
    other = patches.clone()
    other[:, :, 1, 2] += 10.0
    assert torch.equal(detector.fill(patches, hidden)[0], detector.fill(other, hidden)[0])
    seen = torch.zeros_like(hidden)
    assert not torch.allclose(detector.fill(patches, seen)[0], detector.fill(other, seen)[0])


@torch.no_grad()
def test_judging_never_looks_at_the_band_that_it_guesses():
    detector = ready()
    patches = torch.randn(1, 32, 4, 6)
    other = patches.clone()
    other[:, :, 1] += 10.0  # a tone that was never there, all the time
    before, after = (detector.judge_in_turns(one)["map"] for one in (patches, other))
    # Rows 1 and 3 are hidden together, so the guess of row 3 is the same; row 1 itself is far off.
    assert torch.equal(before[:, 24:], after[:, 24:])
    assert after[:, 8:16].mean() > 50.0


@pytest.mark.parametrize("ratio", [0.25, 0.5, 0.75])
def test_turns_hide_every_row_equally_often(ratio):
    detector = MaskedTransformer(**GIVEN, mask_ratio=ratio, embed_dim=8, depth=1, num_heads=1)
    turns = detector.masks[:, 0, 0, :, 0]
    assert len(set(turns.sum(dim=0).tolist())) == 1
    assert turns.mean() == pytest.approx(ratio)


def test_the_shares_of_random_masks():
    detector = MaskedTransformer(**GIVEN, mask_ratio=0.75, embed_dim=8, depth=1, num_heads=1)
    torch.manual_seed(0)
    masks = detector.random_mask(torch.zeros(400, 1, 8, 15))
    assert masks.mean() == pytest.approx(0.75, abs=0.03)
    whole_rows = (masks == masks[..., :1]).all(dim=3).all(dim=2).float().mean()
    assert whole_rows == pytest.approx(0.5, abs=0.1)
    torch.manual_seed(0)
    assert torch.equal(masks, detector.random_mask(torch.zeros(400, 1, 8, 15)))


def test_the_loss_counts_what_was_hidden_and_nothing_else():
    detector = ready().train()
    torch.manual_seed(1)
    found = detector.judge(torch.randn(4, 32, 17))
    assert ((found["error"] > 0) <= (found["hidden"] > 0)).all()
    of_hidden = found["error"].sum() / (found["hidden"].sum() * found["error"].shape[1])
    assert torch.isclose(detector.loss(found, torch.zeros(4, 1)), of_hidden)


@torch.no_grad()
def test_patches_hold_the_bands_and_frames_that_they_should():
    detector = ready()
    picture = torch.arange(32.0)[None, :, None] * 100 + torch.arange(17.0)[None, None]
    patches = detector.patches(picture)
    assert patches.shape == (1, 32, 4, 4)
    bands = detector._by_band(patches)[0]
    assert torch.allclose(bands[:, 0], picture[0, :, :4].mean(dim=1), rtol=1e-3)
    assert torch.allclose(bands[5], picture[0, 5, :16].reshape(4, 4).mean(dim=1), rtol=1e-3)


@torch.no_grad()
def test_what_is_filled_in_can_be_looked_at():
    detector = ready()
    detector.scale.running_mean.copy_(torch.arange(32.0))
    detector.scale.running_var.fill_(4.0)
    sound = torch.randn(2, 8192)
    seen = detector.inspect(sound)
    picture = detector.features(sound)
    assert seen["original"].shape == seen["rebuilt"].shape == (2, 32, 16)
    assert torch.allclose(seen["original"], picture, atol=1e-3)
    # Its error, with bands at a variance of 1, is what the map is made of.
    error = ((seen["rebuilt"] - seen["original"]) / 2.0).square()
    by_column = error.reshape(2, 32, 4, 4).mean(dim=3)
    assert torch.allclose(by_column, detector(sound)["anomaly_map"], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("samples", [4096, 8192, 8192 + 1600, 8192 + 2047])
@torch.no_grad()
def test_a_column_of_the_map_is_of_whole_columns_of_sound(samples):
    found = ready()(torch.randn(1, samples))["anomaly_map"]
    assert found.shape[2] == samples // 2048


@torch.no_grad()
def test_judging_draws_nothing():
    detector = ready()
    sound = torch.randn(2, 8192)
    assert torch.equal(detector(sound)["score"], detector(sound)["score"])


def test_what_is_broken_scores_more(fan):
    assert fan.area(trained(MaskedTransformer, fan)) > 0.9


def test_the_whole_size_is_that_of_its_recipe():
    settings = MaskedTransformer(**GIVEN, preset="full", depth=1, n_bands=64).settings()
    detector = MaskedTransformer(**settings)
    assert (detector.embed_dim, detector.rows, len(detector.masks)) == (768, 4, 4)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"patch_bands": 12}, "64 bands can't be cut into patches of 12"),
        ({"patch_bands": 64}, "two patches at least"),
        ({"patch_frames": 0}, "patch_frames is 0"),
        ({"embed_dim": 66}, "can't be shared by 4 heads"),
        ({"mask_ratio": 1.0}, "something has to be hidden, and something seen"),
        ({"window_samples": 4000}, "too short for patches of 4 frames"),
    ],
)
def test_options_that_make_no_sense(options, words):
    with pytest.raises(RecipeError, match=words):
        MaskedTransformer(**{**GIVEN, **options})
