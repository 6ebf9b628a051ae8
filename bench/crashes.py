"""What survives kill -9: a writer of events, and a whole server, killed at random moments under load.

Every event that was acknowledged (printed by the writer, told to a viewer by the server) is looked up afterwards, and the file is
checked. Ends with 1 where one is missing, the file is broken, or a server takes more than three seconds to be ready again.

With `--database postgres`, the writer stores in a Postgres cluster made for this, and at each turn Postgres, the writer or both are
killed. What was acknowledged has to be there, once, and in the order of its making.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from auscult.audio.synth import AirLeak, fan, render
from auscult.live.clock import SystemClock
from auscult.live.demo import minutes_of
from auscult.live.spool import SpooledStore
from auscult.memory.learn import learn_clips
from auscult.server.wire import encode
from cluster import Cluster
from machine import machine_line

READY_S = 3.0
RATE_HZ = 16000

WRITER = """
import sys
from auscult.live.clock import SystemClock
from auscult.live.store import EventStore, StoredEvent
store, clock = EventStore(sys.argv[1], clock=SystemClock()), SystemClock()
sys.stdout.write("ready\\n")
sys.stdout.flush()
while True:
    event = StoredEvent(id=store.new_id(), stream="s", stream_name="S", kind="anomaly", status="begun",
                        begun_at=clock.utc(), start_s=0.0, end_s=1.0, peak_s=0.5, peak_ratio=2.0)
    store.add(event, tell=["print:"])
    sys.stdout.write(event.id + "\\n")
    sys.stdout.flush()
