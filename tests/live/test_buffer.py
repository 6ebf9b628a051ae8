import time
from threading import Thread, Timer

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from auscult.live.buffer import Arrival, BlockBuffer, seconds, timed
from auscult.live.listener import Block


def arrival(n, *, rate_hz=1000, at_s=0.0):
    return Arrival(block=Block(samples=np.zeros(n, np.float32), rate_hz=rate_hz), at_s=at_s)


@given(st.lists(st.tuples(st.integers(1, 3000), st.booleans()), max_size=60))
def test_what_comes_is_taken_in_order_or_counted_and_no_more_waits_than_may(steps):
    buffer = BlockBuffer(longest_s=4.0)
    put, taken, waiting = 0, [], []
    for number, (n, takes) in enumerate(steps):
        buffer.put(arrival(n, at_s=number))
        put += n
        waiting.append(number)
        if takes:
            taken.append(buffer.take(0.0))
    held_s = 0.0
    while (rest := buffer.take(0.0)) is not None:
        held_s += seconds(rest.block)
        taken.append(rest)
    assert held_s <= max(4.0 + 1e-5, 3.0)
    assert put == sum(len(one.block.samples) for one in taken) + buffer.dropped_samples
    times = [one.at_s for one in taken]
    assert times == sorted(times)
    assert not steps or times[-1] == len(steps) - 1


def test_one_block_may_wait_however_long_it_is():
    buffer = BlockBuffer(longest_s=1.0)
    buffer.put(arrival(5000))
    assert len(buffer.take(0.0).block.samples) == 5000
    assert buffer.dropped_samples == 0


def test_waiting_ends_with_a_block_with_the_end_or_in_time():
    buffer = BlockBuffer(longest_s=1.0)
    begin_s = time.monotonic()
    assert buffer.take(0.05) is None
    Timer(0.05, buffer.put, [arrival(1)]).start()
    assert buffer.take(60.0) is not None
    Timer(0.05, buffer.end).start()
    assert buffer.take(60.0) is None
    assert buffer.is_over
    assert time.monotonic() - begin_s < 30.0


def test_after_the_end_what_waits_can_be_taken_and_what_comes_is_counted():
    buffer = BlockBuffer(longest_s=1.0)
    buffer.put(arrival(10))
    buffer.end()
    buffer.put(arrival(20))
    assert not buffer.is_over
    assert len(buffer.take(0.0).block.samples) == 10
    assert buffer.is_over
    assert buffer.dropped_samples == 20


def test_what_nobody_wants_any_more_is_counted():
    buffer = BlockBuffer(longest_s=1.0)
    buffer.put(arrival(10))
    buffer.put(arrival(20))
    buffer.drop_all()
    assert buffer.dropped_samples == 30
    assert buffer.take(0.0) is None


def test_who_waits_for_room_loses_nothing():
    buffer = BlockBuffer(longest_s=1.0)
    assert buffer.wait_and_put(arrival(600), 0.0)
    assert not buffer.wait_and_put(arrival(600), 0.02)
    writer = Thread(target=lambda: [buffer.wait_and_put(arrival(600), 60.0) for _ in range(5)])
    writer.start()
    taken = [buffer.take(60.0) for _ in range(6)]
    writer.join(60.0)
    assert None not in taken
    assert buffer.dropped_samples == 0


def test_blocks_without_a_time_follow_those_before_them():
    blocks = [
        Block(samples=np.zeros(100, np.float32), rate_hz=1000),
        Block(samples=np.zeros(100, np.float32), rate_hz=2000, time_s=7.0),
        Block(samples=np.zeros(100, np.float32), rate_hz=2000),
    ]
    assert [block.time_s for block in timed(blocks)] == [0.0, 7.0, 7.05]
