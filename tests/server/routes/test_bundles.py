"""`/api/bundles`: upload, prove, activate, choose, fetch, delete."""

import asyncio
import os

import pytest

from auscult.server.state import MAX_RECEIVED


@pytest.fixture(scope="session")
def content(bundle_file):
    return bundle_file.read_bytes()


@pytest.fixture(scope="session")
def other(own_bundle):
    return own_bundle.to_bytes()


def test_a_bundle_is_uploaded_proved_and_described(serve, content):
    async def work(caller):
        info = await caller.json("POST", "/api/bundles?name=Fan%20A", status=201, content=content)
        listed = await caller.json("GET", "/api/bundles")
        proved = await caller.json("POST", f"/api/bundles/{info['id']}/verify")
        file = await caller.ask("GET", f"/api/bundles/{info['id']}/file")
        return info, listed, proved, file

    info, listed, proved, file = serve(work)
    assert listed == {"active": info["id"], "previous": None, "bundles": [info]}
    assert info["name"] == "Fan A"
    assert info["family"] == "memory"
    assert (info["window_s"], info["hop_s"], info["sample_rate_hz"]) == (2.0, 1.0, 16000)
    assert info["trust"] == "provisional"
    assert info["budget_per_day"] == 1.0
    assert info["supported_per_day"] > 1.0
    assert info["promised_per_day"] == info["supported_per_day"]
    assert {limit["rule"] for limit in info["limits"]} == {"sustained", "sudden"}
    assert all(len(band) == 3 for band in info["bands_hz"])
    assert info["active"] is True
    assert info["learned_s"] == pytest.approx(120.0)
    assert info["recordings"] == 12
    assert (info["labels"], info["alarm_labels"]) == ([], [])
    assert proved["ok"] is True
    assert proved["max_difference"] < 1e-3
    assert proved["references_of"] == "normal"
    assert file.content == content
    assert "Fan%20A.onnx" in file.headers["content-disposition"]


def test_another_bundle_is_activated_and_the_first_deleted(serve, content, other):
    async def work(caller):
        told = []
        caller.state.bundles.on_change.append(told.append)
        first = await caller.json("POST", "/api/bundles", status=201, content=content)
        second = await caller.json("POST", "/api/bundles", status=201, content=other)
        refused = await caller.json("DELETE", f"/api/bundles/{first['id']}", status=409)
        active = await caller.json("POST", f"/api/bundles/{second['id']}/activate")
        gone = await caller.json("DELETE", f"/api/bundles/{first['id']}")
        return first, second, refused, active, gone, told

    first, second, refused, active, gone, told = serve(work)
    assert second["active"] is False
    assert active["active"] is True
    assert "is active" in refused["detail"]
    assert gone == {"deleted": first["id"]}
    assert told == [first["id"], second["id"]]


def test_what_was_deleted_is_had_back_and_what_was_active_before_judges_again(
    serve, content, other
):
    async def work(caller):
        first = await caller.json("POST", "/api/bundles?name=One", status=201, content=content)
        second = await caller.json("POST", "/api/bundles", status=201, content=other)
        nothing = await caller.json("POST", "/api/bundles/rollback", status=422)
        await caller.json("POST", f"/api/bundles/{second['id']}/activate")
        listed = await caller.json("GET", "/api/bundles")
        back = await caller.json("POST", "/api/bundles/rollback")
        await caller.json("POST", f"/api/bundles/{second['id']}/activate")
        await caller.json("DELETE", f"/api/bundles/{first['id']}")
        restored = await caller.json("POST", f"/api/bundles/{first['id']}/restore")
        await caller.ask("POST", f"/api/bundles/{first['id']}/restore", status=404)
        file = await caller.ask("GET", f"/api/bundles/{first['id']}/file")
        return first, second, nothing, listed, back, restored, file.content

    first, second, nothing, listed, back, restored, file = serve(work)
    assert "no earlier bundle" in nothing["detail"]
    assert (listed["active"], listed["previous"]) == (second["id"], first["id"])
    assert (back["id"], back["active"]) == (first["id"], True)
    assert restored == first | {"active": False}
    assert file == content


