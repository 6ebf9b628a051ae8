"""Blocks in, verdicts and events out: the one listener behind every source, sans I/O.

No clock, no thread, no socket: times are counted in samples, so a recording is heard as if it were live, and what comes
out depends on the sound alone, never on how it is cut into blocks.

A *gap* is where sound is missing: a block that says it was taken more than `GAP_S` before or after the end of the one
before it. Nothing is scored across a gap or a change of sample rate: the window, the bundle's context and the votes begin
anew. The comparison is from block to block, so two clocks that slowly drift apart make no gap; verdicts are counted in
samples from the last one.
"""

import warnings
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from auscult.audio.header import MAX_CHANNELS, MAX_RATE_HZ, MIN_RATE_HZ
from auscult.audio.resample import Resampler
from auscult.audio.sound import Samples
from auscult.audio.window import Windower
from auscult.errors import AudioError, AuscultWarning
from auscult.live.events import Event, EventTracker, Patience, Stretch
from auscult.runtime.manifest import Manifest
from auscult.runtime.verdict import Explanation, Verdict

GAP_S = 0.05
"""Deviation of a block's time from the end of the one before it above which sound is missing."""

EXPLAINED_S = 10.0
"""Longest stretch around an event's peak that its explanation is made from."""

BROKEN = 1e6
"""No microphone gives a sample 120 dB over full scale: from there on it is as broken as NaN."""

_SCALES = {np.dtype(np.int16): 1 / 32768, np.dtype(np.float32): 1.0, np.dtype(np.float64): 1.0}


@dataclass(frozen=True, kw_only=True, eq=False)
class Block:
    """Samples as they arrive from a source.

    Parameters
    ----------
    samples
        Shape (n,) or (n, channels), any n; float32 or float64 with full scale at ±1, or int16.
    rate_hz
        Samples a second, 1 kHz to 768 kHz.
    time_s
        When the first sample was taken, in seconds on any clock that runs evenly (not when the block arrived, which
        wavers). `None`: right after the block before it.
    after_gap
        Sound is missing before it, however little its time tells of that: nothing is joined across.

    Raises
    ------
    AudioError
        If the samples have another type or shape, or the rate or the time is out of range.

    Examples
    --------
    >>> Block(samples=np.array([[0, 16384], [-32768, 0]], np.int16), rate_hz=16000).mono()
    array([ 0.25, -0.5 ], dtype=float32)
    """

    samples: NDArray[Any]
    rate_hz: int
    time_s: float | None = None
    after_gap: bool = False

    def __post_init__(self) -> None:
        _check_samples(self.samples)
        if not MIN_RATE_HZ <= self.rate_hz <= MAX_RATE_HZ:
            raise AudioError(
                f"A block has a sample rate of {self.rate_hz:.12g} Hz.",
                f"{MIN_RATE_HZ} to {MAX_RATE_HZ} Hz",
                "Give the rate that the source records at.",
            )
        if self.time_s is not None and not isfinite(self.time_s):
            raise AudioError(
                f"A block says it was taken at {self.time_s} s.",
                "a finite time, or none",
                "Leave the time out where the source doesn't know it.",
            )

    def mono(self) -> Samples:
        """The mean of the channels, shape (n,), full scale at ±1."""
        # What is too large for float32, or infinite on two channels, ends as a broken sample.
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = self.samples.astype(np.float32) * np.float32(_SCALES[self.samples.dtype])
            if scaled.ndim == 1:
                return scaled
            # Channel by channel, as recordings are read: the sum's order must not depend on the block's length.
            total: Samples = sum(scaled.T[1:], scaled[:, 0])
            return total / np.float32(scaled.shape[1])


class AnyStream(Protocol):
    """What a listener asks of `auscult.runtime.scorer.Stream`."""

    def judge(self, window: Samples, start_s: float) -> Verdict:
        """Judge the next window; one that holds NaN is `unreliable`."""

    def reset(self) -> None:
        """Forget: after a gap, nothing before it counts."""


class AnyBundle(Protocol):
    """What a listener asks of a bundle."""

    @property
    def manifest(self) -> Manifest:
        """What the bundle says of itself."""


