"""All that is kept comes along or is gone: nothing more, nothing less, and no password."""

import io
import json
import zipfile
from dataclasses import replace

import pytest

from auscult.live.clock import FakeClock
from auscult.live.store import EventStore
from auscult.server.bundles import Bundles
from auscult.server.choices import Choices, changed
from auscult.server.next_training import NextTraining
from auscult.server.privacy import PAGE, archive, erase
from auscult.server.settings import Settings


@pytest.fixture
def settings(tmp_path):
    made = Settings(data_dir=tmp_path)
    made.clips_dir.mkdir()
    return made


@pytest.fixture
def store(settings, event):
    opened = EventStore(settings.store_path, clock=FakeClock())
    for n in range(PAGE + 1):
        one = opened.add(replace(event(n % 50), id=opened.new_id(), note="誰かの音"))
    (settings.clips_dir / f"{one.id}.wav").write_bytes(b"sound of people")
    (settings.clips_dir / "mine.wav").write_bytes(b"nobody's business")
    yield opened
    opened.close()


def test_all_of_it_is_in_the_archive_and_no_password(settings, store, bundle_file):
    bundles = Bundles(settings.bundles_dir)
    kept = bundles.add_file(bundle_file)
    hook = {"id": "01234567", "address": "https://me:secret@hooks.example"}
    choices = changed(
        Choices(), {"channels": [hook], "webhook_secret": "sign me", "events_days": 9}
    )
    put_by = settings.data_dir / "next-training" / kept.id / "normal" / "1.wav"
    put_by.parent.mkdir(parents=True)
    put_by.write_bytes(b"more of it")
    sets = NextTraining(settings.data_dir / "next-training", bundles=bundles)
    content = b"".join(archive(settings, store, bundles, choices, sets))
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.testzip() is None
        events = json.loads(file.read("events.json"))
        clips = [name for name in file.namelist() if name.startswith("clips/")]
        manifest = json.loads(file.read(f"bundles/{kept.id}.json"))
        told = file.read("settings.json").decode()
        assert file.read(clips[0]) == b"sound of people"
        assert file.read(f"next-training/{kept.id}/normal/1.wav") == b"more of it"
    assert len(events) == PAGE + 1
    assert events[0]["note"] == "誰かの音"
    assert events[0]["evidence"]["level_db"] == [[-30.0]]
    assert len(clips) == 1
    assert manifest["family"] == kept.manifest.family
    assert json.loads(told)["events_days"] == 9
    assert "secret" not in told
    assert "sign me" not in told


def test_without_anything_it_is_a_whole_archive(tmp_path):
    settings = Settings(data_dir=tmp_path)
    store = EventStore(settings.store_path, clock=FakeClock())
    bundles = Bundles(settings.bundles_dir)
    sets = NextTraining(settings.data_dir / "next-training", bundles=bundles)
    content = b"".join(archive(settings, store, bundles, Choices(), sets))
    store.close()
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert json.loads(file.read("events.json")) == []


def test_what_was_erased_is_nowhere(settings, store):
    copied = settings.data_dir / "events.sqlite.damaged-20300101T000000"
    copied.write_bytes(b"sound of people")
    (settings.clips_dir / f"{store.new_id()}.wav.part").write_bytes(b"sound of pe")
    (settings.clips_dir / "mine.wav.part").write_bytes(b"nobody's business")
    assert erase(settings, store) == PAGE + 1
    assert not copied.exists()
    left = sorted(path.name for path in settings.clips_dir.iterdir())
    assert left == ["mine.wav", "mine.wav.part"]
    left = [
        path for path in settings.data_dir.glob("events*") if "誰か".encode() in path.read_bytes()
    ]
    assert left == []
    assert erase(settings, store) == 0
