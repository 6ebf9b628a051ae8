"""A folder of bundles: what is in it, which one is active, and one scorer for each that is used.

A bundle's id is the beginning of its file's SHA-256, so the same file is the same bundle everywhere. Files stay as they
came; what is chosen here (which is active, what each is called, at which budget) stands beside them in `bundles.json`.
What comes from outside is opened in a child process first, which may fail, run out of memory or never end.
"""

import asyncio
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from threading import Lock, RLock
from typing import Any

from auscult.errors import AuscultError, BundleError, RecipeError, StoreError
from auscult.live.unspoken import sounds_of
from auscult.runtime import bundle as bundle_files
from auscult.runtime.bundle import Bundle
from auscult.runtime.manifest import Manifest
from auscult.runtime.scorer import Scorer
from auscult.runtime.trial import inspect_untrusted
from auscult.server.private import refused_disk
from auscult.server.suffixes import bundle_files_in, suffix_of

ID_CHARACTERS = 12
MAX_NAME_CHARACTERS = 80

MAX_REMOVED = 10
"""So many that were deleted can be had back, until the server is started again."""

ONE_AT_A_TIME = Lock()
"""Held by whoever makes a bundle of the one that judges: of two at a time, the second would not know what the first did."""

_INDEX = "bundles.json"
_PART = ".part"
_REMOVED = "removed"
_MAX_EARLIER = 50
_MIB = 2**20


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What was chosen for a bundle here.

    Parameters
    ----------
    name
        What it is called here; empty: what it calls itself.
    budget_per_day
        Its sensitivity here; `None`: its own.
    """

    name: str = ""
    budget_per_day: float | None = None


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A bundle in the folder.

    Parameters
    ----------
    id, path, size_bytes, created_at
        Of the file.
    manifest
        What it says of itself, at the budget chosen here.
    choice
        See `Choice`.
    has_sound
        Some of the sound that proves it was heard, and is not noise in the place of speech.
    """

    id: str
    path: Path
    size_bytes: int
    created_at: datetime
    manifest: Manifest
    choice: Choice
    has_sound: bool = True

    @property
    def name(self) -> str:
        """What it is called."""
        return self.choice.name or self.manifest.name


