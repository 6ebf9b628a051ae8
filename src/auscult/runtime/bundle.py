"""The bundle: one ONNX file from the raw waveform to the score, with all that is known about it inside.

Three texts stand in the model's metadata:

- `auscult.manifest` — JSON, see `manifest.schema.json`
- `auscult.arrays`   — JSON {name: {dtype, shape, data (base64)}}: reference windows, and what a memory keeps of normal
- `auscult.sha256`   — digest of the whole model without this entry

A bundle may come from anywhere. It is data and can't run code; `load` refuses what is not a bundle, what would reach
outside its own bytes, what would need too much of the machine, and what does not give the scores that it says it gives.
All of that happens in this process: for a file of a stranger, see `auscult.runtime.trial`.

A bundle may also be a TFLite model, for LiteRT: see `auscult.runtime.tflite_file`. It says and keeps the same, takes windows of one
length, and draws no map.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, islice
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError, Message
from numpy.typing import NDArray
from onnx import TensorProto

from auscult.errors import BundleError
from auscult.runtime import arrays as arrays_text
from auscult.runtime import parts, tflite_file
from auscult.runtime.companded import expanded
from auscult.runtime.cost import LIMITS, Estimate, Shape, UnknownCost
from auscult.runtime.engine import Engine, Runner
from auscult.runtime.extract import extract
from auscult.runtime.litert import INPUTS, LiteEngine
from auscult.runtime.manifest import MAX_MANIFEST_BYTES, Manifest
from auscult.runtime.whole import read_limited, write_whole

MANIFEST_KEY = "auscult.manifest"
ARRAYS_KEY = "auscult.arrays"
DIGEST_KEY = "auscult.sha256"

EMBEDDER = parts.EMBEDDER

MAX_BUNDLE_BYTES = 512 * 2**20
MAX_NODES = 10_000
MAX_CONSTANTS = 20_000
MAX_PARTS = 1_000_000  # messages and texts in the file together

MIN_OPSET = 13
MAX_OPSET = onnx.defs.onnx_opset_version()

# What a front end, the neural families and a distance are made of. Not in it: control flow, sequences, random numbers,
# operators whose output size is a number in the file rather than a consequence of the input, and what no family needs.
ALLOWED_OPERATORS = frozenset(
    """Abs Add ArgMax ArgMin AveragePool BatchNormalization Cast Clip Concat Constant Conv ConvInteger ConvTranspose Cos CumSum
    DequantizeLinear Div DynamicQuantizeLinear Elu Equal Erf Exp Flatten Floor Gather Gelu Gemm GlobalAveragePool
    GlobalMaxPool Greater GreaterOrEqual GroupNormalization GRU HardSigmoid HardSwish Identity InstanceNormalization
    LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax LSTM MatMul MatMulInteger Max MaxPool Min Mul Neg Pow PRelu
    QLinearConv QLinearMatMul QuantizeLinear Reciprocal ReduceL2 ReduceMax ReduceMean ReduceMin ReduceSum ReduceSumSquare
    Relu Reshape Selu Shape Sigmoid Sin Slice Softmax Softplus Split Sqrt Squeeze STFT Sub Sum Tanh TopK Transpose Unsqueeze
    Where""".split()  # noqa: SIM905 - as prose it can be read
)

# Steps and lengths in attributes; what is larger, or nothing at all, is not meant to work. Constants hold any number.
_MAX_ATTRIBUTE = 2**20
_POSITIVE_ATTRIBUTES = frozenset(
    ("dilations", "group", "hidden_size", "kernel_shape", "num_groups", "num_outputs", "strides")
)

# Where a tensor keeps its values if they are not raw bytes, and how many bytes each takes if they are.
_VALUES: dict[int, tuple[str, int]] = {
    TensorProto.FLOAT: ("float_data", 4),
    TensorProto.DOUBLE: ("double_data", 8),
    TensorProto.FLOAT16: ("int32_data", 2),
    TensorProto.INT64: ("int64_data", 8),
    TensorProto.INT32: ("int32_data", 4),
    TensorProto.INT16: ("int32_data", 2),
    TensorProto.UINT16: ("int32_data", 2),
    TensorProto.INT8: ("int32_data", 1),
    TensorProto.UINT8: ("int32_data", 1),
    TensorProto.BOOL: ("int32_data", 1),
}

_AGAIN = "Get the bundle again from where it was made."
_DO_NOT_USE = "Do not use this file; get the bundle again from where it was made."


@dataclass(frozen=True, kw_only=True, eq=False)
class Bundle:
    """A loaded or freshly made bundle.

    Parameters
    ----------
    manifest
        What it says of itself.
    model
        The graph, without metadata; empty in one for LiteRT.
    arrays
        What it keeps beside the graph.
    source
        Where it was loaded from, for messages.
    tflite
        The graph of one for LiteRT; else nothing.
    """

    manifest: Manifest
    model: onnx.ModelProto
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    source: str = ""
    tflite: bytes = b""

    @cached_property
    def graph_bytes(self) -> bytes:
        """The graph alone, for an engine."""
        if self.tflite:
            return self.tflite
        return bytes(self.model.SerializeToString())

    @cached_property
    def weights(self) -> Mapping[str, NDArray[Any]]:
        """The graph's own constants by name (a memory's means and directions among them)."""
        return {t.name: onnx.numpy_helper.to_array(t) for t in self.model.graph.initializer}

    @cached_property
    def explainer(self) -> Engine | None:
        """Of a memory of several embedders: the first alone, which also takes pieces shorter than any window."""
        if not any(output.name == parts.FIRST for output in self.model.graph.output):
            return None
        return Engine(extract(self.model, (parts.FIRST, "level_db")).SerializeToString())

    def engine(self, *, threads: int = 1) -> Runner:
        """The graph made ready to run."""
        if self.tflite:
            return LiteEngine(self.tflite, outputs_of(self.manifest), threads=threads)
        return Engine(self.graph_bytes, threads=threads)

    def with_budget(self, budget_per_day: float) -> "Bundle":
        """The same bundle at another sensitivity; the graph stays as it is.

        Raises
        ------
        BundleError
            If the bundle was never calibrated.
        """
        if self.manifest.calibration is None:
            raise BundleError(
                f"{self.source or self.manifest.name} was never calibrated.",
                "a bundle with limits",
                "Learn it again from normal sound.",
            )
        calibration = self.manifest.calibration.with_budget(budget_per_day)
        return replace(self, manifest=replace(self.manifest, calibration=calibration))

    def to_bytes(self) -> bytes:
        """The whole file."""
        if self.tflite:
            arrays = arrays_text.to_json(self.arrays)
            return tflite_file.joined(self.tflite, self.manifest.to_json(), arrays)
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        del model.metadata_props[:]
        _add(model, MANIFEST_KEY, self.manifest.to_json())
        _add(model, ARRAYS_KEY, arrays_text.to_json(self.arrays))
        _add(model, DIGEST_KEY, _digest(model))
        return bytes(model.SerializeToString())

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the file whole or not at all.

        Raises
        ------
        BundleError
            If the place can't be written to.
        """
        target = Path(path)
        content = self.to_bytes()
        try:
            write_whole(target, content)
        except OSError as error:
            raise BundleError(
                f"{target} could not be written: {error.strerror}.",
                "a folder that exists and may be written to",
                "Choose another place with -o.",
            ) from None
        return target


