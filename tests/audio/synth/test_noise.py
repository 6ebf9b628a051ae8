import numpy as np
import pytest

from auscult.audio.synth.machine import MACHINES, Machine, Resonance, fan
from auscult.audio.synth.noise import (
    background_responses,
    band_response,
    coloured_noise,
    flow_responses,
)
from auscult.audio.synth.second import Second

RATE_HZ = 16000


def noise(machine, responses, seconds=20):
    pieces = [coloured_noise(Second(machine, 0, k), "x", responses) for k in range(seconds)]
    return np.concatenate(pieces, axis=1)


def test_a_resonance_is_louder_by_its_gain(samples, band_db):
    def at_2khz(*resonances):
        machine = Machine(tonal_db=-120.0, resonances=resonances)
        sound = samples(machine, 20.0)
        return band_db(sound, 1960, 2040) - band_db(sound, 900, 1100)

    peak = Resonance(hz=2000.0, gain_db=12.0, width_hz=400.0)
    assert at_2khz(peak) - at_2khz() == pytest.approx(12.0, abs=0.7)


@pytest.mark.parametrize("name", MACHINES)
def test_a_colour_keeps_the_power_of_noise(name):
    machine = MACHINES[name]()
    for responses in (flow_responses(machine), background_responses(machine)):
        assert np.std(noise(machine, responses)[0]) == pytest.approx(1.0, abs=0.05)


def test_a_band_is_white_inside_and_empty_outside(spectrum):
    (sound,) = noise(fan(), band_response(1000.0, 3000.0, RATE_HZ))
    hz, power = spectrum(sound)
    inside = (hz > 1050) & (hz < 2950)
    assert np.std(sound) == pytest.approx(1.0, abs=0.02)
    assert power[inside].max() < 2 * power[inside].min()
    assert power[(hz < 950) | (hz > 3050)].max() < 1e-3 * power[inside].mean()


def test_slopes_are_decibels_per_octave(band_db):
    machine = Machine(background_slope_db=-6.0, resonances=())
    (sound,) = noise(machine, background_responses(machine))
    # An octave higher is twice as wide, which adds 3 dB.
    octave_db = band_db(sound, 1000, 2000) - band_db(sound, 500, 1000)
    assert octave_db == pytest.approx(-3.0, abs=0.3)


def test_noise_does_not_click_where_seconds_join():
    (sound,) = noise(fan(), background_responses(fan()))
    steps = np.abs(np.diff(sound))
    joints = steps[RATE_HZ - 1 :: RATE_HZ]
    assert np.mean(joints) < 1.5 * np.mean(steps)
