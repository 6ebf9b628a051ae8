"""How routes get at the server's state."""

from typing import Annotated

from fastapi import Depends, Request

from auscult.server.state import State


def state_of(request: Request) -> State:
    """The state of the server that was asked."""
    state: State = request.app.state.auscult
    return state


Server = Annotated[State, Depends(state_of)]
