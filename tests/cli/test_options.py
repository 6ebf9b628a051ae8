"""Options that commands share, and what is looked at before the work."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from auscult.cli.console import BAD_USE, OK

RATE_HZ = 16000


def test_a_place_that_cannot_be_written_to_is_told_before_the_work(run, folder, monkeypatch):
    monkeypatch.setattr("auscult.memory.learn.learn_clips", lambda *_, **__: pytest.fail("worked"))
    Path("taken").mkdir()
    for place, words in (
        ("gone/fan.onnx", "gone/fan.onnx can't be written."),
        ("taken", "taken can't be written over: it is a folder."),
    ):
        ended = run("learn", folder, "-o", place)
        assert ended.code == BAD_USE
        assert words in ended.err
        assert "Choose another place with -o." in ended.err


def test_the_bundle_may_be_named_apart(run, bundle_file, good):
    first = run("score", bundle_file, good, "--json")
    assert run("score", good, "--bundle", bundle_file, "--json").json == first.json


def test_budget_moves_the_limit_and_no_score(run, bundle, good, bad):
    # Two hours heard: with less, the limit follows what the sound supports, whatever the budget.
    manifest = bundle.manifest
    heard = replace(manifest.calibration, heard_s=7200.0)
    replace(bundle, manifest=replace(manifest, calibration=heard)).save("fan.onnx")
    budgets = (100.0, 10.0, 1.0, 0.1)
    found = [run("score", "fan.onnx", good, bad, "--budget", b, "--json").json for b in budgets]
    for i in range(2):
        limits = [one[i]["limit"] for one in found]
        assert limits == sorted(limits)
        assert limits[0] < limits[-1]
        assert len({one[i]["score"] for one in found}) == 1
        for window in zip(*(one[i]["windows"] for one in found), strict=True):
            assert len({one["score"] for one in window}) == 1
            ratios = [one["ratio"] for one in window]
            assert ratios == sorted(ratios, reverse=True)
    default = run("score", "fan.onnx", good, bad, "--json").json
    assert default == found[2]


def test_one_channel_can_be_learned(run, machine, write):
    rng = np.random.default_rng(1)
    for i in range(4):
        samples = np.stack([machine(i), rng.normal(0, 0.05, 10 * RATE_HZ)], axis=1)
        write(Path("normal") / f"{i}.wav", samples)
    common = ("learn", "normal", "--preset", "edge", "--json", "-o")
    first, second = run(*common, "0.onnx", "--channel", 0), run(*common, "1.onnx", "--channel", 1)
    assert (first.code, second.code) == (OK, OK)
    assert first.json["limit"] != second.json["limit"]


def test_a_channel_can_be_judged(run, bundle_file, good, machine, write):
    rng = np.random.default_rng(0)
    write(Path("two.wav"), np.stack([machine(100), rng.normal(0, 0.1, 10 * RATE_HZ)], axis=1))
    first, second = (
        run("score", bundle_file, "two.wav", "--channel", i, "--json").json[0] for i in (0, 1)
    )
    alone = run("score", bundle_file, good, "--json").json[0]
    assert first["score"] == pytest.approx(alone["score"], rel=1e-3)
    assert second["is_anomaly"]
