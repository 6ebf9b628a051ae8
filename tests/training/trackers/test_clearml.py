import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from auscult.recipe import Recipe
from auscult.training.runs import told_by
from auscult.training.track import open_run


@pytest.fixture
def run(tmp_path):
    (tmp_path / "bundle.onnx").write_bytes(b"x")
    run = open_run(tmp_path / "run", Recipe(family="x"), data={})
    run.metrics(step=1, epoch=1, loss=0.5)
    run.artefact(tmp_path / "bundle.onnx", "bundle")
    run.artefact(tmp_path / "bundle.onnx", "report")
    run.plot("confusion", b"png")
    run.close("failed")
    return tmp_path / "run"


def tell(folder, **environment):
    return subprocess.run(
        [sys.executable, "-m", "auscult.training.trackers.deliver", folder, "clearml"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=os.environ | environment,
        timeout=60,
        check=False,
    )


def test_a_task_has_all_of_the_run_and_looks_at_nothing_else(run, fake_clearml) -> None:
    said = fake_clearml()
    assert tell(run).returncode == 0
    init, *calls = said()
    assert init[2] == {
        "project_name": "auscult",
        "task_name": "x: run",
        "reuse_last_task_id": False,
        "auto_connect_arg_parser": False,
        "auto_connect_frameworks": False,
        "auto_connect_streams": False,
        "auto_resource_monitoring": False,
    }
    assert [words[0] for words in calls] == [
        "connect",
        "connect",
        "get_logger",
        "report_scalar",
        "OutputModel",
        "update_weights",
        "upload_artifact",
        "report_image",
        "flush",
        "mark_failed",
        "close",
    ]
    assert calls[0][1]["training.epochs"] == 30
    assert calls[3][-1] == {"title": "loss", "series": "loss", "value": 0.5, "iteration": 1}


@pytest.mark.skipif(find_spec("clearml") is None, reason="ClearML is not installed")
def test_the_real_one_keeps_a_session_without_credentials(run, tmp_path) -> None:
    ended = tell(run, HOME=str(tmp_path), CLEARML_CONFIG_FILE=str(tmp_path / "none.conf"))
    assert ended.returncode == 0
    told = told_by(run / "track" / "clearml.json")
    assert told["state"] == "offline"
    assert list(tmp_path.rglob("offline-*.zip"))
