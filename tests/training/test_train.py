"""From a recipe to a bundle: a small network on real training, killed, resumed, and given what it can't use."""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
import torch

from auscult.audio.sound import Sound
from auscult.errors import AuscultWarning, DatasetError, RecipeError, TrainingError
from auscult.recipe import from_dict
from auscult.runtime.bundle import load
from auscult.runtime.scorer import Scorer
from auscult.training import checkpoint, export, loop
from auscult.training.features import features_of
from auscult.training.tape import Windows
from auscult.training.train import BUNDLE, STATE, Trained, train

from .simple import PLAIN, RATE_HZ, sound, write_set


@pytest.fixture(scope="module")
def knocks(tmp_path_factory):
    return write_set(tmp_path_factory.mktemp("knocks"))


@pytest.fixture
def recipe(knocks):
    """A recipe with some settings changed: recipe(training={"epochs": 2})."""

    def make(**changes):
        plain = {**PLAIN, "data": {"path": str(knocks)}}
        for section, values in changes.items():
            plain[section] = {**plain[section], **values} if isinstance(values, dict) else values
        return from_dict(plain)[0]

    return make


def weights(folder):
    return checkpoint.load(folder / STATE / loop.LAST)["state_dict"]


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.fixture(scope="module")
def trained(tmp_path_factory, knocks):
    plain = {**PLAIN, "data": {"path": str(knocks)}}
    plain["training"] = {**plain["training"], "epochs": 12}
    told = []
    out = tmp_path_factory.mktemp("run")
    done = train(
        from_dict(plain)[0], out=out, tell=lambda what, figures: told.append((what, figures))
    )
    return done, out, told


class TestABundle:
    def test_it_hears_knocks_that_it_has_not_heard_before(self, trained):
        done, out, _ = trained
        scorer = Scorer(load(out / BUNDLE))
        hits = {
            kind: [
                scorer.score(Sound(samples=sound(9000 + n, knocks=kind), rate_hz=RATE_HZ)).score
                for n in range(10)
            ]
            for kind in (True, False)
        }
        assert np.median(hits[True]) > np.median(hits[False])
        assert sum(a > b for a in hits[True] for b in hits[False]) >= 85
        manifest = done.bundle.manifest
        assert manifest.labels == ("normal", "anomaly")
        assert manifest.alarm_labels == ("anomaly",)
        assert manifest.calibration is not None
        assert manifest.open_set is not None
        assert manifest.recipe["family"] == "cnn_attention"

    def test_it_is_what_was_trained(self, trained):
        done, _, _ = trained
        assert done.parity.worst <= export.TOLERANCE
        assert set(done.parity.differences) >= {"score", "probabilities", "embedding", "distance"}

    def test_the_log_tells_the_whole_run(self, trained):
        _, out, _ = trained
        lines = [json.loads(line) for line in (out / "run.jsonl").read_text().splitlines()]
        assert lines[0]["event"] == "begin"
        assert len([one for one in lines if one["event"] == "metrics"]) == 12
        assert lines[-1]["status"] == "done"

    def test_progress_is_told(self, trained):
        _, _, told = trained
        assert {what for what, _ in told} >= {"read", "batch", "epoch"}
        epochs = [figures for what, figures in told if what == "epoch"]
        assert [one["number"] for one in epochs] == list(range(12))
        assert epochs[-1]["loss"] < epochs[0]["loss"]

    def test_what_was_held_out_was_not_learned_from(self, trained):
        _, out, _ = trained
        data = json.loads((out / STATE / "data.json").read_text())
        assert data["held_out"]
        assert not set(data["held_out"]) & set(data["learned"])

    def test_no_sound_is_left_lying_about(self, trained):
        _, out, _ = trained
        assert not list(out.rglob("*.tape"))


