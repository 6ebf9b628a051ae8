"""Which way of judging without training is best: frozen networks, distances, banks, pooling, several states.

Three tables on recordings of real machines, every recipe with the settings of its source, none tuned here:

1. **One machine**: the 18 sets, the halves and the repeats of accuracy.py. AUC and pAUC (FPR <= 0.1, McClish), ± the
   standard error over sets, in the three columns: as recorded (a), every clip equally loud (b), ±6 dB at random (c).
2. **Several machines in one bundle**: the four units of MIMII -6 dB fan, pump and slider learned together, five clips of
   each, and judged unit by unit; beside it, one bundle each. DCASE 2020 comes mixed, with two clips of a unit: no bundle
   each, so these sets stand apart.
3. **Two domains**: a unit as the source (five clips), its neighbour as the target (two clips), which of the two a test clip
   is from is not told. AUC of a domain: its normal clips against the anomalies of both, as in the DCASE challenges since
   2022; the harmonic mean of both.

Window embeddings are computed once and kept in memory. Whitened distances, held-out scores and blocks are those of
`auscult learn`.

    auscult embedder fetch mn04; auscult embedder fetch yamnet
    python bench/training_free.py                  # AUSCULT_DATA, default ../shared/data
    python bench/training_free.py --columns b --only mn04 --json training_free.json
"""

import argparse
import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from accuracy import RATE_HZ, Set, blocks_alone, in_column, sets
from accuracy import run as run_halves
from auscult.audio.window import windows as cut
from auscult.errors import AuscultError, AuscultWarning
from auscult.evaluation.metrics import auc
from auscult.memory import memorise as learning
from auscult.memory.blocks import Windows, blocks_of
from auscult.memory.distance import Whitened, fit
from auscult.memory.embedder import from_file
from auscult.memory.graph import spectrum_embedder
from auscult.memory.memorise import Memory, memorise
from auscult.memory.spectrum import PRESETS
from auscult.models.pretrained import network
from auscult.runtime.engine import Engine
from machine import machine_line

Array = NDArray[np.float64]
Recipe = Callable[["Trial"], Array]
Areas = dict[str, tuple[float, float]]

HALF = 384  # numbers of the spectrum's embedding, and of mn04's
WINDOW, HOP = 2 * RATE_HZ, RATE_HZ
CONTEXT, OVERLAP = 8, 1
FLOOR = 0.05  # of the median, added to the deviation that a score is divided by
GWRP = 0.8  # weights of ranked scores, 1, r, r², …: Kolesnikov and Lampert 2016
NEIGHBOURS = 1  # of local density: Wilkinghoff et al. 2025
SMOTE_NEIGHBOURS = 2  # Chawla et al. 2002, as DCASE recipes use it
MOST_STATES = 6
LEARNED_OF_UNIT, LEARNED_OF_TARGET = 5, 2

# After the name of an embedder: learned from the means of clips alone, without the scatter of windows within them.
ALONE = ", clips alone"

# Of mn04, the map after its tenth block: 32 channels, 8 bands, a column every 160 ms.
INNER = 11


class Ears:
    """Embeddings of the windows of clips, each computed once.

    Keys: `spectrum`, `mn04` (both the same at any level), `yamnet`, each (windows, dim), and `patches`, mn04's inner map
    (windows, 32, 8, time).
    """

    def __init__(self) -> None:
        self._spectrum = Engine(spectrum_embedder(PRESETS["default"]).model.SerializeToString())
        self._yamnet = Engine(from_file("yamnet").model.SerializeToString())
        self._mn04 = network("mn04")
        self._kept: dict[tuple[Path, str], dict[str, Array]] = {}

    def __call__(self, path: Path, column: str) -> dict[str, Array]:
        """What is heard in a clip."""
        if (path, column) not in self._kept:
            self._kept[path, column] = self._heard(path, column)
        return self._kept[path, column]

    def _heard(self, path: Path, column: str) -> dict[str, Array]:
        windows = np.ascontiguousarray(cut(in_column(path, column).samples, WINDOW, HOP))
        with torch.inference_mode():
            seen = self._mn04.log_mel(torch.from_numpy(windows))[:, None]
            inner = self._mn04.features[:INNER](seen)
            last = self._mn04.features[INNER:](inner)
        return {
            "spectrum": self._spectrum.run(windows)["embedding"].astype(np.float64),
            "yamnet": self._yamnet.run(windows)["embedding"].astype(np.float64),
            "mn04": last.mean(dim=(2, 3)).numpy().astype(np.float64),
            "mn04 max": last.amax(dim=3).mean(dim=2).numpy().astype(np.float64),
            "mn04 inner": inner.mean(dim=3).flatten(1).numpy().astype(np.float64),
            "patches": inner.numpy().astype(np.float64),
        }


def windows_of(clips: Sequence[Array]) -> Windows:
    """Windows of clips, as learning has them."""
    recording = np.repeat(np.arange(len(clips)), [len(clip) for clip in clips])
    return Windows(
        embeddings=np.concatenate(clips),
        recording=recording,
        stretch=recording,
        context=CONTEXT,
        overlap=OVERLAP,
    )


