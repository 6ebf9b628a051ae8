"""How many microphones one server hears: simulated clients in a second process, on the same two cores.

Each client sends a second of sound every second, in four frames, on a bundle of two-second windows once a second. Measured is the
time from the last sample of a window received to its result sent, and from the frame sent to the result received; counted is whether every
window was scored or dropped for a reason, and how many clients were refused at the door. Seven keys share the clients. Beside it the naive way:
one engine call for each window. Ends with 1 where a goal is missed.
"""

import argparse
import asyncio
import json
import os
import socket
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from subprocess import PIPE, Popen

import httpx
import numpy as np
from rich.console import Console
from rich.table import Table
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from auscult.audio.synth import fan, render
from auscult.live.demo import minutes_of
from auscult.memory.learn import learn_clips
from auscult.server.wire import encode
from machine import machine_line

RATE_HZ = 16000
FRAMES_A_SECOND = 4
WARM_UP_S = 6.0
TOO_MANY = 4429
GOALS_MS = {200: 100.0, 400: 250.0}
MOST_S = 1.0
"""Whoever was let in is answered within this, however many were not."""

KEYS = [f"bench-key-{number}-{'x' * 32}" for number in range(7)]


@dataclass(frozen=True, kw_only=True)
class Row:
    """What one load came to."""

    streams: int
    refused: int
    way: str
    p50_ms: float
    p99_ms: float
    worst_ms: float
    results: int
    expected: int
    submitted: int
    scored: int
    dropped: int
    windows_a_call: float
    cpu: float
    memory_mb: float

    @property
    def lost(self) -> int:
        """Windows that nobody accounts for."""
        return self.submitted - self.scored - self.dropped


async def microphone(
    port: int, key: str, sound: np.ndarray, *, seconds: float, phase: float, out: list
) -> int:
    """One client; puts the delay of each result into `out`; the windows that it should have been told of, 0 if refused."""
    # All come within two seconds, as after a power cut.
    await asyncio.sleep(2.0 * phase)
    try:
        return await heard(port, key, sound, seconds=seconds, phase=phase, out=out)
    except ConnectionClosed as closed:
        if closed.rcvd is None or closed.rcvd.code != TOO_MANY:
            raise
        return 0


async def heard(
    port: int, key: str, sound: np.ndarray, *, seconds: float, phase: float, out: list
) -> int:
    sent_at: dict[int, float] = {}
    uri = f"ws://127.0.0.1:{port}/ws/stream"
    async with connect(uri, compression=None, open_timeout=60, max_queue=None) as ws:
        hello = {"type": "hello", "v": 1, "sample_rate": RATE_HZ, "key": key}
        await ws.send(json.dumps(hello))
        while json.loads(await ws.recv())["type"] != "welcome":
            pass
        begin = time.monotonic() + phase

        async def hear() -> None:
            async for text in ws:
                message = json.loads(text)
                if message["type"] == "result":
                    end = round(message["end_s"] * RATE_HZ)
                    if end in sent_at and end > WARM_UP_S * RATE_HZ:
                        out.append(
                            (1000.0 * (time.monotonic() - sent_at[end]), message["infer_ms"])
                        )

        hearing = asyncio.create_task(hear())
        n = RATE_HZ // FRAMES_A_SECOND
        for k in range(int(seconds * FRAMES_A_SECOND)):
            due = begin + (k + 1) / FRAMES_A_SECOND
            await asyncio.sleep(max(due - time.monotonic(), 0.0))
            at = (k * n) % (len(sound) - n)
            sent_at[(k + 1) * n] = time.monotonic()
            await ws.send(encode(sound[at : at + n], first_sample=k * n, seq=k))
        await asyncio.sleep(1.0)
        hearing.cancel()
    return int(seconds) - int(WARM_UP_S)


async def load(port: int, streams: int, seconds: float) -> dict:
    sound = np.round(render(fan(), seconds=20.0, seed=3).samples * 32768).astype(np.int16)
    delays: list = []
    rng = np.random.default_rng(0)
    clients = [
        microphone(
            port,
            KEYS[number % len(KEYS)],
            np.roll(sound, -int(rng.integers(len(sound)))),
            seconds=seconds,
            phase=float(rng.random()),
            out=delays,
        )
        for number in range(streams)
    ]
    expected = await asyncio.gather(*clients)
    refused = sum(windows == 0 for windows in expected)
    return {"delays": delays, "expected": sum(expected), "refused": refused}


