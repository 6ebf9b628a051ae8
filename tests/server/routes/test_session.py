"""A key for a cookie."""

import pytest
from pydantic import SecretStr

KEY = "a key that nobody guesses"


@pytest.fixture
def keyed(serve):
    def run(work):
        return serve(work, host="0.0.0.0", keys=(SecretStr(KEY),))

    return run


def test_the_page_asks_for_the_key_and_opens_with_it(keyed):
    async def work(caller):
        asked = await caller.http.get("/")
        wrong = await caller.http.post("/api/session", data={"key": "wrong"})
        right = await caller.http.post("/api/session", data={"key": KEY})
        then = await caller.http.get("/api/health")  # the client keeps the cookie
        page = await caller.http.get("/")
        return asked, wrong, right, then, page

    asked, wrong, right, then, page = keyed(work)
    assert 'type="password"' in asked.text
    assert "set-cookie" not in asked.headers
    assert wrong.status_code == 401
    assert "not known" in wrong.text
    assert (right.status_code, right.headers["location"]) == (303, "/")
    cookie = right.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert then.status_code == 200
    assert 'type="password"' not in page.text


def test_programs_hand_in_json_and_leave_again(keyed):
    async def work(caller):
        await caller.ask("POST", "/api/session", json={"key": KEY})
        await caller.ask("GET", "/api/config")
        await caller.ask("DELETE", "/api/session", status=204)
        await caller.ask("GET", "/api/config", status=401)

    keyed(work)


def test_over_tls_the_cookie_stays_there(keyed):
    async def work(caller):
        return await caller.http.post("https://localhost:8000/api/session", json={"key": KEY})

    assert "secure" in keyed(work).headers["set-cookie"].lower()


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b'{"key": 7}', b"\xff", b'{"key": "\\r\\nSet-Cookie: x=1"}', b"[" * 9999],
)
def test_what_is_no_key_is_told(keyed, body):
    async def work(caller):
        answer = await caller.ask("POST", "/api/session", status=401, content=body)
        assert "set-cookie" not in answer.headers

    keyed(work)


def test_without_keys_nothing_is_asked(serve):
    async def work(caller):
        page = await caller.http.get("/")
        assert 'type="password"' not in page.text
        return (await caller.json("GET", "/api/config"))["auth_required"]

    assert serve(work) is False
