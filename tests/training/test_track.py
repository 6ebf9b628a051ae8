import errno
import hashlib
import json
import math
import os
import signal
import subprocess
import sys
import textwrap
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from auscult.errors import MissingExtra, TrainingError
from auscult.recipe import Recipe, Track
from auscult.training.runs import LOG, lines_of, read_run
from auscult.training.track import open_run, runs_in
from auscult.training.trackers import courier

RECIPE = Recipe(family="resnet", name="fan")
DATA = {"sha256": "abc", "recordings": 3}


def opened(folder, *, resume=False, **trackers):
    recipe = Recipe(family="resnet", name="fan", track=Track(**trackers))
    return open_run(folder, recipe, data=DATA, resume=resume)


def test_all_that_is_worth_knowing_is_in_the_log(tmp_path) -> None:
    (tmp_path / "fan.onnx").write_bytes(b"abc")
    with opened(tmp_path) as run:
        run.metrics(step=1, epoch=1, loss=0.5, held_out_loss=0.6)
        run.artefact(tmp_path / "fan.onnx", "bundle")
        run.plot("confusion / all", b"\x89PNG")
        run.log("exported", parity={"score": np.float32(1e-6)}, path=Path("x"))
        run.close("done", best_epoch=0)
    found = read_run(tmp_path)
    assert (found.status, found.data, found.summary) == ("done", DATA, {"best_epoch": 0})
    assert found.recipe == RECIPE.to_dict()
    assert found.epochs == ({"epoch": 1, "loss": 0.5, "held_out_loss": 0.6},)
    assert found.environment["python"]
    digest = hashlib.sha256(b"abc").hexdigest()
    assert found.artefacts == (
        {"kind": "bundle", "path": "fan.onnx", "bytes": 3, "sha256": digest},
    )
    assert found.plots[0]["path"] == "plots/confusion___all.png"
    assert (tmp_path / "plots" / "confusion___all.png").read_bytes() == b"\x89PNG"
    exported = next(line for line in lines_of(tmp_path / LOG) if line["event"] == "exported")
    assert exported["path"] == "x"
    assert exported["parity"]["score"] == pytest.approx(1e-6)
    assert runs_in(tmp_path) == (found,)


def test_files_elsewhere_keep_their_whole_place(tmp_path) -> None:
    (tmp_path / "report.html").write_text("x")
    with opened(tmp_path / "run") as run:
        run.artefact(tmp_path / "report.html", "report")
    assert read_run(tmp_path / "run").artefacts[0]["path"] == str(tmp_path / "report.html")


def test_what_is_no_number_is_null(tmp_path) -> None:
    with opened(tmp_path) as run:
        run.metrics(step=1, epoch=1, loss=math.nan, held_out_loss=math.inf)
    assert read_run(tmp_path).epochs == ({"epoch": 1, "loss": None, "held_out_loss": None},)


def test_how_a_run_ends_is_written(tmp_path) -> None:
    with pytest.raises(TrainingError), opened(tmp_path) as run:
        raise TrainingError("The loss is no number.")
    assert read_run(tmp_path).status == "failed"
    assert read_run(tmp_path).error == "TrainingError: The loss is no number."
    with pytest.raises(KeyboardInterrupt), opened(tmp_path, resume=True):
        raise KeyboardInterrupt
    assert read_run(tmp_path).status == "stopped"
    run.close("done")
    assert read_run(tmp_path).status == "stopped"


def test_a_run_goes_on_after_what_a_kill_left(tmp_path) -> None:
    with opened(tmp_path) as run:
        run.metrics(step=1, epoch=1, loss=2.0)
    with (tmp_path / LOG).open("ab") as file:
        file.write(b'{"event": "metrics", "st')
    with opened(tmp_path, resume=True) as run:
        run.metrics(step=2, epoch=2, loss=1.0)
    assert [one["loss"] for one in read_run(tmp_path).epochs] == [2.0, 1.0]
    assert sum(line["event"] == "begin" for line in lines_of(tmp_path / LOG)) == 2


