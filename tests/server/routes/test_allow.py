"""What a person calls normal is no alarm any more, and can be again."""

import asyncio
import io
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from auscult.audio.window import windows
from auscult.live.unspoken import without_voices
from auscult.memory.trace import Trace, ears_of
from auscult.runtime.bundle import load, reference_window
from auscult.runtime.scorer import Scorer
from auscult.server.bundles import Bundles

RATE_HZ = 16000


@pytest.fixture
def heard(event, bundle_file, faulty):
    """A server with a bundle and events with sound: two doors, another fault, and one without sound."""

    def prepare(caller, label=None):
        caller.state.bundles.add_file(bundle_file)
        folder = caller.state.settings.clips_dir
        folder.mkdir(parents=True, exist_ok=True)
        sounds = {0: (3000.0, "door"), 1: (3000.0, "door again"), 2: (1000.0, "whistle")}
        for number, (hz, _) in sounds.items():
            samples = faulty(100 + number, 20.0, start_s=8.0, end_s=12.0, hz=hz)
            soundfile.write(folder / f"{number}.wav", samples, RATE_HZ)
            kind = label if number == 1 else None
            caller.state.store.add(event(number, clip=f"{number}.wav", label=kind))
        caller.state.store.add(event(3))
        return [event(number).id for number in range(4)]

    return prepare


def test_it_is_said_before_it_is_done(serve, heard):
    async def work(caller):
        ids = heard(caller, label="anomaly")
        told = await caller.json("POST", f"/api/events/{ids[0]}/allow", json={"dry_run": True})
        return ids, told, await caller.json("GET", "/api/bundles")

    ids, told, bundles = serve(work)
    assert told["before"] > 1.0 >= told["after"]
    assert told["is_enough"] is True
    assert told["compared"] == 2
    assert told["vanishing"] == told["missed"] == [ids[1]]
    assert told["bundle"] is None
    assert len(bundles["bundles"]) == 1


def test_it_judges_otherwise_from_now_on_and_can_be_undone(serve, heard, faulty):
    async def work(caller):
        ids = heard(caller)
        before = caller.state.bundles.active_id
        told = await caller.json("POST", f"/api/events/{ids[0]}/allow", json={})
        bundles = await caller.json("GET", "/api/bundles")
        event = await caller.json("GET", f"/api/events/{ids[0]}")
        path = caller.state.bundles.get(told["bundle"]["id"]).path
        allowed = load(path).manifest.allowed
        back = await caller.json("POST", "/api/bundles/rollback")
        return before, told, bundles, event, Scorer(load(path)), allowed, back

    before, told, bundles, event, scorer, allowed, back = serve(work)
    assert told["missed"] == []
    assert bundles["active"] == told["bundle"]["id"] != before
    assert told["bundle"]["active"] is True
    assert told["bundle"]["name"] == "machine"
    assert event["label"] == "normal"
    assert allowed[0].recording.endswith("2030-01-01 12:00:00 UTC")
    assert not scorer.score(sound_in(faulty, 3000.0)).is_anomaly
    assert scorer.score(sound_in(faulty, 1000.0)).is_anomaly
    assert back["id"] == before


def test_no_voice_goes_on_into_it(serve, heard, spoken_bundle, is_voice_in):
    async def work(caller):
        ids = heard(caller)
        bundles = caller.state.bundles
        bundles.activate(bundles.add_bytes(spoken_bundle.to_bytes()).id)
        told = await caller.json("POST", f"/api/events/{ids[0]}/allow", json={})
        return bundles.scorer(told["bundle"]["id"]).bundle

    made = serve(work)
    assert made.manifest.allowed
    assert is_voice_in(spoken_bundle)
    assert not is_voice_in(made)


def sound_in(faulty, hz):
    from auscult.audio.sound import Sound

    return Sound(
        samples=faulty(200, 20.0, start_s=8.0, end_s=12.0, hz=hz).astype("float32"),
        rate_hz=RATE_HZ,
    )


def test_an_earlier_model_that_is_used_again_is_what_a_sound_is_allowed_in(serve, remembered):
    async def work(caller):
        state, ids = caller.state, remembered(caller)
        first = state.bundles.active_id
        newer = await caller.json("POST", f"/api/events/{ids[0]}/allow", json={})
        await caller.json("POST", f"/api/bundles/{first}/activate")
        told = await caller.json("POST", f"/api/events/{ids[2]}/allow", json={})
        made = told["bundle"]["id"]
        allowed = [one.recording for one in state.bundles.scorer().bundle.manifest.allowed]
        gone = await caller.ask("DELETE", f"/api/bundles/{made}", status=409)
        back = await caller.json("POST", "/api/bundles/rollback", params={"of": made})
        return first, newer["bundle"]["id"], told, allowed, gone.json()["code"], back, state.bundles

    first, newer, told, allowed, refused, back, bundles = serve(work)
    assert told["bundle"]["active"] is True
    assert [one[-12:] for one in allowed] == ["12:02:00 UTC"]
    assert refused == "bundle_active"
    assert (back["id"], back["active"]) == (first, True)
    assert bundles.newest(first) == newer


