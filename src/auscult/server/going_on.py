"""Bundles that learn on while they listen: what was heard is collected, and now and then becomes a next version.

A version is made in a process of its own and takes the place of the one before all at once, or not at all. What was collected stands on the
disk, so that a restart loses a minute of it at most; it is how sound was heard, and no sound.
"""

import asyncio
import contextlib
import json
import logging
import shutil
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from auscult.errors import AuscultError, StoreError
from auscult.live.clock import Clock
from auscult.live.store import EventStore
from auscult.memory.allow import effects_on_traces
from auscult.memory.going_on import (
    Calm,
    Listened,
    due_after_s,
    is_due,
    promised_per_day,
    read,
)
from auscult.memory.trace import keeps_traces
from auscult.memory.trace import read as read_trace
from auscult.runtime.bundle import Bundle, loads
from auscult.server.bundles import ONE_AT_A_TIME, Bundles, Kept
from auscult.server.jobs import asked
from auscult.server.private import refused_disk, write_private, write_private_bytes

Doing = Literal["listening", "holding", "complete", "off"]

LOOK_S = 20.0
KEEP_EVERY_S = 60.0
TIME_S = 300.0
MORE = 1.1
"""After something came in the way, a tenth more is heard before the next try."""
MAX_LINEAGES = 32
MAX_VERSIONS = 20
MAX_EVENTS = 1000

_INDEX = "going-on.json"
_MAKING = "making-"

logger = logging.getLogger("auscult.server")


@dataclass(frozen=True, kw_only=True)
class Version:
    """One that was made while listening.

    Parameters
    ----------
    bundle
        Its id.
    made_at
        When.
    heard_s
        All that it has learned from.
    """

    bundle: str
    made_at: datetime
    heard_s: float


