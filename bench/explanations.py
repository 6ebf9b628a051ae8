"""Whether an explanation covers the fault that it explains: in time, in frequency, and in words.

200 recordings of ten seconds of simulated machines, each with one fault of 1 to 6 s whose kind, time, band and strength are
drawn at random and known; added faults stand 6 dB above what the machine itself does in their band at that time (a
dropout takes 20 to 50 dB away and has no such level). Each machine was learned from ten minutes of other sound of it.

An explanation covers its fault if intersection over union is at least 0.3 in time and also in mel bands (those of the
bundle whose centre lies inside). It is asked for every recording, and counted apart for those that are judged anomalous,
as these are the ones that come with an explanation.

    python bench/explanations.py
    python bench/explanations.py --cases 50 --seed 7 --json explanations.json
"""

import argparse
import json
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from auscult.audio.sound import Sound
from auscult.audio.synth import MACHINES, FaultSpan, MachineName, render, truth
from auscult.datasets.simulate import random_fault
from auscult.errors import AuscultWarning
from auscult.live.demo import learn_machine
from auscult.runtime.scorer import Scorer
from auscult.runtime.verdict import Explanation
from machine import machine_line

SECONDS = 10.0
SHORTEST_S, LONGEST_S = 1.0, 6.0
LEARNED_MINUTES, LEARNED_SEED = 10, 1
HEALTHY = 50

IOU = 0.3
GATE = 0.9
SLOWEST_MS = 30.0


