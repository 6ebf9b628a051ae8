"""Front ends of networks that others trained: to be met exactly, and never trained."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Array = NDArray[np.float64]


class FixedPower(nn.Module):
    """Power of each bin of a short-time Fourier transform, by one convolution.

    Parameters
    ----------
    rows
        Complex, shape (bins, length): what a frame is multiplied with, window and all other linear filters in it.
    step
        Samples from frame to frame.
    before
        Samples before the first one of the sound that the first frame begins with; the sound is mirrored there, and at its
        end as far as makes one frame for each step begun.

    Examples
    --------
    >>> rows = np.exp(-2j * np.pi * np.outer([0, 1], np.arange(4)) / 4)
    >>> FixedPower(rows, step=2)(torch.ones(1, 8)).squeeze(0).round().tolist()
    [[16.0, 16.0, 16.0], [0.0, 0.0, 0.0]]
    """

    def __init__(self, rows: NDArray[np.complex128], *, step: int, before: int = 0) -> None:
        super().__init__()
        self._bins, self._step = len(rows), step
        kernel = np.concatenate([rows.real, rows.imag])[:, None, :]
        self.register_buffer("kernel", torch.tensor(kernel, dtype=torch.float32), persistent=False)
        after = rows.shape[1] - 1 - before if before else 0
        # As indices: graphs of bundles have no operator that mirrors.
        self.register_buffer("_head", torch.arange(before, 0, -1), persistent=False)
        self.register_buffer("_tail", torch.arange(after - 1, -1, -1), persistent=False)

    kernel: Tensor
    _head: Tensor
    _tail: Tensor

    def forward(self, waveform: Tensor) -> Tensor:
        """Power (batch, bins, frames) of waveforms (batch, samples)."""
        parts = torch.conv1d(self._mirrored(waveform)[:, None, :], self.kernel, stride=self._step)
        real, imaginary = parts[:, : self._bins], parts[:, self._bins :]
        return real * real + imaginary * imaginary

    def _mirrored(self, waveform: Tensor) -> Tensor:
        if not len(self._head):
            return waveform
        head = waveform.index_select(1, self._head)
        last = waveform[:, -(len(self._tail) + 1) : -1]
        return torch.cat([head, waveform, last.index_select(1, self._tail)], dim=1)


def fourier_rows(bins: NDArray[np.int64], n_fft: int, window: Array) -> NDArray[np.complex128]:
    """Rows of the DFT under a window, shape (bins, len(window)).

    Examples
    --------
    >>> fourier_rows(np.array([0, 2]), 4, np.ones(4)).real.tolist()
    [[1.0, 1.0, 1.0, 1.0], [1.0, -1.0, 1.0, -1.0]]
    """
    # Reduced modulo n_fft first: whole numbers keep the angles exact.
    turns = (np.outer(bins, np.arange(len(window))) % n_fft) / n_fft
    return np.asarray(np.exp(-2j * np.pi * turns) * window, np.complex128)


def mel_triangles(n_bands: int, bins_hz: Array, *, low_hz: float, high_hz: float) -> Array:
    """Triangles whose sides are straight on the mel scale, as in Kaldi and TensorFlow (peak 1).

    In `auscult.audio.mel` they are straight in hertz, as librosa has them.

    Returns
    -------
    bank
        Shape (n_bands, bins).

    Examples
    --------
    >>> mel_triangles(1, np.array([0.0, 1000.0, 2000.0]), low_hz=0.0, high_hz=2000.0).round(2).tolist()
    [[0.0, 0.69, 0.0]]
    """
    points = np.linspace(_mel(np.array(low_hz)), _mel(np.array(high_hz)), n_bands + 2)
    left, centre, right = points[:-2, None], points[1:-1, None], points[2:, None]
    mel = _mel(bins_hz)[None, :]
    rising, falling = (mel - left) / (centre - left), (right - mel) / (right - centre)
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)), np.float64)


def _mel(hz: Array) -> Array:
    return np.asarray(1127.0 * np.log1p(hz / 700.0), np.float64)
