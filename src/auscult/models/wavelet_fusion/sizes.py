"""How large the parts are: every number of them in one place."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

Preset = Literal["small", "full"]


@dataclass(frozen=True, kw_only=True)
class Size:
    """Sizes of all parts.

    Parameters
    ----------
    levels
        Of wavelets: the deepest hears what is slower than rate / 2^(levels + 1).
    per_level
        Every level has filters of its own; else all share one pair.
    n_fft
        Frame of the spectrogram.
    patch_bands, patch_frames
        Patches that the spectrogram is cut into.
    embed_dim, depth, num_heads
        Of the transformer.
    mask_ratio
        Share of the patches that is hidden.
    fusion_dim, fusion_heads
        Of the attention between both branches.
    latent_dim, codes
        Length and number of the vectors that a fused step is rounded to.
    """

    levels: int
    per_level: bool
    n_fft: int
    patch_bands: int
    patch_frames: int
    embed_dim: int
    depth: int
    num_heads: int
    mask_ratio: float
    fusion_dim: int
    fusion_heads: int
    latent_dim: int
    codes: int


SIZES: Mapping[Preset, Size] = {
    # A unit of a few minutes is learned on one core in minutes.
    "small": Size(
        levels=8,
        per_level=False,
        n_fft=1024,
        patch_bands=8,
        patch_frames=4,
        embed_dim=64,
        depth=3,
        num_heads=4,
        mask_ratio=0.5,
        fusion_dim=64,
        fusion_heads=4,
        latent_dim=16,
        codes=64,
    ),
    # For windows of 10 s, hundreds of recordings, and a GPU.
    "full": Size(
        levels=13,  # deeper ones would hear what is slower than once a second
        per_level=True,
        n_fft=2048,
        patch_bands=16,
        patch_frames=16,
        embed_dim=768,
        depth=12,
        num_heads=12,
        mask_ratio=0.75,
        fusion_dim=256,
        fusion_heads=8,
        latent_dim=128,
        codes=512,
    ),
}


def size_of(preset: Preset, **own: Any) -> Size:
    """The sizes of a preset, with those of one's own in place of its; `None` is none.

    Examples
    --------
    >>> size_of("small", levels=6, depth=None).levels
    6
    """
    return replace(
        SIZES[preset], **{name: value for name, value in own.items() if value is not None}
    )
