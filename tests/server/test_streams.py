"""Sessions: what they do with sound when the store, the bundle or the client changes."""

import asyncio
from datetime import timedelta
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from auscult.errors import StoreError
from auscult.live.calm import CalmStretches
from auscult.live.clock import FakeClock
from auscult.live.drift import Drift
from auscult.live.listener import Block
from auscult.live.names import open_namer
from auscult.live.store import EventStore
from auscult.memory import rebase
from auscult.memory.trace import direction, ears_of, judging, read
from auscult.server.bundles import Bundles
from auscult.server.choices import Choices, OneStretch, SourceChoice
from auscult.server.going_on import GoingOn
from auscult.server.hub import Hub
from auscult.server.inference import ScoringQueue
from auscult.server.lag import LoopLag
from auscult.server.messages import Result
from auscult.server.sources import Wanted
from auscult.server.streams import LEARN_S, MAX_HELD_S, StreamSession, open_source_session
from auscult.server.wire import BadFrame

RATE_HZ = 16000


@pytest.fixture
def state(tmp_path, bundle):
    clock = FakeClock()
    bundles = Bundles(tmp_path / "bundles")
    bundles.add_file(bundle.save(tmp_path / "machine.onnx"))
    store = EventStore(tmp_path / "events.sqlite", clock=clock)
    yield SimpleNamespace(
        clock=clock,
        store=store,
        bundles=bundles,
        hub=Hub(),
        queue=ScoringQueue(bundles, clock=clock),
        sessions={},
        settings=None,
        lag=LoopLag(clock),
        choices=Choices(),
        going_on=GoingOn(tmp_path / "going-on", bundles=bundles, store=store, clock=clock),
        namer=None,
    )
    store.close()


def session_of(state, **changes):
    values = {"stream": "fan", "name": "Fan", "kind": "browser", "rate_hz": RATE_HZ}
    return StreamSession(state, **(values | changes))


def played(state, work):
    """What a session told while something was done with it."""

    async def inside():
        viewer = state.hub.subscribe("*", max_messages=10_000)
        await state.queue.start()
        try:
            await work()
        finally:
            await state.queue.close()
        told = []
        while viewer._messages:
            told.append(await viewer.get())
        return told

    return asyncio.run(inside())


async def feed(session, samples, start_s=0.0):
    for at in range(0, len(samples), 1600):
        part = samples[at : at + 1600]
        await session.feed(Block(samples=part, rate_hz=RATE_HZ, time_s=start_s + at / RATE_HZ))


def of(told, kind):
    return [one for one in told if one["type"] == kind]


def test_an_event_that_the_store_does_not_take_is_told_when_it_does(state, faulty, monkeypatch):
    session = session_of(state)
    add, refused = state.store.add, [True]

    def full(event, **more):
        if refused[0]:
            raise StoreError("The disk is full.", "space", "Make room.")
        return add(event, **more)

    monkeypatch.setattr(state.store, "add", full)

    async def work():
        await feed(session, faulty(3, 10.0))
        assert state.store.count() == 0
        refused[0] = False
        await session.close()

    told = played(state, work)
    # Listening goes on, the failure is told, and in the end everything is there, in order.
    assert len(of(told, "result")) == 9
    assert {"dropped"} == {one["code"] for one in of(told, "status")}
    assert [one["phase"] for one in of(told, "event")] == ["open", "close"]
    (stored,) = state.store.find()
    assert stored.status == "ended"


def test_another_bundle_takes_over_between_two_windows(state, machine, bundle, tmp_path):
    looser = bundle.with_budget(1e5).save(tmp_path / "looser.onnx")
    other = state.bundles.add_file(looser)
    session = session_of(state)

    async def work():
        await feed(session, machine(1)[: 4 * RATE_HZ])
        state.bundles.activate(other.id)
        await feed(session, machine(1)[: 4 * RATE_HZ], start_s=4.0)

    told = played(state, work)
    (change,) = of(told, "status")
    assert (change["code"], change["reason"]) == ("bundle_changed", other.id)
    limits = {one["start_s"]: one["limit"] for one in of(told, "result") if one["rule"] == "sudden"}
    assert limits[0.0] > limits[4.0]


