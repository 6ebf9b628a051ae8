import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.live.listener import Block
from auscult.server.gather import HELD_S, LONGEST_S, Gatherer

RATE_HZ = 1000


def block(n, *, first=None, rate_hz=RATE_HZ, value=0.0, channels=None):
    shape = n if channels is None else (n, channels)
    time_s = None if first is None else first / rate_hz
    return Block(samples=np.full(shape, value, np.float32), rate_hz=rate_hz, time_s=time_s)


def add(gatherer, *blocks):
    for seq, one in enumerate(blocks):
        gatherer.add(one, received_s=float(seq), seq=seq)


def taken(gatherer, due_s=0.0):
    pieces = []
    while (piece := gatherer.take(due_s=due_s)) is not None:
        pieces.append(piece)
    return pieces


def test_frames_are_held_until_they_can_complete_a_window():
    gatherer = Gatherer()
    add(gatherer, block(100, first=0), block(100, first=100))
    assert gatherer.take(due_s=0.3) is None
    add(gatherer, block(100, first=200))
    (piece,) = taken(gatherer, due_s=0.3)
    assert (len(piece.block.samples), piece.block.time_s, piece.seq) == (300, 0.0, 0)
    assert gatherer.take() is None


def test_what_no_window_needs_is_heard_every_second():
    gatherer = Gatherer()
    add(gatherer, *(block(100, first=100 * n) for n in range(9)))
    assert not gatherer.is_due(60.0)
    add(gatherer, block(100, first=900))
    assert gatherer.is_due(60.0)
    assert HELD_S == 1.0


@pytest.mark.parametrize(
    "other",
    [
        block(100, first=150),  # a gap
        block(100, first=50),  # an overlap
        block(100),  # a time that nobody knows
        block(100, first=200, rate_hz=2000),
        block(100, first=100, channels=2),
    ],
)
def test_what_does_not_touch_is_not_joined(other):
    gatherer = Gatherer()
    add(gatherer, block(100, first=0), other)
    # What ends there is heard at once; what follows waits as ever.
    assert [len(piece.block.samples) for piece in taken(gatherer, due_s=1.0)] == [100]
    assert [piece.block for piece in taken(gatherer)] == [other]


def test_whoever_falls_behind_hears_longer_blocks_and_drops_the_oldest_in_the_end():
    gatherer = Gatherer()
    add(gatherer, *(block(100, first=100 * n, value=n) for n in range(50)))
    assert gatherer.held_s == pytest.approx(5.0)
    assert gatherer.shed(6.0) == 0
    assert gatherer.shed(3.5) == 2 * LONGEST_S * RATE_HZ
    pieces = taken(gatherer)
    assert [len(piece.block.samples) for piece in pieces] == [1000] * 3
    assert pieces[0].block.samples[0] == 20.0
    assert [piece.received_s for piece in pieces] == [29.0, 39.0, 49.0]


@given(st.lists(st.integers(1, 700), max_size=40), st.floats(0.0, 2.0), st.integers(1, 5))
def test_nothing_is_lost_and_the_order_stays(lengths, due_s, every):
    gatherer, heard, first = Gatherer(), [], 0
    for position, n in enumerate(lengths):
        samples = np.arange(first, first + n, dtype=np.float32)
        gatherer.add(
            Block(samples=samples, rate_hz=RATE_HZ, time_s=first / RATE_HZ), received_s=0.0
        )
        first += n
        if position % every == 0:
            heard += taken(gatherer, due_s)
    heard += taken(gatherer)
    found = np.concatenate([np.empty(0), *(piece.block.samples for piece in heard)])
    np.testing.assert_array_equal(found, np.arange(first))
    for piece in heard:
        assert piece.block.time_s == pytest.approx(piece.block.samples[0] / RATE_HZ)
    assert gatherer.held_s == 0.0
