"""The twin of a graph computes what the graph does."""

import numpy as np
import pytest
import torch

from auscult.errors import BundleError
from auscult.models import families
from auscult.models.export_onnx import to_onnx
from auscult.runtime.engine import Engine
from auscult.training.twin import EightBits, Twin

OUTPUTS = ("score", "fast_score", "distance", "level_db", "probabilities", "embedding")


def compare(model, inputs, rtol=1e-4):
    outputs = [value.name for value in model.graph.output if value.name in OUTPUTS]
    twin = Twin(model, inputs, outputs)
    with torch.no_grad():
        found = twin(*[torch.from_numpy(value) for value in inputs.values()])
    rest = {name: value for name, value in inputs.items() if name != "waveform"}
    wanted = Engine(model.SerializeToString()).run(inputs["waveform"], outputs=outputs, **rest)
    for name, value in zip(outputs, found, strict=True):
        scale = float(np.abs(wanted[name]).max())
        np.testing.assert_allclose(value.numpy(), wanted[name], atol=rtol * scale, rtol=rtol)
    return twin


def sound(samples, seed=0):
    noise = 0.05 * np.random.default_rng(seed).standard_normal((1, samples))
    return noise.astype(np.float32)


@pytest.mark.parametrize("which", ["bundle", "edge_bundle", "own_bundle"])
def test_memories(request, which):
    bundle = request.getfixturevalue(which)
    manifest = bundle.manifest
    context = np.random.default_rng(1).standard_normal((1, manifest.context, manifest.dim))
    inputs = {
        "waveform": sound(manifest.window_samples),
        "context": context.astype(np.float32),
        "context_length": np.array([3]),
    }
    compare(bundle.model, inputs)


@pytest.mark.parametrize("name", ["autoencoder", "cnn_attention", "despawn", "resnet"])
def test_families(name):
    torch.manual_seed(0)
    detector = families.family(name).tiny()
    compare(to_onnx(detector), {"waveform": sound(detector.window_samples)}, rtol=1e-3)


def test_a_graph_of_anyone(small_network, classifier):
    compare(small_network(), {"waveform": sound(8000)})
    compare(classifier.model, {"waveform": sound(16000)})


@pytest.mark.parametrize(
    ("layer", "shape", "attributes"),
    [
        ("ConvTranspose x w", (1, 2, 5, 4), {"strides": [2, 2], "pads": [1] * 4}),
        (
            "ConvTranspose x w",
            (1, 2, 5, 4),
            {"strides": [2, 2], "pads": [1] * 4, "output_padding": [1, 1]},
        ),
        (
            "ConvTranspose x w",
            (1, 2, 5, 4),
            {"strides": [2, 2], "pads": [0, 1, 0, 1], "output_padding": [1, 0]},
        ),
        ("Conv x w", (1, 2, 9, 8), {"pads": [0, 1, 2, 1], "strides": [2, 1]}),
        ("Conv x w", (1, 2, 9, 8), {"dilations": [2, 2], "pads": [2] * 4}),
        (
            "MaxPool x",
            (1, 2, 9, 8),
            {"kernel_shape": [3, 3], "pads": [1] * 4, "strides": [2, 2]},
        ),
        ("AveragePool x", (1, 2, 9, 8), {"kernel_shape": [2, 4], "strides": [2, 1]}),
        ("Softmax x", (1, 2, 9), {"axis": 1}),
        ("CumSum x one", (1, 2, 9), {}),
        ("CumSum x last", (1, 2, 9), {}),
        ("HardSwish x", (1, 2, 9), {}),
        ("HardSigmoid x", (1, 2, 9), {"alpha": 0.3, "beta": 0.4}),
        ("LeakyRelu x", (1, 2, 9), {"alpha": 0.2}),
        ("Erf x", (1, 9), {}),
        ("Softplus x", (1, 9), {}),
        ("GlobalAveragePool x", (1, 2, 9, 8), {}),
    ],
)
def test_layers(graph, weights, layer, shape, attributes):
    nodes = [
        ("Reshape", "waveform shape", "x", {}),
        (layer.split()[0], layer.split(maxsplit=1)[1], "y", attributes),
        ("Reshape", "y flat", "embedding", {}),
    ]
    constants = {
        "shape": np.array(shape),
        "flat": np.array([1, -1]),
        "w": weights(2, 2, 3, 3),
        "one": np.array(1),
        "last": np.array(-1),
    }
    compare(graph(nodes, constants, dim="n"), {"waveform": 20.0 * sound(int(np.prod(shape)))})


def test_what_may_go_into_eight_bits_is_marked(small_network):
    model = small_network()
    for number, node in enumerate(model.graph.node):
        node.name = f"{node.op_type}.{number}"
    inputs = {"waveform": sound(8000)}
    twin = Twin(model, inputs, ["embedding"], in_eight_bits={"Conv.5", "Conv.7"})
    assert sum(isinstance(layer, EightBits) for layer in twin.layers) == 2


def test_what_is_not_asked_for_is_not_computed(bundle):
    manifest = bundle.manifest
    inputs = {"waveform": sound(manifest.window_samples)}
    assert len(Twin(bundle.model, inputs, ["level_db"]).layers) < 6


def test_an_operator_that_is_not_known_is_named(graph):
    model = graph([("Einsum", "waveform", "embedding", {"equation": "ij->ij"})], {}, dim="n")
    model.graph.node[0].name = "layer7"
    with pytest.raises(
        BundleError, match=r"operator Einsum of the layer 'layer7' can't be converted"
    ):
        Twin(model, {"waveform": sound(8)}, ["embedding"])


@pytest.mark.parametrize("attributes", [{"reverse": 1}, {"exclusive": 1}])
def test_sums_of_another_kind_are_refused(graph, attributes):
    model = graph(
        [("CumSum", "waveform one", "embedding", attributes)], {"one": np.array(1)}, dim="n"
    )
    with pytest.raises(
        BundleError, match=r"layer 'embedding' sums up .* sums from the first to each"
    ):
        Twin(model, {"waveform": sound(8)}, ["embedding"])


@pytest.mark.parametrize(
    "attributes",
    [
        {"kernel_shape": [2], "ceil_mode": 1},
        {"kernel_shape": [3], "pads": [1, 1]},
        {"kernel_shape": [3], "auto_pad": "SAME_UPPER"},
    ],
)
def test_a_pool_that_looks_beyond_its_picture_is_refused(graph, attributes):
    nodes = [
        ("Unsqueeze", "waveform one", "x", {}),
        ("AveragePool", "x", "y", attributes),
        ("Squeeze", "y one", "embedding", {}),
    ]
    model = graph(nodes, {"one": np.array([1])}, dim="n")
    model.graph.node[1].name = "/encoder/pool"
    with pytest.raises(
        BundleError, match=r"The layer '/encoder/pool' (pools|pads) .* leave out --tflite"
    ):
        Twin(model, {"waveform": sound(8)}, ["embedding"])


def test_what_follows_from_shapes_alone_is_no_layer(graph):
    nodes = [
        ("Shape", "waveform", "shape", {}),
        ("Identity", "shape", "same", {}),
        ("Reshape", "waveform same", "embedding", {}),
    ]
    model = graph(nodes, {}, dim="n")
    assert len(Twin(model, {"waveform": sound(8)}, ["embedding"]).layers) == 1
