"""How a sound was heard says as much as the sound, to whoever has the same ears."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.audio.window import windows
from auscult.errors import BundleError
from auscult.memory.allow import allow_trace, effects_on_traces, forbid
from auscult.memory.trace import (
    MAX_BYTES,
    MAX_WINDOWS,
    Trace,
    direction,
    ears_of,
    judging,
    keeps_traces,
    read,
)
from auscult.runtime.bundle import loads, verify
from auscult.runtime.scorer import Scorer


def heard(bundle, samples):
    """The trace of a recording, and the verdicts on it."""
    stream, rows, verdicts = Scorer(bundle).stream(), [], []
    manifest = bundle.manifest
    for window in windows(samples, manifest.window_samples, manifest.hop_samples):
        verdicts.append(stream.judge(window, 0.0))
        rows.append(stream.embedding)
    return Trace(ears=ears_of(bundle), embeddings=np.stack(rows)), verdicts


@pytest.fixture(scope="module")
def whistle(bundle, faulty):
    """A function from a seed and a pitch to the trace of a whistle."""

    def made(seed, hz=3000.0):
        return heard(bundle, faulty(seed, 20.0, start_s=8.0, end_s=12.0, hz=hz))[0]

    return made


def test_a_trace_is_judged_as_its_sound_was(bundle, faulty):
    trace, verdicts = heard(bundle, faulty(100, 20.0, start_s=8.0, end_s=12.0))
    judged = judging(bundle)(trace)
    assert judged.scores == pytest.approx([one.score for one in verdicts], rel=1e-4)
    assert judged.fast_scores == pytest.approx([one.fast_score for one in verdicts], rel=1e-4)
    limits = {one.statistic: one.limit for one in bundle.manifest.calibration.thresholds()}
    worst = np.maximum(judged.scores / limits["score"], judged.fast_scores / limits["fast_score"])
    assert judged.ratios == pytest.approx(worst)


def test_it_outlives_being_stored(whistle, bundle):
    trace = whistle(100)
    content = trace.to_bytes()
    again = read(content)
    assert len(content) < 1000 * len(trace.embeddings)
    assert again.ears == trace.ears
    judge = judging(bundle)
    assert judge(again).ratios == pytest.approx(judge(trace).ratios, rel=5e-3)


@given(st.binary(max_size=300))
def test_what_is_no_trace_is_none(content):
    assert read(content) is None


@pytest.mark.parametrize(
    "embeddings",
    [np.zeros((0, 3)), np.zeros((MAX_WINDOWS + 1, 3)), np.full((2, 3), np.nan), np.zeros(3)],
    ids=["none", "too many", "no numbers", "one dimension"],
)
def test_a_trace_without_sense_is_none(embeddings):
    assert read(Trace(ears="", embeddings=embeddings.astype(np.float32)).to_bytes()) is None
    assert read(b"\0" * (MAX_BYTES + 1)) is None


def test_it_is_allowed_without_its_sound(bundle, whistle, faulty, machine):
    made = allow_trace(bundle, whistle(100), name="the door", note="lunch")
    assert made.before > 1.0 >= made.after
    assert made.is_enough
    (entry,) = made.bundle.manifest.allowed
    assert (entry.recording, entry.note, entry.places) == ("the door", "lunch", made.places)
    for seed, amplitude in (
        (101, 0.05),
        (102, 0.025),
        (103, 0.1),
    ):  # as loud, and 6 dB to each side
        again = faulty(seed, 20.0, start_s=6.0, end_s=10.0, amplitude=amplitude)
        assert any(one.state == "anomaly" for one in heard(bundle, again)[1])
        _, verdicts = heard(made.bundle, again)
        assert not any(one.state == "anomaly" for one in verdicts)
    _, verdicts = heard(made.bundle, faulty(104, 20.0, start_s=6.0, end_s=10.0, hz=1000.0))
    assert any(one.state == "anomaly" for one in verdicts)
    assert verify(loads(made.bundle.to_bytes())) < 1e-4
    assert forbid(made.bundle, 1).to_bytes() == bundle.to_bytes()


def test_it_is_said_what_would_vanish(bundle, whistle):
    after = allow_trace(bundle, whistle(100), name="it").bundle
    traces = {
        "same": ("anomaly", whistle(101)),
        "other": ("", whistle(102, 1000.0)),
        "elsewhere": ("", Trace(ears="others", embeddings=whistle(103).embeddings)),
    }
    found = {one.name: one for one in effects_on_traces(bundle, after, traces)}
    assert set(found) == {"same", "other"}
    assert found["same"].vanishes
    assert found["same"].label == "anomaly"
    assert not found["other"].vanishes


def test_other_ears_can_not_allow_it(bundle, edge_bundle, whistle):
    trace = whistle(100)
    with pytest.raises(BundleError, match="another embedder"):
        allow_trace(edge_bundle, trace, name="it")
    with pytest.raises(BundleError, match="192 numbers"):
        judging(edge_bundle)(trace)


def test_ears_stay_what_is_learned_changes(bundle, whistle, classifier):
    assert ears_of(allow_trace(bundle, whistle(100), name="it").bundle) == ears_of(bundle)
    assert keeps_traces(bundle)
    assert not keeps_traces(classifier)


def test_the_same_sound_lies_the_same_way(bundle, whistle):
    judge = judging(bundle)
    ways = {
        key: direction(bundle, judge, trace)
        for key, trace in {
            "a": whistle(100),
            "b": whistle(101),
            "c": whistle(102, 1000.0),
        }.items()
    }
    assert np.linalg.norm(ways["a"]) == pytest.approx(1.0)
    assert ways["a"] @ ways["b"] > 0.8
    assert ways["a"] @ ways["c"] < 0.5
