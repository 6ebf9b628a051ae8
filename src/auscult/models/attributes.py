"""`attributes`: a network that tells normal recordings apart by what is known of them, and so learns what to listen to.

Which unit a recording is of, or at which speed it ran, says nothing about faults. But a network that has to tell ten pumps apart by ear
hears what makes each of them, and where a fault changes that, its embedding moves. Since 2020 this is what has won DCASE's task on
anomalous machine sound wherever such labels exist (Giri et al., "Self-Supervised Classification for Detecting Anomalous Sounds", 2020).
"""

from math import log, pi, sqrt
from typing import Literal, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from auscult.errors import RecipeError
from auscult.models.detector import Detector, Outputs
from auscult.models.frontend import LogMel, normalised
from auscult.models.layers import Residual, Standardised

Head = Literal["adacos", "arcface"]
Normalise = Literal["rms", "none"]

_STAGES = (16, 32, 64, 128)
_HALVED = 2 ** (len(_STAGES) + 1)
_LEAST_DB = 0.5
_LEAST_SCALE = 4.0
_ROUNDS = 20
_SMALLEST = 1e-12


class Attributes(Detector):
    """Strange is what sounds like none of the groups that it has learned to tell apart.

    `labels` are the groups: units, or attributes such as a speed. `score` is the cosine distance of the embedding, 0 to 2, to the nearest
    of a few centres of each group, found by k-means among the embeddings of the training set. Which group a sound is of need not be known.
    `embedding` has the length 1.

    Parameters
    ----------
    labels
        Two groups at least.
    n_bands
        Mel bands; a multiple of 32.
    n_fft, hop
        Frame and step of the spectrogram, in samples.
    width
        All channels (16, 32, 64 and 128) times this.
    embedding
        Length of the embedding.
    head
        `adacos`: softmax of the cosines to all centres of all groups, at the fixed scale √2·ln(centres − 1) (Zhang et al., "AdaCos",
        2019; Wilkinghoff, "Sub-Cluster AdaCos: Learning Representations for Anomalous Sound Detection", 2021). `arcface`: of those to
        the nearest centre of each group, whose angle has to be smaller by a margin (Deng et al., "Sub-center ArcFace: Boosting Face
        Recognition by Large-Scale Noisy Web Faces", 2020).
    centres
        Of each group in the head.
    margin
        Of `arcface`, in radians.
    scale
        Of the cosines in `arcface`.
    bank
        Of each group in what scores are measured from.
    normalise
        `rms`: every window is brought to the same level first, so that no unit is known by its loudness.

    Raises
    ------
    RecipeError
        If there are fewer than two groups, or options don't fit.

    Examples
    --------
    >>> detector = Attributes.tiny().eval()
    >>> detector(torch.zeros(2, 4000))["embedding"].shape
    torch.Size([2, 16])
    """

    family = "attributes"
    learns_from = "groups"
    pool = "mean"
    keeps = ("embedding",)
    features_are_fixed = True

    def __init__(
        self,
        *,
        rate_hz: int,
        window_samples: int,
        labels: tuple[str, ...],
        alarm_labels: tuple[str, ...] = (),
        n_bands: int = 64,
        n_fft: int = 1024,
        hop: int = 512,
        width: float = 1.0,
        embedding: int = 128,
        head: Head = "adacos",
        centres: int = 16,
        margin: float = 0.3,
        scale: float = 16.0,
        bank: int = 16,
        normalise: Normalise = "rms",
    ) -> None:
        super().__init__(rate_hz=rate_hz, window_samples=window_samples)
        self._settings = {
            "rate_hz": rate_hz,
            "window_samples": window_samples,
            "labels": labels,
            "alarm_labels": alarm_labels,
            "n_bands": n_bands,
            "n_fft": n_fft,
            "hop": hop,
            "width": width,
            "embedding": embedding,
            "head": head,
            "centres": centres,
            "margin": margin,
            "scale": scale,
            "bank": bank,
            "normalise": normalise,
        }
        least = min(n_fft, hop, width, embedding, centres, scale, bank)
        _check(labels, n_bands, least, margin=margin)
        self.groups = labels
        self.dim = embedding
        self.normalise = normalise
        self.min_window_samples = min(n_fft, window_samples)
        self.spectrogram = LogMel(rate_hz=rate_hz, n_fft=n_fft, hop=hop, n_bands=n_bands)
        self.standardised = Standardised(n_bands, least=_LEAST_DB)
        channels = [max(round(width * n), 1) for n in _STAGES]
        self.stem = nn.Sequential(
            nn.Conv2d(1, channels[0], 7, 2, padding=3, bias=False),
            nn.BatchNorm2d(channels[0]),
            nn.ReLU(),
        )
        inwards = (channels[0], *channels[:-1])
        self.residual = nn.Sequential(
            *(Residual(a, b, 2) for a, b in zip(inwards, channels, strict=True))
        )
        # Without biases: a point to which everything could be moved would be an easy way out of telling what is usual.
        self.narrow = nn.Linear(channels[-1] * (n_bands // _HALVED), embedding, bias=False)
        self.head: _AdaCos | _ArcFace = (
            _AdaCos(len(labels), centres, embedding)
            if head == "adacos"
            else _ArcFace(len(labels), centres, embedding, margin=margin, scale=scale)
        )
        self.register_buffer("bank", torch.zeros(len(labels), bank, embedding))
        nn.init.ones_(self.bank[:, :, 0])

    bank: Tensor

    @property
    def n_targets(self) -> int:
        """Groups."""
        return len(self.groups)

    def features(self, waveform: Tensor) -> Tensor:
        """The log-mel spectrogram in dB, shape (batch, bands, frames)."""
        if self.normalise == "rms":
            waveform = normalised(waveform)
        picture: Tensor = self.spectrogram(waveform)
        return picture

    def judge(self, features: Tensor) -> Outputs:
        """The embedding, of length 1."""
        picture = self.residual(self.stem(self.standardised(features)[:, None]))
        # A machine's pitch is part of what it is: bands stay apart, only time is averaged over.
        found = self.narrow(picture.mean(dim=3).flatten(1))
        return {"embedding": _unit(found)}

    def loss(self, found: Outputs, target: Tensor) -> Tensor:
        """Cross-entropy of the groups with soft targets of shape (batch, groups)."""
        likely: Tensor = self.head(found["embedding"], target)
        return -(target * likely).sum(dim=1).mean()

    def outputs(self, found: Outputs) -> Outputs:
        """`score` and `embedding`."""
        return {"score": self.distance(found["embedding"]), "embedding": found["embedding"]}

    def distance(self, embedding: Tensor) -> Tensor:
        """Cosine distance of unit vectors (batch, dim) to the nearest of the bank, shape (batch,)."""
        # Difference by difference: of 1 - cos little is left where the two are near each other.
        away = embedding[:, None] - self.bank.flatten(0, 1)
        return 0.5 * (away * away).sum(dim=2).amin(dim=1)

    @torch.no_grad()
    def after_training(self, learned: Outputs, targets: Tensor, held_out: Outputs) -> None:
        """Fill the bank; a group without windows gets that of all."""
        del held_out
        for number in range(len(self.groups)):
            own = learned["embedding"][targets == number]
            own = own if len(own) else learned["embedding"]
            if len(own):
                self.bank[number] = centres_of(own, self.bank.shape[1])

    @classmethod
    def tiny(cls) -> Self:
        """Small enough for tests."""
        return cls(
            rate_hz=8000,
            window_samples=4000,
            labels=("one", "other"),
            n_bands=32,
            n_fft=256,
            hop=128,
            width=0.25,
            embedding=16,
            centres=4,
            bank=4,
        )


class _AdaCos(nn.Module):
    """Log-likelihood of groups: of each centre by itself, and then of a group's together."""

    def __init__(self, groups: int, centres: int, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(groups, centres, dim))
        nn.init.xavier_uniform_(self.weight)
        # The scale stays: the loss of one epoch is to be compared with that of another.
        self.scale = max(sqrt(2.0) * log(max(groups * centres - 1, 1)), _LEAST_SCALE)

    def forward(self, embedding: Tensor, target: Tensor) -> Tensor:
        """Unit vectors (batch, dim) to (batch, groups)."""
        del target
        cosines = self.scale * _cosines(embedding, self.weight)
        each = cosines.logsumexp(dim=2)
        return each - each.logsumexp(dim=1, keepdim=True)


class _ArcFace(nn.Module):
    """Log-likelihood of groups by their nearest centres, of which those of the target are made to seem farther away."""

    def __init__(self, groups: int, centres: int, dim: int, *, margin: float, scale: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(groups, centres, dim))
        nn.init.xavier_uniform_(self.weight)
        self.margin = margin
        self.scale = scale

    def forward(self, embedding: Tensor, target: Tensor) -> Tensor:
        """Unit vectors (batch, dim) and shares (batch, groups), which the margin is shared by, to (batch, groups)."""
        nearest = _cosines(embedding, self.weight).amax(dim=2)
        angle = nearest.clamp(-1.0 + 1e-6, 1.0 - 1e-6).acos()
        farther = (angle + self.margin * target).clamp_max(pi).cos()
        return (self.scale * farther).log_softmax(dim=1)


def centres_of(vectors: Tensor, n: int) -> Tensor:
    """Centres of unit vectors by k-means with cosines.

    The first is the vector nearest to the mean, each next one the farthest from those before: the same vectors give the same centres.

    Parameters
    ----------
    vectors
        Shape (m, dim), m >= 1, each of length 1.
    n
        How many centres; of fewer different vectors some come twice.

    Returns
    -------
    centres
        Shape (n, dim), each of length 1.

    Examples
    --------
    >>> centres_of(torch.eye(3)[[0, 0, 1, 1, 1]], 2).tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
    """
    nearest = (vectors @ vectors.mean(dim=0)).argmax()
    chosen = [vectors[nearest]]
    likeness = vectors @ chosen[0]
    for _ in range(n - 1):
        chosen.append(vectors[likeness.argmin()])
        likeness = torch.maximum(likeness, vectors @ chosen[-1])
    centres = torch.stack(chosen)
    for _ in range(_ROUNDS):
        members = functional.one_hot((vectors @ centres.T).argmax(dim=1), n).to(vectors)
        # One that nothing is nearest to stays where it is.
        kept = (members.sum(dim=0) == 0)[:, None]
        moved = torch.where(kept, centres, _unit(members.T @ vectors))
        if torch.equal(moved, centres):
            break
        centres = moved
    return centres


def _cosines(embedding: Tensor, weight: Tensor) -> Tensor:
    """Of (batch, dim) with (groups, centres, dim), shape (batch, groups, centres)."""
    centres = _unit(weight.flatten(0, 1))
    return (embedding @ centres.T).reshape(-1, *weight.shape[:2])


def _unit(vectors: Tensor) -> Tensor:
    squares = (vectors * vectors).sum(dim=1, keepdim=True)
    return vectors / squares.clamp_min(_SMALLEST).sqrt()


def _check(labels: tuple[str, ...], n_bands: int, least: float, *, margin: float) -> None:
    if len(labels) < 2 or len(set(labels)) < len(labels):
        raise RecipeError(
            f"Of the groups {', '.join(labels) or 'none'} there is nothing to tell apart.",
            "two different groups at least",
            "Choose other data.group_by in the recipe, or a family that needs no groups, such as autoencoder.",
        )
    if n_bands < _HALVED or n_bands % _HALVED:
        raise RecipeError(
            f"model.n_bands is {n_bands}.", f"a multiple of {_HALVED}", "Correct it in the recipe."
        )
    if least <= 0:
        raise RecipeError(
            "One of model.n_fft, hop, width, embedding, centres, scale and bank is 0 or less.",
            "numbers above 0",
            "Correct the recipe.",
        )
    if not 0.0 <= margin < pi / 2:
        raise RecipeError(f"model.margin is {margin:g}.", "an angle from 0 to 1.57", "Correct it.")
