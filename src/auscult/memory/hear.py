"""Recordings in, embeddings out: the first half of learning, in bounded memory for any length of sound."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from auscult.audio.level import judge, measure
from auscult.audio.read import blocks
from auscult.audio.resample import resample
from auscult.audio.sound import Samples
from auscult.audio.window import Windower
from auscult.datasets.clip import Clip
from auscult.errors import AudioError, AuscultError, MissingExtra
from auscult.memory.graph import Embedder
from auscult.runtime.engine import Engine

Progress = Callable[[float, str], None]
"""Called with the seconds of sound heard so far, and the recording being heard."""

Choose = Callable[[Sequence[Samples], int], Sequence[Samples]]
"""Called with the first windows of a recording and their rate in Hz; gives those that may be kept as proof, at least one."""

BATCH = 16
MAX_SILENCE_S = 0.25
HEARD_ALREADY = "The bundle has heard it already."

_SHORT = 16


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A recording that could not be used, and why.

    Parameters
    ----------
    file
        Its name.
    error
        The whole reason in words.
    cause
        The error behind it, where there was one.
    """

    file: str
    error: str
    cause: AuscultError | None = None


@dataclass(kw_only=True)
class Heard:
    """Embeddings of all windows of all recordings, in order.

    Parameters
    ----------
    embeddings
        Shape (n, dim), float32.
    level_db
        Shape (n,).
    recording
        Shape (n,): index into `names`.
    stretch
        Shape (n,): grows where windows do not follow one another.
    start_s
        Shape (n,): where each window begins in its recording.
    names
        Recordings, without their folders.
    seconds
        Sound that the windows cover.
    skipped
        Recordings that could not be used.
    silent_windows
        Windows left out because they hold no signal or are clipped.
    digest
        SHA-256 over all samples heard.
    digests
        The same for each recording, shortened: by these a copy is known again.
    first_windows
        The first windows of the first recording, to prove the bundle with later; of them, those that were chosen.
    window_samples
        Typical length of a window; 0 where it is not known.
    """

    embeddings: NDArray[np.float32]
    level_db: NDArray[np.float64]
    recording: NDArray[np.int64]
    stretch: NDArray[np.int64]
    start_s: NDArray[np.float64]
    names: list[str]
    seconds: float
    skipped: list[Skipped] = field(default_factory=list)
    silent_windows: int = 0
    digest: str = ""
    digests: list[str] = field(default_factory=list)
    first_windows: list[Samples] = field(default_factory=list)
    window_samples: int = 0

    def __len__(self) -> int:
        return len(self.embeddings)


@dataclass(frozen=True, kw_only=True)
class _Recording:
    """One recording, heard to its end."""

    name: str
    embeddings: NDArray[np.float32]
    level_db: NDArray[np.float32]
    start_s: NDArray[np.float64]
    first_windows: list[Samples]
    seconds: float
    silent_windows: int
    digest: str


class _Ear:
    """Hears one recording after the other."""

    def __init__(
        self,
        embedder: Embedder,
        *,
        channel: int | None,
        threads: int,
        progress: Progress | None,
    ) -> None:
        self._embedder = embedder
        self._engine = embedder.engine or Engine(
            embedder.model.SerializeToString(), threads=threads
        )
        self._channel = channel
        self._progress = progress
        self._heard_s = 0.0

    def hear(self, clip: Clip) -> _Recording:
        """One recording; raises AudioError where it can't be used."""
        embeddings, levels, starts_s = [], [], []
        first_windows: list[Samples] = []
        digest = hashlib.sha256()
        n_windows = 0
        for batch in self._batches(clip, digest):
            n_windows += len(batch)
            rate_hz = self._embedder.rate_hz
            good = [(first, window) for first, window in batch if is_usable(window, rate_hz)]
            if not good:
                continue
            found = self._engine.run(np.stack([window for _, window in good]))
            embeddings.append(found["embedding"])
            levels.append(found["level_db"])
            starts_s += [first / self._embedder.rate_hz for first, _ in good]
            if not first_windows:
                first_windows = [window.copy() for _, window in good]
        if not starts_s:
            raise AudioError(
                f"{clip.name} holds no usable signal.",
                "sound above -90 dBFS that is not clipped",
                "Check the microphone and its gain.",
            )
        return _Recording(
            name=Path(clip.name).name,
            embeddings=np.concatenate(embeddings),
            level_db=np.concatenate(levels),
            start_s=np.asarray(starts_s),
            first_windows=first_windows,
            seconds=_covered_s(starts_s, len(first_windows[0]) / self._embedder.rate_hz),
            silent_windows=n_windows - len(starts_s),
            digest=digest.hexdigest(),
        )

    def _batches(self, clip: Clip, digest: "hashlib._Hash") -> Iterator[list[tuple[int, Samples]]]:
        """Windows with their first sample, some at a time."""
        windower = Windower(self._embedder.window_samples, self._embedder.hop_samples)
        beginning: list[Samples] = []
        total = 0
        pending: list[tuple[int, Samples]] = []
        for samples in _samples(clip, self._embedder.rate_hz, self._channel):
            digest.update(samples.tobytes())
            if total < self._embedder.window_samples:
                beginning.append(samples)
            total += len(samples)
            pending += windower.feed(samples)
            while len(pending) >= BATCH:
                yield pending[:BATCH]
                del pending[:BATCH]
            self._tell(len(samples), clip.name)
        if total < self._embedder.window_samples:
            # A recording shorter than a window is one window of its own length.
            pending = [(0, self._long_enough(np.concatenate(beginning), clip.name))]
        if pending:
            yield pending

    def _long_enough(self, samples: Samples, name: str) -> Samples:
        needed = self._embedder.min_window_samples
        if len(samples) >= needed:
            return samples
        raise AudioError(
            f"{name} is {len(samples) / self._embedder.rate_hz:.2f} s long.",
            f"at least {needed / self._embedder.rate_hz:g} s",
            "Record for longer; ten seconds or more are best.",
        )

    def _tell(self, samples: int, name: str) -> None:
        self._heard_s += samples / self._embedder.rate_hz
        if self._progress is not None:
            self._progress(self._heard_s, name)


