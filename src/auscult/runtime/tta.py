"""Test-time augmentation: a recording is scored as it is and with a little noise, several times, and the scores averaged.

What a score owes to the accidents of one recording averages out; what it owes to the machine stays.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auscult.audio.read import Source, read
from auscult.audio.resample import resample
from auscult.audio.sound import Sound
from auscult.errors import RecipeError
from auscult.runtime.bundle import Bundle
from auscult.runtime.scorer import Pool, Scorer
from auscult.runtime.verdict import ClipVerdict

DEFAULT_SNR_DB = 30.0
"""Noise that people hardly hear beside the machine."""

MAX_COPIES = 1000
SNR_RANGE_DB = (-20.0, 120.0)


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """How recordings are varied before they are scored.

    Parameters
    ----------
    copies
        Noisy copies beside the recording itself, 1 to 1000.
    snr_db
        Power of the recording over that of the white noise, in dB, −20 to 120.
    seed
        Of the noise, with the recording's name.

    Raises
    ------
    RecipeError
        If one is out of its range.

    Examples
    --------
    >>> Augmentation(copies=0)
    Traceback (most recent call last):
    auscult.errors.RecipeError: 0 noisy copies were asked for. Expected: 1 to 1000. Change --tta, or leave it out.
    """

    copies: int
    snr_db: float = DEFAULT_SNR_DB
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.copies <= MAX_COPIES:
            raise RecipeError(
                f"{self.copies} noisy copies were asked for.",
                f"1 to {MAX_COPIES}",
                "Change --tta, or leave it out.",
            )
        low, high = SNR_RANGE_DB
        if not low <= self.snr_db <= high:
            raise RecipeError(
                f"A signal-to-noise ratio of {self.snr_db:g} dB makes no useful copy.",
                f"{low:g} to {high:g} dB",
                "Change --tta-snr; 30 is usual.",
            )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True, eq=False)
class AugmentedScorer:
    """A scorer of recordings that averages over noisy copies; called like `auscult.runtime.scorer.Scorer`.

    A recording is read whole, and takes as many times longer as there are copies, plus one. The bundle's limit for
    recordings stays where it is; rules for windows judge the recording without noise.

    Parameters
    ----------
    scorer
        The bundle at work.
    augmentation
        How recordings are varied.
    name
        What seeds the noise where a sound has no name of its own; see `named`.

    Examples
    --------
    >>> averaging = AugmentedScorer(scorer=auscult.load("fan.onnx"), augmentation=Augmentation(copies=8))  # doctest: +SKIP
    >>> averaging.score("today.wav").score  # doctest: +SKIP
    """

    scorer: Scorer
    augmentation: Augmentation
    name: str = ""

    @property
    def bundle(self) -> Bundle:
        """The bundle, with its manifest."""
        return self.scorer.bundle

    def named(self, name: str) -> "AugmentedScorer":
        """The same for sounds of a recording of this name: its folders and its place in a list change nothing."""
        return replace(self, name=Path(name).name)

    def score(
        self,
        source: Source | Sound,
        *,
        channel: int | None = None,
        start_s: float = 0.0,
        end_s: float | None = None,
        pool: Pool = "auto",
        explain: bool = True,
    ) -> ClipVerdict:
        """Judge a recording by the mean of its scores: see `auscult.runtime.scorer.Scorer.score`."""
        sound, name = self._read(source, channel, start_s, end_s), _name(source) or self.name
        alone = self.scorer.score(sound, pool=pool, explain=False)
        copies = noisy_copies(sound, self.augmentation, name=name)
        verdicts = [
            alone,
            *(self.scorer.score(copy, pool=pool, explain=False) for copy in copies),
        ]
        verdict = self._averaged(alone, verdicts)
        if explain and verdict.is_anomaly:
            verdict = replace(verdict, explanation=self.scorer.explain(sound))
        return _shifted(verdict, name, start_s)

    def embed(self, source: Source | Sound, **how: Any) -> NDArray[np.float32]:
        """Mean embedding of the recording without noise."""
        return self.scorer.embed(source, **how)

    def _read(
        self, source: Source | Sound, channel: int | None, start_s: float, end_s: float | None
    ) -> Sound:
        rate_hz = self.bundle.manifest.sample_rate_hz
        if not isinstance(source, Sound):
            return read(source, rate_hz=rate_hz, channel=channel, start_s=start_s, end_s=end_s)
        samples = resample(source.samples, source.rate_hz, rate_hz)
        end = None if end_s is None else round(end_s * rate_hz)
        return Sound(samples=samples[round(start_s * rate_hz) : end], rate_hz=rate_hz)

    def _averaged(self, alone: ClipVerdict, verdicts: Sequence[ClipVerdict]) -> ClipVerdict:
        """The verdict of all together; what could not be scored (silence) stays what it is."""
        if alone.state in ("no_signal", "unreliable"):
            return alone
        score = float(np.mean([verdict.score for verdict in verdicts]))
        ratio = score / alone.limit if alone.limit > 0 else 0.0
        over = [window for window in alone.windows if window.state == "anomaly"]
        by_windows = max(over, key=lambda window: window.ratio).rule if over else ""
        rule = "recording" if ratio > 1.0 else by_windows
        return replace(
            alone,
            score=score,
            ratio=ratio,
            state="anomaly" if rule else "normal",
            is_anomaly=bool(rule),
            rule=rule,
            explanation=None,
            parts={
                name: float(np.mean([verdict.parts[name] for verdict in verdicts]))
                for name in alone.parts
            },
            **self._classes(verdicts),
        )

    def _classes(self, verdicts: Sequence[ClipVerdict]) -> dict[str, Any]:
        labels = self.bundle.manifest.labels
        known = [verdict for verdict in verdicts if verdict.probabilities]
        distances = [verdict.distance for verdict in verdicts if verdict.distance is not None]
        if not known and not distances:
            return {}
        mean = np.mean([[one.probabilities[label] for label in labels] for one in known], axis=0)
        distance = float(np.mean(distances)) if distances else None
        probabilities = dict(zip(labels, mean.tolist(), strict=True)) if known else {}
        heard = self.scorer.heard_as(mean if known else None, distance)
        return {**heard, "probabilities": probabilities}


def noisy_copies(sound: Sound, augmentation: Augmentation, *, name: str = "") -> list[Sound]:
    """The sound under white noise, each time another one.

    Parameters
    ----------
    sound
        What to copy.
    augmentation
        How many copies, how much noise, and the seed.
    name
        Of the recording: the same name and seed give the same noise.

    Examples
    --------
    >>> sound = Sound(samples=np.ones(16000, np.float32), rate_hz=16000)
    >>> copies = noisy_copies(sound, Augmentation(copies=2, snr_db=20.0), name="1.wav")
    >>> [round(float(np.std(copy.samples - sound.samples)), 2) for copy in copies]
    [0.1, 0.1]
    """
    digest = hashlib.sha256(repr((Path(name).name, augmentation.seed)).encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8], "big"))
    power = (
        float(np.mean(np.square(sound.samples, dtype=np.float64))) if len(sound.samples) else 0.0
    )
    rms = np.float32(np.sqrt(power) * 10.0 ** (-augmentation.snr_db / 20.0))
    return [
        Sound(
            samples=sound.samples + rms * rng.standard_normal(len(sound.samples), np.float32),
            rate_hz=sound.rate_hz,
        )
        for _ in range(augmentation.copies)
    ]


def _name(source: Source | Sound) -> str:
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    return "" if isinstance(source, Sound) else str(getattr(source, "name", ""))


def _shifted(verdict: ClipVerdict, name: str, start_s: float) -> ClipVerdict:
    """With the times of the recording that the sound was cut out of."""
    why = verdict.explanation
    if start_s and why is not None:
        why = replace(why, start_s=why.start_s + start_s, end_s=why.end_s + start_s)
    windows = (
        replace(
            window,
            start_s=window.start_s + start_s,
            end_s=window.end_s + start_s,
            since_s=None if window.since_s is None else window.since_s + start_s,
        )
        for window in verdict.windows
    )
    kept = tuple(windows) if start_s else verdict.windows
    return replace(verdict, file=name or verdict.file, explanation=why, windows=kept)
