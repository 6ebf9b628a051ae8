"""Batches of windows in an order that a seed decides, made while the last one is being learned from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from queue import Full, Queue
from threading import Event, Thread
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_AHEAD = 4
_WAIT_S = 0.1


class Shown(Protocol):
    """What is learned from: windows, or features computed from them once."""

    @property
    def label(self) -> NDArray[np.int64]:
        """Shape (n,): index of the label of each."""

    def __len__(self) -> int: ...

    def batch(self, index: NDArray[np.int64]) -> NDArray[np.float32]:
        """Some of them, one a row."""

    def name(self, number: int) -> str:
        """What people call one."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Windows to learn from.

    Parameters
    ----------
    waveform
        Shape (batch, samples).
    target
        Shape (batch, labels): the share of each label, 1 for the right one.
    index
        Their numbers among the windows, for messages.
    epoch, number
        Which batch it is: random numbers follow from these, so that training goes on after a stop as if there had been none.
    """

    waveform: Tensor
    target: Tensor
    index: NDArray[np.int64]
    epoch: int
    number: int

    def to(self, device: torch.device) -> "Batch":
        """The same on a device."""
        return replace(self, waveform=self.waveform.to(device), target=self.target.to(device))


class Batches:
    """All windows once, a batch at a time.

    Parameters
    ----------
    windows
        What there is.
    n_labels
        Length of a target.
    size
        Windows in a batch; the last one may be smaller, but never a single window where there are more, which nothing that
        normalises over a batch could learn from.
    seed
        For the order; `None`: as they come.
    """

    def __init__(
        self, windows: Shown, *, n_labels: int, size: int, seed: int | None = None
    ) -> None:
        self._windows = windows
        self._n_labels = n_labels
        self._size = size
        self._seed = seed
        self.epoch = 0

    def __len__(self) -> int:
        return len(self._parts(np.arange(len(self._windows))))

    def __iter__(self) -> Iterator[Batch]:
        parts = self._parts(self._order())
        return _ahead(self._batch(number, part) for number, part in enumerate(parts))

    def _order(self) -> NDArray[np.int64]:
        numbers = np.arange(len(self._windows))
        if self._seed is None:
            return numbers
        return np.random.default_rng([self._seed, self.epoch]).permutation(numbers)

    def _parts(self, order: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        parts = [order[i : i + self._size] for i in range(0, len(order), self._size)]
        if len(parts) > 1 and len(parts[-1]) == 1:
            last = parts.pop()
            parts[-1] = np.concatenate([parts[-1], last])
        return parts

    def _batch(self, number: int, index: NDArray[np.int64]) -> Batch:
        labels = torch.from_numpy(self._windows.label[index])
        return Batch(
            waveform=torch.from_numpy(self._windows.batch(index)),
            target=torch.nn.functional.one_hot(labels, self._n_labels).float(),
            index=index,
            epoch=self.epoch,
            number=number,
        )


def _ahead(batches: Iterator[Batch]) -> Iterator[Batch]:
    """The same, made by a thread, a few before they are asked for."""
    queue: Queue[Batch | BaseException | None] = Queue(_AHEAD)
    stop = Event()

    def put(item: Batch | BaseException | None) -> bool:
        while not stop.is_set():
            try:
                queue.put(item, timeout=_WAIT_S)
            except Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for batch in batches:
                if not put(batch):
                    return
        except BaseException as error:  # noqa: BLE001 - raised again where the batch is asked for
            put(error)
            return
        put(None)

    thread = Thread(target=work, name="batches", daemon=True)
    thread.start()
    try:
        while (item := queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        thread.join()


def class_weights(label: NDArray[np.int64], n_labels: int) -> Sequence[float]:
    """Weights by which rare classes count as much as frequent ones; their mean over all windows is 1.

    Examples
    --------
    >>> class_weights(np.array([0, 0, 0, 1]), 2)
    [0.6666666666666666, 2.0]
    """
    counts = np.maximum(np.bincount(label, minlength=n_labels), 1)
    return [float(weight) for weight in len(label) / (n_labels * counts)]
