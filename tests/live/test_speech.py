"""What is stored holds no speech; what can't be judged is not stored."""

from itertools import pairwise

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from auscult.audio.sound import Sound
from auscult.audio.synth import MACHINES, render
from auscult.audio.synth.voice import Voice, say
from auscult.errors import EngineError
from auscult.live import speech
from auscult.live.speech import Silero, Syllables, joined, silenced, speech_judge, without_speech

RATE_HZ = 16000


def beside(machine, snr_db, *, seed=0, pitch_hz=120.0, start_s=3.0, seconds=4.0):
    """A machine, and someone who speaks beside it; and what was said."""
    sound = render(MACHINES[machine](), seconds=12.0, seed=seed)
    voice = say(Voice(pitch_hz=pitch_hz), seconds=seconds, seed=seed).samples
    gain = np.sqrt(np.mean(sound.samples**2) / np.mean(voice**2)) * 10.0 ** (snr_db / 20.0)
    samples, said = sound.samples.copy(), np.zeros_like(sound.samples)
    said[round(start_s * RATE_HZ) :][: len(voice)] = np.float32(gain) * voice
    return Sound(samples=samples + said, rate_hz=RATE_HZ), said


@pytest.mark.parametrize("machine", ["fan", "pump", "valve", "cyclic"])
@pytest.mark.parametrize(("snr_db", "pitch_hz"), [(10.0, 110.0), (3.0, 210.0)])
def test_what_was_said_is_gone_and_the_rest_is_there(machine, snr_db, pitch_hz):
    sound, said = beside(machine, snr_db, pitch_hz=pitch_hz)
    cleaned = without_speech(sound, Syllables())
    assert cleaned.judge == "syllables"
    is_kept = cleaned.sound.samples != 0.0
    assert np.sum(said[is_kept] ** 2) < 0.02 * np.sum(said**2)
    assert is_kept.mean() > 0.3
    untouched = is_kept & (np.abs(cleaned.sound.samples - sound.samples) < 1e-7)
    assert untouched.sum() > 0.98 * is_kept.sum()


def test_machines_alone_are_left_alone():
    share = []
    for number, name in enumerate(MACHINES):
        sound = render(MACHINES[name](), seconds=12.0, seed=40 + number)
        share.append(float(np.mean(without_speech(sound, Syllables()).sound.samples == 0.0)))
    assert max(share) < 0.5
    assert np.mean(share) < 0.15


class Always:
    """A judge that hears speech where it is told to."""

    name = "always"

    def __init__(self, *stretches):
        self._stretches = stretches

    def voiced(self, samples):
        return self._stretches


class Broken(Always):
    def voiced(self, samples):
        raise EngineError("it broke", "a judge", "get another")


def noise(seconds, rate_hz=RATE_HZ):
    samples = np.random.default_rng(0).normal(0.0, 0.1, round(seconds * rate_hz))
    return Sound(samples=samples.astype(np.float32), rate_hz=rate_hz)


@pytest.mark.parametrize(
    ("sound", "judge"),
    [
        (noise(5.0), Broken()),
        (noise(0.9), Always()),
        (noise(5.0, 4000), Always()),
        (noise(5.0), Always((0.5, 4.5))),
        (Sound(samples=np.full(RATE_HZ * 2, np.nan, np.float32), rate_hz=RATE_HZ), Always()),
    ],
    ids=["the judge fails", "too short", "too low a rate", "hardly anything else", "no numbers"],
)
def test_what_can_not_be_judged_is_not_kept(sound, judge):
    cleaned = without_speech(sound, judge)
    assert cleaned.sound is None
    assert cleaned.silenced


def test_the_place_is_right_at_any_rate():
    cleaned = without_speech(noise(6.0, 44100), Always((2.0, 3.0)))
    assert cleaned.silenced == ((1.7, 3.3),)
    gone = np.flatnonzero(cleaned.sound.samples == 0.0)
    assert gone[0] == pytest.approx(1.7 * 44100, abs=2)
    assert gone[-1] == pytest.approx(3.3 * 44100, abs=2)


@given(st.lists(st.tuples(st.floats(0.0, 9.0), st.floats(0.01, 2.0)).map(lambda p: (p[0], sum(p)))))
def test_every_stretch_is_silenced_with_its_margins(stretches):
    found = joined(tuple(stretches), 12.0)
    samples = silenced(np.ones(12 * RATE_HZ, np.float32), RATE_HZ, found)
    for start_s, end_s in stretches:
        first = max(start_s - speech.MARGIN_S, 0.0) * RATE_HZ
        last = min(end_s + speech.MARGIN_S, 12.0) * RATE_HZ
        assert not samples[round(first) + 20 : round(last) - 20].any()
    assert all(before[1] < after[0] for before, after in pairwise(found))
    assert np.all((samples >= 0.0) & (samples <= 1.0))
    if not stretches:
        assert np.all(samples == 1.0)


def network(path, *, has_state=True):
    """A network with the inputs of Silero's: the louder, the likelier that somebody speaks."""
    f = TensorProto.FLOAT
    nodes = [
        helper.make_node("Abs", ["input"], ["loud"]),
        helper.make_node("ReduceMax", ["loud"], ["output"], axes=[1], keepdims=1),
    ]
    inputs = [helper.make_tensor_value_info("input", f, ["batch", "samples"])]
    outputs = [helper.make_tensor_value_info("output", f, ["batch", 1])]
    if has_state:
        nodes.append(helper.make_node("Identity", ["state"], ["stateN"]))
        nodes.append(helper.make_node("Identity", ["sr"], ["rate"]))
        inputs.append(helper.make_tensor_value_info("state", f, [2, "batch", 128]))
        inputs.append(helper.make_tensor_value_info("sr", TensorProto.INT64, []))
        outputs.append(helper.make_tensor_value_info("stateN", f, [2, "batch", 128]))
    graph = helper.make_graph(nodes, "vad", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 16)], ir_version=8)
    onnx.save(model, path)
    return path


def test_a_network_is_asked_chunk_by_chunk(tmp_path):
    samples = np.full(10 * RATE_HZ, 0.01, np.float32)
    samples[4 * RATE_HZ : 5 * RATE_HZ] = 0.9
    ((start_s, end_s),) = Silero(network(tmp_path / "silero_vad.onnx")).voiced(samples)
    assert start_s == pytest.approx(4.0, abs=0.05)
    assert end_s == pytest.approx(5.0, abs=0.05)


def test_where_the_file_is_the_network_judges(tmp_path, monkeypatch):
    monkeypatch.setattr(speech, "find_spec", lambda _: None)
    monkeypatch.setenv("AUSCULT_DATA", str(tmp_path))
    assert speech_judge().name == "syllables"
    (tmp_path / "models").mkdir()
    network(tmp_path / "models" / "silero_vad.onnx")
    assert speech_judge().name == "silero"
    monkeypatch.delenv("AUSCULT_DATA")
    assert speech_judge().name == "syllables"


@pytest.mark.parametrize("kind", ["text", "another network"])
def test_a_file_that_is_no_such_network_is_named(tmp_path, kind):
    path = tmp_path / "silero_vad.onnx"
    if kind == "text":
        path.write_text("not found")
    else:
        network(path, has_state=False)
    with pytest.raises(EngineError, match="can't find speech") as told:
        speech_judge(path)
    assert "pip install --no-deps silero-vad" in str(told.value)
