"""`/api/bundles/{id}/exports`: make a bundle's form for a small device, in a job, as `auscult export` does."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from auscult.server.bundles import Kept
from auscult.server.collection import Collection, still_here
from auscult.server.job_info import JobInfo
from auscult.server.jobs import Order
from auscult.server.problems import Problem
from auscult.server.routes.access import BundleId, Server, known_bundle
from auscult.server.routes.train import queued
from auscult.server.state import State

router = APIRouter(prefix="/api/bundles", tags=["bundles"])

Form = Literal["int8", "tflite", "tflite-int8"]

_CALLED: dict[Form, str] = {"int8": "int8", "tflite": "TFLite", "tflite-int8": "TFLite int8"}
_LONGEST = 80


class ExportRequest(BaseModel):
    """What to make of a bundle."""

    form: Form = Field(
        description="`int8`: ONNX in eight bits; `tflite`: for LiteRT; `tflite-int8`: both."
    )


@router.post("/{bundle_id}/exports", status_code=202)
async def export(bundle_id: BundleId, body: ExportRequest, server: Server) -> JobInfo:
    """Make a form for a small device: a bundle of its own, compared with this one and refused where they agree too little.

    It is measured on the sound that the bundle was learned from here, as long as that is kept; else on its reference windows.
    """
    kept = known_bundle(server, bundle_id)
    if kept.manifest.variant is not None:
        raise Problem(
            422,
            f"The bundle '{kept.name}' has been made small already ({kept.manifest.variant.kind}).",
            "one that is as it was learned",
            "Make it of that one.",
            code="bundle_small_already",
            values={"name": kept.name},
        )
    return queued(server, _order(server, kept, body.form))


def _order(server: State, kept: Kept, form: Form) -> Order:
    learned, found = _learned(server, kept.id)
    pieces, samples = still_here(found, learned.told["pieces"]) if learned and found else ([], b"")
    calibration = kept.manifest.calibration
    told = {
        "how": "export",
        "bundle": str(kept.path),
        "form": form,
        "budget_per_day": None if calibration is None else calibration.budget_per_day,
        "pieces": pieces,
        "classes": learned.told["classes"] if learned else {},
    }
    name = f"{kept.name[: _LONGEST - 15]} ({_CALLED[form]})"
    return Order(
        name=name,
        family=kept.manifest.family,
        collection=learned.collection if learned else "",
        told=told,
        samples=samples,
        form=form,
    )


def _learned(server: State, bundle_id: str) -> tuple[Order, Collection] | tuple[None, None]:
    """The order that a bundle came of, and its sound, if that is still here."""
    for job in server.jobs.all():
        is_learned = job.bundle == bundle_id and not job.order.form
        found = server.collections.get(job.order.collection) if is_learned else None
        if found is not None:
            return job.order, found
    return None, None
