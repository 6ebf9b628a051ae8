"""The simulated machine over HTTP."""

import pytest

from auscult.audio.synth import FAULTS
from auscult.live.clock import SystemClock
from auscult.live.sources.machine import MachineSource, machine_named


def machine():
    return MachineSource(machine_named("fan"), realtime=True, clock=SystemClock(), name="fan")


def test_without_a_machine_there_is_nothing_to_break(serve):
    async def work(caller):
        state = await caller.json("GET", "/api/demo")
        for method in ("POST", "DELETE"):
            body = {"json": {"fault": "knock"}} if method == "POST" else {}
            refused = await caller.json(method, "/api/demo/fault", status=409, **body)
            assert refused["code"] == "demo_not_running"
        return state

    state = serve(work)
    assert (state["available"], state["current"], state["ends_in_s"]) == (False, None, None)


def test_a_machine_that_does_not_run_is_begun_once(serve):
    async def work(caller):
        first, again = [await caller.json("POST", "/api/demo") for _ in range(2)]
        sources = (await caller.json("GET", "/api/sources"))["sources"]
        return first, again, sources, await caller.json("GET", "/api/bundles")

    first, again, sources, bundles = serve(work, demo_minutes=1)
    assert first["available"]
    assert again["available"]
    assert [(one["id"], one["bundle"]) for one in sources] == [
        ("demo", bundles["bundles"][0]["id"])
    ]
    assert bundles["active"] is None


def test_a_machine_is_broken_and_mended(serve):
    async def work(caller):
        caller.state.demo = machine()
        body = {"fault": "knock", "seconds": 20}
        broken = await caller.json("POST", "/api/demo/fault", json=body)
        mended = await caller.json("DELETE", "/api/demo/fault")
        return broken, mended

    broken, mended = serve(work)
    assert (broken["current"], broken["ends_in_s"]) == ("knock", 20.0)
    assert (mended["current"], mended["ends_in_s"]) == (None, None)
    assert {fault["name"] for fault in broken["faults"]} == set(FAULTS)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"fault": "zap"},
        {"fault": "knock", "seconds": 0},
        {"fault": "knock", "seconds": 301},
        {"fault": "knock", "seconds": "long"},
        {"fault": "x" * 41},
        [],
    ],
)
def test_what_can_not_break_it_is_told(serve, body):
    async def work(caller):
        caller.state.demo = machine()
        await caller.ask("POST", "/api/demo/fault", status=422, json=body)
        return await caller.json("GET", "/api/demo")

    assert serve(work)["current"] is None
