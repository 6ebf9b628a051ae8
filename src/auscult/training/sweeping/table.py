"""A sweep in figures: seeds as mean and deviation, units as mean and standard error, for the terminal, as CSV and as JSON."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from itertools import groupby
from statistics import fmean, harmonic_mean
from typing import Any

from rich.markup import escape
from rich.table import Table

from auscult.evaluation.judge import COLUMNS, ColumnName
from auscult.evaluation.official import DOMAINS
from auscult.evaluation.words import COLUMN_TITLES, number
from auscult.training.sweeping.job import Row
from auscult.training.sweeping.official import Official
from auscult.training.sweeping.spread import (
    Spread,
    spread_of,
    spreads_of,
    with_error,
    with_spread,
)
from auscult.training.sweeping.sweep import Swept, best_paths
from auscult.training.sweeping.units import Unit

AREAS = ("auc", "pauc")
FIGURES: tuple[tuple[ColumnName, str], ...] = tuple(
    (column, area) for column in COLUMNS for area in AREAS
)
TITLES = {"auc": "AUC", "pauc": "pAUC"}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One unit by one method, or by one part of its bundles, over its seeds.

    Parameters
    ----------
    unit, method
        Which.
    part
        Whose score alone it is; empty: the whole bundle's.
    seeds
        How many.
    figures
        By column, then `auc` and `pauc`; empty where nothing could be measured.
    level
        The same of loudness alone.
    f1, always_alarm_f1
        At the limit, and of an alarm for everything.
    n_normal, n_anomaly
        Recordings of the test, of the first seed.
    is_test_held_out
        Of some seed the test was what had chosen the epoch.
    seconds
        Of learning, on average; `None` of a part, which is not learned by itself.
    bundle
        The best one's place below the folder of the sweep.
    domains
        AUC of the normal recordings of `source` and of `target` against all anomalous ones, as far as domains are known.
    """

    unit: Unit
    method: str
    seeds: int
    figures: Mapping[str, Mapping[str, Spread]]
    level: Mapping[str, float]
    f1: float | None
    always_alarm_f1: float | None
    n_normal: int
    n_anomaly: int
    is_test_held_out: bool
    seconds: float | None
    bundle: str
    domains: Mapping[str, Spread] = field(default_factory=dict)
    part: str = ""

    @property
    def name(self) -> str:
        """What it was heard by."""
        return f"{self.method}: {self.part} alone" if self.part else self.method

    def mean(self, column: str, area: str) -> float | None:
        """Of a figure over the seeds."""
        found = self.figures.get(column, {}).get(area)
        return None if found is None else found.mean


@dataclass(frozen=True, kw_only=True)
class Total:
    """A method over all units, or what loudness alone or an alarm for everything would reach.

    Parameters
    ----------
    name
        Of it.
    units
        How many could be measured.
    figures
        By column, then `auc` and `pauc`: of the units' means.
    harmonic
        Harmonic means of AUC and pAUC over the units, as recorded.
    f1
        On average.
    seconds
        Of learning, in all.
    domains
        By domain, over the units where it is known.
    """

    name: str
    units: int
    figures: Mapping[str, Mapping[str, Spread]]
    harmonic: Mapping[str, float]
    f1: float | None = None
    seconds: float | None = None
    domains: Mapping[str, Spread] = field(default_factory=dict)


def cells_of(swept: Swept) -> tuple[Cell, ...]:
    """Every unit with every method, and below it with each part of its bundles where they have several."""
    best = best_paths(swept)

    def key(row: Row) -> tuple[Unit, str]:
        return row.unit, row.method

    groups = groupby(swept.rows, key)
    return tuple(
        cell for which, group in groups for cell in _with_parts(list(group), best[which].as_posix())
    )


def totals_of(cells: Sequence[Cell]) -> tuple[Total, ...]:
    """Every method, then loudness alone, then an alarm for everything."""
    measured = [cell for cell in cells if cell.figures]
    methods = tuple(dict.fromkeys(cell.name for cell in cells))
    of_methods = (_total(name, [c for c in cells if c.name == name]) for name in methods)
    return (*of_methods, *((_level(measured), _always(measured)) if measured else ()))


