"""Figures of every machine, unit and domain by itself, and their means by machine."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from auscult.evaluation import metrics
from auscult.evaluation.judge import ColumnName, Row
from auscult.evaluation.level_leak import level_leaks
from auscult.evaluation.metrics import Array, Confusion

_SILENCE_DB = -120.0


@dataclass(frozen=True, kw_only=True)
class Unit:
    """Figures of one machine, unit and domain; `None` where only one kind of recording is there.

    Parameters
    ----------
    machine, unit, domain
        As the clips say.
    n_normal, n_anomaly
        Recordings.
    auc, pauc
        As recorded.
    auc_rms_normalised, auc_random_gain
        In the other two columns.
    level_auc
        What loudness alone reaches, as `auscult.evaluation.level_leak` has it: against this unit's own normal recordings;
        `None` with fewer than three of those, too.
    false_positive_rate, recall
        Share of normal recordings that raised an alarm, and of anomalous ones that were heard, at the bundle's limit.
    f1, always_alarm_f1
        F1 at the bundle's limit, and of calling everything anomalous.
    """

    machine: str
    unit: str
    domain: str
    n_normal: int
    n_anomaly: int
    auc: float | None
    pauc: float | None
    auc_rms_normalised: float | None
    auc_random_gain: float | None
    level_auc: float | None
    false_positive_rate: float | None
    recall: float | None
    f1: float | None
    always_alarm_f1: float | None


_MEANS = (
    "auc",
    "pauc",
    "auc_rms_normalised",
    "auc_random_gain",
    "level_auc",
    "false_positive_rate",
    "recall",
    "f1",
    "always_alarm_f1",
)


def units_of(rows: Sequence[Row]) -> tuple[Unit, ...]:
    """Figures by machine, unit and domain, sorted."""

    def key(row: Row) -> tuple[str, str, str]:
        return row.machine, row.unit, row.domain

    return tuple(_unit(name, list(group)) for name, group in groupby(sorted(rows, key=key), key))


def machine_means(units: Sequence[Unit]) -> tuple[Unit, ...]:
    """Of each machine with several units, the arithmetic mean of its units' figures, as far as they are known.

    Each unit counts alike, however many recordings it has; `n_normal` and `n_anomaly` are sums, and `unit` is empty.
    """
    machines = dict.fromkeys(unit.machine for unit in units)
    groups = ([unit for unit in units if unit.machine == name] for name in machines)
    return tuple(_mean(group) for group in groups if len(group) > 1)


def _mean(units: Sequence[Unit]) -> Unit:
    def mean(name: str) -> float | None:
        known = [value for unit in units if (value := getattr(unit, name)) is not None]
        return float(np.mean(known)) if known else None

    return Unit(
        machine=units[0].machine,
        unit="",
        domain="",
        n_normal=sum(unit.n_normal for unit in units),
        n_anomaly=sum(unit.n_anomaly for unit in units),
        **{name: mean(name) for name in _MEANS},
    )


def sides(rows: Sequence[Row], values: Sequence[float]) -> tuple[Array, Array]:
    """Values of the normal and of the anomalous rows."""
    normal = np.array([row.is_normal for row in rows], bool)
    every = np.asarray(values, float)
    return every[normal], every[~normal]


def levels(rows: Sequence[Row]) -> tuple[Array, Array]:
    """Levels of the normal and of the anomalous rows; silence counts as -120 dBFS, so that it can be subtracted."""
    return sides(rows, [max(row.level_db, _SILENCE_DB) for row in rows])


def decisions(rows: Iterable[Row]) -> Confusion:
    """What the bundle itself decided, not what the scores would allow."""
    pairs = [(row.is_normal, row.is_anomaly) for row in rows if row.side]
    return Confusion(
        tn=pairs.count((True, False)),
        fp=pairs.count((True, True)),
        fn=pairs.count((False, False)),
        tp=pairs.count((False, True)),
    )


def _level_auc(rows: Sequence[Row]) -> float | None:
    _, leaks = level_leaks([("", *levels(rows))])
    return leaks[0].auc if leaks else None


def _unit(name: tuple[str, str, str], rows: list[Row]) -> Unit:
    counted = decisions(rows)
    n_normal = counted.tn + counted.fp
    n_anomaly = counted.fn + counted.tp
    both = bool(n_normal and n_anomaly)

    def area(column: ColumnName) -> float | None:
        return metrics.auc(*sides(rows, [row.in_column(column) for row in rows])) if both else None

    machine, unit, domain = name
    return Unit(
        machine=machine,
        unit=unit,
        domain=domain,
        n_normal=n_normal,
        n_anomaly=n_anomaly,
        auc=area("as_recorded"),
        pauc=metrics.pauc(*sides(rows, [row.score for row in rows])) if both else None,
        auc_rms_normalised=area("rms_normalised"),
        auc_random_gain=area("random_gain"),
        level_auc=_level_auc(rows),
        false_positive_rate=counted.false_positive_rate if n_normal else None,
        recall=counted.recall if n_anomaly else None,
        f1=counted.f1 if both else None,
        always_alarm_f1=metrics.always_alarm_f1(n_normal, n_anomaly) if both else None,
    )
