"""Sound of judged events is kept for the next training of a network, by what was said of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from auscult.errors import StoreError
from auscult.live.clock import FakeClock
from auscult.server.bundles import Bundles
from auscult.server.collection import Collections
from auscult.server.next_training import NextTraining, _class_of


@pytest.fixture
def kept(tmp_path, classifier, bundle):
    """Sets of a server with a trained bundle and a memory, their ids, and the sound of an event."""
    bundles = Bundles(tmp_path / "bundles")
    trained = bundles.add_bytes(classifier.to_bytes(), name="three")
    memory = bundles.add_bytes(bundle.to_bytes())
    return NextTraining(tmp_path / "next", bundles=bundles), trained.id, memory.id


@pytest.fixture
def sound(tmp_path, machine):
    path = tmp_path / "clip.wav"
    soundfile.write(path, machine(1, 3.0), 16_000)
    return path


def counts(sets):
    return [(one.name, one.normal, one.real) for one in sets.sets()]


def test_what_was_judged_is_kept_and_a_label_that_is_taken_back_takes_it_out(kept, sound, event):
    sets, trained, _ = kept
    one, other = event(0, bundle_id=trained), event(1, bundle_id=trained)
    assert sets.note(replace(one, label="normal"), sound) == "kept"
    assert sets.note(replace(other, label="anomaly", name="bearing"), sound) == "kept"
    assert counts(sets) == [("three", 1, 1)]
    assert sets.note(replace(one, label="anomaly"), sound) == "kept"
    assert counts(sets) == [("three", 0, 2)]
    assert sets.note(replace(one, label="unsure"), sound) == "no_label"
    assert sets.note(replace(other, label=None), sound) == "no_label"
    assert counts(sets) == []


def test_without_sound_nothing_is_kept_and_a_memory_needs_none(kept, sound, event):
    sets, trained, memory = kept
    assert sets.note(event(0, bundle_id=trained, label="normal"), None) == "no_sound"
    assert sets.note(event(0, bundle_id=memory, label="normal"), sound) == "learns_at_once"
    assert sets.note(event(0, bundle_id="gone", label="normal"), sound) == "learns_at_once"
    assert counts(sets) == []


def test_a_set_becomes_a_collection_by_its_classes(kept, sound, event, tmp_path):
    sets, trained, _ = kept
    for number, (label, name) in enumerate([("normal", ""), ("anomaly", "belt"), ("anomaly", "")]):
        sets.note(event(number, bundle_id=trained, label=label, name=name), sound)
    broken = next((tmp_path / "next" / trained / "belt").glob("*.wav"))
    made = Collections(tmp_path / "collections", max_bytes=2**30, clock=FakeClock()).new()
    assert sets.fill(made, trained) == 3
    assert {label: one.recordings for label, one in made.shares.items()} == {
        "normal": 1,
        "belt": 1,
        "anomaly": 1,
    }
    broken.write_text("no sound")
    again = Collections(tmp_path / "others", max_bytes=2**30, clock=FakeClock()).new()
    assert sets.fill(again, trained) == 2
    sets.forget(trained)
    assert counts(sets) == []


def test_the_oldest_make_room(kept, sound, event, monkeypatch):
    monkeypatch.setattr("auscult.server.next_training.MAX_KEPT", 3)
    sets, trained, _ = kept
    for number in range(5):
        label = "normal" if number < 2 else "anomaly"
        sets.note(event(number, bundle_id=trained, label=label), sound)
    assert counts(sets) == [("three", 0, 3)]


def test_a_disk_that_takes_nothing_is_told(kept, sound, event, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    sets, trained, _ = kept
    monkeypatch.setattr("auscult.server.next_training.shutil.copy2", full)
    with pytest.raises(StoreError, match="Sound for the next training can't be kept in"):
        sets.note(event(0, bundle_id=trained, label="normal"), sound)


def test_it_is_kept_as_long_as_all_sound_of_events_and_goes_with_its_event(kept, sound, event):
    sets, trained, _ = kept
    for number in range(3):
        sets.note(event(number, bundle_id=trained, label="normal"), sound)
    taken_at = datetime.fromtimestamp(sound.stat().st_mtime, UTC)
    sets.remove(event(1).id)
    assert counts(sets) == [("three", 2, 0)]
    sets.sweep(taken_at + timedelta(days=6), keep_days=7.0)
    assert counts(sets) == [("three", 2, 0)]
    sets.sweep(taken_at + timedelta(days=8), keep_days=7.0)
    assert counts(sets) == []


@given(name=st.text(max_size=200))
def test_whatever_a_fault_is_called_its_folder_lies_in_the_set(event, name):
    found = _class_of(event(0, label="anomaly", name=name))
    assert Path("set", found).parent == Path("set")
    assert found not in ("", ".", "..", "normal")
    assert "\0" not in found
