"""Several embedders as one: their embeddings side by side, each judged by a distance of its own.

One covariance over all of them would have to be learned from as little sound; two distances, added, need no more than each
alone.
"""

from collections.abc import Sequence
from dataclasses import replace

import onnx
from onnx import TensorProto, compose, helper

from auscult.errors import RecipeError
from auscult.memory.graph import IR_VERSION, OPSET, Embedder
from auscult.runtime.extract import extract

PLUS = "+"


def together(embedders: Sequence[Embedder]) -> Embedder:
    """One graph with the embeddings of several side by side.

    Parameters
    ----------
    embedders
        Two at least. Explanations come from the first; what it draws is drawn.

    Returns
    -------
    embedder
        `parts` are the lengths of their embeddings; its recipe holds theirs by name.

    Raises
    ------
    RecipeError
        If they do not hear the same windows, or two have the same name.

    Examples
    --------
    >>> from auscult.memory.graph import spectrum_embedder
    >>> from auscult.memory.spectrum import PRESETS
    >>> fine, coarse = (spectrum_embedder(PRESETS[p], name=p) for p in ("default", "edge"))
    >>> both = together([fine, coarse])
    >>> both.name, both.dim, both.parts, len(both.bands_hz)
    ('default+edge', 576, (384, 192), 128)
    """
    first = embedders[0]
    name = PLUS.join(one.name for one in embedders)
    if len({one.name for one in embedders}) < len(embedders):
        raise RecipeError(
            f"'{name}' names an embedder twice.", "different embedders", "Name each once."
        )
    for other in embedders[1:]:
        _refuse_other_windows(first, other)
    return replace(
        first,
        model=_joined(embedders),
        name=name,
        recipe={one.name: one.recipe for one in embedders},
        min_window_samples=max(one.min_window_samples for one in embedders),
        dim=sum(one.dim for one in embedders),
        dims=tuple(one.dim for one in embedders),
        licences=tuple(dict.fromkeys(note for one in embedders for note in one.licences)),
    )


def _refuse_other_windows(first: Embedder, other: Embedder) -> None:
    if _hears(first) != _hears(other):
        raise RecipeError(
            f"{first.name} hears {_hears(first)}, {other.name} {_hears(other)}.",
            "embedders that hear the same windows",
            "Describe the one's windows as the other's, or learn a bundle with each.",
        )


def _hears(one: Embedder) -> str:
    return (
        f"{one.window_samples:,} samples every {one.hop_samples:,} at {one.rate_hz:,} Hz"
        f" with {one.context} before them"
    )


def _joined(embedders: Sequence[Embedder]) -> onnx.ModelProto:
    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []
    for index, one in enumerate(embedders):
        # Of the others, the embedding is enough.
        model = extract(one.model, ["embedding"]) if index else one.model
        # Names inside must not meet; what is heard, and what the first one gives, is called as ever.
        prefix = f"{index}."
        names = {f"{prefix}{name}": name for name in ("waveform", "level_db", "log_bands")}
        graph = compose.add_prefix(model, prefix).graph
        for node in graph.node:
            node.input[:] = [names.get(name, name) for name in node.input]
            node.output[:] = [names.get(name, name) for name in node.output]
        nodes += graph.node
        constants += graph.initializer
    parts = [f"{index}.embedding" for index in range(len(embedders))]
    nodes.append(helper.make_node("Concat", parts, ["embedding"], name="embedding", axis=1))
    first = embedders[0].model.graph
    outputs = [value for value in first.output if value.name != "embedding"]
    dim = sum(one.dim for one in embedders)
    outputs.append(helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", dim]))
    graph = helper.make_graph(nodes, "auscult", list(first.input), outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = IR_VERSION
    return model