def _with_parts(rows: Sequence[Row], bundle: str) -> Iterator[Cell]:
    whole = _cell(rows, bundle)
    yield whole
    measured = [row for row in rows if row.columns]
    for part in dict.fromkeys(name for row in measured for name in row.parts):
        figures = _spreads([row.parts[part] for row in measured if part in row.parts])
        yield replace(whole, part=part, figures=figures, f1=None, domains={}, seconds=None)


def _spreads(
    figures: Sequence[Mapping[str, Mapping[str, float]]],
) -> dict[str, Mapping[str, Spread]]:
    return {
        column: {area: spread_of([one[column][area] for one in figures]) for area in AREAS}
        for column in (COLUMNS if figures else ())
    }


def _cell(rows: Sequence[Row], bundle: str) -> Cell:
    measured = [row for row in rows if row.columns]
    return Cell(
        unit=rows[0].unit,
        method=rows[0].method,
        seeds=len(rows),
        figures=_spreads([row.columns for row in measured]),
        level={a: fmean(row.level[a] for row in measured) for a in AREAS} if measured else {},
        f1=_mean(row.f1 for row in measured),
        always_alarm_f1=_mean(row.always_alarm_f1 for row in measured),
        n_normal=rows[0].n_normal,
        n_anomaly=rows[0].n_anomaly,
        is_test_held_out=any(row.is_test_held_out for row in rows),
        seconds=fmean(row.train_s for row in rows),
        bundle=bundle,
        domains=spreads_of(row.domains for row in measured),
    )


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _total(name: str, cells: Sequence[Cell]) -> Total:
    measured = [cell for cell in cells if cell.figures]

    def means(column: str, area: str) -> list[float]:
        return [cell.figures[column][area].mean for cell in measured]

    figures: dict[str, Mapping[str, Spread]] = {
        column: {area: spread_of(means(column, area)) for area in AREAS}
        for column in (COLUMNS if measured else ())
    }
    return Total(
        name=name,
        units=len(measured),
        figures=figures,
        harmonic={a: harmonic_mean(means("as_recorded", a)) for a in AREAS} if measured else {},
        f1=_mean(cell.f1 for cell in measured),
        seconds=_sum(cell.seconds and cell.seconds * cell.seeds for cell in cells),
        domains=spreads_of({d: one.mean for d, one in cell.domains.items()} for cell in measured),
    )


def _by_unit(cells: Sequence[Cell]) -> list[list[Cell]]:
    units = dict.fromkeys(cell.unit for cell in cells)
    return [[cell for cell in cells if cell.unit == unit] for unit in units]


def _level(cells: Sequence[Cell]) -> Total:
    """As recorded only: at equal loudness there is nothing to hear by level."""
    of_units = {a: [fmean(c.level[a] for c in unit) for unit in _by_unit(cells)] for a in AREAS}
    return Total(
        name="Loudness alone",
        units=len(of_units["auc"]),
        figures={"as_recorded": {area: spread_of(of_units[area]) for area in AREAS}},
        harmonic={area: harmonic_mean(of_units[area]) for area in AREAS},
    )


def _always(cells: Sequence[Cell]) -> Total:
    n = len(_by_unit(cells))
    guess = {area: Spread(mean=0.5, sd=None, n=n) for area in AREAS}
    return Total(
        name="Always an alarm",
        units=n,
        figures=dict.fromkeys(COLUMNS, guess),
        harmonic=dict.fromkeys(AREAS, 0.5),
        f1=_mean(cell.always_alarm_f1 for cell in cells),
    )


# For the terminal


