"""An evaluation for people: one HTML page that works offline, a table for the terminal, JSON, pictures, sentences."""

import json
from contextlib import suppress
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from auscult.errors import DatasetError
from auscult.evaluation.classes import Classes
from auscult.evaluation.data_check import DataReport
from auscult.evaluation.data_page import data_page
from auscult.evaluation.evaluate import Evaluation
from auscult.evaluation.judge import COLUMNS, ColumnName
from auscult.evaluation.page import page
from auscult.evaluation.png_figures import png_figures
from auscult.evaluation.units import Unit
from auscult.evaluation.words import (
    COLUMN_TITLES,
    cautions,
    interval,
    number,
    percent,
    summary,
    unit_name,
)

__all__ = [
    "cautions",
    "class_table",
    "figures",
    "summary",
    "table",
    "tables",
    "write_data_html",
    "write_html",
    "write_json",
    "write_page",
]


def tables(evaluation: Evaluation) -> tuple[Table, ...]:
    """The result for the terminal: how well it hears, and how well it tells classes apart, as far as either was measured."""
    heard = (table(evaluation),) if evaluation.detects else ()
    known = evaluation.classes
    return heard if known is None else (*heard, class_table(evaluation.bundle, known))


def class_table(bundle: str, found: Classes) -> Table:
    """Every class, then all of them together.

    Returns
    -------
    rich.table.Table
        Recordings, precision, recall and F1 of each class, and what it is most often taken for.
    """
    result = Table(
        title=escape(f"{bundle}: how well it tells classes apart"),
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        header_style="bold",
    )
    result.add_column("", overflow="fold")
    for name in ("recordings", "precision", "recall", "F1"):
        result.add_column(name, justify="right", no_wrap=True)
    result.add_column("taken for", overflow="fold")
    for one in found.per_class:
        figures = (number(value) for value in (one.precision, one.recall, one.f1))
        name, count = found.taken_for.get(one.label, ("", 0))
        other = escape(f"{name} ({count})") if count else ""
        result.add_row(escape(one.label), str(one.recordings), *figures, other)
    result.add_section()
    result.add_row(
        "All together",
        str(found.n),
        "",
        number(found.balanced_accuracy),
        number(found.macro_f1),
        "",
    )
    return result


def table(evaluation: Evaluation) -> Table:
    """The result for the terminal.

    Returns
    -------
    rich.table.Table
        The three columns of the evaluation as rows; what each part of the bundle reaches by itself, where it has several; what loudness alone and always raising the alarm would reach; then every
        unit, and the mean of each machine that has several.
    """
    result = Table(
        title=escape(f"{evaluation.bundle}: how well it hears"),
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        header_style="bold",
    )
    result.add_column("", overflow="fold")
    for name in ("recordings", "AUC", "95 %", "pAUC", "heard", "false\nalarms"):
        result.add_column(name, justify="right", no_wrap=True)
    for column in COLUMNS:
        result.add_row(*_column_cells(evaluation, column))
    for part, columns in evaluation.parts.items():
        for column, found in columns.items():
            title = f"{COLUMN_TITLES[column]}, {part} alone"
            result.add_row(title, "", number(found["auc"]), "", number(found["pauc"]))
    result.add_row("Loudness alone", "", number(evaluation.level_auc))
    result.add_row(*_always_alarm_cells(evaluation), end_section=True)
    if len(evaluation.units) > 1:
        for unit in evaluation.units:
            result.add_row(*_unit_cells(unit))
    for mean in evaluation.machines:
        result.add_row(*_unit_cells(mean, of="mean of "), style="bold")
    return result


def _always_alarm_cells(evaluation: Evaluation) -> tuple[str, ...]:
    """What calling everything anomalous would reach: any useful bundle has to beat it."""
    n_normal, n_anomaly = evaluation.n_normal, evaluation.n_anomaly
    heard, false = f"{n_anomaly}/{n_anomaly}", f"{n_normal}/{n_normal}"
    return "Always alarm", "", number(0.5), "", number(0.5), heard, false


def _column_cells(evaluation: Evaluation, name: ColumnName) -> tuple[str, ...]:
    column, counted = evaluation.columns[name], evaluation.at_limit
    figures = (COLUMN_TITLES[name], number(column.auc), interval(column.ci95), number(column.pauc))
    title, *measured = figures
    if name != "as_recorded":
        return title, "", *measured
    return (
        title,
        f"{evaluation.n_normal} + {evaluation.n_anomaly}",
        *measured,
        f"{counted.tp}/{evaluation.n_anomaly}",
        f"{counted.fp}/{evaluation.n_normal}",
    )


def _unit_cells(unit: Unit, *, of: str = "") -> tuple[str, ...]:
    return (
        escape(of + unit_name(unit.machine, unit.unit, unit.domain)),
        f"{unit.n_normal} + {unit.n_anomaly}",
        number(unit.auc),
        "",
        number(unit.pauc),
        percent(unit.recall),
        percent(unit.false_positive_rate),
    )


def write_json(evaluation: Evaluation, path: Path, *, rows: bool = True) -> None:
    """Write all figures and, unless told otherwise, every recording's row.

    Raises
    ------
    DatasetError
        The file can't be written.
    """
    _write(path, json.dumps(evaluation.to_dict(rows=rows), indent=2, allow_nan=False) + "\n")


def write_html(evaluation: Evaluation, path: Path, *, listen: int = 3, tsne: bool = False) -> None:
    """Write one self-contained page: figures with their tables, and the worst misses to look at and listen to.

    Parameters
    ----------
    evaluation
        The result.
    path
        Where to write the page.
    listen
        How many of the least strange anomalous and of the strangest normal recordings to put in. Of recordings out of
        JSON files no more than ten of each can be listened to.
    tsne
        Draw the map of embeddings by t-SNE instead of by principal components (extra `report`).

    Raises
    ------
    DatasetError
        The file can't be written.
    MissingExtra
        t-SNE was asked for and scikit-learn is not installed.
    """
    _write(path, page(evaluation, listen=listen, tsne=tsne))


def write_page(page: str, path: Path) -> None:
    """Write a page that was made elsewhere, whole or not at all.

    Raises
    ------
    DatasetError
        The file can't be written.
    """
    _write(path, page)


def write_data_html(report: DataReport, path: Path) -> None:
    """Write what a data set holds as one self-contained page: findings, and a map of its classes.

    Raises
    ------
    DatasetError
        The file can't be written.
    """
    _write(path, data_page(report))


def figures(evaluation: Evaluation, folder: Path, *, tsne: bool = False) -> tuple[Path, ...]:
    """Write the page's figures as PNG files for a talk or a paper (extra `report`).

    Returns
    -------
    paths
        The files written.

    Raises
    ------
    DatasetError
        The folder can't be written to.
    MissingExtra
        matplotlib is not installed, or t-SNE was asked for and scikit-learn is not.
    """
    # All are drawn before the first is written: what is missing is said before anything is left behind.
    drawn = {
        folder / f"{name}.png": picture for name, picture in png_figures(evaluation, tsne=tsne)
    }
    for path, picture in drawn.items():
        _write(path, picture)
    return tuple(drawn)


def _write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all."""
    data = content.encode() if isinstance(content, str) else content
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        raise DatasetError(
            f"{path} can't be written: {error.strerror or error}.",
            "a place that can be written to",
            "Choose another file or folder.",
        ) from error
    finally:
        with suppress(OSError):  # what went wrong with it was told above
            part.unlink(missing_ok=True)
