import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.audio.window import Windower, count, windows
from auscult.errors import RecipeError


def ramp(n, first=0):
    return np.arange(first, first + n, dtype=np.float32)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    n=st.integers(0, 200),
    window=st.integers(1, 50),
    hop=st.integers(1, 90),
    cuts=st.lists(st.integers(0, 200), max_size=20),
)
def test_any_partition_gives_the_same_windows_in_bounded_memory(n, window, hop, cuts):
    sound = ramp(n)
    windower = Windower(window, hop)
    got = []
    for block in np.split(sound, sorted(min(c, n) for c in cuts)):
        got += windower.feed(block)
        assert windower.pending < window
    expected = [(k, sound[k : k + window]) for k in range(0, n - window + 1, hop)]
    assert [first for first, _ in got] == [first for first, _ in expected]
    assert all(np.array_equal(a, b) for (_, a), (_, b) in zip(got, expected, strict=True))
    assert len(got) == count(n, window, hop) == len(windows(sound, window, hop))


def test_a_window_stays_valid_when_the_block_is_reused():
    windower = Windower(4, 4)
    block = ramp(6)
    ((_, window),) = windower.feed(block)
    block[:] = -1
    ((first, later),) = windower.feed(ramp(2, 6))
    assert window.tolist() == [0, 1, 2, 3]
    assert (first, later.tolist()) == (4, [4, 5, 6, 7])


def test_windows_are_read_only():
    ((_, window),) = Windower(4, 4).feed(ramp(4))
    with pytest.raises(ValueError, match="read-only"):
        window[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        windows(ramp(8), 4, 2)[0, 0] = 1


def test_windows_is_a_view():
    sound = ramp(100)
    assert np.shares_memory(windows(sound, 10, 5), sound)


def test_too_short_a_sound_has_no_window():
    assert windows(ramp(3), 4, 1).shape == (0, 4)
    assert Windower(4, 1).feed(ramp(3)) == []


def test_pending_counts_and_reset_forgets():
    windower = Windower(4, 4)
    windower.feed(ramp(7))
    assert windower.pending == 3
    windower.reset()
    assert windower.pending == 0
    ((first, window),) = windower.feed(ramp(4, 50))
    assert (first, window.tolist()) == (0, [50, 51, 52, 53])


def test_a_long_block_is_not_held_on_to():
    windower = Windower(4, 4)
    block = ramp(1_000_003)
    tracemalloc.start()
    windower.feed(block)
    held_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert windower.pending == 3
    assert held_bytes < 1_000_000  # the block is 4 MB


def test_reset_within_a_gap_between_windows():
    windower = Windower(2, 10)
    windower.feed(ramp(4))
    windower.reset()
    assert [first for first, _ in windower.feed(ramp(20))] == [0, 10]


@pytest.mark.parametrize(("window", "hop"), [(0, 1), (1, 0), (-1, 5)])
def test_lengths_must_be_positive(window, hop):
    for make in (Windower, lambda w, h: windows(ramp(9), w, h), lambda w, h: count(9, w, h)):
        with pytest.raises(RecipeError, match=f"{window} samples every {hop} samples.*at least 1"):
            make(window, hop)