"""


POSTGRES_WRITER = WRITER.replace(
    "from auscult.live.store import EventStore, StoredEvent",
    "from pathlib import Path\nfrom auscult.live.spool import SpooledStore\nfrom auscult.live.store import StoredEvent",
).replace(
    "EventStore(sys.argv[1], clock=SystemClock())",
    "SpooledStore(sys.argv[1], spool=Path(sys.argv[2]), clock=SystemClock())",
)


@dataclass(kw_only=True)
class Outcome:
    """What came of one kind of kill."""

    what: str
    kills: int = 0
    acknowledged: set[str] = field(default_factory=set)
    lost: int = 0
    broken: int = 0
    ready_s: list[float] = field(default_factory=list)


def check(path: Path, outcome: Outcome) -> None:
    """Everything acknowledged is there, with its message, and the file is whole."""
    with closing(sqlite3.connect(path)) as database:
        whole = database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        outcome.broken += not whole or bool(database.execute("PRAGMA foreign_key_check").fetchall())
        kept = {row[0] for row in database.execute("SELECT id FROM events")}
    outcome.lost = len(outcome.acknowledged - kept)


def kill_writers(rounds: int, folder: Path) -> Outcome:
    outcome, path, rng = Outcome(what="writer"), folder / "events.sqlite", random.Random(0)
    for _ in track(range(rounds), "killing writers", console=Console(stderr=True)):
        begin = time.monotonic()
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        writer.stdout.readline()
        outcome.ready_s.append(time.monotonic() - begin)
        timer = time.monotonic() + rng.uniform(0.0, 0.3)
        while time.monotonic() < timer:
            outcome.acknowledged.add(writer.stdout.readline().strip())
        writer.send_signal(signal.SIGKILL)
        outcome.acknowledged |= {line.strip() for line in writer.stdout if len(line) == 27}
        writer.wait()
        writer.stdout.close()
        outcome.kills += 1
    check(path, outcome)
    return outcome


class Lines:
    """What a writer prints, noted in a thread of its own, so that its pipe is never full.

    Parameters
    ----------
    writer
        Its process.
    noted
        Where to.
    """

    def __init__(self, writer: "subprocess.Popen[str]", noted: set[str]) -> None:
        assert writer.stdout is not None
        self._lines, self._noted = writer.stdout, noted
        self._lines.readline()  # it is ready
        self._thread = Thread(target=self._note)
        self._thread.start()

    def _note(self) -> None:
        self._noted.update(line.strip() for line in self._lines if len(line) == 27)

    def close(self) -> None:
        """Its process has gone."""
        self._thread.join()
        self._lines.close()


def kill_postgres(rounds: int, folder: Path) -> Outcome:
    outcome, rng = Outcome(what="Postgres"), random.Random(2)
    cluster, spool = Cluster(folder / "cluster", is_lasting=True), folder / "waiting.sqlite"
    cluster.start()
    words = [sys.executable, "-c", POSTGRES_WRITER, cluster.url(), str(spool)]
    try:
        for number in track(range(rounds), "killing Postgres", console=Console(stderr=True)):
            begin = time.monotonic()
            writer = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
            lines = Lines(writer, outcome.acknowledged)
            outcome.ready_s.append(time.monotonic() - begin)
            time.sleep(rng.uniform(0.0, 0.3))
            cluster.kill()
            time.sleep(rng.uniform(0.0, 1.0))
            if number % 3 == 0:  # while Postgres is away, and much waits
                writer.send_signal(signal.SIGKILL)
            cluster.start()
            if number % 3 == 1:  # while what waits is handed on
                time.sleep(rng.uniform(1.5, 4.0))
            writer.send_signal(signal.SIGKILL)
            writer.wait()
            lines.close()
            outcome.kills += 1
        check_postgres(cluster.url(), spool, outcome)
    finally:
        cluster.stop()
    return outcome


def check_postgres(url: str, spool: Path, outcome: Outcome) -> None:
    """Everything acknowledged is there once what waits was handed on; its messages once, and in the order of their making."""
    store = SpooledStore(url, spool=spool, clock=SystemClock())
    store.drain()
    told = [one.event_id for one in store.outbox.waiting("print:", limit=10**7)]
    outcome.lost = len(outcome.acknowledged - set(told))
    outcome.broken = int(told != sorted(set(told)) or store.count() != len(told))
    store.close()


async def sound_until(port: int, sound: np.ndarray, seconds: float, told: set[str]) -> None:
    """A client that sends a machine that leaks air, again and again, and notes what it was told."""
    async with connect(f"ws://127.0.0.1:{port}/ws/stream", compression=None) as ws:
        await ws.send(json.dumps({"type": "hello", "v": 1, "sample_rate": RATE_HZ}))

        async def hear() -> None:
            # The server dies: that is what this is about.
            with contextlib.suppress(WebSocketException):
                await note()

        async def note() -> None:
            async for text in ws:
                message = json.loads(text)
                if message["type"] == "event":
                    told.add(message["event"]["id"])

        hearing = asyncio.create_task(hear())
        end, at, n = time.monotonic() + seconds, 0, RATE_HZ
        while time.monotonic() < end:
            part = np.take(sound, np.arange(at, at + n), mode="wrap")
            await ws.send(encode(part, first_sample=at))
            at += n
            await asyncio.sleep(0.26)
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)


async def load(port: int, sound: np.ndarray, seconds: float, told: set[str]) -> None:
    clients = (sound_until(port, np.roll(sound, 16000 * k), seconds, told) for k in range(6))
    await asyncio.gather(*clients, return_exceptions=True)


async def kill_under_load(
    server: "subprocess.Popen[str]", port: int, sound: np.ndarray, seconds: float, told: set[str]
) -> None:
    listening = asyncio.create_task(load(port, sound, seconds + 1.0, told))
    await asyncio.sleep(seconds)
    server.send_signal(signal.SIGKILL)
    await asyncio.wait([listening], timeout=5.0)


def kill_servers(rounds: int, folder: Path) -> Outcome:
    outcome, rng = Outcome(what="server"), random.Random(1)
    bundle = learn_clips(minutes_of(fan(), minutes=10, seed=0)).bundle.save(folder / "fan.onnx")
    leak = AirLeak(start_s=6.0, duration_s=4.0, snr_db=9.0)
    samples = render(fan(), seconds=20.0, seed=3, faults=[leak]).samples
    sound = np.round(samples * 32768).astype(np.int16)
    data = folder / "data"
    for _ in track(range(rounds), "killing servers", console=Console(stderr=True)):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "auscult", "serve", "--bundle", str(bundle), "--json"]
        command += ["--port", str(port), "--data-dir", str(data)]
        begin = time.monotonic()
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        server.stdout.readline()
        outcome.ready_s.append(time.monotonic() - begin)
        told: set[str] = set()
        try:
            asyncio.run(kill_under_load(server, port, sound, rng.uniform(2.5, 6.0), told))
        except (OSError, WebSocketException):
            outcome.broken += 1
        server.wait()
        server.stdout.close()
        outcome.acknowledged |= told
        outcome.kills += 1
    check(data / "events.sqlite", outcome)
    return outcome


def table_of(outcomes: list[Outcome]) -> Table:
    table = Table(title="kill -9 under load")
    for heading in (
        "what",
        "kills",
        "acknowledged",
        "lost",
        "broken",
        "ready p50 s",
        "ready p99 s",
    ):
        table.add_column(heading, justify="right")
    for one in outcomes:
        ready = np.array(one.ready_s)
        table.add_row(
            one.what,
            str(one.kills),
            f"{len(one.acknowledged):,}",
            str(one.lost),
            str(one.broken),
            f"{np.median(ready):.2f}",
            f"{np.quantile(ready, 0.99):.2f}",
        )
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--writers", type=int, default=200)
    parser.add_argument("--servers", type=int, default=100)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    options = parser.parse_args()
    if os.name != "posix":
        print("SIGKILL is POSIX; nothing was measured.")
        return 0
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        if options.database == "postgres":
            Path(folder).chmod(0o755)  # Postgres runs as another user where this is root
            outcomes.append(kill_postgres(options.writers, Path(folder)))
        elif options.writers:
            outcomes.append(kill_writers(options.writers, Path(folder)))
        if options.servers and options.database == "sqlite":
            outcomes.append(kill_servers(options.servers, Path(folder)))
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    console.print(machine_line())
    console.print(table_of(outcomes))
    bad = [
        one
        for one in outcomes
        if one.lost or one.broken or np.quantile(one.ready_s, 0.99) > READY_S
    ]
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
