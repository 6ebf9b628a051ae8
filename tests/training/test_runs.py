import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.training.runs import LOG, flat, is_written, latest, line_of, read_run, runs_in


def write(folder, *lines, end="\n"):
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines)
    (folder / LOG).write_text(text + end, encoding="utf-8")
    return folder


def begin(time="2026-01-01T00:00:00", **values):
    return {"event": "begin", "time": time, "recipe": {"family": "x"}, **values}


def epoch(number, **values):
    return {"event": "metrics", "step": number, "epoch": number, "values": values}


END = {"event": "end", "status": "done", "seconds": 3.5, "summary": {"epochs": 2}}


def test_a_run_is_what_its_lines_say(tmp_path) -> None:
    write(
        tmp_path,
        begin(data={"sha256": "ab"}, git={"commit": "c", "dirty": False}, environment={"cpus": 2}),
        epoch(1, loss=2.0, held_out_loss=1.0),
        epoch(2, loss=1.0, held_out_loss=1.5),
        {"event": "artefact", "path": "a.onnx", "kind": "bundle", "sha256": "x"},
        {"event": "plot", "path": "p.png", "name": "p"},
        {"event": "something new", "value": 1},
        END,
    )
    run = read_run(tmp_path)
    assert (run.status, run.seconds, run.began) == ("done", 3.5, "2026-01-01T00:00:00")
    assert run.best == {"epoch": 1, "loss": 2.0, "held_out_loss": 1.0}
    assert run.artefacts == ({"path": "a.onnx", "kind": "bundle", "sha256": "x"},)
    assert run.plots == ({"path": "p.png", "name": "p"},)
    assert (run.data, run.environment) == ({"sha256": "ab"}, {"cpus": 2})
    assert json.dumps(run.to_dict())


def test_without_held_out_sound_the_last_epoch_is_the_best(tmp_path) -> None:
    run = read_run(write(tmp_path, begin(), epoch(1, loss=1.0), epoch(2, loss=2.0)))
    assert run.best["epoch"] == 2
    assert read_run(write(tmp_path, begin())).best == {}


def test_a_half_written_last_line_is_passed_over(tmp_path) -> None:
    run = read_run(write(tmp_path, begin(), epoch(1, loss=1.0), '{"event": "metr', end=""))
    assert (run.status, len(run.epochs)) == ("killed", 1)


@given(st.integers(0, 400))
def test_a_log_cut_off_anywhere_is_read(cut: int) -> None:
    whole = "\n".join(map(json.dumps, (begin(), epoch(1, loss=1.0), epoch(2, loss=2.0), END)))
    lines = [line for text in whole.encode()[:cut].split(b"\n") if (line := line_of(text))]
    assert len(latest(lines)) == len(lines) <= 4


def test_a_run_that_went_on_is_one(tmp_path) -> None:
    run = read_run(
        write(
            tmp_path,
            begin(resumed=False),
            epoch(1, loss=3.0),
            epoch(2, loss=2.5),
            {"event": "end", "status": "failed", "error": "x"},
            begin(time="2026-02-01", resumed=True, environment={"cpus": 4}),
            epoch(2, loss=2.0),
        )
    )
    assert (run.status, run.error, run.began) == ("killed", "", "2026-01-01T00:00:00")
    assert [one["loss"] for one in run.epochs] == [3.0, 2.0]
    assert run.environment == {"cpus": 4}


def test_a_run_that_began_anew_hides_the_one_before(tmp_path) -> None:
    run = read_run(write(tmp_path, begin(), epoch(1, loss=3.0), END, begin(resumed=False)))
    assert (run.status, run.epochs) == ("killed", ())


def test_runs_are_found_below_a_folder_the_newest_first(tmp_path) -> None:
    write(tmp_path / "a", begin(time="2026-01-01"))
    write(tmp_path / "b" / "fold1", begin(time="2026-01-03"))
    write(tmp_path / "c", begin(time="2026-01-02"))
    write(tmp_path / "broken", "no log at all")
    (tmp_path / "folder" / LOG).mkdir(parents=True)
    assert [one.folder.name for one in runs_in(tmp_path)] == ["fold1", "c", "a"]
    assert runs_in(tmp_path / "none") == ()


def test_what_a_tracker_said_is_read_where_it_can_be(tmp_path) -> None:
    write(tmp_path, begin())
    (tmp_path / "track").mkdir()
    (tmp_path / "track" / "mlflow.json").write_text('{"state": "told"}')
    (tmp_path / "track" / "clearml.json").write_text("{")
    assert read_run(tmp_path).trackers == {"mlflow": {"state": "told"}}


def test_a_log_is_written_while_its_lock_is_held(tmp_path) -> None:
    fcntl = pytest.importorskip("fcntl", reason="this system has no such locks")
    write(tmp_path, begin())
    assert not is_written(tmp_path / LOG)
    with (tmp_path / LOG).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert is_written(tmp_path / LOG)
        assert read_run(tmp_path).status == "running"


def test_settings_have_whole_names() -> None:
    assert dict(flat({"a": 1, "b": {"c": {"d": [2]}, "e": {}}})) == {"a": 1, "b.c.d": [2]}
