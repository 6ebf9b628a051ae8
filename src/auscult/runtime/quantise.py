"""A network in eight bits: the layers that hold its weights become whole numbers, all around them stays float.

What turns sound into a picture, and what measures distances, loses more by eight bits than it gains: errors of a spectrum are
relative to its loudest band, and a distance is made of small differences. So they stay as they are: all that comes before
the first logarithm inside the network, and what is called so.
"""

import logging
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
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

How = Literal["static", "dynamic"]

_WEIGHTED = ("Conv", "ConvTranspose", "Gemm", "MatMul")
_DENSE = ("Gemm", "MatMul")
# Between two layers in eight bits, what these do can be done on whole numbers, too.
_BETWEEN = ("Add", "AveragePool", "GlobalAveragePool", "MaxPool", "Relu")

_STAYS = re.compile(
    r"(?:^|\.)(?:kernels?|bank|cosines|permute(?:_\d+)?|whitening|codebook|dft\.[a-z]+\.\d|mel\.\d)$"
    r"|^(?:block|window|bands)\."
)

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


def named(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph, in which every node has a name of its own."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for number, node in enumerate(copy.graph.node):
        node.name = f"{node.op_type}.{number}"
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
        `dynamic`: weights of products alone; ranges are found anew for every window.
    windows
        Normal sound, each of shape (samples,), all of one length.
    context, dim
        Of the graph's second input, where it has one.

    Returns
    -------
    model
        The very same where there is no network in it, or none that `dynamic` is for.

    References
    ----------
    Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", 2018.
    """
    source = named(model)
    layers = layers_of(source)
    if how == "dynamic":
        nodes = [name for name in layers.nodes if name.startswith(_DENSE)]
    else:
        # The last layer speaks to what stays in float; in eight bits it would only lose.
        nodes = [*layers.nodes[:-1], *layers.between] if len(layers.nodes) > 1 else [*layers.nodes]
    if not nodes:
        return model
    with tempfile.TemporaryDirectory() as folder, _quietly():
        place = Path(folder) / "model.onnx"
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
                extra_options={"AddQDQPairToWeight": False},
            )
        return _bare(onnx.load(place), model)


class _Windows(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no types
    """Sound to measure ranges on, as inputs of the graph."""

    def __init__(
        self, model: onnx.ModelProto, windows: Sequence[Samples], context: int, dim: int
    ) -> None:
        self._has_context = any(value.name == "context" for value in model.graph.input)
        self._context, self._dim = context, dim
        self._batches = iter(
            [np.stack(windows[i : i + _BATCH]) for i in range(0, len(windows), _BATCH)]
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
    found = next((name for name in given if name in sizes), "")
    return "" if _STAYS.search(found) else found


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