class Bundles:
    """The bundles of a server; may be called from any thread.

    Whoever reads never waits for whoever changes: what is read is replaced as a whole. What loads or writes takes its time,
    and belongs into a thread.

    Parameters
    ----------
    folder
        Made if it isn't there.
    max_bundles
        No more are taken.

    Raises
    ------
    StoreError
        If the folder can't be used.
    """

    def __init__(self, folder: Path, *, max_bundles: int = 100) -> None:
        self.on_change: list[Callable[[str], None]] = []
        self._folder = folder
        self._max_bundles = max_bundles
        self._lock = RLock()  # of what is written
        self._loading = Lock()  # so that nothing is loaded twice
        self._kept: dict[str, Kept] = {}
        self._scorers: dict[str, Scorer] = {}
        self._active_id: str | None = None
        self._earlier: tuple[str, ...] = ()  # that were active, the last one last
        self._followed: dict[str, str] = {}  # by the one that came of it
        # What was made of an earlier one that is used again, by what it was made of: the line of that goes on without it.
        self._branched: dict[str, str] = {}
        self._removed: dict[str, Kept] = {}
        self.broken: dict[str, str] = {}
        with _told(folder):
            folder.mkdir(parents=True, exist_ok=True)
            for left in (*folder.glob(f"*{_PART}"), *bundle_files_in(folder / _REMOVED)):
                left.unlink()
            self._read()

    @property
    def active_id(self) -> str | None:
        """The bundle that judges where no other is named."""
        return self._active_id

    @property
    def previous_id(self) -> str | None:
        """The bundle that was active before, of those that are still there."""
        there = (one for one in reversed(self._earlier) if one in self._kept)
        return next((one for one in there if one != self._active_id), None)

    def newest(self, bundle_id: str) -> str:
        """What became of a bundle by allowing sounds and learning a new normal; itself, if nothing did."""
        # Through those that were deleted: what came of them still judges.
        seen, found = [bundle_id], bundle_id
        while (after := self._followed.get(seen[-1])) is not None and after not in seen:
            seen.append(after)
            found = after if after in self._kept else found
        return found

    def judging(self, bundle_id: str | None) -> str | None:
        """What judges where a bundle was chosen: the newest version of it; where none was, the active one as it is."""
        return self._active_id if bundle_id is None else self.newest(bundle_id)

    def came_of(self, bundle_id: str) -> str:
        """What judges now of all that was made of a bundle: the active one, if it was, else the newest; or itself."""
        before, seen = self._active_id, set[str]()
        while before is not None and before not in seen:
            if before == bundle_id:
                return str(self._active_id)
            seen.add(before)
            before = self.made_of(before)
        return self.newest(bundle_id)

    def made_of(self, bundle_id: str) -> str | None:
        """The bundle in whose place another one judges, of those that are still there."""
        made_of = {after: one for one, after in self._followed.items()} | self._branched
        seen, before = {bundle_id}, made_of.get(bundle_id)
        while before is not None and before not in self._kept and before not in seen:
            seen.add(before)
            before = made_of.get(before)
        return before if before in self._kept else None

    def ids(self) -> tuple[str, ...]:
        """All of them, in the order in which they came."""
        return tuple(self._kept)

    def get(self, bundle_id: str) -> Kept | None:
        """One of them."""
        return self._kept.get(bundle_id)

    def all(self) -> tuple[Kept, ...]:
        """All of them, in the order in which they came."""
        return tuple(self._kept.values())

    def scorer(self, bundle_id: str | None = None) -> Scorer | None:
        """The one scorer of a bundle (default: the active one), loaded when it is first wanted; `None` if there is none.

        In an event loop, wait for `ready` first.
        """
        wanted = bundle_id or self._active_id
        if wanted is None or wanted not in self._kept:
            return None
        return self._scorers.get(wanted) or self._loaded(wanted)

    async def ready(self, bundle_id: str | None = None) -> Scorer | None:
        """The same; it is loaded in a thread if it isn't yet.

        Raises
        ------
        BundleError, EngineError
            If it can't be used after all.
        """
        wanted = bundle_id or self._active_id
        if wanted is None:
            return None
        return self._scorers.get(wanted) or await asyncio.to_thread(self.scorer, wanted)

    def changed(self, bundle_id: str) -> None:
        """Tell whoever listens that a bundle became active, or judges otherwise now. Call it in the event loop."""
        for tell in self.on_change:
            tell(bundle_id)

    def add_file(self, path: Path, *, name: str = "", activates: bool = True) -> Kept:
        """Take over a file; the first bundle of all becomes active, unless it shall not.

        Raises
        ------
        BundleError
            If it is no bundle that can be used.
        RecipeError
            If there are too many already.
        StoreError
            If it can't be written.
        """
        try:
            file = path.open("rb")
        except OSError as error:
            raise BundleError(
                f"{path} could not be opened: {error.strerror}.",
                "a bundle",
                "Learn one: auscult learn FOLDER -o FILE.onnx",
            ) from None
        with file, self._temporary() as part:
            with _told(self._folder), part.open("wb") as copied:
                shutil.copyfileobj(file, copied)
            return self._take(part, name, source=str(path), activates=activates)

    def add_bytes(self, content: bytes, *, name: str = "", activates: bool = True) -> Kept:
        """Take over a bundle that was made here: as `add_file`."""
        with self._temporary() as part:
            with _told(self._folder):
                part.write_bytes(content)
            source = _clean(name) or "The bundle"
            return self._take(part, name, source=source, activates=activates)

    @contextmanager
    def receiving(self) -> Iterator[Path]:
        """A place for a file that is being received; it is gone afterwards, unless `take` took it."""
        with self._temporary() as part:
            yield part

    def take(self, part: Path, *, name: str = "") -> Kept:
        """Take over a received file: as `add_file`."""
        return self._take(part, name, source=_clean(name) or "The uploaded file")

    def verify(self, bundle_id: str) -> float:
        """Prove a bundle on its reference windows again, in a child process; the largest relative difference.

        Raises
        ------
        BundleError
            If it gives other scores than it says.
        """
        kept = self._known(bundle_id)
        return inspect_untrusted(kept.path, source=kept.name).error

    def activate(self, bundle_id: str) -> Kept:
        """Let a bundle judge from now on: all of the switch, or none of it.

        Raises
        ------
        BundleError, EngineError
            If it can't be used after all.
        """
        self._known(bundle_id)
        self.scorer(bundle_id)  # before the switch: one that can't be loaded never becomes active
        with self._lock:
            kept = self._known(bundle_id)
            before = () if self._active_id in (None, bundle_id) else (str(self._active_id),)
            self._write(active=bundle_id, earlier=(*self._earlier, *before))
            return kept

    def follow(self, bundle_id: str, kept: Kept, *, activates: bool = True) -> None:
        """Let a bundle judge wherever the one judges that it was made of, and everywhere else if it `activates`.

        Where something else came of that one already, and judges a source perhaps, that goes on judging there. `step_back` undoes it.

        Raises
        ------
        BundleError, EngineError
            If it can't be used after all.
        """
        if activates:
            self.activate(kept.id)
        else:
            self.scorer(kept.id)  # before anything follows
        with self._lock:
            if self.newest(bundle_id) not in (bundle_id, kept.id):
                self._write(branched=self._branched | {kept.id: bundle_id})
                return
            # What it was once made into is undone, where it is an earlier one that judges again.
            left = {one: after for one, after in self._followed.items() if one != kept.id}
            branched = {one: of for one, of in self._branched.items() if one != kept.id}
            self._write(followed=left | {bundle_id: kept.id}, branched=branched)

    def succeed(self, bundle_id: str, content: bytes, *, name: str) -> Kept:
        """Take over a bundle that was made of another, and let it judge wherever that one does: as `add_file` and `follow`."""
        kept = self.add_bytes(content, name=name, activates=False)
        self.follow(bundle_id, kept, activates=bundle_id == self._active_id)
        return kept

    def step_back(self, bundle_id: str) -> Kept:
        """Let that judge again which a bundle was made of, wherever it did; where something came of it, that stays.

        Raises
        ------
        RecipeError
            If it was made of none, or that is gone.
        BundleError, EngineError
            If that can't be used any more.
        """
        before = self.made_of(bundle_id)
        if before is None:
            raise RecipeError(
                f"The bundle '{bundle_id}' judges in the place of no other.",
                "one that was made by allowing a sound, or by learning a new normal",
                "It may have been undone already.",
                code="bundle_not_followed",
            )
        self.scorer(before)  # before the switch, as in `activate`
        with self._lock:
            kept = self._known(before)
            followed, branched = self._without(bundle_id)
            active, earlier = self._active_id, list(self._earlier)
            if bundle_id == active:
                active, earlier = before, [one for one in earlier if one != bundle_id]
                while earlier and earlier[-1] == before:
                    earlier.pop()
            self._write(active=active, earlier=tuple(earlier), followed=followed, branched=branched)
            return kept

    def roll_back(self) -> Kept:
        """Let the bundle judge again that did before; once more goes to the one before that.

        Raises
        ------
        RecipeError
            If there was none, or it is gone.
        BundleError, EngineError
            If it can't be used any more.
        """
        previous = self.previous_id
        if previous is None:
            raise RecipeError(
                "There is no earlier bundle to go back to.",
                "a bundle that was active before, and is still there",
                "Activate the one that you want.",
                code="bundle_none_earlier",
            )
        self.scorer(previous)
        with self._lock:
            kept = self._known(previous)
            at = len(self._earlier) - 1 - self._earlier[::-1].index(previous)
            active = str(self._active_id)
            is_undone = self.made_of(active) == previous  # else it stays where it judges a source
            links = self._without(active) if is_undone else (self._followed, self._branched)
            self._write(
                active=previous, earlier=self._earlier[:at], followed=links[0], branched=links[1]
            )
            return kept

    def _without(self, bundle_id: str) -> tuple[dict[str, str], dict[str, str]]:
        """What came of what, as if a bundle had never been made; all of it where others were made of that bundle."""
        if self.newest(bundle_id) != bundle_id:
            return self._followed, self._branched
        return (
            {one: after for one, after in self._followed.items() if after != bundle_id},
            {one: of for one, of in self._branched.items() if one != bundle_id},
        )

    def choose(
        self, bundle_id: str, *, name: str | None = None, budget_per_day: float | None = None
    ) -> Kept:
        """Call a bundle otherwise, or change its sensitivity; nothing is learned again.

        Raises
        ------
        BundleError, RecipeError
            If it has no limits, or the budget can't be held.
        """
        with self._lock:
            kept = self._known(bundle_id)
            choice = kept.choice
            if name is not None:
                choice = replace(choice, name=_clean(name))
            if budget_per_day is not None:
                choice = replace(choice, budget_per_day=budget_per_day)
            changed = replace(kept, choice=choice, manifest=_at(kept.manifest, choice))
            self._write(kept=self._kept | {bundle_id: changed})
            scorer = self._scorers.get(bundle_id)
            if scorer is not None and budget_per_day is not None:
                self._scorers[bundle_id] = _with_budget(scorer, budget_per_day)
            return changed

    def remove(self, bundle_id: str) -> None:
        """Delete a bundle that is not active; `restore` has it back.

        Raises
        ------
        RecipeError
            If it is active.
        """
        with self._lock:
            kept = self._known(bundle_id)
            if bundle_id == self._active_id:
                raise RecipeError(
                    f"The bundle '{kept.name}' is active.",
                    "one that is not",
                    "Activate another one first.",
                    code="bundle_active",
                    values={"name": kept.name},
                )
            left = {key: one for key, one in self._kept.items() if key != bundle_id}
            with _told(self._folder):
                (self._folder / _REMOVED).mkdir(exist_ok=True)
                with _moved(kept.path, self._folder / _REMOVED / kept.path.name):
                    self._write(kept=left)
            self._scorers.pop(bundle_id, None)
            self._removed = {key: one for key, one in self._removed.items() if key != bundle_id}
            self._removed[bundle_id] = kept
            for oldest in list(self._removed)[:-MAX_REMOVED]:
                self._forget(oldest)

    def restore(self, bundle_id: str) -> Kept:
        """Have a deleted bundle back, as it was.

        Raises
        ------
        KeyError
            If it was not deleted, or too long ago.
        RecipeError
            If there are too many already.
        """
        with self._lock:
            kept = self._removed[bundle_id]
            if bundle_id in self._kept:  # it was sent again meanwhile
                self._forget(bundle_id)
                return self._kept[bundle_id]
            self._refuse_too_many()
            gone = self._folder / _REMOVED / kept.path.name
            with _told(self._folder), _moved(gone, kept.path):
                self._write(kept=self._kept | {bundle_id: kept})
            del self._removed[bundle_id]
            return kept

    def discard(self, bundle_id: str) -> None:
        """Delete for good a bundle that came to nothing, and never judged.

        Raises
        ------
        RecipeError
            If it is active.
        """
        with self._lock:
            self.remove(bundle_id)
            self._forget(bundle_id)

    def erase(self) -> int:
        """Delete all of them for good, the active one too; how many."""
        with self._lock, _told(self._folder):
            gone = len(self._kept)
            self._kept, self._scorers, self._active_id = {}, {}, None
            self._write(kept={}, earlier=(), followed={}, branched={})
            for path in chain(*map(bundle_files_in, (self._folder, self._folder / _REMOVED))):
                path.unlink(missing_ok=True)
            self._removed, self.broken = {}, {}
            return gone

    def _forget(self, bundle_id: str) -> None:
        gone = self._removed.pop(bundle_id)
        with _told(self._folder):
            (self._folder / _REMOVED / gone.path.name).unlink(missing_ok=True)

    def _loaded(self, bundle_id: str) -> Scorer | None:
        with self._loading:
            kept = self._kept.get(bundle_id)
            if kept is None or bundle_id in self._scorers:
                return self._scorers.get(bundle_id)
            budget = kept.choice.budget_per_day
            scorer = Scorer(bundle_files.load(kept.path), budget_per_day=budget)
            with self._lock:  # meanwhile it may have been removed, or its sensitivity changed
                now = self._kept.get(bundle_id)
                if now is None:
                    return None
                if now.choice.budget_per_day not in (None, budget):
                    scorer = _with_budget(scorer, now.choice.budget_per_day)
                self._scorers[bundle_id] = scorer
            return scorer

    def _refuse_too_many(self) -> None:
        if len(self._kept) >= self._max_bundles:
            raise RecipeError(
                f"There are {len(self._kept)} bundles already.",
                f"at most {self._max_bundles}",
                "Delete one that is not used any more.",
                code="bundles_full",
                values={"most": self._max_bundles},
            )

    def _known(self, bundle_id: str) -> Kept:
        if bundle_id not in self._kept:
            raise KeyError(bundle_id)
        return self._kept[bundle_id]

    @contextmanager
    def _temporary(self) -> Iterator[Path]:
        with _told(self._folder):
            number, name = tempfile.mkstemp(suffix=_PART, dir=self._folder)
            os.close(number)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def _take(self, part: Path, name: str, *, source: str, activates: bool = True) -> Kept:
        bundle_id = _id_of(part)
        if bundle_id in self._kept:
            return self._kept[bundle_id]
        self._refuse_too_many()
        found = _usable(inspect_untrusted(part, source=source).bundle)
        with self._lock, _told(self._folder):
            target = self._folder / f"{bundle_id}{suffix_of(part)}"
            _sync(part)
            with _moved(part, target):
                _sync(self._folder)
                kept = _kept(target, found, Choice(name=_clean(name)))
                first = bundle_id if activates and self._active_id is None else self._active_id
                self._write(kept=self._kept | {bundle_id: kept}, active=first)
            return kept

    def _read(self) -> None:
        """What is in the folder; a file that has become unusable is named in `broken`, and left alone."""
        index = _index(self._folder / _INDEX)
        files = sorted(
            bundle_files_in(self._folder), key=lambda file: (file.stat().st_mtime, file.name)
        )
        for file in files:
            choice = index["bundles"].get(file.stem, Choice())
            try:
                # A file that was put here by hand is as unknown as one that is sent.
                is_known = file.stem in index["bundles"]
                found = (
                    bundle_files.loads(file.read_bytes(), file.name)
                    if is_known
                    else inspect_untrusted(file, source=file.name).bundle
                )
                self._kept[file.stem] = _kept(file, _usable(found), choice)
            except AuscultError as error:
                self.broken[file.name] = str(error)
        # Where the one that was chosen can't be used, none judges: another one would, and nobody had chosen it. Nor does
        # one that was taken over without becoming active.
        chosen = index["active"]
        self._earlier = index["earlier"]
        self._followed = index["followed"]
        self._branched = index["branched"]
        new = (one for one in self._kept if one not in index["bundles"])
        self._active_id = next(new, None) if chosen is None else None
        if chosen in self._kept:
            self._active_id = chosen

    def _write(
        self,
        *,
        kept: dict[str, Kept] | None = None,
        active: str | None = None,
        earlier: tuple[str, ...] | None = None,
        followed: dict[str, str] | None = None,
        branched: dict[str, str] | None = None,
    ) -> None:
        """Change what is chosen: on disk first, whole or not at all."""
        kept = self._kept if kept is None else kept
        active = self._active_id if active is None else active
        earlier = (self._earlier if earlier is None else earlier)[-_MAX_EARLIER:]
        followed = self._followed if followed is None else followed
        branched = self._branched if branched is None else branched
        index = {
            "active": active,
            "earlier": earlier,
            "followed": followed,
            "branched": branched,
            "bundles": {key: asdict(one.choice) for key, one in kept.items()},
        }
        with self._temporary() as part, _told(self._folder):
            part.write_text(json.dumps(index, indent=1), encoding="utf-8")
            _sync(part)
            part.replace(self._folder / _INDEX)
            _sync(self._folder)
        self._kept, self._active_id, self._earlier = dict(kept), active, earlier
        self._followed, self._branched = followed, branched


