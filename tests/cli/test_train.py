"""`auscult train`, as people call it."""

import json
from statistics import mean, stdev

import numpy as np
import pytest
import soundfile

from auscult.cli import options
from auscult.runtime.bundle import load
from auscult.runtime.learned import ARRAY

RECIPE = """
family: cnn_attention
audio: {sample_rate_hz: 8000, window_s: 0.5, hop_s: 0.25}
model: {channels: [8, 8, 16], attention_dim: 16, heads: 2, hidden: 8}
training: {epochs: 2, batch_size: 16}
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for kind, level in (("normal", 0.01), ("anomaly", 0.1)):
        (tmp_path / "data" / kind).mkdir(parents=True)
        for number in range(10):
            samples = level * rng.normal(size=8000)
            soundfile.write(tmp_path / "data" / kind / f"{number}.wav", samples, 8000)
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    return tmp_path


def test_a_recipe_becomes_a_bundle_a_report_and_a_log(place, run):
    done = run("train", "recipe.yaml", "--data", "data", "-o", "out", "--inspect", "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert told["bundle"] == "out/bundle.onnx"
    assert told["epochs"] == 2
    assert told["judged_on"] == "held out, which chose the epoch"
    assert "accuracy" in told["metrics"]["classes"]
    for name in ("bundle.onnx", "inspect.onnx", "report.html", "report.json", "run.jsonl"):
        assert (place / "out" / name).stat().st_size > 0
    assert "chose the epoch" in (place / "out" / "report.html").read_text()
    report = json.loads((place / "out" / "report.json").read_text())
    assert report["n_held_out"] == len(report["rows"]) > 0
    assert run("score", "out/bundle.onnx", "data/normal/0.wav").code == 0
    # What shows its layers has the same limits, and knows the same sound as learned.
    plain, inspected = (load(place / "out" / name) for name in ("bundle.onnx", "inspect.onnx"))
    assert inspected.manifest.calibration == plain.manifest.calibration
    assert np.array_equal(inspected.arrays[ARRAY], plain.arrays[ARRAY])
    listed = run("runs", "out", "--json")
    summary = json.loads(listed.out)["runs"][0]["summary"]
    assert summary["test_accuracy"] == told["metrics"]["classes"]["accuracy"]
    assert list((place / "out" / "plots").glob("*.png"))


@pytest.mark.parametrize(("seconds", "has_limits"), [(1.0, False), (6.0, True)])
def test_whether_there_is_a_limit_is_said(place, run, seconds, has_limits):
    rng = np.random.default_rng(1)
    (place / "calm").mkdir()
    for number in range(10):
        samples = 0.01 * rng.normal(size=round(8000 * seconds))
        soundfile.write(place / "calm" / f"{number}.wav", samples, 8000)
    done = run(
        *("train", "autoencoder", "--data", "calm", "-o", "out", "--no-report", "--json"),
        *("--set", "training.epochs=1", "--set", "audio.sample_rate_hz=8000"),
    )
    assert json.loads(done.out)["has_limits"] is has_limits
    assert ("calls none of them anomalous" in " ".join(done.err.split())) is not has_limits


def test_one_setting_may_be_changed_and_programs_may_follow(place, run):
    done = run(
        *("train", "recipe.yaml", "--data", "data", "-o", "out", "--no-report"),
        *("--set", "training.epochs=1", "--progress", "jsonl"),
    )
    assert done.code == 0, done.err
    assert "Trained 1 epochs" in done.out
    lines = [json.loads(line) for line in done.err.splitlines() if line.startswith("{")]
    assert {line["event"] for line in lines} >= {"read", "epoch"}


NORMAL = """
family: autoencoder
audio: {sample_rate_hz: 8000, window_s: 0.5, hop_s: 0.25}
model: {n_bands: 32, n_coefficients: 20, steps: 16, filters: [4, 4, 4]}
training: {epochs: 2, batch_size: 16}
"""


def test_normal_sound_is_enough(place, run):
    (place / "normal.yaml").write_text(NORMAL)
    done = run("train", "normal.yaml", "--data", "data", "-o", "out")
    assert done.code == 0, done.err
    assert "AUC " in done.out
    assert "on test" in done.out
    assert "chose the epoch" not in (place / "out" / "report.html").read_text()


def test_what_can_not_be_measured_is_said(place, run):
    (place / "normal.yaml").write_text(NORMAL)
    done = run("train", "normal.yaml", "--data", "data/normal", "-o", "out")
    assert done.code == 0, done.err
    assert "only normal sound to judge it by" in " ".join(done.err.split())
    assert (place / "out" / "bundle.onnx").exists()
    assert not (place / "out" / "report.html").exists()


def into_units(place):
    """The same recordings as two units of MIMII."""
    for kind in ("normal", "anomaly"):
        for number, path in enumerate(sorted((place / "data" / kind).iterdir())):
            target = (
                place / "mimii" / "fan" / f"id_0{number % 2}" / kind.replace("anomaly", "abnormal")
            )
            target.mkdir(parents=True, exist_ok=True)
            path.rename(target / path.name)


def test_each_fold_is_tested_in_turn(place, run):
    into_units(place)
    done = run("train", "recipe.yaml", "--data", "mimii", "-o", "out", "--folds", "all", "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert [row["fold"] for row in told["folds"]] == ["id_00", "id_01"]
    assert [row["judged_on"] for row in told["folds"]] == ["test", "test"]
    assert told["accuracy"]["folds"] == 2
    assert told["auc"] is None
    data = json.loads((place / "out" / "id_00" / "state" / "data.json").read_text())
    assert all("id_00" in name for name in data["test"])
    assert not any("id_00" in name for name in data["learned"] + data["held_out"])


def test_each_fold_of_normal_sound_is_tested_by_its_own_unit_with_auc_and_spread(place, run):
    into_units(place)
    (place / "normal.yaml").write_text(NORMAL)
    asked = ("--data", "mimii", "-o", "out", "--folds", "all", "--set", "training.epochs=1")
    done = run("train", "normal.yaml", *asked)
    assert done.code == 0, done.err
    aucs = {"as_recorded": [], "rms_normalised": []}
    for fold in ("id_00", "id_01"):
        report = json.loads((place / "out" / fold / "report.json").read_text())
        (unit,) = report["per_unit"]
        assert (unit["unit"], unit["n_normal"], unit["n_anomaly"]) == (fold, 5, 5)
        aucs["as_recorded"].append(report["auc"])
        aucs["rms_normalised"].append(report["rms_normalised"]["auc"])
    words = " ".join(done.out.split())
    assert "AUC as recorded" in words
    assert "AUC equally loud" in words
    assert "accuracy" not in words
    for found in aucs.values():
        assert f"{mean(found):.3f} ± {stdev(found):.3f}" in words


def test_a_unit_that_is_too_short_to_be_tested_stops_no_other(place, run):
    into_units(place)
    (place / "normal.yaml").write_text(NORMAL)
    for path in (place / "mimii/fan/id_01").rglob("*.wav"):
        samples, rate_hz = soundfile.read(path)
        soundfile.write(path, samples[: rate_hz // 10], rate_hz)
    asked = ("--data", "mimii", "-o", "out", "--folds", "all", "--set", "training.epochs=1")
    done = run("train", "normal.yaml", *asked, "--json")
    assert done.code == 3, done.err
    told = json.loads(done.out)
    assert [row["fold"] for row in told["folds"]] == ["id_00"]
    assert told["auc"]["as_recorded"]["folds"] == 1
    (left,) = told["skipped"]
    assert left["file"] == "id_01"
    assert "is 0.10 s long" in left["error"]
    assert "id_01" in done.err
    for path in (place / "mimii/fan/id_00").rglob("*.wav"):
        path.unlink()
    done = run("train", "normal.yaml", *asked, "--json")
    assert done.code == 2
    assert done.out == ""


def test_what_comes_in_no_parts_is_dealt_out_by_recording(place, run):
    done = run("train", "recipe.yaml", "--data", "data", "-o", "out", "--folds", "2", "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert [row["fold"] for row in told["folds"]] == ["part1", "part2"]
    assert [row["judged_on"] for row in told["folds"]] == ["test", "test"]
    sides = [
        json.loads((place / "out" / part / "state" / "data.json").read_text())
        for part in ("part1", "part2")
    ]
    every = {str(path.relative_to(place)) for path in (place / "data").rglob("*.wav")}
    first, second = (set(side["test"]) for side in sides)
    assert not first & second
    assert len(first | second) == len(every)
    assert not any(set(side["test"]) & {*side["learned"], *side["held_out"]} for side in sides)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.yaml"], "There is no recipe"),
        (["recipe.yaml"], "does not say what to learn from"),
        (["recipe.yaml", "--data", "data", "--set", "training.epoch=1"], "epochs"),
        (["recipe.yaml", "--data", "data", "--set", "family=resnett"], "Did you mean resnet"),
        (["recipe.yaml", "--data", "data", "--set", "model.head=2"], "Did you mean heads"),
        (["recipe.yaml", "--data", "nowhere"], "nowhere"),
        (["recipe.yaml", "--data", "data", "--folds", "1"], "1 fold is no split"),
        (["recipe.yaml", "--data", "data", "--folds", "99"], "99 folds"),
    ],
)
def test_bad_use_is_told_in_words(place, run, arguments, words):
    done = run("train", *arguments)
    assert done.code == 2
    assert words in " ".join(done.err.split())
    assert "Traceback" not in done.err


def test_without_the_extra_it_says_what_to_install(place, run, monkeypatch):
    monkeypatch.setattr(options, "find_spec", lambda name: None)
    done = run("train", "recipe.yaml", "--data", "data")
    assert done.code == 2
    assert "auscult[train]" in done.err
