"""The engine for TFLite graphs does what the other one does."""

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from auscult.errors import EngineError, MissingExtra
from auscult.runtime.litert import LiteEngine

pytest.importorskip("ai_edge_litert")

OUTPUTS = ("score", "level_db")


@pytest.fixture(scope="module")
def engine(loudness):
    return loudness.engine()


@pytest.fixture(scope="module")
def windows(machine):
    return machine(20, 4.0).reshape(4, 16000) * np.array([[0.5], [1.0], [2.0], [0.0]], np.float32)


def refused(engine, waveform, **feeds):
    with pytest.raises(EngineError) as caught:
        engine.run(waveform, **feeds)
    assert f"could not judge a window of shape {waveform.shape}" in caught.value.what
    assert "a window as its manifest describes" in caught.value.expected
    return caught.value.what


def test_it_says_what_it_takes_and_gives(engine):
    assert (engine.name, engine.inputs, engine.outputs) == ("litert", ("waveform",), OUTPUTS)


def test_windows_go_through_one_by_one_and_come_back_together(engine, windows):
    found = engine.run(windows)
    assert {name: (value.shape, value.dtype) for name, value in found.items()} == {
        name: ((4,), np.dtype(np.float32)) for name in OUTPUTS
    }
    power = np.maximum(np.mean(windows.astype(np.float64) ** 2, axis=1), 1e-10)
    np.testing.assert_allclose(found["score"], np.sqrt(power), rtol=1e-5)
    np.testing.assert_allclose(found["level_db"], 10 * np.log10(power), rtol=1e-5)


def test_only_what_is_asked_for_comes(engine, windows):
    assert list(engine.run(windows[:1], outputs=["level_db"])) == ["level_db"]


def test_what_was_given_out_stays_as_it_is(engine, windows):
    first = engine.run(windows[:1])["score"]
    before = first.copy()
    engine.run(windows[2:3])
    np.testing.assert_array_equal(first, before)


@pytest.mark.parametrize("threads", [1, 2])
def test_many_may_ask_at_once(loudness, windows, threads):
    engine = loudness.engine(threads=threads)
    wanted = [engine.run(window[None])["score"][0] for window in windows]
    with ThreadPoolExecutor(4) as pool:
        rows = [window[None] for window in windows] * 10
        found = [one["score"][0] for one in pool.map(engine.run, rows)]
    assert found == wanted * 10


@pytest.mark.parametrize(
    ("waveform", "feeds", "words"),
    [
        (np.zeros((1, 8000), np.float32), {}, "waveform is float32 of shape (1, 8000)"),
        (np.zeros((0, 16000), np.float32), {}, "(0, 16000)"),
        (np.zeros(16000, np.float32), {}, "(16000,)"),
        (np.zeros((1, 16000), np.float64), {}, "float64"),
        (np.zeros((1, 16000), np.float32), {"outputs": ["distance"]}, "no output 'distance'"),
        (
            np.zeros((1, 16000), np.float32),
            {"context": np.zeros((1, 8, 4), np.float32), "context_length": np.zeros(1, np.int64)},
            "it takes waveform",
        ),
    ],
)
def test_what_does_not_fit_is_refused(engine, waveform, feeds, words):
    assert words in refused(engine, waveform, **feeds)


def test_a_graph_that_litert_does_not_take_is_an_error_of_the_engine(make_loudness_model):
    broken = make_loudness_model()[:400]
    with pytest.raises(EngineError, match="LiteRT does not take this graph"):
        LiteEngine(broken, OUTPUTS)


def test_outputs_have_to_be_as_many_as_the_graph_gives(make_loudness_model):
    with pytest.raises(EngineError, match=r"1 inputs and 2 outputs\..*score, level_db, embedding"):
        LiteEngine(make_loudness_model(), (*OUTPUTS, "embedding"))


def test_without_litert_the_extra_is_named(loudness, monkeypatch):
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(MissingExtra, match=r"pip install 'auscult\[tflite\]'"):
        loudness.engine()


def test_nothing_is_printed(loudness, windows, capfd):
    loudness.engine().run(windows)
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "")
