"""Waveform in, arrays out: a bundle's TFLite graph on LiteRT."""

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from auscult.audio.sound import Samples
from auscult.errors import EngineError, MissingExtra
from auscult.runtime.engine import Arrays, unfit

INPUTS = ("waveform", "context", "context_length")

_FAILURES = (RuntimeError, ValueError, TypeError)


class LiteEngine:
    """One TFLite graph, loaded once; `run` may be called from several threads, which wait for one another.

    Parameters
    ----------
    model
        The TFLite model, already checked by `auscult.runtime.tflite_file`.
    outputs
        Names of its outputs, in their order.
    threads
        Threads for one call.

    Raises
    ------
    MissingExtra
        If LiteRT is not installed.
    EngineError
        If it does not take the graph.
    """

    name = "litert"

    def __init__(self, model: bytes, outputs: Sequence[str], *, threads: int = 1) -> None:
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError:
            raise MissingExtra("A TFLite bundle", "tflite") from None
        try:
            with _quietly():
                self._interpreter = Interpreter(model_content=model, num_threads=threads)
                self._interpreter.allocate_tensors()
        except _FAILURES as error:
            raise EngineError(
                f"LiteRT does not take this graph: {str(error).strip()[:300]}",
                "a graph that Auscult wrote",
                "Get the bundle again, or update LiteRT: pip install -U ai-edge-litert",
            ) from None
        self._given = self._interpreter.get_input_details()
        self._made = self._interpreter.get_output_details()
        if len(self._made) != len(outputs) or not 1 <= len(self._given) <= len(INPUTS):
            raise EngineError(
                f"The graph has {len(self._given)} inputs and {len(self._made)} outputs.",
                f"at most {len(INPUTS)} inputs, and the outputs {', '.join(outputs)}",
                "Get the bundle again from where it was made.",
            )
        self.inputs = INPUTS[: len(self._given)]
        self.outputs = tuple(outputs)
        self._lock = Lock()

    def run(
        self,
        waveform: Samples,
        *,
        context: NDArray[np.float32] | None = None,
        context_length: NDArray[np.int64] | None = None,
        outputs: Sequence[str] | None = None,
    ) -> Arrays:
        """Run the graph, once for each window.

        Parameters
        ----------
        waveform, context, context_length, outputs
            As `auscult.runtime.engine.Engine` takes them; windows have the one length that the graph is for.

        Returns
        -------
        arrays
            By output name.

        Raises
        ------
        EngineError
            If shapes or names don't fit the graph.
        """
        feeds: list[NDArray[np.generic]] = [waveform]
        if context is not None:
            feeds += [context, np.asarray(context_length)]
        wanted = list(self.outputs if outputs is None else outputs)
        self._check(feeds, wanted, waveform.shape)
        rows = [self._row([feed[i : i + 1] for feed in feeds]) for i in range(len(waveform))]
        return {name: np.concatenate([row[name] for row in rows]) for name in wanted}

    def _check(
        self, feeds: list[NDArray[np.generic]], wanted: list[str], shape: tuple[int, ...]
    ) -> None:
        unknown = [name for name in wanted if name not in self.outputs]
        if unknown:
            raise unfit(shape, f"it has no output '{unknown[0]}'")
        if len(feeds) != len(self._given):
            raise unfit(shape, f"it takes {', '.join(self.inputs)}")
        for name, feed, given in zip(self.inputs, feeds, self._given, strict=True):
            expected = tuple(int(n) for n in given["shape"][1:])
            fits = feed.shape[1:] == expected and len(feed) == len(feeds[0]) > 0
            if not fits or (given["dtype"] == np.float32 and feed.dtype != np.float32):
                raise unfit(
                    shape, f"{name} is {feed.dtype} of shape {feed.shape}, not (n, *{expected})"
                )

    def _row(self, feeds: list[NDArray[np.generic]]) -> Arrays:
        with self._lock:
            for given, feed in zip(self._given, feeds, strict=True):
                self._interpreter.set_tensor(
                    given["index"], np.ascontiguousarray(feed, given["dtype"])
                )
            try:
                self._interpreter.invoke()
            except _FAILURES as error:
                raise unfit(feeds[0].shape, str(error).strip()[:300]) from None
            return {
                name: np.array(self._interpreter.get_tensor(made["index"]))
                for name, made in zip(self.outputs, self._made, strict=True)
            }


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """LiteRT writes past Python to the error stream whenever it makes itself ready."""
    sys.stderr.flush()
    try:
        kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    except OSError:  # a process that may open no more files
        yield
        return
    try:
        os.dup2(nothing, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)
