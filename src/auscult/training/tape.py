"""All recordings one after the other on disk, at the rate of the network: read once, then any window in no time.

However much sound there is, memory stays small: windows are read where they are asked for, and the operating system keeps what fits.
"""

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any, overload
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from auscult.audio.read import blocks
from auscult.audio.resample import resample
from auscult.audio.sound import Samples, Sound
from auscult.datasets.clip import Clip
from auscult.datasets.split import recording_of
from auscult.errors import AudioError, DatasetError, MissingExtra, TrainingError

Progress = Callable[[float, str], None]
"""Called with the seconds of sound read so far, and the recording being read."""

_LEFT_FREE_BYTES = 256 * 2**20


@dataclass(frozen=True, kw_only=True)
class Take:
    """One clip on the tape.

    Parameters
    ----------
    clip
        What it is, without its samples.
    name
        What people call it.
    first, samples
        Where it lies on the tape.
    has_file
        It can be read again; else its samples are nowhere but here.
    sha256
        Of its samples as they were read, float32: known again by whoever reads it.
    """

    clip: Clip
    name: str
    has_file: bool
    first: int
    samples: int
    sha256: str

    @property
    def recording(self) -> str:
        """The recording that it was cut from: what splits go by."""
        return recording_of(self.clip)


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A clip that could not be used, and why."""

    name: str
    error: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Tape:
    """Recordings on disk.

    Parameters
    ----------
    sound
        All of it, on disk.
    rate_hz
        Its sample rate.
    takes
        What lies where.
    skipped
        What could not be used.
    sha256
        Digest over all that is on it.
    """

    sound: "OnDisk"
    rate_hz: int
    takes: tuple[Take, ...]
    skipped: tuple[Skipped, ...]
    sha256: str

    @property
    def seconds(self) -> float:
        """How much sound there is."""
        return len(self.sound) / self.rate_hz

    def samples(self, take: Take) -> Samples:
        """All of one clip, shape (samples,)."""
        return to_float(self.sound[take.first : take.first + take.samples])


class OnDisk:
    """Samples in a file, int16, as slices of what lies there.

    Mapped into memory, what was read would count as memory of the process until the system wants it back.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("rb", buffering=0)
        self._lock = Lock()
        self._n = path.stat().st_size // 2
        finalize(self, self._file.close)

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, part: slice) -> NDArray[np.int16]:
        """Shape (samples,)."""
        first, last, _ = part.indices(self._n)
        with self._lock:
            self._file.seek(2 * first)
            found = np.fromfile(self._file, np.int16, max(last - first, 0))
        if len(found) < last - first:
            raise TrainingError(
                f"{self._path} has become shorter while it was read.",
                "a file that nobody else changes while training goes on",
                "Train again; one training for each folder.",
            )
        return found


class Played(Sequence[Clip]):
    """Clips of a tape, as they were given; the samples of those that were no file of their own are read when they are asked for.

    Parameters
    ----------
    tape
        Where they are.
    chosen
        Numbers of the takes.
    """

    def __init__(self, tape: "Tape", chosen: Sequence[int]) -> None:
        self._tape = tape
        self._chosen = tuple(chosen)

    def __len__(self) -> int:
        return len(self._chosen)

    @overload
    def __getitem__(self, number: int) -> Clip: ...
    @overload
    def __getitem__(self, number: slice) -> "Played": ...
    def __getitem__(self, number: int | slice) -> "Clip | Played":
        """A clip, or some of them."""
        if isinstance(number, slice):
            return Played(self._tape, self._chosen[number])
        take = self._tape.takes[self._chosen[number]]
        if take.has_file:
            return take.clip
        sound = Sound(samples=self._tape.samples(take), rate_hz=self._tape.rate_hz)
        return replace(take.clip, sound=sound)