def test_the_last_of_several_stages_is_compared_by_what_it_stands_on():
    def outcome(*losses):
        return SimpleNamespace(best=0, epochs=[SimpleNamespace(held_out_loss=x) for x in losses])

    def trained_in(**stages):
        known = {"bundle": None, "path": Path(), "parity": None, "test": (), "skipped": ()}
        return Trained(outcomes=stages, is_test_held_out=False, **known)

    assert trained_in(only=outcome(0.5, 0.1)).held_out_loss == 0.5
    three = trained_in(waves=outcome(0.25), patches=outcome(0.5), both=outcome(0.001))
    assert three.held_out_loss == 0.75
    assert trained_in(only=outcome(None)).held_out_loss is None


def test_the_same_seed_gives_the_same_weights_and_another_one_others(recipe, tmp_path):
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        train(recipe(training={"epochs": 2, "seed": seed}), out=tmp_path / name)
    a, b, c = (weights(tmp_path / name) for name in "abc")
    assert same(a, b)
    assert not same(a, c)


KILLED = """
import json, sys
from pathlib import Path
from auscult.recipe import from_dict
from auscult.training.train import train
recipe, _ = from_dict(json.loads(sys.argv[1]))
def tell(what, figures):
    if what == "epoch":
        print(figures["number"], flush=True)
train(recipe, out=Path(sys.argv[2]), tell=tell)
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.parametrize("schedule", ["one_cycle", "plateau"])
def test_what_was_killed_goes_on_as_if_nothing_had_happened(recipe, tmp_path, schedule):
    wanted = recipe(training={"epochs": 6, "schedule": schedule, "mixup": 0.2})
    train(wanted, out=tmp_path / "whole")
    command = [sys.executable, "-c", KILLED, json.dumps(wanted.to_dict()), str(tmp_path / "killed")]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in child.stdout:
        if line.strip() == "2":
            break
    time.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    done = train(wanted, out=tmp_path / "killed", resume=True)
    assert len(done.outcome.epochs) == 6
    assert same(weights(tmp_path / "whole"), weights(tmp_path / "killed"))
    assert (tmp_path / "killed" / BUNDLE).exists()


class TestBadInput:
    def test_what_was_begun_anew_and_killed_never_goes_on_with_older_weights(
        self, recipe, tmp_path
    ):
        def stop(what, figures):
            if what == "batch":
                raise KeyboardInterrupt

        wanted = recipe(training={"epochs": 2})
        train(wanted, out=tmp_path)
        with pytest.raises(KeyboardInterrupt):
            train(wanted, out=tmp_path, tell=stop)
        assert not (tmp_path / STATE / loop.LAST).exists()
        assert not (tmp_path / STATE / loop.BEST).exists()

    def test_other_labels_do_not_go_on(self, recipe, tmp_path):
        data = write_set(tmp_path / "data", n=6)
        wanted = recipe(training={"epochs": 1}, data={"path": str(data)})
        train(wanted, out=tmp_path / "run")
        a, b = data / "normal" / "5.wav", data / "anomaly" / "5.wav"
        a.rename(data / "5.wav")
        b.rename(a)
        (data / "5.wav").rename(b)
        with pytest.raises(TrainingError, match="recordings were added, lost or changed"):
            train(wanted, out=tmp_path / "run", resume=True)

    def test_a_fold_that_is_not_there(self, recipe, tmp_path):
        with pytest.raises(
            RecipeError, match="No recording belongs to fold5, which should be only"
        ):
            train(recipe(), out=tmp_path, folds=("fold5",))
        with pytest.raises(RecipeError, match="No recording belongs to fold7"):
            train(recipe(data={"folds": ["fold7"]}), out=tmp_path)

    def test_a_class_that_can_not_be_read(self, recipe, tmp_path):
        data = write_set(tmp_path / "data", n=4)
        for path in (data / "anomaly").iterdir():
            path.write_bytes(b"RIFF and no more")
        with pytest.raises(DatasetError, match="None of the recordings of anomaly that were to be"):
            train(recipe(data={"path": str(data)}), out=tmp_path / "run")

    def test_a_second_training_leaves_the_sound_of_the_first_alone(self, recipe, tmp_path):
        refused = []

        def again(what, figures):
            if what == "epoch" and not refused:
                with pytest.raises(TrainingError, match="Another training is writing to") as error:
                    train(recipe(), out=tmp_path)
                refused.append(error)

        done = train(recipe(training={"epochs": 2}), out=tmp_path, tell=again)
        assert refused
        assert len(done.outcome.epochs) == 2

    @pytest.mark.parametrize("device", ["cuda", "mps"])
    def test_a_missing_device_is_told_before_anything_is_read(self, recipe, tmp_path, device):
        if loop.accelerator(recipe().training) == device:
            pytest.skip("there is one here")
        with pytest.raises(RecipeError, match=f"training.device is {device}"):
            train(recipe(training={"device": device}), out=tmp_path / "run")
        assert not (tmp_path / "run").exists()

    def test_another_recipe_does_not_go_on(self, recipe, tmp_path):
        train(recipe(training={"epochs": 1}), out=tmp_path)
        other = recipe(training={"epochs": 1, "learning_rate": 0.5})
        with pytest.raises(
            TrainingError, match=r"another recipe: training.learning_rate \(0.01, now 0.5\)"
        ):
            train(other, out=tmp_path, resume=True)

    def test_other_data_does_not_go_on(self, recipe, tmp_path):
        data = write_set(tmp_path / "data", n=4)
        wanted = recipe(training={"epochs": 1}, data={"path": str(data)})
        train(wanted, out=tmp_path / "run")
        soundfile.write(data / "normal" / "new.wav", sound(77, knocks=False), RATE_HZ)
        with pytest.raises(TrainingError, match="recordings were added, lost or changed"):
            train(wanted, out=tmp_path / "run", resume=True)

    def test_a_loss_that_is_no_number_names_the_batch_and_keeps_the_last_good_state(
        self, recipe, tmp_path
    ):
        wanted = recipe(training={"epochs": 3})
        seen = []

        def spoil(what, figures):
            seen.append(what)

        from auscult.models.cnn_attention import CnnAttention

        loss = CnnAttention.loss

        def broken(self, found, target):
            value = loss(self, found, target)
            return value * float("nan") if "epoch" in seen and self.training else value

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(CnnAttention, "loss", broken)
            with pytest.raises(
                TrainingError, match=r"no number any more, in epoch 2 at batch 1 \(.*wav at"
            ):
                train(wanted, out=tmp_path, tell=spoil)
        assert checkpoint.load(tmp_path / STATE / loop.LAST)["epoch"] == 0

    def test_a_large_network_that_could_be_no_bundle_is_told_before_it_is_trained(
        self, recipe, tmp_path, monkeypatch
    ):
        monkeypatch.setattr("auscult.training.train.REHEARSED_WEIGHTS", 1)
        monkeypatch.setattr("auscult.runtime.cost.MAX_NUMBERS", 1000)
        with pytest.raises(TrainingError) as caught:
            train(recipe(), out=tmp_path)
        assert "cnn_attention could not become a bundle: " in caught.value.what
        assert "would compute" in caught.value.what
        assert "audio.window_s" in caught.value.action
        assert not (tmp_path / STATE / loop.LAST).exists()

    @pytest.mark.parametrize(
        "words",
        [
            "[enforce fail at alloc_cpu.cpp] not enough memory: you tried to allocate 9 bytes",
            "DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes",
            "MPS backend out of memory",
        ],
    )
    def test_too_little_memory_says_which_setting(self, recipe, tmp_path, monkeypatch, words):
        from auscult.models.cnn_attention import CnnAttention

        def judge(self, features):
            raise RuntimeError(words)

        monkeypatch.setattr(CnnAttention, "judge", judge)
        with pytest.raises(TrainingError, match=r"batch_size=8 and training.accumulate=2"):
            train(recipe(), out=tmp_path)

    def test_masks_where_there_is_no_spectrogram(self, recipe, tmp_path):
        with pytest.raises(RecipeError, match="cnn_attention sees no spectrogram to mask"):
            train(recipe(augment={"mask_bands": 4}), out=tmp_path)

    def test_one_class_only(self, recipe, tmp_path):
        data = write_set(tmp_path / "data", n=3)
        for path in (data / "anomaly").iterdir():
            path.unlink()
        with pytest.raises(RecipeError, match="classes normal has nothing to tell apart"):
            train(recipe(data={"path": str(data)}), out=tmp_path / "run")

    def test_a_class_with_one_recording_is_learned_and_said(self, recipe, tmp_path):
        data = write_set(tmp_path / "data", n=4)
        for path in sorted((data / "anomaly").iterdir())[1:]:
            path.unlink()
        wanted = recipe(training={"epochs": 1}, data={"path": str(data)})
        with pytest.warns(AuscultWarning, match="anomaly there is one recording only"):
            train(wanted, out=tmp_path / "run")

    def test_labels_that_are_not_there(self, recipe, tmp_path):
        with pytest.raises(RecipeError, match=r"label crack, which .*some of anomaly, normal"):
            train(recipe(data={"labels": ["normal", "crack"]}), out=tmp_path)

    def test_mixed_rates_and_lengths_are_brought_together(self, recipe, tmp_path):
        data = write_set(tmp_path / "data", n=4)
        soundfile.write(data / "normal" / "fast.wav", sound(3, knocks=False, seconds=4.0), 44100)
        soundfile.write(data / "normal" / "short.wav", sound(4, knocks=False, seconds=0.1), RATE_HZ)
        done = train(recipe(training={"epochs": 1}, data={"path": str(data)}), out=tmp_path / "r")
        assert not done.skipped
        assert done.bundle.manifest.sample_rate_hz == RATE_HZ

    def test_a_broken_recording_is_named_and_the_rest_is_learned(self, recipe, tmp_path):
        data = write_set(tmp_path / "data", n=4)
        (data / "normal" / "broken.wav").write_bytes(b"RIFF and no more")
        done = train(recipe(training={"epochs": 1}, data={"path": str(data)}), out=tmp_path / "r")
        assert [one.name for one in done.skipped] == [str(data / "normal" / "broken.wav")]

    def test_a_folder_without_recordings(self, recipe, tmp_path):
        (tmp_path / "empty").mkdir()
        with pytest.raises(DatasetError, match="holds no recording"):
            train(recipe(data={"path": str(tmp_path / "empty")}), out=tmp_path / "r")

    def test_a_device_that_is_not_there(self, recipe, tmp_path):
        if torch.cuda.is_available():
            pytest.skip("there is one here")
        with pytest.raises(RecipeError, match=r"training.device is cuda, and there is none here"):
            train(recipe(training={"device": "cuda"}), out=tmp_path)


def test_nothing_held_out_keeps_the_last_epoch_and_sets_no_limit(recipe, tmp_path):
    wanted = recipe(training={"epochs": 2}, data={"validation": 0.0})
    with pytest.warns(AuscultWarning, match="Nothing is held out"):
        done = train(wanted, out=tmp_path)
    assert done.outcome.best == 1
    assert done.bundle.manifest.calibration is None
    assert len(done.test) == 0


def test_features_that_never_change_are_computed_once(recipe, tmp_path, monkeypatch):
    from auscult.models.transfer import Transfer

    calls = []
    features = Transfer.features

    def counted(self, waveform):
        calls.append(1)
        return features(self, waveform)

    monkeypatch.setattr(Transfer, "features", counted)
    plain = recipe(
        family="transfer",
        training={"epochs": 1},
        augment={"gain_db": 0.0, "shift_s": 0.0},
        audio={"window_s": 0.5},
    )
    once = replace(plain, model={"embedder": "bands"})
    train(once, out=tmp_path / "one")
    n = len(calls)
    calls.clear()
    train(replace(once, training=replace(once.training, epochs=8)), out=tmp_path / "eight")
    assert len(calls) == n


def test_features_are_cached_for_both_sides_or_for_none(recipe, tmp_path, monkeypatch):
    plain = recipe(
        family="transfer",
        training={"epochs": 1},
        augment={"gain_db": 0.0, "shift_s": 0.0},
        audio={"window_s": 0.5},
    )
    module = importlib.import_module("auscult.training.train")
    shown = []

    def only_the_larger(detector, windows, **more):
        return features_of(detector, windows, **more) if len(windows) > 50 else None

    def fit(detector, seen, judged, recipe, **more):
        shown.append((type(seen), type(judged)))
        return loop_fit(detector, seen, judged, recipe, **more)

    loop_fit = loop.fit
    monkeypatch.setattr(module, "features_of", only_the_larger)
    monkeypatch.setattr(loop, "fit", fit)
    train(replace(plain, model={"embedder": "bands"}), out=tmp_path)
    assert shown == [(Windows, Windows)]


DENSE = {
    **PLAIN,
    "family": "autoencoder",
    "name": "by domain",
    "model": {
        "form": "dense",
        "features": "log_mel",
        "score": "mahalanobis",
        "n_bands": 16,
        "n_fft": 256,
    },
    "augment": {},
}


def write_domains(folder, *, source=12, target=6, target_s=3.0):
    """Recordings named as in DCASE since 2021; the target is the same noise through another microphone."""
    (folder / "fan/train").mkdir(parents=True)
    for number in range(source + target):
        domain = "source" if number < source else "target"
        samples = sound(number, knocks=False, seconds=3.0 if domain == "source" else target_s)
        if domain == "target":
            samples[1:] += 0.9 * samples[:-1]
        name = f"section_00_{domain}_train_normal_{number:04d}.wav"
        soundfile.write(folder / "fan/train" / name, samples, RATE_HZ)
    return folder


def by_domain(data, out, **changes):
    changed = {**DENSE, "data": {"path": str(data)}, "training": {"epochs": 1}, **changes}
    return train(from_dict(changed)[0], out=out).bundle


def parts_of(bundle):
    """Means that distances are taken from, one for each domain."""
    return [value for name, value in sorted(bundle.weights.items()) if name.endswith(".mean") and "typical" in name]  # fmt: skip


class TestDomains:
    def test_each_has_a_covariance_of_its_own(self, tmp_path):
        bundle = by_domain(write_domains(tmp_path / "data"), tmp_path / "out")
        source, target = parts_of(bundle)
        assert not np.allclose(source, target)
        assert bundle.manifest.labels == ()
        # What is usual in the smaller domain is as usual as any.
        new = sound(99, knocks=False, seconds=3)
        new[1:] += 0.9 * new[:-1]
        heard = Scorer(bundle).score(Sound(samples=new, rate_hz=RATE_HZ))
        assert heard.score == pytest.approx(1.0, abs=0.25)
        assert not heard.is_anomaly

    def test_a_domain_of_two_short_clips_is_said_and_has_what_is_typical_of_all(self, tmp_path):
        data = write_domains(tmp_path / "data", target=2, target_s=1.5)
        with pytest.warns(AuscultWarning, match="domain target there are fewer than 20 windows"):
            bundle = by_domain(data, tmp_path / "out")
        source, target = parts_of(bundle)
        assert not np.allclose(source, target)

    def test_where_the_error_is_the_score_domains_make_no_difference(self, tmp_path):
        data = write_domains(tmp_path / "data", target=2)
        model = {**DENSE["model"], "score": "error"}
        assert parts_of(by_domain(data, tmp_path / "out", model=model)) == []
