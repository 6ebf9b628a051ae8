"""What changed is the new normal, with one request, and can be undone."""

import numpy as np
import pytest

from auscult.audio.sound import Sound
from auscult.audio.window import windows
from auscult.memory.rebase import Since
from auscult.memory.trace import ears_of
from auscult.runtime.scorer import Scorer


@pytest.fixture
def changed(event, bundle, bundle_file, faulty):
    """A server that was told of a change an hour ago."""

    def prepare(caller, **changes):
        kept = caller.state.bundles.add_file(bundle_file)
        stream, manifest = Scorer(bundle).stream(), bundle.manifest
        rows, levels, stretch = [], [], []
        for number in range(6):
            samples = faulty(200 + number, 20.0, start_s=0.0, end_s=20.0)
            for window in windows(samples, manifest.window_samples, manifest.hop_samples):
                levels.append(stream.judge(window, 0.0).level_db)
                rows.append(stream.embedding)
                stretch.append(number)
        since = Since(
            ears=ears_of(bundle),
            embeddings=np.stack(rows),
            level_db=np.array(levels),
            stretch=np.array(stretch),
        )
        notice = event(0, **({"kind": "drift", "bundle_id": kept.id} | changes))
        caller.state.store.add(notice, heard=since.to_bytes())
        return kept.id, notice.id

    return prepare


def test_it_judges_by_what_is_heard_now_and_can_be_undone(serve, changed, faulty):
    async def work(caller):
        before, notice = changed(caller)
        told = await caller.json("POST", f"/api/events/{notice}/rebaseline")
        scorer = caller.state.bundles.scorer()
        event = await caller.json("GET", f"/api/events/{notice}")
        back = await caller.json("POST", "/api/bundles/rollback")
        return before, told, scorer, event, back

    before, told, scorer, event, back = serve(work)
    humming = Sound(samples=faulty(300, 20.0, start_s=0.0, end_s=20.0), rate_hz=16000)
    assert told["bundle"]["active"] is True
    assert told["bundle"]["id"] != before == back["id"]
    assert told["seconds"] > 100.0
    assert not scorer.score(humming).is_anomaly
    assert event["label"] == "normal"


def test_no_voice_goes_on_into_it(serve, changed, spoken_bundle, is_voice_in):
    async def work(caller):
        _, notice = changed(caller)
        bundles = caller.state.bundles
        bundles.activate(bundles.add_bytes(spoken_bundle.to_bytes()).id)
        told = await caller.json("POST", f"/api/events/{notice}/rebaseline")
        return bundles.scorer(told["bundle"]["id"]).bundle

    assert is_voice_in(spoken_bundle)
    assert not is_voice_in(serve(work))


@pytest.mark.parametrize(
    ("number", "kind", "status", "words"),
    [(0, "anomaly", 409, "nothing is kept to learn from"), (7, "drift", 404, "There is no event")],
)
def test_what_is_no_change(serve, changed, event, *, number, kind, status, words):
    async def work(caller):
        changed(caller, kind=kind)
        path = f"/api/events/{event(number).id}/rebaseline"
        return await caller.json("POST", path, status=status)

    assert words in serve(work)["detail"]
