"""A bundle's graph as a PyTorch module, for windows of one length: node by node, the same constants.

What only knows PyTorch, such as the converter to TFLite, so takes every bundle, whoever made it and however it was trained.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from torch import Tensor, nn
from torch.nn import functional

from auscult.errors import BundleError

Attributes = Mapping[str, Any]
Step = Callable[..., Any]

_INSTEAD = "Export the bundle for onnxruntime instead: leave out --tflite."


class _Unfit(Exception):  # noqa: N818 - it never leaves this module
    """What a layer does that can't be done here, and what can."""


class Layer(nn.Module):
    """One node: what it computes, and the constants that it computes with.

    Parameters
    ----------
    step
        A function of the attributes and of all inputs.
    attributes
        Of the node.
    constants
        For each input its value; `None` for what is computed, and for what is left out at the end.
    computed
        For each input, whether it is.
    """

    def __init__(
        self,
        step: Step,
        attributes: Attributes,
        constants: Sequence[NDArray[Any] | None],
        computed: Sequence[bool],
    ) -> None:
        super().__init__()
        self._step, self._attributes = step, attributes
        self._computed = tuple(computed)
        self._whole: dict[int, NDArray[Any] | None] = {}
        for number, value in enumerate(constants):
            if value is not None and value.dtype.kind == "f" and value.ndim:
                self.register_buffer(f"constant_{number}", torch.from_numpy(np.array(value)))
            else:
                self._whole[number] = value

    def forward(self, *given: Tensor) -> Any:
        """What the node makes of what was computed before."""
        rest = iter(given)
        inputs = [
            next(rest) if is_so else self._constant(i) for i, is_so in enumerate(self._computed)
        ]
        return self._step(self._attributes, *inputs)

    def _constant(self, number: int) -> Any:
        return self._whole[number] if number in self._whole else getattr(self, f"constant_{number}")


class EightBits(Layer):
    """A node that may go into eight bits: the converter keeps its name."""


class Twin(nn.Module):
    """The graph, for inputs of these shapes.

    What follows from shapes alone is worked out once, while it is made.

    Parameters
    ----------
    model
        An ONNX graph of float layers.
    inputs
        One of each, by name, of the shapes that it is for.
    outputs
        Names of what it gives, in this order.
    in_eight_bits
        Names of the nodes that may go into eight bits.

    Raises
    ------
    BundleError
        If it has an operator that is not known here.

    Examples
    --------
    >>> from auscult.memory.graph import spectrum_embedder
    >>> from auscult.memory.spectrum import PRESETS
    >>> model = spectrum_embedder(PRESETS["edge"]).model
    >>> twin = Twin(model, {"waveform": np.zeros((1, 32000), np.float32)}, ["embedding"])
    >>> twin(torch.zeros(1, 32000))[0].shape
    torch.Size([1, 192])
    """

    def __init__(
        self,
        model: onnx.ModelProto,
        inputs: Mapping[str, NDArray[Any]],
        outputs: Sequence[str],
        *,
        in_eight_bits: Collection[str] = (),
    ) -> None:
        super().__init__()
        self._inputs, self._outputs = tuple(inputs), tuple(outputs)
        self._sides: list[tuple[list[str], list[str]]] = []
        self.layers = nn.ModuleList()
        known = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
        computed: dict[str, Tensor] = {k: torch.from_numpy(v) for k, v in inputs.items()}
        for node in _needed(model, outputs):
            attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            if node.op_type == "Shape" and node.input[0] in computed:
                shape = np.array(computed[node.input[0]].shape, np.int64)
                known[node.output[0]] = shape[attributes.get("start", 0) : attributes.get("end")]
            elif all(name in known or not name for name in node.input):
                known.update(zip(node.output, _constant(node, known, model), strict=True))
            else:
                kind = EightBits if node.name in in_eight_bits else Layer
                self._add(node, kind, attributes, known, computed)

    def _add(
        self,
        node: onnx.NodeProto,
        kind: type[Layer],
        attributes: Attributes,
        known: Mapping[str, NDArray[Any]],
        computed: dict[str, Tensor],
    ) -> None:
        step = _STEPS.get(node.op_type)
        if step is None:
            raise BundleError(
                f"The operator {node.op_type} of the layer '{_name(node)}' can't be converted.",
                f"one of {', '.join(sorted(_STEPS))}",
                _INSTEAD,
            )
        is_computed = [name in computed for name in node.input]
        constants = [None if name in computed else known.get(name) for name in node.input]
        self.layers.append(kind(step, attributes, constants, is_computed))
        self._sides.append(([n for n in node.input if n in computed], list(node.output)))
        try:
            computed.update(self._step(len(self._sides) - 1, computed))
        except _Unfit as unfit:
            does, fit = unfit.args
            raise BundleError(f"The layer '{_name(node)}' {does}.", fit, _INSTEAD) from None

    def _step(self, number: int, values: Mapping[str, Tensor]) -> dict[str, Tensor]:
        given, made = self._sides[number]
        found = self.layers[number](*[values[name] for name in given])
        return dict(zip(made, found if isinstance(found, tuple) else (found,), strict=False))

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """The outputs in their order, for the inputs in theirs."""
        values = dict(zip(self._inputs, inputs, strict=True))
        for number in range(len(self._sides)):
            values.update(self._step(number, values))
        return tuple(values[name] for name in self._outputs)


