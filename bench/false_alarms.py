"""How well limits hold a budget of false alarms, and what they still find, on simulated streams of features.

Learns from 1 min, 10 min or 1 h of normal sound, listens to ten hours more, counts false events as the product does, and
adds faults on eight adjacent bands at random times: +1, +2, +3 σ that last, and a knock of one second. The product's own
distance, cross-fit, votes and limits run beside limits that are set by habit. Ends with 1 where the product misses its goal.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import get_args

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from auscult.memory import blocks, rules
from auscult.memory.memorise import Memory, memorise
from auscult.memory.rules import SUDDEN, SUSTAINED, Ballot, window_rule
from auscult.runtime.calibration import RELEASE_PART, Calibration, Statistic, voted_by_stretch
from auscult.runtime.decision import Threshold, voted
from feature_streams import (
    FAULT_BANDS,
    GATED,
    REPORTED,
    Array,
    Scenario,
    Stream,
    Windows,
    chance,
    fault_bands,
)
from machine import machine_line

BUDGET_PER_HOUR = 1.0
LEARNED_S = {"1 min": 60, "10 min": 600, "1 h": 3600}
HEARD_BEFORE_S = max(LEARNED_S.values())

PRODUCT = "product"
GATED_LEARNED, GATED_ROW, GATED_FAULT = "1 h", PRODUCT, "+3 σ"
GATED_SHARE, GATED_FOUND, GATED_WITHIN_S = 0.90, 0.95, 30

CONTEXT = 8
RECORDINGS = "recordings"
MERGE_S = 10
FAULT_S = 120
FAULTS_PER_RUN = 30
# Name: how many σ, for how many seconds.
FAULTS = {
    "+1 σ": (1.0, FAULT_S),
    "+2 σ": (2.0, FAULT_S),
    "+3 σ": (3.0, FAULT_S),
    "+10 σ for 1 s": (10.0, 1),
}

Scores = dict[str, Array]


# --- Learning: the single window, and the mean of ten seconds


@dataclass(frozen=True, kw_only=True, eq=False)
class Heard:
    """Learned from normal sound as the product learns: windows, memory, and the seconds that they came from."""

    windows: blocks.Windows
    memory: Memory
    heard_s: float

    def held_out(self, statistic: Statistic) -> tuple[Array, NDArray[np.int64]]:
        """Held-out scores, and the stretch of each."""
        if statistic == "score":
            return self.memory.context_scores, self.windows.stretch[self.memory.context_at]
        return self.memory.window_scores, self.windows.stretch

    def statistics(self, ballot: Ballot) -> Array:
        """Held-out decision statistics."""
        held_out = self.held_out(ballot.statistic)
        return voted_by_stretch(*held_out, votes=ballot.votes, of=ballot.of)[0]

    @property
    def calibration(self) -> Calibration:
        """All rules of the product."""
        return rules.calibrate(
            self.windows, self.memory, hop_s=1.0, heard_s=self.heard_s
        ).with_budget(BUDGET_PER_HOUR * 24.0)

    def scores(self, windows: Array) -> Scores:
        """Scores of windows, shape (..., windows, dim); the ten-second score is 0 until so much was heard."""
        flat = windows.reshape(-1, windows.shape[-1])
        means = running_mean(windows)
        ten_seconds = np.zeros(windows.shape[:-1])
        ten_seconds[..., CONTEXT:] = self.memory.block(means.reshape(-1, means.shape[-1])).reshape(
            means.shape[:-1]
        )
        # A recording is judged at its end: one of ten seconds after the other, the first from the ninth window on.
        length = CONTEXT + 1 + self.windows.overlap
        ends = (np.arange(windows.shape[-2]) - CONTEXT) % length == length - 1
        return {
            "fast_score": self.memory.window(flat).reshape(windows.shape[:-1]),
            "score": ten_seconds,
            RECORDINGS: np.where(ends, ten_seconds, 0.0),
        }


def running_mean(windows: Array) -> Array:
    """Mean of each window and the eight before it, from the ninth on."""
    total = np.cumsum(windows, axis=-2)
    ends = total[..., CONTEXT:, :].copy()
    ends[..., 1:, :] -= total[..., : -CONTEXT - 1, :]
    return ends / (CONTEXT + 1)


def hear(normal: Array, kind: Windows) -> Heard:
    one = np.zeros(len(normal), np.int64)
    windows = blocks.Windows(
        embeddings=normal,
        recording=one,
        stretch=one,
        context=CONTEXT,
        overlap=int(kind == "overlapping"),
    )
    # Overlapping windows are one fewer than seconds.
    return Heard(
        windows=windows, memory=memorise(windows), heard_s=float(len(normal) + windows.overlap)
    )


# --- Limits


WINDOW = Ballot(name="window", statistic="fast_score", votes=1, of=1)
FEW_WINDOWS = Ballot(name="few", statistic="fast_score", votes=5, of=9)
TEN_SECONDS = Ballot(name="ten", statistic="score", votes=1, of=1)
LASTING = Ballot(name="lasting", statistic="score", votes=15, of=18)
QUICK = replace(FEW_WINDOWS, share=0.9)
SUDDEN_LIGHT = replace(SUDDEN, heavy_tail=False)

Limits = tuple[Threshold, ...]


def by_product(heard: Heard) -> Limits:
    return heard.calibration.thresholds()


def by_recordings(heard: Heard) -> Limits:
    """The product's rule for recordings."""
    limit = heard.calibration.recording_limit()
    return (
        Threshold(
            name="recording", statistic=RECORDINGS, votes=1, of=1, limit=limit, release=limit
        ),
    )


