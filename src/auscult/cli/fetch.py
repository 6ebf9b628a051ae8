"""`auscult data fetch`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from auscult.cli import console
from auscult.cli.options import Json
from auscult.errors import RecipeError

if TYPE_CHECKING:
    from auscult.datasets.addresses import Collection, Remote

MB = 1_000_000
GB = 1_000_000_000


def fetch(
    name: Annotated[
        str, typer.Argument(help="esc50, mimii, or dcase2020 to dcase2024.", metavar="NAME")
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder for it; default: NAME.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="Only archives with this in their name, such as fan or 0_dB; may be repeated.",
            metavar="TEXT",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="The licence is accepted; don't ask.")] = False,
    keep: Annotated[
        bool, typer.Option("--keep-archives", help="Keep the archives once unpacked.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Fetch a public data set from its publisher, once its licence is accepted.

    What breaks off goes on where it stopped: give the same command again. Of the DCASE years this is the development set,
    with the answers for its test recordings.

    Example: auscult data fetch mimii --only 0_dB_fan -o mimii
    """
    from auscult.datasets.collect import chosen, collect

    collection, files = chosen(name, tuple(only or ()))
    _tell(collection, files)
    _accept(collection, yes=yes)
    folder = output or Path(name)
    total = sum(remote.about_bytes for remote in files)
    with console.progress(total / MB, "MB") as tell:
        data = collect(
            collection,
            files,
            folder,
            keep_archives=keep,
            progress=lambda done, what: tell(done / MB, what),
        )
    if as_json:
        console.print_json(
            {
                "data": str(data),
                "archives": [remote.name for remote in files],
                "licence": collection.licence,
                "page": collection.page,
            }
        )
        return
    console.out.print(
        f"It is in [bold]{escape(str(data))}[/bold]; LICENCE.txt says what may be done with it.\n"
        f"Look at it: auscult data check {escape(str(data))}",
        soft_wrap=not console.out.is_terminal,
    )


def _tell(collection: "Collection", files: "tuple[Remote, ...]") -> None:
    total = sum(remote.about_bytes for remote in files)
    size = f"{total / GB:.1f} GB" if total >= GB else f"{total / MB:.1f} MB"
    archives = "1 archive" if len(files) == 1 else f"{len(files)} archives"
    # To stderr: with --json, stdout holds JSON alone.
    console.err.print(
        f"{escape(collection.title)}\n"
        f"About {size} in {archives}, and as much again or more once unpacked.\n"
        f"Licence: [bold]{collection.licence}[/bold]. {collection.terms}\n"
        f"{collection.page}",
        soft_wrap=not console.err.is_terminal,
    )


def _accept(collection: "Collection", *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise RecipeError(
            f"The licence {collection.licence} was not accepted: there is nobody to ask.",
            "--yes, once you have read it",
            f"Read {collection.page} and give the command again with --yes.",
        )
    if not typer.confirm("Do you accept the licence?", err=True):
        raise typer.Exit(console.BAD_USE)
