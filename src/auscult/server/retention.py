"""What is kept and for how long: old events go, nothing outlives its event, and how much room all of it takes."""

import asyncio
import logging
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from auscult.errors import StoreError
from auscult.live.clock import Clock
from auscult.live.store import EventStore
from auscult.server.settings import Settings

SWEEP_S = 3600.0

_FAMILY = ("", "-wal", "-shm")

_OWN = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}\.wav")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Disk:
    """Bytes that are taken, and that are left.

    Parameters
    ----------
    events, clips, bundles
        By what is kept; events in Postgres take it there.
    older
        Copies of the store from before an update, and damaged ones that were moved aside.
    free
        On the disk that they are on.
    """

    events: int
    clips: int
    bundles: int
    older: int
    free: int


def disk_of(settings: Settings, store: EventStore) -> Disk:
    """How much room is taken now; it looks at every file."""
    return Disk(
        events=_size_of(store),
        clips=_bytes(_below(settings.clips_dir)),
        bundles=_bytes(_below(settings.bundles_dir)),
        older=_bytes(older_stores(settings)),
        free=shutil.disk_usage(settings.data_dir).free,
    )


def older_stores(settings: Settings) -> list[Path]:
    """Copies of the store that hold events, too; and the file that was the store before Postgres was."""
    found = [
        path
        for name in (settings.store_path.name, settings.spool_path.name)
        for kind in ("before", "damaged")
        for path in settings.data_dir.glob(f"{name}.{kind}-*")
    ]
    if settings.database is not None:
        family = (f"{settings.store_path.name}{end}" for end in _FAMILY)
        found += [path for name in family if (path := settings.data_dir / name).exists()]
    return sorted(found)


def unfinished_clips_in(folder: Path) -> list[Path]:
    """Clips that are being written, or were when the server was killed."""
    return [path for path in folder.glob("*.wav.part") if _OWN.fullmatch(path.stem)]


def clips_in(folder: Path) -> list[Path]:
    """Clips that the server wrote there: other files are nobody's business."""
    return [path for path in folder.glob("*.wav") if _OWN.fullmatch(path.name)]


def sweep(settings: Settings, store: EventStore, clock: Clock) -> int:
    """Delete events that are older than they may be, and their sound; how many went."""
    if settings.events_days is None:
        return 0
    gone = store.delete_before(clock.utc() - timedelta(days=settings.events_days))
    if gone:
        for path in clips_in(settings.clips_dir):
            if store.get(path.stem) is None:
                path.unlink(missing_ok=True)
    return gone


async def sweep_for_ever(settings: Callable[[], Settings], store: EventStore, clock: Clock) -> None:
    """Now and every hour; a store that fails is asked again."""
    while True:
        try:
            await asyncio.to_thread(sweep, settings(), store, clock)
        except StoreError as error:
            _log.warning("%s", error)
        await asyncio.sleep(SWEEP_S)


def _size_of(store: EventStore) -> int:
    """That of what can't be reached is not known."""
    try:
        return store.size_bytes()
    except StoreError:
        return 0


def _below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]


def _bytes(paths: list[Path]) -> int:
    total = 0
    for path in paths:
        try:
            total += path.stat().st_size
        except OSError:
            continue  # gone meanwhile
    return total
