"""Weights that are kept in eight bits and computed with in float: the file is smaller, the layer does what it did.

For layers that gain nothing by whole numbers, or would lose by them. Runtimes turn such weights back once, when they load the graph.
"""

from collections.abc import Collection

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

MIN_NUMBERS = 1024
"""In smaller tables there is nothing to gain."""

_MOST = 127
_MIN_A_SCALE = 64


def stored_in_eight_bits(model: onnx.ModelProto, layers: Collection[str]) -> onnx.ModelProto:
    """The same graph, in which weights of these layers are whole numbers with a scale for each channel.

    Parameters
    ----------
    model
        A bundle's graph.
    layers
        Names of convolutions and products; of others nothing is changed.

    Examples
    --------
    >>> from auscult.memory.graph import spectrum_embedder
    >>> from auscult.memory.spectrum import PRESETS
    >>> model = spectrum_embedder(PRESETS["edge"]).model
    >>> stored_in_eight_bits(model, ()) == model
    True
    """
    axes = {
        name: _channels(node, number)
        for node in model.graph.node
        if node.name in layers and node.op_type in ("Conv", "ConvTranspose", "Gemm", "MatMul")
        for number, name in enumerate(node.input[:2])
    }
    found = onnx.ModelProto()
    found.CopyFrom(model)
    made: list[onnx.NodeProto] = []
    kept: list[TensorProto] = []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.name in axes and values.dtype == np.float32 and values.size >= MIN_NUMBERS:
            nodes, constants = _stored(tensor.name, values, _scaled(values, axes[tensor.name]))
            made += nodes
            kept += constants
        else:
            kept.append(tensor)
    before = list(found.graph.node)
    del found.graph.node[:], found.graph.initializer[:]
    found.graph.node.extend([*made, *before])
    found.graph.initializer.extend(kept)
    return found


def _channels(node: onnx.NodeProto, number: int) -> int:
    """The axis of a layer's weights that its channels are on; of products they may be the first input."""
    if node.op_type == "MatMul":
        return -1 if number else -2
    is_turned = any(a.name == "transB" and a.i for a in node.attribute)
    return {"Conv": 0, "ConvTranspose": 1, "Gemm": 0 if is_turned else 1}[node.op_type]


def _scaled(values: np.ndarray[tuple[int, ...], np.dtype[np.float32]], channels: int) -> int:
    """The axis that has a scale for each place: channels, but of a product the shorter one where theirs would be no small part of it."""
    is_thin = values.ndim == 2 and values.size < _MIN_A_SCALE * values.shape[channels]
    return int(np.argmin(values.shape)) if is_thin else channels


def _stored(
    name: str, values: np.ndarray[tuple[int, ...], np.dtype[np.float32]], axis: int
) -> tuple[list[onnx.NodeProto], list[TensorProto]]:
    axis %= values.ndim
    others = tuple(i for i in range(values.ndim) if i != axis)
    largest = np.abs(values).max(axis=others, keepdims=True)
    scale = np.where(largest > 0.0, largest / _MOST, 1.0).astype(np.float32)
    whole = np.round(values / scale).astype(np.int8)
    names = f"{name}.whole", f"{name}.scale"
    # Not DequantizeLinear: beside layers in eight bits, runtimes would compute that again for every window.
    nodes = [
        helper.make_node("Cast", [names[0]], [f"{name}.cast"], to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{name}.cast", names[1]], [name]),
    ]
    constants = [
        numpy_helper.from_array(whole, names[0]),
        numpy_helper.from_array(scale, names[1]),
    ]
    return nodes, constants
