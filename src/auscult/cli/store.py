"""`auscult store`: what events are kept in."""

from typing import Annotated

import typer

from auscult.cli import console
from auscult.cli.options import Json
from auscult.errors import MissingExtra

app = typer.Typer(no_args_is_help=True, help="Where events are kept.")


@app.command("copy")
def store_copy(
    source: Annotated[
        str,
        typer.Argument(help="A file, such as events.sqlite in a server's data.", metavar="FROM"),
    ],
    target: Annotated[
        str,
        typer.Argument(
            help="An empty place: postgresql://USER@HOST/NAME, or a file.", metavar="TO"
        ),
    ],
    as_json: Json = False,
) -> None:
    """Copy all events from a file into Postgres, or back: all of them, or none.

    Nobody may use either of the two meanwhile: stop the server. What was copied stays where it was. Messages that still wait to be
    sent go along, so use one of the two from then on.

    Example: auscult store copy ~/.local/share/auscult/events.sqlite postgresql://auscult@db.example/auscult
    """
    try:
        from auscult.live.copying import copy
    except ImportError:
        raise MissingExtra("Copying events", "edge") from None
    from auscult.live.clock import SystemClock

    with console.progress(100.0, "%") as tell:
        rows = copy(
            source,
            target,
            clock=SystemClock(),
            progress=lambda done, total: tell(100.0 * done / total, "copying"),
        )
    told = {"events": rows["events"], "heard": rows["heard"], "messages": rows["outbox"]}
    if as_json:
        console.print_json(told)
        return
    console.out.print(
        f"Copied {told['events']} events, and {told['messages']} messages about them that are still to be sent or were given up."
    )
