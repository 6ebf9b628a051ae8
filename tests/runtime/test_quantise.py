"""Eight bits for the network, float for what is around it."""

import errno
import os

import numpy as np
import pytest
from onnx import TensorProto

from auscult.errors import EngineError
from auscult.runtime import quantise
from auscult.runtime.bundle import ALLOWED_OPERATORS
from auscult.runtime.engine import Engine
from auscult.runtime.quantise import how_best, layers_of, named, quantised


def sounds(n=12, samples=8000):
    rng = np.random.default_rng(n)
    levels = 10.0 ** rng.uniform(-2, -0.5, (n, 1))
    return (levels * rng.standard_normal((n, samples))).astype(np.float32)


def embeddings(model, windows):
    return Engine(model.SerializeToString()).run(windows)["embedding"]


def float_constants(model):
    return {t.name for t in model.graph.initializer if t.data_type == TensorProto.FLOAT and t.dims}


def test_what_leads_to_a_logarithm_within_is_front_end(small_network):
    found = layers_of(named(small_network()))
    assert found.nodes == ("Conv.5", "Conv.7", "MatMul.10")
    assert found.between == ("Relu.6", "Relu.8")
    assert found.weights == 64 * 16 * 3 + 64 * 64 * 3 + 64 * 8
    assert not found.attends


@pytest.mark.parametrize("name", ["detector.picture.kernels", "x.kernel", "block.directions"])
def test_what_is_called_front_end_or_distance_is_none_of_the_network(name, graph, weights):
    nodes = [("MatMul", f"waveform {name}", "embedding", {})]
    model = graph(nodes, {name: weights(80, 8)})
    assert layers_of(named(model)).nodes == ()
    windows = sounds(samples=80)
    assert quantised(model, "static", list(windows)) is model
    assert quantised(model, "dynamic", list(windows)) is model


def test_static_is_near_smaller_and_float_at_both_ends(small_network):
    model, windows = small_network(), sounds()
    found = quantised(model, "static", list(windows[:8]))
    assert found.ByteSize() < 0.5 * model.ByteSize()
    assert {"listen.weight", "head.weight"} <= float_constants(found)
    assert not {"first.weight", "second.weight"} & float_constants(found)
    before, after = embeddings(model, windows), embeddings(found, windows)
    assert not np.array_equal(before, after)
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.99


def test_ranges_come_from_the_sound_that_is_given(small_network):
    model, windows = small_network(), sounds()
    right = quantised(model, "static", list(windows))
    loudest = windows[np.argmax(np.abs(windows).mean(axis=1))]
    wrong = quantised(model, "static", [loudest])
    before = embeddings(model, windows)
    errors = [np.abs(embeddings(one, windows) - before).max() for one in (right, wrong)]
    assert errors[1] > 3.0 * errors[0]


def test_dynamic_computes_products_alone_and_keeps_convolutions(small_network):
    model, windows = small_network(), sounds()
    found = quantised(model, "dynamic", [])
    assert not {"first.weight", "second.weight", "head.weight"} & float_constants(found)
    kept = [node.output[0] for node in found.graph.node if node.input[-1].endswith("weight.scale")]
    assert kept == ["first.weight", "second.weight"]
    assert sum(node.op_type == "MatMulInteger" for node in found.graph.node) == 1
    before = embeddings(model, windows)
    np.testing.assert_allclose(embeddings(found, windows), before, atol=0.02 * np.abs(before).max())


def test_weights_alone_are_nearest_and_nothing_is_computed_in_whole_numbers(small_network):
    model, windows = small_network(), sounds()
    found = quantised(model, "weights", [])
    assert found.ByteSize() < 0.5 * model.ByteSize()
    assert {node.op_type for node in found.graph.node} - {"Cast", "Mul"} == {
        node.op_type for node in model.graph.node
    } - {"Mul"}
    before, after = embeddings(model, windows), embeddings(found, windows)
    off = np.abs(after - before).max()
    others = embeddings(quantised(model, "static", list(windows)), windows)
    assert 0.0 < off < np.abs(others - before).max()


