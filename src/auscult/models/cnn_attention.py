"""`cnn_attention`: convolutions over the waveform, attention over time.

After SoundDitect's detector of impacts: 1D convolutions 64→128→256, multi-head attention, global average pooling, dense layers. Strides
take the place of attention over every sample, whose cost would grow with the square of 44,100 steps a second.
"""

from typing import Literal, Self

from torch import Tensor, nn

from auscult.errors import RecipeError
from auscult.models.detector import Classifier, Outputs
from auscult.models.frontend import BandPass, normalised
from auscult.models.layers import Attention

Normalise = Literal["rms", "none"]

_DEPTH = 3
_SHORTEST_S = 0.25


class CnnAttention(Classifier):
    """Classes of short sounds, from the waveform itself.

    Parameters
    ----------
    channels
        Of the three convolutions.
    attention_dim
        Length of the vectors that attention compares.
    heads
        Of attention.
    hidden
        Length of the embedding, which the last layer sees.
    dropout
        Before the last layer, and half as much within attention.
    band_hz
        Lower and upper edge of a band-pass; empty: none.
    normalise
        `rms`: every window is brought to the same level first.

    Examples
    --------
    >>> import torch
    >>> detector = CnnAttention.tiny().eval()
    >>> detector(torch.zeros(2, 4000))["probabilities"].shape
    torch.Size([2, 2])
    """

    family = "cnn_attention"

    def __init__(
        self,
        *,
        rate_hz: int,
        window_samples: int,
        labels: tuple[str, ...],
        alarm_labels: tuple[str, ...] = (),
        channels: tuple[int, ...] = (64, 128, 256),
        attention_dim: int = 256,
        heads: int = 8,
        hidden: int = 128,
        dropout: float = 0.3,
        band_hz: tuple[float, ...] = (),
        normalise: Normalise = "none",
    ) -> None:
        super().__init__(
            rate_hz=rate_hz,
            window_samples=window_samples,
            labels=labels,
            alarm_labels=alarm_labels,
            dim=hidden,
        )
        self._settings = {
            "rate_hz": rate_hz,
            "window_samples": window_samples,
            "labels": labels,
            "alarm_labels": alarm_labels,
            "channels": tuple(channels),
            "attention_dim": attention_dim,
            "heads": heads,
            "hidden": hidden,
            "dropout": dropout,
            "band_hz": tuple(band_hz),
            "normalise": normalise,
        }
        _check(channels, attention_dim, heads, band_hz)
        self.normalise = normalise
        self.band = (
            BandPass(rate_hz=rate_hz, low_hz=band_hz[0], high_hz=band_hz[1]) if band_hz else None
        )
        inwards = (1, *channels[:-1])
        kernels, strides = _steps(rate_hz)
        shapes = zip(inwards, channels, kernels, strides, strict=True)
        self.convolutions = nn.Sequential(*(_convolution(*shape) for shape in shapes))
        self.widen = nn.Linear(channels[-1], attention_dim)
        self.attention = Attention(attention_dim, heads, dropout / 2)
        self.norm = nn.LayerNorm(attention_dim)
        self.dense = nn.Sequential(nn.Linear(attention_dim, hidden), nn.ReLU())
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(hidden, len(labels)))
        self.map_hop_samples, self.map_frame_samples = _reach(kernels, strides)
        self.bands_hz = ((0.0, rate_hz / 4, rate_hz / 2),)
        shortest = max(round(_SHORTEST_S * rate_hz), self.map_frame_samples + self.map_hop_samples)
        if window_samples < shortest:
            raise RecipeError(
                f"Windows of {window_samples / rate_hz:g} s are too short for cnn_attention.",
                f"at least {shortest / rate_hz:.2f} s at {rate_hz} Hz",
                "Set audio.window_s in the recipe.",
            )
        self.min_window_samples = shortest

    def features(self, waveform: Tensor) -> Tensor:
        """The waveform within its band, at its level."""
        if self.band is not None:
            waveform = self.band(waveform)
        return normalised(waveform) if self.normalise == "rms" else waveform

    def judge(self, features: Tensor) -> Outputs:
        """Logits, embedding, and where in time attention looked."""
        steps = self.widen(self.convolutions(features[:, None]).transpose(1, 2))
        mixed, looked_at = self.attention(steps)
        pooled = self.norm(steps + mixed).mean(dim=1)
        embedding = self.dense(pooled)
        return {
            "logits": self.head(embedding),
            "embedding": embedding,
            "anomaly_map": looked_at[:, None],
        }

    @classmethod
    def tiny(cls) -> Self:
        """Small enough for tests."""
        return cls(
            rate_hz=8000,
            window_samples=4000,
            labels=("ok", "knock"),
            alarm_labels=("knock",),
            channels=(8, 8, 16),
            attention_dim=16,
            heads=2,
            hidden=8,
            dropout=0.0,
        )


def _convolution(inwards: int, outwards: int, kernel: int, stride: int) -> nn.Sequential:
    # Nothing is padded: step t hears exactly the samples from t·hop on, at any length.
    return nn.Sequential(
        nn.Conv1d(inwards, outwards, kernel, stride, bias=False),
        nn.BatchNorm1d(outwards),
        nn.ReLU(),
    )


def _steps(rate_hz: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Kernels and strides: whatever the rate, attention compares about 62 steps a second.

    Examples
    --------
    >>> _steps(16000)
    ((128, 16, 8), (16, 4, 4))
    """
    first = max(round(rate_hz / 1000), 1)
    return (8 * first, 16, 8), (first, 4, 4)


def _reach(kernels: tuple[int, ...], strides: tuple[int, ...]) -> tuple[int, int]:
    """Samples from step to step, and samples that one step hears."""
    hop, frame = 1, 1
    for kernel, stride in zip(kernels, strides, strict=True):
        frame += (kernel - 1) * hop
        hop *= stride
    return hop, frame


def _check(
    channels: tuple[int, ...], attention_dim: int, heads: int, band_hz: tuple[float, ...]
) -> None:
    if len(channels) != _DEPTH or min(channels) < 1:
        raise RecipeError(
            f"model.channels is {list(channels)}.", "three whole numbers above 0", "Correct it."
        )
    if heads < 1 or attention_dim % heads:
        raise RecipeError(
            f"model.attention_dim {attention_dim} can't be shared by {heads} heads.",
            "a multiple of model.heads",
            "Correct one of the two.",
        )
    if len(band_hz) not in (0, 2):
        raise RecipeError(
            f"model.band_hz is {list(band_hz)}.",
            "a lower and an upper edge, or nothing",
            "Correct it.",
        )
