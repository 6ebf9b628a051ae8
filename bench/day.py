"""A day of listening on a small machine in minutes: memory is steady, every window is judged, every event arrives.

A simulated ventilator at 48 kHz breaks twice an hour. It is heard by what `auscult listen --source … --store … --forward …`
is made of, on simulated time; the server is away from the sixth hour to the twelfth and loses answers after that. Ends
with 1 when memory grows, a window is missing, an event is lost or comes twice, or the process becomes larger than it may.

    python bench/day.py [HOURS]

Less than six hours tells little of growth: what fills up once (caches, the engine's arena) counts as growth then.
"""

import argparse
import json
import logging
import multiprocessing
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from auscult.audio.resample import resample
from auscult.audio.sound import Samples
from auscult.audio.synth import Knock, fan, render
from auscult.errors import NotifyError
from auscult.live.clock import FakeClock
from auscult.live.forward import CHANNEL, Forwarder
from auscult.live.health import SignalHealth
from auscult.live.keeper import Keeper
from auscult.live.listener import Block, Listener
from auscult.live.monitor import Counts, Monitor
from auscult.live.sources import LiveSource
from auscult.live.store import EventStore
from auscult.runtime.scorer import load
from auscult.runtime.verdict import Verdict

HOURS = 24.0
RATE_HZ = 48000
BLOCK_S = 0.1
LEARNED_MINUTES = 10
LOOP_S = 300.0
"""So much sound is made, and heard again and again: every other time with a knock in it."""

FAULT = Knock(start_s=120.0, duration_s=20.0, snr_db=12.0)
TURN_EVERY_S = 5.0
AWAY_S = (6 * 3600.0, 12 * 3600.0)
GROWTH_MB = 4.0
LARGEST_MB = 150.0


