from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from auscult.errors import EngineError
from auscult.runtime.cost import Estimate
from auscult.runtime.engine import Engine


@pytest.fixture(scope="module")
def engine(bundle):
    return bundle.engine()


@pytest.fixture(scope="module")
def windows(machine):
    return machine(50, 8.0).reshape(4, 32000)


def context_for(windows, k=8, dim=384):
    n = len(windows)
    return {
        "context": np.zeros((n, k, dim), np.float32),
        "context_length": np.zeros(n, np.int64),
    }


def refused(engine, waveform, **feeds):
    with pytest.raises(EngineError) as caught:
        engine.run(waveform, **feeds)
    assert f"could not judge a window of shape {waveform.shape}" in caught.value.what
    assert "a window as its manifest describes" in caught.value.expected
    assert "auscult bundle verify FILE" in caught.value.action
    return caught.value.what


def test_names_are_those_of_the_graph(engine):
    assert engine.name == "onnxruntime"
    assert set(engine.inputs) == {"waveform", "context", "context_length"}
    assert set(engine.outputs) == {"score", "fast_score", "level_db", "embedding", "anomaly_map"}


def test_all_outputs_come_by_name(engine, windows):
    found = engine.run(windows, **context_for(windows))
    assert {name: value.shape for name, value in found.items()} == {
        "score": (4,),
        "fast_score": (4,),
        "level_db": (4,),
        "embedding": (4, 384),
        "anomaly_map": (4, 128, 61),
    }
    assert {value.dtype for value in found.values()} == {np.dtype(np.float32)}


def test_only_what_is_asked_for_comes(engine, windows):
    found = engine.run(windows, **context_for(windows), outputs=["level_db"])
    assert list(found) == ["level_db"]
    rms = np.sqrt(np.mean(windows.astype(np.float64) ** 2, axis=1))
    np.testing.assert_allclose(found["level_db"], 20 * np.log10(rms), atol=1e-3)


def test_threads_do_not_change_scores(bundle, engine, windows):
    one = engine.run(windows, **context_for(windows))
    two = bundle.engine(threads=2).run(windows, **context_for(windows))
    for name, value in one.items():
        np.testing.assert_allclose(two[name], value, rtol=1e-5, atol=1e-6)


def test_several_may_run_it_at_once(engine, windows):
    def score(window):
        return float(engine.run(window[None], **context_for(window[None]))["score"][0])

    expected = [score(window) for window in windows]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(score, np.concatenate([windows] * 8))) == expected * 8


@pytest.mark.parametrize("shape", [(32000,), (1, 1, 32000)])
def test_a_waveform_of_another_shape(engine, shape):
    refused(engine, np.zeros(shape, np.float32), **context_for(np.zeros((1, 1))))


def test_a_waveform_of_another_type(engine, windows):
    refused(engine, windows.astype(np.float64), **context_for(windows))


def test_context_of_another_length(engine, windows):
    refused(engine, windows, **context_for(windows, dim=100))


def test_context_for_another_number_of_windows(engine, windows):
    refused(engine, windows, **context_for(windows[:3]))


def test_no_context_where_it_is_needed(engine, windows):
    assert "context" in refused(engine, windows)


def test_context_where_none_is_taken(embedder_file, windows):
    plain = Engine(embedder_file.read_bytes())
    refused(plain, windows[:, :16000], **context_for(windows))


def test_an_output_that_is_not_there(engine, windows):
    refused(engine, windows, **context_for(windows), outputs=["loudness"])


@pytest.mark.parametrize("content", [b"", b"normal", bytes(100), "a name that is no UTF-8"])
def test_what_is_no_graph_is_refused_without_a_word_elsewhere(edge_bundle, content, capfd):
    if isinstance(content, str):
        before, name, after = edge_bundle.graph_bytes.rpartition(b"chunk.first")
        content = before + name.replace(b"s", b"\xe9") + after
    with pytest.raises(EngineError) as caught:
        Engine(content)
    assert "onnxruntime does not take this graph: " in caught.value.what
    assert "\n" not in caught.value.what
    assert "a graph that Auscult wrote" in caught.value.expected
    assert "pip install -U onnxruntime" in caught.value.action
    assert capfd.readouterr() == ("", "")


class TestExcess:
    """A graph that is modest for some windows and not for others."""

    @pytest.fixture
    def table(self):
        """Every sample times every other: 2³² numbers for a window of 65,536 samples."""
        nodes = [
            helper.make_node("Unsqueeze", ["waveform", "one"], ["row"]),
            helper.make_node("Transpose", ["row"], ["column"], perm=[0, 2, 1]),
            helper.make_node("MatMul", ["column", "row"], ["table"]),
        ]
        sides = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in (("waveform", ["batch", "n"]), ("table", ["batch", "n", "n"]))
        ]
        one = numpy_helper.from_array(np.array([1]), "one")
        graph = helper.make_graph(nodes, "x", sides[:1], sides[1:], [one])
        opsets = [helper.make_opsetid("", 18)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
        return Engine(model.SerializeToString())

    def test_a_short_window_is_judged(self, table):
        assert table.run(np.ones((2, 100), np.float32))["table"].shape == (2, 100, 100)

    def test_a_long_one_is_refused_before_it_fills_the_memory(self, table):
        with pytest.raises(EngineError) as caught:
            table.run(np.ones((1, 65_536), np.float32))
        assert (
            "would compute 4,295,098,368 numbers for a window of shape (1, 65536)"
            in caught.value.what
        )
        assert "at most 268,435,456 numbers" in caught.value.expected
        assert "Do not use this file" in caught.value.action

    def test_several_windows_at_once_may_take_as_much_each(self, table):
        n = 8192  # twice that would be too much for one
        assert table.run(np.ones((1, n), np.float32))["table"].shape == (1, n, n)
        with pytest.raises(EngineError, match="would compute"):
            table.run(np.ones((1, 2 * n), np.float32))

    def test_it_is_worked_out_once_for_each_shape(self, bundle, windows, monkeypatch):
        engine = bundle.engine()
        counted = []
        cost = Estimate.cost
        monkeypatch.setattr(Estimate, "cost", lambda *inputs: counted.append(1) or cost(*inputs))
        for _ in range(3):
            engine.run(windows, **context_for(windows))
            engine.run(windows[:1], **context_for(windows[:1]))
        assert len(counted) == 2
