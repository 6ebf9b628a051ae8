"""The sound of events, for who wants to keep it: nothing is stored unless a folder for it is given.

A ring holds the last seconds in memory, so that a clip begins before its event does. Clips are written whole or not at
all, and go after a time.
"""

import io
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from auscult.audio.sound import Sound
from auscult.errors import StoreError
from auscult.live.buffer import seconds
from auscult.live.clock import Clock
from auscult.live.listener import GAP_S, Block

PRE_S = 5.0
POST_S = 5.0
LONGEST_S = 60.0
KEEP_DAYS = 7.0
KEEP_BYTES = 1024**3

JUMP_S = 3600.0
"""A wall clock that runs ahead of the even one by more was set; nothing is deleted on its word alone."""

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_OWN = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}\.wav(\.part)?")


@dataclass(frozen=True, kw_only=True, eq=False)
class Cut:
    """A stretch of sound around an event.

    Parameters
    ----------
    key
        What it was asked for by.
    start_s
        Where it begins, in the stream's time.
    sound
        What was heard, mono, at the source's own rate.
    """

    key: str
    start_s: float
    sound: Sound


class ClipRing:
    """The last seconds of a stream, from which clips are cut. Not shared between threads.

    A clip ends early where sound is missing or its rate changes: what is in it was heard in one piece.

    Parameters
    ----------
    pre_s, post_s
        How much sound a clip has before its event and after it.
    longest_s
        No clip is longer.

    Examples
    --------
    >>> ring = ClipRing(pre_s=1.0, post_s=0.5)
    >>> second = Block(samples=np.zeros(8000, np.float32), rate_hz=8000)
    >>> for _ in range(3):
    ...     cuts = ring.feed(second)
    >>> ring.begin("knock", 2.2)
    >>> ring.end("knock", 2.9)
    []
    >>> [(cut.key, cut.start_s, cut.sound.duration_s) for cut in ring.feed(second)]
    [('knock', 1.2, 2.2)]
    """

    def __init__(
        self, *, pre_s: float = PRE_S, post_s: float = POST_S, longest_s: float = LONGEST_S
    ) -> None:
        self._pre_s = pre_s
        self._post_s = post_s
        self._longest_s = max(longest_s, pre_s)
        self._parts: list[NDArray[np.int16]] = []
        self._rate_hz = 0
        self._first_s = 0.0  # time of the first sample that is held
        self._next_s = 0.0  # time of the next one that will come
        self._open: dict[str, _Wanted] = {}

    def feed(self, block: Block) -> list[Cut]:
        """Take the next block; return the clips that are complete."""
        if not len(block.samples):
            return []
        cuts: list[Cut] = []
        time_s = self._next_s if block.time_s is None else block.time_s
        is_gap = block.after_gap or abs(time_s - self._next_s) > GAP_S
        if block.rate_hz != self._rate_hz or is_gap:
            cuts = self._break_off(time_s, block.rate_hz)
        # Half the memory of floats, and what will be written.
        self._parts.append(_steps(block))
        self._next_s = time_s + seconds(block)
        cuts += self._complete()
        self._forget()
        return cuts

    def begin(self, key: str, start_s: float) -> None:
        """An event has begun at a time of the stream."""
        first_s = max(start_s - self._pre_s, self._first_s)
        self._open.setdefault(key, _Wanted(first_s, first_s + self._longest_s))

    def end(self, key: str, end_s: float) -> list[Cut]:
        """An event has ended; its clip, if all of it was heard already."""
        if key in self._open:
            wanted = self._open[key]
            last_s = min(max(end_s, wanted.first_s) + self._post_s, wanted.last_s)
            self._open[key] = _Wanted(wanted.first_s, last_s)
        return self._complete()

    def close(self) -> list[Cut]:
        """End of the sound: clips as far as they have come."""
        return self._break_off(0.0, 0)

    def _complete(self) -> list[Cut]:
        done = [key for key, wanted in self._open.items() if wanted.last_s <= self._next_s]
        return [cut for key in done if (cut := self._cut(key)) is not None]

    def _break_off(self, time_s: float, rate_hz: int) -> list[Cut]:
        cuts = [cut for key in list(self._open) if (cut := self._cut(key)) is not None]
        self._parts, self._rate_hz = [], rate_hz
        self._first_s = self._next_s = time_s
        return cuts

    def _cut(self, key: str) -> Cut | None:
        wanted = self._open.pop(key)
        first = max(round((wanted.first_s - self._first_s) * self._rate_hz), 0)
        last = round((wanted.last_s - self._first_s) * self._rate_hz)
        held = np.concatenate(self._parts) if self._parts else np.empty(0, np.int16)
        steps = held[first:last]
        if not len(steps):
            return None
        sound = Sound(samples=steps.astype(np.float32) / np.float32(32768), rate_hz=self._rate_hz)
        return Cut(key=key, start_s=self._first_s + first / self._rate_hz, sound=sound)

    def _forget(self) -> None:
        """Drop what no clip can want any more."""
        wanted_s = [wanted.first_s for wanted in self._open.values()]
        # An event is told some windows after it began.
        oldest_s = min([self._next_s - self._pre_s - self._longest_s / 2, *wanted_s])
        while self._parts and self._first_s + len(self._parts[0]) / self._rate_hz <= oldest_s:
            self._first_s += len(self._parts.pop(0)) / self._rate_hz


