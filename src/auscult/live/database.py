"""A SQLite file that survives kill -9 and power cuts, used by one process at a time.

Write-ahead log with a flush at every commit (`synchronous=FULL`): NORMAL is quicker and loses what was acknowledged when the
power goes. One connection writes. A file that has become unreadable is moved aside, never deleted.
"""

import json
import math
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import IO, Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError, StatementError

from auscult.errors import StoreError
from auscult.live.clock import Clock

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "busy_timeout=5000",
)
_FAMILY = ("", "-wal", "-shm")
_TRY_EVERY_S = 2.0
_STEPS = "auscult.live:migrations"


class _DiskError(StoreError):
    """The disk failed, or is full."""


class Database:
    """One file, one process, one connection.

    Parameters
    ----------
    path
        The file; made with its folder if it isn't there.
    clock
        For the name of what is moved aside.

    Raises
    ------
    StoreError
        If another process uses it, it was written by a newer version or by something else, or it can't be read or written.
    """

    def __init__(self, path: Path, *, clock: Clock) -> None:
        self.path = path
        self.moved_aside: Path | None = None
        self._clock = clock
        self._lock = RLock()
        self._engine: Engine | None = None
        self._failure: str | None = None
        self._tried_s = 0.0
        with told(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._claim = _claimed(path)
        try:
            with told(path):
                if path.exists() and not _is_whole(path):
                    self.moved_aside = self._move_aside()
                self._engine = _engine(path)
            self._migrate()
        except StoreError:
            self.close()
            raise

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: it is on the disk when this ends, or nothing of it is.

        Raises
        ------
        StoreError
            If it could not be stored, or was closed. What was stored before is still there.
        """
        with self._lock, self._noted(), told(self.path):
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
        if self._failure is not None and now_s - self._tried_s >= _TRY_EVERY_S:
            self._tried_s = now_s
            with suppress(StoreError):
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
        except _DiskError as error:
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
            told(self.path),
            closing(self._opened().raw_connection()) as connection,
        ):
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

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

    def _migrate(self) -> None:
        config = Config()
        config.set_main_option("script_location", _STEPS)
        steps = ScriptDirectory.from_config(config)
        with self.begin() as connection:
            now = MigrationContext.configure(connection).get_current_revision()
            if now is None and inspect(connection).get_table_names():
                raise StoreError(
                    f"{self.path} is a database of something else.",
                    "a file that Auscult made, or none",
                    "Choose another place: --data-dir",
                )
            known = {step.revision for step in steps.walk_revisions()}
            if now is not None and now not in known:
                raise StoreError(
                    f"{self.path} was written by a newer version of Auscult (schema {now}).",
                    f"schema {steps.get_current_head()} or older",
                    "Update Auscult, or use another --data-dir.",
                )
        if now == steps.get_current_head():
            return
        if now is not None:
            self._back_up(now)
        with self.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def _back_up(self, revision: str) -> None:
        target = self.path.with_name(f"{self.path.name}.before-{revision}")
        with (
            told(self.path),
            closing(sqlite3.connect(self.path)) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Errors of the database and of the disk in three beats.

    Raises
    ------
    StoreError
        For each of them.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError, UnicodeError) as error:
        reason = str(getattr(error, "orig", None) or getattr(error, "strerror", None) or error)
        if _is_about_values(error):
            raise StoreError(
                f"{path} does not take this: {reason}.",
                "finite numbers, whole characters, and times with their zone",
                "Nothing of it was stored.",
            ) from None
        raise _DiskError(
            f"{path} can't be read or written: {reason}.",
            "a file in a folder that may be written to, on a disk with space left",
            "Make room, check who owns it, or choose another place: --data-dir",
        ) from None


def _is_about_values(error: Exception) -> bool:
    """Whether it says something of what was to be stored, and nothing of the disk."""
    is_before_the_driver = isinstance(error, StatementError) and not isinstance(error, DBAPIError)
    return is_before_the_driver or isinstance(error, IntegrityError | UnicodeError)


def _is_full(error: SQLAlchemyError) -> bool:
    return getattr(getattr(error, "orig", None), "sqlite_errorcode", None) == sqlite3.SQLITE_FULL


def _changes(connection: Connection) -> int:
    """Rows that were written since it was opened."""
    return int(connection.connection.driver_connection.total_changes)  # type: ignore[union-attr]


def _engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        pool_size=1,
        max_overflow=0,
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


def _claimed(path: Path) -> IO[str]:
    """A lock that the system takes back when the process ends, however it ends."""
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
            "Stop the other one, or choose another place: --data-dir",
        ) from None
    return claim
