"""What is checked of sound before anything is learned from it, so that nobody waits for a judge that could not be one."""

from dataclasses import dataclass
from typing import Literal

from auscult.server.collection import Collection, summed, uses_of

Outcome = Literal["good", "watch", "bad"]
Name = Literal["length", "signal", "clipping", "variety", "kind"]

LEAST_S, ENOUGH_S = 30.0, 60.0
LEAST_RECORDINGS = 3
LEAST_CYCLES, CHANGING_S = 10.0, 300.0


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check.

    Parameters
    ----------
    name
        `length`: there is enough normal sound; `signal`: something is to be heard; `clipping`: it is not too loud; `variety`: enough of what
        it does was heard; `kind`: what most of it is like.
    outcome
        `bad` where nothing could be learned so, `watch` where it could be better.
    value
        Seconds; recordings that are silent, or clipped; cycles heard, or seconds. The period of `kind`, where it is cyclic.
    """

    name: Name
    outcome: Outcome
    value: float | None = None
    what: str = ""


def checks_of(collection: Collection) -> list[Check]:
    """All checks of what was brought; none of an empty collection."""
    if not collection.items:
        return []
    shares = collection.shares
    uses = uses_of(shares)
    normal = [share for label, share in shares.items() if uses[label] == "normal"]
    seconds = sum(one.seconds for one in normal)
    recordings = sum(one.recordings for one in normal)
    health = [one.texture.health for one in collection.items.values() if one.texture]
    silent = sum(one in {"silent", "stuck"} for one in health)
    clipped = sum(one == "clipped" for one in health)
    return [
        Check(name="length", outcome=_length(seconds, recordings), value=seconds),
        Check(name="signal", outcome="bad" if silent else "good", value=silent),
        Check(name="clipping", outcome="watch" if clipped else "good", value=clipped),
        *_on_kind(collection, seconds),
    ]


def _length(seconds: float, recordings: int) -> Outcome:
    if seconds < LEAST_S and recordings < LEAST_RECORDINGS:
        return "bad"
    return "good" if seconds >= ENOUGH_S else "watch"


def _on_kind(collection: Collection, seconds: float) -> list[Check]:
    found = summed(collection)
    if found is None:
        return []
    kind = Check(name="kind", outcome="good", value=found.period_s, what=found.kind)
    if found.period_s is not None:
        cycles = seconds / found.period_s
        outcome: Outcome = "good" if cycles >= LEAST_CYCLES else "watch"
        return [kind, Check(name="variety", outcome=outcome, value=cycles, what=found.kind)]
    least_s = CHANGING_S if found.kind == "changing" else ENOUGH_S
    outcome = "good" if seconds >= least_s else "watch"
    return [kind, Check(name="variety", outcome=outcome, value=seconds, what=found.kind)]
