"""The bundle: one ONNX file from the raw waveform to the score, with all that is known about it inside.

Three texts stand in the model's metadata:

- `auscult.manifest` — JSON, see `manifest.schema.json`
- `auscult.arrays`   — JSON {name: {dtype, shape, data (base64)}}: reference windows, and what a memory keeps of normal
- `auscult.sha256`   — digest of the whole model without this entry

A bundle may come from anywhere. It is data and can't run code; `load` refuses what is not a bundle, what would reach
outside its own bytes, and what does not give the scores that it says it gives.
"""

import base64
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError, Message
from numpy.typing import NDArray

from auscult.errors import BundleError
from auscult.runtime.engine import Engine
from auscult.runtime.manifest import Manifest, plain_json

MANIFEST_KEY = "auscult.manifest"
ARRAYS_KEY = "auscult.arrays"
DIGEST_KEY = "auscult.sha256"

EMBEDDER = "embedder"
"""Family of a file that only embeds: no score yet, `auscult learn --embedder` makes a bundle of it."""

MAX_BUNDLE_BYTES = 512 * 2**20
MAX_ARRAYS_BYTES = 64 * 2**20
MAX_NODES = 20_000
MAX_ELEMENTS = 2**27  # of all that is computed from one window together

_DTYPES = ("float16", "float32", "int16", "int32", "int64")

# What a front end, the neural families and a distance are made of. Not in it: control flow, sequences, random numbers,
# and operators whose output size is a number in the file rather than a consequence of the input.
ALLOWED_OPERATORS = frozenset(
    """Abs Add And ArgMax ArgMin AveragePool BatchNormalization Cast Ceil Clip Concat Constant Conv ConvInteger ConvTranspose
    Cos DequantizeLinear Div DynamicQuantizeLinear Einsum Equal Erf Exp Flatten Floor Gather GatherElements GatherND Gelu Gemm
    GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual GroupNormalization HardSigmoid HardSwish Identity
    InstanceNormalization LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax LRN MatMul MatMulInteger Max MaxPool Min
    Mod Mul Neg Not Or Pow PRelu QLinearConv QLinearMatMul QuantizeLinear Reciprocal ReduceL1 ReduceL2 ReduceMax
    ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape Round ScatterElements ScatterND Selu Shape Sigmoid
    Sign Sin Slice Softmax Softplus Split Sqrt Squeeze STFT Sub Sum Tanh TopK Transpose Unsqueeze Where""".split()  # noqa: SIM905 - as prose it can be read
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Bundle:
    """A loaded or freshly made bundle.

    Parameters
    ----------
    manifest
        What it says of itself.
    model
        The graph, without metadata.
    arrays
        What it keeps beside the graph.
    source
        Where it was loaded from, for messages.
    """

    manifest: Manifest
    model: onnx.ModelProto
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    source: str = ""

    @cached_property
    def graph_bytes(self) -> bytes:
        """The graph alone, for an engine."""
        return bytes(self.model.SerializeToString())

    @cached_property
    def weights(self) -> Mapping[str, NDArray[Any]]:
        """The graph's own constants by name (a memory's means and directions among them)."""
        return {t.name: onnx.numpy_helper.to_array(t) for t in self.model.graph.initializer}

    def engine(self, *, threads: int = 1) -> Engine:
        """The graph made ready to run."""
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
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        del model.metadata_props[:]
        _add(model, MANIFEST_KEY, self.manifest.to_json())
        _add(model, ARRAYS_KEY, _arrays_to_json(self.arrays))
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
            _write_whole(target, content)
        except OSError as error:
            raise BundleError(
                f"{target} could not be written: {error.strerror}.",
                "a folder that exists and may be written to",
                "Choose another place with -o.",
            ) from None
        return target


def load(path: str | os.PathLike[str]) -> Bundle:
    """Open a bundle: checked, and proved on its own reference windows.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    BundleError
        If it is no bundle, broken, of a newer format, too large, reaches outside itself, uses operators that bundles may
        not use, or gives other scores than it says.
    """
    source = Path(path)
    bundle = loads(_read_limited(source), str(source))
    verify(bundle)
    return bundle


def loads(content: bytes, source: str = "bundle") -> Bundle:
    """Open a bundle from bytes, checked but not yet run: see `load` and `verify`.

    Raises
    ------
    BundleError
        As `load`.
    """
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
    arrays = _arrays_from_json(entries.get(ARRAYS_KEY, "{}"), source)
    _check_inputs(model, manifest, source)
    _check_size(model, manifest, source)
    del model.metadata_props[:]
    return Bundle(manifest=manifest, model=model, arrays=arrays, source=source)


def verify(bundle: Bundle, engine: Engine | None = None) -> float:
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
            "Get the bundle again from where it was made.",
        )
    return max((_error(bundle, runner, i) for i in range(len(manifest.references))), default=0.0)


