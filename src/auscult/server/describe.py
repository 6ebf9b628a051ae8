"""What the server has, in the shape that it answers in."""

from dataclasses import fields
from typing import Any

from auscult.live.store import StoredEvent
from auscult.runtime.calibration import Calibration
from auscult.server.bundles import Kept
from auscult.server.models import BundleInfo, EventDetail, EventInfo, Limit, SourceInfo
from auscult.server.sources import Running, Wanted

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
        metrics=manifest.metrics,
        created_at=kept.created_at,
    )


def _limits(calibration: Calibration | None) -> list[Limit]:
    thresholds = () if calibration is None else calibration.thresholds()
    return [Limit(rule=one.name, limit=one.limit, statistic=one.statistic) for one in thresholds]


def event_info(event: StoredEvent) -> EventInfo:
    """An event without the picture of its sound."""
    return EventInfo.model_validate(_event(event))


def event_detail(event: StoredEvent) -> EventDetail:
    """An event with the picture of its sound."""
    return EventDetail.model_validate(_event(event) | {"evidence": event.evidence})


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
