"""A frozen network stays frozen, and its head learns."""

import numpy as np
import pytest
import torch

from auscult.datasets.addresses import EMBEDDERS
from auscult.errors import RecipeError
from auscult.models import pretrained
from auscult.models.mn04 import Mn04
from auscult.models.transfer import Bands, Transfer

WINDOW = {"rate_hz": 16000, "window_samples": 16000, "labels": ("a", "b", "c")}


def tones(n, seed=0):
    """Windows of half a second at 8 kHz: an even hum, or one with a knock; with their classes."""
    rng = np.random.default_rng(seed)
    t = np.arange(4000) / 8000.0
    target = rng.integers(0, 2, n)
    hum = np.sin(2 * np.pi * (200.0 * t + rng.random((n, 1))))
    knock = np.sin(2 * np.pi * 2500.0 * t) * np.exp(-20.0 * t)
    sound = 0.1 * hum + 0.2 * target[:, None] * knock + 0.01 * rng.standard_normal((n, 4000))
    return torch.from_numpy(sound.astype(np.float32)), torch.from_numpy(target)


@pytest.fixture
def untrained_mn04(monkeypatch):
    """mn04 with random weights in place of the fetched ones."""

    def made(name, *, rate_hz=16000):
        torch.manual_seed(0)
        return Mn04(rate_hz=rate_hz).eval()

    monkeypatch.setattr(pretrained, "network", made)


def trained(detector, sound, target, steps=60):
    torch.manual_seed(0)
    detector.train()
    optimiser = torch.optim.AdamW([p for p in detector.parameters() if p.requires_grad], lr=0.02)
    features = detector.features(sound)
    wanted = torch.nn.functional.one_hot(target, len(detector.labels)).float()
    for _ in range(steps):
        optimiser.zero_grad()
        detector.loss(detector.judge(features), wanted).backward()
        optimiser.step()
    detector.after_training({"embedding": features}, target, {})
    return detector.eval()


@pytest.mark.parametrize("hidden", [(), (16,)])
@torch.no_grad()
def test_the_head_learns(hidden):
    torch.manual_seed(0)
    detector = Transfer(**{**Transfer.tiny().settings(), "hidden": hidden})
    with torch.enable_grad():
        trained(detector, *tones(64))
    sound, target = tones(64, seed=1)
    found = detector(sound)
    assert (found["probabilities"].argmax(dim=1) == target).float().mean() > 0.95
    assert found["score"][target == 1].min() > found["score"][target == 0].max()
    strange = 0.1 * torch.randn(8, 4000)
    assert detector(strange)["distance"].min() > found["distance"].max()


def test_what_is_frozen_stays_as_it_is(untrained_mn04):
    detector = Transfer(**WINDOW, embedder="mn04")
    before = {name: value.clone() for name, value in detector.frozen.state_dict().items()}
    sound = 0.1 * torch.randn(8, 16000)
    trained(detector, sound, torch.arange(8) % 3, steps=2)
    for name, value in detector.frozen.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert detector.features_are_fixed
    detector.train()
    assert detector.head.training
    assert not any(module.training for module in detector.frozen.modules())
    assert not any(value.requires_grad for value in detector.frozen.parameters())
    torch.testing.assert_close(detector.features(sound), detector.eval().features(sound))


def test_licences_and_lengths_are_those_of_the_network(untrained_mn04):
    detector = Transfer(**WINDOW, embedder="mn04", hidden=[32], alarm_labels=("c",))
    assert detector.licences == EMBEDDERS["mn04"].notes
    assert (detector.dim, detector.min_window_samples) == (384, 8000)
    assert detector.settings()["hidden"] == (32,)
    again = Transfer(**detector.settings())
    again.load_state_dict(detector.state_dict())
    sound = torch.randn(2, 16000)
    torch.testing.assert_close(again.eval()(sound), detector.eval()(sound))


def test_a_last_batch_of_one_window_is_no_trouble():
    detector = Transfer.tiny().train()
    sound, _ = tones(4)
    detector.judge(detector.features(sound))
    assert torch.isfinite(detector.judge(detector.features(sound[:1]))["logits"]).all()


@torch.no_grad()
def test_bands_are_an_embedder():
    bands = Bands(rate_hz=8000)
    low = bands(tones(1)[0])
    assert low.shape == (1, 24)
    assert bands(torch.zeros(3, bands.min_window_samples)).shape == (3, 24)
    assert low[0].argmax() in (0, 1)


@pytest.mark.parametrize(
    ("changes", "what", "expected"),
    [
        ({"embedder": "vggish"}, "no embedder 'vggish'", "mn04, yamnet, bands"),
        ({"hidden": (0,)}, r"Hidden layers of \(0,\)", "whole numbers above 0"),
        ({"dropout": 1.0}, "A dropout of 1", "less than 1"),
        ({"window_samples": 4000}, r"Windows of 0.25 s are too short for mn04", "at least 0.5 s"),
    ],
)
def test_settings_that_have_no_meaning(untrained_mn04, changes, what, expected):
    with pytest.raises(RecipeError, match=f"{what}.* Expected: .*{expected}.* recipe"):
        Transfer(**{**WINDOW, **changes})


def test_without_its_weights_it_says_how_to_get_them(monkeypatch, tmp_path):
    monkeypatch.setenv("AUSCULT_CACHE", str(tmp_path))
    with pytest.raises(RecipeError, match=r"weights of mn04 .* auscult embedder fetch mn04"):
        Transfer(**WINDOW)
