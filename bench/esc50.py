"""ESC-50: fifty kinds of everyday sound, each fold tested by a bundle that has not heard it.

Cross-validated over the folds that are there, by recording; the epoch is chosen on a part of the training folds that is held out. What is
evaluated is the exported bundle. Needs AUSCULT_DATA with `esc50_16k` and `models`. Ends with 1 where a goal is missed.

    python bench/esc50.py                    both embedders
    python bench/esc50.py --only mn04        one of them
    python bench/esc50.py --resnet-minutes 30    a residual network from nothing, for as long as one has
"""

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev

from rich.console import Console
from rich.table import Table

from auscult.evaluation.evaluate import evaluate
from auscult.models.pretrained import fetch
from auscult.recipe import Recipe, read_recipe, with_settings
from auscult.runtime.scorer import Scorer
from auscult.training.folds import units_of
from auscult.training.train import train
from machine import machine_line

HERE = Path(__file__).parent
DATA = Path(os.environ.get("AUSCULT_DATA", HERE.parent.parent / "shared" / "data"))
GOALS = {"mn04": 0.92, "yamnet": 0.82}
WEIGHTS = {"mn04": "*mn04*.pt", "yamnet": "*yamnet*.tflite"}
ERR = Console(stderr=True)


def transfer(embedder: str) -> Recipe:
    recipe, _ = read_recipe(HERE.parent / "recipes" / "transfer.yaml")
    return with_settings(
        recipe,
        [
            f"model.embedder={embedder}",
            "audio.window_s=5.0",
            "audio.hop_s=5.0",
            f"data.path={json.dumps(str(DATA))}",
            f"data.labels={json.dumps(labels())}",
        ],
    )


def labels() -> list[str]:
    table = (DATA / "esc50.csv").read_text(encoding="utf-8").splitlines()[1:]
    return sorted({line.split(",")[3] for line in table})


def fold(recipe: Recipe, unit: str, out: Path) -> dict[str, float]:
    begin = time.monotonic()
    done = train(recipe, out=out / unit, folds=(unit,))
    trained_s = time.monotonic() - begin
    found = evaluate(Scorer(done.bundle), done.test, bootstrap=100).classes
    assert found is not None
    ERR.print(f"{unit}: {found.accuracy:.1%} in {trained_s:.0f} s")
    return {"accuracy": found.accuracy, "seconds": trained_s, "epochs": len(done.outcome.epochs)}


def cross_validated(recipe: Recipe, out: Path) -> list[dict[str, float]]:
    return [fold(recipe, unit, out) for unit in units_of(recipe)]


def resnet(minutes: float) -> Recipe:
    recipe, _ = read_recipe(HERE.parent / "recipes" / "resnet.yaml")
    plain = with_settings(
        recipe,
        [
            "audio.sample_rate_hz=16000",
            f"data.path={json.dumps(str(DATA))}",
            f"data.labels={json.dumps(labels())}",
            "training.threads=2",
        ],
    )
    # As many epochs as fit: about a minute and a half for each on two cores.
    epochs = max(round(minutes / 1.5), 1)
    return replace(plain, training=replace(plain.training, epochs=epochs, patience=0))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--only", choices=tuple(GOALS))
    parser.add_argument("--resnet-minutes", type=float, default=0.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not (DATA / "esc50_16k").is_dir():
        ERR.print(f"Left out: {DATA} has no esc50_16k. Set AUSCULT_DATA.")
        return 0
    rows: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AUSCULT_CACHE"] = f"{folder}/cache"
        for embedder in [options.only] if options.only else list(GOALS):
            source = next((DATA / "models").rglob(WEIGHTS[embedder]))
            fetch(embedder, source=source)
            rows[embedder] = cross_validated(transfer(embedder), Path(folder) / embedder)
        if options.resnet_minutes:
            recipe = resnet(options.resnet_minutes)
            rows["resnet from nothing, fold 4"] = [fold(recipe, "fold4", Path(folder) / "resnet")]
    if options.json:
        print(json.dumps(rows))
    else:
        console = Console(width=None if sys.stdout.isatty() else 150, highlight=False)
        console.print(machine_line())
        console.print(table_of(rows))
    missed = [name for name, goal in GOALS.items() if name in rows and accuracy(rows[name]) < goal]
    return int(bool(missed))


def accuracy(folds: list[dict[str, float]]) -> float:
    return mean(one["accuracy"] for one in folds)


def table_of(rows: dict[str, list[dict[str, float]]]) -> Table:
    table = Table(title="ESC-50, each fold tested by a bundle that has not heard it")
    for heading in ("network", "accuracy", "sd of folds", "folds", "epochs", "s a fold", "goal"):
        table.add_column(heading, justify="left" if heading == "network" else "right")
    for name, folds in rows.items():
        each = [one["accuracy"] for one in folds]
        table.add_row(
            name,
            f"{mean(each):.1%}",
            f"{stdev(each):.1%}" if len(each) > 1 else "",
            " ".join(f"{one:.1%}" for one in each),
            f"{mean(one['epochs'] for one in folds):.0f}",
            f"{mean(one['seconds'] for one in folds):.0f}",
            f"{GOALS[name]:.0%}" if name in GOALS else "",
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
