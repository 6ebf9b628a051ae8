"""Mel filter banks, DFT and cosine matrices, and the NumPy reference of every front end.

The matrices are made here once; graphs and networks take them from here, and the reference functions below prove them.
Values agree with librosa's to 1e-3 dB (log-mel and MFCC, both mel scales).
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from auscult.audio.sound import Samples
from auscult.errors import RecipeError

MelScale = Literal["slaney", "htk"]
BandNorm = Literal["slaney", "mean", "none"]

# Slaney's Auditory Toolbox (1998): linear below 1 kHz, logarithmic above, 27 steps to 6.4 kHz.
_SLANEY_HZ_PER_MEL = 200.0 / 3.0
_SLANEY_BREAK_HZ = 1000.0
_SLANEY_BREAK_MEL = _SLANEY_BREAK_HZ / _SLANEY_HZ_PER_MEL
_SLANEY_LOG_STEP = np.log(6.4) / 27.0


def hz_to_mel(hz: NDArray[np.float64] | float, scale: MelScale) -> NDArray[np.float64]:
    """Frequency in hertz to mel, on Slaney's scale or on HTK's (2595·log10(1 + f/700)).

    Examples
    --------
    >>> round(float(hz_to_mel(500.0, "slaney")), 6)
    7.5
    """
    f = np.asarray(hz, np.float64)
    if scale == "htk":
        return 2595.0 * np.log10(1.0 + f / 700.0)
    log_part = _SLANEY_BREAK_MEL + np.log(np.maximum(f, 1e-9) / _SLANEY_BREAK_HZ) / _SLANEY_LOG_STEP
    return np.where(f < _SLANEY_BREAK_HZ, f / _SLANEY_HZ_PER_MEL, log_part)


def mel_to_hz(mel: NDArray[np.float64] | float, scale: MelScale) -> NDArray[np.float64]:
    """Mel to hertz, the inverse of `hz_to_mel`.

    Examples
    --------
    >>> round(float(mel_to_hz(hz_to_mel(440.0, "htk"), "htk")), 6)
    440.0
    """
    m = np.asarray(mel, np.float64)
    if scale == "htk":
        return 700.0 * (10.0 ** (m / 2595.0) - 1.0)
    log_part = _SLANEY_BREAK_HZ * np.exp(_SLANEY_LOG_STEP * (m - _SLANEY_BREAK_MEL))
    return np.where(m < _SLANEY_BREAK_MEL, m * _SLANEY_HZ_PER_MEL, log_part)


def band_edges_hz(
    n_bands: int, *, low_hz: float, high_hz: float, scale: MelScale
) -> NDArray[np.float64]:
    """Lower, centre and upper frequency of each triangle.

    Returns
    -------
    edges
        Shape (n_bands, 3), in Hz.

    Examples
    --------
    >>> band_edges_hz(2, low_hz=0.0, high_hz=600.0, scale="slaney").round().tolist()
    [[0.0, 200.0, 400.0], [200.0, 400.0, 600.0]]
    """
    low, high = hz_to_mel(low_hz, scale), hz_to_mel(high_hz, scale)
    points = mel_to_hz(np.linspace(low, high, n_bands + 2), scale)
    return np.stack([points[:-2], points[1:-1], points[2:]], axis=1)


def filter_bank(
    *,
    rate_hz: int,
    n_fft: int,
    n_bands: int,
    low_hz: float = 0.0,
    high_hz: float | None = None,
    scale: MelScale = "slaney",
    norm: BandNorm = "slaney",
) -> NDArray[np.float32]:
    """Triangular mel filters over the bins of an `n_fft`-point DFT.

    Parameters
    ----------
    rate_hz, n_fft
        Sample rate and DFT length.
    n_bands
        Number of triangles.
    low_hz, high_hz
        Outer edges; `high_hz` defaults to half the rate.
    scale
        `"slaney"` (librosa's default) or `"htk"`.
    norm
        `"slaney"`: unit area in Hz; `"mean"`: each row sums to 1, so that a band is the mean power of its bins, and a
        triangle too narrow to hold a bin takes the nearest one; `"none"`: peak 1.

    Returns
    -------
    bank
        Shape (n_bands, n_fft // 2 + 1), float32.

    Raises
    ------
    RecipeError
        If the edges are not 0 <= low < high <= rate / 2.

    Examples
    --------
    >>> filter_bank(rate_hz=16000, n_fft=512, n_bands=40).shape
    (40, 257)
    """
    top_hz = rate_hz / 2 if high_hz is None else high_hz
    if not 0 <= low_hz < top_hz <= rate_hz / 2:
        raise RecipeError(
            f"Mel bands from {low_hz:g} to {top_hz:g} Hz do not fit a rate of {rate_hz} Hz.",
            f"0 <= low < high <= {rate_hz / 2:g} Hz",
            "Change the band edges or the sample rate.",
        )
    edges = band_edges_hz(n_bands, low_hz=low_hz, high_hz=top_hz, scale=scale)
    bins_hz = np.fft.rfftfreq(n_fft, 1.0 / rate_hz)
    low, centre, high = (edges[:, i, None] for i in range(3))
    rising = (bins_hz - low) / (centre - low)
    falling = (high - bins_hz) / (high - centre)
    bank = np.maximum(0.0, np.minimum(rising, falling))
    if norm == "slaney":
        bank *= 2.0 / (high - low)
    elif norm == "mean":
        empty = bank.sum(axis=1) == 0
        nearest = np.abs(bins_hz[None, :] - centre).argmin(axis=1)
        bank[empty, nearest[empty]] = 1.0
        bank /= bank.sum(axis=1, keepdims=True)
    return bank.astype(np.float32)


def hann(length: int) -> NDArray[np.float64]:
    """Periodic Hann window, as spectral analysis wants it.

    Examples
    --------
    >>> hann(4).round(9).tolist()
    [0.0, 0.5, 1.0, 0.5]
    """
    return 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(length) / length)


def dft_matrices(n_fft: int, bins: NDArray[np.int64]) -> tuple[NDArray[np.float64], ...]:
    """Cosine and sine rows of the DFT for the chosen bins.

    Returns
    -------
    cosine, sine
        Shapes (bins, n_fft); the power of bin i of a frame x is (cosine[i]·x)² + (sine[i]·x)².
    """
    # The product is reduced modulo n_fft first: exact integers keep the angles exact.
    angle = 2.0 * np.pi * (np.outer(bins, np.arange(n_fft)) % n_fft) / n_fft
    return np.cos(angle), -np.sin(angle)


def cosine_matrix(n_coefficients: int, n_bands: int) -> NDArray[np.float64]:
    """Orthonormal DCT-II, which turns log-mel bands into cepstral coefficients.

    Returns
    -------
    matrix
        Shape (n_coefficients, n_bands); rows are orthonormal.
    """
    k = np.arange(n_coefficients)[:, None]
    n = np.arange(n_bands)[None, :]
    matrix = np.sqrt(2.0 / n_bands) * np.cos(np.pi * k * (2 * n + 1) / (2 * n_bands))
    matrix[0] /= np.sqrt(2.0)
    return np.asarray(matrix, np.float64)


def power_frames(samples: Samples, *, n_fft: int, hop: int, centre: bool) -> NDArray[np.float32]:
    """Power spectrum of Hann-windowed frames.

    Parameters
    ----------
    samples
        Shape (samples,).
    n_fft, hop
        Frame length and step, in samples.
    centre
        Pad half a frame of zeros at both ends, so that frame t is centred on sample t·hop.

    Returns
    -------
    power
        Shape (n_fft // 2 + 1, frames).
    """
    padded = np.pad(samples, n_fft // 2) if centre else samples
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop]
    spectrum = np.fft.rfft(frames * hann(n_fft).astype(np.float32))
    return np.asarray((spectrum.real**2 + spectrum.imag**2).T, np.float32)


def log_mel_db(
    samples: Samples,
    *,
    rate_hz: int,
    n_fft: int = 1024,
    hop: int = 512,
    n_bands: int = 64,
    low_hz: float = 0.0,
    high_hz: float | None = None,
    scale: MelScale = "slaney",
) -> NDArray[np.float32]:
    """Log-mel spectrogram in dB, as librosa computes it (centred frames, area-normalised triangles, floor 1e-10).

    Parameters
    ----------
    samples
        Mono, shape (samples,).
    rate_hz, n_fft, hop, n_bands, low_hz, high_hz, scale
        Front end; lengths in samples.

    Returns
    -------
    db
        Shape (n_bands, frames), 10·log10 of the band power.

    Examples
    --------
    >>> log_mel_db(np.zeros(16000, np.float32), rate_hz=16000).shape
    (64, 32)
    """
    bank = filter_bank(
        rate_hz=rate_hz, n_fft=n_fft, n_bands=n_bands, low_hz=low_hz, high_hz=high_hz, scale=scale
    )
    power = bank @ power_frames(samples, n_fft=n_fft, hop=hop, centre=True)
    return np.asarray(10.0 * np.log10(np.maximum(power, 1e-10)), np.float32)


def mfcc(
    samples: Samples,
    *,
    rate_hz: int,
    n_coefficients: int = 40,
    n_fft: int = 1024,
    hop: int = 512,
    n_bands: int = 128,
    scale: MelScale = "slaney",
    top_db: float = 80.0,
) -> NDArray[np.float32]:
    """Mel-frequency cepstral coefficients, as librosa computes them (orthonormal DCT-II of the log-mel in dB).

    Parameters
    ----------
    samples
        Mono, shape (samples,).
    top_db
        The log-mel is cut this far below its maximum first.

    Returns
    -------
    coefficients
        Shape (n_coefficients, frames).

    Examples
    --------
    >>> mfcc(np.ones(2048, np.float32), rate_hz=16000, n_coefficients=13).shape
    (13, 5)
    """
    db = log_mel_db(samples, rate_hz=rate_hz, n_fft=n_fft, hop=hop, n_bands=n_bands, scale=scale)
    db = np.maximum(db, db.max() - top_db)
    return np.asarray(cosine_matrix(n_coefficients, n_bands) @ db, np.float32)