def test_two_at_a_time_are_both_allowed(serve, heard, faulty):
    async def work(caller):
        ids = heard(caller)
        await asyncio.gather(
            *(caller.ask("POST", f"/api/events/{ids[i]}/allow", json={}) for i in (0, 2))
        )
        return caller.state.bundles.scorer()

    scorer = serve(work)
    assert len(scorer.bundle.manifest.allowed) == 2
    for hz in (1000.0, 3000.0):
        assert not scorer.score(sound_in(faulty, hz)).is_anomaly


def test_the_first_of_two_is_undone_and_the_second_stays(serve, remembered):
    async def work(caller):
        ids = remembered(caller)
        first, second = [
            (await caller.json("POST", f"/api/events/{ids[i]}/allow", json={}))["bundle"]["id"]
            for i in (0, 2)
        ]
        back = await caller.json("POST", "/api/bundles/rollback", params={"of": first})
        allowed = [one.recording for one in caller.state.bundles.scorer().bundle.manifest.allowed]
        again = await caller.json("POST", "/api/bundles/rollback", params={"of": first}, status=409)
        return second, back, allowed, again, caller.state.bundles.active_id

    second, back, allowed, again, active = serve(work)
    assert (back["active"], back["id"]) == (True, active)
    assert active != second
    assert [one[-12:] for one in allowed] == ["12:02:00 UTC"]
    assert "has taken the place of the bundle" in again["detail"]
    assert again["expected"]
    assert again["action"]


@pytest.mark.parametrize(
    ("number", "status", "words"),
    [(3, 409, "is kept nor how it was heard"), (7, 404, "There is no event")],
)
def test_what_can_not_be_allowed(serve, heard, event, *, number, status, words):
    async def work(caller):
        heard(caller)
        return await caller.json(
            "POST", f"/api/events/{event(number).id}/allow", json={}, status=status
        )

    assert words in serve(work)["detail"]


def test_no_bundle(serve, heard):
    async def work(caller):
        ids = heard(caller)
        caller.state.bundles._active_id = None
        return await caller.json("POST", f"/api/events/{ids[0]}/allow", json={}, status=409)

    assert "No bundle is active" in serve(work)["detail"]


@pytest.fixture
def remembered(event, bundle, bundle_file, faulty):
    """A server with a bundle and events of which only is kept how they were heard: two doors and another fault."""

    def prepare(caller, labels=(None, None, None), *, silenced=False):
        caller.state.bundles.add_file(bundle_file)
        for number, (hz, label) in enumerate(zip((3000.0, 3000.0, 1000.0), labels, strict=True)):
            changes = {"label": label}
            if silenced:
                changes |= {
                    "clip": "0.wav",
                    "silenced": {"judge": "x", "stretches": [], "is_kept": True},
                }
            samples = faulty(100 + number, 20.0, start_s=8.0, end_s=12.0, hz=hz)
            heard = trace_of(bundle, samples).to_bytes()
            caller.state.store.add(event(number, **changes), heard=heard)
        return [event(number).id for number in range(3)]

    return prepare


def trace_of(bundle, samples):
    stream, rows, manifest = Scorer(bundle).stream(), [], bundle.manifest
    for window in windows(samples, manifest.window_samples, manifest.hop_samples):
        stream.judge(window, 0.0)
        rows.append(stream.embedding)
    return Trace(ears=ears_of(bundle), embeddings=np.stack(rows))


@pytest.mark.parametrize("silenced", [False, True])
def test_no_sound_is_needed(serve, remembered, faulty, silenced):
    async def work(caller):
        ids = remembered(caller, ("anomaly", "anomaly", None), silenced=silenced)
        event = await caller.json("GET", f"/api/events/{ids[0]}")
        said = await caller.json("POST", f"/api/events/{ids[0]}/allow", json={"dry_run": True})
        told = await caller.json("POST", f"/api/events/{ids[0]}/allow", json={})
        return ids, event, said, told, caller.state.bundles.scorer()

    ids, event, said, told, scorer = serve(work)
    assert event["has_heard"] is True
    assert said["before"] > 1.0 >= said["after"]
    assert said["compared"] == 2
    assert said["vanishing"] == said["missed"] == [ids[1]]
    assert told["bundle"]["active"] is True
    assert not scorer.score(sound_in(faulty, 3000.0)).is_anomaly
    assert scorer.score(sound_in(faulty, 1000.0)).is_anomaly