def test_what_judges_a_source_is_not_deleted_and_what_it_came_of_may_be(
    serve, content, other, edge_bundle
):
    """A source that names a bundle is judged by what became of that one."""

    async def work(caller):
        bundles = caller.state.bundles
        bundles.add_bytes(edge_bundle.with_budget(7.0).to_bytes())
        made = (content, edge_bundle.to_bytes(), other)
        named, between, newest = (bundles.add_bytes(one, name="Fan").id for one in made)
        bundles.follow(named, bundles.get(between), activates=False)
        bundles.follow(between, bundles.get(newest), activates=False)
        source = {"address": "machine:fan", "name": "Hall 2", "bundle": named}
        await caller.json("POST", "/api/sources", json=source, status=201)
        refused = [
            await caller.json("DELETE", f"/api/bundles/{one}", status=409)
            for one in (newest, named)
        ]
        await caller.json("DELETE", f"/api/bundles/{between}")
        return refused, bundles.newest(named), newest

    refused, judges, newest = serve(work)
    assert ["used by Hall 2" in one["detail"] for one in refused] == [True, True]
    assert judges == newest


def test_sensitivity_is_chosen_by_budget(serve, bundle_file):
    async def work(caller):
        (bundle,) = (await caller.json("GET", "/api/bundles"))["bundles"]
        told = []
        caller.state.bundles.on_change.append(told.append)
        place = f"/api/bundles/{bundle['id']}"
        changed = await caller.json("PATCH", place, json={"budget_per_day": 500.0})
        named = await caller.json("PATCH", place, json={"name": "Fan B"})
        for budget in (0, -1, 1e9, "many", "nan"):
            await caller.ask("PATCH", place, status=422, json={"budget_per_day": budget})
        infinite = await caller.http.patch(
            place,
            content='{"budget_per_day": NaN}',
            headers={"content-type": "application/json"},
        )
        return bundle, changed, named, infinite, told

    before, changed, named, infinite, told = serve(work, bundles=(bundle_file,))
    assert changed["budget_per_day"] == 500.0
    assert named["budget_per_day"] == 500.0
    assert named["name"] == "Fan B"
    assert changed["limits"][0]["limit"] <= before["limits"][0]["limit"]
    assert infinite.status_code == 422
    assert told == [before["id"]]


def test_what_is_no_bundle_is_refused_and_nothing_changes(
    serve, content, embedder_file, is_problem
):
    torn = bytearray(content)
    torn[len(torn) // 2] ^= 0xFF

    async def work(caller):
        answers = [
            await caller.http.post("/api/bundles", content=bad)
            for bad in (b"", b"no bundle", content[:-100], bytes(torn), embedder_file.read_bytes())
        ]
        return answers, await caller.json("GET", "/api/bundles")

    answers, listed = serve(work)
    for answer in answers:
        assert answer.status_code == 422
        is_problem(answer)
        assert "/tmp" not in answer.text
    assert listed == {"active": None, "previous": None, "bundles": []}


def test_an_upload_that_is_slow_holds_nobody_up(serve, content, other):
    async def work(caller):
        go_on = asyncio.Event()

        async def slowly():
            yield content[:1000]
            await go_on.wait()
            yield content[1000:]

        first = asyncio.create_task(caller.http.post("/api/bundles", content=slowly()))
        await asyncio.sleep(0.05)
        second = await caller.http.post("/api/bundles", content=other)
        proved = await caller.http.post(f"/api/bundles/{second.json()['id']}/verify")
        go_on.set()
        return second.status_code, proved.status_code, (await first).status_code

    assert serve(work) == (201, 200, 201)


def test_only_so_many_come_in_at_the_same_time(serve, content, is_problem):
    async def work(caller):
        go_on = asyncio.Event()

        async def slowly():
            yield content[:1000]
            await go_on.wait()
            yield content[1000:]

        waiting = [
            asyncio.create_task(caller.http.post("/api/bundles", content=slowly()))
            for _ in range(MAX_RECEIVED)
        ]
        async with asyncio.timeout(60):
            while not caller.state.receiving.locked():
                await asyncio.sleep(0.01)
        refused = await caller.http.post("/api/bundles", content=content)
        go_on.set()
        taken = [(await one).status_code for one in waiting]
        return refused, taken, (await caller.http.post("/api/bundles", content=content)).status_code

    refused, taken, again = serve(work)
    assert refused.status_code == 429
    is_problem(refused)
    assert refused.headers["retry-after"] == "5"
    assert taken == [201] * MAX_RECEIVED
    assert again == 201


def test_a_disk_that_is_full_is_told(serve, content, monkeypatch, is_problem):
    def full(_):
        raise OSError(28, "No space left on device")

    async def work(caller):
        monkeypatch.setattr("auscult.server.bundles.os.fsync", full)
        answer = await caller.http.post("/api/bundles", content=content)
        monkeypatch.undo()
        return answer, await caller.json("GET", "/api/bundles")

    answer, listed = serve(work)
    assert answer.status_code == 503
    is_problem(answer)
    assert "No space left" in answer.json()["detail"]
    assert listed == {"active": None, "previous": None, "bundles": []}


def test_an_upload_that_breaks_off_leaves_nothing(serve, content, settings, caplog):
    messages = [
        {"type": "http.request", "body": content[:1000], "more_body": True},
        {"type": "http.disconnect"},
    ]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/bundles",
        "raw_path": b"/api/bundles",
        "query_string": b"",
        "headers": [(b"host", b"localhost:8000")],
        "client": ("::1", 1),
        "http_version": "1.1",
        "scheme": "http",
        "server": ("localhost", 8000),
    }

    async def work(caller):
        async def receive():
            return messages.pop(0)

        async def send(_):
            pass

        await caller.app(scope, receive, send)
        return list(settings.bundles_dir.iterdir()), await caller.json("GET", "/api/bundles")

    assert serve(work) == ([], {"active": None, "previous": None, "bundles": []})
    assert caplog.records == []


