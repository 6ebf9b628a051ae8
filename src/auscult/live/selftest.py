"""Whether this machine can do the work: chunks of sound judged and timed, and what is wrong with that, if anything.

No verdict is wrong because it is an anomaly. Wrong is what nobody could rely on: nothing judged, scores that are no numbers,
judging that takes longer than the sound lasts, a known fault that is not heard.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from auscult.audio.synth import Fault, Knock, fan
from auscult.live.demo import minutes_of
from auscult.live.events import Event
from auscult.live.listener import Block, Listener
from auscult.live.sources import from_machine
from auscult.memory.learn import learn_clips
from auscult.runtime.bundle import Bundle
from auscult.runtime.scorer import Scorer
from auscult.runtime.verdict import Verdict

LEARNED_MINUTES = 2
SECONDS = 40.0
FAULT = Knock(start_s=20.0, duration_s=12.0, snr_db=12.0)
"""What the simulated machine of the test does: it knocks in its second half."""


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """A window, and how long it took.

    Parameters
    ----------
    verdict
        What was heard.
    ms
        From the samples to the verdict, the explanation of an event included.
    """

    verdict: Verdict
    ms: float


@dataclass(frozen=True, kw_only=True)
class Timing:
    """How long chunks took.

    Parameters
    ----------
    median_ms, worst_ms
        Of one chunk.
    real_time_factor
        Time that judging takes ÷ time that the sound lasts: below 1 it keeps up.
    """

    median_ms: float
    worst_ms: float
    real_time_factor: float


def simulated_bundle() -> Bundle:
    """What a simulated ventilator sounds like, learned here in a few seconds."""
    clips = minutes_of(fan(), minutes=LEARNED_MINUTES, seed=0)
    return learn_clips(clips, name="simulated-fan", preset="edge").bundle


def simulated_sound() -> Iterator[Block]:
    """The same ventilator in another hour of its life; it begins to knock after 20 s."""
    return from_machine(fan(), seconds=SECONDS, seed=1, faults=[FAULT])


def chunks(
    scorer: Scorer, blocks: Iterable[Block], *, now_s: Callable[[], float] = perf_counter
) -> Iterator[Chunk | Event]:
    """Judge sound as a live source would be, and time it.

    Parameters
    ----------
    scorer
        What judges.
    blocks
        Sound in order of time.
    now_s
        Seconds on an even clock.
    """
    listener = Listener(scorer)
    for block in blocks:
        begin_s = now_s()
        items = listener.feed(block)
        took_ms = 1000.0 * (now_s() - begin_s)
        windows = sum(isinstance(item, Verdict) for item in items)
        for item in items:
            if isinstance(item, Verdict):
                yield Chunk(verdict=item, ms=took_ms / windows)
            else:
                yield item
    for item in listener.close():
        if isinstance(item, Event):
            yield item


def timing(heard: Sequence[Chunk], hop_s: float) -> Timing:
    """How long chunks took, against the pace at which they come.

    Parameters
    ----------
    heard
        At least one.
    hop_s
        A new one comes after so long.

    Examples
    --------
    >>> verdict = Verdict(start_s=0.0, end_s=2.0, score=1.0, ratio=0.5, state="normal", level_db=-30.0)
    >>> timing([Chunk(verdict=verdict, ms=ms) for ms in (2.0, 4.0, 9.0)], hop_s=1.0)
    Timing(median_ms=4.0, worst_ms=9.0, real_time_factor=0.005)
    """
    times_ms = [chunk.ms for chunk in heard]
    return Timing(
        median_ms=median(times_ms),
        worst_ms=max(times_ms),
        real_time_factor=sum(times_ms) / (1000.0 * hop_s * len(times_ms)),
    )


def failures(
    heard: Sequence[Chunk],
    events: Sequence[Event],
    *,
    hop_s: float,
    fault: Fault | None = None,
) -> list[str]:
    """What nobody could rely on, in words; nothing where all is well.

    Parameters
    ----------
    heard, events
        What was judged, and what was told.
    hop_s
        A new chunk comes after so long.
    fault
        What is known to be there, and alone to be there; `None`: nothing is known.

    Examples
    --------
    >>> failures([], [], hop_s=1.0)
    ['Nothing was judged: the sound is shorter than a window.']
    """
    if not heard:
        return ["Nothing was judged: the sound is shorter than a window."]
    found = []
    if not all(math.isfinite(chunk.verdict.score) for chunk in heard):
        found.append("Some scores are no numbers.")
    times = timing(heard, hop_s)
    if times.real_time_factor >= 1.0:
        found.append(
            f"Judging takes {times.real_time_factor:.1f} times as long as the sound lasts: this machine can't keep up."
        )
    if fault is not None:
        found += _about(fault, [event for event in events if event.status == "begun"])
    return found


def _about(fault: Fault, begun: Sequence[Event]) -> Iterator[str]:
    """Whether a known fault was heard, and nothing else."""
    if not any(event.end_s > fault.start_s for event in begun):
        yield f"The {fault.kind} that begins at {fault.start_s:g} s was not heard."
    if early := [event for event in begun if event.end_s <= fault.start_s]:
        yield f"Something was heard at {early[0].start_s:.0f} s, where nothing was wrong yet."
