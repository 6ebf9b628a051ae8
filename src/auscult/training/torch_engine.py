"""A bundle's graph on PyTorch, behind the door that every engine has: what the others say can be held against it."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from auscult.audio.sound import Samples
from auscult.errors import BundleError
from auscult.runtime.bundle import Bundle
from auscult.runtime.engine import Arrays, unfit
from auscult.runtime.litert import INPUTS
from auscult.training.twin import Twin

# Rows and columns of pictures have lengths of their own; what is asked for elsewhere is one number or vector a window.
_LEFT_OUT = ("anomaly_map", "log_bands")


class TorchEngine:
    """The twin of a bundle's graph: whole windows, one after the other.

    Parameters
    ----------
    bundle
        An ONNX bundle whose network is in float.

    Raises
    ------
    BundleError
        If it is none, or has an operator that PyTorch has no counterpart of here.
    """

    name = "torch"

    def __init__(self, bundle: Bundle) -> None:
        manifest = bundle.manifest
        if bundle.tflite:
            raise BundleError(
                f"{bundle.source or manifest.name} is a TFLite bundle.",
                "an ONNX bundle, whose graph PyTorch can follow",
                "Take the bundle that it was made of.",
            )
        inputs: dict[str, NDArray[np.generic]] = {
            "waveform": np.zeros((1, manifest.window_samples), np.float32)
        }
        if manifest.context:
            inputs["context"] = np.zeros((1, manifest.context, manifest.dim), np.float32)
            inputs["context_length"] = np.zeros(1, np.int64)
        made = [value.name for value in bundle.model.graph.output]
        self.inputs = INPUTS[: len(inputs)]
        self.outputs = tuple(name for name in made if name not in _LEFT_OUT)
        self._window = manifest.window_samples
        with torch.no_grad():
            self._twin = Twin(bundle.model, inputs, self.outputs).eval()

    def run(
        self,
        waveform: Samples,
        *,
        context: NDArray[np.float32] | None = None,
        context_length: NDArray[np.int64] | None = None,
        outputs: Sequence[str] | None = None,
    ) -> Arrays:
        """Run the graph, once for each window: as `auscult.runtime.engine.Engine.run`.

        Raises
        ------
        EngineError
            If windows have another length.
        """
        feeds: list[NDArray[np.generic]] = [waveform]
        if context is not None:
            feeds += [context, np.asarray(context_length, np.int64)]
        if waveform.shape[1:] != (self._window,) or len(feeds) != len(self.inputs):
            raise unfit(waveform.shape, f"it takes {', '.join(self.inputs)} of whole windows")
        rows = [self._row([feed[i : i + 1] for feed in feeds]) for i in range(len(waveform))]
        wanted = self.outputs if outputs is None else outputs
        return {name: np.concatenate([row[name] for row in rows]) for name in wanted}

    def _row(self, feeds: Sequence[NDArray[np.generic]]) -> Arrays:
        with torch.no_grad():
            found = self._twin(*[torch.from_numpy(np.array(feed)) for feed in feeds])
        return {name: value.numpy() for name, value in zip(self.outputs, found, strict=True)}
