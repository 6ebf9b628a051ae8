import json
import subprocess
import sys
import threading
import time

import pytest

from auscult.recipe import Recipe, Track
from auscult.training.runs import LOG, told_by
from auscult.training.track import open_run
from auscult.training.trackers import deliver as room
from auscult.training.trackers.deliver import Told, deliver, growing_run, send, whole_run

RECIPE = {"family": "x", "name": "fan", "training": {"epochs": 2}}
BEGIN = {"event": "begin", "recipe": RECIPE, "data": {"sha256": "ab"}, "git": None}
EPOCH = {"event": "metrics", "step": 1, "epoch": 1, "values": {"loss": 0.5, "held_out_loss": None}}
END = {"event": "end", "status": "done", "summary": {"epochs": 1}}


class Notebook:
    """Writes down what it is told, and fails where it is asked to."""

    has_offline = False

    def __init__(self, fails=()):
        self.pages, self.fails = [], fails

    def _note(self, *words):
        self.pages.append(words)
        if words[0] in self.fails:
            raise ConnectionError(f"no {words[0]}\nand more")

    def begin(self, name, settings, facts):
        self._note("begin", name, settings, facts)
        return "here"

    def metrics(self, step, values):
        self._note("metrics", step, values)

    def artefact(self, path, kind):
        self._note("artefact", path, kind)

    def plot(self, name, path):
        self._note("plot", name, path)

    def end(self, status, summary):
        self._note("end", status, summary)


def test_a_run_is_told_in_order(tmp_path) -> None:
    book, told = Notebook(), []
    lines = [
        BEGIN,
        EPOCH,
        {"event": "exported", "parity": {}},
        {"event": "artefact", "path": "a.onnx", "kind": "bundle"},
        {"event": "plot", "path": "plots/p.png", "name": "p"},
        END,
    ]
    found = deliver(book, tmp_path / "first", lines, tell=told.append)
    assert found == Told(state="told", where="here", is_over=True)
    assert told == [Told(state="telling", where="here")]
    (_, name, settings, facts), *rest = book.pages
    assert name == "fan: first"
    assert settings == {"family": "x", "name": "fan", "training.epochs": 2}
    assert facts["data.sha256"] == "ab"
    assert rest == [
        ("metrics", 1, {"loss": 0.5}),
        ("artefact", tmp_path / "first" / "a.onnx", "bundle"),
        ("plot", "p", tmp_path / "first" / "plots" / "p.png"),
        ("end", "done", {"epochs": 1}),
    ]


def test_what_fails_is_left_out_and_said(tmp_path) -> None:
    book = Notebook(fails={"metrics"})
    found = deliver(book, tmp_path, [BEGIN, EPOCH, EPOCH, END], tell=lambda _: None)
    assert (found.state, found.where) == ("failed", "here")
    assert found.why == "ConnectionError: no metrics (2 times)"
    assert book.pages[-1][0] == "end"


def test_without_a_beginning_nothing_is_told(tmp_path) -> None:
    book = Notebook(fails={"begin"})
    found = deliver(book, tmp_path, [BEGIN, EPOCH, END], tell=lambda _: None)
    assert found == Told(state="failed", why="ConnectionError: no begin", is_over=True)
    assert len(book.pages) == 1


def test_offline_stays_offline(tmp_path) -> None:
    found = deliver(Notebook(), tmp_path, [BEGIN, END], tell=lambda _: None, why_offline="no keys")
    assert found == Told(state="offline", where="here", why="no keys", is_over=True)
    book = Notebook(fails={"end"})
    found = deliver(book, tmp_path, [BEGIN, END], tell=lambda _: None, why_offline="no keys")
    assert found.why == "no keys; ConnectionError: no end (1 times)"


def write(folder, *lines):
    with (folder / LOG).open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)


def events(lines):
    return [line["event"] for line in lines]


def test_a_run_that_went_on_is_told_as_one(tmp_path) -> None:
    write(tmp_path, BEGIN, END, BEGIN | {"resumed": False}, EPOCH, END, BEGIN | {"resumed": True})
    assert events(whole_run(tmp_path)) == ["begin", "metrics", "end"]
    assert whole_run(tmp_path)[-1]["status"] == "killed"
    write(tmp_path, EPOCH, END)
    assert events(whole_run(tmp_path)) == ["begin", "metrics", "metrics", "end"]
    assert whole_run(tmp_path)[-1]["status"] == "done"