@dataclass(frozen=True)
class _Wanted:
    first_s: float
    last_s: float


def _steps(block: Block) -> NDArray[np.int16]:
    samples = np.nan_to_num(block.mono(), nan=0.0, posinf=1.0, neginf=-1.0)
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16)


class ClipFolder:
    """A folder of clips: each is written whole, kept for a time, and deleted.

    Files that it did not write are never touched: it knows its own by their names, an event's id and `.wav`.

    Parameters
    ----------
    path
        The folder; made if it is not there.
    clock
        For their age.
    keep_days
        How long a clip is kept.
    keep_bytes
        How much all of them may take; the oldest go first.
    synced
        Called with the descriptor of what must be on the disk before it counts.

    Raises
    ------
    StoreError
        If it can't be made.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock,
        keep_days: float = KEEP_DAYS,
        keep_bytes: int = KEEP_BYTES,
        synced: Callable[[int], None] = os.fsync,
    ) -> None:
        self.path = path
        self._clock = clock
        self._keep_days = keep_days
        self._keep_bytes = keep_bytes
        self._synced = synced
        self._checked = (clock.utc(), clock.monotonic_s())
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _not_kept(path, error) from None

    def write(self, key: str, sound: Sound) -> str:
        """Write a clip; the name of its file.

        Once it returns, the clip is on the disk and stays there through a power cut.

        Raises
        ------
        StoreError
            If it can't be written; then nothing is left of it. Or if the key is no name of a file.
        """
        if not _NAME.fullmatch(key) or key.startswith("."):
            raise StoreError(
                f"'{key[:80]}' is no name for a clip.",
                "letters, digits, '.', '_' and '-', at most 64",
                "Use the id of the event.",
            )
        name = f"{key}.wav"
        part = self.path / f"{name}.part"
        try:
            self._write_whole(part, _wav(sound))
            part.replace(self.path / name)
            self._sync_folder()
        except OSError as error:
            part.unlink(missing_ok=True)
            raise _not_kept(self.path / name, error) from None
        return name

    def delete(self, name: str) -> bool:
        """Delete a clip; whether it was there."""
        path = self.path / Path(name).name
        try:
            path.unlink()
            self._sync_folder()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise _not_kept(path, error) from None
        return True

    def sweep(self) -> int:
        """Delete what is too old or too much; how many clips went.

        Nothing goes for its age where the clock on the wall has run ahead of the even one by more than an hour since the
        last call: it was set, perhaps wrongly. The next call believes it. A file that can't be looked at or deleted is
        passed over.
        """
        found = sorted(self._own())
        ages_count = not self._has_jumped()
        oldest = (self._clock.utc() - timedelta(days=self._keep_days)).timestamp()
        total = sum(size for _, size, _ in found)
        gone = 0
        for modified, size, path in found:
            if not (ages_count and modified < oldest) and total <= self._keep_bytes:
                continue
            try:
                path.unlink()
            except OSError:
                continue
            total -= size
            gone += 1
        return gone

    def _own(self) -> list[tuple[float, int, Path]]:
        found = []
        for path in self.path.iterdir():
            if _OWN.fullmatch(path.name) and path.is_file() and not path.is_symlink():
                try:
                    facts = path.stat()
                except OSError:
                    continue
                found.append((facts.st_mtime, facts.st_size, path))
        return found

    def _has_jumped(self) -> bool:
        (utc, even_s), now, now_s = self._checked, self._clock.utc(), self._clock.monotonic_s()
        self._checked = (now, now_s)
        return now - utc > timedelta(seconds=now_s - even_s + JUMP_S)

    def _write_whole(self, path: Path, content: bytes) -> None:
        # Sound of people: for the owner alone, and never through a link that someone left here.
        path.unlink(missing_ok=True)
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            self._synced(file.fileno())

    def _sync_folder(self) -> None:
        """A name is safe once its folder is."""
        if os.name == "nt":
            return  # folders can't be opened there
        number = os.open(self.path, os.O_RDONLY)
        try:
            self._synced(number)
        finally:
            os.close(number)


def _wav(sound: Sound) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, sound.samples, sound.rate_hz, format="WAV", subtype="PCM_16")
    return file.getvalue()


def _not_kept(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"{path} could not be written or deleted: {error.strerror or error}.",
        "a folder that may be written to, with space left",
        "Make room, or store no clips.",
    )
