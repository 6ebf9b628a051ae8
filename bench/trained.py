"""Rows of accuracy.py for families that are trained on normal sound, each as its recipe says.

Learned and tested are the halves that every other row has. A part of the learned half is held out by `train`, as always, to
choose the epoch and the limits. `attributes` needs groups: it also learns the halves of the other units of that machine.
Families that leave loudness in are trained once more on equally loud recordings for column (b).
"""

import re
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import mean

import numpy as np

import accuracy
from accuracy import Areas, Columns, Results, Set
from auscult.datasets.clip import Clip
from auscult.errors import AuscultWarning
from auscult.evaluation.metrics import auc, pauc
from auscult.recipe import Recipe, read_recipe, with_settings
from auscult.runtime.scorer import Scorer

# Name of the row: its recipe, and what is changed in it.
FAMILIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "autoencoder": ("autoencoder", ()),
    "autoencoder, mahalanobis": ("autoencoder", ("model.score=mahalanobis",)),
    "dense autoencoder (DCASE's baseline)": ("dense_autoencoder", ()),
    "dense autoencoder, mahalanobis": ("dense_autoencoder", ("model.score=mahalanobis",)),
    "attributes": ("attributes", ()),
    "despawn": ("despawn", ()),
    "wavelet_fusion": ("wavelet_fusion", ()),
}

# The first unit of each machine and condition, one set of mixed units, and the one with most recordings to learn from.
SIX = (
    "mimii_-6dB/fan/id_00",
    "mimii_-6dB/pump/id_00",
    "mimii_-6dB/slider/id_00",
    "mimii_0dB/fan/id_00",
    "dcase2020/pump",
    "dcase2020/slider/id_00",
)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A family trained on one half of one set."""

    row: str
    one: Set
    others: tuple[Set, ...]
    seed: int


@dataclass(frozen=True, kw_only=True)
class Found:
    """Areas by row (a part of a family has one of its own) and column."""

    trial: Trial
    areas: dict[str, Areas]
    seconds: float


def run(
    everything: Sequence[Set],
    names: Sequence[str],
    seeds: int,
    *,
    jobs: int,
    only: str,
    told: Callable[[Found, int, int], None],
) -> tuple[Results, dict[str, float], dict[str, float]]:
    """Train and judge them all.

    Returns
    -------
    results
        Areas by row and set, means over seeds.
    deviations
        Of each row: the deviation over seeds of column (b)'s AUC, root mean square over sets.
    seconds
        Of one core, for each family: to train once and export, mean.
    """
    trials = [
        Trial(row=row, one=one, others=tuple(_siblings(one, everything)), seed=seed)
        for seed in range(seeds)
        for one in everything
        if one.name in names
        for row in FAMILIES
        if only in row
    ]
    found = []
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for done in as_completed([pool.submit(tried, trial) for trial in trials]):
            found.append(done.result())
            told(found[-1], len(found), len(trials))
    rows = dict.fromkeys(name for one in sorted(found, key=_in_order) for name in one.areas)
    results: Results = {row: {} for row in rows}
    spread: dict[str, list[float]] = {row: [] for row in rows}
    for row in rows:
        for name in names:
            each = [f.areas[row] for f in found if f.trial.one.name == name and row in f.areas]
            results[row][name] = {
                column: tuple(np.mean([areas[column] for areas in each], axis=0))  # type: ignore[misc]
                for column in "abc"
            }
            if len(each) > 1:
                spread[row].append(float(np.var([areas["b"][0] for areas in each], ddof=1)))
    deviations = {row: mean(values) ** 0.5 for row, values in spread.items() if values}
    trained_rows = {f.trial.row for f in found}
    seconds = {row: mean(f.seconds for f in found if f.trial.row == row) for row in trained_rows}
    return results, deviations, seconds


def _in_order(found: Found) -> int:
    return list(FAMILIES).index(found.trial.row)


def _siblings(one: Set, everything: Sequence[Set]) -> Iterator[Set]:
    """The other sets of that machine, under that condition."""
    kind = one.name.split("/")[:2]
    return (other for other in everything if other.name.split("/")[:2] == kind and other != one)


def tried(trial: Trial) -> Found:
    """Train once (twice where loudness is left in), and score what was not learned."""
    warnings.simplefilter("ignore", AuscultWarning)
    learned, tested = accuracy.halves(trial.one, trial.seed)
    n = len(tested) - len(trial.one.anomaly)
    recipe = recipe_of(trial.row, trial.seed)
    clips = [
        *learned,
        *(_of_others(trial, learned, tested) if recipe.family == "attributes" else ()),
    ]
    # Of one core: trials run beside one another.
    begin = time.process_time()
    scorer = trained(recipe, clips, "a")
    seconds = time.process_time() - begin
    columns = {column: scores(scorer, tested, column, trial.row) for column in "abc"}
    if recipe.family == "autoencoder" and recipe.model.get("normalise") == "none":
        columns["b"] = scores(trained(recipe, clips, "b"), tested, "b", trial.row)
    areas = {
        row: {
            column: (auc(found[row][:n], found[row][n:]), pauc(found[row][:n], found[row][n:]))
            for column, found in columns.items()
        }
        for row in columns["a"]
    }
    return Found(trial=trial, areas=areas, seconds=seconds)


def _of_others(trial: Trial, learned: Sequence[Path], tested: Sequence[Path]) -> Iterator[Path]:
    """What the other units learn from; a recording that this one is tested on is none of theirs."""
    mine = {path.resolve() for path in (*learned, *tested)}
    for other in trial.others:
        yield from (p for p in accuracy.halves(other, trial.seed)[0] if p.resolve() not in mine)


def recipe_of(row: str, seed: int) -> Recipe:
    """The recipe of a row."""
    name, changes = FAMILIES[row]
    recipe, _ = read_recipe(name)
    return with_settings(
        recipe, [*changes, f"training.seed={seed}", f"data.seed={seed}", "training.threads=1"]
    )


def trained(recipe: Recipe, paths: Sequence[Path], column: str) -> Scorer:
    """A bundle that has learned these recordings."""
    from auscult.training.train import train  # torch takes seconds; the other rows do without

    clips = [
        Clip(
            path=path,
            label="normal",
            unit=unit.group() if (unit := re.search(r"id_\d\d", str(path))) else "",
            sound=accuracy.in_column(path, column),
        )
        for path in paths
    ]
    with tempfile.TemporaryDirectory() as folder:
        return Scorer(train(recipe, out=Path(folder), clips=clips).bundle)


def scores(scorer: Scorer, tested: Sequence[Path], column: str, row: str) -> Columns:
    """Scores of the clips by row: the family's, and those of its parts."""
    verdicts = [scorer.score(accuracy.in_column(p, column), explain=False) for p in tested]
    found = {row: np.array([verdict.score for verdict in verdicts])}
    for part in verdicts[0].parts:
        found[f"  its {part} alone"] = np.array([verdict.parts[part] for verdict in verdicts])
    return found
