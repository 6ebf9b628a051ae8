"""`/api/health`, `/api/config` and `/metrics`."""

import asyncio

from fastapi import APIRouter, Request, Response

from auscult import __version__
from auscult.server.describe import bundle_info
from auscult.server.metrics import CONTENT_TYPE, exposition
from auscult.server.models import BundleInfo, Config, Health, QueueHealth, StoreHealth
from auscult.server.routes.access import Server
from auscult.server.state import State, store_health

router = APIRouter(tags=["server"])


@router.get("/api/health")
async def health(server: Server) -> Health:
    """How the server is."""
    store = await asyncio.to_thread(store_health, server.store)
    bundle = _active(server)
    reasons = server.reasons(store_ok=store.ok)
    return Health(
        status="degraded" if reasons else "ok" if bundle is not None else "no_model",
        reasons=reasons,
        version=__version__,
        uptime_s=round(server.uptime_s, 1),
        bundle=bundle,
        streams=server.streams,
        store=StoreHealth(ok=store.ok, events=store.events, waiting=store.waiting),
        queue=QueueHealth(
            waiting=server.queue.waiting,
            scored=server.queue.scored,
            dropped=dict(server.queue.dropped),
        ),
    )


@router.get("/api/config")
async def config(request: Request, server: Server) -> Config:
    """What a page has to know of the server."""
    settings, security = server.settings, server.security
    return Config(
        version=__version__,
        auth_required=security.needs_key,
        scope=security.scope_of(security.key_of(request.scope)) or "read",
        legacy_ws=settings.legacy_ws or not security.needs_key,
        demo=server.demo is not None,
        storing_clips=settings.store_clips,
        removing_speech=not settings.keep_speech,
        limits={
            "max_json_bytes": settings.max_json_bytes,
            "max_upload_bytes": settings.max_upload_bytes,
            "max_message_bytes": settings.max_message_bytes,
            "max_streams": settings.max_streams,
            "max_sources": settings.max_sources,
        },
        languages=["ja", "en"],
    )


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(server: Server) -> Response:
    """Counters for Prometheus."""
    return Response(await asyncio.to_thread(exposition, server), media_type=CONTENT_TYPE)


def _active(server: State) -> BundleInfo | None:
    active_id = server.bundles.active_id
    kept = None if active_id is None else server.bundles.get(active_id)
    return None if kept is None else bundle_info(kept, active_id=active_id)