class AnyScorer(Protocol):
    """What a listener asks of `auscult.runtime.scorer.Scorer`."""

    @property
    def bundle(self) -> AnyBundle:
        """The bundle that judges."""

    def stream(self, *, level_track: bool) -> AnyStream:
        """A new stream, with nothing remembered."""

    def explain_samples(self, samples: Samples, start_s: float) -> Explanation | None:
        """Where in time and frequency a stretch differs from normal, and how."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ToJudge:
    """A question of a listener: the verdict on its next window; `None` where that window is lost.

    Parameters
    ----------
    window
        Shape (samples,), at the bundle's rate; NaN where a broken sample was.
    start_s
        Where it begins.
    """

    window: Samples
    start_s: float


@dataclass(frozen=True, kw_only=True, eq=False)
class ToExplain:
    """A question of a listener: where and how the sound around an event's peak differs.

    Parameters
    ----------
    samples
        Shape (n,), at the bundle's rate.
    start_s
        Where they begin.
    event
        The event that is about to be told.
    """

    samples: Samples
    start_s: float
    event: Event


Item = Verdict | Event
Question = ToJudge | ToExplain
Steps = Generator[Question, Any, list[Item]]
"""A listener at work: it asks, is sent the answer, and returns what there is to tell."""


class Listener:
    """One stream of sound, heard by one bundle. Not shared between threads.

    Times are seconds from the first sample, or from the zero of the blocks' clock where the first block has a time.

    Samples that are NaN, infinite or absurdly large are replaced by zeros before anything is computed, so they spoil
    nothing after them; every window that holds one is `unreliable`. In a window's verdict the sound before it counts only
    as far as the bundle's own context and votes go.

    Parameters
    ----------
    scorer
        A bundle made ready; sensitivity is the scorer's.
    patience
        When an event is told.
    level_track
        Tell when it is louder or quieter than usual, too.
    explain
        Say where and how an event's sound differs.

    Examples
    --------
    >>> listener = Listener(auscult.load("fan.onnx"))  # doctest: +SKIP
    >>> for item in listener.feed(Block(samples=samples, rate_hz=48000)):  # doctest: +SKIP
    ...     print(item)
    """

    def __init__(
        self,
        scorer: AnyScorer,
        *,
        patience: Patience = Patience(),  # noqa: B008 - it is frozen
        level_track: bool = False,
        explain: bool = True,
    ) -> None:
        manifest = scorer.bundle.manifest
        self._scorer = scorer
        self._explain = explain
        self._rate_hz = manifest.sample_rate_hz
        self._window_samples = manifest.window_samples
        self._hop_samples = manifest.hop_samples
        self._stream = scorer.stream(level_track=level_track)
        self._tracker = EventTracker(patience, level=manifest.level)
        self._windower = Windower(manifest.window_samples, manifest.hop_samples)
        explained = round(EXPLAINED_S * self._rate_hz)
        kept = explained + manifest.window_samples + 2 * manifest.hop_samples
        self._recent = _Recent(kept, at_once=manifest.hop_samples)
        self._around: dict[float, tuple[Samples, float]] = {}  # sound and its start, by peak_s
        self._sound: _Unbroken | None = None

    @property
    def stream(self) -> AnyStream:
        """What remembers the windows before; whoever answers `ToJudge` asks it."""
        return self._stream

    @property
    def due_s(self) -> float:
        """Seconds of sound that it takes at least until the next window is complete; fed at once, they cost less."""
        missing_s = (self._window_samples - self._windower.pending) / self._rate_hz
        held_s = 0.0 if self._sound is None else self._sound.held_s
        return max(missing_s - held_s, 0.0)

    def feed(self, block: Block) -> list[Item]:
        """Take the next block; return what it completes, in order of time.

        A verdict comes before the events that it brings.

        Warns
        -----
        AuscultWarning
            Where a source's rate is lower than the bundle's.
        """
        if self._begins(block):
            self._warn_if_upsampled(block.rate_hz)
        return self._answered(self.steps(block))

    def close(self) -> list[Item]:
        """End of the sound: the verdicts that were held up in the resampler, and the end of every open event.

        A rest shorter than a hop is not judged. What is fed later is another sound, with times of its own; only the
        numbers of events run on.
        """
        return self._answered(self.closing_steps())

    def steps(self, block: Block) -> Steps:
        """What `feed` does, with its questions left to the caller: to be answered together with those of other streams.

        Examples
        --------
        >>> steps = listener.steps(block)  # doctest: +SKIP
        >>> question = next(steps)  # doctest: +SKIP
        >>> question = steps.send(listener.stream.judge(question.window, question.start_s))  # doctest: +SKIP
        """
        if not len(block.samples):
            return []
        before = self._sound
        if before is not None and before.goes_on_with(block):
            return (yield from self._hear(before.feed(block)))
        items = yield from self._break_off()
        start_s = 0.0 if before is None else before.end_s
        start_s = start_s if block.time_s is None else block.time_s
        self._sound = _Unbroken(block.rate_hz, self._rate_hz, start_s)
        return items + (yield from self._hear(self._sound.feed(block)))

    def closing_steps(self) -> Steps:
        """What `close` does: see `steps`."""
        items = yield from self._break_off()
        items += yield from self._all_explained(self._tracker.close())
        self._sound = None
        return items

    def _begins(self, block: Block) -> bool:
        return bool(len(block.samples)) and (
            self._sound is None or self._sound.rate_hz != block.rate_hz
        )

    def _answered(self, steps: Steps) -> list[Item]:
        """Answer every question at once."""
        answer: Any = None
        while True:
            try:
                question = steps.send(answer)
            except StopIteration as done:
                return list(done.value)
            if isinstance(question, ToJudge):
                answer = self._stream.judge(question.window, question.start_s)
            else:
                answer = self._scorer.explain_samples(question.samples, question.start_s)

    def _break_off(self) -> Steps:
        """End unbroken sound: judge what is left of it, and carry nothing over."""
        items: list[Item] = []
        if self._sound is not None:
            items = yield from self._hear(self._sound.close())
        self._windower.reset()
        self._stream.reset()
        self._recent.reset()
        return items

    def _hear(self, samples: Samples) -> Steps:
        items: list[Item] = []
        # At most a hop at a time: of a long block, too, `_recent` then holds what led up to each window.
        for at in range(0, len(samples), self._hop_samples):
            piece = samples[at : at + self._hop_samples]
            if self._explain:
                self._recent.push(np.where(np.isnan(piece), np.float32(0.0), piece))
            for first, window in self._windower.feed(piece):
                items += yield from self._judge(window, first)
        return items

    def _judge(self, window: Samples, first: int) -> Steps:
        verdict = yield ToJudge(window=window, start_s=self._time_s(first))
        if verdict is None:
            # A lost window is a gap: the next one is judged without what was before.
            self._stream.reset()
            return []
        told = self._tracker.update(verdict)
        # What has ended is explained by the sound kept so far; what begins, by the sound of this window, too.
        ended = yield from self._all_explained(one for one in told if one.status == "ended")
        if self._explain:
            self._keep_sound(first + len(window))
        begun = yield from self._all_explained(one for one in told if one.status == "begun")
        return [verdict, *ended, *begun]

    def _keep_sound(self, last: int) -> None:
        """Keep the sound around the peak of all that is open, as it was or as it is after one more window."""
        kept = {}
        for stretch in self._tracker.open:
            if stretch.peak_s not in self._around or self._is_recent(stretch, last):
                kept[stretch.peak_s] = self._cut(stretch, last)
            else:
                kept[stretch.peak_s] = self._around[stretch.peak_s]
        self._around = kept

    def _is_recent(self, stretch: Stretch, last: int) -> bool:
        """The sound after its peak is not yet complete, or only just."""
        oldest_s = self._time_s(last - self._hop_samples) - EXPLAINED_S / 2.0
        return max(oldest_s, self._time_s(0)) <= stretch.peak_s

    def _cut(self, stretch: Stretch, last: int) -> tuple[Samples, float]:
        """The sound of a stretch around its peak, up to sample number `last`, and its start."""
        start_s = max(stretch.start_s, stretch.peak_s - EXPLAINED_S / 2.0)
        first = max(self._number(start_s), 0)
        last = min(self._number(stretch.peak_s + EXPLAINED_S / 2.0), last)
        return self._recent.between(first, last), self._time_s(first)

    def _all_explained(self, events: Iterable[Event]) -> Generator[Question, Any, list[Event]]:
        explained: list[Event] = []
        for event in events:
            explained.append((yield from self._explained(event)))  # noqa: PERF401 - it asks in between
        return explained

    def _explained(self, event: Event) -> Generator[Question, Any, Event]:
        if event.peak_s not in self._around:
            return event
        samples, start_s = self._around[event.peak_s]
        explanation = yield ToExplain(samples=samples, start_s=start_s, event=event)
        return replace(event, explanation=explanation)

    def _time_s(self, number: int) -> float:
        """Time of a sample of the unbroken sound, at the bundle's rate."""
        start_s = 0.0 if self._sound is None else self._sound.start_s
        return start_s + number / self._rate_hz

    def _number(self, time_s: float) -> int:
        return round((time_s - self._time_s(0)) * self._rate_hz)

    def _warn_if_upsampled(self, rate_hz: int) -> None:
        if rate_hz < self._rate_hz:
            warnings.warn(
                f"The source gives {rate_hz} Hz but the bundle listens at {self._rate_hz} Hz: nothing above "
                f"{rate_hz / 2:g} Hz can be heard, and scores are not comparable. Record at {self._rate_hz} Hz, "
                f"or learn a bundle from recordings at {rate_hz} Hz.",
                AuscultWarning,
                stacklevel=3,  # the caller of `feed`
            )


