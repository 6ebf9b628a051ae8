"""Tables of a graph that follow from a rule, written as that rule: the file is smaller, what is computed is the same.

A table of the Fourier or cosine transform is one cosine of one product; a mel filter bank has two numbers in each column, and
noughts.
Runtimes compute such constants once, when they load the graph.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from auscult.audio.mel import hann

Array = NDArray[np.float64]

TOLERANCE = 2e-6
"""Largest difference between a table and what its rule gives, relative to the largest number in it."""

MIN_NUMBERS = 4096
"""In smaller tables there is nothing to gain."""

_MOST_BINS = 4096
_MOST_ROWS = 2**15
_EXACT = 2**24  # whole numbers that float32 holds


def compacted(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph, in which large tables that a rule was found for are computed when it is loaded.

    Parameters
    ----------
    model
        A bundle's graph.

    Examples
    --------
    >>> from auscult.memory.graph import spectrum_embedder
    >>> from auscult.memory.spectrum import PRESETS
    >>> before = spectrum_embedder(PRESETS["default"]).model
    >>> before.ByteSize() > 1_000_000, compacted(before).ByteSize() < 50_000
    (True, True)
    """
    found = onnx.ModelProto()
    found.CopyFrom(model)
    used = {name for node in model.graph.node for name in node.input}
    made: list[onnx.NodeProto] = []
    kept: list[TensorProto] = []
    for tensor in model.graph.initializer:
        rule = _rule_of(tensor) if tensor.name in used else None
        if rule is None:
            kept.append(tensor)
        else:
            made += rule.nodes
            kept += rule.constants
    before = list(found.graph.node)
    del found.graph.node[:], found.graph.initializer[:]
    found.graph.node.extend([*made, *before])
    found.graph.initializer.extend(kept)
    return found


@dataclass(frozen=True, kw_only=True)
class _Rule:
    """Nodes and small constants that make a table."""

    nodes: list[onnx.NodeProto]
    constants: list[TensorProto]


def _rule_of(tensor: TensorProto) -> _Rule | None:
    if tensor.data_type != TensorProto.FLOAT or prod(tensor.dims) < MIN_NUMBERS:
        return None
    values = numpy_helper.to_array(tensor)
    shape = [n for n in values.shape if n > 1]
    if len(shape) != 2:
        return None
    table = values.reshape(shape)
    for rule in (_fourier, _cosine, _sparse):
        for across in (False, True):
            found = rule(tensor.name, table.T if across else table, values.shape, across)
            if found is not None:
                return found
    return None


def _fourier(
    name: str, table: NDArray[np.float32], shape: tuple[int, ...], across: bool
) -> _Rule | None:
    """Rows cos(2π·(k·n + offset)/N), under a Hann window or none."""
    n = table.shape[1]
    # All of a frame, or the quarter of one that the others follow from by symmetry.
    for n_fft, window in ((n, hann(n)), (4 * (n - 1), np.ones(n)), (n, np.ones(n))):
        bins = _bins_of(table, n_fft, window)
        if bins is not None:
            is_windowed = bool(np.any(window != 1.0))
            return _Writer(name, shape, across).fourier(*bins, n_fft, n, is_windowed=is_windowed)
    return None


def _cosine(
    name: str, table: NDArray[np.float32], shape: tuple[int, ...], across: bool
) -> _Rule | None:
    """Rows g·cos(π·k·(2n+1)/2N), of the discrete cosine transform."""
    n = table.shape[1]
    k = np.arange(len(table))
    if len(table) > n or 4 * n > _MOST_BINS:
        return None
    rows = np.cos(np.pi * np.outer(k, 2 * np.arange(n) + 1) / (2 * n))
    gains = (table * rows).sum(axis=1) / np.square(rows).sum(axis=1)
    if np.max(np.abs(gains[:, None] * rows - table)) > TOLERANCE:
        return None
    return _Writer(name, shape, across).fourier(2 * k, k, 4 * n, n, gains=gains)


