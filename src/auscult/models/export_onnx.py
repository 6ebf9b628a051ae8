"""A detector as an ONNX graph: the waveform in, every output of a bundle out."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from auscult.memory.graph import IR_VERSION, OPSET
from auscult.models.detector import Detector
from auscult.runtime.manifest import Fingerprint, Manifest
from auscult.runtime.parts import PART

# What is smaller costs nothing to turn, and may be read by its name.
_SMALL = 1024

ORDER = ("score", "distance", "level_db", "probabilities", "embedding", "anomaly_map")


def to_onnx(detector: Detector, *, inspect: bool = False) -> onnx.ModelProto:
    """Export a detector, for batches of any size and waveforms of any length that it takes.

    Parameters
    ----------
    detector
        On the CPU.
    inspect
        Also give the feature maps of its layers, as `feature_map.LAYER`.

    Returns
    -------
    model
        Input `waveform` (batch, samples).

    Examples
    --------
    >>> from auscult.models.transfer import Transfer
    >>> [value.name for value in to_onnx(Transfer.tiny()).graph.output]
    ['score', 'distance', 'level_db', 'probabilities', 'embedding']
    """
    detector.eval()
    graph = _Graph(detector, inspect=inspect)
    least, most = detector.min_window_samples, detector.window_samples
    # Of two lengths the exporter must see one that is neither the shortest nor 1.
    length = most if most > least else 2 * least
    waveform = torch.zeros(2, length)
    with torch.no_grad():
        names = graph.names(waveform)
    axes = {0: torch.export.Dim("batch", min=1), 1: torch.export.Dim("samples", min=least)}
    with quietly():
        program = torch.onnx.export(
            graph,
            (waveform,),
            dynamo=True,
            opset_version=OPSET,
            input_names=["waveform"],
            output_names=names,
            dynamic_shapes=(axes,),
            verbose=False,
        )
    assert program is not None  # noqa: S101 - the exporter gives nothing only where it writes a file
    return _turned_once(_bare(program.model_proto))


def manifest_of(detector: Detector, *, name: str, hop_samples: int, data: Fingerprint) -> Manifest:
    """What a bundle says of a detector; whoever trained it knows the rest."""
    return Manifest(
        name=name,
        family=detector.family,
        sample_rate_hz=detector.rate_hz,
        window_samples=detector.window_samples,
        hop_samples=hop_samples,
        min_window_samples=detector.min_window_samples,
        pool=detector.pool,
        dim=detector.dim,
        labels=detector.labels,
        alarm_labels=detector.alarm_labels,
        bands_hz=detector.bands_hz,
        map_hop_samples=detector.map_hop_samples,
        map_frame_samples=detector.map_frame_samples,
        data=data,
    )


class _Graph(nn.Module):
    """The outputs of a detector in a fixed order: the exporter knows no names."""

    def __init__(self, detector: Detector, *, inspect: bool) -> None:
        super().__init__()
        self.detector = detector
        self.inspects = inspect

    def names(self, waveform: Tensor) -> list[str]:
        return list(self._found(waveform))

    def forward(self, waveform: Tensor) -> tuple[Tensor, ...]:
        return tuple(self._found(waveform).values())

    def _found(self, waveform: Tensor) -> dict[str, Tensor]:
        found = self.detector(waveform)
        ordered = {name: found[name] for name in ORDER if name in found}
        ordered |= {name: value for name, value in found.items() if name.startswith(PART)}
        if self.inspects:
            maps = self.detector.inspect(waveform)
            ordered |= {f"feature_map.{name}": maps[name] for name in maps}
        return ordered


def _bare(model: onnx.ModelProto) -> onnx.ModelProto:
    """Without what only the exporter has a use for."""
    model.ir_version = IR_VERSION
    del model.metadata_props[:]
    del model.graph.value_info[:]
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    return model


def _turned_once(model: onnx.ModelProto) -> onnx.ModelProto:
    """With weights as they are used: linear layers keep theirs the other way round, and would turn them for every window."""
    graph = model.graph
    weights = {one.name: one for one in graph.initializer if prod(one.dims) > _SMALL}
    turned: dict[str, onnx.TensorProto] = {}
    kept = []
    for node in graph.node:
        if node.op_type != "Transpose" or node.input[0] not in weights:
            kept.append(node)
            continue
        axes = next((list(one.ints) for one in node.attribute if one.name == "perm"), None)
        values = numpy_helper.to_array(weights[node.input[0]]).transpose(axes)
        name = node.output[0]
        turned[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
    used = {name for node in kept for name in node.input}
    constants = [one for one in graph.initializer if one.name in used]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(kept)
    graph.initializer.extend([*constants, *turned.values()])
    return model


@contextmanager
def quietly() -> Iterator[None]:
    """The exporter tells at length of operators and libraries that nobody asked for."""
    logger = logging.getLogger("torch.onnx")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)
