"""A store whose file has no room when it is opened: what happens meanwhile is kept in memory, and in the file once there is room.

Whoever listens is not to become deaf because a card is full. Only a disk without room is waited for: what else is wrong
with a place will not mend itself.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event as Flag
from threading import RLock, Thread

from sqlalchemy import Connection, Engine, func, insert, select

from auscult.errors import AuscultWarning, StoreError
from auscult.live.clock import Clock
from auscult.live.database import AnyDatabase, Database, FullError, engine_of, told
from auscult.live.tables import events, metadata

AGAIN_S = 60.0
MOST_BYTES = 32 * 2**20
_PAGE_BYTES = 4096


def opened(path: Path, *, clock: Clock, elsewhere: str) -> AnyDatabase:
    """The file of a store, or what stands for it until the disk has room.

    Parameters
    ----------
    path, clock, elsewhere
        As `Database` takes them.

    Raises
    ------
    StoreError
        If it can't be opened, for another reason than that the disk is full.

    Warns
    -----
    AuscultWarning
        If the disk is full; and when it no longer is.
    """
    try:
        return Database(path, clock=clock, elsewhere=elsewhere)
    except FullError as error:
        return LateDatabase(path, clock=clock, elsewhere=elsewhere, why=error)


class LateDatabase:
    """A file that is not there yet; may be called from any thread. It is tried again every minute.

    Parameters
    ----------
    path, clock, elsewhere
        As `Database` takes them.
    why
        What the file said when it was tried.
    """

    def __init__(self, path: Path, *, clock: Clock, elsewhere: str, why: FullError) -> None:
        self.moved_aside: Path | None = None
        """Where a damaged file went that was found there."""
        self._path = path
        self._clock = clock
        self._elsewhere = elsewhere
        self._why = why
        self._lock = RLock()
        self._file: Database | None = None
        self._memory = _in_memory()
        self._stopped = Flag()
        self._waiter = Thread(target=self._wait_for_room, name="room", daemon=True)
        warnings.warn(
            AuscultWarning(
                f"{why.what} Listening goes on: events are kept in memory until there is room, and are lost if it ends before. "
                f"It is tried again every minute. {why.action}"
            ),
            stacklevel=3,
        )
        self._waiter.start()

    def __str__(self) -> str:
        return str(self._path)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction, of the file or of the memory.

        Raises
        ------
        StoreError
            If it could not be stored.
        """
        with self._lock:
            if self._file is not None:
                with self._file.begin() as connection:
                    yield connection
                return
            with told(self._path, elsewhere=self._elsewhere), self._memory.begin() as connection:
                yield connection

    def failure(self) -> str | None:
        """Why nothing is on the disk, as far as is known."""
        return self._why.what if self._file is None else self._file.failure()

    def size_bytes(self) -> int:
        """How much room it takes on the disk."""
        return 0 if self._file is None else self._file.size_bytes()

    def forget(self) -> None:
        """What was deleted is nowhere any more."""
        if self._file is not None:
            self._file.forget()

    def try_again(self) -> bool:
        """Whether the file is there now, with all that happened meanwhile; else it stays in memory.

        Raises
        ------
        StoreError
            If the file can't be opened, for another reason than that the disk is full.

        Warns
        -----
        AuscultWarning
            When it is there.
        """
        with self._lock:
            if self._file is not None:
                return True
            try:
                self._file = self._moved()
            except FullError:
                return False
            self._memory.dispose()
        aside = self.moved_aside = self._file.moved_aside
        beside = "" if aside is None else f" What was there could not be read, and is in {aside}."
        warnings.warn(
            AuscultWarning(f"There is room again: events are kept in {self._path}.{beside}"),
            stacklevel=2,
        )
        return True

    def close(self) -> None:
        """Close it; what is in memory is tried once more.

        Warns
        -----
        AuscultWarning
            If events are lost.
        """
        self._stopped.set()
        self._waiter.join()
        try:
            is_there = self.try_again()
        except StoreError:
            is_there = False
        if self._file is not None:
            self._file.close()
        if is_there:
            return
        # What could not be kept is counted, since nobody will find it.
        with self._memory.begin() as connection:
            lost = int(connection.execute(select(func.count()).select_from(events)).scalar_one())
        self._memory.dispose()
        if lost:
            warnings.warn(
                AuscultWarning(
                    f"{lost} event{'' if lost == 1 else 's'} could not be kept, and will be missing: {self._why.what}"
                ),
                stacklevel=2,
            )

    def _moved(self) -> Database:
        """The file, with what is in memory."""
        file = Database(self._path, clock=self._clock, elsewhere=self._elsewhere)
        try:
            with self._memory.begin() as source, file.begin() as target:
                for table in metadata.sorted_tables:
                    rows = [dict(row) for row in source.execute(select(table)).mappings()]
                    if rows:
                        target.execute(insert(table), rows)
        except StoreError:
            file.close()
            raise
        return file

    def _wait_for_room(self) -> None:
        while not self._stopped.wait(AGAIN_S):
            try:
                if self.try_again():
                    return
            except StoreError as error:
                # The disk has room now, and something else is wrong; a message once, since the same is told once.
                warnings.warn(AuscultWarning(str(error)), stacklevel=2)


def _in_memory() -> Engine:
    engine = engine_of(None)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={MOST_BYTES // _PAGE_BYTES}")
        metadata.create_all(connection)
    return engine
