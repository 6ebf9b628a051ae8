"""Blocks that wait between the thread that gets them and the one that hears them; bounded, and honest about what is lost."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from threading import Condition

from auscult.live.listener import Block

_ROUNDING_S = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class Arrival:
    """A block, and when it came.

    Parameters
    ----------
    block
        What came.
    at_s
        When, on the even clock.
    """

    block: Block
    at_s: float


class BlockBuffer:
    """A queue of a few seconds of sound, from one thread to another.

    Parameters
    ----------
    longest_s
        No more sound waits than this; one block may always wait.

    Examples
    --------
    >>> import numpy as np
    >>> buffer = BlockBuffer(longest_s=1.0)
    >>> for at_s in (0.0, 0.6):
    ...     buffer.put(Arrival(block=Block(samples=np.zeros(600, np.float32), rate_hz=1000), at_s=at_s))
    >>> buffer.dropped_samples, buffer.take(0.0).at_s
    (600, 0.6)
    """

    def __init__(self, longest_s: float) -> None:
        self._longest_s = longest_s
        self._waiting: deque[Arrival] = deque()
        self._waiting_s = 0.0
        self._changed = Condition()
        self._is_ended = False
        self._dropped_samples = 0

    @property
    def dropped_samples(self) -> int:
        """Samples that waited for too long, at the rate that they came at."""
        return self._dropped_samples

    @property
    def is_over(self) -> bool:
        """Nothing waits, and nothing will come."""
        with self._changed:
            return self._is_ended and not self._waiting

    def put(self, arrival: Arrival) -> None:
        """Add a block; the oldest give way. After the end it counts as dropped."""
        with self._changed:
            if self._is_ended:
                self._dropped_samples += len(arrival.block.samples)
                return
            while self._waiting and not self._has_room(arrival):
                self._drop_oldest()
            self._waiting.append(arrival)
            self._waiting_s += seconds(arrival.block)
            self._changed.notify_all()

    def wait_and_put(self, arrival: Arrival, timeout_s: float) -> bool:
        """Add a block once there is room for it; whether there was in time."""
        with self._changed:
            if not self._changed.wait_for(
                lambda: self._is_ended or not self._waiting or self._has_room(arrival), timeout_s
            ):
                return False
        self.put(arrival)
        return True

    def take(self, timeout_s: float) -> Arrival | None:
        """The oldest block; `None` if none came in time, or none will come."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_ended, timeout_s)
            if not self._waiting:
                return None
            self._changed.notify_all()
            return self._pop()

    def end(self) -> None:
        """Nothing will come any more; what waits can still be taken."""
        with self._changed:
            self._is_ended = True
            self._changed.notify_all()

    def drop_all(self) -> None:
        """Count all that waits as dropped."""
        with self._changed:
            while self._waiting:
                self._drop_oldest()
            self._changed.notify_all()

    def _has_room(self, arrival: Arrival) -> bool:
        return self._waiting_s + seconds(arrival.block) <= self._longest_s + _ROUNDING_S

    def _drop_oldest(self) -> None:
        self._dropped_samples += len(self._pop().block.samples)

    def _pop(self) -> Arrival:
        oldest = self._waiting.popleft()
        # Rounding must not add up over weeks.
        self._waiting_s = self._waiting_s - seconds(oldest.block) if self._waiting else 0.0
        return oldest


def seconds(block: Block) -> float:
    """Length of a block.

    >>> import numpy as np
    >>> seconds(Block(samples=np.zeros((800, 2), np.float32), rate_hz=16000))
    0.05
    """
    return len(block.samples) / block.rate_hz


def timed(blocks: Iterable[Block]) -> Iterator[Block]:
    """Give every block a time: where some are dropped later on, those after them show the gap.

    >>> import numpy as np
    >>> blocks = [Block(samples=np.zeros(100, np.float32), rate_hz=1000)] * 3
    >>> [block.time_s for block in timed(blocks)]
    [0.0, 0.1, 0.2]
    """
    next_s = 0.0
    for block in blocks:
        time_s = next_s if block.time_s is None else block.time_s
        yield replace(block, time_s=time_s)
        next_s = time_s + seconds(block)
