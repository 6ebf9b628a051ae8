"""`wavelet_fusion`: wavelets and a masked transformer, and a quantised code of what both hear at once.

The code: van den Oord et al., "Neural Discrete Representation Learning", 2017, of steps that look at the other branch, first at a coarse
scale of time, then at a fine one.
"""

from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from auscult.errors import RecipeError
from auscult.models.detector import Detector, Outputs
from auscult.models.wavelet_fusion.despawn import DeSpaWN, Wavelet
from auscult.models.wavelet_fusion.masked_transformer import MaskedTransformer
from auscult.models.wavelet_fusion.quantiser import Quantiser
from auscult.models.wavelet_fusion.sizes import Preset, size_of

PARTS = ("despawn", "masked_transformer", "fusion")
"""Of training and of the score, in the order in which they are trained."""

_COARSE = 4
_SMALLEST = 1e-6
# The least that the logarithm of a part's score is taken to vary by in normal sound.
_LEAST_DEVIATION = 0.02


class WaveletFusion(Detector):
    """Strange is what wavelets, a masked transformer and a code of both together find strange, each in its own way.

    Three parts are trained one after the other; while one learns, the others stay as they are. The third takes the steps of both branches,
    lets each look at the other, rounds what comes of it to one of a few codes, and makes both branches' steps of it again.

    `part_score.despawn` and `part_score.masked_transformer` are the scores of these families, `part_score.fusion` is the error of what is
    made again, with the distance from the code. `score` is softplus(mean of z): z is how many deviations the logarithm of a part's score is
    above its mean, both known from held-out normal sound alone. The logarithm keeps the one part that shouts loudest from deciding alone;
    softplus changes no order and keeps the score above 0. `anomaly_map` is that of `masked_transformer`.

    Parameters
    ----------
    preset
        `small`: learns a unit of a few minutes in minutes. `full`: for windows of 10 s, hundreds of recordings, and a GPU.
    levels, wavelet, threshold, sparsity
        See `despawn`.
    n_fft, n_bands, patch_bands, patch_frames, embed_dim, depth, num_heads, mask_ratio, dropout
        See `masked_transformer`.
    fusion_dim, fusion_heads
        Length of the vectors that look at the other branch, and heads of this attention.
    latent_dim, codes
        Length of the codes and their number.
    commitment
        Weight of the distance from the code in the loss.

    Raises
    ------
    RecipeError
        If these don't fit together, or not to the length of the windows.

    Examples
    --------
    >>> found = WaveletFusion.tiny().eval()(torch.zeros(2, 18432))
    >>> sorted(found)
    ['anomaly_map', 'embedding', 'level_db', 'part_score.despawn', 'part_score.fusion', 'part_score.masked_transformer', 'score']
    """

    family = "wavelet_fusion"
    learns_from = "normal"
    by_domain = True
    stages = PARTS
    pool = "mean"
    keeps = ("despawn.statistics", "masked_transformer.statistics", "fusion.score")

    def __init__(
        self,
        *,
        rate_hz: int,
        window_samples: int,
        labels: tuple[str, ...] = (),
        alarm_labels: tuple[str, ...] = (),
        preset: Preset = "small",
        levels: int | None = None,
        wavelet: Wavelet = "db4",
        threshold: float = 0.3,
        sparsity: float = 1.0,
        n_fft: int | None = None,
        n_bands: int = 64,
        patch_bands: int | None = None,
        patch_frames: int | None = None,
        embed_dim: int | None = None,
        depth: int | None = None,
        num_heads: int | None = None,
        mask_ratio: float | None = None,
        dropout: float = 0.0,
        fusion_dim: int | None = None,
        fusion_heads: int | None = None,
        latent_dim: int | None = None,
        codes: int | None = None,
        commitment: float = 0.25,
    ) -> None:
        super().__init__(rate_hz=rate_hz, window_samples=window_samples)
        given: dict[str, Any] = {
            "rate_hz": rate_hz,
            "window_samples": window_samples,
            "labels": labels,
            "alarm_labels": alarm_labels,
            "preset": preset,
        }
        of_wavelets: dict[str, Any] = {
            "levels": levels,
            "wavelet": wavelet,
            "threshold": threshold,
            "sparsity": sparsity,
        }
        of_transformer: dict[str, Any] = {
            "n_fft": n_fft,
            "n_bands": n_bands,
            "patch_bands": patch_bands,
            "patch_frames": patch_frames,
            "embed_dim": embed_dim,
            "depth": depth,
            "num_heads": num_heads,
            "mask_ratio": mask_ratio,
            "dropout": dropout,
        }
        own = {
            "fusion_dim": fusion_dim,
            "fusion_heads": fusion_heads,
            "latent_dim": latent_dim,
            "codes": codes,
        }
        self._settings = given | of_wavelets | of_transformer | own | {"commitment": commitment}
        size = size_of(preset, **own)
        self.despawn = DeSpaWN(**given, **of_wavelets)
        self.masked_transformer = MaskedTransformer(**given, **of_transformer)
        self.domains = labels
        self.step_exponent = (self.masked_transformer.map_hop_samples - 1).bit_length()
        self.min_window_samples = self._shortest()
        self.fusion = _Fusion(
            (self.despawn.step_dim(self.step_exponent), self.masked_transformer.embed_dim),
            dim=size.fusion_dim,
            heads=size.fusion_heads,
            latent_dim=size.latent_dim,
            codes=size.codes,
            commitment=commitment,
        )
        self.register_buffer("part_means", torch.zeros(len(PARTS)))
        self.register_buffer("part_deviations", torch.ones(len(PARTS)))
        self.dim = size.latent_dim
        self.bands_hz = self.masked_transformer.bands_hz
        self.map_hop_samples = self.masked_transformer.map_hop_samples
        self.map_frame_samples = self.masked_transformer.map_frame_samples
        self.stage = ""
        self.begin(PARTS[-1])

    part_means: Tensor
    part_deviations: Tensor

    def begin(self, stage: str) -> None:
        """Let one of the parts learn, and no other."""
        self.stage = stage
        for part in PARTS:
            self.get_submodule(part).requires_grad_(part == stage)
        self.train(self.training)

    def train(self, mode: bool = True) -> Self:
        """Only the part that learns is in training: nothing of the others moves, and they hide nothing at random."""
        super().train(mode)
        for part in PARTS:
            self.get_submodule(part).train(mode and part == self.stage)
        return self

    def features(self, waveform: Tensor) -> Tensor:
        """The waveform."""
        return waveform

    def judge(self, features: Tensor) -> Outputs:
        """What each part makes of it, under its name; in training that of the part that learns alone."""
        if self.training and self.stage == "despawn":
            return _named("despawn", self.despawn.judge(self.despawn.features(features)))
        picture = self.masked_transformer.features(features)
        if self.training and self.stage == "masked_transformer":
            return _named("masked_transformer", self.masked_transformer.judge(picture))
        wavelets = self.despawn.judge(self.despawn.features(features))
        if self.training:
            patches = self.masked_transformer.patches(picture)
            transformed = {"steps": self.masked_transformer.steps(patches)}
        else:
            transformed = self.masked_transformer.judge(picture)
        fused = self.fusion(
            self.despawn.steps(wavelets, self.step_exponent), transformed["steps"].transpose(1, 2)
        )
        return {
            **_named("despawn", wavelets),
            **_named("masked_transformer", transformed),
            **_named("fusion", fused),
        }

    def loss(self, found: Outputs, target: Tensor) -> Tensor:
        """That of the part that learns."""
        own = _of(self.stage, found)
        if self.stage == "despawn":
            return self.despawn.loss(own, target)
        if self.stage == "masked_transformer":
            return self.masked_transformer.loss(own, target)
        return own["loss"].mean()

    def outputs(self, found: Outputs) -> Outputs:
        """`score`, that of each part, `embedding` (the mean code) and `anomaly_map`."""
        parts = self._part_scores(found)
        z = (parts.clamp_min(_SMALLEST).log() - self.part_means) / self.part_deviations
        return {
            "score": functional.softplus(z.mean(dim=1)),
            "embedding": found["fusion.embedding"],
            "anomaly_map": found["masked_transformer.map"],
            **{f"part_score.{name}": parts[:, number] for number, name in enumerate(PARTS)},
        }

    @torch.no_grad()
    def after_training(self, learned: Outputs, targets: Tensor, held_out: Outputs) -> None:
        """Learn what is typical of the parts, and what held-out normal sound scores in each; if there is none, what was learned from."""
        for part in (self.despawn, self.masked_transformer):
            part.after_training(_of(part.family, learned), targets, _of(part.family, held_out))
        scores = self._part_scores(held_out if len(held_out["fusion.score"]) > 1 else learned)
        if len(scores) > 1:
            logs = scores.clamp_min(_SMALLEST).log()
            self.part_means.copy_(logs.mean(dim=0))
            self.part_deviations.copy_(logs.std(dim=0).clamp_min(_LEAST_DEVIATION))

    def inspect(self, waveform: Tensor) -> Outputs:
        """Of the wavelets and the transformer: see there."""
        return {
            f"{part.family}.{name}": value
            for part in (self.despawn, self.masked_transformer)
            for name, value in part.inspect(waveform).items()
        }

    def _part_scores(self, found: Outputs) -> Tensor:
        """Shape (batch, parts)."""
        parts = (
            self.despawn.typical(found["despawn.statistics"]),
            self.masked_transformer.typical(found["masked_transformer.statistics"]),
            found["fusion.score"],
        )
        return torch.stack(parts, dim=1)

    def _shortest(self) -> int:
        """Samples of two steps at the coarse scale, and what either branch needs."""
        shortest = max(
            2 * _COARSE << self.step_exponent,
            self.despawn.min_window_samples,
            self.masked_transformer.min_window_samples,
        )
        if self.window_samples < shortest:
            raise RecipeError(
                f"Windows of {self.window_samples / self.rate_hz:g} s are too short for wavelet_fusion.",
                f"at least {shortest / self.rate_hz:.3f} s at {self.rate_hz} Hz",
                "Set audio.window_s in the recipe.",
            )
        return shortest

    @classmethod
    def tiny(cls) -> Self:
        """Small enough for tests."""
        return cls(
            rate_hz=8000,
            window_samples=18432,
            levels=3,
            sparsity=0.1,
            n_fft=512,
            n_bands=16,
            embed_dim=16,
            depth=1,
            num_heads=2,
            fusion_dim=16,
            fusion_heads=2,
            latent_dim=4,
            codes=8,
        )


