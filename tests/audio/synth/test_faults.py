import math
from typing import get_args

import numpy as np
import pytest

from auscult.audio.level import level_db
from auscult.audio.synth.fault import FADE_S
from auscult.audio.synth.faults import (
    FAULTS,
    BearingTone,
    BeltSqueal,
    Dropout,
    FaultKind,
    Hum,
    Imbalance,
    Knock,
)
from auscult.audio.synth.machine import fan, pump, two_states
from auscult.errors import RecipeError

RATE_HZ = 16000
ADDED = [kind for kind in FAULTS if kind != "dropout"]


@pytest.mark.parametrize("kind", ADDED)
def test_most_of_a_fault_lies_in_the_band_it_claims(kind, spectrum, fault_alone):
    fault = FAULTS[kind](start_s=0.5, duration_s=3.0)
    hz, power = spectrum(fault_alone(fan(), fault, 4.0))
    low_hz, high_hz = fault.band_hz(fan())
    inside = (hz >= low_hz) & (hz <= high_hz)
    assert power[inside].sum() > 0.9 * power.sum()
    # And it fills that band: its lowest and highest quarter of octaves hold something too.
    middle_hz = math.sqrt(max(low_hz, 20) * high_hz)
    assert power[inside & (hz < middle_hz)].sum() > 0.03 * power.sum()
    assert power[inside & (hz > middle_hz)].sum() > 0.03 * power.sum()


@pytest.mark.parametrize("kind", ADDED)
def test_two_seeds_make_two_faults(kind, fault_alone):
    one, other = (
        fault_alone(fan(), FAULTS[kind](start_s=0.0, duration_s=1.0), 1.0, s) for s in (1, 2)
    )
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.9


def test_knocks_come_at_their_rate_and_die_away(fault_alone):
    knocks = fault_alone(fan(), Knock(duration_s=5.0, rate_hz=4.0, decay_s=0.005), 5.0)
    energy = np.add.reduceat(knocks**2, range(0, len(knocks), 160))  # 10 ms each
    begun = np.flatnonzero((energy[1:] > 0.2 * energy.max()) & (energy[:-1] < 0.02 * energy.max()))
    assert len(begun) == pytest.approx(20, abs=2)
    assert np.median(np.diff(begun)) == pytest.approx(25, abs=3)
    assert np.sort(energy)[: len(energy) // 2].sum() < 1e-3 * energy.sum()


def test_a_single_knock_is_single(fault_alone):
    knock = fault_alone(fan(), Knock(start_s=1.0, duration_s=1.0, rate_hz=0), 2.0)
    at = round((1.0 + FADE_S) * RATE_HZ)
    assert not knock[: at - 1].any()
    assert np.sum(knock[at : at + 800] ** 2) > 0.999 * np.sum(knock**2)


def test_knocks_begin_with_their_fault(fault_alone):
    knocks = fault_alone(fan(), Knock(start_s=2.3, duration_s=2.0, rate_hz=0.5), 5.0)
    begun_s = np.flatnonzero(np.abs(knocks) > 0.3 * np.abs(knocks).max())[0] / RATE_HZ
    # At most a tenth of the pause late.
    assert 2.3 + FADE_S <= begun_s < 2.3 + FADE_S + 0.21


def test_bearing_damage_beats_at_the_defect_rate(spectrum, fault_alone):
    fault = BearingTone(duration_s=6.0, tone_hz=3000.0, defect_hz=100.0, sidebands=3)
    hz, power = spectrum(fault_alone(fan(), fault, 6.0), n=8000)
    for k in range(-3, 4):
        line = np.abs(hz - 3000.0 - 100.0 * k) < 15
        gap = np.abs(hz - 3050.0 - 100.0 * k) < 15
        assert power[line].sum() > 20 * power[gap].sum(), k


def test_a_squeal_glides(fault_alone):
    squeals = fault_alone(fan(), BeltSqueal(duration_s=1.0, squeal_s=1.0, pause_s=0.0), 1.0)
    frames = np.abs(np.fft.rfft(squeals.reshape(20, 800), axis=1))[4:16]
    loudest_hz = 20.0 * frames.argmax(axis=1)
    steps = np.diff(loudest_hz)
    assert np.abs(loudest_hz[-1] - loudest_hz[0]) > 400
    assert (steps >= -20).all() or (steps <= 20).all()


def test_imbalance_follows_the_rotation_and_grows(spectrum, fault_alone):
    machine = pump()
    fault = fault_alone(machine, Imbalance(duration_s=4.0, harmonics=3, growth_s=1.0), 4.0)
    hz, power = spectrum(fault, n=16000)
    for order in (1, 2, 3):
        line_hz = order * machine.rotation_hz
        assert np.abs(hz[np.abs(hz - line_hz) < 20][power[np.abs(hz - line_hz) < 20].argmax()]
                      - line_hz) < 3  # fmt: skip
    assert level_db(fault[1600:4800]) < level_db(fault[20000:40000]) - 6
    assert Imbalance(harmonics=2).band_hz(two_states())[1] == pytest.approx(2.5 * 24.7 * 1.18)


def test_hum_stands_at_multiples_of_its_lowest_tone(fault_alone, spectrum):
    hum = Hum(duration_s=4.0, hum_hz=120.0, harmonics=4, drop_db=3.0)
    hz, power = spectrum(fault_alone(fan(), hum, 4.0), n=16000)
    lines = [power[np.abs(hz - 120.0 * k) < 5].sum() for k in range(1, 5)]
    assert sum(lines) > 0.98 * power.sum()
    assert -10 * np.diff(np.log10(lines)) == pytest.approx(3.0, abs=0.3)


def test_every_fault_has_its_name():
    assert tuple(FAULTS) == get_args(FaultKind)
    assert all(fault().kind == kind for kind, fault in FAULTS.items())


def test_a_kind_is_no_parameter():
    with pytest.raises(TypeError):
        Knock(kind="hum")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Hum(start_s=-1.0), ["Hum has start_s=-1.0", "0 to 1e+09"]),
        (lambda: Hum(harmonics=2.5), ["harmonics=2.5", "whole number from 1 to 40"]),
        (lambda: Knock(rate_hz=0.1), ["Knock has rate_hz=0.1", "0.2 to 50"]),
        (lambda: Knock(low_hz=900, high_hz=800), ["from 900 to 800 Hz", "20 Hz over the lower"]),
        (lambda: BearingTone(tone_hz=100.0), ["band from -291.5", "above 0", "frequencies"]),
        (lambda: BeltSqueal(squeal_s=0.0), ["BeltSqueal has squeal_s=0.0", "0.05 to 10"]),
        (lambda: Imbalance(harmonics=0), ["Imbalance has harmonics=0", "1 to 40"]),
        (lambda: Dropout(depth_db=0.0), ["Dropout has depth_db=0.0", "1 to 120"]),
    ],
)
def test_what_has_no_meaning_is_refused_at_once(make, words):
    with pytest.raises(RecipeError) as refusal:
        make()
    for word in words:
        assert word in str(refusal.value)
