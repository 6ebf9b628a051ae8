"""Recordings of normal sound in, bundle out: seconds, no labels, no PyTorch.

hear (embed every window) → memorise (distances, and what held-out sound scores by them) → rules for a budget of false alarms →
assemble (one graph, proved on its own reference windows).
"""

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from auscult.audio.read import info
from auscult.datasets.clip import NORMAL, Clip
from auscult.datasets.discover import discover
from auscult.errors import AudioError, AuscultWarning, MissingExtra
from auscult.memory import notes, record
from auscult.memory.allow import carried
from auscult.memory.assemble import bundle_of, level_of
from auscult.memory.blocks import Blocks, Windows, blocks_of
from auscult.memory.embedder import spectrum_or_file
from auscult.memory.graph import Embedder
from auscult.memory.hear import Choose, Heard, Progress, Skipped, hear
from auscult.memory.memorise import Memory, memorise
from auscult.memory.rules import calibrate, judged_seconds
from auscult.memory.spectrum import Preset
from auscult.runtime.bundle import Bundle, load
from auscult.runtime.calibration import DEFAULT_BUDGET_PER_DAY, Calibration
from auscult.runtime.manifest import LevelTrack

Place = str | PathLike[str]


@dataclass(frozen=True, kw_only=True)
class Learned:
    """A bundle, and what happened on the way.

    Parameters
    ----------
    bundle
        What was learned.
    seconds_of_sound, windows
        Normal sound heard this time, and its windows.
    left_out
        Number of recordings per label that were not learned from, because they are not labelled normal.
    skipped
        Recordings that could not be used, and why.
    notes
        What the user should know.
    held_out
        Shape (n,): how far towards its limit each stretch of normal sound came that was judged without having been learned; 1 is the
        limit.
    """

    bundle: Bundle
    seconds_of_sound: float
    windows: int
    left_out: dict[str, int] = field(default_factory=dict)
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()
    held_out: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))


def learn(
    places: Place | Iterable[Place],
    *,
    embedder: str = "spectrum",
    preset: Preset = "default",
    budget_per_day: float = DEFAULT_BUDGET_PER_DAY,
    name: str = "",
    add: Place | Bundle | None = None,
    channel: int | None = None,
) -> Bundle:
    """Learn what normal sounds like.

    Parameters
    ----------
    places
        A folder or recording of normal sound, or several. Folders with labels (`normal/`, MIMII, DCASE, JSON …) are
        understood: only what is labelled normal is used.
    embedder
        `"spectrum"`, the file of an ONNX embedder, the name of one that `auscult embedder fetch` brought, or several that are
        judged together: `"spectrum+mn04"`.
    preset
        `"default"`, or `"edge"` for small devices.
    budget_per_day
        False alarms a day that are acceptable; can be changed later without learning again.
    name
        What to call it; default: what it was called, or the folder's name.
    add
        A bundle to go on from: what it has heard counts.
    channel
        One channel of each recording, counted from 0; default: the mean of all.

    Returns
    -------
    bundle
        Save it with `bundle.save("fan.onnx")`.

    Raises
    ------
    DatasetError
        If there is too little normal sound: three different recordings, or half a minute in one.

    Warns
    -----
    AuscultWarning
        If recordings were skipped, or sound like several machines.

    Examples
    --------
    >>> import auscult  # doctest: +SKIP
    >>> bundle = auscult.learn("normal/")  # doctest: +SKIP
    >>> bundle.save("fan.onnx")  # doctest: +SKIP
    """
    places = _listed(places)
    learned = learn_clips(
        clips_in(places),
        embedder=embedder,
        preset=preset,
        budget_per_day=budget_per_day,
        name=name or ("" if add else default_name(places)),
        add=add,
        channel=channel,
    )
    for note in learned.notes:
        warnings.warn(note, AuscultWarning, stacklevel=2)
    return learned.bundle


def default_name(places: Place | Iterable[Place]) -> str:
    """What a bundle is called if nobody says: the first folder's name, or its parent's if that is just `normal`."""
    first = Path(next(iter(_listed(places)), "bundle")).resolve()
    generic = first.name.lower() in ("normal", "ok", "good", "train", "")
    return (first.parent.name if generic else first.stem) or "bundle"


def clips_in(places: Place | Iterable[Place]) -> Iterable[Clip]:
    """All recordings in files and folders to learn from, whatever data set they are."""
    for place in _listed(places):
        yield from by_word(discover(Path(place)).clips())


def by_word(clips: Iterable[Clip]) -> Iterator[Clip]:
    """The recordings in one place: where nothing is labelled normal, what has no label is, by the word of who named it.

    Examples
    --------
    >>> [clip.label for clip in by_word([Clip(path=Path("monday.wav"))])]
    ['normal']
    """
    unlabelled: list[Clip] = []
    any_normal = False
    for clip in clips:
        if clip.label:
            any_normal = any_normal or clip.is_normal
            yield clip
        else:
            unlabelled.append(clip)
    yield from unlabelled if any_normal else (replace(clip, label=NORMAL) for clip in unlabelled)


def _listed(places: Place | Iterable[Place]) -> list[Place]:
    return [places] if isinstance(places, str | PathLike) else list(places)


