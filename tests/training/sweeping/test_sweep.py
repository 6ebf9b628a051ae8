import json
import multiprocessing
import os
import shutil
import signal
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from auscult.errors import DatasetError, RecipeError, TrainingError
from auscult.models import families
from auscult.recipe import Recipe, from_dict
from auscult.runtime.bundle import load
from auscult.training.sweeping.job import ASKED, BUNDLE, ROW, Row
from auscult.training.sweeping.pool import in_turn, processes
from auscult.training.sweeping.sweep import (
    Swept,
    best_of,
    best_paths,
    check_method,
    jobs_of,
    sweep,
)


def done(losses=None):
    """A map that writes what a job would, or fails where it is told to."""
    seen = []

    def map_(function, jobs):
        del function
        for job in jobs:
            seen.append(job.name)
            if "bad" in job.unit.machine:
                yield job, TrainingError("It broke.", "that it doesn't", "Try again.")
                continue
            row = Row(
                unit=job.unit,
                method=job.method,
                seed=job.seed,
                held_out_loss=(losses or {}).get(job.seed),
                bundle=(job.folder / BUNDLE).relative_to(job.out).as_posix(),
            )
            job.folder.mkdir(parents=True)
            (job.folder / ASKED).write_text(json.dumps(job.asked()))
            (job.folder / BUNDLE).write_text(job.name)
            (job.folder / ROW).write_text(json.dumps(row.to_dict()))
            yield job, row

    map_.seen = seen
    return map_


def test_every_unit_by_every_method_and_seed(machines, tmp_path):
    methods = {"memory": Recipe(family="memory"), "net": Recipe(family="resnet")}
    names = [one.name for one in jobs_of(machines, methods, (0, 1), tmp_path)]
    assert len(names) == 6
    # A memory draws nothing at random: once is enough.
    assert names[:3] == [
        "sim_6dB/fan/id_00 memory seed 0",
        "sim_6dB/fan/id_00 net seed 0",
        "sim_6dB/fan/id_00 net seed 1",
    ]


def test_families_that_need_groups_learn_beside_the_siblings(machines, tmp_path):
    unit = machines / "sim_6dB/fan/id_00"
    for name in ("id_00", "id_02"):
        shutil.copytree(unit, tmp_path / "d/c/fan" / name)
    shutil.copytree(unit, tmp_path / "d/c/pump/id_00")
    methods = {"memory": Recipe(family="memory"), "attributes": Recipe(family="attributes")}
    jobs = jobs_of(tmp_path / "d", methods, (0,), tmp_path / "out")
    assert [one.with_siblings for one in jobs] == [False, True] * 3
    fan, other, pump = (one.data for one in jobs if one.with_siblings)
    assert fan == other != pump


def test_sound_without_machines_is_an_error(machines, tmp_path):
    (tmp_path / "d/hum").mkdir(parents=True)
    wav = next(machines.rglob("*.wav"))
    (tmp_path / "d/hum/1.wav").write_bytes(wav.read_bytes())
    with pytest.raises(DatasetError, match=r"no machine was found.+Check --data"):
        jobs_of(tmp_path / "d", {"memory": Recipe(family="memory")}, (0,), tmp_path / "out")


def test_what_is_done_is_not_done_again(job):
    jobs, first, second = [job(seed=seed) for seed in range(3)], done(), done()
    before = sweep(jobs[:2], map=first)
    told = []
    after = sweep(jobs, map=second, tell=lambda row, n, of: told.append((row.seed, n, of)))
    assert second.seen == [jobs[2].name]
    assert told == [(2, 3, 3)]
    assert after.n_before == 2
    assert [row.seed for row in after.rows] == [0, 1, 2]
    assert [row.bundle for row in after.rows[:2]] == [row.bundle for row in before.rows]


def test_what_fails_is_named_stops_nothing_and_is_tried_again(job):
    jobs = [job("c/bad/id_00"), job("c/fan/id_00")]
    result = sweep(jobs, map=done())
    assert [row.unit.machine for row in result.rows] == ["fan"]
    (failed,) = result.failed
    assert failed.error == "It broke. Expected: that it doesn't. Try again."
    again = done()
    sweep(jobs, map=again)
    assert again.seen == [jobs[0].name]


def test_the_best_is_chosen_by_held_out_loss_and_copied(job, tmp_path):
    jobs = [job(seed=seed) for seed in range(3)]
    sweep(jobs, map=done({0: 0.3, 1: 0.1, 2: 0.2}))
    assert (tmp_path / "out/best/best_c_fan_id_00.onnx").read_text() == jobs[1].name


