"""What a tracker is, and which there are."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

TRACKERS: Mapping[str, tuple[str, str]] = {
    "tensorboard": ("auscult.training.trackers.tensorboard", "TensorBoard"),
    "clearml": ("auscult.training.trackers.clearml", "ClearML"),
    "mlflow": ("auscult.training.trackers.mlflow", "MLflow"),
}
"""By name: the module whose class `Adapter` tells it, and what people call it."""


class Tracker(Protocol):
    """One who is told of a run. Any method may raise anything, hang, or end the process: it has one of its own.

    Parameters
    ----------
    folder
        Of the run.
    is_offline
        Nobody is to be asked over a network.
    """

    has_offline: bool
    """Without a server it keeps what it was told in files."""

    def __init__(self, folder: Path, *, is_offline: bool) -> None: ...

    def begin(self, name: str, settings: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
        """Take the recipe under whole names, and what else is known; say where the run is to be seen."""

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """Figures of an epoch."""

    def artefact(self, path: Path, kind: str) -> None:
        """A file that came of it."""

    def plot(self, name: str, path: Path) -> None:
        """A PNG."""

    def end(self, status: str, summary: Mapping[str, Any]) -> None:
        """How it ended: done, failed, stopped or killed. Nothing more comes."""
