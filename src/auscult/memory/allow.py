"""Sound that is normal though it was not learned: allowed afterwards, at once, without learning again.

Somebody has listened to an alarm and says that nothing is wrong. Its sound becomes a place that the bundle may be near to (see
`auscult.memory.reach`), and so do windows that it fills in part, which it does wherever it begins and ends (`auscult.memory.edges`): nothing that was normal before alarms now, and no limit moves. What is lost is what sounds like it; `effects` says
what that is, among recordings of which it is known.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from auscult.audio.read import Source, blocks
from auscult.audio.resample import resample
from auscult.audio.sound import Samples, Sound
from auscult.audio.window import Windower
from auscult.datasets.clip import Clip
from auscult.errors import AudioError, BundleError, RecipeError
from auscult.memory.edges import SHARES, edges
from auscult.memory.embedder import SPECTRUM
from auscult.memory.reach import weights_of, with_reach
from auscult.memory.trace import Trace, ears_of, judging
from auscult.runtime.bundle import Bundle, reference_window, run_window, verify
from auscult.runtime.manifest import Allowed
from auscult.runtime.parts import MEMORY
from auscult.runtime.scorer import Scorer
from auscult.runtime.verdict import ClipVerdict

Array = NDArray[np.float64]

MOST = 64
"""Places that one bundle may be near to."""

# Of one sound: whatever it does, it is told in so many places, or it is no one sound.
_MOST_OF_ONE = 8

# What is nearly as strange as the strangest window is the same thing, heard again.
_NEARLY = 0.9

# The same sound on another day is never quite the same: short of the limit, where that needs no more than a few places.
_AIM = 0.6


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What came of it.

    Parameters
    ----------
    bundle
        With the sound allowed; another one than was given.
    before, after
        Largest ratio to a limit in the sound, that for recordings included; 1.0 = at the limit.
    places
        New places in the memory: more than one where the sound is more than one thing.
    """

    bundle: Bundle
    before: float
    after: float
    places: int

    @property
    def is_enough(self) -> bool:
        """The sound raises no alarm any more."""
        return self.after <= 1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class _Window:
    """A window of the stretch: what it was embedded as, alone and with those before it, and what came of it."""

    alone: Array
    block: Array
    score: float
    fast_score: float
    ratio: float


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What an allowance changes for one recording.

    Parameters
    ----------
    name, label
        Of the recording.
    before, after
        Its score against the limit for recordings.
    was_alarm, is_alarm
        The bundle's decision before and after.
    """

    name: str
    label: str
    before: float
    after: float
    was_alarm: bool
    is_alarm: bool

    @property
    def vanishes(self) -> bool:
        """It raised an alarm, and raises none."""
        return self.was_alarm and not self.is_alarm


def allow(
    bundle: Bundle,
    source: Source | Sound,
    *,
    name: str = "",
    start_s: float = 0.0,
    end_s: float | None = None,
    channel: int | None = None,
    note: str = "",
) -> Allowance:
    """Allow what raises alarms in a stretch of a recording.

    Parameters
    ----------
    bundle
        A memory with limits.
    source
        The recording.
    name
        What it is called in the bundle; default: its file.
    start_s, end_s
        The stretch. What comes before it is heard too, as far as scores depend on it.
    channel
        One channel, counted from 0; default: the mean of all.
    note
        Why it is allowed, kept in the bundle.

    Raises
    ------
    AudioError
        If it can't be read.
    BundleError
        If the bundle is none that can allow, has allowed too much already, or raises no alarm there.

    Examples
    --------
    >>> import auscult  # doctest: +SKIP
    >>> allowed = allow(auscult.load("fan.onnx"), "door.wav", note="the door of the hall")  # doctest: +SKIP
    >>> allowed.bundle.save("fan-2.onnx")  # doctest: +SKIP
    """
    _refuse_others(bundle)
    windows = _windows(bundle, source, start_s, end_s, channel)
    called = name or (source if isinstance(source, str) else getattr(source, "name", "")) or "sound"
    end = end_s
    if end is None:
        end = windows[-1][0] + bundle.manifest.window_samples / bundle.manifest.sample_rate_hz
    entry = Allowed(recording=called, start_s=start_s, end_s=end, note=note, places=0)
    return _allowed(bundle, lambda one: _heard(one, windows), entry)


def allow_trace(bundle: Bundle, trace: Trace, *, name: str, note: str = "") -> Allowance:
    """Allow a sound of which only a trace was kept: how it was heard, without the sound.

    Parameters
    ----------
    bundle
        A memory with limits, with the ears that heard it.
    trace
        How it was heard.
    name, note
        What it is called in the bundle, and why it is allowed.

    Raises
    ------
    BundleError
        If the bundle is none that can allow, hears otherwise, has allowed too much already, or raises no alarm there.
    """
    _refuse_others(bundle)
    if trace.ears != ears_of(bundle):
        raise BundleError(
            f"{name} was heard by another embedder than that of {bundle.source or bundle.manifest.name}.",
            "a bundle with the ears that heard it",
            "Wait until it is heard again, or learn it: auscult learn --add.",
            code="heard_otherwise",
        )
    hop_s = bundle.manifest.hop_samples / bundle.manifest.sample_rate_hz
    seconds = len(trace.embeddings) * hop_s
    entry = Allowed(recording=name, start_s=0.0, end_s=seconds, note=note, places=0)
    return _allowed(bundle, lambda one: _heard_in(one, trace), entry)


def _allowed(bundle: Bundle, hear: Callable[[Bundle], list[_Window]], entry: Allowed) -> Allowance:
    """Allow what a bundle hears, place by place, until it is near enough to all of it."""
    heard = hear(bundle)
    before = _worst(heard)
    called = entry.recording
    if before <= 1.0:
        raise BundleError(
            f"{called} raises no alarm: it comes to {before:.2f} of the limit.",
            "a recording, or a stretch of one, that does",
            "Choose the stretch with --from and --to; auscult score says where an alarm is.",
            code="allow_no_alarm",
        )
    kept, candidate = _kept(bundle), bundle
    after, found = before, 0
    while after > _AIM and found < _MOST_OF_ONE:
        _refuse_more(bundle, kept)
        kept = kept.joined(_place(heard, bundle.manifest.context))
        found += 1
        candidate = _rebuilt(bundle, kept, bundle.manifest.allowed)
        heard = hear(candidate)
        after = _worst(heard)
    noted = replace(entry, places=found)
    manifest = replace(bundle.manifest, allowed=(*bundle.manifest.allowed, noted))
    made = _proved(replace(candidate, manifest=manifest))
    return Allowance(bundle=made, before=before, after=after, places=found)


def forbid(bundle: Bundle, number: int) -> Bundle:
    """The bundle as if one sound had never been allowed.

    Parameters
    ----------
    bundle
        That has allowed it.
    number
        Of the sound, counted from 1.

    Raises
    ------
    RecipeError
        If there is no such sound.
    """
    allowed = bundle.manifest.allowed
    if not 1 <= number <= len(allowed):
        raise RecipeError(
            f"{bundle.source or bundle.manifest.name} has allowed {len(allowed)} sounds; there is no number {number}.",
            f"1 to {len(allowed)}" if allowed else "a bundle that has allowed something",
            "auscult bundle allowed BUNDLE lists them.",
        )
    first = sum(one.places for one in allowed[: number - 1])
    kept = _kept(bundle).without(first, first + allowed[number - 1].places)
    return _proved(_rebuilt(bundle, kept, (*allowed[: number - 1], *allowed[number:])))


def carried(before: Bundle, after: Bundle) -> Bundle:
    """What one bundle has allowed, in one that was learned after it with the same embedder."""
    if not before.manifest.allowed:
        return after
    return _proved(_rebuilt(after, _kept(before), before.manifest.allowed))


def effects(
    before: Bundle,
    after: Bundle,
    clips: Iterable[Clip],
    progress: Callable[[float, str], None] | None = None,
) -> list[Effect]:
    """What changes for recordings of which it is known whether they are normal; those that can't be read are left out."""
    one, other = Scorer(before), Scorer(after)
    found = []
    for number, clip in enumerate(clips):
        if progress is not None:
            progress(float(number), clip.name)
        try:
            was, now = (_judged(scorer, clip) for scorer in (one, other))
        except AudioError:
            continue
        found.append(
            Effect(
                name=clip.name,
                label=clip.label,
                before=was.ratio,
                after=now.ratio,
                was_alarm=was.is_anomaly,
                is_alarm=now.is_anomaly,
            )
        )
    return found


