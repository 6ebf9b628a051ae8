"""`/api/learn`: a bundle from what a stream has sent."""

import asyncio

from fastapi import APIRouter

from auscult.server.describe import bundle_info
from auscult.server.learning import learn_sound
from auscult.server.models import LearnedInfo, LearnRequest
from auscult.server.problems import Problem
from auscult.server.routes.access import Server, recorded_by

router = APIRouter(prefix="/api/learn", tags=["learn"])

MIN_S = 30.0


@router.post("", status_code=201)
async def learn(body: LearnRequest, server: Server) -> LearnedInfo:
    """Learn from what a stream in the mode `learn` has sent, half a minute or more. Its sound is kept until then only."""
    session, sound = await recorded_by(server, body.session)
    if sound.duration_s < MIN_S:
        raise Problem(
            422,
            f"{sound.duration_s:.0f} s of sound were recorded.",
            f"at least {MIN_S:.0f} s; a minute or more is better",
            "Record for longer.",
            code="recording_short",
            values={"seconds": round(sound.duration_s), "least_s": MIN_S},
        )
    if server.learning.locked():
        raise Problem(
            429,
            "Something is being learned already.",
            "one at a time",
            "Try again in a moment.",
            code="busy",
        )
    erasures = server.erasures
    async with server.learning:
        lesson = await learn_sound(sound, name=body.name, budget_per_day=body.budget_per_day)
    async with server.changing:  # an erasure comes before it is kept, or finds it
        if server.erasures != erasures:
            raise Problem(
                409,
                "Everything was erased meanwhile.",
                "sound that is still here",
                "Record once more.",
                code="erased_meanwhile",
            )
        before = server.bundles.active_id
        kept = await asyncio.to_thread(server.bundles.add_bytes, lesson.content, name=body.name)
        session.forget_recorded()
        if before is None:
            server.bundles.changed(kept.id)
        await server.going_on.begin(kept.id)
    return LearnedInfo(
        bundle=bundle_info(kept, active_id=server.bundles.active_id),
        notes=list(lesson.notes),
        seconds_of_sound=lesson.seconds,
    )