async def receive_into(part: Path, chunks: AsyncIterator[bytes], *, max_bytes: int) -> int:
    """Write what is being sent to a file, and no more than may be.

    Returns
    -------
    size
        Bytes written.

    Raises
    ------
    BundleError
        If more comes.
    StoreError
        If it can't be written.
    """
    size = 0
    with _told(part.parent), part.open("wb") as file:
        async for chunk in chunks:
            size += len(chunk)
            if size > max_bytes:
                raise BundleError(
                    "The uploaded file is too large.",
                    f"at most {max_bytes // _MIB} MiB",
                    "Check that this is the file you mean.",
                    code="bundle_large",
                    values={"most_mib": max_bytes // _MIB},
                )
            file.write(chunk)
    return size


def _usable(bundle: Bundle) -> Bundle:
    if bundle.manifest.family == bundle_files.EMBEDDER:
        raise BundleError(
            f"{bundle.source} only embeds; it has learned no normal sound yet.",
            "a bundle",
            "Learn one with it: auscult learn FOLDER --embedder FILE -o OUT.onnx",
            code="bundle_embeds",
        )
    return bundle


def _kept(path: Path, bundle: Bundle, choice: Choice) -> Kept:
    stat = path.stat()
    return Kept(
        id=path.stem,
        path=path,
        size_bytes=stat.st_size,
        created_at=datetime.fromtimestamp(stat.st_mtime, UTC),
        manifest=_at(bundle.manifest, choice),
        choice=choice,
        has_sound=bool(sounds_of(bundle)),
    )


def _at(manifest: Manifest, choice: Choice) -> Manifest:
    if choice.budget_per_day is None:
        return manifest
    if manifest.calibration is None:
        raise BundleError(
            f"{manifest.name} was never calibrated.",
            "a bundle with limits",
            "Learn it again from normal sound.",
            code="bundle_no_limits",
        )
    calibration = manifest.calibration.with_budget(choice.budget_per_day)
    return replace(manifest, calibration=calibration)


def at_budget(scorer: Scorer, budget_per_day: float | None) -> Scorer:
    """A scorer at a sensitivity of its own; the same where none is wanted, or it has no limits."""
    if budget_per_day is None or scorer.bundle.manifest.calibration is None:
        return scorer
    return _with_budget(scorer, budget_per_day)


def _with_budget(scorer: Scorer, budget_per_day: float) -> Scorer:
    """The same scorer at another sensitivity; the engine is shared, there is no second copy of it."""
    changed = copy(scorer)
    changed.bundle = scorer.bundle.with_budget(budget_per_day)
    return changed


def _index(path: Path) -> dict[str, Any]:
    """What was chosen; nothing, if that can't be read: the bundles themselves are not lost with it."""
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        choices = {
            str(key): Choice(name=str(one["name"]), budget_per_day=one["budget_per_day"])
            for key, one in plain["bundles"].items()
        }
        earlier = tuple(map(str, plain.get("earlier", ())))
        followed = {str(one): str(after) for one, after in plain.get("followed", {}).items()}
        branched = {str(one): str(of) for one, of in plain.get("branched", {}).items()}
        return {
            "active": plain["active"],
            "earlier": earlier,
            "followed": followed,
            "branched": branched,
            "bundles": choices,
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {"active": None, "earlier": (), "followed": {}, "branched": {}, "bundles": {}}


def _clean(name: str) -> str:
    return "".join(letter for letter in name if letter.isprintable()).strip()[:MAX_NAME_CHARACTERS]


def _id_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:ID_CHARACTERS]


def _sync(path: Path) -> None:
    """Onto the disk; a folder's entry, too."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def _moved(source: Path, target: Path) -> Iterator[None]:
    """A file in another place; where what follows can't be written it goes back, as if nothing had been asked for."""
    source.replace(target)
    try:
        yield
    except (OSError, StoreError):
        target.replace(source)
        raise


def _told(folder: Path) -> AbstractContextManager[None]:
    return refused_disk(f"The bundles in {folder} can't be read or written")