def load(path: str | os.PathLike[str]) -> Bundle:
    """Open a bundle: checked, and proved on its own reference windows.

    Memory and time that its graph may take are limited before it runs, but what reads the file runs in this process: for
    files of strangers, `auscult.runtime.trial.inspect_untrusted` does all that in another one first.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    BundleError
        If it is no bundle, broken, of a newer format, too large, reaches outside itself, uses operators that bundles may
        not use, lacks what is read by name, or gives other scores than it says.
    EngineError
        If onnxruntime does not take its graph.
    """
    source = Path(path)
    bundle = loads(read_file(source), str(source))
    verify(bundle)
    return bundle


def loads(content: bytes, source: str = "bundle") -> Bundle:
    """Open a bundle from bytes, checked but not yet run: see `load` and `verify`.

    Raises
    ------
    BundleError
        As `load`.
    """
    if len(content) > MAX_BUNDLE_BYTES:
        raise _too_long(source)
    if tflite_file.is_tflite(content):
        return _loads_tflite(content, source)
    model = _parse(content, source)
    entries = {entry.key: entry.value for entry in model.metadata_props}
    if MANIFEST_KEY not in entries:
        raise BundleError(
            f"{source} is an ONNX model but no bundle: it has no {MANIFEST_KEY}.",
            "a file that `auscult learn` wrote",
            "Learn one: auscult learn FOLDER -o FILE.onnx",
        )
    _refuse_what_reaches_out(model, source)
    manifest = Manifest.from_json(entries[MANIFEST_KEY], source)
    _check_digest(model, entries, source)
    arrays = arrays_text.from_json(entries.get(ARRAYS_KEY, "{}"), source)
    _check_inputs(model, manifest, source)
    _check_cost(model, manifest, source)
    del model.metadata_props[:]
    bundle = Bundle(manifest=manifest, model=model, arrays=arrays, source=source)
    outputs = frozenset(value.name for value in model.graph.output)
    parts.check_parts(manifest, outputs, bundle.weights, arrays, source)
    return bundle


