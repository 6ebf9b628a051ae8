"""Sound that people bring to be learned from: files that come one by one, or what was recorded, kept until it was learned.

Whatever comes is looked at before it counts: that it is sound, how long, and whether anything is to be heard. What was recorded stays in
memory; files lie in a folder of the server's own, and are gone when it starts again.
"""

import asyncio
import errno
import itertools
import math
import secrets
import shutil
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import numpy as np

from auscult.audio import read
from auscult.audio.sound import Sound
from auscult.datasets.clip import ANOMALY, NORMAL
from auscult.datasets.folder import SPLIT_FOLDERS, folder_label
from auscult.errors import AudioError, AuscultError
from auscult.live.clock import Clock
from auscult.server.codes import code_of
from auscult.server.forms import plain_name
from auscult.server.problems import Problem
from auscult.server.texture import Kind, Mark, Texture, marks_of, texture_of

Use = Literal["normal", "other"]

MAX_COLLECTIONS = 8
MAX_FILES = 5000
KEPT_S = 24 * 3600.0
"""So long a collection that nobody asks for is kept: it is somebody's sound."""

SWEEP_S = 600.0
MAX_FILE_S = 2 * 3600.0
SHORTEST_S = 0.25
LOOKED_AT_S = 60.0
MIN_FREE_BYTES = 256 * 2**20
MAX_LABEL_CHARACTERS = 60

_LONGEST_STEM, _LONGEST_SUFFIX = 200, 8
_HARMLESS = {"ok", "clipped", "dc"}
_ROOM = "a disk with room for it"


