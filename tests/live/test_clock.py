from datetime import UTC, datetime, timedelta

from auscult.live.clock import FakeClock, SystemClock


def test_the_clocks_of_this_machine_go_on():
    clock = SystemClock()
    before, before_s = clock.utc(), clock.monotonic_s()
    assert clock.monotonic_s() >= before_s
    assert timedelta(0) <= clock.utc() - before < timedelta(seconds=60)
    assert before.tzinfo is UTC


def test_a_fake_clock_moves_only_when_it_is_moved():
    clock = FakeClock(datetime(2031, 5, 1, tzinfo=UTC))
    clock.advance(10.0)
    clock.step_utc(3600.0)
    assert clock.monotonic_s() == 10.0
    assert clock.utc() == datetime(2031, 5, 1, 1, 0, 10, tzinfo=UTC)
