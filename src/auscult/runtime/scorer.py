"""Sound in, verdicts out: one bundle over recordings and streams.

Offline and live are the same computation: windows in order of time, each with the embeddings of those before it. The
graph keeps nothing; what a stream remembers (the ring of embeddings, the votes) is a `Stream`, one for each.
"""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from auscult.audio.level import judge, measure
from auscult.audio.read import Source, blocks
from auscult.audio.resample import resample
from auscult.audio.sound import Samples, Sound
from auscult.audio.window import Windower
from auscult.errors import AudioError, BundleError
from auscult.runtime import bundle as bundles
from auscult.runtime.bundle import EMBEDDER, Bundle, padded_context
from auscult.runtime.decision import NOTHING, Decider
from auscult.runtime.explain import explain_stretch
from auscult.runtime.parts import MIN_EXPLAINED_S, PART
from auscult.runtime.verdict import ClipVerdict, Explanation, State, Verdict

Pool = Literal["auto", "max", "mean"]

EXPLAINED_S = 10.0
_ROUNDING_S = 0.01


class ClassHeard(TypedDict, total=False):
    """Fields of `Verdict` and `ClipVerdict` that a bundle with classes fills."""

    label: str
    probability: float
    distance: float
    is_known: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Pending:
    """A window that waits for the engine.

    Parameters
    ----------
    window
        Shape (samples,).
    start_s
        Where it begins in its stream.
    context
        Embeddings of the windows before it, newest last.
    """

    window: Samples
    start_s: float
    context: tuple[NDArray[np.float32], ...] = ()


class Stream:
    """What one stream remembers between windows.

    Made by `Scorer.stream`; not shared between threads.
    """

    def __init__(self, scorer: "Scorer", *, level_track: bool = False) -> None:
        manifest = scorer.bundle.manifest
        calibration = manifest.calibration
        thresholds = () if calibration is None else calibration.thresholds(level_track=level_track)
        self._scorer = scorer
        self._hop_s = manifest.hop_samples / manifest.sample_rate_hz
        self._decider = Decider(thresholds)
        self._ring: deque[NDArray[np.float32]] = deque(maxlen=manifest.context)
        self._embedding: NDArray[np.float32] | None = None
        self._probabilities: NDArray[np.float32] | None = None
        self._parts: dict[str, float] = {}

    @property
    def embedding(self) -> NDArray[np.float32] | None:
        """Embedding of the last window if it was scored, shape (dim,); `None` where the bundle gives none."""
        return self._embedding

    @property
    def probabilities(self) -> NDArray[np.float32] | None:
        """Of each class for the last window if it was scored, shape (classes,); `None` where the bundle knows none."""
        return self._probabilities

    @property
    def parts(self) -> dict[str, float]:
        """Scores of the bundle's parts for the last window if it was scored, by name; nothing where it has none."""
        return self._parts

    def judge(self, window: Samples, start_s: float) -> Verdict:
        """Judge the next window.

        Parameters
        ----------
        window
            Shape (samples,), mono, at the bundle's rate.
        start_s
            Where it begins in the stream.

        Returns
        -------
        verdict
            `no_signal` and `unreliable` windows are not scored (score 0), and nothing before them is carried over.
        """
        pending = self.prepare(window, start_s)
        if isinstance(pending, Verdict):
            return pending
        return self.decide(pending, self._scorer.run(pending.window, pending.context))

    def prepare(self, window: Samples, start_s: float) -> Pending | Verdict:
        """The first half of `judge`: what the engine has to run, or the verdict where there is nothing to run.

        Between this and `decide` nothing else may be asked of the stream. So windows of many streams can go through the
        engine together.
        """
        rate_hz = self._scorer.bundle.manifest.sample_rate_hz
        state, loudness = _health(window, rate_hz)
        if state == "normal":
            return Pending(window=window, start_s=start_s, context=tuple(self._ring))
        self.reset()
        return Verdict(
            start_s=start_s,
            end_s=start_s + len(window) / rate_hz,
            score=0.0,
            ratio=0.0,
            state=state,
            level_db=loudness,
        )

    def decide(self, pending: Pending, found: dict[str, NDArray[np.float32]]) -> Verdict:
        """The second half: the verdict from what the engine found, arrays of one row."""
        start_s = pending.start_s
        end_s = start_s + len(pending.window) / self._scorer.bundle.manifest.sample_rate_hz
        scores = self._scores(dict(found))
        decision = self._decider.push(scores) if self._scorer.calibrated else NOTHING
        since_s = start_s - decision.windows_back * self._hop_s if decision.over else None
        return Verdict(
            start_s=start_s,
            end_s=end_s,
            score=scores["score"],
            fast_score=scores.get("fast_score"),
            ratio=decision.ratio,
            rule=decision.rule,
            state="anomaly" if decision.over else "normal",
            holding=decision.holding,
            since_s=since_s,
            level_db=scores["level_db"],
            **self._scorer.heard_as(self._probabilities, scores.get("distance")),
        )

    def _scores(self, found: dict[str, NDArray[np.float32]]) -> dict[str, float]:
        manifest = self._scorer.bundle.manifest
        if "embedding" in found:
            self._embedding = found.pop("embedding")[0]
            self._ring.append(self._embedding)
        if "probabilities" in found:
            self._probabilities = found.pop("probabilities")[0]
        scores = {name: float(value[0]) for name, value in found.items()}
        self._parts = {name.removeprefix(PART): scores.pop(name) for name in self._scorer.parts}
        if manifest.level is not None:
            scores["level_deviation"] = manifest.level.deviation(scores["level_db"])
        return scores

    def reset(self) -> None:
        """Forget: after a gap, nothing before it counts."""
        self._ring.clear()
        self._embedding = None
        self._probabilities = None
        self._parts = {}
        self._decider.reset()


