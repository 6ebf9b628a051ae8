"""How late the event loop is: whatever blocks it delays every stream at once, so it is measured all the time."""

import asyncio
from collections import deque
from time import thread_time

from auscult.live.clock import Clock

EVERY_S = 0.25
KEPT = 240
"""A minute of measurements."""
SLOW_S = 1.0
KEPT_BUSY = 12
"""Three seconds: long enough to be even, short enough for what has just come to show."""


class LoopLag:
    """By how much a task that sleeps wakes too late.

    Parameters
    ----------
    clock
        Time that runs evenly.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._late_s: deque[float] = deque(maxlen=KEPT)
        self._busy: deque[float] = deque(maxlen=KEPT_BUSY)

    @property
    def worst_s(self) -> float:
        """The worst of the last minute."""
        return max(self._late_s, default=0.0)

    @property
    def is_slow(self) -> bool:
        """Streams notice."""
        return self.worst_s > SLOW_S

    @property
    def busy(self) -> float:
        """Share of its time in which it worked, 0 to 1, of the last seconds."""
        return sum(self._busy) / max(len(self._busy), 1)

    def add(self, late_s: float, busy: float = 0.0) -> None:
        """Note one measurement."""
        self._late_s.append(max(late_s, 0.0))
        self._busy.append(busy)

    async def watch(self) -> None:
        """Measure until cancelled."""
        while True:
            begin_s, worked_s = self._clock.monotonic_s(), thread_time()
            await asyncio.sleep(EVERY_S)
            took_s = self._clock.monotonic_s() - begin_s
            self.add(took_s - EVERY_S, (thread_time() - worked_s) / max(took_s, EVERY_S))
