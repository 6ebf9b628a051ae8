"""Whether "this was normal" is heard: the same sound does not alert again, and other faults are found as before.

A simulated machine is learned, and a sound is added to it that raises an alarm. Of that only the trace is kept: how the
bundle heard the windows around the alarm. It is allowed. Then the same sound is recorded again, three times: another hour of the machine's
life, another moment, and 6 dB softer, as loud, and 6 dB louder against the machine. Counted are the recordings that still alert, of those
that did before. Other faults, of other kinds, are scored by both bundles against healthy recordings.

    python bench/feedback.py
    python bench/feedback.py --cases 40 --json feedback.json
"""

import argparse
import json
import sys
import warnings
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from auscult.audio.sound import Sound
from auscult.audio.synth import MACHINES, Dropout, Fault, MachineName, render
from auscult.audio.window import windows
from auscult.datasets.simulate import random_fault
from auscult.errors import AuscultWarning
from auscult.evaluation.metrics import auc
from auscult.live.demo import learn_machine
from auscult.live.traces import Strange
from auscult.memory.allow import allow_trace
from auscult.memory.trace import Trace, ears_of
from auscult.runtime.scorer import Scorer
from machine import machine_line

SECONDS = 30.0
LEARNED_MINUTES, LEARNED_SEED = 10, 1
SNR_DB = 9.0
CHANGES_DB = (-6.0, 0.0, 6.0)
HEALTHY, OTHERS = 30, 30


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of one sound that was allowed."""

    machine: str
    kind: str
    alerted_before: dict[str, bool]
    alerted_after: dict[str, bool]
    auc_before: float
    auc_after: float
    found_before: float
    found_after: float


def main() -> int:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    wanted = parser.parse_args()
    outcomes = list(outcomes_of(wanted.cases, wanted.seed))
    _print(outcomes)
    if wanted.json is not None:
        wanted.json.write_text(json.dumps([asdict(one) for one in outcomes], indent=1))
    return 0


def outcomes_of(cases: int, seed: int = 0) -> list[Outcome]:
    """As many sounds, on all machines in turn; those that raise no event are drawn again."""
    rng = np.random.default_rng(seed)
    grounds = {name: _Ground(name, rng) for name in MACHINES}
    outcomes: list[Outcome] = []
    for number in track(range(cases), description="sounds", disable=cases < 10):
        ground = grounds[list(MACHINES)[number % len(MACHINES)]]
        found = None
        while found is None:
            found = ground.tried(rng)
        outcomes.append(found)
    return outcomes


class _Ground:
    """A machine that was learned, and recordings of it to compare bundles on."""

    def __init__(self, name: MachineName, rng: np.random.Generator) -> None:
        self._name = name
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AuscultWarning)
            learned = learn_machine(
                name, minutes=LEARNED_MINUTES, seed=LEARNED_SEED, budget_per_day=1.0, progress=None
            )
        bundle = learned.bundle
        self._scorer = Scorer(bundle)
        self._ears = ears_of(bundle)
        self._healthy = [self._recorded(rng, None, 10.0) for _ in range(HEALTHY)]
        faults = [random_fault(rng, 10.0, SNR_DB) for _ in range(OTHERS)]
        self._others = [(one.kind, self._recorded(rng, one, 10.0)) for one in faults]

    def tried(self, rng: np.random.Generator) -> Outcome | None:
        """What comes of a sound; `None` if it raises no event."""
        fault = random_fault(rng, SECONDS, SNR_DB)
        trace = _heard(self._scorer, self._recorded(rng, fault, SECONDS), self._ears)
        if trace is None:
            return None
        allowed = allow_trace(self._scorer.bundle, trace, name="it")
        scorers = (self._scorer, Scorer(allowed.bundle))
        again = {f"{change:+.0f}": self._again(rng, fault, change) for change in CHANGES_DB}
        before, after = (
            {name: _heard(scorer, sound, self._ears) is not None for name, sound in again.items()}
            for scorer in scorers
        )
        (was, found), (now, still_found) = (self._others_found(one, fault.kind) for one in scorers)
        return Outcome(
            machine=self._name,
            kind=fault.kind,
            alerted_before=before,
            alerted_after=after,
            auc_before=was,
            auc_after=now,
            found_before=found,
            found_after=still_found,
        )

    def _again(self, rng: np.random.Generator, fault: Fault, change_db: float) -> Sound:
        length_s = fault.end_s - fault.start_s
        start_s = float(rng.uniform(1.0, SECONDS - length_s - 1.0))
        moved = replace(fault, start_s=start_s)
        if not isinstance(moved, Dropout):
            moved = replace(moved, snr_db=SNR_DB + change_db)
        return self._recorded(rng, moved, SECONDS)

    def _recorded(self, rng: np.random.Generator, fault: Fault | None, seconds: float) -> Sound:
        faults = [] if fault is None else [fault]
        seed = int(rng.integers(10, 2**31))
        return render(MACHINES[self._name](), seconds=seconds, seed=seed, faults=faults)

    def _others_found(self, scorer: Scorer, but_kind: str) -> tuple[float, float]:
        """AUC of faults of other kinds, and the part of them that is judged an anomaly."""
        faulty = [sound for kind, sound in self._others if kind != but_kind]
        normal, others = (
            [scorer.score(sound, explain=False) for sound in sounds]
            for sounds in (self._healthy, faulty)
        )
        area = auc([one.score for one in normal], [one.score for one in others])
        return area, float(np.mean([one.is_anomaly for one in others]))


def _heard(scorer: Scorer, sound: Sound, ears: str) -> Trace | None:
    """What is kept of a recording that raises an alarm; `None` if it raises none."""
    manifest = scorer.bundle.manifest
    stream, strange, is_alarm = scorer.stream(), Strange(ears), False
    for window in windows(sound.samples, manifest.window_samples, manifest.hop_samples):
        verdict = stream.judge(window, 0.0)
        strange.hear(verdict, stream.embedding)
        is_alarm = is_alarm or verdict.state == "anomaly"
    return strange.trace() if is_alarm else None


def _print(outcomes: list[Outcome]) -> None:
    table = Table(title=f"{len(outcomes)} sounds allowed by their traces", caption=machine_line())
    for name in ("heard again", "alerted before", "of these silent now"):
        table.add_column(name, justify="left" if name == "heard again" else "right")
    for change in CHANGES_DB:
        name = f"{change:+.0f}"
        _add_row(table, f"{name} dB", [one for one in outcomes if one.kind != "dropout"], [name])
    dropouts = [one for one in outcomes if one.kind == "dropout"]
    _add_row(
        table, "dropouts, which have no level", dropouts, [f"{one:+.0f}" for one in CHANGES_DB]
    )
    lost = 100.0 * np.array([one.auc_before - one.auc_after for one in outcomes])
    before = 100.0 * np.mean([one.auc_before for one in outcomes])
    console = Console(width=110)
    console.print(table)
    console.print(
        f"Other faults: AUC {before:.1f} before; {lost.mean():.2f} points less on average, at most {lost.max():.2f};"
        f" within one point in {100.0 * np.mean(lost <= 1.0):.1f} % of the cases."
    )
    found = [
        100.0 * np.mean([getattr(one, f"found_{when}") for one in outcomes])
        for when in ("before", "after")
    ]
    console.print(
        f"Judged an anomaly: {found[0]:.1f} % of other faults before, {found[1]:.1f} % after."
    )


def _add_row(table: Table, title: str, outcomes: list[Outcome], again: list[str]) -> None:
    told = [
        one.alerted_after[name] for one in outcomes for name in again if one.alerted_before[name]
    ]
    silent = 100.0 * told.count(False) / max(len(told), 1)
    table.add_row(title, f"{len(told)}", f"{silent:.1f} %")


if __name__ == "__main__":
    sys.exit(main())
