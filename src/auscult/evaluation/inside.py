"""What a bundle shows of itself: what it draws of a recording, what it can draw again, and the filters that it has learned."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from auscult.audio.mel import band_edges_hz, log_mel_db
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
_SEEN = "feature_map."
_ORIGINAL, _REBUILT = "original", "rebuilt"
_WAVEFORM_BANDS = 64


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
class Rebuilt:
    """A stretch of sound as a bundle sees it, and what it makes of that when it has to draw it again.

    Parameters
    ----------
    part
        Of the bundle; empty where it is of one piece.
    original, rebuilt
        In dB, shape (bands, frames), low bands first.
    start_s, end_s
        The stretch, in seconds of the recording.
    centres_hz
        Middle of each band; empty where the bundle doesn't say.
    """

    part: str
    original: Array
    rebuilt: Array
    start_s: float
    end_s: float
    centres_hz: tuple[float, ...] = ()

    @property
    def error_db(self) -> float:
        """Root of the mean square of what is wrong.

        Examples
        --------
        >>> flat = np.zeros((2, 3))
        >>> Rebuilt(part="", original=flat, rebuilt=flat + 2.0, start_s=0, end_s=1).error_db
        2.0
        """
        return float(np.sqrt(np.mean((self.rebuilt - self.original) ** 2)))

    @property
    def errors_db(self) -> Array:
        """The same of each band, shape (bands,)."""
        return np.asarray(np.sqrt(np.mean((self.rebuilt - self.original) ** 2, axis=1)))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Stretch:
    """What is shown of a recording, window by window."""

    windows: Sequence[Samples]
    start_s: float
    end_s: float


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
        stretch = self._stretch(row)
        if not stretch.windows:
            return None
        drawn = self._seen(stretch, ["anomaly_map"])["anomaly_map"]
        return StrangeMap(
            values=np.nan_to_num(drawn),
            start_s=stretch.start_s,
            end_s=stretch.end_s,
            centres_hz=self._centres_hz,
        )

    def rebuilt_of(self, row: Row) -> tuple[Rebuilt, ...]:
        """What it can draw again of the stretch of a recording that is shown, by each of its parts that draw.

        Only a bundle that was exported for inspection tells: the outputs `feature_map.original` and `feature_map.rebuilt`, or those of a
        part, as pictures in dB or as waveforms.

        Raises
        ------
        AudioError
            The recording can't be read any more.
        """
        if not self.parts_that_draw:
            return ()
        stretch = self._stretch(row)
        if not stretch.windows:
            return ()
        names = [
            f"{_SEEN}{part}{kind}"
            for part in self.parts_that_draw
            for kind in (_ORIGINAL, _REBUILT)
        ]
        seen = self._seen(stretch, names)
        return tuple(self._rebuilt(part, seen, stretch) for part in self.parts_that_draw)

    @cached_property
    def parts_that_draw(self) -> tuple[str, ...]:
        """Parts that give what they see and what they make of it: what their outputs' names begin with."""
        outputs = set(self.scorer.engine.outputs)
        starts = (
            name.removeprefix(_SEEN).removesuffix(_ORIGINAL)
            for name in outputs
            if name.startswith(_SEEN) and name.endswith(_ORIGINAL)
        )
        return tuple(sorted(one for one in starts if f"{_SEEN}{one}{_REBUILT}" in outputs))

    @property
    def filters(self) -> tuple[FilterPair, ...]:
        """Filters that it has learned; nothing for most families."""
        return learned_filters(self.scorer.bundle)

    @property
    def _centres_hz(self) -> tuple[float, ...]:
        return tuple(centre for _, centre, _ in self.scorer.bundle.manifest.bands_hz)

    def _stretch(self, row: Row) -> _Stretch:
        """What is shown: window by window, or all at once where the graph takes any length."""
        manifest = self.scorer.bundle.manifest
        length, rate_hz = manifest.window_samples, manifest.sample_rate_hz
        start_s = shown_from_s(row)
        sound = sound_of(shown_clip(row, start_s), rate_hz=rate_hz, channel=self.channel)
        samples, heard_s = sound.samples, sound.duration_s
        if manifest.min_window_samples < length:
            whole = [samples] if len(samples) >= manifest.min_window_samples else []
            return _Stretch(windows=whole, start_s=start_s, end_s=start_s + heard_s)
        starts = range(0, len(samples) - length + 1, length)
        covered_s = len(starts) * length / rate_hz
        return _Stretch(
            windows=[samples[start : start + length] for start in starts],
            start_s=start_s,
            end_s=start_s + min(covered_s, heard_s),
        )

    def _seen(self, stretch: _Stretch, outputs: Sequence[str]) -> dict[str, Array]:
        """Outputs of all windows, one behind the other in time."""
        found = [self.scorer.run(window, (), outputs) for window in stretch.windows]
        return {
            name: np.concatenate([np.asarray(one[name][0], float) for one in found], axis=-1)
            for name in outputs
        }

    def _rebuilt(self, part: str, seen: dict[str, Array], stretch: _Stretch) -> Rebuilt:
        original, rebuilt = (seen[f"{_SEEN}{part}{kind}"] for kind in (_ORIGINAL, _REBUILT))
        centres_hz = self._centres_hz
        if original.ndim == 1:
            rate_hz = self.scorer.bundle.manifest.sample_rate_hz
            original, rebuilt = (_pictured(one, rate_hz) for one in (original, rebuilt))
            edges = band_edges_hz(_WAVEFORM_BANDS, low_hz=0, high_hz=rate_hz / 2, scale="slaney")
            centres_hz = tuple(edges[:, 1].tolist())
        return Rebuilt(
            part=part.rstrip("."),
            original=original,
            rebuilt=rebuilt,
            start_s=stretch.start_s,
            end_s=stretch.end_s,
            centres_hz=centres_hz if len(centres_hz) == len(original) else (),
        )


def _pictured(waveform: Array, rate_hz: int) -> Array:
    """A waveform as mel bands in dB."""
    samples = np.asarray(waveform, np.float32)
    return np.asarray(log_mel_db(samples, rate_hz=rate_hz, n_bands=_WAVEFORM_BANDS), float)


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
