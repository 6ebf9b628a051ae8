"""Recordings in the places that were named, and which of them are used."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from auscult.errors import AuscultError, DatasetError, RecipeError

if TYPE_CHECKING:
    from auscult.datasets.clip import Clip


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """Recordings in the places named; a place of no use among others is told, and stops nothing.

    Parameters
    ----------
    clips
        Files are listed; what holds its sound inside (JSON) is streamed.
    total
        How many, where that is known without reading them.
    skipped
        Places of no use, filled while clips are taken.
    """

    clips: Iterable["Clip"]
    total: int | None
    skipped: list[dict[str, str]]


def gather(
    places: list[Path], *, to_learn: bool = False, normal: list[str] | None = None
) -> Gathered:
    """Find what is in all places; one place of no use is an error only where it is the only one.

    Where `normal` classes are named, they are the normal ones and all others are not.
    """
    from auscult.datasets.clip import calling_normal
    from auscult.datasets.discover import discover
    from auscult.datasets.okng_json import OkNgJson

    skipped: list[dict[str, str]] = []
    seen: set[str] = set()

    def clips_of(place: Path) -> "Iterator[Clip]":
        try:
            clips = discover(place).clips()
            if normal:
                clips = calling_normal(_watched(clips, seen), normal)
            yield from _by_word(clips) if to_learn else clips
        except DatasetError as error:
            if len(places) == 1:
                raise
            skipped.append({"file": str(place), "error": str(error)})

    def every_clip() -> "Iterator[Clip]":
        yield from chain.from_iterable(map(clips_of, places))
        _refuse_unknown(normal or [], seen)

    if any(_holds(place, OkNgJson) for place in places):
        return Gathered(clips=every_clip(), total=None, skipped=skipped)
    clips = list(every_clip())
    return Gathered(clips=clips, total=len(clips), skipped=skipped)


def _watched(clips: Iterable["Clip"], seen: set[str]) -> Iterator["Clip"]:
    for clip in clips:
        seen.add(clip.label)
        yield clip


def _refuse_unknown(normal: list[str], seen: set[str]) -> None:
    unknown = [label for label in normal if label not in seen]
    if unknown:
        known = sorted(seen - {""})
        listed = ", ".join(known[:10]) + (", …" if len(known) > 10 else "")
        raise RecipeError(
            f"--normal {unknown[0]} is no label of these recordings.",
            f"one of {listed}" if known else "recordings with labels",
            "Check the spelling, or leave --normal out.",
        )


def _by_word(clips: Iterable["Clip"]) -> Iterable["Clip"]:
    from auscult.memory.learn import by_word

    return by_word(clips)


def _holds(place: Path, reader: type) -> bool:
    from auscult.datasets.discover import discover

    try:
        return isinstance(discover(place), reader)
    except DatasetError:
        return False


def without(clips: Iterable["Clip"], hold_out: float) -> tuple[Iterable["Clip"], dict[str, int]]:
    """Recordings to learn from, and how many were held back for `evaluate`, which knows what was learned."""
    from auscult.datasets.split import by_recording

    if not hold_out:
        return clips, {}
    every = list(clips)
    normal = [clip for clip in every if clip.is_normal] or [
        clip for clip in every if not clip.label
    ]
    kept, held_back = by_recording(normal, test_fraction=hold_out)
    others = [clip for clip in every if not any(clip is one for one in normal)]
    return [*kept, *others], {"held back for evaluate": len(held_back)}


def seconds_of(clips: Iterable["Clip"]) -> float | None:
    """Sound to come, from the headers; what can't be read is told about when it is its turn."""
    from auscult.audio.read import info

    total = 0.0
    for clip in clips:
        try:
            seconds = clip.sound.duration_s if clip.sound else info(clip.path).duration_s
        except AuscultError:
            continue
        end_s = seconds if clip.end_s is None else clip.end_s
        total += max(end_s - clip.start_s, 0.0)
    return total if total > 0 else None
