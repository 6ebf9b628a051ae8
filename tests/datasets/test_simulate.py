import json
import math
import warnings

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.audio.level import level_db
from auscult.audio.synth import FAULTS, MACHINES, Dropout, render, truth
from auscult.datasets.clip import ANOMALY, NORMAL
from auscult.datasets.discover import discover
from auscult.datasets.machine_sounds import MachineSounds
from auscult.datasets.simulate import (
    LEVEL_DEVIATION_DB,
    MEAN_LEVEL_DB,
    TRUTH_FILE,
    random_fault,
    simulate,
)
from auscult.errors import DatasetError, RecipeError

SMALL = {"normal": 2, "anomaly": 3, "seconds": 1.0, "rate_hz": 4000}


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def told(out):
    return json.loads((out / TRUTH_FILE).read_text(encoding="utf-8"))


def test_the_tree_is_mimii_s(tmp_path):
    out = simulate(tmp_path / "sim", machine="pump", **SMALL)
    assert out == tmp_path / "sim"
    assert sorted(p.relative_to(out).as_posix() for p in out.rglob("*.wav")) == [
        "pump/id_00/abnormal/00000000.wav",
        "pump/id_00/abnormal/00000001.wav",
        "pump/id_00/abnormal/00000002.wav",
        "pump/id_00/normal/00000000.wav",
        "pump/id_00/normal/00000001.wav",
    ]
    info = soundfile.info(out / "pump/id_00/normal/00000001.wav")
    assert (info.samplerate, info.channels, info.frames) == (4000, 1, 4000)
    assert info.subtype == "PCM_16"


def test_the_readers_read_it(tmp_path):
    out = simulate(tmp_path / "sim", by_condition=True, snr_db=-3.0, **SMALL)
    reader = discover(out)
    assert isinstance(reader, MachineSounds)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        clips = list(reader.clips())
    assert [clip.label for clip in clips] == [ANOMALY] * 3 + [NORMAL] * 2
    assert {(clip.machine, clip.unit) for clip in clips} == {("fan", "id_00")}
    assert {clip.attributes["condition"] for clip in clips} == {"-3dB"}


def test_the_truth_is_of_every_abnormal_file_and_complete(tmp_path):
    out = simulate(tmp_path / "sim", machine="cyclic", **{**SMALL, "anomaly": 12})
    facts = told(out)
    assert facts["machine"] == "cyclic"
    assert set(facts["files"]) == {
        path.relative_to(out).as_posix() for path in out.rglob("abnormal/*.wav")
    }
    machine = MACHINES["cyclic"](rate_hz=4000)
    for name, fact in facts["files"].items():
        kind = fact["fault"].pop("kind")
        fault = FAULTS[kind](**fact["fault"])
        (span,) = truth(machine, [fault])
        for key in ("kind", "start_s", "end_s", "low_hz", "high_hz"):
            assert fact[key] == getattr(span, key)
        assert fact["snr_db"] == (None if isinstance(fault, Dropout) else 6.0)
        # With what is told, the recording can be made again, but for its loudness.
        again = render(machine, seconds=1.0, seed=fact["seed"], faults=[fault]).samples
        written, _ = soundfile.read(out / name, dtype="float32")
        gain = np.dot(written, again) / np.dot(again, again)
        assert np.abs(written - gain * again).max() < 1 / 32767


def test_a_seed_is_a_data_set(tmp_path):
    same = [simulate(tmp_path / name, seed=4, **SMALL) for name in ("a", "b")]
    other = simulate(tmp_path / "c", seed=5, **SMALL)
    for name in names(same[0]):
        path = same[0] / name
        if path.is_file():
            assert path.read_bytes() == (same[1] / name).read_bytes()
            assert path.read_bytes() != (other / name).read_bytes()


def test_more_recordings_leave_the_others_as_they_are(tmp_path):
    few = simulate(tmp_path / "few", **SMALL)
    more = simulate(tmp_path / "more", **{**SMALL, "normal": 4, "anomaly": 5})
    for path in few.rglob("*.wav"):
        assert path.read_bytes() == (more / path.relative_to(few)).read_bytes()


def test_every_recording_is_another(tmp_path):
    out = simulate(tmp_path / "sim", **{**SMALL, "normal": 6})
    assert len({path.read_bytes() for path in out.rglob("*.wav")}) == 9