def is_usable(window: Samples, rate_hz: int) -> bool:
    """It is sound that something can be learned from.

    Parameters
    ----------
    window
        Shape (samples,), mono.
    rate_hz
        Samples a second.

    Examples
    --------
    >>> is_usable(np.zeros(16000, np.float32), 16000)
    False
    """
    if not np.all(np.isfinite(window)):
        return False
    found = measure(window, rate_hz)
    # Half a window of digital silence is a microphone that came or went, and no machine.
    return judge(found) in ("ok", "dc") and found.longest_constant_s < MAX_SILENCE_S


def _covered_s(starts_s: list[float], window_s: float) -> float:
    """Length of all windows together, what they share counted once: silence in between is no sound heard."""
    return float(np.minimum(np.diff(starts_s), window_s).sum()) + window_s


def _samples(clip: Clip, rate_hz: int, channel: int | None) -> Iterator[Samples]:
    if clip.sound is None:
        yield from blocks(
            clip.path, rate_hz=rate_hz, channel=channel, start_s=clip.start_s, end_s=clip.end_s
        )
    else:
        yield resample(clip.sound.samples, clip.sound.rate_hz, rate_hz)


def _stretches(
    recording: NDArray[np.int64], start_s: NDArray[np.float64], hop_s: float
) -> NDArray[np.int64]:
    """A number for each window that grows where it does not follow the one before."""
    broken = (np.diff(recording) != 0) | (np.diff(start_s) > 1.5 * hop_s)
    return np.concatenate([[0], np.cumsum(broken)]) if len(recording) else recording


def _joined(recordings: list[_Recording], skipped: list[Skipped], embedder: Embedder) -> Heard:
    dim = embedder.dim
    recording = np.repeat(np.arange(len(recordings)), [len(r.start_s) for r in recordings])
    start_s = np.concatenate([np.zeros(0), *(r.start_s for r in recordings)])
    digest = hashlib.sha256("".join(r.digest for r in recordings).encode())
    return Heard(
        embeddings=np.concatenate(
            [np.zeros((0, dim), np.float32), *(r.embeddings for r in recordings)]
        ),
        level_db=np.concatenate([np.zeros(0), *(r.level_db for r in recordings)]),
        recording=recording,
        stretch=_stretches(recording, start_s, embedder.hop_samples / embedder.rate_hz),
        start_s=start_s,
        names=[r.name for r in recordings],
        seconds=sum(r.seconds for r in recordings),
        skipped=skipped,
        silent_windows=sum(r.silent_windows for r in recordings),
        digest=digest.hexdigest(),
        digests=[r.digest[:_SHORT] for r in recordings],
        first_windows=[window for r in recordings[:1] for window in r.first_windows],
        window_samples=_typical([len(r.first_windows[0]) for r in recordings]),
    )


def _typical(lengths: list[int]) -> int:
    return round(float(np.median(lengths))) if lengths else 0


def hear(
    clips: Iterable[Clip],
    embedder: Embedder,
    *,
    channel: int | None = None,
    threads: int = 1,
    progress: Progress | None = None,
    known: Collection[str] = (),
    choose: Choose | None = None,
) -> Heard:
    """Embed every window of every recording.

    Parameters
    ----------
    clips
        Recordings of normal sound; each is read once, in blocks.
    embedder
        What to embed with.
    channel
        One channel of each, counted from 0; default: the mean of all.
    progress
        Told how far it is.
    known
        `Heard.digests` of earlier learning.
    choose
        Who says which windows may be kept as proof; default: any.

    Returns
    -------
    heard
        Recordings that can't be read are in its `skipped`, and so are copies of one that was heard before.
    """
    ear = _Ear(embedder, channel=channel, threads=threads, progress=progress)
    recordings: dict[str, _Recording] = {}
    skipped: list[Skipped] = []
    for clip in clips:
        try:
            heard = ear.hear(clip)
        except (AudioError, MissingExtra) as error:
            skipped.append(Skipped(file=clip.name, error=str(error), cause=error))
            continue
        if heard.digest[:_SHORT] in known:
            skipped.append(Skipped(file=clip.name, error=HEARD_ALREADY))
        elif heard.digest in recordings:
            original = recordings[heard.digest].name
            skipped.append(Skipped(file=clip.name, error=f"The same sound as {original}: a copy."))
        else:
            recordings[heard.digest] = heard
    found = _joined(list(recordings.values()), skipped, embedder)
    if choose is not None and found.first_windows:
        found.first_windows = list(choose(found.first_windows, embedder.rate_hz))
    return found
