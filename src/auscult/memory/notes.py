"""What a person who learns should know: what was left over, what is too little, and what sounds odd."""

from collections.abc import Iterable, Sequence

import numpy as np

from auscult.errors import DatasetError
from auscult.memory.blocks import Blocks
from auscult.memory.hear import HEARD_ALREADY, Heard, Skipped
from auscult.memory.kinship import several_machines
from auscult.memory.memorise import Memory

MIN_BLOCKS = 3
MIN_WINDOWS = 6
FEW_BLOCKS = 6

# A normal recording whose held-out score is so many times the typical one is pointed out.
ODD_RATIO = 4.0

# Measured on MIMII and DCASE 2020 units: mixed, against one bundle each.
ONE_EACH = "A bundle for each tells more: learned together they lose about 7 points of AUC."


def nothing_heard(skipped: Sequence[Skipped], left_out: dict[str, int]) -> DatasetError:
    """The error where nothing that could be learned was found: with what was, and why it was no use."""
    others = ", ".join(f"{count} labelled '{label}'" for label, count in sorted(left_out.items()))
    reasons = "; ".join(_named(one, _what(one).rstrip(".")) for one in skipped[:3])
    more = f"; {len(skipped) - 3} more" if len(skipped) > 3 else ""
    parts = (f"Left out: {others}." if others else "", f"{reasons}{more}." if skipped else "")
    what = " ".join(("There is no usable normal sound to learn from.", *filter(None, parts)))
    ways_out = {(one.cause.expected, one.cause.action) for one in skipped if one.cause}
    if len(ways_out) == 1 and all(one.cause for one in skipped):
        return DatasetError(what, *ways_out.pop(), code="data_none")
    if skipped and all(one.error == HEARD_ALREADY for one in skipped):
        return DatasetError(
            what, "recordings that the bundle has not heard", "Give new ones, or leave --add out."
        )
    return DatasetError(
        what,
        "at least half a minute of the machine as it should sound",
        "Record it, and give the folder with only such recordings, or with a sub-folder 'normal'."
        + (" Or say which label is normal: --normal LABEL." if left_out and not skipped else ""),
        code="data_none",
    )


def _what(skipped: Skipped) -> str:
    """What happened, without the way out: for inside another error, which has its own."""
    return skipped.error if skipped.cause is None else skipped.cause.what


def _named(skipped: Skipped, text: str) -> str:
    return text if text.startswith(skipped.file) else f"{skipped.file}: {text}"


def on_recordings(heard: Heard, units: set[str]) -> Iterable[str]:
    """What was wrong with the recordings."""
    if heard.skipped:
        first = heard.skipped[0]
        yield f"{_skipped(heard.skipped)} {_named(first, first.error)}"
    if heard.silent_windows:
        count = _count(heard.silent_windows, "window", "windows")
        yield f"{count} without a signal, or clipped, left out."
    if len(units - {""}) > 1:
        listed = ", ".join(sorted(units - {""})[:5])
        yield f"The recordings come from {len(units - {''})} machines ({listed}). {ONE_EACH}"


def on_sound(heard: Heard, blocks: Blocks, memory: Memory) -> Iterable[str]:
    """What the sound itself tells."""
    if len(blocks.vectors) < FEW_BLOCKS:
        yield (
            f"Only {heard.seconds:.0f} s of normal sound: a minute or more, on different days, makes a better judge."
        )
    if several_machines(blocks.vectors, blocks.within):
        yield f"The recordings sound like several machines or states. {ONE_EACH}"
    odd = [
        heard.names[memory.block_recording[i]]
        for i in np.flatnonzero(memory.block_scores > ODD_RATIO)
    ]
    if odd:
        listed = ", ".join(dict.fromkeys(odd[:5]))
        yield (
            f"Unlike the other normal sound by more than {ODD_RATIO:g} times what is typical: {listed}. Is that really"
            " normal? It raises the limits; without it the bundle would hear more."
        )


def _skipped(skipped: Sequence[Skipped]) -> str:
    return f"{_count(len(skipped), 'recording was', 'recordings were')} skipped; the first:"


def _count(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"


def refuse_too_little(heard: Heard, blocks: Blocks) -> None:
    """Refuse what no limit can be set from.

    Raises
    ------
    DatasetError
        If there are too few blocks or windows, or all of them are the same.
    """
    if len(blocks.vectors) < MIN_BLOCKS or len(heard) < MIN_WINDOWS:
        recordings = _count(len(heard.names), "recording", "recordings")
        skipped = ""
        if heard.skipped:
            first = heard.skipped[0]
            skipped = f" {_skipped(heard.skipped)} {_named(first, _what(first))}"
        raise DatasetError(
            f"Only {heard.seconds:.1f} s of normal sound in {recordings}.{skipped}",
            f"at least {MIN_BLOCKS} different recordings of some seconds each, or half a minute in one",
            "Record for longer: a minute at least, an hour for a promise about false alarms.",
            code="data_short",
            values={"seconds": round(heard.seconds, 1)},
        )
    spread = blocks.vectors.std(axis=0)
    if not np.any(spread > 1e-6):
        raise DatasetError(
            f"All {len(heard.names)} recordings are the same sound.",
            "recordings made at different times, which are never quite the same",
            "Record the machine itself, not one file again and again.",
            code="data_same",
            values={"n": len(heard.names)},
        )
