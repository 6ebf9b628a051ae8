"""Train on a GPU that is rented by the second, and serve what came of it: Auscult on Modal (https://modal.com).

One volume holds all of it: recordings under `data/`, trainings under `runs/`, what the server keeps under `server/`.

    modal secret create auscult AUSCULT_KEYS=... AUSCULT_ALLOWED_HOSTS=YOU--auscult-serve.modal.run
    modal volume put auscult recordings/ data/fan
    auscult recipes autoencoder > fan.yaml
    modal run deploy/modal_app.py --recipe fan.yaml --data fan --name fan
    modal deploy deploy/modal_app.py

Training that is preempted goes on where its last epoch ended. The server keeps its events in a SQLite file, so there is one
of it and never two.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import modal

VOLUME = "/volume"
SOURCES = "/src"
GPU = "L4"
HOURS = 6

_LEFT_OUT = [".venv", ".git", "**/node_modules", "**/__pycache__", "tests", "docs", "runs", "demo"]

volume = modal.Volume.from_name("auscult", create_if_missing=True)
app = modal.App("auscult")


def _image(extras: str) -> modal.Image:
    """The checkout beside this file, installed with some extras; in the cloud there is none, and nothing is built."""
    image = modal.Image.debian_slim(python_version="3.12")
    if modal.is_local():
        checkout = Path(__file__).resolve().parent.parent
        image = image.add_local_dir(checkout, SOURCES, copy=True, ignore=_LEFT_OUT)
    return image.run_commands(f"python -m pip install --no-cache-dir '{SOURCES}[{extras}]'")


def _folder() -> Path:
    """The volume; another folder where one tries it here."""
    return Path(os.environ.get("AUSCULT_VOLUME", VOLUME))


@app.function(
    image=_image("train"),
    gpu=GPU,
    volumes={VOLUME: volume},
    timeout=HOURS * 3600,
    retries=2,
)
def train(recipe: str, data: str, name: str) -> dict[str, Any]:
    """Train as a recipe says.

    Parameters
    ----------
    recipe
        The text of a recipe.
    data
        Where the recordings are, below `data/` of the volume.
    name
        What to call it: it is written to `runs/NAME` of the volume.

    Returns
    -------
    summary
        What `auscult train --json` prints.
    """
    place = _folder() / "runs" / name
    place.mkdir(parents=True, exist_ok=True)
    (place / "recipe.yaml").write_text(recipe, encoding="utf-8")
    command = [sys.executable, "-m", "auscult", "train", str(place / "recipe.yaml"), "--json"]
    command += ["--data", str(_folder() / "data" / data), "-o", str(place)]
    if (place / "state").is_dir():
        command.append("--resume")
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if not modal.is_local():
        volume.commit()
    # 3: some recordings were of no use, and are named in the summary.
    if done.returncode not in (0, 3):
        raise RuntimeError(f"auscult train ended with {done.returncode}: see what it said above")
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


@app.function(
    image=_image("server,streams"),
    volumes={VOLUME: volume},
    secrets=[modal.Secret.from_name("auscult")],
    max_containers=1,
    scaledown_window=20 * 60,
    timeout=24 * 3600,
)
@modal.concurrent(max_inputs=1000)
@modal.asgi_app()
def serve() -> Any:
    """The server and its page: what was trained can be chosen in it, and the first one judges.

    Keys and the names that it answers to come from the secret `auscult`, as `AUSCULT_KEYS` and `AUSCULT_ALLOWED_HOSTS`.
    """
    from auscult.server.app import create_app
    from auscult.server.settings import settings_from

    place = _folder()
    bundles = tuple(sorted((place / "runs").glob("*/bundle.onnx")))
    return create_app(settings_from(host="0.0.0.0", data_dir=place / "server", bundles=bundles))


@app.local_entrypoint()
def main(recipe: str, data: str, name: str) -> None:
    """Train from here: `modal run deploy/modal_app.py --recipe … --data … --name …`."""
    summary = train.remote(Path(recipe).read_text(encoding="utf-8"), data, name)
    sys.stdout.write(json.dumps(summary, indent=2) + "\n")
