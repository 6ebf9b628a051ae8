"""What each family costs a small device, as it is and made small, beside the published files of YAMNet and MLPerf Tiny.

All are learned from twelve recordings of three simulated machines; networks for one epoch, since what their weights are does not
change what they cost. Each file runs in a fresh process on one core, one window at a time, as `auscult benchmark` has it. Families differ in
how often they judge, so times are given for a second of sound, too. TFLite files are made where the converter is installed; the published ones and
mn04 are taken from `AUSCULT_DATA` where they are there. Ends with 1 where a goal is missed.

    python bench/devices.py                          # a quarter of an hour
    python bench/devices.py --family autoencoder     # the memories, and one family
"""

import argparse
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from auscult.audio.synth.machine import MachineName
from auscult.datasets.clip import Clip
from auscult.datasets.discover import discover
from auscult.datasets.simulate import simulate
from auscult.errors import AuscultError, AuscultWarning, MissingExtra
from auscult.evaluation.benchmark import Cost, measure
from auscult.memory.learn import learn_clips
from auscult.recipe import read_recipe, with_settings
from auscult.runtime.bundle import Bundle
from auscult.training import variant
from auscult.training.train import train
from machine import machine_line

DATA = Path(os.environ.get("AUSCULT_DATA", Path(__file__).parents[2] / "shared" / "data"))
PUBLISHED = (
    "yamnet_classification_int8.tflite",
    "mlperf_tiny_ad01_model_ToyCar_quant_fullint.tflite",
)
YAMNET = "YAMNet"
MACHINES: tuple[MachineName, ...] = ("fan", "pump", "valve")
LABELLED = ("cnn_attention", "resnet")
FAMILIES = (
    "autoencoder", "dense_autoencoder", "despawn", "masked_transformer", "wavelet_fusion", "attributes", *LABELLED
)  # fmt: skip
COLD_S = 1.0


@dataclass(frozen=True, kw_only=True)
class Row:
    """One file, measured."""

    what: str
    form: str
    cost: Cost

    @property
    def ms_per_s(self) -> float:
        """Milliseconds for a second of sound."""
        return 1000.0 * self.cost.real_time_factor


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A time, as a part of YAMNet's for the same sound."""

    what: str
    form: str
    times: float


GOALS = (
    Goal(what="spectrum", form="as learned", times=1.0),
    Goal(what="spectrum, edge", form="as learned", times=0.6),
    Goal(what="autoencoder", form="ONNX small", times=1.0),
)


def recordings(folder: Path) -> list[Clip]:
    """Normal sound of three machines."""
    for seed, machine in enumerate(MACHINES):
        simulate(folder / machine, machine=machine, normal=4, anomaly=1, seconds=10, seed=seed)
    found = [clip for machine in MACHINES for clip in discover(folder / machine).clips()]
    return [clip for clip in found if clip.is_normal]


def trained(family: str, clips: list[Clip], folder: Path) -> Bundle:
    recipe = with_settings(read_recipe(family)[0], ["training.epochs=1"])
    if family in LABELLED:
        clips = [replace(clip, label=clip.machine) for clip in clips]
    return train(recipe, out=folder / family, clips=clips).bundle


def learned(
    options: argparse.Namespace, clips: list[Clip], folder: Path
) -> Iterator[tuple[str, Bundle]]:
    one = [clip for clip in clips if clip.machine == MACHINES[0]]
    yield "spectrum", learn_clips(one, name="spectrum").bundle
    yield "spectrum, edge", learn_clips(one, name="edge", preset="edge").bundle
    for embedder in options.embedder:
        yield f"memory on {embedder}", learn_clips(one, name=embedder, embedder=embedder).bundle
    for family in options.family or FAMILIES:
        yield family, trained(family, clips, folder)


