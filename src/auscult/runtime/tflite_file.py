"""The TFLite form of a bundle: a TFLite model with the manifest at its end, as files of a ZIP archive.

That is how TFLite models carry what goes with them ("associated files" of the TFLite metadata convention): interpreters read
the model from the front and never look further, and any archiver opens the rest. Three texts are there, uncompressed:

- `auscult.manifest` — JSON, see `manifest.schema.json`
- `auscult.arrays`   — JSON {name: {dtype, shape, data (base64)}}
- `auscult.sha256`   — digest of the model and of the other two

The model is looked through before any interpreter sees it. It holds one graph of fixed shapes, of operators that bundles are
made of: no code of others, no control flow, no variables, nothing outside of the file.
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

import numpy as np

from auscult.errors import BundleError
from auscult.runtime.cost import LIMITS, Cost
from auscult.runtime.flatbuffer import BROKEN, Table, offset

IDENTIFIER = b"TFL3"
MAX_OPERATORS = 10_000
MAX_TENSORS = 50_000

_MANIFEST, _ARRAYS, _DIGEST = _TEXTS = ("auscult.manifest", "auscult.arrays", "auscult.sha256")
_THEN = (1980, 1, 1, 0, 0, 0)  # the beginning of time, to archives

_AGAIN = "Get the bundle again from where it was made."
_DO_NOT_USE = "Do not use this file; get the bundle again from where it was made."

# Numbers of the fields that are read, in the order of TensorFlow Lite's schema.fbs.
_CODES, _GRAPHS, _BUFFERS, _OUTSIDE = 1, 2, 4, 9
_OLD_CODE, _CUSTOM_CODE, _CODE = 0, 1, 3
_TENSORS, _INPUTS, _OUTPUTS, _OPERATORS = range(4)
_SHAPE, _TYPE, _BUFFER, _NAME = range(4)
_IS_VARIABLE, _SPARSITY, _OUTSIDE_BUFFER = 5, 6, 10
_DATA, _FAR, _FAR_SIZE = range(3)
_OPERATOR_CODE, _OPERATOR_INPUTS, _OPERATOR_OUTPUTS = range(3)

# float32, float16, int32, uint8, int64, bool, int16, int8, and how many bytes a number takes.
_KINDS = {0: 4, 1: 2, 2: 4, 3: 1, 4: 8, 6: 1, 7: 2, 9: 1}

# Names of the schema. Not in it: what others wrote, control flow, variables, random numbers, hash tables, recurrent layers.
_OPERATORS_BY_NUMBER = {
    0: "ADD", 1: "AVERAGE_POOL_2D", 2: "CONCATENATION", 3: "CONV_2D", 4: "DEPTHWISE_CONV_2D", 6: "DEQUANTIZE", 8: "FLOOR",
    9: "FULLY_CONNECTED", 14: "LOGISTIC", 17: "MAX_POOL_2D", 18: "MUL", 19: "RELU", 21: "RELU6", 22: "RESHAPE", 25: "SOFTMAX",
    28: "TANH", 34: "PAD", 36: "GATHER", 39: "TRANSPOSE", 40: "MEAN", 41: "SUB", 42: "DIV", 43: "SQUEEZE",
    45: "STRIDED_SLICE", 47: "EXP", 49: "SPLIT", 50: "LOG_SOFTMAX", 53: "CAST", 55: "MAXIMUM", 57: "MINIMUM", 58: "LESS",
    59: "NEG", 60: "PADV2", 61: "GREATER", 62: "GREATER_EQUAL", 63: "LESS_EQUAL", 64: "SELECT", 65: "SLICE", 66: "SIN",
    67: "TRANSPOSE_CONV", 70: "EXPAND_DIMS", 71: "EQUAL", 72: "NOT_EQUAL", 73: "LOG", 74: "SUM", 75: "SQRT", 76: "RSQRT",
    78: "POW", 82: "REDUCE_MAX", 83: "PACK", 84: "LOGICAL_OR", 86: "LOGICAL_AND", 87: "LOGICAL_NOT", 88: "UNPACK",
    89: "REDUCE_MIN", 91: "REDUCE_ANY", 92: "SQUARE", 98: "LEAKY_RELU", 99: "SQUARED_DIFFERENCE", 101: "ABS", 102: "SPLIT_V",
    104: "CEIL", 107: "GATHER_ND", 108: "COS", 111: "ELU", 114: "QUANTIZE", 116: "ROUND", 117: "HARD_SWISH",
    123: "SELECT_V2", 126: "BATCH_MATMUL", 130: "BROADCAST_TO", 140: "REDUCE_ALL", 150: "GELU", 152: "RELU_0_TO_1",
    158: "SIGN",
}  # fmt: skip
_PRODUCTS = frozenset(("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"))


@dataclass(frozen=True, kw_only=True)
class Graph:
    """What a model's one graph looks like.

    Parameters
    ----------
    inputs, outputs
        Shape of each, in their order.
    operators
        Their names, each once.
    parameters
        Numbers in its constants.
    cost
        Of one run.
    """

    inputs: tuple[tuple[int, ...], ...]
    outputs: tuple[tuple[int, ...], ...]
    operators: frozenset[str]
    parameters: int
    cost: Cost


def is_tflite(content: bytes) -> bool:
    """It begins as TFLite models do.

    Examples
    --------
    >>> is_tflite(b"....TFL3....")
    True
    """
    return content[4:8] == IDENTIFIER


def joined(model: bytes, manifest: str, arrays: str) -> bytes:
    """A model with a manifest at its end; the same bytes every time."""
    texts = {_MANIFEST: manifest, _ARRAYS: arrays}
    return _archived(model, {**texts, _DIGEST: _digest(model, texts)})


def _archived(model: bytes, texts: Mapping[str, str]) -> bytes:
    file = io.BytesIO()
    file.write(model)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_STORED) as archive:
        for name in _TEXTS:
            entry = zipfile.ZipInfo(name, _THEN)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, texts[name])
    return file.getvalue()


def _digest(model: bytes, texts: Mapping[str, str]) -> str:
    found = hashlib.sha256()
    for part in (model, *(texts[name].encode() for name in (_MANIFEST, _ARRAYS))):
        found.update(len(part).to_bytes(8, "little"))
        found.update(part)
    return found.hexdigest()


def taken_apart(content: bytes, source: str) -> tuple[bytes, str, str]:
    """Model, manifest and arrays of a file that may come from anywhere.

    Raises
    ------
    BundleError
        If it is no such file, has changed since it was written, or holds anything besides.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if tuple(entry.filename for entry in entries) != _TEXTS:
                raise ValueError("other files")
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
                raise ValueError("compressed")
            texts = {entry.filename: archive.read(entry).decode() for entry in entries}
            model = content[: min(entry.header_offset for entry in entries)]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, *BROKEN):
        raise BundleError(
            f"{source} is a TFLite model without a manifest, or is broken.",
            "a bundle, such as `auscult export --tflite` writes",
            "Export it from a bundle, or copy it again.",
        ) from None
    # Whatever an archive can hold beside these texts is not in what is written of them.
    if texts[_DIGEST] != _digest(model, texts) or _archived(model, texts) != content:
        raise BundleError(
            f"{source} has changed since it was written: its digest differs.",
            "the file as Auscult wrote it",
            "Copy it again; if it was edited on purpose, write it with Auscult.",
        )
    return model, texts[_MANIFEST], texts[_ARRAYS]


