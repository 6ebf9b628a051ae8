"""How routes get at the server's state, and at what a request names in it."""

import asyncio
from typing import Annotated

from fastapi import Depends, Request
from fastapi import Path as InPath

from auscult.audio.sound import Sound
from auscult.live.store import StoredEvent
from auscult.runtime.scorer import Scorer
from auscult.server.bundles import Kept
from auscult.server.problems import Problem, no_active_bundle, not_found
from auscult.server.state import AnyStreamSession, State

BundleId = Annotated[str, InPath(max_length=64, examples=["3f2a9c0d1e4b"])]
EventId = Annotated[str, InPath(max_length=64, examples=["01HZX3K7M5Q8V2R4T6W9Y0B1CD"])]


def state_of(request: Request) -> State:
    """The state of the server that was asked."""
    state: State = request.app.state.auscult
    return state


Server = Annotated[State, Depends(state_of)]


def known_bundle(server: State, bundle_id: str) -> Kept:
    """A bundle that is there.

    Raises
    ------
    Problem
        If it is not.
    """
    kept = server.bundles.get(bundle_id)
    if kept is None:
        raise not_found("bundle", bundle_id, "GET /api/bundles")
    return kept


async def known_event(server: State, event_id: str) -> StoredEvent:
    """An event that is stored.

    Raises
    ------
    Problem
        If it is not.
    """
    event = await asyncio.to_thread(server.store.get, event_id)
    if event is None:
        raise not_found("event", event_id, "GET /api/events")
    return event


def judge_by(server: State, bundle_id: str | None) -> tuple[Kept, Scorer]:
    """What judges where a bundle was chosen, or none, ready to judge; it blocks.

    Raises
    ------
    Problem
        If there is none.
    """
    kept = server.bundles.get(server.bundles.judging(bundle_id) or "")
    scorer = server.bundles.scorer(kept.id) if kept else None
    if kept is None or scorer is None:
        raise no_active_bundle()
    return kept, scorer


async def recorded_by(server: State, session_id: str) -> tuple[AnyStreamSession, Sound]:
    """What a session has sent to be learned from.

    Raises
    ------
    Problem
        If it has sent nothing, or is gone.
    """
    session = server.sessions.get(session_id)
    is_recorded = session is not None and session.mode == "learn"
    sound = await asyncio.to_thread(session.recorded) if session and is_recorded else None
    if session is None or sound is None:
        raise Problem(
            422,
            f"There is no sound of a session '{session_id}' to learn from.",
            "the session of a stream whose hello says the mode 'learn'",
            "Record once more; what was recorded is kept for ten minutes.",
            code="recording_gone",
        )
    return session, sound
