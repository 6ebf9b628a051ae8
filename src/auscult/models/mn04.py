"""EfficientAT mn04: a MobileNetV3 of 0.4 times the width, trained to tag AudioSet, with its front end in front of it.

Source: Schmid, Koutini and Widmer, "Efficient large-scale audio tagging via transformer-to-CNN knowledge distillation",
ICASSP 2023. Weights `mn04_as_mAP_432.pt` from github.com/fschmid56/EfficientAT, MIT licence: they load strictly.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from auscult.errors import RecipeError
from auscult.models.fixed_frontend import FixedPower, fourier_rows, mel_triangles

DIM = 384
CLASSES = 527
RATES_HZ = (16000, 32000)

_OWN_RATE_HZ = 32000
_N_FFT, _WINDOW, _STEP = 1024, 800, 320
_BANDS, _HIGH_HZ = 128, 15000.0
_PRE_EMPHASIS = 0.97
_RMS = 0.05
_SILENCE = 1e-10
_UPSAMPLING_TAPS = 64  # to either side
_KAISER_BETA = 8.0


@dataclass(frozen=True, kw_only=True)
class _Block:
    """A row of table 1 of "Searching for MobileNetV3" (Howard et al., 2019), at 0.4 times the width."""

    kernel: int
    expanded: int
    out: int
    squeezed: int = 0
    is_hard: bool = True
    stride: int = 1


_FIRST = 8
_BLOCKS = (
    _Block(kernel=3, expanded=8, out=8, is_hard=False),
    _Block(kernel=3, expanded=24, out=16, is_hard=False, stride=2),
    _Block(kernel=3, expanded=32, out=16, is_hard=False),
    _Block(kernel=5, expanded=32, out=16, squeezed=8, is_hard=False, stride=2),
    _Block(kernel=5, expanded=48, out=16, squeezed=16, is_hard=False),
    _Block(kernel=5, expanded=48, out=16, squeezed=16, is_hard=False),
    _Block(kernel=3, expanded=96, out=32, stride=2),
    _Block(kernel=3, expanded=80, out=32),
    _Block(kernel=3, expanded=72, out=32),
    _Block(kernel=3, expanded=72, out=32),
    _Block(kernel=3, expanded=192, out=48, squeezed=48),
    _Block(kernel=3, expanded=272, out=48, squeezed=72),
    _Block(kernel=5, expanded=272, out=64, squeezed=72, stride=2),
    _Block(kernel=5, expanded=384, out=64, squeezed=96),
    _Block(kernel=5, expanded=384, out=64, squeezed=96),
)


class Mn04(nn.Module):
    """From the waveform to an embedding of 384 numbers, whatever its level.

    Parameters
    ----------
    rate_hz
        16000 or 32000, the rate of its training. From 16 kHz it is brought to 32 kHz in the same convolution that takes the
        spectrum; nothing is heard above 8 kHz then.

    Raises
    ------
    RecipeError
        If the rate is another one.

    Examples
    --------
    >>> network = Mn04(rate_hz=16000).eval()
    >>> network(torch.zeros(2, 16000)).shape
    torch.Size([2, 384])
    """

    dim = DIM

    def __init__(self, *, rate_hz: int = 16000) -> None:
        super().__init__()
        if rate_hz not in RATES_HZ:
            raise RecipeError(
                f"mn04 was trained on another rate than {rate_hz:,} Hz.",
                "16000 or 32000 Hz",
                "Set audio.sample_rate_hz: 16000 in the recipe; recordings of any rate are resampled.",
            )
        self.rate_hz = rate_hz
        self.min_window_samples = rate_hz // 2
        self.power, mel = _front_end(rate_hz)
        self.register_buffer("mel", torch.tensor(mel, dtype=torch.float32), persistent=False)
        self.features = _features()
        self.classifier = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(DIM, 512),
            nn.Hardswish(),
            nn.Dropout(0.2),
            nn.Linear(512, CLASSES),
        )

    mel: Tensor

    def log_mel(self, waveform: Tensor) -> Tensor:
        """What the network sees of waveforms (batch, samples): shape (batch, 128, frames), ten milliseconds a frame."""
        # A floor, not an addend: so small a one the exporter leaves out, and silence would be divided by nothing.
        mean_square = (waveform * waveform).mean(dim=1, keepdim=True).clamp(min=_SILENCE)
        level = waveform * (_RMS / torch.sqrt(mean_square))
        return (torch.log(self.mel @ self.power(level) + 1e-5) + 4.5) / 5.0

    def maps(self, log_mel: Tensor) -> Tensor:
        """The last feature maps (batch, 384, 4, frames / 32)."""
        found: Tensor = self.features(log_mel[:, None])
        return found

    def forward(self, waveform: Tensor) -> Tensor:
        """Embeddings (batch, 384) of waveforms (batch, samples): the mean of the last maps over time and frequency."""
        return self.maps(self.log_mel(waveform)).mean(dim=(2, 3))

    def logits(self, waveform: Tensor) -> Tensor:
        """Logits of the 527 AudioSet classes, shape (batch, 527)."""
        found: Tensor = self.classifier(self.maps(self.log_mel(waveform)))
        return found


def mn04(weights: Mapping[str, Tensor], *, rate_hz: int = 16000) -> Mn04:
    """The network with its public weights, ready to listen.

    Parameters
    ----------
    weights
        As `torch.load(file, weights_only=True)` gives them.
    """
    network = Mn04(rate_hz=rate_hz)
    network.load_state_dict(dict(weights), strict=True)
    return network.eval()


def _front_end(rate_hz: int) -> tuple[FixedPower, NDArray[np.float64]]:
    """Upsampling, pre-emphasis, window and Fourier transform are all linear: one table does all of them at once."""
    highest_hz = min(_HIGH_HZ, rate_hz / 2)
    bins = np.arange(int(highest_hz * _N_FFT / _OWN_RATE_HZ) + 1)
    # The original's window is the symmetric one.
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(_WINDOW) / (_WINDOW - 1))
    rows = fourier_rows(bins, _N_FFT, window)
    emphasised = np.zeros((len(bins), _WINDOW + 1), np.complex128)
    emphasised[:, 1:] = rows
    emphasised[:, :-1] -= _PRE_EMPHASIS * rows
    before = _WINDOW // 2
    step = _STEP * rate_hz // _OWN_RATE_HZ
    if rate_hz != _OWN_RATE_HZ:
        emphasised, before = _before_upsampling(emphasised, before)
    bins_hz = bins.astype(np.float64) * (_OWN_RATE_HZ / _N_FFT)
    mel = mel_triangles(_BANDS, bins_hz, low_hz=0.0, high_hz=_HIGH_HZ)
    return FixedPower(emphasised, step=step, before=before), mel


def _before_upsampling(
    rows: NDArray[np.complex128], before: int
) -> tuple[NDArray[np.complex128], int]:
    """Rows for the sound at half the rate: each of its samples becomes an interpolating sinc under a Kaiser window.

    The sum over the fine samples of row(m)·h(m - 2j) is what sample j weighs.
    """
    taps = _UPSAMPLING_TAPS
    t = np.arange(-taps, taps + 1)
    h = np.sinc(t / 2.0) * np.kaiser(2 * taps + 1, _KAISER_BETA)
    length = rows.shape[1]
    first = -(taps // 2)
    samples = np.arange(first, (length - 1 + taps) // 2 + 1)
    offset = np.arange(length)[:, None] - 2 * samples[None, :]
    spread = np.where(np.abs(offset) <= taps, h[np.clip(offset + taps, 0, 2 * taps)], 0.0)
    return rows @ spread, before // 2 - first


def _features() -> nn.Sequential:
    layers: list[nn.Module] = [_convolved(1, _FIRST, 3, stride=2, activation=nn.Hardswish())]
    channels = _FIRST
    for block in _BLOCKS:
        layers.append(_Residual(channels, block))
        channels = block.out
    layers.append(_convolved(channels, DIM, 1, activation=nn.Hardswish()))
    return nn.Sequential(*layers)


def _convolved(
    channels: int,
    out: int,
    kernel: int,
    *,
    stride: int = 1,
    groups: int = 1,
    activation: nn.Module | None = None,
) -> nn.Sequential:
    convolution = nn.Conv2d(
        channels, out, kernel, stride, padding=kernel // 2, groups=groups, bias=False
    )
    layers: list[nn.Module] = [convolution, nn.BatchNorm2d(out, eps=1e-3, momentum=0.01)]
    return nn.Sequential(*layers, *([activation] if activation else []))


class _Residual(nn.Module):
    """Widen, filter each channel, weigh the channels, narrow."""

    def __init__(self, channels: int, block: _Block) -> None:
        super().__init__()
        wide = block.expanded
        activation = nn.Hardswish() if block.is_hard else nn.ReLU()
        layers: list[nn.Module] = []
        if wide != channels:
            layers.append(_convolved(channels, wide, 1, activation=activation))
        layers.append(
            _convolved(
                wide,
                wide,
                block.kernel,
                stride=block.stride,
                groups=wide,
                activation=activation,
            )
        )
        if block.squeezed:
            layers.append(_Excited(wide, block.squeezed))
        layers.append(_convolved(wide, block.out, 1))
        self.block = nn.Sequential(*layers)
        self._is_residual = block.stride == 1 and channels == block.out

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.block(x)
        return found + x if self._is_residual else found


class _Excited(nn.Module):
    """Squeeze and excitation of the channels; the public weights know it as the first of a list."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.conc_se_layers = nn.ModuleList([_Excitation(channels, squeezed)])

    def forward(self, x: Tensor) -> Tensor:
        weights: Tensor = self.conc_se_layers[0](x.mean(dim=(2, 3)))
        return x * weights[:, :, None, None]


class _Excitation(nn.Module):
    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(channels, squeezed)
        self.fc2 = nn.Linear(squeezed, channels)

    def forward(self, mean: Tensor) -> Tensor:
        return torch.sigmoid(self.fc2(torch.relu(self.fc1(mean))))
