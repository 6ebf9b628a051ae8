"""Known sound in, the right finding out: each with a number that can be worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.audio.sound import Sound
from auscult.errors import AudioError
from auscult.live.input_check import check_input, hum, upper_edge_hz

NAMES = ["level", "headroom", "offset", "noise", "hum", "band", "breaks"]


def noise(level_db, seconds=4.0, rate_hz=16000, seed=0):
    """White noise, a little below full scale at its loudest where it can be."""
    rng = np.random.default_rng(seed)
    samples = 10.0 ** (level_db / 20.0) * rng.standard_normal(round(seconds * rate_hz))
    return samples.astype(np.float32)


def tone(hz, level_db, seconds=4.0, rate_hz=16000):
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    return (10.0 ** (level_db / 20.0) * np.sqrt(2.0) * np.sin(2 * np.pi * hz * time_s)).astype(
        np.float32
    )


def sound(samples, rate_hz=16000):
    return Sound(samples=np.asarray(samples, np.float32), rate_hz=rate_hz)


def found(running, quiet=None, rate_hz=16000):
    findings = check_input(
        sound(running, rate_hz), None if quiet is None else sound(quiet, rate_hz)
    )
    assert [one.name for one in findings] == NAMES
    assert all(bool(one.advice) or one.severity == "good" for one in findings)
    return {one.name: one for one in findings}


def test_good_sound_needs_nothing():
    good = found(noise(-30.0), noise(-55.0, seed=1))
    assert {one.severity for one in good.values()} == {"good"}
    assert {one.advice for one in good.values()} == {""}


@pytest.mark.parametrize(
    ("level_db", "severity", "words"),
    [
        (-30.0, "good", "-30.0 dBFS"),
        (-65.0, "warning", "-65.0 dBFS"),
        (-80.0, "bad", "-80.0 dBFS"),
        (-120.0, "bad", "-120"),
    ],
)
def test_level_is_told_and_by_how_much_to_raise_the_gain(level_db, severity, words):
    level = found(noise(level_db))["level"]
    assert (level.severity, level.unit) == (severity, "dBFS")
    assert level.value == pytest.approx(level_db, abs=0.1)
    assert words in level.text
    if -90 < level_db < -60:
        assert f"by about {-30 - level_db:.0f} dB" in level.advice


def test_digital_silence_is_no_low_level():
    level = found(np.zeros(64000))["level"]
    assert (level.severity, level.text) == ("bad", "digital silence")
    assert "plugged in, not muted" in level.advice


@pytest.mark.parametrize(
    ("gain_db", "severity", "words"),
    [(0.0, "good", "17."), (16.0, "warning", "1."), (30.0, "bad", "clipped")],
)
def test_headroom_and_clipping(gain_db, severity, words):
    samples = np.clip(tone(440.0, -20.0) * 10.0 ** (gain_db / 20.0), -1.0, 1.0)
    headroom = found(samples)["headroom"]
    assert headroom.severity == severity
    assert words in headroom.text
    assert ("Lower the gain" in headroom.advice) == (severity != "good")


def test_a_little_clipping_is_a_warning():
    samples = noise(-30.0)
    samples[1000:1004] = 1.0
    headroom = found(samples)["headroom"]
    assert headroom.severity == "warning"
    assert headroom.text.endswith("% of the samples are clipped")


@pytest.mark.parametrize(
    ("offset", "severity"), [(0.001, "good"), (-0.03, "warning"), (0.2, "bad")]
)
def test_a_constant_is_told(offset, severity):
    finding = found(noise(-30.0) + offset)["offset"]
    assert finding.severity == severity
    assert finding.value == pytest.approx(offset, abs=1e-3)


@pytest.mark.parametrize(
    ("running_db", "quiet_db", "severity", "words"),
    [
        (-30.0, -60.0, "good", "30.0 dB above it"),
        (-30.0, -37.0, "warning", "7.0 dB above it"),
        (-30.0, -32.0, "bad", "2.0 dB above it"),
        (-20.0, -40.0, "warning", "20.0 dB above it"),
    ],
)
def test_noise_is_what_is_there_without_the_machine(running_db, quiet_db, severity, words):
    finding = found(noise(running_db), noise(quiet_db, seed=1))["noise"]
    assert finding.severity == severity
    assert finding.value == pytest.approx(quiet_db, abs=0.1)
    assert words in finding.text


def test_without_the_quiet_the_floor_is_the_quietest_tenth_and_it_says_how_to_know_more():
    samples = noise(-30.0)
    samples[:16000] *= 0.01
    finding = found(samples)["noise"]
    assert finding.value == pytest.approx(-70.0, abs=0.5)
    assert finding.severity == "good"
    assert "--quiet" in finding.advice


@pytest.mark.parametrize("mains_hz", [50.0, 60.0, 49.85, 60.15])
def test_hum_is_found_with_its_level_and_its_harmonics(mains_hz):
    lines = sum(tone(k * mains_hz, -40.0) for k in (1, 2, 3))
    heard = hum(sound(noise(-40.0) + lines))
    assert heard.mains_hz == round(mains_hz, -1)
    assert heard.harmonics_hz == tuple(k * heard.mains_hz for k in (1, 2, 3))
    assert heard.level_db == pytest.approx(-40.0 + 10 * np.log10(3), abs=0.5)


def test_lines_of_a_machine_are_no_hum():
    """It runs at 24.3 turns a second, and has eight blades."""
    lines = sum(tone(24.3 * k, -45.0) for k in (1, 2, 3, 4, 8, 16))
    assert hum(sound(noise(-40.0) + lines)) is None


def test_multiples_that_both_mains_have_are_not_enough():
    assert hum(sound(noise(-40.0) + tone(300.0, -35.0))) is None


@given(st.floats(-60.0, -20.0), st.integers(0, 1000))
def test_noise_alone_never_hums(level_db, seed):
    assert hum(sound(noise(level_db, seed=seed))) is None


@pytest.mark.parametrize(
    ("hum_db", "severity"), [(-60.0, "good"), (-36.0, "warning"), (-28.0, "bad")]
)
def test_hum_counts_against_the_sound_of_the_machine(hum_db, severity):
    pickup = tone(50.0, hum_db) + tone(150.0, hum_db - 20.0)
    room = noise(-70.0, seed=1) + pickup
    finding = found(noise(-30.0) + pickup, room)["hum"]
    assert finding.severity == severity
    assert "the mains at 50" in finding.text
    assert ("shielded cable" in finding.advice) == (severity != "good")


def test_hum_that_stops_with_the_machine_is_the_machine():
    running = noise(-30.0) + tone(50.0, -30.0)
    assert found(running, noise(-60.0))["hum"].text == "none of the mains without the machine"
    guessed = found(running)["hum"]
    assert guessed.severity == "warning"
    assert guessed.advice.endswith("If it is gone when the machine stops, it is the machine.")


@pytest.mark.parametrize(
    ("kept_hz", "severity"), [(8000.0, "good"), (6000.0, "warning"), (3400.0, "bad")]
)
def test_what_is_cut_away_above_is_told(kept_hz, severity):
    spectrum = np.fft.rfft(noise(-30.0))
    spectrum[np.fft.rfftfreq(64000, 1 / 16000) > kept_hz] = 0.0
    finding = found(np.fft.irfft(spectrum))["band"]
    assert finding.severity == severity
    assert finding.value == pytest.approx(kept_hz, abs=100.0)


def test_a_rate_of_8_khz_is_narrow_and_48_khz_with_nothing_above_is_not():
    assert found(noise(-30.0, rate_hz=8000), rate_hz=8000)["band"].severity == "warning"
    spectrum = np.fft.rfft(noise(-30.0, rate_hz=48000))
    spectrum[np.fft.rfftfreq(4 * 48000, 1 / 48000) > 15000.0] = 0.0
    wide = sound(np.fft.irfft(spectrum), 48000)
    assert upper_edge_hz(wide) == pytest.approx(15000.0, abs=100.0)
    assert found(wide.samples, rate_hz=48000)["band"].severity == "good"


def test_quiet_sound_of_16_bits_is_not_called_narrow():
    """What falls off towards high frequencies, as machines do, down to the steps of the converter."""
    spectrum = np.fft.rfft(noise(-30.0)) / (1.0 + np.fft.rfftfreq(64000, 1 / 16000) / 500.0)
    samples = np.round(np.fft.irfft(spectrum) * 32768) / 32768
    assert found(samples)["band"].severity == "good"


def test_sound_that_breaks_off_is_told():
    samples = noise(-30.0)
    samples[20000:22000] = 0.0
    finding = found(samples)["breaks"]
    assert finding.severity == "warning"
    assert finding.text == "one unchanging value for 0.12 s"


@pytest.mark.parametrize("which", ["running", "quiet"])
def test_too_little_sound_is_told(which):
    long, short = sound(noise(-30.0)), sound(noise(-30.0, seconds=1.5))
    with pytest.raises(AudioError, match=r"Only 1.5 s of sound came. Expected: at least 2 s"):
        check_input(short) if which == "running" else check_input(long, short)
