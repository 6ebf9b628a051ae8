"""`/api/next-training`: sound of events that people have judged, kept for the next training of a network."""

import asyncio
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from auscult.server.models import Deleted
from auscult.server.problems import not_found
from auscult.server.routes.access import Server

router = APIRouter(prefix="/api/next-training", tags=["train"])

BundleId = Annotated[str, InPath(pattern=r"^[0-9a-f]{1,64}$", examples=["3f2a9c0d1e4b"])]


class NextSetInfo(BaseModel):
    """What is kept for one bundle."""

    bundle: str
    name: str
    normal: int = Field(description="Recordings of what was called normal.")
    real: int = Field(description="Of what was called real.")


class NextSetList(BaseModel):
    """Of all bundles."""

    sets: list[NextSetInfo]
    keeps_sound: bool = Field(description="Sound of events is kept; else nothing can be collected.")
    keep_days: float = Field(description="So long, as all sound of events.")


class NextCollection(BaseModel):
    """A set to be learned from."""

    collection: str
    files: int


@router.get("")
async def listed(server: Server) -> NextSetList:
    """Sets of sound for the next training."""
    found = await asyncio.to_thread(server.next_training.sets)
    sets = [NextSetInfo.model_validate(one, from_attributes=True) for one in found]
    return NextSetList(
        sets=sets, keeps_sound=server.settings.store_clips, keep_days=server.settings.clips_days
    )


@router.post("/{bundle_id}", status_code=201)
async def collect(bundle_id: BundleId, server: Server) -> NextCollection:
    """Begin a collection with the set of a bundle, to train with it and with what is added."""
    found = await asyncio.to_thread(server.next_training.sets)
    if bundle_id not in [one.bundle for one in found]:
        raise not_found("set", bundle_id, "GET /api/next-training")
    made = server.collections.new()
    server.collections.check_room(made, "The set")
    files = await asyncio.to_thread(server.next_training.fill, made, bundle_id)
    return NextCollection(collection=made.id, files=files)


@router.delete("/{bundle_id}")
async def delete(bundle_id: BundleId, server: Server) -> Deleted:
    """Delete the set of a bundle."""
    await asyncio.to_thread(server.next_training.forget, bundle_id)
    return Deleted(deleted=bundle_id)
