"""A SQLite file that survives kill -9 and power cuts, used by one process at a time.

Write-ahead log with a flush at every commit (`synchronous=FULL`): NORMAL is quicker and loses what was acknowledged when the
power goes. One connection writes. A file that has become unreadable is moved aside, never deleted.
"""

import errno
import json
import math
import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import IO, Any, Protocol

from sqlalchemy import URL, Connection, Engine, MetaData, create_engine, event
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError, StatementError
from sqlalchemy.pool import StaticPool

from auscult.errors import StoreError
from auscult.live.clock import Clock
from auscult.live.schema import bring_up_to_date

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "busy_timeout=5000",
)
_FAMILY = ("", "-wal", "-shm")
TRY_EVERY_S = 2.0
ELSEWHERE = "--data-dir"
"""The option by which a server is given another place."""


class OutOfReachError(StoreError):
    """The disk failed or is full, or a database elsewhere does not answer: what was to be stored may be tried again."""


class FullError(OutOfReachError):
    """The disk has no room left."""


class AnyDatabase(Protocol):
    """What a store asks of whatever keeps its tables: a file, or a server elsewhere."""

    moved_aside: Path | None

    def begin(self) -> AbstractContextManager[Connection]:
        """A transaction: it is on the disk when this ends, or nothing of it is."""

    def failure(self) -> str | None:
        """Why nothing can be written, as far as is known."""

    def size_bytes(self) -> int:
        """How much room it takes."""

    def forget(self) -> None:
        """What was deleted shall be nowhere any more, as far as that is its to say."""

    def close(self) -> None:
        """Nothing is stored or read here any more."""


class Database:
    """One file, one process, one connection.

    Parameters
    ----------
    path
        The file; made with its folder if it isn't there.
    clock
        For the name of what is moved aside.
    only
        These tables alone are in it, and made where they aren't there; default: those of events, brought up to date.
    elsewhere
        The option by which whoever opens it chooses another place.

    Raises
    ------
    StoreError
        If another process uses it, it was written by a newer version or by something else, or it can't be read or written.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock,
        only: MetaData | None = None,
        elsewhere: str = ELSEWHERE,
    ) -> None:
        self.path = path
        self._elsewhere = elsewhere
        self.moved_aside: Path | None = None
        self._clock = clock
        self._lock = RLock()
        self._engine: Engine | None = None
        self._failure: str | None = None
        self._tried_s = 0.0
        with self._told():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._claim = claimed(path, elsewhere=elsewhere)
        try:
            with self._told():
                if path.exists() and not _is_whole(path):
                    self.moved_aside = self._move_aside()
                self._engine = engine_of(path)
            self._prepare(only)
        except StoreError:
            self.close()
            raise

    def __str__(self) -> str:
        return str(self.path)

    def _told(self) -> AbstractContextManager[None]:
        return told(self.path, elsewhere=self._elsewhere)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: it is on the disk when this ends, or nothing of it is.

        Raises
        ------
        StoreError
            If it could not be stored, or was closed. What was stored before is still there.
        """
        with self._lock, self._noted(), self._told():
            engine = self._opened()
            try:
                with engine.begin() as connection:
                    before = _changes(connection)
                    yield connection
                    has_written = _changes(connection) > before
            except SQLAlchemyError as error:
                # After a failed flush nothing is known of what a connection holds: the next one begins anew. Where there
                # is only no space, it takes all back by itself, and is kept: a new one would need some, even to read.
                if not _is_full(error):
                    engine.dispose()
                raise
            if has_written:
                self._failure = None

    def failure(self) -> str | None:
        """Why nothing could be written last; `None` once something was. Every two seconds something small is tried."""
        now_s = self._clock.monotonic_s()
        if self._failure is not None and now_s - self._tried_s >= TRY_EVERY_S:
            self._tried_s = now_s
            with suppress(StoreError):  # why it failed is noted
                self._try()
        return self._failure

    def _try(self) -> None:
        """Write something, and take it back: as much as an event and the picture of its sound may need."""
        with self.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS tried (content BLOB)")
            connection.exec_driver_sql("INSERT INTO tried VALUES (zeroblob(65536))")
        with self.begin() as connection:
            connection.exec_driver_sql("DROP TABLE tried")

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """What fails by the disk is remembered; what fails by the values, or because it was closed, says nothing of it."""
        try:
            yield
        except OutOfReachError as error:
            self._failure = error.what
            raise

    def forget(self) -> None:
        """Empty the log, which still holds what was deleted; `secure_delete` wiped it in the file itself.

        Raises
        ------
        StoreError
            If it can't be written.
        """
        with (
            self._lock,
            self._noted(),
            self._told(),
            closing(self._opened().raw_connection()) as connection,
        ):
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def size_bytes(self) -> int:
        """How much room the file takes, with its log."""
        parts = [self.path.with_name(self.path.name + ending) for ending in _FAMILY]
        return sum(part.stat().st_size for part in parts if part.exists())

    def close(self) -> None:
        """Close it; another process may use it then, and so nothing here may any more."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
            self._engine = None
            self._claim.close()

    def _opened(self) -> Engine:
        if self._engine is None:
            raise StoreError(f"{self.path} was closed.", "an open store", "Open it again.")
        return self._engine

    def _move_aside(self) -> Path:
        target = self.path.with_name(
            f"{self.path.name}.damaged-{self._clock.utc():%Y%m%dT%H%M%S%f}"
        )
        for ending in _FAMILY:
            part = self.path.with_name(self.path.name + ending)
            if part.exists():
                part.rename(target.with_name(target.name + ending))
        return target

    def _prepare(self, only: MetaData | None) -> None:
        if only is None:
            bring_up_to_date(
                self.begin, str(self.path), elsewhere=self._elsewhere, back_up=self._back_up
            )
            return
        with self.begin() as connection:
            only.create_all(connection)

    def _back_up(self, revision: str) -> None:
        target = self.path.with_name(f"{self.path.name}.before-{revision}")
        with (
            self._told(),
            closing(sqlite3.connect(self.path)) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)


@contextmanager
def told(path: Path, *, elsewhere: str = ELSEWHERE) -> Iterator[None]:
    """Errors of the database and of the disk in three beats.

    Parameters
    ----------
    path
        What the database is called in them.
    elsewhere
        The option by which another place is chosen.

    Raises
    ------
    StoreError
        For each of them.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError, UnicodeError) as error:
        reason = str(getattr(error, "orig", None) or getattr(error, "strerror", None) or error)
        if is_about_values(error):
            raise StoreError(
                f"{path} does not take this: {reason}.",
                "finite numbers, whole characters, and times with their zone",
                "Nothing of it was stored.",
            ) from None
        is_full = _has_no_room(error)
        raise (FullError if is_full else OutOfReachError)(
            f"{path} can't be read or written: {'database or disk is full' if is_full else reason}.",
            "a file in a folder that may be written to, on a disk with space left",
            f"Make room, check who owns it, or choose another place: {elsewhere}",
        ) from None