def server(data: Path, bundle: Path, port: int, *, naive: bool) -> Popen:
    settings = os.environ | {"OMP_NUM_THREADS": "1"} | ({"AUSCULT_MAX_BATCH": "1"} if naive else {})
    command = [sys.executable, "-m", "auscult", "serve", "--bundle", str(bundle), "--json"]
    keys = data / "keys.txt"
    keys.touch(mode=0o600)
    keys.write_text("\n".join(KEYS), encoding="ascii")
    command += ["--port", str(port), "--data-dir", str(data / "data"), "--key-file", str(keys)]
    process = Popen(command, stdout=PIPE, env=settings, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def metrics(port: int) -> dict[str, float]:
    headers = {"Authorization": f"Bearer {KEYS[0]}"}
    found: dict[str, float] = {}
    for line in httpx.get(f"http://127.0.0.1:{port}/metrics", headers=headers).text.splitlines():
        if not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            key = name.partition("{")[0]
            found[key] = found.get(key, 0.0) + float(value)
    return found


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024.0
    return 0.0


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def measure(bundle: Path, streams: int, seconds: float, *, naive: bool) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        process = server(Path(folder), bundle, port, naive=naive)
        try:
            begin_s, begin_cpu = time.monotonic(), cpu_s(process.pid)
            command = [sys.executable, __file__, "--client", str(port)]
            command += ["--streams", str(streams), "--seconds", str(seconds)]
            client = Popen(command, stdout=PIPE, text=True)
            answer, _ = client.communicate(timeout=seconds + 180)
            wall_s = time.monotonic() - begin_s
            busy = (cpu_s(process.pid) - begin_cpu) / wall_s
            rss = memory_mb(process.pid)
            told = metrics(port)
        finally:
            process.terminate()
            process.wait(timeout=20)
    found = json.loads(answer)
    delays = np.array([one[0] for one in found["delays"]])
    scored = told.get("auscult_windows_scored_total", 0.0)
    dropped = told.get("auscult_windows_dropped_total", 0.0)
    calls = max(told.get("auscult_engine_calls_total", scored), 1.0)
    return Row(
        streams=streams,
        refused=found["refused"],
        way="one call a window" if naive else "together",
        p50_ms=float(np.median(delays)) if len(delays) else float("inf"),
        p99_ms=float(np.quantile(delays, 0.99)) if len(delays) else float("inf"),
        worst_ms=float(delays.max()) if len(delays) else float("inf"),
        results=len(delays),
        expected=found["expected"],
        submitted=int(told.get("auscult_windows_submitted_total", scored + dropped)),
        scored=int(scored),
        dropped=int(dropped),
        windows_a_call=scored / calls,
        cpu=busy,
        memory_mb=rss,
    )


def is_good(row: Row) -> bool:
    """Nothing unaccounted for, and in time; up to the goals nobody refused and nothing dropped either."""
    whole = not row.lost and row.results == row.expected - row.dropped
    if row.streams not in GOALS_MS:
        return whole and row.p99_ms <= 1000.0 * MOST_S
    complete = not row.refused and not row.dropped
    return whole and complete and row.p99_ms <= GOALS_MS[row.streams]


def table_of(rows: list[Row]) -> Table:
    table = Table(title="Streams on one server: from the last sample sent to the result received")
    for heading in (
        "streams",
        "refused",
        "way",
        "p50 ms",
        "p99 ms",
        "worst ms",
        "results",
        "dropped",
        "lost",
        "windows/call",
        "CPU",
        "MB",
    ):
        table.add_column(heading, justify="left" if heading == "way" else "right")
    for row in rows:
        table.add_row(
            str(row.streams),
            str(row.refused),
            row.way,
            f"{row.p50_ms:.0f}",
            f"{row.p99_ms:.0f}",
            f"{row.worst_ms:.0f}",
            f"{row.results:,} of {row.expected:,}",
            str(row.dropped),
            str(row.lost),
            f"{row.windows_a_call:.1f}",
            f"{100 * row.cpu:.0f} %",
            f"{row.memory_mb:.0f}",
        )
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--streams", default="200,400,800")
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--naive-to", type=int, default=400, help="the naive way up to so many")
    parser.add_argument("--client", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    counts = [int(one) for one in options.streams.split(",")]
    if options.client:
        print(json.dumps(asyncio.run(load(options.client, counts[0], options.seconds))))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        learned = learn_clips(minutes_of(fan(), minutes=10, seed=0), name="fan")
        bundle = learned.bundle.save(Path(folder) / "fan.onnx")
        rows = []
        for count in counts:
            for naive in (False, True) if count <= options.naive_to else (False,):
                rows.append(measure(bundle, count, options.seconds, naive=naive))
                Console(stderr=True).print(rows[-1])
    if options.json:
        print(json.dumps([asdict(row) for row in rows]))
    else:
        console = Console(width=None if sys.stdout.isatty() else 150, highlight=False)
        console.print(machine_line())
        console.print(table_of(rows))
    together = [row for row in rows if row.way == "together"]
    missed = [row for row in together if not is_good(row)]
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
