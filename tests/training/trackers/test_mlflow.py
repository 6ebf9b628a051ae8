import sqlite3
from contextlib import closing

import pytest

from auscult.recipe import Recipe
from auscult.training.track import open_run
from auscult.training.trackers import mlflow
from auscult.training.trackers.deliver import send


@pytest.fixture
def run(tmp_path):
    (tmp_path / "bundle.onnx").write_bytes(b"x")
    with open_run(tmp_path / "run", Recipe(family="x"), data={}) as run:
        run.metrics(step=1, epoch=1, loss=0.5)
        run.artefact(tmp_path / "bundle.onnx", "bundle")
        run.close("done", best_epoch=0)
    return tmp_path / "run"


def test_telemetry_is_off_and_patience_short_before_it_is_imported(tmp_path, monkeypatch) -> None:
    for name in ("MLFLOW_DISABLE_TELEMETRY", "MLFLOW_HTTP_REQUEST_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "9")
    mlflow.Adapter(tmp_path, is_offline=False)
    assert mlflow.os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert mlflow.os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "5"
    assert mlflow.os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] == "9"


def test_runs_are_kept_beside_their_folders(run, tmp_path, monkeypatch) -> None:
    pytest.importorskip("mlflow", reason="MLflow is not installed")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert send(run, "mlflow").state == "told"
    assert send(run, "mlflow").state == "told"
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as store:
        assert store.execute("SELECT key, value FROM metrics").fetchall() == [("loss", 0.5)] * 2
        assert store.execute("SELECT DISTINCT status FROM runs").fetchall() == [("FINISHED",)]
        keys = {key for (key,) in store.execute("SELECT key FROM params")}
    assert "training.epochs" in keys
    assert len(list((tmp_path / "mlflow-files").rglob("bundle.onnx"))) == 2
