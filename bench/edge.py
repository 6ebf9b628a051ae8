"""What a small form of a bundle costs in accuracy, on real machines: every unit of MIMII at -6 dB, learned, exported, and judged.

Of each unit the first seven normal recordings are learned, and ranges and limits measured on them; the rest and all anomalies are
for the AUC. One unit's AUC has a standard error of about 0.15, so the table gives means over units, and the mean and the largest of what
each unit loses. Networks are trained for `--epochs`; the converter to TFLite is used where it is installed. Ends with 1 where
a goal is missed.

    python bench/edge.py                            # memories: some minutes
    python bench/edge.py --family autoencoder       # and a network, trained for each unit
"""

import argparse
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from auscult.datasets.clip import Clip
from auscult.datasets.discover import discover
from auscult.errors import AuscultWarning, MissingExtra
from auscult.memory.learn import learn_clips
from auscult.runtime.bundle import Bundle
from auscult.training import variant
from machine import machine_line

DATA = Path(os.environ.get("AUSCULT_DATA", Path(__file__).parents[2] / "shared" / "data"))
RECIPES = Path(__file__).parents[1] / "recipes"
MACHINES = ("slider", "pump", "fan")
LEARNED = 7
GOALS = {"memory": 0.01, "autoencoder": 0.02, "despawn": 0.02, "masked_transformer": 0.02}


@dataclass(frozen=True, kw_only=True)
class Loss:
    """What one unit's export made of it."""

    what: str
    family: str
    kind: str
    before: float
    after: float
    correlation: float
    bytes_before: int
    bytes_after: int


def units(data: Path, machines: tuple[str, ...]) -> Iterator[tuple[str, list[Clip], list[Clip]]]:
    """Name, recordings to learn, and recordings to judge."""
    for machine in machines:
        for place in sorted((data / "mimii_-6dB" / machine).glob("id_*")):
            clips = list(discover(place).clips())
            normal = [clip for clip in clips if clip.is_normal]
            others = [clip for clip in clips if not clip.is_normal]
            yield f"{machine} {place.name}", normal[:LEARNED], [*normal[LEARNED:], *others]


def trained(family: str, normal: list[Clip], epochs: int) -> Bundle:
    from auscult.recipe import read_recipe, with_settings
    from auscult.training.train import train

    recipe = with_settings(
        read_recipe(RECIPES / f"{family}.yaml")[0], [f"training.epochs={epochs}"]
    )
    with tempfile.TemporaryDirectory() as folder:
        return train(recipe, out=Path(folder) / "run", clips=normal).bundle


def bundles(options: argparse.Namespace, normal: list[Clip]) -> Iterator[tuple[str, str, Bundle]]:
    yield "spectrum", "memory", learn_clips(normal, name="spectrum").bundle
    yield "spectrum, edge", "memory", learn_clips(normal, name="edge", preset="edge").bundle
    for file in options.embedder:
        yield Path(file).stem, "memory", learn_clips(normal, name="x", embedder=file).bundle
    for family in options.family:
        yield family, family, trained(family, normal, options.epochs)


def losses(
    what: str,
    family: str,
    bundle: Bundle,
    *,
    normal: list[Clip],
    test: list[Clip],
    kinds: list[str],
) -> Iterator[Loss]:
    for kind in kinds:
        try:
            if kind.startswith("tflite-"):
                made = variant.tflite(
                    bundle, kind.removeprefix("tflite-"), clips=normal, test=test, allow_loss=True
                )
            else:
                made = variant.int8(bundle, clips=normal, test=test, allow_loss=True)
        except MissingExtra:
            continue
        found = made.manifest.variant
        assert found is not None
        yield Loss(
            what=what,
            family=family,
            kind=found.kind,
            before=found.auc_before or float("nan"),
            after=found.auc or float("nan"),
            correlation=found.correlation,
            bytes_before=len(bundle.to_bytes()),
            bytes_after=len(made.to_bytes()),
        )


def table_of(found: list[Loss]) -> tuple[Table, list[str]]:
    table = Table(title="Small forms of bundles, mean over units of MIMII at -6 dB")
    for head in (
        "bundle",
        "form",
        "units",
        "MB before",
        "MB",
        "AUC before",
        "AUC",
        "lost",
        "most lost",
        "correlation",
    ):
        table.add_column(head, justify="left" if head in ("bundle", "form") else "right")
    missed = []
    for what, kind in dict.fromkeys((one.what, one.kind) for one in found):
        rows = [one for one in found if (one.what, one.kind) == (what, kind)]
        lost = np.array([one.before - one.after for one in rows])
        goal = GOALS.get(rows[0].family, 0.01)
        if lost.mean() > goal:
            missed.append(f"{what}, {kind}: {lost.mean():.3f} of the AUC lost (goal {goal:g})")
        table.add_row(
            what,
            kind,
            str(len(rows)),
            f"{np.mean([one.bytes_before for one in rows]) / 1e6:.2f}",
            f"{np.mean([one.bytes_after for one in rows]) / 1e6:.2f}",
            f"{np.mean([one.before for one in rows]):.3f}",
            f"{np.mean([one.after for one in rows]):.3f}",
            f"{lost.mean():+.4f}",
            f"{lost.max():+.3f}",
            f"{np.mean([one.correlation for one in rows]):.4f}",
        )
    return table, missed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--machine", action="append", choices=MACHINES, default=None)
    parser.add_argument(
        "--embedder", action="append", default=[], help="an ONNX embedder's file or name"
    )
    parser.add_argument("--family", action="append", default=[], help="a family to train")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument(
        "--tflite", action="append", default=[], choices=("float", "int8-dynamic", "int8")
    )
    options = parser.parse_args()
    warnings.simplefilter("ignore", AuscultWarning)
    console, progress = Console(width=150), Console(stderr=True)
    kinds = ["onnx", *(f"tflite-{one}" for one in options.tflite)]
    found: list[Loss] = []
    with progress.status("") as status:
        for name, normal, test in units(options.data, tuple(options.machine or MACHINES)):
            for what, family, bundle in bundles(options, normal):
                status.update(f"{name}: {what}")
                found += losses(what, family, bundle, normal=normal, test=test, kinds=kinds)
    if not found:
        sys.exit(f"There are no recordings in {options.data / 'mimii_-6dB'}.")
    console.print(machine_line(), soft_wrap=True)
    table, missed = table_of(found)
    console.print(table)
    for one in missed:
        console.print(f"[red]missed:[/red] {one}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
