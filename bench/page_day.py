"""Whether the memory of a page grows over hours of listening, many times as fast as in the world.

The page listens in the browser alone, with a memory on the spectrum and a simulated machine that knocks now and then. Its audio thread is
replaced by one that hands frames on as fast as they are judged; all else is the page as it is: worker, engine, pictures, list of
events. Memory is that of the page's process after a collection, and the heap of its scripts. The first two hours are left out: until then
the browser makes room that it uses again later. Ends with 1 where it grows by more than 20 MB after that, or hears too slowly.

    python bench/page_day.py --hours 8
"""

import argparse
import json
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from auscult.audio.synth import Knock, fan, render
from auscult.live.demo import minutes_of
from auscult.memory.learn import learn_clips
from machine import machine_line
from serving import opened, served

RATE_HZ = 16000
GOAL_MB = 20.0
LEAST_SPEED = 60.0
SETTLED_HOURS = 2.0
STEPS = 16
SOUND_S = 120.0

# In place of the audio thread: the sound again and again, so far ahead of the verdicts and no further.
FAST = """
  const bytes = Uint8Array.from(atob(SOUND), (letter) => letter.charCodeAt(0))
  const sound = new Int16Array(bytes.buffer)
  const FRAME = 2048, AHEAD_S = 3
  window.heardS = 0
  window.judged = 0
  const Real = window.Worker
  window.Worker = class extends Real {
    constructor(...given) {
      super(...given)
      this.addEventListener('message', ({ data }) => {
        if (data.type === 'verdict') window.judged = data.verdict.endS
      })
    }
  }
  window.AudioContext = class {
    sampleRate = 16000
    state = 'running'
    destination = {}
    audioWorklet = { addModule: async () => undefined }
    createMediaStreamSource() { return { connect() {} } }
    async resume() {}
    async close() { this.state = 'closed' }
  }
  window.AudioWorkletNode = class {
    connect() {}
    port = { postMessage(out) {
      let first = 0
      const channel = new MessageChannel()
      const go = () => {
        while (first / 16000 < window.judged + AHEAD_S) {
          const pcm = new Int16Array(FRAME)
          for (let i = 0; i < FRAME; i++) pcm[i] = sound[(first + i) % sound.length]
          out.postMessage({ pcm, firstSample: first, capturedMs: Date.now() }, [pcm.buffer])
          first += FRAME
        }
        window.heardS = first / 16000
        setTimeout(() => channel.port2.postMessage(0), 1)
      }
      channel.port1.onmessage = go
      go()
    } }
  }
"""


@dataclass(frozen=True, kw_only=True)
class Point:
    """The page after so many hours of sound."""

    hours: float
    speed: float
    process_mb: float
    heap_mb: float


def sound() -> str:
    """Two minutes of the machine, which knocks for ten seconds of them; 16-bit samples as base64."""
    knock = Knock(start_s=60.0, duration_s=10.0)
    samples = render(fan(), seconds=SOUND_S, seed=5, faults=[knock]).samples
    pcm = np.round(samples * 32767).clip(-32768, 32767).astype(np.int16)
    return b64encode(pcm.tobytes()).decode()


def bundle(folder: Path) -> Path:
    """What the page takes from the server."""
    clips = minutes_of(fan(), minutes=4, seed=0)
    return learn_clips(list(clips), name="fan").bundle.save(folder / "fan.onnx")


def listened(hours: float) -> Iterator[Point]:
    flags = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        "--js-flags=--expose-gc",
    ]
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder) / "data", "--bundle", str(bundle(Path(folder)))) as url,
        opened(*flags) as browser,
    ):
        page = browser.new_page()
        page.add_init_script(FAST.replace("SOUND", json.dumps(sound())))
        page.goto(f"{url}/local")
        page.get_by_role("button", name="Take fan from the server").click()
        page.get_by_role("button", name="Listen here").click()
        yield from points(browser, page, hours)


def points(browser: Any, page: Any, hours: float) -> Iterator[Point]:
    client = page.context.new_cdp_session(page)
    client.send("Performance.enable")
    began = time.monotonic()
    for step in range(1, STEPS + 1):
        wanted_s = 3600.0 * hours * step / STEPS
        # The page's content policy forbids what Playwright's own waiting is made of.
        while page.evaluate("window.judged") < wanted_s:
            page.wait_for_timeout(250)
        page.evaluate("gc()")
        for worker in page.workers:
            worker.evaluate("gc()")
        page.wait_for_timeout(500)
        heap = {
            one["name"]: one["value"] for one in client.send("Performance.getMetrics")["metrics"]
        }
        yield Point(
            hours=wanted_s / 3600.0,
            speed=wanted_s / (time.monotonic() - began),
            process_mb=renderer_mb(browser),
            heap_mb=heap["JSHeapUsedSize"] / 1e6,
        )


def renderer_mb(browser: Any) -> float:
    """Memory of the page's process: the largest of those that draw pages."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return max(resident_mb(one["id"]) for one in processes if one["type"] == "renderer")


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1000.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=8.0)
    options = parser.parse_args()
    table = Table("hours heard", "× real time", "process MB", "scripts' heap MB")
    console = Console()
    found = []
    for point in listened(options.hours):
        found.append(point)
        row = (point.hours, point.speed, point.process_mb, point.heap_mb)
        table.add_row(*(f"{value:.1f}" for value in row))
    console.print(table)
    settled = [point.process_mb for point in found if point.hours >= SETTLED_HOURS]
    if not settled:
        console.print("Too short to tell. " + machine_line())
        return 1
    growth = settled[-1] - settled[0]
    console.print(f"Grown since the second hour: {growth:.1f} MB. " + machine_line())
    return 0 if growth <= GOAL_MB and found[-1].speed >= LEAST_SPEED else 1


if __name__ == "__main__":
    sys.exit(main())
