"""How routes get at the state, and at what a request names in it."""

import asyncio
from types import SimpleNamespace

import pytest

from auscult.server.problems import Problem
from auscult.server.routes.access import (
    judge_by,
    known_bundle,
    known_event,
    recorded_by,
    state_of,
)


def test_the_state_is_that_of_the_app_that_was_asked():
    state = object()
    app = SimpleNamespace(state=SimpleNamespace(auscult=state))
    assert state_of(SimpleNamespace(app=app)) is state


@pytest.fixture
def server():
    """Nothing is in it, but one session that has sent nothing to learn from."""
    session = SimpleNamespace(mode="learn", recorded=lambda: None)
    return SimpleNamespace(
        bundles=SimpleNamespace(get=lambda _: None, judging=lambda one: one),
        store=SimpleNamespace(get=lambda _: None),
        sessions={"silent": session},
    )


@pytest.mark.parametrize(
    ("ask", "status", "code"),
    [
        (lambda server: known_bundle(server, "b1"), 404, "bundle_gone"),
        (lambda server: asyncio.run(known_event(server, "e1")), 404, "event_gone"),
        (lambda server: judge_by(server, None), 409, "bundle_none_active"),
        (lambda server: judge_by(server, "b1"), 409, "bundle_none_active"),
        (lambda server: asyncio.run(recorded_by(server, "gone")), 422, "recording_gone"),
        (lambda server: asyncio.run(recorded_by(server, "silent")), 422, "recording_gone"),
    ],
)
def test_what_is_not_there_is_told(server, ask, status, code):
    with pytest.raises(Problem) as caught:
        ask(server)
    assert (caught.value.status_code, caught.value.code) == (status, code)
