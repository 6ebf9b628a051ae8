"""`/api/events/ingest`: events of machines that listen elsewhere and send what they heard.

A machine sends again whatever it has no answer for, so everything here may come twice. An event is known by its id: the
second copy changes nothing and is told to nobody.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from threading import Lock
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field, field_validator

from auscult.live.store import EventStore, StoredEvent
from auscult.server.describe import event_info
from auscult.server.routes.access import Server

router = APIRouter(prefix="/api/events", tags=["events"])

MAX_EVENTS = 100
# A second copy of a request may come while the first is still being stored.
_ONE_AT_A_TIME = Lock()

Number = Annotated[float, Field(allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=2**53)]


class ForwardedNearest(BaseModel):
    """The stretch of learned sound that is most like it."""

    recording: str = Field(max_length=200)
    start_s: Number
    end_s: Number
    distance: Number


class ForwardedExplanation(BaseModel):
    """Where in time and frequency an event differs from normal, and how: as `auscult.runtime.verdict.Explanation`."""

    low_hz: Number
    high_hz: Number
    start_s: Number
    end_s: Number
    text: str = Field(max_length=1000)
    kinds: list[Annotated[str, Field(max_length=40)]] = Field(default=[], max_length=10)
    change_db: Number | None = None
    level_change_db: Number | None = None
    nearest: ForwardedNearest | None = None


class ForwardedEvent(BaseModel):
    """An event that was heard elsewhere: as it began, or as it was when it had ended."""

    id: str = Field(pattern=r"^[0-9A-HJKMNP-TV-Z]{26}$", examples=["01HZX3K7M5Q8V2R4T6W9Y0B1CD"])
    stream: str = Field(pattern=r"^[A-Za-z0-9._-]{1,20}$", examples=["mic"])
    stream_name: str = Field(max_length=120)
    kind: str = Field(pattern=r"^[a-z_]{1,32}$", examples=["anomaly"])
    status: Literal["begun", "ended"]
    begun_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    start_s: Number
    end_s: Number
    peak_s: Number
    peak_ratio: Number
    limit: Number | None = None
    rule: str = Field(default="", max_length=64)
    windows: Count = 0
    suppressed: Count = 0
    bundle: str = Field(default="", max_length=200)
    bundle_id: str = Field(default="", max_length=64)
    explanation: ForwardedExplanation | None = None

    @field_validator("begun_at", "ended_at")
    @classmethod
    def _in_utc(cls, value: datetime | None) -> datetime | None:
        """The first and the last days of the calendar are not the same days everywhere."""
        try:
            return None if value is None else value.astimezone(UTC)
        except OverflowError:
            raise ValueError("no such time in UTC") from None


class Forwarded(BaseModel):
    """Events of one machine, in the order in which they happened."""

    device: str = Field(pattern=r"^[A-Za-z0-9._-]{1,40}$", examples=["press-3"])
    events: list[ForwardedEvent] = Field(min_length=1, max_length=MAX_EVENTS)


class Taken(BaseModel):
    """All of them are on the disk: so many were new or had changed, so many were known."""

    stored: int
    known: int


@router.post("/ingest")
async def ingest(body: Forwarded, server: Server) -> Taken:
    """Take events that a machine elsewhere has heard; what is known already is left as it is."""
    stored = 0
    for one in body.events:
        # Each is told once it is on the disk: if the next one fails, this one will not come again as news.
        event = await asyncio.to_thread(_store, server.store, _stored(body.device, one))
        if event is None:
            continue
        stored += 1
        phase = "close" if event.status == "ended" else "open"
        info = event_info(event).model_dump(mode="json")
        server.hub.publish(
            event.stream,
            {"type": "event", "stream": event.stream, "phase": phase, "event": info},
        )
    return Taken(stored=stored, known=len(body.events) - stored)


def _store(store: EventStore, event: StoredEvent) -> StoredEvent | None:
    """The event as it is on the disk now; `None` where it brought nothing new."""
    with _ONE_AT_A_TIME:
        known = store.get(event.id)
        if known is None:
            return store.add(event)
        # An event that has ended never begins again, and nobody speaks for another machine's.
        has_ended = event.status == "ended" and known.status == "begun"
        if not has_ended or event.stream != known.stream:
            return None
        return store.update(replace(event, evidence=known.evidence, clip=known.clip))


def _stored(device: str, event: ForwardedEvent) -> StoredEvent:
    plain = event.model_dump()
    return StoredEvent(
        **plain
        | {
            "stream": f"{device}:{event.stream}",
            "stream_name": f"{device}: {event.stream_name}",
        }
    )
