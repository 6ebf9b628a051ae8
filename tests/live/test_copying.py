import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from auscult.errors import RecipeError, StoreError
from auscult.live import copying
from auscult.live.clock import FakeClock
from auscult.live.copying import copy
from auscult.live.postgres import PostgresDatabase
from auscult.live.store import EventStore, StoredEvent

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
EVENT = StoredEvent(
    id="",
    stream="fan",
    stream_name="Fan 3 ü",
    kind="anomaly",
    status="ended",
    begun_at=NOON,
    ended_at=NOON + timedelta(microseconds=1),
    start_s=3.0,
    end_s=5.0,
    peak_s=4.0,
    peak_ratio=1.8,
    explanation={"text": "brighter", "kinds": ["brighter"]},
    evidence={"level_db": [[-30.0, None]]},
    label="anomaly",
    name="bearing",
    note="in the morning",
)


@pytest.fixture
def places(tmp_path):
    """A function from a name to a file."""
    return lambda name: str(tmp_path / f"{name}.sqlite")


@pytest.fixture
def old(places):
    """A file with 250 events, one of which is heard, and two messages."""
    store = EventStore(places("old"), clock=FakeClock())
    for number in range(250):
        told = ("mqtt", "page") if number == 7 else ()
        heard = b"\0how" if number == 7 else None
        store.add(replace(EVENT, id=store.new_id()), tell=told, heard=heard)
    store.close()
    return places("old")


def opened(place):
    if "://" in place:
        return EventStore(PostgresDatabase(place, clock=FakeClock()), clock=FakeClock())
    return EventStore(place, clock=FakeClock())


def held(place):
    """All that a store gives of what is in it."""
    store = opened(place)
    found = store.find(limit=1000)
    messages = [(one.id, one.channel, one.payload) for one in store.outbox.waiting("mqtt")]
    heard = store.heard([event.id for event in found if event.has_heard])
    store.close()
    return found, messages, heard


def test_all_of_a_file_is_in_postgres_and_comes_back(old, places, postgres_url):
    told = []
    rows = copy(old, postgres_url(), clock=FakeClock(), progress=lambda *one: told.append(one))
    assert rows == {"events": 250, "heard": 1, "outbox": 2}
    assert told == [(n, 253) for n in (100, 200, 250, 251, 253)]
    assert copy(postgres_url(), places("back"), clock=FakeClock()) == rows
    assert held(postgres_url()) == held(old)
    assert held(places("back")) == held(old)
    assert len(held(old)[0]) == 250
    assert len(held(old)[1]) == len(held(old)[2]) == 1


def test_what_postgres_has_no_place_for_is_replaced_and_stops_nothing(places, postgres_url):
    store = EventStore(places("old"), clock=FakeClock())
    store.add(replace(EVENT, id=store.new_id(), note="0\0", explanation={"text": "\0\ud800"}))
    store.close()
    assert copy(places("old"), postgres_url(), clock=FakeClock())["events"] == 1
    ((kept,), *_) = held(postgres_url())
    assert (kept.note, kept.explanation) == ("0\ufffd", {"text": "\ufffd?"})


def test_what_comes_later_is_named_behind_what_was_copied(old, places):
    copy(old, places("new"), clock=FakeClock())
    store = opened(places("new"))
    assert store.new_id() > store.find(limit=1)[0].id
    store.close()


def test_a_place_in_which_there_is_something_is_left_as_it_is(old, places, postgres_url):
    copy(old, postgres_url(), clock=FakeClock())
    with pytest.raises(StoreError) as refused:
        copy(old, postgres_url(), clock=FakeClock())
    assert "is not empty: events in it: 250. Expected: an empty store" in str(refused.value)
    assert "Choose another place for TO; in Postgres a schema" in str(refused.value)
    assert len(held(postgres_url())[0]) == 250


def test_half_a_copy_is_none(old, postgres_url):
    def stop(done, _):
        if done == 200:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy(old, postgres_url(), clock=FakeClock(), progress=stop)
    assert held(postgres_url()) == ([], [], {})
    assert copy(old, postgres_url(), clock=FakeClock())["events"] == 250


def test_a_copy_may_take_longer_than_what_is_stored_while_listening(old, postgres_url, monkeypatch):
    monkeypatch.setattr("auscult.live.postgres.STILL_S", 0.0)
    assert copy(old, postgres_url(), clock=FakeClock())["events"] == 250
    assert copying.LONGEST_S > 3600


def test_what_is_no_store_is_refused_and_nothing_is_made(tmp_path, places, old):
    with pytest.raises(StoreError, match=r"gone\.sqlite is not there\. .+ Check the path, FROM"):
        copy(places("gone"), places("new"), clock=FakeClock())
    with pytest.raises(RecipeError, match="FROM and TO are the same"):
        copy(old, old, clock=FakeClock())
    with pytest.raises(RecipeError, match="Change TO; a file keeps events, too"):
        copy(old, "postgresql://u:s3cret@and-more@h/db", clock=FakeClock())
    other = sqlite3.connect(places("other"))
    other.execute("CREATE TABLE ours (number INTEGER)")
    other.close()
    with pytest.raises(StoreError, match=r"of something else.+Choose another place: FROM"):
        copy(places("other"), places("new"), clock=FakeClock())
    with pytest.raises(StoreError, match=r"of something else.+Choose another place: TO"):
        copy(old, places("other"), clock=FakeClock())
    used = opened(old)
    with pytest.raises(StoreError, match="is in use by another Auscult"):
        copy(old, places("new"), clock=FakeClock())
    used.close()
    assert not (tmp_path / "gone.sqlite").exists()
    assert not (tmp_path / "new.sqlite").exists()


def test_a_damaged_file_is_not_taken_for_an_empty_one(places, tmp_path):
    (tmp_path / "bad.sqlite").write_bytes(b"no database at all" * 1000)
    with pytest.raises(StoreError, match=r"was moved to .+damaged.+ Copy a backup of it"):
        copy(places("bad"), places("new"), clock=FakeClock())
