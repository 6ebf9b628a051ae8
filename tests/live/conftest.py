"""Stores in a file and in Postgres, which pass the same tests."""

import pytest

from auscult.live.spool import SpooledStore
from auscult.live.store import EventStore


@pytest.fixture(params=["sqlite", "postgres"])
def open_store(request, tmp_path):
    """A function from a clock, and a name, to a store: the same name is the same place. Each is closed at the end."""
    opened = []
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else None

    def open_it(clock, name="events"):
        if url is None:
            store = EventStore(tmp_path / f"{name}.sqlite", clock=clock)
        else:
            store = SpooledStore(url(name), spool=tmp_path / f"{name}.waiting", clock=clock)
        opened.append(store)
        return store

    yield open_it
    for one in opened:
        one.close()
