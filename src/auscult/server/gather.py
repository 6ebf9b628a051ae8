"""Frames in, larger blocks out: what comes in many small pieces is heard in few, and no window waits for it.

How sound is cut into blocks never changes a result, but each block costs. So frames are put together until they can
complete a window, or are half a second long.
"""

from dataclasses import replace

import numpy as np

from auscult.live.listener import Block

LONGEST_S = 0.5
_SAME_S = 1e-6


class Gatherer:
    """Blocks of one stream, put together where they touch.

    Examples
    --------
    >>> gatherer = Gatherer()
    >>> blocks = [Block(samples=np.zeros(n, np.int16), rate_hz=1000) for n in (100, 150, 50)]
    >>> [len(block.samples) for one in blocks for block in gatherer.add(one, due_s=0.25)]
    [250]
    >>> [len(block.samples) for block in gatherer.take()]
    [50]
    """

    def __init__(self) -> None:
        self._held: list[Block] = []
        self._held_s = 0.0

    def add(self, block: Block, *, due_s: float) -> list[Block]:
        """Take the next block; return what is to be heard now.

        Parameters
        ----------
        block
            Of any length.
        due_s
            Seconds of sound, from the first that was not yet returned, that may complete a window.
        """
        ready = [] if self._touches(block) else self.take()
        self._held.append(block)
        self._held_s += len(block.samples) / block.rate_hz
        if self._held_s + _SAME_S >= min(due_s, LONGEST_S):
            ready += self.take()
        return ready

    def take(self) -> list[Block]:
        """What is held: one block, or none."""
        held, self._held, self._held_s = self._held, [], 0.0
        if len(held) < 2:
            return held
        return [replace(held[0], samples=np.concatenate([one.samples for one in held]))]

    def _touches(self, block: Block) -> bool:
        """It goes on where what is held ends."""
        if not self._held:
            return True
        first = self._held[0]
        alike = (first.rate_hz, first.samples.dtype, first.samples.shape[1:]) == (
            block.rate_hz,
            block.samples.dtype,
            block.samples.shape[1:],
        )
        if not alike or (first.time_s is None) != (block.time_s is None):
            return False
        if first.time_s is None or block.time_s is None:
            return True
        return abs(first.time_s + self._held_s - block.time_s) <= _SAME_S