class Trial:
    """Learned and tested clips, with whatever recipes share computed once."""

    def __init__(
        self, ears: Ears, learned: Sequence[Path], tested: Sequence[Path], column: str
    ) -> None:
        # A memory learns what was recorded; only where all clips are equally loud, those too.
        self.learned = [ears(p, "b" if column == "b" else "a") for p in learned]
        self.tested = [ears(p, column) for p in tested]
        self._memories: dict[str, Memory] = {}

    def bank(self, name: str) -> list[Array]:
        """Windows of each learned clip."""
        return [_named(clip, name) for clip in self.learned]

    def tests(self, name: str) -> list[Array]:
        """Windows of each tested clip."""
        return [_named(clip, name) for clip in self.tested]

    def means(self, name: str) -> tuple[Array, Array]:
        """Mean of each learned, and of each tested clip."""
        return _means(self.bank(name)), _means(self.tests(name))

    def memory(self, name: str) -> Memory:
        """Whitened distances, and held-out scores."""
        if name not in self._memories:
            is_plain = name.endswith(ALONE)
            with patch.object(learning, "fit_both", blocks_alone) if is_plain else nullcontext():
                self._memories[name] = memorise(windows_of(self.bank(name)))
        return self._memories[name]

    def normalised(self, name: str) -> Array:
        """Distances in units of how much they vary for held-out normal sound."""
        memory = self.memory(name)
        held_out = memory.block_scores
        median = float(np.median(held_out))
        unit = float(np.std(held_out)) + FLOOR * median
        return (memory.block(self.means(name)[1]) - median) / unit


def _named(clip: dict[str, Array], name: str) -> Array:
    name = name.removesuffix(ALONE)
    if name == "spectrum, no impulsiveness":
        return clip["spectrum"][:, :256]
    if "&" in name:
        return np.concatenate([clip[part] for part in name.split("&")], axis=1)
    return clip[name]


def _means(clips: Sequence[Array]) -> Array:
    return np.stack([clip.mean(axis=0) for clip in clips])


# --- recipes: from a trial to one score a tested clip ----------------------------------------------------------------


def whitened(name: str) -> Recipe:
    """Distance of the clip's mean, as `auscult learn` has it."""
    return lambda trial: trial.memory(name).block(trial.means(name)[1])


def summed(*names: str) -> Recipe:
    """Sum of normalised whitened distances."""
    return lambda trial: np.sum([trial.normalised(name) for name in names], axis=0)


def rooted(*names: str) -> Recipe:
    """Root of the sum of squares of normalised distances, nothing subtracted."""

    def recipe(trial: Trial) -> Array:
        parts = []
        for name in names:
            held_out = trial.memory(name).block_scores
            unit = np.std(held_out) + FLOOR * np.median(held_out)
            parts.append((trial.memory(name).block(trial.means(name)[1]) / unit) ** 2)
        return np.sqrt(np.sum(parts, axis=0))

    return recipe


def largest(*names: str) -> Recipe:
    """Largest of normalised distances."""
    return lambda trial: np.max([trial.normalised(name) for name in names], axis=0)


def unit_length(x: Array) -> Array:
    """Rows of length 1."""
    return x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-12)


def in_metric(trial: Trial, name: str, metric: str) -> tuple[Array, Array]:
    """Means of learned and tested clips such that plain distances between them are those of the metric."""
    bank, tests = trial.means(name)
    if metric == "cosine":
        return unit_length(bank), unit_length(tests)
    return tuple(straight(trial.memory(name).block, x) for x in (bank, tests))  # type: ignore[return-value]


def straight(learned: Whitened, x: Array) -> Array:
    """Coordinates in which the whitened distance is the plain one."""
    z = (x - learned.mean) / learned.sigma * np.sqrt(learned.isotropic)
    directions = learned.directions
    gain = np.sqrt(np.maximum(1.0 + learned.weights / learned.isotropic, 0.0)) - 1.0
    return z + (z @ directions.T * gain) @ directions


def between(x: Array, y: Array) -> Array:
    """Distances of rows to rows."""
    squared = np.sum(x**2, axis=1)[:, None] + np.sum(y**2, axis=1)[None] - 2.0 * x @ y.T
    return np.sqrt(np.maximum(squared, 0.0))


def nearest(name: str, metric: str) -> Recipe:
    """Distance to the nearest learned clip."""

    def recipe(trial: Trial) -> Array:
        bank, tests = in_metric(trial, name, metric)
        return between(tests, bank).min(axis=1)

    return recipe


def by_density(bank: Array, tests: Array) -> Array:
    """Distance to a learned clip over that clip's own to its nearest, the smallest such: local density normalisation."""
    own = between(bank, bank)
    np.fill_diagonal(own, np.inf)
    spread = np.sort(own, axis=1)[:, :NEIGHBOURS].mean(axis=1)
    return np.asarray((between(tests, bank) / np.maximum(spread, 1e-9)).min(axis=1))


def dense(name: str, metric: str) -> Recipe:
    """Local density normalisation: Wilkinghoff et al. 2025, the quotient, one neighbour."""
    return lambda trial: by_density(*in_metric(trial, name, metric))