@pytest.mark.parametrize("machine", MACHINES)
def test_loudness_gives_nothing_away(tmp_path, machine):
    counts = {**SMALL, "normal": 40, "anomaly": 40}
    out = simulate(tmp_path / "sim", machine=machine, snr_db=12.0, **counts)
    levels = {
        kind: np.array([level_db(soundfile.read(path)[0]) for path in out.rglob(f"{kind}/*.wav")])
        for kind in ("normal", "abnormal")
    }
    for of_kind in levels.values():
        assert np.mean(of_kind) == pytest.approx(MEAN_LEVEL_DB, abs=0.5)
        assert np.std(of_kind) == pytest.approx(LEVEL_DEVIATION_DB, rel=0.4)
    auc = np.mean(levels["abnormal"][:, None] > levels["normal"])
    assert 0.35 < auc < 0.65


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32),
    seconds=st.floats(1.0, 60.0),
    rate_hz=st.sampled_from([4000, 8000, 16000, 48000]),
    name=st.sampled_from(list(MACHINES)),
)
def test_a_drawn_fault_fits_its_recording(seed, seconds, rate_hz, name):
    fault = random_fault(np.random.default_rng(seed), seconds, 6.0, rate_hz=rate_hz)
    assert fault.start_s >= 0
    assert fault.end_s <= seconds + 1e-3
    assert fault.duration_s >= 0.199 * seconds
    (span,) = truth(MACHINES[name](rate_hz=rate_hz), [fault])
    assert 0 <= span.low_hz < span.high_hz <= rate_hz / 2


def test_every_kind_is_drawn():
    rng = np.random.default_rng(0)
    drawn = [random_fault(rng, 10.0, 3.0).kind for _ in range(350)]
    assert set(drawn) == set(FAULTS)
    assert min(drawn.count(kind) for kind in FAULTS) > 25


def test_progress_counts_to_the_end(tmp_path):
    seen = []
    simulate(tmp_path / "sim", progress=lambda *args: seen.append(args), **SMALL)
    assert seen == [(k, 5) for k in range(1, 6)]


def test_an_interruption_leaves_nothing(tmp_path):
    def interrupt(done, total):
        assert any(tmp_path.iterdir())
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(tmp_path / "sim", progress=interrupt, **SMALL)
    assert names(tmp_path) == []


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "sim").mkdir()
    out = simulate(tmp_path / "sim", **SMALL)
    assert (out / TRUTH_FILE).exists()
    assert names(tmp_path)[0] == "sim"


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path):
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(DatasetError) as refusal:
        simulate(tmp_path, **SMALL)
    for word in (str(tmp_path), "not empty", "empty or not there yet", "Choose another place"):
        assert word in str(refusal.value)
    assert names(tmp_path) == ["precious.txt"]


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "sim").write_text("mine")
    with pytest.raises(DatasetError, match="is no folder"):
        simulate(tmp_path / "sim", **SMALL)
    with pytest.raises(DatasetError, match=r"can't be written .*Expected: a folder on a disk"):
        simulate(tmp_path / "sim" / "deeper", **SMALL)
    assert (tmp_path / "sim").read_text() == "mine"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"machine": "toaster"}, ["'toaster'", "fan, pump, valve, cyclic, two_states"]),
        ({"normal": -1}, ["-1 normal and 3 abnormal", "0 or more", "Change the numbers"]),
        ({"normal": 0, "anomaly": 0}, ["0 normal and 0 abnormal", "at least one"]),
        ({"seconds": 0.0}, ["Recordings of 0.0 s", "1 to 3600 s", "Change seconds"]),
        ({"seconds": math.nan}, ["Recordings of nan s", "1 to 3600 s"]),
        ({"snr_db": 99.0}, ["Faults of 99.0 dB", "-40 to 60 dB", "Change snr_db"]),
        ({"snr_db": math.nan}, ["Faults of nan dB", "-40 to 60 dB"]),
        ({"seed": -3}, ["seed is -3", "0 or more", "Change seed"]),
        ({"rate_hz": 0}, ["rate_hz=0", "4000 to 192000"]),
    ],
)
def test_what_has_no_meaning_is_refused_before_anything_is_written(tmp_path, wrong, words):
    with pytest.raises(RecipeError) as refusal:
        simulate(tmp_path / "sim", **{**SMALL, **wrong})
    for word in words:
        assert word in str(refusal.value)
    assert names(tmp_path) == []
