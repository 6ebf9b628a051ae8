"""Milliseconds for a window, on one core: every family's bundle by onnxruntime beside its network in PyTorch.

The networks are untrained (what a network says does not change how long it takes), but for the frozen parts of `transfer`, whose published
weights are needed. Both take turns on the same windows; the table gives the median, and the slowest one of twenty. Ends with 1 where a
goal is missed.

    python bench/families.py
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from auscult.models import families
from auscult.models.export_onnx import to_onnx
from auscult.models.pretrained import fetch
from auscult.runtime.engine import Engine
from machine import machine_line

DATA = Path(os.environ.get("AUSCULT_DATA", Path(__file__).parents[2] / "shared" / "data"))
WEIGHTS = {"mn04": "*mn04*.pt", "yamnet": "*yamnet*.tflite"}
RUNS = 60


@dataclass(frozen=True, kw_only=True)
class Case:
    """A family at a length of window, and the milliseconds it may take."""

    family: str
    seconds: float
    goal_ms: float
    rate_hz: int = 16000
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """For the table."""
        embedder = f" ({self.options['embedder']})" if "embedder" in self.options else ""
        return f"{self.family}{embedder}, {self.seconds:g} s at {self.rate_hz / 1000:g} kHz"


CASES = (
    Case(family="cnn_attention", seconds=1.0, goal_ms=5.0),
    Case(family="transfer", seconds=1.0, goal_ms=6.0, options={"embedder": "mn04"}),
    Case(family="transfer", seconds=1.0, goal_ms=6.0, options={"embedder": "yamnet"}),
    Case(family="resnet", seconds=5.0, goal_ms=100.0),
    Case(family="resnet", seconds=5.0, goal_ms=100.0, rate_hz=44100),
)


def milliseconds(first: Callable[[], object], second: Callable[[], object]) -> list[list[float]]:
    """Of two that take turns, after a few for warming up."""
    times: list[list[float]] = [[], []]
    for turn in range(RUNS + 5):
        for number, call in enumerate((first, second)):
            begin = time.perf_counter()
            call()
            if turn >= 5:
                times[number].append((time.perf_counter() - begin) * 1000)
    return times


def measured(case: Case) -> dict[str, float | str]:
    detector = families.build(
        case.family,
        rate_hz=case.rate_hz,
        window_samples=round(case.seconds * case.rate_hz),
        labels=("normal", "anomaly"),
        alarm_labels=("anomaly",),
        **case.options,
    ).eval()
    graph = to_onnx(detector).SerializeToString()
    engine = Engine(graph)
    window = 0.1 * np.random.default_rng(0).standard_normal((1, detector.window_samples))
    samples = window.astype(np.float32)
    tensor = torch.from_numpy(samples)

    def eager() -> None:
        with torch.no_grad():
            detector(tensor)

    own, other = milliseconds(lambda: engine.run(samples), eager)
    return {
        "name": case.name,
        "parameters": sum(one.numel() for one in detector.parameters()),
        "mb": len(graph) / 1e6,
        "ms": float(np.median(own)),
        "p95_ms": float(np.percentile(own, 95)),
        "eager_ms": float(np.median(other)),
        "goal_ms": case.goal_ms,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AUSCULT_CACHE"] = folder
        for case in CASES:
            name = case.options.get("embedder")
            if name:
                source = next((DATA / "models").rglob(WEIGHTS[name]), None)
                if source is None:
                    print(f"Left out: {case.name}: {DATA} has no weights.", file=sys.stderr)
                    continue
                fetch(name, source=source)
            rows.append(measured(case))
    if options.json:
        print(json.dumps(rows))
    else:
        show(rows)
    return int(any(row["ms"] > row["goal_ms"] for row in rows))


def show(rows: list[dict[str, Any]]) -> None:
    table = Table(title="One window on one core")
    headings = ("family", "parameters", "MB", "ms", "p95", "PyTorch ms", "times quicker", "goal ms")
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "family" else "right")
    for row in rows:
        table.add_row(
            row["name"],
            f"{row['parameters']:,}",
            f"{row['mb']:.1f}",
            f"{row['ms']:.2f}",
            f"{row['p95_ms']:.2f}",
            f"{row['eager_ms']:.2f}",
            f"{row['eager_ms'] / row['ms']:.1f}",
            f"{row['goal_ms']:g}",
        )
    console = Console(width=None if sys.stdout.isatty() else 130, highlight=False)
    console.print(machine_line())
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