def pooled(name: str, pool: Callable[[Array], float]) -> Recipe:
    """Distances of single windows, pooled over the clip."""

    def recipe(trial: Trial) -> Array:
        distance = trial.memory(name).window
        return np.array([pool(distance(clip)) for clip in trial.tests(name)])

    return recipe


def ranked(scores: Array) -> float:
    """Global weighted rank pooling: the r-th largest weighs 0.8^r."""
    weights = GWRP ** np.arange(len(scores))
    return float(np.sort(scores)[::-1] @ weights / weights.sum())


def kurtosis(scores: Array) -> float:
    """Mean times the root of the kurtosis about zero: a few large scores count more than many middling ones."""
    return float(scores.mean() * (np.mean(scores**4) / np.mean(scores**2) ** 2) ** 0.25)


def placed(pool: str) -> Recipe:
    """One distance for each band of mn04's inner map, of single patches: PaDiM (Defard et al. 2021), bands as places."""

    def recipe(trial: Trial) -> Array:
        learned = np.concatenate(trial.bank("patches"))
        scores = []
        for band in range(learned.shape[2]):
            distance = fit(_rows(learned[:, :, band]))
            scores.append([distance(_rows(clip[:, :, band])) for clip in trial.tests("patches")])
        each = [np.stack(columns) for columns in zip(*scores, strict=True)]  # (bands, patches)
        return np.array([one.mean() if pool == "mean" else one.max() for one in each])

    return recipe


def patched(pool: str) -> Recipe:
    """Distance of each patch to the nearest learned one: PatchCore (Roth et al. 2022), means of three by three."""

    def recipe(trial: Trial) -> Array:
        bank = np.concatenate([_patches(clip) for clip in trial.bank("patches")]).astype(np.float32)
        return np.array([_to_bank(_patches(clip), bank, pool) for clip in trial.tests("patches")])

    return recipe


def _rows(x: Array) -> Array:
    """(windows, channels, time) to (windows · time, channels)."""
    return x.transpose(0, 2, 1).reshape(-1, x.shape[1])


def _patches(clip: Array) -> Array:
    """Patches of windows that share nothing, each the mean of itself and its neighbours: (patches, channels)."""
    x = np.pad(clip[::2], ((0, 0), (0, 0), (1, 1), (1, 1)), mode="edge")
    bands, columns = clip.shape[2:]
    near = [x[:, :, i : i + bands, j : j + columns] for i in range(3) for j in range(3)]
    return np.mean(near, axis=0).transpose(0, 2, 3, 1).reshape(-1, clip.shape[1])


def _to_bank(patches: Array, bank: NDArray[np.float32], pool: str) -> float:
    scores = between(patches.astype(np.float32), bank).min(axis=1)
    return float(scores.mean() if pool == "mean" else scores.max())


def likeliest_states(name: str) -> Recipe:
    """As many states as are likeliest, a memory each, the best fitting."""
    return lambda trial: by_state(trial.bank(name), likeliest(trial.bank(name)))(
        trial.means(name)[1]
    )


def tied_states(name: str) -> Recipe:
    """The same with one covariance for all states."""
    return lambda trial: tied(likeliest_tied(trial.bank(name)))(trial.means(name)[1])


def states_of_clips(name: str) -> Recipe:
    """Every learned clip a state of its own."""
    return lambda trial: by_clip(trial.bank(name), trial.means(name)[1])


