"""The official scores of DCASE Task 2, as the evaluators of each year work them out; pure.

Sources: the evaluators' code at github.com/y-kawagu/dcase2020_task2_evaluator, y-kawagu/dcase2021_task2_evaluator and
nttcslab/dcase2023_task2_evaluator, and the task pages at dcase.community.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from auscult.errors import DatasetError, RecipeError
from auscult.evaluation.metrics import Array, auc, harmonic_mean, pauc


@dataclass(frozen=True, kw_only=True)
class DcaseCell:
    """Test scores of one machine and section, for the official DCASE score.

    Parameters
    ----------
    machine, section
        Machine type (`fan`) and section or machine ID (`section_00`, `id_00`).
    normal, anomaly
        Scores by domain (`source`, `target`; any single key where the year knows no domains).
    """

    machine: str
    section: str
    normal: Mapping[str, ArrayLike]
    anomaly: Mapping[str, ArrayLike]


def dcase_parts(year: int, cell: DcaseCell) -> dict[str, float]:
    """The figures of one machine and section that enter the official score of a year.

    2020: `auc`, `pauc`. 2021: `auc_source`, `pauc_source`, `auc_target`, `pauc_target`, each domain by itself. From 2022:
    `auc_source` and `auc_target`, the normal recordings of that domain against the anomalous ones of *both* (the
    domain is unknown at test time), and `pauc` of all recordings together.

    Raises
    ------
    DatasetError
        A domain has no normal or no anomalous scores.
    RecipeError
        No rule is known for the year.

    Examples
    --------
    >>> cell = DcaseCell(
    ...     machine="fan",
    ...     section="section_00",
    ...     normal={"source": [0, 1], "target": [2, 3]},
    ...     anomaly={"source": [1.5], "target": [4]},
    ... )
    >>> dcase_parts(2023, cell)["auc_target"]
    0.5
    """
    check_dcase_year(year)
    every_normal, every_anomaly = _pooled(cell.normal), _pooled(cell.anomaly)
    if year == 2020:
        return {
            "auc": auc(every_normal, every_anomaly),
            "pauc": pauc(every_normal, every_anomaly),
        }
    parts: dict[str, float] = {}
    for domain in ("source", "target"):
        normal = cell.normal.get(domain, ())
        if year == 2021:
            anomaly = cell.anomaly.get(domain, ())
            parts[f"auc_{domain}"] = auc(normal, anomaly)
            parts[f"pauc_{domain}"] = pauc(normal, anomaly)
        else:
            parts[f"auc_{domain}"] = auc(normal, every_anomaly)
    if year >= 2022:
        parts["pauc"] = pauc(every_normal, every_anomaly)
    return parts


def dcase_score(year: int, cells: Sequence[DcaseCell]) -> float:
    """Official score of DCASE Task 2: one number over machines and sections.

    Parameters
    ----------
    year
        2020 to 2025.
    cells
        One a machine and section.

    Returns
    -------
    float
        0 to 1 (the challenge prints percent). 2020: arithmetic mean of AUC and pAUC, averaged over the IDs of a machine
        type, then over machine types. From 2021: harmonic mean of all `dcase_parts` of all machines and sections.

    Raises
    ------
    DatasetError
        There is no cell, or a domain has no normal or no anomalous scores.
    RecipeError
        No rule is known for the year.

    Examples
    --------
    >>> cell = DcaseCell(machine="fan", section="id_00", normal={"": [1, 2]}, anomaly={"": [3]})
    >>> dcase_score(2020, [cell])
    1.0
    """
    return dcase_mean(year, [(cell.machine, dcase_parts(year, cell)) for cell in cells])


def dcase_mean(year: int, parts: Sequence[tuple[str, Mapping[str, float]]]) -> float:
    """Official score of DCASE Task 2 from the figures of each machine and section, as they are published.

    Parameters
    ----------
    year
        2020 to 2025.
    parts
        Machine type, and the figures that `dcase_parts` names, one pair a machine and section; all from 0 to 1, or all in
        percent.

    Raises
    ------
    DatasetError
        There is no machine.
    RecipeError
        No rule is known for the year.

    Examples
    --------
    >>> bandsaw = {"auc_source": 0.8, "auc_target": 0.5, "pauc": 0.5}
    >>> round(dcase_mean(2023, [("bandsaw", bandsaw)]), 3)
    0.571
    """
    check_dcase_year(year)
    if not parts:
        raise DatasetError(
            "There is no machine to take the DCASE score of.",
            "scores of one machine and section or more",
            "Pass one cell for each machine and section.",
        )
    if year == 2020:
        by_machine: dict[str, list[float]] = {}
        for machine, figures in parts:
            by_machine.setdefault(machine, []).extend(figures.values())
        return float(np.mean([np.mean(figures) for figures in by_machine.values()]))
    return harmonic_mean(figure for _, figures in parts for figure in figures.values())


def check_dcase_year(year: int) -> None:
    """Refuse a year of which no official rule is known.

    Raises
    ------
    RecipeError
        It is not from 2020 to 2025.
    """
    if year not in range(2020, 2026):
        raise RecipeError(
            f"No official score is known for DCASE {year}.",
            "a year from 2020 to 2025",
            "2022 to 2025 share one rule.",
        )


def _pooled(by_domain: Mapping[str, ArrayLike]) -> Array:
    """Scores of all domains together."""
    scores = [np.asarray(values, float).ravel() for values in by_domain.values()]
    return np.concatenate([np.empty(0), *scores])