def looked_through(model: bytes, source: str) -> Graph:
    """The graph of a model, if it is one that bundles may have.

    Raises
    ------
    BundleError
        If the model is broken, or its graph is of anything that bundles are not made of, or too costly.
    """
    if not is_tflite(model):
        raise _broken(source, "no TFLite model")
    try:
        graph = _graph(model, source)
    except BROKEN as error:
        raise _broken(source, str(error)) from None
    excess = graph.cost.over()
    if excess:
        raise BundleError(f"{source} makes {excess} of one window.", LIMITS, _DO_NOT_USE)
    return graph


def parameters(model: bytes, source: str = "model") -> int:
    """Numbers in the constants of a model's first graph, whatever else it is made of.

    Raises
    ------
    BundleError
        If it is broken.
    """
    try:
        top = Table(model, offset(model, 0))
        held = [_length(buffer, len(model)) for buffer in top.tables(_BUFFERS)]
        tensors = top.tables(_GRAPHS)[0].tables(_TENSORS)
        kept = [t for t in tensors if held[t.number(_BUFFER, "<I")]]
        return sum(prod(int(n) for n in tensor.array(_SHAPE, np.int32)) for tensor in kept)
    except BROKEN as error:
        raise _broken(source, str(error)) from None


def _graph(model: bytes, source: str) -> Graph:
    top = Table(model, offset(model, 0))
    graphs = top.tables(_GRAPHS)
    if len(graphs) != 1 or top.tables(_OUTSIDE):
        raise ValueError(f"{len(graphs)} graphs, or data outside of it")
    names = [_operator(code, source) for code in top.tables(_CODES)]
    buffers = [_length(buffer, len(model)) for buffer in top.tables(_BUFFERS)]
    tensors = graphs[0].tables(_TENSORS)
    if len(tensors) > MAX_TENSORS:
        raise ValueError(f"{len(tensors)} tensors")
    shapes, parameters = [], 0
    for tensor in tensors:
        shape = _shape(tensor)
        held = buffers[tensor.number(_BUFFER, "<I")]
        if held and held != prod(shape) * _KINDS[tensor.number(_TYPE, "<b")]:
            raise ValueError("a constant that is not whole")
        parameters += prod(shape) if held else 0
        shapes.append(shape)
    return Graph(
        inputs=tuple(shapes[i] for i in _numbers(graphs[0], _INPUTS, len(shapes))),
        outputs=tuple(shapes[i] for i in _numbers(graphs[0], _OUTPUTS, len(shapes))),
        operators=frozenset(names),
        parameters=parameters,
        cost=_cost(graphs[0], names, shapes),
    )


