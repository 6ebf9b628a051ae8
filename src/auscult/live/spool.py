"""Changes of events that a database elsewhere can't take now: kept in a file of this machine, and handed on in their order.

What is in the file is on the disk, and so it may be told. It has a bound; over it nothing more is taken, and whoever wanted to
store something is told so.
"""

import logging
import warnings
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path
from threading import Event as Flag
from threading import RLock, Thread
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.engine import RowMapping

from auscult.errors import AuscultWarning, StoreError
from auscult.live.clock import Clock
from auscult.live.database import ELSEWHERE, Database, OutOfReachError, claimed, plain_json
from auscult.live.home import default_data_dir
from auscult.live.postgres import FLAG, PostgresDatabase, parsed
from auscult.live.store import EventChange, EventStore, NoSuchEvent, StoredEvent
from auscult.live.tables import UtcTime

MAX_WAITING = 10_000
MAX_WAITING_BYTES = 256 * 2**20

_LOOK_EVERY_S = 1.0
_TIMES = ("begun_at", "ended_at", "labelled_at")
_NAMES = tuple(field.name for field in fields(StoredEvent) if field.name not in _TIMES)
_log = logging.getLogger(__name__)

_metadata = MetaData()
_changes = Table(
    "changes",
    _metadata,
    Column("number", Integer, primary_key=True),
    Column("event_id", Text, nullable=False, index=True),
    Column("is_new", Boolean, nullable=False),
    *(Column(name, UtcTime) for name in _TIMES),
    Column("content", JSON, nullable=False),
    Column("tell", JSON(none_as_null=True)),
    Column("heard", LargeBinary),
    Column("size_bytes", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Index("changes_by_size", "error", "size_bytes"),  # so that counting them reads none of them
    sqlite_autoincrement=True,
)
_IN_ORDER = select(_changes).where(_changes.c.error == "").order_by(_changes.c.number)


class Spool:
    """Changes that wait, in a SQLite file; may be called from any thread.

    Parameters
    ----------
    path
        The file.
    clock
        For the name of what is moved aside.
    elsewhere
        What chooses another place for it.

    Raises
    ------
    StoreError
        If another process uses the file, or it can't be read or written.
    """

    def __init__(self, path: Path, *, clock: Clock, elsewhere: str = ELSEWHERE) -> None:
        self.path = path
        self._lock = RLock()
        self._database = Database(path, clock=clock, only=_metadata, elsewhere=elsewhere)
        self._count = self._bytes = 0
        self._counted()

    @property
    def moved_aside(self) -> Path | None:
        """Where a damaged file went that was found here."""
        return self._database.moved_aside

    def __len__(self) -> int:
        return self._count

    def put(self, change: EventChange) -> None:
        """Keep a change behind all others.

        Raises
        ------
        StoreError
            If too many wait, or it can't be written.
        """
        values = _values(change)
        with self._lock:
            too_many = self._count >= MAX_WAITING
            if too_many or self._bytes + values["size_bytes"] > MAX_WAITING_BYTES:
                raise StoreError(
                    f"{self._count} changes of events wait in {self.path}, which is as many as may wait.",
                    "a database that takes them",
                    "See to the database; what waits is stored as soon as it is back.",
                )
            with self._database.begin() as connection:
                connection.execute(insert(_changes).values(**values))
            self._counted()

    def first(self) -> tuple[int, EventChange] | None:
        """The oldest change, and its number."""
        with self._database.begin() as connection:
            row = connection.execute(_IN_ORDER.limit(1)).mappings().first()
        return None if row is None else (row["number"], _change(row))

    def newest(self, event_id: str) -> StoredEvent | None:
        """An event as it is after all that waits for it; `None` where nothing does."""
        query = select(_changes).where(_changes.c.event_id == event_id, _changes.c.error == "")
        with self._database.begin() as connection:
            newest = query.order_by(_changes.c.number.desc()).limit(1)
            row = connection.execute(newest).mappings().first()
        return None if row is None else _change(row).event

    def newest_name(self) -> str:
        """The largest id of an event here."""
        with self._database.begin() as connection:
            return connection.execute(select(func.max(_changes.c.event_id))).scalar() or ""

    def taken(self, number: int) -> None:
        """A change is where it belongs."""
        self._delete(_changes.c.number == number)

    def refused(self, number: int, error: str) -> None:
        """A change will never be taken: it stays here, and holds up no other."""
        with self._lock:
            with self._database.begin() as connection:
                connection.execute(
                    update(_changes).where(_changes.c.number == number).values(error=error)
                )
            self._counted()

    def forget(self, event_id: str | None = None) -> bool:
        """Delete what waits for an event, or for all; whether there was anything. Nothing of it is left in the file."""
        which = true() if event_id is None else _changes.c.event_id == event_id
        is_there = self._delete(which) > 0
        if is_there:
            self._database.forget()
        return is_there

    def failure(self) -> str | None:
        """Why nothing can be kept here now, as far as is known."""
        return self._database.failure()

    def close(self) -> None:
        """Close the file; what waits, waits for the next start."""
        self._database.close()

    def _delete(self, which: Any) -> int:
        with self._lock:
            with self._database.begin() as connection:
                gone = int(connection.execute(delete(_changes).where(which)).rowcount)
            self._counted()
        return gone

    def _counted(self) -> None:
        """Those put aside do not wait, and take room."""
        size = func.coalesce(func.sum(_changes.c.size_bytes), 0)
        with self._database.begin() as connection:
            waiting = select(func.count()).where(_changes.c.error == "")
            self._count = int(connection.execute(waiting).scalar_one())
            self._bytes = int(connection.execute(select(size)).scalar_one())


class SpooledStore(EventStore):
    """Events in Postgres; what it can't take now waits in a file, and counts as stored. May be called from any thread.

    What is read comes from Postgres alone, except for a single event: that is as it is after all that waits.

    Parameters
    ----------
    url
        Of the database: see `auscult.live.postgres.PostgresDatabase`.
    spool
        The file.
    clock
        Where times come from.
    instead_of
        The file that would be the store: whoever uses it, or the folder by its lock, is kept out.
    elsewhere, spool_elsewhere
        What chooses another place for the database, and for the file.

    Raises
    ------
    StoreError
        If the server can't be reached when it is opened, another process uses the database or the file, or either can't be used.

    Warns
    -----
    AuscultWarning
        If the file was damaged. It is moved aside, `moved_aside` names it, and a new one is begun.
    """

    def __init__(
        self,
        url: str,
        *,
        spool: Path,
        clock: Clock,
        instead_of: Path | None = None,
        elsewhere: str = FLAG,
        spool_elsewhere: str = ELSEWHERE,
    ) -> None:
        self._order = RLock()  # of those who store
        self._handing = RLock()  # of what is handed on, and of what is deleted
        self._stopped = Flag()
        with ExitStack() as undo:
            self._claims = undo.enter_context(ExitStack())
            if instead_of is not None:
                self._claims.enter_context(claimed(instead_of))
            self._spool = Spool(spool, clock=clock, elsewhere=spool_elsewhere)
            undo.callback(self._spool.close)
            database = PostgresDatabase(url, clock=clock, elsewhere=elsewhere)
            undo.callback(database.close)
            super().__init__(database, clock=clock)
            undo.pop_all()
        self._place = database.place
        if self.moved_aside is not None:
            warnings.warn(
                f"{spool} could not be read. It was moved to {self.moved_aside}, and a new one was begun: what waited in it"
                " for the database is missing there.",
                AuscultWarning,
                stacklevel=2,
            )
        self._drainer = Thread(target=self._drain_for_ever, name="spool", daemon=True)
        self._drainer.start()

    @property
    def moved_aside(self) -> Path | None:
        """Where a damaged spool went that was found here; what waited in it is missing."""
        return self._spool.moved_aside

    @property
    def waiting(self) -> int:
        """Changes that were taken and wait until the database is back."""
        return len(self._spool)

    def failure(self) -> str | None:
        """Why not everything is in the database now; `None`: all of it is."""
        found = super().failure() or self._spool.failure()
        if found is None and self.waiting:
            return f"Changes of events that wait for {self._place}: {self.waiting}."
        return found

    def add(
        self,
        event: StoredEvent,
        *,
        tell: Iterable[str] | None = None,
        heard: bytes | None = None,
    ) -> StoredEvent:
        """Store an event, as `EventStore.add` does, or keep it until that can be done."""
        return self.take(EventChange(event=event, is_new=True, tell=_all(tell), heard=heard))

    def update(
        self,
        event: StoredEvent,
        *,
        tell: Iterable[str] | None = None,
        heard: bytes | None = None,
    ) -> StoredEvent:
        """Store what became of an event, as `EventStore.update` does, or keep it until that can be done."""
        return self.take(EventChange(event=event, is_new=False, tell=_all(tell), heard=heard))

    def take(self, change: EventChange) -> StoredEvent:
        """Store a change, or keep it until that can be done: as long as others wait, this one does, too."""
        with self._order:
            if self.waiting:
                return self._keep(change)
            try:
                return self._store(change)
            except OutOfReachError as error:
                _log.warning("Events wait in %s: %s", self._spool.path, error)
                return self._keep(change)

    def get(self, event_id: str) -> StoredEvent | None:
        """One event, after all that waits for it."""
        waiting = self._spool.newest(event_id) if self.waiting else None
        return super().get(event_id) if waiting is None else waiting

    def delete(self, event_id: str) -> bool:
        """Delete an event, what waits for it, and the messages about it; whether it was there."""
        with self._handing:
            was_there = super().delete(event_id)
            return self._spool.forget(event_id) or was_there

    def delete_all(self) -> int:
        """Delete every event, all that waits, and every message; how many events were in the database."""
        with self._handing:
            gone = super().delete_all()
            self._spool.forget()
            return gone

    def drain(self) -> int:
        """Hand on what waits, in its order, as far as the database takes it; how many changes."""
        handed = 0
        while self._hand_on():
            handed += 1
        return handed

    def close(self) -> None:
        """Close the database and the file; what waits, waits for the next start."""
        self._stopped.set()
        if self._drainer.is_alive():
            self._drainer.join()
        super().close()
        self._spool.close()
        self._claims.close()

    def _store(self, change: EventChange) -> StoredEvent:
        store = super().add if change.is_new else super().update
        return store(change.event, tell=change.tell, heard=change.heard)

    def _keep(self, change: EventChange) -> StoredEvent:
        self._spool.put(change)
        has_heard = change.event.has_heard or change.heard is not None
        return replace(change.event, has_heard=has_heard)

    def _hand_on(self) -> bool:
        """Whether the oldest change waits no more."""
        with self._handing:
            found = self._spool.first()
            if found is None or self._stopped.is_set():
                return False
            number, change = found
            try:
                self._store(change)
            except NoSuchEvent:
                pass  # it was deleted meanwhile
            except OutOfReachError:
                return False
            except StoreError as error:
                _log.error("A change of event %s is put aside: %s", change.event.id, error)
                self._spool.refused(number, str(error))
                return True
            self._spool.taken(number)
            return True

    def _drain_for_ever(self) -> None:
        while not self._stopped.wait(_LOOK_EVERY_S):
            try:
                if self.waiting and (handed := self.drain()):
                    _log.warning(
                        "%s is back; changes of events that went there: %d.", self._place, handed
                    )
            except StoreError as error:
                _log.warning("%s", error)

    def _newest_name(self) -> str:
        return max(super()._newest_name(), self._spool.newest_name())


def waiting_file(url: str) -> Path:
    """Where changes wait for a database that no server of this machine has: another place there is another file, another password is not.

    Raises
    ------
    RecipeError
        If the URL is none.

    Examples
    --------
    >>> one, other = (waiting_file(f"postgresql://ears:{word}@db.example/auscult") for word in ("a", "b"))
    >>> one == other, one.name[:8], one.suffix
    (True, 'waiting-', '.sqlite')
    """
    found = parsed(url)
    options = sorted((name, one) for name, one in found.query.items() if name != "password")
    place = repr((found.username, found.host, found.port, found.database, options))
    digest = sha256(place.encode()).hexdigest()[:12]
    return default_data_dir() / f"waiting-{digest}.sqlite"


def _all(tell: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if tell is None else tuple(tell)


def _values(change: EventChange) -> dict[str, Any]:
    plain = {name: getattr(change.event, name) for name in _NAMES}
    times = {name: getattr(change.event, name) for name in _TIMES}
    heard_bytes = 0 if change.heard is None else len(change.heard)
    return times | {
        "event_id": change.event.id,
        "is_new": change.is_new,
        "content": plain,
        "tell": None if change.tell is None else list(change.tell),
        "heard": change.heard,
        "size_bytes": len(plain_json(plain)) + heard_bytes,
        "error": "",
    }


def _change(row: RowMapping) -> EventChange:
    known = {name: row["content"][name] for name in _NAMES if name in row["content"]}
    times = {name: row[name] for name in _TIMES}
    return EventChange(
        event=StoredEvent(**known, **times),
        is_new=row["is_new"],
        tell=_all(row["tell"]),
        heard=row["heard"],
    )
