"""Embedded windows in order of time, and ten-second blocks: means of windows that follow one another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Windows:
    """What was heard, window by window.

    Parameters
    ----------
    embeddings
        Shape (n, dim).
    recording
        Shape (n,): which recording each is from, growing.
    stretch
        Shape (n,): grows where windows do not follow one another.
    context
        Earlier windows that the ten-second score averages with the present one.
    overlap
        Windows after each that share samples with it.
    """

    embeddings: NDArray[np.floating]
    recording: Indices
    stretch: Indices
    context: int
    overlap: int = 0

    def __len__(self) -> int:
        return len(self.embeddings)

    def part(self, chosen: NDArray[np.bool_]) -> "Windows":
        """The chosen ones; where others are missing in between, a new stretch begins."""
        kept = np.flatnonzero(chosen)
        breaks = np.concatenate([np.zeros(min(len(kept), 1), np.int64), np.diff(kept) > 1])
        return Windows(
            embeddings=self.embeddings[kept],
            recording=self.recording[kept],
            stretch=self.stretch[kept] + np.cumsum(breaks),
            context=self.context,
            overlap=self.overlap,
        )

    def stretches(self) -> list[Indices]:
        """Indices of the windows of each stretch."""
        return np.split(np.arange(len(self)), np.flatnonzero(np.diff(self.stretch)) + 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Blocks:
    """Means of windows that follow one another, no two from the same samples.

    Parameters
    ----------
    vectors
        Shape (blocks, dim).
    recording
        Shape (blocks,).
    within
        Shape (windows in blocks, dim): deviations from the mean of their block.
    first, last
        Shape (blocks,): index of its first and last window.
    """

    vectors: Array
    recording: Indices
    within: Array
    first: Indices
    last: Indices

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def sizes(self) -> Indices:
        """Shape (blocks,): number of windows."""
        return self.last - self.first + 1


def blocks_of(windows: Windows, length: int | None = None) -> Blocks:
    """Blocks from the beginning of each stretch on.

    Parameters
    ----------
    windows
        At least one.
    length
        Windows in a block; default: the present one and its context. A stretch that is shorter is a block of its own, and
        what is left at the end of a longer one counts if it is at least half a block.

    Examples
    --------
    >>> rows, zeros = np.arange(24.0)[:, None], np.zeros(24, np.int64)
    >>> blocks = blocks_of(Windows(embeddings=rows, recording=zeros, stretch=zeros, context=8, overlap=1))
    >>> blocks.first.tolist(), blocks.sizes.tolist(), blocks.vectors[:, 0].tolist()
    ([0, 10], [9, 9], [4.0, 14.0])
    """
    length = windows.context + 1 if length is None else length
    first, last = [], []
    for stretch in windows.stretches():
        for begin in range(0, len(stretch), length + windows.overlap):
            block = stretch[begin : begin + length]
            if begin == 0 or 2 * len(block) > length:
                first.append(block[0])
                last.append(block[-1])
    parts = [windows.embeddings[a : b + 1] for a, b in zip(first, last, strict=True)]
    vectors = np.asarray([part.mean(axis=0, dtype=np.float64) for part in parts])
    within = [part - vector for part, vector in zip(parts, vectors, strict=True)]
    return Blocks(
        vectors=vectors,
        recording=windows.recording[first],
        within=np.concatenate(within),
        first=np.asarray(first),
        last=np.asarray(last),
    )
