"""`masked_transformer`: a transformer that fills in what is hidden of the spectrogram.

After He et al., "Masked Autoencoders Are Scalable Vision Learners", CVPR 2022, and Huang et al., "Masked Autoencoders that Listen", NeurIPS
2022; hidden patches keep their place, as in Xie et al., "SimMIM", CVPR 2022, so that convolutions over time can stand in the blocks.
"""

from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from auscult.errors import RecipeError
from auscult.models.detector import Detector, Outputs
from auscult.models.frontend import LogMel, normalised
from auscult.models.layers import Attention
from auscult.models.typical import TypicalOfEach
from auscult.models.wavelet_fusion.sizes import Preset, Size, size_of

_HOP = 512
_SMALLEST = 1e-6


class MaskedTransformer(Detector):
    """Strange is what can't be told from the rest of the spectrogram.

    The log-mel spectrogram, at one level and with every band at its own scale, is cut into patches. In training some are hidden, at random
    places in one half of the windows and as whole bands in the other, and are to be filled in. Judging hides whole bands, in turns that
    together hide each patch equally often: fixed, so that the same sound has the same score; and bands, because what was hidden for a
    moment only would be filled in with what is heard before and after, be it normal or not.

    `score` is the distance (Mahalanobis) of the bands' errors from those of normal sound: about 1 there. `anomaly_map` is the squared error
    of each band in each column of patches, with bands at a variance of 1.

    Parameters
    ----------
    preset
        `full`: 12 blocks of 768, patches of 16 × 16, three quarters hidden.
    n_fft, n_bands
        Frame, and bands of the spectrogram; its step is 512 samples.
    patch_bands, patch_frames
        Size of a patch.
    embed_dim, depth, num_heads
        Length of the vectors, number of blocks, heads of their attention.
    mask_ratio
        Share that is hidden.
    dropout
        Of attention and after it.

    Raises
    ------
    RecipeError
        If these don't fit together.

    Examples
    --------
    >>> MaskedTransformer.tiny().eval()(torch.zeros(2, 8192))["anomaly_map"].shape
    torch.Size([2, 32, 4])
    """

    family = "masked_transformer"
    learns_from = "normal"
    by_domain = True
    pool = "mean"
    keeps = ("statistics",)
    features_are_fixed = True

    def __init__(
        self,
        *,
        rate_hz: int,
        window_samples: int,
        labels: tuple[str, ...] = (),
        alarm_labels: tuple[str, ...] = (),
        preset: Preset = "small",
        n_fft: int | None = None,
        n_bands: int = 64,
        patch_bands: int | None = None,
        patch_frames: int | None = None,
        embed_dim: int | None = None,
        depth: int | None = None,
        num_heads: int | None = None,
        mask_ratio: float | None = None,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(rate_hz=rate_hz, window_samples=window_samples)
        own = {
            "n_fft": n_fft,
            "patch_bands": patch_bands,
            "patch_frames": patch_frames,
            "embed_dim": embed_dim,
            "depth": depth,
            "num_heads": num_heads,
            "mask_ratio": mask_ratio,
        }
        self._settings = {
            "rate_hz": rate_hz,
            "window_samples": window_samples,
            "labels": labels,
            "alarm_labels": alarm_labels,
            "preset": preset,
            "n_bands": n_bands,
            "dropout": dropout,
            **own,
        }
        size = size_of(preset, **own)
        _check(size, n_bands)
        self.mask_ratio = size.mask_ratio
        self.patch_bands, self.patch_frames = size.patch_bands, size.patch_frames
        self.embed_dim = size.embed_dim
        self.rows = n_bands // size.patch_bands
        self.min_window_samples = _shortest(rate_hz, window_samples, size)
        self.spectrogram = LogMel(rate_hz=rate_hz, n_fft=size.n_fft, hop=_HOP, n_bands=n_bands)
        self.scale = nn.BatchNorm1d(n_bands, affine=False)
        pixels = size.patch_bands * size.patch_frames
        self.register_buffer("cut", _identity(size), persistent=False)
        self.register_buffer("masks", _turns(self.rows, size.mask_ratio), persistent=False)
        self.inwards = nn.Conv2d(pixels, self.embed_dim, 1)
        self.hidden = nn.Parameter(0.02 * torch.randn(1, self.embed_dim, 1, 1))
        self.place = nn.Parameter(0.02 * torch.randn(1, self.embed_dim, self.rows, 1))
        blocks = (_Block(self.embed_dim, size.num_heads, dropout) for _ in range(size.depth))
        self.blocks = nn.ModuleList(blocks)
        self.norm = nn.LayerNorm(self.embed_dim)
        self.outwards = nn.Conv2d(self.embed_dim, pixels, 1)
        self.dim = self.embed_dim
        self.domains = labels
        self.typical = TypicalOfEach(n_bands, labels)
        self.bands_hz = self.spectrogram.bands_hz
        # A column of frames that are centred on its first sample, on one every step after that, and not on the next column's.
        self.map_hop_samples = self.map_frame_samples = _HOP * size.patch_frames

    cut: Tensor
    masks: Tensor

    def features(self, waveform: Tensor) -> Tensor:
        """The log-mel spectrogram of the waveform at an RMS of 1, in dB, shape (batch, bands, frames)."""
        picture: Tensor = self.spectrogram(normalised(waveform))
        # The frame centred on the end would make a column of its own of less than a column of sound.
        return picture[:, :, :-1]

    def judge(self, features: Tensor) -> Outputs:
        """`error` of each pixel of each patch, as far as it was `hidden`; judging also `steps`, for what nothing was hidden of."""
        patches = self.patches(features)
        if self.training:
            hidden = self.random_mask(patches)
            filled, _ = self.fill(patches, hidden)
            return {"error": (filled - patches).square() * hidden, "hidden": hidden}
        found = self.judge_in_turns(patches)
        steps = self.steps(patches)
        return found | {"steps": steps, "embedding": steps.mean(dim=2)}

    def judge_in_turns(self, patches: Tensor) -> Outputs:
        """The mean error of each pixel over the turns that hide it, and how typical they are, by band."""
        errors = [
            (filled - patches).square() * mask for filled, mask in self.filled_in_turns(patches)
        ]
        error = torch.stack(errors).sum(dim=0) / self.masks.sum(dim=0)
        bands = self._by_band(error)
        statistics = bands.mean(dim=2).clamp_min(_SMALLEST).log()
        hidden = torch.ones_like(self.masks[0])
        return {"error": error, "hidden": hidden, "map": bands, "statistics": statistics}

    def filled_in_turns(self, patches: Tensor) -> list[tuple[Tensor, Tensor]]:
        """All patches as they are guessed in each turn, and which of them were hidden then."""
        return [(self.fill(patches, mask)[0], mask) for mask in self.masks]

    def loss(self, found: Outputs, target: Tensor) -> Tensor:
        """Mean squared error of what was hidden."""
        del target
        error, hidden = found["error"], found["hidden"]
        share = hidden.mean().clamp_min(_SMALLEST)
        return error.mean() / share

    def outputs(self, found: Outputs) -> Outputs:
        """`score`, `embedding` and `anomaly_map`."""
        return {
            "score": self.typical(found["statistics"]),
            "embedding": found["embedding"],
            "anomaly_map": found["map"],
        }

    @torch.no_grad()
    def after_training(self, learned: Outputs, targets: Tensor, held_out: Outputs) -> None:
        """Learn what errors are typical, of each domain where they are known."""
        del held_out
        self.typical.learn(learned["statistics"][:, None], targets)

    def inspect(self, waveform: Tensor) -> Outputs:
        """What each block makes of it when nothing is hidden, (batch, dim, rows, columns); and `original` and `rebuilt`.

        These are in dB, shape (batch, bands, frames): each patch as it is guessed in the turns that hide it.
        """
        patches = self.patches(self.features(waveform))
        guessed = [filled * mask for filled, mask in self.filled_in_turns(patches)]
        rebuilt = torch.stack(guessed).sum(dim=0) / self.masks.sum(dim=0)
        found = {"original": self._picture(patches), "rebuilt": self._picture(rebuilt)}
        grid = self.inwards(patches) + self.place
        for number, block in enumerate(self.blocks, 1):
            grid = found[f"block{number}"] = block(grid)
        return found

    def patches(self, picture: Tensor) -> Tensor:
        """(batch, bands, frames) to (batch, pixels, rows, columns), bands at mean 0 and variance 1; frames that are left over go."""
        scaled = self.scale(picture)[:, None]
        return functional.conv2d(scaled, self.cut, stride=(self.patch_bands, self.patch_frames))

    def fill(self, patches: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Patches as they are guessed, and the last vectors, (batch, dim, rows, columns); `hidden` is 1 for those not to be looked at."""
        grid = self.inwards(patches) * (1.0 - hidden) + self.hidden * hidden + self.place
        for block in self.blocks:
            grid = block(grid)
        last = self.norm(grid.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        filled: Tensor = self.outwards(last)
        return filled, last

    def steps(self, patches: Tensor) -> Tensor:
        """What it makes of each column with nothing hidden, shape (batch, dim, columns)."""
        _, last = self.fill(patches, torch.zeros_like(self.masks[0]))
        return last.mean(dim=2)

    def random_mask(self, patches: Tensor) -> Tensor:
        """1 for what is hidden, shape (batch, 1, rows, columns): patches in some windows, whole rows in the others."""
        n, _, rows, columns = patches.shape
        anywhere = torch.rand(n, 1, rows, columns, device=patches.device)
        whole_rows = torch.rand(n, 1, rows, 1, device=patches.device)
        takes_rows = torch.rand(n, 1, 1, 1, device=patches.device) < 0.5
        return (torch.where(takes_rows, whole_rows, anywhere) < self.mask_ratio).to(patches)

    def _picture(self, patches: Tensor) -> Tensor:
        """The inverse of `patches`: (batch, pixels, rows, columns) to (batch, bands, frames) in dB."""
        n, _, rows, columns = patches.shape
        split = patches.reshape(n, self.patch_bands, self.patch_frames, rows, columns)
        scaled = split.permute(0, 3, 1, 4, 2).reshape(
            n, rows * self.patch_bands, columns * self.patch_frames
        )
        mean, variance = self.scale.running_mean, self.scale.running_var
        assert mean is not None and variance is not None  # noqa: S101, PT018 - a norm that keeps count has them
        return scaled * (variance + self.scale.eps).sqrt()[:, None] + mean[:, None]

    def _by_band(self, error: Tensor) -> Tensor:
        """(batch, pixels, rows, columns) to (batch, bands, columns)."""
        n, _, rows, columns = error.shape
        split = error.reshape(n, self.patch_bands, self.patch_frames, rows, columns).mean(dim=2)
        return split.transpose(1, 2).reshape(n, rows * self.patch_bands, columns)

    @classmethod
    def tiny(cls) -> Self:
        """Small enough for tests."""
        return cls(
            rate_hz=8000,
            window_samples=8192,
            n_fft=512,
            n_bands=32,
            embed_dim=16,
            depth=1,
            num_heads=2,
        )


class _Block(nn.Module):
    """Over time a convolution, between all patches attention, in each a small network; the input goes around each of them."""

    def __init__(self, dim: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.time = nn.Conv2d(dim, dim, (1, 3), padding=(0, 1), groups=dim)
        self.before = nn.LayerNorm(dim)
        self.attention = Attention(dim, heads, dropout)
        self.between = nn.LayerNorm(dim)
        self.network = nn.Sequential(
            nn.Linear(dim, 4 * dim), nn.GELU(), nn.Dropout(dropout), nn.Linear(4 * dim, dim)
        )

    def forward(self, grid: Tensor) -> Tensor:
        """(batch, dim, rows, columns) to the same."""
        grid = grid + self.time(grid)
        steps = grid.flatten(2).transpose(1, 2)
        steps = steps + self.attention(self.before(steps))[0]
        steps = steps + self.network(self.between(steps))
        found: Tensor = steps.transpose(1, 2).reshape(grid.shape)
        return found


def _identity(size: Size) -> Tensor:
    """A convolution that lays the pixels of a patch one behind the other."""
    pixels = size.patch_bands * size.patch_frames
    return torch.eye(pixels).reshape(pixels, 1, size.patch_bands, size.patch_frames)


def _turns(rows: int, ratio: float) -> Tensor:
    """Masks, shape (turns, 1, 1, rows, 1), that together hide every row equally often, each about `ratio` of them.

    Examples
    --------
    >>> _turns(4, 0.5)[:, 0, 0, :, 0].tolist()
    [[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]]
    >>> _turns(4, 0.75)[0, 0, 0, :, 0].tolist()
    [0.0, 1.0, 1.0, 1.0]
    """
    n = min(round(1.0 / min(ratio, 1.0 - ratio)), rows)
    chosen = (torch.arange(rows)[None] % n == torch.arange(n)[:, None]).float()
    hidden = chosen if ratio <= 0.5 else 1.0 - chosen
    return hidden[:, None, None, :, None]


def _shortest(rate_hz: int, window_samples: int, size: Size) -> int:
    """Samples of two columns of patches."""
    shortest = 2 * size.patch_frames * _HOP
    if window_samples < shortest:
        raise RecipeError(
            f"Windows of {window_samples / rate_hz:g} s are too short for patches of {size.patch_frames} frames.",
            f"at least {shortest / rate_hz:.3f} s at {rate_hz} Hz",
            "Set audio.window_s, or model.patch_frames.",
        )
    return shortest


def _check(size: Size, n_bands: int) -> None:
    if size.patch_bands < 1 or n_bands % size.patch_bands or n_bands // size.patch_bands < 2:
        raise RecipeError(
            f"{n_bands} bands can't be cut into patches of {size.patch_bands}.",
            "two patches at least, and none left over",
            "Correct model.n_bands or model.patch_bands.",
        )
    if size.patch_frames < 1:
        raise RecipeError(
            f"model.patch_frames is {size.patch_frames}.", "a whole number above 0", "Correct it."
        )
    if size.num_heads < 1 or size.embed_dim % size.num_heads:
        raise RecipeError(
            f"model.embed_dim {size.embed_dim} can't be shared by {size.num_heads} heads.",
            "a multiple of model.num_heads",
            "Correct one of the two.",
        )
    if not 0.05 <= size.mask_ratio <= 0.95:
        raise RecipeError(
            f"model.mask_ratio is {size.mask_ratio:g}.",
            "0.05 to 0.95: something has to be hidden, and something seen",
            "Correct it.",
        )
