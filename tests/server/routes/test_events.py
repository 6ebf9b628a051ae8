"""`/api/events`: find, see, label, delete, export."""

import csv
import io
import json

import pytest

from auscult.server.routes.events import _cell


def stored(caller, events):
    for one in events:
        caller.state.store.add(one)


def test_events_come_newest_first_and_page_by_page(serve, event):
    async def work(caller):
        stored(caller, [event(number) for number in range(5)])
        first = await caller.json("GET", "/api/events?limit=2")
        then = await caller.json("GET", f"/api/events?limit=2&before={first['next']}")
        last = await caller.json("GET", f"/api/events?limit=2&before={then['next']}")
        return first, then, last

    first, then, last = serve(work)
    ids = [one["id"][-3:] for page in (first, then, last) for one in page["events"]]
    assert ids == ["004", "003", "002", "001", "000"]
    assert last["next"] is None
    assert first["total"] == 5
    assert "evidence" not in first["events"][0]
    assert first["events"][0]["has_evidence"]
    assert not first["events"][0]["has_clip"]
    assert first["events"][0]["begun_at"] == "2030-01-01T12:04:00Z"


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("stream=demo", "012"),
        ("stream=other", "3"),
        ("label=none", "013"),
        ("label=normal", "2"),
        ("kind=louder", "1"),
        ("text=belt", "0"),
        ("since=2030-01-01T12:02:00Z", "23"),
        ("since=2030-01-01T21:02:00%2B09:00", "23"),
        ("until=2030-01-01T12:02:00Z&stream=demo", "01"),
    ],
)
def test_events_are_filtered(serve, event, query, numbers):
    async def work(caller):
        stored(
            caller,
            [
                event(0, note="the belt again"),
                event(1, kind="louder"),
                event(2, label="normal"),
                event(3, stream="other"),
            ],
        )
        found = await caller.json("GET", f"/api/events?{query}")
        exported = await caller.json("GET", f"/api/events/export?format=json&{query}")
        return found, exported

    found, exported = serve(work)
    wanted = list(reversed(numbers))
    assert [one["id"][-1] for one in found["events"]] == wanted
    assert [one["id"][-1] for one in exported] == wanted
    assert found["total"] == len(numbers)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "limit=many",
        "since=yesterday",
        "since=2030-01-01T12:00:00",
        "since=0001-01-01T00:00:00%2B14:00",
        "until=9999-12-31T23:59:59-14:00",
        "label=perhaps",
        "kind=" + "x" * 33,
        "text=" + "x" * 201,
        "before=" + "x" * 65,
    ],
)
def test_a_bad_filter_is_told(serve, query):
    async def work(caller):
        return await caller.json("GET", f"/api/events?{query}", status=422)

    assert query.partition("=")[0] in serve(work)["detail"]


def test_one_event_has_its_evidence(serve, event):
    async def work(caller):
        stored(caller, [event(7)])
        return await caller.json("GET", f"/api/events/{event(7).id}")

    found = serve(work)
    assert found["evidence"]["level_db"] == [[-30.0]]
    assert found["explanation"]["text"].startswith("3.0-5.0 s")


def test_a_label_is_set_taken_back_and_told_to_viewers(serve, event):
    async def work(caller):
        stored(caller, [event(0)])
        told = caller.state.hub.subscribe("*")
        place = f"/api/events/{event(0).id}/label"
        labelled = await caller.json("PUT", place, json={"label": "normal", "note": "a lorry"})
        message = await told.get()
        again = await caller.json("PUT", place, json={"label": "anomaly"})
        undone = await caller.json("PUT", place, json={"label": None})
        return labelled, message, again, undone

    labelled, message, again, undone = serve(work)
    assert (labelled["label"], labelled["note"]) == ("normal", "a lorry")
    assert labelled["labelled_at"] is not None
    assert (message["type"], message["phase"]) == ("event", "update")
    assert message["event"]["label"] == "normal"
    assert (again["label"], again["note"]) == ("anomaly", "a lorry")
    assert (undone["label"], undone["labelled_at"]) == (None, None)


