"""`auscult store copy`, as people call it."""

import json
import sys

from auscult.live.clock import SystemClock
from auscult.live.store import EventStore, StoredEvent


def event(store):
    return StoredEvent(
        id=store.new_id(),
        stream="fan",
        stream_name="Fan",
        kind="anomaly",
        status="ended",
        begun_at=SystemClock().utc(),
        start_s=3.0,
        end_s=5.0,
        peak_s=4.0,
        peak_ratio=1.8,
    )


def test_events_are_copied_into_postgres_and_once_only(run, tmp_path, postgres_url, three_beats):
    store = EventStore(tmp_path / "events.sqlite", clock=SystemClock())
    kept = store.add(event(store), tell=("mqtt",))
    store.close()
    done = run("store", "copy", "events.sqlite", postgres_url(), "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out) == {"events": 1, "heard": 0, "messages": 1}
    again = run("store", "copy", "events.sqlite", postgres_url())
    assert again.code == 2
    assert "is not empty" in again.err
    assert three_beats.search(again.err)
    assert again.out == ""
    plain = run("store", "copy", postgres_url(), "back.sqlite")
    assert plain.words.startswith("Copied 1 events, and 1 messages")
    back = EventStore(tmp_path / "back.sqlite", clock=SystemClock())
    assert back.find() == [kept]
    assert [one.event_id for one in back.outbox.waiting("mqtt")] == [kept.id]
    back.close()


def test_without_the_driver_the_extra_is_named(run, tmp_path, monkeypatch):
    EventStore(tmp_path / "events.sqlite", clock=SystemClock()).close()
    monkeypatch.setitem(sys.modules, "psycopg", None)
    done = run("store", "copy", "events.sqlite", "postgresql://ears:s3cret@h/db")
    assert done.code == 2
    assert "pip install 'auscult[postgres]'" in done.err
    assert "s3cret" not in done.err
