"""`/api/keys`: who may come in, and how far; a key is shown once, when it is made."""

import asyncio
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as InPath
from pydantic import AwareDatetime, BaseModel, Field

from auscult.server.keys import Keyring, NamedKey, Scope
from auscult.server.models import Deleted
from auscult.server.problems import Problem, not_found
from auscult.server.routes.access import Server
from auscult.server.state import State

router = APIRouter(prefix="/api/keys", tags=["keys"])

KeyId = Annotated[str, InPath(pattern=r"^[0-9a-f]{8}$", examples=["3f2a9c0d"])]


class KeyInfo(BaseModel):
    """A key, without itself."""

    id: str
    name: str
    scope: Scope
    created_at: AwareDatetime
    used_at: AwareDatetime | None = Field(description="Since the server began; null: not yet.")


class KeyList(BaseModel):
    """All keys."""

    is_needed: bool = Field(description="The server was started with a key, and asks for one.")
    of_start: int = Field(description="Keys that it was started with: they may do everything.")
    keys: list[KeyInfo]


class NewKey(BaseModel):
    """A key to be made."""

    name: str = Field(min_length=1, max_length=40, pattern=r"\S", examples=["Phone of Aoi"])
    scope: Scope = "listen"


class MadeKey(BaseModel):
    """A new key; what opens the server is never shown again."""

    key: KeyInfo
    secret: str


@router.get("")
async def listed(server: Server) -> KeyList:
    """All keys, never themselves."""
    security = server.security
    keys = () if security.keyring is None else security.keyring.all()
    return KeyList(
        is_needed=security.needs_key,
        of_start=len(security.digests),
        keys=[_info(server, one) for one in keys],
    )


@router.post("", status_code=201)
async def make(body: NewKey, server: Server) -> MadeKey:
    """Make a key: hand it on now, nobody can look it up later."""
    ring = _ring(server)
    async with server.changing:
        key, secret = await asyncio.to_thread(ring.add, body.name.strip(), body.scope)
    return MadeKey(key=_info(server, key), secret=secret)


@router.delete("/{key}")
async def revoke(key: KeyId, server: Server) -> Deleted:
    """Take a key back; whoever is connected with it is hung up on."""
    ring = _ring(server)
    async with server.changing:
        try:
            gone = await asyncio.to_thread(ring.revoke, key)
        except KeyError:
            raise not_found("key", key, "GET /api/keys") from None
    server.part_from_strangers()
    return Deleted(deleted=gone.id)


def _ring(server: State) -> Keyring:
    if server.security.keyring is None or not server.security.needs_key:
        raise Problem(
            409,
            "This server asks nobody for a key, so a key of its own would open nothing.",
            "a server that was started with a key",
            "Start it with --key-file FILE; the file is made if it isn't there.",
        )
    return server.security.keyring


def _info(server: State, key: NamedKey) -> KeyInfo:
    ring = server.security.keyring
    return KeyInfo(
        id=key.id,
        name=key.name,
        scope=key.scope,
        created_at=key.created_at,
        used_at=None if ring is None else ring.used_at(key.id),
    )
