import math
import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.audio.level import judge, level_db, measure, peak_db

RATE_HZ = 16000


def noise(n=32000, seed=0, rms=0.1):
    return (rms * np.random.default_rng(seed).standard_normal(n)).astype(np.float32)


def sine(amplitude=1.0, hz=440, n=32000):
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(n) / RATE_HZ)).astype(np.float32)


def health(samples):
    return judge(measure(np.asarray(samples, np.float32), RATE_HZ))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**16), n=st.integers(1, 3000), gain=st.floats(1e-3, 10))
def test_gain_shifts_the_level_by_just_so_much(seed, n, gain):
    sound = noise(n, seed)
    louder = (sound * np.float32(gain)).astype(np.float32)
    shift_db = 20 * math.log10(gain)
    assert level_db(louder) - level_db(sound) == pytest.approx(shift_db, abs=1e-4)
    assert peak_db(louder) - peak_db(sound) == pytest.approx(shift_db, abs=1e-4)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**16), n=st.integers(0, 3000), rms=st.floats(1e-6, 3))
def test_a_flipped_sign_changes_only_the_sign_of_the_offset(seed, n, rms):
    sound = np.clip(noise(n, seed, rms) + np.float32(0.1), -1, 1)
    one, other = measure(sound, RATE_HZ), measure(-sound, RATE_HZ)
    assert other.dc == -one.dc
    for name in (
        "level_db",
        "peak_db",
        "ac_level_db",
        "clipped_fraction",
        "longest_constant_s",
    ):
        assert getattr(one, name) == getattr(other, name), name
    assert judge(one) == judge(other)


def test_known_levels():
    assert level_db(sine()) == pytest.approx(-3.0103, abs=1e-3)
    assert level_db(np.full(10, -0.1, np.float32)) == pytest.approx(-20, abs=1e-5)
    assert peak_db(sine(0.5)) == pytest.approx(-6.0206, abs=1e-3)
    assert level_db(np.empty(0, np.float32)) == peak_db(np.empty(0, np.float32)) == -math.inf


def test_the_level_of_an_hour_keeps_its_digits():
    assert level_db(np.full(3600 * RATE_HZ // 10, 0.3, np.float32)) == pytest.approx(
        20 * math.log10(0.3), abs=1e-4
    )


def test_no_samples_and_one_sample():
    nothing = measure(np.empty(0, np.float32), RATE_HZ)
    assert (nothing.level_db, nothing.dc, judge(nothing)) == (-math.inf, 0.0, "silent")
    assert health([0.5]) == "stuck"


@pytest.mark.parametrize(
    ("samples", "word"),
    [
        (noise(), "ok"),
        (sine(0.99), "ok"),
        (np.zeros(32000), "silent"),
        (noise(rms=1e-5), "silent"),
        (noise(rms=1e-5) + 0.1, "silent"),
        (np.full(32000, 0.3), "stuck"),
        (np.full(32000, -1.0), "stuck"),
        (np.clip(noise(rms=0.8), -1, 1), "clipped"),
        (np.clip(noise(rms=0.8), -0.5, 0.5), "clipped"),  # flat tops below full scale
        (np.clip(noise(rms=0.8), -2.0, 0.5), "clipped"),  # on one side only
        (noise(rms=0.01) + 0.3, "dc"),
        (noise(rms=0.01) - 0.3, "dc"),
        (noise(rms=0.05) + 0.2, "ok"),
    ],
)
def test_judgement(samples, word):
    assert health(samples) == word


def test_quiet_sound_of_few_steps_is_not_called_clipped():
    steps = np.round(noise(rms=1.5 / 32768) * 32768) / 32768
    assert health(steps) == "ok"


def test_single_full_scale_samples_are_not_clipped():
    sound = noise(1000, rms=0.01)
    sound[::100] = 1.0
    assert measure(sound, RATE_HZ).clipped_fraction == 0.0


def test_the_clipped_fraction_counts_every_sample_of_each_run():
    sound = noise(1000, rms=0.01)
    sound[:3] = 1.0
    sound[500:502] = -1.0
    sound[995:] = 1.0
    assert measure(sound, RATE_HZ).clipped_fraction == pytest.approx(10 / 1000)


@pytest.mark.parametrize(
    ("samples", "longest"),
    [
        ([1, 2, 3], 1),
        ([1, 1, 2], 2),
        ([1, 2, 2, 2, 1, 1], 3),
        ([5, 5, 5, 5], 4),
        ([0, 1, 0, 0], 2),
        ([7], 1),
    ],
)
def test_the_longest_constant_stretch(samples, longest):
    level = measure(np.float32(samples) / 10, 1000)
    assert level.longest_constant_s == pytest.approx(longest / 1000)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.integers(-1, 1), min_size=1, max_size=60))
def test_runs_agree_with_counting_one_by_one(values):
    longest, run = 1, 1
    for before, value in pairwise(values):
        run = run + 1 if value == before else 1
        longest = max(longest, run)
    padded = [0, *values, 0]
    clipped = sum(
        bool(value) and bool(padded[i] or padded[i + 2]) for i, value in enumerate(values)
    )
    level = measure(np.float32(values), 1)
    assert level.longest_constant_s == longest
    assert level.clipped_fraction == pytest.approx(clipped / len(values))


def test_a_window_is_measured_in_a_tenth_of_a_millisecond():
    sound = noise()
    took_s = []
    for _ in range(200):
        start = time.perf_counter()
        measure(sound, RATE_HZ)
        took_s.append(time.perf_counter() - start)
    assert min(took_s) < 300e-6  # 100 µs on a quiet machine; room for a busy one
