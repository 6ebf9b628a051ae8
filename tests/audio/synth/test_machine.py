import math
from dataclasses import FrozenInstanceError
from typing import get_args

import numpy as np
import pytest

from auscult.audio.synth.machine import (
    MACHINES,
    Duty,
    Machine,
    MachineName,
    Resonance,
    fan,
    gained_turn_s,
    resonant_db,
)
from auscult.errors import RecipeError


def test_every_machine_has_its_name():
    assert tuple(MACHINES) == get_args(MachineName)


@pytest.mark.parametrize("name", MACHINES)
@pytest.mark.parametrize("rate_hz", [4000, 48000])
def test_every_machine_is_to_be_had_at_any_rate(name, rate_hz):
    assert MACHINES[name](rate_hz=rate_hz).rate_hz == rate_hz


def test_the_top_speed_is_that_of_the_quicker_point():
    def top_speed(speed):
        return Machine(duty=Duty(low_s=9.0, high_s=9.0, speed=speed)).top_speed

    assert [top_speed(speed) for speed in (-0.5, 0.0, 0.25)] == [1.0, 1.0, 1.25]


def test_a_quarter_quicker_gains_a_turn_in_four():
    duty = Duty(low_s=9.0, high_s=9.0, speed=-0.25)
    assert gained_turn_s(Machine(rotation_hz=20.0, duty=duty)) == pytest.approx(4 / 20.0)
    assert gained_turn_s(Machine()) == 0.0


def test_a_resonance_has_half_its_gain_at_half_its_width():
    machine = Machine(resonances=(Resonance(hz=1000.0, gain_db=12.0, width_hz=300.0),))
    gains_db = resonant_db(machine, np.array([850.0, 1000.0, 1150.0]))
    assert gains_db == pytest.approx([6.0, 12.0, 6.0])
    assert not resonant_db(Machine(resonances=()), np.array([850.0])).any()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Machine(rotation_hz=0), ["Machine has rotation_hz=0", "1 to 500", "Change"]),
        (lambda: Machine(rotation_hz=math.nan), ["rotation_hz=nan", "1 to 500"]),
        (lambda: Machine(rotation_hz="fast"), ["rotation_hz='fast'", "1 to 500"]),
        (lambda: Machine(rate_hz=0), ["rate_hz=0", "whole number from 4000 to 192000"]),
        (lambda: Machine(rate_hz=10**9), ["rate_hz=1000000000", "4000 to 192000"]),
        (lambda: Machine(blades=2.5), ["blades=2.5", "whole number from 1 to 100"]),
        (lambda: Machine(flow_db=3.0), ["flow_db=3.0", "-120 to -10"]),
        (lambda: Resonance(hz=1.0, gain_db=3.0, width_hz=9.0), ["Resonance has hz=1.0", "10 to"]),
        (
            lambda: Machine(duty=Duty(low_s=1.0, high_s=1.0, spread_s=0.5)),
            ["stays as short as 0 s", "ramp"],
        ),
        (lambda: Duty(low_s=1.0, high_s=1.0, strike_db=0.0), ["strike_db=0.0", "-120 to -30"]),
    ],
)
def test_what_has_no_meaning_is_refused_at_once(make, words):
    with pytest.raises(RecipeError) as refusal:
        make()
    for word in words:
        assert word in str(refusal.value)


def test_values_stay_as_they_are():
    with pytest.raises(FrozenInstanceError):
        fan().rotation_hz = 3.0
