"""The tables of a store, brought from whatever version they are of to this one; the same for a file and for Postgres.

A new store gets its tables as they are now. Only an older one needs the steps, and Alembic with them, which takes as much memory
as all that is stored there.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import Column, Connection, MetaData, String, Table, insert, inspect, select

from auscult.errors import MissingExtra, StoreError
from auscult.live.tables import metadata

HEAD = "0002"
"""The last of the steps: what `tables` describes."""

_STEPS = "auscult.live:migrations"
_version = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))


def bring_up_to_date(
    begin: Callable[[], AbstractContextManager[Connection]],
    place: str,
    *,
    elsewhere: str,
    back_up: Callable[[str], None] | None = None,
) -> None:
    """Make the tables where there are none, or take the steps that are missing: all in one transaction.

    Parameters
    ----------
    begin
        A transaction.
    place
        What the database is called in errors.
    elsewhere
        The option by which another place is chosen.
    back_up
        Called with the revision that is there, before it is changed.

    Raises
    ------
    StoreError
        If it was written by a newer version or by something else; then it is left as it is.
    """
    with begin() as connection:
        names = inspect(connection).get_table_names()
        is_ours = _version.name in names
        now = connection.execute(select(_version)).scalar() if is_ours else None
        if now is None and names:
            raise StoreError(
                f"{place} is a database of something else.",
                "one that Auscult made, or none",
                f"Choose another place: {elsewhere}",
            )
        if now is None:
            _make(connection)
            return
    if now != HEAD:
        _take_steps(begin, now, place, elsewhere, back_up)


def _make(connection: Connection) -> None:
    metadata.create_all(connection)
    _version.create(connection)
    connection.execute(insert(_version).values(version_num=HEAD))


def _take_steps(
    begin: Callable[[], AbstractContextManager[Connection]],
    now: str,
    place: str,
    elsewhere: str,
    back_up: Callable[[str], None] | None,
) -> None:
    try:
        from alembic import command
        from alembic.config import Config
        from alembic.script import ScriptDirectory
    except ImportError:
        raise MissingExtra("Bringing an older store up to date", "edge") from None

    config = Config()
    config.set_main_option("script_location", _STEPS)
    known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    if now not in known:
        raise StoreError(
            f"{place} was written by a newer version of Auscult (schema {now}).",
            f"schema {HEAD} or older",
            f"Update Auscult, or use another {elsewhere}.",
        )
    if back_up is not None:
        back_up(now)
    with begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
