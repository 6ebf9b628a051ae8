"""ESC-50, and sets in its shape: short clips of 50 kinds of sound in five folds."""

import csv
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from auscult.audio.read import SOUND_SUFFIXES
from auscult.datasets.clip import Clip
from auscult.errors import AuscultWarning, DatasetError

TABLE = "esc50.csv"
AUDIO_FOLDERS = ("audio", "esc50_16k")
_COLUMNS = ("filename", "fold", "category", "src_file")
_SHOWN = 3

Row = dict[str, str]


@dataclass(frozen=True)
class Esc50:
    r"""The table `esc50.csv` and the recordings that it lists.

    The label is the category, `unit` the fold (`fold1`), `group` the freesound recording that the clip was cut from; the
    rest of the row is kept as attributes. Recordings may have another format than the table says (`.ogg` for `.wav`).
    Rows without a recording are counted in one warning.

    Source: K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", ACM Multimedia 2015.

    Parameters
    ----------
    root
        The table, the folder that holds it (or holds it in `meta/`), or the folder `audio` beside it.
    folds
        Folds to read; all that the table lists where empty.

    Examples
    --------
    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp())
    >>> _ = (root / "esc50.csv").write_text(
    ...     "filename,fold,target,category,esc10,src_file,take\n"
    ...     "1-100032-A-0.wav,1,0,dog,True,100032,A\n"
    ... )
    >>> (root / "1-100032-A-0.ogg").touch()
    >>> clip = next(Esc50(root).clips())
    >>> clip.label, clip.unit, clip.group
    ('dog', 'fold1', '100032')
    """

    root: Path
    folds: tuple[int, ...] = ()

    def clips(self) -> Iterator[Clip]:
        """Yield the recordings that are there, sorted by name.

        Raises
        ------
        DatasetError
            There is no table, it lacks a column or is broken, or none of its recordings is there.
        """
        table = self._table()
        rows = [row for row in _rows(table) if not self.folds or _fold(row, table) in self.folds]
        if not rows:
            raise DatasetError(
                f"{table} lists no recording of fold {', '.join(map(str, self.folds)) or 'any'}.",
                "one row for each recording",
                "Choose folds that the table lists.",
            )
        recordings = _recordings(table, {Path(row["filename"]).stem for row in rows})
        _warn_of_missing(
            table, [row for row in rows if Path(row["filename"]).stem not in recordings]
        )
        for row in sorted(rows, key=lambda row: row["filename"]):
            if path := recordings.get(Path(row["filename"]).stem):
                yield _clip(path, row)

    def _table(self) -> Path:
        table = find_table(self.root)
        if table is None:
            raise DatasetError(
                f"{self.root} holds no {TABLE}.",
                f"{TABLE} in the folder, or in its folder meta",
                "Unpack the whole ESC-50 archive, or name the folder that holds the table.",
            )
        return table


def find_table(root: Path) -> Path | None:
    """The table that belongs to a file or folder, or `None`."""
    if root.name == TABLE:
        return root if root.is_file() else None
    places = [root]
    if root.absolute().name in AUDIO_FOLDERS:
        places.append(root.absolute().parent)
    tables = (table for place in places for table in (place / TABLE, place / "meta" / TABLE))
    return next((table for table in tables if table.is_file()), None)


def _rows(table: Path) -> list[Row]:
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            names = reader.fieldnames or ()
            rows = list(reader)
    except (OSError, ValueError, csv.Error) as error:
        raise DatasetError(
            f"{table} can't be read as a table: {error}.",
            "comma-separated text in UTF-8",
            "Take the file from the ESC-50 archive again.",
        ) from error
    missing = [name for name in _COLUMNS if name not in names]
    if missing:
        raise DatasetError(
            f"{table} has no column {', '.join(missing)}.",
            f"the columns {', '.join(_COLUMNS)}",
            "Take the file from the ESC-50 archive again.",
        )
    return rows


def _fold(row: Row, table: Path) -> int:
    try:
        return int(row["fold"])
    except ValueError as error:
        raise DatasetError(
            f"{table} says {row['fold']!r} for the fold of {row['filename']}.",
            "a whole number",
            "Mend the row, or take the file from the ESC-50 archive again.",
        ) from error


def _recordings(table: Path, stems: set[str]) -> dict[str, Path]:
    """Recordings by stem, from the first likely folder that holds any of them."""
    base = table.parent.parent if table.parent.name == "meta" else table.parent
    below = sorted(path for path in base.iterdir() if path.is_dir())
    for folder in (*(base / name for name in AUDIO_FOLDERS), base, *below):
        files = sorted(folder.iterdir()) if folder.is_dir() else []
        found = {
            path.stem: path
            for path in files
            if path.stem in stems and path.suffix.lower() in SOUND_SUFFIXES
        }
        if found:
            return found
    raise DatasetError(
        f"None of the {len(stems)} recordings that {table} lists is there.",
        f"them in {base / AUDIO_FOLDERS[0]}, or beside the table",
        "Unpack the whole ESC-50 archive.",
    )


def _warn_of_missing(table: Path, rows: list[Row]) -> None:
    if not rows:
        return
    names = ", ".join(row["filename"] for row in rows[:_SHOWN])
    more = ", …" if len(rows) > _SHOWN else ""
    warnings.warn(
        f"{len(rows)} recording{'s' * (len(rows) > 1)} that {table} lists "
        f"{'are' if len(rows) > 1 else 'is'} not there ({names}{more}) and left out.",
        AuscultWarning,
        stacklevel=3,
    )


def _clip(path: Path, row: Row) -> Clip:
    told = {"filename", "fold", "category", "src_file"}
    return Clip(
        path=path,
        label=row["category"],
        unit=f"fold{row['fold']}",
        group=row["src_file"],
        attributes={name: value for name, value in row.items() if name not in told},
    )
