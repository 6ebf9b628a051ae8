"""Recordings of normal sound in, bundle out: seconds, no labels, no PyTorch.

hear (embed every window) → blocks of ten seconds → whitened distances, held out by recording → limits for a budget of false
alarms → one graph → proved on its own reference windows.
"""

import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from itertools import chain
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from auscult.audio.read import info
from auscult.datasets.clip import NORMAL, Clip
from auscult.datasets.discover import discover
from auscult.errors import AudioError, AuscultWarning, DatasetError, MissingExtra
from auscult.memory import record
from auscult.memory.blocks import Array, Blocks, Windows, blocks_of
from auscult.memory.embedder import spectrum_or_file
from auscult.memory.graph import Embedder, memory_graph
from auscult.memory.hear import Heard, Progress, Skipped, hear
from auscult.memory.kinship import several_machines
from auscult.memory.memorise import Memory, memorise
from auscult.memory.rules import calibrate, judged_seconds
from auscult.memory.spectrum import Preset
from auscult.runtime.bundle import Bundle, load, run_window, verify
from auscult.runtime.calibration import DEFAULT_BUDGET_PER_DAY, Calibration
from auscult.runtime.manifest import Exemplar, Fingerprint, LevelTrack, Manifest, Reference

Place = str | PathLike[str]

MIN_BLOCKS = 3
MIN_WINDOWS = 6
FEW_BLOCKS = 6
MAX_EXEMPLARS = 64
# A normal recording whose held-out score is so many times the typical one is pointed out.
ODD_RATIO = 4.0

# Measured on MIMII and DCASE 2020 units: mixed, against one bundle each.
ONE_EACH = "A bundle for each tells more: learned together they lose about 7 points of AUC."

