"""How late the event loop is: whatever blocks it delays every stream at once, so it is measured all the time."""

import asyncio
from collections import deque

from auscult.live.clock import Clock

EVERY_S = 0.25
KEPT = 240
"""A minute of measurements."""
SLOW_S = 1.0


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

    @property
    def worst_s(self) -> float:
        """The worst of the last minute."""
        return max(self._late_s, default=0.0)

    @property
    def is_slow(self) -> bool:
        """Streams notice."""
        return self.worst_s > SLOW_S

    def add(self, late_s: float) -> None:
        """Note one measurement."""
        self._late_s.append(max(late_s, 0.0))

    async def watch(self) -> None:
        """Measure until cancelled."""
        while True:
            begin_s = self._clock.monotonic_s()
            await asyncio.sleep(EVERY_S)
            self.add(self._clock.monotonic_s() - begin_s - EVERY_S)
