"""`/api/history`: how near a stream came to its limit, and what another limit would have done."""

from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query

from auscult.server.history import HISTORY_S, events_at
from auscult.server.models import HistoryInfo, Would
from auscult.server.routes.access import Server

router = APIRouter(prefix="/api/history", tags=["history"])

Stream = Annotated[str, Query(min_length=1, max_length=64, examples=["demo"])]
Seconds = Annotated[float, Query(gt=0, le=HISTORY_S, allow_inf_nan=False)]


@router.get("")
async def ratios(server: Server, stream: Stream, seconds: Seconds = HISTORY_S) -> HistoryInfo:
    """Ratios of the last hour; empty for a stream that nothing is known of."""
    found = server.history.last(stream, seconds=seconds)
    if found is None:
        return HistoryInfo(stream=stream, hop_s=None, start=None, ratios=[])
    rounded = [None if np.isnan(one) else round(float(one), 3) for one in found.ratios]
    return HistoryInfo(stream=stream, hop_s=found.hop_s, start=found.start, ratios=rounded)


@router.get("/would")
async def would(
    server: Server,
    stream: Stream,
    factor: Annotated[float, Query(ge=0.01, le=100, allow_inf_nan=False)] = 1.0,
    seconds: Seconds = HISTORY_S,
) -> Would:
    """How many events there would have been, had the limit been so many times as high."""
    found = server.history.last(stream, seconds=seconds)
    if found is None:
        return Would(stream=stream, factor=factor, seconds=0.0, events=0)
    return Would(
        stream=stream,
        factor=factor,
        seconds=len(found.ratios) * found.hop_s,
        events=events_at(found, factor=factor),
    )
