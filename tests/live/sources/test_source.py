from threading import Event

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.errors import SourceError
from auscult.live.clock import FakeClock
from auscult.live.listener import Block
from auscult.live.sources.source import Backoff, LiveSource, Pace


class Breaking(LiveSource):
    """One block, and then an error."""

    def _blocks(self):
        self._is_now("listening")
        yield Block(samples=np.zeros(10, np.float32), rate_hz=16000)
        raise SourceError("It broke.")


def test_an_error_is_its_last_state_and_whoever_listens_is_told():
    source = Breaking(name="one", kind="test")
    with pytest.raises(SourceError, match=r"It broke\."):
        list(source)
    assert (source.state, source.error) == ("failed", "It broke.")
    source._is_now("listening")
    assert source.state == "failed"


def test_whoever_stops_listening_ends_it():
    source = Breaking(name="one", kind="test")
    blocks = iter(source)
    next(blocks)
    blocks.close()
    assert (source.state, source.error) == ("ended", None)


class Waiting(Event):
    """An event on which waiting lets a fake clock run."""

    def __init__(self, clock):
        super().__init__()
        self.clock = clock

    def wait(self, timeout=None):
        self.clock.advance(timeout)
        return self.is_set()


def test_the_pace_is_that_of_the_clock_and_what_is_late_does_not_wait():
    clock = FakeClock()
    pace = Pace(clock, Waiting(clock))
    assert pace.wait_until(1.5)
    assert clock.monotonic_s() == 1.5
    clock.advance(10.0)
    assert pace.wait_until(2.0)
    assert clock.monotonic_s() == 11.5


def test_the_pace_ends_with_its_source():
    clock = FakeClock()
    closed = Waiting(clock)
    closed.set()
    assert not Pace(clock, closed).wait_until(1.0)
    assert not Pace(clock, closed).wait_until(-1.0)


@given(st.floats(0.5, 55.0), st.floats(0.0, 2.0))
def test_what_was_away_for_less_than_a_minute_is_back_within_five_seconds(outage_s, trying_s):
    backoff = Backoff()
    now_s = 0.0
    while now_s < outage_s:
        now_s += backoff.failed(now_s) + trying_s
    assert now_s - outage_s <= 5.0 + trying_s


def test_what_is_away_for_a_day_is_asked_twice_a_minute():
    backoff = Backoff()
    now_s, tries = 0.0, 0
    while now_s < 86400.0:
        now_s += backoff.failed(now_s)
        tries += 1
    assert 86400 / 30 <= tries < 86400 / 30 + 60


def test_an_outage_is_forgotten_after_a_minute_of_sound_and_not_before():
    backoff = Backoff()
    for now_s in (0.0, 300.0):
        waited_s = backoff.failed(now_s)
    assert waited_s == 20.0
    backoff.succeeded(310.0)
    backoff.succeeded(339.0)
    assert backoff.failed(340.0) == pytest.approx(340.0 / 15.0)
    backoff.succeeded(350.0)
    assert backoff.failed(411.0) == 1.0
