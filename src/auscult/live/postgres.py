"""A database of a Postgres server, used by one process at a time, that may be away and come back.

One connection writes, and holds a lock as long as it lives: whoever comes second is refused. After a failure the next one asks
anew, but not at once: nobody waits for a server that was just found away.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock, Timer
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from auscult.errors import MissingExtra, RecipeError, StoreError
from auscult.live.clock import Clock
from auscult.live.database import TRY_EVERY_S, OutOfReachError, is_about_values, plain_json
from auscult.live.schema import bring_up_to_date
from auscult.live.tables import metadata

SCHEMES = ("postgresql", "postgres")
FLAG = "--database"
"""The option by which a server is given another database."""

_MAX_REASON = 300
_LOCK_HELD = "55P03"

STILL_S = 15.0
"""A server that takes connections and then says nothing for so long is hung up on."""

# A server that is cut off is found out within a quarter of a minute; of several, the one that takes what is written is used.
_CONNECTING = {
    "application_name": "auscult",
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "3",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "target_session_attrs": "read-write",
}

# Committed means on its disk, whatever the server's default is. The last one waits for a moment: a process that was killed may
# still be known there.
_SETTING_UP = (
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
    "SET statement_timeout = '12s'",
    "SET tcp_keepalives_idle = 5",
    "SET tcp_keepalives_interval = 3",
    "SET tcp_keepalives_count = 3",
    "SET lock_timeout = '3s'",
    "SELECT pg_advisory_lock(hashtext('auscult'), hashtext(current_schema()))",
)


class PostgresDatabase:
    """One schema of a database, one process, one connection.

    Parameters
    ----------
    url
        `postgresql://USER@HOST/NAME`; all that libpq knows may follow as `?name=value`.
    clock
        For when it is tried again.
    elsewhere
        The option by which whoever opens it chooses another place.
    still_s
        No transaction takes longer.

    Raises
    ------
    RecipeError
        If the URL is none.
    StoreError
        If the server can't be reached, another process uses the schema, or it was written by a newer version or something else.
    MissingExtra
        If the driver is not installed.
    """

    def __init__(
        self, url: str, *, clock: Clock, elsewhere: str = FLAG, still_s: float | None = None
    ) -> None:
        self.moved_aside: Path | None = None
        self._elsewhere = elsewhere
        self._still_s = still_s
        self._url = parsed(url, elsewhere=elsewhere)
        self.place = shown(self._url)
        self._clock = clock
        self._lock = RLock()
        self._failed: OutOfReachError | None = None
        self._tried_s = 0.0
        self._connection: Any = None
        self._engine: Engine | None = self._engine_of(self._url)
        try:
            bring_up_to_date(self.begin, self.place, elsewhere=elsewhere)
        except StoreError:
            self.close()
            raise

    def __str__(self) -> str:
        return self.place

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: the server has it on its disk when this ends, or nothing of it.

        Raises
        ------
        OutOfReachError
            If the server can't be reached or used. Where the connection broke while it was being stored, it may be there.
        StoreError
            If it does not take what was to be stored, or was closed.
        """
        with self._lock:
            engine = self._opened()
            self._refuse_for_a_while()
            with self._noted(), self._told(), self._bounded():
                try:
                    with engine.begin() as connection:
                        yield connection
                except SQLAlchemyError as error:
                    if not is_about_values(error):
                        engine.dispose()
                    raise
            self._failed = None

    def failure(self) -> str | None:
        """Why it could not be reached last; every two seconds it is asked again."""
        if self._failed is not None:
            with suppress(StoreError), self.begin():  # why it failed is noted
                pass
        return None if self._failed is None else self._failed.what

    def size_bytes(self) -> int:
        """How much room its tables take there, with what was deleted and not yet cleared away."""
        size = text("SELECT pg_total_relation_size(to_regclass(:name))")
        with self.begin() as connection:
            found = [connection.execute(size, {"name": one}).scalar() for one in metadata.tables]
        return sum(one or 0 for one in found)

    def forget(self) -> None:
        """Postgres itself clears away what was deleted, when it finds the time (autovacuum)."""

    def close(self) -> None:
        """Close the connection; another process may use the database then, and so nothing here may any more."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
            self._engine = None

    def _engine_of(self, url: URL) -> Engine:
        given = {name: value for name, value in _CONNECTING.items() if name not in url.query}
        try:
            engine = create_engine(
                url,
                pool_size=1,
                max_overflow=0,
                pool_pre_ping=True,
                connect_args=given,
                json_serializer=_readable_json,
            )
        except ImportError:
            raise MissingExtra("Keeping events in Postgres", "postgres") from None
        event.listen(engine, "connect", self._set_up)
        return engine

    def _set_up(self, connection: Any, _: object) -> None:
        self._connection = connection
        try:
            connection.adapters.register_dumper(str, _readable_dumper())
            for statement in _SETTING_UP:
                connection.execute(statement)
            connection.commit()
        except BaseException as error:
            connection.close()
            if getattr(error, "sqlstate", None) == _LOCK_HELD:
                raise OutOfReachError(
                    f"{self.place} is in use by another Auscult.",
                    "a database, or a schema in it, that no other process writes to",
                    f"Stop the other one, or choose another place: {self._elsewhere}",
                ) from None
            raise

    def _opened(self) -> Engine:
        if self._engine is None:
            raise StoreError(f"{self.place} was closed.", "an open store", "Open it again.")
        return self._engine

    def _refuse_for_a_while(self) -> None:
        failed = self._failed
        if failed is not None and self._clock.monotonic_s() - self._tried_s < TRY_EVERY_S:
            raise OutOfReachError(failed.what, failed.expected, failed.action)

    @contextmanager
    def _noted(self) -> Iterator[None]:
        try:
            yield
        except OutOfReachError as error:
            self._failed, self._tried_s = error, self._clock.monotonic_s()
            raise

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        """Whoever waits for this transaction, and for its lock, does not wait for ever."""
        timer = Timer(self._still_s or STILL_S, self._hang_up)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _hang_up(self) -> None:
        """The driver, which waits in another thread, finds that the connection has broken."""
        import psycopg

        with suppress(OSError, psycopg.Error):  # it has broken already
            number = self._connection.fileno()
            with socket.fromfd(number, socket.AF_INET, socket.SOCK_STREAM) as connected:
                connected.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of the driver in three beats, without the password."""
        try:
            yield
        except (SQLAlchemyError, UnicodeError) as error:
            reason = self._reason(error)
            if is_about_values(error):
                raise StoreError(
                    f"{self.place} does not take this: {reason}.",
                    "finite numbers, whole characters, and times with their zone",
                    "Nothing of it was stored.",
                ) from None
            raise OutOfReachError(
                f"{self.place} can't be reached or used: {reason}.",
                "a Postgres server that answers, and a user who may make tables there and write to them",
                f"Start it, check address, user and password, or choose another place: {self._elsewhere}",
            ) from None

    def _reason(self, error: Exception) -> str:
        first, *_ = str(getattr(error, "orig", None) or error).splitlines() or [""]
        reason = first.rstrip(".")
        if self._url.password:
            reason = reason.replace(str(self._url.password), "…")
        return reason[:_MAX_REASON]


