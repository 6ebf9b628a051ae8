"""What a run of a graph costs, worked out before it runs: how many numbers it makes, and how many products.

A few nodes that double what is before them would fill any memory, and two that multiply large tables keep any machine
busy; neither shows in the size of the file. Shapes follow from the shapes of the inputs alone: node by node, with the small
whole numbers that graphs compute shapes from. Where a shape would depend on what is heard, no limit could be kept; such a
graph is refused.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper, shape_inference

Shape = tuple[int, ...]
Integers = NDArray[np.int64]

MAX_NUMBERS = 2**28  # 1 GiB of float32 made in all, for one window; far less is in memory at once
MAX_PRODUCTS = 2**37  # some seconds on one core, for one window

# Constants up to this size can be shapes, axes, ends; larger ones are weights, of which only the shape matters.
_MAX_SMALL = 1024
_MAX_TERM = 2**40

_UNKNOWN = (
    shape_inference.InferenceError,
    onnx.checker.ValidationError,
    onnx.defs.SchemaError,
    IndexError,
    KeyError,
    OverflowError,
    RuntimeError,
    TypeError,
    ValueError,
)


class UnknownCost(Exception):  # noqa: N818 - it reads as what it is
    """The shapes do not fit together, or one can't be told before the graph runs."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Cost of one run.

    Parameters
    ----------
    numbers
        In all outputs of all nodes together: an upper limit of what is in memory at once.
    products
        Multiplications, or what takes about as long.
    """

    numbers: int
    products: int

    def over(self, windows: int = 1) -> str:
        """What is too much for so many windows at once, in words; empty if nothing is.

        Examples
        --------
        >>> Cost(numbers=2**29, products=0).over()
        '536,870,912 numbers'
        >>> Cost(numbers=2**29, products=0).over(windows=2)
        ''
        """
        if self.numbers > MAX_NUMBERS * windows:
            return f"{self.numbers:,} numbers"
        if self.products > MAX_PRODUCTS * windows:
            return f"{self.products:,} products"
        return ""


LIMITS = f"at most {MAX_NUMBERS:,} numbers and {MAX_PRODUCTS:,} products for a window"


class Estimate:
    """The nodes of a graph and the shapes of its constants: enough to tell what a run costs.

    Parameters
    ----------
    model
        Checked by `auscult.runtime.bundle`; its weights are not kept.

    Examples
    --------
    >>> from auscult.memory.graph import spectrum_embedder
    >>> from auscult.memory.spectrum import PRESETS
    >>> estimate = Estimate(spectrum_embedder(PRESETS["edge"]).model)
    >>> estimate.cost({"waveform": (1, 32000)}).numbers < 1_000_000
    True
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        self._opset = max((e.version for e in model.opset_import if e.domain == ""), default=0)
        self._ir_version = model.ir_version
        self._nodes = []
        for node in model.graph.node:  # copied, for a node keeps the whole file in memory
            self._nodes.append(onnx.NodeProto())
            self._nodes[-1].CopyFrom(node)
        self._kinds = {v.name: v.type.tensor_type.elem_type for v in model.graph.input}
        self._constants = {
            t.name: helper.make_tensor_type_proto(t.data_type, list(t.dims))
            for t in model.graph.initializer
        }
        self._small = {}
        for tensor in model.graph.initializer:
            if prod(tensor.dims) <= _MAX_SMALL:
                self._small[tensor.name] = onnx.TensorProto()
                self._small[tensor.name].CopyFrom(tensor)

    def cost(self, inputs: Mapping[str, Shape]) -> Cost:
        """Cost of a run with inputs of these shapes.

        Raises
        ------
        UnknownCost
            If shapes do not fit together, or one can't be told before the graph runs.
        """
        run = _Run(self._opset, self._ir_version)
        run.types.update(self._constants)
        run.data.update(self._small)
        for name, shape in inputs.items():
            kind = self._kinds.get(name, TensorProto.FLOAT)
            run.types[name] = helper.make_tensor_type_proto(kind, list(shape))
        numbers = products = 0
        for node in self._nodes:
            made = sum(prod(shape) for shape in run.step(node))
            numbers += made
            products += _products(node, run.shapes_in(node), made)
        return Cost(numbers=numbers, products=products)


class _Run:
    """Types of all that was computed so far, and the values of what is small and known."""

    def __init__(self, opset: int, ir_version: int) -> None:
        self.types: dict[str, onnx.TypeProto] = {}
        self.data: dict[str, onnx.TensorProto] = {}
        self._opset = opset
        self._ir_version = ir_version

    def step(self, node: onnx.NodeProto) -> list[Shape]:
        """Work out one node; shapes of its outputs."""
        given = [name for name in node.input if name]
        made = [name for name in node.output if name]
        try:
            found = shape_inference.infer_node_outputs(
                onnx.defs.get_schema(node.op_type, self._opset),
                node,
                {name: self.types[name] for name in given},
                {name: self.data[name] for name in given if name in self.data},
                opset_imports=[helper.make_opsetid("", self._opset)],
                ir_version=self._ir_version,
            )
            shapes = [_shape(found[name]) for name in made]
        except _UNKNOWN as error:
            said = str(error).strip().split("\n", 1)[0][:200]
            raise UnknownCost(f"{node.op_type} '{node.name}': {said}") from None
        if any(name in self.types for name in made):
            raise UnknownCost(f"{node.op_type} '{node.name}': its output is there already")
        self.types.update((name, found[name]) for name in made)
        self._fold(node, made)
        return shapes

    def shapes_in(self, node: onnx.NodeProto) -> list[Shape]:
        return [_shape(self.types[name]) if name else () for name in node.input]

    def _fold(self, node: onnx.NodeProto, made: Sequence[str]) -> None:
        """Keep the value of what shapes are computed from."""
        if len(made) != 1 or prod(_shape(self.types[made[0]])) > _MAX_SMALL:
            return
        value = self._value(node)
        if value is not None:
            self.data[made[0]] = numpy_helper.from_array(value, made[0])

    def _value(self, node: onnx.NodeProto) -> Integers | None:
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type == "Shape":
            shape = _shape(self.types[node.input[0]])
            return np.array(shape[attributes.get("start", 0) : attributes.get("end")], np.int64)
        if node.op_type == "Constant":
            return _constant(attributes)
        compute = _INTEGER_OPERATORS.get(node.op_type)
        if compute is None or not all(name in self.data for name in node.input):
            return None
        inputs = [numpy_helper.to_array(self.data[name]) for name in node.input]
        if any(value.dtype != np.int64 for value in inputs):
            return None
        try:
            value = compute(attributes, *inputs)
        except (IndexError, KeyError, TypeError, ValueError):
            return None
        return None if value is None else np.asarray(value, np.int64)