def test_what_was_real_has_a_name_and_others_are_told_apart_by_it(serve, remembered):
    async def work(caller):
        ids = remembered(caller)
        before = await caller.json("GET", f"/api/events/{ids[1]}")
        named = await caller.json(
            "PUT", f"/api/events/{ids[0]}/label", json={"label": "anomaly", "name": "bearing"}
        )
        shown = [await caller.json("GET", f"/api/events/{one}") for one in ids]
        return ids, before, named, shown, await caller.json("GET", "/api/events/names")

    ids, before, named, shown, names = serve(work)
    assert before["sounds_like"] is None
    assert named["name"] == "bearing"
    assert names == {"names": ["bearing"]}
    assert [one["sounds_like"] and one["sounds_like"]["name"] for one in shown] == [
        None,
        "bearing",
        None,
    ]
    assert shown[1]["sounds_like"]["id"] == ids[0]
    assert shown[1]["sounds_like"]["likeness"] > 0.8


def test_normal_sound_is_there_to_compare_with(serve, remembered, bundle):
    async def work(caller):
        ids = remembered(caller)
        return (await caller.ask("GET", f"/api/events/{ids[0]}/normal.wav")).content

    samples, rate_hz = soundfile.read(io.BytesIO(serve(work)), dtype="float32")
    parts = [reference_window(bundle, number)[0] for number in (0, 1)]
    assert rate_hz == RATE_HZ
    assert np.allclose(samples, np.concatenate(parts), atol=1e-4)


def test_noise_in_the_place_of_speech_is_no_normal_sound_to_compare_with(
    serve, event, bundle, spoken_bundle
):
    async def work(caller):
        state, found = caller.state, []
        for number, judge in enumerate((nothing_heard, without_voices(spoken_bundle))):
            kept = state.bundles.add_bytes(judge.to_bytes())
            stored = state.store.add(event(number, bundle_id=kept.id))
            found.append((await caller.json("GET", f"/api/events/{stored.id}"))["normal"])
            again = Bundles(state.settings.bundles_dir).get(kept.id)
            assert again.has_sound == kept.has_sound == found[-1]["has_sound"]
            address = f"/api/events/{stored.id}/normal.wav"
            found.append(await caller.ask("GET", address, status=200 if number else 404))
        return found

    class All:
        name = "finds speech in everything"

        def voiced(self, samples):
            return ((0.0, len(samples) / RATE_HZ),)

    nothing_heard = without_voices(bundle, All())
    none, refused, some, heard = serve(work)
    assert (none["has_sound"], some["has_sound"]) == (False, True)
    assert refused.json()["code"] == "normal_none"
    samples, _ = soundfile.read(io.BytesIO(heard.content), dtype="float32")
    assert np.allclose(samples, reference_window(spoken_bundle, 0)[0], atol=1e-4)


def test_whose_normal_sound_it_is_is_told_with_the_event(serve, event, bundle, bundle_file):
    async def work(caller):
        state = caller.state
        judge = state.bundles.add_file(bundle_file)
        stored = state.store.add(event(0, bundle_id=judge.id))
        own = await caller.json("GET", f"/api/events/{stored.id}")
        manifest = replace(bundle.manifest, references_of="earlier")
        later = state.bundles.add_bytes(replace(bundle, manifest=manifest).to_bytes(), name="later")
        state.bundles.activate(later.id)
        state.bundles.remove(judge.id)
        return judge, own, await caller.json("GET", f"/api/events/{stored.id}")

    judge, own, without = serve(work)
    told = {"has_sound": True, "references_of": "normal"}
    assert own["normal"] == told | {"bundle": judge.name, "is_judge": True}
    told["references_of"] = "earlier"
    assert without["normal"] == told | {"bundle": "later", "is_judge": False}


def test_what_judges_one_source_alone_learns_of_its_events(
    serve, event, bundle_file, edge_bundle, faulty
):
    """Another machine's bundle is in use everywhere else, and stays as it is."""

    async def work(caller):
        state = caller.state
        active = state.bundles.add_bytes(edge_bundle.to_bytes())
        own = state.bundles.add_file(bundle_file)
        machine = {"address": "machine:fan", "bundle": own.id}
        await caller.json("POST", "/api/sources", json=machine, status=201)
        samples = faulty(100, 20.0, start_s=8.0, end_s=12.0, hz=3000.0)
        heard = trace_of(state.bundles.scorer(own.id).bundle, samples).to_bytes()
        state.store.add(event(0, bundle_id=own.id), heard=heard)
        told = await caller.json("POST", f"/api/events/{event(0).id}/allow", json={})
        made = told["bundle"]["id"]
        after = state.bundles.newest(own.id), state.bundles.active_id
        back = await caller.json("POST", "/api/bundles/rollback", params={"of": made})
        undone = state.bundles.newest(own.id), state.bundles.active_id
        return active.id, own.id, made, after, back["id"], undone

    active, own, made, after, back, undone = serve(work)
    assert after == (made, active)
    assert back == own
    assert undone == (own, active)
