"""`auscult families`."""

from rich.table import Table

from auscult.cli import console
from auscult.cli.options import Json, need_torch

_LEARNS_FROM = {
    "classes": "labelled classes",
    "normal": "normal sound",
    "groups": "normal sound of several units",
}


def families(as_json: Json = False) -> None:
    """List the families that can be trained here, and what may be chosen of each.

    With --json, every setting comes with its kind, default, range and meaning: a form can be made of it.

    Example: auscult families
    """
    need_torch()
    from auscult.models.describe import all_described

    found, broken = all_described()
    if as_json:
        console.print_json({"families": found, "broken": broken})
        return
    table = Table(title="Families that can be trained here")
    for title in ("family", "learns from", "what it does", "options (model.…)"):
        table.add_column(title)
    for one in found:
        options = ", ".join(setting["name"] for setting in one["sections"]["model"])
        table.add_row(one["name"], _LEARNS_FROM[one["learns_from"]], one["summary"], options)
    console.out.print(table)
    for one in broken:
        console.note(one["error"])
