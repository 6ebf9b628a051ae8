"""`/api/about`, `/api/diagnostics` and `/api/access`: what this is made of, how it does, and how to get here."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from auscult import __version__
from auscult.server.about import machine, packages
from auscult.server.access import MAX_ADDRESS, own_addresses, qr_svg, ways
from auscult.server.certificate import AUTHORITY_FILE
from auscult.server.problems import not_found
from auscult.server.retention import disk_of
from auscult.server.routes.access import Server
from auscult.server.routes.settings import DiskInfo
from auscult.server.state import store_health

router = APIRouter(prefix="/api", tags=["about"])

_TOLD = ("fastapi", "numpy", "onnxruntime", "sqlalchemy", "uvicorn", "websockets")


class PackageInfo(BaseModel):
    """A package that is used."""

    name: str
    version: str
    licence: str


class About(BaseModel):
    """What this is made of."""

    version: str
    licence: str
    packages: list[PackageInfo]


class Diagnostics(BaseModel):
    """What a report of a fault needs; no name, no address, no key, no sound."""

    version: str
    machine: str
    packages: dict[str, str]
    uptime_s: float
    reasons: list[str]
    loop_lag_s: float = Field(description="Worst delay of the event loop within a minute.")
    queue_delay_s: float
    windows_scored: int
    windows_dropped: dict[str, int]
    streams: int
    source_states: dict[str, int]
    bundles: int
    bundle_family: str | None
    events: int
    clips_on: bool
    everyday_names_by: str | None = Field(
        description="The network that says what events are like; null where none was fetched."
    )
    channels: dict[str, int]
    needs_key: bool
    disk: DiskInfo


class WayInfo(BaseModel):
    """An address of this server."""

    address: str
    reach: Literal["this_machine", "network", "proxy"]
    has_microphone: bool = Field(description="A browser gives the page its microphone there.")


class Access(BaseModel):
    """How to get here."""

    needs_key: bool
    has_own_certificate: bool = Field(
        description="It was started with --https: what signed it is at /api/access/authority.pem."
    )
    ways: list[WayInfo]


@router.get("/about")
async def about() -> About:
    """Version, licence, and the packages that are used."""
    found = await asyncio.to_thread(packages)
    return About(
        version=__version__,
        licence="MIT",
        packages=[PackageInfo.model_validate(one, from_attributes=True) for one in found],
    )


@router.get("/diagnostics")
async def diagnostics(server: Server) -> Diagnostics:
    """How the server does, to be copied into a report."""
    store = await asyncio.to_thread(store_health, server.store)
    disk = await asyncio.to_thread(disk_of, server.settings, server.store)
    versions = {one.name.lower(): one.version for one in await asyncio.to_thread(packages)}
    active = server.bundles.get(server.bundles.active_id or "")
    states = [running.state if running else "stopped" for _, running, _ in server.sources.all()]
    kinds = [one.kind for one in server.telling.all]
    return Diagnostics(
        version=__version__,
        machine=machine(),
        packages={name: versions[name] for name in _TOLD if name in versions},
        uptime_s=round(server.uptime_s, 1),
        reasons=server.reasons(store_ok=store.ok),
        loop_lag_s=round(server.lag.worst_s, 4),
        queue_delay_s=round(server.queue.delay_s, 4),
        windows_scored=server.queue.scored,
        windows_dropped=dict(server.queue.dropped),
        streams=server.streams,
        source_states={one: states.count(one) for one in dict.fromkeys(states)},
        bundles=len(server.bundles.ids()),
        bundle_family=None if active is None else active.manifest.family,
        events=store.events,
        clips_on=server.settings.store_clips,
        everyday_names_by=None if server.namer is None else server.namer.source,
        channels={one: kinds.count(one) for one in dict.fromkeys(kinds)},
        needs_key=server.security.needs_key,
        disk=DiskInfo.model_validate(disk, from_attributes=True),
    )


@router.get("/access")
async def access(server: Server) -> Access:
    """Addresses of this server, and what each is good for."""
    found = ways(
        host=server.settings.host,
        port=server.port,
        allowed_hosts=server.settings.allowed_hosts,
        addresses=await asyncio.to_thread(own_addresses),
        https=server.settings.https,
    )
    return Access(
        needs_key=server.security.needs_key,
        has_own_certificate=server.settings.https,
        ways=[WayInfo.model_validate(one, from_attributes=True) for one in found],
    )


@router.get(
    "/access/authority.pem",
    response_class=Response,
    responses={200: {"content": {"application/x-x509-ca-cert": {}}}},
)
async def authority(server: Server) -> Response:
    """The authority that signed this server's own certificate: no secret, and for a phone to be trusted once."""
    file = server.settings.tls_dir / AUTHORITY_FILE
    if not server.settings.https:
        raise not_found("authority", AUTHORITY_FILE, "auscult serve --https")
    content = await asyncio.to_thread(file.read_bytes)
    named = {"content-disposition": f'attachment; filename="auscult-{AUTHORITY_FILE}"'}
    return Response(content, media_type="application/x-x509-ca-cert", headers=named)


@router.get(
    "/access/qr.svg", response_class=Response, responses={200: {"content": {"image/svg+xml": {}}}}
)
async def qr(address: Annotated[str, Query(max_length=MAX_ADDRESS)]) -> Response:
    """An address as a QR code, for the camera of a phone."""
    return Response(await asyncio.to_thread(qr_svg, address), media_type="image/svg+xml")