@dataclass(frozen=True, kw_only=True)
class Share:
    """What a file holds of one class."""

    recordings: int
    seconds: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Item:
    """A file that was brought, or a recording that was made.

    Parameters
    ----------
    id
        Counted from 1 in its collection.
    name
        What whoever brought it calls it.
    size_bytes
        On the disk; 0 in memory.
    shares
        What it holds, by class; `""` where nothing is known.
    texture
        What its first minute is like; `None` of waveforms in JSON.
    path, sound
        Where it is: one of the two.
    marks
        Seconds of a recording that had better be left out: see `auscult.server.texture.marks_of`.
    notes
        What was found odd in it.
    """

    id: int
    name: str
    size_bytes: int
    shares: Mapping[str, Share]
    texture: Texture | None = None
    path: Path | None = None
    sound: Sound | None = None
    marks: Mapping[int, Mark] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Of sound in it."""
        return sum(one.seconds for one in self.shares.values())

    @property
    def is_json(self) -> bool:
        """Waveforms in JSON, which say their classes themselves."""
        return self.texture is None


@dataclass(kw_only=True, eq=False)
class Collection:
    """What is to be learned from, as it comes."""

    id: str
    folder: Path
    items: dict[int, Item] = field(default_factory=dict)
    used_by: set[str] = field(default_factory=set)
    touched_s: float = 0.0
    _last: int = 0

    @property
    def seconds(self) -> float:
        """Of sound in all of it."""
        return sum(item.seconds for item in self.items.values())

    @property
    def size_bytes(self) -> int:
        """On the disk."""
        return sum(item.size_bytes for item in self.items.values())

    @property
    def shares(self) -> dict[str, Share]:
        """All that it holds, by class."""
        found: dict[str, Share] = {}
        for item in self.items.values():
            for label, one in item.shares.items():
                before = found.get(label, Share(recordings=0, seconds=0.0))
                found[label] = Share(
                    recordings=before.recordings + one.recordings,
                    seconds=before.seconds + one.seconds,
                )
        return dict(sorted(found.items()))

    def next_id(self) -> int:
        """For the item that comes next."""
        self._last += 1
        return self._last

    def add_recording(self, sound: Sound, *, name: str) -> Item:
        """Take what was recorded; it stays in memory."""
        whole = Share(recordings=1, seconds=sound.duration_s)
        item = Item(
            id=self.next_id(),
            name=name,
            size_bytes=0,
            shares={NORMAL: whole},
            texture=texture_of(sound),
            sound=sound,
            marks=marks_of(sound),
        )
        self.items[item.id] = item
        return item


class Collections:
    """All collections of a server; used in one event loop.

    Parameters
    ----------
    folder
        Emptied now: nothing in it outlives a server.
    max_bytes
        Of all files together.
    clock
        For how long they are kept.
    """

    def __init__(self, folder: Path, *, max_bytes: int, clock: Clock) -> None:
        self._clock = clock
        self._folder = folder
        self._max_bytes = max_bytes
        self._kept: dict[str, Collection] = {}
        shutil.rmtree(folder, ignore_errors=True)

    def new(self) -> Collection:
        """An empty one; the oldest that nothing is learned from makes room for it.

        Raises
        ------
        Problem
            If there are too many that something is learned from, or the disk takes none.
        """
        idle = [one for one in self._kept.values() if not one.used_by]
        if len(self._kept) >= MAX_COLLECTIONS:
            if not idle:
                raise Problem(
                    429,
                    f"{MAX_COLLECTIONS} collections are being learned from.",
                    "a few at a time",
                    "Wait until one of them is done.",
                    code="busy",
                )
            self.forget(idle[0].id)
        key = secrets.token_hex(8)
        now_s = self._clock.monotonic_s()
        made = Collection(id=key, folder=self._folder / key, touched_s=now_s)
        with _written():
            made.folder.mkdir(mode=0o700, parents=True)
        self._kept[made.id] = made
        return made

    def get(self, collection_id: str) -> Collection | None:
        """One of them."""
        found = self._kept.get(collection_id)
        if found is not None:
            found.touched_s = self._clock.monotonic_s()
        return found

    async def watch(self) -> None:
        """Delete what nobody has asked for in a day, again and again."""
        while True:
            await asyncio.sleep(SWEEP_S)
            self.sweep()

    def sweep(self) -> None:
        """Delete what nobody has asked for in a day, and nothing is learned from."""
        oldest_s = self._clock.monotonic_s() - KEPT_S
        for found in list(self._kept.values()):
            if found.touched_s < oldest_s and not found.used_by:
                self.forget(found.id)

    def forget(self, collection_id: str) -> None:
        """Delete one with all that is in it."""
        found = self._kept.pop(collection_id, None)
        if found is not None:
            shutil.rmtree(found.folder, ignore_errors=True)

    def clear(self) -> None:
        """Delete all of them."""
        self._kept.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    def check_room(self, collection: Collection, name: str) -> None:
        """Refuse a file where there are too many already, too much, or no room on the disk.

        Raises
        ------
        Problem
            In words that name the file.
        """
        if len(collection.items) >= MAX_FILES:
            raise Problem(
                413,
                f"{name} would be file {MAX_FILES + 1:,}.",
                f"at most {MAX_FILES:,} files",
                "Join short recordings, or choose some of them.",
                code="files_too_many",
                values={"name": name, "most": MAX_FILES},
            )
        if sum(one.size_bytes for one in self._kept.values()) >= self._max_bytes:
            raise Problem(
                413,
                f"With {name} there would be more than {self._max_bytes / 2**30:.1f} GiB of sound.",
                f"at most {self._max_bytes / 2**30:.1f} GiB at a time",
                "Learn from what there is, or choose fewer files.",
                code="sound_too_much",
                values={"name": name, "most_gib": round(self._max_bytes / 2**30, 1)},
            )
        if shutil.disk_usage(self._folder).free < MIN_FREE_BYTES:
            raise _disk_is_full(name)


async def receive(
    collection: Collection, chunks: AsyncIterator[bytes], *, item_id: int, name: str
) -> Path:
    """Write what is being sent to a file of its own; what does not come whole is gone again.

    Raises
    ------
    Problem
        If it can't be written.
    """
    folder = collection.folder / str(item_id)
    path = folder / _file_name(name)
    try:
        with _written(name):
            folder.mkdir(mode=0o700, exist_ok=True)
            with path.open("wb") as file:
                async for chunk in chunks:
                    file.write(chunk)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return path


def discard(path: Path) -> None:
    """Delete a received file, with the folder that was made for it."""
    shutil.rmtree(path.parent, ignore_errors=True)


def item_of(path: Path, *, item_id: int, name: str, label: str) -> Item:
    """Look at a sound file; it takes as long as reading a minute of it does.

    Raises
    ------
    Problem
        If it is no sound, or none that can be learned from; the file is named.
    """
    try:
        seconds, texture = _looked_at(path)
    except AuscultError as error:
        raise Problem(
            422,
            error.what.replace(str(path), name),
            error.expected,
            error.action,
            code=code_of(error.code),
            values=error.values | {"name": name},
        ) from None
    if seconds > MAX_FILE_S:
        raise Problem(
            422,
            f"{name} is {seconds / 3600:.1f} hours long.",
            f"recordings of at most {MAX_FILE_S / 3600:.0f} hours",
            "Cut it into parts, or give some hours of it.",
            code="audio_long",
            values={"name": name, "most_minutes": MAX_FILE_S / 60},
        )
    if seconds < SHORTEST_S:
        raise Problem(
            422,
            f"{name} is {seconds:.2f} s long.",
            f"at least {SHORTEST_S} s of sound",
            "Leave it out.",
            code="audio_short",
            values={"name": name, "seconds": round(seconds, 2), "least_s": SHORTEST_S},
        )
    if texture.health not in _HARMLESS:
        raise Problem(
            422,
            f"Nothing is to be heard in {name}: it is {texture.health}.",
            "sound of the machine",
            "Check the microphone, and record it again.",
            code="audio_silent",
            values={"name": name},
        )
    return Item(
        id=item_id,
        name=name,
        size_bytes=path.stat().st_size,
        shares={label: Share(recordings=1, seconds=seconds)},
        texture=texture,
        path=path,
    )


def json_item(path: Path, *, item_id: int, name: str, told: Mapping[str, Any]) -> Item:
    """The item of a JSON file, of which `auscult.cli.job` told what it holds."""
    return Item(
        id=item_id,
        name=name,
        size_bytes=path.stat().st_size,
        shares={
            label: Share(recordings=int(count), seconds=float(seconds))
            for label, (count, seconds) in told["labels"].items()
        },
        path=path,
        notes=tuple(str(one).replace(str(path), name) for one in told["notes"]),
    )


def label_of(place: str) -> str:
    """The class that the folders of a file tell; `""` if they tell none.

    Parameters
    ----------
    place
        Path of the file below what was dropped, with slashes.

    Examples
    --------
    >>> [label_of(place) for place in ("fan/OK/1.wav", "fan/loose belt/train/2.wav", "fan/3.wav", "normal/4.wav")]
    ['normal', 'loose belt', '', 'normal']
    """
    folders = [
        one for one in PurePosixPath(place.replace("\\", "/")).parts[:-1] if one.strip("/. ")
    ]
    named = [one for one in folders if one.lower() not in SPLIT_FOLDERS]
    if not named:
        return ""
    word = folder_label(named[-1])
    if word or len(named) == 1:
        return word  # what holds everything says nothing, unless it is one of the words
    return plain_name(named[-1])[:MAX_LABEL_CHARACTERS]


def looks_like_json(path: Path) -> bool:
    """By how it begins, whatever it is called."""
    with path.open("rb") as file:
        begin = file.read(64)
    return begin.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def uses_of(labels: Mapping[str, object]) -> dict[str, Use]:
    """What each class is for where nobody says: `normal`, or `other`. Where nothing is called normal, what has no name is.

    Examples
    --------
    >>> uses_of({"": 0, "anomaly": 0}), uses_of({"normal": 0, "knock": 0})
    ({'': 'normal', 'anomaly': 'other'}, {'normal': 'normal', 'knock': 'other'})
    """
    has_normal = NORMAL in labels
    return {
        label: "normal" if label == NORMAL or (not label and not has_normal) else "other"
        for label in labels
    }


def default_name(label: str) -> str:
    """What a class is called where nobody says."""
    return label or NORMAL


def summed(collection: Collection) -> Texture | None:
    """What most of the sound is like: the texture of the normal items that lasts longest; `None` where nothing is known."""
    weights: dict[Kind, float] = {}
    for item in collection.items.values():
        if item.texture is not None and ANOMALY not in item.shares:
            kind = item.texture.kind
            weights[kind] = weights.get(kind, 0.0) + item.seconds
    if not weights:
        return None
    kind = max(weights, key=lambda one: weights[one])
    alike = [
        one.texture
        for one in collection.items.values()
        if one.texture is not None and one.texture.kind == kind
    ]
    periods = [one.period_s for one in alike if one.period_s is not None]
    return replace(alike[0], period_s=float(np.median(periods)) if periods else None)


def _file_name(name: str) -> str:
    """A name that any disk takes, as near as can be to the one that was given.

    Examples
    --------
    >>> _file_name(".."), _file_name("送" * 100 + ".wav")[-6:], len(_file_name("送" * 100).encode())
    ('recording', '送送.wav', 198)
    """
    stem, dot, suffix = name.lstrip(". ").rpartition(".")
    if not dot or len(suffix.encode()) > _LONGEST_SUFFIX:
        stem, dot, suffix = name.lstrip(". "), "", ""
    short = stem.encode()[:_LONGEST_STEM].decode("utf-8", "ignore")
    return f"{short or 'recording'}{dot}{suffix}"


def _looked_at(path: Path) -> tuple[float, Texture]:
    found = read.info(path)
    seconds = found.duration_s
    head = read.read(path, end_s=min(seconds, LOOKED_AT_S) if math.isfinite(seconds) else None)
    if not math.isfinite(seconds):
        seconds = head.duration_s
    if not len(head.samples):
        raise AudioError(
            f"{path} holds no samples.",
            "some seconds of sound",
            "Leave it out.",
            code="audio_empty",
            values={"name": str(path)},
        )
    return seconds, texture_of(head)


@contextmanager
def _written(name: str = "It") -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise _disk_is_full(name) from None
        raise Problem(
            503,
            f"{name} could not be written: {error.strerror}.",
            _ROOM,
            "Try again.",
            code="disk_failed",
        ) from None


def _disk_is_full(name: str) -> Problem:
    return Problem(
        507,
        f"There is no room for {name} on the server's disk.",
        _ROOM,
        "Delete what is not needed there, or choose another place: --data-dir",
        code="disk_full",
    )


def pieces_of(
    collection: Collection, *, struck_out: tuple[int, ...] = (), longest_s: float | None = None
) -> tuple[list[dict[str, object]], bytes]:
    """What `auscult.cli.job` is told of a collection, and the samples that follow.

    Parameters
    ----------
    collection
        What to learn from.
    struck_out
        Seconds of a recording that are left out, counted from 0.
    longest_s
        Recordings are cut into parts no longer than this; default: not at all.
    """
    pieces: list[dict[str, object]] = []
    samples = b""
    for item in collection.items.values():
        if item.is_json:
            pieces.append({"kind": "json", "path": str(item.path), "item": item.id})
            continue
        (label,) = item.shares
        left = _left(item.seconds, struck_out if item.path is None else (), longest_s)
        if left == []:
            continue
        piece: dict[str, object] = {"label": label, "stretches": left or [], "item": item.id}
        if item.sound is None:
            pieces.append(piece | {"kind": "file", "path": str(item.path)})
            continue
        length, rate_hz = len(item.sound.samples), item.sound.rate_hz
        told = {"kind": "samples", "path": item.name, "samples": length, "rate_hz": rate_hz}
        pieces.append(piece | told)
        samples += item.sound.samples.astype("<f4").tobytes()
    return pieces, samples


def still_here(
    collection: Collection, pieces: Iterable[Mapping[str, Any]]
) -> tuple[list[Mapping[str, Any]], bytes]:
    """Of the pieces that a job was told of, those whose sound is still in the collection; and the samples that follow."""
    left: list[Mapping[str, Any]] = []
    samples = b""
    for piece in pieces:
        item = collection.items.get(piece["item"])
        if item is None:
            continue
        left.append(piece)
        if item.sound is not None:
            samples += item.sound.samples.astype("<f4").tobytes()
    return left, samples


def _left(
    seconds: float, struck_out: tuple[int, ...], longest_s: float | None
) -> list[tuple[float, float]] | None:
    """What is left without some seconds, in parts; `None` where it is all of it, in one.

    Examples
    --------
    >>> _left(10.5, (3,), 5.0), _left(10.0, (), None), _left(2.0, (0, 1), None)
    ([(0.0, 3.0), (4.0, 9.0), (9.0, 10.5)], None, [])
    """
    if not struck_out and (longest_s is None or seconds <= longest_s):
        return None
    borders = [-1, *sorted(one for one in set(struck_out) if one < seconds), math.inf]
    runs = [
        (float(before + 1), float(min(after, seconds)))
        for before, after in itertools.pairwise(borders)
        if min(after, seconds) > before + 1
    ]
    if longest_s is None:
        return runs
    return [
        (start_s, min(start_s + longest_s, end_s))
        for begin_s, end_s in runs
        for start_s in np.arange(begin_s, end_s, longest_s).tolist()
    ]
