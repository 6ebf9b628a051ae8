"""The sound of events, kept only where that is wanted."""

import asyncio
import io

import numpy as np
import pytest
import soundfile

from auscult.live.clips import ClipFolder
from auscult.live.clock import FakeClock
from auscult.live.store import EventStore
from auscult.server.clips import MAX_STREAMS, Clips
from auscult.server.hub import Sound
from auscult.server.wire import encode

RATE_HZ = 8000


@pytest.fixture
def store(tmp_path):
    opened = EventStore(tmp_path / "events.sqlite", clock=FakeClock())
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path):
    return ClipFolder(tmp_path / "clips", clock=FakeClock())


def second(number, stream="fan"):
    """A second of sound whose samples say which second it is."""
    samples = np.full(RATE_HZ, number, np.int16)
    data = encode(samples, first_sample=number * RATE_HZ)
    return Sound(stream=stream, rate_hz=RATE_HZ, data=data)


def told(phase, event, end_s=None):
    return {
        "type": "event",
        "stream": "fan",
        "phase": phase,
        "event": {
            "id": event.id,
            "kind": event.kind,
            "start_s": event.start_s,
            "end_s": end_s or event.end_s,
        },
    }


def run(clips, messages, *, close=False):
    async def work():
        for message in messages:
            await clips.hear(message)
        if close:
            await clips.close()

    asyncio.run(work())


def seconds_in(folder, name):
    samples, rate_hz = soundfile.read(io.BytesIO((folder.path / name).read_bytes()), dtype="int16")
    assert rate_hz == RATE_HZ
    return sorted(set(samples.tolist()))


def test_a_clip_reaches_from_before_its_event_to_after_it(store, folder, event):
    kept = store.add(event(1, start_s=10.0, end_s=12.0))
    messages = [second(n) for n in range(12)]
    messages += [told("open", kept), second(12), second(13), told("close", kept)]
    messages += [second(n) for n in range(14, 20)]
    run(Clips(folder, store), messages)
    name = store.get(kept.id).clip
    assert name == f"{kept.id}.wav"
    assert seconds_in(folder, name) == list(range(5, 17))


def test_a_long_event_gets_its_clip_when_it_has_ended(store, folder, event):
    kept = store.add(event(1, start_s=5.0, end_s=100.0))
    clips = Clips(folder, store)
    run(clips, [*(second(n) for n in range(6)), told("open", kept)])
    run(clips, [second(n) for n in range(6, 100)])
    assert store.get(kept.id).clip is None
    run(clips, [told("close", kept)])
    assert len(seconds_in(folder, store.get(kept.id).clip)) == 60


def test_what_was_said_before_there_was_sound_is_told_with_it(store, folder, event):
    kept = store.add(event(1, start_s=2.0, end_s=3.0))
    clips, written = Clips(folder, store), []
    clips.on_written = written.append
    run(clips, [*(second(n) for n in range(4)), told("open", kept), told("close", kept)])
    store.label(kept.id, "normal")
    assert written == []
    run(clips, [second(n) for n in range(4, 12)])
    assert [(one.id, one.clip, one.label) for one in written] == [
        (kept.id, f"{kept.id}.wav", "normal")
    ]


def test_at_the_end_clips_are_as_long_as_they_have_become(store, folder, event):
    kept = store.add(event(1, start_s=2.0, end_s=3.0))
    clips = Clips(folder, store)
    run(clips, [*(second(n) for n in range(4)), told("open", kept)], close=True)
    assert seconds_in(folder, store.get(kept.id).clip) == [0, 1, 2, 3]


def test_an_event_that_was_deleted_leaves_no_sound(store, folder, event):
    kept = store.add(event(1, start_s=2.0, end_s=3.0))
    clips = Clips(folder, store)
    run(clips, [*(second(n) for n in range(4)), told("open", kept), told("close", kept)])
    store.delete(kept.id)
    run(clips, [second(n) for n in range(4, 12)])
    assert list(folder.path.iterdir()) == []


