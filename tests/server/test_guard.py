"""What every request passes first: names, pages, keys, sizes; and the headers of every answer."""

import asyncio

import httpx
import pytest

from auscult.live.clock import SystemClock
from auscult.server import guard
from auscult.server.problems import Problem
from auscult.server.security import COOKIE

KEY = "a key that nobody guesses"


@pytest.fixture
def keyed(settings, serve):
    """A server that listens everywhere and needs a key."""
    from pydantic import SecretStr

    def run(work, **changes):
        given = {"keys": (SecretStr(KEY),), "allowed_hosts": ("ears.example",)}
        return serve(work, host="0.0.0.0", **given, **changes)

    return run


CLOSED = [
    ("GET", "/api/health"),
    ("GET", "/api/config"),
    ("GET", "/api/bundles"),
    ("POST", "/api/bundles"),
    ("GET", "/api/events"),
    ("PUT", "/api/events/x/label"),
    ("DELETE", "/api/events/x"),
    ("GET", "/api/events/export"),
    ("GET", "/api/history?stream=x"),
    ("GET", "/api/sources"),
    ("POST", "/api/sources"),
    ("GET", "/api/demo"),
    ("POST", "/api/demo/fault"),
    ("POST", "/api/learn"),
    ("POST", "/api/collections"),
    ("POST", "/api/collections/x/files?name=a.wav"),
    ("POST", "/api/train"),
    ("GET", "/api/jobs"),
    ("DELETE", "/api/jobs/x"),
    ("GET", "/api/families"),
    ("GET", "/api/openapi.json"),
    ("GET", "/api/nothing"),
    ("GET", "/api/settings"),
    ("PATCH", "/api/settings"),
    ("GET", "/api/keys"),
    ("GET", "/api/export-all"),
    ("DELETE", "/api/everything"),
    ("GET", "/api/diagnostics"),
    ("GET", "/metrics"),
    ("GET", "/docs"),
]


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_nothing_is_answered_without_the_key(keyed, method, path, is_problem):
    async def work(caller):
        wrong = (
            {},
            {"authorization": "Bearer wrong"},
            {"authorization": KEY},
            {"cookie": f"{COOKIE}=wrong"},
            {"x-auscult-key": KEY},
        )
        answers = [await caller.http.request(method, path, headers=headers) for headers in wrong]
        mark = "&" if "?" in path else "?"
        answers.append(await caller.http.request(method, f"{path}{mark}key={KEY}"))
        return answers

    for answer in keyed(work):
        assert answer.status_code == 401
        is_problem(answer)
        assert answer.headers["www-authenticate"] == "Bearer"


def test_with_the_key_it_answers(keyed):
    async def work(caller):
        for headers in (
            {"authorization": f"Bearer {KEY}"},
            {"cookie": f'{COOKIE}="{KEY}"'},
            {"authorization": f"Bearer {KEY}", "host": "ears.example"},
            {"authorization": f"Bearer {KEY}", "host": "10.0.0.7:8000"},
        ):
            await caller.ask("GET", "/api/health", headers=headers)

    keyed(work)


def test_every_route_of_the_api_is_closed(keyed):
    """A route that is added later is not forgotten: they are closed by where they are."""

    async def work(caller):
        found = []
        for path, methods in caller.app.openapi()["paths"].items():
            for method in methods:
                filled = path.replace("{", "").replace("}", "")
                answer = await caller.http.request(method, filled)
                found.append((path, method, answer.status_code))
        return found

    found = keyed(work)
    assert len(found) >= 25
    assert {path for path, _, status in found if status != 401} == {"/api/session"}


@pytest.mark.parametrize(
    ("method", "path"), [*CLOSED, ("GET", "/"), ("GET", "/assets/x.js"), ("POST", "/api/session")]
)
@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "evil.example:8000", "origin": "http://evil.example:8000"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:5173"},
    ],
    ids=lambda headers: " ".join(headers.values()),
)
def test_foreign_pages_and_names_are_refused(serve, method, path, headers, is_problem):
    async def work(caller):
        return await caller.http.request(method, path, headers=headers)

    answer = serve(work)
    assert answer.status_code == 403
    is_problem(answer)
    assert "--allow-host" in answer.json()["action"]
    assert not any(name.startswith("access-control") for name in answer.headers)


def test_the_right_key_does_not_open_it_to_a_foreign_page(keyed):
    async def work(caller):
        headers = {"authorization": f"Bearer {KEY}", "origin": "http://evil.example"}
        await caller.ask("GET", "/api/health", status=403, headers=headers)

    keyed(work)


