"""All that a server has: opened, watched, told of its end."""

import asyncio
from datetime import timedelta
from functools import partial

import pytest
from pydantic import SecretStr
from sqlalchemy import make_url, text

from auscult.errors import RecipeError, StoreError
from auscult.live.clock import SystemClock
from auscult.live.sources.machine import MachineSource
from auscult.live.store import EventStore
from auscult.server.state import GOING_AWAY_S, StoreState, open_state, store_health


class Session:
    mode = "listen"

    def __init__(self, waits_s=0.0, fails=False):
        self.is_told = False
        self._waits_s = waits_s
        self._fails = fails

    def recorded(self):
        return None

    async def going_away(self):
        await asyncio.sleep(self._waits_s)
        if self._fails:
            raise ConnectionError
        self.is_told = True


def test_clients_are_told_that_the_server_stops_but_nobody_holds_it_up(serve, monkeypatch):
    monkeypatch.setattr("auscult.server.state.GOING_AWAY_S", 0.05)
    sessions = {"a": Session(), "b": Session(fails=True), "c": Session(waits_s=60), "d": Session()}

    async def work(caller):
        caller.state.sessions.update(sessions)

    serve(work)
    assert [session.is_told for session in sessions.values()] == [True, False, False, True]
    assert GOING_AWAY_S < 10


def test_what_a_server_that_was_killed_left_open_has_ended(serve, settings, event):
    settings.data_dir.mkdir(parents=True)
    store = EventStore(settings.store_path, clock=SystemClock())
    for number, stream in enumerate(("demo", "press-3:mic")):
        store.add(event(number, stream=stream, status="begun", ended_at=None))
    store.close()

    async def work(caller):
        return caller.state.store.find()

    elsewhere, own = serve(work)
    assert (own.status, own.ended_at - own.begun_at) == ("ended", timedelta(seconds=12))
    assert own.explanation["text"].endswith("Listening was cut off before its end.")
    assert (elsewhere.stream, elsewhere.status) == ("press-3:mic", "begun")


def test_what_is_wrong_is_named(serve):
    async def work(caller):
        state = caller.state
        found = [state.reasons(store_ok=True)]
        state.lag.add(5.0)
        state.queue._delay = (0.3, state.clock.monotonic_s() + 1.0)
        state.bundles.broken["x.onnx"] = "It is torn."
        state.stopping = True
        found.append(state.reasons(store_ok=False))
        return found

    assert serve(work) == [[], ["store", "overloaded", "slow_loop", "broken_bundles", "stopping"]]


def test_the_simulated_machine_is_heard_by_its_own_bundle(serve, bundle_file):
    async def work(caller):
        listed = (await caller.json("GET", "/api/sources"))["sources"]
        return listed, caller.state.bundles.active_id, caller.state.demo

    listed, active_id, demo = serve(work, demo=True, demo_minutes=1, bundles=(bundle_file,))
    assert [source["id"] for source in listed] == ["demo"]
    assert listed[0]["bundle"] not in (None, active_id)
    assert isinstance(demo, MachineSource)


def test_the_simulated_machine_never_judges_for_others(serve, bundle_file):
    async def work(caller):
        kept = caller.state.bundles
        before = kept.active_id
        own = kept.add_file(bundle_file).id
        return before, kept.active_id == own, len(kept.ids())

    assert serve(work, demo=True, demo_minutes=1) == (None, True, 2)


def test_a_folder_that_can_not_be_made_is_told(settings, tmp_path):
    (tmp_path / "file").touch()
    wrong = settings.model_copy(update={"data_dir": tmp_path / "file" / "data"})
    with pytest.raises(StoreError, match=r"can't be made: .*--data-dir"):
        open_state(wrong, clock=SystemClock())


def test_data_are_for_their_owner_alone(settings):
    open_state(settings, clock=SystemClock()).store.close()
    assert settings.data_dir.stat().st_mode & 0o077 == 0


def test_a_store_that_can_not_be_read_is_not_well():
    class Store:
        waiting = 3

        def count(self):
            raise StoreError("The disk is gone.")

    assert store_health(Store()) == StoreState(ok=False, events=0, waiting=3)


