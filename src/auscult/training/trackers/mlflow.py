"""MLflow: settings, curves, pictures and files of a run, in the experiment "auscult".

Where they go says `MLFLOW_TRACKING_URI`; without it, to `mlflow.db` and `mlflow-files/` beside the runs' folders, which
`mlflow ui --backend-store-uri sqlite:///runs/mlflow.db` shows.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

EXPERIMENT = "auscult"

_SWITCHES = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}

# A server that does not answer is given up in seconds, not in the minutes that MLflow would wait.
_PATIENCE = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "5", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"}

_LONGEST = 500
_STATUS = {"done": "FINISHED", "failed": "FAILED"}


class Adapter:
    """Tells MLflow through its client; nothing is logged by itself."""

    has_offline = False

    def __init__(self, folder: Path, *, is_offline: bool) -> None:
        del is_offline
        self._folder = folder
        os.environ.update(_SWITCHES)
        for name, value in _PATIENCE.items():
            os.environ.setdefault(name, value)

    def begin(self, name: str, settings: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
        """A run of its own for each run."""
        from mlflow import MlflowClient

        store = os.environ.get("MLFLOW_TRACKING_URI")
        place = store or f"sqlite:///{self._folder.parent / 'mlflow.db'}"
        self._client = MlflowClient(tracking_uri=place)
        experiment = self._client.get_experiment_by_name(EXPERIMENT)
        if experiment is not None:
            number = experiment.experiment_id
        else:
            files = None if store else (self._folder.parent / "mlflow-files").as_uri()
            number = self._client.create_experiment(EXPERIMENT, artifact_location=files)
        self._run = self._client.create_run(number, run_name=name).info.run_id
        for key, value in settings.items():
            self._client.log_param(self._run, key, str(value)[:_LONGEST])
        for key, value in facts.items():
            self._client.set_tag(self._run, key, str(value)[:_LONGEST])
        return f"{place} run {self._run}"

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """A curve for each."""
        for name, value in values.items():
            self._client.log_metric(self._run, name, value, step=step)

    def artefact(self, path: Path, kind: str) -> None:
        """A copy of it, under its kind."""
        self._client.log_artifact(self._run, str(path), kind)

    def plot(self, name: str, path: Path) -> None:
        """A copy of it, under plots."""
        del name
        self._client.log_artifact(self._run, str(path), "plots")

    def end(self, status: str, summary: Mapping[str, Any]) -> None:
        """Finished, failed or killed, as MLflow has it."""
        for name, value in summary.items():
            self._client.set_tag(self._run, name, str(value)[:_LONGEST])
        self._client.set_terminated(self._run, status=_STATUS.get(status, "KILLED"))
