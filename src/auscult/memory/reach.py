"""The way from normal to a sound that is allowed, in the graph of a memory: whoever is near it is near enough.

A memory measures how far a sound is from the mean of normal sound, in a space where normal sound scatters alike in all directions. A
sound e that is allowed afterwards is a point there. A sound rarely fills all of a block of ten seconds, so what is
allowed is the whole way from the mean to e, and beyond: the same sound, louder. The distance is that to the nearest point of the way. e was
heard once or a few times and is as uncertain as any sound, and no sound is twice quite the same, the less so the further from normal it is: a
distance beside the way is made less of by as much.
"""

from collections.abc import Mapping, Sequence
from itertools import count, takewhile
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from auscult.memory.graph import Nodes, prefix_of

Array = NDArray[np.float64]
Weights = Mapping[str, NDArray[Any]]

BEYOND = 3.0
"""How far along the way, with e at 1, a sound is still the same, only more of it: 6 dB more can double the way."""

ALIKE = 0.9
"""How far beside the way a sound may be and count no more than normal sound does, as a part of the way. `bench/feedback.py` measures what that
does: with less, the same sound alerts again; from 1.2 on, other faults are missed."""

_MARK = ".allowed."


def prefixes_of(weights: Weights, kind: str) -> list[str]:
    """What the constants of the parts of a memory are called: `block`, `block.1` and so on."""
    names = (prefix_of(kind, index) for index in count())
    return list(takewhile(lambda name: f"{name}.mean" in weights, names))


def weights_of(model: onnx.ModelProto) -> dict[str, NDArray[Any]]:
    """The constants of a graph by name."""
    return {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}


def with_reach(
    model: onnx.ModelProto, vectors: Mapping[str, Array], counts: Mapping[str, Sequence[int]]
) -> onnx.ModelProto:
    """The graph of a memory with what is allowed; what was allowed before in it is forgotten.

    Parameters
    ----------
    model
        As `auscult.memory.graph.memory_graph` makes it.
    vectors
        For `block` and `window`: embeddings of shape (n, dim); none: nothing is allowed.
    counts
        How many stretches of sound that do not overlap each of them is the mean of.

    Returns
    -------
    model
        With the same inputs and outputs. No score is higher than before.
    """
    model = without_reach(model)
    weights = weights_of(model)
    for kind, every in vectors.items():
        first = 0
        for prefix in prefixes_of(weights, kind):
            length = len(weights[f"{prefix}.mean"])
            if len(every):
                part = every[:, first : first + length]
                _insert(model, prefix, _nodes(prefix, weights, part, counts[kind]))
            first += length
    return model


def without_reach(model: onnx.ModelProto) -> onnx.ModelProto:
    """The graph as it was learned."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    graph = copy.graph
    learned = [node for node in graph.node if _MARK not in node.output[0]]
    for node in learned:
        if node.op_type == "Sqrt" and _MARK in node.input[0]:
            node.input[0] = node.input[0].partition(_MARK)[0] + ".positive"
    kept = [tensor for tensor in graph.initializer if _MARK not in tensor.name]
    return _with(copy, learned, kept)


def whitened(prefix: str, weights: Weights, vectors: Array) -> Array:
    """Embeddings in the space where a memory's distance is the length of a vector, shape (n, dim)."""
    gain, root = _gain(prefix, weights)
    mean, inverse_sigma, directions = (
        weights[f"{prefix}.{name}"].astype(np.float64)
        for name in ("mean", "inverse_sigma", "directions")
    )
    z = (vectors - mean) * inverse_sigma
    found: Array = root * z + (gain * (z @ directions)) @ directions.T
    return found


def _gain(prefix: str, weights: Weights) -> tuple[Array, float]:
    """What is added along each of the learned directions, (rank,), to what all are multiplied with."""
    isotropic = float(weights[f"{prefix}.isotropic"].item())
    along = weights[f"{prefix}.weights"][:, 0].astype(np.float64) + isotropic
    root = float(np.sqrt(isotropic))
    return np.sqrt(np.maximum(along, 0.0)) - root, root


