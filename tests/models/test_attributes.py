"""Groups that are told apart, and what sounds like none of them."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from auscult.audio.synth import BeltSqueal, fan, pump
from auscult.errors import RecipeError
from auscult.models.attributes import Attributes, centres_of
from auscult.models.checks import check_it_learns

from .simulated import RATE_HZ, judged, train, windows

SMALL = {
    "rate_hz": RATE_HZ,
    "window_samples": RATE_HZ,
    "labels": ("fan", "pump"),
    "n_bands": 32,
    "width": 0.5,
    "embedding": 32,
    "centres": 4,
    "bank": 4,
}


class WithMargin(Attributes):
    @classmethod
    def tiny(cls):
        return cls(**{**super().tiny().settings(), "head": "arcface", "normalise": "none"})


def test_it_learns_with_a_margin_too():
    check_it_learns(WithMargin)


def test_it_is_small():
    detector = Attributes(rate_hz=16000, window_samples=32000, labels=("a", "b", "c"))
    network = sum(one.numel() for one in detector.parameters())
    assert 300_000 < network < 400_000
    assert detector.bank.shape == (3, 16, 128)


@pytest.fixture(scope="module")
def trained():
    torch.manual_seed(0)
    normal = [windows(machine(), seconds=20, seed=1) for machine in (fan, pump)]
    labels = torch.arange(2).repeat_interleave(len(normal[0]))
    return train(Attributes(**SMALL), torch.cat(normal), labels, steps=40)


def test_groups_are_told_apart(trained):
    for number, machine in enumerate((fan, pump)):
        embedding = judged(trained, windows(machine(), seconds=8, seed=2))["embedding"]
        likely = trained.head(embedding, torch.zeros(len(embedding), 2))
        assert (likely.argmax(dim=1) == number).all()


def test_what_is_broken_scores_higher(trained):
    squeal = BeltSqueal(start_s=0.0, duration_s=12.0, snr_db=10.0)
    usual = judged(trained, windows(fan(), seconds=8, seed=2))["score"]
    broken = judged(trained, windows(fan(), seconds=8, seed=2, faults=[squeal]))["score"]
    assert float(broken.median()) > float(usual.max())


def test_silence_is_survived_after_training(trained):
    found = judged(trained, torch.zeros(1, RATE_HZ))
    assert all(torch.isfinite(value).all() for value in found.values())


def test_the_score_is_the_cosine_distance_to_the_nearest_centre(trained):
    found = judged(trained, windows(pump(), seconds=6, seed=3))
    cosines = found["embedding"] @ trained.bank.flatten(0, 1).T
    assert torch.allclose(found["score"], 1.0 - cosines.amax(dim=1), atol=1e-6)
    assert torch.allclose(found["embedding"].norm(dim=1), torch.ones(6), atol=1e-5)


def test_sub_clusters_of_a_group_count_together():
    torch.manual_seed(0)
    head = Attributes(**SMALL).head
    embedding = functional.normalize(torch.randn(5, 32), dim=1)
    cosines = embedding @ functional.normalize(head.weight.flatten(0, 1), dim=1).T
    shares = (head.scale * cosines).softmax(dim=1).reshape(5, 2, 4).sum(dim=2)
    assert torch.allclose(head(embedding, torch.zeros(5, 2)).exp(), shares, atol=1e-5)
    many = Attributes(**SMALL | {"labels": tuple("abcdefgh"), "centres": 16}).head
    assert many.scale == pytest.approx(math.sqrt(2) * math.log(127))


def test_a_margin_makes_the_right_group_less_likely_by_its_share():
    torch.manual_seed(0)
    head = Attributes(**SMALL | {"head": "arcface"}).head
    embedding = functional.normalize(torch.randn(50, 32), dim=1)
    found = [head(embedding, torch.tensor([[share, 0.0]]))[:, 0] for share in (0.0, 0.5, 1.0)]
    assert (found[0] > found[1]).all()
    assert (found[1] > found[2]).all()


@pytest.mark.parametrize("head", ["adacos", "arcface"])
def test_mixed_windows_have_mixed_targets(head):
    torch.manual_seed(0)
    detector = Attributes(**SMALL | {"head": head}).eval()
    found = {"embedding": functional.normalize(torch.randn(4, 32), dim=1)}
    mixed = torch.tensor([[0.3, 0.7]]).repeat(4, 1)
    likely = detector.head(found["embedding"], mixed)
    wanted = -(0.3 * likely[:, 0] + 0.7 * likely[:, 1]).mean()
    assert torch.allclose(detector.loss(found, mixed), wanted)


def test_a_group_without_windows_has_the_bank_of_all():
    detector = Attributes(**SMALL)
    embedding = functional.normalize(torch.randn(9, 32), dim=1)
    kept = {"embedding": embedding}
    detector.after_training(kept, torch.zeros(9, dtype=torch.long), kept)
    assert torch.equal(detector.bank[0], detector.bank[1])
    assert torch.equal(detector.bank[0], centres_of(embedding, 4))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 99), m=st.integers(1, 40), n=st.integers(1, 6))
def test_centres_are_of_length_1_and_come_out_alike_whatever_the_order(seed, m, n):
    chance = torch.Generator().manual_seed(seed)
    vectors = functional.normalize(torch.randn(m, 8, generator=chance), dim=1)
    centres = centres_of(vectors, n)
    assert centres.shape == (n, 8)
    assert torch.allclose(centres.norm(dim=1), torch.ones(n), atol=1e-4)
    assert torch.equal(centres, centres_of(vectors, n))
    again = centres_of(vectors[torch.randperm(m, generator=chance)], n)
    nearest = (centres @ again.T).amax(dim=1)
    assert (nearest > 1.0 - 1e-3).all()


def test_more_centres_are_nearer():
    vectors = functional.normalize(torch.randn(200, 8, generator=torch.Generator().manual_seed(0)))
    apart = [float((vectors @ centres_of(vectors, n).T).amax(dim=1).mean()) for n in (1, 4, 16)]
    assert apart == sorted(apart)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"labels": ("fan",)}, "Of the groups fan there is nothing to tell apart"),
        ({"labels": ()}, "Of the groups none.*data.group_by"),
        ({"n_bands": 40}, "model.n_bands is 40.*multiple of 32"),
        ({"width": 0.0}, "is 0 or less"),
        ({"margin": 2.0}, "model.margin is 2"),
    ],
)
def test_options_that_make_no_sense(options, words):
    with pytest.raises(RecipeError, match=f"(?s){words}"):
        Attributes(**SMALL | options)
