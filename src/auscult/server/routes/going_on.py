"""`/api/going-on`: bundles that learn on while they listen; what came of it, and how to undo it."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from auscult.server.describe import bundle_info
from auscult.server.going_on import Doing, Standing
from auscult.server.models import BundleInfo
from auscult.server.problems import Problem
from auscult.server.routes.access import BundleId, Server, known_bundle

router = APIRouter(prefix="/api/going-on", tags=["bundles"])


class VersionInfo(BaseModel):
    """A version that was made while listening."""

    bundle: str
    made_at: datetime
    heard_s: float


class GoingOnInfo(BaseModel):
    """How it stands with a bundle that learns on, or did."""

    bundle: str = Field(description="Id of the one that judges now.")
    first: str = Field(description="Id of the one that was learned from recordings.")
    doing: Doing = Field(
        description="`holding`: it sounds stranger and stranger, so nothing is learned of it for now."
    )
    heard_s: float = Field(description="Calm sound in all.")
    due_s: float | None = Field(description="So much more until the next version.")
    promised_per_day: float | None = Field(
        description="False alarms a day at most, at 95 %; null: too early to say."
    )
    versions: list[VersionInfo]
    trouble: str = Field(description="Why nothing came of the last try; empty if nothing is wrong.")


class GoingOnList(BaseModel):
    """All of them."""

    bundles: list[GoingOnInfo]


class GoingOnChange(BaseModel):
    """What is wanted."""

    is_on: bool


@router.get("")
async def listed(server: Server) -> GoingOnList:
    """Bundles that learn on while they listen, or did."""
    return GoingOnList(bundles=[_info(one) for one in await server.going_on.standings()])


@router.put("/{bundle_id}")
async def switch(bundle_id: BundleId, body: GoingOnChange, server: Server) -> GoingOnList:
    """Let a bundle learn on, or no longer; what was collected for its next version is forgotten."""
    known_bundle(server, bundle_id)
    if not await server.going_on.switch(bundle_id, is_on=body.is_on) and body.is_on:
        raise Problem(
            409,
            f"The bundle '{bundle_id}' can't learn on.",
            "one that was learned without a network, here or by auscult learn",
            "Learn one from normal sound.",
            code="going_on_impossible",
        )
    return await listed(server)


@router.post("/{bundle_id}/undo")
async def undo(bundle_id: BundleId, server: Server) -> BundleInfo:
    """Let the version judge again that did before this one, and learn no further."""
    known_bundle(server, bundle_id)
    kept = await server.going_on.undo(bundle_id)
    if kept is None:
        raise Problem(
            409,
            f"The bundle '{bundle_id}' was not made while listening, or is not the newest version.",
            "the newest version of a bundle that has learned on",
            "GET /api/going-on lists them.",
            code="bundle_none_earlier",
        )
    server.bundles.changed(kept.id)
    return bundle_info(kept, active_id=server.bundles.active_id)


def _info(one: Standing) -> GoingOnInfo:
    versions = [VersionInfo.model_validate(v, from_attributes=True) for v in one.lineage.versions]
    return GoingOnInfo(
        bundle=one.bundle,
        first=one.lineage.first,
        doing=one.doing,
        heard_s=one.heard_s,
        due_s=one.due_s,
        promised_per_day=one.promised_per_day,
        versions=versions,
        trouble=one.lineage.trouble,
    )
