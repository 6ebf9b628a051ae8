"""A bundle that learns on while it listens: what is told of it, and how it is undone."""

import asyncio
import json

import pytest

from auscult.live.listener import Block
from auscult.memory.trace import ears_of
from auscult.server.streams import StreamSession


async def learned(caller, bundle):
    kept = caller.state.bundles.add_bytes(bundle.to_bytes(), name="Fan")
    await caller.state.going_on.begin(kept.id)
    return kept.id


def hear(caller, bundle_id, calm):
    bundle = caller.state.bundles.scorer(bundle_id).bundle
    for one in calm:
        caller.state.going_on.hear(one, bundle=bundle, bundle_id=bundle_id, ears=ears_of(bundle))


def test_it_learns_on_tightens_its_promise_and_is_undone(serve, minute_bundle, calm_of):
    calm = calm_of(minute_bundle)

    async def work(caller):
        first = await learned(caller, minute_bundle)
        before = (await caller.json("GET", "/api/going-on"))["bundles"]
        hear(caller, first, calm)
        told = []
        caller.state.bundles.on_change.append(told.append)
        await caller.state.going_on.look()
        (after,) = (await caller.json("GET", "/api/going-on"))["bundles"]
        bundles = await caller.json("GET", "/api/bundles")
        undone = await caller.json("POST", f"/api/going-on/{after['bundle']}/undo")
        (left,) = (await caller.json("GET", "/api/going-on"))["bundles"]
        hear(caller, first, calm)  # it learns no further
        await caller.state.going_on.look()
        again = await caller.ask("POST", f"/api/going-on/{first}/undo", status=409)
        return first, before, after, told, bundles, undone, left, again.json()

    first, (before,), after, told, bundles, undone, left, again = serve(work)
    assert (before["doing"], before["promised_per_day"]) == ("listening", None)
    assert before["due_s"] == 540.0
    assert after["trouble"] == ""
    assert after["bundle"] != first
    assert told == [after["bundle"], first]
    assert bundles["active"] == after["bundle"]
    assert after["heard_s"] > 600.0
    assert after["promised_per_day"] < 3.1 * 86400.0 / 600.0
    assert [one["bundle"] for one in after["versions"]] == [after["bundle"]]
    assert undone["id"] == first
    assert (left["bundle"], left["doing"], left["versions"]) == (first, "off", [])
    assert "was not made while listening" in again["detail"]


def test_who_learns_on_the_page_and_listens_is_judged_by_a_next_version(serve, wav, machine):
    rate_hz, sound = 16_000, machine(7, 900.0)

    async def work(caller):
        state = caller.state
        collection = (await caller.json("POST", "/api/collections", status=201, json={}))["id"]
        address = f"/api/collections/{collection}/files"
        minute = wav(sound[: 60 * rate_hz])
        await caller.json("POST", address, status=201, params={"name": "a.wav"}, content=minute)
        body = {"collection": collection, "name": "Fan"}
        await caller.json("POST", "/api/train", status=202, json=body)
        async with asyncio.timeout(120):
            while not await state.going_on.standings():
                await asyncio.sleep(0.05)
        first = state.bundles.active_id
        session = StreamSession(state, stream="fan", name="Fan", kind="browser", rate_hz=rate_hz)
        viewer = state.hub.subscribe("fan", max_messages=10_000)
        for second in range(60, 900):
            if second == 880:
                await state.going_on.look()
            part = sound[second * rate_hz : (second + 1) * rate_hz]
            time_s = float(second - 60)
            await session.feed(Block(samples=part, rate_hz=rate_hz, time_s=time_s))
        await session.close()
        told = [await viewer.get() for _ in range(len(viewer._messages))]
        (found,) = (await caller.json("GET", "/api/going-on"))["bundles"]
        return first, found, [one for one in told if one["type"] in ("status", "event")]

    first, found, told = serve(work)
    assert found["first"] == first != found["bundle"]
    assert 600.0 <= found["heard_s"] < 900.0
    assert found["promised_per_day"] == pytest.approx(3.0 * 86_400.0 / found["heard_s"], rel=0.01)
    assert [(one["code"], one["reason"]) for one in told] == [("bundle_changed", found["bundle"])]


def test_what_was_collected_survives_a_restart(serve, minute_bundle, calm_of):
    calm = calm_of(minute_bundle, minutes=6)

    async def first_day(caller):
        bundle_id = await learned(caller, minute_bundle)
        hear(caller, bundle_id, calm[:-1])
        return bundle_id

    async def second_day(caller):
        bundle_id = caller.state.bundles.active_id
        hear(caller, bundle_id, calm[-1:])
        return (await caller.json("GET", "/api/going-on"))["bundles"]

    bundle_id = serve(first_day)
    (found,) = serve(second_day)
    assert found["bundle"] == bundle_id
    assert found["heard_s"] == pytest.approx(60.0 + sum(len(one.level_db) for one in calm), abs=1.0)


def test_who_does_not_want_it_switches_it_off(serve, minute_bundle, calm_of):
    calm = calm_of(minute_bundle, minutes=4)

    async def work(caller):
        bundle_id = await learned(caller, minute_bundle)
        address = f"/api/going-on/{bundle_id}"
        await caller.json("PUT", address, json={"is_on": False})
        hear(caller, bundle_id, calm)
        wants = caller.state.going_on.wants(bundle_id)
        (off,) = (await caller.json("GET", "/api/going-on"))["bundles"]
        (on,) = (await caller.json("PUT", address, json={"is_on": True}))["bundles"]
        await caller.ask("PUT", "/api/going-on/none", status=404, json={"is_on": True})
        erase = {"confirm": "erase everything"}
        hear(caller, bundle_id, calm)
        await caller.json("DELETE", "/api/everything", json=erase)
        return wants, off, on, (await caller.json("GET", "/api/going-on"))["bundles"]

    wants, off, on, erased = serve(work)
    assert wants is False
    assert (off["doing"], off["heard_s"], off["due_s"]) == ("off", 60.0, None)
    assert on["doing"] == "listening"
    assert erased == []


def test_what_was_brought_does_not_learn_on_by_itself(serve, minute_bundle):
    async def work(caller):
        kept = caller.state.bundles.add_bytes(minute_bundle.to_bytes())
        return caller.state.going_on.wants(kept.id)

    assert serve(work) is False


def test_what_happens_meanwhile_is_not_lost(serve, minute_bundle, calm_of, monkeypatch):
    calm = calm_of(minute_bundle)

    async def work(caller):
        first = await learned(caller, minute_bundle)
        hear(caller, first, calm)
        going_on = caller.state.going_on
        index = going_on._folder / "going-on.json"

        async def broken(told, *, time_s):
            del told, time_s
            return {}

        monkeypatch.setattr("auscult.server.going_on.asked", broken)
        await going_on.look()
        active = caller.state.bundles.active_id
        (found,) = (await caller.json("GET", "/api/going-on"))["bundles"]
        await going_on.look()  # a tenth more is heard first
        return first, active, found, json.loads(await asyncio.to_thread(index.read_text))

    first, active, found, kept = serve(work)
    assert active == first
    assert found["trouble"] == "It did not come to an end."
    assert kept[0]["current"] == first