def test_of_several_methods_each_has_its_best(job, tmp_path):
    sweep([job()], map=done())
    sweep([job(), job(method="net")], map=done())
    found = {
        path.relative_to(tmp_path / "out/best").as_posix() for path in tmp_path.rglob("best_*")
    }
    assert found == {"memory/best_c_fan_id_00.onnx", "net/best_c_fan_id_00.onnx"}


def test_the_test_has_no_say_in_what_is_best(job):
    unit = job().unit
    rows = [
        Row(unit=unit, method="net", seed=0, held_out_loss=0.2, columns={"as_recorded": {"auc": 1.0}}),
        Row(unit=unit, method="net", seed=1, held_out_loss=0.1, columns={"as_recorded": {"auc": 0.0}}),
        Row(unit=unit, method="memory", seed=0, columns={"as_recorded": {"auc": 0.0}}),
        Row(unit=unit, method="memory", seed=1, columns={"as_recorded": {"auc": 1.0}}),
    ]  # fmt: skip
    assert [(row.method, row.seed) for row in best_of(rows)] == [("net", 1), ("memory", 0)]
    paths = best_paths(Swept(rows=tuple(rows), failed=(), n_before=0))
    assert paths[unit, "net"].as_posix() == "best/net/best_c_fan_id_00.onnx"


def test_units_whose_names_run_into_one_keep_a_bundle_each(job, tmp_path):
    units = ("a/b_c/id_00", "a_b/c/id_00", "a/fan/id_00")
    sweep([job(unit) for unit in units], map=done())
    best = tmp_path / "out/best"
    kept = {path.relative_to(best).as_posix(): path.read_text() for path in best.rglob("*.onnx")}
    assert kept == {
        "a/b_c/best_a_b_c_id_00.onnx": "a/b_c/id_00 memory seed 0",
        "a_b/c/best_a_b_c_id_00.onnx": "a_b/c/id_00 memory seed 0",
        "best_a_fan_id_00.onnx": "a/fan/id_00 memory seed 0",
    }


def test_changed_recipes_and_data_are_refused_or_begun_anew(job, tmp_path):
    sweep([job(), job(seed=1)], map=done())
    changed = [job(budget_per_day=9.0), job(seed=1)]
    with pytest.raises(TrainingError, match=r"The recipe of c/fan/id_00 memory seed 0 .+ --fresh"):
        sweep(changed, map=done())
    with pytest.raises(TrainingError, match="The data of"):
        sweep([job(digest="2")], map=done())
    (tmp_path / "out/c/fan/id_00/memory/seed0/old").touch()
    again = done()
    assert sweep(changed, map=again, fresh=True).n_before == 1
    assert again.seen == [changed[0].name]
    assert not list(tmp_path.rglob("old"))


def test_what_was_swept_as_one_machine_and_is_two_is_told(tmp_path):
    root, out = tmp_path / "data", tmp_path / "out"
    for seed, hall in enumerate(("a/b", "a_b")):
        noise(root / hall / "fan/id_00/normal", 0, 1.5, seed=seed)
    methods = {"memory": Recipe(family="memory")}
    with pytest.raises(DatasetError, match=r"called a_b/fan/id_00: one lies in a/b/fan.+ a_b/fan"):
        jobs_of(root, methods, (0,), out)
    (root / "a_b").rename(root / "c")
    jobs = jobs_of(root, methods, (0,), out)
    sweep([replace(jobs[0], data="of both")], map=done())  # as it was before they were told apart
    with pytest.raises(TrainingError, match="The data of a_b/fan/id_00 memory seed 0 is no longer"):
        sweep(jobs, map=done())


def test_what_was_stopped_keeps_what_is_there(job):
    def stopped(function, jobs):
        yield next(iter(done()(function, jobs)))
        raise KeyboardInterrupt

    jobs = [job(seed=seed) for seed in range(3)]
    with pytest.raises(KeyboardInterrupt):
        sweep(jobs, map=stopped)
    assert sweep(jobs, map=done()).n_before == 1


@pytest.mark.parametrize("name", ["", "a/b", "..", "a:b"])
def test_a_name_that_no_folder_may_have_is_refused(name):
    with pytest.raises(RecipeError, match="Change name in the recipe"):
        check_method(name)


NET = {
    "family": "autoencoder",
    "audio": {"sample_rate_hz": 8000, "window_s": 0.5, "hop_s": 0.25},
    "model": {"form": "dense", "features": "log_mel", "n_bands": 16, "n_fft": 256},
    "training": {"epochs": 3, "batch_size": 16},
}