def test_a_stream_may_have_a_bundle_of_its_own(state, machine, bundle, tmp_path):
    other = state.bundles.add_file(bundle.with_budget(1e5).save(tmp_path / "other.onnx"))
    active, own = session_of(state), session_of(state, stream="own", bundle_id=other.id)
    assert (active.bundle_id, own.bundle_id) == (state.bundles.active_id, other.id)

    async def work():
        await feed(active, machine(1)[: 3 * RATE_HZ])
        await feed(own, machine(1)[: 3 * RATE_HZ])

    told = of(played(state, work), "result")
    first = {one["stream"]: one for one in reversed(told)}
    assert first["fan"]["score"] == pytest.approx(first["own"]["score"], rel=1e-6)
    assert first["fan"]["ratio"] < first["own"]["ratio"]


def test_a_classifier_says_what_it_hears(state, classifier_file, sound_like):
    known = session_of(state, bundle_id=state.bundles.add_file(classifier_file).id)

    async def work():
        for at_s, kind in enumerate(("whistle", "tone")):
            await feed(known, sound_like(kind, seconds=1.0), start_s=float(at_s))

    told = of(played(state, work), "result")
    assert (told[0]["label"], told[0]["is_known"]) == ("whistle", True)
    assert 0.9 < told[0]["probability"] <= 1.0
    assert told[-1]["is_known"] is False
    assert all(Result.model_validate(one) for one in told)


def test_what_comes_faster_than_it_is_heard_is_dropped_at_last_and_told(state, machine):
    session = session_of(state)

    async def work():
        for at in range(30):
            part = machine(1)[:RATE_HZ]
            session.offer(Block(samples=part, rate_hz=RATE_HZ, time_s=float(at)), seq=at)
        await session.close()

    told = played(state, work)
    first = of(told, "status")[0]
    assert (first["code"], first["reason"], first["samples"]) == ("overloaded", "backlog", RATE_HZ)
    assert sum(one["samples"] for one in of(told, "status")) == (30 - MAX_HELD_S) * RATE_HZ
    assert [one["start_s"] for one in of(told, "result")] == [float(n) for n in range(18, 29)]


def test_a_window_that_came_too_long_ago_is_dropped_and_told(state, machine):
    session = session_of(state)

    async def work():
        session.offer(Block(samples=machine(1)[: 3 * RATE_HZ], rate_hz=RATE_HZ, time_s=0.0))
        state.clock.advance(5.0)
        await session.close()

    told = played(state, work)
    assert [(one["windows"], one["reason"]) for one in of(told, "status")] == [(1, "late")] * 2
    assert of(told, "result") == []
    assert state.queue.dropped == {"late": 2}


def test_a_listener_that_fails_ends_its_own_stream_and_no_other(state, machine, monkeypatch):
    session, other = session_of(state), session_of(state, stream="other")

    def broken(_):
        raise ZeroDivisionError

    async def work():
        await feed(session, machine(1)[: 3 * RATE_HZ])
        monkeypatch.setattr(session._listener, "steps", broken)
        with pytest.raises(ZeroDivisionError):
            await feed(session, machine(1)[: 3 * RATE_HZ], start_s=3.0)
        await feed(other, machine(1)[: 3 * RATE_HZ])

    told = of(played(state, work), "result")
    assert [one["stream"] for one in told] == ["fan"] * 2 + ["other"] * 2


