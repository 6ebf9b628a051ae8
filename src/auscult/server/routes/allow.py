"""`/api/events/{id}/allow`: it was normal, and is no alarm any more."""

import asyncio
from threading import Lock
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from auscult.live.store import StoredEvent
from auscult.server.allowing import MOST_COMPARED, Consequence, allowed_event, kept_sound
from auscult.server.bundles import Kept
from auscult.server.describe import bundle_info
from auscult.server.models import BundleInfo
from auscult.server.problems import Problem, not_found
from auscult.server.routes.access import Server
from auscult.server.state import State

router = APIRouter(prefix="/api/events", tags=["events"])

EventId = Annotated[str, InPath(max_length=64, examples=["01HZX3K7M5Q8V2R4T6W9Y0B1CD"])]

# Of two at a time, the second would not know what the first allowed.
_ONE_AT_A_TIME = Lock()


class AllowRequest(BaseModel):
    """What to do."""

    dry_run: bool = Field(
        default=False, description="Say what it would change, and change nothing."
    )


class AllowResult(BaseModel):
    """What allowing the sound of an event changes."""

    before: float = Field(description="Of the event's sound, against the limit; 1 = at the limit.")
    after: float
    is_enough: bool = Field(description="The event would raise no alarm any more.")
    compared: int = Field(description="Other events with sound that were judged again.")
    vanishing: list[str] = Field(description="Events that would not have been told.")
    missed: list[str] = Field(description="Of these, those that were labelled anomaly.")
    bundle: BundleInfo | None = Field(description="The new bundle, active now; null after dry_run.")


@router.post("/{event_id}/allow")
async def allow(event_id: EventId, body: AllowRequest, server: Server) -> AllowResult:
    """Allow the sound of an event in the active bundle: a new bundle, active at once; rolling back undoes it."""
    event = await asyncio.to_thread(server.store.get, event_id)
    if event is None:
        raise not_found("event", event_id, "GET /api/events")
    if kept_sound(event, server.settings.clips_dir) is None:
        raise Problem(
            409,
            f"No sound of the event '{event.id}' is kept.",
            "an event whose has_clip is true",
            "Sound is kept only by a server that was started with --store-clips.",
        )
    found, kept = await asyncio.to_thread(_allow, server, event, dry_run=body.dry_run)
    if kept is not None:
        server.bundles.changed(kept.id)
    made = found.allowance
    return AllowResult(
        before=made.before,
        after=made.after,
        is_enough=made.is_enough,
        compared=found.compared,
        vanishing=list(found.vanishing),
        missed=list(found.missed),
        bundle=None if kept is None else bundle_info(kept, active_id=server.bundles.active_id),
    )


def _allow(server: State, event: StoredEvent, *, dry_run: bool) -> tuple[Consequence, Kept | None]:
    others = server.store.find(limit=MOST_COMPARED)
    with _ONE_AT_A_TIME:
        scorer = server.bundles.scorer()
        if scorer is None:
            raise Problem(409, "No bundle is active.", "an active bundle", "Activate one.")
        found = allowed_event(scorer.bundle, event, others, server.settings.clips_dir)
        if dry_run:
            return found, None
        active = server.bundles.get(str(server.bundles.active_id))
        name = "" if active is None else active.name
        kept = server.bundles.add_bytes(found.allowance.bundle.to_bytes(), name=name)
        server.bundles.activate(kept.id)
    server.store.label(event.id, "normal", event.note)
    return found, kept
