"""From windows of normal sound to two distances, and what normal sound scores that they have not heard.

The sound is cut into five parts that follow one another in time, at the borders of recordings where one is near. Each part
is scored by a memory of the other four. Windows that share samples with what is scored, or with the context that it is
averaged with, are left out of that memory: held out means that nothing of it was heard.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from auscult.memory.blocks import Array, Blocks, Indices, Windows, blocks_of
from auscult.memory.distance import Distances, Whitened, fit

N_FOLDS = 5
MIN_BLOCKS_TO_FIT = 2

# Several embedders' distances are added in units of their deviation; this part of the median keeps the unit from being
# nothing where a few held-out scores happen to agree.
MEDIAN_PART = 0.05


@dataclass(frozen=True, kw_only=True, eq=False)
class Memory:
    """Two distances, scaled so that held-out normal sound typically scores 1, and those held-out scores.

    Parameters
    ----------
    block, window
        Distances of ten-second means and of single windows.
    partial
        Shape (context + 1,): how much more the mean of 1, 2, … windows scatters than a whole block; falls to 1.
    window_scores
        Shape (windows,): of each window by itself.
    context_scores, context_at
        Shape (means,): of means of each window with its context, and the index of that window.
    block_scores, block_recording
        Shape (blocks,): of blocks, and the recording that each is from.
    others
        Where several embedders are judged together: the distances of those after the first. Scores are the sum of all.
    """

    block: Whitened
    window: Whitened
    partial: Array
    window_scores: Array
    context_scores: Array
    context_at: Indices
    block_scores: Array
    block_recording: Indices
    others: tuple[Distances, ...] = ()


def memorise(windows: Windows, parts: Sequence[int] = ()) -> Memory:
    """Learn both distances, and score all of it held out.

    Parameters
    ----------
    windows
        Six at least.
    parts
        Lengths of the parts of an embedding that are judged apart; default: all of it as one.

    Examples
    --------
    >>> rows, zeros = np.random.default_rng(0).standard_normal((200, 12)), np.zeros(200, np.int64)
    >>> memory = memorise(Windows(embeddings=rows, recording=zeros, stretch=zeros, context=8, overlap=1))
    >>> float(np.median(memory.window_scores)), len(memory.context_scores)
    (1.0, 192)
    """
    if len(parts) > 1:
        return _added([memorise(part) for part in _split(windows, parts)])
    folds = folds_of(windows.recording)
    length = _mean_length(windows)
    means, ends = _means(windows, length)
    window_scores, mean_scores = np.empty(len(windows)), np.empty(len(ends))
    block_scores, blocks = [], []
    for fold in range(int(folds[-1]) + 1):
        mine = folds == fold
        by_block, by_window = fit_both(windows.part(heard_without(windows, mine, length)), length)
        window_scores[mine] = by_window(windows.embeddings[mine])
        mean_scores[mine[ends]] = by_block(means[mine[ends]])
        held_out = windows.part(mine)
        blocks.append(blocks_of(held_out))
        block_scores.append(_beginnings(held_out, blocks[-1], by_block))
    # What the graph does to scores of few windows is done to these, too: limits are for what people will see.
    partial = _partial(np.concatenate(block_scores, axis=1))
    sizes = np.concatenate([one.sizes for one in blocks])
    whole = (
        np.concatenate(block_scores, axis=1)[sizes - 1, np.arange(len(sizes))] / partial[sizes - 1]
    )
    mean_scores /= partial[_mean_sizes(windows, ends, length) - 1]
    block_scale, window_scale = float(np.median(whole)), float(np.median(window_scores))
    by_block, by_window = fit_both(windows)
    return Memory(
        block=by_block.scaled(block_scale),
        window=by_window.scaled(window_scale),
        partial=partial,
        window_scores=window_scores / window_scale,
        context_scores=mean_scores / block_scale,
        context_at=ends,
        block_scores=whole / block_scale,
        block_recording=np.concatenate([one.recording for one in blocks]),
    )


def _split(windows: Windows, parts: Sequence[int]) -> list[Windows]:
    ends = accumulate(parts)
    return [
        replace(windows, embeddings=windows.embeddings[:, end - length : end])
        for length, end in zip(parts, ends, strict=True)
    ]


def _added(memories: Sequence[Memory]) -> Memory:
    """One memory that scores the sum of (score - median) / (deviation + 0.05 median), up to a constant and a unit.

    The medians are the same for every sound and left out, so that no score is negative; the sum is scaled so that held-out
    normal sound typically has 1.
    """
    first, *rest = memories
    block_units = [_unit(memory.block_scores) for memory in memories]
    window_units = [_unit(memory.window_scores) for memory in memories]
    block_scores = _sum([memory.block_scores for memory in memories], block_units)
    window_scores = _sum([memory.window_scores for memory in memories], window_units)
    context_scores = _sum([memory.context_scores for memory in memories], block_units)
    block_scale, window_scale = float(np.median(block_scores)), float(np.median(window_scores))
    blocks = [
        memory.block.scaled(memory.block.scale * unit * block_scale)
        for memory, unit in zip(memories, block_units, strict=True)
    ]
    windows = [
        memory.window.scaled(memory.window.scale * unit * window_scale)
        for memory, unit in zip(memories, window_units, strict=True)
    ]
    return replace(
        first,
        block=blocks[0],
        window=windows[0],
        window_scores=window_scores / window_scale,
        context_scores=context_scores / block_scale,
        block_scores=block_scores / block_scale,
        others=tuple(
            Distances(block=block, window=window, partial=memory.partial)
            for block, window, memory in zip(blocks[1:], windows[1:], rest, strict=True)
        ),
    )


def _unit(scores: Array) -> float:
    return float(np.std(scores) + MEDIAN_PART * np.median(scores))


def _sum(scores: Sequence[Array], units: Sequence[float]) -> Array:
    return np.asarray(
        np.sum([each / unit for each, unit in zip(scores, units, strict=True)], axis=0)
    )


def folds_of(recording: Indices, n_folds: int = N_FOLDS) -> Indices:
    """Fold of each window: parts of nearly the same length that follow one another.

    A part ends at the border of a recording where one is at most half a part away; only longer recordings are cut.

    Parameters
    ----------
    recording
        Shape (n,), growing.

    Returns
    -------
    fold
        Shape (n,), growing from 0; at most `n_folds` different ones.

    Examples
    --------
    >>> folds_of(np.repeat(np.arange(5), 2)).tolist()
    [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    >>> folds_of(np.repeat([0, 1, 2], [1, 1, 8])).tolist()
    [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    """
    n = len(recording)
    borders = np.flatnonzero(np.diff(recording)) + 1
    cuts = []
    for k in range(1, n_folds):
        wanted = k * n / n_folds
        nearest = min(borders, key=lambda b: abs(b - wanted), default=-n)
        cuts.append(int(nearest) if abs(nearest - wanted) <= n / (2 * n_folds) else round(wanted))
    inside = sorted({cut for cut in cuts if 0 < cut < n})
    return np.searchsorted(np.asarray(inside), np.arange(n), side="right").astype(np.int64)


def heard_without(windows: Windows, held_out: NDArray[np.bool_], length: int) -> NDArray[np.bool_]:
    """Windows from which a memory may learn that is to judge those held out.

    Parameters
    ----------
    windows
        All of them.
    held_out
        Shape (n,): windows that follow one another, and are judged with up to `length` - 1 before them.

    Returns
    -------
    others
        Shape (n,): share no sample with any of them.
    """
    others = ~held_out
    for stretch in windows.stretches():
        mine = np.flatnonzero(held_out[stretch])
        if len(mine):
            begin = max(mine[0] - (length - 1) - windows.overlap, 0)
            others[stretch[begin : mine[-1] + windows.overlap + 1]] = False
    return others


def fit_both(windows: Windows, length: int | None = None) -> tuple[Whitened, Whitened]:
    """Distances of blocks and of single windows; of little sound, blocks of `length` windows if whole ones are too few."""
    blocks = blocks_of(windows)
    if length is not None and len(blocks) < MIN_BLOCKS_TO_FIT:
        blocks = blocks_of(windows, length)
    return fit(blocks.vectors, blocks.within), fit(np.asarray(windows.embeddings, np.float64))


def _mean_length(windows: Windows) -> int:
    """Windows in a held-out mean: with its context, but of little sound enough must be left to learn from."""
    return min(windows.context + 1, max(len(windows) // N_FOLDS, 1))


def _mean_sizes(windows: Windows, ends: Indices, length: int) -> Indices:
    sizes = np.empty(len(windows), np.int64)
    for stretch in windows.stretches():
        sizes[stretch] = min(length, len(stretch))
    return sizes[ends]


def _means(windows: Windows, length: int) -> tuple[Array, Indices]:
    """Means of `length` windows, and the index of the last of each; a shorter stretch gives the one mean of all."""
    means, ends = [], []
    for stretch in windows.stretches():
        n = min(length, len(stretch))
        total = np.cumsum(windows.embeddings[stretch], axis=0, dtype=np.float64)
        total[n:] -= total[:-n].copy()
        means.append(total[n - 1 :] / n)
        ends.append(stretch[n - 1 :])
    return np.concatenate(means), np.concatenate(ends)


def _beginnings(windows: Windows, blocks: Blocks, distance: Whitened) -> Array:
    """What the first 1, 2, … windows of each block score: shape (context + 1, blocks), nan where it has fewer."""
    scores = np.full((windows.context + 1, len(blocks)), np.nan)
    for b, (first, size) in enumerate(zip(blocks.first, blocks.sizes, strict=True)):
        total = np.cumsum(windows.embeddings[first : first + size], axis=0, dtype=np.float64)
        scores[:size, b] = distance(total / np.arange(1, size + 1)[:, None])
    return scores


def _partial(beginnings: Array) -> Array:
    """Typical score of each number of windows against that of the longest blocks heard; never growing."""
    known = beginnings[~np.all(np.isnan(beginnings), axis=1)]
    medians = np.nanmedian(known, axis=1)
    # Longer contexts than any that was heard are taken to be like the longest.
    medians = np.append(medians, np.full(len(beginnings) - len(known), medians[-1]))
    return np.asarray(np.maximum.accumulate(medians[::-1])[::-1] / medians[-1])
