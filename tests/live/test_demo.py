import numpy as np
import pytest

from auscult.audio.synth import FAULTS, FaultSpan, fan, render, truth
from auscult.live.demo import Outcome, faults_in_turn, learn_machine, minutes_of, outcomes

from .simple import heard_event


def fault(start_s, end_s):
    return FaultSpan(kind="knock", start_s=start_s, end_s=end_s, low_hz=100.0, high_hz=900.0)


def event(number, start_s, end_s, status):
    times = {"start_s": start_s, "end_s": end_s, "peak_s": start_s + 1.0}
    return heard_event(id=number, status=status, **times)


def told(number, start_s, end_s):
    """Both tellings of an event that began with a window of two seconds."""
    begun = event(number, start_s, start_s + 2.0, "begun")
    return [begun, event(number, start_s, end_s, "ended")]


def test_every_fault_comes_once_with_quiet_around_it():
    faults, seconds = faults_in_turn(6.0)
    assert [one.kind for one in faults] == list(FAULTS)
    spans = truth(fan(), faults)
    edges = [0.0, *(edge for span in spans for edge in (span.start_s, span.end_s)), seconds]
    pauses = [b - a for a, b in zip(edges[::2], edges[1::2], strict=True)]
    assert min(pauses) >= 20.0


def test_faults_are_as_loud_as_asked_for():
    faults, _ = faults_in_turn(-3.0)
    assert {getattr(one, "snr_db", None) for one in faults} == {-3.0, None}


def test_minutes_follow_one_another_as_recordings_of_their_own():
    first, second = minutes_of(fan(), minutes=2, seed=4)
    assert first.is_normal
    assert (first.group, second.group) == ("minute 1", "minute 2")
    assert first.sound.duration_s == second.sound.duration_s == 60.0
    around = render(fan(), seconds=2.0, seed=4, start_s=59.0).samples
    seam = np.concatenate([first.sound.samples[-16000:], second.sound.samples[:16000]])
    np.testing.assert_allclose(seam, around, atol=1e-6)


def test_a_machine_is_learned_under_its_name():
    seen = []
    learned = learn_machine(
        "fan", minutes=1, seed=0, budget_per_day=2.0, progress=lambda done, what: seen.append(done)
    )
    assert learned.seconds_of_sound == 60.0
    assert learned.bundle.manifest.name == "simulated-fan"
    assert learned.bundle.manifest.calibration.budget_per_day == 2.0
    assert seen[-1] == pytest.approx(60.0)


def test_an_event_that_begins_during_a_fault_hears_it():
    (heard,), false = outcomes([fault(20.0, 32.0)], told(1, 19.0, 37.0))
    assert heard.event.status == "ended"
    assert heard.told_s == 21.0
    assert heard.delay_s == 1.0
    assert false == []


def test_no_event_no_delay():
    (heard,), false = outcomes([fault(20.0, 32.0)], [])
    assert heard == Outcome(fault=fault(20.0, 32.0))
    assert heard.delay_s is None
    assert false == []


def test_an_event_about_nothing_is_a_false_alarm():
    (heard,), (false,) = outcomes([fault(20.0, 32.0)], told(1, 5.0, 9.0))
    assert heard.event is None
    assert false.start_s == 5.0


def test_an_alarm_that_never_ends_hears_one_fault_at_most():
    faults = [fault(20.0, 32.0), fault(60.0, 72.0)]
    heard, false = outcomes(faults, told(1, 21.0, 300.0))
    assert [one.event is not None for one in heard] == [True, False]
    assert false == []
    heard, false = outcomes(faults, told(1, 0.0, 300.0))
    assert [one.event for one in heard] == [None, None]
    assert len(false) == 1


def test_of_two_events_the_first_one_tells():
    events = [*told(1, 20.0, 24.0), *told(2, 28.0, 32.0)]
    (heard,), _ = outcomes([fault(20.0, 32.0)], events)
    assert heard.event.id == 1


def test_an_event_still_going_on_is_shown_as_it_began():
    (heard,), _ = outcomes([fault(20.0, 32.0)], told(1, 20.0, 0.0)[:1])
    assert heard.event.status == "begun"
