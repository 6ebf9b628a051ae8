"""`/api/inspect`: what a bundle makes of a recording, which is kept nowhere; `/inference`: the same for an older program."""

import asyncio
from collections.abc import Callable
from typing import Annotated, TypeVar

import numpy as np
from fastapi import APIRouter, Query, Request

from auscult.audio.resample import resample
from auscult.audio.sound import Sound
from auscult.evaluation import metrics
from auscult.runtime.scorer import Scorer
from auscult.server import inspection
from auscult.server.bundles import Kept
from auscult.server.describe import (
    inference_answer,
    inspection_info,
    layer_info,
    scored_by,
)
from auscult.server.forms import plain_name, sent_file
from auscult.server.inspection import Recording
from auscult.server.models import (
    BundleRef,
    CompareRequest,
    Figures,
    Inference,
    InspectionInfo,
    LayerList,
    ScoreList,
)
from auscult.server.problems import Problem, not_found
from auscult.server.routes.access import Server
from auscult.server.state import State

router = APIRouter(tags=["inspect"])
T = TypeVar("T")

MAX_COMPARED = 4

_FILE = {
    "requestBody": {
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"data": {"type": "string", "format": "base64"}},
                    "required": ["data"],
                }
            },
        },
        "required": True,
    }
}

BundleId = Annotated[str | None, Query(max_length=64, description="Default: the active one.")]
Name = Annotated[str, Query(max_length=300, description="What the recording is called.")]


@router.post("/api/inspect", openapi_extra=_FILE)
async def inspect(
    request: Request, server: Server, bundle: BundleId = None, name: Name = ""
) -> InspectionInfo:
    """Judge a recording, and draw it: the body is its file, up to ten minutes of sound."""
    kept, scorer = await _judge(server, bundle)

    def work(recording: Recording) -> InspectionInfo:
        sound = _for(scorer, recording.sound)
        return inspection_info(
            kept,
            recording,
            scorer.score(sound),
            spectrogram=inspection.spectrogram(recording.sound),
            anomaly_map=inspection.anomaly_map(scorer, sound.samples),
            layers=inspection.layer_names(scorer),
        )

    return await _with_recording(request, server, name, work)


@router.post("/api/inspect/layers", openapi_extra=_FILE)
async def layers(
    request: Request,
    server: Server,
    bundle: BundleId = None,
    at_s: Annotated[float, Query(ge=0.0, le=inspection.MAX_S)] = 0.0,
) -> LayerList:
    """What the layers of a bundle for inspection make of the window that begins at a time."""
    kept, scorer = await _judge(server, bundle)

    def work(recording: Recording) -> LayerList:
        manifest = scorer.bundle.manifest
        samples = _for(scorer, recording.sound).samples
        window, start_s = inspection.window_at(samples, manifest, at_s)
        return LayerList(
            bundle=BundleRef(id=kept.id, name=kept.name),
            start_s=start_s,
            end_s=start_s + len(window) / manifest.sample_rate_hz,
            layers=[layer_info(layer) for layer in inspection.layers(scorer, window)],
        )

    return await _with_recording(request, server, "", work)


@router.post("/api/inspect/scores", openapi_extra=_FILE)
async def scores(
    request: Request,
    server: Server,
    bundle: Annotated[list[str], Query(min_length=1, max_length=MAX_COMPARED)],
    name: Name = "",
) -> ScoreList:
    """What several bundles say of the same recording."""
    judges = [await _judge(server, bundle_id) for bundle_id in bundle]

    def work(recording: Recording) -> ScoreList:
        said = [
            scored_by(kept, scorer.score(_for(scorer, recording.sound), explain=False))
            for kept, scorer in judges
        ]
        duration_s = recording.sound.duration_s
        return ScoreList(name=recording.name, duration_s=duration_s, scores=said)

    return await _with_recording(request, server, name, work)


@router.post("/api/inspect/figures")
async def figures(body: CompareRequest) -> Figures:
    """How well scores tell normal recordings from anomalous ones."""
    return await asyncio.to_thread(_figures, body)


@router.post("/inference", openapi_extra=_FILE)
async def inference(
    request: Request,
    server: Server,
    bundle: BundleId = None,
    channels: Annotated[
        bool, Query(description="Every channel of a layer instead of their mean.")
    ] = False,
) -> Inference:
    """The answer of an older program: top classes, feature maps, spectrogram, waveform, none of them large."""
    kept, scorer = await _judge(server, bundle)

    def work(recording: Recording) -> Inference:
        sound = _for(scorer, recording.sound)
        verdict = scorer.score(sound, explain=False)
        seen: list[inspection.Layer] = []
        if inspection.layer_names(scorer):
            manifest, at_s = scorer.bundle.manifest, inspection.telling_s(verdict)
            window, _ = inspection.window_at(sound.samples, manifest, at_s)
            seen = inspection.layers(scorer, window)
        few = inspection.FEW_COLUMNS
        return inference_answer(
            kept,
            recording,
            verdict,
            spectrogram=inspection.spectrogram(recording.sound, columns=few),
            anomaly_map=inspection.anomaly_map(scorer, sound.samples, columns=few),
            layers=seen,
            channels=channels,
        )

    return await _with_recording(request, server, "", work)


async def _judge(server: State, bundle_id: str | None) -> tuple[Kept, Scorer]:
    wanted = bundle_id or server.bundles.active_id
    if wanted is None:
        raise Problem(
            409,
            "There is no bundle yet that could judge.",
            "a bundle on this server",
            "Learn normal sound first, or upload a bundle.",
            code="bundle_none",
        )
    kept, scorer = server.bundles.get(wanted), await server.bundles.ready(wanted)
    if kept is None or scorer is None:
        raise not_found("bundle", wanted, "GET /api/bundles")
    return kept, scorer


async def _with_recording(
    request: Request, server: State, name: str, work: Callable[[Recording], T]
) -> T:
    """Read what is sent, and do something with it; a few come in together, one is worked on at a time."""
    if server.receiving.locked():
        raise Problem(
            429,
            "Others are being received.",
            "a few at a time",
            "Send it again in a moment.",
            code="busy",
            headers={"retry-after": "2"},
        )
    async with server.receiving:
        body = await request.body()
        sent = sent_file(body, request.headers.get("content-type", ""))
        called = sent.name or plain_name(name)
        async with server.inspecting:
            return await asyncio.to_thread(
                lambda: work(inspection.recording_of(sent.content, called))
            )


def _for(scorer: Scorer, sound: Sound) -> Sound:
    rate_hz = scorer.bundle.manifest.sample_rate_hz
    return Sound(samples=resample(sound.samples, sound.rate_hz, rate_hz), rate_hz=rate_hz)


def _figures(body: CompareRequest) -> Figures:
    normal, anomaly = np.asarray(body.normal), np.asarray(body.anomaly)
    low, high = metrics.bootstrap_ci(normal, anomaly)
    fpr, tpr, _ = metrics.roc(normal, anomaly)
    return Figures(
        auc=metrics.auc(normal, anomaly),
        auc_low=low,
        auc_high=high,
        pauc=metrics.pauc(normal, anomaly),
        roc=list(zip(fpr.tolist(), tpr.tolist(), strict=True)),
    )