def is_about_values(error: Exception) -> bool:
    """Whether it says something of what was to be stored, and nothing of where."""
    is_before_the_driver = isinstance(error, StatementError) and not isinstance(error, DBAPIError)
    return is_before_the_driver or isinstance(error, IntegrityError | DataError | UnicodeError)


def _is_full(error: SQLAlchemyError) -> bool:
    return getattr(getattr(error, "orig", None), "sqlite_errorcode", None) == sqlite3.SQLITE_FULL


def _has_no_room(error: Exception) -> bool:
    """Whether the disk is full, as the system says it or as SQLite does: the second code is that of what it keeps beside the file."""
    code = getattr(getattr(error, "orig", None) or error, "sqlite_errorcode", None)
    is_sqlite = code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
    return is_sqlite or getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)


def _changes(connection: Connection) -> int:
    """Rows that were written since it was opened."""
    return int(connection.connection.driver_connection.total_changes)  # type: ignore[union-attr]


def engine_of(path: Path | None) -> Engine:
    """One connection to a file, or to memory that lasts as long as the connection does."""
    pool: dict[str, Any] = {"pool_size": 1, "max_overflow": 0}
    engine = create_engine(
        URL.create("sqlite", database=None if path is None else str(path)),
        **({"poolclass": StaticPool} if path is None else pool),
        connect_args={"check_same_thread": False},
        json_serializer=plain_json,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:
        # The driver would begin transactions at odd moments; we say when, and structure changes are part of them.
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def plain_json(value: Any) -> str:
    """JSON that everybody reads: what is not finite becomes null, since JSON has no such numbers.

    Examples
    --------
    >>> plain_json({"level_db": [1.5, float("-inf")]})
    '{"level_db": [1.5, null]}'
    """
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return value


def _is_whole(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.OperationalError:
        raise  # it can't be opened: that says nothing of what is in it
    except sqlite3.DatabaseError:
        return False


def claimed(path: Path, *, elsewhere: str = ELSEWHERE) -> IO[str]:
    """A lock on a store, which the system takes back when the process ends, however it ends.

    Parameters
    ----------
    path
        The file of the store.
    elsewhere
        The option by which another place is chosen.

    Raises
    ------
    StoreError
        If another process has it.
    """
    claim = path.with_name(f"{path.name}.lock").open("a", encoding="utf-8")
    try:
        if os.name == "posix":
            import fcntl

            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:  # pragma: no cover - another system
            import msvcrt

            msvcrt.locking(claim.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    except OSError:
        claim.close()
        raise StoreError(
            f"{path} is in use by another Auscult.",
            "a store that no other process writes to",
            f"Stop the other one, or choose another place: {elsewhere}",
        ) from None
    return claim
