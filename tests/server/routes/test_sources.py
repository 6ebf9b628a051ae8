"""`/api/sources`: add, stop, start, forget."""

import pytest
from pydantic import SecretStr

KEY = "a key that nobody guesses"


def test_a_source_is_added_stopped_started_and_forgotten(serve, bundle_file):
    async def work(caller):
        bundle = caller.state.bundles.active_id
        body = {"address": "machine:pump", "name": "Pump", "bundle": bundle}
        added = await caller.json("POST", "/api/sources", status=201, json=body)
        place = f"/api/sources/{added['id']}"
        stopped = await caller.json("POST", f"{place}/stop")
        started = await caller.json("POST", f"{place}/start")
        refused = await caller.json("DELETE", f"/api/bundles/{bundle}", status=409)
        listed = await caller.json("GET", "/api/sources")
        gone = await caller.json("DELETE", place)
        await caller.ask("DELETE", place, status=404)
        return added, stopped, started, refused, listed, gone

    added, stopped, started, _, listed, gone = serve(work, bundles=(bundle_file,))
    assert added["id"] == added["stream"] == "machine-1"
    assert added["kind"] == "machine"
    assert added["state"] in ("starting", "listening")
    assert (stopped["state"], stopped["heard_s"]) == ("stopped", 0.0)
    assert started["state"] in ("starting", "listening")
    assert [one["name"] for one in listed["sources"]] == ["Pump"]
    assert isinstance(listed["microphones"], list)
    assert gone == {"deleted": "machine-1"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"address": ""}, 422),
        ({"address": "x" * 1001}, 422),
        ({"address": "ftp://x"}, 422),
        ({"address": "machine:boat"}, 422),
        ({"address": "mic", "bundle": "gone"}, 404),
        ({"address": "machine:fan", "name": "x" * 81}, 422),
    ],
)
def test_what_can_not_be_added_is_told_and_is_not(serve, body, status, is_problem):
    async def work(caller):
        answer = await caller.http.post("/api/sources", json=body)
        return answer, await caller.json("GET", "/api/sources")

    answer, listed = serve(work)
    assert answer.status_code == status
    is_problem(answer)
    assert listed["sources"] == []


@pytest.mark.parametrize("name", ["gone", "%00", "日本", "x" * 64])
def test_a_source_that_is_not_there_is_told(serve, name):
    async def work(caller):
        for method, place in (("POST", "/start"), ("POST", "/stop"), ("DELETE", "")):
            await caller.ask(method, f"/api/sources/{name}{place}", status=404)

    serve(work)


def test_where_keys_are_needed_files_of_this_machine_are_not_for_everyone(serve, tmp_path):
    async def work(caller):
        headers = {"authorization": f"Bearer {KEY}"}
        for address in (f"file:{tmp_path}/x.wav", "http://127.0.0.1:8000/api/events"):
            body = {"address": address}
            await caller.ask("POST", "/api/sources", status=422, json=body, headers=headers)

    serve(work, host="0.0.0.0", keys=(SecretStr(KEY),))
