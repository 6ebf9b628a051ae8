"""A network in eight bits: the layers that hold its weights become whole numbers, all around them stays float.

What turns sound into a picture, and what measures distances, loses more by eight bits than it gains: errors of a spectrum are
relative to its loudest band, and a distance is made of small differences. So they stay as they are: all that comes before
the first logarithm inside the network, and what is called so.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from math import prod
from typing import Any, Literal

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)

from auscult.audio.sound import Samples
from auscult.runtime.scratch import scratch
from auscult.runtime.stored import stored_in_eight_bits

How = Literal["static", "dynamic", "weights"]

_WEIGHTED = ("Conv", "ConvTranspose", "Gemm", "MatMul")
_DENSE = ("Gemm", "MatMul")
# Between two layers in eight bits, what these do can be done on whole numbers, too.
_BETWEEN = ("Add", "AveragePool", "GlobalAveragePool", "MaxPool", "Relu")

_STAYS = re.compile(
    r"(?:^|\.)(?:kernels?|bank|cosines|permute(?:_\d+)?|whitening|codebook|dft\.[a-z]+\.\d|mel\.\d)$"
    r"|^(?:block|window|bands)\."
)

# A channel keeps scales and noughts of its own, 13 bytes: too much for many channels of so few numbers. They share one scale.
_LEAST_PER_CHANNEL = 64
_MANY_CHANNELS = 1024
_WHOLE = {"quant_type": QuantType.QInt8, "symmetric": True}

# Windows at a time, while ranges are measured.
_BATCH = 4


@dataclass(frozen=True, kw_only=True)
class Layers:
    """What of a graph goes into eight bits.

    Parameters
    ----------
    nodes
        Names of the layers with weights, in the order of the graph.
    between
        Names of what lies between two of them and can be done on whole numbers.
    weights
        Numbers that they hold.
    attends
        Some weigh what they hear by itself: products of two things that were computed.
    """

    nodes: tuple[str, ...]
    between: tuple[str, ...]
    weights: int
    attends: bool


def named(model: onnx.ModelProto, *, for_people: bool = False) -> onnx.ModelProto:
    """The same graph, in which every node has a name of its own.

    Parameters
    ----------
    model
        Any graph.
    for_people
        With the name that a node had before, where it had one: by that they know it, and a file would only be longer for it.

    Examples
    --------
    >>> from auscult.memory.graph import spectrum_embedder
    >>> from auscult.memory.spectrum import PRESETS
    >>> model = spectrum_embedder(PRESETS["edge"]).model
    >>> model.graph.node[1].name = "/front/pad"
    >>> named(model, for_people=True).graph.node[1].name.partition(" ")[2]
    '(/front/pad)'
    """
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for number, node in enumerate(copy.graph.node):
        before = f" ({node.name})" if for_people and node.name else ""
        node.name = f"{node.op_type}.{number}{before}"
    return copy


def layers_of(model: onnx.ModelProto) -> Layers:
    """The layers of a graph that hold a network's weights; none where there is no network.

    Parameters
    ----------
    model
        With names from `named`.

    Examples
    --------
    >>> from auscult.memory.graph import spectrum_embedder
    >>> from auscult.memory.spectrum import PRESETS
    >>> layers_of(named(spectrum_embedder(PRESETS["edge"]).model)).nodes
    ()
    """
    sizes = {t.name: prod(t.dims) for t in model.graph.initializer}
    found = [node for node in model.graph.node if _weight(node, sizes)]
    before_log = _before_inner_log(model, {node.name for node in found})
    chosen = [node for node in found if node.name not in before_log]
    names = {node.name for node in chosen}
    after, before = _after(model, names), _before(model, names)
    between = [
        node.name for node in model.graph.node if node.op_type in _BETWEEN and node.name in after
    ]
    return Layers(
        nodes=tuple(node.name for node in chosen),
        between=tuple(name for name in between if name in before),
        weights=sum(sizes[_weight(node, sizes)] for node in chosen),
        attends=any(
            node.op_type == "MatMul" and not any(name in sizes for name in node.input)
            for node in model.graph.node
        ),
    )


def how_best(model: onnx.ModelProto) -> How:
    """`dynamic` for networks that attend and are made of products alone, `static` for those that convolve."""
    layers = layers_of(model)
    convolves = any(name.startswith("Conv") for name in layers.nodes)
    dense = any(name.startswith(_DENSE) for name in layers.nodes)
    return "dynamic" if dense and (layers.attends or not convolves) else "static"


def quantised(
    model: onnx.ModelProto, how: How, windows: Sequence[Samples], *, context: int = 0, dim: int = 0
) -> onnx.ModelProto:
    """The same graph with its network in eight bits.

    Parameters
    ----------
    model
        A bundle's graph, or an embedder's.
    how
        `static`: weights and what passes between layers, by the ranges that they have on `windows`, scales for each channel.
        `dynamic`: weights of products alone; ranges are found anew for every window. Weights of convolutions are only kept so.
        `weights`: of all layers, only kept so: no quicker, and nearest to what it was.
    windows
        Normal sound, each of shape (samples,).
    context, dim
        Of the graph's second input, where it has one.

    Returns
    -------
    model
        The very same where there is no network in it, or none that `dynamic` is for.

    Raises
    ------
    EngineError
        If the disk for temporary files is full.

    References
    ----------
    Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", 2018.
    """
    source = named(model)
    layers = layers_of(source)
    if how == "weights":
        return _bare(stored_in_eight_bits(source, layers.nodes), model) if layers.nodes else model
    if how == "dynamic":
        nodes = [name for name in layers.nodes if name.startswith(_DENSE)]
        # What is both a product and a sum, the quantiser takes apart first.
        nodes += [f"{name}_MatMul" for name in nodes if name.startswith("Gemm")]
        convolutions = [name for name in layers.nodes if name.startswith("Conv")]
        source = stored_in_eight_bits(source, convolutions)
    else:
        # The last layer speaks to what stays in float; in eight bits it would only lose.
        nodes = [*layers.nodes[:-1], *layers.between] if len(layers.nodes) > 1 else [*layers.nodes]
        # onnxruntime has no convolution of whole numbers that makes pictures larger: it would turn them to float and back.
        transposed = [name for name in layers.nodes if name.startswith("ConvTranspose")]
        nodes = [name for name in nodes if name not in transposed]
        source = stored_in_eight_bits(source, transposed)
        if transposed and not nodes:
            return _bare(source, model)
    if not nodes:
        return model
    with scratch("The network could not be put into eight bits") as folder, _quietly():
        place = folder / "model.onnx"
        if how == "dynamic":
            quantize_dynamic(
                source,
                place,
                op_types_to_quantize=list(_DENSE),
                nodes_to_quantize=nodes,
                per_channel=True,
                weight_type=QuantType.QInt8,
            )
        else:
            quantize_static(
                source,
                place,
                _Windows(source, windows, context, dim),
                quant_format=QuantFormat.QDQ,
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                op_types_to_quantize=sorted({*_WEIGHTED, *_BETWEEN}),
                nodes_to_quantize=nodes,
                extra_options={
                    "AddQDQPairToWeight": False,
                    "TensorQuantOverrides": {name: [_WHOLE] for name in _tall(source, layers)},
                },
            )
        return _bare(onnx.load(place), model)


def _tall(model: onnx.ModelProto, layers: Layers) -> list[str]:
    """Weights of products with many channels of few numbers each."""
    shapes = {t.name: tuple(t.dims) for t in model.graph.initializer}
    sizes = {name: prod(shape) for name, shape in shapes.items()}
    found = []
    for node in model.graph.node:
        name = _weight(node, sizes)
        if node.name not in layers.nodes or node.op_type not in _DENSE or not name:
            continue
        is_turned = any(a.name == "transB" and a.i for a in node.attribute)
        channels = shapes[name][0 if is_turned else -1]
        if channels >= _MANY_CHANNELS and sizes[name] < _LEAST_PER_CHANNEL * channels:
            found.append(name)
    return found


class _Windows(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no types
    """Sound to measure ranges on, as inputs of the graph."""

    def __init__(
        self, model: onnx.ModelProto, windows: Sequence[Samples], context: int, dim: int
    ) -> None:
        self._has_context = any(value.name == "context" for value in model.graph.input)
        self._context, self._dim = context, dim
        # Only windows of one length fit into a batch.
        alike = [list(group) for _, group in groupby(sorted(windows, key=len), key=len)]
        self._batches = iter(
            [np.stack(one[i : i + _BATCH]) for one in alike for i in range(0, len(one), _BATCH)]
        )

    def get_next(self) -> dict[str, NDArray[Any]] | None:
        batch = next(self._batches, None)
        if batch is None:
            return None
        feeds: dict[str, NDArray[Any]] = {"waveform": batch}
        if self._has_context:
            feeds["context"] = np.zeros((len(batch), self._context, self._dim), np.float32)
            feeds["context_length"] = np.zeros(len(batch), np.int64)
        return feeds


def _weight(node: onnx.NodeProto, sizes: dict[str, int]) -> str:
    """Name of the constant that a layer multiplies with; empty if it is none, or stays as it is."""
    if node.op_type not in _WEIGHTED:
        return ""
    # Products may hold theirs on either side; what is added afterwards is no weight.
    given = node.input[:2] if node.op_type == "MatMul" else node.input[1:2]
    found = [name for name in given if name in sizes]
    # What is made of constants alone is a constant: of a distance, as a rule.
    if len(found) != 1 or _STAYS.search(found[0]):
        return ""
    return found[0]


def _before_inner_log(model: onnx.ModelProto, layers: set[str]) -> set[str]:
    """Nodes that lead to a logarithm which leads to a layer itself: the front end."""
    inner = _before(model, layers)
    logs = {node.name for node in model.graph.node if node.op_type == "Log" and node.name in inner}
    return _before(model, logs)


def _before(model: onnx.ModelProto, names: set[str]) -> set[str]:
    """Nodes that any of these depend on."""
    wanted: set[str] = set()
    found = set()
    for node in reversed(model.graph.node):
        if wanted.intersection(node.output):
            found.add(node.name)
            wanted.update(node.input)
        if node.name in names:
            wanted.update(node.input)
    return found


def _after(model: onnx.ModelProto, names: set[str]) -> set[str]:
    """Nodes that depend on any of these."""
    made: set[str] = set()
    found = set()
    for node in model.graph.node:
        if made.intersection(node.input):
            found.add(node.name)
            made.update(node.output)
        if node.name in names:
            made.update(node.output)
    return found


def _bare(found: onnx.ModelProto, before: onnx.ModelProto) -> onnx.ModelProto:
    """Without what the quantiser notes for itself, and in the version of before."""
    del found.graph.value_info[:]
    del found.metadata_props[:]
    versions = [entry for entry in found.opset_import if entry.domain in ("", "ai.onnx")]
    del found.opset_import[:]
    found.opset_import.extend(versions)
    found.ir_version = before.ir_version
    found.producer_name, found.producer_version = before.producer_name, before.producer_version
    return found


@contextmanager
def _quietly() -> Iterator[None]:
    """The quantiser gives advice through the root logger that nobody here can follow."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