def _operator(code: Table, source: str) -> str:
    # The old field holds a byte; what needs more stands in the new one.
    number = max(code.number(_OLD_CODE, "<b"), code.number(_CODE, "<i"))
    name = _OPERATORS_BY_NUMBER.get(number)
    custom = code.text(_CUSTOM_CODE)
    if name is None or custom:
        raise BundleError(
            f"{source} uses the operator {custom[:40] or f'number {number} of TFLite'}.",
            "only the operators that bundles are made of",
            _DO_NOT_USE,
        )
    return name


def _length(buffer: Table, size: int) -> int:
    """Bytes in a buffer, all of them in the model: among its tables, or after them."""
    length = len(buffer.array(_DATA, np.uint8))
    start, behind = buffer.number(_FAR, "<Q"), buffer.number(_FAR_SIZE, "<Q")
    if start <= 1:
        return length
    if length or start + behind > size:
        raise ValueError("data beyond the model")
    return behind


def _shape(tensor: Table) -> tuple[int, ...]:
    shape = tuple(int(n) for n in tensor.array(_SHAPE, np.int32))
    if min(shape, default=1) < 1 or len(shape) > 8 or tensor.number(_TYPE, "<b") not in _KINDS:
        raise ValueError(f"a tensor of shape {shape}")
    if (
        tensor.number(_IS_VARIABLE, "<b")
        or tensor.tables(_OUTSIDE_BUFFER)
        or tensor.number(_SPARSITY, "<I")
        or tensor.number(_OUTSIDE_BUFFER, "<I")
    ):
        raise ValueError("a tensor that is variable, sparse or elsewhere")
    return shape


def _numbers(table: Table, field: int, most: int) -> list[int]:
    """Numbers of tensors; -1 stands for one that is left out."""
    found = [int(n) for n in table.array(field, np.int32)]
    if any(not -1 <= n < most for n in found):
        raise ValueError("a tensor that is not there")
    return found


def _cost(graph: Table, names: list[str], shapes: list[tuple[int, ...]]) -> Cost:
    operators = graph.tables(_OPERATORS)
    if len(operators) > MAX_OPERATORS:
        raise ValueError(f"{len(operators)} operators")
    numbers = products = 0
    for operator in operators:
        name = names[operator.number(_OPERATOR_CODE, "<I")]
        given = [shapes[i] for i in _numbers(operator, _OPERATOR_INPUTS, len(shapes)) if i >= 0]
        made = [shapes[i] for i in _numbers(operator, _OPERATOR_OUTPUTS, len(shapes)) if i >= 0]
        numbers += sum(map(prod, made))
        products += _products(name, given, sum(map(prod, made)))
    return Cost(numbers=numbers, products=products)


def _products(name: str, given: list[tuple[int, ...]], made: int) -> int:
    if name in _PRODUCTS and len(given) > 1:
        return made * prod(given[1][1:])
    if name == "TRANSPOSE_CONV" and len(given) > 2:
        return prod(given[2]) * prod(given[1][:3])
    if name == "BATCH_MATMUL" and len(given) > 1:
        return made * max(given[0][-1:] + given[0][-2:-1], default=1)
    if name in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
        return made + 64 * sum(map(prod, given))
    return made + sum(map(prod, given))


def _broken(source: str, why: str) -> BundleError:
    return BundleError(
        f"{source} is no bundle, or is broken: {why[:200]}.",
        "a TFLite model with one graph of fixed shapes, as `auscult export` writes it",
        _AGAIN,
    )