class TestRate:
    """Sound against the server's own clock: what a sender says of its own may be made up."""

    def spoken(self, state, machine, speed, seconds=30):
        session = session_of(state, is_live=True)
        told = []

        async def work():
            samples = machine(1)[:RATE_HZ]
            for at in range(seconds):
                for part in range(10):
                    state.clock.advance(0.1 / speed)
                    piece = samples[1600 * part : 1600 * (part + 1)]
                    time_s = at + part / 10
                    await session.feed(Block(samples=piece, rate_hz=RATE_HZ, time_s=time_s))

        async def ended():
            try:
                await work()
            except BadFrame as bad:
                told.append(bad)
            await session.close()

        return of(played(state, ended), "health"), told

    @pytest.mark.parametrize("speed", [0.92, 1.08])
    def test_a_rate_that_lies_is_refused(self, state, machine, speed):
        health, (bad,) = self.spoken(state, machine, speed)
        assert [one["state"] for one in health] == ["wrong_rate"]
        assert bad.code == "rate_mismatch"
        assert bad.detail.startswith("-" if speed < 1.0 else "+")

    @pytest.mark.parametrize("speed", [1.0, 1.0001])
    def test_a_clock_like_others_is_not(self, state, machine, speed):
        assert self.spoken(state, machine, speed) == ([], [])

    def test_a_server_that_falls_behind_blames_nobody(self, state, machine):
        state.lag.add(1.0)
        assert self.spoken(state, machine, 0.92) == ([], [])


def test_a_client_that_sends_nothing_any_more_is_told_of(state, machine, monkeypatch):
    monkeypatch.setattr("auscult.server.streams.TICK_S", 0.001)
    session = session_of(state, is_live=True)

    session.attach()

    async def work():
        await feed(session, machine(1)[:RATE_HZ])
        for _ in range(4):
            state.clock.advance(1.0)
            await asyncio.sleep(0.01)
        await session.close()
        state.clock.advance(10.0)
        await asyncio.sleep(0.01)

    told = of(played(state, work), "health")
    assert [one["state"] for one in told] == ["no_signal"]
    assert told[0]["since_s"] == pytest.approx(1.0, abs=0.5)


class TestLearning:
    def test_what_is_sent_is_kept_and_told_second_by_second(self, state, machine):
        session = session_of(state, mode="learn")
        samples = np.concatenate([machine(1), np.zeros(3 * RATE_HZ, np.float32)])
        told = played(state, lambda: feed(session, samples))
        seconds = of(told, "learn")
        assert len(seconds) in (12, 13)
        assert {one["state"] for one in seconds[:8]} == {"ok"}
        assert seconds[-1]["state"] == "silent"
        assert of(told, "result") == []
        # Kept as it came over the wire: 16 bits.
        np.testing.assert_allclose(session.recorded().samples, samples, atol=2e-5)

    def test_no_more_than_ten_minutes(self, state):
        session = session_of(state, mode="learn")
        minute = np.zeros(60 * RATE_HZ, np.int16)

        async def work():
            for n in range(12):
                await session.feed(Block(samples=minute, rate_hz=RATE_HZ, time_s=60.0 * n))

        played(state, work)
        assert session.recorded().duration_s == LEARN_S

    def test_nothing_was_sent(self, state):
        assert session_of(state, mode="learn").recorded() is None


def test_a_source_of_the_server_is_a_stream_of_the_same_name(state):
    wanted = Wanted(id="mic-1", address="mic", name="Hall")
    session = asyncio.run(open_source_session(state, wanted, "microphone"))
    assert (session.stream, session.name, session.kind) == ("mic-1", "Hall", "microphone")


def test_silence_is_a_state_of_health(state):
    session = session_of(state)
    told = played(state, lambda: feed(session, np.zeros(6 * RATE_HZ, np.float32)))
    assert [one["state"] for one in of(told, "health")] == ["silent"]
    assert {one["state"] for one in of(told, "result")} == {"no_signal"}


