"""`/api/settings`: seen, changed, refused, told; and what a change does at once."""

import asyncio

import pytest
from pydantic import SecretStr

from auscult.server.telling import channel_id

AT = "/api/settings"
HOOK = "https://me:secret@hooks.example/T0/B1"
NIGHT = {"days": [0, 1, 2, 3, 4, 5, 6], "start": "00:00", "end": "00:00", "name": "always"}


def test_what_was_not_changed_is_safe(serve):
    async def work(caller):
        return await caller.json("GET", AT)

    told = serve(work)
    assert (told["revision"], told["store_clips"], told["events_days"]) == (0, False, None)
    assert (told["clips_days"], told["channels"], told["fixed"]) == (7.0, [], {})
    assert told["patience"] == {"min_on_s": 0.0, "merge_s": 10.0, "cooldown_s": 0.0}
    assert not told["is_quiet"]
    assert told["disk"]["free"] > 0


def test_what_was_changed_counts_at_once_and_after_a_start(serve):
    change = {
        "revision": 0,
        "time_zone": "Asia/Tokyo",
        "quiet_hours": [NIGHT],
        "store_clips": True,
        "keep_speech": True,
        "clips_days": 2.0,
        "events_days": 90,
        "webhook_secret": "nobody shall see this",
    }

    async def work(caller):
        told = await caller.ask("PATCH", AT, json=change)
        assert "nobody" not in told.text
        assert caller.state.settings.store_clips
        assert caller.state.settings.keep_speech
        assert caller.state.clips is not None
        config = await caller.json("GET", "/api/config")
        assert config["storing_clips"]
        off = {"revision": 1, "store_clips": False}
        await caller.ask("PATCH", AT, json=off)
        assert caller.state.clips is None
        return told.json()

    async def again(caller):
        return await caller.json("GET", AT)

    told = serve(work)
    assert (told["revision"], told["is_quiet"], told["has_webhook_secret"]) == (1, True, True)
    assert (told["time_zone"], told["clips_days"], told["events_days"]) == ("Asia/Tokyo", 2.0, 90.0)
    later = serve(again)
    assert (later["revision"], later["store_clips"], later["events_days"]) == (2, False, 90.0)


def test_null_is_as_it_was_started(serve):
    async def work(caller):
        await caller.ask("PATCH", AT, json={"revision": 0, "clips_days": 3, "quiet_hours": [NIGHT]})
        back = {"revision": 1, "clips_days": None, "quiet_hours": None, "webhook_secret": None}
        return await caller.json("PATCH", AT, json=back)

    told = serve(work)
    assert (told["clips_days"], told["quiet_hours"], told["has_webhook_secret"]) == (7.0, [], False)


def test_nobody_changes_what_he_has_not_seen(serve):
    async def work(caller):
        first = await caller.ask("PATCH", AT, json={"revision": 0, "events_days": 30})
        answers = await asyncio.gather(
            *(
                caller.http.request("PATCH", AT, json={"revision": 1, "events_days": days})
                for days in (40, 50)
            )
        )
        refused = await caller.ask("PATCH", AT, status=409, json={"revision": 0, "events_days": 9})
        return first.json(), sorted(one.status_code for one in answers), refused.json()

    first, statuses, refused = serve(work)
    assert first["revision"] == 1
    assert statuses == [200, 409]
    assert refused["detail"] == (
        "The settings were changed meanwhile: this is about revision 0, and they are at 2."
    )
    assert refused["action"] == "Look at them as they are now, and change them again."


def test_what_was_given_at_the_start_is_shown_and_stays(serve, monkeypatch):
    async def work(caller):
        told = await caller.json("GET", AT)
        refused = await caller.json(
            "PATCH", AT, status=422, json={"revision": 0, "store_clips": True}
        )
        key = channel_id("print:")
        gone = await caller.json("DELETE", f"{AT}/notify/{key}?revision=0", status=422)
        return told, refused, gone

    told, refused, gone = serve(work, store_clips=False, notify=("print:",))
    assert told["fixed"] == {"store_clips": "flag"}
    assert [one["fixed_by"] for one in told["channels"]] == ["flag"]
    assert refused["detail"] == "store_clips was set by a flag when the server was started."
    assert gone["detail"] == "The channel print: was set by a flag when the server was started."


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"clips_days": 0}, "clips_days: Input should be greater than or equal to 0.01"),
        ({"time_zone": "Mars"}, "time_zone: Value error, the time zone 'Mars' is not known"),
        ({"sources": {"x" * 65: {}}}, "at most 64 characters"),
        ({"pigeons": 1}, "Extra inputs are not permitted"),
        ({"quiet_hours": [NIGHT] * 51}, "at most 50 items"),
    ],
)
def test_what_has_no_meaning_changes_nothing(serve, change, words):
    async def work(caller):
        refused = await caller.json("PATCH", AT, status=422, json={"revision": 0} | change)
        return refused, await caller.json("GET", AT)

    refused, told = serve(work)
    assert words in refused["detail"]
    assert told["revision"] == 0


