"""What a server keeps of clients that have gone: its memory after many have come, sent sound, and left.

Some leave with a word, some just hang up, some come back to their session, some never say hello. Ends with 1 where memory grew by more than
10 MiB after the first three thousand.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table
from websockets.asyncio.client import connect

from auscult.audio.synth import fan
from auscult.live.demo import minutes_of
from auscult.memory.learn import learn_clips
from auscult.server.wire import encode
from machine import machine_line
from streams import KEYS, RATE_HZ, free_port, memory_mb, metrics, server

GOAL_MB = 10.0
WARM_UP = 3000
TOGETHER = 20
ROUND = 500


async def come_and_go(port: int, number: int) -> None:
    """One client, in one of the ways in which clients come and go."""
    rng = random.Random(number)
    async with connect(f"ws://127.0.0.1:{port}/ws/stream", compression=None) as ws:
        if number % 10 == 0:
            return
        hello = {"type": "hello", "v": 1, "sample_rate": RATE_HZ, "key": rng.choice(KEYS)}
        await ws.send(json.dumps(hello))
        if number % 10 == 1:
            return
        while json.loads(await ws.recv())["type"] != "welcome":
            pass
        # Some stay long enough to be judged once or twice.
        n_frames, samples = (10, 4000) if number % 10 == 3 else (rng.randrange(3), 2000)
        sound = np.full(samples, 1000, np.int16) * rng.choice([-1, 1])
        for seq in range(n_frames):
            await ws.send(encode(sound, first_sample=seq * len(sound), seq=seq))
        if number % 10 == 2:
            ws.transport.abort()


async def many(port: int, first: int, count: int) -> int:
    places = asyncio.Semaphore(TOGETHER)

    async def one(number: int) -> None:
        async with places:
            await come_and_go(port, number)

    numbers = range(first, first + count)
    done = await asyncio.gather(*(one(number) for number in numbers), return_exceptions=True)
    return sum(isinstance(outcome, Exception) for outcome in done)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--connects", type=int, default=20000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bundle = learn_clips(minutes_of(fan(), minutes=2, seed=0), name="fan").bundle
        port = free_port()
        process = server(Path(folder), bundle.save(Path(folder) / "fan.onnx"), port, naive=False)
        try:
            asyncio.run(many(port, 0, WARM_UP))
            settle(port)
            before_mb, begin_s, failed = memory_mb(process.pid), time.monotonic(), 0
            rounds = range(WARM_UP, WARM_UP + options.connects, ROUND)
            for first in track(rounds, "coming and going", console=Console(stderr=True)):
                failed += asyncio.run(many(port, first, ROUND))
            seconds = time.monotonic() - begin_s
            kept = settle(port)
            after_mb = memory_mb(process.pid)
        finally:
            process.terminate()
            process.wait(timeout=20)
    found = {
        "connects": options.connects,
        "a_second": round(options.connects / seconds, 1),
        "failed": failed,
        "streams_kept": kept,
        "before_mb": round(before_mb, 1),
        "after_mb": round(after_mb, 1),
        "grown_mb": round(after_mb - before_mb, 1),
    }
    if options.json:
        print(json.dumps(found))
    else:
        table = Table(title="Clients that came and went")
        for name in found:
            table.add_column(name.replace("_", " "), justify="right")
        table.add_row(*(f"{value:,}" for value in found.values()))
        console = Console(width=None if sys.stdout.isatty() else 150, highlight=False)
        console.print(machine_line())
        console.print(table)
    return int(after_mb - before_mb > GOAL_MB or failed > 0)


def settle(port: int, most_s: float = 90.0) -> int:
    """Wait until the sessions that might have been taken up again have ended; how many are left."""
    end_s = time.monotonic() + most_s
    while (kept := int(metrics(port).get("auscult_streams", 0.0))) and time.monotonic() < end_s:
        time.sleep(1.0)
    return kept


if __name__ == "__main__":
    sys.exit(main())