RECIPES: dict[str, Recipe] = {
    "spectrum, whitened (the default)": whitened("spectrum"),
    "mn04, whitened": whitened("mn04"),
    "YAMNet, whitened": whitened("yamnet"),
    "spectrum, whitened, clips alone": whitened("spectrum" + ALONE),
    "mn04, whitened, clips alone": whitened("mn04" + ALONE),
    "YAMNet, whitened, clips alone": whitened("yamnet" + ALONE),
    "spectrum, nearest clip, cosine": nearest("spectrum", "cosine"),
    "mn04, nearest clip, cosine": nearest("mn04", "cosine"),
    "YAMNet, nearest clip, cosine": nearest("yamnet", "cosine"),
    "spectrum, nearest clip, whitened": nearest("spectrum", "whitened"),
    "mn04, nearest clip, whitened": nearest("mn04", "whitened"),
    "mn04, local density, cosine": dense("mn04", "cosine"),
    "mn04, local density, whitened": dense("mn04", "whitened"),
    "spectrum, local density, whitened": dense("spectrum", "whitened"),
    "spectrum + mn04, sum": summed("spectrum", "mn04"),
    "spectrum + mn04, sum, clips alone": summed("spectrum" + ALONE, "mn04" + ALONE),
    "spectrum + YAMNet, sum": summed("spectrum", "yamnet"),
    "mn04 + YAMNet, sum": summed("mn04", "yamnet"),
    "spectrum + mn04 + YAMNet, sum": summed("spectrum", "mn04", "yamnet"),
    "spectrum + mn04, root of squares": rooted("spectrum", "mn04"),
    "spectrum + mn04, the larger": largest("spectrum", "mn04"),
    "spectrum and mn04 as one vector": whitened("spectrum&mn04"),
    "mn04 inner map, bands kept, whitened": whitened("mn04 inner"),
    "mn04 inner map, bands kept, whitened, clips alone": whitened("mn04 inner" + ALONE),
    "spectrum + mn04 inner map, sum": summed("spectrum", "mn04 inner"),
    "spectrum + mn04 + mn04 inner map, sum": summed("spectrum", "mn04", "mn04 inner"),
    "mn04 patches by band (PaDiM), mean": placed("mean"),
    "mn04 patches by band (PaDiM), largest": placed("max"),
    "mn04 patches, nearest (PatchCore), mean": patched("mean"),
    "mn04 patches, nearest (PatchCore), largest": patched("max"),
    "spectrum without impulsiveness": whitened("spectrum, no impulsiveness"),
    "spectrum, windows, mean": pooled("spectrum", np.mean),
    "spectrum, windows, largest": pooled("spectrum", np.max),
    "spectrum, windows, ranked (0.8)": pooled("spectrum", ranked),
    "spectrum, windows, kurtosis": pooled("spectrum", kurtosis),
    "mn04, windows, largest": pooled("mn04", np.max),
    "mn04, windows, ranked (0.8)": pooled("mn04", ranked),
    "mn04, largest over time, whitened": whitened("mn04 max"),
    "spectrum, likeliest number of states": likeliest_states("spectrum"),
    "mn04, likeliest number of states": likeliest_states("mn04"),
    "spectrum, likeliest number of states, one covariance": tied_states("spectrum"),
    "mn04, likeliest number of states, one covariance": tied_states("mn04"),
    "spectrum, every clip a state": states_of_clips("spectrum"),
    "mn04, every clip a state": states_of_clips("mn04"),
}


# --- several states ---------------------------------------------------------------------------------------------------


Judged = Callable[[Array], Array]  # means of clips, (n, dim), to scores


def memory_of(clips: Sequence[Array]) -> Judged:
    """The whitened distance; of two embedders side by side, the sum of both as a bundle has it."""
    parts = (HALF, HALF) if clips[0].shape[1] == 2 * HALF else ()
    memory = memorise(windows_of(clips), parts)

    def judge(means: Array) -> Array:
        if not memory.others:
            return memory.block(means)
        return memory.block(means[:, :HALF]) + memory.others[0].block(means[:, HALF:])

    return judge


def best_fitting(judges: Sequence[Judged]) -> Judged:
    """A clip scores as in the state that it fits best."""
    return lambda means: np.min([judge(means) for judge in judges], axis=0)


def members_of(clips: Sequence[Array], state: NDArray[np.int64]) -> list[list[Array]]:
    """The clips of each state."""
    return [[clips[i] for i in np.flatnonzero(state == s)] for s in np.unique(state)]


def by_state(clips: Sequence[Array], state: NDArray[np.int64]) -> Judged:
    """A memory for the clips of each state."""
    return best_fitting([memory_of(each) for each in members_of(clips, state)])


def tied(groups: Sequence[Sequence[Array]]) -> Judged:
    """A mean for each state, one covariance about them for all: Lee et al. 2018. Of two embedders, the sum."""
    if groups[0][0].shape[1] != 2 * HALF:
        return tied_of_one(groups)[1]
    judges = []
    for columns in (slice(0, HALF), slice(HALF, 2 * HALF)):
        part = [[clip[:, columns] for clip in each] for each in groups]
        held_out = tied_held_out(part)
        unit = held_out.std() + FLOOR * np.median(held_out)
        judges.append((columns, tied_of_one(part)[1], unit))
    return lambda means: np.sum(
        [judge(means[:, cut]) / unit for cut, judge, unit in judges], axis=0
    )


def tied_of_one(groups: Sequence[Sequence[Array]]) -> tuple[Whitened, Judged]:
    """Of one embedder: the distance about the states' means, and the judge."""
    blocks = [blocks_of(windows_of(each)) for each in groups]
    about = [each.vectors - each.vectors.mean(axis=0) for each in blocks]
    learned = fit(np.concatenate(about), np.concatenate([each.within for each in blocks]))
    centres = straight(learned, np.stack([each.vectors.mean(axis=0) for each in blocks]))
    return learned, lambda means: between(straight(learned, means), centres).min(axis=1)


def without_each(groups: Sequence[Sequence[Array]]) -> Iterator[tuple[Array, list[list[Array]]]]:
    """The mean of each clip, and the groups without it."""
    for g, group in enumerate(groups):
        for i, clip in enumerate(group):
            rest = [
                [c for j, c in enumerate(each) if (h, j) != (g, i)] for h, each in enumerate(groups)
            ]
            yield clip.mean(axis=0)[None], [each for each in rest if each]


def tied_held_out(groups: Sequence[Sequence[Array]]) -> Array:
    """Score of each clip under what the others learned."""
    return np.array([tied_of_one(rest)[1](mean)[0] for mean, rest in without_each(groups)])