def test_a_channel_is_added_tested_told_and_removed(serve, monkeypatch, event):
    sent = []

    class Receiver:
        name = "https://hooks.example/T0/B1#hash"

        def send(self, message_id, payload):
            sent.append(payload)

        def close(self):
            pass

    monkeypatch.setattr("auscult.server.telling.open_channel", lambda *_, **__: Receiver())
    monkeypatch.setattr("auscult.live.notify.dispatcher.LOOK_EVERY_S", 0.01)

    async def work(caller):
        added = await caller.ask("POST", f"{AT}/notify", status=201, json=new)
        assert "me:secret" not in added.text
        (channel,) = added.json()["channels"]
        assert channel["shown"] == "https://hooks.example/…"
        again = await caller.json("POST", f"{AT}/notify", status=409, json=new | {"revision": 1})
        assert again["detail"] == "This channel is there already."
        tested = await caller.json("POST", f"{AT}/notify/test", json={"id": channel["id"]})
        assert tested["delivered"]
        caller.state.store.add(event(1))
        async with asyncio.timeout(60):
            while len(sent) < 2:
                await asyncio.sleep(0.01)
        await caller.ask("DELETE", f"{AT}/notify/{channel['id']}?revision=0", status=409)
        gone = await caller.json("DELETE", f"{AT}/notify/{channel['id']}?revision=1")
        await caller.ask("POST", f"{AT}/notify/test", status=404, json={"id": channel["id"]})
        return gone

    new = {"revision": 0, "address": HOOK}
    gone = serve(work)
    assert (gone["channels"], gone["revision"]) == ([], 2)
    assert [one.get("type", one.get("status")) for one in sent] == ["test", "ended"]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("pigeon:", "There is no channel 'pigeon:'."),
        ("http://hooks.example/1", "http://hooks.example/1 can't be a webhook."),
        ("mqtt://", "mqtt:// can't be read: it names no host."),
    ],
)
def test_a_channel_that_is_none_is_refused_and_nothing_is_kept(serve, address, words):
    async def work(caller):
        body = {"revision": 0, "address": address}
        refused = await caller.json("POST", f"{AT}/notify", status=422, json=body)
        return refused, await caller.json("GET", AT)

    refused, told = serve(work)
    assert refused["detail"] == words
    assert (told["revision"], told["channels"]) == (0, [])


def test_who_calls_from_elsewhere_names_nothing_within_this_machine(serve):
    key = "a key that nobody guesses"

    async def work(caller):
        body = {"revision": 0, "address": "mqtt://127.0.0.1/plant"}
        return await caller.json("POST", f"{AT}/notify", status=422, json=body)

    refused = serve(work, keys=(SecretStr(key),), headers={"authorization": f"Bearer {key}"})
    assert refused["detail"] == "mqtt://127.0.0.1/plant leads into this machine, or nowhere."


def test_a_sensitivity_says_what_it_brings(serve, bundle_file):
    async def work(caller):
        before = await caller.json("GET", f"{AT}/sensitivity")
        added = await caller.json(
            "POST", "/api/sources", status=201, json={"address": "machine:fan"}
        )
        own = {added["id"]: {"budget_per_day": 24.0}}
        await caller.ask("PATCH", AT, json={"revision": 0, "sources": own})
        async with asyncio.timeout(60):
            while caller.state.history.last(added["id"], seconds=60.0) is None:
                await asyncio.sleep(0.05)
        return before, await caller.json("GET", f"{AT}/sensitivity")

    before, told = serve(work, bundles=(bundle_file,))
    assert before["sources"] == []
    (bundle,) = told["bundles"]
    assert bundle["active"]
    assert [one["budget_per_day"] for one in bundle["steps"]][:3] == [24.0, 4.0, 1.0]
    (source,) = told["sources"]
    assert (source["budget_per_day"], source["bundle"]) == (24.0, bundle["bundle"])
    assert len(source["past_hour"]) == len(bundle["steps"])


def test_the_sensitivity_of_a_source_is_that_of_what_judges_it(serve, bundle_file, edge_bundle):
    async def work(caller):
        bundles = caller.state.bundles
        active = bundles.add_bytes(edge_bundle.to_bytes())
        named = bundles.add_file(bundle_file)
        newest = bundles.add_bytes(edge_bundle.with_budget(7.0).to_bytes(), name="since")
        bundles.follow(named.id, newest, activates=False)
        source = {"address": "machine:fan", "bundle": named.id}
        await caller.json("POST", "/api/sources", json=source, status=201)
        return active.id, newest.id, await caller.json("GET", f"{AT}/sensitivity")

    active, newest, told = serve(work)
    assert [one["bundle"] for one in told["bundles"]] == [active, newest]
    assert [one["bundle"] for one in told["sources"]] == [newest]


def test_a_stream_goes_by_its_own_sensitivity_and_patience(serve, bundle_file):
    async def work(caller):
        state = caller.state
        own = {"fan": {"budget_per_day": 1e5, "patience": {"min_on_s": 9.0}}}
        from auscult.server.sources import Wanted
        from auscult.server.streams import open_source_session

        wanted = Wanted(id="fan", address="machine:fan", name="Fan")
        session = await open_source_session(state, wanted, "machine")
        await session.welcome()
        first, listener = dict(session._limits), session._listener
        await caller.ask("PATCH", AT, json={"revision": 0, "events_days": 5})
        await session.welcome()
        assert session._listener is listener  # what has not changed is not begun anew
        await caller.ask("PATCH", AT, json={"revision": 1, "sources": own})
        await session.welcome()
        second, patience = dict(session._limits), session._listener._tracker._patience
        await session.close()
        return first, second, patience

    first, second, patience = serve(work, bundles=(bundle_file,))
    assert patience.min_on_s == 9.0
    assert all(second[name] < limit for name, limit in first.items())


def test_a_file_that_was_damaged_is_told_of(serve, settings):
    settings.data_dir.mkdir(parents=True)
    settings.choices_path.write_text("{", encoding="utf8")

    async def work(caller):
        return await caller.json("GET", "/api/health")

    assert "settings_moved_aside" in serve(work)["reasons"]
