"""`resnet`: a residual network on the log-mel spectrogram, for many kinds of sound.

After AudioCNN: stages of 64, 128, 256 and 512 channels, two residual blocks each, on 128 mel bands; it can show its feature maps.
"""

from typing import Self

from torch import Tensor, nn

from auscult.errors import RecipeError
from auscult.models.detector import Classifier, Outputs
from auscult.models.frontend import LogMel
from auscult.models.layers import Residual

_STAGES = (64, 128, 256, 512)
_BLOCKS = 2
# Log-mel in dB of ordinary sound, brought to about 0 ± 1.
_MEAN_DB, _SD_DB = -35.0, 20.0


class ResNet(Classifier):
    """Classes of sound, from its picture.

    Parameters
    ----------
    n_bands
        Mel bands.
    n_fft, hop
        Frame and step of the spectrogram, in samples.
    high_hz
        Upper edge of the bands; 0: half the rate.
    width
        All channels times this.
    dropout
        Before the last layer.

    Examples
    --------
    >>> import torch
    >>> detector = ResNet.tiny().eval()
    >>> detector(torch.zeros(2, 4000))["embedding"].shape
    torch.Size([2, 32])
    """

    family = "resnet"

    def __init__(
        self,
        *,
        rate_hz: int,
        window_samples: int,
        labels: tuple[str, ...],
        alarm_labels: tuple[str, ...] = (),
        n_bands: int = 128,
        n_fft: int = 1024,
        hop: int = 512,
        high_hz: float = 0.0,
        width: float = 1.0,
        dropout: float = 0.5,
    ) -> None:
        channels = [max(round(width * n), 1) for n in _STAGES]
        super().__init__(
            rate_hz=rate_hz,
            window_samples=window_samples,
            labels=labels,
            alarm_labels=alarm_labels,
            dim=channels[-1],
        )
        self._settings = {
            "rate_hz": rate_hz,
            "window_samples": window_samples,
            "labels": labels,
            "alarm_labels": alarm_labels,
            "n_bands": n_bands,
            "n_fft": n_fft,
            "hop": hop,
            "high_hz": high_hz,
            "width": width,
            "dropout": dropout,
        }
        if min(n_bands, n_fft, hop) < 1 or width <= 0.0:
            raise RecipeError(
                "One of model.n_bands, n_fft, hop and width is 0 or less.",
                "numbers above 0",
                "Correct the recipe.",
            )
        self.min_window_samples = min(n_fft, window_samples)
        self.picture = LogMel(
            rate_hz=rate_hz, n_fft=n_fft, hop=hop, n_bands=n_bands, high_hz=high_hz or None
        )
        self.stem = nn.Sequential(
            nn.Conv2d(1, channels[0], 7, 2, padding=3, bias=False),
            nn.BatchNorm2d(channels[0]),
            nn.ReLU(),
            nn.MaxPool2d(3, 2, padding=1),
        )
        inwards = (channels[0], *channels[:-1])
        self.residual = nn.ModuleList(
            _stage(a, b, stride=1 if number == 0 else 2)
            for number, (a, b) in enumerate(zip(inwards, channels, strict=True))
        )
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(channels[-1], len(labels)))

    def features(self, waveform: Tensor) -> Tensor:
        """The log-mel spectrogram, shape (batch, bands, frames)."""
        picture: Tensor = (self.picture(waveform) - _MEAN_DB) / _SD_DB
        return picture

    def judge(self, features: Tensor) -> Outputs:
        """Logits and embedding."""
        embedding = self._maps(features)["stage4"].mean(dim=(2, 3))
        return {"logits": self.head(embedding), "embedding": embedding}

    def inspect(self, waveform: Tensor) -> Outputs:
        """What the stem and each stage make of it, shape (batch, channels, bands, frames)."""
        return self._maps(self.features(waveform))

    def _maps(self, features: Tensor) -> Outputs:
        found = {"stem": self.stem(features[:, None])}
        last = found["stem"]
        for number, stage in enumerate(self.residual, 1):
            last = found[f"stage{number}"] = stage(last)
        return found

    @classmethod
    def tiny(cls) -> Self:
        """Small enough for tests."""
        return cls(
            rate_hz=8000,
            window_samples=4000,
            labels=("ok", "knock"),
            alarm_labels=("knock",),
            n_bands=32,
            n_fft=256,
            hop=128,
            width=1 / 16,
            dropout=0.0,
        )


def _stage(inwards: int, outwards: int, *, stride: int) -> nn.Sequential:
    blocks = [Residual(inwards, outwards, stride)]
    blocks += [Residual(outwards, outwards) for _ in range(_BLOCKS - 1)]
    return nn.Sequential(*blocks)
