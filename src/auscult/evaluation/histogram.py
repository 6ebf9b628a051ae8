"""How many recordings have which score: the counts behind the histogram."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auscult.evaluation.evaluate import Evaluation
from auscult.evaluation.metrics import Array

_WIDE = 6.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Histogram:
    """Recordings by score.

    Parameters
    ----------
    edges
        Shape (bins + 1,), rising; they hold all scores and the limit, if there is one.
    normal, anomaly
        Shape (bins,): how many recordings of each kind.
    log
        The bins are equal in ratio, not in difference.
    """

    edges: Array
    normal: NDArray[np.int64]
    anomaly: NDArray[np.int64]
    log: bool


def histogram(evaluation: Evaluation) -> Histogram:
    """Counts by score; in equal steps, or in equal ratios where scores span more than a factor of six."""
    normal, anomaly = evaluation.scores()
    shown = np.concatenate([normal, anomaly])
    if math.isfinite(evaluation.limit):
        shown = np.append(shown, evaluation.limit)
    low, high = float(shown.min()), float(shown.max())
    log = low > 0 and high / low > _WIDE
    edges = _edges(low, high, n=int(np.clip(2 * math.sqrt(len(shown)), 12, 48)), log=log)
    return Histogram(
        edges=edges,
        normal=np.histogram(normal, edges)[0],
        anomaly=np.histogram(anomaly, edges)[0],
        log=log,
    )


def _edges(low: float, high: float, *, n: int, log: bool) -> Array:
    """Edges of `n` bins with a little room on both sides."""
    if log:
        room = (high / low) ** 0.02
        return np.geomspace(low / room, high * room, n + 1)
    room = (high - low) * 0.02 or 0.5
    return np.linspace(low - room, high + room, n + 1)
