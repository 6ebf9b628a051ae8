"""What a bundle shows of itself: what it draws of a recording, and the filters that it has learned."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from auscult.audio.sound import Samples, Sound
from auscult.datasets.clip import Clip
from auscult.evaluation.judge import ClipScorer, Row, sound_of
from auscult.evaluation.metrics import Array
from auscult.runtime.bundle import Bundle
from auscult.runtime.scorer import Scorer
from auscult.runtime.tta import AugmentedScorer

SHOWN_S = 10.0
"""Longest stretch of a recording that is shown and played."""

_LOW, _HIGH = "low_pass", "high_pass"


@dataclass(frozen=True, kw_only=True, eq=False)
class StrangeMap:
    """Where a bundle finds a stretch of sound strange.

    Parameters
    ----------
    values
        Shape (bands, frames), low bands first, in the bundle's own unit.
    start_s, end_s
        The stretch, in seconds of the recording.
    centres_hz
        Middle of each band; empty where the bundle doesn't say.
    """

    values: Array
    start_s: float
    end_s: float
    centres_hz: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class FilterPair:
    """A low-pass and a high-pass filter that split a signal in two.

    Parameters
    ----------
    name
        Of the level.
    low_pass, high_pass
        Shape (taps,) each.
    """

    name: str
    low_pass: Array
    high_pass: Array

    def responses(self, points: int = 129) -> tuple[Array, Array, Array]:
        """Gains of both at frequencies from 0 to 1, half the rate of what is split, each of shape (points,).

        Examples
        --------
        >>> haar = FilterPair(name="1", low_pass=np.full(2, 0.5), high_pass=np.array([0.5, -0.5]))
        >>> [gain.round(2).tolist() for gain in haar.responses(3)]
        [[0.0, 0.5, 1.0], [1.0, 0.71, 0.0], [0.0, 0.71, 1.0]]
        """
        place = np.linspace(0.0, 1.0, points)
        turns = np.exp(-1j * np.pi * np.outer(place, np.arange(len(self.low_pass))))
        return place, np.abs(turns @ self.low_pass), np.abs(turns @ self.high_pass)


@dataclass(frozen=True, kw_only=True, eq=False)
class Inside:
    """A bundle that can be asked what it makes of a recording.

    Parameters
    ----------
    scorer
        The bundle at work.
    channel
        Channel to listen to; all of them averaged where `None`.
    """

    scorer: Scorer
    channel: int | None = None

    def map_of(self, row: Row) -> StrangeMap | None:
        """What it draws of the stretch of a recording that is shown; `None` where it draws nothing.

        Raises
        ------
        AudioError
            The recording can't be read any more.
        """
        if "anomaly_map" not in self.scorer.engine.outputs:
            return None
        manifest = self.scorer.bundle.manifest
        start_s = shown_from_s(row)
        sound = sound_of(
            shown_clip(row, start_s), rate_hz=manifest.sample_rate_hz, channel=self.channel
        )
        drawn = [self._drawn(window) for window in self._windows(sound.samples)]
        if not drawn:
            return None
        whole = manifest.min_window_samples < manifest.window_samples
        heard_s = sound.duration_s
        covered_s = len(drawn) * manifest.window_samples / manifest.sample_rate_hz
        return StrangeMap(
            values=np.nan_to_num(np.concatenate(drawn, axis=1)),
            start_s=start_s,
            end_s=start_s + (heard_s if whole else min(covered_s, heard_s)),
            centres_hz=tuple(centre for _, centre, _ in manifest.bands_hz),
        )

    @property
    def filters(self) -> tuple[FilterPair, ...]:
        """Filters that it has learned; nothing for most families."""
        return learned_filters(self.scorer.bundle)

    def _windows(self, samples: Samples) -> Iterator[Samples]:
        """Window by window, or all at once where the graph takes any length."""
        manifest = self.scorer.bundle.manifest
        length = manifest.window_samples
        if manifest.min_window_samples < length:
            if len(samples) >= manifest.min_window_samples:
                yield samples
            return
        for start in range(0, len(samples) - length + 1, length):
            yield samples[start : start + length]

    def _drawn(self, window: Samples) -> Array:
        return np.asarray(self.scorer.run(window, (), ["anomaly_map"])["anomaly_map"][0], float)


def inside(scorer: ClipScorer, channel: int | None = None) -> Inside | None:
    """What can be asked of a scorer; `None` where it is none of a bundle."""
    plain = scorer.scorer if isinstance(scorer, AugmentedScorer) else scorer
    return Inside(scorer=plain, channel=channel) if isinstance(plain, Scorer) else None


def learned_filters(bundle: Bundle) -> tuple[FilterPair, ...]:
    """Pairs of filters among the weights of a bundle: arrays whose names end in `low_pass` and `high_pass`.

    A row of such an array is a level. Where only the low-pass is kept, the high-pass is its mirror image, as it is for
    orthogonal wavelets.
    """
    weights = bundle.weights
    pairs: list[FilterPair] = []
    for name in sorted(weights):
        low = np.asarray(weights[name], float)
        if not name.endswith(_LOW) or not low.size:
            continue
        rows = low.reshape(-1, low.shape[-1]) if low.ndim else low.reshape(1, 1)
        other = weights.get(name.removesuffix(_LOW) + _HIGH)
        highs = _mirrored(rows) if other is None else np.asarray(other, float).reshape(rows.shape)
        pairs += [
            FilterPair(name=str(len(pairs) + level), low_pass=one, high_pass=high)
            for level, (one, high) in enumerate(zip(rows, highs, strict=True), 1)
        ]
    return tuple(pairs)


def _mirrored(low: Array) -> Array:
    return np.asarray(low[:, ::-1] * (-1.0) ** np.arange(low.shape[1]))


def shown_from_s(row: Row) -> float:
    """Where the stretch of a recording begins that is shown: the explained part lies in its middle."""
    if row.explanation is None:
        return 0.0
    middle_s = (row.explanation.start_s + row.explanation.end_s) / 2
    return float(np.clip(middle_s - SHOWN_S / 2, 0, max(row.duration_s - SHOWN_S, 0)))


def shown_clip(row: Row, start_s: float) -> Clip:
    """The clip, shortened to what is shown."""
    sound = row.clip.sound
    if sound is not None:
        start = round(start_s * sound.rate_hz)
        samples = sound.samples[start : start + round(SHOWN_S * sound.rate_hz)]
        return replace(row.clip, sound=Sound(samples=samples, rate_hz=sound.rate_hz))
    first_s = row.clip.start_s + start_s
    goes_on = row.duration_s > start_s + SHOWN_S
    end_s = first_s + SHOWN_S if goes_on else row.clip.end_s
    return replace(row.clip, start_s=first_s, end_s=end_s)
