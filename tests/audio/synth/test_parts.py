import math
from dataclasses import replace

import numpy as np
import pytest

from auscult.audio.level import level_db
from auscult.audio.synth.machine import Duty, Machine
from auscult.audio.synth.parts import tone_phase
from auscult.audio.synth.second import Second

RATE_HZ = 16000
SLOW_HZ = 4000  # quick to render


def test_levels_are_what_was_asked_for(samples):
    quiet = {"tonal_db": -120.0, "flow_db": -120.0, "background_db": -120.0}
    still = {"load_db": 0.0, "tone_wander_db": 0.0, "background_wander_db": 0.0}
    for part in quiet:
        machine = Machine(**{**quiet, part: -31.0}, **still)
        assert level_db(samples(machine, 20.0)) == pytest.approx(-31.0, abs=0.3), part


def test_tones_stand_at_multiples_of_the_rotation(samples, spectrum):
    machine = Machine(rotation_hz=30.0, blades=7, load_speed=0.0, flow_db=-60, background_db=-60)
    hz, power = spectrum(samples(machine, 8.0), n=16000)
    loudest = hz[np.argsort(power)[-40:]]
    assert np.abs(loudest / 30.0 - np.round(loudest / 30.0)).max() < 0.2
    for order in (1, 2, 3, 7, 14):
        assert power[30 * order] > 100 * power[30 * order + 15], order


def test_bursts_swell_the_background_now_and_then(samples):
    machine = Machine(tonal_db=-120.0, flow_db=-120.0, background_wander_db=0.0, rate_hz=SLOW_HZ)
    bursting = replace(machine, bursts_per_hour=600.0, burst_db=6.0)
    raised = [
        level_db(samples(bursting, 1.0, start_s=k)) - level_db(samples(machine, 1.0, start_s=k))
        for k in range(120)
    ]
    assert min(raised) == 0.0
    assert max(raised) > 2.0
    assert 0.1 < np.mean(np.array(raised) > 0.5) < 0.6


def test_work_is_louder_and_begins_with_a_strike(samples):
    duty = Duty(low_s=2.0, high_s=2.0, level_db=12.0)
    machine = Machine(
        duty=duty, background_db=-80.0, tonal_db=-80.0, load_db=0.0, flow_slope_db=0.0
    )
    struck = replace(machine, duty=replace(duty, strike_db=-35.0))
    levels = [level_db(samples(machine, 0.5, start_s=k / 2)) for k in range(16)]
    assert max(levels) - min(levels) == pytest.approx(12.0, abs=1.5)
    strikes = samples(struck, 8.0).astype(float) - samples(machine, 8.0)
    onsets = [time_s for _, time_s in Second(machine, 0, 7).switches if 0 < time_s < 7.5]
    for onset_s in onsets:
        at = round(onset_s * RATE_HZ)
        energy = np.sum(strikes[at : at + 1600] ** 2) / RATE_HZ
        assert 10 * math.log10(energy) == pytest.approx(-35.0, abs=4)
        assert not strikes[at - 200 : at].any()


def test_a_tone_begins_anywhere_but_for_good():
    first, later, other = (
        [tone_phase(Second(Machine(), *key), order) for order in range(1, 9)]
        for key in ((1, 0), (1, 99), (2, 0))
    )
    assert first == later
    assert not set(first) & set(other)
    assert 0 <= min(first) < max(first) < 2 * math.pi


def test_no_tone_passes_half_the_rate(spectrum, samples):
    quiet = {"flow_db": -120.0, "background_db": -120.0}
    machine = Machine(rotation_hz=500.0, harmonics=40, blade_harmonics=0, rate_hz=SLOW_HZ, **quiet)
    hz, power = spectrum(samples(machine), SLOW_HZ)
    loud = hz[power > 0.01 * power.max()]
    assert set(np.round(loud / 500.0)) == {1, 2, 3}
