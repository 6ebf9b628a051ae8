"""Sound that is brought to be learned from: what is taken, what is refused and in which words."""

import json

import numpy as np
import pytest

from auscult.audio.sound import Sound
from auscult.server import collection as collected


class Session:
    def __init__(self, sound):
        self.mode = "learn"
        self.sound = sound

    def recorded(self):
        return self.sound

    def forget_recorded(self):
        self.sound = None

    async def going_away(self):
        pass


async def begun(caller, **body):
    return (await caller.json("POST", "/api/collections", status=201, json=body))["id"]


async def sent(caller, collection, name, content, *, status=201):
    address = f"/api/collections/{collection}/files"
    return await caller.json("POST", address, status=status, params={"name": name}, content=content)


def test_files_of_a_folder_come_with_their_classes_and_checks(serve, machine, wav):
    async def work(caller):
        collection = await begun(caller)
        for number in range(3):
            name = f"fan/normal/{number}.wav"
            added = await sent(caller, collection, name, wav(machine(number, 25.0)))
        await sent(caller, collection, "fan/loose belt/x.wav", wav(machine(9, 5.0)))
        return added, await caller.json("GET", f"/api/collections/{collection}")

    added, found = serve(work)
    assert added["item"]["name"] == "2.wav"
    assert added["files"] == 3
    assert [(one["label"], one["recordings"], one["use"]) for one in found["classes"]] == [
        ("loose belt", 1, "other"),
        ("normal", 3, "normal"),
    ]
    assert found["seconds"] == pytest.approx(80.0)
    outcomes = {one["name"]: one["outcome"] for one in found["checks"]}
    assert outcomes == dict.fromkeys(("length", "signal", "clipping", "kind", "variety"), "good")


def test_what_can_not_be_learned_from_is_refused_by_its_name_and_leaves_nothing(
    serve, machine, wav, tmp_path, monkeypatch
):
    monkeypatch.setattr(collected, "MAX_FILE_S", 20.0)
    cases = [
        ("notes.wav", b"Monday: the fan was loud.", "notes.wav", "audio_unreadable"),
        ("film.mp4", b"\0\0\0\x20ftypisom" + bytes(500), "film.mp4", "audio_unreadable"),
        ("none.wav", b"", "none.wav is empty", "audio_empty"),
        ("long.wav", wav(machine(1, 21.0)), "long.wav is 0.0 hours long", "audio_long"),
        ("blip.wav", wav(machine(1, 0.1)), "blip.wav is 0.10 s long", "audio_short"),
        ("mute.wav", wav(np.zeros(32_000)), "Nothing is to be heard in mute.wav", "audio_silent"),
        ("bad.json", b'{"sounds": []}', "bad.json has no field", "json_fields"),
        ("half.json", b'{"waveforms": [[0.1', "half.json", "json_broken"),
    ]

    async def work(caller):
        collection = await begun(caller)
        told = [await sent(caller, collection, n, body, status=422) for n, body, _, _ in cases]
        left = await caller.json("GET", f"/api/collections/{collection}")
        folder = caller.state.settings.data_dir / "collections" / collection
        return told, left, list(folder.iterdir())

    told, left, on_disk = serve(work)
    for answer, (name, _, words, code) in zip(told, cases, strict=True):
        assert words in answer["detail"]
        assert str(tmp_path) not in json.dumps(answer)
        assert answer["action"]
        assert (answer["code"], answer["values"]["name"]) == (code, name)
    assert left["files"] == 0
    assert left["checks"] == []
    assert on_disk == []


def test_json_of_waveforms_brings_its_labels_and_notes(serve, machine):
    waveforms = [machine(number, 2.0).round(4).tolist() for number in range(4)]
    data = {"waveforms": waveforms, "labels": ["OK", "OK", "NG", "?"], "fs": 16000}

    async def work(caller):
        collection = await begun(caller)
        added = await sent(caller, collection, "press.txt", json.dumps(data).encode())
        return added["item"], await caller.json("GET", f"/api/collections/{collection}")

    item, found = serve(work)
    assert item["is_json"] is True
    assert item["notes"][0].startswith("1 of 4 waveforms of press.txt can't be used: #3")
    assert [(one["label"], one["recordings"]) for one in found["classes"]] == [
        ("anomaly", 1),
        ("normal", 2),
    ]


def test_a_recording_of_a_session_is_kept_until_it_was_learned_from(serve, machine):
    session = Session(Sound(samples=machine(1, 60.0), rate_hz=16000))

    async def work(caller):
        caller.state.sessions["s1"] = session
        collection = await begun(caller, session="s1")
        again = await caller.json("POST", "/api/collections", status=422, json={"session": "s1"})
        return await caller.json("GET", f"/api/collections/{collection}"), again

    found, again = serve(work)
    assert session.sound is None
    assert found["items"][0]["kind"] == "steady"
    assert found["size_bytes"] == 0
    assert "There is no sound of a session 's1'" in again["detail"]


def test_files_can_be_taken_out_and_collections_deleted(serve, machine, wav):
    async def work(caller):
        collection = await begun(caller)
        await sent(caller, collection, "a.wav", wav(machine(1, 5.0)))
        left = await caller.json("DELETE", f"/api/collections/{collection}/files/1")
        await caller.json("DELETE", f"/api/collections/{collection}/files/1", status=404)
        await caller.json("DELETE", f"/api/collections/{collection}")
        await caller.json("GET", f"/api/collections/{collection}", status=404)
        folder = caller.state.settings.data_dir / "collections"
        return left, list(folder.iterdir())

    left, on_disk = serve(work)
    assert left["files"] == 0
    assert on_disk == []


def test_too_much_is_refused_before_it_is_written(serve, machine, wav, monkeypatch):
    monkeypatch.setattr(collected, "MAX_FILES", 1)
    sound = wav(machine(1, 5.0))

    async def work(caller):
        collection = await begun(caller)
        large = await sent(caller, collection, "b.wav", bytes(300_000), status=413)
        await sent(caller, collection, "a.wav", sound)
        return large, await sent(caller, collection, "b.wav", sound, status=413)

    large, many = serve(work, max_recording_bytes=200_000)
    assert "too large" in large["detail"]
    assert "b.wav would be file 2" in many["detail"]


def test_a_full_disk_is_told_and_leaves_nothing(serve, machine, wav, monkeypatch):
    free = collected.shutil.disk_usage("/")._replace(free=1000)

    async def work(caller):
        collection = await begun(caller)
        monkeypatch.setattr(collected.shutil, "disk_usage", lambda _: free)
        return await sent(caller, collection, "a.wav", wav(machine(1, 5.0)), status=507)

    assert "There is no room for a.wav on the server's disk." in serve(work)["detail"]
