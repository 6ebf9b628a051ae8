"""`despawn`: wavelets that learn their own filters and what is too small to matter.

Source: Michau, Frusque & Fink, "Fully learnable deep wavelet transform for unsupervised monitoring of high-frequency time series", PNAS
119(8), 2022. Added here: attention that weighs the levels by how much each holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Self, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from auscult.errors import RecipeError
from auscult.models.detector import Detector, Outputs
from auscult.models.frontend import normalised
from auscult.models.typical import TypicalOfEach
from auscult.models.wavelet_fusion.sizes import Preset, size_of

Wavelet = Literal["haar", "db2", "db4"]

# Low-pass filters of orthogonal wavelets: Daubechies, "Ten Lectures on Wavelets", 1992, table 6.1.
_LOW_PASS: Mapping[Wavelet, tuple[float, ...]] = {
    "haar": (0.7071067811865476, 0.7071067811865476),
    "db2": (0.48296291314469, 0.83651630373747, 0.22414386804186, -0.12940952255092),
    "db4": (
        0.230377813308855,
        0.714846570552542,
        0.630880767929590,
        -0.027983769416984,
        -0.187034811718881,
        0.030841381835987,
        0.032883011666983,
        -0.010597401784997,
    ),
}
_STEEPNESS = 10.0
_SMALLEST = 1e-10
_LEAST_MAP_HOP = 512
_LEAST_COEFFICIENTS = 4


class DeSpaWN(Detector):
    """Strange is what wavelets learned from normal sound don't rebuild, or hold other energies of.

    The waveform, brought to one level, is split again and again by a low-pass and a high-pass filter, which are learned; small
    coefficients are dropped by thresholds, which are learned, too; from the others it is built again. `score` is the distance
    (Mahalanobis) of the energies, peaks and losses of all levels from those of normal sound: about 1 there. `anomaly_map` is the power
    that was not rebuilt, in time.

    Parameters
    ----------
    preset
        `full`: 13 levels with filters of their own, for windows of 10 s.
    levels
        How often it is split; default: that of the preset.
    wavelet
        Filters to begin with.
    threshold
        To begin with, for a signal of RMS 1; 0 drops nothing.
    sparsity
        Weight of the size of the coefficients in the loss, beside the error of the waveform.

    Raises
    ------
    RecipeError
        If windows are too short for so many levels.

    Examples
    --------
    >>> DeSpaWN.tiny().eval()(torch.zeros(2, 4000))["score"].shape
    torch.Size([2])
    """

    family = "despawn"
    learns_from = "normal"
    by_domain = True
    pool = "mean"
    keeps = ("statistics",)

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
    ) -> None:
        super().__init__(rate_hz=rate_hz, window_samples=window_samples)
        self._settings = {
            "rate_hz": rate_hz,
            "window_samples": window_samples,
            "labels": labels,
            "alarm_labels": alarm_labels,
            "preset": preset,
            "levels": levels,
            "wavelet": wavelet,
            "threshold": threshold,
            "sparsity": sparsity,
        }
        size = size_of(preset, levels=levels)
        self.levels = size.levels
        self.min_window_samples = _shortest(rate_hz, window_samples, self.levels)
        self.sparsity = sparsity
        own = (f"level_{level:02d}" for level in range(1, self.levels + 1))
        names = tuple(own) if size.per_level else ("every_level",)
        self.splits = nn.ModuleDict({name: Split(_LOW_PASS[wavelet]) for name in names})
        self.threshold = nn.Parameter(torch.full((self.levels + 1, 2), threshold))
        self.attention = _LevelAttention(self.levels + 1)
        self.dim = 3 * (self.levels + 1) + 1
        self.domains = labels
        self.typical = TypicalOfEach(self.dim, labels)
        self.bands_hz = ((0.0, rate_hz / 4, rate_hz / 2),)
        self.map_hop_samples = _map_hop(self.levels)
        self.map_frame_samples = 2 * self.map_hop_samples

    def features(self, waveform: Tensor) -> Tensor:
        """The waveform at an RMS of 1, without what is left over at its end when it is halved so often."""
        whole = waveform.shape[1] // 2**self.levels * 2**self.levels
        return normalised(waveform[:, :whole])

    def judge(self, features: Tensor) -> Outputs:
        """What was rebuilt, `coefficient.N` of every level (0: what is left at the end), and what is typical of them."""
        coefficients = self.analyse(features)
        kept = [self.gate(one, level) for level, one in enumerate(coefficients)]
        energies = _stacked(_log_power(one) for one in coefficients)
        weights = self.attention(energies)
        weighed = [one * weights[:, level, None, None] for level, one in enumerate(kept)]
        rebuilt = self.synthesise(weighed)
        residual = features - rebuilt
        sizes = _stacked(one.abs().mean(dim=(1, 2)).clamp_min(_SMALLEST) for one in coefficients)
        dropped = _stacked(_log_power(a - b) for a, b in zip(coefficients, kept, strict=True))
        lost = residual.abs().mean(dim=1, keepdim=True).clamp_min(_SMALLEST).log()
        statistics = torch.cat([energies, energies - 2.0 * sizes.log(), dropped, lost], dim=1)
        return {
            "rebuilt": rebuilt,
            "residual": residual,
            "sparsity": _mean_size(kept),
            "weights": weights,
            "statistics": statistics,
            **{f"coefficient.{level}": one for level, one in enumerate(coefficients)},
        }

    def loss(self, found: Outputs, target: Tensor) -> Tensor:
        """Error of the waveform, and size of the coefficients that it needs."""
        del target
        return found["residual"].abs().mean() + self.sparsity * found["sparsity"].mean()

    def outputs(self, found: Outputs) -> Outputs:
        """`score`, `embedding` (the statistics of all levels) and `anomaly_map`."""
        power = found["residual"].square()[:, None]
        return {
            "score": self.typical(found["statistics"]),
            "embedding": found["statistics"],
            "anomaly_map": functional.avg_pool1d(
                power, self.map_frame_samples, self.map_hop_samples
            ),
        }

    @torch.no_grad()
    def after_training(self, learned: Outputs, targets: Tensor, held_out: Outputs) -> None:
        """Learn what is typical, of each domain where they are known."""
        del held_out
        self.typical.learn(learned["statistics"][:, None], targets)

    def inspect(self, waveform: Tensor) -> Outputs:
        """Coefficients of every level, the waveform and what was rebuilt of it, and how levels were weighed."""
        original = self.features(waveform)
        found = {"original": original, **self.judge(original)}
        return {
            name: value
            for name, value in found.items()
            if name.startswith("coefficient.") or name in ("original", "rebuilt", "weights")
        }

    def split(self, level: int) -> "Split":
        """The filters of a level, counted from 1."""
        splits = list(self.splits.values())
        return cast("Split", splits[min(level, len(splits)) - 1])

    def analyse(self, signal: Tensor) -> list[Tensor]:
        """Split (batch, samples), a multiple of 2^levels: first what is left at the end, then details from fine to coarse."""
        rest, details = signal[:, None], []
        for level in range(1, self.levels + 1):
            rest, detail = self.split(level)(rest)
            details.append(detail)
        return [rest, *details]

    def synthesise(self, coefficients: Sequence[Tensor]) -> Tensor:
        """The inverse."""
        rest = coefficients[0]
        for level in range(self.levels, 0, -1):
            rest = self.split(level).join(rest, coefficients[level])
        return rest[:, 0]

    def gate(self, coefficients: Tensor, level: int) -> Tensor:
        """Coefficients without those that are small, with a smooth edge on either side; at a threshold of 0 all stay."""
        above, below = self.threshold[level].abs()
        opened = torch.sigmoid(_STEEPNESS * (coefficients - above))
        return coefficients * (opened + torch.sigmoid(-_STEEPNESS * (coefficients + below)))

    def steps(self, found: Outputs, exponent: int) -> Tensor:
        """Power and mean size of every level in steps of 2^exponent samples, as logarithms, shape (batch, steps, step_dim).

        Levels whose coefficients are farther apart than steps are left out.
        """
        rows = []
        for level in self._levels_within(exponent):
            coefficients = found[f"coefficient.{level}"]
            n_each = 2 ** (exponent - (level or self.levels))
            power = functional.avg_pool1d(coefficients.square(), n_each)
            size = functional.avg_pool1d(coefficients.abs(), n_each)
            rows += [power, size]
        return torch.cat(rows, dim=1).clamp_min(_SMALLEST).log().transpose(1, 2)

    def step_dim(self, exponent: int) -> int:
        """Length of a step."""
        return 2 * len(self._levels_within(exponent))

    def _levels_within(self, exponent: int) -> list[int]:
        return [one for one in range(self.levels + 1) if (one or self.levels) <= exponent]

    @classmethod
    def tiny(cls) -> Self:
        """Small enough for tests."""
        return cls(rate_hz=8000, window_samples=4000, levels=3, sparsity=0.1)


class Split(nn.Module):
    """A low-pass that is learned, and the high-pass that follows from it: backwards, every second sign changed.

    After its end a signal begins anew: with orthogonal filters nothing is lost, and nothing is there twice.

    Parameters
    ----------
    low_pass
        To begin with, of an even length.
    """

    def __init__(self, low_pass: Sequence[float]) -> None:
        super().__init__()
        taps = len(low_pass)
        self.overlap = taps - 2
        # As convolutions want it, so that a bundle holds it as it is, under its name.
        self.low_pass = nn.Parameter(torch.tensor(low_pass)[None, None])
        signs = (-1.0) ** torch.arange(taps)
        self.register_buffer("quadrature", torch.diag(signs).flip(0), persistent=False)

    quadrature: Tensor

    @property
    def high_pass(self) -> Tensor:
        """Shape (1, 1, taps)."""
        return self.low_pass @ self.quadrature

    def forward(self, signal: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, 1, samples) to two halves of it, slow and quick."""
        wrapped = torch.cat([signal, signal[:, :, : self.overlap]], dim=2)
        slow = functional.conv1d(wrapped, self.low_pass, stride=2)
        return slow, functional.conv1d(wrapped, self.high_pass, stride=2)

    def join(self, slow: Tensor, quick: Tensor) -> Tensor:
        """The inverse: the same filters backwards."""
        joined = functional.conv_transpose1d(slow, self.low_pass, stride=2)
        joined = joined + functional.conv_transpose1d(quick, self.high_pass, stride=2)
        n = self.overlap
        if not n:
            return joined
        begin = joined[:, :, :n] + joined[:, :, -n:]
        return torch.cat([begin, joined[:, :, n:-n]], dim=2)