class _Fusion(nn.Module):
    """Steps of two branches to codes and back.

    Parameters
    ----------
    dims
        Length of a step of either branch.
    dim, heads
        Of attention.
    latent_dim, codes
        Of the codebook.
    commitment
        Weight of the distance from the code.
    """

    def __init__(
        self,
        dims: tuple[int, int],
        *,
        dim: int,
        heads: int,
        latent_dim: int,
        codes: int,
        commitment: float,
    ) -> None:
        super().__init__()
        _check(dim, heads, latent_dim, codes)
        self.commitment = commitment
        self.scales = nn.ModuleList(nn.BatchNorm1d(one, affine=False) for one in dims)
        self.inwards = nn.ModuleList(nn.Linear(one, dim) for one in dims)
        self.coarse = nn.ModuleList(_CrossAttention(dim, heads) for _ in dims)
        self.fine = nn.ModuleList(_CrossAttention(dim, heads) for _ in dims)
        self.latent = nn.Linear(dim, latent_dim)
        # Codes are as far from each other as vectors at one length can be: nothing is won by making all of them small.
        self.norm = nn.LayerNorm(latent_dim, elementwise_affine=False)
        self.quantiser = Quantiser(dim=latent_dim, codes=codes)
        self.outwards = nn.ModuleList(
            nn.Sequential(nn.Linear(latent_dim, dim), nn.GELU(), nn.Linear(dim, one))
            for one in dims
        )

    def forward(self, *branches: Tensor) -> Outputs:
        """Two of (batch, steps, dim), of different lengths, to `score`, `loss` (batch,) and `embedding` (batch, latent_dim)."""
        wanted = [
            scale(branch.transpose(1, 2)).transpose(1, 2)
            for scale, branch in zip(self.scales, branches, strict=True)
        ]
        steps_of = [layer(one) for layer, one in zip(self.inwards, wanted, strict=True)]
        fused = self._fused([steps + _when(steps) for steps in steps_of])
        errors, distances, means = [], [], []
        for one, steps, makes in zip(wanted, fused, self.outwards, strict=True):
            rounded, squared = self.quantiser(self.norm(self.latent(steps)))
            errors.append((makes(rounded) - one).square().mean(dim=(1, 2)))
            distances.append(squared.mean(dim=1))
            means.append(rounded.mean(dim=1))
        error, distance = torch.stack(errors).sum(dim=0), torch.stack(distances).mean(dim=0)
        return {
            "score": 0.5 * error + distance,
            "loss": error + self.commitment * distance,
            "embedding": torch.stack(means).mean(dim=0),
        }

    def _fused(self, steps: list[Tensor]) -> list[Tensor]:
        """Either branch looks at the other: at a coarse scale of time, then, seeing what came of that, at a fine one."""
        coarse = [
            functional.avg_pool1d(one.transpose(1, 2), _COARSE).transpose(1, 2) for one in steps
        ]
        of_all = torch.cat(
            [self.coarse[0](coarse[0], coarse[1]), self.coarse[1](coarse[1], coarse[0])], dim=1
        )
        return [
            self.fine[0](steps[0], torch.cat([steps[1], of_all], dim=1)),
            self.fine[1](steps[1], torch.cat([steps[0], of_all], dim=1)),
        ]


