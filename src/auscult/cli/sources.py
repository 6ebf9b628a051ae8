"""`auscult sources`: what can be listened to."""

from dataclasses import asdict

from rich.table import Table
from rich.text import Text

from auscult.cli import console
from auscult.cli.options import Json


def sources(as_json: Json = False) -> None:
    """List the microphones of this machine.

    What stands under "address" is for `auscult listen --source`; beside it that takes file:PATH, rtsp://…, http(s)://… and
    machine:fan.

    Example: auscult sources
    """
    from auscult.live.sources import microphones

    found = microphones()
    if as_json:
        console.print_json(
            {"microphones": [asdict(one) | {"address": f"mic:{one.id}"} for one in found]}
        )
        return
    if not found:
        console.out.print("This machine has no microphone, or this user may not use it.")
        return
    table = Table("address", "rate", "channels", "", box=None, pad_edge=False)
    for one in found:
        default = "default: mic" if one.is_default else ""
        # A name may hold what Rich would take for its own signs.
        table.add_row(Text(f"mic:{one.id}"), f"{one.rate_hz} Hz", str(one.channels), default)
    console.out.print(table)