def test_ten_minutes_of_silence_are_told_once_and_change_nothing_after(state, machine):
    session, alone = session_of(state), session_of(state, stream="alone")
    state.sessions |= {one.id: one for one in (session, alone)}
    minute = np.zeros(60 * RATE_HZ, np.float32)
    sound = np.concatenate([machine(5), machine(6)])

    async def work():
        await feed(session, sound)
        for number in range(10):
            await feed(session, minute, start_s=len(sound) / RATE_HZ + 60.0 * number)
        await feed(session, sound, start_s=len(sound) / RATE_HZ + 600.0)
        await feed(alone, sound)
        for one in (session, alone):
            await one.close()

    told = played(state, work)
    mine = [one for one in told if one.get("stream") == "fan"]
    assert [one["state"] for one in of(mine, "health")] == ["silent", "ok"]
    results = of(mine, "result")
    n = len(sound) // RATE_HZ
    silent = [one for one in results if n <= one["start_s"] < n + 598]
    assert {one["state"] for one in silent} == {"no_signal"}
    # Once the window in which it ended is forgotten, all is as if it had never been, to the last bit.
    last = [one["score"] for one in results if one["start_s"] >= n + 600 + 10]
    lone = [one for one in of(told, "result") if one["stream"] == "alone"]
    assert len(last) >= 9
    assert last == [one["score"] for one in lone if one["start_s"] >= 10]
    assert state.store.count(kind="silent") == 1
    assert state.store.find(kind="silent")[0].status == "ended"


def test_a_sick_microphone_is_an_event_and_its_sound_never_normal(state, machine):
    session = session_of(state, kind="microphone")
    state.sessions[session.id] = session
    state.store.tell = ("print:",)

    async def work():
        await feed(session, machine(1)[: 8 * RATE_HZ] + np.float32(0.4))
        await feed(session, machine(2)[: 8 * RATE_HZ], start_s=8.0)
        await session.close()

    told = played(state, work)
    assert [one["state"] for one in of(told, "health")] == ["dc", "ok"]
    sick = [one["state"] for one in of(told, "result") if 4.0 <= one["start_s"] <= 6.0]
    assert set(sick) <= {"unreliable", "anomaly"}
    (event,) = state.store.find(kind="dc")
    assert (event.status, event.stream) == ("ended", "fan")
    assert {one.payload["kind"] for one in state.store.outbox.waiting("print:")} >= {"dc"}


def test_a_microphone_that_has_gone_is_an_event(state, machine, monkeypatch):
    monkeypatch.setattr("auscult.server.streams.TICK_S", 0.001)
    session = session_of(state, kind="microphone")
    state.sessions[session.id] = session

    async def work():
        await feed(session, machine(1)[: 2 * RATE_HZ])
        for _ in range(6):
            state.clock.advance(1.0)
            await asyncio.sleep(0.02)
        async with asyncio.timeout(60.0):
            while not state.store.find(kind="no_signal"):  # a thread writes it
                await asyncio.sleep(0.02)
        assert [one.status for one in state.store.find(kind="no_signal")] == ["begun"]
        await feed(session, machine(1)[: 2 * RATE_HZ], start_s=8.0)
        await session.close()

    played(state, work)
    assert [one.status for one in state.store.find(kind="no_signal")] == ["ended"]


def test_an_event_that_was_deleted_while_it_goes_on_stops_nothing(state, machine, faulty):
    session = session_of(state)
    state.sessions[session.id] = session

    async def work():
        await feed(session, machine(1))
        await feed(session, faulty(2), start_s=10.0)
        (open_event,) = state.store.find(kind="anomaly")
        assert state.store.delete(open_event.id)
        await feed(session, machine(3), start_s=20.0)
        await feed(session, machine(4), start_s=30.0)
        await feed(session, faulty(5), start_s=40.0)
        await session.close()

    told = of(played(state, work), "event")
    assert len({one["event"]["id"] for one in told}) == 2
    assert not session._unstored
    assert state.store.count(kind="anomaly") == 1


def test_when_the_server_goes_its_client_is_told(state):
    session = session_of(state)
    leave = session.attach()
    told = played(state, session.going_away)
    assert [one["code"] for one in told] == ["going_away"]
    assert leave.is_set()


def test_sound_is_published_only_where_someone_listens(state, machine):
    session = session_of(state)

    async def work():
        await feed(session, machine(1)[:3200])
        listener = state.hub.subscribe("fan", audio=True)
        await feed(session, machine(1)[3200:6400], start_s=0.2)
        assert len(listener._messages) == 2

    played(state, work)


