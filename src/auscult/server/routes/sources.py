"""`/api/sources`: microphones, cameras and recordings that the server itself listens to."""

import asyncio
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as InPath

from auscult.server.describe import source_info
from auscult.server.models import Deleted, MicrophoneInfo, NewSource, SourceInfo, SourceList
from auscult.server.problems import not_found
from auscult.server.routes.access import Server
from auscult.server.sources import Running, Wanted, check_address
from auscult.server.state import State, microphones_here

router = APIRouter(prefix="/api/sources", tags=["sources"])

SourceId = Annotated[str, InPath(max_length=64, examples=["mic-1"])]


@router.get("")
async def listed(server: Server) -> SourceList:
    """All sources, and the server's microphones."""
    found = await asyncio.to_thread(microphones_here)
    return SourceList(
        sources=[_told(server, *one) for one in server.sources.all()],
        microphones=[MicrophoneInfo.model_validate(one, from_attributes=True) for one in found],
    )


@router.post("", status_code=201)
async def add(body: NewSource, server: Server) -> SourceInfo:
    """Add a source and start it: `mic`, `mic:NAME`, `file:PATH`, `rtsp://…`, `http://…`, `machine:fan`."""
    if body.bundle is not None and server.bundles.get(body.bundle) is None:
        raise not_found("bundle", body.bundle, "GET /api/bundles")
    await asyncio.to_thread(
        check_address,
        body.address,
        is_trusted=not server.security.needs_key,
        recordings=server.settings.data_dir / "recordings",
    )
    added = await server.sources.add(address=body.address, name=body.name, bundle=body.bundle)
    return _info(server, added)


@router.post("/{source_id}/start")
async def start(source_id: SourceId, server: Server) -> SourceInfo:
    """Start a source that was stopped, has ended or failed."""
    _info(server, source_id)
    await server.sources.start(source_id)
    return _info(server, source_id)


@router.post("/{source_id}/stop")
async def stop(source_id: SourceId, server: Server) -> SourceInfo:
    """Stop a source; it stays in the list."""
    _info(server, source_id)
    await server.sources.stop(source_id)
    return _info(server, source_id)


@router.delete("/{source_id}")
async def delete(source_id: SourceId, server: Server) -> Deleted:
    """Stop a source and forget it."""
    _info(server, source_id)
    await server.sources.remove(source_id)
    return Deleted(deleted=source_id)


def _info(server: State, source_id: str) -> SourceInfo:
    found = server.sources.get(source_id)
    if found is None:
        raise not_found("source", source_id, "GET /api/sources")
    return _told(server, *found)


def _told(
    server: State, wanted: Wanted, running: Running | None, failure: str | None
) -> SourceInfo:
    """A source, with the bundle that judges it now: what became of the one that it names."""
    newest = None if wanted.bundle is None else server.bundles.newest(wanted.bundle)
    return source_info(replace(wanted, bundle=newest), running, failure)
