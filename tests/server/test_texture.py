"""What kind of sound it is, on machines of which that is known."""

import numpy as np
import pytest

from auscult.audio.sound import Sound
from auscult.audio.synth import cyclic, fan, pump, render, two_states, valve
from auscult.server.texture import marks_of, texture_of


@pytest.mark.parametrize(
    ("make", "kind", "period_s"),
    [
        (fan, "steady", None),
        (pump, "steady", None),
        (valve, "cyclic", 1.6),
        (cyclic, "cyclic", 7.0),
        (two_states, "changing", None),
    ],
)
def test_simulated_machines_are_what_they_were_made_to_be(make, kind, period_s):
    found = texture_of(render(make(), seconds=60.0, seed=3))
    assert found.health == "ok"
    assert found.kind == kind
    assert found.period_s == (None if period_s is None else pytest.approx(period_s, rel=0.05))


@pytest.mark.parametrize("n", [0, 5, 400, 8000])
def test_silence_and_next_to_nothing_are_survived(n):
    found = texture_of(Sound(samples=np.zeros(n, np.float32), rate_hz=16000))
    assert found.level_db is None
    assert found.kind == "steady"
    assert found.period_s is None


def test_clipping_is_told():
    loud = np.clip(3 * np.sin(np.arange(32_000) / 9), -1, 1).astype(np.float32)
    assert texture_of(Sound(samples=loud, rate_hz=16000)).health == "clipped"


def test_seconds_that_are_unlike_the_others_are_marked():
    made = render(fan(), seconds=30.0, seed=1)
    samples, rate_hz = made.samples.copy(), made.rate_hz
    rng = np.random.default_rng(0)
    samples[20 * rate_hz : 21 * rate_hz] += 0.3 * rng.standard_normal(rate_hz).astype(np.float32)
    samples[4 * rate_hz : 5 * rate_hz] = 0.0
    samples[7 * rate_hz : 8 * rate_hz] = np.clip(50 * samples[7 * rate_hz : 8 * rate_hz], -1, 1)
    marks = marks_of(Sound(samples=samples, rate_hz=rate_hz))
    assert marks == {4: "silent", 7: "clipped", 20: "odd"}


@pytest.mark.parametrize("at_s", np.linspace(11.5, 11.6, 9))
def test_sound_that_was_dropped_is_marked_wherever_it_is(at_s):
    made = render(fan(), seconds=30.0, seed=1)
    at, lost = round(at_s * made.rate_hz), round(0.01 * made.rate_hz)
    torn = made.samples.copy()
    torn[at : at + lost] = 0.0
    assert marks_of(Sound(samples=torn, rate_hz=made.rate_hz)) == {11: "odd"}
    clicked = made.samples.copy()
    clicked[at : at + 2] += 0.3
    assert marks_of(Sound(samples=clicked, rate_hz=made.rate_hz)) == {11: "odd"}


@pytest.mark.parametrize("rate_hz", [5512, 7350, 11_025, 22_255, 44_100])
def test_seconds_of_any_rate_are_looked_at(rate_hz):
    hiss = 0.05 * np.random.default_rng(0).standard_normal(30 * rate_hz).astype(np.float32)
    hiss[round(11.5 * rate_hz) :][: round(0.01 * rate_hz)] = 0.0
    assert marks_of(Sound(samples=hiss, rate_hz=rate_hz)) == {11: "odd"}


def test_what_lies_between_two_seconds_is_in_both():
    made = render(fan(), seconds=30.0, seed=1)
    clicked = made.samples.copy()
    clicked[11 * made.rate_hz] += 0.5
    assert marks_of(Sound(samples=clicked, rate_hz=made.rate_hz)) == {10: "odd", 11: "odd"}


def test_gaps_in_every_second_are_how_it_sounds():
    made = render(fan(), seconds=30.0, seed=1)
    gated = made.samples.copy()
    for second in range(30):
        gated[second * made.rate_hz :][: round(0.01 * made.rate_hz)] = 0.0
    assert marks_of(Sound(samples=gated, rate_hz=made.rate_hz)) == {}


@pytest.mark.parametrize("make", [fan, pump, valve, cyclic, two_states])
def test_no_second_of_a_machine_as_it_should_be_is_marked(make):
    assert marks_of(render(make(), seconds=60.0, seed=5)) == {}
