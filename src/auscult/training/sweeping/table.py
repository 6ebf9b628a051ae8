"""A sweep in figures: seeds as mean and deviation, units as mean and standard error, for the terminal, as CSV and as JSON."""

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from statistics import fmean, harmonic_mean, stdev
from typing import Any

from rich.markup import escape
from rich.table import Table

from auscult.evaluation.judge import COLUMNS, ColumnName
from auscult.evaluation.words import COLUMN_TITLES, number
from auscult.training.sweeping.job import Row
from auscult.training.sweeping.sweep import Swept, best_of, best_path
from auscult.training.sweeping.units import Unit

AREAS = ("auc", "pauc")
FIGURES: tuple[tuple[ColumnName, str], ...] = tuple(
    (column, area) for column in COLUMNS for area in AREAS
)
TITLES = {"auc": "AUC", "pauc": "pAUC"}


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Figures in one.

    Parameters
    ----------
    mean
        Of them.
    sd
        Their deviation; `None` of one.
    n
        How many there are.

    Examples
    --------
    >>> spread = spread_of([0.7, 0.8, 0.9])
    >>> round(spread.mean, 3), round(spread.sd, 3), round(spread.se, 3)
    (0.8, 0.1, 0.058)
    """

    mean: float
    sd: float | None
    n: int

    @property
    def se(self) -> float | None:
        """Standard error of the mean."""
        return None if self.sd is None else self.sd / math.sqrt(self.n)


def spread_of(values: Sequence[float]) -> Spread:
    """Mean and deviation of one value or more."""
    return Spread(mean=fmean(values), sd=stdev(values) if len(values) > 1 else None, n=len(values))


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One unit by one method, over its seeds.

    Parameters
    ----------
    unit, method
        Which.
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
        Of learning, on average.
    bundle
        The best one's place below the folder of the sweep.
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
    seconds: float
    bundle: str

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
    """

    name: str
    units: int
    figures: Mapping[str, Mapping[str, Spread]]
    harmonic: Mapping[str, float]
    f1: float | None = None
    seconds: float | None = None


def cells_of(swept: Swept) -> tuple[Cell, ...]:
    """Every unit with every method."""
    methods = len({row.method for row in (*swept.rows, *swept.failed)})
    best = {
        (row.unit, row.method): best_path(row, methods).as_posix() for row in best_of(swept.rows)
    }

    def key(row: Row) -> tuple[Unit, str]:
        return row.unit, row.method

    groups = groupby(swept.rows, key)
    return tuple(_cell(list(group), best[which]) for which, group in groups)


def totals_of(cells: Sequence[Cell]) -> tuple[Total, ...]:
    """Every method, then loudness alone, then an alarm for everything."""
    measured = [cell for cell in cells if cell.figures]
    methods = tuple(dict.fromkeys(cell.method for cell in cells))
    of_methods = (_total(name, [c for c in cells if c.method == name]) for name in methods)
    return (*of_methods, *((_level(measured), _always(measured)) if measured else ()))


def _cell(rows: Sequence[Row], bundle: str) -> Cell:
    measured = [row for row in rows if row.columns]
    figures: dict[str, Mapping[str, Spread]] = {
        column: {area: spread_of([row.columns[column][area] for row in measured]) for area in AREAS}
        for column in (COLUMNS if measured else ())
    }
    return Cell(
        unit=rows[0].unit,
        method=rows[0].method,
        seeds=len(rows),
        figures=figures,
        level={a: fmean(row.level[a] for row in measured) for a in AREAS} if measured else {},
        f1=_mean(row.f1 for row in measured),
        always_alarm_f1=_mean(row.always_alarm_f1 for row in measured),
        n_normal=rows[0].n_normal,
        n_anomaly=rows[0].n_anomaly,
        is_test_held_out=any(row.is_test_held_out for row in rows),
        seconds=fmean(row.train_s for row in rows),
        bundle=bundle,
    )


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


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
        seconds=sum(cell.seconds * cell.seeds for cell in cells),
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
    for name in ("AUC", "pAUC", "equally\nloud", "±6 dB", "loudness\nalone", "learned\nin s"):
        result.add_column(name, justify="right", no_wrap=True)
    for cell in cells:
        figures = (with_spread(cell.figures.get(c, {}).get(a)) for c, a in _SHOWN)
        result.add_row(
            escape(cell.unit.name),
            escape(cell.method),
            *figures,
            number(cell.level.get("auc")),
            f"{cell.seconds:.1f}",
        )
    result.add_section()
    for total in totals:
        figures = (with_error(total.figures.get(c, {}).get(a)) for c, a in _SHOWN)
        seconds = "" if total.seconds is None else f"{total.seconds:.1f}"
        result.add_row("Mean of units", escape(total.name), *figures, "", seconds)
    for total in totals:
        harmonic = (number(total.harmonic.get(area)) for area in AREAS)
        result.add_row("Harmonic mean", escape(total.name), *harmonic, "", "", "", "")
    return result