def listen(source: Iterable[Block], listener: Listener) -> Iterator[Verdict | Event]:
    """Hear a source to its end.

    Parameters
    ----------
    source
        Blocks in order of time.
    listener
        Who hears them.

    Yields
    ------
    item
        Verdicts, and events as they begin and end.

    Examples
    --------
    >>> for item in listen(microphone(), Listener(auscult.load("fan.onnx"))):  # doctest: +SKIP
    ...     print(item)
    """
    for block in source:
        yield from listener.feed(block)
    yield from listener.close()


def _check_samples(samples: NDArray[Any]) -> None:
    found = type(samples).__name__
    if isinstance(samples, np.ndarray):
        if samples.dtype in _SCALES and _channels(samples) in range(1, MAX_CHANNELS + 1):
            return
        found = f"{samples.dtype} of shape {samples.shape}"
    raise AudioError(
        f"A block's samples are {found}.",
        f"an array of shape (n,) or (n, channels), 1 to {MAX_CHANNELS} channels, float32 or float64 with full scale "
        "at ±1, or int16",
        "Convert them; integers of other widths are divided by their full scale.",
    )


def _channels(samples: NDArray[Any]) -> int:
    """Channels, or 0 where the array has another shape than sound has."""
    if samples.ndim == 1:
        return 1
    return samples.shape[1] if samples.ndim == 2 else 0


