"""Sets of sound for the next training, from the label to the collection."""

import asyncio

from auscult.server.hub import Sound
from auscult.server.wire import encode


def test_a_label_is_enough_and_the_page_is_told(serve, classifier, event, wav, machine):
    async def work(caller):
        kept = caller.state.bundles.add_bytes(classifier.to_bytes(), name="three")
        clips = caller.state.settings.clips_dir
        await asyncio.to_thread(clips.mkdir, parents=True, exist_ok=True)
        one = event(0, bundle_id=kept.id, clip="0.wav")
        (clips / "0.wav").write_bytes(wav(machine(1, 3.0)))
        caller.state.store.add(one)
        address = f"/api/events/{one.id}/label"
        await caller.json("PUT", address, json={"label": "anomaly", "name": "bearing"})
        told = await caller.json("GET", "/api/next-training")
        made = await caller.json("POST", f"/api/next-training/{kept.id}", status=201)
        found = await caller.json("GET", f"/api/collections/{made['collection']}")
        await caller.ask("POST", "/api/next-training/abc", status=404)
        await caller.json("DELETE", "/api/everything", json={"confirm": "erase everything"})
        return kept.id, told, made, found, await caller.json("GET", "/api/next-training")

    bundle_id, told, made, found, erased = serve(work)
    assert told["keeps_sound"] is False
    assert told["sets"] == [{"bundle": bundle_id, "name": "three", "normal": 0, "real": 1}]
    assert made["files"] == 1
    assert [one["label"] for one in found["classes"]] == ["bearing"]
    assert erased["sets"] == []


def test_what_was_labelled_while_it_went_on_is_kept_when_its_sound_is(
    serve, classifier, event, machine
):
    async def work(caller):
        state = caller.state
        kept = state.bundles.add_bytes(classifier.to_bytes(), name="three")
        one = event(0, stream="fan", bundle_id=kept.id, start_s=1.0, end_s=2.0)
        state.store.add(one)
        address = f"/api/events/{one.id}/label"
        await caller.json("PUT", address, json={"label": "anomaly", "name": "bearing"})
        before = await caller.json("GET", "/api/next-training")
        samples = (machine(1, 3.0) * 32767).astype("int16")
        data = encode(samples, first_sample=0)
        told = {"id": one.id, "kind": one.kind, "start_s": one.start_s, "end_s": one.end_s}
        for message in (
            Sound(stream="fan", rate_hz=16000, data=data),
            {"type": "event", "stream": "fan", "phase": "open", "event": told},
            {"type": "event", "stream": "fan", "phase": "close", "event": told},
        ):
            await state.clips.hear(message)
        await state.clips.close()
        return kept.id, before, await caller.json("GET", "/api/next-training")

    bundle_id, before, after = serve(work, store_clips=True)
    assert before["sets"] == []
    assert after["sets"] == [{"bundle": bundle_id, "name": "three", "normal": 0, "real": 1}]