def test_a_store_that_is_full_is_told_can_be_read_and_heals(serve, event, bundle_file, is_problem):
    async def work(caller):
        state, note = caller.state, {"label": "normal", "note": "x" * 2000}
        state.store.add(event(1))
        state.store.add(event(2))
        places = [f"/api/events/{event(number).id}" for number in (1, 2)]

        def limit(pages):
            with state.store._database.begin() as connection:
                now = connection.execute(text("PRAGMA page_count")).scalar_one()
                connection.execute(text(f"PRAGMA max_page_count = {now + pages}"))

        limit(0)
        refused = [await caller.http.put(f"{one}/label", json=note) for one in places]
        read = await caller.json("GET", places[0])
        listed = await caller.json("GET", "/api/events")
        sick = await caller.json("GET", "/api/health")
        limit(1000)
        async with asyncio.timeout(60.0):
            while (health := await caller.json("GET", "/api/health"))["reasons"]:
                await asyncio.sleep(0.1)
        kept = await caller.json("PUT", f"{places[0]}/label", json=note)
        return refused, read, listed, sick, health, kept

    refused, read, listed, sick, health, kept = serve(work, bundles=(bundle_file,))
    answer = refused[-1]
    assert answer.status_code == 503
    is_problem(answer)
    assert "database or disk is full" in answer.json()["detail"]
    assert "Make room" in answer.json()["action"]
    assert read["id"] == event(1).id
    assert len(listed["events"]) == 2
    assert (sick["status"], sick["reasons"]) == ("degraded", ["store"])
    assert sick["store"] == {"ok": False, "events": 2, "waiting": None}
    assert (health["status"], health["store"]["ok"]) == ("ok", True)
    assert kept["note"] == "x" * 2000


def test_events_in_postgres_wait_on_this_machine_while_it_is_away(
    serve, event, cluster, postgres_url, is_problem
):
    async def work(caller):
        store = caller.state.store
        add = partial(asyncio.to_thread, store.add)
        await add(event(1))
        await asyncio.to_thread(cluster.kill)
        try:
            await add(event(2))
            sick = await caller.json("GET", "/api/health")
            refused = await caller.http.get("/api/events")
            told = [
                (await caller.ask("GET", path)).text
                for path in ("/api/settings", "/api/diagnostics", "/metrics")
            ]
        finally:
            await asyncio.to_thread(cluster.start)
        async with asyncio.timeout(60.0):
            while (health := await caller.json("GET", "/api/health"))["reasons"]:
                await asyncio.sleep(0.1)
        disk = (await caller.json("GET", "/api/settings"))["disk"]
        return sick, refused, told, health, disk

    url = SecretStr(postgres_url())
    sick, refused, told, health, disk = serve(work, database=url)
    assert (sick["reasons"], sick["store"]) == (["store"], {"ok": False, "events": 0, "waiting": 1})
    assert health["store"] == {"ok": True, "events": 2, "waiting": 0}
    assert refused.status_code == 503
    is_problem(refused)
    assert "can't be reached or used" in refused.json()["detail"]
    password = make_url(url.get_secret_value()).password
    assert not [text for text in (*told, refused.text) if password in text]
    assert disk["events"] > 0


def test_who_does_not_sit_here_reaches_nothing_within_this_machine_nor_the_server_itself(
    serve, monkeypatch
):
    monkeypatch.setattr("auscult.server.state.is_own", lambda address: address == "10.0.0.1")
    places = [("10.0.0.1", 8000), ("10.0.0.1", 554), ("10.0.0.2", 8000), ("127.0.0.1", 554)]

    async def work(caller):
        caller.state.port = 8000
        return [caller.state._may_be_called(*place) for place in places]

    keys = {"keys": (SecretStr("a key that nobody guesses"),)}
    assert serve(work, host="0.0.0.0", **keys) == [False, True, True, False]
    assert serve(work) == [True, True, True, True]


def test_a_source_of_the_network_asks_at_each_call(serve):
    async def work(caller):
        source = caller.state._open_source("rtsp://camera.invalid/x")
        return source._may_call == caller.state._may_be_called

    assert serve(work)


def test_events_are_told_where_it_was_asked_for(serve, event, monkeypatch, capsys):
    monkeypatch.setattr("auscult.live.notify.dispatcher.LOOK_EVERY_S", 0.01)

    async def work(caller):
        store = caller.state.store
        store.add(event(1))
        async with asyncio.timeout(60.0):
            while store.outbox.stats()["waiting"]:
                await asyncio.sleep(0.01)

    serve(work, notify=("print:",))
    assert capsys.readouterr().out.startswith(
        "Fan: anomaly has ended, 1.9 times its limit. 3.0-5.0 s"
    )


def test_a_channel_that_is_none_is_refused_before_anything_is_served(settings):
    wrong = settings.model_copy(update={"notify": ("pigeon:",)})
    with pytest.raises(RecipeError, match="There is no channel 'pigeon:'"):
        open_state(wrong, clock=SystemClock())
    open_state(settings, clock=SystemClock()).store.close()
