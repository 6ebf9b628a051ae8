"""How late the loop is."""

import asyncio
import time

from auscult.live.clock import SystemClock
from auscult.server.lag import KEPT, SLOW_S, LoopLag


def test_the_worst_of_the_last_minute_counts():
    lag = LoopLag(SystemClock())
    assert lag.worst_s == 0.0
    lag.add(-0.1)
    assert lag.worst_s == 0.0
    lag.add(SLOW_S + 0.1)
    assert lag.is_slow
    for _ in range(KEPT):
        lag.add(0.01)
    assert lag.worst_s == 0.01
    assert not lag.is_slow


def test_a_blocked_loop_is_noticed(monkeypatch):
    monkeypatch.setattr("auscult.server.lag.EVERY_S", 0.01)

    async def blocked():
        lag = LoopLag(SystemClock())
        watching = asyncio.create_task(lag.watch())
        await asyncio.sleep(0)
        time.sleep(0.1)  # what must be noticed
        await asyncio.sleep(0.05)
        watching.cancel()
        return lag.worst_s, lag.busy

    worst_s, busy = asyncio.run(blocked())
    assert worst_s >= 0.05
    assert 0.0 <= busy < 0.5  # asleep is not at work


def test_a_loop_that_works_is_busy(monkeypatch):
    monkeypatch.setattr("auscult.server.lag.EVERY_S", 0.01)

    async def worked():
        lag = LoopLag(SystemClock())
        watching = asyncio.create_task(lag.watch())
        await asyncio.sleep(0)
        begin_s, end_s = time.monotonic(), time.thread_time() + 0.1
        while time.thread_time() < end_s:
            pass
        share = 0.1 / (time.monotonic() - begin_s)  # others work on this machine, too
        await asyncio.sleep(0.02)
        watching.cancel()
        return max(lag._busy), share

    busy, share = asyncio.run(worked())
    assert busy > 0.5 * share
