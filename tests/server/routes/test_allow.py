"""What a person calls normal is no alarm any more, and can be again."""

import asyncio

import pytest
import soundfile

from auscult.runtime.bundle import load
from auscult.runtime.scorer import Scorer

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


def sound_in(faulty, hz):
    from auscult.audio.sound import Sound

    return Sound(
        samples=faulty(200, 20.0, start_s=8.0, end_s=12.0, hz=hz).astype("float32"),
        rate_hz=RATE_HZ,
    )


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


@pytest.mark.parametrize(
    ("number", "status", "words"),
    [(3, 409, "No sound of the event"), (7, 404, "There is no event")],
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
