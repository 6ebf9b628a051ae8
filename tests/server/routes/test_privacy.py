"""`/api/export-all` and `/api/everything`."""

import asyncio
import io
import time
import zipfile

import pytest

from auscult.audio.sound import Sound
from auscult.server.learning import Lesson
from auscult.server.routes import learn

ALL = {"confirm": "erase everything"}


def test_everything_comes_along_and_then_is_gone(serve, event, bundle_file):
    async def work(caller):
        for n in range(3):
            caller.state.store.add(event(n))
        answer = await caller.ask("GET", "/api/export-all")
        names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
        body = {"confirm": "erase everything"}
        sound = await caller.json("POST", "/api/collections", json={}, status=201)
        place = caller.state.collections.get(sound["id"]).folder
        assert place.is_dir()
        erased = await caller.json("DELETE", "/api/everything", json=body)
        assert not place.exists()
        await caller.ask("GET", f"/api/collections/{sound['id']}", status=404)
        await caller.json("POST", "/api/collections", json={}, status=201)
        listed = await caller.json("GET", "/api/events")
        bundles = await caller.json("GET", "/api/bundles")
        both = await caller.json("DELETE", "/api/everything", json=body | {"bundles": True})
        after = await caller.json("GET", "/api/bundles")
        health = await caller.json("GET", "/api/health")
        return answer, names, erased, listed, bundles, both, after, health

    answer, names, erased, listed, bundles, both, after, health = serve(
        work, bundles=(bundle_file,), store_clips=True
    )
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "no-store"
    assert {"events.json", "settings.json"} < set(names)
    assert erased == {"events": 3, "bundles": 0}
    assert listed["total"] == 0
    assert len(bundles["bundles"]) == 1
    assert both == {"events": 0, "bundles": 1}
    assert (after["bundles"], after["active"], health["status"]) == ([], None, "no_model")


def test_nothing_comes_back_of_what_is_being_learned(serve, machine):
    async def work(caller):
        for number in range(2):
            made = caller.state.collections.new()
            made.add_recording(Sound(samples=machine(number, 60.0), rate_hz=16000), name="minute")
            body = {"collection": made.id, "name": f"fan {number}"}
            await caller.json("POST", "/api/train", json=body, status=202)
        async with asyncio.timeout(60):
            while caller.state.jobs._child is None:
                await asyncio.sleep(0.01)
        child = caller.state.jobs._child
        await caller.json("DELETE", "/api/everything", json=ALL | {"bundles": True})
        assert child.returncode is not None
        assert await caller.json("GET", "/api/jobs") == {"jobs": []}
        assert list((caller.state.settings.data_dir / "jobs").iterdir()) == []
        return await caller.json("GET", "/api/bundles")

    assert serve(work)["bundles"] == []


def test_nor_of_a_minute_that_was_just_recorded(serve, machine, monkeypatch):
    async def work(caller):
        async def learned(*_, **__):
            await caller.json("DELETE", "/api/everything", json=ALL | {"bundles": True})
            return Lesson(content=b"a bundle", notes=(), seconds=60.0)

        monkeypatch.setattr(learn, "learn_sound", learned)
        caller.state.sessions["1"] = Recorded(machine(1, 60.0))
        body = {"session": "1", "name": "fan"}
        try:
            return await caller.json("POST", "/api/learn", json=body, status=409)
        finally:
            del caller.state.sessions["1"]

    assert serve(work)["detail"] == "Everything was erased meanwhile."


def test_nor_where_it_is_just_being_kept(serve, machine, bundle, monkeypatch):
    """An erasure that comes then waits for it, and finds it."""

    async def work(caller):
        async def learned(*_, **__):
            return Lesson(content=bundle.to_bytes(), notes=(), seconds=60.0)

        loop, erasing = asyncio.get_running_loop(), []
        add_bytes = caller.state.bundles.add_bytes

        def erase():
            body = ALL | {"bundles": True}
            erasing.append(loop.create_task(caller.json("DELETE", "/api/everything", json=body)))

        def slowly(*arguments, **options):
            loop.call_soon_threadsafe(erase)
            time.sleep(0.2)
            return add_bytes(*arguments, **options)

        monkeypatch.setattr(learn, "learn_sound", learned)
        monkeypatch.setattr(caller.state.bundles, "add_bytes", slowly)
        caller.state.sessions["1"] = Recorded(machine(1, 60.0))
        try:
            body = {"session": "1", "name": "fan"}
            await caller.json("POST", "/api/learn", json=body, status=201)
        finally:
            del caller.state.sessions["1"]
        assert (await erasing[0])["bundles"] == 1
        assert await caller.state.going_on.standings() == []
        return caller.state.bundles.ids()

    assert serve(work) == ()


@pytest.mark.parametrize("bundles", [False, True])
def test_the_simulated_machine_never_goes_on_without_its_model(serve, *, bundles):
    async def work(caller):
        await caller.json("DELETE", "/api/everything", json=ALL | {"bundles": bundles})
        after = await caller.json("GET", "/api/demo")
        left = [one["id"] for one in (await caller.json("GET", "/api/sources"))["sources"]]
        again = await caller.json("POST", "/api/demo")
        (source,) = (await caller.json("GET", "/api/sources"))["sources"]
        there = [one["id"] for one in (await caller.json("GET", "/api/bundles"))["bundles"]]
        return after["available"], left, again["available"], [source["bundle"]] == there

    ran = serve(work, demo=True, demo_minutes=1)
    assert ran == ((False, [], True, True) if bundles else (True, ["demo"], True, True))


def test_nor_where_it_is_begun_meanwhile(serve):
    async def work(caller):
        open_session = caller.state._open_session

        async def slowly(wanted, kind):
            await caller.json("DELETE", "/api/everything", json=ALL | {"bundles": True})
            return await open_session(wanted, kind)

        caller.state.sources._open_session = slowly
        begun = await caller.json("POST", "/api/demo")
        caller.state.sources._open_session = open_session
        return begun["available"], (await caller.json("POST", "/api/demo"))["available"]

    assert serve(work, demo_minutes=1) == (False, True)


class Recorded:
    mode = "learn"

    def __init__(self, samples):
        self._sound = Sound(samples=samples, rate_hz=16000)

    def recorded(self):
        return self._sound

    def forget_recorded(self):
        pass

    async def going_away(self):
        pass


@pytest.mark.parametrize("body", [{}, {"confirm": "yes"}, {"confirm": "Erase everything"}])
def test_it_has_to_be_meant(serve, event, body):
    async def work(caller):
        caller.state.store.add(event(1))
        await caller.ask("DELETE", "/api/everything", status=422, json=body)
        return (await caller.json("GET", "/api/events"))["total"]

    assert serve(work) == 1
