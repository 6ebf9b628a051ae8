"""The set for the next training: what people have said of the sound of events, where a trained network judged.

A memory learns of a label at once; a network has to be trained again, and then with what it got wrong. So the sound of every
event that was judged is put by, where it is kept at all and nothing was silenced in it; for as many days as all sound of events is.
"""

import asyncio
import contextlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Literal

from auscult.datasets.clip import ANOMALY, NORMAL
from auscult.live.clock import Clock
from auscult.live.store import StoredEvent
from auscult.runtime.parts import MEMORY
from auscult.server.bundles import Bundles
from auscult.server.collection import Collection, item_of
from auscult.server.forms import plain_name
from auscult.server.private import refused_disk
from auscult.server.problems import Problem

MAX_KEPT = 1000
"""Of one bundle; then the oldest make room."""

SWEEP_S = 3600.0

Became = Literal["kept", "no_sound", "no_label", "learns_at_once"]


@dataclass(frozen=True, kw_only=True)
class NextSet:
    """What is kept for one bundle.

    Parameters
    ----------
    bundle
        Its id.
    name
        What it is called.
    normal, real
        Recordings of each kind.
    """

    bundle: str
    name: str
    normal: int
    real: int


class NextTraining:
    """Sets of all trained bundles; what it does blocks.

    Parameters
    ----------
    folder
        Where they lie: a folder for each bundle, and in it one for each class.
    bundles
        Of the server.
    """

    def __init__(self, folder: Path, *, bundles: Bundles) -> None:
        self._folder = folder
        self._bundles = bundles
        self._noting = Lock()  # by who says what it was, and by who has its sound

    def note(self, event: StoredEvent, sound: Path | None) -> Became:
        """Keep the sound of an event by its label, or take it out again where it has none any more.

        Raises
        ------
        StoreError
            If it can't be copied.
        """
        kept = self._bundles.get(event.bundle_id)
        if kept is None or kept.manifest.family == MEMORY:
            return "learns_at_once"
        place = self._folder / kept.id
        with self._noting, _told(place):
            for path in place.glob(f"*/{event.id}.wav"):
                path.unlink()
            if event.label not in (NORMAL, ANOMALY):
                return "no_label"
            if sound is None:
                return "no_sound"
            target = place / _class_of(event) / f"{event.id}.wav"
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = target.with_suffix(".part")
            shutil.copy2(sound, part)  # with its time: it becomes no younger
            part.replace(target)
            # Ids of events sort by time.
            for oldest in sorted(place.glob("*/*.wav"), key=lambda one: one.name)[:-MAX_KEPT]:
                oldest.unlink()
        return "kept"

    def sets(self) -> list[NextSet]:
        """Of every bundle that is there and has one."""
        found = []
        for kept in self._bundles.all():
            files = self._files(kept.id)
            normal = sum(path.parent.name == NORMAL for path in files)
            if files:
                found.append(
                    NextSet(bundle=kept.id, name=kept.name, normal=normal, real=len(files) - normal)
                )
        return found

    def fill(self, collection: Collection, bundle_id: str) -> int:
        """Copy a set into a collection; how many recordings could be used."""
        for path in self._files(bundle_id):
            item_id, label = collection.next_id(), path.parent.name
            target = collection.folder / str(item_id) / path.name
            with _told(target.parent):
                target.parent.mkdir(mode=0o700, exist_ok=True)
                shutil.copyfile(path, target)
            try:
                item = item_of(target, item_id=item_id, name=f"{label}/{path.name}", label=label)
            except Problem:
                shutil.rmtree(target.parent, ignore_errors=True)
                continue
            collection.items[item_id] = item
        return len(collection.items)

    def remove(self, event_id: str) -> None:
        """Delete the sound of an event."""
        for path in self._folder.glob(f"*/*/{Path(event_id).name}.wav"):
            path.unlink(missing_ok=True)

    def sweep(self, now: datetime, *, keep_days: float) -> None:
        """Delete what is older than sound of events may be."""
        oldest_s = (now - timedelta(days=keep_days)).timestamp()
        for path in self.all_files():
            with contextlib.suppress(FileNotFoundError):  # deleted meanwhile
                if path.stat().st_mtime < oldest_s:
                    path.unlink()

    async def watch(self, keep_days: Callable[[], float], clock: Clock) -> None:
        """Now and every hour."""
        while True:
            await asyncio.to_thread(self.sweep, clock.utc(), keep_days=keep_days())
            await asyncio.sleep(SWEEP_S)

    def all_files(self) -> list[Path]:
        """Of all sets."""
        return sorted(self._folder.glob("*/*/*.wav"))

    def forget(self, bundle_id: str) -> None:
        """Delete the set of a bundle."""
        shutil.rmtree(self._folder / Path(bundle_id).name, ignore_errors=True)

    def erase(self) -> None:
        """Delete all sets."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _files(self, bundle_id: str) -> list[Path]:
        return sorted((self._folder / Path(bundle_id).name).glob("*/*.wav"))


def _class_of(event: StoredEvent) -> str:
    """What it is learned as: normal, what people have called it, or just an anomaly."""
    if event.label == NORMAL:
        return NORMAL
    called = plain_name(event.name).strip(". ")[:60]
    return ANOMALY if called.lower() in ("", NORMAL) else called


def _told(folder: Path) -> contextlib.AbstractContextManager[None]:
    return refused_disk(f"Sound for the next training can't be kept in {folder}")