def _name(node: onnx.NodeProto) -> str:
    return node.name or node.output[0]


def _needed(model: onnx.ModelProto, outputs: Sequence[str]) -> list[onnx.NodeProto]:
    """Nodes that the outputs depend on, in their order."""
    wanted, found = set(outputs), []
    for node in reversed(model.graph.node):
        if wanted.intersection(node.output):
            wanted.update(node.input)
            found.append(node)
    return found[::-1]


def _constant(
    node: onnx.NodeProto, known: Mapping[str, NDArray[Any]], model: onnx.ModelProto
) -> list[NDArray[Any]]:
    """What a node makes of constants."""
    names = [name for name in node.input if name]
    sides = [
        helper.make_tensor_value_info(
            name, helper.np_dtype_to_tensor_dtype(known[name].dtype), known[name].shape
        )
        for name in names
    ]
    outputs = [onnx.ValueInfoProto(name=name) for name in node.output]
    graph = helper.make_graph([node], "one", sides, outputs)
    one = helper.make_model(graph, opset_imports=list(model.opset_import))
    return list(ReferenceEvaluator(one).run(None, {name: known[name] for name in names}))


def _numbers(value: Any) -> list[int]:
    """Axes, shapes, ends: whole numbers that were known beforehand."""
    return [int(one) for one in np.ravel(np.asarray(value))]


def _tensor(value: Any) -> Any:
    return torch.from_numpy(np.array(value)) if isinstance(value, np.ndarray) else value


