"""All that a store holds, put into an empty one, of the same kind or another: all of it or nothing."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, func, insert, select

from auscult.errors import RecipeError, StoreError
from auscult.live.clock import Clock
from auscult.live.database import AnyDatabase, Database
from auscult.live.postgres import SCHEMES, PostgresDatabase
from auscult.live.tables import metadata

SOURCE, TARGET = "FROM", "TO"
"""What the two are called on the command line."""

LONGEST_S = 24 * 3600.0
"""A copy is one transaction, and takes as long as it takes."""

# An event with the picture of its sound may take a hundred kilobytes.
_BATCH = 100

Progress = Callable[[int, int], None]
"""Told how many rows there are now, and how many there will be."""


def copy(
    source: str, target: str, *, clock: Clock, progress: Progress | None = None
) -> dict[str, int]:
    """Copy events, how they were heard, and messages about them; the source stays as it is.

    Parameters
    ----------
    source, target
        A file, or the address of a Postgres database. Nobody else may use them meanwhile.
    clock
        For the name of what is moved aside.
    progress
        See `Progress`.

    Returns
    -------
    rows
        How many were copied, by table.

    Raises
    ------
    StoreError
        If the source is not there or damaged, the target is not empty, or one of them can't be used. The target is then as it was.
    RecipeError
        If both are the same place, or an address is none.
    """
    if source == target:
        raise RecipeError(f"{SOURCE} and {TARGET} are the same.", "two stores", f"Change {TARGET}.")
    with (
        closing(_source(source, clock)) as old,
        closing(_opened(target, clock, TARGET)) as new,
        old.begin() as reading,
        new.begin() as writing,
    ):
        _refuse_filled(writing, new)
        return _copied(reading, writing, progress)


def _copied(reading: Connection, writing: Connection, progress: Progress | None) -> dict[str, int]:
    rows = _rows(reading)
    done, total = 0, sum(rows.values())
    for table in metadata.sorted_tables:
        every = select(table).order_by(*table.primary_key).execution_options(yield_per=_BATCH)
        for batch in reading.execute(every).mappings().partitions():
            writing.execute(insert(table), [dict(row) for row in batch])
            done += len(batch)
            if progress is not None:
                progress(done, total)
    return rows


def _rows(connection: Connection) -> dict[str, int]:
    return {
        table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
        for table in metadata.sorted_tables
    }


def _refuse_filled(connection: Connection, target: AnyDatabase) -> None:
    found = _rows(connection)
    if any(found.values()):
        raise StoreError(
            f"{target} is not empty: events in it: {found['events']}.",
            "an empty store, or none yet",
            f"Choose another place for {TARGET}; in Postgres a schema of its own will do: ?options=-csearch_path%3DNAME",
        )


def _source(place: str, clock: Clock) -> AnyDatabase:
    if not _is_address(place) and not Path(place).is_file():
        raise StoreError(
            f"{place} is not there.",
            "the file of a store, such as events.sqlite in the folder of a server's data",
            f"Check the path, {SOURCE}.",
        )
    found = _opened(place, clock, SOURCE)
    if found.moved_aside is not None:
        found.close()
        raise StoreError(
            f"{place} could not be read, and was moved to {found.moved_aside}.",
            "a whole file",
            "Copy a backup of it.",
        )
    return found


def _opened(place: str, clock: Clock, elsewhere: str) -> AnyDatabase:
    if _is_address(place):
        return PostgresDatabase(place, clock=clock, elsewhere=elsewhere, still_s=LONGEST_S)
    return Database(Path(place), clock=clock, elsewhere=elsewhere)


def _is_address(place: str) -> bool:
    return place.partition("://")[0] in SCHEMES
