"""`auscult learn`: what it answers, uses, skips and leaves behind."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from auscult.cli.console import BAD_USE, OK, SKIPPED
from auscult.runtime.bundle import load

RATE_HZ = 16000


def test_learn_answers_in_json(run, labelled, folder):
    ended = run("learn", folder, "-o", "fan.onnx", "--preset", "edge", "--json")
    assert ended.code == OK
    answer = ended.json
    types = {
        "bundle": str,
        "seconds_of_sound": float,
        "windows": int,
        "limit": float,
        "calibration": str,
        "budget_per_day": float,
        "supported_per_day": float,
        "seconds": float,
    }
    assert {name: type(answer[name]) for name in types} == types
    assert answer["bundle"] == "fan.onnx"
    assert answer["seconds_of_sound"] == 120.0
    assert answer["windows"] == 12 * 9
    assert answer["calibration"] == "provisional"
    assert answer["budget_per_day"] == 1.0
    assert answer["supported_per_day"] == pytest.approx(24 * 3 / (120 / 3600), rel=2e-3)
    calibration = load("fan.onnx").manifest.calibration
    assert answer["limit"] == calibration.recording_limit()


def test_learn_says_what_it_wrote_and_what_it_may_promise(run, folder):
    ended = run("learn", folder, "-o", "fan.onnx", "--preset", "edge")
    assert "Learned 120 s of normal sound" in ended.words
    assert "wrote fan.onnx" in ended.words
    assert "Too early to promise anything: 2 min of normal sound heard." in ended.words
    assert ended.err == ""


def test_learn_uses_only_what_is_labelled_normal_and_says_what_it_left_out(run, labelled):
    ended = run("learn", labelled, "-o", "fan.onnx", "--preset", "edge")
    assert ended.code == OK
    assert "Learned 40 s of normal sound" in ended.words
    assert "Left out: 3 labelled 'anomaly'." in ended.words
    answer = run("learn", labelled, "-o", "fan.onnx", "--preset", "edge", "--json").json
    assert answer["left_out"] == {"anomaly": 3}
    assert answer["seconds_of_sound"] == 40.0


def test_a_bundle_is_called_like_its_folder_unless_told(run, folder):
    assert run("learn", folder, "--preset", "edge", "--json").json["bundle"] == (
        f"{folder.parent.name}.onnx"
    )
    named = run("learn", folder, "--preset", "edge", "--name", "hall 3", "--json").json
    assert named["bundle"] == "hall 3.onnx"
    assert load("hall 3.onnx").manifest.name == "hall 3"


def test_learn_names_what_it_skipped_and_goes_on(run, folder, torn):
    ended = run("learn", folder, torn, "gone", "-o", "fan.onnx", "--preset", "edge", "--json")
    assert ended.code == SKIPPED
    skipped = {Path(one["file"]).name: one["error"] for one in ended.json["skipped"]}
    assert "can't be read as sound" in skipped["torn.wav"]
    assert "is not there" in skipped["gone"]
    assert ended.json["seconds_of_sound"] == 120.0
    for name in ("torn.wav", "gone"):
        assert name in ended.err


def test_learn_from_nothing_usable_writes_nothing(run, torn, tmp_path):
    ended = run("learn", torn, "gone", "-o", "fan.onnx")
    assert ended.code == BAD_USE
    assert "There is no usable normal sound to learn from" in ended.err
    assert "torn.wav" in ended.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["torn.wav"]


def test_several_machines_are_noted(run, folder, faulty, write):
    rng = np.random.default_rng(0)
    for i in range(6):
        write(Path("normal") / f"other {i}.wav", rng.normal(0, 0.05, 10 * RATE_HZ))
    ended = run("learn", folder, "normal", "-o", "fan.onnx", "--preset", "edge", "--json")
    assert ended.code == OK
    assert "Note: The recordings sound like several machines or states." in ended.err
    assert any("several machines" in note for note in ended.json["notes"])


def test_learn_goes_on_from_a_bundle(run, labelled, folder):
    run("learn", folder, "-o", "first.onnx", "--preset", "edge")
    ended = run("learn", labelled / "normal", "--add", "first.onnx", "-o", "both.onnx", "--json")
    assert ended.code == OK
    assert ended.json["seconds_of_sound"] == 40.0
    both = load("both.onnx").manifest
    assert both.calibration.heard_s == pytest.approx(160.0)
    assert both.data.recordings == 16
    assert ended.json["supported_per_day"] == pytest.approx(24 * 3 / (160 / 3600), rel=2e-3)


def test_a_disk_that_is_full_leaves_the_old_bundle(run, folder, monkeypatch, tmp_path):
    run("learn", folder, "-o", "fan.onnx", "--preset", "edge")
    before = Path("fan.onnx").read_bytes()

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    ended = run("learn", folder, "-o", "fan.onnx")
    assert ended.code == BAD_USE
    assert "fan.onnx could not be written: No space left on device." in ended.err
    assert Path("fan.onnx").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["fan.onnx"]
