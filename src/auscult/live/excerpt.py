"""A few seconds of a source, for who wants to look at them as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Timer

import numpy as np

from auscult.audio.sound import Sound
from auscult.errors import SourceError
from auscult.live.clock import Clock
from auscult.live.health import HealthChange, SignalHealth
from auscult.live.listener import Block
from auscult.live.sources.source import Source

GRACE_S = 6.0
"""A source that is there begins within so long; one that breaks off is not waited for any longer."""

SETTLING_S = 0.5
"""Microphones begin with silence or a click, which says nothing of them."""

_ROUNDING_S = 1e-6


@dataclass(frozen=True, kw_only=True)
class Excerpt:
    """What a source gave.

    Parameters
    ----------
    sound
        The mean of its channels.
    health
        What was wrong with the signal while it was heard.
    dropped_samples
        What it had and could not give.
    """

    sound: Sound
    health: tuple[HealthChange, ...]
    dropped_samples: int


def excerpt(source: Source, seconds: float, *, clock: Clock | None) -> Excerpt:
    """Listen for a few seconds; the source is closed then.

    Parameters
    ----------
    source
        What to listen to; a recording may end sooner.
    seconds
        For how long.
    clock
        When what came; `None`: it is not live, and its rate can't be checked.

    Raises
    ------
    SourceError
        If nothing came at all.
    AuscultError
        If the source fails.
    """
    why: list[str | None] = []

    def give_up() -> None:
        why.append(source.error)  # a source that has ended says no more
        source.close()

    hurry = Timer(seconds + GRACE_S, give_up)
    hurry.daemon = True
    hurry.start()
    try:
        taken, health = _taken(source, seconds, clock)
    finally:
        hurry.cancel()
        source.close()
    if not taken:
        raise SourceError(
            f"{source.name} gave no sound within {seconds + GRACE_S:g} s.",
            "a source that sounds",
            next(filter(None, why), "See that it is plugged in and that this user may record."),
        )
    return Excerpt(
        sound=Sound(
            samples=np.concatenate([block.mono() for block in taken]), rate_hz=taken[0].rate_hz
        ),
        health=tuple(change for change in health if change.state != "ok"),
        dropped_samples=source.dropped_samples,
    )


def _taken(
    source: Source, seconds: float, clock: Clock | None
) -> tuple[list[Block], list[HealthChange]]:
    taken: list[Block] = []
    health: SignalHealth | None = None
    changes: list[HealthChange] = []
    for block in _settled(source):
        if taken and block.rate_hz != taken[0].rate_hz:
            break  # another device answers to the name now
        if health is None:
            health = SignalHealth(block.rate_hz)
        taken.append(block)
        changes += health.feed(block, None if clock is None else clock.monotonic_s())
        if sum(len(one.samples) for one in taken) >= seconds * block.rate_hz:
            break
    return taken, changes


def _settled(source: Source) -> Iterator[Block]:
    """Without the beginning, where it is a microphone's."""
    left_s = SETTLING_S if source.kind == "mic" else 0.0
    for block in source:
        if left_s < _ROUNDING_S:
            yield block
        left_s -= len(block.samples) / block.rate_hz
