"""Sound made more various, batch by batch: pure functions of tensors and a generator of random numbers.

Waveforms have the shape (batch, samples), pictures (batch, bands, frames). Every row draws for itself.
"""

import numpy as np
import torch
from torch import Generator, Tensor

from auscult.recipe import Augment

_NOISE_RANGE_DB = 20.0


def waveform(batch: Tensor, settings: Augment, rate_hz: int, chance: Generator) -> Tensor:
    """All that is asked for, in the order in which sound meets it: moved, masked, in noise, louder or quieter.

    Parameters
    ----------
    batch
        Shape (batch, samples).
    settings
        What is asked for; zero, or `None`, leaves a step out.
    rate_hz
        Sample rate, for settings in seconds.
    chance
        Where random numbers come from.

    Examples
    --------
    >>> same = torch.ones(2, 4)
    >>> waveform(same, Augment(), 16000, torch.Generator()) is same
    True
    """
    if settings.shift_s:
        batch = shift(batch, round(settings.shift_s * rate_hz), chance)
    if settings.time_mask_s:
        batch = mask_time(batch, round(settings.time_mask_s * rate_hz), chance)
    if settings.noise_snr_db is not None:
        batch = add_noise(batch, settings.noise_snr_db, chance)
    if settings.gain_db:
        batch = gain(batch, settings.gain_db, chance)
    return batch


def gain(batch: Tensor, most_db: float, chance: Generator) -> Tensor:
    """Louder or quieter by up to `most_db`."""
    db = most_db * (2.0 * _uniform(len(batch), chance) - 1.0)
    return batch * (10.0 ** (db / 20.0))[:, None].to(batch)


def add_noise(batch: Tensor, least_snr_db: float, chance: Generator) -> Tensor:
    """White noise, `least_snr_db` to 20 dB more below the sound of its row."""
    snr_db = least_snr_db + _NOISE_RANGE_DB * _uniform(len(batch), chance).to(batch)
    noise = torch.randn(batch.shape, generator=chance).to(batch)
    rms = batch.square().mean(dim=1).sqrt()
    return batch + noise * (rms * 10.0 ** (-snr_db / 20.0))[:, None]


def shift(batch: Tensor, most_samples: int, chance: Generator) -> Tensor:
    """Moved in time by up to `most_samples` either way; what leaves at one end comes in at the other."""
    steps = _whole(2 * most_samples + 1, len(batch), chance) - most_samples
    samples = batch.shape[1]
    index = (torch.arange(samples)[None] - steps[:, None]) % samples
    return batch.gather(1, index.to(batch.device))


def mask_time(batch: Tensor, most_samples: int, chance: Generator) -> Tensor:
    """A stretch of up to `most_samples` made silent."""
    return batch.masked_fill(_stretches(batch.shape[1], most_samples, len(batch), chance, batch), 0)


def mask_picture(picture: Tensor, settings: Augment, chance: Generator) -> Tensor:
    """Bands and frames blotted out with the mean of their picture.

    Source: Park et al., "SpecAugment: A Simple Data Augmentation Method for Automatic Speech Recognition", Interspeech 2019.
    """
    for _ in range(settings.masks):
        mean = picture.mean(dim=(1, 2), keepdim=True)
        if settings.mask_bands:
            rows = _stretches(picture.shape[1], settings.mask_bands, len(picture), chance, picture)
            picture = torch.where(rows[:, :, None], mean, picture)
        if settings.mask_frames:
            columns = _stretches(
                picture.shape[2], settings.mask_frames, len(picture), chance, picture
            )
            picture = torch.where(columns[:, None, :], mean, picture)
    return picture


def mix(batch: Tensor, target: Tensor, alpha: float, chance: Generator) -> tuple[Tensor, Tensor]:
    """Each row mixed with another one, and their targets alike.

    Source: Zhang et al., "mixup: Beyond Empirical Risk Minimization", ICLR 2018. Shares are drawn from Beta(alpha, alpha).
    """
    shares = _beta(alpha, len(batch), chance).to(batch)
    other = torch.randperm(len(batch), generator=chance).to(batch.device)

    def mixed(rows: Tensor) -> Tensor:
        share = shares.reshape(-1, *(1 for _ in rows.shape[1:]))
        return share * rows + (1.0 - share) * rows[other]

    return mixed(batch), mixed(target)


def _beta(alpha: float, n: int, chance: Generator) -> Tensor:
    # PyTorch's own takes no generator.
    seed = int(_whole(2**31 - 1, 1, chance))
    return torch.from_numpy(np.random.default_rng(seed).beta(alpha, alpha, n)).float()


def _stretches(length: int, most: int, n: int, chance: Generator, like: Tensor) -> Tensor:
    """Where a stretch of up to `most` lies, anywhere in `length`: booleans of shape (n, length)."""
    widths = _whole(min(most, length) + 1, n, chance)
    first = (_uniform(n, chance) * (length - widths + 1)).long()
    place = torch.arange(length)[None]
    return ((place >= first[:, None]) & (place < (first + widths)[:, None])).to(like.device)


def _uniform(n: int, chance: Generator) -> Tensor:
    return torch.rand(n, generator=chance)


def _whole(end: int, n: int, chance: Generator) -> Tensor:
    return torch.randint(end, (n,), generator=chance)