def _error(bundle: Bundle, engine: Engine, index: int) -> float:
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
    engine: Engine,
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
                "Get the bundle again from where it was made.",
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
        ("score", "fast_score", "level_db"), (batch,)
    )
    if manifest.dim:
        shapes["embedding"] = (batch, manifest.dim)
    if manifest.labels:
        shapes["probabilities"] = (batch, len(manifest.labels))
    if manifest.bands_hz:
        frames = 1 + (samples - manifest.map_frame_samples) // max(manifest.map_hop_samples, 1)
        shapes["anomaly_map"] = (batch, len(manifest.bands_hz), frames)
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
    if samples is None or samples.dtype != np.int16 or samples.ndim != 1:
        raise BundleError(
            f"{bundle.source or bundle.manifest.name}: reference window {index + 1} is missing.",
            "samples for each reference in the manifest",
            "Get the bundle again from where it was made.",
        )
    waveform = samples.astype(np.float32) / np.float32(32768)
    context = bundle.arrays.get(f"reference.{index}.context")
    if context is None:
        return waveform, None
    manifest = bundle.manifest
    if context.ndim != 2 or len(context) > manifest.context or context.shape[1] != manifest.dim:
        raise BundleError(
            f"{bundle.source or manifest.name}: the context of reference window {index + 1} has the shape {context.shape}.",
            f"at most {manifest.context} embeddings of length {manifest.dim}",
            "Get the bundle again from where it was made.",
        )
    return waveform, context.astype(np.float32)


def _read_limited(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_BUNDLE_BYTES:
            raise BundleError(
                f"{path} is {size / 2**20:,.0f} MiB long.",
                f"a bundle of at most {MAX_BUNDLE_BYTES // 2**20} MiB",
                "Check that this is the file you mean.",
            )
        return path.read_bytes()
    except OSError as error:
        raise BundleError(
            f"{path} could not be opened: {error.strerror}.",
            "a bundle, such as `auscult learn` writes",
            "Check the name and your permissions.",
        ) from None


def _parse(content: bytes, source: str) -> onnx.ModelProto:
    model = onnx.ModelProto()
    try:
        model.ParseFromString(content)
    except (DecodeError, RuntimeError, ValueError):
        model.Clear()
    # Protobuf gives bytes for text that is no UTF-8; nothing that follows expects them.
    if not model.graph.node or not all(isinstance(text, str) for text in _texts(model)):
        raise BundleError(
            f"{source} is no bundle, or is broken: its {len(content):,} bytes are not an ONNX model.",
            "a whole file that `auscult learn` wrote",
            "Copy it again, or learn it again.",
        )
    return model


def _texts(message: Message) -> Iterator[str | bytes]:
    """All names and texts in a message and those within it."""
    for kind, value in message.ListFields():
        if kind.type == kind.TYPE_STRING:
            yield from [value] if isinstance(value, str | bytes) else value
        elif kind.type == kind.TYPE_MESSAGE:
            for part in [value] if isinstance(value, Message) else value:
                yield from _texts(part)


def _refuse_what_reaches_out(model: onnx.ModelProto, source: str) -> None:
    for tensor in _tensors(model.graph):
        if tensor.external_data or tensor.data_location != onnx.TensorProto.DEFAULT:
            raise BundleError(
                f"{source}: its constant '{tensor.name}' points to another file.",
                "all data inside the bundle",
                "Do not use this file; get the bundle again from where it was made.",
            )
    attributes = [a for node in model.graph.node for a in node.attribute]
    sparse = any(a.HasField("sparse_tensor") or a.sparse_tensors for a in attributes)
    if model.functions or model.training_info or model.graph.sparse_initializer or sparse:
        raise BundleError(
            f"{source} defines functions, training steps or sparse constants of its own.",
            "a plain graph",
            "Export it again with Auscult.",
        )
    if len(model.graph.node) > MAX_NODES:
        raise BundleError(
            f"{source} has {len(model.graph.node):,} nodes.",
            f"at most {MAX_NODES:,}",
            "Check that this is the file you mean.",
        )
    for node in model.graph.node:
        _refuse_foreign(node, source)


def _refuse_foreign(node: onnx.NodeProto, source: str) -> None:
    nested = any(a.HasField("g") or a.graphs for a in node.attribute)
    if node.domain not in ("", "ai.onnx") or node.op_type not in ALLOWED_OPERATORS or nested:
        name = f"{node.domain}.{node.op_type}" if node.domain else node.op_type
        raise BundleError(
            f"{source} uses the operator {name}.",
            "only the operators that bundles are made of",
            "Do not use this file; get the bundle again from where it was made.",
        )


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
            "Get the bundle again from where it was made.",
        )


