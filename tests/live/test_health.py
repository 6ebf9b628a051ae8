"""Health of a source: each fault is found and cleared in time, and plant noise is never one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.audio.synth import MACHINES, render
from auscult.live.health import REFUSED_DEVIATION, HealthChange, SignalHealth
from auscult.live.listener import Block

RATE_HZ = 16000
BLOCK = 1600

RNG = np.random.default_rng(0)


def noise(seconds, *, level_db=-35.0, seed=0, channels=1):
    n = round(seconds * RATE_HZ)
    shape = n if channels == 1 else (n, channels)
    samples = np.random.default_rng(seed).standard_normal(shape) * 10 ** (level_db / 20)
    return samples.astype(np.float32)


def blocks_of(samples, block=BLOCK, rate_hz=RATE_HZ):
    for at in range(0, len(samples), block):
        yield Block(samples=samples[at : at + block], rate_hz=rate_hz)


class Feeder:
    """Feeds a health and notes when, in seconds of sound, it changed."""

    def __init__(self):
        self.health = SignalHealth(RATE_HZ)
        self.now_s = 0.0
        self.told = []

    def feed(self, samples, *, speed=1.0, late_s=lambda: 0.0, block=BLOCK):
        """Sound that comes at a multiple of its rate, each block late by something."""
        for one in blocks_of(samples, block):
            self.now_s += len(one.samples) / RATE_HZ / speed
            self._note(self.health.feed(one, self.now_s + late_s()))

    def wait(self, seconds):
        for _ in range(round(seconds / 0.1)):
            self.now_s += 0.1
            self._note(self.health.tick(self.now_s))

    def _note(self, changes):
        self.told += [(self.now_s, change) for change in changes]

    @property
    def states(self):
        return [change.state for _, change in self.told]


def clipped(samples):
    return np.clip(samples * 60.0, -1.0, 1.0)


def dead(samples):
    return np.stack([samples, np.zeros_like(samples)], axis=1)


FAULTS = {
    "silent": np.zeros_like,
    "low": lambda samples: samples * 10 ** (-45 / 20),
    "stuck": lambda samples: np.full_like(samples, 0.3),
    "clipped": clipped,
    "dc": lambda samples: samples + np.float32(0.5),
}


@pytest.mark.parametrize("offset_s", [0.0, 0.35, 0.95])
@pytest.mark.parametrize("state", sorted(FAULTS))
def test_a_fault_is_found_within_five_seconds_and_cleared_within_five(state, offset_s):
    feeder = Feeder()
    good_s = 6.0 + offset_s
    feeder.feed(noise(good_s))
    assert feeder.told == []
    feeder.feed(FAULTS[state](noise(8.0, seed=1)))
    assert feeder.states == [state]
    found_s, change = feeder.told[0]
    assert found_s - good_s <= 5.0
    assert change.since_s == pytest.approx(good_s, abs=1.01)
    feeder.feed(noise(8.0, seed=2))
    assert feeder.states == [state, "ok"]
    assert feeder.told[1][0] - good_s - 8.0 <= 5.0


def test_a_dead_channel_is_found_and_cleared():
    feeder = Feeder()
    both = noise(6.0, channels=2)
    feeder.feed(both)
    feeder.feed(dead(noise(8.0, seed=1)))
    assert feeder.states == ["channel_dead"]
    assert feeder.told[0][0] <= 6.0 + 5.0
    feeder.feed(noise(8.0, seed=2, channels=2))
    assert feeder.states == ["channel_dead", "ok"]


def test_channels_of_which_one_is_quieter_are_both_alive():
    feeder = Feeder()
    both = noise(10.0, channels=2)
    both[:, 1] *= 0.01
    feeder.feed(both)
    assert feeder.told == []


def test_nothing_at_all_is_told_once_and_ends_with_the_first_second():
    feeder = Feeder()
    feeder.feed(noise(6.0))
    feeder.wait(8.0)
    assert feeder.states == ["no_signal"]
    at_s, change = feeder.told[0]
    assert at_s - 6.0 <= 5.0
    assert change.since_s == pytest.approx(6.0)
    feeder.feed(noise(2.0, seed=1))
    assert feeder.states == ["no_signal", "ok"]
    assert feeder.told[1][0] - 14.0 <= 5.0


def test_a_source_that_never_gives_anything_is_told():
    feeder = Feeder()
    feeder.wait(4.0)
    assert feeder.states == ["no_signal"]
    feeder.feed(np.zeros(2 * RATE_HZ, np.float32))
    assert feeder.states == ["no_signal", "silent"]


@pytest.mark.parametrize("gap_s", [0.3, 1.0, 2.0])
@pytest.mark.parametrize("state", ["silent", "stuck", "clipped"])
def test_a_moment_is_no_state(state, gap_s):
    feeder = Feeder()
    for k in range(4):
        feeder.feed(noise(5.0, seed=k))
        feeder.feed(FAULTS[state](noise(gap_s, seed=10 + k)))
    feeder.feed(noise(5.0))
    assert feeder.told == []


def test_sound_at_a_limit_does_not_flap():
    feeder = Feeder()
    for k in range(40):
        feeder.feed(noise(4.0, level_db=-70.2 if k % 2 else -69.0, seed=k))
    assert feeder.states == ["low"]


def test_sound_that_is_bad_in_different_ways_is_bad():
    feeder = Feeder()
    feeder.feed(noise(5.0))
    for k in range(4):
        feeder.feed(clipped(noise(1.0, seed=k)))
        feeder.feed(np.full(RATE_HZ, 0.3, np.float32))
    assert feeder.states
    assert feeder.states[0] in ("clipped", "stuck")
    assert "ok" not in feeder.states


# The rate


def wavering(rng, mean_s=0.02):
    """Late by up to a few tenths, at random, as blocks on a network are."""
    return lambda: min(rng.exponential(mean_s), 0.4)


@pytest.mark.parametrize("speed", [0.92, 1.088])
def test_a_rate_that_lies_by_eight_percent_is_refused_within_seconds(speed):
    feeder = Feeder()
    feeder.feed(noise(20.0), speed=speed, late_s=wavering(np.random.default_rng(1)))
    assert feeder.states == ["wrong_rate"]
    at_s, change = feeder.told[0]
    assert at_s <= 6.0
    assert change.is_refused
    assert change.deviation == pytest.approx(speed - 1.0, abs=0.03)
    assert abs(change.deviation) > REFUSED_DEVIATION


@pytest.mark.parametrize("speed", [0.995, 1.005])
def test_half_a_percent_is_told_and_not_refused(speed):
    feeder = Feeder()
    feeder.feed(noise(110.0), speed=speed, late_s=wavering(np.random.default_rng(2)))
    assert feeder.states == ["wrong_rate"]
    at_s, change = feeder.told[0]
    assert at_s <= 90.0
    assert not change.is_refused
    assert change.deviation == pytest.approx(speed - 1.0, rel=0.3)


def test_what_grows_worse_is_told_again():
    feeder = Feeder()
    feeder.feed(noise(100.0), speed=0.995)
    feeder.feed(noise(100.0, seed=1), speed=0.8)
    assert [(one.state, one.is_refused) for _, one in feeder.told] == [
        ("wrong_rate", False),
        ("wrong_rate", True),
    ]


def test_a_right_rate_is_right_again_after_a_gap():
    feeder = Feeder()
    feeder.feed(noise(20.0), speed=0.9)
    assert feeder.states == ["wrong_rate"]
    begin_s = feeder.now_s
    start_s = 1000.0
    for number, block in enumerate(blocks_of(noise(10.0, seed=1))):
        feeder.now_s += 0.1
        timed = Block(samples=block.samples, rate_hz=RATE_HZ, time_s=start_s + number * 0.1)
        feeder._note(feeder.health.feed(timed, feeder.now_s))
    assert feeder.states == ["wrong_rate", "ok"]
    assert feeder.told[1][0] - begin_s <= 5.0
    assert feeder.told[1][1].since_s == 1000.0


@pytest.mark.parametrize("seed", range(20))
def test_a_good_clock_is_never_wrong_however_blocks_waver(seed):
    rng = np.random.default_rng(seed)
    feeder = Feeder()
    drift = rng.uniform(-100e-6, 100e-6)
    block = int(rng.choice([320, 1600, 4096, 16000]))
    feeder.feed(noise(120.0), speed=1 + drift, late_s=wavering(rng, 0.03), block=block)
    assert feeder.told == []


def test_a_stall_that_is_made_good_is_no_wrong_rate():
    feeder = Feeder()
    samples = noise(40.0)
    for number, block in enumerate(blocks_of(samples)):
        due_s = (number + 1) * 0.1
        stalled = 15.0 < due_s < 17.5
        feeder.now_s = 17.5 if stalled else due_s
        feeder._note(feeder.health.feed(block, feeder.now_s))
    assert feeder.told == []


def test_what_was_kept_before_it_began_is_no_wrong_rate():
    """Senders begin with seconds of sound at once."""
    feeder = Feeder()
    feeder.feed(noise(8.0), speed=100.0)
    feeder.feed(noise(30.0, seed=1))
    assert feeder.told == []


@pytest.mark.parametrize("kept_s", [0.3, -0.3])
def test_a_first_second_that_comes_early_or_late_is_no_wrong_rate(kept_s):
    feeder = Feeder()
    feeder.feed(noise(0.5), speed=0.5 / (0.5 - kept_s))
    feeder.now_s = 0.5
    feeder.feed(noise(40.0, seed=1))
    assert feeder.told == []


def test_a_file_that_is_heard_as_fast_as_possible_has_no_rate():
    feeder = Feeder()
    feeder.feed(noise(60.0), speed=500.0)
    health = SignalHealth(RATE_HZ)
    assert [change for block in blocks_of(noise(60.0)) for change in health.feed(block)] == []
    assert feeder.told == []


# How it is fed


@settings(max_examples=25)
@given(st.integers(200, 40000), st.sampled_from(sorted(FAULTS)))
def test_how_it_is_cut_into_blocks_changes_nothing(block, state):
    samples = np.concatenate([noise(4.5), FAULTS[state](noise(6.0, seed=1)), noise(6.0, seed=2)])

    def told(length):
        health = SignalHealth(RATE_HZ)
        return [change for one in blocks_of(samples, length) for change in health.feed(one)]

    assert told(block) == told(BLOCK)


def test_broken_samples_are_silence():
    health = SignalHealth(RATE_HZ)
    samples = np.full(5 * RATE_HZ, np.nan, np.float32)
    told = [change for one in blocks_of(samples) for change in health.feed(one)]
    assert [change.state for change in told] == ["silent"]


def test_blocks_of_another_rate_begin_anew():
    health = SignalHealth(RATE_HZ)
    told = []
    for rate_hz in (16000, 48000, 44100):
        for _ in range(50):
            block = np.zeros(rate_hz // 10, np.float32)
            told += health.feed(Block(samples=block, rate_hz=rate_hz))
    assert told == [HealthChange(state="silent", since_s=0.0)]
    assert health.state == "silent"


def test_no_samples_are_no_news():
    assert SignalHealth(RATE_HZ).feed(Block(samples=np.zeros(0, np.float32), rate_hz=RATE_HZ)) == []


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_no_false_alarm_in_an_hour_of_plant_noise(name):
    """Twelve minutes of each of five machines, at four gains; blocks waver, and the clock drifts."""
    rng = np.random.default_rng(7)
    feeder = Feeder()
    samples = render(MACHINES[name](), seconds=180.0, seed=4).samples
    for gain_db in (0.0, -12.0, 12.0, 6.0):
        louder = np.tanh(samples * np.float32(10 ** (gain_db / 20)))
        feeder.feed(louder, speed=1 + 60e-6, late_s=wavering(rng))
    assert feeder.told == []