def _loads_tflite(content: bytes, source: str) -> Bundle:
    model, manifest_text, arrays = tflite_file.taken_apart(content, source)
    manifest = Manifest.from_json(manifest_text, source)
    bundle = Bundle(
        manifest=manifest,
        model=onnx.ModelProto(),
        arrays=arrays_text.from_json(arrays, source),
        source=source,
        tflite=model,
    )
    _check_tflite(tflite_file.looked_through(model, source), manifest, source)
    parts.check_parts(manifest, frozenset(outputs_of(manifest)), None, bundle.arrays, source)
    return bundle


def _check_tflite(graph: tflite_file.Graph, manifest: Manifest, source: str) -> None:
    """Its graph takes windows of the one length, and gives what its manifest says."""
    names, known = outputs_of(manifest), output_shapes(manifest, manifest.window_samples)
    inputs: tuple[Shape, ...] = ((1, manifest.window_samples),)
    if manifest.context:
        inputs += ((1, manifest.context, manifest.dim), (1,))
    fits = manifest.min_window_samples == manifest.window_samples and set(names) <= set(known)
    if not fits or (graph.inputs, graph.outputs) != (inputs, tuple(known[n] for n in names)):
        raise BundleError(
            f"{source}: its graph takes {graph.inputs} and gives {graph.outputs}.",
            f"{', '.join(INPUTS[: len(inputs)])} of the shapes {inputs}, and the outputs that its manifest names",
            _AGAIN,
        )


def outputs_of(manifest: Manifest) -> tuple[str, ...]:
    """Names of what the graph of a TFLite bundle gives, in their order."""
    return manifest.variant.outputs if manifest.variant is not None else ()


def verify(bundle: Bundle, engine: Runner | None = None) -> float:
    """Run the reference windows; the scores must be those in the manifest, and every output as large as it says.

    Returns
    -------
    error
        Largest relative difference.

    Raises
    ------
    BundleError
        If a score differs by more than the tolerance for this engine, an output has another shape, or there is no
        reference window at all (a file that only embeds needs none).
    """
    runner = engine or bundle.engine()
    manifest = bundle.manifest
    if manifest.family == EMBEDDER:
        silence = np.zeros(manifest.min_window_samples, np.float32)
        run_window(runner, silence, None, manifest)
    elif not manifest.references:
        raise BundleError(
            f"{bundle.source or manifest.name} has no reference window.",
            "at least one, with the score that proves the bundle on every machine",
            _AGAIN,
        )
    return max((_error(bundle, runner, i) for i in range(len(manifest.references))), default=0.0)