def _constant(attributes: Mapping[str, Any]) -> Integers | None:
    if "value_int" in attributes:
        return np.array(attributes["value_int"], np.int64)
    if "value_ints" in attributes:
        return np.array(attributes["value_ints"], np.int64)
    tensor = attributes.get("value")
    if tensor is None or tensor.data_type != TensorProto.INT64:
        return None
    return np.asarray(numpy_helper.to_array(tensor), np.int64)


def _shape(kind: onnx.TypeProto) -> Shape:
    tensor = kind.tensor_type
    axes = tensor.shape.dim
    if not tensor.HasField("shape") or any(not a.HasField("dim_value") for a in axes):
        raise ValueError("the size of its output can't be told before it runs")
    shape = tuple(axis.dim_value for axis in axes)
    if min(shape, default=0) < 0 or prod(shape) > _MAX_TERM:
        raise ValueError(f"its output would have the shape {shape}")
    return shape


# Whole numbers as onnxruntime computes them. What is not here, or where the two might differ, counts as unknown.


def _arithmetic(compute: Callable[..., Any]) -> Callable[..., Any]:
    def checked(_: Mapping[str, Any], *inputs: Integers) -> Any:
        small = all(np.all((value >= -(2**31)) & (value <= 2**31)) for value in inputs)
        return compute(*inputs) if small else None

    return checked


def _divided(_: Mapping[str, Any], a: Integers, b: Integers) -> Integers | None:
    whole = bool(np.all(a >= 0) and np.all(b > 0))
    return a // b if whole else None


def _cast(attributes: Mapping[str, Any], a: Integers) -> Integers | None:
    return a if attributes["to"] == TensorProto.INT64 else None


def _sliced(_: Mapping[str, Any], a: Integers, *where: Integers) -> Integers:
    starts, ends, axes, steps = [*where, None, None, None, None][:4]
    if starts is None or ends is None:
        raise ValueError("a slice without ends")
    axes = np.arange(len(starts)) if axes is None else axes
    steps = np.ones(len(starts), np.int64) if steps is None else steps
    cut = [slice(None)] * a.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        cut[int(axis)] = slice(int(start), int(end), int(step))
    return a[tuple(cut)]


def _reshaped(_: Mapping[str, Any], a: Integers, shape: Integers) -> Integers | None:
    # A nought stands for "as it was", or for nothing at all, as an attribute says: shapes are computed without any.
    return None if np.any(shape == 0) else a.reshape(tuple(shape))


def _squeezed(_: Mapping[str, Any], a: Integers, axes: Integers | None = None) -> Integers:
    return np.squeeze(a, axis=None if axes is None else tuple(axes))


_INTEGER_OPERATORS: dict[str, Callable[..., Any]] = {
    "Add": _arithmetic(np.add),
    "Cast": _cast,
    "Concat": lambda attributes, *parts: np.concatenate(parts, axis=attributes["axis"]),
    "Div": _divided,
    "Gather": lambda attributes, a, at: np.take(a, at, axis=attributes.get("axis", 0)),
    "Identity": lambda _, a: a,
    "Max": _arithmetic(np.maximum),
    "Min": _arithmetic(np.minimum),
    "Mul": _arithmetic(np.multiply),
    "Reshape": _reshaped,
    "Slice": _sliced,
    "Squeeze": _squeezed,
    "Sub": _arithmetic(np.subtract),
    "Unsqueeze": lambda _, a, axes: np.expand_dims(a, axis=tuple(axes)),
}


def _products(node: onnx.NodeProto, shapes: Sequence[Shape], made: int) -> int:
    """Multiplications of a node; of most, as many as it has numbers on either side."""
    op = node.op_type
    if op in _MATRIX_INPUT:
        left = shapes[0]
        transposed = any(a.name == "transA" and a.i for a in node.attribute)
        return made * (left[0 if transposed else -1] if left else 1)
    if op in _WEIGHT_INPUT:
        each = max(prod(shapes[0]), made) if op == "ConvTranspose" else made
        return each * prod(shapes[_WEIGHT_INPUT[op]][1:])
    if op in ("LSTM", "GRU"):
        return prod(shapes[0][:2]) * (prod(shapes[1]) + prod(shapes[2]))
    if op in ("AveragePool", "MaxPool"):
        kernel = next((prod(a.ints) for a in node.attribute if a.name == "kernel_shape"), 1)
        return made * kernel
    if op == "STFT":
        return made * prod(shapes[0][1:2])
    return made + sum(prod(shape) for shape in shapes)


_MATRIX_INPUT = ("MatMul", "MatMulInteger", "QLinearMatMul", "Gemm")
_WEIGHT_INPUT = {"Conv": 1, "ConvInteger": 1, "ConvTranspose": 1, "QLinearConv": 3}
