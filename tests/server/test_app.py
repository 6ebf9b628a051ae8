"""The app as a whole: opened once, closed once, an open door refused."""

import asyncio
import re

import pytest

from auscult.errors import AuscultError, RecipeError
from auscult.server.app import create_app
from auscult.server.settings import Settings
from auscult.server.state import open_state

SLOT = re.compile(r"\{(\w+)\}")


def test_an_open_door_is_refused_before_anything_is_opened(tmp_path):
    with pytest.raises(RecipeError, match="there is no key"):
        create_app(Settings(host="0.0.0.0", data_dir=tmp_path / "data"))
    assert not (tmp_path / "data").exists()


def test_making_an_app_touches_nothing(tmp_path):
    create_app(Settings(data_dir=tmp_path / "data"))
    assert not (tmp_path / "data").exists()


def test_what_was_opened_already_is_used_and_closed(settings):
    from auscult.live.clock import SystemClock

    async def work():
        state = open_state(settings, clock=SystemClock())
        app = create_app(settings, state=state)
        async with app.router.lifespan_context(app):
            assert app.state.auscult is state
        # Its store is closed: another one may be opened on the same data.
        open_state(settings, clock=SystemClock()).store.close()

    asyncio.run(work())


def test_a_bundle_that_can_not_be_taken_ends_the_start_and_locks_nothing(settings, tmp_path):
    from auscult.live.clock import SystemClock

    torn = tmp_path / "torn.onnx"
    torn.write_bytes(b"x")
    named = settings.model_copy(update={"bundles": (torn,)})
    for _ in range(2):
        with pytest.raises(AuscultError, match="torn"):
            open_state(named, clock=SystemClock())


BODIES = [
    b"",
    b"null",
    b"[]",
    b"7",
    b'"text"',
    b"{}",
    b'{"label": {}}',
    b'{"address": 7, "fault": [], "session": null, "name": {}, "budget_per_day": "x"}',
    b'{"address": "\\u0000", "fault": "\\u0000", "session": "\\u0000", "name": "\\u0000"}',
    b"{" * 5000,
    b"\x00\xff",
    b'{"label": ' + b"9" * 5000 + b"}",
]
QUERY = "limit=-1&before=%00&since=x&stream=%00&seconds=nan&factor=-inf&format=xml&name=%00"

VALUES = ("x", "%00", "..%2F..", "%F0%9F%94%8A")


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:24]))
def test_no_operation_fails_whatever_is_sent(serve, body, bundle_file, is_problem):
    async def work(caller):
        found = []
        for path, methods in caller.app.openapi()["paths"].items():
            for method in methods:
                # A set: where there is no slot, once is enough.
                for filled in {SLOT.sub(value, path) for value in VALUES}:
                    answer = await caller.http.request(
                        method,
                        f"{filled}?{QUERY}",
                        content=body,
                        headers={"content-type": "application/json"},
                    )
                    found.append((method, filled, answer))
        return found

    for method, path, answer in serve(work, bundles=(bundle_file,)):
        assert answer.status_code < 500, (method, path, body[:40], answer.text)
        if answer.status_code >= 400:
            is_problem(answer)