def _error(bundle: Bundle, engine: Runner, index: int) -> float:
    """Largest relative difference between the scores of a reference window here and in the manifest."""
    reference = bundle.manifest.references[index]
    window, context = reference_window(bundle, index)
    found = run_window(engine, window, context, bundle.manifest)
    tolerance = reference.tolerance.get(engine.name, 1e-3)
    worst = 0.0
    for name, expected in (("score", reference.score), ("fast_score", reference.fast_score)):
        if expected is None:
            continue
        here = found.get(name, float("nan"))
        error = abs(here - expected) / max(abs(expected), 1e-3)
        if not error <= tolerance:
            raise BundleError(
                f"{bundle.source or bundle.manifest.name}: the {name} of reference window {index + 1} is {here:.6g} here.",
                f"{expected:.6g} within {tolerance:.2g}, as its manifest says",
                "The file is damaged, or this machine computes wrongly; get the bundle again, or learn it here.",
            )
        worst = max(worst, error)
    return worst


def run_window(
    engine: Runner,
    window: NDArray[np.float32],
    context: NDArray[np.float32] | None,
    manifest: Manifest,
) -> dict[str, float]:
    """Scores of one window with the embeddings of the windows before it (shape (n, dim), n <= context).

    Raises
    ------
    BundleError
        If an output has another shape than the manifest says.
    """
    shapes = output_shapes(manifest, len(window))
    names = [name for name in shapes if name in engine.outputs]
    if manifest.context and manifest.family != EMBEDDER:
        padded, length = padded_context(context, manifest)
        found = engine.run(window[None], context=padded[None], context_length=length, outputs=names)
    else:
        found = engine.run(window[None], outputs=names)
    for name, value in found.items():
        if value.shape != shapes[name] or value.dtype != np.float32:
            raise BundleError(
                f"{manifest.name}: its output '{name}' is {value.dtype} of shape {value.shape}.",
                f"float32 of shape {shapes[name]}, as its manifest says",
                _AGAIN,
            )
    return {name: float(value[0]) for name, value in found.items() if value.ndim == 1}


def output_shapes(manifest: Manifest, samples: int, batch: int = 1) -> dict[str, tuple[int, ...]]:
    """Shape of each output that a bundle may have, for windows of so many samples.

    Examples
    --------
    >>> from auscult.runtime.manifest import Fingerprint
    >>> lengths = {"sample_rate_hz": 16000, "window_samples": 32000, "hop_samples": 16000, "min_window_samples": 8000}
    >>> data = Fingerprint(sha256="0" * 64, recordings=1, seconds=60.0)
    >>> output_shapes(Manifest(name="fan", family="memory", dim=384, data=data, **lengths), 32000)["embedding"]
    (1, 384)
    """
    shapes: dict[str, tuple[int, ...]] = dict.fromkeys(
        ("score", "fast_score", "level_db", "distance"), (batch,)
    )
    if manifest.dim:
        shapes["embedding"] = (batch, manifest.dim)
    if manifest.labels:
        shapes["probabilities"] = (batch, len(manifest.labels))
    if manifest.bands_hz:
        frames = 1 + (samples - manifest.map_frame_samples) // max(manifest.map_hop_samples, 1)
        shapes["anomaly_map"] = (batch, len(manifest.bands_hz), frames)
        if manifest.family == parts.MEMORY:
            shapes[parts.FIRST] = (batch, parts.explained_dim(manifest, True))
    return shapes


