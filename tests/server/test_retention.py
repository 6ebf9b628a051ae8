"""Old events go with their sound, other files stay, and what is taken is counted."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr

from auscult.errors import StoreError
from auscult.live.clock import FakeClock
from auscult.live.store import EventStore
from auscult.server.retention import (
    clips_in,
    disk_of,
    older_stores,
    sweep,
    unfinished_clips_in,
)
from auscult.server.settings import Settings


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def settings(tmp_path):
    made = Settings(data_dir=tmp_path, events_days=7.0)
    made.clips_dir.mkdir()
    made.bundles_dir.mkdir()
    return made


@pytest.fixture
def store(settings, clock):
    opened = EventStore(settings.store_path, clock=clock)
    yield opened
    opened.close()


def test_old_events_go_with_their_sound_and_nobody_elses_file_does(settings, store, clock, event):
    old, new = store.new_id(), store.new_id()
    for name, days in ((old, 8), (new, 6)):
        store.add(replace(event(1), id=name, begun_at=clock.utc() - timedelta(days=days)))
        (settings.clips_dir / f"{name}.wav").write_bytes(b"sound")
    (settings.clips_dir / "mine.wav").write_bytes(b"mine")
    assert sweep(settings, store, clock) == 1
    assert [one.id for one in store.find()] == [new]
    assert sorted(path.name for path in settings.clips_dir.iterdir()) == [f"{new}.wav", "mine.wav"]
    assert [path.stem for path in clips_in(settings.clips_dir)] == [new]
    part = settings.clips_dir / f"{new}.wav.part"
    part.touch()
    (settings.clips_dir / "mine.wav.part").touch()
    assert unfinished_clips_in(settings.clips_dir) == [part]


def test_without_a_number_of_days_they_are_kept_for_ever(settings, store, clock, event):
    store.add(replace(event(1), id=store.new_id(), begun_at=clock.utc() - timedelta(days=3000)))
    assert sweep(settings.model_copy(update={"events_days": None}), store, clock) == 0


def test_what_is_taken_is_counted_by_what_it_is(settings, store):
    (settings.clips_dir / "a.wav").write_bytes(b"x" * 1000)
    (settings.bundles_dir / "b.onnx").write_bytes(b"x" * 2000)
    older = settings.data_dir / "events.sqlite.before-0001"
    older.write_bytes(b"x" * 300)
    (settings.clips_dir / "gone.wav").symlink_to(settings.data_dir / "nowhere")
    disk = disk_of(settings, store)
    assert (disk.clips, disk.bundles, disk.older) == (1000, 2000, 300)
    assert disk.events > 0
    assert disk.free > 0
    assert older_stores(settings) == [older]
    elsewhere = settings.model_copy(update={"database": SecretStr("postgresql://h/db")})
    waited = settings.data_dir / "waiting.sqlite.damaged-20300101T000000"
    waited.touch()
    assert {older, waited, settings.store_path} <= set(older_stores(elsewhere))


def test_of_a_store_that_does_not_say_it_the_room_is_not_known(settings):
    class Store:
        def size_bytes(self):
            raise StoreError("It is away.")

    settings.data_dir.mkdir(exist_ok=True)
    assert disk_of(settings, Store()).events == 0