@dataclass(frozen=True, kw_only=True)
class Lineage:
    """A bundle and what became of it.

    Parameters
    ----------
    first, current
        Ids of the bundle as it was learned, and of its last version.
    is_on
        It learns on.
    since
        When its last version began to listen.
    versions
        Those that were made while listening, the oldest first.
    trouble
        Why no version came of the last try; empty: nothing went wrong.
    """

    first: str
    current: str
    is_on: bool
    since: datetime
    versions: tuple[Version, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How it stands with a bundle.

    Parameters
    ----------
    lineage
        It, with its history.
    bundle
        Id of the one that judges now.
    doing
        `holding`: what is heard sounds stranger and stranger, so that nothing is learned of it for now.
    heard_s
        Calm sound in all.
    due_s
        So much more until the next version; `None` where none is to come.
    promised_per_day
        False alarms a day at most, at 95 %; `None`: too early to say.
    """

    lineage: Lineage
    bundle: str
    doing: Doing
    heard_s: float
    due_s: float | None
    promised_per_day: float | None


@dataclass(kw_only=True, eq=False)
class _Ear:
    """What is collected for a lineage, and how far it is on the disk."""

    listened: Listened
    kept_s: float = 0.0
    wanted_s: float = 0.0


class GoingOn:
    """All lineages of a server; used in one event loop.

    Parameters
    ----------
    folder
        Where what was collected stands; made when it is first needed.
    bundles, store, clock
        Of the server.
    """

    def __init__(self, folder: Path, *, bundles: Bundles, store: EventStore, clock: Clock) -> None:
        self._folder = folder
        self._bundles = bundles
        self._store = store
        self._clock = clock
        for left in folder.glob(f"{_MAKING}*"):  # by a server that was killed
            shutil.rmtree(left, ignore_errors=True)
        self._lineages = {one.first: one for one in _read_index(folder / _INDEX)}
        self._ears: dict[str, _Ear] = {}
        self._changing = asyncio.Lock()

    # --- What learns on

    async def begin(self, bundle_id: str) -> None:
        """Learn on with a bundle that was learned just now, if it is of a kind that can; nothing happens where it is one already."""
        kept = self._bundles.get(bundle_id)
        if kept is None or self._lineage_of(bundle_id) is not None:
            return
        scorer = await self._bundles.ready(bundle_id)
        if scorer is None or not can_go_on(scorer.bundle):
            return
        made = Lineage(first=bundle_id, current=bundle_id, is_on=True, since=self._clock.utc())
        there = {key: one for key, one in self._lineages.items() if self._is_there(one)}
        await self._change(dict([*there.items(), (bundle_id, made)][-MAX_LINEAGES:]))

    async def switch(self, bundle_id: str, *, is_on: bool) -> bool:
        """Learn on with a bundle, or no longer; whether it can. Of a version that is being made nothing comes then."""
        newest = self._bundles.newest(bundle_id)
        found = self._lineage_of(newest)
        if found is None:
            if is_on:
                await self.begin(bundle_id)
            return self._lineage_of(newest) is not None
        if found.is_on == is_on:
            return True
        changed = replace(found, is_on=is_on, trouble="", since=self._clock.utc())
        await self._change(self._lineages | {found.first: changed})
        await self._forget(found)  # afterwards: nothing is collected meanwhile
        return True

    async def undo(self, bundle_id: str) -> Kept | None:
        """Let the version before judge again, and learn no further; `None` where there is none."""
        found = self._lineage_of(bundle_id)
        # What was allowed since, or learned anew, is undone first, in its own way.
        if found is None or not found.versions or found.versions[-1].bundle != bundle_id:
            return None
        off = replace(found, is_on=False, trouble="")  # first: no other version is made meanwhile
        await self._change(self._lineages | {found.first: off})
        await self._forget(found)
        kept = await asyncio.to_thread(self._bundles.step_back, bundle_id)
        if self._is_known(found):
            undone = replace(off, current=kept.id, versions=found.versions[:-1])
            await self._change(self._lineages | {found.first: undone})
        return kept

    async def erase(self) -> None:
        """Forget what was collected, and which bundles learn on; of a version that is being made nothing comes."""
        self._ears, self._lineages = {}, {}
        async with self._changing:
            await asyncio.to_thread(_clear, self._folder)
        await self._change({})

    def wants(self, bundle_id: str | None) -> bool:
        """What is heard with a bundle is collected."""
        found = None if bundle_id is None else self._lineage_of(bundle_id)
        return found is not None and found.is_on

    def hear(self, calm: Calm, *, bundle: Bundle, bundle_id: str, ears: str) -> None:
        """Collect what was heard, if that bundle still judges."""
        found = self._lineage_of(bundle_id)
        if found is None or not found.is_on:
            return
        ear = self._ears.get(found.first)
        # A new normal, or an undone version: what was heard before it says nothing of it.
        if ear is None or ear.listened.since != bundle.manifest.data.sha256:
            fresh = Listened(ears=ears, since=bundle.manifest.data.sha256)
            ear = self._ears[found.first] = _Ear(listened=self._kept(found, fresh))
        manifest = bundle.manifest
        ear.listened.add(calm, hop_s=manifest.hop_samples / manifest.sample_rate_hz)

    async def standings(self) -> list[Standing]:
        """How it stands with each bundle that is still there."""
        there = [one for one in self._lineages.values() if self._is_there(one)]
        return [await asyncio.to_thread(self._standing, one) for one in there]

    # --- What becomes of it

    async def close(self) -> None:
        """Keep what is collected."""
        for key, ear in self._ears.items():
            if key in self._lineages:
                await self._keep(self._lineages[key], ear)

    async def watch(self) -> None:
        """Keep what is collected, and make a next version where it is time."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    async def look(self) -> None:
        """Once."""
        for lineage in list(self._lineages.values()):
            ear = self._ears.get(lineage.first)
            if ear is None or not lineage.is_on:
                continue
            try:
                if self._is_time(lineage, ear):
                    await self._grow(lineage, ear)
                elif ear.listened.seconds - ear.kept_s >= KEEP_EVERY_S:
                    await self._keep(lineage, ear)
            except (AuscultError, OSError) as error:
                logger.warning("Learning on with %s: %s", lineage.current, error)
                said = error.what if isinstance(error, AuscultError) else str(error)
                with suppress(StoreError):  # what can't be noted either is in the log
                    await self._note(lineage, ear, said)

    def _is_time(self, lineage: Lineage, ear: _Ear) -> bool:
        kept = self._bundles.get(self._bundles.newest(lineage.current))
        if kept is None:
            return False
        heard_s, listened = kept.manifest.data.seconds, ear.listened
        is_wanted = listened.seconds >= ear.wanted_s and listened.is_steady
        return is_due(heard_s=heard_s, listened_s=listened.seconds) and is_wanted

    async def _grow(self, lineage: Lineage, ear: _Ear) -> None:
        newest = self._bundles.newest(lineage.current)
        scorer = await self._bundles.ready(newest)
        kept = self._bundles.get(newest)
        calibration = None if scorer is None else scorer.bundle.manifest.calibration
        if scorer is None or kept is None or calibration is None:
            return
        await self._keep(lineage, ear)
        if not self._goes_on(lineage):
            return
        called = await asyncio.to_thread(self._called, lineage)
        with tempfile.TemporaryDirectory(prefix=_MAKING, dir=self._folder) as out:
            told = await asked(
                {
                    "how": "go_on",
                    "bundle": str(kept.path),
                    "budget_per_day": calibration.budget_per_day,
                    "listened": str(self._path(lineage)),
                    "called": called,
                    "name": f"listened from {lineage.since:%Y-%m-%d %H:%M} UTC",
                    "out": out,
                },
                time_s=TIME_S,
            )
            if not self._goes_on(lineage):
                return
            if told.get("event") != "done":
                await self._note(lineage, ear, str(told.get("what", "It did not come to an end.")))
                return
            made = await asyncio.to_thread(
                self._taken, scorer.bundle, kept, lineage, Path(out) / "bundle.onnx"
            )
        if isinstance(made, str):
            await self._note(lineage, ear, made)
            return
        await self._forget(lineage)
        if self._is_known(lineage):
            await self._note_version(lineage, made)
        self._bundles.changed(made.id)

    async def _note_version(self, lineage: Lineage, made: Kept) -> None:
        now = self._clock.utc()
        version = Version(bundle=made.id, made_at=now, heard_s=made.manifest.data.seconds)
        grown = replace(
            self._lineages[lineage.first],
            current=made.id,
            since=now,
            versions=(*lineage.versions, version)[-MAX_VERSIONS:],
            trouble="",
        )
        await self._change(self._lineages | {lineage.first: grown})

    def _taken(self, before: Bundle, kept: Kept, lineage: Lineage, path: Path) -> Kept | str:
        """The new version, in the place of the one before; or why it is not to be."""
        content = path.read_bytes()
        after = loads(content, kept.name)
        real = self._store.find(limit=MAX_EVENTS, kind="anomaly", label="anomaly")
        traces = {
            key: ("anomaly", trace)
            for key, content in self._store.heard([one.id for one in real]).items()
            if (trace := read_trace(content)) is not None
        }
        missed = [one for one in effects_on_traces(before, after, traces) if one.vanishes]
        if missed:
            return f"It would miss {len(missed)} of the events that were called real."
        with ONE_AT_A_TIME:
            # Meanwhile a sound may have been allowed, or the bundle been rolled back.
            if self._bundles.newest(lineage.current) != kept.id:
                return "The bundle was changed meanwhile."
            there = self._bundles.ids()
            made = self._bundles.add_bytes(content, name=kept.choice.name, activates=False)
            if not self._goes_on(lineage):  # it was proved, which took a while
                if made.id not in there:
                    self._bundles.discard(made.id)
                return "It was switched off meanwhile."
            self._bundles.follow(kept.id, made, activates=kept.id == self._bundles.active_id)
        return made

    def _called(self, lineage: Lineage) -> dict[str, list[float]]:
        """By rule: what each event came to since the last version, if nobody has called it real."""
        newest = self._bundles.newest(lineage.current)
        found: dict[str, list[float]] = {}
        for event in self._store.find(limit=MAX_EVENTS, since=lineage.since, kind="anomaly"):
            is_own = self._bundles.newest(event.bundle_id) == newest
            if is_own and event.label != "anomaly" and event.limit is not None:
                found.setdefault(event.rule, []).append(event.peak_ratio * event.limit)
        return found

    def _standing(self, lineage: Lineage) -> Standing:
        newest = self._bundles.newest(lineage.current)
        kept, ear = self._bundles.get(newest), self._ears.get(lineage.first)
        assert kept is not None  # noqa: S101 - `_is_there`
        heard_s, calibration = kept.manifest.data.seconds, kept.manifest.calibration
        listened_s = 0.0 if ear is None else ear.listened.seconds
        wait_s = due_after_s(heard_s)
        doing: Doing = "listening"
        if not lineage.is_on:
            doing = "off"
        elif wait_s is None:
            doing = "complete"
        elif ear is not None and not ear.listened.is_steady:
            doing = "holding"
        called = self._called(lineage)
        return Standing(
            lineage=lineage,
            bundle=newest,
            doing=doing,
            heard_s=heard_s + listened_s,
            due_s=None if wait_s is None or not lineage.is_on else max(wait_s - listened_s, 0.0),
            promised_per_day=None
            if calibration is None
            else promised_per_day(calibration, listened_s=listened_s, called=called),
        )

    def _lineage_of(self, bundle_id: str) -> Lineage | None:
        all_of_them = self._lineages.values()
        return next(
            (one for one in all_of_them if self._bundles.newest(one.current) == bundle_id), None
        )

    def _is_known(self, lineage: Lineage) -> bool:
        """All may be erased at any time; what was begun before must not bring it back."""
        return lineage.first in self._lineages

    def _goes_on(self, lineage: Lineage) -> bool:
        """It has neither been erased nor switched off since, not even for a moment: what was heard before counts still."""
        found = self._lineages.get(lineage.first)
        return found is not None and found.is_on and found.since == lineage.since

    def _is_there(self, lineage: Lineage) -> bool:
        return self._bundles.get(self._bundles.newest(lineage.current)) is not None

    # --- The disk

    def _path(self, lineage: Lineage) -> Path:
        return self._folder / f"{lineage.first}.npz"

    def _kept(self, lineage: Lineage, fresh: Listened) -> Listened:
        """What stands on the disk, if it belongs to the same version; else nothing."""
        try:
            found = read(self._path(lineage).read_bytes())
        except OSError:
            return fresh
        same = found is not None and (found.ears, found.since) == (fresh.ears, fresh.since)
        return found if found is not None and same else fresh

    async def _keep(self, lineage: Lineage, ear: _Ear) -> None:
        listened = ear.listened
        ear.kept_s = listened.seconds
        snapshot = replace(
            listened, pieces=list(listened.pieces), statistics=list(listened.statistics)
        )
        async with self._changing:
            if self._goes_on(lineage):
                await asyncio.to_thread(_write, self._path(lineage), snapshot)

    async def _forget(self, lineage: Lineage) -> None:
        self._ears.pop(lineage.first, None)
        await asyncio.to_thread(self._path(lineage).unlink, missing_ok=True)

    async def _note(self, lineage: Lineage, ear: _Ear, trouble: str) -> None:
        if not self._goes_on(lineage):
            return
        ear.wanted_s = MORE * ear.listened.seconds
        changed = replace(self._lineages[lineage.first], trouble=trouble[:500])
        await self._change(self._lineages | {lineage.first: changed})

    async def _change(self, lineages: dict[str, Lineage]) -> None:
        plain = [asdict(one) for one in lineages.values()]
        self._lineages = lineages
        async with self._changing:
            await asyncio.to_thread(_write_index, self._folder, plain)


def can_go_on(bundle: Bundle) -> bool:
    """A memory with limits, which keeps a record of what it has learned."""
    return (
        keeps_traces(bundle)
        and bundle.manifest.calibration is not None
        and "record.embeddings" in bundle.arrays
    )


def _write_index(folder: Path, plain: list[dict[str, Any]]) -> None:
    with _told(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    dated = json.loads(json.dumps(plain, default=datetime.isoformat))
    write_private(folder / _INDEX, dated, what="Which bundles learn on")


def _read_index(path: Path) -> list[Lineage]:
    """Nothing where it can't be read: then nothing learns on until somebody wants it to."""
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        return [_lineage(one) for one in plain]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def _lineage(plain: dict[str, Any]) -> Lineage:
    versions = tuple(
        Version(
            bundle=str(one["bundle"]),
            made_at=datetime.fromisoformat(one["made_at"]),
            heard_s=float(one["heard_s"]),
        )
        for one in plain["versions"]
    )
    return Lineage(
        first=str(plain["first"]),
        current=str(plain["current"]),
        is_on=bool(plain["is_on"]),
        since=datetime.fromisoformat(plain["since"]),
        versions=versions,
        trouble=str(plain["trouble"]),
    )


def _clear(folder: Path) -> None:
    for path in folder.glob("*.npz"):
        path.unlink(missing_ok=True)


def _write(path: Path, listened: Listened) -> None:
    with _told(path.parent):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private_bytes(path, listened.to_bytes())


def _told(folder: Path) -> contextlib.AbstractContextManager[None]:
    return refused_disk(f"What was listened to can't be kept in {folder}")
