"""`/api/bundles`: list, upload, prove, activate, go back, choose a sensitivity, fetch, delete, have back."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse

from auscult.server.bundles import Kept, receive_into
from auscult.server.describe import bundle_info
from auscult.server.models import BundleChange, BundleInfo, BundleList, Deleted, Verified
from auscult.server.problems import Problem, not_found
from auscult.server.routes.access import BundleId, Server, known_bundle
from auscult.server.state import State
from auscult.server.taking_back import take_back

router = APIRouter(prefix="/api/bundles", tags=["bundles"])

BundleQuery = Annotated[str | None, Query(max_length=64, examples=["3f2a9c0d1e4b"])]
_UPLOAD = {"requestBody": {"content": {"application/octet-stream": {}}, "required": True}}


@router.get("")
async def listed(server: Server) -> BundleList:
    """All bundles, in the order in which they came."""
    active_id = server.bundles.active_id
    infos = [bundle_info(kept, active_id=active_id) for kept in server.bundles.all()]
    return BundleList(active=active_id, previous=server.bundles.previous_id, bundles=infos)


@router.post("", status_code=201, openapi_extra=_UPLOAD)
async def upload(
    request: Request, server: Server, name: Annotated[str, Query(max_length=80)] = ""
) -> BundleInfo:
    """Take a bundle: the body is its file. It is opened in a child process and proved on its reference windows first."""
    if server.receiving.locked():
        raise Problem(
            429,
            "Other bundles are being received.",
            "a few at a time",
            "Send it again in a moment.",
            code="busy",
            headers={"retry-after": "5"},
        )
    async with server.receiving:
        with server.bundles.receiving() as part:
            size = await receive_into(
                part, request.stream(), max_bytes=server.settings.max_upload_bytes
            )
            if not size:
                raise Problem(
                    422,
                    "No file was sent.",
                    "the bundle as the body",
                    "Send it again.",
                    code="bundle_broken",
                )
            async with server.uploads:
                before = server.bundles.active_id
                kept = await asyncio.to_thread(server.bundles.take, part, name=name)
    if before is None:
        server.bundles.changed(kept.id)
    return _info(server, kept)


@router.post("/{bundle_id}/verify")
async def verify(bundle_id: BundleId, server: Server) -> Verified:
    """Prove a bundle on its reference windows once more."""
    kept = known_bundle(server, bundle_id)
    async with server.uploads:
        difference = await asyncio.to_thread(server.bundles.verify, kept.id)
    return Verified(ok=True, max_difference=difference, references_of=kept.manifest.references_of)


@router.post("/{bundle_id}/activate")
async def activate(bundle_id: BundleId, server: Server) -> BundleInfo:
    """Let a bundle judge from now on; streams that named another one keep it."""
    known_bundle(server, bundle_id)
    kept = await asyncio.to_thread(server.bundles.activate, bundle_id)
    server.bundles.changed(bundle_id)
    return _info(server, kept)


@router.post("/rollback")
async def roll_back(server: Server, of: BundleQuery = None) -> BundleInfo:
    """Let the bundle judge again that did before; `of` a bundle: undo what made that one, also where newer ones came of it.

    Of a newer one, the sound is taken back that the bundle was made by allowing; anything else is refused then.
    """
    if of is None:
        kept = await asyncio.to_thread(server.bundles.roll_back)
    else:
        kept = await asyncio.to_thread(take_back, server.bundles, of)
    server.bundles.changed(kept.id)
    return _info(server, kept)


@router.patch("/{bundle_id}")
async def change(bundle_id: BundleId, body: BundleChange, server: Server) -> BundleInfo:
    """Change its sensitivity, as false alarms a day that are acceptable, or what it is called."""
    known_bundle(server, bundle_id)
    kept = await asyncio.to_thread(
        server.bundles.choose, bundle_id, name=body.name, budget_per_day=body.budget_per_day
    )
    if body.budget_per_day is not None:
        server.bundles.changed(bundle_id)
    return _info(server, kept)


@router.get("/{bundle_id}/file", response_class=FileResponse)
async def file(bundle_id: BundleId, server: Server) -> FileResponse:
    """The file, as it came; it holds windows of sound, so whoever may only read does not get it."""
    kept = known_bundle(server, bundle_id)
    return FileResponse(
        kept.path, media_type="application/octet-stream", filename=f"{kept.name}{kept.path.suffix}"
    )


@router.delete("/{bundle_id}")
async def delete(bundle_id: BundleId, server: Server) -> Deleted:
    """Delete a bundle that is not active and that judges no source; until the server starts again it can be had back."""
    kept = known_bundle(server, bundle_id)
    users = [
        wanted.name
        for wanted, _, _ in server.sources.all()
        if wanted.bundle and bundle_id in (wanted.bundle, server.bundles.newest(wanted.bundle))
    ]
    if bundle_id == server.bundles.active_id or users:
        used = f"used by {users[0]}" if users else "active"
        raise Problem(
            409,
            f"The bundle '{kept.name}' is {used}.",
            "one that nothing uses",
            "Activate another one first.",
            code="bundle_in_use" if users else "bundle_active",
            values={"name": kept.name, "by": users[0] if users else ""},
        )
    await asyncio.to_thread(server.bundles.remove, bundle_id)
    return Deleted(deleted=bundle_id)


@router.post("/{bundle_id}/restore")
async def restore(bundle_id: BundleId, server: Server) -> BundleInfo:
    """Have a deleted bundle back, as it was."""
    try:
        kept = await asyncio.to_thread(server.bundles.restore, bundle_id)
    except KeyError:
        raise not_found("deleted bundle", bundle_id, "GET /api/bundles") from None
    return _info(server, kept)


def _info(server: State, kept: Kept) -> BundleInfo:
    return bundle_info(kept, active_id=server.bundles.active_id)
