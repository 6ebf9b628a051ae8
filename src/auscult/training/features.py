"""Features computed once, for families whose front end never changes: a frozen network need not run again in every epoch."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from auscult.models.detector import Detector
from auscult.training.tape import Windows

Progress = Callable[[int, int], None]
"""Called with the windows that are done, and those that there are."""

_BATCH = 16


@dataclass(frozen=True, kw_only=True, eq=False)
class Features:
    """Features in place of windows.

    Parameters
    ----------
    values
        Shape (n, ...), float32.
    windows
        What they were computed from.
    """

    values: NDArray[np.float32]
    windows: Windows

    def __len__(self) -> int:
        return len(self.values)

    @property
    def label(self) -> NDArray[np.int64]:
        """Shape (n,): index of the label of each."""
        return self.windows.label

    def batch(self, index: NDArray[np.int64]) -> NDArray[np.float32]:
        """Some of them, one a row."""
        return self.values[index]

    def name(self, number: int) -> str:
        """What people call the window."""
        return self.windows.name(number)


@torch.no_grad()
def features_of(
    detector: Detector, windows: Windows, *, most_mb: float, progress: Progress | None = None
) -> Features | None:
    """Compute them; `None` if they would take more than `most_mb`, or there is nothing to compute them from."""
    if not len(windows):
        return None
    detector.eval()
    first = detector.features(torch.from_numpy(windows.batch(np.arange(1))))
    if first.numel() * 4 * len(windows) > most_mb * 1e6:
        return None
    values = np.empty((len(windows), *first.shape[1:]), np.float32)
    for begin in range(0, len(windows), _BATCH):
        index = np.arange(begin, min(begin + _BATCH, len(windows)))
        if progress is not None:
            progress(begin, len(windows))
        values[index] = detector.features(torch.from_numpy(windows.batch(index))).numpy()
    return Features(values=values, windows=windows)
