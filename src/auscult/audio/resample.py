"""Change of sample rate, whole or block by block, with the same samples either way."""

import numpy as np
import soxr

from auscult.audio.sound import Samples
from auscult.errors import RecipeError


class Resampler:
    """Resamples a sound that arrives in blocks (libsoxr, high quality).

    However the sound is cut, the joined output is bit for bit that of `resample`. With equal rates samples pass through.

    Parameters
    ----------
    from_hz, to_hz
        Sample rates, above 0.

    Raises
    ------
    RecipeError
        If a rate is not above 0.

    Examples
    --------
    >>> resampler = Resampler(48000, 16000)
    >>> parts = [resampler.feed(np.zeros(4800, np.float32)) for _ in range(10)]
    >>> sum(len(part) for part in [*parts, resampler.close()])
    16000
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        for rate_hz in (from_hz, to_hz):
            if not rate_hz > 0:
                raise RecipeError(
                    f"A sample rate of {rate_hz} Hz has no meaning.",
                    "a rate above 0 Hz",
                    "Give the rate of the recording, or the one that the bundle listens at.",
                )
        self._stream = None if from_hz == to_hz else soxr.ResampleStream(from_hz, to_hz, 1)

    def feed(self, block: Samples) -> Samples:
        """Take a block of any length, shape (samples,); return what is ready."""
        return self._process(block, last=False)

    def close(self) -> Samples:
        """Return what the filter still held; the next block begins a new sound."""
        rest = self._process(np.empty(0, np.float32), last=True)
        if self._stream is not None:
            self._stream.clear()
        return rest

    def _process(self, block: Samples, *, last: bool) -> Samples:
        if self._stream is None:
            return np.asarray(block, np.float32)
        ready: Samples = self._stream.resample_chunk(np.ascontiguousarray(block, np.float32), last)
        return ready


def resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """Resample a whole sound (libsoxr, high quality).

    Parameters
    ----------
    samples
        Mono, shape (samples,).
    from_hz, to_hz
        Sample rates, above 0.

    Returns
    -------
    resampled
        float32, len(samples)·to_hz / from_hz samples, rounded; the input itself where the rates are equal.

    Raises
    ------
    RecipeError
        If a rate is not above 0.

    Examples
    --------
    >>> resample(np.zeros(44100, np.float32), 44100, 16000).shape
    (16000,)
    """
    resampler = Resampler(from_hz, to_hz)
    if from_hz == to_hz:
        return resampler.feed(samples)
    return np.concatenate((resampler.feed(samples), resampler.close()))