@pytest.mark.parametrize(
    "body",
    [
        '{"label": "perhaps"}',
        "{}",
        "[]",
        "null",
        "no json",
        '{"label": "normal", "note": 7}',
        '{"label": "normal", "note": "\\ud800"}',
        json.dumps({"label": "normal", "note": "x" * 2001}),
        "[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_a_bad_label_is_told_and_changes_nothing(serve, event, body):
    async def work(caller):
        stored(caller, [event(0)])
        answer = await caller.http.put(
            f"/api/events/{event(0).id}/label",
            content=body,
            headers={"content-type": "application/json"},
        )
        return answer, caller.state.store.get(event(0).id)

    answer, kept = serve(work)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (kept.label, kept.note) == (None, "")


def test_a_deleted_event_is_gone_with_its_sound(serve, event, settings):
    clip = settings.clips_dir / "demo.wav"
    clip.parent.mkdir(parents=True)
    clip.write_bytes(b"RIFF")

    async def work(caller):
        stored(caller, [event(0, clip="demo.wav")])
        place = f"/api/events/{event(0).id}"
        heard = await caller.ask("GET", f"{place}/clip.wav")
        deleted = await caller.json("DELETE", place)
        await caller.ask("GET", place, status=404)
        return heard, deleted

    heard, deleted = serve(work)
    assert heard.content == b"RIFF"
    assert heard.headers["content-type"] == "audio/wav"
    assert "attachment" in heard.headers["content-disposition"]
    assert deleted == {"deleted": event(0).id}
    assert not clip.exists()


@pytest.mark.parametrize("clip", [None, "gone.wav", "../events.sqlite", "/etc/passwd"])
def test_sound_that_is_not_kept_is_told(serve, event, settings, clip):
    settings.data_dir.mkdir()
    (settings.data_dir / "events.sqlite").touch()

    async def work(caller):
        stored(caller, [event(0, clip=clip)])
        return await caller.json("GET", f"/api/events/{event(0).id}/clip.wav", status=404)

    assert "--store-clips" in serve(work)["action"]


@pytest.mark.parametrize(
    ("method", "place"),
    [
        ("GET", ""),
        ("DELETE", ""),
        ("PUT", "/label"),
        ("GET", "/clip.wav"),
    ],
)
@pytest.mark.parametrize("name", ["gone", "%00", "..%2f..", "x" * 64, "日本"])
def test_an_event_that_is_not_there_is_told(serve, method, place, name):
    async def work(caller):
        body = {"json": {"label": "normal"}} if method == "PUT" else {}
        return await caller.http.request(method, f"/api/events/{name}{place}", **body)

    answer = serve(work)
    assert answer.status_code in (404, 405)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_table_can_be_read_and_runs_nothing(serve, event):
    async def work(caller):
        stored(caller, [event(0, note='=HYPERLINK("http://x"),\n"belt"'), event(1)])
        return await caller.ask("GET", "/api/events/export")

    answer = serve(work)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert ".csv" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [row["id"][-1] for row in rows] == ["1", "0"]
    assert rows[1]["note"].startswith("'=")
    assert rows[1]["explanation"].startswith("3.0-5.0 s")
    assert rows[0]["peak_ratio"] == "1.86"


def test_exports_go_beyond_one_page(serve, event):
    async def work(caller):
        stored(caller, [event(number) for number in range(999)])
        return await caller.json("GET", "/api/events/export?format=json")

    assert len(serve(work)) == 999


def test_nothing_to_export_is_an_empty_list(serve):
    async def work(caller):
        return await caller.json("GET", "/api/events/export?format=json")

    assert serve(work) == []


@pytest.mark.parametrize("start", "=+-@\t\r")
def test_no_cell_begins_as_a_formula_does(start):
    assert _cell(f"{start}1") == f"'{start}1"
