"""What a small form of a bundle costs in accuracy, on real machines: every unit of MIMII at -6 dB, learned, exported, and judged.

Of each unit the first seven normal recordings are learned, and ranges and limits measured on them; the rest and all anomalies are
for the AUC. A classifier learns from two of the anomalies, too, which are then not judged; `attributes` from the normal recordings of all
units of that machine. One unit's AUC has a standard error of about 0.15, so the table gives means over units, and of what each unit
loses the mean, its standard error, and the largest. Networks are trained for `--epochs`; the converter to TFLite is used where it is
installed. Ends with 1 where a goal is missed.

    python bench/edge.py                            # memories: some minutes
    python bench/edge.py --family autoencoder       # and a network, trained for each unit
    python bench/edge.py --family despawn --units 2 --rows rows.jsonl    # in pieces: goes on where it was stopped
"""

import argparse
import json
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
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
MACHINES = ("slider", "pump", "fan")
LEARNED = 7
KNOWN_FAULTS = 2
GOAL = 0.01
# Where strange is what is drawn wrong.
GOALS = dict.fromkeys(("autoencoder", "despawn", "masked_transformer", "wavelet_fusion"), 0.02)
CLASSIFIERS = ("cnn_attention", "resnet")


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A machine, and its recordings."""

    name: str
    learned: list[Clip]
    others: list[Clip]
    calm: list[Clip]
    strange: list[Clip]


@dataclass(frozen=True, kw_only=True)
class Loss:
    """What one unit's export made of it."""

    unit: str
    what: str
    family: str
    kind: str
    before: float
    after: float
    correlation: float
    bytes_before: int
    bytes_after: int


def units(data: Path, machines: tuple[str, ...], most: int) -> Iterator[Unit]:
    """The first units of each machine; each with what the others are learned from."""
    clips = list(discover(data / "mimii_-6dB").clips())
    for machine in machines:
        of_machine = [clip for clip in clips if clip.machine == machine]
        names = sorted({clip.unit for clip in of_machine})
        calm = {n: [c for c in of_machine if c.unit == n and c.is_normal] for n in names}
        for name in names[:most]:
            yield Unit(
                name=f"{machine} {name}",
                learned=calm[name][:LEARNED],
                others=[c for n in names if n != name for c in calm[n][:LEARNED]],
                calm=calm[name][LEARNED:],
                strange=[c for c in of_machine if c.unit == name and not c.is_normal],
            )


def trained(family: str, clips: list[Clip], epochs: int) -> Bundle:
    from auscult.recipe import read_recipe, with_settings
    from auscult.training.train import train

    recipe = with_settings(read_recipe(family)[0], [f"training.epochs={epochs}"])
    with tempfile.TemporaryDirectory() as folder:
        return train(recipe, out=Path(folder) / "run", clips=clips).bundle


def heard(family: str, unit: Unit) -> tuple[list[Clip], list[Clip]]:
    """What is learned from, and what is judged."""
    known = KNOWN_FAULTS if family in CLASSIFIERS else 0
    others = unit.others if family == "attributes" else []
    return [*unit.learned, *others, *unit.strange[:known]], [*unit.calm, *unit.strange[known:]]


def made(what: str, family: str, unit: Unit, epochs: int) -> Bundle:
    if family != "memory":
        return trained(family, heard(family, unit)[0], epochs)
    if what.startswith("spectrum"):
        preset = "edge" if what.endswith("edge") else "default"
        return learn_clips(unit.learned, name=preset, preset=preset).bundle
    return learn_clips(unit.learned, name="x", embedder=what).bundle


def losses(what: str, family: str, unit: Unit, *, epochs: int, kinds: list[str]) -> Iterator[Loss]:
    bundle = made(what, family, unit, epochs)
    learned, test = heard(family, unit)
    for kind in kinds:
        try:
            if kind.startswith("tflite-"):
                small = variant.tflite(
                    bundle, kind.removeprefix("tflite-"), clips=learned, test=test, allow_loss=True
                )
            else:
                small = variant.int8(bundle, clips=learned, test=test, allow_loss=True)
        except MissingExtra:
            continue
        found = small.manifest.variant
        assert found is not None
        yield Loss(
            unit=unit.name,
            what=what,
            family=family,
            kind=found.kind,
            before=found.auc_before or 0.0,
            after=found.auc or 0.0,
            correlation=found.correlation,
            bytes_before=len(bundle.to_bytes()),
            bytes_after=len(small.to_bytes()),
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
        "least",
    ):
        table.add_column(head, justify="left" if head in ("bundle", "form") else "right")
    missed = []
    for what, kind in dict.fromkeys((one.what, one.kind) for one in found):
        rows = [one for one in found if (one.what, one.kind) == (what, kind)]
        lost = np.array([one.before - one.after for one in rows])
        goal = GOALS.get(rows[0].family, GOAL)
        error = lost.std(ddof=1) / np.sqrt(len(lost)) if len(lost) > 1 else float("nan")
        if lost.mean() > goal:
            missed.append(f"{what}, {kind}: {lost.mean():.3f} of the AUC lost (goal {goal:g})")
        table.add_row(
            Path(what).stem,
            kind,
            str(len(rows)),
            f"{np.mean([one.bytes_before for one in rows]) / 1e6:.2f}",
            f"{np.mean([one.bytes_after for one in rows]) / 1e6:.2f}",
            f"{np.mean([one.before for one in rows]):.3f}",
            f"{np.mean([one.after for one in rows]):.3f}",
            f"{lost.mean():+.4f} ± {error:.4f}",
            f"{lost.max():+.3f}",
            f"{np.mean([one.correlation for one in rows]):.4f}",
            f"{min(one.correlation for one in rows):.4f}",
        )
    return table, missed


def kept(rows: Path | None) -> list[Loss]:
    if rows is None or not rows.exists():
        return []
    return [Loss(**json.loads(line)) for line in rows.read_text(encoding="utf8").splitlines()]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--machine", action="append", choices=MACHINES, default=None)
    parser.add_argument("--units", type=int, default=4, help="at most so many of each machine")
    parser.add_argument(
        "--embedder", action="append", default=[], help="an ONNX embedder's file or name"
    )
    parser.add_argument("--family", action="append", default=[], help="a family to train")
    parser.add_argument("--no-spectrum", action="store_true", help="only what is named")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument(
        "--tflite", action="append", default=[], choices=("float", "int8-dynamic", "int8")
    )
    parser.add_argument("--rows", type=Path, help="keep rows there; what it has is not done again")
    options = parser.parse_args()
    warnings.simplefilter("ignore", AuscultWarning)
    console, progress = Console(width=150), Console(stderr=True)
    kinds = ["onnx", *(f"tflite-{one}" for one in options.tflite)]
    names = [(name, "memory") for name in options.embedder]
    names += [(name, name) for name in options.family]
    if not options.no_spectrum:
        names = [("spectrum", "memory"), ("spectrum, edge", "memory"), *names]
    found = kept(options.rows)
    done = {(one.unit, one.what) for one in found}
    with progress.status("") as status:
        for unit in units(options.data, tuple(options.machine or MACHINES), options.units):
            for what, family in names:
                if (unit.name, what) in done:
                    continue
                status.update(f"{unit.name}: {what}")
                new = list(losses(what, family, unit, epochs=options.epochs, kinds=kinds))
                found += new
                if options.rows is not None:
                    with options.rows.open("a", encoding="utf8") as file:
                        file.writelines(json.dumps(asdict(one)) + "\n" for one in new)
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
