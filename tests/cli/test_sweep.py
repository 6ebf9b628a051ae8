"""`auscult sweep`, as people call it: whole, killed, stopped, and wrongly."""

import csv
import json
import os
import shutil
import signal
import sys

import numpy as np
import pytest
import soundfile

from auscult.cli import options
from auscult.datasets.simulate import simulate
from auscult.runtime.bundle import load


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    root = tmp_path_factory.mktemp("swept") / "data"
    for seed, machine in enumerate(("fan", "pump")):
        part = root.with_name(machine)
        simulate(
            part, machine=machine, normal=8, anomaly=3, seconds=2, seed=seed, by_condition=True
        )
        shutil.copytree(part, root, dirs_exist_ok=True)
    return root


FAN, PUMP = "sim_6dB/fan/id_00", "sim_6dB/pump/id_00"


def test_every_machine_is_learned_and_laid_side_by_side(machines, run, tmp_path):
    done = run("sweep", "--data", machines, "--family", "memory", "--jobs", 2, "-o", "out")
    assert done.code == 0, done.err
    lines = [line for line in done.err.splitlines() if line.startswith("[")]
    assert len(lines) == 2
    assert lines[0].startswith("[1/2] sim_6dB/")
    assert " memory seed 0: AUC " in lines[0]
    assert lines[0].endswith(" left")
    for words in (FAN, PUMP, "Mean of units", "Harmonic mean", "Loudness alone", "Always an alarm"):
        assert words in done.out
    for name in ("fan", "pump"):
        assert (
            load(tmp_path / f"out/best/best_sim_6dB_{name}_id_00.onnx").manifest.family == "memory"
        )
    lines = (tmp_path / "out/sweep.csv").read_text().splitlines()
    assert len(list(csv.DictReader(lines))) == 2 + 3
    assert "sim_6dB/pump/id_00" in (tmp_path / "out/sweep.html").read_text()
    again = run(
        "sweep", "--data", machines, "--family", "memory", "-o", "out", "--json", "--no-report"
    )
    assert "2 of 2 had been done before" in again.err
    plain = json.loads((tmp_path / "out/sweep.json").read_text())
    assert again.json == plain
    assert [one["unit"] for one in plain["units"]] == [FAN, PUMP]
    assert "another version" not in done.err + again.err
    asked = next(tmp_path.glob("out/sim_6dB/fan/id_00/memory/*/job.json"))
    asked.write_text(json.dumps(json.loads(asked.read_text()) | {"auscult": "0.0.9"}))
    mixed = run("sweep", "--data", machines, "--family", "memory", "-o", "out", "--no-report")
    assert "Of 2 results some were made by another version" in " ".join(mixed.err.split())
    assert "1 by 0.0.9" in " ".join(mixed.err.split())
    (tmp_path / "out/sweep.csv").unlink()
    (tmp_path / "out/sweep.csv").mkdir()
    refused = run("sweep", "--data", machines, "--family", "memory", "-o", "out")
    assert refused.code == 2
    assert "out/sweep.csv can't be written (Is a directory)" in refused.err


def test_a_unit_that_fails_is_named_and_the_others_go_on(machines, run, tmp_path, three_beats):
    shutil.copytree(machines, tmp_path / "data")
    for path in (tmp_path / "data" / FAN / "normal").iterdir():
        path.write_text("no sound")
    done = run("sweep", "--data", "data", "--family", "memory", "-o", "out")
    assert done.code == 3
    failed = next(line for line in done.err.splitlines() if line.startswith("Failed"))
    assert failed.startswith(f"Failed {FAN} memory seed 0: ")
    assert three_beats.search(failed.replace("Failed ", "Error: "))
    assert PUMP in done.out
    assert "What failed" in (tmp_path / "out/sweep.html").read_text()


def test_where_all_fail_the_command_does(machines, run, tmp_path):
    shutil.copytree(machines, tmp_path / "data")
    for path in (tmp_path / "data").rglob("normal/*.wav"):
        path.write_text("no sound")
    done = run("sweep", "--data", "data", "--family", "memory", "-o", "out")
    assert done.code == 2
    assert all(f"Failed {unit} memory" in done.err for unit in (FAN, PUMP))


