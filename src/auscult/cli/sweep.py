"""`auscult sweep`."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from auscult.cli import console
from auscult.cli.options import Json, need_torch, refused_disk
from auscult.errors import RecipeError

if TYPE_CHECKING:
    from auscult.recipe import Recipe
    from auscult.training.sweeping.job import Row
    from auscult.training.sweeping.sweep import Map


def sweep(
    data: Annotated[
        Path,
        typer.Option(
            "--data", help="Folder with machines below it: MIMII, DCASE, or normal/ and others."
        ),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder to write, or to go on in.")
    ],
    family: Annotated[
        list[str] | None,
        typer.Option(
            "--family", help="'memory', or families that are trained, separated by commas."
        ),
    ] = None,
    recipe: Annotated[
        list[Path] | None, typer.Option("--recipe", help="A recipe (YAML); may be repeated.")
    ] = None,
    seeds: Annotated[str, typer.Option(help="Separated by commas.")] = "0",
    jobs: Annotated[
        int, typer.Option("--jobs", min=1, help="Processes at a time; workers of a local cluster.")
    ] = 1,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="Change one setting of all: --set training.epochs=5", metavar="KEY=VALUE"
        ),
    ] = None,
    cluster: Annotated[
        str,
        typer.Option(
            "--cluster", help="HOST:PORT of a Ray cluster, or 'local'.", metavar="ADDRESS"
        ),
    ] = "",
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="Begin those anew whose recipe or recordings have changed."),
    ] = False,
    dcase: Annotated[
        int | None,
        typer.Option(
            "--dcase",
            help="Official score by the rule of this year, 2020 to 2025; default: what the files' names say.",
            metavar="YEAR",
        ),
    ] = None,
    report: Annotated[bool, typer.Option(help="Write one self-contained HTML page.")] = True,
    as_json: Json = False,
) -> None:
    """Learn every machine of a data set by every family, and lay the results side by side.

    What was stopped or killed goes on with the same command. Of each machine the best bundle, by normal sound that was held out,
    is copied to best/.

    Example: auscult sweep --data mimii/ --family memory,autoencoder --seeds 0,1 --jobs 2 -o out/
    """
    if dcase is not None:
        from auscult.evaluation.dcase import check_dcase_year

        check_dcase_year(dcase)
    methods = _methods(family or [], recipe or [], settings or [])
    if not data.is_dir():
        raise RecipeError(
            f"--data {data} is no folder.", "a folder with machines below it", "Check the path."
        )
    from auscult.training.sweeping.sweep import jobs_of
    from auscult.training.sweeping.sweep import sweep as run

    jobs_to_do = jobs_of(data, methods, _seeds(seeds), _folder(output))
    way = _way(cluster, jobs)
    with _shown() as tell:
        try:
            swept = run(jobs_to_do, map=way, fresh=fresh, tell=tell)
        except KeyboardInterrupt:
            console.note("What was done is kept; the same command goes on.")
            raise
    if swept.n_before:
        console.note(f"{swept.n_before} of {len(jobs_to_do)} had been done before.")
    _write(swept, output, dcase, report=report, root=str(data), as_json=as_json)
    for row in swept.failed:
        console.err.print(
            Text.assemble(
                ("Failed ", "red"), f"{row.unit.name} {row.method} seed {row.seed}: {row.error}"
            ),
            soft_wrap=not console.err.is_terminal,
        )
    if swept.failed and not swept.rows:
        raise typer.Exit(console.BAD_USE)
    raise typer.Exit(console.SKIPPED if swept.failed else console.OK)


def _write(
    swept: Any, out: Path, dcase: int | None, *, report: bool, root: str, as_json: bool
) -> None:
    """Everything is on disk before a word is printed."""
    import json

    from auscult.runtime.whole import write_whole
    from auscult.training.sweeping.official import officials_of
    from auscult.training.sweeping.page import sweep_page
    from auscult.training.sweeping.table import (
        cells_of,
        csv_text,
        of_versions,
        official_tables,
        table,
        to_dict,
        totals_of,
        why_not,
    )

    cells = cells_of(swept)
    totals = totals_of(cells)
    officials = officials_of(swept, dcase)
    plain = to_dict(swept, cells, totals, officials)
    written = {
        "sweep.json": json.dumps(plain, indent=2, ensure_ascii=False) + "\n",
        "sweep.csv": csv_text(cells, totals, officials),
    }
    if report:
        written["sweep.html"] = sweep_page(swept, cells, totals, officials, root=root)
    for name, text in written.items():
        with refused_disk(out / name):
            write_whole(out / name, text.encode())
    if report:
        console.note(f"Report: {out / 'sweep.html'}")
    if versions := of_versions(swept.rows):
        console.note(versions)
    if as_json:
        console.print_json(plain)
    elif cells:
        console.out.print(table(cells, totals), *official_tables(officials), sep="\n")
        for text in why_not(officials):
            console.note(f"No official score of {text}")


# What is asked for


def _methods(
    families: list[str], recipes: list[Path], settings: list[str]
) -> Mapping[str, "Recipe"]:
    """Recipes by their names, each looked at before the work begins."""
    from auscult.recipe import with_settings
    from auscult.training.sweeping.sweep import check_method

    asked = [name.strip() for one in families for name in one.split(",") if name.strip()]
    found = [_of_family(name) for name in asked] + [_of_file(path) for path in recipes]
    if not found:
        raise RecipeError(
            "Nothing says by what to learn.", "--family or --recipe", "For example: --family memory"
        )
    methods: dict[str, Recipe] = {}
    for name, one in found:
        if check_method(name) in methods:
            raise RecipeError(
                f"Two methods are called {name}.",
                "a name for each",
                "Say name: in one of the recipes.",
            )
        methods[name] = with_settings(one, settings)
    for one in methods.values():
        _check(one)
    return methods


def _of_family(name: str) -> tuple[str, "Recipe"]:
    """With the settings that are usual for it, where some are."""
    from auscult.recipe import Recipe, read_recipe, usual

    return name, read_recipe(name)[0] if name in usual.names() else Recipe(family=name)


def _of_file(path: Path) -> tuple[str, "Recipe"]:
    from auscult.recipe import read_recipe

    found, notes = read_recipe(path)
    for note in notes:
        console.note(note)
    return found.name or path.stem, found


def _check(recipe: "Recipe") -> None:
    """What would fail for every unit fails at once."""
    if recipe.family == "memory":
        from auscult.training.sweeping.job import check_memory

        check_memory(recipe.model)
        return
    need_torch()
    from auscult.models.families import family, names

    near = get_close_matches(recipe.family, ("memory", *names()), 1)
    if recipe.family not in names():
        raise RecipeError(
            f"There is no family '{recipe.family}'.",
            f"one of memory, {', '.join(names())}",
            f"Did you mean {near[0]}?" if near else "Correct --family, or the recipe.",
        )
    family(recipe.family)


def _seeds(text: str) -> tuple[int, ...]:
    from dataclasses import fields

    from auscult.recipe import Training

    (limits,) = (one.metadata for one in fields(Training) if one.name == "seed")
    words = [one.strip() for one in text.split(",") if one.strip()]
    # Thousands of digits are no number to Python.
    longest = len(str(limits["most"]))
    are_seeds = all(
        one.isascii() and one.isdecimal() and len(one) <= longest and int(one) <= limits["most"]
        for one in words
    )
    if not words or not are_seeds:
        raise RecipeError(
            f"--seeds {text} is not understood.",
            f"whole numbers from {limits['least']} to {limits['most']}, such as 0,1,2",
            "Correct it.",
        )
    return tuple(dict.fromkeys(int(one) for one in words))


def _folder(out: Path) -> Path:
    with refused_disk(out):
        out.mkdir(parents=True, exist_ok=True)
    return out


def _way(cluster: str, jobs: int) -> "Map":
    if cluster:
        from auscult.scale import cluster_map

        return cluster_map(cluster, workers=jobs)
    from auscult.training.sweeping.pool import processes

    return processes(jobs)


# What is shown meanwhile


@contextmanager
def _shown() -> Iterator[Callable[["Row", int, int], None]]:
    """A line a result above a bar; without a terminal the lines alone, with the time left."""
    from rich import progress

    began_s = time.monotonic()
    before: int | None = None
    with progress.Progress(
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        progress.TimeRemainingColumn(),
        console=console.err,
        transient=True,
        disable=not console.err.is_terminal,
    ) as bar:
        task = bar.add_task("", total=None)

        def tell(row: "Row", done: int, of: int) -> None:
            nonlocal before
            before = done - 1 if before is None else before
            bar.update(task, completed=done, total=of)
            left_s = (of - done) * (time.monotonic() - began_s) / (done - before)
            text = Text.assemble(f"[{done}/{of}] ", _line(row))
            if not console.err.is_terminal and done < of:
                text.append(f"  {_about(left_s)} left")
            bar.console.print(text, soft_wrap=not console.err.is_terminal)

        yield tell


def _line(row: "Row") -> Text:
    name = f"{row.unit.name} {row.method} seed {row.seed}: "
    if row.error:
        return Text.assemble(name, (f"failed. {row.error}", "red"))
    if not row.columns:
        return Text(
            f"{name}learned; there are not both normal and anomalous recordings to test it by"
        )
    first, equal = (row.columns[name]["auc"] for name in ("as_recorded", "rms_normalised"))
    return Text(f"{name}AUC {first:.3f}, equally loud {equal:.3f}, {row.train_s:.1f} s")


def _about(seconds: float) -> str:
    return f"about {seconds:.0f} s" if seconds < 90 else f"about {seconds / 60:.0f} min"
