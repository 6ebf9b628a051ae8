"""`/api/events/ingest`: what machines elsewhere have heard, once each, however often it comes."""

import asyncio
import json
from dataclasses import asdict

import pytest

PATH = "/api/events/ingest"
JSON = {"content-type": "application/json"}
ID = "01HZX3K7M5Q8V2R4T6W9Y0B1CD"


def told(**changes):
    """An event as a machine tells it."""
    plain = {
        "id": ID,
        "stream": "mic",
        "stream_name": "USB Audio",
        "kind": "anomaly",
        "status": "begun",
        "begun_at": "2030-01-01T12:00:00+00:00",
        "ended_at": None,
        "start_s": 3.0,
        "end_s": 5.0,
        "peak_s": 4.0,
        "peak_ratio": 1.9,
        "limit": 12.5,
        "rule": "sudden",
        "windows": 1,
        "suppressed": 0,
        "bundle": "fan",
        "bundle_id": "",
        "explanation": {
            "low_hz": 2800.0,
            "high_hz": 3200.0,
            "start_s": 3.0,
            "end_s": 5.0,
            "text": "3.0-5.0 s, 2.8 kHz-3.2 kHz: brighter than normal.",
            "kinds": ["brighter"],
            "nearest": {"recording": "a.wav", "start_s": 0.0, "end_s": 10.0, "distance": 1.1},
        },
    }
    return plain | changes


def body(*events, device="press-3"):
    return {"device": device, "events": list(events)}


ENDED = told(status="ended", ended_at="2030-01-01T12:00:09+00:00", end_s=12.0, windows=8)


def test_an_event_is_stored_told_to_viewers_and_to_channels(serve):
    async def work(caller):
        caller.state.store.tell = ("hook",)
        watching = caller.state.hub.subscribe("*")
        first = await caller.json("POST", PATH, json=body(told()))
        begun = await watching.get()
        then = await caller.json("POST", PATH, json=body(ENDED))
        ended = await watching.get()
        found = await caller.json("GET", "/api/events")
        return first, begun, then, ended, found, caller.state.store.outbox.waiting("hook")

    first, begun, then, ended, found, messages = serve(work)
    assert first == then == {"stored": 1, "known": 0}
    assert (begun["phase"], ended["phase"]) == ("open", "close")
    assert begun["stream"] == ended["event"]["stream"] == "press-3:mic"
    (kept,) = found["events"]
    assert kept == ended["event"]
    assert (kept["id"], kept["status"], kept["stream_name"]) == (ID, "ended", "press-3: USB Audio")
    assert (kept["begun_at"], kept["ended_at"]) == ("2030-01-01T12:00:00Z", "2030-01-01T12:00:09Z")
    assert kept["explanation"]["nearest"]["recording"] == "a.wav"
    assert [one.payload["status"] for one in messages] == ["begun", "ended"]


def test_what_comes_again_changes_nothing_and_is_told_to_nobody(serve):
    async def work(caller):
        caller.state.store.tell = ("hook",)
        watching = caller.state.hub.subscribe("*")
        for sent in (body(told()), body(told()), body(told(), ENDED), body(told(), ENDED)):
            answer = await caller.json("POST", PATH, json=sent)
        await caller.json("PUT", f"/api/events/{ID}/label", json={"label": "normal"})
        await caller.json("POST", PATH, json=body(ENDED, told()))
        phases = [(await watching.get())["phase"] for _ in range(3)]
        return answer, phases, caller.state.store.get(ID), caller.state.store.outbox.stats()

    answer, phases, kept, stats = serve(work)
    assert answer == {"stored": 0, "known": 2}
    assert phases == ["open", "close", "update"]
    assert (kept.status, kept.label) == ("ended", "normal")
    assert stats["waiting"] == 2


def test_what_was_stored_before_the_disk_was_full_is_told_and_the_rest_comes_again(
    serve, monkeypatch
):
    from auscult.errors import StoreError
    from auscult.live.store import EventStore

    full = [False]
    add = EventStore.add

    def until_full(store, event, **options):
        if full[0]:
            raise StoreError("The disk is full.", "space", "Make room.")
        full[0] = True
        return add(store, event, **options)

    monkeypatch.setattr(EventStore, "add", until_full)
    two = body(told(), told(id=ID[:-1] + "E"))

    async def work(caller):
        watching = caller.state.hub.subscribe("*")
        await caller.ask("POST", PATH, json=two, status=503)
        first = await watching.get()
        full[0] = False
        again = await caller.json("POST", PATH, json=two)
        return first, again, await watching.get()

    first, again, second = serve(work)
    assert again == {"stored": 1, "known": 1}
    assert [one["event"]["id"] for one in (first, second)] == [ID, ID[:-1] + "E"]


def test_copies_that_come_at_the_same_time_are_one(serve):
    async def work(caller):
        caller.state.store.tell = ("hook",)
        sent = [caller.json("POST", PATH, json=body(told(), ENDED)) for _ in range(8)]
        answers = await asyncio.gather(*sent)
        return answers, caller.state.store.outbox.stats(), caller.state.store.count()

    answers, stats, count = serve(work)
    assert sum(one["stored"] for one in answers) == 2
    assert (stats["waiting"], count) == (2, 1)


