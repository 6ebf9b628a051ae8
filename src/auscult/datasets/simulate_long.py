"""One long recording of a simulated machine in which things go wrong now and then, with its ground truth as a table."""

import csv
import wave
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from auscult.audio.level import level_db
from auscult.audio.sound import Samples
from auscult.audio.synth import MACHINES, Fault, MachineName, stream, truth
from auscult.datasets.simulate import MEAN_LEVEL_DB, random_fault
from auscult.errors import DatasetError, RecipeError

RECORDING_FILE = "long.wav"
EVENTS_FILE = "events.csv"

MIN_SLOT_S = 40.0
"""Least time for each fault, with the normal sound around it: pauses longer than what events are merged over."""

LONGEST_S = 100_000.0
_BLOCK_S = 10.0
_FULL_SCALE = 32767


def simulate_long(
    out: Path,
    *,
    machine: MachineName = "fan",
    seconds: float = 600.0,
    faults: int = 5,
    seed: int = 0,
    snr_db: float = 6.0,
    rate_hz: int = 16000,
    progress: Callable[[float], None] | None = None,
) -> Path:
    """Write a long recording and a table of what is wrong in it, as `auscult replay` reads them.

    `<out>/long.wav` is 16-bit mono; `<out>/events.csv` has a line for each fault: `start_s`, `end_s`, `label` and further facts.
    The recording is cut into equal parts, one for each fault, which lies somewhere in its middle and takes a tenth to a third of it.

    Parameters
    ----------
    out
        A folder, made where it is missing, that holds neither file yet.
    machine
        One of `auscult.audio.synth.MACHINES`.
    seconds
        Length, 10 s to 100 000 s.
    faults
        How many; each takes up 40 s at least.
    seed
        0 and up: the same one gives the same files.
    snr_db
        Level of the faults above the machine's own sound in their band, −40 to 60 dB.
    rate_hz
        4 000 to 192 000.
    progress
        Called with the seconds written.

    Returns
    -------
    out
        The folder.

    Raises
    ------
    RecipeError
        If a value is out of its range, or the machine unknown.
    DatasetError
        If one of the files is there already, or can't be written.
    """
    if machine not in MACHINES:
        raise RecipeError(
            f"There is no simulated machine {machine!r}.", f"one of {', '.join(MACHINES)}"
        )
    if not 10.0 <= seconds <= LONGEST_S or not 0 <= faults <= seconds / MIN_SLOT_S:
        raise RecipeError(
            f"{faults} faults in {seconds:g} s were asked for.",
            f"10 to {LONGEST_S:g} s, and at most one fault every {MIN_SLOT_S:g} s",
            "Change the numbers.",
        )
    made = MACHINES[machine](rate_hz=rate_hz)
    drawn = placed_faults(faults, seconds=seconds, seed=seed, snr_db=snr_db, rate_hz=rate_hz)
    sound = (block.samples for block in stream(made, seed=seed, faults=drawn, block_s=_BLOCK_S))
    head = ("start_s", "end_s", "label", "low_hz", "high_hz")
    rows = [
        (s.start_s, round(s.end_s, 3), s.kind, s.low_hz, round(s.high_hz, 2))
        for s in truth(made, drawn)
    ]
    _write(Path(out), [head, *rows], _cut(sound, round(seconds * rate_hz)), rate_hz, progress)
    return Path(out)


def placed_faults(
    n: int, *, seconds: float, seed: int, snr_db: float, rate_hz: int = 16000
) -> list[Fault]:
    """Faults of random kinds, each in its own part of the time, in order.

    Examples
    --------
    >>> faults = placed_faults(3, seconds=300.0, seed=1, snr_db=6.0)
    >>> [fault.kind for fault in faults], all(a.end_s + 10 < b.start_s for a, b in zip(faults, faults[1:]))
    (['imbalance', 'imbalance', 'air_leak'], True)
    """
    return [
        _placed(np.random.default_rng((seed, k)), k * seconds / n, seconds / n, snr_db, rate_hz)
        for k in range(n)
    ]


def _placed(
    rng: np.random.Generator, from_s: float, length_s: float, snr_db: float, rate_hz: int
) -> Fault:
    fault = random_fault(rng, length_s, snr_db, rate_hz=rate_hz)
    duration_s = round(float(length_s * rng.uniform(0.1, 0.33)), 2)
    # A fifth at both ends stays normal, so that one fault's event has ended before the next fault begins.
    start_s = from_s + 0.2 * length_s + (0.6 * length_s - duration_s) * rng.uniform()
    return replace(fault, start_s=round(float(start_s), 2), duration_s=duration_s)


def _cut(blocks: Iterator[Samples], n: int) -> Iterator[Samples]:
    """The first samples, and no more than are needed of an endless sound."""
    for block in blocks:
        yield block[:n]
        n -= len(block)
        if n <= 0:
            return


def _write(
    out: Path,
    table: Sequence[Sequence[object]],
    blocks: Iterator[Samples],
    rate_hz: int,
    progress: Callable[[float], None] | None,
) -> None:
    part = out / f".{RECORDING_FILE}.part"
    try:
        out.mkdir(parents=True, exist_ok=True)
        _refuse_present([out / RECORDING_FILE, out / EVENTS_FILE])
        with wave.open(str(part), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate_hz)
            gain = None
            for block in blocks:
                if gain is None:
                    gain = 10.0 ** ((MEAN_LEVEL_DB - level_db(block)) / 20.0)
                scaled = np.clip(gain * block, -1.0, 1.0)
                file.writeframes(np.round(scaled * _FULL_SCALE).astype("<i2").tobytes())
                if progress:
                    progress(file.getnframes() / rate_hz)
        with (out / EVENTS_FILE).open("w", encoding="utf-8", newline="") as listed:
            csv.writer(listed, lineterminator="\n").writerows(table)
        part.replace(out / RECORDING_FILE)
    except OSError as error:
        raise DatasetError(
            f"{out} can't be written ({error.strerror or error}).",
            "a folder on a disk with room, in a place that you may write to",
            "Choose another place.",
        ) from error
    finally:
        with suppress(OSError):  # what went wrong with it was told above
            part.unlink(missing_ok=True)


def _refuse_present(paths: Sequence[Path]) -> None:
    present = [path for path in paths if path.exists()]
    if present:
        raise DatasetError(
            f"{present[0]} is there already.",
            f"a folder that holds neither {RECORDING_FILE} nor {EVENTS_FILE}",
            "Choose another place, or remove it.",
        )
