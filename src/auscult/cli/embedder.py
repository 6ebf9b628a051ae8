"""`auscult embedder fetch` and `auscult embedder list`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from auscult.cli import console
from auscult.cli.options import Json
from auscult.errors import MissingExtra

if TYPE_CHECKING:
    from auscult.datasets.addresses import Weights

MB = 1_000_000

app = typer.Typer(
    no_args_is_help=True, help="Networks that others trained, to learn and to train with."
)


@app.command("fetch")
def embedder_fetch(
    name: Annotated[str, typer.Argument(help="mn04 or yamnet.", metavar="NAME")],
    source: Annotated[
        Path | None,
        typer.Option(
            "--from", help="The published file, brought by hand to a machine without internet."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Get a network into the cache of this user, verified; from then on no network is needed.

    `auscult learn --embedder NAME` learns with it, and recipes of the family transfer train with it. With its head it also says
    what an alarm sounds like in everyday words: in `auscult score`, and in the events of `auscult serve`. Making it ready takes
    PyTorch (pip install 'auscult[train]'); the file that comes of it does not.

    Example: auscult embedder fetch mn04
    """
    from auscult.datasets.addresses import EMBEDDERS

    try:
        from auscult.models import pretrained, tagging
    except ModuleNotFoundError as error:
        if error.name not in ("torch", "onnxscript"):
            raise
        raise MissingExtra("Making an embedder of published weights", "train") from None
    weights = EMBEDDERS.get(name)
    total = weights.file.about_bytes / MB if weights and source is None else None
    with console.progress(total, "MB") as tell:
        file = pretrained.fetch(name, source=source, progress=lambda done, _: tell(done / MB, name))
    tagger = tagging.make(name)
    if as_json:
        console.print_json(
            {"name": name, "file": str(file), "tagger": str(tagger), **_about(EMBEDDERS[name])}
        )
        return
    known = EMBEDDERS[name]
    console.out.print(
        f"{escape(known.title)} is ready: [bold]{escape(str(file))}[/bold]\n"
        f"Licence: {known.licence} ({known.page}). It travels with every bundle made with it.\n"
        f"Learn with it: auscult learn FOLDER --embedder {name}\n"
        "From now on alarms are also named in everyday words: by auscult score, and by servers that start from now on."
    )


@app.command("list")
def embedder_list(as_json: Json = False) -> None:
    """Say which networks there are, under which licence, and which are on this machine.

    Example: auscult embedder list
    """
    from auscult.datasets.addresses import EMBEDDERS
    from auscult.datasets.cache import embedder_file

    rows = []
    for name, weights in EMBEDDERS.items():
        file = embedder_file(name)
        place = str(file) if file.is_file() else None
        rows.append({"name": name, "file": place, **_about(weights)})
    if as_json:
        console.print_json(rows)
        return
    for row in rows:
        here = row["file"] or f"not fetched; get it: auscult embedder fetch {row['name']}"
        console.out.print(
            f"[bold]{row['name']:<8}[/bold]{escape(str(row['title']))}, {row['licence']}\n"
            f"{'':<8}{escape(str(here))}",
            soft_wrap=not console.out.is_terminal,
        )


def _about(weights: "Weights") -> dict[str, str | list[str]]:
    return {
        "title": weights.title,
        "licence": weights.licence,
        "notes": list(weights.notes),
        "page": weights.page,
    }