def table(cells: Sequence[Cell], totals: Sequence[Total]) -> Table:
    """Every unit with every method (± deviation over seeds), then the means over units (± standard error)."""
    n = len(_by_unit(cells))
    result = Table(
        title=f"{n} unit{'s' * (n != 1)}; ± over seeds, below over units",
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        header_style="bold",
    )
    result.add_column("unit", overflow="fold")
    result.add_column("by", overflow="fold")
    domains = domains_of(cells)
    areas = ("AUC", "pAUC", *(f"AUC\n{domain}" for domain in domains))
    for name in (*areas, "equally\nloud", "±6 dB", "loudness\nalone", "learned\nin s"):
        result.add_column(name, justify="right", no_wrap=True)
    for cell in cells:
        result.add_row(
            escape(cell.unit.name),
            escape(cell.name),
            *map(with_spread, shown(cell, domains)),
            number(cell.level.get("auc")),
            "" if cell.seconds is None else f"{cell.seconds:.1f}",
        )
    result.add_section()
    for total in totals:
        figures = map(with_error, shown(total, domains))
        seconds = "" if total.seconds is None else f"{total.seconds:.1f}"
        result.add_row("Mean of units", escape(total.name), *figures, "", seconds)
    for total in totals:
        harmonic = (number(total.harmonic.get(area)) for area in AREAS)
        rest = len(result.columns) - 2 - len(AREAS)
        result.add_row("Harmonic mean", escape(total.name), *harmonic, *[""] * rest)
    return result


def official_tables(officials: Sequence[Official]) -> tuple[Table, ...]:
    """A table for each rule: the machines of every set, then all of them together."""
    by_rule = groupby(sorted(officials, key=_rule), _rule)
    return tuple(_official_table(rule, list(group)) for rule, group in by_rule)


def _rule(official: Official) -> str:
    return official.rule


def _official_table(rule: str, officials: Sequence[Official]) -> Table:
    parts = tuple(dict.fromkeys(name for one in officials for name in one.parts))
    result = Table(
        title=f"DCASE score, {rule}; ± over seeds",
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        header_style="bold",
    )
    result.add_column("machine", overflow="fold")
    result.add_column("by", overflow="fold")
    for name in ("score", *(part_title(name).replace(" ", "\n") for name in parts)):
        result.add_column(name, justify="right", no_wrap=True)
    for one in officials:
        figures = (with_spread(one.parts.get(name)) for name in parts)
        result.add_row(
            escape(official_name(one)), escape(one.method), with_spread(one.score), *figures
        )
    return result


def official_name(official: Official) -> str:
    """Whose score it is."""
    return f"{official.condition}/{official.machine or '(all machines)'}"


def part_title(name: str) -> str:
    """A part of an official score as a heading.

    Examples
    --------
    >>> part_title("auc_source"), part_title("pauc")
    ('AUC source', 'pAUC')
    """
    kind, _, domain = name.partition("_")
    return f"{TITLES[kind]} {domain}".strip()


def why_not(officials: Sequence[Official]) -> tuple[str, ...]:
    """Why there is no score where there is none."""
    return tuple(
        f"{official_name(one)} by {one.method}: {one.why_not}" for one in officials if one.why_not
    )


def of_versions(rows: Sequence[Row]) -> str:
    """How many results were made by which other version of Auscult than this one; nothing where all are its own."""
    now = version("auscult")
    others = Counter(row.auscult for row in rows if row.auscult != now)
    if not others:
        return ""
    made = ", ".join(f"{n} by {name or 'nobody knows which'}" for name, n in sorted(others.items()))
    return (
        f"Of {len(rows)} results some were made by another version of Auscult than this one, {now}: {made}. "
        "They are compared as they are; with another -o all of it is done by one version."
    )


def domains_of(cells: Sequence[Cell]) -> tuple[str, ...]:
    """Those that any recordings are known to be of."""
    return tuple(domain for domain in DOMAINS if any(domain in cell.domains for cell in cells))


def shown(of: Cell | Total, domains: Sequence[str]) -> Iterator[Spread | None]:
    """What a line of a table shows: AUC and pAUC as recorded, AUC of each domain, and in the other two columns."""
    for column, area in _SHOWN[:2]:
        yield of.figures.get(column, {}).get(area)
    for domain in domains:
        yield of.domains.get(domain)
    for column, area in _SHOWN[2:]:
        yield of.figures.get(column, {}).get(area)


