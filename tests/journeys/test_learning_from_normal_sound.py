"""Families that learn from normal sound: in stages, held out by recording, and honest where nothing can be measured."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.training.simple import RATE_HZ, write_set

from auscult.datasets.discover import discover
from auscult.errors import AuscultWarning
from auscult.evaluation.evaluate import evaluate
from auscult.models import families
from auscult.recipe import from_dict
from auscult.runtime.bundle import load
from auscult.runtime.scorer import Scorer
from auscult.training import checkpoint, loop
from auscult.training.train import BUNDLE, STATE, train

PLAIN = {
    "family": "usual",
    "audio": {"sample_rate_hz": RATE_HZ, "window_s": 0.5, "hop_s": 0.25},
    "training": {
        "epochs": 12,
        "batch_size": 16,
        "learning_rate": 0.1,
        "patience": 0,
        "weight_decay": 0,
    },
}


@pytest.fixture(autouse=True)
def usual(monkeypatch):
    ours = {**families._OURS, "usual": "tests.training.normal_family:Usual"}
    monkeypatch.setattr(families, "_OURS", ours)


@pytest.fixture(scope="module")
def knocks(tmp_path_factory):
    return write_set(tmp_path_factory.mktemp("knocks"))


def recipe(folder: Path, **changes):
    plain = {**PLAIN, "data": {"path": str(folder)}}
    for section, values in changes.items():
        plain[section] = {**plain[section], **values}
    return from_dict(plain)[0]


def weights(out: Path, stage: str):
    return checkpoint.load(out / STATE / stage / loop.LAST)["state_dict"]


def test_it_learns_in_stages_and_hears_what_is_not_normal(knocks, tmp_path):
    told = []
    done = train(
        recipe(knocks), out=tmp_path, tell=lambda what, figures: told.append((what, figures))
    )
    assert list(done.outcomes) == ["mean", "spread"]
    stages = [figures["stage"] for what, figures in told if what == "epoch"]
    assert stages == ["mean"] * 12 + ["spread"] * 12
    manifest = load(tmp_path / BUNDLE).manifest
    assert (manifest.labels, manifest.pool) == ((), "mean")
    result = evaluate(Scorer(done.bundle), done.test, bootstrap=10)
    assert result.columns["as_recorded"].auc == 1.0
    assert result.pool == "mean"


def test_what_it_was_not_shown_sets_the_score_of_what_is_typical(knocks, tmp_path):
    done = train(recipe(knocks), out=tmp_path)
    data = json.loads((tmp_path / STATE / "data.json").read_text())
    assert all("normal" in name for name in data["learned"] + data["held_out"])
    scorer = Scorer(done.bundle)
    windows = [v.score for name in data["held_out"] for v in scorer.score(name)]
    assert np.median(windows) == pytest.approx(1.0, rel=0.05)


def test_a_recording_scores_as_the_mean_of_its_windows(knocks, tmp_path):
    done = train(recipe(knocks), out=tmp_path)
    path = knocks / "anomaly" / "0.wav"
    scorer = Scorer(done.bundle)
    verdict = scorer.score(path)
    scores = [window.score for window in verdict]
    assert verdict.score == pytest.approx(np.mean(scores))
    assert scorer.score(path, pool="max").score == max(scores)


def test_nobody_judges_it_by_what_it_learned_from(knocks, tmp_path):
    done = train(recipe(knocks), out=tmp_path)
    data = json.loads((tmp_path / STATE / "data.json").read_text())
    result = evaluate(Scorer(load(tmp_path / BUNDLE)), discover(knocks).clips(), bootstrap=10)
    heard = {*data["learned"], *data["held_out"]}
    assert result.n_known == len(heard)
    assert not {row.name for row in result.rows} & heard
    own = evaluate(Scorer(done.bundle), done.test, bootstrap=10)
    assert own.n_known == 0


def test_limits_let_what_lasts_vote(knocks, tmp_path):
    rules = train(recipe(knocks), out=tmp_path).bundle.manifest.calibration.rules
    assert [(rule.name, rule.votes, rule.of) for rule in rules] == [
        ("sustained", 3, 5),
        ("sudden", 1, 1),
    ]
    assert sum(rule.share for rule in rules) == 1.0


def test_stopped_in_the_second_stage_it_goes_on_there(knocks, tmp_path):
    class StoppedError(Exception):
        pass

    whole, broken = tmp_path / "whole", tmp_path / "broken"
    train(recipe(knocks), out=whole)

    def stop(what, figures):
        if what == "epoch" and figures["stage"] == "spread" and figures["number"] == 2:
            raise StoppedError

    with pytest.raises(StoppedError):
        train(recipe(knocks), out=broken, tell=stop)
    told = []
    train(recipe(knocks), out=broken, resume=True, tell=lambda *one: told.append(one))
    assert [f["number"] for what, f in told if what == "epoch"] == list(range(3, 12))
    for stage in ("mean", "spread"):
        one, other = weights(whole, stage), weights(broken, stage)
        assert one.keys() == other.keys()
        assert all(torch.equal(one[name], other[name]) for name in one)


def test_without_anything_abnormal_it_learns_all_the_same(knocks, tmp_path):
    shutil.copytree(knocks / "normal", tmp_path / "data" / "normal")
    done = train(recipe(tmp_path / "data"), out=tmp_path / "run")
    assert done.bundle.manifest.calibration is not None
    assert all(clip.is_normal for clip in done.test)


def test_of_one_recording_it_learns_without_limits(knocks, tmp_path):
    (tmp_path / "data" / "normal").mkdir(parents=True)
    shutil.copy(knocks / "normal" / "0.wav", tmp_path / "data" / "normal")
    with pytest.warns(AuscultWarning, match="Nothing is held out"):
        done = train(recipe(tmp_path / "data"), out=tmp_path / "run")
    assert done.bundle.manifest.calibration is None
