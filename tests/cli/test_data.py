"""`auscult data`: flaws are found, and sets are made."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from auscult.cli.console import BAD_USE, OK, SKIPPED

RATE_HZ = 16000


def test_data_check_finds_planted_flaws(run, machine, faulty, torn, write):
    for i in range(6):
        write(Path(f"set/normal/{i}.wav"), machine(i, 5.0))
        write(Path(f"set/abnormal/{i}.wav"), 8.0 * machine(20 + i, 5.0))
    write(Path("set/normal/silent.wav"), np.zeros(5 * RATE_HZ))
    write(Path("set/normal/clipped.wav"), np.clip(50.0 * machine(30, 5.0), -1.0, 1.0))
    write(Path("set/normal/short.wav"), machine(31, 0.2))
    write(Path("set/normal/slow.wav"), machine(32, 5.0)[::2], rate_hz=8000)
    write(Path("set/normal/long.wav"), machine(33, 8.0))
    shutil.copy("set/normal/0.wav", "set/abnormal/copy.wav")
    torn.rename("set/normal/torn.wav")
    ended = run("data", "check", "set", "--json")
    assert ended.code == SKIPPED
    report = ended.json
    files = {one["kind"]: [Path(name).name for name in one["files"]] for one in report["findings"]}
    assert files["unreadable"] == ["torn.wav"]
    assert files["silent"] == ["silent.wav"]
    assert files["clipped"] == ["clipped.wav"]
    assert files["too_short"] == ["short.wav"]
    assert files["mixed_rates"] == ["slow.wav"]
    assert "long.wav" in files["odd_length"]
    assert sorted(files["duplicate_across_labels"]) == ["0.wav", "copy.wav"]
    assert "level_leak" in files
    assert report["level_auc"] > 0.8
    told = run("data", "check", "set")
    assert told.code == SKIPPED
    assert "error: " in told.out
    assert "torn.wav" in told.out


def test_data_check_has_nothing_to_say_of_a_good_set(run, simulated):
    ended = run("data", "check", simulated)
    assert ended.code == OK
    assert "error: " not in ended.out
    assert "warning: " not in ended.out
    assert "Loudness alone: AUC" in ended.words


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    """A simulated pump, eight times well and six times not."""
    from auscult.datasets.simulate import simulate

    out = tmp_path_factory.mktemp("simulated") / "pump"
    return simulate(out, machine="pump", normal=8, anomaly=6, seconds=4.0, seed=2)


def test_data_simulate_writes_a_set_with_its_truth(run):
    common = ("--normal", 2, "--anomaly", 3, "--seconds", 2, "--machine", "pump")
    ended = run("data", "simulate", "out", *common, "--json")
    assert ended.code == OK
    assert ended.json == {"data": "out", "machine": "pump", "normal": 2, "anomaly": 3}
    truth = json.loads(Path("out/truth.json").read_text(encoding="utf-8"))
    assert len(truth["files"]) == 3
    assert all(Path("out", name).is_file() for name in truth["files"])
    assert len(list(Path("out").rglob("normal/*.wav"))) == 2
    again = run("data", "simulate", "again", *common)
    assert "Wrote 2 normal recordings and 3 with a fault to again" in again.words
    for path in Path("out").rglob("*.wav"):
        assert Path("again", path.relative_to("out")).read_bytes() == path.read_bytes()


def test_data_simulate_touches_nothing_that_is_there(run, good, three_beats):
    Path("out").mkdir()
    Path("out/mine.txt").write_text("dear to me")
    ended = run("data", "simulate", "out", "--normal", 1, "--anomaly", 0, "--seconds", 1)
    assert ended.code == BAD_USE
    assert "is there already and is not empty" in ended.err
    assert three_beats.search(ended.err)
    assert [path.name for path in Path("out").iterdir()] == ["mine.txt"]


def test_data_check_says_which_classes_sound_alike(run, classes):
    ended = run("data", "check", classes, "--report", "data.html")
    assert ended.code == OK
    assert re.search(r"Silhouette: \w+ -?0\.\d\d, \w+ 0\.\d\d, ", ended.out)
    assert "Report: data.html" in ended.err
    assert "Which classes sound alike" in Path("data.html").read_text("utf-8")
    answer = run("data", "check", classes, "--json").json
    assert set(answer["classes"]["silhouettes"]) == {"hum", "hiss", "whistle", "tone"}


def test_of_one_class_it_says_nothing(run, classes):
    assert "Silhouette" not in run("data", "check", classes / "hum").out
