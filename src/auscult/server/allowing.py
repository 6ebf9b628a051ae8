"""An event that was none: a bundle that has allowed its sound, and what else would not have been told.

Where the sound of an event is kept, whole, it is heard again; where it is not, what is kept of how it was heard takes its place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from auscult.datasets.clip import Clip
from auscult.live.store import StoredEvent
from auscult.memory.allow import (
    Allowance,
    Effect,
    allow,
    allow_trace,
    effects,
    effects_on_traces,
)
from auscult.memory.trace import Trace, direction, ears_of, judging, keeps_traces
from auscult.runtime.bundle import Bundle

MOST_COMPARED = 100
"""Of the newest events whose sound is kept, or how they were heard, so many are judged again."""

ALIKE = 0.7
"""Cosine of the ways in which two sounds differ from normal, from which on one is called like the other."""

_LABELS = {"normal": "normal", "anomaly": "anomaly"}


@dataclass(frozen=True, kw_only=True)
class Consequence:
    """What an allowance changes.

    Parameters
    ----------
    allowance
        The new bundle, and how strange the sound is to it.
    compared
        Other events that were judged again.
    vanishing
        Their ids, of those that would raise no alarm.
    missed
        Of these, those that a person called real.
    """

    allowance: Allowance
    compared: int
    vanishing: tuple[str, ...]
    missed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """An earlier event that has a name and sounds alike.

    Parameters
    ----------
    event
        The nearest one.
    likeness
        From 0 to 1.
    """

    event: StoredEvent
    likeness: float


def allowed_event(
    bundle: Bundle,
    event: StoredEvent,
    others: Sequence[StoredEvent],
    folder: Path,
    traces: Mapping[str, Trace],
) -> Consequence:
    """Allow the sound of an event, and judge others again; it takes seconds.

    Parameters
    ----------
    bundle
        That judges now.
    event
        With its sound kept, or how it was heard.
    others
        Events to judge again; those with neither are left out.
    folder
        Where sound is kept.
    traces
        By the event's id, how it was heard.

    Raises
    ------
    AudioError
        If its sound can't be read.
    BundleError
        If the bundle can't allow it: see `auscult.memory.allow.allow`.
    """
    when = f"{event.stream_name}, {event.begun_at:%Y-%m-%d %H:%M:%S} UTC"
    sound = whole_sound(event, folder)
    trace = traces.get(event.id)
    if sound is None and trace is not None:
        allowance = allow_trace(bundle, trace, name=when, note=event.note)
    else:
        allowance = allow(bundle, str(sound), name=when, note=event.note)
    compared = [one for one in others if one.id != event.id]
    changed = _effects(bundle, allowance.bundle, compared, folder, traces)
    gone = [one for one in changed if one.vanishes]
    return Consequence(
        allowance=allowance,
        compared=len(changed),
        vanishing=tuple(one.name for one in gone),
        missed=tuple(one.name for one in gone if one.label == "anomaly"),
    )


def _effects(
    before: Bundle,
    after: Bundle,
    events: Sequence[StoredEvent],
    folder: Path,
    traces: Mapping[str, Trace],
) -> list[Effect]:
    """What changes for events, by their ids, in their order."""
    labels = {one.id: _LABELS.get(one.label or "", "") for one in events}
    sounds = {one.id: str(path) for one in events if (path := whole_sound(one, folder))}
    ids = [one.id for one in events if one.id in sounds or one.id in traces][:MOST_COMPARED]
    heard = {key: (labels[key], traces[key]) for key in ids if key not in sounds}
    found = effects_on_traces(before, after, heard) if heard else []
    clips = {sounds[key]: key for key in ids if key in sounds}
    again = effects(
        before, after, [Clip(path=Path(path), label=labels[key]) for path, key in clips.items()]
    )
    found += [replace(one, name=clips[one.name]) for one in again]
    return sorted(found, key=lambda one: ids.index(one.name))


def likest(
    bundle: Bundle, trace: Trace, named: Sequence[StoredEvent], traces: Mapping[str, Trace]
) -> Likeness | None:
    """The named event that sounds most like another; `None` where none does.

    Parameters
    ----------
    bundle
        That judges now.
    trace
        How the event was heard.
    named
        Events with a name, and in `traces` how they were heard.
    """
    if not keeps_traces(bundle):
        return None
    ears, judge = ears_of(bundle), judging(bundle)
    if trace.ears != ears:
        return None
    own = direction(bundle, judge, trace)
    found = [
        Likeness(event=one, likeness=float(own @ direction(bundle, judge, traces[one.id])))
        for one in named
        if one.id in traces and traces[one.id].ears == ears
    ]
    best = max(found, key=lambda one: one.likeness, default=None)
    return best if best is not None and best.likeness >= ALIKE else None


def whole_sound(event: StoredEvent, folder: Path) -> Path | None:
    """The file of an event's sound, where nothing was silenced in it: silence is no sound of the machine's."""
    return kept_sound(event, folder) if event.silenced is None else None


def kept_sound(event: StoredEvent, folder: Path) -> Path | None:
    """The file of an event's sound, where there is one."""
    path = None if event.clip is None else folder / event.clip
    is_there = path is not None and path.resolve().is_relative_to(folder.resolve())
    return path if path is not None and is_there and path.is_file() else None
