"""`/api/events/{id}/allow`: it was normal, and is no alarm any more."""

import asyncio
from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from auscult.live.store import EventStore, StoredEvent
from auscult.live.unspoken import without_voices
from auscult.memory.trace import Trace, read
from auscult.server.allowing import MOST_COMPARED, Consequence, allowed_event, whole_sound
from auscult.server.bundles import ONE_AT_A_TIME, Kept
from auscult.server.describe import bundle_info
from auscult.server.models import BundleInfo
from auscult.server.problems import Problem, no_active_bundle, not_found
from auscult.server.routes.access import Server
from auscult.server.state import State

router = APIRouter(prefix="/api/events", tags=["events"])

EventId = Annotated[str, InPath(max_length=64, examples=["01HZX3K7M5Q8V2R4T6W9Y0B1CD"])]


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
    compared: int = Field(description="Other events that were judged again.")
    vanishing: list[str] = Field(description="Events that would not have been told.")
    missed: list[str] = Field(description="Of these, those that were labelled anomaly.")
    bundle: BundleInfo | None = Field(description="The new bundle, in use now; null after dry_run.")


@router.post("/{event_id}/allow")
async def allow(event_id: EventId, body: AllowRequest, server: Server) -> AllowResult:
    """Allow the sound of an event: a new bundle, which judges at once wherever the one did; rolling back undoes it.

    It is made of the active bundle; of another one, if the source of the event is judged by that.

    Its sound need not be kept: how it was heard is, of the newest thousand events.
    """
    event = await asyncio.to_thread(server.store.get, event_id)
    if event is None:
        raise not_found("event", event_id, "GET /api/events")
    by = server.teaches(event)
    found, kept = await asyncio.to_thread(_allow, server, event, by, dry_run=body.dry_run)
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


def _allow(
    server: State, event: StoredEvent, by: str | None, *, dry_run: bool
) -> tuple[Consequence, Kept | None]:
    others = server.store.find(limit=MOST_COMPARED)
    traces = kept_traces(server.store, [event.id, *(one.id for one in others)])
    if event.id not in traces and whole_sound(event, server.settings.clips_dir) is None:
        raise Problem(
            409,
            f"Neither the sound of the event '{event.id}' is kept nor how it was heard.",
            "an event whose has_heard or has_clip is true",
            "It is too old, was sent by another machine, or was judged by a trained network: learn its sound instead.",
            code="event_unheard",
        )
    with ONE_AT_A_TIME:
        # Another request may have come first: what is allowed adds up.
        judge = server.bundles.get(server.bundles.judging(by) or "")
        scorer = server.bundles.scorer(judge.id) if judge else None
        if judge is None or scorer is None:
            raise no_active_bundle()
        found = allowed_event(scorer.bundle, event, others, server.settings.clips_dir, traces)
        if dry_run:
            return found, None
        made = without_voices(found.allowance.bundle)
        kept = server.bundles.add_bytes(made.to_bytes(), name=judge.name, activates=False)
        is_active = judge.id == server.bundles.active_id
        server.bundles.follow(judge.id, kept, activates=is_active)
    server.store.label(event.id, "normal", event.note)
    return found, kept


def kept_traces(store: EventStore, event_ids: Iterable[str]) -> dict[str, Trace]:
    """How events were heard, as far as that is kept."""
    found = {key: read(content) for key, content in store.heard(event_ids).items()}
    return {key: trace for key, trace in found.items() if trace is not None}
