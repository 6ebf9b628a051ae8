"""The same bundle on two engines: onnxruntime in Python, and its WebAssembly in the browser, one thread each.

A minute of a simulated machine with a fault goes through both: as a recording, and streamed in as from a microphone. The table has the
largest relative difference of any score or ratio, and the time of a window (p50, p95), graph and decision together, while streaming.
Needs Chromium, Playwright and the built page; `--family` adds networks, trained for an epoch, `--embedder` memories on other embedders.
Ends with 1 where a score differs by more than 1e-4.

    python bench/browser.py
    python bench/browser.py --family cnn_attention --family autoencoder --embedder mn04
"""

import argparse
import sys
import tempfile
import time
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
from auscult.audio.synth import Knock, fan, render
from auscult.datasets.clip import Clip
from auscult.errors import AuscultWarning
from auscult.live.listener import Block, Listener
from auscult.memory.learn import learn_clips
from auscult.runtime.bundle import Bundle
from auscult.runtime.scorer import Scorer
from auscult.runtime.verdict import Verdict
from auscult.server.pages import built_page
from machine import machine_line
from serving import opened, served

RATE_HZ = 16000
SECONDS = 60.0
BLOCK = 2048
TOLERANCE = 1e-4
HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Row:
    """What one bundle came to."""

    bundle: str
    bytes: int
    difference: float
    python_ms: NDArray[np.float64]
    browser_ms: NDArray[np.float64]
    open_ms: float


def recordings() -> list[Clip]:
    """Six of ten seconds; the machine as it should be."""
    sound = render(fan(), seconds=60.0, seed=0).samples.reshape(6, -1)
    return [
        Clip(
            path=Path(f"{n}.wav"),
            label="normal",
            group=str(n),
            sound=Sound(samples=one, rate_hz=RATE_HZ),
        )
        for n, one in enumerate(sound)
    ]


def odd() -> NDArray[np.int16]:
    """A minute of the machine, a third of it with a knock; of 16 bits."""
    knock = Knock(start_s=20.0, duration_s=20.0)
    samples = render(fan(), seconds=SECONDS, seed=1, faults=[knock]).samples
    return np.round(samples * 32767).clip(-32768, 32767).astype(np.int16)


def bundles(options: argparse.Namespace, folder: Path) -> Iterator[tuple[str, Bundle]]:
    clips = recordings()
    yield "memory on spectrum", learn_clips(clips, name="spectrum").bundle
    yield "the same, edge preset", learn_clips(clips, name="edge", preset="edge").bundle
    for file in options.embedder:
        name = f"memory on {Path(file).stem}"
        yield name, learn_clips(clips, name="embedder", embedder=file).bundle
    for family in options.family:
        yield family, trained(family, clips, folder / family)


def trained(family: str, clips: list[Clip], folder: Path) -> Bundle:
    from auscult.recipe import read_recipe, with_settings
    from auscult.training.train import train

    knocks = [
        Clip(
            path=Path(f"knock {n}.wav"),
            label="anomaly",
            group=f"knock {n}",
            sound=Sound(
                samples=(odd()[at : at + 10 * RATE_HZ] / 32768).astype(np.float32), rate_hz=RATE_HZ
            ),
        )
        for n, at in enumerate((20 * RATE_HZ, 30 * RATE_HZ))
    ]
    recipe = with_settings(read_recipe(family)[0], ["training.epochs=1"])
    needs_both = family in {"cnn_attention", "resnet", "transfer"}
    return train(recipe, out=folder, clips=[*clips, *knocks] if needs_both else clips).bundle


def in_python(
    bundle: Bundle, pcm: NDArray[np.int16]
) -> tuple[float, list[Verdict], NDArray[np.float64]]:
    """The score of the whole, verdicts as it streams in, and milliseconds of each."""
    scorer = Scorer(bundle)
    sound = Sound(samples=(pcm / 32768).astype(np.float32), rate_hz=RATE_HZ)
    whole = scorer.score(sound, explain=False).score
    listener = Listener(scorer, explain=False)
    verdicts: list[Verdict] = []
    took_ms = []
    for at in range(0, len(pcm), BLOCK):
        began = time.perf_counter()
        items = listener.feed(Block(samples=pcm[at : at + BLOCK], rate_hz=RATE_HZ))
        found = [item for item in items if isinstance(item, Verdict)]
        if len(found) == 1:
            took_ms.append(1000.0 * (time.perf_counter() - began))
        verdicts += found
    return whole, verdicts, np.array(took_ms)


def difference(found: list[float], expected: list[float]) -> float:
    """The largest, as a part of what is expected; next to nothing, as a part of a hundredth."""
    there = np.array(expected)
    return float(np.max(np.abs(np.array(found) - there) / np.maximum(np.abs(there), 1e-2)))


def row(judge: Callable[[str, str], dict[str, Any]], url: str, name: str, bundle: Bundle) -> Row:
    pcm = odd()
    content = bundle.to_bytes()
    told = httpx.post(f"{url}/api/bundles?name=bench", content=content, timeout=60.0)
    address = f"{url}/api/bundles/{told.raise_for_status().json()['id']}/file"
    sound = b64encode(pcm.tobytes()).decode()
    found = judge(address, sound)
    whole, verdicts, python_ms = in_python(bundle, pcm)
    here, there = found["streamed"], verdicts[: len(found["streamed"])]
    off = max(
        difference([found["recording"]["score"]], [whole]),
        difference([one["score"] for one in here], [one.score for one in there]),
        difference([one["ratio"] for one in here], [one.ratio for one in there]),
    )
    return Row(
        bundle=name,
        bytes=len(content),
        difference=off,
        python_ms=python_ms,
        browser_ms=np.array(found["inferMs"]),
        open_ms=found["openMs"],
    )


def measured(options: argparse.Namespace) -> Iterator[Row]:
    ask = (HERE / "judge_in_browser.js").read_text(encoding="utf8")
    ask = ask[ask.index("async (") :]
    (worker,) = (path.name for path in (built_page() / "assets").glob("local.worker-*.js"))
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder) / "data") as url,
        opened() as browser,
    ):
        page = browser.new_page()
        page.goto(f"{url}/local")

        def judge(address: str, sound: str) -> dict[str, Any]:
            asked = [f"{url}/assets/{worker}", address, sound, RATE_HZ, BLOCK]
            return page.evaluate(ask, asked)  # type: ignore[no-any-return]

        for name, bundle in bundles(options, Path(folder)):
            yield row(judge, url, name, bundle)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--family", action="append", default=[], help="a network, trained for an epoch"
    )
    parser.add_argument("--embedder", action="append", default=[], help="mn04, or a file")
    options = parser.parse_args()
    warnings.simplefilter("ignore", AuscultWarning)
    table = Table(
        "bundle", "MB", "largest relative difference", "Python ms", "browser ms", "opened in ms"
    )
    rows = list(measured(options))
    for one in rows:
        table.add_row(
            one.bundle,
            f"{one.bytes / 1e6:.2f}",
            f"{one.difference:.1e}",
            _p(one.python_ms),
            _p(one.browser_ms),
            f"{one.open_ms:.0f}",
        )
    console = Console()
    console.print(table)
    console.print("Milliseconds of a window: p50 / p95. " + machine_line())
    return 0 if all(one.difference <= TOLERANCE for one in rows) else 1


def _p(took_ms: NDArray[np.float64]) -> str:
    return f"{np.percentile(took_ms, 50):.1f} / {np.percentile(took_ms, 95):.1f}"


if __name__ == "__main__":
    sys.exit(main())
