"""The cross-check of the feature streams on samples: simulated machines, learned from a file and listened to for hours.

Everything is the product's: the recording is read and learned, the bundle listens block by block, events are counted as
they are told, and at the end the machine leaks air.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import soundfile
from rich.table import Table

from auscult.audio.synth import AirLeak, Machine, cyclic, fan, stream, two_states
from auscult.datasets.clip import Clip
from auscult.live.events import Event
from auscult.live.listener import Block, Listener
from auscult.memory.learn import learn_clips
from auscult.runtime.scorer import Scorer

SEED = 1
LEARNED_S = 3600
LEAK_DB = 3.0
LEAK_S = 120

STEADY = replace(
    fan(),
    load_db=0.0,
    load_tilt_db=0.0,
    load_speed=0.0,
    tone_wander_db=0.0,
    background_wander_db=0.0,
)
MACHINES: dict[str, Machine] = {
    "iid": STEADY,
    "wander": fan(),
    "burst": replace(fan(), bursts_per_hour=20.0),
    "cyclic": cyclic(),
    "two_states": two_states(),
}


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What one machine's stream came to."""

    scenario: str
    trust: str
    hours: float
    events: int
    leak_delay_s: float | None

    @property
    def events_per_hour(self) -> float:
        """False events."""
        return self.events / self.hours


def listen_to(scenario: str, hours: float, budget_per_hour: float) -> Heard:
    """Learn an hour of a machine from a file, then listen on, and to a leak at the end."""
    machine = MACHINES[scenario]
    with tempfile.TemporaryDirectory(prefix="auscult-") as folder:
        path = Path(folder) / f"{scenario}.wav"
        record(machine, path)
        learned = learn_clips(
            [Clip(path=path, label="normal")], budget_per_day=24.0 * budget_per_hour
        )
    leak_s = LEARNED_S + hours * 3600.0
    leak = AirLeak(start_s=leak_s, duration_s=float(LEAK_S), snr_db=LEAK_DB)
    begun = [
        (event.start_s, told_s)
        for event, told_s in events(Listener(Scorer(learned.bundle), explain=False), machine, leak)
        if event.status == "begun"
    ]
    after = [told_s - leak_s for _, told_s in begun if told_s > leak_s]
    calibration = learned.bundle.manifest.calibration
    return Heard(
        scenario=scenario,
        trust="" if calibration is None else calibration.trust,
        hours=hours,
        events=len(begun) - len(after),
        leak_delay_s=after[0] if after else None,
    )


def record(machine: Machine, path: Path) -> None:
    """The machine's first hour, as a file of 16-bit samples."""
    with soundfile.SoundFile(path, "w", machine.rate_hz, 1, "PCM_16") as file:
        for block in islice(stream(machine, seed=SEED, block_s=1.0), LEARNED_S):
            file.write(block.samples)


def events(listener: Listener, machine: Machine, leak: AirLeak) -> Iterator[tuple[Event, float]]:
    """Events, and the time by which each was told."""
    blocks = stream(machine, seed=SEED, faults=[leak], block_s=1.0, start_s=float(LEARNED_S))
    seconds = round(leak.end_s) - LEARNED_S
    for second, block in enumerate(islice(blocks, seconds), start=LEARNED_S):
        told = listener.feed(
            Block(samples=block.samples, rate_hz=block.rate_hz, time_s=float(second))
        )
        yield from ((item, second + 1.0) for item in told if isinstance(item, Event))


def table_of(heard: list[Heard]) -> Table:
    table = Table(
        title=f"Samples: simulated machines, learned for 1 h; then an air leak {LEAK_DB:g} dB over its band",
        title_justify="left",
    )
    for heading in ("machine", "state", "hours", "false events", "an hour", "leak told after"):
        table.add_column(heading, justify="left" if heading in ("machine", "state") else "right")
    for h in heard:
        delay = "never" if h.leak_delay_s is None else f"{h.leak_delay_s:.0f} s"
        table.add_row(
            h.scenario, h.trust, f"{h.hours:g}", str(h.events), f"{h.events_per_hour:.2f}", delay
        )
    return table
