"""Waveform in, arrays out: the bundle's graph on onnxruntime."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from auscult.audio.sound import Samples
from auscult.errors import EngineError
from auscult.runtime.cost import LIMITS, Estimate, UnknownCost

Arrays = dict[str, NDArray[np.float32]]

# Windows of a stream have one shape, recordings end with some more.
_MAX_REMEMBERED = 1000

FAILURES = (
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
    ValueError,  # an input is missing, or a name is no UTF-8
)
"""What onnxruntime raises."""


class Runner(Protocol):
    """What any engine does: `Engine` for ONNX graphs, `auscult.runtime.litert.LiteEngine` for those of TFLite.

    Attributes
    ----------
    name
        Of the engine, as tolerances in a manifest name it.
    inputs, outputs
        Names that its graph takes and gives.
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    def run(
        self,
        waveform: Samples,
        *,
        context: NDArray[np.float32] | None = None,
        context_length: NDArray[np.int64] | None = None,
        outputs: Sequence[str] | None = None,
    ) -> Arrays:
        """Run the graph: see `Engine.run`."""
        ...


def quiet_session(model: bytes | str, *, threads: int = 1) -> ort.InferenceSession:
    """A session of onnxruntime that prints nothing, and leaves the other cores alone; what it raises is in `FAILURES`.

    Parameters
    ----------
    model
        The serialised model, or the path of its file.
    threads
        For one call.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Without the fallback, which would be to the same provider, and prints.
    return ort.InferenceSession(
        model, options, providers=["CPUExecutionProvider"], enable_fallback=0
    )


class Engine:
    """One graph, loaded once; `run` may be called from several threads.

    Parameters
    ----------
    model
        The serialised ONNX model, already checked by `auscult.runtime.bundle`.
    threads
        Threads for one call. One is the right number for small graphs and shared machines.

    Raises
    ------
    EngineError
        If onnxruntime does not take the graph.
    """

    name = "onnxruntime"

    def __init__(self, model: bytes, *, threads: int = 1) -> None:
        # That a graph points to no other file was seen to when its bundle was opened; onnxruntime would follow.
        try:
            self._session = quiet_session(model, threads=threads)
        except FAILURES as error:
            raise EngineError(
                f"onnxruntime does not take this graph: {_first_line(error)}",
                "a graph that Auscult wrote",
                "Get the bundle again, or update onnxruntime: pip install -U onnxruntime",
            ) from None
        self._only_asked_for = ort.RunOptions()
        self._only_asked_for.only_execute_path_to_fetches = True
        self._only_asked_for.log_severity_level = 4
        self.inputs = tuple(node.name for node in self._session.get_inputs())
        self.outputs = tuple(node.name for node in self._session.get_outputs())
        self._estimate = Estimate(onnx.load_model_from_string(model))
        self._affordable: set[tuple[tuple[int, ...], ...]] = set()

    def run(
        self,
        waveform: Samples,
        *,
        context: NDArray[np.float32] | None = None,
        context_length: NDArray[np.int64] | None = None,
        outputs: Sequence[str] | None = None,
    ) -> Arrays:
        """Run the graph.

        Parameters
        ----------
        waveform
            Shape (batch, samples), float32.
        context
            Shape (batch, k, dim): embeddings of earlier windows, newest last, zeros in front where there are fewer.
        context_length
            Shape (batch,): how many of the k are real. Default: none.
        outputs
            Names wanted; only what they need is computed. Default: all.

        Returns
        -------
        arrays
            By output name.

        Raises
        ------
        EngineError
            If the shapes don't fit the graph, an input that it needs is missing, or it would make more numbers of windows of
            this length than bundles may.
        """
        feeds: dict[str, NDArray[np.generic]] = {"waveform": waveform}
        if context is not None:
            feeds["context"] = context
            feeds["context_length"] = np.asarray(context_length, np.int64)
        names = list(self.outputs if outputs is None else outputs)
        self._refuse_excess(feeds)
        try:
            values = self._session.run(names, feeds, self._only_asked_for)
        except FAILURES as error:
            raise unfit(waveform.shape, _first_line(error)) from None
        return dict(zip(names, values, strict=True))

    def _refuse_excess(self, feeds: dict[str, NDArray[np.generic]]) -> None:
        """Work out what a run costs before the first with inputs of these shapes.

        A graph may be modest for the windows that its bundle was opened with, and not for others.
        """
        shapes = tuple(value.shape for value in feeds.values())
        if shapes in self._affordable:
            return
        try:
            cost = self._estimate.cost({name: value.shape for name, value in feeds.items()})
        except UnknownCost as unknown:
            raise unfit(shapes[0], str(unknown)) from None
        excess = cost.over(windows=max(shapes[0][0], 1))
        if excess:
            raise EngineError(
                f"The bundle would compute {excess} for a window of shape {shapes[0]}.",
                LIMITS,
                "Do not use this file; get the bundle again from where it was made.",
            )
        if len(self._affordable) >= _MAX_REMEMBERED:
            self._affordable.clear()
        self._affordable.add(shapes)


def unfit(shape: tuple[int, ...], why: str) -> EngineError:
    """The error of an engine that can't judge such a window."""
    return EngineError(
        f"The bundle could not judge a window of shape {shape}: {why}",
        "a window as its manifest describes",
        "Check the bundle: auscult bundle verify FILE",
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0][:300]
