"""What really happened in a long recording: a table with a line for each fault."""

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path

from auscult.errors import DatasetError

COLUMNS = ("start_s", "end_s")
_LABEL = "label"
_EXAMPLE = "start_s,end_s,label"
_DELIMITERS = (";", "\t", ",")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A stretch of a recording in which something was wrong.

    Parameters
    ----------
    start_s, end_s
        In seconds from the recording's start.
    label
        What it was; may be empty.
    """

    start_s: float
    end_s: float
    label: str = ""


def read_truth(path: Path, *, duration_s: float = math.inf) -> tuple[Fault, ...]:
    """Read a table of faults: see `parse_truth`.

    Raises
    ------
    DatasetError
        It can't be read, or is no such table.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise DatasetError(
            f"{path} can't be read: {reason}.",
            f"a CSV file with the columns {_EXAMPLE}",
            "Check the name, or save the table as CSV (UTF-8).",
        ) from error
    return parse_truth(text, name=str(path), duration_s=duration_s)


def parse_truth(
    text: str, *, name: str = "the table", duration_s: float = math.inf
) -> tuple[Fault, ...]:
    r"""Faults out of a table.

    Parameters
    ----------
    text
        CSV whose first line names the columns: `start_s`, `end_s`, and if there is one `label`; others are left alone. Separated
        by commas, or by semicolons or tabs, beside which a decimal comma may stand. No further line: nothing was wrong.
    name
        What to call it in an error.
    duration_s
        Length of the recording, in which every fault begins. What goes on at its end is cut off there.

    Returns
    -------
    faults
        In order of time; they may overlap.

    Raises
    ------
    DatasetError
        A column is missing, a time is no number, a fault ends before it begins, or begins outside the recording.

    Examples
    --------
    >>> parse_truth("start_s;end_s\n12,5;20\n")
    (Fault(start_s=12.5, end_s=20.0, label=''),)
    """
    head = text.lstrip().splitlines()[0] if text.strip() else ""
    delimiter = next((mark for mark in _DELIMITERS if mark in head), ",")
    rows = _lines(text, delimiter, name)
    names = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        found = ", ".join(names) if names else "nothing"
        raise DatasetError(
            f"{name} has no column {missing[0]}; its first line holds {found}.",
            f"a first line such as {_EXAMPLE}",
            "Name the columns in the first line.",
        )
    faults = [
        _fault(dict(zip(names, row, strict=False)), f"Line {number} of {name}", duration_s)
        for number, row in rows[1:]
    ]
    return tuple(sorted(faults, key=lambda fault: (fault.start_s, fault.end_s)))


def _lines(text: str, delimiter: str, name: str) -> list[tuple[int, list[str]]]:
    """Lines with something in them, and their numbers."""
    lines = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        return [(lines.line_num, row) for row in lines if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise DatasetError(
            f"{name} can't be read as a table, from line {lines.line_num} on: {error}.",
            f"a table in CSV, such as {_EXAMPLE}",
            "Look for a quotation mark that is never closed.",
        ) from None


def _fault(row: dict[str, str], place: str, duration_s: float) -> Fault:
    start_s, end_s = (_seconds(row, column, place) for column in COLUMNS)
    if not 0 <= start_s < end_s:
        raise DatasetError(
            f"{place} has a fault from {start_s:g} s to {end_s:g} s.",
            "0 or more, and an end after the beginning",
            "Correct the times.",
        )
    if start_s >= duration_s:
        raise DatasetError(
            f"{place} has a fault at {start_s:g} s, but the recording ends at {duration_s:.1f} s.",
            "faults that begin within the recording, in seconds from its start",
            "Check that the table belongs to this recording, and that its times are seconds.",
        )
    label = (row.get(_LABEL) or "").strip()
    return Fault(start_s=start_s, end_s=min(end_s, duration_s), label=label)


def _seconds(row: dict[str, str], column: str, place: str) -> float:
    text = row.get(column, "").strip()
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DatasetError(
            f"{place} has {text or 'nothing'} as {column}.",
            "a number of seconds, such as 12.5",
            "Write times as seconds from the recording's start, not as 00:12.",
        )
    return value
