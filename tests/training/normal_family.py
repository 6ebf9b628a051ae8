"""The smallest family that learns from normal sound, in two stages: the mean picture, then how far from it is usual."""

from typing import ClassVar

import torch
from torch import Tensor, nn

from auscult.models.detector import Detector, Outputs
from auscult.models.frontend import LogMel

BANDS = 16


class Usual(Detector):
    family = "usual"
    learns_from = "normal"
    stages: ClassVar = ("mean", "spread")
    pool = "mean"
    keeps = ("score",)

    def __init__(self, *, rate_hz, window_samples, labels=(), alarm_labels=()):
        super().__init__(rate_hz=rate_hz, window_samples=window_samples)
        del alarm_labels
        self._settings = {
            "rate_hz": rate_hz,
            "window_samples": window_samples,
            "labels": labels,
            "alarm_labels": (),
        }
        self.picture = LogMel(rate_hz=rate_hz, n_fft=256, hop=128, n_bands=BANDS)
        self.mean = nn.Parameter(torch.full((BANDS,), -2.0))
        self.spread = nn.Parameter(torch.zeros(BANDS))
        self.register_buffer("typical", torch.ones(()))
        self.stage = ""

    def features(self, waveform: Tensor) -> Tensor:
        return self.picture(waveform).mean(dim=2) / 10

    def begin(self, stage):
        self.stage = stage
        self.mean.requires_grad_(stage == "mean")
        self.spread.requires_grad_(stage == "spread")

    def judge(self, features: Tensor) -> Outputs:
        error = (features - self.mean) ** 2
        return {"error": error, "score": (error * (-self.spread).exp()).mean(dim=1)}

    def loss(self, found: Outputs, target: Tensor) -> Tensor:
        del target
        if self.stage == "mean":
            return found["error"].mean()
        return found["score"].mean() + self.spread.mean()

    def outputs(self, found: Outputs) -> Outputs:
        score = found["score"] / self.typical
        return {"score": score, "part_score.error": found["error"].mean(dim=1)}

    @torch.no_grad()
    def after_training(self, learned: Outputs, targets: Tensor, held_out: Outputs) -> None:
        del targets
        scores = held_out["score"] if len(held_out["score"]) else learned["score"]
        self.typical.copy_(scores.median())

    @classmethod
    def tiny(cls):
        return cls(rate_hz=8000, window_samples=4000)
