"""`/api/export-all` and `/api/everything`: all that is kept, to be taken along or to be gone."""

import asyncio
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from auscult.server.bundles import ONE_AT_A_TIME
from auscult.server.history import History
from auscult.server.privacy import archive, erase
from auscult.server.routes.access import Server
from auscult.server.state import State

router = APIRouter(prefix="/api", tags=["privacy"])


class Erasure(BaseModel):
    """What is to be gone, and that it is meant."""

    confirm: Literal["erase everything"] = Field(description="These very words.")
    bundles: bool = Field(default=False, description="All bundles, too, the active one included.")


class Erased(BaseModel):
    """What is gone."""

    events: int
    bundles: int


@router.get("/export-all", response_class=StreamingResponse)
async def export_all(server: Server) -> StreamingResponse:
    """Everything that is kept, as a ZIP file: events, sound of events, what bundles say of themselves, settings."""
    name = f"auscult-{server.clock.utc():%Y%m%d-%H%M%S}.zip"
    return StreamingResponse(
        archive(
            server.settings,
            server.store,
            server.bundles,
            server.choices,
            server.next_training,
        ),
        media_type="application/zip",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


@router.delete("/everything")
async def erase_everything(body: Erasure, server: Server) -> Erased:
    """Delete all events, their sound, sound to learn from, and what is remembered of the past hour.

    Jobs end, and whatever else is being learned comes to nothing. Settings, keys and sources stay; with all bundles the simulated machine
    ends, which can be begun again.
    """
    async with server.changing:
        server.erasures += 1
        await asyncio.to_thread(server.collections.clear)  # first: no new job can be begun then
        await server.jobs.erase()
        if server.clips is not None:
            server.clips.forget()
        events = await asyncio.to_thread(erase, server.settings, server.store)
        for session in server.sessions.values():
            session.forget_recorded()
        server.history = History()
        await server.going_on.erase()
        await asyncio.to_thread(server.next_training.erase)
        bundles = await asyncio.to_thread(_without_bundles, server) if body.bundles else 0
        if body.bundles:
            await server.end_demo()
    if bundles:
        server.bundles.changed("")
    return Erased(events=events, bundles=bundles)


def _without_bundles(server: State) -> int:
    with ONE_AT_A_TIME:  # what is being made of one would come back after it
        return server.bundles.erase()
