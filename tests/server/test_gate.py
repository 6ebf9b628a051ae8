"""What is said of sound before anything is learned from it."""

import numpy as np
import pytest

from auscult.audio.sound import Sound
from auscult.audio.synth import render, two_states, valve
from auscult.server.collection import Collection
from auscult.server.gate import checks_of


def checked(*sounds):
    collection = Collection(id="c", folder=None)
    for sound in sounds:
        collection.add_recording(sound, name="recording")
    return {one.name: one for one in checks_of(collection)}


def of(samples):
    return Sound(samples=np.asarray(samples, np.float32), rate_hz=16000)


def test_nothing_is_said_of_nothing():
    assert checked() == {}


@pytest.mark.parametrize(("seconds", "outcome"), [(10.0, "bad"), (35.0, "watch"), (60.0, "good")])
def test_how_long_is_enough(machine, seconds, outcome):
    assert checked(of(machine(1, seconds)))["length"].outcome == outcome


def test_three_short_recordings_are_something(machine):
    found = checked(*(of(machine(number, 6.0)) for number in range(3)))
    assert found["length"].outcome == "watch"


def test_silence_and_clipping_are_counted(machine):
    found = checked(of(np.zeros(160_000)), of(np.clip(20 * machine(1, 10.0), -1, 1)))
    assert (found["signal"].outcome, found["signal"].value) == ("bad", 1)
    assert (found["clipping"].outcome, found["clipping"].value) == ("watch", 1)


def test_what_comes_again_is_to_be_heard_ten_times():
    one = checked(render(valve(), seconds=12.0, seed=1))
    assert one["kind"].what == "cyclic"
    assert one["kind"].value == pytest.approx(1.6, rel=0.05)
    assert one["variety"].outcome == "watch"
    assert checked(render(valve(), seconds=60.0, seed=1))["variety"].outcome == "good"


def test_what_changes_is_to_be_heard_for_longer():
    found = checked(render(two_states(), seconds=60.0, seed=3))
    assert (found["kind"].what, found["variety"].outcome) == ("changing", "watch")
