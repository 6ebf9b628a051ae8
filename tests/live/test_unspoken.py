"""What proves a bundle holds no voice; what can't be judged is taken for one."""

import numpy as np
import pytest

from auscult.errors import EngineError
from auscult.live import unspoken as made_of
from auscult.live.unspoken import is_noise, noise_like, sounds_of, unspoken, without_voices
from auscult.runtime.bundle import loads, reference_window, verify

RATE_HZ = 16000


def cut(samples, seconds=2.0):
    """As learning cuts them: each begins a second after the one before."""
    n = round(seconds * RATE_HZ)
    return [samples[at : at + n] for at in range(0, len(samples) - n + 1, RATE_HZ)]


class Judge:
    """Finds speech where it is told to."""

    name = "told"

    def __init__(self, *stretches):
        self._stretches = stretches

    def voiced(self, samples):
        del samples
        return self._stretches


class Broken(Judge):
    def voiced(self, samples):
        raise EngineError("it broke", "a judge", "get another")


def test_windows_in_which_somebody_speaks_are_left_out(spoken):
    windows = cut(spoken[: 17 * RATE_HZ])
    found = unspoken(windows, RATE_HZ)
    assert 8 <= len(found) <= 12
    assert all(any(one is other for other in windows[4:]) for one in found)


def test_nothing_is_near_what_was_said():
    windows = [np.full(RATE_HZ, level, np.float32) for level in (0.1, 0.2, 0.3, 0.4)]
    # From 1.2 s to 1.6 s: with its margins it is in the second of them, and only there.
    assert [one[0] for one in made_of._calm(windows, RATE_HZ, Judge((1.31, 1.69)))] == [
        np.float32(level) for level in (0.1, 0.3, 0.4)
    ]
    assert len(made_of._calm(windows, RATE_HZ, Judge((1.2, 1.6)))) == 2


@pytest.mark.parametrize(
    ("judge", "rate_hz", "seconds"),
    [(Judge((0.0, 99.0)), RATE_HZ, 2.0), (Broken(), RATE_HZ, 2.0), (Judge(), 4000, 2.0)],
    ids=["somebody speaks all the time", "the judge fails", "too low a rate"],
)
def test_where_no_window_can_stay_there_is_noise_like_them(machine, judge, rate_hz, seconds):
    windows = cut(machine(1, 10.0), seconds)
    (made,) = unspoken(windows, rate_hz, judge)
    assert made.shape == windows[0].shape
    assert made.dtype == np.float32
    assert max(abs(np.corrcoef(made, one)[0, 1]) for one in windows) < 0.1


def test_a_window_that_is_too_short_to_be_judged_does_not_stay(machine):
    (window,) = cut(machine(1, 0.6), 0.6)
    (made,) = unspoken([window], RATE_HZ)
    assert abs(np.corrcoef(made, window)[0, 1]) < 0.2


def test_a_judge_whose_file_is_broken_judges_nothing(machine, monkeypatch):
    def broken():
        raise EngineError("no such network", "another", "get it again")

    monkeypatch.setattr(made_of, "speech_judge", broken)
    windows = cut(machine(1, 10.0))
    (made,) = unspoken(windows, RATE_HZ)
    assert not any(made is one for one in windows)


def test_noise_has_the_level_and_the_spectrum(machine):
    windows = cut(machine(1, 10.0))
    made, sound = noise_like(windows), np.concatenate(windows)
    assert np.sqrt(np.mean(made**2)) == pytest.approx(np.sqrt(np.mean(sound**2)), rel=0.02)
    np.testing.assert_array_equal(made, noise_like(windows))
    for low, high in ((60, 500), (500, 2000), (2000, 7000)):
        assert share(made, low, high) == pytest.approx(share(sound, low, high), rel=0.15)


def share(samples, low_hz, high_hz):
    power = np.abs(np.fft.rfft(samples)) ** 2
    hz = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
    return power[(hz >= low_hz) & (hz < high_hz)].sum() / power.sum()


def test_silence_stays_silence():
    silence = noise_like([np.zeros(300, np.float32)])
    assert not np.any(silence)
    assert is_noise(silence)


@pytest.mark.parametrize("gain", [0.001, 1.0, 30.0], ids=["soft", "as it is", "clipped"])
@pytest.mark.parametrize("bits", [8, 16])
def test_noise_in_the_place_of_sound_is_known_as_such(machine, spoken, gain, bits):
    for sound in (machine(1, 10.0), spoken[: 10 * RATE_HZ]):
        windows = [gain * one for one in cut(np.asarray(sound, np.float32))]
        step = 2.0 ** (1 - bits) * max(np.abs(windows[0]).max() if bits == 8 else 1.0, 1e-3)
        assert is_noise(np.round(np.clip(noise_like(windows), -1, 1) / step) * step)
        assert not any(is_noise(one) for one in windows)


@pytest.mark.parametrize("hz", [50.0, 1000.0, 6000.0])
@pytest.mark.parametrize("phase", np.linspace(0.0, 2.0 * np.pi, 9))
def test_a_hum_is_no_noise(hz, phase):
    assert not is_noise(np.sin(2 * np.pi * hz * np.arange(32000) / RATE_HZ + phase))


def test_other_noise_was_heard():
    for seed in range(1, 50):
        assert not is_noise(np.random.default_rng(seed).standard_normal(32000))


def test_of_a_bundle_only_what_was_heard_is_sound(bundle, spoken_bundle):
    assert len(sounds_of(bundle)) == len(bundle.manifest.references) == 2
    assert len(sounds_of(without_voices(spoken_bundle))) == 1
    assert sounds_of(without_voices(bundle, Broken())) == []


def test_a_bundle_without_a_voice_stays_as_it_is(bundle):
    assert without_voices(bundle) is bundle


def test_a_voice_in_a_bundle_gives_way_and_it_proves_itself(spoken_bundle, is_voice_in):
    assert is_voice_in(spoken_bundle)
    made = without_voices(spoken_bundle)
    assert not is_voice_in(made)
    assert verify(loads(made.to_bytes())) < 1e-3
    np.testing.assert_array_equal(
        reference_window(made, 0)[0], reference_window(spoken_bundle, 0)[0]
    )
    assert made.graph_bytes == spoken_bundle.graph_bytes
    assert made.manifest.calibration == spoken_bundle.manifest.calibration


def test_where_nobody_can_tell_all_of_them_give_way(bundle):
    made = without_voices(bundle, Broken())
    for index in range(2):
        ours, theirs = (reference_window(one, index)[0] for one in (made, bundle))
        assert not np.allclose(ours, theirs, atol=1e-3)


def test_noise_that_scores_the_same_takes_its_place_all_the_same(bundle, monkeypatch):
    scores = [
        {"score": one.score, "fast_score": one.fast_score} for one in bundle.manifest.references
    ]
    monkeypatch.setattr(made_of, "run_window", lambda *_: scores.pop(0))
    monkeypatch.setattr(made_of, "verify", lambda _: 0.0)
    made = without_voices(bundle, Broken())
    assert made.manifest.references == bundle.manifest.references
    assert not np.allclose(reference_window(made, 0)[0], reference_window(bundle, 0)[0], atol=1e-3)


def test_a_classifier_too(classifier):
    made = without_voices(classifier, Broken())
    assert verify(loads(made.to_bytes())) < 1e-3
    assert made.manifest.references != classifier.manifest.references