def test_a_folder_without_a_run_has_nothing_to_tell(tmp_path) -> None:
    assert whole_run(tmp_path) == []
    assert send(tmp_path, "tensorboard") is None


def test_lines_are_told_as_they_come(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(room, "_LOOK_EVERY_S", 0.001)
    write(tmp_path, BEGIN | {"resumed": True}, EPOCH)
    lines = growing_run(tmp_path, threading.Event())
    assert events([next(lines), next(lines)]) == ["begin", "metrics"]
    with (tmp_path / LOG).open("a") as file:
        file.write(json.dumps(EPOCH)[:9])
    later = threading.Timer(0.02, lambda: write(tmp_path, {}, EPOCH, END))
    later.start()
    assert events(lines) == ["metrics", "end"]
    later.join()


def test_a_run_that_is_gone_without_a_word_was_killed(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(room, "_LOOK_EVERY_S", 0.001)
    write(tmp_path, BEGIN, EPOCH)
    is_over = threading.Event()
    is_over.set()
    *_, last = growing_run(tmp_path, is_over)
    assert last == {"event": "end", "status": "killed"}


# The process itself


def process(folder, *, begin_limit_s=15.0, end_limit_s=120.0):
    program = (
        "import sys, pathlib; from auscult.training.trackers import deliver as d;"
        f"d.BEGIN_LIMIT_S, d.END_LIMIT_S = {begin_limit_s}, {end_limit_s};"
        "d.main(pathlib.Path(sys.argv[1]), 'clearml')"
    )
    return subprocess.run(
        [sys.executable, "-c", program, folder],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def finished(tmp_path):
    """A run that is over."""
    with open_run(tmp_path / "run", Recipe(family="x"), data={}) as run:
        run.metrics(step=1, epoch=1, loss=0.5)
    return tmp_path / "run"


def state_of(folder):
    return told_by(folder / "track" / "clearml.json")


def test_the_process_tells_everything_and_ends(finished, fake_clearml) -> None:
    said = fake_clearml()
    assert process(finished).returncode == 0
    assert state_of(finished)["state"] == "told"
    assert state_of(finished)["where"] == "http://server/task"
    assert [words[0] for words in said()][:2] == ["init", "connect"]


@pytest.mark.parametrize(
    ("does", "limit_s", "why"),
    [
        ("time.sleep(600)", 0.3, "it has not answered in 0 s"),
        ("raise ValueError('no credentials')", 100.0, "ValueError: no credentials"),
        ("raise SystemExit()", 100.0, "SystemExit"),
    ],
)
def test_without_a_server_it_begins_anew_offline(
    finished, fake_clearml, does: str, limit_s: float, why: str
) -> None:
    said = fake_clearml(does)
    assert process(finished, begin_limit_s=limit_s).returncode == 0
    assert state_of(finished) == {
        "state": "offline",
        "where": "/offline/folder",
        "why": why,
        "is_over": True,
    }
    assert [words[1] for words in said() if words[0] == "init"] == [False, True]


def test_it_ends_in_time_after_the_run(finished, fake_clearml) -> None:
    fake_clearml("Task.flush = lambda *_, **__: time.sleep(600)")
    begin_s = time.monotonic()
    assert process(finished, end_limit_s=0.5).returncode == 1
    assert time.monotonic() - begin_s < 60
    assert state_of(finished)["why"] == "it was not done 0 s after the run"


def test_a_run_is_told_while_it_goes_on(tmp_path, fake_clearml) -> None:
    said = fake_clearml()
    recipe = Recipe(family="x", track=Track(clearml=True))
    with open_run(tmp_path / "run", recipe, data={}) as run:
        run.metrics(step=1, epoch=1, loss=0.5)
        until_s = time.monotonic() + 60
        while not (tmp_path / "said.jsonl").exists() or "report_scalar" not in str(said()):
            assert time.monotonic() < until_s
            time.sleep(0.02)
        (couriers,) = run._couriers
    assert couriers._process.wait(60) == 0
    assert state_of(tmp_path / "run")["state"] == "told"
    assert said()[-1][0] == "close"