def several(tmp_path, n):
    """Arguments for so many memories of every machine."""
    for number in range(n):
        text = f"name: m{number}\nfamily: memory\nbudget_per_day: {number + 1}\n"
        (tmp_path / f"m{number}.yaml").write_text(text)
    return [word for number in range(n) for word in ("--recipe", f"m{number}.yaml")]


def test_killed_it_goes_on_with_what_is_missing(machines, started, wait_until, run, tmp_path):
    arguments = ("sweep", "--data", machines, *several(tmp_path, 2), "-o", "out")
    process = started(*arguments, cwd=tmp_path)

    def rows():
        return sorted((tmp_path / "out").rglob("row.json"))

    wait_until(rows, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    first = {path: path.stat().st_mtime_ns for path in rows()}
    assert 1 <= len(first) < 4
    done = run(*arguments)
    assert done.code == 0, done.err
    assert len(rows()) == 4
    for path, time_ns in first.items():
        assert path.stat().st_mtime_ns == time_ns


def test_ctrl_c_stops_it_in_order(machines, started, wait_until, tmp_path):
    arguments = ("sweep", "--data", machines, *several(tmp_path, 3), "-o", "out")
    process = started(*arguments, cwd=tmp_path, start_new_session=True)
    wait_until(lambda: list((tmp_path / "out").rglob("row.json")), process)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    text = err.decode()
    assert "the same command goes on" in text
    assert "Traceback" not in text
    for log in (tmp_path / "out").rglob("worker.log"):
        assert "Traceback" not in log.read_text()


def test_changes_are_refused_until_fresh_is_said(machines, run):
    arguments = ("sweep", "--data", machines, "--family", "memory", "-o", "out", "--no-report")
    assert run(*arguments).code == 0
    changed = (*arguments, "--set", "budget_per_day=5")
    done = run(*changed)
    assert done.code == 2
    assert "The recipe of sim_6dB/fan/id_00 memory seed 0" in done.err
    assert "--fresh" in done.err
    assert run(*changed, "--fresh").code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Nothing says by what to learn"),
        (("--family", "memori"), "Did you mean"),
        (("--family", "memory,memory"), "Two methods are called memory"),
        (("--family", "memory", "--seeds", "one"), "--seeds one is not understood"),
        (("--family", "memory", "--seeds", "9" * 26), "whole numbers from 0 to 4294967295"),
        (("--family", "memory", "--seeds", "0,4294967296"), "whole numbers from 0 to 4294967295"),
        (("--family", "memory", "--set", "training.epoch=1"), "Did you mean"),
        (("--family", "memory", "--set", "model.preset=foo"), "Error: model.preset is 'foo'"),
        (("--family", "memory", "--set", "model.preset=3"), "Error: model.preset is 3"),
        (("--family", "memory", "--set", "model.embedder=none.onnx"), "Error: none.onnx"),
        (("--family", "memory", "--set", "model.bands=1"), "no option model.bands"),
        (("--recipe", "missing.yaml"), "There is no recipe missing.yaml"),
        (("--family", "memory", "--cluster", "somewhere"), "somewhere"),
    ],
)
def test_bad_use_is_told_in_words(machines, run, three_beats, arguments, words):
    done = run("sweep", "--data", machines, "-o", "out", *arguments)
    assert done.code == 2
    assert words in done.err
    if "cluster" not in str(arguments):  # Ray may not be installed
        assert three_beats.search(done.err)


def test_a_folder_that_is_none_is_told(run, three_beats):
    done = run("sweep", "--data", "nowhere", "--family", "memory", "-o", "out")
    assert done.code == 2
    assert three_beats.search(done.err)
    assert "nowhere is no folder" in done.err


def test_without_the_extra_it_says_what_to_install(machines, run, monkeypatch):
    monkeypatch.setattr(options, "find_spec", lambda name: None)
    done = run("sweep", "--data", machines, "--family", "autoencoder", "-o", "out")
    assert done.code == 2
    assert "auscult[train]" in done.err


def test_a_family_has_the_settings_that_are_usual_for_it():
    methods = sys.modules["auscult.cli.sweep"]._methods(["despawn", "memory"], [], [])
    assert methods["despawn"].audio.window_s == 2.0
    assert methods["despawn"].training.patience == 20
    assert methods["memory"].model == {}


