"""Batches: every window once an epoch, in an order that a seed decides."""

import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.training.batches import Batches, class_weights


def windows(n, fail_at=None):
    def batch(index):
        if fail_at is not None and fail_at in index:
            raise ValueError("it is broken")
        return np.repeat(index[:, None].astype(np.float32), 4, axis=1)

    class Fake(SimpleNamespace):
        def __len__(self):
            return n

    return Fake(label=np.arange(n) % 3, batch=batch)


@given(n=st.integers(2, 60), size=st.integers(1, 16), seed=st.none() | st.integers(0, 9))
def test_every_window_comes_once(n, size, seed):
    batches = Batches(windows(n), n_labels=3, size=size, seed=seed)
    found = list(batches)
    assert len(found) == len(batches)
    assert sorted(np.concatenate([one.index for one in found])) == list(range(n))
    if size > 1:
        assert all(len(one.index) > 1 for one in found)
    for one in found:
        assert np.array_equal(one.waveform[:, 0], one.index)
        assert np.array_equal(one.target.argmax(1), one.index % 3)


def test_the_order_follows_from_seed_and_epoch_alone():
    def order(seed, epoch):
        batches = Batches(windows(40), n_labels=3, size=8, seed=seed)
        batches.epoch = epoch
        return np.concatenate([one.index for one in batches]).tolist()

    assert order(1, 0) == order(1, 0)
    assert order(1, 0) != order(1, 1)
    assert order(1, 0) != order(2, 0)
    assert order(None, 5) == list(range(40))


def test_what_goes_wrong_while_reading_ahead_is_raised_where_it_is_asked_for():
    batches = Batches(windows(40, fail_at=17), n_labels=3, size=8)
    with pytest.raises(ValueError, match="it is broken"):
        list(batches)


def test_whoever_leaves_early_leaves_no_thread():
    before = threading.active_count()
    running = iter(Batches(windows(1000), n_labels=3, size=2))
    next(running)
    running.close()
    end = time.monotonic() + 60.0
    while threading.active_count() > before and time.monotonic() < end:
        time.sleep(0.01)
    assert threading.active_count() <= before


def test_rare_classes_count_as_much_as_frequent_ones():
    label = np.array([0] * 30 + [1] * 10)
    weights = np.array(class_weights(label, 3))
    assert weights[0] * 30 == pytest.approx(weights[1] * 10)