def parsed(url: str, *, elsewhere: str = FLAG) -> URL:
    """The URL of a Postgres database; what is wrong with it is said without showing it.

    Parameters
    ----------
    url
        As somebody wrote it.
    elsewhere
        The option that it was given with.

    Raises
    ------
    RecipeError
        If it is none.

    Examples
    --------
    >>> parsed("postgres://ears@db.example/auscult").drivername
    'postgresql+psycopg'
    """
    try:
        found = make_url(url)
    except (ArgumentError, ValueError):
        found = None
    # An @ too many makes a host of half the password.
    if found is None or found.drivername not in SCHEMES or "@" in (found.host or ""):
        raise RecipeError(
            "The address of the database is none of Postgres.",
            "postgresql://USER:PASSWORD@HOST:PORT/NAME, with %40 for an @ in the password, and %2F for a /",
            f"Change {elsewhere}{', or the variable AUSCULT_DATABASE' if elsewhere == FLAG else ''}; a file keeps events, too.",
        )
    return found.set(drivername="postgresql+psycopg")


def shown(url: URL) -> str:
    """Where a database is, for people: without its password, and whatever else came with it.

    Examples
    --------
    >>> shown(parsed("postgresql://ears:secret@db.example:5433/auscult?sslmode=require"))
    'postgresql://ears@db.example:5433/auscult'
    """
    plain = URL.create(
        "postgresql",
        username=url.username,
        host=url.host or None,
        port=url.port,
        database=url.database,
    )
    return plain.render_as_string()


def _readable_dumper() -> type[Any]:
    """Postgres has no place for the character 0 in a text."""
    from psycopg.types.string import StrDumperUnknown

    class Readable(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\ufffd"))

    return Readable


def _readable_json(value: Any) -> str:
    """JSON in which Postgres can look something up: it reads neither the character 0 nor half a character."""
    plain = plain_json(value)
    return plain_json(_readable(value)) if "\\u0000" in plain or "\\ud" in plain else plain


def _readable(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode(errors="replace").decode()
    if isinstance(value, dict):
        return {_readable(name): _readable(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_readable(one) for one in value]
    return value