def test_a_product_of_constants_is_none_of_the_network(graph, weights):
    """As in the open set of a classifier: what its classes are like, seen as the distance sees it."""
    nodes = [
        ("MatMul", "means whitening", "centres", {}),
        ("MatMul", "waveform head.weight", "seen", {}),
        ("MatMul", "seen centres", "embedding", {}),
    ]
    constants = {
        "means": weights(8, 16),
        "whitening": weights(16, 4),
        "head.weight": weights(80, 8),
    }
    assert layers_of(named(graph(nodes, constants))).nodes == ("MatMul.1",)


def test_convolutions_that_widen_are_kept_in_eight_bits_even_alone(graph, weights):
    nodes = [
        ("Reshape", "waveform shape", "x", {}),
        ("ConvTranspose", "x w", "y", {}),
        ("Flatten", "y", "embedding", {}),
    ]
    model = graph(nodes, {"w": weights(4, 16, 32), "shape": np.array([0, 4, -1])})
    windows = sounds(samples=80)
    found = quantised(model, "static", list(windows))
    assert {t.name for t in found.graph.initializer} >= {"w.whole", "w.scale"}
    before, after = embeddings(model, windows), embeddings(found, windows)
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.999


@pytest.mark.parametrize("is_turned", [False, True])
def test_many_channels_of_few_numbers_share_a_scale(is_turned, graph, weights):
    shape = (2048, 32) if is_turned else (32, 2048)
    constants = {"narrow": weights(80, 32), "widen": weights(*shape), "back": weights(2048, 8)}
    nodes = [
        ("MatMul", "waveform narrow", "seen", {}),
        ("Gemm", "seen widen", "wide", {"transB": int(is_turned)}),
        ("MatMul", "wide back", "embedding", {}),
    ]
    windows = list(sounds(samples=80))
    found = quantised(graph(nodes, constants), "static", windows)
    scales = {t.name: list(t.dims) for t in found.graph.initializer if t.name.endswith("_scale")}
    assert scales["narrow_scale"] == [32]
    assert scales["widen_scale"] == []
    before = embeddings(graph(nodes, constants), np.stack(windows))
    after = embeddings(found, np.stack(windows))
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.999


@pytest.mark.parametrize("how", ["static", "dynamic"])
def test_what_comes_is_made_of_what_bundles_are_made_of(how, small_network):
    model = small_network()
    found = quantised(model, how, list(sounds()))
    assert {node.op_type for node in found.graph.node} <= ALLOWED_OPERATORS
    assert [entry.domain for entry in found.opset_import] == [""]
    assert found.opset_import[0].version == 18
    assert found.ir_version == model.ir_version
    assert not found.metadata_props
    assert quantised(model, how, list(sounds(4))).graph.output == model.graph.output


def test_the_graph_that_is_given_stays_as_it_is(small_network):
    model = small_network()
    before = model.SerializeToString()
    quantised(model, "static", list(sounds(4)))
    assert model.SerializeToString() == before


def test_how_is_chosen_by_what_the_network_does(small_network, graph, weights):
    assert how_best(named(small_network())) == "static"
    dense = graph(
        [("MatMul", "waveform w", "a", {}), ("MatMul", "a v", "embedding", {})],
        {"w": weights(80, 16), "v": weights(16, 8)},
    )
    assert how_best(named(dense)) == "dynamic"


def test_advice_for_nobody_is_not_printed(caplog, capfd, small_network):
    quantised(small_network(), "static", list(sounds(4)))
    assert not caplog.records
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "")


@pytest.mark.parametrize("how", ["static", "dynamic"])
def test_a_full_disk_is_told(small_network, monkeypatch, how):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(quantise, f"quantize_{how}", full)
    with pytest.raises(EngineError, match=r"into eight bits: .*No space left.*Make room there"):
        quantised(small_network(), how, list(sounds(4)))