class Scorer:
    """A bundle made ready to judge.

    Parameters
    ----------
    bundle
        From `auscult.runtime.bundle.load`, or fresh from learning.
    threads
        Threads of the engine.
    budget_per_day
        Another sensitivity than the bundle's own: false alarms a day.

    Raises
    ------
    BundleError, EngineError, RecipeError
        If the file only embeds, its graph can't be run, or the budget can't be held.

    Examples
    --------
    >>> import auscult  # doctest: +SKIP
    >>> for verdict in auscult.load("fan.onnx").score("today.wav"):  # doctest: +SKIP
    ...     print(verdict.start_s, verdict.state, verdict.ratio)
    """

    def __init__(
        self, bundle: Bundle, *, threads: int = 1, budget_per_day: float | None = None
    ) -> None:
        if bundle.manifest.family == EMBEDDER:
            raise BundleError(
                f"{bundle.source or bundle.manifest.name} only embeds; it has learned no normal sound yet.",
                "a bundle",
                "Learn one with it: auscult learn FOLDER --embedder FILE -o OUT.onnx",
            )
        self.bundle = bundle if budget_per_day is None else bundle.with_budget(budget_per_day)
        self.engine = bundle.engine(threads=threads)
        wanted = ["score", "fast_score", "level_db", "embedding"]
        if bundle.manifest.labels or bundle.manifest.open_set:
            wanted += ["probabilities", "distance"]
        self.parts = sorted(name for name in self.engine.outputs if name.startswith(PART))
        self._outputs = [name for name in wanted if name in self.engine.outputs] + self.parts

    @property
    def calibrated(self) -> bool:
        """The bundle has limits."""
        return self.bundle.manifest.calibration is not None

    def heard_as(
        self, probabilities: NDArray[np.floating[Any]] | None, distance: float | None
    ) -> "ClassHeard":
        """The fields of a verdict that only a bundle with classes fills; nothing for others.

        Parameters
        ----------
        probabilities
            Shape (classes,).
        distance
            How far from all classes.
        """
        manifest = self.bundle.manifest
        heard: ClassHeard = {}
        if probabilities is not None and manifest.labels:
            best = int(np.argmax(probabilities))
            heard["label"] = manifest.labels[best]
            heard["probability"] = float(probabilities[best])
        if distance is not None:
            heard["distance"] = distance
            if manifest.open_set is not None:
                heard["is_known"] = manifest.open_set.knows(distance)
        return heard

    def stream(self, *, level_track: bool = False) -> Stream:
        """A new stream, with nothing remembered."""
        return Stream(self, level_track=level_track)

    def run(
        self,
        window: Samples,
        context: Sequence[NDArray[np.float32]],
        outputs: Sequence[str] | None = None,
    ) -> dict[str, NDArray[np.float32]]:
        """One window (or several, one a row) through the graph, with the embeddings of those before it."""
        manifest = self.bundle.manifest
        names = self._outputs if outputs is None else outputs
        batch = np.atleast_2d(window)
        if not manifest.context:
            return self.engine.run(batch, outputs=names)
        stacked = np.stack(context) if len(context) else None
        padded, length = padded_context(stacked, manifest)
        return self.engine.run(
            batch,
            context=np.repeat(padded[None], len(batch), axis=0),
            context_length=np.repeat(length, len(batch)),
            outputs=names,
        )

    def run_together(self, pending: Sequence[Pending]) -> list[dict[str, NDArray[np.float32]]]:
        """Windows of several streams through the graph at once; all of one length.

        Returns
        -------
        found
            For each, what `run` gives for it alone, to within rounding; and whoever the others are (up to sixteen), the
            same to the last bit.
        """
        manifest = self.bundle.manifest
        # One row alone takes another way through the engine's products, and is rounded otherwise: so there are two at least.
        rows = [*pending, *pending] if len(pending) == 1 else pending
        batch = np.stack([one.window for one in rows])
        if not manifest.context:
            found = self.engine.run(batch, outputs=self._outputs)
        else:
            padded = [
                padded_context(np.stack(one.context) if one.context else None, manifest)
                for one in rows
            ]
            found = self.engine.run(
                batch,
                context=np.stack([context for context, _ in padded]),
                context_length=np.concatenate([length for _, length in padded]),
                outputs=self._outputs,
            )
        return [
            {name: value[i : i + 1] for name, value in found.items()} for i in range(len(pending))
        ]

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
        """Judge a recording.

        Parameters
        ----------
        source
            A path, the bytes of a file, an open file, or a `Sound`.
        channel
            One channel, counted from 0; default: the mean of all.
        start_s, end_s
            A stretch of it.
        pool
            `"max"`: recordings longer than ten seconds score as their worst ten seconds; `"mean"`: embeddings are averaged
            over the whole recording, as in the DCASE challenges. Where the bundle has no context, these are its worst window, and
            the mean of all. `"auto"`: what the bundle's limits were made for.
        explain
            Say where and how it differs, if it does.

        Returns
        -------
        verdict
            Iterating it gives the verdict of each window.

        Raises
        ------
        AudioError
            If it can't be read, or is too short.

        Warns
        -----
        AuscultWarning
            If it had to be resampled upwards.
        """
        heard = self._heard(source, channel, start_s, end_s)
        verdict = self._conclude(heard, _name(source), pool)
        if explain and verdict.is_anomaly:
            low_s, high_s = heard.worst_stretch(verdict.rule)
            sound = self._stretch(source, channel, low_s, heard.until(high_s, end_s))
            verdict = replace(verdict, explanation=self.explain_samples(sound, low_s))
        return verdict

    def explain(
        self,
        source: Source | Sound,
        *,
        channel: int | None = None,
        start_s: float = 0.0,
        end_s: float | None = None,
    ) -> Explanation | None:
        """Where and how the worst ten seconds of a recording differ from normal, anomaly or not.

        Parameters
        ----------
        source, channel, start_s, end_s
            As for `score`.

        Returns
        -------
        explanation
            `None` where the bundle draws no map.

        Raises
        ------
        AudioError
            If it can't be read, or is too short.
        """
        heard = self._heard(source, channel, start_s, end_s)
        low_s, high_s = heard.worst_stretch("recording")
        sound = self._stretch(source, channel, low_s, heard.until(high_s, end_s))
        return self.explain_samples(sound, low_s)

    def _heard(
        self, source: Source | Sound, channel: int | None, start_s: float, end_s: float | None
    ) -> "_Heard":
        heard = _Heard(self, start_s)
        for samples in self._blocks(source, channel, start_s, end_s):
            heard.feed(samples)
        heard.close(_name(source))
        return heard

    def _conclude(self, heard: "_Heard", name: str, pool: Pool) -> ClipVerdict:
        calibration = self.bundle.manifest.calibration
        limit = None if calibration is None else calibration.recording_limit()
        score = heard.score(self.bundle.manifest.pool if pool == "auto" else pool)
        ratio = 0.0 if limit is None else score / limit
        worst = max(heard.verdicts, key=lambda v: (v.state == "anomaly", v.ratio))
        state: State = "normal"
        rule = ""
        if ratio > 1.0:
            state, rule = "anomaly", "recording"
        elif worst.state == "anomaly":
            state, rule = "anomaly", worst.rule
        elif not any(heard.scored):
            state = heard.verdicts[0].state
        return ClipVerdict(
            file=name,
            score=score,
            limit=limit or 0.0,
            ratio=ratio,
            state=state,
            is_anomaly=state == "anomaly",
            rule=rule,
            windows=tuple(heard.verdicts),
            duration_s=heard.seconds,
            dropped_tail_s=heard.tail_s,
            probabilities=heard.probabilities(),
            parts=heard.parts(self.bundle.manifest.pool if pool == "auto" else pool),
            **self.heard_as(heard.mean_probabilities(), heard.median_distance()),
        )

    def explain_samples(self, samples: Samples, start_s: float) -> Explanation | None:
        """Where in time and frequency a stretch differs from normal, and how.

        Parameters
        ----------
        samples
            Mono, at the bundle's rate, 0.5 to 20 s.
        start_s
            Where it begins, for the times in the answer.

        Returns
        -------
        explanation
            `None` where the bundle draws no map, all of its map is alike, or the stretch is too short.
        """
        if len(samples) < MIN_EXPLAINED_S * self.bundle.manifest.sample_rate_hz:
            return None
        if "anomaly_map" not in self.engine.outputs:
            return None
        return explain_stretch(self.bundle, self.run, samples, start_s)

    def embed(
        self,
        source: Source | Sound,
        *,
        channel: int | None = None,
        start_s: float = 0.0,
        end_s: float | None = None,
    ) -> NDArray[np.float32]:
        """Mean embedding of a recording, shape (dim,).

        Raises
        ------
        AudioError
            If it is too short or holds no signal.
        BundleError
            If the bundle gives no embedding.
        """
        if "embedding" not in self.engine.outputs:
            raise BundleError(
                f"{self.bundle.manifest.name} gives no embedding.",
                "a memory or transfer bundle",
                "Use another bundle for this.",
            )
        return self._heard(source, channel, start_s, end_s).mean_embedding()

    def _blocks(
        self, source: Source | Sound, channel: int | None, start_s: float, end_s: float | None
    ) -> Iterator[Samples]:
        rate_hz = self.bundle.manifest.sample_rate_hz
        if isinstance(source, Sound):
            yield _cut(resample(source.samples, source.rate_hz, rate_hz), rate_hz, start_s, end_s)
        else:
            yield from blocks(
                source, rate_hz=rate_hz, channel=channel, start_s=start_s, end_s=end_s
            )

    def _stretch(
        self, source: Source | Sound, channel: int | None, start_s: float, end_s: float | None
    ) -> Samples:
        if not isinstance(source, str | os.PathLike | bytes | Sound):
            source.seek(0)
        return np.concatenate(list(self._blocks(source, channel, start_s, end_s)))


