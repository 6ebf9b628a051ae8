"""What the server has, in the shape that it answers in."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from auscult.audio.sound import Sound
from auscult.server.bundles import Choice, Kept
from auscult.server.describe import (
    bundle_info,
    event_detail,
    event_info,
    layer_info,
    scored_by,
    source_info,
)
from auscult.server.inspection import Layer, Picture
from auscult.server.sources import Wanted


def kept(bundle, **changes):
    return Kept(
        id="3f2a9c0d1e4b",
        path=Path("x.onnx"),
        size_bytes=7,
        created_at=datetime(2030, 1, 1, tzinfo=UTC),
        manifest=replace(bundle.manifest, **changes),
        choice=Choice(),
    )


def test_a_bundle_without_limits_promises_nothing(bundle):
    info = bundle_info(kept(bundle, calibration=None), active_id=None)
    assert info.limits == []
    assert info.budget_per_day is info.promised_per_day is info.supported_per_day is None
    assert info.trust == "provisional"
    assert info.learned_s == bundle.manifest.data.seconds
    assert not info.active


def test_limits_are_those_that_judge(bundle):
    info = bundle_info(kept(bundle), active_id="3f2a9c0d1e4b")
    thresholds = bundle.manifest.calibration.thresholds()
    assert [limit.limit for limit in info.limits] == [one.limit for one in thresholds]
    assert info.active


def test_an_event_is_told_with_or_without_its_evidence(event):
    stored = event(0)
    assert "evidence" not in event_info(stored).model_dump()
    assert event_detail(stored).evidence == stored.evidence
    info = event_info(event(0, evidence=None, clip="x.wav"))
    assert (info.has_evidence, info.has_clip) == (False, True)
    assert "clip" not in info.model_dump()


def test_a_short_bang_is_told_by_the_rule_that_it_broke(bundle, scorer, faulty):
    sound = Sound(samples=faulty(5), rate_hz=16_000)
    verdict = replace(scorer.score(sound, explain=False), ratio=0.8, rule="sudden")
    said = scored_by(kept(bundle), verdict)
    assert said.state == "anomaly"
    assert said.ratio == max(one.ratio for one in verdict.windows) > 1.0


def test_pictures_are_told_with_their_edges(bundle):
    layer = Layer(
        name="stem",
        shape=(2, 1, 3),
        mean=Picture(values=np.array([[0.0], [1.0], [2.0]]), low=0.0, high=2.0),
        channels=(),
    )
    info = layer_info(layer)
    assert (info.mean.columns, info.mean.rows, info.mean.data) == (3, 1, "AID/")
    assert (info.shape, info.mean.low, info.mean.high) == ((2, 1, 3), 0.0, 2.0)


def test_a_source_is_stopped_failed_or_as_it_runs():
    wanted = Wanted(id="rtsp-1", address="rtsp://u:p@cam/a", name="Hall")
    stopped, failed = source_info(wanted, None, None), source_info(wanted, None, "It is far away.")
    assert (stopped.state, stopped.error, stopped.kind) == ("stopped", None, "rtsp")
    assert (failed.state, failed.error) == ("failed", "It is far away.")
    assert stopped.address == "rtsp://cam/a"
    running = SimpleNamespace(
        source=SimpleNamespace(kind="camera"),
        state="reconnecting",
        error="Cut.",
        heard_s=1.23,
        dropped_samples=5,
    )
    info = source_info(wanted, running, None)
    assert (info.kind, info.state, info.error) == ("camera", "reconnecting", "Cut.")
    assert (info.heard_s, info.dropped_samples) == (1.2, 5)