def effects_on_traces(
    before: Bundle, after: Bundle, traces: Mapping[str, tuple[str, Trace]]
) -> list[Effect]:
    """What changes for sounds of which only a trace was kept; those that were heard by other ears are left out.

    Parameters
    ----------
    before, after
        Memories with limits and the same ears.
    traces
        By name: what each is labelled, and its trace.
    """
    ears = ears_of(before)
    was_judged, is_judged = judging(before), judging(after)
    found = []
    for name, (label, trace) in traces.items():
        if trace.ears != ears:
            continue
        was, now = (float(judge(trace).ratios.max()) for judge in (was_judged, is_judged))
        found.append(
            Effect(
                name=name,
                label=label,
                before=was,
                after=now,
                was_alarm=was > 1.0,
                is_alarm=now > 1.0,
            )
        )
    return found


def _judged(scorer: Scorer, clip: Clip) -> ClipVerdict:
    source = clip.sound or clip.path
    start_s, end_s = (0.0, None) if clip.sound is not None else (clip.start_s, clip.end_s)
    return scorer.score(source, start_s=start_s, end_s=end_s, explain=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Kept:
    """Places of a bundle: embeddings of ten-second means and of windows, (n, dim), and how many sounds each is the mean of."""

    block: Array
    window: Array
    counts: NDArray[np.int64]

    def joined(self, other: "_Kept") -> "_Kept":
        return _Kept(
            block=np.concatenate([self.block, other.block]),
            window=np.concatenate([self.window, other.window]),
            counts=np.concatenate([self.counts, other.counts]),
        )

    def without(self, first: int, last: int) -> "_Kept":
        rows = slice(first, last)
        return _Kept(
            block=np.delete(self.block, rows, axis=0),
            window=np.delete(self.window, rows, axis=0),
            counts=np.delete(self.counts, rows, axis=0),
        )


def _kept(bundle: Bundle) -> _Kept:
    dim = bundle.manifest.dim
    none = np.zeros((0, dim))
    return _Kept(
        block=np.asarray(bundle.arrays.get("allowed.block", none), np.float64),
        window=np.asarray(bundle.arrays.get("allowed.window", none), np.float64),
        counts=np.asarray(bundle.arrays.get("allowed.counts", np.zeros((0, 2))), np.int64),
    )


def _windows(
    bundle: Bundle,
    source: Source | Sound,
    start_s: float,
    end_s: float | None,
    channel: int | None,
) -> list[tuple[float, Samples, bool]]:
    """Where each window begins, its samples, and whether it lies in the stretch; before that, those that are its context."""
    manifest = bundle.manifest
    rate_hz = manifest.sample_rate_hz
    lead = manifest.context * manifest.hop_samples + manifest.window_samples
    begin_s = max(start_s - lead / rate_hz, 0.0)
    if isinstance(source, Sound):
        samples = resample(source.samples, source.rate_hz, rate_hz)
        last = None if end_s is None else round(end_s * rate_hz)
        parts: Iterable[Samples] = [samples[round(begin_s * rate_hz) : last]]
    else:
        parts = blocks(source, rate_hz=rate_hz, channel=channel, start_s=begin_s, end_s=end_s)
    windower = Windower(manifest.window_samples, manifest.hop_samples)
    found = []
    for part in parts:
        for first, window in windower.feed(part):
            at_s = begin_s + first / rate_hz
            found.append((at_s, window, at_s + manifest.window_samples / rate_hz > start_s))
    if not found:
        raise AudioError(
            f"The stretch is shorter than a window of {manifest.window_samples / rate_hz:g} s.",
            "a whole window at least",
            "Choose a longer stretch.",
        )
    return found


def _heard(bundle: Bundle, windows: Sequence[tuple[float, Samples, bool]]) -> list[_Window]:
    """The stretch as the bundle hears it; what can't be judged (silence) interrupts."""
    stream = Scorer(bundle).stream()
    calibration = bundle.manifest.calibration
    limit = np.inf if calibration is None else calibration.recording_limit() or np.inf
    ring: deque[Array] = deque(maxlen=bundle.manifest.context + 1)
    found = []
    for at_s, window, is_inside in windows:
        verdict = stream.judge(window, at_s)
        if stream.embedding is None:
            ring.clear()
            continue
        alone = stream.embedding.astype(np.float64)
        ring.append(alone)
        if is_inside:
            found.append(
                _Window(
                    alone=alone,
                    block=np.mean(ring, axis=0),
                    score=verdict.score,
                    fast_score=verdict.fast_score or verdict.score,
                    ratio=max(verdict.ratio, verdict.score / limit),
                )
            )
    return found


def _heard_in(bundle: Bundle, trace: Trace) -> list[_Window]:
    """A trace as the bundle judges it."""
    judged = judging(bundle)(trace)
    rows = zip(
        trace.embeddings.astype(np.float64),
        judged.blocks,
        judged.scores.tolist(),
        judged.fast_scores.tolist(),
        judged.ratios.tolist(),
        strict=True,
    )
    return [
        _Window(alone=alone, block=block, score=score, fast_score=fast, ratio=ratio)
        for alone, block, score, fast, ratio in rows
    ]


def _worst(heard: Sequence[_Window]) -> float:
    return max((one.ratio for one in heard), default=0.0)


def _place(heard: Sequence[_Window], context: int) -> _Kept:
    """What is strangest in it, and all that is nearly as strange."""
    slow = np.array([one.score for one in heard])
    quick = np.array([one.fast_score for one in heard])
    block, n_blocks = _typical(np.stack([one.block for one in heard]), slow)
    window, n_windows = _typical(np.stack([one.alone for one in heard]), quick)
    # Ten-second means of neighbouring windows share sound, and so do windows that overlap by half.
    counts = [max(1, n_blocks // (context + 1)), max(1, n_windows // 2)]
    return _Kept(block=block[None], window=window[None], counts=np.array([counts], np.int64))


def _typical(vectors: Array, scores: Array) -> tuple[Array, int]:
    near = scores >= _NEARLY * scores.max()
    return vectors[near].mean(axis=0), int(near.sum())


def _rebuilt(bundle: Bundle, kept: _Kept, allowed: tuple[Allowed, ...]) -> Bundle:
    window, window_counts = _with_edges(bundle, kept)
    model = with_reach(
        bundle.model,
        {"block": kept.block, "window": window},
        {"block": kept.counts[:, 0].tolist(), "window": window_counts},
    )
    arrays = {name: a for name, a in bundle.arrays.items() if not name.startswith("allowed.")}
    if len(kept.counts):
        arrays |= {
            "allowed.block": kept.block.astype(np.float32),
            "allowed.window": kept.window.astype(np.float32),
            "allowed.counts": kept.counts.astype(np.int32),
        }
    return Bundle(
        manifest=replace(bundle.manifest, allowed=allowed),
        model=model,
        arrays=arrays,
        source=bundle.source,
    )


def _with_edges(bundle: Bundle, kept: _Kept) -> tuple[Array, list[int]]:
    """Places of windows, those that the sound fills in part among them, where it can be known what these are."""
    counts = kept.counts[:, 1]
    if bundle.manifest.embedder != SPECTRUM or not len(counts):
        return kept.window, counts.tolist()
    normal = weights_of(bundle.model)["window.mean"].astype(np.float64)
    every = np.concatenate([kept.window, *(edges(normal, full) for full in kept.window)])
    return every, [*counts.tolist(), *np.repeat(counts, len(SHARES)).tolist()]


def _proved(bundle: Bundle) -> Bundle:
    """With the scores that its reference windows have now."""
    engine = bundle.engine()
    references = []
    for index, known in enumerate(bundle.manifest.references):
        found = run_window(engine, *reference_window(bundle, index), bundle.manifest)
        references.append(replace(known, score=found["score"], fast_score=found.get("fast_score")))
    proved = replace(bundle, manifest=replace(bundle.manifest, references=tuple(references)))
    verify(proved, engine)
    return proved


def _refuse_others(bundle: Bundle) -> None:
    manifest = bundle.manifest
    called = bundle.source or manifest.name
    if manifest.family != MEMORY or manifest.variant is not None:
        raise BundleError(
            f"{called} can't allow a sound by itself: it is {'a form for a small device' if manifest.variant else 'a trained network'}.",
            "a bundle from auscult learn",
            "Export it again after allowing the sound in the bundle it was made of."
            if manifest.variant
            else "Add the recording to the normal ones, and train it again.",
            code="bundle_no_allowing",
        )
    if manifest.calibration is None:
        raise BundleError(
            f"{called} has no limits, and so no alarms.",
            "a bundle with limits",
            "Learn it from more sound.",
            code="bundle_no_limits",
        )


def _refuse_more(bundle: Bundle, kept: _Kept) -> None:
    if len(kept.counts) >= MOST:
        raise BundleError(
            f"{bundle.source or bundle.manifest.name} has {MOST} places that were allowed.",
            "fewer: each of them makes it deafer",
            "Learn it again with these recordings among the normal ones: auscult learn --add.",
            code="allowed_full",
            values={"most": MOST},
        )
