"""`auscult benchmark`."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.table import Table
from rich.text import Text

from auscult.cli import console
from auscult.cli.options import Json, Normal, Threads, refused_disk, writable
from auscult.cli.recordings import Gathered, gather
from auscult.errors import RecipeError

if TYPE_CHECKING:
    from auscult.datasets.clip import Clip
    from auscult.evaluation.benchmark import Cost
    from auscult.training.find import Found, Limits


def benchmark(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Bundles, for onnxruntime or LiteRT; or the TFLite files of YAMNet and of MLPerf Tiny, to compare with."
            " With --find: labelled recordings.",
            metavar="BUNDLE...",
        ),
    ],
    data: Annotated[
        list[Path] | None,
        typer.Option(
            help="Labelled recordings, for AUC and pAUC. May be repeated.", metavar="PATH"
        ),
    ] = None,
    normal: Normal = None,
    windows: Annotated[
        int, typer.Option(min=20, help="Windows that are timed.", metavar="N")
    ] = 200,
    threads: Threads = 1,
    seed: Annotated[int, typer.Option(help="Of noise, where a file brings no sound.")] = 0,
    find: Annotated[
        bool,
        typer.Option(
            "--find",
            help="Learn from the recordings named, every way there is, and show what fits a device.",
        ),
    ] = False,
    max_ms: Annotated[float, typer.Option(help="With --find: time for a window.")] = 20.0,
    max_mb: Annotated[float, typer.Option(help="With --find: size of the file.")] = 2.0,
    recipe: Annotated[
        list[Path] | None,
        typer.Option(help="With --find: also train this family. May be repeated.", metavar="FILE"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="With --find: keep the bundles in this folder."),
    ] = None,
    to_csv: Annotated[
        Path | None, typer.Option("--csv", help="Also write the rows into this file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure what bundles cost on this machine: time, memory, room, and, given recordings, how well they hear.

    Each is run in a fresh process that is pinned to as many cores as it has threads, one window at a time, as when listening.
    Other work on the machine makes all figures worse; how much there was stands in the last line.

    With --find, memories on every front end that is here, and the families of --recipe, learn from half of the normal recordings, and
    are measured as they are and in eight bits. Those marked are beaten by no other that fits in AUC, time and size at once.

    Example: auscult benchmark fan.onnx fan-int8.onnx fan.tflite --csv results.csv

    Example: auscult benchmark --find --max-ms 20 --max-mb 2 recordings/
    """
    from auscult.evaluation.benchmark import machine
    from auscult.training.find import Limits

    target = writable(to_csv, "--csv") if to_csv else None
    where = machine()
    if find and data:
        raise RecipeError(
            "--data is not for --find, which learns from half of the recordings named and measures on the others.",
            "all recordings as arguments",
            f"Name them without --data: auscult benchmark --find {' '.join(map(str, [*files, *data]))}",
        )
    how = {"windows": windows, "threads": threads, "seed": seed}
    if find:
        recordings = gather(files, normal=normal)
        limits = Limits(ms=max_ms, mb=max_mb)
        found = _search(list(recordings.clips), limits, recipe or [], output, how)
        _tell_found(found, limits, where, as_json=as_json)
        _end([one.cost for one in found], where, target, recordings.skipped)
    # What is not there is told before hours of measuring; what holds its sound inside is read once for each file.
    labelled = [gather(data, normal=normal) for _ in files] if data else []
    rows = _measured(files, labelled, how)
    if as_json:
        console.print_json({"machine": where, "rows": [row.to_dict() for row in rows]})
    else:
        console.out.print(_table(rows))
        console.out.print(Text(f"One window at a time, {threads} thread(s). {where}"))
    _end(rows, where, target, labelled[0].skipped if labelled else [])


