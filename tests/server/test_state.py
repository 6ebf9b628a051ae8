"""All that a server has: opened, watched, told of its end."""

import asyncio

import pytest

from auscult.errors import RecipeError, StoreError
from auscult.live.clock import SystemClock
from auscult.live.sources.machine import MachineSource
from auscult.server.state import GOING_AWAY_S, open_state, store_health


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


def test_what_is_wrong_is_named(serve):
    async def work(caller):
        state = caller.state
        found = [state.reasons(store_ok=True)]
        state.lag.add(5.0)
        state.bundles.broken["x.onnx"] = "It is torn."
        state.stopping = True
        found.append(state.reasons(store_ok=False))
        return found

    assert serve(work) == [[], ["store", "slow_loop", "broken_bundles", "stopping"]]


def test_the_simulated_machine_is_heard_by_its_own_bundle(serve, bundle_file):
    async def work(caller):
        listed = (await caller.json("GET", "/api/sources"))["sources"]
        return listed, caller.state.bundles.active_id, caller.state.demo

    listed, active_id, demo = serve(work, demo=True, demo_minutes=1, bundles=(bundle_file,))
    assert [source["id"] for source in listed] == ["demo"]
    assert listed[0]["bundle"] not in (None, active_id)
    assert isinstance(demo, MachineSource)


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
        def count(self):
            raise StoreError("The disk is gone.")

    assert store_health(Store()).ok is False


def test_events_are_told_where_it_was_asked_for(serve, event, monkeypatch, capsys):
    monkeypatch.setattr("auscult.live.notify.dispatcher.LOOK_EVERY_S", 0.01)

    async def work(caller):
        store = caller.state.store
        store.add(event(1))
        async with asyncio.timeout(10.0):
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
