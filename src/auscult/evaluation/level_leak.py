"""What loudness alone gives away: a detector that hears nothing but how loud a session was can look excellent."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from auscult.evaluation.metrics import Array, auc

LEAK_AUC = 0.8
"""Loudness alone at or above this makes every other figure doubtful."""

LEAST_NORMAL = 3
"""With fewer normal recordings there is no usual level to compare with."""


@dataclass(frozen=True, kw_only=True)
class LevelLeak:
    """How well loudness alone tells anomalous from normal recordings of one unit.

    Parameters
    ----------
    unit
        Condition, machine and unit, as far as they are known, joined by `/`.
    n_normal, n_anomaly
        Recordings heard.
    auc
        Of |level − median level of the unit's normal recordings|; 0.5 = loudness says nothing.
    """

    unit: str
    n_normal: int
    n_anomaly: int
    auc: float

    def is_leak(self, *, sure: float) -> bool:
        """As `is_leak` says of its figures."""
        return is_leak(self.auc, self.n_normal, self.n_anomaly, sure=sure)


def level_leaks(
    units: Iterable[tuple[str, ArrayLike, ArrayLike]],
) -> tuple[float | None, tuple[LevelLeak, ...]]:
    """AUC of loudness alone, each unit's recordings against the unit's own median.

    Parameters
    ----------
    units
        Name, levels of the normal and of the anomalous recordings in dB. Units with fewer than three normal recordings,
        or no anomalous one, are left out.

    Returns
    -------
    auc, leaks
        Of all units together (`None` where none is left), and of each.

    Examples
    --------
    >>> area, leaks = level_leaks([("fan", [-20.0, -20.2, -20.1, -19.9], [-26.0, -14.0])])
    >>> area, leaks[0].n_anomaly
    (1.0, 2)
    """
    normals: list[Array] = []
    anomalies: list[Array] = []
    leaks: list[LevelLeak] = []
    for unit, normal_db, anomaly_db in units:
        n_normal, n_anomaly = np.size(normal_db), np.size(anomaly_db)
        if n_normal < LEAST_NORMAL or not n_anomaly:
            continue
        normal, anomaly = deviations(normal_db, anomaly_db)
        normals.append(normal)
        anomalies.append(anomaly)
        leaks.append(
            LevelLeak(unit=unit, n_normal=n_normal, n_anomaly=n_anomaly, auc=auc(normal, anomaly))
        )
    if not leaks:
        return None, ()
    return auc(np.concatenate(normals), np.concatenate(anomalies)), tuple(leaks)


def deviations(normal_db: ArrayLike, anomaly_db: ArrayLike) -> tuple[Array, Array]:
    """Loudness as a score: how far each recording is from the usual level, the median of the normal ones.

    A normal recording is compared with the median of the *other* normal ones: with itself in the median it would lie nearer
    to it than any new one, and few recordings would show a leak where there is none.

    Parameters
    ----------
    normal_db, anomaly_db
        Levels in dB, shapes (n,) and (m,), finite, n > 0.

    Returns
    -------
    normal, anomaly
        Distances in dB, shapes (n,) and (m,); 0 for a normal recording that is the only one.

    Examples
    --------
    >>> normal, anomaly = deviations([1.0, 2.0, 4.0], [7.0])
    >>> normal.tolist(), anomaly.tolist()
    ([2.0, 0.5, 2.5], [5.0])
    """
    normal, anomaly = np.asarray(normal_db, float), np.asarray(anomaly_db, float)
    others = _medians_of_others(normal) if len(normal) > 1 else normal
    return np.abs(normal - others), np.abs(anomaly - np.median(normal))


def _medians_of_others(values: Array) -> Array:
    """For each value the median of the others, shape (n,), n > 1."""
    n_others = len(values) - 1
    ranked = np.sort(values)
    rank = np.argsort(np.argsort(values))
    low, high = (n_others - 1) // 2, n_others // 2
    # Taking out the value of a rank moves those from that rank on one place down.
    return np.asarray((ranked[low + (low >= rank)] + ranked[high + (high >= rank)]) / 2)


def is_leak(area: float, n_normal: int, n_anomaly: int, *, sure: float) -> bool:
    """Whether an AUC is high, and `sure` standard deviations above what chance gives so few recordings.

    Chance by the normal approximation of Mann and Whitney (1947).

    Examples
    --------
    >>> is_leak(0.9, 4, 1, sure=2.0), is_leak(0.9, 40, 10, sure=2.0)
    (False, True)
    """
    chance = math.sqrt((n_normal + n_anomaly + 1) / (12 * n_normal * n_anomaly))
    return area >= LEAK_AUC and area - 0.5 >= sure * chance
