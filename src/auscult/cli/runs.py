"""`auscult runs`: trainings, listed and compared."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from auscult.cli import console
from auscult.cli.options import Json
from auscult.errors import DatasetError

if TYPE_CHECKING:
    from auscult.training.runs import RunRecord

MOST_COMPARED = 5

_COLOURS = {"done": "green", "running": "cyan", "failed": "bold red"}


def runs(
    folder: Annotated[
        Path, typer.Argument(help="Where the folders of runs are.", metavar="[FOLDER]")
    ] = Path("runs"),
    as_json: Json = False,
) -> None:
    """List trainings, the newest first: how they ended, how good they were, and in which settings they differ.

    Figures are those of the best epoch, on what was held out. A run that was killed goes on with auscult train --resume.

    Example: auscult runs runs/
    """
    from auscult.training.runs import runs_in

    found = runs_in(folder)
    if as_json:
        console.print_json({"runs": [one.to_dict() for one in found]})
        return
    if not found:
        raise DatasetError(
            f"{folder} holds no run.",
            "a folder with runs below it, as auscult train writes them",
            "Name it: auscult runs FOLDER",
        )
    console.out.print(_list(found, folder))
    compared = found[:MOST_COMPARED]
    rows = differences(compared)
    if rows:
        console.out.print(_comparison(compared, folder, rows))
    for one in found:
        if one.error:
            console.out.print(Text.assemble((f"{_name(one, folder)}: ", "red"), one.error))


def differences(found: "tuple[RunRecord, ...]") -> list[tuple[str, tuple[Any, ...]]]:
    """Settings that are not the same in all runs, and data that is not."""
    from auscult.training.runs import flat

    settings = [
        dict(flat(one.recipe)) | {"data": str(one.data.get("sha256", ""))[:8]} for one in found
    ]
    names = dict.fromkeys(name for each in settings for name in each)
    rows = [(name, tuple(each.get(name) for each in settings)) for name in names]
    return [(name, values) for name, values in rows if any(one != values[0] for one in values)]


def _list(found: "tuple[RunRecord, ...]", folder: Path) -> Table:
    table = Table("run", "status", "began", box=None, pad_edge=False)
    for heading in ("took", "epochs", "loss", "held out", "right", "measured"):
        table.add_column(heading, justify="right")
    for one in found:
        best = one.best
        table.add_row(
            Text(_name(one, folder)),
            Text(one.status, _COLOURS.get(one.status, "yellow")),
            one.began[:16].replace("T", " "),
            _time(one.seconds),
            str(len(one.epochs)),
            _figure(best.get("loss")),
            _figure(best.get("held_out_loss")),
            _figure(best.get("held_out_accuracy"), "{:.1%}"),
            _measured(one.summary),
        )
    return table


def _measured(summary: Mapping[str, Any]) -> str:
    """What was found at the end, on the test or on what was held out."""
    accuracy, auc = summary.get("test_accuracy"), summary.get("test_auc")
    if accuracy is not None:
        return _figure(accuracy, "{:.1%}")
    return "" if auc is None else f"AUC {_figure(auc)}"


def _comparison(
    found: "tuple[RunRecord, ...]", folder: Path, rows: list[tuple[str, tuple[Any, ...]]]
) -> Table:
    title = f"Where the latest {len(found)} differ"
    table = Table("setting", title=title, title_justify="left", box=None, pad_edge=False)
    for one in found:
        table.add_column(Text(_name(one, folder)))
    for name, values in rows:
        table.add_row(Text(name), *(Text("" if one is None else str(one)) for one in values))
    return table


def _name(one: "RunRecord", folder: Path) -> str:
    name = one.folder.relative_to(folder).as_posix()
    return folder.resolve().name if name == "." else name


def _time(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _figure(value: float | None, form: str = "{:.3f}") -> str:
    return "" if value is None else form.format(value)
