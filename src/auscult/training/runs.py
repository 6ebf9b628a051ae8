"""What run logs say: one run, or all below a folder."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

LOG, TOLD = "run.jsonl", "track"

Status = Literal["done", "failed", "stopped", "running", "killed"]
Line = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """One run, as its log has it.

    Parameters
    ----------
    folder
        Where it is.
    status
        How it ended; `killed` if it is over and its log does not say how.
    began
        Date and time, UTC.
    seconds
        How long it took; `None` while nobody knows.
    recipe, data, environment, git
        What it was made with.
    epochs
        Metrics, one mapping an epoch, with `epoch`.
    artefacts, plots
        Files that came of it, with their SHA-256.
    summary
        What was said at its end.
    error
        Why it failed.
    trackers
        What became of each tracker.
    """

    folder: Path
    status: Status
    began: str = ""
    seconds: float | None = None
    recipe: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    git: Mapping[str, Any] | None = None
    epochs: tuple[Mapping[str, float | None], ...] = ()
    artefacts: tuple[Mapping[str, Any], ...] = ()
    plots: tuple[Mapping[str, Any], ...] = ()
    summary: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    trackers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def best(self) -> Mapping[str, float | None]:
        """Metrics of the epoch with the least loss on what was held out; of the last where nothing was."""
        judged = [one for one in self.epochs if one.get("held_out_loss") is not None]
        if judged:
            return min(judged, key=lambda one: one["held_out_loss"] or 0.0)
        return self.epochs[-1] if self.epochs else {}

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(replace(self)) | {"folder": str(self.folder), "best": dict(self.best)}


def runs_in(folder: Path) -> tuple[RunRecord, ...]:
    """Every run in a folder and three levels below it, the newest first; what is no run log is left out."""
    logs = [log for depth in range(4) for log in folder.glob("*/" * depth + LOG)]
    found = [run for log in logs if (run := read_run(log.parent))]
    return tuple(sorted(found, key=lambda run: (run.began, str(run.folder)), reverse=True))


def read_run(folder: Path) -> RunRecord | None:
    """The latest run of a folder; `None` if there is none."""
    lines = latest(lines_of(folder / LOG))
    if not lines:
        return None
    begins = [line for line in lines if line["event"] == "begin"]
    ends = [line for line in lines[lines.index(begins[-1]) :] if line["event"] == "end"]
    end: Line = ends[-1] if ends else {}
    return RunRecord(
        folder=folder,
        status=end.get("status") or ("running" if is_written(folder / LOG) else "killed"),
        began=str(begins[0].get("time", "")),
        seconds=end.get("seconds"),
        recipe=begins[-1].get("recipe") or {},
        data=begins[-1].get("data") or {},
        environment=begins[-1].get("environment") or {},
        git=begins[-1].get("git"),
        epochs=_epochs(lines),
        artefacts=_files(lines, "artefact"),
        plots=_files(lines, "plot"),
        summary=end.get("summary") or {},
        error=str(end.get("error") or ""),
        trackers=_trackers(folder / TOLD),
    )


def lines_of(log: Path) -> list[Line]:
    """The lines of a log; what a kill or a full disk left half written is passed over."""
    try:
        content = log.read_bytes()
    except OSError:
        return []
    return [line for text in content.split(b"\n") if (line := line_of(text))]


def line_of(text: bytes) -> Line | None:
    """A line, if it is whole."""
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) and isinstance(line.get("event"), str) else None


def latest(lines: Iterable[Line]) -> list[Line]:
    """The lines of the latest run, with those of the runs that it went on from."""
    found: list[Line] = []
    for line in lines:
        if line["event"] == "begin" and not (line.get("resumed") and found):
            found = [line]
        elif found:
            found.append(line)
    return found


def is_written(log: Path) -> bool:
    """Whether a process is writing it: that one holds a lock, which the system takes back however it ends."""
    try:
        import fcntl

        with log.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except (ImportError, OSError):
        return False
    return False


def flat(plain: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    """Settings under their whole names.

    Examples
    --------
    >>> dict(flat({"family": "resnet", "training": {"epochs": 5}}))
    {'family': 'resnet', 'training.epochs': 5}
    """
    for name, value in plain.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{within}{name}.")
        else:
            yield f"{within}{name}", value


def _epochs(lines: Iterable[Line]) -> tuple[Mapping[str, float | None], ...]:
    """An epoch that was begun, killed and begun again counts as it was in the end."""
    found: dict[Any, Mapping[str, float | None]] = {}
    for line in lines:
        if line["event"] == "metrics" and isinstance(line.get("values"), dict):
            found[line.get("epoch")] = {"epoch": line.get("epoch"), **line["values"]}
    return tuple(found.values())


def _files(lines: Iterable[Line], event: str) -> tuple[Mapping[str, Any], ...]:
    found = {line.get("path"): line for line in lines if line["event"] == event}
    return tuple(
        {name: value for name, value in line.items() if name not in {"event", "time"}}
        for line in found.values()
    )


def _trackers(folder: Path) -> dict[str, Any]:
    return {file.stem: told for file in sorted(folder.glob("*.json")) if (told := told_by(file))}


def told_by(file: Path) -> dict[str, Any]:
    """What a tracker's process has said of itself last."""
    try:
        told = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
