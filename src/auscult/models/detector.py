"""What every family is: a module from the waveform to the outputs of a bundle."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Literal, Self

import torch
from torch import Tensor, nn

from auscult.errors import RecipeError

Outputs = dict[str, Tensor]

_SILENCE = 1e-10
_MOST_LOG_ODDS = 60.0


class Detector(nn.Module, ABC):
    """One family. Higher score = stranger; scores are positive, unbounded and never normalised here.

    Training calls `features`, masks them (SpecAugment) where they are a picture, then `judge` and `loss`. What is exported is
    `forward`: the waveform to every output.

    Parameters
    ----------
    rate_hz
        Sample rate of the waveform.
    window_samples
        Length of the windows that it is trained on and judges.

    Attributes
    ----------
    labels
        Classes in the order of the logits; empty for detectors that learn from normal sound alone.
    alarm_labels
        Those of them that are alarms.
    domains
        Conditions that normal sound is known to come from, in the order of the targets; empty if they are not known or make no difference.
    dim
        Length of the embedding, 0 if there is none.
    min_window_samples
        Shortest waveform that it takes.
    bands_hz, map_hop_samples, map_frame_samples
        What rows and columns of `anomaly_map` mean: lower, centre and upper frequency of each row; step and length of a
        column. Empty and 0 if there is no map.
    licences
        Notes that have to travel with its weights.
    features_are_fixed
        Training changes nothing in `features`: they may be computed once.
    learns_from
        `classes`: labelled sound of two classes at least. `normal`: normal sound alone, without targets. `groups`: normal sound alone,
        with groups that the recordings are known to belong to (units, attributes) as targets; they are given as `labels`.
    by_domain
        Of those that learn from normal sound alone: where the domain of each recording is known, domains are given as `labels`, and are its
        targets.
    stages
        Names of the parts of training, which come one after another, each with all epochs of the recipe.
    pool
        What one score of a recording is: `max`, the worst of its windows, or `mean`, that of all.
    keeps
        What of `judge` `after_training` learns from.
    """

    family: ClassVar[str]
    learns_from: ClassVar[Literal["classes", "normal", "groups"]] = "classes"
    by_domain: ClassVar[bool] = False
    stages: ClassVar[tuple[str, ...]] = ("",)
    pool: ClassVar[Literal["max", "mean"]] = "max"
    keeps: ClassVar[tuple[str, ...]] = ("embedding",)

    labels: tuple[str, ...] = ()
    alarm_labels: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    dim: int = 0
    bands_hz: tuple[tuple[float, float, float], ...] = ()
    map_hop_samples: int = 0
    map_frame_samples: int = 0
    licences: tuple[str, ...] = ()
    features_are_fixed: bool = False

    def __init__(self, *, rate_hz: int, window_samples: int) -> None:
        super().__init__()
        self.rate_hz = rate_hz
        self.window_samples = window_samples
        self.min_window_samples = window_samples

    @abstractmethod
    def features(self, waveform: Tensor) -> Tensor:
        """What the network sees of a waveform of shape (batch, samples): a picture (batch, bands, frames), or the waveform."""

    @abstractmethod
    def judge(self, features: Tensor) -> Outputs:
        """What the network makes of them: what `loss` and `outputs` need."""

    @abstractmethod
    def loss(self, found: Outputs, target: Tensor) -> Tensor:
        """The mean loss of a batch; targets are shares of the labels, shape (batch, labels)."""

    @abstractmethod
    def outputs(self, found: Outputs) -> Outputs:
        """Outputs of the bundle, but for `level_db`: `score` (batch,), and what else the family can give."""

    @classmethod
    @abstractmethod
    def tiny(cls) -> Self:
        """One that trains in seconds on a CPU, for the checks that every family goes through."""

    def forward(self, waveform: Tensor) -> Outputs:
        """Every output of the bundle for waveforms of shape (batch, samples)."""
        outputs = self.outputs(self.judge(self.features(waveform)))
        return outputs | {"level_db": level_db(waveform)}

    def inspect(self, waveform: Tensor) -> Outputs:  # noqa: ARG002 - for those that have any
        """Feature maps by the name of their layer, for a bundle that is exported for inspection."""
        return {}

    @property
    def n_targets(self) -> int:
        """Length of a target, as `loss` gets it."""
        return max(len(self.labels), len(self.domains), 1)

    def begin(self, stage: str) -> None:
        """Make ready for one of `stages`: choose the weights that move (`requires_grad`) and the loss that counts."""

    def after_training(self, learned: Outputs, targets: Tensor, held_out: Outputs) -> None:
        """Learn what is no matter of gradients.

        Parameters
        ----------
        learned
            What `judge` made of every window of the training set, as far as `keeps` names it.
        targets
            Number of the label of each of them, shape (windows,).
        held_out
            The same of the held-out windows that are normal or of known classes; empty tensors if there are none.
        """

    def settings(self) -> Mapping[str, object]:
        """The arguments that make the same family again."""
        return self._settings

    _settings: Mapping[str, object] = {}


class Classifier(Detector):
    """A family that tells classes apart, and what is none of them.

    `score` is the fourth root of the odds of an alarm: 1 where alarm and none are as likely, and its logarithm, a quarter of the
    log-odds, is spread like a bell for what is no alarm, as limits suppose. (Roots change no order; this one keeps ratios readable.) Without alarm labels it is `distance`. `distance` says how far an embedding is from the classes it was trained on:
    the Mahalanobis distance to the nearest of their means under one common covariance (Lee et al., "A simple unified framework for
    detecting out-of-distribution samples", 2018), over its typical value in training: around 1 for what was heard before.

    Parameters
    ----------
    labels
        Two classes at least.
    alarm_labels
        Those that are alarms; none: it only tells them apart.
    dim
        Length of the embedding.
    label_smoothing
        Share of the target that goes to all classes alike.
    class_weights
        Weight of each class in the loss; empty: 1 for all.
    """

    def __init__(
        self,
        *,
        rate_hz: int,
        window_samples: int,
        labels: tuple[str, ...],
        alarm_labels: tuple[str, ...],
        dim: int,
    ) -> None:
        super().__init__(rate_hz=rate_hz, window_samples=window_samples)
        _check_labels(labels, alarm_labels)
        self.labels = labels
        self.alarm_labels = alarm_labels
        self.dim = dim
        self.label_smoothing = 0.0
        calm = torch.tensor([i for i, label in enumerate(labels) if label not in alarm_labels])
        loud = torch.tensor([i for i, label in enumerate(labels) if label in alarm_labels])
        self.register_buffer("calm", calm, persistent=False)
        self.register_buffer("loud", loud.long(), persistent=False)
        self.register_buffer("class_weights", torch.ones(len(labels)))
        self.register_buffer("class_means", torch.zeros(len(labels), dim))
        self.register_buffer("whitening", torch.eye(dim))
        self.register_buffer("typical_distance", torch.ones(()))

    calm: Tensor
    loud: Tensor
    class_weights: Tensor
    class_means: Tensor
    whitening: Tensor
    typical_distance: Tensor

    def loss(self, found: Outputs, target: Tensor) -> Tensor:
        """Weighted cross-entropy with soft targets of shape (batch, labels)."""
        smooth = self.label_smoothing
        wanted = target * (1.0 - smooth) + smooth / len(self.labels)
        wanted = wanted * self.class_weights
        return -(wanted * found["logits"].log_softmax(dim=1)).sum(dim=1).mean()

    def outputs(self, found: Outputs) -> Outputs:
        """`score`, `distance`, `probabilities`, `embedding`, and the map if the family draws one."""
        logits, embedding = found["logits"], found["embedding"]
        distance = self.distance(embedding)
        if self.alarm_labels:
            calm, loud = logits.index_select(1, self.calm), logits.index_select(1, self.loud)
            odds = _log_sum_exp(loud) - _log_sum_exp(calm)
            score = (odds.clamp(-_MOST_LOG_ODDS, _MOST_LOG_ODDS) / 4.0).exp()
        else:
            score = distance
        outputs = {
            "score": score,
            "distance": distance,
            "probabilities": logits.softmax(dim=1),
            "embedding": embedding,
        }
        if "anomaly_map" in found:
            outputs["anomaly_map"] = found["anomaly_map"]
        return outputs

    def distance(self, embedding: Tensor) -> Tensor:
        """How far embeddings (batch, dim) are from the classes; 1 is typical of what was trained on."""
        white = embedding @ self.whitening
        means = self.class_means @ self.whitening
        # Difference by difference: of |a|² + |b|² - 2ab little is left where the two are near each other.
        away = white[:, None] - means
        squares = (away * away).sum(dim=2)
        return torch.sqrt(squares.min(dim=1).values.clamp_min(_SILENCE)) / self.typical_distance

    @torch.no_grad()
    def after_training(self, learned: Outputs, targets: Tensor, held_out: Outputs) -> None:
        """Set means, common covariance (a tenth of it shrunk to its diagonal) and typical distance from the training set."""
        del held_out
        embeddings = learned["embedding"].double()
        for index in range(len(self.labels)):
            own = embeddings[targets == index]
            if len(own):
                self.class_means[index] = own.mean(dim=0).to(self.class_means)
        rest = embeddings - self.class_means.double()[targets]
        covariance = rest.T @ rest / max(len(rest) - 1, 1)
        diagonal = torch.diag(covariance.diagonal())
        floor = 1e-6 * covariance.diagonal().mean().clamp_min(_SILENCE)
        shrunk = 0.9 * covariance + 0.1 * diagonal + floor * torch.eye(self.dim)
        values, vectors = torch.linalg.eigh(shrunk)
        self.whitening.copy_((vectors / values.sqrt()).to(self.whitening))
        self.typical_distance.fill_(1.0)
        self.typical_distance.copy_(self.distance(embeddings.to(self.whitening)).median())


def level_db(waveform: Tensor) -> Tensor:
    """Level of each window in dBFS, shape (batch,).

    Examples
    --------
    >>> round(float(level_db(torch.full((1, 8), 0.5))), 2)
    -6.02
    """
    power = (waveform * waveform).mean(dim=1)
    return 10.0 * torch.log10(power.clamp_min(_SILENCE))


def _log_sum_exp(logits: Tensor) -> Tensor:
    """As `torch.logsumexp`, of the operators that bundles are made of."""
    largest = logits.amax(dim=1, keepdim=True)
    return (logits - largest).exp().sum(dim=1).log() + largest[:, 0]


def _check_labels(labels: tuple[str, ...], alarm_labels: tuple[str, ...]) -> None:
    if len(labels) < 2 or len(set(labels)) < len(labels):
        raise RecipeError(
            f"A classifier of the classes {', '.join(labels) or 'none'} has nothing to tell apart.",
            "two different classes at least",
            "Add recordings of another class, or learn from normal sound alone: auscult learn.",
        )
    unknown = sorted(set(alarm_labels) - set(labels))
    if unknown or len(alarm_labels) >= len(labels):
        raise RecipeError(
            f"The alarm labels {', '.join(unknown or alarm_labels)} don't fit the classes {', '.join(labels)}.",
            "some of the classes, and not all",
            "Change data.alarm_labels in the recipe.",
        )