def _bins_of(
    table: NDArray[np.float32], n_fft: int, window: Array
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """For each row its k, and its offset: 0 for a cosine, a quarter turn for a sine."""
    n_bins, n = n_fft // 2 + 1, table.shape[1]
    if n_fft % 4 or not 8 <= n_fft <= _MOST_BINS or n_bins * n >= _EXACT:
        return None
    k = np.arange(n_bins)
    cosines, sines = (_turned(k, offset, n_fft, n) * window for offset in (0, n_fft // 4))
    both = np.concatenate([cosines, sines])
    norms = np.maximum(np.linalg.norm(both, axis=1), 1e-9)
    best = np.argmax(table @ (both / norms[:, None]).T, axis=1)
    if np.max(np.abs(both[best] - table)) > TOLERANCE:
        return None
    return best % n_bins, np.where(best >= n_bins, n_fft // 4, 0)


def _turned(k: NDArray[np.int64], offset: int, n_fft: int, n: int) -> Array:
    turns = (np.outer(k, np.arange(n)) + offset) % n_fft
    return np.asarray(np.cos(2.0 * np.pi * turns / n_fft), np.float64)


def _sparse(
    name: str, table: NDArray[np.float32], shape: tuple[int, ...], across: bool
) -> _Rule | None:
    """Columns with at most two numbers, one below the other."""
    filled = table != 0.0
    first = np.argmax(filled, axis=0)
    rows = np.arange(len(table))[:, None]
    if np.any(filled & (rows != first) & (rows != first + 1)) or not 8 <= len(table) < _MOST_ROWS:
        return None
    columns = np.arange(table.shape[1])
    upper = table[first, columns]
    lower = np.where(
        first + 1 < len(table), table[np.minimum(first + 1, len(table) - 1), columns], 0.0
    )
    return _Writer(name, shape, across).sparse(first, upper, lower.astype(np.float32), len(table))


class _Writer:
    """Writes a rule for one table: `across` where rows of the rule are columns of the table."""

    def __init__(self, name: str, shape: tuple[int, ...], across: bool) -> None:
        self._name, self._shape, self._across = name, shape, across
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[TensorProto] = []

    def fourier(
        self,
        k: NDArray[np.int64],
        offset: NDArray[np.int64],
        n_fft: int,
        length: int,
        *,
        is_windowed: bool = False,
        gains: Array | None = None,
    ) -> _Rule:
        size = self._constant("n_fft", np.array(n_fft, np.float32))
        n = self._whole("n", self._along(np.arange(length)))
        turns = self._add("Mul", self._whole("k", self._down(k)), n)
        turns = self._add("Add", turns, self._whole("offset", self._down(offset)))
        # Whole turns are taken off while numbers are whole: exactly.
        whole = self._add("Mul", self._add("Floor", self._add("Div", turns, size)), size)
        rest = self._add("Sub", turns, whole)
        turn = self._constant("turn", np.array(2.0 * np.pi / n_fft, np.float32))
        table = self._add("Cos", self._add("Mul", rest, turn))
        if is_windowed:  # Hann's, as long as the transform: its cosine runs through once
            half = self._constant("half", np.array(0.5, np.float32))
            dip = self._add("Mul", half, self._add("Cos", self._add("Mul", n, turn)))
            table = self._add("Mul", table, self._add("Sub", half, dip))
        if gains is not None:
            column = self._constant("gains", self._down(gains.astype(np.float32)))
            table = self._add("Mul", table, column)
        return self._shaped(table)

    def sparse(
        self,
        first: NDArray[np.int64],
        upper: NDArray[np.float32],
        lower: NDArray[np.float32],
        rows: int,
    ) -> _Rule:
        numbers = self._whole("rows", self._down(np.arange(rows)))
        # The lower number of a column stands in the row after the upper one's.
        above = self._add("Sub", numbers, self._constant("one", np.array(1.0, np.float32)))
        at = self._whole("at", self._along(first))
        parts = []
        for part, (here, values) in enumerate(((numbers, upper), (above, lower))):
            is_here = self._add("Equal", here, at)
            share = self._add("Cast", is_here, to=TensorProto.FLOAT)
            parts.append(
                self._add("Mul", share, self._constant(f"value.{part}", self._along(values)))
            )
        return self._shaped(self._add("Add", *parts))

    def _shaped(self, table: str) -> _Rule:
        shape = self._constant("shape", np.array(self._shape, np.int64))
        self._nodes.append(helper.make_node("Reshape", [table, shape], [self._name]))
        return _Rule(nodes=self._nodes, constants=self._constants)

    def _down(self, values: NDArray[np.generic]) -> NDArray[np.generic]:
        return values[None, :] if self._across else values[:, None]

    def _along(self, values: NDArray[np.generic]) -> NDArray[np.generic]:
        return values[:, None] if self._across else values[None, :]

    def _constant(self, name: str, value: NDArray[np.generic]) -> str:
        called = f"{self._name}.rule.{name}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), called))
        return called

    def _whole(self, name: str, value: NDArray[np.generic]) -> str:
        """Whole numbers as float32, from half the room."""
        kept = self._constant(name, value.astype(np.int16))
        return self._add("Cast", kept, to=TensorProto.FLOAT)

    def _add(self, op: str, *inputs: str, **attributes: Any) -> str:
        made = f"{self._name}.rule.{len(self._nodes)}"
        self._nodes.append(helper.make_node(op, list(inputs), [made], **attributes))
        return made


def rules_in(model: onnx.ModelProto) -> Iterator[str]:
    """Names of the tables that are written as a rule."""
    for node in model.graph.node:
        if node.op_type == "Reshape" and f"{node.output[0]}.rule.shape" == node.input[1]:
            yield node.output[0]