class _LevelAttention(nn.Module):
    """Weights of levels from their energies, 1 in the mean, and 1 each at first."""

    def __init__(self, levels: int) -> None:
        super().__init__()
        self.levels = levels
        self.inwards = nn.Linear(levels, 2 * levels)
        self.outwards = nn.Linear(2 * levels, levels)
        nn.init.zeros_(self.outwards.weight)
        nn.init.zeros_(self.outwards.bias)

    def forward(self, log_energies: Tensor) -> Tensor:
        """(batch, levels) to the same."""
        found: Tensor = self.outwards(functional.relu(self.inwards(log_energies)))
        return self.levels * found.softmax(dim=1)


def filters(wavelets: DeSpaWN) -> NDArray[np.float32]:
    """The filters that were learned.

    Returns
    -------
    pairs
        Shape (n, 2, taps): low-pass and high-pass, for all levels alike (n = 1) or for each.

    Examples
    --------
    >>> filters(DeSpaWN(rate_hz=16000, window_samples=16000, wavelet="haar")).astype(float).round(2).tolist()
    [[[0.71, 0.71], [0.71, -0.71]]]
    """
    with torch.no_grad():
        splits = [wavelets.split(level) for level in range(1, len(wavelets.splits) + 1)]
        pairs = [torch.cat([one.low_pass, one.high_pass])[:, 0] for one in splits]
        return torch.stack(pairs).cpu().numpy()