def tied_likelihood(groups: Sequence[Sequence[Array]]) -> float:
    """Log-likelihood of each clip's mean under what the others learned: one covariance, the states' shares as weights."""
    total = 0.0
    for mean, rest in without_each(groups):
        learned, _ = tied_of_one(rest)
        n = sum(map(len, rest))
        total += np.logaddexp.reduce(
            [
                np.log(len(each) / n)
                + log_density(learned, (mean - _means(each).mean(axis=0) + learned.mean)[0])
                for each in rest
            ]
        )
    return float(total)


def likeliest_tied(clips: Sequence[Array]) -> list[list[Array]]:
    """States as `likeliest` has them, with one covariance: two clips of each are enough then."""
    x = in_units_of_scatter(clips)
    chosen = [list(clips)]
    best = tied_likelihood(chosen)
    for k in range(2, MOST_STATES + 1):
        if len(clips) < 2 * k:
            break
        groups = members_of(clips, k_means(x, k))
        if len(groups) < k or min(map(len, groups)) < 2:
            continue
        likelihood = tied_likelihood(groups)
        if likelihood > best:
            best, chosen = likelihood, groups
    return chosen


def k_means(x: Array, k: int, seed: int = 0) -> NDArray[np.int64]:
    """State of each row: the best of ten starts (k-means++), by the sum of squares."""
    rng = np.random.default_rng(seed)
    found = [_k_means(x, k, rng) for _ in range(10)]
    return min(found, key=lambda pair: pair[0])[1]


def _k_means(x: Array, k: int, rng: np.random.Generator) -> tuple[float, NDArray[np.int64]]:
    centres = x[[rng.integers(len(x))]]
    while len(centres) < k:
        far = between(x, centres).min(axis=1) ** 2
        centres = np.vstack([centres, x[rng.choice(len(x), p=(far + 1e-12) / (far + 1e-12).sum())]])
    for _ in range(50):
        state = between(x, centres).argmin(axis=1)
        centres = np.stack(
            [x[state == s].mean(axis=0) if np.any(state == s) else centres[s] for s in range(k)]
        )
    state = between(x, centres).argmin(axis=1)
    return float(np.sum((x - centres[state]) ** 2)), state.astype(np.int64)


def in_units_of_scatter(clips: Sequence[Array]) -> Array:
    """Means of clips, each number in units of the scatter of windows within clips."""
    blocks = blocks_of(windows_of(clips))
    scatter = blocks.within.std(axis=0)
    return blocks.vectors / np.maximum(scatter, np.median(scatter) * 0.1 + 1e-9)


def likeliest(clips: Sequence[Array]) -> NDArray[np.int64]:
    """States of clips: as many as make clips left out of the learning likeliest, each of three at least."""
    x = in_units_of_scatter(clips)
    best, chosen = held_out_likelihood(clips, np.zeros(len(clips), np.int64)), np.zeros(len(clips))
    for k in range(2, MOST_STATES + 1):
        if len(clips) < 3 * k:
            break
        state = k_means(x, k)
        if np.min(np.bincount(state, minlength=k)) < 3:
            continue
        likelihood = held_out_likelihood(clips, state)
        if likelihood > best:
            best, chosen = likelihood, state
    return chosen.astype(np.int64)


def held_out_likelihood(clips: Sequence[Array], state: NDArray[np.int64]) -> float:
    """Log-likelihood of each clip's mean under what the others learned, in the state that fits it best."""
    total = 0.0
    for i in range(len(clips)):
        others = np.delete(np.arange(len(clips)), i)
        logs = []
        for s in np.unique(state[others]):
            members = [clips[j] for j in others if state[j] == s]
            blocks = blocks_of(windows_of(members))
            prior = np.log(len(members) / len(others))
            logs.append(
                prior + log_density(fit(blocks.vectors, blocks.within), clips[i].mean(axis=0))
            )
        total += float(np.logaddexp.reduce(logs))
    return total


def log_density(learned: Whitened, x: Array) -> float:
    """Gaussian log-density up to a constant."""
    dim, rank = len(learned.mean), len(learned.weights)
    precision = np.sum(np.log(learned.isotropic + learned.weights))
    precision += (dim - rank) * np.log(learned.isotropic) - 2.0 * np.sum(np.log(learned.sigma))
    return float(0.5 * precision - 0.5 * learned(x[None])[0] ** 2)


def by_clip(clips: Sequence[Array], tests: Array) -> Array:
    """Every learned clip a state of its own: distance to the nearest, whitened by the scatter within clips alone."""
    blocks = blocks_of(windows_of(clips))
    learned = fit(blocks.within)
    zero = learned.mean
    return between(straight(learned, tests + zero), straight(learned, blocks.vectors + zero)).min(
        axis=1
    )


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """Clips of several units learned together, and those of each to test."""

    learned: dict[str, list[Path]]
    normal: dict[str, list[Path]]
    anomaly: dict[str, list[Path]]