def forms(bundle: Bundle, clips: list[Clip], precisions: list[str]) -> Iterator[tuple[str, Bundle]]:
    """The bundle, and what can be made of it here."""
    yield "as learned", bundle
    ways: dict[str, Callable[[], Bundle]] = {
        "ONNX small": lambda: variant.int8(bundle, clips=clips, allow_loss=True)
    }
    for one in precisions:
        ways[f"TFLite {one}"] = lambda one=one: variant.tflite(  # type: ignore[misc]
            bundle, one, clips=clips, allow_loss=True
        )
    for form, made in ways.items():
        try:
            yield form, made()
        except MissingExtra:
            continue
        except AuscultError as error:
            print(f"{bundle.manifest.name}, {form}: {error}", file=sys.stderr)


def table_of(rows: list[Row]) -> Table:
    table = Table(title="One window at a time, on one core")
    for head in (
        "what", "form", "engine", "MB", "numbers", "window p50, ms", "p95", "p99", "ms for 1 s of sound",
        "x YAMNet", "first score, s", "peak MB", "streams per core",
    ):  # fmt: skip
        table.add_column(head, justify="left" if head in ("what", "form", "engine") else "right")
    reference = next((row.ms_per_s for row in rows if row.what == YAMNET), float("nan"))
    for row in rows:
        cost = row.cost
        table.add_row(
            row.what,
            row.form,
            cost.engine,
            f"{cost.bundle_bytes / 1e6:.2f}",
            f"{cost.parameters:,}",
            f"{cost.p50_ms:.2f}",
            f"{cost.p95_ms:.2f}",
            f"{cost.p99_ms:.2f}",
            f"{row.ms_per_s:.2f}",
            f"{row.ms_per_s / reference:.2f}",
            f"{cost.first_s:.2f}",
            f"{cost.peak_rss_bytes / 1e6:.0f}",
            f"{cost.streams_per_core:,.0f}",
        )
    return table


def missed(rows: list[Row]) -> list[str]:
    found = {(row.what, row.form): row for row in rows}
    words = [
        f"{row.what}, {row.form}: {row.cost.first_s:.2f} s to the first score (goal {COLD_S:g})"
        for row in rows
        if row.form != "published" and row.cost.first_s > COLD_S
    ]
    reference = next((row.ms_per_s for row in rows if row.what == YAMNET), float("nan"))
    for goal in GOALS:
        row = found.get((goal.what, goal.form))
        times = row.ms_per_s / reference if row else float("nan")
        if times > goal.times:
            words.append(
                f"{goal.what}, {goal.form}: {times:.2f} x YAMNet's time (goal {goal.times:g})"
            )
    return words


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--family", action="append", default=[], choices=FAMILIES)
    parser.add_argument("--embedder", action="append", default=[], help="such as mn04, if fetched")
    parser.add_argument(
        "--tflite", action="append", default=[], choices=("float", "int8-dynamic", "int8")
    )
    parser.add_argument("--windows", type=int, default=300)
    options = parser.parse_args()
    warnings.simplefilter("ignore", AuscultWarning)
    progress = Console(stderr=True)
    rows = []
    with tempfile.TemporaryDirectory() as name, progress.status("") as status:
        folder = Path(name)
        for published in PUBLISHED:
            if (DATA / "models" / published).exists():
                cost = measure(DATA / "models" / published, windows=options.windows)
                rows.append(Row(what=cost.name, form="published", cost=cost))
        clips = recordings(folder)
        for what, bundle in learned(options, clips, folder):
            heard = [clip for clip in clips if clip.machine == MACHINES[0]]
            for form, made in forms(bundle, heard, options.tflite):
                status.update(f"{what}, {form}")
                suffix = ".tflite" if form.startswith("TFLite") else ".onnx"
                file = folder / f"{what} {form}{suffix}".replace(" ", "-").replace(",", "")
                made.save(file)
                cost = measure(file, windows=options.windows)
                rows.append(Row(what=what, form=form, cost=cost))
    console = Console(width=170)
    console.print(machine_line(), soft_wrap=True)
    console.print(table_of(rows))
    words = missed(rows)
    for one in words:
        console.print(f"[red]missed:[/red] {one}")
    return 1 if words else 0


if __name__ == "__main__":
    sys.exit(main())