def by_rules(*ballots: Ballot) -> Callable[[Heard], Limits]:
    """Limits as the product sets them, on other votes."""

    def limits(heard: Heard) -> Limits:
        overlap = heard.windows.overlap
        made = [
            window_rule(one, *heard.held_out(one.statistic), overlap=overlap, hop_s=1.0)
            for one in ballots
        ]
        return replace(heard.calibration, rules=tuple(made)).thresholds()

    return limits


def by(limit_of: Callable[[Array], float], ballot: Ballot) -> Callable[[Heard], Limits]:
    """A limit set in another way; its events end as they do in the product."""

    def limits(heard: Heard) -> Limits:
        statistics = heard.statistics(ballot)
        return (_threshold(limit_of(statistics), float(np.median(statistics)), ballot),)

    return limits


def _threshold(limit: float, median: float, vote: Ballot) -> Threshold:
    release = limit - RELEASE_PART * (limit - min(median, limit)) if limit < np.inf else limit
    return Threshold(
        name="",
        statistic=vote.statistic,
        votes=vote.votes,
        of=vote.of,
        limit=limit,
        release=release,
    )


def largest(statistics: Array) -> float:
    return float(statistics.max())


def conformal_quantile(statistics: Array) -> float:
    """Quantile with the guarantee of conformal prediction; infinite from fewer scores than the rate asks for."""
    rank = int(np.ceil((len(statistics) + 1) * (1.0 - BUDGET_PER_HOUR / 3600.0)))
    return float(np.sort(statistics)[rank - 1]) if rank <= len(statistics) else np.inf


def pareto_tail(statistics: Array, *, aim: float) -> float:
    """Generalised Pareto tail above the 90 % quantile, by probability-weighted moments (Hosking & Wallis 1987)."""
    start = float(np.quantile(statistics, 0.9))
    excess = np.sort(statistics[statistics > start] - start)
    n = len(excess)
    if n < 3:
        return largest(statistics)
    mean = float(excess.mean())
    weighted = float(excess @ (n - np.arange(1, n + 1)) / (n * (n - 1)))
    if mean - 2.0 * weighted < 1e-3 * mean:  # too equal for a fit
        return largest(statistics)
    shape = 2.0 - mean / (mean - 2.0 * weighted)
    scale = 2.0 * mean * weighted / (mean - 2.0 * weighted)
    times = n / len(statistics) / (aim * BUDGET_PER_HOUR / 3600.0)
    growth = np.log(times) if abs(shape) < 1e-6 else (times**shape - 1.0) / shape
    return float(max(start + scale * growth, start))


# --- Rows of the table


@dataclass(frozen=True, kw_only=True)
class Row:
    """One way to decide: limits from what was heard, or the vote whose best limit is looked up afterwards.

    Alarms that follow one another are one event where it `merges`; recordings are told of one by one.
    """

    name: str
    limits: Callable[[Heard], Limits] = lambda _: ()
    hindsight: Ballot | None = None
    merges: bool = True


