"""Augmentations: pure functions; what they promise holds for any seed."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from auscult.recipe import Augment
from auscult.training import augment

SEEDS = st.integers(0, 10_000)


def chance(seed):
    return torch.Generator().manual_seed(seed)


def noise(rows=4, samples=800, seed=0):
    return torch.randn(rows, samples, generator=chance(seed))


@given(SEEDS)
def test_nothing_asked_for_changes_nothing(seed):
    batch = noise()
    assert torch.equal(augment.waveform(batch, Augment(), 16000, chance(seed)), batch)


@given(SEEDS)
def test_the_same_chance_gives_the_same_sound(seed):
    settings = Augment(gain_db=6, noise_snr_db=10, shift_s=0.01, time_mask_s=0.01)
    one, other = (augment.waveform(noise(), settings, 16000, chance(seed)) for _ in range(2))
    assert torch.equal(one, other)
    assert not torch.equal(one, noise())


@given(SEEDS, st.floats(0.1, 40.0))
def test_gain_stays_within_its_limit_and_differs_from_row_to_row(seed, most_db):
    batch = noise()
    ratio = augment.gain(batch, most_db, chance(seed)) / batch
    db = 20.0 * ratio[:, 0].log10()
    assert (db.abs() <= most_db + 1e-3).all()
    assert torch.allclose(ratio, ratio[:, :1].expand_as(ratio), rtol=1e-3)
    assert len(set(db.tolist())) == len(db)


@given(SEEDS)
def test_noise_lies_so_far_below_the_sound_of_its_row(seed):
    batch = noise(samples=20_000) * torch.tensor([[0.01], [0.1], [1.0], [10.0]])
    added = augment.add_noise(batch, 10.0, chance(seed)) - batch
    snr_db = 20.0 * (batch.std(dim=1) / added.std(dim=1)).log10()
    assert ((snr_db > 9.5) & (snr_db < 30.5)).all()


def test_noise_on_silence_is_silence():
    assert not augment.add_noise(torch.zeros(2, 10), 10.0, chance(0)).any()


@given(SEEDS, st.integers(0, 300))
def test_a_shift_moves_and_loses_nothing(seed, most):
    batch = noise(samples=200)
    moved = augment.shift(batch, most, chance(seed))
    for before, after in zip(batch, moved, strict=True):
        assert any(torch.equal(before.roll(k), after) for k in range(-most, most + 1))


@given(SEEDS, st.integers(1, 900))
def test_a_mask_in_time_is_one_stretch_of_silence_no_longer_than_it_may_be(seed, most):
    masked = augment.mask_time(noise(), most, chance(seed)) == 0
    assert (masked.sum(dim=1) <= most).all()
    edges = masked.int().diff(dim=1).abs().sum(dim=1)
    assert (edges <= 2).all()


@given(SEEDS)
def test_spec_augment_blots_out_bands_and_frames_with_the_mean(seed):
    picture = torch.randn(3, 20, 30, generator=chance(1))
    blotted = augment.mask_picture(
        picture, Augment(mask_bands=4, mask_frames=5, masks=2), chance(seed)
    )
    changed = blotted != picture
    # Two rounds of at most four bands and five frames.
    assert (changed.all(dim=2).sum(dim=1) <= 8).all()
    assert (changed.all(dim=1).sum(dim=1) <= 10).all()
    assert (changed.float().mean(dim=(1, 2)) < 0.75).all()
    assert torch.isfinite(blotted).all()


@given(SEEDS, st.floats(0.1, 4.0))
def test_mixtures_are_shares_of_two_and_targets_alike(seed, alpha):
    batch = torch.eye(6)
    mixed, target = augment.mix(batch, torch.eye(6), alpha, chance(seed))
    assert torch.allclose(mixed, target)
    assert torch.allclose(target.sum(dim=1), torch.ones(6))
    assert ((target > 0).sum(dim=1) <= 2).all()


def test_pictures_are_mixed_as_waveforms_are():
    rows = torch.rand(6, 12)
    wanted, _ = augment.mix(rows, torch.eye(6), 1.0, chance(3))
    mixed, _ = augment.mix(rows.reshape(6, 3, 4), torch.eye(6), 1.0, chance(3))
    assert torch.equal(mixed.flatten(1), wanted)


@pytest.mark.parametrize("alpha", [0.2, 1.0, 5.0])
def test_shares_are_spread_as_beta_says(alpha):
    shares = augment._beta(alpha, 20_000, chance(0))
    assert shares.mean() == pytest.approx(0.5, abs=0.01)
    assert shares.var() == pytest.approx(1.0 / (4.0 * (2.0 * alpha + 1.0)), rel=0.06)
    assert ((shares >= 0) & (shares <= 1)).all()
    assert math.isfinite(float(shares.sum()))