def test_a_killed_run_is_found_to_be_killed_and_all_before_is_there(tmp_path) -> None:
    program = """
        import sys, time
        from auscult.recipe import Recipe
        from auscult.training.track import open_run
        run = open_run(sys.argv[1], Recipe(family="x"), data={})
        for number in range(10**9):
            run.metrics(step=number, epoch=number, loss=1.0)
            print(number, flush=True)
            time.sleep(0.001)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), tmp_path], stdout=subprocess.PIPE
    )
    for _ in range(20):
        process.stdout.readline()
    assert read_run(tmp_path).status == "running"
    with pytest.raises(TrainingError, match=r"Another training is writing to .*Wait for it"):
        opened(tmp_path)
    process.send_signal(signal.SIGKILL)
    said = process.communicate()[0]
    found = read_run(tmp_path)
    assert found.status == "killed"
    assert len(found.epochs) >= 20 + len(said.splitlines())


def test_a_place_that_can_not_be_written_is_told(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TrainingError, match=r"run\.jsonl can't be written .*Choose another one"):
        opened(tmp_path / "file")


class Full:
    """A log on a full disk, which takes some bytes of the first line."""

    def __init__(self, file, takes):
        self.file, self.takes = file, takes

    def write(self, content):
        if not self.takes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken, self.takes = content[: self.takes], 0
        return self.file.write(taken)


@pytest.mark.parametrize("takes", [0, 9])
def test_a_full_disk_is_told_once_and_nothing_stops(tmp_path, takes: int) -> None:
    with opened(tmp_path) as run:
        file = run._file
        run._file = Full(file, takes)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            run.metrics(step=1, epoch=1, loss=1.0)
            run.metrics(step=2, epoch=2, loss=1.0)
        assert len(told) == 1
        assert "the log of this run has gaps. Make room." in str(told[0].message)
        run._file = file
        run.metrics(step=3, epoch=3, loss=1.0)
    assert [one["epoch"] for one in read_run(tmp_path).epochs] == [3]


def test_a_tracker_that_is_not_installed_is_told_before_anything_happens(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(courier, "find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match=r"ClearML needs .* pip install 'auscult\[clearml\]'"):
        opened(tmp_path / "run", clearml=True)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "does",
    [
        "time.sleep(600)",
        "raise SystemExit(3)",
        "raise RuntimeError('no server')",
        "os._exit(7)",
        "os.kill(os.getpid(), 9)",
        "while True: pass",
    ],
)
@pytest.mark.filterwarnings("ignore::auscult.errors.AuscultWarning")
def test_no_tracker_slows_or_stops_a_run(tmp_path, fake_clearml, does: str) -> None:
    fake_clearml(does)
    begin_s = time.monotonic()
    with opened(tmp_path / "run", clearml=True) as run:
        for number in range(50):
            run.metrics(step=number, epoch=number, loss=1.0)
    assert time.monotonic() - begin_s < 10.0  # the tracker takes ten minutes
    assert read_run(tmp_path / "run").status == "done"
    assert len(read_run(tmp_path / "run").epochs) == 50


def test_a_tracker_that_dies_is_told_once(tmp_path, fake_clearml) -> None:
    fake_clearml("os._exit(7)")
    with (
        warnings.catch_warnings(record=True) as told,
        opened(tmp_path / "run", clearml=True) as run,
    ):
        warnings.simplefilter("always")
        until_s = time.monotonic() + 60
        while not told and time.monotonic() < until_s:
            run.metrics(step=1, epoch=1, loss=1.0)
            time.sleep(0.05)
    assert len(told) == 1
    assert str(told[0].message) == (
        "ClearML is not told: its process ended with 7. Training goes on, and nothing is lost:"
        f" auscult track send {tmp_path / 'run'} --to clearml tells it later."
    )


def test_lines_are_json_each(tmp_path) -> None:
    with opened(tmp_path) as run:
        run.log("note", text="ü\n", by=None)
    lines = (tmp_path / LOG).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["begin", "note", "end"]
