"""Weights in eight bits, layers in float."""

import numpy as np
import pytest
from onnx import numpy_helper

from auscult.runtime.engine import Engine
from auscult.runtime.quantise import named
from auscult.runtime.stored import stored_in_eight_bits


def constants(model):
    return {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}


@pytest.fixture
def network(small_network):
    return named(small_network())


def test_weights_take_a_quarter_and_the_layer_does_what_it_did(network):
    layers = [node.name for node in network.graph.node if node.op_type == "Conv"]
    found = stored_in_eight_bits(network, layers)
    before, after = constants(network), constants(found)
    assert found.ByteSize() < 0.5 * network.ByteSize()
    whole, scale = after["second.weight.whole"], after["second.weight.scale"]
    assert (whole.dtype, scale.size) == (np.int8, len(whole))
    assert np.all(np.abs(whole * scale - before["second.weight"]) <= 0.51 * scale.max())
    sound = 0.1 * np.random.default_rng(0).standard_normal((4, 8000)).astype(np.float32)
    seen = [Engine(m.SerializeToString()).run(sound)["embedding"] for m in (network, found)]
    np.testing.assert_allclose(seen[1], seen[0], atol=0.02 * np.abs(seen[0]).max())


def test_only_layers_that_are_named_are_changed(network):
    kept = constants(stored_in_eight_bits(network, ["Conv.5"]))
    assert "first.weight.whole" in kept
    np.testing.assert_array_equal(kept["second.weight"], constants(network)["second.weight"])
    assert stored_in_eight_bits(network, ["Relu.6", "nothing"]) == network


@pytest.mark.parametrize(
    ("node", "shape", "axis"),
    [
        (("Gemm", "waveform w", "embedding", {"transB": 1}), (32, 80), 0),
        (("Gemm", "waveform w", "embedding", {}), (80, 32), 1),
        (("MatMul", "waveform w", "embedding", {}), (80, 32), 1),
    ],
)
def test_products_have_a_scale_for_each_number_that_comes_out(node, shape, axis, graph, weights):
    loud = np.moveaxis(np.logspace(-3, 0, 32)[:, None] * weights(32, 80), 0, axis)
    assert loud.shape == shape
    model = named(graph([node], {"w": loud.astype(np.float32)}))
    found = stored_in_eight_bits(model, [model.graph.node[0].name])
    sound = np.random.default_rng(0).standard_normal((1, 80)).astype(np.float32)
    seen = [Engine(m.SerializeToString()).run(sound)["embedding"][0] for m in (model, found)]
    size = np.linalg.norm(np.moveaxis(loud, axis, 0), axis=1)
    np.testing.assert_array_less(np.abs(seen[1] - seen[0]), 0.02 * size)


def test_where_scales_would_be_no_small_part_the_shorter_side_has_them(graph, weights):
    model = named(graph([("MatMul", "waveform w", "embedding", {})], {"w": weights(32, 800)}))
    found = stored_in_eight_bits(model, [model.graph.node[0].name])
    assert constants(found)["w.scale"].shape == (32, 1)
    sound = np.random.default_rng(0).standard_normal((4, 32)).astype(np.float32)
    seen = [Engine(m.SerializeToString()).run(sound)["embedding"] for m in (model, found)]
    np.testing.assert_allclose(seen[1], seen[0], atol=0.02 * np.abs(seen[0]).max())


def test_a_product_may_have_its_weights_first(graph, weights):
    nodes = [
        ("Reshape", "waveform shape", "x", {}),
        ("MatMul", "w x", "y", {}),
        ("Flatten", "y", "embedding", {}),
    ]
    constants = {"w": weights(16, 80), "shape": np.array([0, 80, -1])}
    model = named(graph(nodes, constants))
    kept = {
        t.name: list(t.dims) for t in stored_in_eight_bits(model, ["MatMul.1"]).graph.initializer
    }
    assert (kept["w.whole"], kept["w.scale"]) == ([16, 80], [16, 1])


def test_a_channel_of_noughts_stays_one(graph, weights):
    weight = weights(4, 1, 400)
    weight[2] = 0.0
    nodes = [
        ("Unsqueeze", "waveform one", "x", {}),
        ("Conv", "x w", "y", {}),
        ("ReduceMean", "y two", "embedding", {"keepdims": 0}),
    ]
    ones = {"w": weight, "one": np.array([1]), "two": np.array([2])}
    model = named(graph(nodes, ones))
    found = stored_in_eight_bits(model, ["Conv.1"])
    sound = np.random.default_rng(0).standard_normal((1, 800)).astype(np.float32)
    seen = Engine(found.SerializeToString()).run(sound)["embedding"]
    assert seen[0, 2] == 0.0
    assert np.all(np.isfinite(seen))
    assert constants(found)["w.scale"][2] == 1.0


def test_convolutions_that_widen_have_their_channels_on_the_second_axis(graph, weights):
    shape = np.array([0, 4, -1])
    nodes = [
        ("Reshape", "waveform shape", "x", {}),
        ("ConvTranspose", "x w", "y", {}),
        ("Flatten", "y", "embedding", {}),
    ]
    weight = weights(4, 16, 32) * np.logspace(-3, 0, 16).reshape(1, -1, 1)
    model = named(graph(nodes, {"w": weight.astype(np.float32), "shape": shape}))
    found = stored_in_eight_bits(model, ["ConvTranspose.1"])
    sound = np.random.default_rng(0).standard_normal((1, 80)).astype(np.float32)
    seen = [
        Engine(m.SerializeToString()).run(sound)["embedding"].reshape(16, -1)
        for m in (model, found)
    ]
    # A scale for each: the quietest channel is as near as the loudest.
    for before, after in zip(*seen, strict=True):
        np.testing.assert_allclose(after, before, atol=0.02 * np.abs(before).max())