def block_ends(scored: Sequence[bool], *, context: int, step: int) -> list[int]:
    """Windows whose scores stand for a recording: the last of each ten seconds.

    Parameters
    ----------
    scored
        For each window, whether it was scored; one that was not interrupts.
    context
        Windows before one that its score includes.
    step
        Windows from one such ten seconds to the next.

    Returns
    -------
    indices
        Of windows with full context if there are any, else the last window of each uninterrupted run.

    Examples
    --------
    >>> block_ends([True] * 9, context=8, step=10), block_ends([True] * 30, context=8, step=10)
    ([8], [8, 18, 28, 29])
    >>> block_ends([True, True, False, True], context=8, step=10)
    [1, 3]
    """
    complete: list[int] = []
    partial: list[int] = []
    runs = [list(run) for good, run in groupby(range(len(scored)), key=scored.__getitem__) if good]
    for run in runs:
        if len(run) <= context:
            partial.append(run[-1])
        else:
            complete += sorted({*run[context::step], run[-1]})
    return complete or partial


class _Heard:
    """One recording, or a stretch of one, while it is being heard; times count from the recording's start."""

    def __init__(self, scorer: Scorer, start_s: float) -> None:
        manifest = scorer.bundle.manifest
        self._scorer = scorer
        self._start_s = start_s
        self._manifest = manifest
        self._rate_hz = manifest.sample_rate_hz
        self._stream = scorer.stream()
        self._windower = Windower(manifest.window_samples, manifest.hop_samples)
        self._beginning = np.zeros(0, np.float32)  # until the first window is full
        self._embeddings = np.zeros(manifest.dim, np.float64)
        self._probabilities: NDArray[np.float64] | None = None  # their sum over windows
        self._last: Samples | None = None
        self._samples = 0
        self._parts: list[dict[str, float]] = []  # of each window that was scored
        self.verdicts: list[Verdict] = []
        self.scored: list[bool] = []
        self.tail_s = 0.0  # at the end, too short for another window

    @property
    def seconds(self) -> float:
        return self._samples / self._rate_hz

    def feed(self, samples: Samples) -> None:
        if not self.verdicts:
            self._beginning = np.concatenate([self._beginning, samples])
        self._samples += len(samples)
        for first, window in self._windower.feed(samples):
            self._hear(window, self._start_s + first / self._rate_hz)

    def close(self, name: str) -> None:
        """End of the recording."""
        manifest = self._manifest
        if self.verdicts:
            covered = (len(self.verdicts) - 1) * manifest.hop_samples + manifest.window_samples
            self.tail_s = (self._samples - covered) / self._rate_hz
            return
        if self._samples < manifest.min_window_samples:
            raise AudioError(
                f"{name} is {self.seconds:.2f} s long.",
                f"at least {manifest.min_window_samples / self._rate_hz:g} s",
                "Record for longer; ten seconds or more are best.",
            )
        self._hear(self._beginning, self._start_s)

    def until(self, time_s: float, end_s: float | None) -> float | None:
        """A time of the recording to read up to; the end of the stretch where it is there but for rounding."""
        is_end = time_s >= self._start_s + self.seconds - _ROUNDING_S
        return end_s if is_end else time_s

    def _hear(self, window: Samples, start_s: float) -> None:
        verdict = self._stream.judge(window, start_s)
        good = verdict.state in ("normal", "anomaly")
        self.verdicts.append(verdict)
        self.scored.append(good)
        if good and self._stream.probabilities is not None:
            before = 0.0 if self._probabilities is None else self._probabilities
            self._probabilities = before + self._stream.probabilities.astype(np.float64)
        if good and self._stream.parts:
            self._parts.append(self._stream.parts)
        if good and self._stream.embedding is not None:
            self._embeddings += self._stream.embedding
            self._last = window

    def mean_embedding(self) -> NDArray[np.float32]:
        if not any(self.scored):
            raise AudioError(
                "The recording holds no signal to embed.",
                "sound above -90 dBFS that is not clipped",
                "Check the microphone.",
            )
        return np.asarray(self._embeddings / sum(self.scored), np.float32)

    def mean_probabilities(self) -> NDArray[np.float64] | None:
        return None if self._probabilities is None else self._probabilities / sum(self.scored)

    def probabilities(self) -> dict[str, float]:
        mean = self.mean_probabilities()
        return {} if mean is None else dict(zip(self._manifest.labels, mean.tolist(), strict=True))

    def parts(self, pool: Pool) -> dict[str, float]:
        """Each part's own worst window, or the mean of all."""
        pooled = max if pool == "max" else np.mean
        names = self._parts[0] if self._parts else ()
        return {name: float(pooled([one[name] for one in self._parts])) for name in names}

    def median_distance(self) -> float | None:
        """Of a recording that is one of the classes, most windows are near enough; one bang changes nothing."""
        distances = [v.distance for v in self.verdicts if v.distance is not None]
        return float(np.median(distances)) if distances else None

    def score(self, pool: Pool) -> float:
        if not any(self.scored):
            return 0.0
        if pool == "max":
            return self.verdicts[self._worst_end()].score
        if self._manifest.context and self._last is not None:
            return self._pooled_score(self._last, sum(self.scored))
        return float(
            np.mean([v.score for v, good in zip(self.verdicts, self.scored, strict=True) if good])
        )

    def _pooled_score(self, last: Samples, n: int) -> float:
        """Score of the mean embedding: the sum of all other windows takes the place of the context."""
        own = self._scorer.run(last, (), ["embedding"])["embedding"][0]
        context = np.zeros((1, self._manifest.context, self._manifest.dim), np.float32)
        context[0, -1] = self._embeddings - own
        found = self._scorer.engine.run(
            last[None], context=context, context_length=np.array([n - 1]), outputs=["score"]
        )
        return float(found["score"][0])

    def _worst_end(self) -> int:
        manifest = self._manifest
        if not manifest.context:
            every = [index for index, good in enumerate(self.scored) if good]
            return max(every, key=lambda index: self.verdicts[index].score)
        step = manifest.context + -(-manifest.window_samples // manifest.hop_samples)
        ends = block_ends(self.scored, context=manifest.context, step=step)
        return max(ends, key=lambda index: self.verdicts[index].score)

    def worst_stretch(self, rule: str) -> tuple[float, float]:
        """The at most ten seconds that best show why, without what was not scored."""
        peak = max(range(len(self.verdicts)), key=lambda index: self.verdicts[index].ratio)
        last = self._worst_end() if rule == "recording" else peak
        end_s = self.verdicts[last].end_s
        first = last
        if rule != "sudden":
            earliest_s = end_s - EXPLAINED_S - _ROUNDING_S
            while (
                first and self.scored[first - 1] and self.verdicts[first - 1].start_s >= earliest_s
            ):
                first -= 1
        return self.verdicts[first].start_s, end_s


def _cut(samples: Samples, rate_hz: int, start_s: float, end_s: float | None) -> Samples:
    end = None if end_s is None else round(end_s * rate_hz)
    return samples[round(start_s * rate_hz) : end]


def _health(window: Samples, rate_hz: int) -> tuple[State, float]:
    if not np.all(np.isfinite(window)):
        return "unreliable", float("-inf")
    found = measure(window, rate_hz)
    word = judge(found)
    if word in ("silent", "stuck"):
        return "no_signal", found.level_db
    return ("unreliable" if word == "clipped" else "normal"), found.level_db


def _name(source: Source | Sound) -> str:
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    return "sound" if isinstance(source, Sound) else getattr(source, "name", "bytes")


def load(
    path: str | os.PathLike[str], *, threads: int = 1, budget_per_day: float | None = None
) -> Scorer:
    """Load a bundle and make it ready to judge: `auscult.load`.

    Parameters
    ----------
    path
        The bundle.
    threads, budget_per_day
        See `Scorer`.
    """
    return Scorer(bundles.load(path), threads=threads, budget_per_day=budget_per_day)