def _check_size(model: onnx.ModelProto, manifest: Manifest, source: str) -> None:
    """A few nodes that double what is before them would fill any memory: what one window makes is worked out beforehand."""
    sizes = {"batch": 1, "samples": manifest.window_samples, "k": max(manifest.context, 1)}
    sized = onnx.ModelProto()
    sized.CopyFrom(model)
    for value in sized.graph.input:
        for axis in value.type.tensor_type.shape.dim:
            if axis.dim_param:
                axis.dim_value = sizes.get(axis.dim_param, 1)
    try:
        found = onnx.shape_inference.infer_shapes(sized).graph.value_info
    except onnx.shape_inference.InferenceError:
        raise BundleError(
            f"{source}: the shapes in its graph do not fit together.",
            "a graph as Auscult writes it",
            "Get the bundle again from where it was made.",
        ) from None
    shapes = [[axis.dim_value for axis in value.type.tensor_type.shape.dim] for value in found]
    elements = sum(prod(shape) for shape in shapes)
    if elements > MAX_ELEMENTS:
        raise BundleError(
            f"{source} makes {elements:,} numbers of one window.",
            f"at most {MAX_ELEMENTS:,}",
            "Do not use this file; get the bundle again from where it was made.",
        )


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


def _arrays_to_json(arrays: Mapping[str, NDArray[Any]]) -> str:
    return json.dumps(
        {
            name: {
                "dtype": str(array.dtype),
                "shape": array.shape,
                "data": base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii"),
            }
            for name, array in arrays.items()
        }
    )


def _arrays_from_json(text: str, source: str) -> dict[str, NDArray[Any]]:
    problem = BundleError(
        f"{source}: the arrays in its metadata are broken.",
        "arrays as Auscult writes them",
        "Get the bundle again from where it was made.",
    )
    if len(text) > MAX_ARRAYS_BYTES:
        raise problem
    try:
        entries = plain_json(text)
        return {str(name): _array(entry) for name, entry in entries.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise problem from None


def _array(entry: Mapping[str, Any]) -> NDArray[Any]:
    if entry["dtype"] not in _DTYPES:
        raise ValueError(entry["dtype"])
    raw = base64.b64decode(entry["data"], validate=True)
    array = np.frombuffer(raw, np.dtype(entry["dtype"])).reshape(entry["shape"])
    if array.dtype.kind == "f" and not np.all(np.isfinite(array)):
        raise ValueError("not finite")
    return array


def _write_whole(target: Path, content: bytes) -> None:
    """Temporary file beside it, flushed, renamed: an interrupted write leaves the old file or none."""
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # A temporary file is closed to others; the result is as open as the user's other files.
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