def learn_clips(
    clips: Iterable[Clip],
    *,
    embedder: str | Embedder = "spectrum",
    preset: Preset = "default",
    budget_per_day: float = DEFAULT_BUDGET_PER_DAY,
    name: str = "",
    add: Place | Bundle | None = None,
    channel: int | None = None,
    threads: int = 1,
    progress: Progress | None = None,
    choose: Choose | None = None,
) -> Learned:
    """Learn from labelled recordings: see `learn`. Those with another label than normal are left out and counted.

    Two windows of the first recording stay in the bundle as proof; `choose` may say which.
    """
    before = load(add) if isinstance(add, str | PathLike) else add
    ears = (
        embedder if isinstance(embedder, Embedder) else spectrum_or_file(embedder, preset, before)
    )
    first, clips = _peeked(clips)
    rate_hz = _rate_of(first)
    is_lower = rate_hz is not None and rate_hz < ears.rate_hz
    if is_lower and before is None and isinstance(embedder, str):
        ears = spectrum_or_file(embedder, preset, None, rate_hz=rate_hz)
    left_out: dict[str, int] = {}
    units: set[str] = set()
    normal = _only_normal(clips, left_out, units)
    known = None if before is None else record.of(before)
    heard = hear(
        normal,
        ears,
        channel=channel,
        threads=threads,
        progress=progress,
        known=() if known is None else frozenset(known.digests),
        choose=choose,
    )
    if not len(heard):
        raise notes.nothing_heard(heard.skipped, left_out)
    everything = heard if known is None else record.joined(known, heard)
    called = name or (before.manifest.name if before else "bundle")
    bundle, blocks, memory = _made(everything, ears, name=called, budget_per_day=budget_per_day)
    calibration = bundle.manifest.calibration
    assert calibration is not None  # noqa: S101 - learning always calibrates
    return Learned(
        bundle=bundle if before is None else carried(before, bundle),
        seconds_of_sound=heard.seconds,
        windows=len(heard),
        left_out=left_out,
        skipped=tuple(heard.skipped),
        notes=(*notes.on_recordings(heard, units), *notes.on_sound(everything, blocks, memory)),
        held_out=_ratios(memory, calibration),
    )


def _ratios(memory: Memory, calibration: Calibration) -> NDArray[np.float64]:
    """The larger of what each mean and its newest window score, relative to the limits of the rules on them; before any vote."""
    scores = {
        "score": memory.context_scores,
        "fast_score": memory.window_scores[memory.context_at],
    }
    ratios = [scores[rule.statistic] / rule.limit for rule in calibration.thresholds()]
    return np.asarray(np.max(ratios, axis=0), np.float64)


def learned_from(
    heard: Heard, ears: Embedder, *, name: str, budget_per_day: float, before: Bundle
) -> Bundle:
    """Learn from what was heard already, and from nothing else; what a bundle before has allowed stays allowed.

    Raises
    ------
    DatasetError
        If it is too little.
    """
    bundle, _, _ = _made(heard, ears, name=name, budget_per_day=budget_per_day)
    return carried(before, bundle)


def _made(
    heard: Heard, ears: Embedder, *, name: str, budget_per_day: float
) -> tuple[Bundle, Blocks, Memory]:
    windows = _windows_of(heard, ears)
    blocks = blocks_of(windows)
    notes.refuse_too_little(heard, blocks)
    memory = memorise(windows, ears.parts)
    level = level_of(heard)
    calibration = _calibration_of(heard, windows, memory, level, ears)
    bundle = bundle_of(
        heard,
        blocks,
        memory,
        ears,
        calibration=calibration.with_budget(budget_per_day),
        level=level,
        name=name,
    )
    return bundle, blocks, memory


def _peeked(clips: Iterable[Clip]) -> tuple[Clip | None, Iterable[Clip]]:
    rest = iter(clips)
    first = next(rest, None)
    return first, rest if first is None else chain([first], rest)


def _rate_of(clip: Clip | None) -> int | None:
    """Rate of a recording, where it can be told."""
    if clip is None:
        return None
    if clip.sound is not None:
        return clip.sound.rate_hz
    try:
        return info(clip.path).rate_hz
    except (AudioError, MissingExtra):
        return None


def _only_normal(
    clips: Iterable[Clip], left_out: dict[str, int], units: set[str]
) -> Iterator[Clip]:
    """What is labelled normal; where nothing is, what has no label, by the user's word."""
    unlabelled: list[Clip] = []
    any_normal = False
    for clip in clips:
        if clip.is_normal:
            any_normal = True
            units.add(_unit(clip))
            yield clip
        elif clip.label:
            left_out[clip.label] = left_out.get(clip.label, 0) + 1
        else:
            unlabelled.append(clip)
    if any_normal:
        if unlabelled:
            left_out["(not labelled)"] = len(unlabelled)
        return
    for clip in unlabelled:
        units.add(_unit(clip))
        yield clip


def _unit(clip: Clip) -> str:
    return "/".join(part for part in (clip.machine, clip.unit) if part)


def _windows_of(heard: Heard, embedder: Embedder) -> Windows:
    return Windows(
        embeddings=heard.embeddings,
        recording=heard.recording,
        stretch=heard.stretch,
        context=embedder.context,
        overlap=-(-embedder.window_samples // embedder.hop_samples) - 1,
    )


def _calibration_of(
    heard: Heard, windows: Windows, memory: Memory, level: LevelTrack, embedder: Embedder
) -> Calibration:
    window_s = (heard.window_samples or embedder.window_samples) / embedder.rate_hz
    hop_s = embedder.hop_samples / embedder.rate_hz
    # A bundle keeps an hour at most of what it heard before; only that could be judged again.
    judged_s = min(heard.seconds, judged_seconds(windows, window_s=window_s, hop_s=hop_s))
    return calibrate(
        windows,
        memory,
        hop_s=hop_s,
        heard_s=heard.seconds,
        judged_s=judged_s,
        deviations=np.array([level.deviation(db) for db in heard.level_db]),
    )
