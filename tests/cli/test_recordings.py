"""Recordings in several places, some of no use."""

import errno
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from auscult.cli.console import BAD_USE, SKIPPED

RATE_HZ = 16000


def test_a_place_that_is_not_there_stops_nothing(run, bundle_file, good):
    ended = run("score", bundle_file, "gone.wav", good, "nowhere", "--json")
    assert ended.code == SKIPPED
    errors = [one["error"] for one in ended.json if "error" in one]
    assert [error.split(".")[0] for error in errors] == ["gone", "nowhere is not there"]
    assert sum("score" in one for one in ended.json) == 1


def test_where_nothing_is_left_to_judge_the_use_was_bad(run, bundle_file, torn):
    ended = run("score", bundle_file, torn, "gone.wav", "--json")
    assert ended.code == BAD_USE
    assert [list(one) for one in ended.json] == [["file", "error"]] * 2
    told = run("score", bundle_file, torn, "gone.wav")
    assert told.code == BAD_USE
    assert "sound wrong" not in told.out
    assert "torn.wav" in told.err
    assert "gone.wav" in told.err


@pytest.fixture
def closed(tmp_path, monkeypatch):
    """A folder that may not be opened, by root neither."""
    folder = tmp_path / "closed"
    folder.mkdir()
    scandir = os.scandir

    def refusing(path):
        if Path(path) == folder:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    return folder


def test_a_folder_without_permission_is_told(run, bundle_file, closed, good, three_beats):
    alone = run("score", bundle_file, closed)
    assert alone.code == BAD_USE
    assert "closed can't be read: Permission denied." in alone.err
    assert three_beats.search(alone.err)
    among = run("score", bundle_file, good, closed, "--json")
    assert among.code == SKIPPED
    assert "Permission denied" in among.json[1]["error"]
    for command in ("learn", "data check"):
        ended = run(*command.split(), closed)
        assert ended.code == BAD_USE
        assert "Permission denied" in ended.err


def test_what_is_held_out_is_evaluated_and_what_was_learned_is_not(
    run, folder, faulty, tmp_path, write
):
    shutil.copytree(folder, tmp_path / "data" / "normal")
    write(tmp_path / "data" / "abnormal" / "bad.wav", faulty(7))
    answer = run("learn", "data", "--hold-out", "0.25", "-o", "a.onnx", "--json").json
    assert answer["seconds_of_sound"] == 90.0
    result = run("evaluate", "a.onnx", "data", "--json").json
    assert (result["n_normal"], result["n_anomaly"], result["n_known_left_out"]) == (3, 1, 9)
    run("learn", "data", "-o", "all.onnx")
    everything = run("evaluate", "all.onnx", "data")
    assert "learned from 12 of these 13 recordings" in everything.err
    assert "auscult learn --hold-out 0.3" in everything.err


class TestNormalClasses:
    @pytest.fixture
    def classes(self, labelled, tmp_path):
        root = tmp_path / "classes"
        shutil.copytree(labelled / "normal", root / "humming")
        shutil.copytree(labelled / "abnormal", root / "rattling")
        return root

    def test_a_class_is_named_normal_and_all_others_are_not(self, run, classes, bundle_file):
        learned = run("learn", classes, "--normal", "humming", "-o", "h.onnx", "--json")
        assert learned.json["left_out"] == {"rattling": len(list((classes / "rattling").iterdir()))}
        judged = run("evaluate", bundle_file, classes, "--normal", "humming", "--json").json
        assert judged["n_normal"] == len(list((classes / "humming").iterdir()))
        assert judged["n_anomaly"] == len(list((classes / "rattling").iterdir()))
        checked = run("data", "check", classes, "--normal", "humming", "--json")
        assert "no_normal" not in {finding["kind"] for finding in checked.json["findings"]}

    def test_one_that_is_not_there_is_refused_with_those_that_are(self, run, classes):
        ended = run("learn", classes, "--normal", "hum", "-o", "h.onnx")
        assert ended.code == BAD_USE
        told = " ".join(ended.err.split())
        assert (
            "--normal hum is no label of these recordings. Expected: one of humming, rattling."
            in told
        )
        assert not Path("h.onnx").exists()

    def test_it_is_refused_in_data_that_is_streamed_too(self, run):
        noise = np.random.default_rng(0).normal(0.0, 0.1, (4, 4 * RATE_HZ)).round(4).tolist()
        labels = ["OK", "OK", "OK", "NG"]
        Path("press.json").write_text(
            json.dumps({"waveforms": noise, "labels": labels, "fs": RATE_HZ}), encoding="utf-8"
        )
        ended = run("learn", "press.json", "--normal", "humming", "-o", "h.onnx")
        assert ended.code == BAD_USE
        assert "Expected: one of anomaly, normal." in " ".join(ended.err.split())
        turned = run("data", "check", "press.json", "--normal", "anomaly", "--json").json
        assert turned["counts"]["label"] == {"anomaly": 3, "normal": 1}
