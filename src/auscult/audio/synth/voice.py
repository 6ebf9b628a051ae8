"""Somebody who speaks: no words, but what makes a voice a voice, for what must know one from a machine.

A pitch that rises and falls, its overtones shaped by the formants of vowels, hissing consonants between them, four or five syllables
a second, and a breath now and then.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auscult.audio.sound import Samples, Sound
from auscult.audio.synth.ranges import check_ranges

Array = NDArray[np.float64]

RATE_HZ = 16000
_TOP_HZ = 4500.0
_MELODY_S = 0.25
_TILT_DB_PER_OCTAVE = -6.0

# Peterson and Barney (1952), men; voices of women and children have all of them higher.
_VOWELS_HZ = {
    "i": (270.0, 2290.0, 3010.0),
    "e": (530.0, 1840.0, 2480.0),
    "a": (730.0, 1090.0, 2440.0),
    "o": (570.0, 840.0, 2410.0),
    "u": (300.0, 870.0, 2240.0),
}
_WIDTHS_HZ = (80.0, 110.0, 170.0)


@dataclass(frozen=True, kw_only=True)
class Voice:
    """Whose voice it is.

    Parameters
    ----------
    pitch_hz
        Mean pitch, 60 to 500 Hz: a man's is about 120 Hz, a woman's 210, a child's 300.
    """

    pitch_hz: float = 120.0

    def __post_init__(self) -> None:
        check_ranges(self, pitch_hz=(60.0, 500.0))


def say(voice: Voice, *, seconds: float, seed: int) -> Sound:
    """A stretch of something like speech: it sounds like words, and means nothing.

    Parameters
    ----------
    voice
        Who speaks.
    seconds
        How long, half a second at least.
    seed
        0 and up: the same one says the same.

    Returns
    -------
    sound
        At 16 kHz, its loudest sample at 0.5.

    Examples
    --------
    >>> say(Voice(), seconds=2.0, seed=0).duration_s
    2.0
    """
    rng = np.random.default_rng(seed)
    n = round(seconds * RATE_HZ)
    time_s = np.arange(n) / RATE_HZ
    voiced, formants_hz, hiss = _syllables(rng, time_s, stretch=(voice.pitch_hz / 120.0) ** 0.3)
    marks_s = np.arange(0.0, seconds + _MELODY_S, _MELODY_S)
    melody = np.interp(time_s, marks_s, rng.normal(0.0, 0.1, len(marks_s)))
    spoken = voiced * _overtones(voice.pitch_hz * np.exp(melody), formants_hz)
    return Sound(samples=_at_half(spoken + hiss * _hissing(rng, n)), rate_hz=RATE_HZ)


def _syllables(
    rng: np.random.Generator, time_s: Array, *, stretch: float
) -> tuple[Array, Array, Array]:
    """How loud the voice is, its three formants, and how loud its consonants are, for each sample."""
    voiced, hiss = np.zeros_like(time_s), np.zeros_like(time_s)
    marks: list[float] = []
    vowels: list[tuple[float, ...]] = []
    at_s = 0.0
    while at_s < time_s[-1]:
        if marks and rng.random() < 0.12:
            at_s += rng.uniform(0.2, 0.5)  # a breath
        consonant_s, vowel_s = rng.uniform(0.04, 0.1), rng.uniform(0.09, 0.2)
        strength = rng.uniform(0.5, 1.0)
        if rng.random() < 0.6:
            hiss += 0.15 * strength * _bump(time_s, at_s, consonant_s)
        begin_s = at_s + 0.8 * consonant_s
        voiced += strength * _bump(time_s, begin_s, vowel_s)
        marks.append(begin_s + vowel_s / 2.0)
        vowels.append(tuple(_VOWELS_HZ.values())[rng.integers(len(_VOWELS_HZ))])
        at_s = begin_s + 0.9 * vowel_s
    between = np.array(vowels).T * stretch
    formants_hz = np.stack([np.interp(time_s, marks, one) for one in between])
    return voiced, formants_hz, hiss


def _bump(time_s: Array, start_s: float, seconds: float) -> Array:
    """Rises and falls softly within a stretch."""
    share = np.clip((time_s - start_s) / seconds, 0.0, 1.0)
    bump: Array = np.sin(np.pi * share) ** 0.7
    return bump


def _overtones(pitch_hz: Array, formants_hz: Array) -> Array:
    angle = 2.0 * np.pi * np.cumsum(pitch_hz) / RATE_HZ
    total = np.zeros_like(pitch_hz)
    for number in range(1, int(_TOP_HZ / pitch_hz.min()) + 1):
        hz = number * pitch_hz
        gain = sum(
            1.0 / (1.0 + ((hz - formant) / width) ** 2)
            for formant, width in zip(formants_hz, _WIDTHS_HZ, strict=True)
        )
        tilt = (hz / 200.0) ** (_TILT_DB_PER_OCTAVE / 6.02)
        total += np.where(hz < _TOP_HZ, (gain + 0.02) * tilt, 0.0) * np.sin(number * angle)
    return total / max(float(np.abs(total).max()), 1e-9)


def _hissing(rng: np.random.Generator, n: int) -> Array:
    """Noise from 2.5 kHz on."""
    spectrum = np.fft.rfft(rng.standard_normal(n))
    spectrum[np.fft.rfftfreq(n, 1.0 / RATE_HZ) < 2500.0] = 0.0
    return np.fft.irfft(spectrum, n)


def _at_half(samples: Array) -> Samples:
    return (0.5 * samples / max(float(np.abs(samples).max()), 1e-9)).astype(np.float32)