def test_an_end_without_its_beginning_is_an_event_too(serve):
    async def work(caller):
        return await caller.json("POST", PATH, json=body(ENDED)), caller.state.store.get(ID)

    answer, kept = serve(work)
    assert answer == {"stored": 1, "known": 0}
    assert kept.status == "ended"


def test_nobody_ends_another_machines_event(serve):
    async def work(caller):
        await caller.json("POST", PATH, json=body(told()))
        answer = await caller.json("POST", PATH, json=body(ENDED, device="press-4"))
        return answer, caller.state.store.get(ID)

    answer, kept = serve(work)
    assert answer == {"stored": 0, "known": 1}
    assert (kept.status, kept.stream) == ("begun", "press-3:mic")


def test_events_of_this_server_are_safe(serve, event):
    async def work(caller):
        caller.state.store.add(event(1))
        mine = event(1).id[:-3] + "002"
        caller.state.store.add(event(2, status="begun", ended_at=None))
        answer = await caller.json("POST", PATH, json=body(told(**{**ENDED, "id": mine})))
        return answer, caller.state.store.get(mine)

    answer, kept = serve(work)
    assert answer == {"stored": 0, "known": 1}
    assert (kept.status, kept.stream) == ("begun", "demo")


def test_what_a_store_tells_is_what_this_takes(serve, event):
    """A message of an outbox, as a machine sends it, without what people say of it."""

    async def work(caller):
        caller.state.store.add(event(1, stream="mic"), tell=["forward"])
        (message,) = caller.state.store.outbox.waiting("forward")
        sent = {k: v for k, v in message.payload.items() if k not in ("label", "note")}
        sent["id"] = ID
        sent["explanation"] = told()["explanation"]
        answer = await caller.json("POST", PATH, json=body(sent))
        return answer, caller.state.store.get(ID)

    answer, kept = serve(work)
    assert answer["stored"] == 1
    here = asdict(event(1)) | {"stream": "press-3:mic", "stream_name": "press-3: Fan", "id": ID}
    same = ("begun_at", "ended_at", "peak_ratio", "limit", "rule", "windows", "bundle_id", "stream")
    assert {name: getattr(kept, name) for name in same} == {name: here[name] for name in same}


def test_a_clock_in_1970_and_one_in_9999_are_taken(serve):
    async def work(caller):
        for number, time in enumerate(("1970-01-01T00:00:07+00:00", "9999-12-31T00:00:00+00:00")):
            one = told(id=ID[:-1] + str(number), begun_at=time)
            await caller.json("POST", PATH, json=body(one))
        found = await caller.json("GET", "/api/events")
        return [one["begun_at"][:4] for one in found["events"]]

    assert serve(work) == ["9999", "1970"]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"id": "short"}, "id"),
        ({"id": ID.lower()}, "id"),
        ({"stream": "../mic"}, "stream"),
        ({"stream": "x" * 21}, "stream"),
        ({"stream_name": "x" * 121}, "stream_name"),
        ({"stream_name": "\ud800"}, "stream_name"),
        ({"kind": "Strange <b>"}, "kind"),
        ({"status": "over"}, "status"),
        ({"begun_at": "2030-01-01T12:00:00"}, "begun_at"),
        ({"begun_at": "0001-01-01T00:00:00+14:00"}, "begun_at"),
        ({"ended_at": "yesterday"}, "ended_at"),
        ({"peak_ratio": None}, "peak_ratio"),
        ({"start_s": float("nan")}, "start_s"),
        ({"limit": float("inf")}, "limit"),
        ({"windows": -1}, "windows"),
        ({"explanation": {"text": "x" * 1001}}, "explanation"),
        ({"explanation": {**told()["explanation"], "text": "\ud800"}}, "explanation"),
        ({"explanation": {**told()["explanation"], "low_hz": float("nan")}}, "explanation"),
    ],
)
def test_what_is_no_event_is_told_and_nothing_of_it_is_stored(serve, changes, place):
    async def work(caller):
        sent = json.dumps(body(told(id=ID[:-1] + "A"), told(**changes)))
        answer = await caller.json("POST", PATH, content=sent, headers=JSON, status=422)
        return answer, caller.state.store.count()

    answer, count = serve(work)
    assert f"events.1.{place}" in answer["detail"]
    assert count == 0


@pytest.mark.parametrize(
    "sent",
    [
        "{}",
        "[]",
        "no json",
        json.dumps(body()),
        json.dumps(body(told(), device="")),
        json.dumps(body(told(), device="a b")),
        json.dumps(body(*[told()] * 101)),
    ],
    ids=lambda sent: sent[:12],
)
def test_what_is_no_message_is_told(serve, sent):
    async def work(caller):
        await caller.ask("POST", PATH, content=sent, headers=JSON, status=422)
        return caller.state.store.count()

    assert serve(work) == 0


def test_a_key_is_asked_for_as_everywhere(serve):
    from pydantic import SecretStr

    key = "a key of at least twenty"

    async def work(caller):
        for headers, status in (
            ({}, 401),
            ({"authorization": "Bearer wrong"}, 401),
            ({"authorization": f"Bearer {key}"}, 200),
        ):
            await caller.ask("POST", PATH, json=body(told()), headers=headers, status=status)
        return caller.state.store.count()

    assert serve(work, keys=(SecretStr(key),)) == 1
