"""Nobody's voice stays in a bundle: what proves it is sound without speech, or noise where there is none.

A bundle carries up to two windows of sound, by whose scores it is known to be whole. A server that listens where people talk chooses them
here. What can't be judged is taken for speech.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from auscult.audio.mel import power_frames
from auscult.audio.sound import Samples, Sound
from auscult.errors import EngineError
from auscult.live.speech import Judge, speech_judge, without_speech
from auscult.runtime.bundle import Bundle, reference_window, run_window, verify

_N_FFT = 512
_SEED = int.from_bytes(b"noise")  # of nothing else: by it what was made here is known again
_LOUD = 0.1  # of the mean level of a spectrum: what is below is lost in 8 or 16 bits
_LEAST_BINS = 16
_SAME = 0.7


def unspoken(windows: Sequence[Samples], rate_hz: int, judge: Judge | None = None) -> list[Samples]:
    """Of the windows of a recording those in which nobody speaks; if there are none, one of noise like all of them.

    Parameters
    ----------
    windows
        In their order; at least one.
    rate_hz
        Of them.
    judge
        Who finds speech; default: `speech_judge`.
    """
    found = judge or _judge()
    # All together, too: what is usual in a recording shows best in much of it.
    calm = [] if found is None else _calm(windows, rate_hz, found)
    sure = [one for one in calm if found is not None and _calm([one], rate_hz, found)]
    return sure or [noise_like(windows)]


def without_voices(bundle: Bundle, judge: Judge | None = None) -> Bundle:
    """The same bundle, with noise in the place of each reference window in which somebody speaks; the very same if nobody does.

    Scores of anything else stay as they are.

    Parameters
    ----------
    bundle
        With its reference windows.
    judge
        Who finds speech; default: `speech_judge`.

    Raises
    ------
    BundleError
        If it can't be proved on the noise.
    """
    spoken, manifest = _spoken_in(bundle, judge or _judge()), bundle.manifest
    if not spoken:
        return bundle
    references, arrays = list(manifest.references), dict(bundle.arrays)
    for index in spoken:
        window, context = reference_window(bundle, index)
        kept = np.round(noise_like([window]) * 32767.0).astype(np.int16)
        arrays[f"reference.{index}.waveform"] = kept
        noise = kept.astype(np.float32) / np.float32(32768)
        scores = run_window(bundle.engine(), noise, context, manifest)
        references[index] = replace(
            references[index], score=scores["score"], fast_score=scores.get("fast_score")
        )
    made = replace(bundle, arrays=arrays, manifest=replace(manifest, references=tuple(references)))
    verify(made)
    return made


def _spoken_in(bundle: Bundle, judge: Judge | None) -> list[int]:
    """Numbers of the reference windows that may not stay."""
    rate_hz, n = bundle.manifest.sample_rate_hz, len(bundle.manifest.references)
    if judge is None:
        return list(range(n))
    windows = [reference_window(bundle, index)[0] for index in range(n)]
    return [index for index, one in enumerate(windows) if not _calm([one], rate_hz, judge)]


def noise_like(windows: Sequence[Samples]) -> Samples:
    """Noise as long as the first of some windows, with their mean level and spectrum: of what happened when, nothing is left.

    Examples
    --------
    >>> hum = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(32000) / 16000).astype(np.float32)
    >>> made = noise_like([hum])
    >>> len(made), round(float(np.sqrt(np.mean(made**2))), 3), bool(np.array_equal(made, hum))
    (32000, 0.071, False)
    """
    n = len(windows[0])
    power = np.mean([_spectrum(one) for one in windows], axis=0)
    noise = np.fft.rfft(np.random.default_rng(_SEED).standard_normal(n))
    hz, known_hz = (np.linspace(0.0, 1.0, len(one)) for one in (noise, power))
    shaped = np.fft.irfft(noise * np.interp(hz, known_hz, np.sqrt(power)), n)
    wanted = np.sqrt(np.mean([np.mean(np.square(one, dtype=np.float64)) for one in windows]))
    shaped *= wanted / max(float(np.sqrt(np.mean(shaped**2))), 1e-12)
    return np.clip(shaped, -1.0, 1.0).astype(np.float32)


def is_noise(window: Samples) -> bool:
    """Whether a window was made by `noise_like`, and is nothing that was heard.

    Its phases are those of the same noise always; of sound, they have nothing to do with them.

    Examples
    --------
    >>> hum = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(32000) / 16000).astype(np.float32)
    >>> is_noise(noise_like([hum])), is_noise(hum)
    (True, False)
    """
    if not np.any(window):  # as of silence
        return True
    found = np.fft.rfft(window)
    noise = np.fft.rfft(np.random.default_rng(_SEED).standard_normal(len(window)))
    loud = np.abs(found) > _LOUD * np.sqrt(np.mean(np.abs(found) ** 2))
    if np.count_nonzero(loud) < _LEAST_BINS:
        return False
    turned = np.angle(found[loud]) - np.angle(noise[loud])
    return bool(np.mean(np.cos(turned)) > _SAME)


def sounds_of(bundle: Bundle) -> list[Samples]:
    """The reference windows of a bundle that were heard: those that noise has not taken the place of."""
    numbers = range(len(bundle.manifest.references))
    windows = [reference_window(bundle, number)[0] for number in numbers]
    return [one for one in windows if not is_noise(one)]


def _spectrum(window: Samples) -> NDArray[np.float32]:
    padded = np.pad(window, (0, max(_N_FFT - len(window), 0)))
    frames = power_frames(padded, n_fft=_N_FFT, hop=_N_FFT // 2, centre=False)
    return np.asarray(frames.mean(axis=1))


def _judge() -> Judge | None:
    """Nobody, where the file of the one that was chosen is broken."""
    try:
        return speech_judge()
    except EngineError:
        return None


def _calm(windows: Sequence[Samples], rate_hz: int, judge: Judge) -> list[Samples]:
    """Those that hold nothing of what is found, with its margins, in all of them one after another."""
    cleaned = without_speech(Sound(samples=np.concatenate(windows), rate_hz=rate_hz), judge)
    if cleaned.sound is None:
        return []
    ends_s = np.cumsum([len(one) for one in windows]) / rate_hz
    calm = []
    for window, end_s in zip(windows, ends_s, strict=True):
        begin_s = end_s - len(window) / rate_hz
        if not any(first_s < end_s and last_s > begin_s for first_s, last_s in cleaned.silenced):
            calm.append(window)
    return calm
