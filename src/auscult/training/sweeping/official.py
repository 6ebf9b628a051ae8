"""Official DCASE scores of a sweep: those of the sections of a machine joined, and those of the machines of a set."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from auscult.evaluation.dcase import dcase_mean
from auscult.evaluation.official import RULES, rule_of
from auscult.training.sweeping.job import Row
from auscult.training.sweeping.spread import Spread, spread_of, spreads_of
from auscult.training.sweeping.sweep import Swept

_NAMED = 2

Parts = Sequence[tuple[str, Mapping[str, float]]]
"""Machine, and the figures that enter the score, of each of its sections."""


@dataclass(frozen=True, kw_only=True)
class Official:
    """A method's official score for one machine, or for all machines of a set.

    Parameters
    ----------
    condition
        Folder of the set.
    machine
        Of it; empty: all of them.
    method
        By which it was learned.
    rule
        Years whose rule this is, or the year that was asked for.
    units
        Sections or IDs that it is over.
    score
        Over the seeds that have all of these; `None` where none has.
    parts
        What enters it, each joined as the score is: `auc` and `pauc`, or `auc_source`, `auc_target` and `pauc`, or those of both domains.
    why_not
        What is missing where there is no score.
    """

    condition: str
    machine: str
    method: str
    rule: str
    units: int
    score: Spread | None = None
    parts: Mapping[str, Spread] = field(default_factory=dict)
    why_not: str = ""


def officials_of(swept: Swept, year: int | None = None) -> tuple[Official, ...]:
    """Official scores of each machine by each method, and below them those of all machines of the set.

    A set is a condition. A score that lacks a section or a machine could not be compared with those of others, so there is none.

    Parameters
    ----------
    swept
        What came of the sweep.
    year
        By its rule, whatever the files are called; `None`: by the rules that the names of all files of a set speak of.

    Raises
    ------
    RecipeError
        No rule is known for the year.
    """
    asked = None if year is None else (str(year), rule_of(year))
    every = sorted((*swept.rows, *swept.failed), key=lambda row: row.unit)
    return tuple(
        one
        for condition in dict.fromkeys(row.unit.condition for row in every)
        for one in _of_set([row for row in every if row.unit.condition == condition], asked)
    )


def _of_set(rows: Sequence[Row], asked: tuple[str, str] | None) -> Iterator[Official]:
    machines = tuple(dict.fromkeys(row.unit.machine for row in rows))
    methods = tuple(dict.fromkeys(row.method for row in rows))
    for name, rule in (asked,) if asked else ((rule, rule) for rule in _named(rows)):
        for machine in (*machines, "") if len(machines) > 1 else machines:
            of_machine = [row for row in rows if machine in ("", row.unit.machine)]
            for method in methods:
                own = [row for row in of_machine if row.method == method]
                if own:
                    yield _official(own, machine, name, rule)


def _named(rows: Sequence[Row]) -> tuple[str, ...]:
    """Rules that the names of all files speak of, as far as anything came of their units."""
    known = [{one["rule"] for one in row.dcase if one["is_named"]} for row in rows if row.dcase]
    return tuple(rule for rule in RULES if known and all(rule in one for one in known))


def _official(rows: Sequence[Row], machine: str, name: str, rule: str) -> Official:
    year = RULES[rule]
    by_seed = {seed: [row for row in rows if row.seed == seed] for seed in _seeds(rows)}
    lacking = {seed: [*_lacking(own, rule)] for seed, own in by_seed.items()}
    whole = [_parts(by_seed[seed], rule) for seed, texts in lacking.items() if not texts]
    return Official(
        condition=rows[0].unit.condition,
        machine=machine,
        method=rows[0].method,
        rule=name,
        units=len({row.unit for row in rows}),
        score=spread_of([dcase_mean(year, parts) for parts in whole]) if whole else None,
        parts=spreads_of(_joined(year, parts) for parts in whole),
        why_not="" if whole else _words(lacking[rows[0].seed]),
    )


def _seeds(rows: Sequence[Row]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(row.seed for row in rows))


def _cells(row: Row, rule: str) -> Sequence[Mapping[str, Any]]:
    return next((one["cells"] for one in row.dcase if one["rule"] == rule), ())


def _parts(rows: Sequence[Row], rule: str) -> Parts:
    return [
        (row.unit.machine, {k: v for k, v in cell.items() if k not in ("machine", "section")})
        for row in rows
        for cell in _cells(row, rule)
    ]


def _joined(year: int, parts: Parts) -> dict[str, float]:
    """Each figure by itself, joined over sections and machines by the rule of the score."""
    names = parts[0][1]
    return {
        name: dcase_mean(year, [(machine, {name: figures[name]}) for machine, figures in parts])
        for name in names
    }


def _lacking(rows: Sequence[Row], rule: str) -> Iterator[str]:
    for row in rows:
        if row.error:
            yield f"{row.unit.name} seed {row.seed} failed"
        elif not row.dcase:
            yield f"{row.unit.name} has not both normal and anomalous recordings to test it by"
        elif not _cells(row, rule):
            why_not = next((one["why_not"] for one in row.dcase if one["rule"] == rule), "")
            yield f"{row.unit.name}: {why_not.rstrip('.')}"


def _words(lacking: Sequence[str]) -> str:
    more = len(lacking) - _NAMED
    return "; ".join(lacking[:_NAMED]) + (f"; and {more} more" if more > 0 else "") + "."
