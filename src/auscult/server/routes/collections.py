"""`/api/collections`: sound to learn from, file by file or as it was recorded; what is said of it before anything is learned."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from auscult.server import collection as collected
from auscult.server.codes import code_of, values_of
from auscult.server.collection import Collection, Item
from auscult.server.forms import plain_name
from auscult.server.gate import checks_of
from auscult.server.jobs import asked
from auscult.server.models import Deleted
from auscult.server.problems import Problem, not_found
from auscult.server.routes.access import Server, recorded_by
from auscult.server.state import State

router = APIRouter(prefix="/api/collections", tags=["train"])

CollectionId = Annotated[str, InPath(max_length=64, examples=["5f0c2a9d1e4b7788"])]
_FILE = {"requestBody": {"content": {"application/octet-stream": {}}, "required": True}}
MAX_SHOWN = 200
CHECK_JSON_S = 120.0


class NewCollection(BaseModel):
    """Empty, or what a stream in the mode `learn` has sent."""

    session: str | None = Field(default=None, max_length=64)


class ItemInfo(BaseModel):
    """A file, or a recording."""

    id: int
    name: str
    seconds: float
    label: str = Field(
        description="Its class; empty where nothing is said, or for JSON, which has several."
    )
    is_json: bool
    level_db: float | None
    health: str | None
    kind: str | None
    is_recording: bool
    marks: dict[int, Literal["silent", "clipped", "odd"]] = Field(
        description="Seconds of a recording that had better be struck out."
    )
    notes: list[str]


class ClassShare(BaseModel):
    """What there is of a class."""

    label: str = Field(description="Empty where nothing was said.")
    recordings: int
    seconds: float
    use: Literal["normal", "other"] = Field(description="What it is taken for where nobody says.")


class CheckInfo(BaseModel):
    """What was checked: see the page on learning."""

    name: Literal["length", "signal", "clipping", "variety", "kind"]
    outcome: Literal["good", "watch", "bad"]
    value: float | None
    what: str = Field(description="`steady`, `cyclic` or `changing`, where it matters.")


class CollectionInfo(BaseModel):
    """What was brought, and what is said of it."""

    id: str
    files: int
    seconds: float
    size_bytes: int
    items: list[ItemInfo] = Field(description="The last two hundred.")
    classes: list[ClassShare]
    checks: list[CheckInfo]
    max_files: int
    max_file_bytes: int


class Added(BaseModel):
    """What was taken, and what there is now."""

    item: ItemInfo
    files: int
    seconds: float


@router.post("", status_code=201)
async def new(body: NewCollection, server: Server) -> CollectionInfo:
    """Begin a collection; of a session, with all that it has sent."""
    if body.session is None:
        return _info(server, server.collections.new())
    session, sound = await recorded_by(server, body.session)
    made = server.collections.new()
    await asyncio.to_thread(made.add_recording, sound, name="recording")
    session.forget_recorded()
    return _info(server, made)


@router.get("/{collection_id}")
async def one(collection_id: CollectionId, server: Server) -> CollectionInfo:
    """What is in a collection."""
    return _info(server, _known(server, collection_id))


@router.delete("/{collection_id}")
async def delete(collection_id: CollectionId, server: Server) -> Deleted:
    """Delete a collection with all that is in it; not while something is learned from it."""
    if _known(server, collection_id).used_by:
        raise Problem(
            409,
            "Something is being learned from it.",
            "a collection that no job uses",
            "Cancel the job first, or wait for its end.",
            code="collection_in_use",
        )
    await asyncio.to_thread(server.collections.forget, collection_id)
    return Deleted(deleted=collection_id)


@router.post("/{collection_id}/files", status_code=201, openapi_extra=_FILE)
async def add(
    collection_id: CollectionId,
    request: Request,
    server: Server,
    name: Annotated[
        str, Query(max_length=1000, description="Path of the file below what was dropped.")
    ],
) -> Added:
    """Add a file: the body is its content. What it is called tells its class where folders do; what it is, is looked at."""
    found = _known(server, collection_id)
    called = plain_name(name) or "recording"
    if server.gathering.locked():
        raise Problem(
            429,
            "Other files are being received.",
            "a few at a time",
            "Send it again in a moment.",
            headers={"retry-after": "1"},
            code="busy",
        )
    async with server.gathering:
        server.collections.check_room(found, called)
        item_id = found.next_id()
        path = await collected.receive(found, request.stream(), item_id=item_id, name=called)
        item: Item | None = None
        try:
            if not path.stat().st_size:
                raise Problem(
                    422,
                    f"{called} is empty.",
                    "a recording",
                    "Leave it out.",
                    code="audio_empty",
                    values={"name": called},
                )
            if await asyncio.to_thread(collected.looks_like_json, path):
                told = await asked({"how": "check", "path": str(path)}, time_s=CHECK_JSON_S)
                item = _json_item(told, path, item_id, called)
            else:
                label = collected.label_of(name)
                item = await asyncio.to_thread(
                    lambda: collected.item_of(path, item_id=item_id, name=called, label=label)
                )
        finally:
            if item is None:
                await asyncio.to_thread(collected.discard, path)
        if server.collections.get(found.id) is None:
            raise not_found("collection", found.id, "POST /api/collections")
        found.items[item.id] = item
    return Added(item=_item_info(item), files=len(found.items), seconds=found.seconds)


@router.delete("/{collection_id}/files/{item_id}")
async def remove(collection_id: CollectionId, item_id: int, server: Server) -> CollectionInfo:
    """Take a file out again."""
    found = _known(server, collection_id)
    item = found.items.get(item_id)
    if item is None or found.used_by:
        raise not_found("file", str(item_id), f"GET /api/collections/{found.id}")
    del found.items[item_id]
    if item.path is not None:
        await asyncio.to_thread(collected.discard, item.path)
    return _info(server, found)


def _json_item(told: Mapping[str, Any], path: Path, item_id: int, name: str) -> Item:
    if told.get("event") == "failed":
        what, expected, action = (
            str(told[beat]).replace(str(path), name) for beat in ("what", "expected", "action")
        )
        raise Problem(
            422,
            what,
            expected,
            action,
            code=code_of(told.get("code")),
            values=values_of(told.get("values")) | {"name": name},
        )
    if told.get("event") != "done":
        raise Problem(
            422,
            f"{name} could not be read in {CHECK_JSON_S:.0f} s.",
            "a file that is read in less",
            "Divide it into several files.",
            code="json_slow",
            values={"name": name, "seconds": CHECK_JSON_S},
        )
    return collected.json_item(path, item_id=item_id, name=name, told=told)


def _known(server: State, collection_id: str) -> Collection:
    found = server.collections.get(collection_id)
    if found is None:
        raise not_found("collection", collection_id, "POST /api/collections begins one")
    return found


def _info(server: State, found: Collection) -> CollectionInfo:
    shares = found.shares
    uses = collected.uses_of(shares)
    return CollectionInfo(
        id=found.id,
        files=len(found.items),
        seconds=found.seconds,
        size_bytes=found.size_bytes,
        items=[_item_info(item) for item in list(found.items.values())[-MAX_SHOWN:]],
        classes=[
            ClassShare(label=label, recordings=one.recordings, seconds=one.seconds, use=uses[label])
            for label, one in shares.items()
        ],
        checks=[CheckInfo(**vars(check)) for check in checks_of(found)],
        max_files=collected.MAX_FILES,
        max_file_bytes=server.settings.max_recording_bytes,
    )


def _item_info(item: Item) -> ItemInfo:
    texture = item.texture
    labels = list(item.shares)
    return ItemInfo(
        id=item.id,
        name=item.name,
        seconds=item.seconds,
        label=labels[0] if len(labels) == 1 else "",
        is_json=item.is_json,
        level_db=None if texture is None else texture.level_db,
        health=None if texture is None else texture.health,
        kind=None if texture is None else texture.kind,
        is_recording=item.sound is not None,
        marks=dict(item.marks),
        notes=list(item.notes),
    )
