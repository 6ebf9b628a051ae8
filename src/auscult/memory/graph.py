"""ONNX nodes from NumPy arrays: the spectrum embedder, and the memory that turns any embedder into a bundle.

The DFT of frames that overlap by half needs no framing: cut the sound into chunks of `hop` samples, a = first half of a
frame times the rising half of the Hann window, b = second half times the falling one. One radix-2 step by hand,

    even bins: DFT of (a + b);    odd bins: DFT of (a - b) · exp(-2πi n / n_fft),

leaves two transforms of half the length. Cosines are the same, or opposite, at n and hop - n, and sines the other way round,
so samples n and hop - n are added or subtracted before they meet the matrices: a quarter of the work and of the file of a
DFT by convolution, made of operators that every runtime has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from auscult.audio.mel import dft_matrices, hann
from auscult.memory.distance import Distances, Whitened
from auscult.memory.spectrum import POWER_FLOOR, SpectrumRecipe
from auscult.runtime.engine import Runner

OPSET = 18
IR_VERSION = 9

# The level of digital silence: far below 24-bit noise, and finite.
_SILENCE_POWER = 1e-20


class Nodes:
    """Collects nodes and constants; every method adds one and returns the name of its output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, TensorProto] = {}

    def constant(self, name: str, value: NDArray[np.generic] | float | Sequence[int]) -> str:
        """A named constant; floats become float32, integers int64."""
        array = np.asarray(value)
        array = array.astype(np.float32 if array.dtype.kind == "f" else np.int64)
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def add(self, op: str, *inputs: str, to: str, **attributes: Any) -> str:
        """One node with one output."""
        self.nodes.append(helper.make_node(op, list(inputs), [to], name=to, **attributes))
        return to

    def reduce(self, op: str, x: str, axes: Sequence[int], *, to: str, keep: bool = True) -> str:
        """A reduction over axes."""
        name = self.constant("axes." + "_".join(str(a) for a in axes), list(axes))
        return self.add(op, x, name, to=to, keepdims=int(keep))

    def cast(self, x: str, *, to: str) -> str:
        """Whole numbers to float32."""
        self.nodes.append(helper.make_node("Cast", [x], [to], name=to, to=TensorProto.FLOAT))
        return to

    def cut(self, x: str, start: int, end: int | str, axis: int, *, to: str) -> str:
        """x[start:end] along one axis; the end may be the name of a computed value."""
        stop = end if isinstance(end, str) else self.constant(f"int.{end}", [end])
        return self.add(
            "Slice",
            x,
            self.constant(f"int.{start}", [start]),
            stop,
            self.constant(f"int.{axis}", [axis]),
            to=to,
        )

    def reversed(self, x: str, first: int, last: int, axis: int, *, to: str) -> str:
        """x[first], x[first - 1], … along one axis, down to but without x[last]."""
        numbers = [self.constant(f"int.{i}", [i]) for i in (first, last, axis, -1)]
        return self.add("Slice", x, *numbers, to=to)


@dataclass(frozen=True, kw_only=True)
class Embedder:
    """A graph from waveform to embedding, with what a manifest has to say of it.

    Parameters
    ----------
    model
        Input `waveform` (batch, samples); outputs `embedding` (batch, dim), `level_db` (batch,), and `log_bands` (batch,
        bands, frames, level removed) where there is something to draw.
    name, recipe
        What it is called, and what it was made from.
    rate_hz, window_samples, hop_samples, min_window_samples
        What it listens to.
    context
        Earlier windows that are averaged with the present one.
    bands_hz, map_hop_samples, map_frame_samples
        Axes of `log_bands`.
    licences
        Notes that have to travel with it.
    dims
        Lengths of the parts of the embedding that are judged apart; none: it is judged as one.
    engine
        What hears while learning, where that is another form of the model than `model`; it gives the same outputs.
    """

    model: onnx.ModelProto
    name: str
    recipe: dict[str, Any]
    rate_hz: int
    window_samples: int
    hop_samples: int
    min_window_samples: int
    dim: int
    context: int = 8
    bands_hz: tuple[tuple[float, float, float], ...] = ()
    map_hop_samples: int = 0
    map_frame_samples: int = 0
    licences: tuple[str, ...] = ()
    dims: tuple[int, ...] = ()
    engine: Runner | None = None

    @property
    def parts(self) -> tuple[int, ...]:
        """Lengths of the parts of the embedding that are judged apart."""
        return self.dims or (self.dim,)

    @property
    def takes_short_windows(self) -> bool:
        """Its windows may be shorter than `window_samples`."""
        return self.min_window_samples < self.window_samples

    @property
    def has_bands(self) -> bool:
        """The graph gives `log_bands`."""
        return bool(self.bands_hz)


