"""First layers: what every network here begins with, made of the matrices of `auscult.audio.mel`."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from auscult.audio.mel import band_edges_hz, dft_matrices, filter_bank, hann
from auscult.errors import RecipeError

_FLOOR = 1e-10
_BLOCK = 128


class LogMel(nn.Module):
    """The log-mel spectrogram in dB, equal to `auscult.audio.mel.log_mel_db`.

    Parameters
    ----------
    rate_hz
        Sample rate.
    n_fft, hop
        Frame and step, in samples; frame t is centred on sample t·hop.
    n_bands
        Rows.
    low_hz, high_hz
        Outer edges of the bands; `high_hz` defaults to half the rate.
    padding
        Zeros before and after the waveform; half a frame if nothing is said. With fewer, frames begin and end so much later and
        earlier.

    Examples
    --------
    >>> LogMel(rate_hz=16000, n_bands=64)(torch.zeros(2, 16000)).shape
    torch.Size([2, 64, 32])
    """

    def __init__(
        self,
        *,
        rate_hz: int,
        n_fft: int = 1024,
        hop: int = 512,
        n_bands: int = 128,
        low_hz: float = 0.0,
        high_hz: float | None = None,
        padding: int | None = None,
    ) -> None:
        super().__init__()
        bank = filter_bank(
            rate_hz=rate_hz, n_fft=n_fft, n_bands=n_bands, low_hz=low_hz, high_hz=high_hz
        )
        used = np.flatnonzero(bank.sum(axis=0))
        kernels = np.concatenate(dft_matrices(n_fft, used)) * hann(n_fft)
        self.hop = hop
        self.n_fft = n_fft
        self.padding = n_fft // 2 if padding is None else padding
        self.n_bins = len(used)
        top_hz = rate_hz / 2 if high_hz is None else high_hz
        edges = band_edges_hz(n_bands, low_hz=low_hz, high_hz=top_hz, scale="slaney")
        self.bands_hz = tuple((float(a), float(b), float(c)) for a, b, c in edges)
        # Constants, made again from the recipe: they need no place in a checkpoint.
        self.register_buffer("kernels", _constant(kernels)[:, None], persistent=False)
        self.register_buffer("bank", torch.from_numpy(bank[:, used].copy()), persistent=False)

    kernels: Tensor
    bank: Tensor

    def forward(self, waveform: Tensor) -> Tensor:
        """Waveforms of shape (batch, samples) to pictures (batch, bands, frames)."""
        parts = functional.conv1d(
            waveform[:, None], self.kernels, stride=self.hop, padding=self.padding
        )
        cosine, sine = parts[:, : self.n_bins], parts[:, self.n_bins :]
        power = torch.matmul(self.bank, cosine * cosine + sine * sine)
        return 10.0 * power.clamp_min(_FLOOR).log10()


class BandPass(nn.Module):
    """A linear-phase filter: what is outside of the band is gone, and nothing is delayed.

    Parameters
    ----------
    rate_hz
        Sample rate.
    low_hz, high_hz
        Edges at half the amplitude; one that is 0, or half the rate or more, is left out.
    taps
        Length of the filter, odd: its edges are about 3·rate/taps wide.

    Raises
    ------
    RecipeError
        If the edges leave nothing.

    Examples
    --------
    >>> BandPass(rate_hz=16000, low_hz=20.0, high_hz=8000.0)(torch.zeros(2, 4000)).shape
    torch.Size([2, 4000])
    """

    def __init__(self, *, rate_hz: int, low_hz: float, high_hz: float, taps: int = 1025) -> None:
        super().__init__()
        if not 0.0 <= low_hz < min(high_hz, rate_hz / 2):
            raise RecipeError(
                f"A band from {low_hz:g} to {high_hz:g} Hz holds nothing at a rate of {rate_hz} Hz.",
                f"0 <= low < high, and low below {rate_hz / 2:g} Hz",
                "Change model.band_hz.",
            )
        kernel = _low_pass(min(high_hz, rate_hz / 2) / rate_hz, taps)
        if low_hz:
            kernel = kernel - _low_pass(low_hz / rate_hz, taps)
        self.taps = taps
        self.register_buffer("kernels", _constant(_shifted(kernel))[:, None], persistent=False)

    kernels: Tensor

    def forward(self, waveform: Tensor) -> Tensor:
        """Waveforms of shape (batch, samples) to the same shape."""
        # A block more in front, to be dropped: convolutions pad both ends alike, and the last block has to be whole.
        blocks = functional.conv1d(
            waveform[:, None], self.kernels, stride=_BLOCK, padding=self.taps // 2 + _BLOCK
        )
        return blocks[:, :, 1:].transpose(1, 2).flatten(1)[:, : waveform.shape[1]]


def normalised(waveform: Tensor) -> Tensor:
    """Each waveform without its mean, at an RMS of 1; silence stays silence.

    Examples
    --------
    >>> normalised(torch.tensor([[1.0, 3.0], [0.0, 0.0]])).tolist()
    [[-1.0, 1.0], [0.0, 0.0]]
    """
    centred = waveform - waveform.mean(dim=1, keepdim=True)
    rms = (centred * centred).mean(dim=1, keepdim=True).clamp_min(_FLOOR).sqrt()
    return centred / rms


def _low_pass(edge: float, taps: int) -> NDArray[np.float64]:
    """A windowed sinc (Hamming); the edge in cycles a sample."""
    n = np.arange(taps) - taps // 2
    if edge >= 0.5:
        return np.asarray(n == 0, np.float64)
    kernel = 2.0 * edge * np.sinc(2.0 * edge * n) * np.hamming(taps)
    return np.asarray(kernel / kernel.sum(), dtype=np.float64)


def _shifted(kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    """The kernel from each sample of a block on: row i makes sample i.

    With one row, convolutions take a hundred times as long: there is nothing to share.
    """
    rows = np.zeros((_BLOCK, _BLOCK + len(kernel) - 1), np.float64)
    for row in range(_BLOCK):
        rows[row, row : row + len(kernel)] = kernel
    return rows


def _constant(values: NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, np.float32))
