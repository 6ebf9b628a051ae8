"""`/api/events/{id}/rebaseline`: what changed is the new normal."""

import asyncio
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from auscult.live.drift import KIND
from auscult.live.store import StoredEvent
from auscult.live.unspoken import without_voices
from auscult.memory.rebase import Since, read, rebased
from auscult.server.bundles import ONE_AT_A_TIME, Kept
from auscult.server.describe import bundle_info
from auscult.server.models import BundleInfo
from auscult.server.problems import Problem, no_active_bundle, not_found
from auscult.server.routes.access import Server
from auscult.server.state import State

router = APIRouter(prefix="/api/events", tags=["events"])

EventId = Annotated[str, InPath(max_length=64, examples=["01HZX3K7M5Q8V2R4T6W9Y0B1CD"])]


class Rebaselined(BaseModel):
    """What came of a new normal."""

    seconds: float = Field(description="Sound that it was learned from.")
    bundle: BundleInfo = Field(description="The new bundle, in use now.")


@router.post("/{event_id}/rebaseline")
async def rebaseline(event_id: EventId, server: Server) -> Rebaselined:
    """Learn what was heard since a change as normal: a new bundle, which judges at once wherever the one did.

    Rolling back undoes it.
    """
    event = await asyncio.to_thread(server.store.get, event_id)
    if event is None:
        raise not_found("event", event_id, "GET /api/events")
    since = await asyncio.to_thread(_since, server, event)
    if event.kind != KIND or since is None:
        raise Problem(
            409,
            f"Of the event '{event.id}' nothing is kept to learn from.",
            "a notice of a change that lasts (kind 'drift'), of the newest thousand events",
            "Record normal sound, and learn from it.",
            code="event_no_drift",
        )
    kept = await asyncio.to_thread(_rebased, server, event, since, server.teaches(event))
    server.bundles.changed(kept.id)
    return Rebaselined(
        seconds=kept.manifest.data.seconds,
        bundle=bundle_info(kept, active_id=server.bundles.active_id),
    )


def _since(server: State, event: StoredEvent) -> Since | None:
    content = server.store.heard([event.id]).get(event.id)
    return None if content is None else read(content)


def _rebased(server: State, event: StoredEvent, since: Since, by: str | None) -> Kept:
    with ONE_AT_A_TIME:
        judge = server.bundles.get(server.bundles.judging(by) or "")
        scorer = server.bundles.scorer(judge.id) if judge else None
        if judge is None or scorer is None:
            raise no_active_bundle()
        name = f"{event.stream_name}, since {event.begun_at:%Y-%m-%d %H:%M} UTC"
        made = without_voices(rebased(scorer.bundle, since, name=name))
        kept = server.bundles.add_bytes(made.to_bytes(), name=judge.name, activates=False)
        is_active = judge.id == server.bundles.active_id
        server.bundles.follow(judge.id, kept, activates=is_active)
    server.store.label(event.id, "normal", event.note)
    return kept