def mixtures(everything: Sequence[Set], repeat: int) -> Iterator[tuple[str, Mixture]]:
    """The four units of each machine of MIMII -6 dB."""
    for machine in ("fan", "pump", "slider"):
        units = [one for one in everything if one.name.startswith(f"mimii_-6dB/{machine}/")]
        learned, normal = {}, {}
        for one in units:
            order = np.random.default_rng(repeat).permutation(len(one.normal))
            paths = [one.normal[i] for i in order]
            learned[one.name] = paths[:LEARNED_OF_UNIT]
            normal[one.name] = paths[LEARNED_OF_UNIT:]
        yield (
            f"MIMII -6 dB {machine}",
            Mixture(
                learned=learned, normal=normal, anomaly={one.name: one.anomaly for one in units}
            ),
        )


Judge = Callable[[dict[str, list[Array]], str, Array], Array]


def one_each(learned: dict[str, list[Array]], unit: str, tests: Array) -> Array:
    """The memory of its own unit alone, which is told."""
    return memory_of(learned[unit])(tests)


def together(learn: Callable[[list[Array]], Callable[[Array], Array]]) -> Judge:
    """Of all units, not told apart."""
    kept: list[tuple[dict[str, list[Array]], Callable[[Array], Array]]] = []

    def judge(learned: dict[str, list[Array]], _unit: str, tests: Array) -> Array:
        if not kept or kept[0][0] is not learned:
            kept[:] = [(learned, learn([clip for clips in learned.values() for clip in clips]))]
        return kept[0][1](tests)

    return judge


def true_states(learned: dict[str, list[Array]], _unit: str, tests: Array) -> Array:
    """A memory for each unit, and which one a clip is from is not told."""
    return best_fitting([memory_of(clips) for clips in learned.values()])(tests)


def true_states_tied(learned: dict[str, list[Array]], _unit: str, tests: Array) -> Array:
    """The same with one covariance for all units."""
    return tied(list(learned.values()))(tests)


def density_of(clips: list[Array]) -> Callable[[Array], Array]:
    learned = memorise(windows_of(clips)).block
    return lambda tests: by_density(straight(learned, _means(clips)), straight(learned, tests))


def nearest_of(clips: list[Array]) -> Callable[[Array], Array]:
    learned = memorise(windows_of(clips)).block
    bank = straight(learned, _means(clips))
    return lambda tests: between(straight(learned, tests), bank).min(axis=1)


JUDGES: dict[str, Judge] = {
    "one bundle each (told which)": one_each,
    "one memory for all": together(memory_of),
    "the right states, best fitting": true_states,
    "four states (k-means), best fitting": together(
        lambda clips: by_state(clips, k_means(in_units_of_scatter(clips), 4))
    ),
    "likeliest number of states, best fitting": together(
        lambda clips: by_state(clips, likeliest(clips))
    ),
    "the right states, one covariance": true_states_tied,
    "four states (k-means), one covariance": together(
        lambda clips: tied(members_of(clips, k_means(in_units_of_scatter(clips), 4)))
    ),
    "likeliest number of states, one covariance": together(
        lambda clips: tied(likeliest_tied(clips))
    ),
    "nearest clip, whitened": together(nearest_of),
    "local density, whitened": together(density_of),
    "every clip a state": together(lambda clips: lambda tests: by_clip(clips, tests)),
}


# Those that need no more than a score.
OF_SEVERAL = {
    name: JUDGES[name]
    for name in (
        "one bundle each (told which)",
        "one memory for all",
        "the right states, best fitting",
        "the right states, one covariance",
        "four states (k-means), one covariance",
        "likeliest number of states, one covariance",
    )
}


def mixed(
    ears: Ears, everything: Sequence[Set], name: str, repeats: int
) -> dict[str, dict[str, tuple[float, float, float]]]:
    """AUC by recipe and unit: within the unit, gain over one memory for all, and of all units' clips in one list."""
    found: dict[str, dict[str, list[tuple[float, float]]]] = {}

    def embedded(paths: Sequence[Path]) -> list[Array]:
        return [_named(ears(p, "b"), name) for p in paths]

    for repeat in range(repeats):
        for _, mixture in mixtures(everything, repeat):
            learned = {unit: embedded(paths) for unit, paths in mixture.learned.items()}
            for called, judge in (JUDGES if "&" not in name else OF_SEVERAL).items():
                rows = found.setdefault(called, {})
                scores = {
                    unit: (
                        judge(learned, unit, _means(embedded(mixture.normal[unit]))),
                        judge(learned, unit, _means(embedded(mixture.anomaly[unit]))),
                    )
                    for unit in learned
                }
                everyone = [np.concatenate(side) for side in zip(*scores.values(), strict=True)]
                all_in_one = auc(everyone[0], everyone[1])
                for unit, (normal, anomaly) in scores.items():
                    rows.setdefault(unit, []).append((auc(normal, anomaly), all_in_one))
    means = {
        called: {unit: np.mean(pairs, axis=0) for unit, pairs in rows.items()}
        for called, rows in found.items()
    }
    shared = means["one memory for all"]
    return {
        called: {
            unit: (float(own), float(own - shared[unit][0]), float(everyone))
            for unit, (own, everyone) in rows.items()
        }
        for called, rows in means.items()
    }


