"""Official scores of the DCASE challenges (Task 2), where the recordings are named as the challenges name them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from auscult.errors import DatasetError
from auscult.evaluation import metrics
from auscult.evaluation.judge import Row
from auscult.evaluation.metrics import DcaseCell

_NAMED_2020 = re.compile(r"(normal|anomaly)_id_\d\d_\d{8}")
_NAMED_SINCE = re.compile(r"section_\d\d_(source|target)_(train|test)_(normal|anomaly)_")


@dataclass(frozen=True, kw_only=True)
class DcaseRule:
    """Official DCASE score of these recordings by the rule of one or several years.

    Parameters
    ----------
    rule
        `2020`, `2021` or `2022-2025`: the files' names do not say which year from 2021 on, so both are given.
    score
        0 to 1; `None` where a machine lacks one kind of recording.
    cells
        The figures of each machine and section that enter it.
    why_not
        Why there is no score.
    """

    rule: str
    score: float | None
    cells: tuple[dict[str, Any], ...] = ()
    why_not: str = ""


def dcase_rules(rows: Sequence[Row]) -> tuple[DcaseRule, ...]:
    """Official scores, where every file is named as the challenge names them."""
    names = [row.path.name for row in rows]
    if all(_NAMED_2020.match(name) for name in names):
        return (_rule("2020", 2020, rows),)
    if all(_NAMED_SINCE.match(name) for name in names):
        return _rule("2021", 2021, rows), _rule("2022-2025", 2022, rows)
    return ()


def _rule(rule: str, year: int, rows: Sequence[Row]) -> DcaseRule:
    cells = _cells(rows)
    try:
        score = metrics.dcase_score(year, cells)
        parts = [metrics.dcase_parts(year, cell) for cell in cells]
    except DatasetError as error:
        return DcaseRule(rule=rule, score=None, why_not=str(error))
    named = ({"machine": cell.machine, "section": cell.section} for cell in cells)
    return DcaseRule(
        rule=rule,
        score=score,
        cells=tuple(name | part for name, part in zip(named, parts, strict=True)),
    )


def _cells(rows: Sequence[Row]) -> list[DcaseCell]:
    """Scores of every machine and section, sorted."""

    def key(row: Row) -> tuple[str, str]:
        return row.machine, row.unit

    groups = groupby(sorted(rows, key=key), key)
    return [_cell(machine, section, list(group)) for (machine, section), group in groups]


def _cell(machine: str, section: str, rows: Sequence[Row]) -> DcaseCell:
    return DcaseCell(
        machine=machine,
        section=section,
        normal=_by_domain([row for row in rows if row.is_normal]),
        anomaly=_by_domain([row for row in rows if not row.is_normal]),
    )


def _by_domain(rows: Sequence[Row]) -> dict[str, list[float]]:
    scores: dict[str, list[float]] = {}
    for row in rows:
        scores.setdefault(row.domain, []).append(row.score)
    return scores
