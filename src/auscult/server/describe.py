"""What the server has, in the shape that it answers in."""

import base64
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from auscult.live.store import StoredEvent
from auscult.runtime.calibration import Calibration
from auscult.runtime.manifest import Variant
from auscult.runtime.verdict import ClipVerdict
from auscult.server.allowing import Likeness
from auscult.server.bundles import Kept
from auscult.server.inspection import Layer, Picture, Recording, telling_s, waveform
from auscult.server.models import (
    BundleInfo,
    BundleRef,
    ClassInfo,
    ClipInfo,
    EventDetail,
    EventInfo,
    FormInfo,
    Inference,
    InspectionInfo,
    LayerInfo,
    LikeInfo,
    Limit,
    NormalInfo,
    PictureInfo,
    Prediction,
    ScoredBy,
    SourceInfo,
    Values,
    WaveformInfo,
    WaveformValues,
    WindowInfo,
)
from auscult.server.sources import Running, Wanted

_MAX_PREDICTIONS = 3
_MAX_WAVEFORM_VALUES = 8000

_NOT_TOLD = {"evidence", "clip"}
_EVENT_FIELDS = tuple(one.name for one in fields(StoredEvent) if one.name not in _NOT_TOLD)


def bundle_info(kept: Kept, *, active_id: str | None) -> BundleInfo:
    """A bundle."""
    manifest = kept.manifest
    calibration = manifest.calibration
    rate_hz = manifest.sample_rate_hz
    return BundleInfo(
        id=kept.id,
        name=kept.name,
        family=manifest.family,
        embedder=manifest.embedder,
        sample_rate_hz=rate_hz,
        window_s=manifest.window_samples / rate_hz,
        hop_s=manifest.hop_samples / rate_hz,
        bands_hz=list(manifest.bands_hz),
        size_bytes=kept.size_bytes,
        learned_s=manifest.data.seconds if calibration is None else calibration.heard_s,
        recordings=manifest.data.recordings,
        trust="provisional" if calibration is None else calibration.trust,
        budget_per_day=None if calibration is None else calibration.budget_per_day,
        supported_per_day=None if calibration is None else calibration.supported_per_day,
        promised_per_day=None if calibration is None else calibration.promised_per_day,
        limits=_limits(calibration),
        active=kept.id == active_id,
        labels=list(manifest.labels),
        alarm_labels=list(manifest.alarm_labels),
        metrics=manifest.metrics,
        created_at=kept.created_at,
        form=_form(manifest.variant),
    )


def _form(variant: Variant | None) -> FormInfo | None:
    if variant is None:
        return None
    return FormInfo(
        kind=variant.kind,
        windows=variant.windows,
        correlation=variant.correlation,
        auc=variant.auc,
        auc_before=variant.auc_before,
    )


def _limits(calibration: Calibration | None) -> list[Limit]:
    thresholds = () if calibration is None else calibration.thresholds()
    return [Limit(rule=one.name, limit=one.limit, statistic=one.statistic) for one in thresholds]


def event_info(event: StoredEvent) -> EventInfo:
    """An event without the picture of its sound."""
    return EventInfo.model_validate(_event(event))


def event_detail(
    event: StoredEvent, like: Likeness | None = None, compared: Kept | None = None
) -> EventDetail:
    """An event with the picture of its sound, what it sounds like, and whose normal sound it is compared with."""
    told = None
    if like is not None:
        told = LikeInfo(
            id=like.event.id,
            name=like.event.name,
            begun_at=like.event.begun_at,
            likeness=like.likeness,
        )
    normal = None
    if compared is not None:
        normal = NormalInfo(
            bundle=compared.name,
            is_judge=compared.id == event.bundle_id,
            references_of=compared.manifest.references_of,
            has_sound=compared.has_sound,
        )
    more = {"evidence": event.evidence, "sounds_like": told, "normal": normal}
    return EventDetail.model_validate(_event(event) | more)


def _event(event: StoredEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in _EVENT_FIELDS} | {
        "has_evidence": event.evidence is not None,
        "has_clip": event.clip is not None,
    }


def source_info(wanted: Wanted, running: Running | None, failure: str | None) -> SourceInfo:
    """A source."""
    is_stopped = running is None and failure is None
    return SourceInfo.model_validate(
        {
            "id": wanted.id,
            "name": wanted.name,
            "kind": wanted.address.partition(":")[0] if running is None else running.source.kind,
            "address": wanted.shown,
            "state": ("stopped" if is_stopped else "failed") if running is None else running.state,
            "error": failure if running is None else running.error,
            "stream": wanted.id,
            "bundle": wanted.bundle,
            "heard_s": 0.0 if running is None else round(running.heard_s, 1),
            "dropped_samples": 0 if running is None else running.dropped_samples,
        }
    )


def inspection_info(
    kept: Kept,
    recording: Recording,
    verdict: ClipVerdict,
    *,
    spectrogram: Picture,
    anomaly_map: Picture | None,
    layers: list[str],
) -> InspectionInfo:
    """A recording looked at from all sides."""
    low, high = waveform(recording.sound.samples)
    return InspectionInfo(
        name=recording.name,
        bundle=BundleRef(id=kept.id, name=kept.name),
        format=recording.format,
        rate_hz=recording.rate_hz,
        channels=recording.channels,
        verdict=_clip_info(verdict),
        windows=[
            WindowInfo(**{name: getattr(one, name) for name in WindowInfo.model_fields})
            for one in verdict.windows
        ],
        classes=_classes(kept, verdict),
        waveform=WaveformInfo(low=low, high=high),
        spectrogram=_picture(spectrogram),
        anomaly_map=None if anomaly_map is None else _picture(anomaly_map),
        layers=layers,
        telling_s=telling_s(verdict),
        notes=_notes(kept, recording, verdict),
    )


