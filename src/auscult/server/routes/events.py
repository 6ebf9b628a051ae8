"""`/api/events`: find, see, label, delete, export."""

import asyncio
import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import numpy as np
import soundfile
from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import FileResponse, StreamingResponse
from pydantic import AwareDatetime

from auscult.live.store import StoredEvent
from auscult.live.unspoken import sounds_of
from auscult.runtime.bundle import Bundle
from auscult.server.allowing import MOST_COMPARED, Likeness, kept_sound, likest, whole_sound
from auscult.server.bundles import Kept
from auscult.server.describe import event_detail, event_info
from auscult.server.models import (
    Deleted,
    EventDetail,
    EventInfo,
    EventList,
    LabelChange,
    NameList,
)
from auscult.server.privacy import json_array
from auscult.server.problems import Problem, no_active_bundle, no_sound
from auscult.server.routes.access import EventId, Server, known_event
from auscult.server.routes.allow import kept_traces
from auscult.server.state import State

router = APIRouter(prefix="/api/events", tags=["events"])

MAX_EXPORTED = 100_000
_PAGE = 500
# A spreadsheet takes what begins so for a formula, and runs it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = (
    *("id", "stream", "stream_name", "kind", "status", "begun_at", "ended_at", "start_s", "end_s"),
    *("peak_s", "peak_ratio", "limit", "rule", "windows", "suppressed", "bundle", "bundle_id"),
    *("explanation", "label", "note", "labelled_at", "name"),
)


def filters(
    *,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    stream: Annotated[str | None, Query(max_length=64)] = None,
    label: Literal["normal", "anomaly", "unsure", "none"] | None = None,
    kind: Annotated[str | None, Query(max_length=32)] = None,
    text: Annotated[str | None, Query(max_length=200)] = None,
) -> dict[str, Any]:
    """Which events: `label=none` are those that nobody has labelled; times have a time zone."""
    return {
        "since": _utc("since", since),
        "until": _utc("until", until),
        "stream": stream,
        "label": label,
        "kind": kind,
        "text": text,
    }


Filters = Annotated[dict[str, Any], Depends(filters)]


@router.get("")
async def listed(
    server: Server,
    which: Filters,
    limit: Annotated[int, Query(ge=1, le=_PAGE)] = 50,
    before: Annotated[str | None, Query(max_length=64)] = None,
) -> EventList:
    """Events, newest first."""
    found, total = await asyncio.to_thread(_page, server, which, limit + 1, before)
    shown = found[:limit]
    return EventList(
        events=[event_info(event) for event in shown],
        next=shown[-1].id if len(found) > limit else None,
        total=total,
    )


