import numpy as np
import pytest

from auscult.audio.synth.impact import impacts, ringing
from auscult.audio.synth.machine import fan
from auscult.audio.synth.second import Second

RATE_HZ = 16000


@pytest.fixture
def ring():
    return ringing(1, "x", band_hz=(800.0, 3200.0), decay_s=0.006, rate_hz=RATE_HZ)


def test_a_ring_has_energy_one_and_dies_away(ring):
    assert np.sum(ring**2) == pytest.approx(1.0)
    early, late = ring[: len(ring) // 4], ring[-len(ring) // 4 :]
    assert np.abs(late).max() < 0.01 * np.abs(early).max()


def test_a_ring_lies_in_its_band(ring):
    power = np.abs(np.fft.rfft(ring, RATE_HZ)) ** 2
    assert power[800:3200].sum() > 0.95 * power.sum()


def test_a_blow_rings_on_into_the_next_second(ring):
    blows = [(2.5, 1.0), (2.999, -0.5)]
    sound = np.concatenate([impacts(Second(fan(), 0, k), ring, blows) for k in (2, 3)])
    expected = np.zeros(2 * RATE_HZ)
    for at, strength in ((RATE_HZ // 2, 1.0), (15_984, -0.5)):
        expected[at : at + len(ring)] += strength * ring
    assert np.array_equal(sound, expected)


def test_blows_of_other_times_are_not_heard(ring):
    assert not impacts(Second(fan(), 0, 5), ring, [(4.9, 1.0), (6.0, 1.0)]).any()
