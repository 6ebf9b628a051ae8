import json
import shutil

import pytest

from auscult.errors import DatasetError, RecipeError, TrainingError
from auscult.recipe import Recipe
from auscult.training.sweeping.job import ASKED, BUNDLE, ROW, Row
from auscult.training.sweeping.sweep import best_of, best_path, check_method, jobs_of, sweep


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
    assert len(names) == 8
    assert names[:3] == [
        "sim_6dB/fan/id_00 memory seed 0",
        "sim_6dB/fan/id_00 memory seed 1",
        "sim_6dB/fan/id_00 net seed 0",
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
    assert best_path(rows[0], 2).as_posix() == "best/net/best_c_fan_id_00.onnx"


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
