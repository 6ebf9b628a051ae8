"""Sound that a form for a small device is made with: some windows to measure ranges on, and others to compare it on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from auscult.audio.read import blocks
from auscult.audio.resample import resample
from auscult.audio.sound import Samples
from auscult.audio.window import Windower
from auscult.datasets.clip import Clip
from auscult.errors import AudioError, BundleError, DatasetError, MissingExtra
from auscult.memory.hear import is_usable
from auscult.runtime.bundle import Bundle, reference_window
from auscult.runtime.manifest import Manifest

MOST_WINDOWS = 64
"""Windows that ranges are measured on, and as many again that the two are compared on."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Heard:
    """Sound for making a variant.

    Parameters
    ----------
    measured
        Windows that ranges are measured on; never none.
    compared
        Others where there are any, that both bundles are compared on; never none.
    from_references
        There was no sound but the bundle's own reference windows.
    """

    measured: list[Samples]
    compared: list[Samples]
    from_references: bool


def heard_of(bundle: Bundle, clips: Iterable[Clip] = (), *, whole: bool = False) -> Heard:
    """Windows of normal sound: some of those clips, spread evenly, and the bundle's own reference windows.

    Parameters
    ----------
    bundle
        Whose windows they are to be.
    clips
        Normal recordings; of a classifier, of any class. What is silent, stuck, clipped, too short or can't be read is left out. One that is shorter than
        a window is a window of its own length, as where it is learned or judged, if the bundle takes that.
    whole
        Only windows of full length will do, the bundle's own included.

    Raises
    ------
    DatasetError
        If nothing is left of them: ranges and limits would be those of two reference windows, and nobody would know.
    BundleError
        If the bundle's own are shorter than whole ones have to be, or nothing is to be had at all.
    """
    clips = list(clips)
    manifest = bundle.manifest
    shortest = manifest.window_samples if whole else manifest.min_window_samples
    own = [reference_window(bundle, i)[0] for i in range(len(manifest.references))]
    if any(len(window) < shortest for window in own):
        raise _too_short(bundle)
    found = _spread(_windows(clips, manifest, shortest), 2 * MOST_WINDOWS)
    if not found and (clips or not own):
        raise _nothing(bundle, len(clips), shortest / manifest.sample_rate_hz, others=bool(own))
    return Heard(
        measured=[*own, *found[::2]],
        compared=found[1::2] or own or found,
        from_references=not found,
    )


def _too_short(bundle: Bundle) -> BundleError:
    manifest = bundle.manifest
    whole_s = manifest.window_samples / manifest.sample_rate_hz
    return BundleError(
        f"{bundle.source or manifest.name} has learned from sound that is shorter than its window of {whole_s:g} s.",
        "a bundle that has learned from whole windows: LiteRT takes no others, and it is proved on what was learned",
        f"Learn it again from recordings of {whole_s:g} s at least, or export it for onnxruntime: leave out --tflite.",
    )


def _nothing(bundle: Bundle, n_clips: int, least_s: float, *, others: bool) -> DatasetError:
    why = f"in {n_clips} recordings: they are silent, stuck, clipped, can't be read, or are shorter than {least_s:g} s"
    return DatasetError(
        f"There is nothing to measure on {why if n_clips else f'in {bundle.manifest.name} itself'}.",
        f"normal sound, in pieces of {least_s:g} s at least",
        "Listen to one of them; give what the machine usually sounds like, or leave --calibrate out."
        if others
        else "Give what the machine usually sounds like with --calibrate.",
    )


def _windows(clips: Iterable[Clip], manifest: Manifest, shortest: int) -> Iterator[Samples]:
    """Those that could be learned: silence, a stuck input or clipped sound say nothing of what is usual."""
    for clip in clips:
        try:
            for window in _windows_of(clip, manifest, shortest):
                if is_usable(window, manifest.sample_rate_hz):
                    yield window
        except (AudioError, MissingExtra):
            continue


def _windows_of(clip: Clip, manifest: Manifest, shortest: int) -> Iterator[Samples]:
    """Windows side by side; what is shorter than one, as it is, if it is not too short."""
    n = manifest.window_samples
    windower = Windower(n, n)
    beginning = np.zeros(0, np.float32)
    for block in _blocks(clip, manifest.sample_rate_hz):
        if len(beginning) < n:
            beginning = np.concatenate([beginning, block[:n]])
        yield from (np.array(window) for _, window in windower.feed(block))
    if shortest <= len(beginning) < n:
        yield beginning


def _blocks(clip: Clip, rate_hz: int) -> Iterator[Samples]:
    if clip.sound is not None:
        yield resample(clip.sound.samples, clip.sound.rate_hz, rate_hz)
    else:
        yield from blocks(clip.path, rate_hz=rate_hz, start_s=clip.start_s, end_s=clip.end_s)


def _spread(windows: Iterable[Samples], most: int) -> list[Samples]:
    """At most so many, evenly out of all that come, however many that are."""
    kept: list[Samples] = []
    step = 1
    for number, window in enumerate(windows):
        if number % step:
            continue
        kept.append(window)
        if len(kept) >= 2 * most:
            kept, step = kept[::2], 2 * step
    return kept if len(kept) <= most else kept[::2]
