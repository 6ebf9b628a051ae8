"""Train and test by recording, never by window.

Clips of one recording (the same `group`, or else the same file) always stand on one side: neighbouring windows of a
recording are so alike that a detector tested on them is tested on what it has learned.
"""

import math
import zlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from auscult.datasets.clip import Clip
from auscult.errors import DatasetError, RecipeError

Sides = tuple[list[Clip], list[Clip]]
Stratum = tuple[tuple[str, str, str], ...]


def by_recording(
    clips: Iterable[Clip], *, test_fraction: float = 0.3, seed: int = 0, stratify: bool = True
) -> Sides:
    """Split clips into two sides; no recording stands on both.

    Parameters
    ----------
    clips
        In any order; the order has no say.
    test_fraction
        Share of the *recordings* that go to the second side, between 0 and 1.
    seed
        Another seed draws other recordings.
    stratify
        Take the share from each label of each machine and unit. A kind with two recordings or more is then on both sides.

    Returns
    -------
    train, test
        Each sorted by path and start.

    Raises
    ------
    DatasetError
        Fewer than two recordings.
    RecipeError
        `test_fraction` is not between 0 and 1.

    Examples
    --------
    >>> clips = [Clip(path=Path(f"{i}.wav"), label="normal") for i in range(10)]
    >>> train, test = by_recording(clips)
    >>> len(train), len(test)
    (7, 3)
    """
    if not 0 < test_fraction < 1:
        raise RecipeError(
            f"test_fraction = {test_fraction:g} leaves one side empty.",
            "a number between 0 and 1",
            "0.3 is usual.",
        )
    recordings = _recordings(clips)
    _need(recordings, 2, "two sides")
    test: set[str] = set()
    owed = 0.0
    for names in _shuffled(recordings, seed=seed, stratify=stratify):
        # What rounding takes from one kind it gives to the next, so that the whole keeps its share.
        wanted = len(names) * test_fraction + owed
        taken = min(max(round(wanted), 1), len(names) - 1) if len(names) > 1 else round(wanted)
        owed = wanted - taken
        test.update(names[:taken])
    # Where every kind is a single recording, rounding may leave a side empty.
    if not test:
        test = {min(recordings)}
    elif len(test) == len(recordings):
        test.remove(min(recordings))
    return _sides(recordings, test)


def folds(clips: Iterable[Clip], n: int = 5, seed: int = 0) -> list[Sides]:
    """Split clips `n` times so that every recording is tested once, with each kind spread evenly.

    Parameters
    ----------
    clips
        In any order; the order has no say.
    n
        Folds, 2 or more.
    seed
        Another seed makes other folds.

    Returns
    -------
    sides
        `n` pairs of train and test, each sorted by path and start.

    Raises
    ------
    DatasetError
        Fewer recordings than folds.
    RecipeError
        Fewer than two folds.

    Examples
    --------
    >>> clips = [Clip(path=Path(f"{i}.wav"), label="normal") for i in range(10)]
    >>> [len(test) for _, test in folds(clips, 5)]
    [2, 2, 2, 2, 2]
    """
    if n < 2:
        raise RecipeError(f"{n} fold is no split.", "2 folds or more", "5 are usual.")
    recordings = _recordings(clips)
    _need(recordings, n, f"{n} folds")
    # One deal through all kinds: each kind is spread evenly, and so is the whole.
    dealt = [name for names in _shuffled(recordings, seed=seed, stratify=True) for name in names]
    return [_sides(recordings, set(dealt[i::n])) for i in range(n)]


def recording_of(clip: Clip) -> str:
    """Name of the recording that a clip belongs to: its group, or else its file.

    Examples
    --------
    >>> recording_of(Clip(path=Path("fan.wav"), start_s=10.0))
    'fan.wav'
    """
    return clip.group or str(clip.path)


def _recordings(clips: Iterable[Clip]) -> dict[str, list[Clip]]:
    """Clips by recording, sorted by its name."""
    recordings: defaultdict[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        recordings[recording_of(clip)].append(clip)
    return {name: recordings[name] for name in sorted(recordings)}


def _order(clip: Clip) -> tuple[Path, float, float, str]:
    return clip.path, clip.start_s, math.inf if clip.end_s is None else clip.end_s, clip.group


def _stratum(clips: list[Clip]) -> Stratum:
    return tuple(sorted({(clip.label, clip.machine, clip.unit) for clip in clips}))


def _shuffled(recordings: dict[str, list[Clip]], *, seed: int, stratify: bool) -> list[list[str]]:
    """Names of the recordings of each kind, in random order; the kinds are sorted."""
    strata: defaultdict[Stratum, list[str]] = defaultdict(list)
    for name, clips in recordings.items():
        strata[_stratum(clips) if stratify else ()].append(name)
    return [_permuted(strata[stratum], stratum, seed) for stratum in sorted(strata)]


def _permuted(names: list[str], stratum: Stratum, seed: int) -> list[str]:
    # Each kind draws from its own stream: recordings added to one kind leave the others where they were.
    rng = np.random.default_rng([seed, zlib.crc32(repr(stratum).encode())])
    return [names[i] for i in rng.permutation(len(names))]


def _sides(recordings: dict[str, list[Clip]], test: set[str]) -> Sides:
    kept = (clips for name, clips in recordings.items() if name not in test)
    held_out = (clips for name, clips in recordings.items() if name in test)
    return _flat(kept), _flat(held_out)


def _flat(groups: Iterable[list[Clip]]) -> list[Clip]:
    return sorted((clip for group in groups for clip in group), key=_order)


def _need(recordings: dict[str, list[Clip]], n: int, what: str) -> None:
    if len(recordings) < n:
        raise DatasetError(
            f"{len(recordings)} recording{'s' * (len(recordings) != 1)} can't fill {what}.",
            f"{n} recordings or more; windows of one recording are never divided",
            "Add recordings, or record the machine on another day.",
        )