def test_how_an_event_was_heard_is_kept_and_its_sound_is_not(state, faulty, bundle):
    async def work():
        session = session_of(state)
        await feed(session, faulty(3, 40.0, start_s=8.0, end_s=14.0))
        await feed(session, faulty(4, 40.0, start_s=8.0, end_s=14.0, hz=1000.0), 40.0)
        await session.close()

    played(state, work)
    second, first = state.store.find(kind="anomaly")
    traces = {key: read(one) for key, one in state.store.heard([first.id, second.id]).items()}
    judge = judging(bundle)
    assert first.has_heard
    assert judge(traces[first.id]).ratios.max() > 1.0
    ways = [direction(bundle, judge, traces[one.id]) for one in (first, second)]
    assert ways[0] @ ways[1] < 0.5
    assert traces[first.id].ears == ears_of(bundle)


def test_a_change_that_lasts_is_one_notice(state, machine, faulty, monkeypatch):
    monkeypatch.setattr(
        "auscult.server.streams.Drift", lambda: Drift(piece_s=5.0, lasting_pieces=4)
    )

    async def work():
        session = session_of(state)
        await feed(session, machine(3, 40.0))
        await feed(session, faulty(4, 60.0, start_s=0.0, end_s=60.0), 40.0)
        await session.close()

    told = of(played(state, work), "event")
    (notice,) = (one["event"] for one in told if one["event"]["kind"] == "drift")
    (stored,) = state.store.find(kind="drift")
    assert notice["id"] == stored.id
    assert notice["start_s"] == pytest.approx(40.0, abs=6.0)
    assert notice["explanation"]["low_hz"] < 3000.0 < notice["explanation"]["high_hz"]
    assert "louder than before" in notice["explanation"]["text"]
    assert len(stored.evidence["level_db"]) == 40
    kept = rebase.read(state.store.heard([stored.id])[stored.id])
    assert len(kept.level_db) == stored.windows >= 15


@pytest.mark.parametrize("why_not", ["", "switched off", "maintenance", "not here"])
def test_what_was_calm_is_collected_where_that_is_wanted(state, machine, monkeypatch, why_not):
    quick = partial(CalmStretches, guard_s=1.0)
    monkeypatch.setattr("auscult.server.streams.CalmStretches", quick)
    if why_not == "switched off":
        state.choices = Choices(sources={"fan": SourceChoice(learns_on=False)})
    if why_not == "maintenance":
        now = state.clock.utc()
        hours = OneStretch(start=now, end=now + timedelta(days=1))
        state.choices = Choices(maintenance_once=(hours,))

    async def work():
        if why_not != "not here":
            await state.going_on.begin(state.bundles.active_id)
        session = session_of(state)
        for second in range(70):
            part = machine(3, 70.0)[second * RATE_HZ : (second + 1) * RATE_HZ]
            await session.feed(Block(samples=part, rate_hz=RATE_HZ, time_s=float(second)))
        await session.close()
        return await state.going_on.standings()

    found = []

    async def kept():
        found.extend(await work())

    played(state, kept)
    learned_s = state.bundles.all()[0].manifest.data.seconds
    heard = [round(one.heard_s - learned_s) for one in found]
    assert heard == {"": [60], "not here": []}.get(why_not, [0])


@pytest.mark.parametrize("is_named", [True, False])
def test_an_event_keeps_what_it_is_like_in_everyday_words(state, faulty, tagger, is_named):
    state.namer = open_namer() if is_named else None
    session = session_of(state)

    async def work():
        await feed(session, faulty(3, 10.0))
        await session.close()

    played(state, work)
    (stored,) = state.store.find()
    if not is_named:
        assert "everyday" not in stored.evidence
        return
    told = stored.evidence["everyday"]
    assert told["by"] == "mn04"
    assert [one["name"] for one in told["names"]] == ["Squeak", "Speech", "Door", "Rain", "Engine"]