class _Unbroken:
    """Sound of one rate without a gap, brought to the bundle's rate."""

    def __init__(self, rate_hz: int, to_hz: int, start_s: float) -> None:
        self.rate_hz = rate_hz
        self.start_s = start_s
        self._to_hz = to_hz
        self._resampler = Resampler(rate_hz, to_hz)
        self._taken = 0  # samples at the source's rate
        self._given = 0  # samples at the bundle's rate
        self._broken = np.empty(0, np.int64)  # numbers of samples to be marked, not yet given
        self._known = (start_s, 0)  # the last time that a block told, and of which sample

    @property
    def end_s(self) -> float:
        """When the next sample is due."""
        time_s, number = self._known
        return time_s + (self._taken - number) / self.rate_hz

    @property
    def held_s(self) -> float:
        """Sound that is still in the resampler."""
        return self._taken / self.rate_hz - self._given / self._to_hz

    def goes_on_with(self, block: Block) -> bool:
        on_time = block.time_s is None or abs(block.time_s - self.end_s) <= GAP_S
        return on_time and block.rate_hz == self.rate_hz and not block.after_gap

    def feed(self, block: Block) -> Samples:
        """What is ready, with NaN where a broken sample was."""
        samples = block.mono()
        broken = ~(np.abs(samples) < BROKEN)
        if block.time_s is not None:
            self._known = (block.time_s, self._taken)
        numbers = (self._taken + np.flatnonzero(broken)) * self._to_hz // self.rate_hz
        self._broken = np.concatenate((self._broken, numbers))
        self._taken += len(samples)
        return self._marked(self._resampler.feed(np.where(broken, np.float32(0.0), samples)))

    def close(self) -> Samples:
        return self._marked(self._resampler.close())

    def _marked(self, samples: Samples) -> Samples:
        if len(self._broken):
            here = self._broken - self._given
            samples = samples.copy()
            samples[here[here < len(samples)]] = np.nan
            self._broken = self._broken[here >= len(samples)]
        self._given += len(samples)
        return samples


class _Recent:
    """The last samples of a sound, numbered from its start; at least `keep` of them."""

    def __init__(self, keep: int, *, at_once: int) -> None:
        self._keep = keep
        # A quarter longer: what is kept moves to the front only when the buffer is full, not with every block.
        self._longest = keep + max(keep // 4, at_once)
        # It grows with the sound: of many streams only few are long.
        self._buffer = np.zeros(min(2 * at_once, self._longest), np.float32)
        self.reset()

    def reset(self) -> None:
        self._used = 0
        self._first = 0  # number of the first sample in the buffer

    def push(self, samples: Samples) -> None:
        """Add at most `at_once` samples."""
        needed = self._used + len(samples)
        if len(self._buffer) < needed and len(self._buffer) < self._longest:
            longer = np.zeros(min(max(2 * len(self._buffer), needed), self._longest), np.float32)
            longer[: self._used] = self._buffer[: self._used]
            self._buffer = longer
        if needed > len(self._buffer):
            moved = self._used - self._keep
            self._buffer[: self._keep] = self._buffer[moved : self._used].copy()
            self._first += moved
            self._used = self._keep
        self._buffer[self._used : self._used + len(samples)] = samples
        self._used += len(samples)

    def between(self, first: int, last: int) -> Samples:
        """A copy of samples number `first` up to, not including, `last`."""
        return self._buffer[first - self._first : last - self._first].copy()
