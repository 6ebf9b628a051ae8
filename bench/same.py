"""One recording, every engine: the score that each form of a bundle gives it, and the largest difference from the ONNX bundle.

A minute of a simulated machine, a third of it with a knock, goes through each bundle by onnxruntime, by PyTorch, by the browser's WebAssembly, in
eight bits by onnxruntime and by the browser, and by LiteRT in float and in eight bits. A form in eight bits in the browser is held
against the same form in Python. Under each score stands the largest relative difference of the recording's score or any window's; of
forms in eight bits, whose network is another, also how far the windows' scores correlate.

Needs Chromium, Playwright and the built page; columns of LiteRT need the converter (the extra tflite-convert, or
AUSCULT_CONVERTER_PYTHON), and are empty without. Ends with 1 where a difference is over the tolerance of its column.

    python bench/same.py
    python bench/same.py --family cnn_attention --family autoencoder --embedder mn04
"""

import argparse
import sys
import tempfile
import warnings
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from auscult.audio.sound import Sound
from auscult.errors import AuscultWarning, BundleError, MissingExtra
from auscult.runtime.bundle import Bundle
from auscult.runtime.scorer import Scorer
from auscult.server.pages import built_page
from auscult.training import variant
from auscult.training.torch_engine import TorchEngine
from browser import BLOCK, HERE, RATE_HZ, bundles, difference, odd, recordings
from machine import machine_line
from serving import opened, served

# By how much a score may differ from that of the same network in onnxruntime, as a part of it. Whole numbers are rounded otherwise by
# other processors, and a network passes that on.
TOLERANCE = {
    "PyTorch": 1e-4,
    "browser": 1e-4,
    "browser, INT8": 5e-2,
    "LiteRT": 1e-4,
}
# Eight bits make another network: what must hold is that its scores go with those of the first, or hardly differ from them.
LEAST_CORRELATION = {"INT8": 0.98, "LiteRT, INT8": 0.95}
HARDLY = 1e-2
COLUMNS = ("ONNX", "PyTorch", "browser", "INT8", "browser, INT8", "LiteRT", "LiteRT, INT8")

Judge = Callable[[Bundle], "Scores"]


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Of the recording, and of each of its windows."""

    whole: float
    windows: NDArray[np.float64]

    def off(self, other: "Scores") -> float:
        """Largest difference from another's, as a part of it."""
        return difference([self.whole, *self.windows], [other.whole, *other.windows])

    def correlation(self, other: "Scores") -> float:
        """How far its windows' scores go with another's; of their logarithms."""
        return float(np.corrcoef(np.log(self.windows), np.log(other.windows))[0, 1])


def in_python(bundle: Bundle, *, by_torch: bool = False) -> Scores:
    scorer = Scorer(bundle)
    if by_torch:
        scorer.engine = TorchEngine(bundle)
    sound = Sound(samples=(odd() / 32768).astype(np.float32), rate_hz=RATE_HZ)
    found = scorer.score(sound, explain=False)
    return Scores(whole=found.score, windows=np.array([one.score for one in found.windows]))


def in_browser(page: Any, url: str, bundle: Bundle) -> Scores:
    told = httpx.post(f"{url}/api/bundles?name=one", content=bundle.to_bytes(), timeout=60.0)
    address = f"{url}/api/bundles/{told.raise_for_status().json()['id']}/file"
    (worker,) = (path.name for path in (built_page() / "assets").glob("local.worker-*.js"))
    ask = (HERE / "judge_in_browser.js").read_text(encoding="utf8")
    asked = [f"{url}/assets/{worker}", address, b64encode(odd().tobytes()).decode(), RATE_HZ, BLOCK]
    found = page.evaluate(ask[ask.index("async (") :], asked)["recording"]
    return Scores(whole=found["score"], windows=np.array([w["score"] for w in found["windows"]]))


def forms(bundle: Bundle, browsed: Judge) -> dict[str, Scores]:
    """By column; those that can't be made here are not in it."""
    small = variant.int8(bundle, clips=recordings(), allow_loss=True)
    found = {
        "ONNX": in_python(bundle),
        "PyTorch": in_python(bundle, by_torch=True),
        "browser": browsed(bundle),
        "INT8": in_python(small),
        "browser, INT8": browsed(small),
    }
    for name, precision in (("LiteRT", "float"), ("LiteRT, INT8", "int8")):
        try:
            made = variant.tflite(bundle, precision, clips=recordings(), allow_loss=True)
            found[name] = in_python(made)
        except MissingExtra:
            continue
        except BundleError as error:
            print(f"{bundle.manifest.name}: {error}", file=sys.stderr)
    return found


def against(name: str) -> str:
    return "INT8" if name == "browser, INT8" else "ONNX"


def cell(name: str, found: dict[str, Scores]) -> tuple[str, bool]:
    """Its text, and whether it is as near as it must be."""
    if name not in found:
        return "-", True
    here = found[name]
    if name == "ONNX":
        return f"{here.whole:.5f}", True
    off = here.off(found[against(name)])
    if name not in LEAST_CORRELATION:
        return f"{here.whole:.5f}\n{off:.1e}", off <= TOLERANCE[name]
    together = here.correlation(found["ONNX"])
    is_near = together >= LEAST_CORRELATION[name] or off <= HARDLY
    return f"{here.whole:.5f}\n{off:.1e}, r {together:.4f}", is_near


def stated(name: str) -> str:
    """The head of a column."""
    if name in LEAST_CORRELATION:
        return f"{name}\n(r ≥ {LEAST_CORRELATION[name]:g} or ≤ {HARDLY:g})"
    return f"{name}\n(≤ {TOLERANCE[name]:g})" if name in TOLERANCE else name


def rows(options: argparse.Namespace) -> Iterator[tuple[str, dict[str, Scores]]]:
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder) / "data") as url,
        opened() as browser,
    ):
        page = browser.new_page()
        page.goto(f"{url}/local")
        for name, bundle in bundles(options, Path(folder)):
            yield name, forms(bundle, lambda one: in_browser(page, url, one))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--family", action="append", default=[], help="a network, trained for an epoch"
    )
    parser.add_argument("--embedder", action="append", default=[], help="mn04, or a file")
    options = parser.parse_args()
    warnings.simplefilter("ignore", AuscultWarning)
    table = Table("bundle", *map(stated, COLUMNS), title="One recording: its score by each engine")
    missed = []
    for name, found in rows(options):
        cells = {column: cell(column, found) for column in COLUMNS}
        table.add_row(name, *(text for text, _ in cells.values()))
        missed += [f"{name}, {column}" for column, (_, is_near) in cells.items() if not is_near]
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    console.print(machine_line())
    console.print(table)
    for one in missed:
        console.print(f"[red]missed:[/red] {one}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
