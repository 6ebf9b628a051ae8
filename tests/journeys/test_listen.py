"""A recording heard as if it were live, however it arrives."""

import numpy as np
import pytest

import auscult
from auscult.audio.synth import AirLeak, Knock, fan, render
from auscult.live.sources import from_file, from_machine

FAULTS = (
    Knock(start_s=12.0, duration_s=5.0, snr_db=9.0),
    AirLeak(start_s=42.0, duration_s=5.0, snr_db=9.0),
)


@pytest.fixture(scope="module")
def scorer(learned):
    return auscult.Scorer(learned)


@pytest.fixture(scope="module")
def sound():
    """A minute with two faults."""
    return render(fan(), seconds=60.0, seed=77, faults=FAULTS)


def heard(scorer, blocks):
    listener = auscult.Listener(scorer)
    items = [item for block in blocks for item in listener.feed(block)]
    return items + listener.close()


def in_blocks(samples, rate_hz, seed):
    """Blocks of any length, from nothing to five seconds."""
    rng = np.random.default_rng(seed)
    at = 0
    while at < len(samples):
        n = int(rng.choice([0, 1, 160, 1600, 16001, 80000]) * rng.uniform(0.5, 1.0))
        yield auscult.Block(samples=samples[at : at + n], rate_hz=rate_hz)
        at += n


@pytest.fixture(scope="module")
def whole(scorer, sound):
    """Everything heard when it comes in one block."""
    return heard(scorer, [auscult.Block(samples=sound.samples, rate_hz=sound.rate_hz)])


@pytest.mark.parametrize("seed", range(5))
def test_how_sound_is_cut_never_changes_what_is_heard(seed, scorer, sound, whole):
    assert heard(scorer, in_blocks(sound.samples, sound.rate_hz, seed)) == whole


@pytest.mark.parametrize("seed", range(2))
def test_that_holds_for_another_rate_too(seed, scorer):
    samples = render(fan(rate_hz=44100), seconds=12.0, seed=3).samples
    once = heard(scorer, [auscult.Block(samples=samples, rate_hz=44100)])
    assert heard(scorer, in_blocks(samples, 44100, seed)) == once


def test_each_fault_is_an_event_with_its_band(whole):
    ended = [one for one in whole if isinstance(one, auscult.Event) and one.status == "ended"]
    assert len(ended) == len(FAULTS)
    for event, fault in zip(ended, FAULTS, strict=True):
        assert event.start_s <= fault.start_s + 1.0
        assert event.end_s >= fault.start_s + fault.duration_s - 1.0
        told = event.explanation
        assert told.low_hz < fault.high_hz
        assert told.high_hz > fault.low_hz
        assert told.start_s < fault.start_s + fault.duration_s
        assert told.end_s > fault.start_s


def test_live_windows_are_those_of_the_recording(scorer, sound, whole):
    windows = [one for one in whole if isinstance(one, auscult.Verdict)]
    assert tuple(windows) == scorer.score(sound).windows


def test_a_file_is_heard_as_it_is_scored(scorer, simulated):
    path = simulated.broken[0]
    windows = [one for one in heard(scorer, from_file(path)) if isinstance(one, auscult.Verdict)]
    assert tuple(windows) == scorer.score(path).windows


def test_the_simulated_machine_is_heard_as_its_recording(scorer, sound, whole):
    live = heard(scorer, from_machine(fan(), seconds=60.0, seed=77, faults=FAULTS))
    for one, other in zip(live, whole, strict=True):
        assert type(one) is type(other)
        assert one.start_s == other.start_s
        if isinstance(one, auscult.Verdict):
            assert one.score == pytest.approx(other.score, rel=1e-3)
