"""The process that tells one tracker of one run: reads the log as it grows, and passes it on.

It is started with the folder and the tracker's name, and lives a little longer than the run: its input ends with the run's process,
whatever ended that. What it has reached stands in `track/NAME.json`, what its library says in `track/NAME.log`.
"""

import importlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Literal

from auscult.runtime.whole import write_whole
from auscult.training.runs import LOG, TOLD, Line, flat, latest, line_of, lines_of, told_by
from auscult.training.trackers.tracker import TRACKERS, Tracker

BEGIN_LIMIT_S = 15.0
"""For a tracker to answer at all; then it is given up, or told offline."""

END_LIMIT_S = 120.0
"""For what is left to tell when the run is over."""

_LOOK_EVERY_S = 0.5
_OFFLINE = "offline:"

State = Literal["starting", "telling", "offline", "told", "failed"]


@dataclass(frozen=True, kw_only=True)
class Told:
    """How far telling has come.

    Parameters
    ----------
    state
        `offline`: what was told is kept in files; `told`: everything arrived.
    where
        Where to see it.
    why
        Why it is offline, or failed.
    is_over
        Nothing more is going to be told.
    """

    state: State
    where: str = ""
    why: str = ""
    is_over: bool = False


Tell = Callable[[Told], None]


def deliver(
    tracker: Tracker, folder: Path, lines: Iterable[Line], *, tell: Tell, why_offline: str = ""
) -> Told:
    """Tell a tracker of a run, line by line; what it can't take is left out, and said at the end."""
    state: State = "offline" if why_offline else "telling"
    told = Told(state=state, why=why_offline)
    troubles: list[str] = []
    for line in lines:
        try:
            if line["event"] == "begin":
                told = Told(state=state, why=why_offline, where=_begin(tracker, folder, line))
                tell(told)
            else:
                _pass_on(tracker, folder, line)
        # Whatever a foreign library does ends here: this process is for that.
        except (Exception, SystemExit) as error:  # noqa: BLE001
            problem = f"{type(error).__name__}: {error}".partition("\n")[0][:300].rstrip(": ")
            if line["event"] == "begin":
                return Told(state="failed", why=problem, is_over=True)
            troubles.append(problem)
    problem = f"{troubles[0]} ({len(troubles)} times)" if troubles else ""
    if why_offline:
        return replace(told, why="; ".join(filter(None, (why_offline, problem))), is_over=True)
    return Told(state="failed" if problem else "told", where=told.where, why=problem, is_over=True)


def _begin(tracker: Tracker, folder: Path, line: Line) -> str:
    recipe = line.get("recipe") or {}
    data = line.get("data") or {}
    facts = {
        "data": {name: data.get(name) for name in ("sha256", "recordings", "seconds", "labels")},
        "environment": line.get("environment") or {},
        "git": line.get("git") or {},
    }
    name = f"{recipe.get('name') or recipe.get('family') or 'run'}: {folder.name}"
    return tracker.begin(name, dict(flat(recipe)), dict(flat(facts)))


def _pass_on(tracker: Tracker, folder: Path, line: Line) -> None:
    event = line["event"]
    if event == "metrics":
        found = {k: float(v) for k, v in line["values"].items() if v is not None}
        tracker.metrics(int(line["step"]), found)
    elif event == "artefact":
        tracker.artefact(folder / line["path"], line["kind"])
    elif event == "plot":
        tracker.plot(line["name"], folder / line["path"])
    elif event == "end":
        tracker.end(line["status"], line.get("summary") or {})


