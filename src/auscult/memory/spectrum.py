"""The default embedder: how loud, how unsteady and how impulsive each mel band is within a window.

For a window of T frames with band powers M (mean power of the DFT bins in a triangle) and L = ln(M + 1e-13):

- a_b = mean over time of L;  ℓ = mean over bands of a_b: the level of the window
- **m_b = a_b - ℓ**: the shape of the spectrum ("brighter", "duller")
- **s_b = deviation over time of L**: unsteadiness
- **k_b = ln mean E² - 2·ln mean E**, E = exp(L - a_b): impulsiveness (0 for a constant band; a kurtosis of the band's power)

The embedding [m, s, k] does not change when the sound gets louder or quieter, as long as the band power stays far above
1e-13; loudness is a track of its own.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from auscult.audio.mel import band_edges_hz, filter_bank, hann
from auscult.audio.sound import Samples

Preset = Literal["default", "edge"]

POWER_FLOOR = 1e-13


@dataclass(frozen=True, kw_only=True)
class SpectrumRecipe:
    """What the spectrum embedder is made from.

    Parameters
    ----------
    rate_hz
        Sample rate that it listens at.
    n_fft, hop
        Frame length and step in samples; the graph relies on hop = n_fft / 2.
    n_bands, low_hz, high_hz
        Mel bands (HTK scale), each the mean power of its bins.
    window_s, step_s
        Window that is judged, and how often.
    context
        Number of earlier windows that the bundle averages with the present one.
    """

    rate_hz: int = 16000
    n_fft: int = 1024
    hop: int = 512
    n_bands: int = 128
    low_hz: float = 50.0
    high_hz: float = 7300.0  # above it are the filters of recorders and resamplers, not the machine
    window_s: float = 2.0
    step_s: float = 1.0
    context: int = 8

    @property
    def dim(self) -> int:
        """Length of the embedding."""
        return 3 * self.n_bands

    def bank(self) -> NDArray[np.float32]:
        """Mel filters, shape (bands, n_fft // 2 + 1); each row sums to 1."""
        return filter_bank(
            rate_hz=self.rate_hz,
            n_fft=self.n_fft,
            n_bands=self.n_bands,
            low_hz=self.low_hz,
            high_hz=self.high_hz,
            scale="htk",
            norm="mean",
        )

    def edges_hz(self) -> NDArray[np.float64]:
        """Lower, centre and upper frequency of each band, shape (bands, 3)."""
        return band_edges_hz(self.n_bands, low_hz=self.low_hz, high_hz=self.high_hz, scale="htk")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for the manifest."""
        return asdict(self)


PRESETS: dict[Preset, SpectrumRecipe] = {
    "default": SpectrumRecipe(),
    "edge": SpectrumRecipe(n_fft=512, hop=256, n_bands=64),
}


def log_bands(samples: Samples, recipe: SpectrumRecipe) -> NDArray[np.float64]:
    """Natural logarithm of the band powers, frames without padding.

    Returns
    -------
    bands
        Shape (bands, frames).
    """
    window = hann(recipe.n_fft)
    frames = np.lib.stride_tricks.sliding_window_view(samples, recipe.n_fft)[:: recipe.hop]
    spectrum = np.fft.rfft(frames * window)
    power = (spectrum.real**2 + spectrum.imag**2) / np.sum(window**2)
    return np.log(power @ recipe.bank().T.astype(np.float64) + POWER_FLOOR).T


def embed(samples: Samples, recipe: SpectrumRecipe = PRESETS["default"]) -> NDArray[np.float64]:
    """Embedding of one window: the NumPy reference of what the graph computes.

    Parameters
    ----------
    samples
        One window, shape (samples,), at the recipe's rate.

    Returns
    -------
    embedding
        Shape (3 * bands,): [m, s, k].

    Examples
    --------
    >>> hiss = np.random.default_rng(0).standard_normal(32000).astype(np.float32) * 0.1
    >>> quiet, loud = embed(hiss), embed(hiss * 4)
    >>> quiet.shape, bool(np.allclose(quiet, loud, atol=1e-6))
    ((384,), True)
    """
    bands = log_bands(samples, recipe)  # (bands, frames)
    mean = bands.mean(axis=1)
    deviation = bands.std(axis=1)
    relative = np.exp(bands - mean[:, None])
    impulsiveness = np.log((relative**2).mean(axis=1)) - 2.0 * np.log(relative.mean(axis=1))
    return np.concatenate([mean - mean.mean(), deviation, impulsiveness])