class DaySource(LiveSource):
    """Sound that moves the clock: a block each tenth of a second, as long as the day lasts."""

    def __init__(self, loops: list[Samples], clock: FakeClock, seconds: float) -> None:
        super().__init__(name="simulated fan", kind="machine")
        self._clock = clock
        self._blocks_left = round(seconds / BLOCK_S)
        self._loops = loops

    def _blocks(self) -> Iterator[Block]:
        length = round(BLOCK_S * RATE_HZ)
        whole = len(self._loops[0]) // length
        for number in range(self._blocks_left):
            # Broken in one of six: twice an hour.
            loop = self._loops[(number // whole) % 6 == 5]
            at = number % whole * length
            self._clock.advance(BLOCK_S)
            self._is_now("listening")
            yield Block(samples=loop[at : at + length], rate_hz=RATE_HZ)


@dataclass(kw_only=True)
class Receiver:
    """A server that is away for hours, and now and then loses an answer."""

    clock: FakeClock
    states: dict[str, str] = field(default_factory=dict)
    order: list[tuple[str, str]] = field(default_factory=list)
    requests: int = 0

    def post(self, _url: str, _headers: object, body: bytes) -> int:
        """Take events, as `auscult.server.routes.ingest` does."""
        self.requests += 1
        now_s = self.clock.monotonic_s()
        if AWAY_S[0] <= now_s < AWAY_S[1]:
            raise NotifyError("the server is away.")
        for event in json.loads(body)["events"]:
            if self.states.get(event["id"]) not in (event["status"], "ended"):
                self.states[event["id"]] = event["status"]
                self.order.append((event["id"], event["status"]))
        if now_s >= AWAY_S[1] and self.requests % 5 == 0:
            raise NotifyError("the answer was lost.")
        return 200


@dataclass(frozen=True, kw_only=True)
class Day:
    """What became of it. Memory is that of the process at each sample of time, in MB."""

    counts: Counts
    memory_mb: list[float]
    threads: tuple[int, int]
    files: tuple[int, int]
    said: list[tuple[str, str]]
    arrived: list[tuple[str, str]]
    waiting: int
    store_mb: float

    @property
    def growth_mb(self) -> float:
        """From the first quarter to the last, so that what fills up once is not counted."""
        quarter = max(len(self.memory_mb) // 4, 1)
        return float(
            np.median(self.memory_mb[-quarter:]) - np.median(self.memory_mb[1 : 1 + quarter])
        )


def make(folder: Path) -> None:
    """Sound and a bundle: in a process of its own, since making them takes more memory than listening."""
    from auscult.live.demo import minutes_of
    from auscult.memory.learn import learn_clips

    for number, faults in enumerate(([], [FAULT])):
        sound = render(fan(), seconds=LOOP_S, seed=1, faults=faults)
        np.save(folder / f"{number}.npy", resample(sound.samples, sound.rate_hz, RATE_HZ))
    clips = minutes_of(fan(), minutes=LEARNED_MINUTES, seed=0)
    learn_clips(clips, preset="edge").bundle.save(folder / "fan.onnx")


def live(hours: float, folder: Path, *, sample_every_s: float = 600.0) -> Day:
    """One day, from its first sound to its last; `folder` holds what `make` made."""
    clock = FakeClock()
    scorer = load(folder / "fan.onnx")
    loops = [np.load(folder / f"{number}.npy") for number in (0, 1)]
    source = DaySource(loops, clock, hours * 3600.0)
    store = EventStore(folder / "events.sqlite", clock=clock)
    receiver = Receiver(clock=clock)
    forwarder = Forwarder(store, "http://ears", device="day", clock=clock, post=receiver.post)
    keeper = Keeper(store, scorer, source, clock, tell=(CHANNEL,))
    memory_mb: list[float] = []
    begun: dict[str, list[int]] = {}
    next_s = {"turn": 0.0, "sample": 0.0}

    def each_window(item: object) -> None:
        if not isinstance(item, Verdict):
            return
        if item.end_s >= next_s["turn"]:
            next_s["turn"] += TURN_EVERY_S
            forwarder.turn()
        if item.end_s >= next_s["sample"]:
            next_s["sample"] += sample_every_s
            memory_mb.append(resident_mb())
            begun.setdefault("threads", []).append(threading.active_count())
            begun.setdefault("files", []).append(len([*Path("/proc/self/fd").iterdir()]))

    monitor = Monitor(
        source,
        Listener(scorer),
        [keeper, each_window],
        clock=clock,
        health=SignalHealth(RATE_HZ, checks_rate=False),
        realtime=False,
        buffered_s=2.0,
    )
    counts = monitor.run()
    clock.advance(120.0)
    forwarder.turn()
    said = [
        (event.id, status)
        for event in sorted(store.find(limit=1000), key=lambda one: one.id)
        for status in ("begun", "ended")[: 1 + (event.status == "ended")]
    ]
    waiting = forwarder.waiting()
    store.close()
    return Day(
        counts=counts,
        memory_mb=memory_mb,
        threads=(begun["threads"][0], begun["threads"][-1]),
        files=(begun["files"][0], begun["files"][-1]),
        said=said,
        arrived=receiver.order,
        waiting=waiting,
        store_mb=sum(one.stat().st_size for one in folder.glob("events*")) / 1e6,
    )


def resident_mb() -> float:
    """Memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def failures(day: Day, hours: float) -> list[str]:
    """What is not as it should be."""
    due = round(hours * 3600.0) - 1  # windows of two seconds, one a second
    found = {
        f"memory grew by {day.growth_mb:.1f} MB": day.growth_mb > GROWTH_MB,
        f"{day.counts.windows} windows instead of {due}": day.counts.windows != due,
        f"{day.counts.dropped_samples} samples were dropped": day.counts.dropped_samples > 0,
        "events are missing, doubled or out of order": day.said != day.arrived,
        f"{day.waiting} messages still wait": day.waiting > 0,
        "there are more threads than at first": day.threads[1] > day.threads[0],
        "there are more open files than at first": day.files[1] > day.files[0],
        "no event came": not day.said,
    }
    return [words for words, is_so in found.items() if is_so]


def main() -> int:
    from rich.console import Console
    from rich.table import Table

    from machine import machine_line

    if not Path("/proc/self/statm").exists():
        print("Memory is read from /proc, which is Linux's; nothing was measured.")
        return 0
    logging.getLogger("auscult.live.forward").setLevel(
        logging.ERROR
    )  # what is lost is lost on purpose
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("hours", type=float, nargs="?", default=HOURS)
    hours: float = parser.parse_args().hours
    with tempfile.TemporaryDirectory(prefix="auscult-day-") as name:
        folder = Path(name)
        maker = multiprocessing.get_context("spawn").Process(target=make, args=(folder,))
        maker.start()
        maker.join()
        day = live(hours, folder)
    wrong = failures(day, hours)
    # The two loops of sound are this program's own.
    own_mb = 2 * LOOP_S * RATE_HZ * 4 / 1e6
    largest_mb = max(day.memory_mb) - own_mb
    if largest_mb > LARGEST_MB:
        wrong.append(f"{largest_mb:.0f} MB is more than {LARGEST_MB:.0f}")
    print(machine_line())
    table = Table(title=f"{hours:g} h of listening at 48 kHz", title_justify="left")
    table.add_column("what")
    table.add_column("figure", justify="right")
    table.add_row("windows judged", f"{day.counts.windows:,}")
    table.add_row("samples dropped", f"{day.counts.dropped_samples}")
    table.add_row("events, and messages that arrived", f"{day.counts.events}, {len(day.arrived)}")
    table.add_row("memory, without the sound itself", f"{largest_mb:.0f} MB")
    table.add_row("its growth, first to last quarter", f"{day.growth_mb:+.2f} MB")
    table.add_row("store on disk", f"{day.store_mb:.2f} MB")
    Console().print(table)
    for words in wrong:
        print(f"Failed: {words}.", file=sys.stderr)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