@dataclass(frozen=True, kw_only=True)
class Case:
    """A recording, and what is wrong with it."""

    machine: MachineName
    fault: FaultSpan
    sound: Sound


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How well a case was explained; `told` is what came with the verdict, if it was an anomaly."""

    machine: MachineName
    kind: str
    time_iou: float
    band_iou: float
    told: bool | None
    words: tuple[str, ...]
    milliseconds: float

    @property
    def covered(self) -> bool:
        """Both overlaps are large enough."""
        return min(self.time_iou, self.band_iou) >= IOU


def draw(seed: int, number: int, snr_db: float) -> Case:
    """One case; the same numbers give the same case, however many there are."""
    rng = np.random.default_rng((seed, number))
    name: MachineName = list(MACHINES)[rng.integers(len(MACHINES))]
    machine = MACHINES[name]()
    duration_s = round(float(rng.uniform(SHORTEST_S, LONGEST_S)), 3)
    start_s = round(float(rng.uniform(0.0, SECONDS - duration_s)), 3)
    drawn = random_fault(rng, SECONDS, snr_db)
    fault = replace(drawn, start_s=start_s, duration_s=duration_s)
    own_seed = int(rng.integers(10_000, 2**31))  # never the one that was learned
    sound = render(machine, seconds=SECONDS, seed=own_seed, faults=[fault])
    return Case(machine=name, fault=truth(machine, [fault])[0], sound=sound)


def healthy(number: int) -> tuple[MachineName, Sound]:
    """A recording with nothing wrong."""
    name: MachineName = list(MACHINES)[number % len(MACHINES)]
    return name, render(MACHINES[name](), seconds=SECONDS, seed=5000 + number)


def time_overlap(found: Explanation, fault: FaultSpan) -> float:
    """Intersection over union of the two stretches of time."""
    both = min(found.end_s, fault.end_s) - max(found.start_s, fault.start_s)
    either = max(found.end_s, fault.end_s) - min(found.start_s, fault.start_s)
    return max(both, 0.0) / either


def band_overlap(found: Explanation, fault: FaultSpan, centres_hz: np.ndarray) -> float:
    """Intersection over union of the two sets of mel bands."""
    one, other = (
        (centres_hz >= span.low_hz) & (centres_hz <= span.high_hz) for span in (found, fault)
    )
    return float(np.sum(one & other) / max(np.sum(one | other), 1))


def judge(case: Case, scorer: Scorer) -> Outcome:
    """Explain a case, asked and unasked."""
    centres_hz = np.array([centre for _, centre, _ in scorer.bundle.manifest.bands_hz])
    before = time.process_time()
    found = scorer.explain_samples(case.sound.samples, 0.0)
    milliseconds = 1000.0 * (time.process_time() - before)
    assert found is not None
    verdict = scorer.score(case.sound)
    told = verdict.explanation
    outcome = Outcome(
        machine=case.machine,
        kind=case.fault.kind,
        time_iou=time_overlap(found, case.fault),
        band_iou=band_overlap(found, case.fault, centres_hz),
        told=None,
        words=found.kinds,
        milliseconds=milliseconds,
    )
    if told is None:
        return outcome
    overlaps = (time_overlap(told, case.fault), band_overlap(told, case.fault, centres_hz))
    return replace(outcome, told=min(overlaps) >= IOU)


def wilson(k: int, n: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson, 1927)."""
    if not n:
        return 0.0, 1.0
    z = 1.96
    middle = (k + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * np.sqrt(k * (n - k) / n + z**2 / 4)
    return float(max(middle - half, 0.0)), float(min(middle + half, 1.0))


def share(of: list[Outcome]) -> dict[str, float]:
    """What a row of the table says."""
    judged = [one for one in of if one.told is not None]
    return {
        "n": len(of),
        "judged_anomalous": len(judged) / max(len(of), 1),
        "time_iou_median": float(np.median([one.time_iou for one in of])),
        "band_iou_median": float(np.median([one.band_iou for one in of])),
        "covered": sum(one.covered for one in of) / max(len(of), 1),
        "covered_where_told": sum(bool(one.told) for one in judged) / max(len(judged), 1),
    }


def grouped(
    of: list[Outcome], key: Callable[[Outcome], str]
) -> Iterator[tuple[str, list[Outcome]]]:
    for name in sorted({key(one) for one in of}):
        yield name, [one for one in of if key(one) == name]


def table_of(outcomes: list[Outcome], snr_db: float) -> Table:
    low, high = wilson(sum(one.covered for one in outcomes), len(outcomes))
    table = Table(
        title=f"{len(outcomes)} faults at {snr_db:g} dB: overlap of explanation and fault",
        caption=f"all: {100 * low:.1f} to {100 * high:.1f} % (95 % interval, Wilson)",
    )
    for heading in ("", "n", "judged\nanomalous", "time IoU\nmedian", "band IoU\nmedian"):
        table.add_column(heading)
    table.add_column(f"both ≥ {IOU}")
    table.add_column(f"both ≥ {IOU}\nwhere told")
    sections = (
        grouped(outcomes, lambda one: one.kind),
        grouped(outcomes, lambda one: one.machine),
        iter(
            [("all", outcomes), ("all but dropouts", [o for o in outcomes if o.kind != "dropout"])]
        ),
    )
    for section in sections:
        for name, members in section:
            row = share(members)
            table.add_row(
                name,
                str(row["n"]),
                f"{row['judged_anomalous']:.0%}",
                f"{row['time_iou_median']:.2f}",
                f"{row['band_iou_median']:.2f}",
                f"{row['covered']:.1%}",
                f"{row['covered_where_told']:.1%}",
            )
        table.add_section()
    return table


def words_table(outcomes: list[Outcome]) -> Table:
    table = Table(title="First word of the explanation, by fault (cases)")
    counts = {
        kind: Counter(one.words[0] if one.words else "none" for one in members)
        for kind, members in grouped(outcomes, lambda one: one.kind)
    }
    words = [word for word, _ in sum(counts.values(), Counter()).most_common()]
    for heading in ("fault", *words):
        table.add_column(heading)
    for kind, count in counts.items():
        table.add_row(kind, *(str(count[word]) if count[word] else "·" for word in words))
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--snr-db", type=float, default=6.0)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", AuscultWarning)
    console, progress = Console(width=120), Console(stderr=True)
    scorers = {
        name: Scorer(
            learn_machine(
                name, minutes=LEARNED_MINUTES, seed=LEARNED_SEED, budget_per_day=1.0, progress=None
            ).bundle
        )
        for name in track(MACHINES, "learning", console=progress)
    }
    outcomes = []
    for number in track(range(arguments.cases), "explaining", console=progress):
        case = draw(arguments.seed, number, arguments.snr_db)
        outcomes.append(judge(case, scorers[case.machine]))
    false_alarms = sum(
        scorers[name].score(sound).is_anomaly for name, sound in map(healthy, range(HEALTHY))
    )
    covered = share(outcomes)["covered"]
    typical_ms = float(np.median([one.milliseconds for one in outcomes]))
    console.print(machine_line(), soft_wrap=True)
    console.print(table_of(outcomes, arguments.snr_db))
    console.print(words_table(outcomes))
    console.print(f"Of {HEALTHY} recordings without a fault, {false_alarms} are judged anomalous.")
    console.print(
        f"An explanation of {SECONDS:g} s takes {typical_ms:.0f} ms (median; goal {SLOWEST_MS:g} ms)."
    )
    if covered < GATE:
        console.print(f"[red]missed:[/red] {covered:.1%} of the faults covered (>= {GATE:.0%})")
    if arguments.json:
        kinds = {name: share(members) for name, members in grouped(outcomes, lambda one: one.kind)}
        plain = {"all": share(outcomes), **kinds, "cases": [asdict(one) for one in outcomes]}
        arguments.json.write_text(json.dumps(plain, indent=2))
    return 0 if covered >= GATE else 1


if __name__ == "__main__":
    sys.exit(main())