def noisy(path, hiss, seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    chance = np.random.default_rng(seed)
    smooth = np.convolve(chance.normal(size=32000), [0.5, 0.5], "same")
    soundfile.write(path, 0.05 * (smooth + hiss * chance.normal(size=32000)), 16000)


@pytest.fixture(scope="module")
def domains(tmp_path_factory):
    """A fan of two sections with the names of DCASE 2023: the target is a little more like what is broken."""
    root = tmp_path_factory.mktemp("dcase") / "dev"
    hiss = {"source": 0.0, "target": 0.08}
    for section in (0, 1):
        for number in range(6):
            domain = "target" if number == 5 else "source"
            name = f"section_{section:02d}_{domain}_train_normal_{number:04d}_x.wav"
            noisy(root / "fan/train" / name, hiss[domain], 100 * section + number)
        for number in range(8):
            domain = ("source", "target")[number % 2]
            label = ("normal", "anomaly")[number // 4]
            name = f"section_{section:02d}_{domain}_test_{label}_{number:04d}_x.wav"
            more = (0.04 + 0.04 * section) * (label == "anomaly")
            noisy(root / "fan/test" / name, hiss[domain] + more, 100 * section + 50 + number)
    return root


def test_the_official_score_joins_sections_as_one_evaluation_would(domains, run, tmp_path):
    arguments = ("sweep", "--data", domains, "--family", "memory", "-o", "out")
    done = run(*arguments)
    assert done.code == 0, done.err
    for words in ("DCASE score, 2021;", "DCASE score, 2022-2025;", "dev/fan", "target"):
        assert words in done.out
    assert "Official DCASE scores" in (tmp_path / "out/sweep.html").read_text()
    plain = run(*arguments, "--json", "--dcase", "2023").json
    (joined,) = plain["dcase"]
    assert (joined["condition"], joined["machine"], joined["units"]) == ("dev", "fan", 2)
    # Every section evaluated by itself, its figures joined by hand.
    figures = []
    for name in ("section_00", "section_01"):
        test = tmp_path / name
        shutil.copytree(domains / "fan/test", test, ignore=lambda _, files, only=name: [f for f in files if only not in f])  # fmt: skip
        bundle = tmp_path / f"out/best/best_dev_fan_{name}.onnx"
        found = run("evaluate", bundle, test, "--dcase", 2023, "--json").json
        ((cell,),) = (rule["cells"] for rule in found["dcase"])
        figures += [cell[part] for part in ("auc_source", "auc_target", "pauc")]
        unit = next(one for one in plain["units"] if one["unit"] == f"dev/fan/{name}")
        assert unit["domains"]["target"]["mean"] == cell["auc_target"]
    assert 0 < min(figures) < max(figures)
    assert joined["score"]["mean"] == pytest.approx(len(figures) / sum(1 / f for f in figures))
    lines = (tmp_path / "out/sweep.csv").read_text().splitlines()
    last = list(csv.DictReader(lines))[-1]
    assert float(last["dcase_mean"]) == pytest.approx(joined["score"]["mean"], rel=1e-5)


def test_domains_that_are_unknown_are_said_where_a_year_needs_them(machines, run):
    arguments = ("sweep", "--data", machines, "--family", "memory", "-o", "out", "--no-report")
    plain = run(*arguments, "--dcase", 2022, "--json").json
    assert plain["units"][0]["domains"] == {}
    assert plain["dcase"][0]["score"] is None
    why_not = "sim_6dB/fan/id_00: the domain (source or target) of 5 of 5 recordings is unknown"
    assert why_not in plain["dcase"][0]["why_not"]
    assert why_not in run(*arguments, "--dcase", 2022).err
    # The year changes nothing that was measured.
    again = run(*arguments, "--dcase", 2020, "--json")
    assert "2 of 2 had been done before" in again.err
    fan, pump, every = again.json["dcase"]
    assert every["score"]["mean"] == pytest.approx(
        (fan["score"]["mean"] + pump["score"]["mean"]) / 2
    )
    done = run(*arguments, "--dcase", 2019)
    assert done.code == 2
    assert "No official score is known for DCASE 2019" in done.err