def states_found(
    ears: Ears, everything: Sequence[Set], name: str
) -> dict[str, dict[str, list[int]]]:
    """Numbers of states taken as the likeliest: of four units together, and of one."""
    counts: dict[str, list[int]] = {"four units": [], "one unit": []}
    tied_counts: dict[str, list[int]] = {"four units": [], "one unit": []}
    for _, mixture in mixtures(everything, 0):
        units = [[_named(ears(p, "b"), name) for p in paths] for paths in mixture.learned.values()]
        at_once = [clip for unit in units for clip in unit]
        counts["four units"].append(len(np.unique(likeliest(at_once))))
        tied_counts["four units"].append(len(likeliest_tied(at_once)))
    for one in everything:
        if "/id_" in one.name and len(one.normal) >= 10:
            clips = [_named(ears(p, "b"), name) for p in one.normal[:20]]
            counts["one unit"].append(len(np.unique(likeliest(clips))))
            tied_counts["one unit"].append(len(likeliest_tied(clips)))
    return {"a memory each": counts, "one covariance": tied_counts}


# --- two domains ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Domains:
    """Learned clips of both domains."""

    source: list[Array]
    target: list[Array]

    @property
    def both(self) -> list[Array]:
        """All of them."""
        return [*self.source, *self.target]


Shifted = Callable[[Domains, Array], Array]


def cosine_nearest(bank: Array, tests: Array) -> Array:
    return between(unit_length(tests), unit_length(bank)).min(axis=1)


def with_smote(domains: Domains, seed: int = 0) -> Array:
    """The bank with target clips made between target clips, until there are as many as of the source."""
    rng = np.random.default_rng(seed)
    target = _means(domains.target)
    near = np.argsort(between(target, target), axis=1)[:, 1 : 1 + SMOTE_NEIGHBOURS]
    made = []
    for n in range(len(domains.source) - len(target)):
        first = n % len(target)
        second = rng.choice(near[first])
        made.append(target[first] + rng.uniform() * (target[second] - target[first]))
    return np.vstack([_means(domains.source), target, *made])


def domain_wise(domains: Domains, tests: Array) -> Array:
    """Distance to each domain's nearest clip, standardised by that domain's own clips left out in turn; the smaller."""
    scores = []
    for clips in (domains.source, domains.target):
        bank = unit_length(_means(clips))
        own = between(bank, bank)
        np.fill_diagonal(own, np.inf)
        held_out = own.min(axis=1)
        unit = held_out.std() + FLOOR * np.median(held_out)
        scores.append((between(unit_length(tests), bank).min(axis=1) - held_out.mean()) / unit)
    return np.min(scores, axis=0)


def metric_of(clips: list[Array]) -> Whitened:
    return memorise(windows_of(clips)).block


def whitened_density(domains: Domains, tests: Array) -> Array:
    learned = metric_of(domains.both)
    return by_density(straight(learned, _means(domains.both)), straight(learned, tests))


SHIFTED: dict[str, Shifted] = {
    "source alone, whitened": lambda d, tests: metric_of(d.source)(tests),
    "both as one, whitened": lambda d, tests: metric_of(d.both)(tests),
    "both as one, nearest clip, cosine": lambda d, tests: cosine_nearest(_means(d.both), tests),
    "the same with SMOTE": lambda d, tests: cosine_nearest(with_smote(d), tests),
    "local density, cosine": lambda d, tests: by_density(
        unit_length(_means(d.both)), unit_length(tests)
    ),
    "local density, whitened": whitened_density,
    "a bank each, cosine, best fitting": domain_wise,
    "a memory each, whitened, best fitting": lambda d, tests: best_fitting(
        [memory_of(d.source), memory_of(d.target)]
    )(tests),
    "a mean each, one covariance": lambda d, tests: tied([d.source, d.target])(tests),
    "every clip a state": lambda d, tests: by_clip(d.both, tests),
}


def shifted(
    ears: Ears, everything: Sequence[Set], name: str, repeats: int
) -> dict[str, dict[str, tuple[float, float, float]]]:
    """AUC of source, of target, and their harmonic mean, by recipe and pair of units."""
    found: dict[str, dict[str, list[tuple[float, float, float]]]] = {}
    for repeat in range(repeats):
        for _, mixture in mixtures(everything, repeat):
            units = list(mixture.learned)
            for source, target in zip(units, [*units[1:], units[0]], strict=True):

                def embedded(paths: Sequence[Path]) -> list[Array]:
                    return [_named(ears(p, "b"), name) for p in paths]

                domains = Domains(
                    source=embedded(mixture.learned[source]),
                    target=embedded(mixture.learned[target][:LEARNED_OF_TARGET]),
                )
                anomaly = _means(embedded(mixture.anomaly[source] + mixture.anomaly[target]))
                normal = [_means(embedded(mixture.normal[unit])) for unit in (source, target)]
                for called, judge in SHIFTED.items():
                    strange = judge(domains, anomaly)
                    areas = [auc(judge(domains, each), strange) for each in normal]
                    both = 2.0 / sum(1.0 / max(area, 1e-3) for area in areas)
                    rows = found.setdefault(called, {})
                    rows.setdefault(source, []).append((*areas, both))  # type: ignore[arg-type]
    return {
        called: {pair: tuple(np.mean(each, axis=0)) for pair, each in rows.items()}  # type: ignore[misc]
        for called, rows in found.items()
    }