def _two(compute: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    return lambda _, a, b: compute(_tensor(a), _tensor(b))


def _one(compute: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda _, a: compute(a)


def _many(compute: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def folded(_: Attributes, *given: Any) -> Any:
        result = _tensor(given[0])
        for one in given[1:]:
            result = compute(result, _tensor(one))
        return result

    return folded


def _reduced(compute: Callable[..., Any]) -> Callable[..., Any]:
    def along(attributes: Attributes, x: Tensor, axes: Any = None) -> Tensor:
        chosen = _numbers(axes) if axes is not None else list(attributes.get("axes", ()))
        dims = chosen or list(range(x.dim()))
        found: Tensor = compute(x, dims, bool(attributes.get("keepdims", 1)))
        return found

    return along


def _summed_up(attributes: Attributes, x: Tensor, axis: Any) -> Tensor:
    """By a product with a triangle of ones, which every converter knows."""
    if attributes.get("exclusive") or attributes.get("reverse"):
        raise _Unfit("sums up from the end, or without itself", "sums from the first to each")
    (along,) = _numbers(axis)
    ones = torch.ones(x.shape[along], x.shape[along]).triu()
    return (x.movedim(along, -1) @ ones).movedim(-1, along)


def _clip(attributes: Attributes, x: Tensor, low: Any = None, high: Any = None) -> Tensor:
    lowest = attributes.get("min") if low is None else float(np.asarray(low))
    highest = attributes.get("max") if high is None else float(np.asarray(high))
    return x.clamp(lowest, highest)


def _pads(attributes: Attributes, n: int) -> list[int]:
    if attributes.get("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID"):
        raise _Unfit(f"pads as {attributes['auto_pad'].decode()}", "pads that are given as numbers")
    return list(attributes.get("pads", [0] * (2 * n)))


def _padded(x: Tensor, pads: list[int], value: float = 0.0) -> Tensor:
    """Before and after each of the last axes; as its own step, so that both sides may differ."""
    n = len(pads) // 2
    if not any(pads):
        return x
    order = [side for axis in reversed(range(n)) for side in (pads[axis], pads[axis + n])]
    return functional.pad(x, order, value=value)


def _conv(attributes: Attributes, x: Tensor, weight: Any, bias: Any = None) -> Tensor:
    n = x.dim() - 2
    pads = _pads(attributes, n)
    convolve = {1: functional.conv1d, 2: functional.conv2d}[n]
    symmetric = pads[:n] == pads[n:]
    found: Tensor = convolve(
        x if symmetric else _padded(x, pads),
        _tensor(weight),
        _tensor(bias),
        stride=list(attributes.get("strides", [1] * n)),
        padding=pads[:n] if symmetric else [0] * n,
        dilation=list(attributes.get("dilations", [1] * n)),
        groups=attributes.get("group", 1),
    )
    return found


def _conv_transpose(attributes: Attributes, x: Tensor, weight: Any, bias: Any = None) -> Tensor:
    n = x.dim() - 2
    pads = _pads(attributes, n)
    more = list(attributes.get("output_padding", [0] * n))
    convolve = {1: functional.conv_transpose1d, 2: functional.conv_transpose2d}[n]
    whole = convolve(
        x,
        _tensor(weight),
        None,
        stride=list(attributes.get("strides", [1] * n)),
        groups=attributes.get("group", 1),
        dilation=list(attributes.get("dilations", [1] * n)),
    )
    # TFLite crops alike on all sides, or not at all: cut by hand.
    for axis in range(n):
        end = whole.shape[2 + axis] - pads[n + axis] + more[axis]
        lacking = max(end - whole.shape[2 + axis], 0)
        if lacking:
            after = [0] * (2 * n)
            after[n + axis] = lacking
            whole = _padded(whole, after)
        whole = whole.narrow(2 + axis, pads[axis], end - pads[axis])
    return whole if bias is None else whole + _tensor(bias).reshape(-1, *[1] * n)


def _pooled(kind: str) -> Callable[..., Any]:
    def pool(attributes: Attributes, x: Tensor) -> Tensor:
        kernel = list(attributes["kernel_shape"])
        n = len(kernel)
        pads = _pads(attributes, n)
        counted = not any(pads) or bool(attributes.get("count_include_pad", 0))
        if attributes.get("ceil_mode") or (kind == "avg" and not counted):
            raise _Unfit("pools over what lies beyond its picture", "pools that end within it")
        filled = _padded(x, pads, float("-inf") if kind == "max" else 0.0)
        compute = getattr(functional, f"{kind}_pool{n}d")
        found: Tensor = compute(filled, kernel, list(attributes.get("strides", [1] * n)))
        return found

    return pool


def _sliced(attributes: Attributes, x: Tensor, *where: Any) -> Tensor:
    starts, ends, axes, steps = [*where, None, None, None, None][:4]
    first = _numbers(attributes["starts"] if starts is None else starts)
    last = _numbers(attributes["ends"] if ends is None else ends)
    along = list(range(len(first))) if axes is None else _numbers(axes)
    by = [1] * len(first) if steps is None else _numbers(steps)
    for start, end, axis, step in zip(first, last, along, by, strict=True):
        chosen = range(x.shape[axis])[slice(start, None if end < -(2**31) else end, step)]
        if step == 1:
            x = x.narrow(axis, chosen.start, len(chosen))
        else:
            x = x.index_select(axis, torch.tensor(list(chosen)))
    return x


def _split(attributes: Attributes, x: Tensor, sizes: Any = None) -> tuple[Tensor, ...]:
    axis = attributes.get("axis", 0)
    if sizes is None:
        return tuple(x.chunk(attributes["num_outputs"], dim=axis))
    return torch.split_with_sizes(x, _numbers(sizes), dim=axis)


def _reshaped(attributes: Attributes, x: Tensor, shape: Any) -> Tensor:
    wanted = _numbers(shape)
    if not attributes.get("allowzero", 0):
        wanted = [x.shape[i] if n == 0 else n for i, n in enumerate(wanted)]
    return x.reshape(wanted)


def _squeezed(_: Attributes, x: Tensor, axes: Any = None) -> Tensor:
    return x.squeeze() if axes is None else x.squeeze(tuple(_numbers(axes)))


def _unsqueezed(_: Attributes, x: Tensor, axes: Any) -> Tensor:
    rank = x.dim() + len(_numbers(axes))
    for axis in sorted(axis % rank for axis in _numbers(axes)):
        x = x.unsqueeze(axis)
    return x


def _gathered(attributes: Attributes, x: Any, at: Any) -> Tensor:
    axis = attributes.get("axis", 0)
    table, index = _tensor(x), _tensor(at)
    if index.dim() == 0:
        whole: Tensor = table.select(axis, int(index))
        return whole
    shape = [*table.shape[:axis], *index.shape, *table.shape[axis + 1 :]]
    found: Tensor = table.index_select(axis, index.reshape(-1)).reshape(shape)
    return found


def _gemm(attributes: Attributes, a: Any, b: Any, c: Any = None) -> Tensor:
    left = a.T if attributes.get("transA") else a
    right = _tensor(b).T if attributes.get("transB") else _tensor(b)
    found: Tensor = (left @ right) * attributes.get("alpha", 1.0)
    if c is not None:
        found = found + attributes.get("beta", 1.0) * _tensor(c)
    return found


def _normed_layer(attributes: Attributes, x: Tensor, scale: Any, bias: Any = None) -> Tensor:
    axis = attributes.get("axis", -1) % x.dim()
    return functional.layer_norm(
        x, list(x.shape[axis:]), _tensor(scale), _tensor(bias), attributes.get("epsilon", 1e-5)
    )


def _normed_batch(attributes: Attributes, x: Tensor, *learned: Any) -> Tensor:
    shape = [1, -1, *[1] * (x.dim() - 2)]
    scale, bias, mean, variance = (_tensor(one).reshape(shape) for one in learned)
    gain = scale / torch.sqrt(variance + attributes.get("epsilon", 1e-5))
    found: Tensor = (x - mean) * gain + bias
    return found


def _cast(attributes: Attributes, x: Tensor) -> Tensor:
    kind = helper.tensor_dtype_to_np_dtype(attributes["to"])
    found: Tensor = x.to(torch.from_numpy(np.zeros(1, kind)).dtype)
    return found


def _hard_swish(_: Attributes, x: Tensor) -> Tensor:
    return x * (x + 3.0).clamp(0.0, 6.0) / 6.0


def _hard_sigmoid(attributes: Attributes, x: Tensor) -> Tensor:
    line: Tensor = attributes.get("alpha", 0.2) * x + attributes.get("beta", 0.5)
    return line.clamp(0.0, 1.0)


_STEPS: Mapping[str, Callable[..., Any]] = {
    "Abs": _one(torch.abs),
    "Add": _two(torch.add),
    "AveragePool": _pooled("avg"),
    "BatchNormalization": _normed_batch,
    "Cast": _cast,
    "Clip": _clip,
    "Concat": lambda attributes, *parts: torch.cat([_tensor(p) for p in parts], attributes["axis"]),
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "Cos": _one(torch.cos),
    "CumSum": _summed_up,
    "Div": _two(torch.div),
    "Erf": _one(torch.erf),
    "Exp": _one(torch.exp),
    "Flatten": lambda attributes, x: x.flatten(attributes.get("axis", 1)),
    "Floor": _one(torch.floor),
    "Gather": _gathered,
    "Gemm": _gemm,
    "GlobalAveragePool": lambda _, x: x.mean(list(range(2, x.dim())), keepdim=True),
    "Greater": _two(torch.gt),
    "HardSigmoid": _hard_sigmoid,
    "HardSwish": _hard_swish,
    "Identity": _one(lambda x: x),
    "LayerNormalization": _normed_layer,
    "LeakyRelu": lambda attributes, x: functional.leaky_relu(x, attributes.get("alpha", 0.01)),
    "Less": _two(torch.lt),
    "Log": _one(torch.log),
    "MatMul": _two(torch.matmul),
    "Max": _many(torch.maximum),
    "MaxPool": _pooled("max"),
    "Min": _many(torch.minimum),
    "Mul": _two(torch.mul),
    "Neg": _one(torch.neg),
    "Pow": _two(torch.pow),
    "Reciprocal": _one(torch.reciprocal),
    "ReduceL2": _reduced(lambda x, dims, keep: (x * x).sum(dims, keepdim=keep).sqrt()),
    "ReduceMax": _reduced(lambda x, dims, keep: x.amax(dims, keepdim=keep)),
    "ReduceMean": _reduced(lambda x, dims, keep: x.mean(dims, keepdim=keep)),
    "ReduceMin": _reduced(lambda x, dims, keep: x.amin(dims, keepdim=keep)),
    "ReduceSum": _reduced(lambda x, dims, keep: x.sum(dims, keepdim=keep)),
    "ReduceSumSquare": _reduced(lambda x, dims, keep: (x * x).sum(dims, keepdim=keep)),
    "Relu": _one(torch.relu),
    "Reshape": _reshaped,
    "Sigmoid": _one(torch.sigmoid),
    "Sin": _one(torch.sin),
    "Slice": _sliced,
    "Softmax": lambda attributes, x: x.softmax(attributes.get("axis", -1)),
    "Softplus": _one(functional.softplus),
    "Split": _split,
    "Sqrt": _one(torch.sqrt),
    "Squeeze": _squeezed,
    "Sub": _two(torch.sub),
    "Sum": _many(torch.add),
    "Tanh": _one(torch.tanh),
    "Transpose": lambda attributes, x: x.permute(attributes["perm"]),
    "Unsqueeze": _unsqueezed,
    "Where": lambda _, c, a, b: torch.where(c, _tensor(a), _tensor(b)),
}
