"""The run log: `run.jsonl` in the folder of a run, a line an event, whole whatever happens to the process.

Trackers are told from the log, each by a process of its own (`auscult.training.trackers`): whatever one of them does, training waits for
none.
"""

import hashlib
import json
import math
import os
import time
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from auscult.errors import AuscultWarning, TrainingError
from auscult.recipe import Recipe
from auscult.runtime.whole import write_whole
from auscult.training.about import environment, git_state
from auscult.training.runs import LOG, RunRecord, runs_in
from auscult.training.trackers.courier import Courier, couriers_for

__all__ = ["Run", "RunRecord", "open_run", "runs_in"]

FORMAT = 1

Ended = Literal["done", "failed", "stopped"]

_WAIT_S = 0.5
_BLOCK = 1 << 20


def open_run(
    folder: str | Path, recipe: Recipe, *, data: Mapping[str, Any], resume: bool = False
) -> "Run":
    """Begin a run, or go on with the one in a folder.

    Parameters
    ----------
    folder
        Of the run; an earlier run that is not gone on with stays in the log, and counts no more.
    recipe
        What is trained; its `track` says which trackers are told.
    data
        The data's fingerprint, and what else is worth knowing of it.
    resume
        It goes on.

    Raises
    ------
    MissingExtra
        If a tracker is not installed.
    TrainingError
        If the log can't be written, or another process is writing it.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with open_run(folder, Recipe(family="resnet"), data={"recordings": 3}) as run:
    ...         run.metrics(step=1, epoch=1, loss=0.5)
    ...     runs_in(Path(folder))[0].status
    'done'
    """
    folder = Path(folder).resolve()
    couriers = couriers_for(recipe.track)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / LOG).open("ab", buffering=0)
    except OSError as error:
        raise TrainingError(
            f"{folder / LOG} can't be written ({error.strerror}).",
            "a folder that may be written to",
            "Choose another one with -o.",
        ) from None
    _claim(file, folder)
    run = Run(folder, file, couriers)
    run.log(
        "begin",
        format=FORMAT,
        resumed=resume,
        recipe=recipe.to_dict(),
        data=dict(data),
        environment=environment(),
        git=git_state(Path.cwd()),
    )
    for courier in couriers:
        courier.start(folder)
    return run


class Run:
    """A run that is going on; as a context it ends as its block does.

    Parameters
    ----------
    folder
        Where it is.
    file
        Its log, open for appending.
    couriers
        Those who tell trackers.
    """

    def __init__(self, folder: Path, file: FileIO, couriers: tuple[Courier, ...] = ()) -> None:
        self.folder = folder
        self._file = file
        self._couriers = couriers
        self._began_s = time.monotonic()
        self._is_whole = _ends_whole(folder / LOG)
        self._is_closed = False
        self._has_gaps = False

    def log(self, event: str, **values: Any) -> None:
        """Write one line; a full disk is told once, and training goes on."""
        line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event}
        text = json.dumps(_plain(line | values), ensure_ascii=False).encode()
        # What a kill left half written must not swallow the line after it.
        content = (b"" if self._is_whole else b"\n") + text + b"\n"
        try:
            self._is_whole = self._file.write(content) == len(content)
        except OSError as error:
            self._is_whole = False
            self._warn_of_gaps(error.strerror)
        else:
            if not self._is_whole:
                self._warn_of_gaps("the disk is full")

    def metrics(self, step: int, epoch: int, **values: float) -> None:
        """Figures of an epoch, or of a step in it; what is no finite number is null."""
        self.log("metrics", step=step, epoch=epoch, values=values)
        for courier in self._couriers:
            courier.tell_trouble()

    def artefact(self, path: str | Path, kind: str) -> None:
        """A file that came of the run: `bundle`, `report`, `weights` …; its SHA-256 is kept."""
        path = Path(path)
        self.log("artefact", kind=kind, **self._file_facts(path))

    def plot(self, name: str, figure_png: bytes) -> None:
        """A picture, written to `plots/` in the folder of the run."""
        place = self.folder / "plots" / f"{_file_name(name)}.png"
        place.parent.mkdir(exist_ok=True)
        write_whole(place, figure_png)
        self.log("plot", name=name, **self._file_facts(place))

    def close(self, status: Ended = "done", *, error: str = "", **summary: Any) -> None:
        """End it; trackers that have not been told everything by then are told without it."""
        if self._is_closed:
            return
        self._is_closed = True
        seconds = round(time.monotonic() - self._began_s, 3)
        self.log("end", status=status, seconds=seconds, error=error, summary=summary)
        self._file.close()
        until_s = time.monotonic() + _WAIT_S
        for courier in self._couriers:
            courier.let_go()
        for courier in self._couriers:
            courier.wait(until_s - time.monotonic())
            courier.tell_trouble()

    def _warn_of_gaps(self, why: str | None) -> None:
        if self._has_gaps:
            return
        self._has_gaps = True
        warnings.warn(
            f"{self.folder / LOG} can't be written to ({why}): the log of this run has gaps. Make room.",
            AuscultWarning,
            stacklevel=3,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is None:
            self.close("done")
        elif isinstance(error, KeyboardInterrupt):
            self.close("stopped")
        else:
            self.close("failed", error=f"{type(error).__name__}: {error}"[:2000])

    def _file_facts(self, path: Path) -> dict[str, Any]:
        resolved = path.resolve()
        is_inside = resolved.is_relative_to(self.folder)
        shown = resolved.relative_to(self.folder) if is_inside else resolved
        return {
            "path": shown.as_posix(),
            "bytes": resolved.stat().st_size,
            "sha256": _sha256(resolved),
        }


def _claim(file: FileIO, folder: Path) -> None:
    """A lock that the system takes back when the process ends, however it ends."""
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise TrainingError(
            f"Another training is writing to {folder}.",
            "a folder for each training",
            "Wait for it, or choose another folder with -o.",
        ) from None
    except (ImportError, OSError):
        pass  # Windows, and some network drives, have no such locks: nobody is asked then.


def _ends_whole(log: Path) -> bool:
    with log.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _plain(value: Any) -> Any:
    """As JSON knows it: infinity and what is no number are null, paths are words."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "item"):  # a number of NumPy or PyTorch
        return _plain(value.item())
    return value if isinstance(value, bool | int | str | None) else str(value)


def _file_name(name: str) -> str:
    """A name that every file system takes."""
    return "".join(one if one.isalnum() or one in "-_" else "_" for one in name)[:100] or "plot"


def _sha256(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()
