"""Levels of frequency bands: thirty-two for each window, for the page's small pictures, at little cost."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from auscult.audio.mel import band_edges_hz, filter_bank, hann
from auscult.audio.sound import Samples

N_BANDS = 32
_N_FFT = 1024
_LOWEST_HZ = 50.0
_FLOOR = 1e-12
_WINDOW = (hann(_N_FFT) / np.sqrt(np.sum(hann(_N_FFT) ** 2))).astype(np.float32)


@dataclass(frozen=True, kw_only=True, eq=False)
class Bands:
    """A filter bank for one rate.

    Parameters
    ----------
    centres_hz
        Shape (32,).
    bank
        Shape (32, n_fft // 2 + 1); rows sum to 1.
    """

    centres_hz: NDArray[np.float64]
    bank: NDArray[np.float32]

    def levels_db(self, samples: Samples) -> list[float]:
        """Mean level of each band in dB, to a tenth; of at least one frame.

        Examples
        --------
        >>> hum = 0.1 * np.sin(2 * np.pi * 440.0 * np.arange(16000) / 16000).astype(np.float32)
        >>> bands = bands_of(16000)
        >>> loudest = int(np.argmax(bands.levels_db(hum)))
        >>> bool(abs(bands.centres_hz[loudest] - 440.0) < 60.0)
        True
        """
        padded = np.pad(samples, (0, max(_N_FFT - len(samples), 0)))
        frames = np.lib.stride_tricks.sliding_window_view(padded, _N_FFT)[::_N_FFT]
        found = np.fft.rfft(frames * _WINDOW)
        power = np.mean(found.real**2 + found.imag**2, axis=0)
        levels: list[float] = (10.0 * np.log10(self.bank @ power + _FLOOR)).round(1).tolist()
        return levels


@lru_cache(maxsize=16)
def bands_of(rate_hz: int) -> Bands:
    """The filter bank for a rate, made once."""
    highest_hz = 0.45 * rate_hz
    return Bands(
        centres_hz=band_edges_hz(N_BANDS, low_hz=_LOWEST_HZ, high_hz=highest_hz, scale="htk")[:, 1],
        bank=filter_bank(
            rate_hz=rate_hz,
            n_fft=_N_FFT,
            n_bands=N_BANDS,
            low_hz=_LOWEST_HZ,
            high_hz=highest_hz,
            scale="htk",
            norm="mean",
        ),
    )
