"""Speech is taken out of sound before any of it is stored.

Two judges find it. Silero's network, where its file is on this machine; else a detector of our own that looks for what voices do
and machines rarely: overtones of one pitch that come and go at the rhythm of syllables. What can't be judged is not stored.
Stretches with speech are silenced, with margins and short fades; nothing of it is left in what is kept.
"""

import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from auscult.audio.mel import power_frames
from auscult.audio.resample import resample
from auscult.audio.sound import Samples, Sound
from auscult.errors import EngineError
from auscult.runtime.engine import FAILURES, quiet_session

RATE_HZ = 16000
"""What judges hear; sound of less than half of it lacks half of what voices are known by, and can't be judged."""

MIN_RATE_HZ = 8000
MIN_S = 1.0
"""In less than this nobody can tell speech from anything."""

MARGIN_S = 0.3
"""Silenced before and after what is found: words begin and end softly."""

JOINED_S = 0.6
"""Pauses up to this long are part of what was said."""

FADE_S = 0.01

MOST_REMOVED = 0.8
"""Where more of a clip is speech than this part, nothing of it is kept."""

SILERO_FILE = "silero_vad.onnx"

Stretches = tuple[tuple[float, float], ...]


class Judge(Protocol):
    """Who finds speech.

    Attributes
    ----------
    name
        As it is noted beside what is stored.
    """

    name: str

    def voiced(self, samples: Samples) -> Stretches:
        """Where somebody speaks, in seconds; samples are mono, at 16 kHz."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Cleaned:
    """Sound without speech.

    Parameters
    ----------
    sound
        As long as it was; `None`: it may not be stored.
    silenced
        From when to when there is silence now, in seconds from its beginning.
    judge
        Who found it.
    """

    sound: Sound | None
    silenced: Stretches
    judge: str


def without_speech(sound: Sound, judge: Judge) -> Cleaned:
    """Sound with silence where somebody speaks.

    Parameters
    ----------
    sound
        Mono, at least a second of it, at 8 kHz or more: of less nothing is stored, since nobody can judge it.
    judge
        From `speech_judge`.

    Examples
    --------
    >>> hum = np.sin(2 * np.pi * 120 * np.arange(32000) / 16000).astype(np.float32)
    >>> cleaned = without_speech(Sound(samples=hum, rate_hz=16000), Syllables())
    >>> cleaned.silenced, len(cleaned.sound.samples)
    ((), 32000)
    """
    nothing = Cleaned(sound=None, silenced=((0.0, sound.duration_s),), judge=judge.name)
    if sound.rate_hz < MIN_RATE_HZ or sound.duration_s < MIN_S:
        return nothing
    heard = resample(sound.samples, sound.rate_hz, RATE_HZ)
    if not np.all(np.isfinite(heard)):
        return nothing
    try:
        found = joined(judge.voiced(heard), sound.duration_s)
    except EngineError:
        return nothing
    if sum(end_s - start_s for start_s, end_s in found) > MOST_REMOVED * sound.duration_s:
        return nothing
    quiet = silenced(sound.samples, sound.rate_hz, found)
    return Cleaned(
        sound=Sound(samples=quiet, rate_hz=sound.rate_hz), silenced=found, judge=judge.name
    )


def joined(stretches: Stretches, duration_s: float) -> Stretches:
    """With their margins, and as one where hardly anything is between.

    Examples
    --------
    >>> joined(((1.0, 2.0), (2.5, 3.0), (7.0, 7.5)), 7.6)
    ((0.7, 3.3), (6.7, 7.6))
    """
    found: list[tuple[float, float]] = []
    for start_s, end_s in sorted(stretches):
        first_s = max(round(start_s - MARGIN_S, 3), 0.0)
        last_s = min(round(end_s + MARGIN_S, 3), round(duration_s, 3))
        if found and first_s - found[-1][1] <= JOINED_S:
            before = found.pop()
            first_s, last_s = before[0], max(before[1], last_s)
        found.append((first_s, last_s))
    return tuple(found)


def silenced(samples: Samples, rate_hz: int, stretches: Stretches) -> Samples:
    """Zeros in these stretches, with short fades outside of them, so that nothing clicks."""
    gain = np.ones(len(samples), np.float32)
    fade = max(round(FADE_S * rate_hz), 1)
    ramp = np.linspace(1.0, 0.0, fade, dtype=np.float32)
    for start_s, end_s in stretches:
        first, last = round(start_s * rate_hz), min(round(end_s * rate_hz), len(samples))
        gain[first:last] = 0.0
        before, after = gain[max(first - fade, 0) : first], gain[last : last + fade]
        before *= ramp[fade - len(before) :]
        after *= ramp[::-1][: len(after)]
    return np.asarray(samples * gain, np.float32)


# --- Silero


class Silero:
    """Silero's network for voice activity, in onnxruntime.

    Parameters
    ----------
    path
        `silero_vad.onnx` of version 5 or 6.

    Raises
    ------
    EngineError
        If it is no such file.
    """

    name = "silero"

    _CHUNK, _BEFORE = 512, 64
    _ON, _OFF = 0.35, 0.2
    """A miss is worse than a gap: its authors begin at 0.5."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._session = quiet_session(str(path))
            self.voiced(np.zeros(self._CHUNK, np.float32))
        except FAILURES as error:
            raise self._unfit(error) from None

    def voiced(self, samples: Samples) -> Stretches:
        """Where somebody speaks."""
        state = np.zeros((2, 1, 128), np.float32)
        rate = np.array(RATE_HZ, np.int64)
        padded = np.pad(samples, (self._BEFORE, -len(samples) % self._CHUNK)).astype(np.float32)
        likely = []
        try:
            for at in range(0, len(padded) - self._BEFORE, self._CHUNK):
                chunk = padded[None, at : at + self._BEFORE + self._CHUNK]
                found, state = self._session.run(None, {"input": chunk, "state": state, "sr": rate})
                likely.append(float(found[0, 0]))
        except (*FAILURES, IndexError) as error:
            raise self._unfit(error) from None
        return _held(np.array(likely), self._ON, self._OFF, self._CHUNK / RATE_HZ)

    def _unfit(self, error: Exception) -> EngineError:
        return EngineError(
            f"{self._path} can't find speech: {str(error).splitlines()[0][:200]}",
            "silero_vad.onnx of version 5 or 6",
            "Get it again: pip install --no-deps silero-vad",
        )


