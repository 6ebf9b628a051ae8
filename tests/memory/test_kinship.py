import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import silhouette_score

from auscult.audio.synth import MACHINES, render
from auscult.memory.kinship import _silhouette, _two_means, several_machines
from auscult.memory.learn import learn_clips

DIM = 6


def blocks(seed, n=12, offset=0.0):
    return np.random.default_rng(seed).standard_normal((n, DIM)) + offset


WITHIN = blocks(99, n=200)


@pytest.mark.parametrize("seed", range(10))
def test_one_machine_is_one(seed):
    assert not several_machines(blocks(seed), WITHIN)
    assert not several_machines(blocks(seed, n=200), WITHIN)


@pytest.mark.parametrize("seed", range(10))
def test_two_machines_are_told(seed):
    assert several_machines(np.vstack([blocks(seed), blocks(seed + 50, offset=15.0)]), WITHIN)


def test_three_machines_are_told_too():
    three = [blocks(0), blocks(1, offset=15.0), blocks(2, offset=60.0)]
    assert several_machines(np.vstack(three), WITHIN)


def test_one_or_two_odd_recordings_are_no_second_machine():
    odd = np.vstack([blocks(0), blocks(1, n=2, offset=40.0)])
    assert not several_machines(odd, WITHIN)
    assert several_machines(np.vstack([odd, blocks(2, n=1, offset=40.0)]), WITHIN)


def test_few_blocks_say_nothing():
    two = np.vstack([blocks(0, n=2), blocks(1, n=3, offset=40.0)])
    assert not several_machines(two, WITHIN)


def test_a_long_slow_change_is_not_two_machines():
    wander = np.linspace(0.0, 30.0, 60)[:, None]
    assert not several_machines(blocks(0, n=60) + wander, WITHIN)


@given(st.permutations(range(20)), st.floats(1e-3, 1e3), st.booleans())
def test_order_and_unit_change_nothing(order, unit, is_two):
    offset = 15.0 if is_two else 0.0
    x = np.vstack([blocks(3, n=10), blocks(4, n=10, offset=offset)])
    assert several_machines(x[list(order)] * unit, WITHIN * unit) == is_two


def test_the_same_block_again_and_again_is_one_machine():
    same = np.ones((12, DIM))
    assert not several_machines(same, np.zeros((20, DIM)))


def test_every_dimension_counts_by_what_it_varies_within_a_block():
    units = np.array([1e3, 1.0, 1.0, 0.5, 1.0, 1.0])
    two = np.vstack([blocks(0), blocks(1)])
    two[12:, 3] += 60.0
    assert several_machines(two * units, WITHIN * units)


def test_dimensions_in_which_nothing_varies_do_not_decide():
    within = WITHIN.copy()
    within[:, 0] = 0.0
    x = blocks(0)
    x[:, 0] = np.where(np.arange(len(x)) < 6, 0.0, 1e-3)
    assert not several_machines(x, within)


def test_silhouette_is_that_of_scikit_learn():
    x = np.vstack([blocks(0), blocks(1, offset=4.0)])
    side = _two_means(x)
    assert np.count_nonzero(side) == 12
    assert _silhouette(x, side) == pytest.approx(silhouette_score(x, side), abs=1e-9)


def test_a_thousand_rows_stand_for_more():
    x = np.vstack([blocks(0, n=1500), blocks(1, n=1500, offset=6.0)])
    side = np.arange(3000) >= 1500
    assert _silhouette(x, side) == pytest.approx(silhouette_score(x, side), abs=0.01)


def heard(*names, clip):
    """Notes on learning eight recordings of each of these simulated machines."""
    sounds = [
        (f"{name} {i}", render(MACHINES[name](), seconds=10.0, seed=i))
        for name in names
        for i in range(8)
    ]
    return learn_clips([clip(s.samples, n) for n, s in sounds], preset="edge").notes


def test_two_simulated_machines_in_one_folder_are_noted(clip):
    both = heard("fan", "pump", clip=clip)
    assert any("sound like several machines" in note for note in both)
    assert any("A bundle for each" in note for note in both)


@pytest.mark.parametrize("name", ["fan", "pump"])
def test_one_simulated_machine_is_not(name, clip):
    assert not any("several machines" in note for note in heard(name, clip=clip))