_SHOWN = (
    ("as_recorded", "auc"),
    ("as_recorded", "pauc"),
    ("rms_normalised", "auc"),
    ("random_gain", "auc"),
)


def with_spread(figure: Spread | None) -> str:
    """A mean with its deviation.

    Examples
    --------
    >>> with_spread(spread_of([0.7, 0.8])), with_spread(spread_of([0.7])), with_spread(None)
    ('0.750 ± 0.071', '0.700', '–')
    """
    return _joined(figure, None if figure is None else figure.sd)


def with_error(figure: Spread | None) -> str:
    """A mean with its standard error."""
    return _joined(figure, None if figure is None else figure.se)


def _joined(figure: Spread | None, more: float | None) -> str:
    text = number(None if figure is None else figure.mean)
    return text if more is None else f"{text} ± {more:.3f}"


# For programs


def csv_text(cells: Sequence[Cell], totals: Sequence[Total]) -> str:
    """The same table as CSV: a line a unit and method, then those over all units, whose condition is empty."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    names = [f"{column}_{area}" for column, area in FIGURES]
    writer.writerow(
        ["condition", "machine", "id", "method", "seeds_or_units"]
        + [f"{name}_{part}" for name in names for part in ("mean", "sd", "se")]
        + ["level_auc", "level_pauc", "harmonic_auc", "harmonic_pauc", "f1", "seconds", "bundle"]
    )
    for cell in cells:
        unit = cell.unit
        level = [_text(cell.level.get(area)) for area in AREAS]
        writer.writerow(
            (
                *(unit.condition, unit.machine, unit.id, cell.method, cell.seeds),
                *_spreads(cell.figures),
                *(*level, "", "", _text(cell.f1), _text(cell.seconds), cell.bundle),
            )
        )
    for total in totals:
        harmonic = [_text(total.harmonic.get(area)) for area in AREAS]
        writer.writerow(
            (
                *("", "", "", total.name, total.units),
                *_spreads(total.figures),
                *("", "", *harmonic, _text(total.f1), _text(total.seconds), ""),
            )
        )
    return file.getvalue()


def _spreads(figures: Mapping[str, Mapping[str, Spread]]) -> list[str]:
    found = (figures.get(column, {}).get(area) for column, area in FIGURES)
    return [
        _text(value)
        for one in found
        for value in ((one.mean, one.sd, one.se) if one else (None, None, None))
    ]


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def to_dict(swept: Swept, cells: Sequence[Cell], totals: Sequence[Total]) -> dict[str, Any]:
    """All there is to know, ready for JSON."""
    return {
        "units": [asdict(cell) | {"unit": cell.unit.name} for cell in cells],
        "methods": [asdict(total) for total in totals],
        "failed": [
            {"unit": row.unit.name, "method": row.method, "seed": row.seed, "error": row.error}
            for row in swept.failed
        ],
        "done_before": swept.n_before,
        "columns": dict(COLUMN_TITLES),
        "rows": [row.to_dict() for row in swept.rows],
    }