def padded_context(
    context: NDArray[np.float32] | None, manifest: Manifest
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The graph's context input for one window: zeros in front, newest last; and its length."""
    padded = np.zeros((manifest.context, manifest.dim), np.float32)
    n = 0 if context is None else len(context)
    if context is not None and n:
        padded[-n:] = context
    return padded, np.array([n], np.int64)


def reference_window(
    bundle: Bundle, index: int
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """Samples and context of a reference window."""
    samples = bundle.arrays.get(f"reference.{index}.waveform")
    if samples is None or samples.dtype not in (np.int8, np.int16) or samples.ndim != 1:
        raise BundleError(
            f"{bundle.source or bundle.manifest.name}: reference window {index + 1} is missing.",
            "samples for each reference in the manifest",
            _AGAIN,
        )
    manifest = bundle.manifest
    if not manifest.min_window_samples <= len(samples) <= manifest.window_samples:
        raise BundleError(
            f"{bundle.source or manifest.name}: reference window {index + 1} has {len(samples):,} samples.",
            f"{manifest.min_window_samples:,} to {manifest.window_samples:,}, as windows have",
            _AGAIN,
        )
    if samples.dtype == np.int8:
        samples = expanded(samples)
    waveform = samples.astype(np.float32) / np.float32(32768)
    context = bundle.arrays.get(f"reference.{index}.context")
    if context is None:
        return waveform, None
    if context.ndim != 2 or len(context) > manifest.context or context.shape[1] != manifest.dim:
        raise BundleError(
            f"{bundle.source or manifest.name}: the context of reference window {index + 1} has the shape {context.shape}.",
            f"at most {manifest.context} embeddings of length {manifest.dim}",
            _AGAIN,
        )
    return waveform, context.astype(np.float32)


def read_file(path: Path) -> bytes:
    """The bytes of a file that may be a bundle.

    Raises
    ------
    BundleError
        If it can't be read, or is longer than bundles are.
    """
    try:
        content = read_limited(path, MAX_BUNDLE_BYTES)
    except OSError as error:
        raise BundleError(
            f"{path} could not be opened: {error.strerror}.",
            "a bundle, such as `auscult learn` writes",
            "Check the name and your permissions.",
        ) from None
    if content is None:
        raise _too_long(str(path))
    return content


def _too_long(source: str) -> BundleError:
    return BundleError(
        f"{source} is longer than any bundle.",
        f"at most {MAX_BUNDLE_BYTES // 2**20} MiB",
        "Check that this is the file you mean.",
    )


def _parse(content: bytes, source: str) -> onnx.ModelProto:
    model = onnx.ModelProto()
    try:
        model.ParseFromString(content)
    except (DecodeError, RuntimeError, ValueError):
        model.Clear()
    # Counted first: nothing that follows may take long over a file that is too large.
    if model.graph.node:
        _refuse_crowds(model, source)
    # Protobuf gives bytes for text that is no UTF-8; nothing that follows expects them.
    if not model.graph.node or not _is_plain_text(model, source):
        raise BundleError(
            f"{source} is no bundle, or is broken: its {len(content):,} bytes are not an ONNX model.",
            "a whole file that `auscult learn` wrote",
            "Copy it again, or learn it again.",
        )
    return model


def _refuse_crowds(model: onnx.ModelProto, source: str) -> None:
    """More of anything than bundles have: told by lengths alone."""
    graph = model.graph
    longest = {MANIFEST_KEY: MAX_MANIFEST_BYTES, ARRAYS_KEY: arrays_text.MAX_ARRAYS_BYTES}
    for what, n, most in (
        ("nodes", len(graph.node), MAX_NODES),
        ("constants", len(graph.initializer), MAX_CONSTANTS),
        ("inputs", len(graph.input), MAX_NODES),
        ("outputs", len(graph.output), MAX_NODES),
        ("described values", len(graph.value_info), MAX_CONSTANTS),
        ("texts", len(model.metadata_props), 100),
        *(
            (f"bytes in {entry.key[:40]!r}", len(entry.value), longest.get(entry.key, 2**20))
            for entry in islice(model.metadata_props, 100)
        ),
    ):
        if n > most:
            raise _too_many(source, f"{n:,} {what}", f"{most:,}")


def _too_many(source: str, found: str, most: str) -> BundleError:
    return BundleError(
        f"{source} has {found}.", f"at most {most}", "Check that this is the file you mean."
    )


def _is_plain_text(model: onnx.ModelProto, source: str) -> bool:
    for n, part in enumerate(_parts(model)):
        if n > MAX_PARTS:
            raise _too_many(source, f"more than {MAX_PARTS:,} parts", f"{MAX_PARTS:,}")
        if isinstance(part, bytes):
            return False
    return True


def _parts(message: Message) -> Iterator[str | bytes | Message]:
    """All names and texts in a message, and all messages within it."""
    for kind, value in message.ListFields():
        if kind.type == kind.TYPE_STRING:
            yield from [value] if isinstance(value, str | bytes) else value
        elif kind.type == kind.TYPE_MESSAGE:
            for part in [value] if isinstance(value, Message) else value:
                yield part
                yield from _parts(part)


def _refuse_what_reaches_out(model: onnx.ModelProto, source: str) -> None:
    tensors = _tensors(model.graph)
    for tensor in tensors:
        if tensor.external_data or tensor.data_location != TensorProto.DEFAULT:
            raise BundleError(
                f"{source}: its constant '{tensor.name}' points to another file.",
                "all data inside the bundle",
                _DO_NOT_USE,
            )
    attributes = chain.from_iterable(node.attribute for node in model.graph.node)
    sparse = any(a.HasField("sparse_tensor") or a.sparse_tensors for a in attributes)
    if model.functions or model.training_info or model.graph.sparse_initializer or sparse:
        raise BundleError(
            f"{source} defines functions, training steps or sparse constants of its own.",
            "a plain graph",
            "Export it again with Auscult.",
        )
    versions = [entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")]
    if len(versions) != 1 or not MIN_OPSET <= versions[0] <= MAX_OPSET:
        raise BundleError(
            f"{source} is written in opset {', '.join(map(str, versions)) or 'unknown'}.",
            f"one opset, from {MIN_OPSET} to {MAX_OPSET}",
            "Export it again with opset 18.",
        )
    for node in model.graph.node:
        _refuse_foreign(node, source)
        _refuse_wild(node, source)
    for tensor in tensors:
        _check_tensor(tensor, source)


def _refuse_foreign(node: onnx.NodeProto, source: str) -> None:
    nested = any(a.HasField("g") or a.graphs for a in node.attribute)
    if node.domain not in ("", "ai.onnx") or node.op_type not in ALLOWED_OPERATORS or nested:
        name = f"{node.domain}.{node.op_type}" if node.domain else node.op_type
        raise BundleError(
            f"{source} uses the operator {name}.",
            "only the operators that bundles are made of",
            _DO_NOT_USE,
        )


def _refuse_wild(node: onnx.NodeProto, source: str) -> None:
    """Steps and lengths that are nothing, or beyond measure: not every program that meets them stands it."""
    if node.op_type == "Constant":
        return
    for attribute in node.attribute:
        least = 1 if attribute.name in _POSITIVE_ATTRIBUTES else -_MAX_ATTRIBUTE
        # Of a number that is not there, protobuf says 0.
        given = [*attribute.ints, *([attribute.i] if attribute.HasField("i") else [])]
        if any(not least <= number <= _MAX_ATTRIBUTE for number in given):
            raise BundleError(
                f"{source}: '{attribute.name}' of a {node.op_type} is {given[:8]}.",
                f"{least:,} to {_MAX_ATTRIBUTE:,}",
                _DO_NOT_USE,
            )


def _check_tensor(tensor: onnx.TensorProto, source: str) -> None:
    """As many values as its shape says, and of a kind that graphs of bundles compute with."""
    place, size = _VALUES.get(tensor.data_type, ("", 0))
    n = prod(tensor.dims)
    whole = bool(place) and min(tensor.dims, default=0) >= 0
    if whole and tensor.HasField("raw_data"):
        whole = len(tensor.raw_data) == n * size
    elif whole:
        values = getattr(tensor, place)
        whole = len(values) == n
        if whole and place == "int32_data" and n:
            low, high = _range(tensor.data_type)
            whole = low <= min(values) and max(values) <= high
    if not whole:
        raise BundleError(
            f"{source}: its constant '{tensor.name}' is not whole.",
            f"{n:,} numbers, as its shape says",
            _AGAIN,
        )


def _range(kind: int) -> tuple[int, int]:
    dtype = np.dtype(onnx.helper.tensor_dtype_to_np_dtype(kind))
    if dtype.kind == "b":
        return 0, 1
    # Half precision is kept as its bits.
    limits = np.iinfo(np.uint16 if dtype.kind == "f" else dtype)
    return int(limits.min), int(limits.max)


def _tensors(graph: onnx.GraphProto) -> list[onnx.TensorProto]:
    constants = [a.t for node in graph.node for a in node.attribute if a.HasField("t")]
    listed = [t for node in graph.node for a in node.attribute for t in a.tensors]
    return [*graph.initializer, *constants, *listed]


def _check_inputs(model: onnx.ModelProto, manifest: Manifest, source: str) -> None:
    found = {node.name for node in model.graph.input}
    outputs = {node.name for node in model.graph.output}
    wanted, needed = {"waveform"}, {"embedding"}
    if manifest.family != EMBEDDER:
        wanted |= {"context", "context_length"} if manifest.context else set()
        needed = {"score", "level_db"}
    if found != wanted or not needed <= outputs:
        raise BundleError(
            f"{source}: its graph takes {sorted(found)} and gives {sorted(outputs)}.",
            f"inputs {sorted(wanted)}, and at least the outputs {sorted(needed)}",
            _AGAIN,
        )


def _check_cost(model: onnx.ModelProto, manifest: Manifest, source: str) -> None:
    """What the longest and the shortest window cost; others are seen to by the engine, when they come."""
    estimate = Estimate(model)
    for samples in sorted({manifest.window_samples, manifest.min_window_samples}):
        try:
            excess = estimate.cost(_input_shapes(model, manifest, samples, source)).over()
        except UnknownCost as unknown:
            raise BundleError(
                f"{source}: the shapes in its graph do not fit together, or can't be told before it runs: {unknown}.",
                "a graph as Auscult writes it, in which shapes follow from the length of a window",
                _AGAIN,
            ) from None
        if excess:
            raise BundleError(f"{source} makes {excess} of one window.", LIMITS, _DO_NOT_USE)


def _input_shapes(
    model: onnx.ModelProto, manifest: Manifest, samples: int, source: str
) -> dict[str, Shape]:
    """Shapes of the inputs for one window: as the graph says, and where it leaves them open, as the manifest does."""
    known = {
        "waveform": (TensorProto.FLOAT, (1, samples)),
        "context": (TensorProto.FLOAT, (1, manifest.context, manifest.dim)),
        "context_length": (TensorProto.INT64, (1,)),
    }
    shapes: dict[str, Shape] = {}
    for value in model.graph.input:
        kind, shape = known[value.name]
        tensor = value.type.tensor_type
        fixed = [axis.dim_value for axis in tensor.shape.dim]
        if tensor.elem_type != kind or len(fixed) != len(shape):
            raise BundleError(
                f"{source}: the input '{value.name}' of its graph is of another kind.",
                f"{'float32' if kind == TensorProto.FLOAT else 'int64'} of {len(shape)} axes",
                _AGAIN,
            )
        shapes[value.name] = tuple(n or m for n, m in zip(fixed, shape, strict=True))
    return shapes


def _digest(model: onnx.ModelProto) -> str:
    return hashlib.sha256(model.SerializeToString(deterministic=True)).hexdigest()


def _check_digest(model: onnx.ModelProto, entries: Mapping[str, str], source: str) -> None:
    bare = onnx.ModelProto()
    bare.CopyFrom(model)
    del bare.metadata_props[:]
    for key, value in entries.items():
        if key != DIGEST_KEY:
            _add(bare, key, value)
    if entries.get(DIGEST_KEY) != _digest(bare):
        raise BundleError(
            f"{source} has changed since it was written: its digest differs.",
            "the file as Auscult wrote it",
            "Copy it again; if it was edited on purpose, write it with Auscult.",
        )


def _add(model: onnx.ModelProto, key: str, value: str) -> None:
    entry = model.metadata_props.add()
    entry.key, entry.value = key, value