def record(
    clips: Iterable[Clip],
    path: Path,
    *,
    rate_hz: int,
    channel: int | None = None,
    progress: Progress | None = None,
) -> Tape:
    """Write a tape.

    Parameters
    ----------
    clips
        Read one after the other; never all in memory.
    path
        The file to write; one that is there is replaced.
    rate_hz
        Rate of the tape.
    channel
        One channel, counted from 0; default: the mean of all.

    Raises
    ------
    DatasetError
        If no clip can be used.
    TrainingError
        If the disk has no room for it.
    """
    takes: list[Take] = []
    skipped: list[Skipped] = []
    digest = hashlib.sha256()
    end = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            for clip in clips:
                if progress is not None:
                    progress(end / rate_hz, clip.name)
                first, own = end, hashlib.sha256()
                try:
                    for block in _blocks(clip, rate_hz, channel):
                        own.update(block.tobytes())
                        piece = to_int16(block)
                        _make_sure_of_room(path, piece.nbytes)
                        file.write(piece.tobytes())
                        digest.update(piece.tobytes())
                        end += len(piece)
                except (AudioError, MissingExtra) as error:
                    skipped.append(Skipped(name=clip.name, error=str(error)))
                    end = first
                    file.seek(2 * first)
                    file.truncate()
                    continue
                takes.append(
                    Take(
                        clip=replace(clip, sound=None),
                        name=clip.name,
                        has_file=clip.sound is None,
                        first=first,
                        samples=end - first,
                        sha256=own.hexdigest(),
                    )
                )
    except OSError as error:
        path.unlink(missing_ok=True)
        raise TrainingError(
            f"{path} could not be written: {error.strerror}.",
            f"a folder that may be written to, with {2 * rate_hz * 3600 / 1e6:.0f} MB free for each hour of sound",
            "Make room, or choose another folder with -o.",
        ) from None
    if not takes:
        reason = f": {skipped[0].error}" if skipped else "."
        raise DatasetError(
            f"None of {len(skipped)} recordings can be used{reason}",
            "recordings with sound",
            "See what is wrong with them: auscult data check",
        )
    return Tape(
        sound=OnDisk(path),
        rate_hz=rate_hz,
        takes=tuple(takes),
        skipped=tuple(skipped),
        sha256=digest.hexdigest(),
    )


def keeping(tape: Tape, clips: Iterable[Clip]) -> Tape:
    """The same tape, where only these clips count, with the labels that they have here."""

    def key(clip: Clip) -> tuple[Any, ...]:
        return clip.path, clip.group, clip.start_s, clip.end_s

    wanted = {key(clip): clip for clip in clips}
    takes = (
        replace(take, clip=wanted[key(take.clip)])
        for take in tape.takes
        if key(take.clip) in wanted
    )
    return replace(tape, takes=tuple(takes))


@dataclass(frozen=True, kw_only=True, eq=False)
class Windows:
    """Windows of some of the clips of a tape.

    Parameters
    ----------
    tape
        Where the sound is.
    take
        Shape (n,): the take of each window.
    first
        Shape (n,): where it begins in its take.
    label
        Shape (n,): index of the label of each.
    length
        Samples of a window; a clip that is shorter is repeated until it is full.
    """

    tape: Tape
    take: NDArray[np.int64]
    first: NDArray[np.int64]
    label: NDArray[np.int64]
    length: int

    def __len__(self) -> int:
        return len(self.take)

    def batch(self, index: Sequence[int] | NDArray[np.int64]) -> NDArray[np.float32]:
        """Some of them, shape (len(index), length), float32."""
        out = np.empty((len(index), self.length), np.float32)
        for row, number in enumerate(index):
            take = self.tape.takes[self.take[number]]
            first = take.first + self.first[number]
            last = min(first + self.length, take.first + take.samples)
            piece = self.tape.sound[first:last]
            out[row] = piece if len(piece) == self.length else np.resize(piece, self.length)
        out /= 32768.0
        return out

    def name(self, number: int) -> str:
        """What people call a window."""
        start_s = self.first[number] / self.tape.rate_hz
        return f"{self.tape.takes[self.take[number]].name} at {start_s:.1f} s"


def windows_of(
    tape: Tape, chosen: Sequence[int], target_of: Callable[[Clip], int], *, length: int, hop: int
) -> Windows:
    """Cut takes into windows, one every `hop` samples; a shorter take gives one.

    Parameters
    ----------
    chosen
        Numbers of the takes.
    target_of
        Number of the label of a clip.
    """
    rows = [
        (number, first, target_of(tape.takes[number].clip))
        for number in chosen
        for first in range(0, max(tape.takes[number].samples - length, 0) + 1, hop)
    ]
    take, first, label = np.array(rows, np.int64).reshape(-1, 3).T
    return Windows(tape=tape, take=take, first=first, label=label, length=length)


def to_int16(samples: Samples) -> NDArray[np.int16]:
    """Samples as they are kept; what is beyond full scale is cut."""
    return np.clip(np.round(samples * 32768.0), -32768, 32767).astype(np.int16)


def to_float(samples: NDArray[np.int16]) -> Samples:
    """The inverse of `to_int16`."""
    return samples.astype(np.float32) / np.float32(32768.0)


def _blocks(clip: Clip, rate_hz: int, channel: int | None) -> Iterable[Samples]:
    if clip.sound is None:
        return blocks(
            clip.path, rate_hz=rate_hz, channel=channel, start_s=clip.start_s, end_s=clip.end_s
        )
    return [resample(clip.sound.samples, clip.sound.rate_hz, rate_hz)]


def _make_sure_of_room(path: Path, nbytes: int) -> None:
    if shutil.disk_usage(path.parent).free < nbytes + _LEFT_FREE_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
