"""From recordings to verdicts: by command, and by program."""

import json

import numpy as np
import pytest
import soundfile

import auscult
from auscult.audio.synth import fan, render


def overlap(first, second):
    """Length of what two stretches share by the length of both together."""
    (a, b), (c, d) = first, second
    return max(min(b, d) - max(a, c), 0.0) / (max(b, d) - min(a, c))


def test_simulate_check_learn_and_score_by_command(auscult_in, tmp_path):
    code, out, _ = auscult_in("data", "simulate", "recordings", "--normal", 10, "--anomaly", 4)
    assert (code, out.startswith("Wrote 10 normal recordings and 4 with a fault")) == (0, True)
    code, out, _ = auscult_in("data", "check", "recordings", "--json")
    assert code == 0
    assert json.loads(out)["counts"]["label"] == {"anomaly": 4, "normal": 10}

    unit = tmp_path / "recordings" / "fan" / "id_00"
    today = tmp_path / "today"
    today.mkdir()
    for number in (8, 9):  # kept back, to be judged
        name = f"{number:08d}.wav"
        (unit / "normal" / name).rename(today / f"normal {name}")
    for path in (unit / "abnormal").iterdir():
        path.rename(today / f"broken {path.name}")

    code, out, _ = auscult_in("learn", unit / "normal", "-o", "fan.onnx", "--json")
    assert code == 0
    assert json.loads(out)["seconds_of_sound"] == 80.0
    code, out, err = auscult_in("score", "fan.onnx", "today", "--json", "--fail-on-anomaly")
    assert (code, err) == (1, "")
    called = {one["file"]: one["is_anomaly"] for one in json.loads(out)}
    assert len(called) == 6
    assert all(is_anomaly == ("broken" in name) for name, is_anomaly in called.items())


@pytest.fixture(scope="module")
def verdicts(simulated, learned_file):
    """What the saved and loaded bundle says of each recording that was not learned from."""
    scorer = auscult.load(learned_file)
    return {path: scorer.score(path) for path in simulated.healthy + simulated.broken}


def test_healthy_recordings_pass_and_broken_ones_do_not(simulated, verdicts):
    assert not any(verdicts[path].is_anomaly for path in simulated.healthy)
    heard = [verdicts[path].is_anomaly for path in simulated.broken]
    assert np.mean(heard) >= 0.9


def test_explanations_point_at_the_fault(simulated, verdicts):
    shares = []
    for path, fault in simulated.truth.items():
        told = verdicts[path].explanation
        if told is None or fault["kind"] == "dropout":  # in no band of its own
            continue
        time = overlap((told.start_s, told.end_s), (fault["start_s"], fault["end_s"]))
        band = overlap((told.low_hz, told.high_hz), (fault["low_hz"], fault["high_hz"]))
        shares.append(min(time, band))
    assert len(shares) >= 7
    assert np.mean(np.asarray(shares) >= 0.3) >= 0.8


def test_the_worst_window_lies_in_the_fault(simulated, verdicts):
    found = []
    for path, fault in simulated.truth.items():
        worst = max(verdicts[path], key=lambda window: window.ratio)
        found.append(worst.start_s < fault["end_s"] and worst.end_s > fault["start_s"])
    assert np.mean(found) >= 0.9


def test_what_was_saved_judges_as_what_was_learned(simulated, learned, verdicts):
    fresh = auscult.Scorer(learned)
    for path in (simulated.healthy[0], simulated.broken[0]):
        assert fresh.score(path).score == pytest.approx(verdicts[path].score, rel=1e-6)


def test_a_bundle_of_one_machine_finds_another_one_strange(learned, machine):
    sound = auscult.Sound(samples=machine(0), rate_hz=16000)
    assert auscult.Scorer(learned).score(sound).ratio > 3.0


def test_step_by_step_by_program(simulated, tmp_path):
    # 1. What is there?
    clips = list(auscult.discover(simulated.root).clips())
    assert {clip.label for clip in clips} == {"normal", "anomaly"}
    # 2. Learn what is normal; only that is used.
    bundle = auscult.learn(simulated.root, preset="edge", budget_per_day=2.0)
    assert bundle.manifest.data.recordings == 16
    # 3. Keep it.
    path = bundle.save(tmp_path / "fan.onnx")
    # 4. Judge a recording, window by window.
    scorer = auscult.load(path)
    verdict = scorer.score(simulated.broken[0])
    assert [window.start_s for window in verdict] == [float(i) for i in range(9)]
    # 5. Say where and how it differs.
    assert verdict.explanation.text.endswith(".")
    # 6. Measure it.
    assert auscult.evaluate(scorer, clips[::2], bootstrap=20).columns["as_recorded"].auc > 0.9
    # 7. Go on from it another day.
    tomorrow = tmp_path / "tomorrow.wav"
    sound = render(fan(), seconds=30.0, seed=8)
    soundfile.write(tomorrow, sound.samples, sound.rate_hz)
    more = auscult.learn(tomorrow, add=path)
    assert more.manifest.calibration.heard_s == bundle.manifest.calibration.heard_s + 30.0