def _search(
    clips: "list[Clip]",
    limits: "Limits",
    recipes: list[Path],
    output: Path | None,
    how: dict[str, int],
) -> "list[Found]":
    from auscult.training.find import names, search

    tried = len(names(recipes))
    with _place(output) as folder, console.progress(tried, "candidates") as tell:
        return search(clips, folder, limits, recipes=recipes, progress=tell, **how)


def _measured(files: list[Path], labelled: list[Gathered], how: dict[str, int]) -> "list[Cost]":
    from auscult.evaluation.benchmark import measure, with_accuracy

    rows = []
    with console.progress(len(files), "files") as tell:
        for done, file in enumerate(files):
            tell(done, file.name)
            row = measure(file, **how)
            if labelled:
                row = with_accuracy(row, labelled[done].clips)
            rows.append(row)
    return rows


def _end(
    rows: "list[Cost]", where: str, target: Path | None, skipped: list[dict[str, str]]
) -> NoReturn:
    """What was measured is told by now: name the places of no use, and write the file, which may fail."""
    console.tell_skipped(skipped)
    if target:
        _write(target, rows, where)
    raise typer.Exit(console.SKIPPED if skipped else console.OK)


@contextmanager
def _place(output: Path | None) -> Iterator[Path]:
    """The folder that was named, or one that goes away."""
    if output is not None:
        with refused_disk(output):
            output.mkdir(parents=True, exist_ok=True)
        yield output
        return
    with TemporaryDirectory() as folder:
        yield Path(folder)


def _tell_found(found: "list[Found]", limits: "Limits", where: str, *, as_json: bool) -> None:
    rows = [one.cost for one in found]
    if as_json:
        plain = [one.cost.to_dict() | {"fits": one.fits, "is_best": one.is_best} for one in found]
        console.print_json({"machine": where, "rows": plain})
        return
    marks = ["best" if one.is_best else "" if one.fits else "too large or slow" for one in found]
    console.out.print(_table(rows, marks))
    best = sum(one.is_best for one in found)
    console.out.print(
        Text(
            f"{best} of {len(found)} are beaten by no other within {limits.ms:g} ms and {limits.mb:g} MB. {where}"
        )
    )


def _write(target: Path, rows: "list[Cost]", where: str) -> None:
    from auscult.evaluation.benchmark import FIELDS

    action = "What was measured stands above; choose another place with --csv."
    with (
        refused_disk(target, action),
        target.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.DictWriter(file, [*FIELDS, "machine"])
        writer.writeheader()
        writer.writerows(row.to_dict() | {"machine": where} for row in rows)


def _table(rows: "list[Cost]", marks: list[str] | None = None) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("file", overflow="fold")
    table.add_column("what", overflow="fold")
    heads = ("numbers", "MB", "p50 ms", "p95 ms", "p99 ms", "first s", "RSS MB", "× real time")
    for head in (*heads, "streams", "CPU ms/h", "install MB"):
        table.add_column(head, justify="right", no_wrap=True)
    heard = any(row.auc is not None for row in rows)
    for head in ("AUC", "pAUC") if heard else ():
        table.add_column(head, justify="right")
    if marks is not None:
        table.add_column("", overflow="fold")
    for row, mark in zip(rows, marks or [""] * len(rows), strict=True):
        table.add_row(
            Text(Path(row.file).name),
            Text(f"{row.kind} ({row.name})" if row.kind == "of others" else row.kind),
            f"{row.parameters:,}",
            f"{row.bundle_bytes / 1e6:.2f}",
            *(f"{value:.2f}" for value in (row.p50_ms, row.p95_ms, row.p99_ms, row.first_s)),
            f"{row.peak_rss_bytes / 1e6:.0f}",
            f"{1.0 / row.real_time_factor:,.0f}",
            f"{row.streams_per_core:,.0f}",
            f"{row.cpu_ms_per_hour:,.0f}",
            f"{row.install_bytes / 1e6:.0f}",
            *([_figure(row.auc), _figure(row.pauc)] if heard else []),
            *([mark] if marks is not None else []),
        )
    return table


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
