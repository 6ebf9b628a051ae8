"""How routes get at the state."""

from types import SimpleNamespace

from auscult.server.routes.access import state_of


def test_the_state_is_that_of_the_app_that_was_asked():
    state = object()
    app = SimpleNamespace(state=SimpleNamespace(auscult=state))
    assert state_of(SimpleNamespace(app=app)) is state