def _nodes(
    prefix: str,
    weights: Weights,
    vectors: Array,
    counts: Sequence[int],
) -> Nodes:
    """From z to the least square distance to any of the ways, (batch,)."""
    gain, root = _gain(prefix, weights)
    ends = whitened(prefix, weights, np.asarray(vectors, np.float64))
    length2 = np.maximum(np.sum(ends**2, axis=1), 1e-12)
    p = prefix + _MARK
    n = Nodes()
    n.add("Mul", f"{prefix}.along", n.constant(f"{p}gain", gain), to=f"{p}gained")
    n.add("Transpose", f"{prefix}.directions", to=f"{p}back", perm=[1, 0])
    n.add("MatMul", f"{p}gained", f"{p}back", to=f"{p}directed")
    n.add("Mul", f"{prefix}.z", n.constant(f"{p}root", root), to=f"{p}rest")
    n.add("Add", f"{p}rest", f"{p}directed", to=f"{p}white")
    n.add("MatMul", f"{p}white", n.constant(f"{p}ends", ends.T), to=f"{p}dot")
    n.add("Div", f"{p}dot", n.constant(f"{p}length2", length2), to=f"{p}share")
    limits = (n.constant(f"{p}none", 0.0), n.constant(f"{p}beyond", BEYOND))
    n.add("Clip", f"{p}share", *limits, to=f"{p}way")
    n.add("Add", f"{p}dot", f"{p}dot", to=f"{p}dot2")
    n.add("Mul", f"{p}way", f"{p}length2", to=f"{p}reached")
    n.add("Sub", f"{p}dot2", f"{p}reached", to=f"{p}less")
    n.add("Mul", f"{p}way", f"{p}less", to=f"{p}spared")
    n.add("Unsqueeze", f"{prefix}.positive", n.constant(f"{p}axis", [1]), to=f"{p}all")
    n.add("Sub", f"{p}all", f"{p}spared", to=f"{p}left")
    n.add("Mul", f"{p}way", f"{p}way", to=f"{p}way2")
    scale2 = float(weights[f"{prefix}.scale"].item()) ** 2
    unlike = ALIKE**2 * length2 / scale2
    doubt = n.constant(f"{p}doubt", 1.0 / np.asarray(counts, np.float64) + unlike)
    n.add("Mul", f"{p}way2", doubt, to=f"{p}uncertain")
    n.add("Add", f"{p}uncertain", n.constant(f"{p}one", 1.0), to=f"{p}scatter")
    n.add("Div", f"{p}left", f"{p}scatter", to=f"{p}each")
    n.add("ReduceMin", f"{p}each", n.constant(f"{p}axes", [1]), to=f"{p}least", keepdims=0)
    n.add("Relu", f"{p}least", to=f"{p}positive")
    return n


def _insert(model: onnx.ModelProto, prefix: str, more: Nodes) -> None:
    graph = model.graph
    at = next(i for i, node in enumerate(graph.node) if node.output[0] == f"{prefix}.root")
    graph.node[at].input[0] = f"{prefix}{_MARK}positive"
    nodes = [*graph.node[:at], *more.nodes, *graph.node[at:]]
    _with(model, nodes, [*graph.initializer, *more.constants.values()])


def _with(
    model: onnx.ModelProto, nodes: Sequence[onnx.NodeProto], constants: Sequence[onnx.TensorProto]
) -> onnx.ModelProto:
    """The graph with these and no others."""
    # Lists of protobuf own their members: they are copied before they are dropped.
    node_copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    constant_copies = [onnx.TensorProto.FromString(one.SerializeToString()) for one in constants]
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(node_copies)
    model.graph.initializer.extend(constant_copies)
    return model
