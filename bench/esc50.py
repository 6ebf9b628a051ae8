"""ESC-50: fifty kinds of everyday sound, each fold tested by a bundle that has not heard it.

Cross-validated over the folds that are there, by recording; the epoch is chosen on a part of the training folds that is held out. What is
evaluated is the exported bundle. Needs AUSCULT_DATA with `esc50_16k` and `models`. Ends with 1 where a goal is missed.

    python bench/esc50.py                    both embedders
    python bench/esc50.py --only mn04        one of them
    python bench/esc50.py --only resnet --resnet-minutes 30    a residual network from nothing, and how far it comes
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from rich.console import Console
from rich.table import Table

from auscult.evaluation.evaluate import evaluate
from auscult.models.pretrained import fetch
from auscult.recipe import Recipe, read_recipe, with_settings
from auscult.runtime.scorer import Scorer
from auscult.training.folds import folds_of
from auscult.training.train import Trained, train
from machine import machine_line

HERE = Path(__file__).parent
DATA = Path(os.environ.get("AUSCULT_DATA", HERE.parent.parent / "shared" / "data"))
GOALS = {"mn04": 0.92, "yamnet": 0.82}
WEIGHTS = {"mn04": "*mn04*.pt", "yamnet": "*yamnet*.tflite"}
RESNET_FOLD = "fold4"
ERR = Console(stderr=True)


def transfer(embedder: str) -> Recipe:
    recipe, _ = read_recipe("transfer")
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
    return [fold(recipe, unit, out) for one in folds_of(recipe) for unit in one.units]


def resnet() -> Recipe:
    recipe, _ = read_recipe("resnet")
    plain = with_settings(
        recipe,
        [
            "audio.sample_rate_hz=16000",
            f"data.path={json.dumps(str(DATA))}",
            f"data.labels={json.dumps(labels())}",
            "training.threads=2",
        ],
    )
    return replace(plain, training=replace(plain.training, patience=0))


def curve(minutes: float, out: Path) -> tuple[list[dict[str, float]], dict[str, float]]:
    """What a residual network knows after so many minutes, from nothing: a point for every epoch, and the bundle's own result.

    The schedule needs the number of epochs beforehand: the first is measured once alone, and its time is taken off.
    """
    begin = time.monotonic()
    points: list[dict[str, float]] = []

    def tell(what: str, figures: Mapping[str, Any]) -> None:
        if what == "epoch":
            keys = ("number", "loss", "held_out_accuracy", "windows_per_s")
            point = {"minutes": (time.monotonic() - begin) / 60} | {k: figures[k] for k in keys}
            points.append(point)
            ERR.print(" ".join(f"{key} {value:.3g}" for key, value in point.items()))

    def go(epochs: int, name: str) -> Trained:
        recipe = resnet()
        timed = replace(recipe, training=replace(recipe.training, epochs=epochs))
        return train(timed, out=out / name, folds=(RESNET_FOLD,), tell=tell)

    go(1, "measured")
    spent_s = time.monotonic() - begin
    first_s = points.pop()["minutes"] * 60
    # Of the whole first run, what isn't its one epoch comes again, too; held-out clips are judged in every epoch.
    rest_s = minutes * 60 - spent_s - (spent_s - first_s)
    trained = go(max(int(rest_s / first_s), 1), "resnet")
    found = evaluate(Scorer(trained.bundle), trained.test, bootstrap=100).classes
    assert found is not None
    seconds = time.monotonic() - begin
    epochs = float(len(trained.outcome.epochs))
    return points, {"accuracy": found.accuracy, "seconds": seconds, "epochs": epochs}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--only", choices=(*GOALS, "resnet"))
    parser.add_argument("--resnet-minutes", type=float, default=0.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not (DATA / "esc50_16k").is_dir():
        ERR.print(f"Left out: {DATA} has no esc50_16k. Set AUSCULT_DATA.")
        return 0
    rows: dict[str, list[dict[str, float]]] = {}
    points: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AUSCULT_CACHE"] = f"{folder}/cache"
        named = [] if options.only == "resnet" else [options.only]
        for embedder in named if options.only else list(GOALS):
            source = next((DATA / "models").rglob(WEIGHTS[embedder]))
            fetch(embedder, source=source)
            rows[embedder] = cross_validated(transfer(embedder), Path(folder) / embedder)
        if options.resnet_minutes:
            points, row = curve(options.resnet_minutes, Path(folder))
            rows[f"resnet from nothing, {RESNET_FOLD}"] = [row]
    if options.json:
        print(json.dumps({"rows": rows, "curve": points}))
    else:
        console = Console(width=None if sys.stdout.isatty() else 150, highlight=False)
        console.print(machine_line())
        if rows:
            console.print(table_of(rows))
        if points:
            console.print(table_of_curve(points))
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


def table_of_curve(points: list[dict[str, float]]) -> Table:
    table = Table(
        title="A residual network from nothing: what it knows of clips held out of training"
    )
    for heading in ("minute", "epoch", "loss", "accuracy, held out", "windows/s"):
        table.add_column(heading, justify="right")
    for one in points:
        table.add_row(
            f"{one['minutes']:.1f}",
            f"{one['number'] + 1:.0f}",
            f"{one['loss']:.3f}",
            f"{one['held_out_accuracy']:.1%}",
            f"{one['windows_per_s']:.0f}",
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