# --- tables -----------------------------------------------------------------------------------------------------------


def method_of(
    ears: Ears, recipe: Recipe, columns: str, trials: dict[object, Trial]
) -> Callable[..., dict[str, Array]]:
    """A recipe as accuracy.py wants it."""

    def method(learned: list[Path], tested: list[Path]) -> dict[str, Array]:
        scores = {}
        for column in columns:
            key = (column, *learned)
            if key not in trials:
                trials[key] = Trial(ears, learned, tested, column)
            scores[column] = recipe(trials[key])
        return scores

    return method


def _with_error(values: Sequence[float]) -> str:
    x = np.asarray(values)
    return f"{x.mean():.3f} ± {x.std(ddof=1) / np.sqrt(len(x)):.3f}"


def machine_of(name: str) -> str:
    """fan, pump or slider."""
    return name.split("/")[1]


def first_table(results: dict[str, dict[str, Areas]], columns: str) -> Table:
    table = Table(title="One machine: AUC ± standard error over sets / pAUC")
    headings = {"a": "(a) as recorded", "b": "(b) equally loud", "c": "(c) ±6 dB"}
    for heading in (
        "recipe",
        *(headings[c] for c in columns),
        "against the default",
        "fan",
        "pump",
        "slider",
    ):
        table.add_column(heading)
    shown = "b" if "b" in columns else columns[0]
    default = next(iter(results.values()))
    for name, rows in results.items():
        cells = [
            f"{_with_error([row[c][0] for row in rows.values()])} / {np.mean([row[c][1] for row in rows.values()]):.3f}"
            for c in columns
        ]
        gain = [rows[one][shown][0] - default[one][shown][0] for one in rows]
        cells.append("" if rows is default else _with_error(gain))
        cells += [
            f"{np.mean([row[shown][0] for one, row in rows.items() if machine_of(one) == machine]):.2f}"
            for machine in ("fan", "pump", "slider")
        ]
        table.add_row(name, *cells)
    return table


def other_table(
    title: str, headings: Sequence[str], results: dict[str, dict[str, tuple[float, ...]]]
) -> Table:
    table = Table(title=title)
    for heading in ("recipe", *headings):
        table.add_column(heading)
    for name, rows in results.items():
        values = np.array(list(rows.values()))
        table.add_row(name, *(_with_error(column) for column in values.T))
    return table


def tables(
    ears: Ears, everything: Sequence[Set], wanted: str, repeats: int
) -> Iterator[tuple[str, dict[str, dict[str, tuple[float, ...]]], Table | str]]:
    """Name, figures and print of each table after the first."""
    for name in ("spectrum", "mn04", "spectrum&mn04"):
        if "2" in wanted:
            results = mixed(ears, everything, name, repeats)
            title = f"Several machines in one bundle, {name}: AUC ± standard error over 12 units"
            headings = ("within the unit", "against one memory for all", "all in one list")
            yield f"several machines, {name}", results, other_table(title, headings, results)
        if "&" in name:
            continue
        if "2" in wanted:
            yield "", {}, f"States taken as likeliest: {states_found(ears, everything, name)}"
        if "3" in wanted:
            pairs = shifted(ears, everything, name, repeats)
            title = f"Two domains, {name}: AUC ± standard error over 12 pairs"
            headings = ("source", "target", "harmonic mean")
            yield f"two domains, {name}", pairs, other_table(title, headings, pairs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--columns", default="abc")
    parser.add_argument(
        "--only", default="", help="recipes of the first table whose name holds this"
    )
    parser.add_argument("--tables", default="123")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", AuscultWarning)
    torch.set_num_threads(1)
    root = Path(
        os.environ.get("AUSCULT_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
    )
    if not (root / "mimii_-6dB").is_dir():
        sys.stderr.write(f"No recordings in {root}: set AUSCULT_DATA to where they are.\n")
        return 2
    try:
        ears = Ears()
    except AuscultError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    begun_s = time.monotonic()
    console = Console(width=170)
    console.print(machine_line())
    everything = list(sets(root))
    kept: dict[str, object] = {}
    if "1" in arguments.tables:
        results: dict[str, dict[str, Areas]] = {
            name: {} for name in RECIPES if arguments.only in name
        }
        for one in everything:  # set by set, so that what recipes share need not be kept for all
            trials: dict[object, Trial] = {}
            for name, rows in results.items():
                method = method_of(ears, RECIPES[name], arguments.columns, trials)
                rows[one.name] = run_halves(method, one, arguments.repeats)
        kept["one machine"] = results
        console.print(first_table(results, arguments.columns))
    for name, figures, printed in tables(ears, everything, arguments.tables, arguments.repeats):
        kept[name] = figures
        console.print(printed)
    console.print(f"{time.monotonic() - begun_s:.0f} s")
    if arguments.json:
        arguments.json.write_text(json.dumps(kept, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
