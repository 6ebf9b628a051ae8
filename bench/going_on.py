"""What learning on while listening brings, and what it may cost: promise and count of false alarms, other faults, one that grows.

A simulated machine is learned from a minute, alone, beside another one that comes and goes, and with knocks in the background. It is listened to
for hours more, and the bundle learns on. After a minute, ten minutes, an hour and all of it: what the version of that time promises, what it
calls for in hours that it has not heard, and how well it tells faults from healthy recordings. Then a fault grows slowly: from which
pace on it is learned instead of told, beside a bundle that learns no more once the fault has begun.

    python bench/going_on.py
    python bench/going_on.py --hours 1 --paces 20
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from auscult.audio.sound import Samples, Sound
from auscult.audio.synth import MACHINES, render
from auscult.audio.window import Windower
from auscult.datasets.clip import NORMAL, Clip
from auscult.datasets.simulate import random_fault
from auscult.evaluation.metrics import auc
from auscult.live.calm import CalmStretches
from auscult.live.events import EventTracker, Patience
from auscult.memory.going_on import Listened, grown, is_due
from auscult.memory.learn import learn_clips
from auscult.memory.trace import Judging, Trace, ears_of, judging
from auscult.runtime.bundle import Bundle
from auscult.runtime.decision import Decider
from auscult.runtime.scorer import Scorer
from auscult.runtime.verdict import Verdict
from machine import machine_line

RATE_HZ, BLOCK_S = 16_000, 600
HOUR = 3600
MARKS_S = (60, 600, HOUR)
WANDER_DB, WANDER_S = 2.0, 120.0
KNOCKS_PER_HOUR = 20.0
TESTED, SNR_DB = 40, 6.0
FROM_DB, TO_DB = -35.0, 0.0

Rows = tuple[NDArray[np.float32], NDArray[np.float64]]
Blocks = Callable[[int], Samples]


# --- Sound, in blocks of ten minutes


def alone(seed: int) -> Blocks:
    """A fan and nothing else."""

    def block(number: int) -> Samples:
        start_s = float(number * BLOCK_S)
        return render(MACHINES["fan"](), seconds=BLOCK_S, seed=seed, start_s=start_s).samples

    return block


def beside(seed: int) -> Blocks:
    """A pump is heard as well, by turns louder and softer."""
    own = alone(seed)

    def block(number: int) -> Samples:
        start_s = float(number * BLOCK_S)
        other = render(MACHINES["pump"](), seconds=BLOCK_S, seed=seed + 1, start_s=start_s).samples
        rng = np.random.default_rng((seed, number))
        keep = np.exp(-1.0 / WANDER_S)
        level_db, levels_db = WANDER_DB * rng.standard_normal(), []
        for step in rng.standard_normal(BLOCK_S):
            level_db = keep * level_db + np.sqrt(1.0 - keep**2) * WANDER_DB * step
            levels_db.append(level_db)
        times_s = np.arange(len(other)) / RATE_HZ
        gain_db = np.interp(times_s, np.arange(BLOCK_S), levels_db) - 6.0
        return (own(number) + other * 10.0 ** (gain_db / 20.0)).astype(np.float32)

    return block


def knocks(seed: int) -> Blocks:
    """Somebody drops something, twenty times an hour."""
    own = alone(seed)

    def block(number: int) -> Samples:
        sound = own(number).copy()
        rng = np.random.default_rng((seed, number))
        level = float(np.sqrt(np.mean(sound**2)))
        for _ in range(rng.poisson(KNOCKS_PER_HOUR * BLOCK_S / HOUR)):
            n = int(rng.uniform(0.1, 1.0) * RATE_HZ)
            at = int(rng.integers(len(sound) - n))
            fading = np.exp(-np.arange(n) / (0.2 * n))
            loud = level * rng.exponential(1.0)
            sound[at : at + n] += (loud * fading * rng.standard_normal(n)).astype(np.float32)
        return sound

    return block


SCENES = {"alone": alone, "beside another": beside, "knocks": knocks}


def heard(scorer: Scorer, sounds: Iterator[Samples]) -> Rows:
    """Embedding and level of each window; they do not depend on what was learned."""
    manifest = scorer.bundle.manifest
    windower = Windower(manifest.window_samples, manifest.hop_samples)
    stream, rows, levels = scorer.stream(), [], []
    for sound in sounds:
        for first, window in windower.feed(sound):
            levels.append(stream.judge(window, first / RATE_HZ).level_db)
            rows.append(stream.embedding)
    return np.stack(rows), np.array(levels)


# --- Listening


class Ear:
    """Judges rows by a bundle, in turn."""

    def __init__(self, bundle: Bundle) -> None:
        calibration = bundle.manifest.calibration
        self.bundle, self.ears = bundle, ears_of(bundle)
        self._judge: Judging = judging(bundle)
        self._decider = Decider(calibration.thresholds())
        self._tracker = EventTracker(Patience())
        self._before = np.zeros((0, bundle.manifest.dim), np.float32)

    def verdicts(self, rows: Rows, first_s: float) -> Iterator[tuple[Verdict, bool]]:
        """Of each window, and whether an event begins with it."""
        embeddings, levels = rows
        known = len(self._before)
        whole = np.concatenate([self._before, embeddings])
        judged = self._judge(Trace(ears=self.ears, embeddings=whole))
        self._before = whole[-self.bundle.manifest.context :]
        for k, level_db in enumerate(levels):
            score, fast = float(judged.scores[known + k]), float(judged.fast_scores[known + k])
            decision = self._decider.push({"score": score, "fast_score": fast})
            verdict = Verdict(
                start_s=first_s + k,
                end_s=first_s + k + 2.0,
                score=score,
                fast_score=fast,
                ratio=decision.ratio,
                rule=decision.rule,
                state="anomaly" if decision.over else "normal",
                holding=decision.holding,
                since_s=first_s + k if decision.over else None,
                level_db=float(level_db),
            )
            told = self._tracker.update(verdict)
            yield verdict, any(one.status == "begun" for one in told)


@dataclass(kw_only=True, eq=False)
class Listening:
    """A bundle that is listened with, and learns on unless it is told not to."""

    bundle: Bundle
    learns: bool = True
    events: int = 0
    first_event_s: float | None = None
    steady_s: float | None = None
    versions: int = 0

    def __post_init__(self) -> None:
        self._take(self.bundle)

    def _take(self, bundle: Bundle) -> None:
        self.bundle, self._ear, self._peaks = bundle, Ear(bundle), {}
        self._calm = CalmStretches(bundle.manifest.calibration, hop_s=1.0)
        self._listened = Listened(ears=self._ear.ears, since=bundle.manifest.data.sha256)

    def hear(self, rows: Rows, first_s: float) -> None:
        """Some minutes more; what alarms is called real by nobody."""
        limits = {one.name: one.limit for one in self.bundle.manifest.calibration.thresholds()}
        alarms = 0
        for (verdict, begins), row in zip(self._ear.verdicts(rows, first_s), rows[0], strict=True):
            alarms += verdict.state == "anomaly"
            if begins:
                self.events += 1
                self._peaks.setdefault(verdict.rule, []).append(
                    verdict.ratio * limits[verdict.rule]
                )
                self.first_event_s = (
                    verdict.start_s if self.first_event_s is None else self.first_event_s
                )
            for calm in self._calm.hear(verdict, row, is_fit=True):
                self._listened.add(calm, hop_s=1.0)
        if self.steady_s is None and alarms > len(rows[0]) / 2:
            self.steady_s = first_s
        heard_s, found = self.bundle.manifest.data.seconds, self._listened
        is_wanted = self.learns and is_due(heard_s=heard_s, listened_s=found.seconds)
        if is_wanted and found.is_steady:
            self._take(grown(self.bundle, found, called=self._peaks, name="later"))
            self.versions += 1


# --- Promise and count


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the version of some time promises, and does."""

    scene: str
    listened_s: int
    heard_s: float
    promised_per_day: float
    counted: int
    counted_h: float
    counted_per_day: float
    auc: float
    found: float


