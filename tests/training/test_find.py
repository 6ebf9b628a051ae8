"""What a device can carry is found by trying."""

from dataclasses import replace
from pathlib import Path

import pytest

from auscult.errors import DatasetError, RecipeError
from auscult.evaluation.benchmark import Cost
from auscult.training import find
from auscult.training.find import Limits, compared, search

COST = Cost(
    name="x",
    file="x.onnx",
    kind="spectrum",
    engine="onnxruntime",
    threads=1,
    windows=20,
    seed=0,
    parameters=1,
    bundle_bytes=1_000_000,
    install_bytes=1,
    p50_ms=1.0,
    p95_ms=1.0,
    p99_ms=1.0,
    first_s=1.0,
    peak_rss_bytes=1,
    hop_s=1.0,
    real_time_factor=0.001,
    streams_per_core=1000.0,
    cpu_ms_per_hour=3600.0,
    auc=0.8,
)
LIMITS = Limits(ms=20.0, mb=2.0)


def test_best_is_what_no_other_beats_within_the_limits():
    costs = [
        COST,
        replace(COST, file="better.onnx", auc=0.9, p50_ms=5.0),
        replace(COST, file="beaten.onnx", auc=0.85, p50_ms=6.0),
        replace(COST, file="slow.onnx", auc=0.99, p50_ms=21.0),
        replace(COST, file="large.onnx", auc=0.99, bundle_bytes=2_000_001),
        replace(COST, file="small.onnx", auc=0.5, bundle_bytes=10),
    ]
    found = compared(costs, LIMITS)
    assert [one.cost.file for one in found if one.is_best] == [
        "better.onnx",
        "x.onnx",
        "small.onnx",
    ]
    assert [one.cost.file for one in found if not one.fits] == ["large.onnx", "slow.onnx"]
    assert [one.cost.file for one in found][1] == "beaten.onnx"
    assert len(found) == 6


def test_of_two_alike_both_are_best():
    assert [one.is_best for one in compared([COST, replace(COST, file="y.onnx")], LIMITS)] == [
        True,
        True,
    ]


def test_every_candidate_is_learned_exported_and_measured(
    clip, machine, faulty, tmp_path, monkeypatch
):
    monkeypatch.setattr(find, "embedder_file", lambda name: Path("/no/such/file"))
    measured = []

    def by_hand(file, *, windows, threads, seed):
        assert (windows, threads, seed) == (30, 2, 7)
        measured.append(file.name)
        return replace(COST, file=str(file), bundle_bytes=file.stat().st_size)

    monkeypatch.setattr(find, "measure", by_hand)
    clips = [clip(machine(k), f"{k}.wav") for k in range(8)]
    clips += [clip(faulty(20 + k), f"x{k}.wav", "anomaly") for k in range(3)]
    told = []
    found = search(
        clips,
        tmp_path,
        LIMITS,
        windows=30,
        threads=2,
        seed=7,
        progress=lambda done, name: told.append((done, name)),
    )
    assert told == [(0, "default"), (1, "edge")]
    assert measured == ["default.onnx", "default-int8.onnx", "edge.onnx", "edge-int8.onnx"]
    assert all(one.cost.auc == 1.0 for one in found)
    assert [one.cost.file for one in found if one.is_best] == [str(tmp_path / "edge-int8.onnx")]


@pytest.mark.parametrize("labels", [["normal"] * 8, ["normal"] * 5 + ["anomaly"] * 3])
def test_it_takes_both_kinds_of_recordings(clip, machine, labels, tmp_path):
    clips = [clip(machine(0), f"{k}.wav", label) for k, label in enumerate(labels)]
    with pytest.raises(DatasetError, match="six normal ones at least"):
        search(clips, tmp_path, LIMITS)


@pytest.mark.parametrize(
    ("recipes", "file"),
    [
        (["a/fan.toml", "b/fan.toml"], "fan.onnx, as a/fan.toml is"),
        (["a/edge.toml"], "edge.onnx, as edge is"),
        (["a/fan.toml", "a/fan-int8.toml"], "fan-int8.onnx, as a/fan.toml is"),
    ],
)
def test_candidates_of_one_name_are_refused_before_anything_is_learned(recipes, file, tmp_path):
    with pytest.raises(RecipeError, match=rf"--recipe {recipes[-1]} would be .*{file}\..* Rename"):
        search([], tmp_path, LIMITS, recipes=[Path(recipe) for recipe in recipes])
