"""The run's side of a tracker: start its process, let go of it, and say once what is wrong."""

import os
import subprocess
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path

from auscult.errors import AuscultWarning, MissingExtra
from auscult.recipe import Track
from auscult.training.runs import TOLD, told_by
from auscult.training.trackers.tracker import TRACKERS

_late: list[subprocess.Popen[bytes]] = []
"""Processes that are still telling when their run is over; known here, they are no zombies that Python would complain of."""


class Courier:
    """One who tells a tracker; see `auscult.training.trackers.deliver` for what the process does."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._process: subprocess.Popen[bytes] | None = None
        self._state = Path()
        self._has_told = False

    def start(self, folder: Path) -> None:
        """Begin telling from the log in a folder; a process that can't be started is told as trouble."""
        place = folder / TOLD
        self._state = place / f"{self.name}.json"
        try:
            place.mkdir(exist_ok=True)
            self._state.unlink(missing_ok=True)
            with (place / f"{self.name}.log").open("ab") as said:
                self._process = subprocess.Popen(  # noqa: S603 - this package, in this interpreter
                    [sys.executable, "-P", "-m", f"{__package__}.deliver", str(folder), self.name],
                    stdin=subprocess.PIPE,
                    stdout=said,
                    stderr=subprocess.STDOUT,
                    env=os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
                    start_new_session=True,  # Ctrl-C is for the training; this one is told of its end
                )
        except OSError as error:
            self._warn(f"could not be started ({error.strerror})")

    def let_go(self) -> None:
        """The end of its input is how the process learns that the run is over, or was killed."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    def wait(self, most_s: float) -> None:
        """A moment, in which most are done; the others go on alone."""
        if self._process is None:
            return
        try:
            self._process.wait(max(most_s, 0.0))
        except subprocess.TimeoutExpired:
            _late.append(self._process)

    def tell_trouble(self) -> None:
        """Warn if something is wrong, once."""
        if self._has_told or self._process is None:
            return
        told = told_by(self._state)
        state, why = told.get("state"), told.get("why", "")
        if state in {"offline", "failed"}:
            self._warn(f"{'can not be reached' if state == 'offline' else 'is not told'}: {why}")
        elif self._process.poll():
            self._warn(f"is not told: its process ended with {self._process.returncode}")

    def _warn(self, what: str) -> None:
        self._has_told = True
        folder = self._state.parent.parent
        warnings.warn(
            f"{TRACKERS[self.name][1]} {what}. Training goes on, and nothing is lost:"
            f" auscult track send {folder} --to {self.name} tells it later.",
            AuscultWarning,
            stacklevel=4,
        )


def couriers_for(track: Track) -> tuple[Courier, ...]:
    """One for each tracker that a recipe asks for.

    Raises
    ------
    MissingExtra
        If it is not installed.
    """
    wanted = [name for name in TRACKERS if getattr(track, name)]
    for name in wanted:
        need(name)
    return tuple(Courier(name) for name in wanted)


def need(name: str) -> None:
    """Make sure that a tracker is installed.

    Raises
    ------
    MissingExtra
        If it is not.
    """
    if find_spec(name) is None:
        raise MissingExtra(f"Tracking with {TRACKERS[name][1]}", name)