class Teller:
    """Writes down how far telling has come, and what the tracker's library says."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / TOLD / f"{name}.json"

    def __call__(self, told: Told) -> None:
        """Write it, whole."""
        self._path.parent.mkdir(exist_ok=True)
        write_whole(self._path, json.dumps(asdict(told), ensure_ascii=False).encode())

    def told(self) -> Told:
        """What was written last; a process that died without a word has failed."""
        found = told_by(self._path)
        return Told(**found) if found.get("is_over") else Told(state="failed", why="it died")

    def said(self) -> IO[bytes]:
        """For what the library says."""
        self._path.parent.mkdir(exist_ok=True)
        return self._path.with_suffix(".log").open("ab")


def send(folder: Path, name: str) -> Told | None:
    """Tell a tracker of a run that is over, in a process of its own as ever, and wait for it; `None` if there is no run."""
    if not whole_run(folder):
        return None
    tell = Teller(folder, name)
    with tell.said() as said:
        subprocess.run(  # noqa: S603 - this module, in this interpreter
            [sys.executable, "-P", "-m", __spec__.name, str(folder.resolve()), name],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            check=False,
        )
    return tell.told()


def whole_run(folder: Path) -> list[Line]:
    """The lines of a run that is over: one beginning, one end."""
    return _joined(latest(lines_of(folder / LOG))) or []


def growing_run(folder: Path, is_over: threading.Event) -> Iterator[Line]:
    """The lines of a run that is going on, as they come; it ends with the run, `killed` if that did not say how.

    Parameters
    ----------
    folder
        Of the run.
    is_over
        Set when the run's process is gone.
    """
    with (folder / LOG).open("rb") as file:
        content = file.read()
        rest = content[content.rfind(b"\n") + 1 :]
        present = [line for text in content.split(b"\n") if (line := line_of(text))]
        has_ended = False
        for line in _joined(latest(present), is_going_on=True):
            yield line
            has_ended = line["event"] == "end"
        while not has_ended:
            was_over = is_over.wait(_LOOK_EVERY_S)
            *texts, rest = (rest + file.read()).split(b"\n")
            for line in filter(None, map(line_of, texts)):
                yield line
                has_ended = line["event"] == "end"
            if was_over:
                break
    if not has_ended:
        yield {"event": "end", "status": "killed"}


def _joined(lines: list[Line], *, is_going_on: bool = False) -> list[Line]:
    """A run that was gone on with begins once and ends once."""
    begins = [number for number, line in enumerate(lines) if line["event"] == "begin"]
    if not begins:
        return []
    last = begins[-1]
    middle = [line for line in lines[:last] if line["event"] not in {"begin", "end"}]
    joined = [lines[last], *middle, *lines[last + 1 :]]
    if not is_going_on and joined[-1]["event"] != "end":
        joined.append({"event": "end", "status": "killed"})
    return joined


def adapter(name: str) -> type[Tracker]:
    """The class that tells a tracker."""
    found: type[Tracker] = importlib.import_module(TRACKERS[name][0]).Adapter
    return found


def main(folder: Path, name: str, why_offline: str = "") -> None:
    """What the process does; it ends in time, whatever the tracker does."""
    os.nice(10) if hasattr(os, "nice") else None
    tell = Teller(folder, name)
    has_begun, is_over = threading.Event(), threading.Event()
    kind = adapter(name)

    def without_server(why: str) -> None:
        """Begin anew in this process's place: a library that hangs can't be asked to stop."""
        if why_offline or not kind.has_offline:
            tell(Told(state="failed", why=why, is_over=True))
            os._exit(1)
        words = [sys.executable, "-P", "-m", __spec__.name, str(folder), name, _OFFLINE + why]
        os.execv(sys.executable, words)  # noqa: S606 - this module, in this interpreter

    def watch() -> None:
        if not has_begun.wait(BEGIN_LIMIT_S):
            without_server(f"it has not answered in {BEGIN_LIMIT_S:.0f} s")

    def see_the_end() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        is_over.set()
        time.sleep(END_LIMIT_S)
        why = f"it was not done {END_LIMIT_S:.0f} s after the run"
        tell(Told(state="failed", why=why, is_over=True))
        os._exit(1)

    def told_once(told: Told) -> None:
        has_begun.set()
        tell(told)

    tell(Told(state="starting"))
    for work in (watch, see_the_end):
        threading.Thread(target=work, daemon=True).start()
    tracker = kind(folder, is_offline=bool(why_offline))
    lines = growing_run(folder, is_over)
    told = deliver(tracker, folder, lines, tell=told_once, why_offline=why_offline)
    if not has_begun.is_set():
        without_server(told.why)
    tell(told)
    # Libraries that have more to say when Python ends had their time.
    sys.stdout.flush()
    os._exit(int(told.state == "failed"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], "".join(sys.argv[3:]).removeprefix(_OFFLINE))
