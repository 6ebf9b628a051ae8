import math
import tracemalloc
from itertools import islice, pairwise
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.audio.level import level_db
from auscult.audio.synth.faults import (
    FAULTS,
    AirLeak,
    BearingTone,
    BeltSqueal,
    Dropout,
    Hum,
    Imbalance,
    Knock,
)
from auscult.audio.synth.machine import MACHINES, Machine, MachineName, fan
from auscult.audio.synth.rendering import render, stream
from auscult.errors import RecipeError

RATE_HZ = 16000
SLOW_HZ = 4000  # quick to render
ADDED = [kind for kind in FAULTS if kind != "dropout"]
# Everything at once, low enough for the slow rate.
MANY_FAULTS = (
    Knock(start_s=0.3, duration_s=1.4, low_hz=300.0, high_hz=1500.0),
    BearingTone(start_s=0.1, duration_s=3.0, tone_hz=900.0, defect_hz=40.0),
    BeltSqueal(start_s=0.9, duration_s=1.2, low_hz=700.0, high_hz=1200.0),
    Imbalance(start_s=1.0, duration_s=2.0),
    AirLeak(start_s=0.0, duration_s=1.95, low_hz=600.0, high_hz=1900.0),
    Hum(start_s=1.999, duration_s=1.0),
    Dropout(start_s=1.5, duration_s=0.7),
)


@settings(max_examples=40)
@given(
    name=st.sampled_from(get_args(MachineName)),
    seed=st.integers(0, 2**40),
    cuts=st.lists(st.integers(1, 11_999), max_size=6),
)
def test_pieces_make_the_whole(name, seed, cuts, samples):
    machine = MACHINES[name](rate_hz=SLOW_HZ)
    whole = samples(machine, 3.0, seed, MANY_FAULTS)
    edges = sorted({0, 12_000, *cuts})
    pieces = [
        samples(machine, (b - a) / SLOW_HZ, seed, MANY_FAULTS, a / SLOW_HZ)
        for a, b in pairwise(edges)
    ]
    assert np.array_equal(np.concatenate(pieces), whole)


