"""`/api/keys`: made, used as far as they go, taken back at once."""

import asyncio

import pytest
from pydantic import SecretStr

OWNER = "a key that nobody guesses"


def as_key(key):
    return {"authorization": f"Bearer {key}"}


@pytest.fixture
def keyed(serve):
    """A server that was started with a key, asked by its owner."""

    def run(work, **changes):
        given = {"host": "0.0.0.0", "keys": (SecretStr(OWNER),), "headers": as_key(OWNER)}
        return serve(work, **given, **changes)

    return run


async def made(caller, name, scope):
    return await caller.json("POST", "/api/keys", status=201, json={"name": name, "scope": scope})


def test_a_key_is_shown_once(keyed):
    async def work(caller):
        told = await made(caller, " Phone ", "listen")
        listed = await caller.ask("GET", "/api/keys")
        assert told["secret"] not in listed.text
        return told, listed.json()

    told, listed = keyed(work)
    assert (listed["is_needed"], listed["of_start"]) == (True, 1)
    assert listed["keys"] == [told["key"]]
    assert (told["key"]["name"], told["key"]["scope"], told["key"]["used_at"]) == (
        "Phone",
        "listen",
        None,
    )


def test_a_key_goes_as_far_as_its_scope(keyed, event):
    async def work(caller):
        caller.state.store.add(event(1))
        label = f"/api/events/{event(1).id}/label"
        asked = [
            ("GET", "/api/events", {}),
            ("PUT", label, {"json": {"label": "normal"}}),
            ("PATCH", "/api/settings", {"json": {"revision": 0}}),
            ("GET", "/api/keys", {}),
        ]
        found = {}
        for scope in ("read", "listen", "admin"):
            secret = (await made(caller, scope, scope))["secret"]
            answers = [
                await caller.http.request(method, path, headers=as_key(secret), **more)
                for method, path, more in asked
            ]
            config = await caller.http.get("/api/config", headers=as_key(secret))
            found[scope] = [one.status_code for one in answers], config.json()["scope"]
            if scope == "read":
                refused = answers[1].json()
        return found, refused

    found, refused = keyed(work)
    assert found == {
        "read": ([200, 403, 403, 403], "read"),
        "listen": ([200, 200, 403, 403], "listen"),
        "admin": ([200, 200, 200, 200], "admin"),
    }
    assert refused["detail"] == "This key may not do this: its scope is 'read'."
    assert refused["expected"] == "a key with the scope 'listen'"


def test_who_is_connected_with_a_key_that_is_taken_back_is_hung_up_on(keyed):
    async def work(caller):
        told = await made(caller, "Phone", "read")
        other = await made(caller, "Tablet", "read")
        leaves = [asyncio.Event(), asyncio.Event()]
        for leave, one in zip(leaves, (told, other), strict=True):
            caller.state.viewers[leave] = one["secret"]
        await caller.ask("DELETE", f"/api/keys/{told['key']['id']}")
        after = await caller.http.get("/api/events", headers=as_key(told["secret"]))
        await caller.ask("DELETE", f"/api/keys/{told['key']['id']}", status=404)
        return [leave.is_set() for leave in leaves], after.status_code

    assert keyed(work) == ([True, False], 401)


def test_where_nobody_is_asked_for_a_key_none_is_made(serve):
    async def work(caller):
        listed = await caller.json("GET", "/api/keys")
        refused = await caller.json("POST", "/api/keys", status=409, json={"name": "Phone"})
        return listed, refused

    listed, refused = serve(work)
    assert listed == {"is_needed": False, "of_start": 0, "keys": []}
    assert refused["action"].startswith("Start it with --key-file FILE")


@pytest.mark.parametrize("name", ["", "   ", "x" * 41])
def test_a_key_has_a_name(keyed, name):
    async def work(caller):
        await caller.ask("POST", "/api/keys", status=422, json={"name": name})

    keyed(work)
