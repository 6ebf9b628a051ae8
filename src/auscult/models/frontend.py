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
        if n_fft < 4 or n_fft % 4:
            raise RecipeError(
                f"A frame of {n_fft} samples is no multiple of four.",
                "one such as 1024, 400 or 2048",
                "Change model.n_fft.",
            )
        bank = filter_bank(
            rate_hz=rate_hz, n_fft=n_fft, n_bands=n_bands, low_hz=low_hz, high_hz=high_hz
        )
        self.power = _Power(n_fft, hop, np.flatnonzero(bank.sum(axis=0)))
        self.padding = n_fft // 2 if padding is None else padding
        top_hz = rate_hz / 2 if high_hz is None else high_hz
        edges = band_edges_hz(n_bands, low_hz=low_hz, high_hz=top_hz, scale="slaney")
        self.bands_hz = tuple((float(a), float(b), float(c)) for a, b, c in edges)
        # Constants, made again from the recipe: they need no place in a checkpoint.
        lacking = -n_fft % hop  # what the last frame takes to end with a whole step
        self.register_buffer("quiet", torch.zeros(1, self.padding + lacking), persistent=False)
        bank = bank[:, self.power.bins]
        self.register_buffer("bank", torch.from_numpy(bank.copy()), persistent=False)

    bank: Tensor
    quiet: Tensor

    def forward(self, waveform: Tensor) -> Tensor:
        """Waveforms of shape (batch, samples) to pictures (batch, bands, frames)."""
        # Not by `pad`: bundles have no such operator, with which a few bytes could ask for any memory.
        quiet = waveform[:, :1] * self.quiet
        power = self.power(torch.cat([quiet[:, : self.padding], waveform, quiet], dim=1))
        return 10.0 * torch.matmul(self.bank, power).clamp_min(_FLOOR).log10()


class _Power(nn.Module):
    """Power of bins of a Hann-windowed Fourier transform, by a quarter of the products.

    Sines and cosines repeat themselves, so samples are added before they are multiplied: those half a frame apart, whose sum makes the
    even bins and whose difference the odd ones, and then those on both sides of a quarter of the frame.

    Parameters
    ----------
    n_fft, hop
        Frame, four times a whole number, and step, in samples.
    bins
        Which of the transform; they come out even ones first, as `bins` says.
    """

    def __init__(self, n_fft: int, hop: int, bins: NDArray[np.int64]) -> None:
        super().__init__()
        even, odd = bins[bins % 2 == 0], bins[bins % 2 == 1]
        self.bins = np.concatenate([even, odd])
        self.n_fft, self.hop = n_fft, hop
        self.steps = -(-n_fft // hop)
        self.register_buffer("window", _constant(hann(n_fft)), persistent=False)
        quarter = slice(0, n_fft // 4 + 1)
        for parity, of_parity in (("even", even), ("odd", odd)):
            for part, rows in zip(("cosine", "sine"), dft_matrices(n_fft, of_parity), strict=True):
                name = f"{parity}_{part}"
                self.register_buffer(name, _constant(rows[:, quarter].T), persistent=False)

    window: Tensor
    even_cosine: Tensor
    even_sine: Tensor
    odd_cosine: Tensor
    odd_sine: Tensor

    def forward(self, waveform: Tensor) -> Tensor:
        """Waveforms of shape (batch, samples) to (batch, bins, frames); what is less than a step is dropped."""
        frames = self._frames(waveform) * self.window
        first, second = frames.chunk(2, dim=2)
        added, taken = _folded(first + second)
        even = _squared(added @ self.even_cosine, taken @ self.even_sine)
        added, taken = _folded(first - second)
        odd = _squared(taken @ self.odd_cosine, added @ self.odd_sine)
        return torch.cat([even, odd], dim=2).transpose(1, 2)

    def _frames(self, waveform: Tensor) -> Tensor:
        """Shape (batch, frames, n_fft): steps beside the steps that follow them."""
        whole = waveform[:, : waveform.shape[1] // self.hop * self.hop]
        chunks = whole.reshape(waveform.shape[0], -1, self.hop)
        count = chunks.shape[1] - self.steps + 1
        if not torch.compiler.is_exporting() and count < 1:
            raise ValueError(f"{waveform.shape[1]} samples are less than a frame of {self.n_fft}")
        beside = [chunks[:, first : first + count] for first in range(self.steps)]
        return torch.cat(beside, dim=2)[:, :, : self.n_fft]


def _squared(real: Tensor, imaginary: Tensor) -> Tensor:
    return (
        real * real + imaginary * imaginary
    )  # runtimes multiply quicker than they raise to a power


def _folded(half: Tensor) -> tuple[Tensor, Tensor]:
    """Samples n and N - n of N, added, and subtracted; the first and the middle one stand alone."""
    middle = half.shape[2] // 2
    rising, falling = half[:, :, 1:middle], half[:, :, middle + 1 :].flip(2)
    first, last = half[:, :, :1], half[:, :, middle : middle + 1]
    added = torch.cat([first, rising + falling, last], dim=2)
    return added, torch.cat([first, rising - falling, last], dim=2)


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
