"""A family of one's own: how loud each mel band is, how much that changes, and a small network on top."""

from typing import Self

import torch
from torch import Tensor, nn

from auscult.models.detector import Classifier, Outputs
from auscult.models.frontend import LogMel


class BandStatistics(Classifier):
    """Classes of steady sounds.

    Parameters
    ----------
    n_bands
        Mel bands.
    hidden
        Length of the embedding.
    dropout
        Before the last layer.
    """

    family = "band_statistics"

    def __init__(
        self,
        *,
        rate_hz: int,
        window_samples: int,
        labels: tuple[str, ...],
        alarm_labels: tuple[str, ...] = (),
        n_bands: int = 40,
        hidden: int = 64,
        dropout: float = 0.2,
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
            "n_bands": n_bands,
            "hidden": hidden,
            "dropout": dropout,
        }
        self.min_window_samples = window_samples // 2
        self.picture = LogMel(rate_hz=rate_hz, n_bands=n_bands)
        self.dense = nn.Sequential(nn.Linear(2 * n_bands, hidden), nn.ReLU())
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(hidden, len(labels)))

    def features(self, waveform: Tensor) -> Tensor:
        """The log-mel spectrogram, in tens of dB; it is what SpecAugment masks."""
        picture: Tensor = self.picture(waveform) / 10.0
        return picture

    def judge(self, features: Tensor) -> Outputs:
        """Logits and embedding: what every classifier owes."""
        level = features.mean(dim=2)
        away = features - level[:, :, None]
        change = (away * away).mean(dim=2)
        embedding = self.dense(torch.cat([level, change], dim=1))
        return {"logits": self.head(embedding), "embedding": embedding}

    @classmethod
    def tiny(cls) -> Self:
        """Small enough for tests."""
        return cls(
            rate_hz=8000,
            window_samples=4000,
            labels=("ok", "knock"),
            alarm_labels=("knock",),
            n_bands=16,
            hidden=8,
            dropout=0.0,
        )