_SHOWN = (
    ("as_recorded", "auc"),
    ("as_recorded", "pauc"),
    ("rms_normalised", "auc"),
    ("random_gain", "auc"),
)


# For programs


def csv_text(
    cells: Sequence[Cell], totals: Sequence[Total], officials: Sequence[Official] = ()
) -> str:
    """The same as CSV: a line a unit and method; those over all units, without a condition; official scores, without an id."""
    file = io.StringIO()
    writer = csv.DictWriter(file, _fields(), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(_cell_line(cell) for cell in cells)
    writer.writerows(_total_line(total) for total in totals)
    writer.writerows(_official_line(one) for one in officials)
    return file.getvalue()


def _fields() -> list[str]:
    names = [f"{column}_{area}" for column, area in FIGURES]
    return [
        *("condition", "machine", "id", "method", "seeds_or_units"),
        *(f"{name}_{part}" for name in names for part in _PARTS),
        *("level_auc", "level_pauc", "harmonic_auc", "harmonic_pauc", "f1", "seconds", "bundle"),
        *(f"auc_{domain}_{part}" for domain in DOMAINS for part in _PARTS),
        *("dcase_rule", *(f"dcase_{part}" for part in _PARTS), "dcase_why_not"),
    ]


_PARTS = ("mean", "sd", "se")


def _cell_line(cell: Cell) -> dict[str, str]:
    unit = cell.unit
    return {
        "condition": unit.condition,
        "machine": unit.machine,
        "id": unit.id,
        "method": cell.name,
        "seeds_or_units": str(cell.seeds),
        **_figures(cell),
        **{f"level_{area}": _text(cell.level.get(area)) for area in AREAS},
        "f1": _text(cell.f1),
        "seconds": _text(cell.seconds),
        "bundle": cell.bundle,
    }


def _total_line(total: Total) -> dict[str, str]:
    return {
        "method": total.name,
        "seeds_or_units": str(total.units),
        **_figures(total),
        **{f"harmonic_{area}": _text(total.harmonic.get(area)) for area in AREAS},
        "f1": _text(total.f1),
        "seconds": _text(total.seconds),
    }


def _official_line(one: Official) -> dict[str, str]:
    return {
        "condition": one.condition,
        "machine": one.machine,
        "method": one.method,
        "seeds_or_units": str(one.units),
        "dcase_rule": one.rule,
        "dcase_why_not": one.why_not,
        **_spread("dcase", one.score),
    }


def _figures(of: Cell | Total) -> dict[str, str]:
    of_columns = {
        name: value
        for column, area in FIGURES
        for name, value in _spread(f"{column}_{area}", of.figures.get(column, {}).get(area)).items()
    }
    of_domains = {
        name: value
        for domain in DOMAINS
        for name, value in _spread(f"auc_{domain}", of.domains.get(domain)).items()
    }
    return of_columns | of_domains


def _spread(name: str, of: Spread | None) -> dict[str, str]:
    return {} if of is None else {f"{name}_{part}": _text(getattr(of, part)) for part in _PARTS}


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def to_dict(
    swept: Swept,
    cells: Sequence[Cell],
    totals: Sequence[Total],
    officials: Sequence[Official] = (),
) -> dict[str, Any]:
    """All there is to know, ready for JSON."""
    return {
        "units": [asdict(cell) | {"unit": cell.unit.name} for cell in cells],
        "methods": [asdict(total) for total in totals],
        "dcase": [asdict(one) for one in officials],
        "failed": [
            {"unit": row.unit.name, "method": row.method, "seed": row.seed, "error": row.error}
            for row in swept.failed
        ],
        "done_before": swept.n_before,
        "columns": dict(COLUMN_TITLES),
        "rows": [row.to_dict() for row in swept.rows],
    }