@router.get("/export", response_class=StreamingResponse)
async def export(
    server: Server,
    which: Filters,
    shape: Annotated[Literal["csv", "json"], Query(alias="format")] = "csv",
) -> StreamingResponse:
    """All events that fit, as a table or as JSON; newest first."""
    name = f"auscult-events-{server.clock.utc():%Y%m%d-%H%M%S}.{shape}"
    lines = _csv(server, which) if shape == "csv" else json_array(_all(server, which))
    return StreamingResponse(
        lines,
        media_type="text/csv; charset=utf-8" if shape == "csv" else "application/json",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


@router.get("/names")
async def names(server: Server) -> NameList:
    """What people have called faults, the most frequent first."""
    return NameList(names=await asyncio.to_thread(server.store.names))


@router.get("/{event_id}")
async def one(event_id: EventId, server: Server) -> EventDetail:
    """An event with the picture of its sound, and the named one that sounds most like it."""
    event = await known_event(server, event_id)
    scorer = await server.bundles.ready() if event.has_heard else None
    compared = _compared(server, event) if event.bundle_id else None
    if scorer is None:
        return event_detail(event, compared=compared)
    like = await asyncio.to_thread(_likest, server, scorer.bundle, event)
    return event_detail(event, like, compared)


@router.put("/{event_id}/label")
async def label(event_id: EventId, body: LabelChange, server: Server) -> EventInfo:
    """Say what was really heard; the label null takes it back."""
    await known_event(server, event_id)
    stored = await asyncio.to_thread(server.store.label, event_id, body.label, body.note, body.name)
    sound = whole_sound(stored, server.settings.clips_dir)
    await asyncio.to_thread(server.next_training.note, stored, sound)
    info = event_info(stored)
    server.hub.publish(
        stored.stream,
        {"type": "event", "stream": stored.stream, "phase": "update"}
        | {"event": info.model_dump(mode="json")},
    )
    return info


@router.delete("/{event_id}")
async def delete(event_id: EventId, server: Server) -> Deleted:
    """Delete an event and its sound."""
    event = await known_event(server, event_id)
    await asyncio.to_thread(_erase, server, event)
    return Deleted(deleted=event_id)


@router.get("/{event_id}/clip.wav", response_class=FileResponse)
async def clip(event_id: EventId, server: Server) -> FileResponse:
    """The sound around an event, where it was kept."""
    event = await known_event(server, event_id)
    path = kept_sound(event, server.settings.clips_dir)
    if path is None:
        raise no_sound(404, event.id)
    return FileResponse(path, media_type="audio/wav", filename=f"{event.id}.wav")


def _likest(server: State, bundle: Bundle, event: StoredEvent) -> Likeness | None:
    named = [one for one in server.store.named(MOST_COMPARED) if one.id != event.id]
    if not named:
        return None
    traces = kept_traces(server.store, [event.id, *(one.id for one in named)])
    return likest(bundle, traces[event.id], named, traces) if event.id in traces else None


@router.get("/{event_id}/normal.wav", response_class=Response)
async def normal(event_id: EventId, server: Server) -> Response:
    """Normal sound to compare with: seconds that the bundle keeps of what it was learned from; none where it keeps noise in its place."""
    event = await known_event(server, event_id)
    compared = _compared(server, event)
    scorer = None if compared is None else await server.bundles.ready(compared.id)
    if scorer is None:
        raise no_active_bundle()
    content = await asyncio.to_thread(_normal_wav, scorer.bundle)
    return Response(content, media_type="audio/wav")


def _compared(server: State, event: StoredEvent) -> Kept | None:
    """The bundle whose normal sound an event is compared with: that which judged it, or else the active one."""
    return server.bundles.get(event.bundle_id) or server.bundles.get(server.bundles.active_id or "")


def _normal_wav(bundle: Bundle) -> bytes:
    """The reference windows of a bundle, one after the other: real normal sound, as it was learned."""
    parts = sounds_of(bundle)
    if not parts:
        raise Problem(
            404,
            f"The bundle '{bundle.manifest.name}' keeps no normal sound to listen to.",
            "a bundle that was learned from sound in which nobody speaks",
            "Noise takes the place of sound in which somebody may speak. Learn it anew while nobody does.",
            code="normal_none",
        )
    file = io.BytesIO()
    soundfile.write(
        file, np.concatenate(parts), bundle.manifest.sample_rate_hz, format="WAV", subtype="PCM_16"
    )
    return file.getvalue()


def _page(
    server: State, which: dict[str, Any], limit: int, before: str | None
) -> tuple[list[StoredEvent], int]:
    return server.store.find(**which, limit=limit, before_id=before), server.store.count(**which)


def _erase(server: State, event: StoredEvent) -> None:
    server.store.delete(event.id)
    server.next_training.remove(event.id)
    path = kept_sound(event, server.settings.clips_dir)
    if path is not None:
        path.unlink(missing_ok=True)


def _all(server: State, which: dict[str, Any]) -> Iterator[dict[str, Any]]:
    before: str | None = None
    for _ in range(0, MAX_EXPORTED, _PAGE):
        found = server.store.find(**which, limit=_PAGE, before_id=before)
        for event in found:
            yield event_info(event).model_dump(mode="json")
        if len(found) < _PAGE:
            return
        before = found[-1].id


def _csv(server: State, which: dict[str, Any]) -> Iterator[str]:
    yield ",".join(_COLUMNS) + "\r\n"
    for event in _all(server, which):
        line = io.StringIO(newline="")
        csv.writer(line).writerow([_cell(event[name]) for name in _COLUMNS])
        yield line.getvalue()


def _cell(value: Any) -> Any:
    """What a table shows: of an explanation its sentence.

    >>> _cell("=1+1"), _cell(-1.5), _cell(None)
    ("'=1+1", -1.5, '')
    """
    if isinstance(value, dict):
        value = value.get("text", "")
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def _utc(name: str, value: datetime | None) -> datetime | None:
    try:
        return None if value is None else value.astimezone(UTC)
    except OverflowError:
        raise Problem(
            422,
            f"{name} is {value}.",
            "a time from the year 1 to 9999 in UTC",
            f"Change {name}.",
            code="request_invalid",
        ) from None
