"""The loop: what it keeps, when it stops, what it tells. Kills and resumes are in test_train.py."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from auscult.errors import TrainingError
from auscult.models.cnn_attention import CnnAttention
from auscult.models.transfer import Transfer
from auscult.recipe import from_dict
from auscult.training import checkpoint, loop

from .simple import sound


class Shown:
    """Half of them with knocks."""

    def __init__(self, n, first=0):
        self.label = np.arange(n) % 2
        self._sounds = np.stack(
            [sound(first + k, knocks=bool(k % 2), seconds=0.5) for k in range(n)]
        )

    def __len__(self):
        return len(self.label)

    def batch(self, index):
        return self._sounds[index]

    def name(self, number):
        return f"window {number}"


def recipe(**training):
    plain = {"family": "x", "training": {"batch_size": 8, "learning_rate": 0.01, **training}}
    return from_dict(plain)[0]


def fit(tmp_path, wanted, held_out=True, **options):
    torch.manual_seed(0)
    detector = CnnAttention.tiny()
    judged = Shown(8, first=500) if held_out else None
    return detector, loop.fit(detector, Shown(32), judged, wanted, folder=tmp_path, **options)


def test_the_best_weights_are_kept_not_the_last(tmp_path):
    detector, outcome = fit(tmp_path, recipe(epochs=6, patience=0))
    losses = [epoch.held_out_loss for epoch in outcome.epochs]
    assert outcome.best == int(np.argmin(losses))
    best = checkpoint.load(tmp_path / loop.BEST)["weights"]
    assert all(torch.equal(value, best[name]) for name, value in detector.state_dict().items())
    assert not detector.training


def test_it_stops_when_it_no_longer_gets_better(tmp_path):
    wanted = recipe(epochs=40, patience=2, learning_rate=1e-9, schedule="constant")
    _, outcome = fit(tmp_path, replace(wanted, training=replace(wanted.training, weight_decay=0.0)))
    assert outcome.stopped_early
    assert len(outcome.epochs) == outcome.best + 3 < 40


def test_without_anything_held_out_the_last_is_kept_and_it_never_stops_early(tmp_path):
    _, outcome = fit(tmp_path, recipe(epochs=3, patience=1), held_out=False)
    assert (outcome.best, len(outcome.epochs), outcome.stopped_early) == (2, 3, False)
    assert outcome.epochs[0].held_out_loss is None


def test_the_rate_goes_up_and_down_once(tmp_path):
    _, outcome = fit(tmp_path, recipe(epochs=6, patience=0))
    rates = [epoch.learning_rate for epoch in outcome.epochs]
    top = int(np.argmax(rates))
    assert 0 < top < 5
    assert rates[-1] < rates[0] / 10


def test_on_a_plateau_the_rate_goes_down(tmp_path):
    wanted = recipe(epochs=8, patience=4, schedule="plateau", learning_rate=1e-7)
    _, outcome = fit(tmp_path, wanted)
    assert outcome.epochs[-1].learning_rate < 1e-7 / 5


@pytest.mark.parametrize("precision", ["32", "bf16-mixed"])
def test_batches_may_be_gathered_and_arithmetic_shortened(tmp_path, precision):
    _, outcome = fit(tmp_path, recipe(epochs=2, accumulate=3, precision=precision))
    assert all(np.isfinite(epoch.loss) for epoch in outcome.epochs)


def test_what_is_frozen_stays_as_it_was(tmp_path):
    torch.manual_seed(0)
    detector = Transfer.tiny()
    before = {k: v.clone() for k, v in detector.frozen.state_dict().items()}
    loop.fit(detector, Shown(16), Shown(8), recipe(epochs=1), folder=tmp_path)
    after = detector.frozen.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_progress_is_told(tmp_path):
    told = []
    fit(tmp_path, recipe(epochs=2), tell=lambda what, figures: told.append((what, dict(figures))))
    epochs = [figures for what, figures in told if what == "epoch"]
    assert [(one["number"], one["of"]) for one in epochs] == [(0, 2), (1, 2)]
    assert {"loss", "held_out_loss", "held_out_accuracy", "windows_per_s"} <= epochs[0].keys()
    assert any(what == "batch" and figures["of"] == 4 for what, figures in told)


def test_what_was_finished_is_not_begun_again(tmp_path):
    wanted = recipe(epochs=2, patience=0)
    fit(tmp_path, wanted)
    told = []
    _, outcome = fit(tmp_path, wanted, resume=True, tell=lambda what, _: told.append(what))
    assert len(outcome.epochs) == 2
    assert "epoch" not in told


def test_a_held_out_loss_that_is_no_number_stops_it(tmp_path, monkeypatch):
    loss = CnnAttention.loss
    monkeypatch.setattr(
        CnnAttention,
        "loss",
        lambda self, found, target: loss(self, found, target) * (1.0 if self.training else np.nan),
    )
    with pytest.raises(TrainingError, match="no number any more"):
        fit(tmp_path, recipe(epochs=2))
    assert not (tmp_path / loop.BEST).exists()


def test_features_are_computed_in_full_precision(tmp_path, monkeypatch):
    seen = []
    features = CnnAttention.features

    def noted(self, waveform):
        seen.append(torch.is_autocast_enabled("cpu"))
        return features(self, waveform)

    monkeypatch.setattr(CnnAttention, "features", noted)
    fit(tmp_path, recipe(epochs=1, precision="bf16-mixed"))
    assert seen
    assert not any(seen)


def test_what_is_begun_anew_forgets_what_was_there(tmp_path):
    fit(tmp_path, recipe(epochs=2))
    _, outcome = fit(tmp_path, recipe(epochs=1))
    assert len(outcome.epochs) == 1
    assert len(checkpoint.load(tmp_path / loop.BEST)["weights"]) > 0


def test_without_patience_a_plateau_has_its_own(tmp_path):
    wanted = recipe(epochs=4, patience=0, schedule="plateau", learning_rate=1e-9)
    _, outcome = fit(tmp_path, wanted)
    assert {epoch.learning_rate for epoch in outcome.epochs} == {1e-9}


def test_a_detector_that_has_just_judged_is_trained_all_the_same(tmp_path, monkeypatch):
    modes = []
    judge = CnnAttention.judge

    def noted(self, features):
        modes.append(self.training)
        return judge(self, features)

    monkeypatch.setattr(CnnAttention, "judge", noted)
    detector = CnnAttention.tiny().eval()
    loop.fit(detector, Shown(16), None, recipe(epochs=1), folder=tmp_path)
    assert modes
    assert all(modes)