def outcomes_of(scene: str, hours: float, counted_h: float, seed: int) -> Iterator[Outcome]:
    """A version for each mark."""
    blocks = SCENES[scene](seed)
    minute = Sound(samples=blocks(0)[: 60 * RATE_HZ], rate_hz=RATE_HZ)
    clip = Clip(path=Path("minute"), label=NORMAL, group="minute", sound=minute)
    bundle = learn_clips([clip], name=scene).bundle
    scorer = Scorer(bundle)
    n, n_count = round(hours * HOUR / BLOCK_S), round(counted_h * HOUR / BLOCK_S)
    rows = heard(scorer, map(blocks, range(1, n + 1)))
    later = heard(scorer, map(blocks, range(n + 1, n + n_count + 1)))
    tests = _tests(blocks, seed)
    listening, at, left = Listening(bundle=bundle), 0, [*MARKS_S, round(hours * HOUR)]
    while left:
        if at + 60 >= left[0] or at >= len(rows[0]):
            counted = _counted(listening.bundle, later)
            yield _outcome((scene, left.pop(0)), listening.bundle, (counted, counted_h), tests)
            continue
        part = slice(at, at + 60)
        listening.hear((rows[0][part], rows[1][part]), float(at))
        at += 60


def _tests(blocks: Blocks, seed: int) -> tuple[list[Sound], list[Sound]]:
    """Healthy recordings of the scene, and those with a fault in them."""
    rng = np.random.default_rng(seed + 99)
    healthy, faulty = [], []
    bases = [blocks(1000 + number) for number in range(-(-TESTED // 20))]
    for number in range(TESTED):
        base = bases[number // 20]
        at = (number % 20) * 30 * RATE_HZ
        normal = base[at : at + 10 * RATE_HZ]
        fault = random_fault(rng, 10.0, SNR_DB)
        machine = MACHINES["fan"]()
        own, broken = (
            render(machine, seconds=10.0, seed=number + 5000, faults=faults).samples
            for faults in ([], [fault])
        )
        other = base[at + 15 * RATE_HZ : at + 25 * RATE_HZ]
        healthy.append(Sound(samples=normal, rate_hz=RATE_HZ))
        faulty.append(Sound(samples=(other + broken - own).astype(np.float32), rate_hz=RATE_HZ))
    return healthy, faulty


def _counted(bundle: Bundle, later: Rows) -> int:
    """Events that a version tells in hours that it has not heard."""
    frozen = Listening(bundle=bundle, learns=False)
    for at in range(0, len(later[0]), HOUR):
        frozen.hear((later[0][at : at + HOUR], later[1][at : at + HOUR]), float(at))
    return frozen.events


def _outcome(
    when: tuple[str, int],
    bundle: Bundle,
    counted: tuple[int, float],
    tests: tuple[list[Sound], list[Sound]],
) -> Outcome:
    events, hours = counted
    scorer = Scorer(bundle)
    normal, broken = ([scorer.score(one, explain=False) for one in part] for part in tests)
    return Outcome(
        scene=when[0],
        listened_s=when[1],
        heard_s=bundle.manifest.data.seconds,
        promised_per_day=bundle.manifest.calibration.promised_per_day,
        counted=events,
        counted_h=hours,
        counted_per_day=events * 24.0 / hours,
        auc=auc([one.score for one in normal], [one.score for one in broken]),
        found=float(np.mean([one.is_anomaly for one in broken])),
    )


# --- A fault that grows


@dataclass(frozen=True, kw_only=True)
class Growth:
    """A fault of some pace, to a bundle that learns on and to one that does not: its first event, and when it alarms most of a minute."""

    db_per_hour: float
    hours: float
    learning_db: tuple[float | None, float | None]
    fixed_db: tuple[float | None, float | None]
    versions: int


def growth_of(db_per_hour: float, seed: int) -> Growth:
    """After an hour of listening a hiss begins, far below the machine, and grows until it is as loud."""
    blocks = alone(seed)
    usual = [blocks(number) for number in range(7)]
    minute = Sound(samples=usual[0][: 60 * RATE_HZ], rate_hz=RATE_HZ)
    clip = Clip(path=Path("minute"), label=NORMAL, group="minute", sound=minute)
    bundle = learn_clips([clip], name="fan").bundle
    scorer = Scorer(bundle)
    learning = Listening(bundle=bundle)
    _listen(learning, heard(scorer, iter(usual[1:])), 0.0)
    fixed = Listening(bundle=learning.bundle, learns=False)
    learning.first_event_s = learning.steady_s = None
    level = float(np.sqrt(np.mean(usual[0] ** 2)))
    hours, first_s = (TO_DB - FROM_DB) / db_per_hour, float(HOUR)
    for number in range(round(hours * HOUR / BLOCK_S)):
        times_h = (number * BLOCK_S + np.arange(BLOCK_S * RATE_HZ) / RATE_HZ) / HOUR
        hiss = _hiss(np.random.default_rng((seed, number)), BLOCK_S * RATE_HZ)
        grown_db = FROM_DB + db_per_hour * times_h
        # Never sound that was learned: it would show a fault long before others do.
        sound = blocks(len(usual) + number) + level * 10.0 ** (grown_db / 20.0) * hiss
        rows = heard(scorer, iter([sound.astype(np.float32)]))
        for one in (learning, fixed):
            _listen(one, rows, first_s)
        first_s += BLOCK_S
        if learning.steady_s is not None and fixed.steady_s is not None:
            break

    def grown_to(at_s: float | None) -> float | None:
        return None if at_s is None else FROM_DB + db_per_hour * (at_s / HOUR - 1.0)

    return Growth(
        db_per_hour=db_per_hour,
        hours=hours,
        learning_db=(grown_to(learning.first_event_s), grown_to(learning.steady_s)),
        fixed_db=(grown_to(fixed.first_event_s), grown_to(fixed.steady_s)),
        versions=learning.versions,
    )


def _listen(listening: Listening, rows: Rows, first_s: float) -> None:
    for at in range(0, len(rows[0]), 60):
        listening.hear((rows[0][at : at + 60], rows[1][at : at + 60]), first_s + at)


def _hiss(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    """Noise of 2 to 4 kHz with an RMS of 1."""
    spectrum = np.fft.rfft(rng.standard_normal(n))
    hz = np.fft.rfftfreq(n, 1.0 / RATE_HZ)
    spectrum[(hz < 2000.0) | (hz > 4000.0)] = 0.0
    noise = np.fft.irfft(spectrum, n)
    return np.asarray(noise / np.sqrt(np.mean(noise**2)))


def main() -> int:
    """Measure, and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=4.0)
    parser.add_argument("--count-hours", type=float, default=8.0)
    parser.add_argument("--scenes", nargs="*", choices=list(SCENES), default=list(SCENES))
    parser.add_argument("--paces", nargs="*", type=float, default=[20.0, 10.0, 5.0, 2.5])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    wanted = parser.parse_args()
    outcomes = [
        one
        for scene in wanted.scenes
        for one in outcomes_of(scene, wanted.hours, wanted.count_hours, wanted.seed)
    ]
    growths = [growth_of(pace, wanted.seed) for pace in wanted.paces]
    _print(outcomes, growths)
    if wanted.json is not None:
        plain = {"outcomes": [asdict(o) for o in outcomes], "growths": [asdict(g) for g in growths]}
        wanted.json.write_text(json.dumps(plain, indent=1))
    return 0


def _print(outcomes: list[Outcome], growths: list[Growth]) -> None:
    console = Console(width=120)
    table = Table(title="Learned from a minute, and on while listening", caption=machine_line())
    for name in ("scene", "listened", "learned", "promised a day", "counted a day", "AUC", "found"):
        table.add_column(name, justify="left" if name == "scene" else "right")
    for one in outcomes:
        table.add_row(
            one.scene,
            f"{one.listened_s / 60:.0f} min",
            f"{one.heard_s / 60:.0f} min",
            f"{one.promised_per_day:.1f}",
            f"{one.counted_per_day:.1f} ({one.counted} in {one.counted_h:g} h)",
            f"{one.auc:.3f}",
            f"{100.0 * one.found:.0f} %",
        )
    console.print(table)
    table = Table(
        title="A hiss that grows, against the machine: at its first event / when most of a minute alarms"
    )
    for name in ("dB an hour", "hours", "learning on", "learning no more", "versions"):
        table.add_column(name, justify="right")
    for growth in growths:
        told = [
            " / ".join("never" if db is None else f"{db:+.0f} dB" for db in found)
            for found in (growth.learning_db, growth.fixed_db)
        ]
        table.add_row(f"{growth.db_per_hour:g}", f"{growth.hours:.1f}", *told, f"{growth.versions}")
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