def test_the_own_page_is_let_in(serve):
    async def work(caller):
        for origin in ("http://localhost:8000", "https://localhost:8000"):
            await caller.ask("GET", "/api/health", headers={"origin": origin})

    serve(work)


def test_too_many_wrong_keys_are_refused_whatever_comes(keyed):
    async def work(caller):
        transport = httpx.ASGITransport(caller.app, client=("10.0.0.9", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://10.0.0.7") as other:
            wrong = {"authorization": "Bearer wrong"}
            right = {"authorization": f"Bearer {KEY}"}
            found = [(await other.get("/metrics", headers=wrong)).status_code for _ in range(11)]
            found.append((await other.get("/metrics", headers=right)).status_code)
            answer = await other.post("/api/session", json={"key": KEY})
            found.append(answer.status_code)
        await caller.ask("GET", "/metrics", headers=right)
        return found

    assert keyed(work) == [401] * 10 + [429] * 3


@pytest.mark.parametrize("path", ["/", "/api/health", "/api/gone", "/docs", "/metrics", "/x/y"])
def test_every_answer_has_the_headers(serve, path):
    async def work(caller):
        return await caller.http.get(path)

    headers = serve(work).headers
    policy = headers["content-security-policy"]
    for part in (
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "worker-src 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ):
        assert part in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["permissions-policy"].startswith("microphone=(self)")
    if path.startswith(("/api", "/metrics", "/docs")):
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("over", [0, 1])
def test_a_body_is_as_large_as_it_may_be_and_no_larger(serve, over):
    limit = 2048
    body = b'{"label": null, "note": "' + b"x" * (limit - 27) + b'"}'
    body += b" " * (limit - len(body) + over)

    async def in_pieces():
        for at in range(0, len(body), 500):
            yield body[at : at + 500]

    async def work(caller):
        headers = {"content-type": "application/json"}
        return [
            await caller.http.put("/api/events/x/label", content=content, headers=headers)
            for content in (body, in_pieces())
        ]

    for answer in serve(work, max_json_bytes=limit):
        # Without an event of that name, what is not too large gets further.
        assert answer.status_code == (413 if over else 422)
        if over:
            assert answer.json()["expected"] == "at most 2,048 bytes"


@pytest.mark.parametrize("length", ["99999999999999999999999", "-1", "x", "67108865"])
def test_a_length_that_can_not_be_is_refused_before_the_body_is_read(serve, length, is_problem):
    async def never():
        raise AssertionError("it was read")
        yield b""

    async def work(caller):
        return await caller.http.post(
            "/api/bundles", content=never(), headers={"content-length": length}
        )

    answer = serve(work)
    assert answer.status_code == 413
    is_problem(answer)


def test_a_body_that_comes_too_slowly_is_given_up(settings, monkeypatch):
    monkeypatch.setattr(guard, "BODY_S", 0.05)
    scope = {"type": "http", "path": "/api/x", "headers": []}
    made = guard.Guard(
        None, security=None, settings=settings, clock=SystemClock(), failures=None, counts=None
    )

    async def never():
        await asyncio.sleep(60)

    async def work():
        with pytest.raises(Problem) as error:
            await made._bounded(scope, never)()
        return error.value

    problem = asyncio.run(work())
    assert problem.status_code == 408
    assert "at least 1024 bytes a second" in problem.expected


def test_a_foreign_socket_is_closed_before_anyone_hears_of_it(settings):
    from auscult.server.security import security_from

    async def app(scope, receive, send):
        raise AssertionError("it came through")

    made = guard.Guard(
        app,
        security=security_from(host="127.0.0.1"),
        settings=settings,
        clock=SystemClock(),
        failures=None,
        counts=None,
    )
    sent = []

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    headers = [(b"host", b"localhost:8000"), (b"origin", b"http://evil.example")]
    scope = {"type": "websocket", "path": "/ws/stream", "headers": headers}
    asyncio.run(made(scope, receive, send))
    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.close"]
    assert sent[1]["code"] == 4403


def test_answers_are_counted(serve):
    async def work(caller):
        await caller.http.get("/api/health")
        await caller.http.get("/api/gone")
        await caller.http.request("BREW", "/api/health")
        return caller.state.counts

    counts = serve(work)
    assert counts["GET", 200] == 1
    assert counts["GET", 404] == 1
    assert sum(number for (method, _), number in counts.items() if method == "OTHER") == 1