def _held(likely: NDArray[np.float64], on: float, off: float, step_s: float) -> Stretches:
    """Stretches that begin over one level and go on over a lower one, both ways in time."""
    over = likely >= off
    edges = np.flatnonzero(np.diff(np.concatenate([[False], over, [False]]).astype(int)))
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return tuple(
        (float(a * step_s), float(b * step_s)) for a, b in pairs if likely[a:b].max() >= on
    )


# --- Our own

_N_FFT, _HOP = 1024, 160
_STEP_S = _HOP / RATE_HZ
_LOW_HZ, _HIGH_HZ = 100.0, 3400.0
_PITCH_HZ = (75.0, 400.0)
_SPAN_S = 1.0
"""Of a judgement: some syllables."""
_SYLLABLES_HZ = (2.0, 8.0)


class Syllables:
    """Overtones of one pitch that come and go two to eight times a second, over what the machine does anyway.

    Sound is laid out in bins of 16 Hz, each against its own usual level in this clip: a steady machine, however tonal, is flat
    then. What stands out in the band of telephones (from 100 Hz on, where a voice has its pitch) is looked at for two things:
    whether it repeats along frequency at a pitch of a voice, and whether it swells at the pace of syllables.
    `bench/speech.py` measures what it misses, and what it takes for speech.
    """

    name = "syllables"

    _VOICED = 0.33
    """How alike a spectrum and itself one pitch further are, from which on a frame may be a voice."""
    _SHARE = 0.1
    """Part of the frames of a judgement that have to be."""
    _SWELL_DB = 0.35

    def voiced(self, samples: Samples) -> Stretches:
        """Where somebody speaks."""
        excess_db = _excess_db(samples)
        pitched = _pitchedness(excess_db) >= self._VOICED
        share = _mean_over(pitched.astype(np.float64), _SPAN_S)
        swell_db = _swell_db(excess_db.mean(axis=0))
        likely = np.minimum(share / self._SHARE, swell_db / self._SWELL_DB)
        return _held(likely, 1.0, 0.7, _STEP_S)