def _when(steps: Tensor) -> Tensor:
    """Where in the window each of (batch, steps, dim) is, the same for branches with steps of other lengths: (batch, steps, dim).

    Attention looks by content alone; without this it could not tell what both branches hear at the same time. After Vaswani et al.,
    "Attention Is All You Need", 2017, with periods from twice the window to a sixteenth of it.
    """
    # Counted by a sum over what is there: bundles have no operator that makes numbers of nothing.
    count = (0.0 * steps[:, :, :1] + 1.0).cumsum(dim=1)
    place = count / count[:, -1:]
    half = steps.shape[2] // 2
    turns = torch.logspace(-1.0, 4.0, half, base=2.0, device=steps.device, dtype=steps.dtype)
    angle = 2.0 * torch.pi * place * turns
    return torch.cat([angle.sin(), angle.cos()], dim=2)


class _CrossAttention(nn.Module):
    """Steps look at others, and what they find is added to them."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before = nn.LayerNorm(dim)
        self.of_others = nn.LayerNorm(dim)
        self.query = nn.Linear(dim, dim)
        self.key_value = nn.Linear(dim, 2 * dim)
        self.outwards = nn.Linear(dim, dim)
        self.between = nn.LayerNorm(dim)
        self.network = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))

    def forward(self, steps: Tensor, others: Tensor) -> Tensor:
        """(batch, steps, dim) and (batch, others, dim) to (batch, steps, dim)."""
        dim = steps.shape[2]
        query = self._split(self.query(self.before(steps)))
        both = self.key_value(self.of_others(others)).split(dim, dim=2)
        key, value = (self._split(one) for one in both)
        weights = (query @ key.transpose(2, 3) * (dim // self.heads) ** -0.5).softmax(dim=3)
        steps = steps + self.outwards((weights @ value).transpose(1, 2).flatten(2))
        found: Tensor = steps + self.network(self.between(steps))
        return found

    def _split(self, part: Tensor) -> Tensor:
        """(batch, steps, dim) to (batch, heads, steps, dim / heads)."""
        return part.reshape(*part.shape[:2], self.heads, -1).transpose(1, 2)


def _check(dim: int, heads: int, latent_dim: int, codes: int) -> None:
    if heads < 1 or dim % heads:
        raise RecipeError(
            f"model.fusion_dim {dim} can't be shared by {heads} heads.",
            "a multiple of model.fusion_heads",
            "Correct one of the two.",
        )
    if min(latent_dim, codes) < 2:
        raise RecipeError(
            f"model.latent_dim {latent_dim} with model.codes {codes} can say nothing.",
            "2 or more of each",
            "Correct them.",
        )


def _named(part: str, found: Outputs) -> Outputs:
    return {f"{part}.{name}": value for name, value in found.items()}


def _of(part: str, found: Outputs) -> Outputs:
    start = f"{part}."
    return {name.removeprefix(start): one for name, one in found.items() if name.startswith(start)}