# Relative tolerance of reference scores, per engine.
TOLERANCE = {"onnxruntime": 1e-3, "litert": 1e-2}


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
    """

    bundle: Bundle
    seconds_of_sound: float
    windows: int
    left_out: dict[str, int] = field(default_factory=dict)
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()


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
        `"spectrum"`, or the file of an ONNX embedder.
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
    embedder: str = "spectrum",
    preset: Preset = "default",
    budget_per_day: float = DEFAULT_BUDGET_PER_DAY,
    name: str = "",
    add: Place | Bundle | None = None,
    channel: int | None = None,
    threads: int = 1,
    progress: Progress | None = None,
) -> Learned:
    """Learn from labelled recordings: see `learn`. Those with another label than normal are left out and counted."""
    before = load(add) if isinstance(add, str | PathLike) else add
    ears = spectrum_or_file(embedder, preset, before)
    first, clips = _peeked(clips)
    rate_hz = _rate_of(first)
    if before is None and rate_hz is not None and rate_hz < ears.rate_hz:
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
    )
    if not len(heard):
        raise _nothing_heard(heard.skipped, left_out)
    everything = heard if known is None else record.joined(known, heard)
    windows = _windows_of(everything, ears)
    blocks = blocks_of(windows)
    _enough(everything, blocks)
    memory = memorise(windows)
    called = name or (before.manifest.name if before else "bundle")
    level = _level_of(everything)
    calibration = _calibration_of(everything, windows, memory, level, ears)
    bundle = _bundle_of(
        everything,
        blocks,
        memory,
        ears,
        calibration=calibration.with_budget(budget_per_day),
        level=level,
        name=called,
    )
    return Learned(
        bundle=bundle,
        seconds_of_sound=heard.seconds,
        windows=len(heard),
        left_out=left_out,
        skipped=tuple(heard.skipped),
        notes=(*_notes_on(heard, units), *_notes_on_sound(everything, blocks, memory)),
    )


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


def _nothing_heard(skipped: Sequence[Skipped], left_out: dict[str, int]) -> DatasetError:
    others = ", ".join(f"{count} labelled '{label}'" for label, count in sorted(left_out.items()))
    reasons = "; ".join(f"{one.file}: {one.error}" for one in skipped[:3])
    found = " ".join(part for part in (f"Left out: {others}." if others else "", reasons) if part)
    return DatasetError(
        f"There is no usable normal sound to learn from. {found}".strip(),
        "at least half a minute of the machine as it should sound",
        "Record it, and give the folder with only such recordings, or with a sub-folder 'normal'.",
    )


def _notes_on(heard: Heard, units: set[str]) -> Iterable[str]:
    """What was wrong with the recordings."""
    if heard.skipped:
        yield _left_over(heard.skipped).strip()
    if heard.silent_windows:
        count = _count(heard.silent_windows, "window", "windows")
        yield f"{count} without a signal, or clipped, left out."
    if len(units - {""}) > 1:
        listed = ", ".join(sorted(units - {""})[:5])
        yield f"The recordings come from {len(units - {''})} machines ({listed}). {ONE_EACH}"


def _notes_on_sound(heard: Heard, blocks: Blocks, memory: Memory) -> Iterable[str]:
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


def _left_over(skipped: Sequence[Skipped]) -> str:
    if not skipped:
        return ""
    count = _count(len(skipped), "recording was", "recordings were")
    return f" {count} skipped; the first: {skipped[0].file}: {skipped[0].error}"


def _count(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"


def _enough(heard: Heard, blocks: Blocks) -> None:
    if len(blocks.vectors) < MIN_BLOCKS or len(heard) < MIN_WINDOWS:
        recordings = _count(len(heard.names), "recording", "recordings")
        raise DatasetError(
            f"Only {heard.seconds:.1f} s of normal sound in {recordings}.{_left_over(heard.skipped)}",
            f"at least {MIN_BLOCKS} different recordings of some seconds each, or half a minute in one",
            "Record for longer: a minute at least, an hour for a promise about false alarms.",
        )
    spread = blocks.vectors.std(axis=0)
    if not np.any(spread > 1e-6):
        raise DatasetError(
            f"All {len(heard.names)} recordings are the same sound.",
            "recordings made at different times, which are never quite the same",
            "Record the machine itself, not one file again and again.",
        )


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


def _level_of(heard: Heard) -> LevelTrack:
    median = float(np.median(heard.level_db))
    return LevelTrack(median_db=median, mad_db=float(np.median(np.abs(heard.level_db - median))))


def _frame_statistics(memory: Memory, heard: Heard, n_bands: int) -> tuple[Array, Array] | None:
    """Mean and deviation of a frame of normal sound in each band: scatter within windows and between them."""
    if heard.embeddings.shape[1] != 3 * n_bands:
        return None
    shape = heard.embeddings[:, :n_bands]
    within = np.mean(heard.embeddings[:, n_bands : 2 * n_bands].astype(np.float64) ** 2, axis=0)
    sigma = np.sqrt(within + shape.var(axis=0, dtype=np.float64))
    return memory.window.mean[:n_bands], np.maximum(sigma, 1e-3)


def _bundle_of(
    heard: Heard,
    blocks: Blocks,
    memory: Memory,
    embedder: Embedder,
    *,
    calibration: Calibration,
    level: LevelTrack,
    name: str,
) -> Bundle:
    frames = _frame_statistics(memory, heard, len(embedder.bands_hz))
    band_mean, band_sigma = (None, None) if frames is None else frames
    exemplars, vectors = _exemplars(heard, blocks, embedder)
    manifest = Manifest(
        name=name,
        family="memory",
        embedder=embedder.name,
        recipe=embedder.recipe,
        sample_rate_hz=embedder.rate_hz,
        window_samples=embedder.window_samples,
        hop_samples=embedder.hop_samples,
        min_window_samples=embedder.min_window_samples,
        context=embedder.context,
        dim=embedder.dim,
        bands_hz=embedder.bands_hz if frames else (),
        map_hop_samples=embedder.map_hop_samples if frames else 0,
        map_frame_samples=embedder.map_frame_samples if frames else 0,
        calibration=calibration,
        level=level,
        data=Fingerprint(
            sha256=heard.digest, recordings=len(heard.names), seconds=round(heard.seconds, 3)
        ),
        exemplars=exemplars,
        licences=embedder.licences,
        versions={"auscult": version("auscult"), "onnxruntime": version("onnxruntime")},
    )
    model = memory_graph(
        embedder,
        block=memory.block,
        window=memory.window,
        partial=memory.partial,
        typical_samples=heard.window_samples or embedder.window_samples,
        band_mean=band_mean,
        band_sigma=band_sigma,
    )
    arrays = {"exemplars": vectors, **record.arrays_of(heard)}
    return _proved(Bundle(manifest=manifest, model=model, arrays=arrays, source=name), heard)


def _exemplars(
    heard: Heard, blocks: Blocks, embedder: Embedder
) -> tuple[tuple[Exemplar, ...], NDArray[np.float32]]:
    """Blocks spread evenly over what was heard."""
    n = len(blocks.vectors)
    chosen = np.unique(np.linspace(0, n - 1, min(n, MAX_EXEMPLARS)).round().astype(np.int64))
    window_s = embedder.window_samples / embedder.rate_hz
    exemplars = tuple(
        Exemplar(
            recording=heard.names[blocks.recording[i]],
            start_s=float(heard.start_s[blocks.first[i]]),
            end_s=float(heard.start_s[blocks.last[i]]) + window_s,
        )
        for i in chosen
    )
    return exemplars, blocks.vectors[chosen].astype(np.float32)


def _proved(bundle: Bundle, heard: Heard) -> Bundle:
    """With reference windows and their scores: one without context, one with all of it."""
    manifest = bundle.manifest
    engine = bundle.engine()
    arrays = dict(bundle.arrays)
    references = []
    for index, window in enumerate((heard.first_windows[0], heard.first_windows[-1])):
        context = heard.embeddings[: index * manifest.context]
        kept = np.clip(np.round(window * 32768.0), -32768, 32767).astype(np.int16)
        arrays[f"reference.{index}.waveform"] = kept
        arrays[f"reference.{index}.context"] = context
        found = run_window(engine, kept.astype(np.float32) / np.float32(32768), context, manifest)
        references.append(
            Reference(
                score=found["score"], fast_score=found["fast_score"], tolerance=dict(TOLERANCE)
            )
        )
    proved = replace(
        bundle, arrays=arrays, manifest=replace(manifest, references=tuple(references))
    )
    verify(proved, engine)
    return proved