def _log_power(signal: Tensor) -> Tensor:
    """Of (batch, 1, samples), in nats, shape (batch,)."""
    return signal.square().mean(dim=(1, 2)).clamp_min(_SMALLEST).log()


def _stacked(rows: Iterable[Tensor]) -> Tensor:
    return torch.stack(list(rows), dim=1)


def _mean_size(coefficients: Sequence[Tensor]) -> Tensor:
    """Mean size of all coefficients together, shape (batch,)."""
    total = sum(one.shape[2] for one in coefficients)
    return _stacked(one.abs().sum(dim=(1, 2)) for one in coefficients).sum(dim=1) / total


def _map_hop(levels: int) -> int:
    """A multiple of what windows are cut to, so that the map of a window has as many columns as fit into it."""
    return max(_LEAST_MAP_HOP, 1 << max(levels, 0))


def _shortest(rate_hz: int, window_samples: int, levels: int) -> int:
    """Samples of which the deepest level still has a few coefficients, and the map two columns."""
    deepest = max((window_samples // _LEAST_COEFFICIENTS).bit_length() - 1, 1)
    shortest = max(_LEAST_COEFFICIENTS << max(levels, 0), 3 * _map_hop(levels))
    if levels < 1 or window_samples < shortest:
        raise RecipeError(
            f"Windows of {window_samples / rate_hz:g} s can't be split {levels} times.",
            f"windows of {shortest / rate_hz:.3f} s or more at {rate_hz} Hz, or 1 to {deepest} levels",
            "Set audio.window_s or model.levels in the recipe.",
        )
    return shortest
