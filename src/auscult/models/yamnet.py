"""YAMNet: a MobileNet that tags AudioSet, rebuilt from the official int8 TFLite file.

Source: Plakal and Ellis, github.com/tensorflow/models/tree/master/research/audioset/yamnet, Apache-2.0. The int8 network was
trained as such: its ReLU6 is no detail, and the weights of the float YAMNet are others.
"""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from auscult.errors import BundleError, RecipeError
from auscult.models.fixed_frontend import FixedPower, fourier_rows, mel_triangles
from auscult.models.tflite import Constant

DIM = 1024
RATE_HZ = 16000
PATCH_SAMPLES = 15600

_N_FFT, _WINDOW, _STEP = 512, 400, 160
_BANDS, _LOW_HZ, _HIGH_HZ = 64, 125.0, 7500.0
_FLOOR = 1e-3
_PATCH, _PATCH_STEP = 96, 48

_FIRST = 32
# Channels that each pair of a filter per channel and a mixture of channels gives, and its step.
_LAYERS = (
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    (512, 1),
    (512, 1),
    (512, 1),
    (512, 1),
    (512, 1),
    (1024, 2),
    (1024, 1),
)


class YamNet(nn.Module):
    """From the waveform to an embedding of 1024 numbers, of 0.975 s or the mean of more, one every 0.48 s.

    Parameters
    ----------
    rate_hz
        16000.

    Raises
    ------
    RecipeError
        If the rate is another one.

    Examples
    --------
    >>> YamNet().eval()(torch.zeros(2, 32000)).shape
    torch.Size([2, 1024])
    """

    dim = DIM

    def __init__(self, *, rate_hz: int = RATE_HZ) -> None:
        super().__init__()
        if rate_hz != RATE_HZ:
            raise RecipeError(
                f"YAMNet was trained on another rate than {rate_hz:,} Hz.",
                f"{RATE_HZ} Hz",
                "Set audio.sample_rate_hz: 16000 in the recipe; recordings of any rate are resampled.",
            )
        self.rate_hz = rate_hz
        self.min_window_samples = PATCH_SAMPLES
        bins_hz = np.arange(_N_FFT // 2 + 1, dtype=np.float64) * (RATE_HZ / _N_FFT)
        bank = mel_triangles(_BANDS, bins_hz, low_hz=_LOW_HZ, high_hz=_HIGH_HZ)
        heard = np.flatnonzero(bank.any(axis=0))
        window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(_WINDOW) / _WINDOW)
        self.power = FixedPower(fourier_rows(heard, _N_FFT, window), step=_STEP)
        mel = torch.tensor(bank[:, heard], dtype=torch.float32)
        self.register_buffer("mel", mel, persistent=False)
        cutter = torch.eye(_PATCH_STEP).repeat(_BANDS, 1)[:, None]
        self.register_buffer("cutter", cutter, persistent=False)
        self.layers = _layers()

    mel: Tensor
    cutter: Tensor

    def log_mel(self, waveform: Tensor) -> Tensor:
        """Log of the mean magnitude in each band, shape (batch, 64, frames), ten milliseconds a frame."""
        return torch.log(self.mel @ torch.sqrt(self.power(waveform)) + _FLOOR)

    def patches(self, log_mel: Tensor) -> Tensor:
        """Stretches of 96 frames, every 48 frames: shape (batch · patches, 1, 96, 64)."""
        # Cut by a convolution that copies: what is left over at the end is dropped by itself, so that graphs of bundles need
        # not compute how much that is.
        cut = torch.conv1d(log_mel, self.cutter, stride=_PATCH_STEP, groups=_BANDS)
        halves = cut.reshape(log_mel.shape[0], _BANDS, _PATCH_STEP, -1).permute(0, 3, 2, 1)
        both = torch.cat([halves[:, :-1], halves[:, 1:]], dim=2)
        return both.reshape(-1, 1, _PATCH, _BANDS)

    def forward(self, waveform: Tensor) -> Tensor:
        """Embeddings (batch, 1024) of waveforms (batch, samples), 15,600 samples at least."""
        maps: Tensor = self.layers(self.patches(self.log_mel(waveform)))
        each = maps.mean(dim=(2, 3))
        return each.reshape(waveform.shape[0], -1, DIM).mean(dim=1)


def yamnet(found: Mapping[int, Constant], *, rate_hz: int = RATE_HZ) -> YamNet:
    """The network with the weights of the official file, ready to listen.

    Parameters
    ----------
    found
        Constants of the file, by `auscult.models.tflite.constants`.

    Raises
    ------
    BundleError
        If it is the file of another network.
    """
    network = YamNet(rate_hz=rate_hz)
    convolutions = [layer for layer in network.layers.modules() if isinstance(layer, nn.Conv2d)]
    kernels = _kernels(found)
    if len(kernels) != len(convolutions):
        raise _another(f"it has {len(kernels)} convolutions")
    with torch.no_grad():
        for layer, (kernel, bias) in zip(convolutions, kernels, strict=True):
            _fill(layer, kernel, bias)
    return network.eval()


def _kernels(found: Mapping[int, Constant]) -> list[tuple[Constant, Constant]]:
    """Kernels and biases in the order of the layers, which is that of the file."""
    in_order = [found[number] for number in sorted(found)]
    return [
        (kernel, bias)
        for kernel, bias in pairwise(in_order)
        if kernel.values.ndim == 4 and bias.values.ndim == 1
    ]


def _fill(layer: nn.Conv2d, kernel: Constant, bias: Constant) -> None:
    values = torch.from_numpy(kernel.real())
    is_depthwise = layer.groups > 1
    # In the file (1, height, width, channels) for a filter per channel, else (out, height, width, in).
    values = values.permute(3, 0, 1, 2) if is_depthwise else values.permute(0, 3, 1, 2)
    if layer.stride[0] == 2:
        values = nn.functional.pad(values, (1, 0, 1, 0))
    if values.shape != layer.weight.shape or layer.bias is None:
        raise _another(f"a kernel has the shape {tuple(kernel.values.shape)}")
    layer.weight.copy_(values)
    layer.bias.copy_(torch.from_numpy(bias.real()))


def _another(what: str) -> BundleError:
    return BundleError(
        f"This is not the network of YAMNet: {what}.",
        "the official file yamnet/classification/tflite/1",
        "Get it with: auscult embedder fetch yamnet",
    )


def _layers() -> nn.Sequential:
    layers: list[nn.Module] = _convolved(1, _FIRST, 3, stride=2)
    channels = _FIRST
    for out, stride in _LAYERS:
        layers += _convolved(channels, channels, 3, stride=stride, groups=channels)
        layers += _convolved(channels, out, 1)
        channels = out
    return nn.Sequential(*layers)


def _convolved(
    channels: int, out: int, kernel: int, *, stride: int = 1, groups: int = 1
) -> list[nn.Module]:
    # With steps of two, TensorFlow pads at the end alone. A kernel one wider, whose first row and column are zero, does the
    # same with equal padding on both sides.
    if stride == 2:
        kernel += 1
    padding = 1 if kernel > 1 else 0
    return [nn.Conv2d(channels, out, kernel, stride, padding, groups=groups), nn.ReLU6()]
