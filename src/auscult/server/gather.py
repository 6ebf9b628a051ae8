"""Sound that has come and is not yet heard: many small frames become few blocks, and what is too much is dropped.

How sound is cut into blocks never changes a result, but each block costs. So frames are held until they can complete a
window, or are a second long; and when whoever hears them falls behind, the blocks become longer.
"""

import math
from collections import deque
from dataclasses import dataclass, field, replace

import numpy as np

from auscult.live.listener import Block

HELD_S = 1.0
"""So much is heard even if no window needs it: levels and health are told in time."""

LONGEST_S = 1.0
"""A client may send two seconds ahead: while one is being heard, it can go on."""

_SAME_S = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class Piece:
    """Sound to be heard at once.

    Parameters
    ----------
    block
        It may be of several frames.
    seq
        Number of the last of them.
    received_s
        When that came.
    """

    block: Block
    seq: int | None
    received_s: float


@dataclass(kw_only=True, eq=False)
class _Run:
    """Blocks that touch."""

    blocks: list[Block] = field(default_factory=list)
    samples: int = 0
    seq: int | None = None
    received_s: float = 0.0

    @property
    def seconds(self) -> float:
        return self.samples / self.blocks[0].rate_hz

    def goes_on_with(self, block: Block) -> bool:
        first = self.blocks[0]
        if block.after_gap:
            return False
        if (first.rate_hz, first.samples.dtype, first.samples.shape[1:]) != (
            block.rate_hz,
            block.samples.dtype,
            block.samples.shape[1:],
        ):
            return False
        if first.time_s is None or block.time_s is None:
            return first.time_s is block.time_s
        return abs(first.time_s + self.seconds - block.time_s) <= _SAME_S


class Gatherer:
    """Sound of one stream, held until it is worth hearing.

    Examples
    --------
    >>> gatherer = Gatherer()
    >>> for n in (100, 150, 50):
    ...     gatherer.add(Block(samples=np.zeros(n, np.int16), rate_hz=1000), received_s=0.0)
    >>> gatherer.take(due_s=0.4) is None, len(gatherer.take(due_s=0.3).block.samples)
    (True, 300)
    """

    def __init__(self) -> None:
        self._runs: deque[_Run] = deque()

    @property
    def held_s(self) -> float:
        """Seconds of sound that wait."""
        return sum(run.seconds for run in self._runs)

    @property
    def waits_since_s(self) -> float:
        """When the newest came; in the future, where nothing waits."""
        return self._runs[-1].received_s if self._runs else math.inf

    def add(self, block: Block, *, received_s: float, seq: int | None = None) -> None:
        """Take the next block, of at least one sample."""
        last = self._runs[-1] if self._runs else None
        if last is None or last.seconds >= LONGEST_S or not last.goes_on_with(block):
            last = _Run(blocks=[])
            self._runs.append(last)
        last.blocks.append(block)
        last.samples += len(block.samples)
        last.seq, last.received_s = seq, received_s

    def is_due(self, due_s: float) -> bool:
        """What is held is worth hearing: see `take`."""
        if not self._runs:
            return False
        return len(self._runs) > 1 or self._runs[0].seconds + _SAME_S >= min(due_s, HELD_S)

    def take(self, *, due_s: float = 0.0) -> Piece | None:
        """What is to be heard now, if anything.

        Parameters
        ----------
        due_s
            Seconds of sound, from the first that is held, that may complete a window.
        """
        if not self.is_due(due_s):
            return None
        run = self._runs.popleft()
        block = run.blocks[0]
        if len(run.blocks) > 1:
            samples = np.concatenate([one.samples for one in run.blocks])
            block = replace(block, samples=samples)
        return Piece(block=block, seq=run.seq, received_s=run.received_s)

    def shed(self, most_s: float) -> int:
        """Drop the oldest until no more than so much is held; how many samples went."""
        dropped = 0
        while self.held_s > most_s and len(self._runs) > 1:
            dropped += self._runs.popleft().samples
        return dropped
