import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from auscult.datasets.clip import Clip
from auscult.datasets.split import recording_of
from auscult.errors import RecipeError
from auscult.recipe import Data, Recipe, from_dict
from auscult.runtime.bundle import load
from auscult.training.plan import plan_of
from auscult.training.sweeping.job import (
    ASKED,
    ROW,
    Row,
    _with_test_of,
    change_of,
    check_memory,
    row_of,
    run_job,
)
from auscult.training.sweeping.sweep import jobs_of

TINY = {
    "family": "cnn_attention",
    "audio": {"sample_rate_hz": 8000, "window_s": 0.5, "hop_s": 0.25},
    "model": {"channels": [8, 8, 16], "attention_dim": 16, "heads": 2, "hidden": 8},
    "training": {"epochs": 1, "batch_size": 16},
}


def jobs(machines, out, recipe=None, seeds=(0,)):
    return jobs_of(machines, {"memory": recipe or Recipe(family="memory")}, seeds, out)


def test_a_memory_is_learned_and_measured_on_what_it_did_not_learn(machines, tmp_path):
    job = jobs(machines, tmp_path)[0]
    row = run_job(job)
    assert row.error == ""
    assert (row.n_learned, row.n_normal, row.n_anomaly) == (6, 2, 3)
    assert set(row.columns) == {"as_recorded", "rms_normalised", "random_gain"}
    assert 0 <= row.level["auc"] <= 1
    assert row.held_out_loss is None
    assert load(tmp_path / row.bundle).manifest.name == "fan"
    assert row_of(job) == row
    # Of this simulated machine nobody knows domains, and its names are those of no challenge.
    by_rule = {one["rule"]: one for one in row.dcase}
    figures = row.columns["as_recorded"]
    assert by_rule["2020"]["score"] == pytest.approx((figures["auc"] + figures["pauc"]) / 2)
    assert not any(one["is_named"] for one in row.dcase)
    assert "domain" in by_rule["2022-2025"]["why_not"]
    assert row.domains == {}


def test_the_same_job_gives_the_same_bundle_other_recordings_another(machines, tmp_path):
    content = []
    for place, drawn in (("a", 0), ("b", 1), ("c", 0)):
        recipe = Recipe(family="memory", data=Data(seed=drawn))
        found = run_job(jobs(machines, tmp_path / place, recipe)[0])
        content.append((tmp_path / place / found.bundle).read_bytes())
    assert content[0] == content[2]
    assert content[0] != content[1]


def test_seeds_hold_out_and_test_the_same_recordings(machines, tmp_path):
    for job in jobs(machines, tmp_path, from_dict(TINY)[0], seeds=(0, 1))[:2]:
        assert run_job(job).error == ""
    told = [json.loads(path.read_text()) for path in sorted(tmp_path.rglob("data.json"))]
    assert len(told) == 2
    assert told[0]["held_out"] == told[1]["held_out"]
    assert told[0]["learned"] == told[1]["learned"]


def test_beside_its_siblings_a_unit_has_the_test_that_it_has_alone():
    def clips(unit, n):
        return [
            Clip(path=Path(f"{unit}/{side}/{i}.wav"), label=side, machine="fan", unit=unit)
            for side in ("normal", "anomaly")
            for i in range(n)
        ]

    own, others = clips("id_00", 10), clips("id_02", 7)
    recipe = Recipe(family="attributes")
    alone = plan_of("normal", own, recipe).sides.test
    names = frozenset(recording_of(clip) for clip in own)
    together = plan_of("groups", _with_test_of(names, own + others, recipe), recipe).sides
    assert {name for name in together.test if name in names} == alone
    normal = {recording_of(clip) for clip in others if clip.is_normal}
    assert normal <= together.learn | together.held_out


def test_a_network_is_trained_and_its_held_out_loss_kept(machines, tmp_path):
    job = jobs(machines, tmp_path, from_dict(TINY)[0])[0]
    row = run_job(job)
    assert row.error == ""
    assert row.epochs == 1
    assert row.held_out_loss > 0
    # Half made: the bundle is there, the row is not.
    (job.folder / ROW).unlink()
    again = run_job(job)
    assert (again.columns, again.held_out_loss) == (row.columns, row.held_out_loss)


def test_what_the_user_can_mend_is_the_row_and_leaves_none_behind(machines, tmp_path):
    job = jobs(machines, tmp_path, Recipe(family="memory", model={"embedder": "nowhere.onnx"}))[0]
    row = run_job(job)
    assert "nowhere.onnx" in row.error
    assert "Expected" in row.error
    assert not (job.folder / ROW).exists()
    assert row_of(job) is None


def test_of_normal_sound_alone_there_is_a_bundle_and_no_figure(tmp_path):
    rng = np.random.default_rng(0)
    (tmp_path / "d/fan/id_00/normal").mkdir(parents=True)
    for number in range(4):
        noise = 0.1 * rng.normal(size=64000)
        soundfile.write(tmp_path / f"d/fan/id_00/normal/{number}.wav", noise, 16000)
    row = run_job(jobs(tmp_path / "d", tmp_path / "out")[0])
    assert row.error == ""
    assert row.columns == {}
    assert (tmp_path / "out" / row.bundle).exists()


def test_a_recording_that_is_no_sound_is_named(machines, tmp_path):
    shutil.copytree(machines, tmp_path / "d")
    next((tmp_path / "d").rglob("fan/id_00/normal/*0.wav")).write_text("no sound")
    row = run_job(
        jobs(tmp_path / "d", tmp_path / "out", recipe=Recipe(family="memory", data=Data(test=0.1)))[
            0
        ]
    )
    assert row.error == ""
    assert [Path(one["file"]).name for one in row.skipped] == ["00000000.wav"]
    assert row.n_learned == 6


def test_a_row_that_is_torn_or_older_counts_for_nothing(machines, tmp_path):
    job = jobs(machines, tmp_path)[0]
    run_job(job)
    path = job.folder / ROW
    whole = path.read_text()
    for text in (whole[:100], "[]", json.dumps(json.loads(whole) | {"format": 0})):
        path.write_text(text)
        assert row_of(job) is None
    path.write_text(whole)
    (job.folder / ASKED).write_text(json.dumps(job.asked() | {"auscult": "0.0.9"}))
    assert row_of(job).auscult == "0.0.9"
    (job.folder / "bundle.onnx").unlink()
    assert row_of(job) is None


def test_it_knows_what_has_changed_since_it_was_begun(job):
    one = job()
    assert change_of(one) == ""
    one.folder.mkdir(parents=True)
    (one.folder / ASKED).write_text(json.dumps(one.asked()))
    assert change_of(one) == ""
    assert change_of(job(digest="2")) == "data"
    assert change_of(job(budget_per_day=3.0)) == "recipe"


def test_where_data_lie_and_who_is_told_does_not_count(job):
    plain = job().recipe
    moved = {"data": plain["data"] | {"path": "/elsewhere"}, "track": {"mlflow": True}}
    assert job(**moved).asked() == job().asked()


def test_memory_lets_two_things_be_chosen():
    check_memory({"embedder": "spectrum", "preset": "edge"})
    with pytest.raises(RecipeError, match=r"no option model\.bands.+embedder, preset"):
        check_memory({"bands": 3})


def test_a_row_is_plain(job):
    plain = Row(unit=job().unit, method="memory", seed=3).to_dict()
    assert plain["unit"] == "c/fan/id_00"
    assert plain["machine"] == "fan"
    assert json.loads(json.dumps(plain))["seed"] == 3
