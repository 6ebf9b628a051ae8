"""`auscult recipes`: what one may begin a training with."""

from difflib import get_close_matches
from typing import Annotated

import typer
from rich.table import Table

from auscult.cli import console
from auscult.cli.options import Json
from auscult.errors import RecipeError


def recipes(
    name: Annotated[str, typer.Argument(help="Print this one.", metavar="[NAME]")] = "",
    as_json: Json = False,
) -> None:
    """List the recipes that come with Auscult, or print one, to make it one's own.

    Example: auscult recipes autoencoder > mine.yaml
    """
    from auscult.recipe import read_recipe, usual

    known = usual.names()
    if name and name not in known:
        near = get_close_matches(name, known, 1)
        raise RecipeError(
            f"There is no recipe '{name}'.",
            f"one of {', '.join(known)}",
            f"Did you mean {near[0]}?" if near else "Correct the name.",
        )
    if as_json:
        shown = [name] if name else known
        plain = [read_recipe(one)[0].to_dict() | {"about": usual.about(one)} for one in shown]
        console.print_json({"recipes": plain})
    elif name:
        # Not through rich, which breaks lines: it is a file.
        typer.echo(usual.text_of(name), nl=False)
    else:
        console.out.print(_list({one: usual.about(one) for one in known}))


def _list(about: dict[str, str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("recipe", no_wrap=True)
    table.add_column("for", overflow="fold")
    for name, text in about.items():
        table.add_row(name, text)
    return table
