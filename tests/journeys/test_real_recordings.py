"""Real machines, and the same journeys on a simulated one where their recordings are not at hand."""

import os
import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile

import auscult
from auscult.audio.synth import pump, render
from auscult.datasets.simulate import simulate

DATA = Path(os.environ.get("AUSCULT_DATA", Path(__file__).parents[2] / "../shared/data"))
N_LEARNED = 5


def unit_of(source, tmp_path_factory):
    """A folder with at least ten normal and five abnormal recordings of one unit."""
    if source == "simulated":
        out = tmp_path_factory.mktemp("pump") / "set"
        simulate(out, machine="pump", normal=10, anomaly=5, seed=4)
        return out / "pump" / "id_00"
    unit = DATA / "mimii_-6dB" / "slider" / "id_00"
    if not unit.is_dir():
        pytest.skip("no recordings of MIMII's slider under AUSCULT_DATA")
    return unit


@pytest.fixture(scope="module", params=["simulated", "real"])
def unit(request, tmp_path_factory):
    return unit_of(request.param, tmp_path_factory)


def recordings(unit, label):
    return sorted(path for path in (unit / label).iterdir() if path.suffix in {".wav", ".flac"})


def learned(unit):
    """A bundle from five recordings of ten seconds, and what the user is told of it."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        bundle = auscult.learn(recordings(unit, "normal")[:N_LEARNED], name="machine")
    return bundle, [str(one.message) for one in told]


@pytest.fixture(scope="module")
def bundle_file(unit, tmp_path_factory):
    bundle, _ = learned(unit)
    return bundle.save(tmp_path_factory.mktemp("learned") / "machine.onnx")


@pytest.fixture(scope="module")
def scorer(bundle_file):
    return auscult.load(bundle_file)


def test_five_recordings_are_enough_to_rank_anomalies(unit, scorer):
    normal = [scorer.score(path).score for path in recordings(unit, "normal")[N_LEARNED:]]
    anomalous = [scorer.score(path).score for path in recordings(unit, "abnormal")]
    assert (len(normal), len(anomalous)) == (5, 5)
    assert min(anomalous) > np.median(normal)


def test_loudness_has_no_part_in_it(unit, scorer):
    learned = recordings(unit, "normal")[:N_LEARNED]
    clips = [clip for clip in auscult.discover(unit).clips() if clip.path not in learned]
    columns = auscult.evaluate(scorer, clips, bootstrap=20).columns
    assert columns["rms_normalised"].auc == pytest.approx(columns["as_recorded"].auc, abs=0.01)
    assert columns["as_recorded"].auc >= 0.9


def test_a_quieter_microphone_changes_no_score(unit, scorer):
    sound = auscult.read(recordings(unit, "abnormal")[0])
    quieter = auscult.Sound(samples=0.25 * sound.samples, rate_hz=sound.rate_hz)
    assert scorer.score(quieter).score == pytest.approx(scorer.score(sound).score, rel=1e-2)


def test_scores_are_the_same_every_time(unit, scorer, bundle_file):
    paths = [recordings(unit, "normal")[-1], recordings(unit, "abnormal")[0]]
    again = auscult.load(bundle_file)
    threaded = auscult.Scorer(again.bundle, threads=2)
    for path in paths:
        first = scorer.score(path)
        assert scorer.score(path) == first
        assert again.score(path) == first
        assert threaded.score(path).score == pytest.approx(first.score, rel=1e-4)


def test_learning_again_gives_the_same_bundle(unit, bundle_file):
    again, told = learned(unit)
    assert again.to_bytes() == bundle_file.read_bytes()
    assert any("Only 50 s of normal sound" in one for one in told)


@pytest.fixture(scope="module", params=["simulated", "real"])
def eight_channels(request, tmp_path_factory):
    """A normal and an abnormal recording of eight microphones, and how many channels that are."""
    if request.param == "real":
        normal = DATA / "mimii_8ch" / "pump_id_00_normal.wav"
        if not normal.is_file():
            pytest.skip("no recording of eight channels under AUSCULT_DATA")
        return normal
    rng = np.random.default_rng(0)
    sound = render(pump(), seconds=10.0, seed=5)
    near = np.linspace(1.0, 0.3, 8)
    samples = sound.samples[:, None] * near + rng.normal(0, 1e-3, (len(sound.samples), 8))
    path = tmp_path_factory.mktemp("array") / "eight.wav"
    soundfile.write(path, samples, sound.rate_hz)
    return path


def test_a_microphone_array_is_heard_channel_by_channel(eight_channels, tmp_path, auscult_in):
    samples, rate_hz = soundfile.read(eight_channels, dtype="float32")
    assert samples.shape[1] == 8
    # Three stretches of the first microphone are enough to have something to score with.
    parts = tmp_path / "normal"
    parts.mkdir()
    for i in range(3):
        part = samples[i * 3 * rate_hz : (i + 1) * 3 * rate_hz + rate_hz // 2, 0]
        soundfile.write(parts / f"{i}.wav", part, rate_hz)
    code, _, _ = auscult_in("learn", "normal", "-o", "array.onnx", "--preset", "edge")
    assert code == 0
    scorer = auscult.load(tmp_path / "array.onnx")
    by_channel = [scorer.score(eight_channels, channel=i).score for i in range(8)]
    alone = [
        scorer.score(auscult.Sound(samples=np.ascontiguousarray(one), rate_hz=rate_hz)).score
        for one in samples.T
    ]
    assert by_channel == pytest.approx(alone, rel=1e-5)
    assert len(set(by_channel)) == 8
    code, _, err = auscult_in("score", "array.onnx", eight_channels, "--channel", 8)
    assert code == 2
    assert "Channel 8 was asked for" in err
    assert "8 channel(s). Expected: 0 to 7" in err
    assert auscult_in("score", "array.onnx", eight_channels, "--channel", 7)[0] == 0
    assert auscult_in("score", "array.onnx", eight_channels)[0] == 0