def test_a_file_that_is_too_large_is_refused(serve, content):
    async def pieces():
        for at in range(0, len(content), 4096):
            yield content[at : at + 4096]

    async def work(caller):
        for body in (content, pieces()):
            await caller.ask("POST", "/api/bundles", status=413, content=body)

    serve(work, max_upload_bytes=20_000)


@pytest.mark.parametrize(
    ("method", "place", "body"),
    [
        ("POST", "/verify", None),
        ("POST", "/activate", None),
        ("PATCH", "", {"name": "x"}),
        ("GET", "/file", None),
        ("DELETE", "", None),
    ],
)
@pytest.mark.parametrize("name", ["gone", "..%2f..", "x" * 64, "日本", "%00"])
def test_a_bundle_that_is_not_there_is_told(serve, method, place, body, name):
    async def work(caller):
        return await caller.http.request(method, f"/api/bundles/{name}{place}", json=body)

    answer = serve(work)
    assert answer.status_code in (404, 405)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_tflite_bundle_is_uploaded_activated_and_judges(serve, content, loudness, wav, machine):
    async def work(caller):
        await caller.json("POST", "/api/bundles?name=Fan", status=201, content=content)
        lite = await caller.json(
            "POST", "/api/bundles?name=Lite", status=201, content=loudness.to_bytes()
        )
        proved = await caller.json("POST", f"/api/bundles/{lite['id']}/verify")
        active = await caller.json("POST", f"/api/bundles/{lite['id']}/activate")
        found = await caller.json("POST", "/api/inspect?name=a.wav", content=wav(machine(5)))
        file = await caller.ask("GET", f"/api/bundles/{lite['id']}/file")
        return proved, active, found, file

    proved, active, found, file = serve(work)
    assert proved["max_difference"] < 1e-3
    assert (active["name"], active["active"]) == ("Lite", True)
    assert found["bundle"]["name"] == "Lite"
    assert 0.001 < found["verdict"]["score"] < 1.0
    assert file.content == loudness.to_bytes()
    assert "Lite.tflite" in file.headers["content-disposition"]


def test_where_litert_is_missing_the_extra_is_named(serve, loudness, tmp_path, monkeypatch):
    """In the process that tries the file."""
    absent = "import sys\nsys.modules['ai_edge_litert'] = None\n"
    (tmp_path / "sitecustomize.py").write_text(absent)
    before = os.environ.get("PYTHONPATH")
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join([str(tmp_path), *([before] if before else [])])
    )

    async def work(caller):
        return await caller.ask("POST", "/api/bundles", status=422, content=loudness.to_bytes())

    answer = serve(work)
    assert "pip install 'auscult[tflite]'" in answer.text
    assert "A TFLite bundle" in answer.text
