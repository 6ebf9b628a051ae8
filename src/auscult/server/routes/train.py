"""`/api/train` and `/api/jobs`: learn or train from a collection, in a process of its own that can be watched and cancelled."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from auscult.errors import RecipeError
from auscult.recipe import from_dict
from auscult.runtime.calibration import DEFAULT_BUDGET_PER_DAY
from auscult.server.collection import Collection, default_name, pieces_of, uses_of
from auscult.server.job_info import JobInfo, job_info
from auscult.server.jobs import Job, Order
from auscult.server.models import Deleted
from auscult.server.problems import Problem, not_found
from auscult.server.routes.access import Server
from auscult.server.state import State

router = APIRouter(prefix="/api", tags=["train"])

JobId = Annotated[str, InPath(max_length=64, examples=["5f0c2a9d1e4b7788"])]
Use = Literal["normal", "other", "out"]

MEMORY = "memory"
SECTIONS = frozenset({"family", "audio", "model", "training", "augment"})

# Networks hold out whole recordings; where there are few, parts of them take their place.
FEW_RECORDINGS = 8
PART_S = 10.0


class ClassChoice(BaseModel):
    """What is done with what was brought as a class."""

    label: str = Field(max_length=120, description="As the collection has it.")
    name: str = Field(default="", max_length=60, description="What to call it; empty: as it is.")
    use: Use = Field(description="`normal`: it is learned as such; `out`: it is left out.")


class TrainRequest(BaseModel):
    """What to learn from, and how."""

    collection: str = Field(min_length=1, max_length=64)
    name: str = Field(min_length=1, max_length=80, examples=["Fan A"])
    budget_per_day: float = Field(default=DEFAULT_BUDGET_PER_DAY, gt=0, le=1e6, allow_inf_nan=False)
    classes: list[ClassChoice] = Field(default=[], max_length=500)
    struck_out: list[Annotated[int, Field(ge=0, le=86_400)]] = Field(
        default=[], max_length=3600, description="Seconds of a recording to leave out, from 0."
    )
    recipe: dict[str, Any] | None = Field(
        default=None,
        description="A recipe, with its family and what else is chosen; null: learned in seconds, without a network.",
        examples=[{"family": "autoencoder", "training": {"epochs": 20}}],
    )


class JobList(BaseModel):
    """Jobs since the server was started, the newest first."""

    jobs: list[JobInfo]


@router.post("/train", status_code=202)
async def train(body: TrainRequest, server: Server) -> JobInfo:
    """Learn or train: a job that goes on when nobody looks; one is worked on at a time."""
    found = server.collections.get(body.collection)
    if found is None:
        raise not_found("collection", body.collection, "POST /api/collections begins one")
    if not found.items:
        raise Problem(
            422,
            "There is no sound to learn from.",
            "a recording",
            "Add some first.",
            code="no_sound",
        )
    return queued(server, _order(body, found))


def queued(server: State, order: Order) -> JobInfo:
    """A job for an order, if there is room for another; its sound is kept until it has ended.

    Raises
    ------
    Problem
        If many are waiting.
    """
    if server.jobs.is_full:
        raise Problem(
            429,
            "Many jobs are waiting already.",
            "a few at a time",
            "Wait for some of them, or cancel one.",
            code="jobs_waiting",
            headers={"retry-after": "30"},
        )
    job = server.jobs.add(order)
    found = server.collections.get(order.collection)
    if found is not None:
        found.used_by.add(job.id)
    return _info(server, job)


@router.get("/jobs")
async def jobs(server: Server) -> JobList:
    """All jobs since the server was started."""
    return JobList(jobs=[_info(server, job) for job in server.jobs.all()])


@router.get("/jobs/{job_id}")
async def job(job_id: JobId, server: Server) -> JobInfo:
    """How far a job is."""
    return _info(server, _known(server, job_id))


@router.delete("/jobs/{job_id}")
async def delete(job_id: JobId, server: Server) -> Deleted:
    """Cancel a job, of which nothing is left then; one that has ended is taken off the list."""
    found = _known(server, job_id)
    if found.has_ended:
        server.jobs.forget(job_id)
    else:
        server.jobs.cancel(job_id)
    return Deleted(deleted=job_id)


def _info(server: State, job: Job) -> JobInfo:
    return job_info(job, ahead=server.jobs.ahead_of(job), bundles=server.bundles)


def _order(body: TrainRequest, found: Collection) -> Order:
    recipe = _recipe(body.recipe)
    classes = _classes(body.classes, found)
    if not any(one["use"] == "normal" for one in classes.values()) and recipe is None:
        raise Problem(
            422,
            f"None of the classes {', '.join(one['name'] for one in classes.values())} is said to be normal.",
            "a class that is normal",
            "Say which one is.",
            code="no_normal_class",
        )
    recordings = sum(one.recordings for one in found.shares.values())
    is_few = recipe is not None and recordings < FEW_RECORDINGS * len(classes)
    pieces, samples = pieces_of(
        found,
        struck_out=tuple(body.struck_out),
        longest_s=PART_S if is_few else None,
    )
    if not pieces:
        raise Problem(
            422,
            "Every second was struck out.",
            "some seconds to learn from",
            "Take some back, or record again.",
            code="all_struck_out",
        )
    told = {
        "how": "learn" if recipe is None else "train",
        "name": body.name,
        "budget_per_day": body.budget_per_day,
        "recipe": recipe,
        "classes": classes,
        "pieces": pieces,
        "seconds": found.seconds,
    }
    family = MEMORY if recipe is None else str(recipe["family"])
    return Order(name=body.name, family=family, collection=found.id, told=told, samples=samples)


def _recipe(plain: dict[str, Any] | None) -> dict[str, Any] | None:
    """As it was sent, if every setting in it is known here."""
    if plain is None:
        return None
    foreign = sorted(set(plain) - SECTIONS)
    if foreign:
        raise RecipeError(
            f"The recipe has {', '.join(foreign)[:80]}, which is not chosen here.",
            f"some of {', '.join(sorted(SECTIONS))}",
            "Leave it out; the sound is that of the collection.",
        )
    from_dict(plain)
    return plain


def _classes(chosen: list[ClassChoice], found: Collection) -> dict[str, dict[str, str]]:
    """What every class of a collection is called, and taken for."""
    uses = uses_of(found.shares)
    classes = {label: {"name": default_name(label), "use": use} for label, use in uses.items()}
    for one in chosen:
        if one.label in classes:
            classes[one.label] = {
                "name": one.name.strip() or default_name(one.label),
                "use": one.use,
            }
    return classes


def _known(server: State, job_id: str) -> Job:
    found = server.jobs.get(job_id)
    if found is None:
        raise not_found("job", job_id, "GET /api/jobs")
    return found