def test_a_disk_that_is_full_loses_the_clip_and_nothing_else(store, tmp_path, event, caplog):
    def full(_):
        raise OSError(28, "No space left on device")

    folder = ClipFolder(tmp_path / "clips", clock=FakeClock(), synced=full)
    kept = store.add(event(1, start_s=2.0, end_s=3.0))
    clips = Clips(folder, store)
    run(clips, [second(n) for n in range(4)])
    run(clips, [told("open", kept), told("close", kept), *(second(n) for n in range(4, 12))])
    assert store.get(kept.id).clip is None
    assert "No space left" in caplog.text


def test_of_a_change_that_lasts_is_kept_how_it_sounds_when_it_is_told(store, folder, event):
    kept = store.add(event(1, kind="drift", start_s=0.0, end_s=100.0), heard=b"an hour")
    messages = [*(second(n) for n in range(100)), told("close", kept)]
    run(Clips(folder, store), messages + [second(n) for n in range(100, 110)])
    stored = store.get(kept.id)
    assert seconds_in(folder, stored.clip) == list(range(95, 105))
    assert stored.has_heard
    assert store.heard([kept.id])[kept.id] == b"an hour"


def test_of_a_change_no_sound_is_kept_where_speech_can_not_be_ruled_out(store, folder, event):
    kept = store.add(event(1, kind="drift", start_s=0.0, end_s=20.0))
    messages = [*(second(n) for n in range(20)), told("close", kept)]
    run(Clips(folder, store, Listens((0.0, 9.0))), messages + [second(n) for n in range(20, 30)])
    stored = store.get(kept.id)
    assert stored.clip is None
    assert stored.silenced["is_kept"] is False
    assert list(folder.path.iterdir()) == []


def test_of_a_sick_microphone_no_sound_is_kept(store, folder, event):
    kept = store.add(event(1, kind="silent", start_s=0.0, end_s=20.0))
    messages = [*(second(n) for n in range(20)), told("close", kept)]
    run(Clips(folder, store), messages + [second(n) for n in range(20, 30)])
    assert store.get(kept.id).clip is None


def test_what_is_of_no_concern_is_passed_over(store, folder, event):
    clips = Clips(folder, store)
    run(clips, [{"type": "result"}, {"type": "missed", "messages": 3}, told("update", event(0))])
    assert list(folder.path.iterdir()) == []


def test_no_more_streams_are_held_than_fit(store, folder):
    clips = Clips(folder, store)
    run(clips, [second(0, stream=f"stream {n}") for n in range(MAX_STREAMS + 5)])
    assert len(clips._rings) == MAX_STREAMS


class Listens:
    """A judge that hears speech from one time to another."""

    name = "listens"

    def __init__(self, *stretches):
        self._stretches = stretches

    def voiced(self, samples):
        return self._stretches


@pytest.mark.parametrize(
    ("stretches", "left", "noted"),
    [
        ((), list(range(5, 17)), None),
        (
            ((2.5, 3.5),),
            [0, 5, 6, *range(9, 17)],
            {"stretches": [{"start_s": 2.2, "end_s": 3.8}], "is_kept": True},
        ),
        (((0.0, 12.0),), None, {"stretches": [{"start_s": 0.0, "end_s": 12.0}], "is_kept": False}),
    ],
)
def test_speech_is_silenced_before_anything_is_written(
    store, folder, event, *, stretches, left, noted
):
    kept = store.add(event(1, start_s=10.0, end_s=12.0))
    messages = [second(n) for n in range(12)]
    messages += [told("open", kept), second(12), second(13), told("close", kept)]
    messages += [second(n) for n in range(14, 20)]
    run(Clips(folder, store, Listens(*stretches)), messages)
    stored = store.get(kept.id)
    assert stored.silenced == (None if noted is None else noted | {"judge": "listens"})
    if left is None:
        assert stored.clip is None
        assert not list(folder.path.iterdir())
    else:
        found = seconds_in(folder, stored.clip)
        assert set(left) <= set(found)
        assert (0 in found) == (noted is not None)