def _excess_db(samples: Samples) -> NDArray[np.float64]:
    """How far each bin is over its usual level, in dB, shape (bins, frames); below it is nothing."""
    padded = np.pad(samples, (0, max(_N_FFT - len(samples), 0)))
    power = power_frames(padded, n_fft=_N_FFT, hop=_HOP, centre=True).astype(np.float64)
    hz = np.arange(power.shape[0]) * RATE_HZ / _N_FFT
    power = power[(hz >= _LOW_HZ) & (hz <= _HIGH_HZ)]
    usual = np.percentile(power, 30.0, axis=1, keepdims=True)
    # Where a filter or silence has left nothing, nothing is over it.
    usual = np.maximum(usual, 1e-6 * usual.max() + 1e-12)
    found: NDArray[np.float64] = 10.0 * np.log10(np.maximum(power / usual, 1.0))
    return found


def _pitchedness(excess_db: NDArray[np.float64]) -> NDArray[np.float64]:
    """Largest correlation of each frame's spectrum with itself, moved by the pitch of a voice; shape (frames,)."""
    ripple = excess_db - _smooth(excess_db, 25)
    n, bin_hz = len(ripple), RATE_HZ / _N_FFT
    padded = np.fft.rfft(ripple, 2 * n, axis=0)
    alike = np.fft.irfft(np.abs(padded) ** 2, axis=0)[:n]
    first, last = round(_PITCH_HZ[0] / bin_hz), round(_PITCH_HZ[1] / bin_hz)
    overlap = (n / (n - np.arange(first, last + 1)))[:, None]
    found: NDArray[np.float64] = (alike[first : last + 1] * overlap).max(axis=0)
    found /= np.maximum(alike[0], 1e-9)
    return found


def _swell_db(level_db: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much a level moves at the pace of syllables around each frame, in dB (root mean square)."""
    low, high = _SYLLABLES_HZ
    slow = _mean_over(level_db, 0.5 / low)
    quick = _mean_over(level_db, 0.5 / high)
    found: NDArray[np.float64] = np.sqrt(_mean_over((quick - slow) ** 2, _SPAN_S))
    return found


def _mean_over(values: NDArray[np.float64], seconds: float) -> NDArray[np.float64]:
    n = min(max(round(seconds / _STEP_S), 1), len(values))
    sums = np.cumsum(np.pad(values, (n // 2 + 1, n - n // 2 - 1), mode="edge"))
    found: NDArray[np.float64] = (sums[n:] - sums[:-n]) / n
    return found


def _smooth(field: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """A running mean along the first axis."""
    sums = np.cumsum(np.pad(field, ((n // 2 + 1, n // 2), (0, 0)), mode="edge"), axis=0)
    found: NDArray[np.float64] = (sums[n:] - sums[:-n]) / n
    return found


# --- Which one


def speech_judge(model: Path | None = None) -> Judge:
    """Silero's network where its file is on this machine; else our own detector.

    Parameters
    ----------
    model
        Its file; default: that of the package `silero-vad`, which is found and not imported, or `models/silero_vad.onnx` in the
        folder that the variable AUSCULT_DATA names.

    Raises
    ------
    EngineError
        If the file is there and can't be used: then nobody quietly gets the weaker judge.
    """
    path = model or _silero_file()
    return Syllables() if path is None else Silero(path)


def _silero_file() -> Path | None:
    spec = find_spec("silero_vad")
    folders = [Path(place) / "data" for place in (spec and spec.submodule_search_locations) or ()]
    if "AUSCULT_DATA" in os.environ:
        folders.append(Path(os.environ["AUSCULT_DATA"]) / "models")
    places = (folder / SILERO_FILE for folder in folders)
    return next((place for place in places if place.is_file()), None)