ROWS = (
    Row(name=PRODUCT, limits=by_product),
    Row(name="recordings of 10 s", limits=by_recordings, merges=False),
    Row(name="same, sudden without tail", limits=by_rules(SUSTAINED, SUDDEN_LIGHT)),
    Row(name="5 of 9 windows, sudden", limits=by_rules(QUICK, SUDDEN)),
    Row(name="ten-second score, 1 of 1", limits=by_rules(TEN_SECONDS)),
    Row(name="largest window", limits=by(largest, WINDOW)),
    Row(name="largest, 5 of 9 windows", limits=by(largest, FEW_WINDOWS)),
    Row(name="largest, 15 of 18", limits=by(largest, LASTING)),
    Row(name="quantile, 15 of 18", limits=by(conformal_quantile, LASTING)),
    Row(name="Pareto, 15 of 18", limits=by(partial(pareto_tail, aim=1.0), LASTING)),
    Row(name="Pareto at 0.3, 15 of 18", limits=by(partial(pareto_tail, aim=0.3), LASTING)),
    Row(name="hindsight, 5 of 9 windows", hindsight=FEW_WINDOWS),
    Row(name="hindsight, ten seconds 1 of 1", hindsight=TEN_SECONDS),
    Row(name="hindsight, 15 of 18", hindsight=LASTING),
)


# --- Events and delays


def decisions(scores: Array, vote: Ballot | Threshold) -> Array:
    """Decision statistics along the last axis; minus infinity before the first vote is complete."""
    borders = [(0, 0)] * (scores.ndim - 1) + [(vote.of - 1, 0)]
    padded = np.pad(scores, borders, constant_values=-np.inf)
    statistics = voted(padded.ravel(), votes=vote.votes, of=vote.of)
    missing = np.full(padded.size - len(statistics), -np.inf)
    return np.concatenate([missing, statistics]).reshape(padded.shape)[..., vote.of - 1 :]


