"""Family `transfer`: a network that others trained on AudioSet listens, and a small head learns what it heard.

The network is frozen: nothing but the head is trained, so that a few minutes of labelled sound are enough, and its embeddings
need computing only once. What is exported is one file, from the waveform to the probabilities.
"""

from typing import Literal, Self, cast

import numpy as np
import torch
from torch import Tensor, nn

from auscult.datasets.addresses import EMBEDDERS
from auscult.errors import RecipeError
from auscult.models import pretrained
from auscult.models.detector import Classifier, Outputs
from auscult.models.fixed_frontend import FixedPower, fourier_rows
from auscult.models.mn04 import Mn04
from auscult.models.yamnet import YamNet

EmbedderName = Literal["mn04", "yamnet", "bands"]
_NAMES = ("mn04", "yamnet", "bands")


class Transfer(Classifier):
    """A frozen network and a head.

    Parameters
    ----------
    rate_hz, window_samples, labels, alarm_labels
        See `Classifier`.
    embedder
        `mn04` or `yamnet`, which have to be fetched once; or `bands`, the mean logarithm of 24 frequency bands: no network at
        all, to compare with and to test with.
    hidden
        Width of each hidden layer of the head; none: it is linear.
    dropout
        Share of the numbers that are left out in training before each layer of the head.

    Raises
    ------
    RecipeError
        If there is no such embedder, it was not fetched, or does not take this rate or so short a window.

    Examples
    --------
    >>> detector = Transfer.tiny().eval()
    >>> detector(torch.zeros(2, 4000))["probabilities"].shape
    torch.Size([2, 2])
    """

    family = "transfer"
    features_are_fixed = True

    def __init__(
        self,
        *,
        rate_hz: int,
        window_samples: int,
        labels: tuple[str, ...],
        alarm_labels: tuple[str, ...] = (),
        embedder: EmbedderName = "mn04",
        hidden: tuple[int, ...] = (),
        dropout: float = 0.2,
    ) -> None:
        _check(embedder, hidden, dropout)
        frozen = _frozen(embedder, rate_hz)
        if window_samples < frozen.min_window_samples:
            raise RecipeError(
                f"Windows of {window_samples / rate_hz:g} s are too short for {embedder}.",
                f"at least {frozen.min_window_samples / rate_hz:g} s",
                "Set audio.window_s in the recipe.",
            )
        super().__init__(
            rate_hz=rate_hz,
            window_samples=window_samples,
            labels=labels,
            alarm_labels=alarm_labels,
            dim=frozen.dim,
        )
        self._settings = {
            "rate_hz": rate_hz,
            "window_samples": window_samples,
            "labels": labels,
            "alarm_labels": alarm_labels,
            "embedder": embedder,
            "hidden": tuple(hidden),
            "dropout": dropout,
        }
        self.min_window_samples = frozen.min_window_samples
        self.licences = EMBEDDERS[embedder].notes if embedder in EMBEDDERS else ()
        self.frozen = frozen.requires_grad_(requires_grad=False).eval()
        self.head = _head(frozen.dim, tuple(hidden), len(labels), dropout)

    def train(self, mode: bool = True) -> Self:
        """Train the head; what is frozen stays as it is, its normalisations included."""
        super().train(mode)
        self.frozen.eval()
        return self

    def features(self, waveform: Tensor) -> Tensor:
        """The frozen embedding, shape (batch, dim)."""
        return cast("Tensor", self.frozen(waveform))

    def judge(self, features: Tensor) -> Outputs:
        """Logits of the head."""
        return {"logits": self.head(features), "embedding": features}

    @classmethod
    def tiny(cls) -> Self:
        """One that needs no weights."""
        return cls(
            rate_hz=8000,
            window_samples=4000,
            labels=("ok", "knock"),
            alarm_labels=("knock",),
            embedder="bands",
            dropout=0.0,
        )


class Bands(nn.Module):
    """The mean logarithm of the power in 24 bands of equal width: an embedder without any weights."""

    dim = 24

    def __init__(self, *, rate_hz: int) -> None:
        super().__init__()
        self.rate_hz = rate_hz
        self.min_window_samples = 4 * self.dim
        length = 2 * (self.dim + 1)
        window = np.hanning(length)
        self.power = FixedPower(
            fourier_rows(np.arange(1, self.dim + 1), length, window), step=length // 2
        )

    def forward(self, waveform: Tensor) -> Tensor:
        """Embeddings (batch, 24)."""
        return torch.log(self.power(waveform) + 1e-6).mean(dim=2)


class _Standardised(nn.BatchNorm1d):
    """Each number of an embedding at mean 0 and deviation 1; a last batch of one window is measured by those before it."""

    def __init__(self, dim: int) -> None:
        super().__init__(dim, affine=False)

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - as PyTorch calls it
        if self.training and len(input) == 1:
            return nn.functional.batch_norm(input, self.running_mean, self.running_var)
        return super().forward(input)


def _head(dim: int, hidden: tuple[int, ...], classes: int, dropout: float) -> nn.Sequential:
    layers: list[nn.Module] = [_Standardised(dim)]
    for width in hidden:
        layers += [nn.Dropout(dropout), nn.Linear(dim, width), nn.ReLU()]
        dim = width
    return nn.Sequential(*layers, nn.Dropout(dropout), nn.Linear(dim, classes))


def _frozen(embedder: str, rate_hz: int) -> Mn04 | YamNet | Bands:
    if embedder == "bands":
        return Bands(rate_hz=rate_hz)
    return pretrained.network(embedder, rate_hz=rate_hz)


def _check(embedder: str, hidden: tuple[int, ...], dropout: float) -> None:
    if embedder not in _NAMES:
        raise RecipeError(
            f"There is no embedder '{embedder}'.",
            f"one of {', '.join(_NAMES)}",
            "Change model.embedder in the recipe.",
        )
    if not all(isinstance(width, int) and width > 0 for width in hidden):
        raise RecipeError(
            f"Hidden layers of {hidden} units have no meaning.",
            "whole numbers above 0, such as [128], or none",
            "Change model.hidden in the recipe.",
        )
    if not 0.0 <= dropout < 1.0:
        raise RecipeError(
            f"A dropout of {dropout:g} has no meaning.",
            "0 or more, and less than 1",
            "Change model.dropout in the recipe.",
        )
