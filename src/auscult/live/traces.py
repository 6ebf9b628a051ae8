"""How a stream was heard when it was strange: what is kept of an event where its sound is not."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from auscult.memory.trace import MAX_WINDOWS, Trace
from auscult.runtime.verdict import Verdict

BEFORE_WINDOWS = 24
"""Before the first that is an alarm: its context, and the votes that led to it."""


class Strange:
    """The windows around and after the first alarm since it was last asked to forget. Not shared between threads.

    Parameters
    ----------
    ears
        Of the bundle that hears: `auscult.memory.trace.ears_of`.

    Examples
    --------
    >>> strange = Strange("ears")
    >>> for number, state in enumerate(("normal", "anomaly", "normal")):
    ...     verdict = Verdict(start_s=number, end_s=number + 2, score=1.0, ratio=1.0, state=state, level_db=-30.0)
    ...     strange.hear(verdict, np.full(2, number, np.float32))
    >>> strange.trace().embeddings.tolist()
    [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]
    """

    def __init__(self, ears: str) -> None:
        self._ears = ears
        self._before: deque[NDArray[np.float32]] = deque(maxlen=BEFORE_WINDOWS)
        self._rows: list[NDArray[np.float32]] = []

    def hear(self, verdict: Verdict, embedding: NDArray[np.float32] | None) -> None:
        """Take the next verdict, and what the window was embedded as; a window that has none is left out."""
        if embedding is None:
            return
        if not self._rows and verdict.state == "anomaly":
            self._rows = list(self._before)
        if self._rows or verdict.state == "anomaly":
            self._rows.append(embedding)
            del self._rows[MAX_WINDOWS:]
        self._before.append(embedding)

    def trace(self) -> Trace | None:
        """A minute of windows at most; `None` where there was no alarm."""
        if not self._rows:
            return None
        return Trace(ears=self._ears, embeddings=np.stack(self._rows))

    def forget(self) -> None:
        """What comes now is another event."""
        self._rows = []