def _model(
    nodes: Nodes, inputs: list[onnx.ValueInfoProto], outputs: list[onnx.ValueInfoProto]
) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes.nodes, "auscult", inputs, outputs, list(nodes.constants.values())
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = IR_VERSION
    model.producer_name = "auscult"
    onnx.checker.check_model(model, full_check=True)
    return model


def _value(name: str, *shape: str | int, kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, list(shape))


def _folded(n: Nodes, half: str, hop: int, parity: int) -> tuple[str, str]:
    """What cosines and what sines are multiplied with: samples n and hop - n added, or subtracted."""
    first = n.cut(half, 0, 1, 2, to=f"{half}.first")
    middle = n.cut(half, hop // 2, hop // 2 + 1, 2, to=f"{half}.middle")
    rising = n.cut(half, 1, hop // 2, 2, to=f"{half}.rising")
    falling = n.reversed(half, hop - 1, hop // 2, 2, to=f"{half}.falling")
    n.add("Add", rising, falling, to=f"{half}.even")
    n.add("Sub", rising, falling, to=f"{half}.odd")
    kinds = ("even", "odd") if parity == 0 else ("odd", "even")
    cosine, sine = (
        n.add("Concat", first, f"{half}.{kind}", middle, to=f"{half}.{part}", axis=2)
        for part, kind in zip(("cosine", "sine"), kinds, strict=True)
    )
    return cosine, sine


def _power_of_parity(
    n: Nodes, half: str, recipe: SpectrumRecipe, bins: NDArray[np.int64], parity: int
) -> str:
    """Power of the bins of one parity, (batch, frames, bins)."""
    squares = []
    columns = slice(0, recipe.hop // 2 + 1)
    inputs = _folded(n, half, recipe.hop, parity)
    for name, x, matrix in zip(
        ("real", "imaginary"), inputs, dft_matrices(recipe.n_fft, bins), strict=True
    ):
        rows = n.constant(f"dft.{name}.{parity}", matrix[:, columns].T)
        n.add("MatMul", x, rows, to=f"{name}.{parity}")
        squares.append(n.add("Mul", f"{name}.{parity}", f"{name}.{parity}", to=f"{name}2.{parity}"))
    return n.add("Add", *squares, to=f"bins.{parity}")


def _band_power(n: Nodes, chunks: str, recipe: SpectrumRecipe) -> str:
    """Mean power of the bins in each mel band, (batch, frames, bands)."""
    window = hann(recipe.n_fft)
    n.cut(chunks, 0, -1, 1, to="chunk.first")
    n.cut(chunks, 1, 2**31, 1, to="chunk.second")
    n.add("Mul", "chunk.first", n.constant("hann.rising", window[: recipe.hop]), to="half.a")
    n.add("Mul", "chunk.second", n.constant("hann.falling", window[recipe.hop :]), to="half.b")
    n.add("Add", "half.a", "half.b", to="half.0")
    n.add("Sub", "half.a", "half.b", to="half.1")
    bank = recipe.bank().astype(np.float64) / np.sum(window**2)
    used = np.flatnonzero(bank.any(axis=0))
    parts = []
    for parity in (0, 1):
        bins = used[used % 2 == parity]
        power = _power_of_parity(n, f"half.{parity}", recipe, bins, parity)
        mel = n.constant(f"mel.{parity}", bank[:, bins].T)
        parts.append(n.add("MatMul", power, mel, to=f"power.{parity}"))
    return n.add("Add", *parts, to="power")


def _chunks(n: Nodes, recipe: SpectrumRecipe) -> str:
    """The waveform in chunks of `hop` samples, (batch, chunks, hop); what is left over is dropped."""
    n.add("Shape", "waveform", to="shape")
    n.cut("shape", 1, 2, 0, to="samples")
    n.add("Div", "samples", n.constant("hop", [recipe.hop]), to="chunk.count")
    n.add("Mul", "chunk.count", "hop", to="samples.used")
    n.cut("waveform", 0, "samples.used", 1, to="waveform.used")
    shape = n.constant("chunk.shape", [0, -1, recipe.hop])
    return n.add("Reshape", "waveform.used", shape, to="chunks")


def add_level(n: Nodes) -> None:
    """Nodes from `waveform` to `level_db`: dBFS of the RMS."""
    n.add("Mul", "waveform", "waveform", to="waveform.square")
    n.reduce("ReduceMean", "waveform.square", [1], to="mean_square", keep=False)
    n.add("Add", "mean_square", n.constant("power.silence", _SILENCE_POWER), to="mean_square.1")
    n.add("Log", "mean_square.1", to="level.log")
    n.add("Mul", "level.log", n.constant("db.per_log", 10.0 / np.log(10.0)), to="level_db")


def spectrum_embedder(recipe: SpectrumRecipe, name: str = "spectrum") -> Embedder:
    """The graph of `auscult.memory.spectrum.embed`.

    Examples
    --------
    >>> from auscult.memory.spectrum import PRESETS
    >>> embedder = spectrum_embedder(PRESETS["edge"])
    >>> embedder.dim, len(embedder.bands_hz)
    (192, 64)
    """
    n = Nodes()
    power = _band_power(n, _chunks(n, recipe), recipe)
    n.add("Add", power, n.constant("power.floor", POWER_FLOOR), to="power.safe")
    n.add("Log", "power.safe", to="log")  # (batch, frames, bands)
    n.reduce("ReduceMean", "log", [1], to="log.mean")  # (batch, 1, bands)
    n.reduce("ReduceMean", "log.mean", [2], to="log.level")
    n.add("Sub", "log.mean", "log.level", to="m")
    n.add("Sub", "log", "log.mean", to="relative")
    n.add("Mul", "relative", "relative", to="relative.square")
    n.reduce("ReduceMean", "relative.square", [1], to="variance")
    n.add("Sqrt", "variance", to="s")
    n.add("Exp", "relative", to="e")
    n.add("Mul", "e", "e", to="e.square")
    n.reduce("ReduceMean", "e", [1], to="e.mean")
    n.reduce("ReduceMean", "e.square", [1], to="e.square.mean")
    n.add("Log", "e.square.mean", to="e.square.log")
    n.add("Log", "e.mean", to="e.log")
    n.add("Add", "e.log", "e.log", to="e.log.2")
    n.add("Sub", "e.square.log", "e.log.2", to="k")
    n.add("Concat", "m", "s", "k", to="msk", axis=2)
    n.add("Squeeze", "msk", n.constant("axes.1", [1]), to="embedding")
    n.add("Sub", "log", "log.level", to="log.shape")
    n.add("Transpose", "log.shape", to="log_bands", perm=[0, 2, 1])
    add_level(n)
    model = _model(
        n,
        [_value("waveform", "batch", "samples")],
        [
            _value("embedding", "batch", recipe.dim),
            _value("level_db", "batch"),
            _value("log_bands", "batch", recipe.n_bands, "frames"),
        ],
    )
    return Embedder(
        model=model,
        name=name,
        recipe=dict(recipe.to_dict()),
        rate_hz=recipe.rate_hz,
        window_samples=round(recipe.window_s * recipe.rate_hz),
        hop_samples=round(recipe.step_s * recipe.rate_hz),
        min_window_samples=recipe.rate_hz // 2,
        dim=recipe.dim,
        context=recipe.context,
        bands_hz=tuple((float(a), float(b), float(c)) for a, b, c in recipe.edges_hz().round(2)),
        map_hop_samples=recipe.hop,
        map_frame_samples=recipe.n_fft,
    )


def _distance(n: Nodes, x: str, learned: Whitened, *, prefix: str, to: str) -> None:
    """Nodes of `Whitened.__call__`; x is (batch, dim)."""
    n.add("Sub", x, n.constant(f"{prefix}.mean", learned.mean), to=f"{prefix}.centred")
    inverse = n.constant(f"{prefix}.inverse_sigma", 1.0 / learned.sigma)
    n.add("Mul", f"{prefix}.centred", inverse, to=f"{prefix}.z")
    n.add("Mul", f"{prefix}.z", f"{prefix}.z", to=f"{prefix}.z2")
    n.reduce("ReduceSum", f"{prefix}.z2", [1], to=f"{prefix}.norm2", keep=False)
    weight = n.constant(f"{prefix}.isotropic", learned.isotropic)
    n.add("Mul", f"{prefix}.norm2", weight, to=f"{prefix}.all")
    directions = n.constant(f"{prefix}.directions", learned.directions.T)
    n.add("MatMul", f"{prefix}.z", directions, to=f"{prefix}.along")
    n.add("Mul", f"{prefix}.along", f"{prefix}.along", to=f"{prefix}.along2")
    weights = n.constant(f"{prefix}.weights", learned.weights[:, None])
    n.add("MatMul", f"{prefix}.along2", weights, to=f"{prefix}.corrections")
    n.reduce("ReduceSum", f"{prefix}.corrections", [1], to=f"{prefix}.correction", keep=False)
    n.add("Add", f"{prefix}.all", f"{prefix}.correction", to=f"{prefix}.square")
    n.add("Relu", f"{prefix}.square", to=f"{prefix}.positive")
    n.add("Sqrt", f"{prefix}.positive", to=f"{prefix}.root")
    n.add("Div", f"{prefix}.root", n.constant(f"{prefix}.scale", learned.scale), to=to)


def _averaged(n: Nodes, context: int) -> str:
    """Mean of this window's embedding and of those before it."""
    if not context:
        return "embedding"
    n.reduce("ReduceSum", "context", [1], to="context.sum", keep=False)
    n.add("Add", "context.sum", "embedding", to="context.all")
    n.cast("context_length", to="context.float")
    n.add("Add", "context.float", n.constant("one", 1.0), to="context.n")
    n.add("Unsqueeze", "context.n", n.constant("axes.1", [1]), to="context.n1")
    return n.add("Div", "context.all", "context.n1", to="averaged")


def _for_full_context(n: Nodes, score: str, partial: NDArray[np.float64], *, prefix: str) -> str:
    """A mean of fewer windows scatters more; divided by how much more, its score means the same."""
    most = n.constant("context.most", [len(partial) - 1])
    n.add("Min", "context_length", most, to=f"{prefix}.context.k")
    scatter = n.constant(f"{prefix}.partial", partial)
    n.add("Gather", scatter, f"{prefix}.context.k", to=f"{prefix}.context.scatter")
    return n.add("Div", score, f"{prefix}.context.scatter", to=f"{prefix}.full")


def _for_full_window(n: Nodes, typical_samples: int) -> str:
    """sqrt(length / typical length), at most 1: so much less does the mean of fewer frames say."""
    n.add("Shape", "waveform", to="window.shape")
    n.cut("window.shape", 1, 2, 0, to="window.samples")
    n.cast("window.samples", to="window.length")
    n.add(
        "Div",
        "window.length",
        n.constant("window.typical", float(typical_samples)),
        to="window.part",
    )
    n.add("Min", "window.part", n.constant("whole", 1.0), to="window.part.1")
    return n.add("Sqrt", "window.part.1", to="window.weight")


def _parts_of(n: Nodes, x: str, dims: Sequence[int]) -> list[str]:
    """The parts of x, (batch, dim) each."""
    if len(dims) == 1:
        return [x]
    ends = list(accumulate(dims))
    return [
        n.cut(x, end - dim, end, 1, to=f"{x}.part.{index}")
        for index, (dim, end) in enumerate(zip(dims, ends, strict=True))
    ]


def _summed(n: Nodes, scores: Sequence[str], *, to: str) -> str:
    return scores[0] if len(scores) == 1 else n.add("Sum", *scores, to=to)


def prefix_of(kind: str, index: int) -> str:
    """What the constants of a part are called: those of the first are read by name."""
    return f"{kind}.{index}" if index else kind


def memory_graph(
    embedder: Embedder,
    *,
    block: Whitened,
    window: Whitened,
    partial: NDArray[np.float64] | None = None,
    others: Sequence[Distances] = (),
    typical_samples: int | None = None,
    band_mean: NDArray[np.float64] | None = None,
    band_sigma: NDArray[np.float64] | None = None,
) -> onnx.ModelProto:
    """Join an embedder and what was learned into one graph: waveform in, scores out.

    Parameters
    ----------
    embedder
        See `Embedder`.
    block, window
        Distance of averaged embeddings (`score`), and of single windows (`fast_score`).
    partial
        Shape (context + 1,): what normal sound scores with 0, 1, … windows of context, against a full context.
    others
        The same three for each part of the embedding after the first, where it has several; scores are the sum over parts.
    typical_samples
        Length of the windows learned from: shorter ones are noisier, and their scores are made less of.
    band_mean, band_sigma
        Shape (bands,): what a frame of normal sound is in each band, for `anomaly_map`; needed where the embedder has bands.

    Returns
    -------
    model
        Outputs `score`, `fast_score`, `level_db`, `embedding` and, with bands, `anomaly_map` (batch, bands, frames):
        how many deviations a frame's band is off, either way, level removed. Of several parts, also the first one's
        `first_embedding`, from which explanations are made.
    """
    n = Nodes()
    n.nodes = list(embedder.model.graph.node)
    n.constants = {t.name: t for t in embedder.model.graph.initializer}
    averaged = _averaged(n, embedder.context)
    blocks = _parts_of(n, averaged, embedder.parts)
    windows = blocks if averaged == "embedding" else _parts_of(n, "embedding", embedder.parts)
    scores, fast_scores = [], []
    learned = (Distances(block=block, window=window, partial=partial), *others)
    for i, part in enumerate(learned):
        of_block, of_window = prefix_of("block", i), prefix_of("window", i)
        score = f"{of_block}.distance"
        _distance(n, blocks[i], part.block, prefix=of_block, to=score)
        if embedder.context and part.partial is not None:
            score = _for_full_context(n, score, part.partial, prefix=of_block)
        scores.append(score)
        fast_scores.append(f"{of_window}.distance")
        _distance(n, windows[i], part.window, prefix=of_window, to=f"{of_window}.distance")
    score = _summed(n, scores, to="score.sum")
    fast_score = _summed(n, fast_scores, to="fast.sum")
    weight = n.constant("whole", 1.0)
    if typical_samples is not None and embedder.takes_short_windows:
        weight = _for_full_window(n, typical_samples)
    n.add("Mul", score, weight, to="score")
    n.add("Mul", fast_score, weight, to="fast_score")
    outputs = [
        _value("score", "batch"),
        _value("fast_score", "batch"),
        _value("level_db", "batch"),
        _value("embedding", "batch", embedder.dim),
    ]
    if embedder.has_bands and band_mean is not None and band_sigma is not None:
        n.add("Sub", "log_bands", n.constant("bands.mean", band_mean[:, None]), to="bands.off")
        n.add("Div", "bands.off", n.constant("bands.sigma", band_sigma[:, None]), to="bands.z")
        n.add("Abs", "bands.z", to="anomaly_map")
        outputs.append(_value("anomaly_map", "batch", len(band_mean), "frames"))
    if len(embedder.parts) > 1:
        # Not cut from all of it: short pieces of sound are explained that other embedders do not take.
        n.add("Identity", "0.embedding", to="first_embedding")
        outputs.append(_value("first_embedding", "batch", embedder.parts[0]))
    inputs = [_value("waveform", "batch", *_samples(embedder))]
    if embedder.context:
        inputs.append(_value("context", "batch", "k", embedder.dim))
        inputs.append(_value("context_length", "batch", kind=TensorProto.INT64))
    return _model(n, inputs, outputs)


def _samples(embedder: Embedder) -> tuple[str | int, ...]:
    # Of several embedders, the first explains short pieces of sound that another need not take.
    is_open = embedder.takes_short_windows or len(embedder.parts) > 1
    return ("samples",) if is_open else (embedder.window_samples,)