@settings(max_examples=25)
@given(
    name=st.sampled_from(get_args(MachineName)),
    block_samples=st.integers(1, 9000),
    first=st.integers(0, 9000),
)
def test_a_stream_is_the_whole(name, block_samples, first, samples):
    machine = MACHINES[name](rate_hz=SLOW_HZ)
    n = min(4, 12_000 // block_samples + 1)
    blocks = stream(
        machine,
        seed=7,
        faults=MANY_FAULTS,
        block_s=block_samples / SLOW_HZ,
        start_s=first / SLOW_HZ,
    )
    streamed = np.concatenate([block.samples for block in islice(blocks, n)])
    whole = samples(machine, n * block_samples / SLOW_HZ, 7, MANY_FAULTS, first / SLOW_HZ)
    assert np.array_equal(streamed, whole)


def test_far_away_seconds_need_no_past(samples):
    year_s = 365.0 * 24 * 3600
    sound = samples(fan(), 1.5, start_s=year_s)
    assert np.array_equal(sound[8000:], samples(fan(), 1.0, start_s=year_s + 0.5))
    assert level_db(sound) == pytest.approx(level_db(samples(fan(), 1.5)), abs=3)


def test_a_stream_needs_no_more_memory_as_it_goes_on():
    blocks = stream(fan(rate_hz=SLOW_HZ), seed=1)
    next(blocks)
    tracemalloc.start()
    for _ in islice(blocks, 100):
        pass
    early, _ = tracemalloc.get_traced_memory()
    for _ in islice(blocks, 400):
        pass
    late, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert late - early < 50_000
    assert peak < 2_000_000


@pytest.mark.parametrize("name", MACHINES)
def test_a_seed_is_a_recording(name, samples):
    machine = MACHINES[name]()
    one = samples(machine, seed=5)
    assert np.array_equal(one, samples(machine, seed=5))
    other = samples(machine, seed=6)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.3
    assert np.count_nonzero(one == other) < len(one) / 10


@pytest.mark.parametrize("name", MACHINES)
@pytest.mark.parametrize("rate_hz", [4000, 11025, 48000])
def test_sound_is_finite_float32_and_within_full_scale(name, rate_hz):
    sound = render(MACHINES[name](rate_hz=rate_hz), seconds=2.0, seed=1)
    assert sound.samples.dtype == np.float32
    assert len(sound.samples) == 2 * rate_hz == 2 * sound.rate_hz
    assert np.isfinite(sound.samples).all()
    assert np.abs(sound.samples).max() < 0.9
    assert -60 < level_db(sound.samples) < -20


@settings(max_examples=25)
@given(kind=st.sampled_from(ADDED), snr_db=st.floats(20, 60), level=st.floats(-40, -10))
def test_nothing_passes_full_scale(kind, snr_db, level, samples):
    machine = Machine(tonal_db=level, flow_db=level, background_db=level)
    fault = FAULTS[kind](start_s=0.2, duration_s=0.5, snr_db=snr_db)
    sound = samples(machine, 1.0, 1, [fault])
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= 1.0


@pytest.mark.parametrize("name", MACHINES)
def test_the_level_is_steady_in_the_long_run(name, samples):
    machine = MACHINES[name](rate_hz=SLOW_HZ)
    # A minute out of each of the ten hours; the mean of 12 pieces spread over it.
    hours = [
        level_db(
            np.concatenate(
                [samples(machine, 1.0, 3, start_s=3600.0 * h + 293.7 * k) for k in range(12)]
            )
        )
        for h in range(10)
    ]
    assert np.std(hours) < (0.6 if machine.duty is None else 1.8)
    assert abs(np.mean(hours[:5]) - np.mean(hours[5:])) < (0.5 if machine.duty is None else 1.8)


@pytest.mark.parametrize("kind", ADDED)
@pytest.mark.parametrize("name", MACHINES)
def test_a_fault_stands_as_far_over_its_band_as_it_says(name, kind, samples, band_db):
    machine = MACHINES[name]()
    # Seven seconds are a whole cycle of the slowest cyclic machine.
    fault = FAULTS[kind](start_s=1.3, duration_s=7.0, snr_db=6.0)
    here = slice(round(1.3 * RATE_HZ), round(8.3 * RATE_HZ))
    healthy, broken = (samples(machine, 9.0, 2, faults)[here] for faults in ((), (fault,)))
    band = fault.band_hz(machine)
    own_db = band_db(healthy, *band)
    assert band_db(broken.astype(float) - healthy, *band) - own_db == pytest.approx(6.0, abs=1.5)
    both_db = 10 * math.log10(1 + 10**0.6)
    assert band_db(broken, *band) - own_db == pytest.approx(both_db, abs=1.5)


@pytest.mark.parametrize("snr_db", [-6.0, 0.0, 20.0])
def test_levels_go_with_snr_db(snr_db, fault_alone):
    quiet, loud = (
        fault_alone(fan(), AirLeak(start_s=0.5, snr_db=snr), 3.0) for snr in (0.0, snr_db)
    )
    assert level_db(loud) - level_db(quiet) == pytest.approx(snr_db, abs=0.01)


def test_a_fault_without_end_is_as_loud_as_a_short_one(fault_alone):
    short, long = (
        fault_alone(fan(), AirLeak(start_s=0.5, duration_s=d), 3.0)[9600:-9600] for d in (2.5, 1e6)
    )
    assert level_db(long) == pytest.approx(level_db(short), abs=1.0)


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("name", ["fan", "cyclic"])
def test_a_fault_touches_nothing_outside_of_its_time(name, kind, samples):
    machine = MACHINES[name]()
    fault = FAULTS[kind](start_s=1.0501, duration_s=0.8)
    healthy, broken = samples(machine, 3.0), samples(machine, 3.0, faults=[fault])
    start, end = math.ceil(fault.start_s * RATE_HZ), math.floor(fault.end_s * RATE_HZ) + 1
    assert np.array_equal(broken[:start], healthy[:start])
    assert np.array_equal(broken[end:], healthy[end:])
    changed = np.flatnonzero(broken != healthy)
    assert changed[0] < start + 0.1 * RATE_HZ
    assert changed[-1] > end - 0.4 * RATE_HZ
    # It neither begins nor ends with a click.
    edges = np.abs(broken[[start, end - 2]] - healthy[[start, end - 2]])
    assert edges.max() < 0.002


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_sounds_the_same_with_another_one_after_it(kind, samples):
    fault = FAULTS[kind](start_s=0.2, duration_s=0.8)
    alone = samples(fan(), 2.0, faults=[fault])
    together = samples(fan(), 2.0, faults=[fault, Hum(start_s=1.2, duration_s=0.5)])
    assert np.array_equal(alone[: round(1.2 * RATE_HZ)], together[: round(1.2 * RATE_HZ)])
    assert not np.array_equal(alone, together)


def test_a_fault_is_whole_for_half_of_its_time_however_slowly_it_fades(samples):
    dropout = Dropout(start_s=1.0, duration_s=1.0, depth_db=20.0, fade_s=100.0)
    here = slice(round(1.25 * RATE_HZ), round(1.75 * RATE_HZ))
    healthy, broken = (samples(fan(), 2.0, faults=faults)[here] for faults in ((), (dropout,)))
    assert level_db(healthy) - level_db(broken) == pytest.approx(20.0, abs=0.01)


@pytest.mark.parametrize("depth_db", [6.0, 40.0])
def test_a_dropout_takes_everything_down(depth_db, samples):
    faults = [Hum(start_s=0.0, duration_s=4.0, snr_db=20.0)]
    before = samples(fan(), 4.0, faults=faults)[24_000:40_000]
    faults.insert(0, Dropout(start_s=1.0, duration_s=2.0, depth_db=depth_db))
    whole = samples(fan(), 4.0, faults=[*faults[1:], faults[0]])
    assert level_db(before) - level_db(whole[24_000:40_000]) == pytest.approx(depth_db, abs=0.01)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: render(fan(), seed=0, seconds=0.0), ["rendering of 0.0 s", "to 100000 s"]),
        (lambda: render(fan(), seed=0, seconds=math.nan), ["rendering of nan s", "stream()"]),
        (lambda: render(fan(), seed=-1, seconds=1.0), ["seed is -1", "0 or more"]),
        (lambda: render(fan(), seed=1.5, seconds=1.0), ["seed is 1.5", "whole number"]),
        (
            lambda: render(fan(), seed=0, seconds=1.0, start_s=-1.0),
            ["from -1.0 s", "0 to 1e9 s", "start_s"],
        ),
        (lambda: stream(fan(), seed=0, block_s=0.0), ["Blocks of 0.0 s", "one sample to"]),
        (
            lambda: stream(fan(rate_hz=8000), seed=0, faults=[AirLeak()]),
            ["AirLeak reaches up to 7500 Hz", "at most 4000 Hz", "raise rate_hz"],
        ),
    ],
)
def test_what_has_no_meaning_is_refused_at_once(make, words):
    with pytest.raises(RecipeError) as refusal:
        make()
    for word in words:
        assert word in str(refusal.value)
