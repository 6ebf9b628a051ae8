"""ClearML: settings, curves, pictures, models and files of a run, as a task of the project "auscult".

Credentials are ClearML's own: `auscult track setup clearml`, its configuration file, or its environment variables. Without them, or
without a server that answers, the task is kept offline, in a ZIP file that ClearML can import.
"""

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

PROJECT = "auscult"

# Reports leave after a second: the end of a task waits for as long. A second process of ClearML's own, forked from this one with its
# threads, now and then waits for ever.
_SWITCHES = {
    "CLEARML__SDK__DEVELOPMENT__REPORT_USE_SUBPROCESS": "false",
    "CLEARML__SDK__DEVELOPMENT__WORKER__REPORT_PERIOD_SEC": "1",
    "CLEARML__SDK__DEVELOPMENT__STORE_UNCOMMITTED_CODE_DIFF": "false",
    "CLEARML__SDK__DEVELOPMENT__DETECT_WITH_PIP_FREEZE": "false",
    "CLEARML_SUPPRESS_UPDATE_MESSAGE": "1",
}


class Adapter:
    """Tells ClearML; it listens to nothing by itself: no frameworks, no arguments, no output, no machine."""

    has_offline = True

    def __init__(self, folder: Path, *, is_offline: bool) -> None:
        self._folder = folder
        self._is_offline = is_offline
        os.environ.update(_SWITCHES)
        if is_offline:
            os.environ["CLEARML_OFFLINE_MODE"] = "1"
        _ask_for_no_updates()

    def begin(self, name: str, settings: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
        """A task of its own for each run."""
        from clearml import Task

        # It looks at how the program was called, and there is nothing for it to see.
        sys.argv = sys.argv[:1]
        self._task = Task.init(
            project_name=PROJECT,
            task_name=name,
            reuse_last_task_id=False,
            auto_connect_arg_parser=False,
            auto_connect_frameworks=False,
            auto_connect_streams=False,
            auto_resource_monitoring=False,
        )
        self._task.connect(dict(settings), name="recipe")
        self._task.connect(dict(facts), name="run")
        self._logger = self._task.get_logger()
        if self._is_offline:
            return str(self._task.get_offline_mode_folder())
        return str(self._task.get_output_log_web_page())

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """A curve for each."""
        for name, value in values.items():
            self._logger.report_scalar(title=name, series=name, value=value, iteration=step)

    def artefact(self, path: Path, kind: str) -> None:
        """A bundle becomes a model, everything else an artefact; offline ClearML has no models."""
        if kind == "bundle" and not self._is_offline:
            from clearml import OutputModel

            model = OutputModel(task=self._task, name=path.stem, framework="ONNX")
            model.update_weights(
                weights_filename=str(path), auto_delete_file=False, async_enable=False
            )
        else:
            self._task.upload_artifact(name=kind, artifact_object=str(path), wait_on_upload=True)

    def plot(self, name: str, path: Path) -> None:
        """A picture among the debug samples."""
        self._logger.report_image(title=name, series=name, local_path=str(path), iteration=0)

    def end(self, status: str, summary: Mapping[str, Any]) -> None:
        """Done, failed or stopped, as ClearML has it."""
        for name, value in summary.items():
            if isinstance(value, int | float):
                self._logger.report_single_value(name, value)
        self._task.flush(wait_for_uploads=True)
        if status == "failed" and not self._is_offline:
            self._task.mark_failed(force=True)
        elif status in {"stopped", "killed"} and not self._is_offline:
            self._task.mark_stopped(force=True, status_message=status)
        self._task.close()


def _ask_for_no_updates() -> None:
    """ClearML asks its maker's server for newer versions even offline; this is the only switch, and no promise of its interface."""
    with suppress(ImportError, AttributeError):  # another version has none of it
        from clearml.utilities.check_updates import CheckPackageUpdates

        CheckPackageUpdates._package_version_checked = True  # noqa: SLF001
