"""`deploy/modal_app.py` without Modal: its functions are called here, as they would be there."""

import asyncio
import importlib.util
import subprocess
import sys
import warnings
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile

APP = Path(__file__).resolve().parents[2] / "deploy" / "modal_app.py"
pytestmark = pytest.mark.filterwarnings("ignore:.*is executing locally:UserWarning")

KEY = "a key that nobody guesses"
RECIPE = """
family: autoencoder
audio: {sample_rate_hz: 8000, window_s: 0.5, hop_s: 0.25}
model: {n_bands: 32, n_coefficients: 20, steps: 16, filters: [4, 4, 4]}
training: {epochs: 1, batch_size: 16, device: cpu}
"""


@pytest.fixture(scope="module")
def app():
    """The file as a module; it asks nobody when it is loaded."""
    pytest.importorskip("modal", reason="the extra `modal` is not installed")
    spec = importlib.util.spec_from_file_location("modal_app", APP)
    module = importlib.util.module_from_spec(spec)
    sys.modules["modal_app"] = module
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of the library's own making
        spec.loader.exec_module(module)
    yield module
    del sys.modules["modal_app"]


@pytest.fixture
def volume(tmp_path, monkeypatch):
    """What the volume would hold: twelve recordings of noise."""
    monkeypatch.setenv("AUSCULT_VOLUME", str(tmp_path))
    rng = np.random.default_rng(0)
    (tmp_path / "data" / "fan" / "normal").mkdir(parents=True)
    for number in range(12):
        samples = 0.05 * rng.normal(size=8000)
        soundfile.write(tmp_path / "data" / "fan" / "normal" / f"{number}.wav", samples, 8000)
    return tmp_path


def test_it_trains_and_serves_what_came_of_it(app, volume, monkeypatch):
    summary = app.train.local(RECIPE, "fan", "first")
    assert summary["epochs"] == 1
    bundle = volume / "runs" / "first" / "bundle.onnx"
    assert bundle.stat().st_size > 0

    monkeypatch.setenv("AUSCULT_KEYS", KEY)
    monkeypatch.setenv("AUSCULT_ALLOWED_HOSTS", "you--auscult-serve.modal.run")
    server = app.serve.local()

    async def ask():
        transport = httpx.ASGITransport(server)
        async with (
            server.router.lifespan_context(server),
            httpx.AsyncClient(
                transport=transport, base_url="https://you--auscult-serve.modal.run"
            ) as http,
        ):
            closed = await http.get("/api/bundles")
            opened = await http.get("/api/bundles", headers={"authorization": f"Bearer {KEY}"})
            return closed.status_code, opened.json()

    closed, opened = asyncio.run(ask())
    assert closed == 401
    assert [one["family"] for one in opened["bundles"]] == ["autoencoder"]
    assert opened["active"] == opened["bundles"][0]["id"]


def test_what_was_preempted_goes_on_and_what_fails_is_told(app, volume, monkeypatch):
    ran = []

    def refused(command, **options):
        ran.append(command)
        return subprocess.CompletedProcess(command, 2, stdout="")

    monkeypatch.setattr(app.subprocess, "run", refused)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="ended with 2"):
            app.train.local("family: nonsense", "fan", "second")
        (volume / "runs" / "second" / "state").mkdir(exist_ok=True)
    assert ["--resume" in command for command in ran] == [False, True]
    assert (volume / "runs" / "second" / "recipe.yaml").read_text() == "family: nonsense"


def test_a_server_without_keys_does_not_start(app, volume, monkeypatch):
    from auscult.errors import RecipeError

    monkeypatch.delenv("AUSCULT_KEYS", raising=False)
    with pytest.raises(RecipeError, match="key"):
        app.serve.local()
