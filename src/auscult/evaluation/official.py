"""Official scores of the DCASE challenges (Task 2): by the names of the recordings, or by the year that is asked for."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from auscult.evaluation.dcase import DcaseCell, check_dcase_year, dcase_mean, dcase_parts
from auscult.evaluation.judge import Row
from auscult.evaluation.metrics import auc

DOMAINS = ("source", "target")

RULES: Mapping[str, int] = {"2020": 2020, "2021": 2021, "2022-2025": 2022}
"""Rules by the years that they hold for, and a year of each."""

_NAMED_2020 = re.compile(r"(normal|anomaly)_id_\d\d_\d{8}")
_NAMED_SINCE = re.compile(r"section_\d\d_(source|target)_(train|test)_(normal|anomaly)_")
_NAMED = 3


@dataclass(frozen=True, kw_only=True)
class DcaseRule:
    """Official DCASE score of these recordings by the rule of one or several years.

    Parameters
    ----------
    rule
        The year that was asked for, or else what the files' names say: `2020`, or both `2021` and `2022-2025`.
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


def dcase_rules(rows: Sequence[Row], year: int | None = None) -> tuple[DcaseRule, ...]:
    """Official scores: by the rule of a year, or where every file is named as the challenge names them.

    Parameters
    ----------
    rows
        Recordings that count as normal or anomalous.
    year
        2020 to 2025; `None`: what the names say, and nothing where they say nothing. From 2021 on they do not tell the year.

    Raises
    ------
    RecipeError
        No rule is known for the year.
    """
    if year is not None:
        check_dcase_year(year)
        return (_rule(str(year), year, rows),)
    return tuple(_rule(rule, RULES[rule], rows) for rule in named_rules(rows))


def every_rule(rows: Sequence[Row]) -> tuple[DcaseRule, ...]:
    """Official scores by each of `RULES`, whatever the files are called."""
    return tuple(_rule(rule, year, rows) for rule, year in RULES.items())


def named_rules(rows: Sequence[Row]) -> tuple[str, ...]:
    """Those of `RULES` that the names of all recordings speak of."""
    names = [row.path.name for row in rows]
    if all(_NAMED_2020.match(name) for name in names):
        return ("2020",)
    if all(_NAMED_SINCE.match(name) for name in names):
        return "2021", "2022-2025"
    return ()


def rule_of(year: int) -> str:
    """The one of `RULES` that holds for a year.

    Raises
    ------
    RecipeError
        No rule is known for it.

    Examples
    --------
    >>> rule_of(2020), rule_of(2024)
    ('2020', '2022-2025')
    """
    check_dcase_year(year)
    return [rule for rule, first in RULES.items() if year >= first][-1]


def domain_aucs(rows: Sequence[Row]) -> dict[str, float]:
    """AUC of each domain's normal recordings against all anomalous ones, as since 2022; of those domains that are known."""
    normal = _by_domain([row for row in rows if row.is_normal])
    anomaly = [row.score for row in rows if not row.is_normal]
    known = [domain for domain in DOMAINS if domain in normal and anomaly]
    return {domain: auc(normal[domain], anomaly) for domain in known}


def _rule(rule: str, year: int, rows: Sequence[Row]) -> DcaseRule:
    why_not = "; ".join(_obstacles(year, rows))
    if why_not:
        return DcaseRule(rule=rule, score=None, why_not=f"{why_not}.")
    cells = _cells(rows)
    parts = [(cell.machine, dcase_parts(year, cell)) for cell in cells]
    named = ({"machine": cell.machine, "section": cell.section} for cell in cells)
    return DcaseRule(
        rule=rule,
        score=dcase_mean(year, parts),
        cells=tuple(name | part for name, (_, part) in zip(named, parts, strict=True)),
    )


def _obstacles(year: int, rows: Sequence[Row]) -> Iterator[str]:
    """What the rule of a year needs and the recordings lack; the first few of many."""
    unknown = sum(row.domain not in DOMAINS for row in rows) if year >= 2021 else 0
    if unknown:
        yield (
            f"the domain (source or target) of {unknown} of {len(rows)} recordings is unknown: names like "
            "section_00_source_test_normal_0001.wav, or folders source_test and target_test, tell it"
        )
        return
    lacking = [text for cell in _cells(rows) for text in _lacking(year, cell)]
    yield from lacking[:_NAMED]
    if len(lacking) > _NAMED:
        yield f"and {len(lacking) - _NAMED} more"


def _lacking(year: int, cell: DcaseCell) -> Iterator[str]:
    """The kinds of recordings that one machine and section would need: each domain's anomalies by themselves in 2021 only."""
    name = " ".join(part for part in (cell.machine, cell.section) if part) or "the machine"
    for domain in DOMAINS if year >= 2021 else ():
        if not cell.normal.get(domain):
            yield f"{name} has no normal recording of the {domain} domain"
        if year == 2021 and not cell.anomaly.get(domain):
            yield f"{name} has no anomalous recording of the {domain} domain"
    if year == 2020 and not cell.normal:
        yield f"{name} has no normal recording"
    if year != 2021 and not cell.anomaly:
        yield f"{name} has no anomalous recording"


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
