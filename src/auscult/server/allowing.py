"""An event that was none: a bundle that has allowed its sound, and what else would not have been told."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from auscult.datasets.clip import Clip
from auscult.live.store import StoredEvent
from auscult.memory.allow import Allowance, allow, effects
from auscult.runtime.bundle import Bundle

MOST_COMPARED = 100
"""Of the newest events whose sound is kept, so many are judged again."""

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


def allowed_event(
    bundle: Bundle, event: StoredEvent, others: Sequence[StoredEvent], folder: Path
) -> Consequence:
    """Allow the sound of an event, and judge others again; it takes seconds.

    Parameters
    ----------
    bundle
        That judges now.
    event
        With its sound kept.
    others
        Events to judge again; those without sound are left out.
    folder
        Where sound is kept.

    Raises
    ------
    AudioError
        If its sound can't be read.
    BundleError
        If the bundle can't allow it: see `auscult.memory.allow.allow`.
    """
    when = f"{event.stream_name}, {event.begun_at:%Y-%m-%d %H:%M:%S} UTC"
    allowance = allow(bundle, str(kept_sound(event, folder)), name=when, note=event.note)
    clips = {
        str(path): other
        for other in others
        if other.id != event.id and (path := kept_sound(other, folder)) is not None
    }
    labelled = [
        Clip(path=Path(path), label=_LABELS.get(other.label or "", ""))
        for path, other in list(clips.items())[:MOST_COMPARED]
    ]
    changed = effects(bundle, allowance.bundle, labelled)
    gone = [clips[one.name] for one in changed if one.vanishes]
    return Consequence(
        allowance=allowance,
        compared=len(changed),
        vanishing=tuple(one.id for one in gone),
        missed=tuple(one.id for one in gone if one.label == "anomaly"),
    )


def kept_sound(event: StoredEvent, folder: Path) -> Path | None:
    """The file of an event's sound, where there is one."""
    path = None if event.clip is None else folder / event.clip
    is_there = path is not None and path.resolve().is_relative_to(folder.resolve())
    return path if path is not None and is_there and path.is_file() else None
