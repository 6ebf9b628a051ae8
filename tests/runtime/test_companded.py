"""Samples in eight bits."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from auscult.runtime.companded import companded, expanded, loss_db

CODES = np.arange(-127, 128).astype(np.int8)


def test_every_code_comes_back_and_levels_rise():
    levels = expanded(CODES)
    np.testing.assert_array_equal(companded(levels), CODES)
    assert np.all(np.diff(levels.astype(int)) > 0)
    np.testing.assert_array_equal(levels, -levels[::-1])
    # The page has this sum in its own test.
    assert np.abs(levels.astype(int)).sum() == 1_501_272


@given(arrays(np.int16, st.integers(1, 40)))
def test_no_code_would_be_nearer(samples):
    found = expanded(companded(samples)).astype(int)
    every = expanded(CODES).astype(int)
    nearest = np.abs(samples.astype(int)[:, None] - every).min(axis=1)
    np.testing.assert_array_equal(np.abs(found - samples.astype(int)), nearest)


def test_steps_are_a_fortieth_of_the_sample():
    samples = np.arange(2000, 32768, dtype=np.int16)
    np.testing.assert_allclose(expanded(companded(samples)), samples, rtol=0.025)


def test_what_is_lost_is_little_for_noise_and_much_near_silence():
    noise = np.random.default_rng(0).standard_normal(16_000)
    loud, quiet = ((gain * noise).astype(np.int16) for gain in (3000.0, 4.0))
    assert 36.0 < loss_db(loud) < 40.0
    assert loss_db(quiet) < 10.0


def test_a_code_that_is_never_written_is_full_scale():
    assert expanded(np.array([-128], np.int8)).tolist() == [-32767]
