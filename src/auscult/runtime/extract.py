"""A part of a graph as a graph of its own."""

from collections.abc import Collection

import onnx


def extract(
    model: onnx.ModelProto, outputs: Collection[str], *, given: Collection[str] = ()
) -> onnx.ModelProto:
    """The graph that gives these outputs and computes nothing else.

    Parameters
    ----------
    model
        Its nodes in order.
    outputs
        Some of the outputs it has.
    given
        Others of its outputs that are not computed, but handed in.

    Examples
    --------
    >>> from auscult.memory.graph import spectrum_embedder
    >>> from auscult.memory.spectrum import PRESETS
    >>> whole = spectrum_embedder(PRESETS["edge"]).model
    >>> level = extract(whole, ["level_db"])
    >>> [output.name for output in level.graph.output], len(level.graph.node) < 6 < len(whole.graph.node)
    (['level_db'], True)
    """
    needed, nodes = set(outputs), []
    for node in reversed(model.graph.node):
        if needed.intersection(node.output).difference(given):
            needed.update(node.input)
            nodes.append(node)
    graph = onnx.helper.make_graph(
        nodes[::-1],
        model.graph.name,
        [
            *(value for value in model.graph.input if value.name in needed),
            *(value for value in model.graph.output if value.name in needed.intersection(given)),
        ],
        [value for value in model.graph.output if value.name in outputs],
        [tensor for tensor in model.graph.initializer if tensor.name in needed],
    )
    found = onnx.helper.make_model(graph, opset_imports=list(model.opset_import))
    found.ir_version = model.ir_version
    return found