def decided(scores: Scores, limits: Limits) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether any rule is over its limit, and whether any holds."""
    values = [(decisions(scores[t.statistic], t), t) for t in limits]
    over = np.any([value > t.limit for value, t in values], axis=0)
    holding = np.any([value > t.release for value, t in values], axis=0)
    return over, over | holding


def n_events(over: NDArray[np.bool_], holding: NDArray[np.bool_]) -> int:
    """Events begin over a limit, go on while a rule holds, and merge with one that ended less than ten seconds before."""
    edges = np.diff(np.concatenate([[0], holding.astype(np.int8), [0]]))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    before = np.concatenate([[0], np.cumsum(over)])
    begun = before[ends] > before[starts]
    starts, ends = starts[begun], ends[begun]
    first_over = np.searchsorted(before, before[starts] + 1) - 1
    return len(starts) - int(np.sum(first_over[1:] - ends[:-1] < MERGE_S))


def n_alarms(row: Row, scores: Scores, limits: Limits) -> int:
    over, holding = decided(scores, limits)
    return n_events(over, holding) if row.merges else int(over.sum())


def delays_s(scores: Scores, limits: Limits) -> Array:
    """Seconds from the start of each fault to the end of the window that alarms; infinite if none does."""
    over = decided(scores, limits)[0][:, CONTEXT:]
    return np.where(over.any(axis=1), over.argmax(axis=1) + 1.0, np.inf)


def limits_in_hindsight(heard: Heard, scores: Scores, hours: float, vote: Ballot) -> Limits:
    """The lowest limit that would have held the budget: what a vote is worth, however limits are set."""
    values = decisions(scores[vote.statistic], vote)
    median = float(np.median(heard.statistics(vote)))
    candidates = np.sort(values[np.isfinite(values)])[::-1]
    low, high = 0, len(candidates) // 10
    while low < high:
        middle = (low + high + 1) // 2
        t = _threshold(float(candidates[middle]), median, vote)
        allowed = n_events(values > t.limit, values > t.release) <= BUDGET_PER_HOUR * hours
        low, high = (middle, high) if allowed else (low, middle - 1)
    return (_threshold(float(candidates[low]), median, vote),)


# --- One run


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One row in one run."""

    events: int
    has_limit: bool
    delays_s: dict[str, Array]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Where a result belongs."""

    windows: Windows
    scenario: str
    learned: str
    row: str


def with_faults(rng: np.random.Generator, stream: Stream, windows: Windows) -> dict[str, Array]:
    """Stretches of windows, shape (faults, 8 + 120, dim), where the ninth window is the first to hear the fault."""
    seconds = CONTEXT + FAULT_S + (windows == "overlapping")
    quiet_s = seconds - FAULT_S
    starts = rng.integers(0, len(stream.mean) - seconds, FAULTS_PER_RUN)
    heard = stream.part(starts[:, None] + np.arange(seconds))
    bands = np.stack([fault_bands(rng) for _ in starts]) * stream.sigma
    found = {}
    for name, (sigmas, lasting_s) in FAULTS.items():
        mean = heard.mean.copy()
        mean[:, quiet_s : quiet_s + lasting_s] += sigmas * bands[:, None, :]
        faulty = Stream(mean=mean, deviation=heard.deviation, sigma=heard.sigma)
        found[name] = faulty.windows(windows)
    return found


def run(
    seed: int, hours: float, scenarios: dict[str, Scenario], kinds: tuple[Windows, ...]
) -> Iterator[tuple[Cell, Outcome]]:
    """All scenarios, learning times and rows on the chance of one seed."""
    seconds = HEARD_BEFORE_S + round(hours * 3600)
    noise = chance(np.random.default_rng(seed), seconds)
    for scenario, change in scenarios.items():
        rng = np.random.default_rng([seed, *scenario.encode()])
        stream = noise.changed(change(rng, seconds, HEARD_BEFORE_S))
        later = stream.part(slice(HEARD_BEFORE_S, seconds))
        for windows in kinds:
            faulty = with_faults(rng, later, windows)
            for learned, learned_s in LEARNED_S.items():
                normal = stream.part(slice(HEARD_BEFORE_S - learned_s, HEARD_BEFORE_S))
                heard = hear(normal.windows(windows), windows)
                for row, result in listen(heard, later.windows(windows), faulty, hours):
                    yield (
                        Cell(windows=windows, scenario=scenario, learned=learned, row=row),
                        result,
                    )


def listen(
    heard: Heard, later: Array, faulty: dict[str, Array], hours: float
) -> Iterator[tuple[str, Outcome]]:
    """Judge by every row."""
    scores = heard.scores(later)
    faulty_scores = {name: heard.scores(stretches) for name, stretches in faulty.items()}
    for row in ROWS:
        limits = (
            limits_in_hindsight(heard, scores, hours, row.hindsight)
            if row.hindsight
            else row.limits(heard)
        )
        yield (
            row.name,
            Outcome(
                events=n_alarms(row, scores, limits),
                has_limit=any(t.limit < np.inf for t in limits),
                delays_s={fault: delays_s(s, limits) for fault, s in faulty_scores.items()},
            ),
        )


# --- What came out


@dataclass(frozen=True, kw_only=True)
class Summary:
    """All runs of one row: what the table shows."""

    cell: Cell
    runs: int
    within_budget: float
    events_per_hour: float
    standard_error: float
    has_limit: bool
    found_30_s: dict[str, float]
    found_120_s: dict[str, float]
    median_delay_s: dict[str, float | None]


def summarise(cell: Cell, results: list[Outcome], hours: float) -> Summary:
    rates = np.array([r.events for r in results]) / hours
    delays = {name: np.concatenate([r.delays_s[name] for r in results]) for name in FAULTS}
    return Summary(
        cell=cell,
        runs=len(results),
        within_budget=float(np.mean(rates <= BUDGET_PER_HOUR)),
        events_per_hour=float(rates.mean()),
        standard_error=float(rates.std(ddof=1) / np.sqrt(len(rates))) if len(rates) > 1 else 0.0,
        has_limit=any(r.has_limit for r in results),
        found_30_s={name: float(np.mean(d <= GATED_WITHIN_S)) for name, d in delays.items()},
        found_120_s={name: float(np.mean(d <= FAULT_S)) for name, d in delays.items()},
        median_delay_s={name: _median_of_found(d) for name, d in delays.items()},
    )


def _median_of_found(delays: Array) -> float | None:
    found = delays[delays < np.inf]
    return float(np.median(found)) if len(found) else None


PROVISIONAL = "From 1 min the product aims at the rate that so little sound supports, shows events, and calls nobody."
WINDOWS_IN_WORDS: dict[Windows, str] = {
    "apart": "windows of 1 s, apart",
    "overlapping": "windows of 2 s, one a second",
}


def table_of(windows: Windows, scenario: str, summaries: list[Summary]) -> Table:
    table = Table(
        title=f"{scenario}, {WINDOWS_IN_WORDS[windows]}: runs within {BUDGET_PER_HOUR:g} false event an hour; "
        f"faults on {FAULT_BANDS} bands found within 30 s / 120 s (median delay)",
        title_justify="left",
    )
    table.caption = PROVISIONAL
    table.caption_justify = "left"
    table.add_column("learned", no_wrap=True)
    table.add_column("limit", no_wrap=True)
    for heading in ("within", "events/h", *FAULTS):
        table.add_column(heading, justify="right", no_wrap=True)
    for learned in LEARNED_S:
        for s in summaries:
            if (s.cell.windows, s.cell.scenario, s.cell.learned) == (windows, scenario, learned):
                table.add_row(*_cells(s))
        table.add_section()
    return table


def _cells(s: Summary) -> tuple[str, ...]:
    if not s.has_limit:
        return (s.cell.learned, s.cell.row, "no limit", *["-"] * (1 + len(FAULTS)))
    return (
        s.cell.learned,
        s.cell.row,
        f"{s.within_budget:.2f}",
        f"{s.events_per_hour:.2f} ± {s.standard_error:.2f}",
        *(_found(s, name) for name in FAULTS),
    )


def _found(s: Summary, fault: str) -> str:
    delay_s = s.median_delay_s[fault]
    delay = "" if delay_s is None else f" ({delay_s:.0f} s)"
    return f"{s.found_30_s[fault]:.2f} / {s.found_120_s[fault]:.2f}{delay}"


def missed(summaries: list[Summary]) -> list[str]:
    """The goals that the product misses, in words."""
    found = []
    for s in summaries:
        gated = (s.cell.row, s.cell.learned) == (GATED_ROW, GATED_LEARNED)
        if not gated or s.cell.scenario not in GATED:
            continue
        where = f"{s.cell.scenario}, {WINDOWS_IN_WORDS[s.cell.windows]}"
        if s.within_budget < GATED_SHARE:
            found.append(f"{where}: {s.within_budget:.2f} of the runs held the budget")
        if s.found_30_s[GATED_FAULT] < GATED_FOUND:
            found.append(f"{where}: {GATED_FAULT} found in {s.found_30_s[GATED_FAULT]:.2f}")
    return found


def measure(
    seeds: int, hours: float, scenarios: dict[str, Scenario], kinds: tuple[Windows, ...]
) -> list[Summary]:
    """All seeds, one after the other; progress on stderr."""
    results: dict[Cell, list[Outcome]] = {}
    console = Console(stderr=True)
    for seed in range(seeds):
        started_s = time.perf_counter()
        for cell, result in run(seed, hours, scenarios, kinds):
            results.setdefault(cell, []).append(result)
        console.print(f"run {seed + 1} of {seeds}: {time.perf_counter() - started_s:.1f} s")
    return [summarise(cell, found, hours) for cell, found in results.items()]


def cross_check(hours: float) -> None:
    """One stream of samples for each scenario, through the listener itself."""
    from sample_streams import MACHINES, listen_to, table_of

    console = Console(stderr=True)
    heard = []
    for scenario in MACHINES:
        console.print(f"{scenario}: learning 1 h, listening for {hours:g} h")
        heard.append(listen_to(scenario, hours, BUDGET_PER_HOUR))
    Console().print(table_of(heard))


def main() -> int:
    options = parsed()
    if options.samples:
        print(machine_line())
        cross_check(options.hours)
        return 0
    scenarios = {**GATED, **REPORTED}
    kinds = (options.windows,) if options.windows else get_args(Windows)
    summaries = measure(options.seeds, options.hours, scenarios, kinds)
    failures = missed(summaries)
    if options.json:
        print(json.dumps({"summaries": [asdict(s) for s in summaries], "missed": failures}))
        return int(bool(failures))
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    console.print(machine_line())
    console.print(f"{options.seeds} runs of {options.hours:g} h")
    for windows in kinds:
        for scenario in scenarios:
            console.print(table_of(windows, scenario, summaries))
    console.print("Missed: " + "; ".join(failures) if failures else "All goals are met.")
    return int(bool(failures))


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--seeds", type=int, default=20, help="runs of each scenario")
    parser.add_argument("--hours", type=float, default=10.0, help="length of a run")
    parser.add_argument("--windows", choices=get_args(Windows), help="default: both kinds")
    parser.add_argument(
        "--quick", action="store_true", help="4 runs of 2 hours; the goals are noise then"
    )
    parser.add_argument(
        "--samples",
        action="store_true",
        help="instead: one stream of samples for each scenario, through the listener itself",
    )
    parser.add_argument("--json", action="store_true", help="machine-readable results")
    options = parser.parse_args()
    if options.quick:
        options.seeds, options.hours = 4, 2.0
    return options


if __name__ == "__main__":
    sys.exit(main())