def killed_after_an_epoch(job, done):
    """Kill the only process that works as soon as its training has a state to go on from."""
    while not done.is_set():
        if list((job.folder / "state").rglob("last.*")):
            (process,) = multiprocessing.active_children()
            os.kill(process.pid, signal.SIGKILL)
            return
        time.sleep(0.002)


def test_a_training_that_is_killed_is_named_and_goes_on_to_the_same_table(machines, tmp_path):
    shutil.copytree(machines / "sim_6dB/fan", tmp_path / "data/c/fan")
    methods = {"net": from_dict(NET)[0], "memory": Recipe(family="memory")}
    jobs = jobs_of(tmp_path / "data", methods, (0,), tmp_path / "killed")
    done = threading.Event()
    killer = threading.Thread(target=killed_after_an_epoch, args=(jobs[0], done))
    killer.start()
    try:
        first = sweep(jobs, map=processes(1))
    finally:
        done.set()
        killer.join()
    (failed,) = first.failed
    assert (failed.method, failed.unit.name) == ("net", "c/fan/id_00")
    assert "was killed (SIGKILL)" in failed.error
    assert [row.method for row in first.rows] == ["memory"]
    again = sweep(jobs, map=in_turn)
    assert again.n_before == 1
    assert not again.failed
    # It went on from where it was, and came out where it would have without.
    log = [json.loads(line) for line in (jobs[0].folder / "run.jsonl").read_text().splitlines()]
    assert [one["resumed"] for one in log if one["event"] == "begin"] == [False, True]
    steps = [one["step"] for one in log if one["event"] == "metrics"]
    assert steps == sorted(set(steps))
    assert steps[-1] == 3
    calm = sweep(jobs_of(tmp_path / "data", methods, (0,), tmp_path / "calm"), map=in_turn)
    for here, there in zip(again.rows, calm.rows, strict=True):
        untimed = {"train_s": 0.0, "evaluate_s": 0.0}
        assert replace(here, **untimed) == replace(there, **untimed)


def noise(folder, name, seconds, *, seed, clicks=False):
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    samples = 0.05 * rng.normal(size=round(8000 * seconds))
    if clicks:
        samples[::500] += 0.8
    soundfile.write(folder / f"{name}.wav", samples, 8000)


@pytest.fixture
def poor(tmp_path):
    """Machines of which there is too little: three clips, nothing abnormal, nothing as long as a window, nothing that is sound."""
    root = tmp_path / "data/c"
    for unit, n, seconds in (("few", 3, 1.5), ("calm", 12, 1.5), ("short", 8, 0.3), ("text", 4, 1)):
        for number in range(n):
            noise(root / unit / "id_00/normal", number, seconds, seed=number)
        if unit != "calm":
            for number in range(2):
                abnormal = root / unit / "id_00/abnormal"
                noise(abnormal, number, seconds, seed=100 + number, clicks=True)
    for path in (root / "text/id_00/normal").iterdir():
        path.write_text("no sound")
    return root.parent


def test_machines_of_which_there_is_too_little(poor, tmp_path, monkeypatch):
    ours = {**families._OURS, "usual": "tests.training.normal_family:Usual"}
    monkeypatch.setattr(families, "_OURS", ours)
    plain = {**NET, "family": "usual", "model": {}, "training": {"epochs": 1}}
    jobs = jobs_of(poor, {"net": from_dict(plain)[0]}, (0,), tmp_path / "out")
    swept = sweep(jobs, map=in_turn)
    rows = {row.unit.machine: row for row in swept.rows}
    assert set(rows) == {"few", "calm"}
    # Of three clips one is learned from, one held out and one kept for the test.
    assert (rows["few"].n_learned, rows["few"].n_normal, rows["few"].n_anomaly) == (1, 1, 2)
    assert rows["few"].columns
    # Without anything abnormal there is a bundle, and nothing that it could be measured by.
    assert (rows["calm"].columns, rows["calm"].n_learned) == ({}, 10)
    assert load(tmp_path / "out" / rows["calm"].bundle).manifest.calibration is not None
    failed = {row.unit.machine: row.error for row in swept.failed}
    assert set(failed) == {"short", "text"}
    assert "0.wav, is 0.30 s long. Expected: one of at least 0.5 s" in failed["short"]
    assert not list(tmp_path.glob("out/*/short/**/bundle.onnx"))
    assert "None of the recordings of normal" in failed["text"]
    assert "0.wav can't be read as sound" in failed["text"]
