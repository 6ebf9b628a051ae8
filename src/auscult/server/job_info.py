"""A job as it is answered, and as it is told while it goes on."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from auscult.server.bundles import Bundles
from auscult.server.codes import Code
from auscult.server.describe import bundle_info
from auscult.server.jobs import Job
from auscult.server.models import BundleInfo


class TroubleInfo(BaseModel):
    """Why nothing came of it."""

    detail: str
    expected: str
    action: str
    code: Code | None = Field(description="As in an answer that is an error.")
    values: dict[str, str | float]


class HistogramInfo(BaseModel):
    """How far normal sound that was judged without having been learned came towards the limit."""

    highest: float = Field(
        description="Counts are of equal parts from 0 to this; more is in the last."
    )
    counts: list[int]
    below: int = Field(description="At or below the limit, which is 1.")
    n: int


class OutcomeInfo(BaseModel):
    """What came of it."""

    bundle: BundleInfo | None = Field(description="Null where it was deleted since.")
    seconds_of_sound: float
    notes: list[str]
    histogram: HistogramInfo | None
    figures: dict[str, float] = Field(
        description="`auc`, `accuracy`: where there was something to judge it by."
    )
    is_test_held_out: bool = Field(
        description="The figures are on sound that chose the epoch: they flatter."
    )


class JobInfo(BaseModel):
    """A job, as it stands."""

    id: str
    name: str
    family: str
    collection: str
    form: str = Field(
        description="For a small device, that a bundle is made in; empty: it is learned."
    )
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    ahead: int = Field(description="Jobs that are done before it.")
    stage: str = Field(examples=["hear", "train"])
    part: float | None = Field(description="Of the stage, where it is known.")
    left_s: float | None
    epoch: int | None
    epochs: int | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    trouble: TroubleInfo | None
    outcome: OutcomeInfo | None


def job_info(job: Job, *, ahead: int, bundles: Bundles) -> JobInfo:
    """A job, as it stands.

    Parameters
    ----------
    job
        It.
    ahead
        How many are done before it.
    bundles
        Among which that is which came of it.
    """
    trouble = job.trouble
    return JobInfo(
        id=job.id,
        name=job.order.name,
        family=job.order.family,
        collection=job.order.collection,
        form=job.order.form,
        state=job.state,
        ahead=ahead,
        stage=job.stage,
        part=job.part,
        left_s=job.left_s,
        epoch=job.epoch,
        epochs=job.epochs,
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
        trouble=None
        if trouble is None
        else TroubleInfo(
            detail=trouble.what,
            expected=trouble.expected,
            action=trouble.action,
            code=trouble.code,
            values=dict(trouble.values),
        ),
        outcome=_outcome(job, bundles) if job.state == "done" else None,
    )


def _outcome(job: Job, bundles: Bundles) -> OutcomeInfo:
    told = job.outcome
    kept = None if job.bundle is None else bundles.get(job.bundle)
    return OutcomeInfo(
        bundle=None if kept is None else bundle_info(kept, active_id=bundles.active_id),
        seconds_of_sound=told["seconds"],
        notes=told["notes"],
        histogram=told.get("histogram"),
        figures=told.get("figures", {}),
        is_test_held_out=told.get("is_test_held_out", False),
    )