def layer_info(layer: Layer) -> LayerInfo:
    """A layer's maps."""
    return LayerInfo(
        name=layer.name,
        shape=layer.shape,
        mean=_picture(layer.mean),
        channels=[_picture(one) for one in layer.channels],
    )


def scored_by(kept: Kept, verdict: ClipVerdict) -> ScoredBy:
    """What a bundle says of a recording, in short."""
    return ScoredBy(
        bundle=kept.id,
        score=verdict.score,
        ratio=largest_ratio(verdict),
        state=verdict.state,
        label=verdict.label,
        probability=verdict.probability,
    )


def inference_answer(
    kept: Kept,
    recording: Recording,
    verdict: ClipVerdict,
    *,
    spectrogram: Picture,
    anomaly_map: Picture | None,
    layers: list[Layer],
    channels: bool,
) -> Inference:
    """What an older program answers: shapes are those of the values beside them, but for the channels of a mean."""
    samples = recording.sound.samples
    step = -(-len(samples) // _MAX_WAVEFORM_VALUES)
    seen = {layer.name: _layer_values(layer, channels=channels) for layer in layers}
    if anomaly_map is not None:
        seen["anomaly_map"] = _drawn_values(anomaly_map)
    return Inference(
        predictions=_predictions(kept, verdict)[:_MAX_PREDICTIONS],
        visualization=seen,
        input_spectrogram=_drawn_values(spectrogram),
        waveform=WaveformValues(
            values=samples[::step].astype(float).round(5).tolist(),
            sample_rate=recording.rate_hz,
            duration=recording.sound.duration_s,
        ),
    )


def _clip_info(verdict: ClipVerdict) -> ClipInfo:
    alike = ("duration_s", "dropped_tail_s", "score", "ratio", "state", "rule")
    explanation = None if verdict.explanation is None else asdict(verdict.explanation)
    return ClipInfo(
        **{name: getattr(verdict, name) for name in alike},
        largest_ratio=largest_ratio(verdict),
        limit=verdict.limit or None,
        label=verdict.label,
        probability=verdict.probability,
        is_known=verdict.is_known,
        explanation=explanation,
    )


def _classes(kept: Kept, verdict: ClipVerdict) -> list[ClassInfo]:
    alarms = kept.manifest.alarm_labels
    found = sorted(verdict.probabilities.items(), key=lambda one: -one[1])
    return [
        ClassInfo(name=name, probability=probability, is_alarm=name in alarms)
        for name, probability in found
    ]


def _notes(kept: Kept, recording: Recording, verdict: ClipVerdict) -> list[Any]:
    found = {
        "low_rate": recording.rate_hz < kept.manifest.sample_rate_hz,
        "tail_left_out": verdict.dropped_tail_s > 0.0,
        "no_limit": kept.manifest.calibration is None,
    }
    return [name for name, is_so in found.items() if is_so]


def _predictions(kept: Kept, verdict: ClipVerdict) -> list[Prediction]:
    """Classes; where there are none, normal and anomaly, as sure as it is far from the limit. Nothing of what was not judged."""
    if verdict.probabilities:
        return [_prediction(one.name, one.probability) for one in _classes(kept, verdict)]
    if verdict.state not in ("normal", "anomaly"):
        return []
    other = "normal" if verdict.is_anomaly else "anomaly"
    confidence = confidence_of(largest_ratio(verdict), is_anomaly=verdict.is_anomaly)
    return [_prediction(verdict.state, confidence), _prediction(other, 1.0 - confidence)]


def _prediction(name: str, confidence: float) -> Prediction:
    return Prediction.model_validate({"class": name, "confidence": round(confidence, 6)})


def largest_ratio(verdict: ClipVerdict) -> float:
    """The largest of all rules: a bang in ten calm seconds is an anomaly, though the score of all of it is not."""
    return max(verdict.ratio, *(one.ratio for one in verdict.windows))


def confidence_of(ratio: float, *, is_anomaly: bool) -> float:
    """How far from the limit a ratio is, from one half at the limit to one.

    Examples
    --------
    >>> confidence_of(2.0, is_anomaly=True), confidence_of(0.5, is_anomaly=False)
    (0.75, 0.75)
    """
    sure = 1.0 - 0.5 / max(ratio, 1.0) if is_anomaly else 1.0 - 0.5 * min(ratio, 1.0)
    return round(sure, 4)


def _layer_values(layer: Layer, *, channels: bool) -> Values:
    mean = layer.mean.values.T
    if not channels:
        return Values(shape=[layer.shape[0], *mean.shape], values=mean.round(5).tolist())
    every = np.stack([one.values.T for one in layer.channels])
    return Values(shape=list(every.shape), values=every.round(5).tolist())


def _drawn_values(picture: Picture) -> Values:
    drawn = picture.values.T
    return Values(shape=list(drawn.shape), values=drawn.round(3).tolist())


def _picture(picture: Picture) -> PictureInfo:
    columns, rows = picture.values.shape
    return PictureInfo(
        columns=columns,
        rows=rows,
        data=base64.b64encode(picture.levels()).decode("ascii"),
        low=picture.low,
        high=picture.high,
        bands_hz=list(picture.bands_hz),
        start_s=picture.start_s,
        hop_s=picture.hop_s,
    )
