"""A store that is opened on a full disk, and what becomes of it."""

import errno
import os
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from auscult.errors import AuscultWarning, StoreError
from auscult.live import late
from auscult.live.clock import SystemClock
from auscult.live.database import Database, FullError, OutOfReachError, told
from auscult.live.store import EventStore

from .simple import stored_event

CLOCK = SystemClock()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "events.sqlite"


@pytest.fixture
def disk(monkeypatch):
    """Full as long as its flag is set; another error where there is one."""

    class Disk:
        full, error = True, None
        refusals = threading.Semaphore(0)

    def database(place, **how):
        if Disk.error is not None:
            Disk.refusals.release()
            raise Disk.error
        if Disk.full:
            with told(place, elsewhere=how["elsewhere"]):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return Database(place, **how)

    monkeypatch.setattr(late, "Database", database)
    return Disk


def opened(path):
    with pytest.warns(AuscultWarning, match="disk is full.*Listening goes on.*--store"):
        database = late.opened(path, clock=CLOCK, elsewhere="--store")
    store = EventStore(database, clock=CLOCK)
    store.tell = ("print:",)
    return database, store


def event(store, **other):
    return stored_event(store.new_id(), **other)


def found(path):
    store = EventStore(path, clock=CLOCK)
    try:
        return store.find(), store.outbox.waiting("print:")
    finally:
        store.close()


def test_where_there_is_room_it_is_a_file_as_ever(path):
    database = late.opened(path, clock=CLOCK, elsewhere="--store")
    assert isinstance(database, Database)
    database.close()


def test_what_is_heard_meanwhile_is_in_the_file_once_there_is_room(path, disk):
    database, store = opened(path)
    begun = store.add(event(store, explanation={"text": "a hum"}), heard=b"as heard")
    store.update(replace(begun, status="ended", ended_at=begun.begun_at))
    assert "disk is full" in store.failure()
    assert (store.count(), store.size_bytes()) == (1, 0)
    assert len(store.outbox.waiting("print:")) == 2
    assert not database.try_again()
    assert not path.exists()
    disk.full = False
    with pytest.warns(AuscultWarning, match=f"There is room again: events are kept in {path}"):
        assert database.try_again()
    assert store.failure() is None
    assert store.size_bytes() > 0
    after = store.add(event(store))
    kept = store.get(begun.id)
    assert (kept.status, kept.explanation, kept.has_heard) == ("ended", {"text": "a hum"}, True)
    assert store.heard([begun.id]) == {begun.id: b"as heard"}
    assert store.delete(after.id)
    assert database.try_again()  # and says no more
    store.close()
    events, waiting = found(path)
    assert [one.id for one in events] == [begun.id]
    assert [one.event_id for one in waiting] == [begun.id, begun.id]


def test_it_is_tried_again_by_itself(path, disk, monkeypatch):
    monkeypatch.setattr(late, "AGAIN_S", 0.01)
    there = threading.Event()
    real = late.LateDatabase.try_again
    monkeypatch.setattr(late.LateDatabase, "try_again", lambda self: real(self) and not there.set())
    database, store = opened(path)
    store.add(event(store))
    assert not there.wait(0.05)
    with pytest.warns(AuscultWarning, match="There is room again"):  # noqa: PT031 - told in another thread
        disk.full = False
        assert there.wait(60.0)
        database._waiter.join(60.0)
    store.close()
    assert len(found(path)[0]) == 1


def test_at_the_end_it_is_tried_once_more(path, disk):
    _, store = opened(path)
    store.add(event(store))
    disk.full = False
    with pytest.warns(AuscultWarning, match="There is room again"):
        store.close()
    assert len(found(path)[0]) == 1


@pytest.mark.parametrize("error", [None, StoreError("It is in use.", "another", "Stop it.")])
def test_what_is_lost_at_the_end_is_told(path, disk, error):
    _, store = opened(path)
    store.add(event(store))
    disk.error = error
    with pytest.warns(AuscultWarning, match=r"^1 event could not be kept, and will be missing"):
        store.close()
    assert not path.exists()


def test_where_nothing_was_heard_nothing_is_lost(path, disk):
    _, store = opened(path)
    store.close()


def test_what_was_damaged_there_is_told_of(path, disk):
    path.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    database, store = opened(path)
    disk.full = False
    with pytest.warns(AuscultWarning, match="could not be read, and is in .*damaged"):
        database.try_again()
    assert database.moved_aside.exists()
    store.close()


def test_another_trouble_than_room_is_told_and_waited_for(path, disk, monkeypatch):
    monkeypatch.setattr(late, "AGAIN_S", 0.01)
    with pytest.warns(AuscultWarning, match="It is in use"):  # noqa: PT031 - told in another thread
        _, store = opened(path)
        disk.error = StoreError("It is in use.", "another", "Stop it.")
        assert disk.refusals.acquire(timeout=60.0)
        assert disk.refusals.acquire(timeout=60.0)  # and so the first was told
    disk.error, disk.full = None, False
    with pytest.warns(AuscultWarning, match="There is room again"):
        store.close()


def test_a_place_that_is_wrong_is_not_waited_for(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutOfReachError, match=r"can't be read or written.*--store") as caught:
        late.opened(tmp_path / "file" / "events.sqlite", clock=CLOCK, elsewhere="--store")
    assert not isinstance(caught.value, FullError)


def test_memory_has_a_bound(path, disk, monkeypatch):
    monkeypatch.setattr(late, "MOST_BYTES", 2**18)
    _, store = opened(path)
    with pytest.raises(FullError):  # noqa: PT012 - which of them is too much is of no interest
        for _ in range(100):
            store.add(event(store, explanation={"text": "x" * 10_000}))
    assert store.count() > 5
    with pytest.warns(AuscultWarning, match="will be missing"):
        store.close()


@pytest.mark.parametrize(
    ("code", "is_full"),
    [
        (sqlite3.SQLITE_FULL, True),
        (sqlite3.SQLITE_IOERR_SHMSIZE, True),
        (sqlite3.SQLITE_IOERR_WRITE, False),
        (sqlite3.SQLITE_READONLY, False),
    ],
)
def test_sqlite_says_in_two_ways_that_the_disk_is_full(code, is_full):
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = code
    with pytest.raises(OutOfReachError) as caught, told(Path("e.sqlite")):
        raise error
    assert isinstance(caught.value, FullError) == is_full
    assert ("disk is full" in str(caught.value)) == is_full
