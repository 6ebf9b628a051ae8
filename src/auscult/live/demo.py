"""A machine that does not exist, learned and then broken in every way: what Auscult does, with nothing to plug in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from auscult.audio.synth import (
    FAULTS,
    MACHINES,
    Dropout,
    Fault,
    FaultSpan,
    Machine,
    MachineName,
    render,
)
from auscult.datasets.clip import NORMAL, Clip
from auscult.live.events import Event
from auscult.memory.hear import Progress
from auscult.memory.learn import Learned, learn_clips

FIRST_FAULT_S = 20.0
FAULT_S = 20.0
PAUSE_S = 28.0
DROPOUT_DB = 80.0  # a cable that comes loose: no signal is left; a machine that is only far away sounds as before

_MINUTE_S = 60.0


def faults_in_turn(snr_db: float) -> tuple[list[Fault], float]:
    """Every kind of fault once, and the seconds that it takes.

    Examples
    --------
    >>> faults, seconds = faults_in_turn(6.0)
    >>> len(faults), seconds
    (7, 356.0)
    """
    starts = [FIRST_FAULT_S + i * (FAULT_S + PAUSE_S) for i in range(len(FAULTS))]
    faults: list[Fault] = []
    for kind, start_s in zip(FAULTS.values(), starts, strict=True):
        # A dropout takes sound away; it has no level of its own.
        level = {"depth_db": DROPOUT_DB} if kind is Dropout else {"snr_db": snr_db}
        faults.append(kind(start_s=start_s, duration_s=FAULT_S, **level))  # type: ignore[arg-type]
    return faults, starts[-1] + FAULT_S + PAUSE_S


def minutes_of(machine: Machine, *, minutes: int, seed: int) -> Iterator[Clip]:
    """Normal sound of a machine as recordings of a minute, made when they are wanted."""
    for minute in range(minutes):
        sound = render(machine, seconds=_MINUTE_S, seed=seed, start_s=minute * _MINUTE_S)
        name = f"minute {minute + 1}"
        yield Clip(path=Path("simulated"), label=NORMAL, group=name, sound=sound)


def learn_machine(
    name: MachineName, *, minutes: int, seed: int, budget_per_day: float, progress: Progress | None
) -> Learned:
    """Learn what a simulated machine sounds like."""
    return learn_clips(
        minutes_of(MACHINES[name](), minutes=minutes, seed=seed),
        name=f"simulated-{name}",
        budget_per_day=budget_per_day,
        progress=progress,
    )


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A fault that was there, and what was told of it.

    Parameters
    ----------
    fault
        What was really there.
    event
        The event that began while it was there, as it was when it had ended; `None` if nobody noticed.
    told_s
        When the event was told: the end of the window that began it.
    """

    fault: FaultSpan
    event: Event | None = None
    told_s: float | None = None

    @property
    def delay_s(self) -> float | None:
        """From the beginning of the fault until it was told."""
        return None if self.told_s is None else max(self.told_s - self.fault.start_s, 0.0)


def outcomes(
    faults: Sequence[FaultSpan], events: Sequence[Event]
) -> tuple[list[Outcome], list[Event]]:
    """Which fault was heard, and which events were about nothing.

    A fault is heard by an event that *begins* while it is there: an alarm that never ends hears the first fault at most.

    Parameters
    ----------
    faults
        What was really there.
    events
        What was told, as it began and when it had ended.
    """
    begun = [event for event in events if event.status == "begun"]
    ended = {event.id: event for event in events if event.status == "ended"}

    def overlap(fault: FaultSpan, event: Event) -> bool:
        return event.start_s < fault.end_s and event.end_s > fault.start_s

    def outcome(fault: FaultSpan) -> Outcome:
        first = next((event for event in begun if overlap(fault, event)), None)
        if first is None:
            return Outcome(fault=fault)
        return Outcome(fault=fault, event=ended.get(first.id, first), told_s=first.end_s)

    false = [event for event in begun if not any(overlap(fault, event) for fault in faults)]
    return [outcome(fault) for fault in faults], false
