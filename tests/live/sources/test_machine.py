from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.audio.synth import FADE_S, FAULTS, Knock, fan, render
from auscult.errors import RecipeError
from auscult.live.clock import FakeClock, SystemClock
from auscult.live.sources import BLOCK_S, LONGEST_S, MachineSource, from_machine
from auscult.live.sources.machine import SEED, machine_named

RATE_HZ = 16000
FADED = round(FADE_S * RATE_HZ)


def joined(blocks):
    return np.concatenate([block.samples for block in blocks])


def hasty():
    """A source that waits for nothing."""
    return MachineSource(fan(), realtime=False, clock=FakeClock(), name="fan")


def taken(blocks, n):
    return joined([next(blocks) for _ in range(n)])


@given(st.sampled_from([0.02, 0.1, 0.25, 1.0, 7.0]))
def test_however_it_is_cut_a_machine_is_the_same_sound(block_s):
    sound = joined(from_machine(fan(), seconds=2.0, seed=3, block_s=block_s))
    whole = joined(from_machine(fan(), seconds=2.0, seed=3, block_s=2.0))
    np.testing.assert_allclose(sound, whole, atol=1e-6)


def test_a_machine_live_is_the_machine_as_recorded():
    live = joined(from_machine(fan(), seconds=3.0, seed=5))
    np.testing.assert_allclose(live, render(fan(), seconds=3.0, seed=5).samples, atol=1e-6)


def test_a_fault_is_there_at_its_time_and_nowhere_else():
    fault = Knock(start_s=1.0, duration_s=1.0, snr_db=10.0)
    normal = joined(from_machine(fan(), seconds=3.0, seed=1))
    broken = joined(from_machine(fan(), seconds=3.0, seed=1, faults=[fault]))
    changed = np.flatnonzero(np.abs(broken - normal) > 1e-6) / 16000
    assert changed.min() >= 1.0
    assert changed.max() <= 2.1
    assert len(changed) > 1000


@pytest.mark.parametrize("seconds", [0.01, 0.5, 1.0, 3.14, 10.0])
def test_it_lasts_as_long_as_asked_for(seconds):
    blocks = list(from_machine(fan(), seconds=seconds, seed=0))
    assert sum(len(block.samples) for block in blocks) == round(seconds * 16000)


@pytest.mark.parametrize("seconds", [0.0, -3.0, nan, inf, 1e12])
def test_lengths_without_a_meaning_are_refused(seconds):
    with pytest.raises(
        RecipeError, match=r"s of a simulated machine were asked for\. Expected: more than 0 s"
    ):
        next(from_machine(fan(), seconds=seconds, seed=0))


def test_a_seed_below_zero_is_refused():
    with pytest.raises(RecipeError, match=r"The seed is -1\. Expected: a whole number, 0 or more"):
        next(from_machine(fan(), seconds=1.0, seed=-1))


def test_an_endless_machine_is_the_one_that_was_learned():
    source = hasty()
    assert (source.name, source.kind, source.state) == ("simulated fan", "machine", "starting")
    blocks = iter(source)
    heard = taken(blocks, 25)
    assert np.array_equal(heard, render(fan(), seconds=2.5, seed=SEED).samples)
    assert (source.state, source.dropped_samples) == ("listening", 0)


def test_times_show_where_each_block_belongs():
    blocks = iter(hasty())
    assert [next(blocks).time_s for _ in range(3)] == pytest.approx([0.0, BLOCK_S, 2 * BLOCK_S])


@pytest.mark.parametrize("kind", sorted(FAULTS))
def test_every_fault_can_be_heard_from_the_next_block_on_and_ends(kind):
    source = hasty()
    blocks = iter(source)
    before = taken(blocks, 12)
    source.inject(kind, 2.0)
    assert source.current == kind
    assert source.ends_in_s == pytest.approx(2.0)
    during = taken(blocks, 20)
    assert source.current is None
    assert source.ends_in_s is None
    after = taken(blocks, 10)
    normal = render(fan(), seconds=4.2, seed=SEED).samples
    assert np.array_equal(before, normal[: len(before)])
    difference = during - normal[len(before) : len(before) + len(during)]
    assert float(np.sqrt(np.mean(difference**2))) > 1e-4
    assert np.array_equal(after[RATE_HZ // 5 :], normal[-len(after) + RATE_HZ // 5 :])


def test_a_mended_machine_is_normal_from_the_next_block_on_and_does_not_click():
    source = hasty()
    blocks = iter(source)
    taken(blocks, 5)
    source.inject("hum", 60.0, snr_db=20.0)
    taken(blocks, 10)
    source.clear()
    assert source.current is None
    mended = taken(blocks, 10)
    normal = render(fan(), seconds=2.5, seed=SEED).samples[-RATE_HZ:]
    assert np.array_equal(mended[FADED:], normal[FADED:])
    still_broken = hasty()
    its_blocks = iter(still_broken)
    taken(its_blocks, 5)
    still_broken.inject("hum", 60.0, snr_db=20.0)
    goes_on = taken(its_blocks, 20)[RATE_HZ:]
    assert np.allclose(mended[:2], goes_on[:2], atol=0.02 * np.abs(goes_on).max())
    assert not np.allclose(normal[:2], goes_on[:2], atol=0.02 * np.abs(goes_on).max())


def test_another_fault_takes_the_place_of_the_first():
    source = hasty()
    blocks = iter(source)
    source.inject("hum", 60.0)
    taken(blocks, 10)
    source.inject("air_leak", 5.0)
    assert (source.current, source.ends_in_s) == ("air_leak", 5.0)
    with_both = taken(blocks, 10)
    alone = hasty()
    its_blocks = iter(alone)
    taken(its_blocks, 10)
    alone.inject("air_leak", 5.0)
    assert np.allclose(with_both[FADED:], taken(its_blocks, 10)[FADED:], atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "seconds", "snr_db", "words"),
    [
        ("zap", 5.0, 9.0, "no fault 'zap'. Expected: one of knock, "),
        ("knock", 0.0, 9.0, "duration_s"),
        ("knock", LONGEST_S * 10, 9.0, "duration_s"),
        ("knock", 5.0, nan, "snr_db"),
    ],
)
def test_what_can_not_break_it_is_told_and_it_runs_on(kind, seconds, snr_db, words):
    source = hasty()
    with pytest.raises(RecipeError, match=words):
        source.inject(kind, seconds, snr_db=snr_db)
    assert source.current is None
    assert np.array_equal(taken(iter(source), 5), render(fan(), seconds=0.5, seed=SEED).samples)


def test_it_takes_its_time_and_ends_when_it_is_closed():
    clock = SystemClock()
    source = MachineSource(fan(), realtime=True, clock=clock, name="fan")
    begin_s = clock.monotonic_s()
    blocks = iter(source)
    taken(blocks, 3)
    assert clock.monotonic_s() - begin_s >= 0.28
    source.close()
    assert list(blocks) == []
    assert source.state == "ended"


def test_machines_are_known_by_name():
    assert machine_named("fan") == fan()
    with pytest.raises(RecipeError, match=r"no simulated machine 'car'\. Expected: one of fan, "):
        machine_named("car")
