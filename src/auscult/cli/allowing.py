"""`auscult bundle allow`, `allowed` and `forbid`: an alarm that was none, and what the bundle makes of it."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from auscult.cli import console
from auscult.cli.options import Channel, Json, writable
from auscult.errors import RecipeError

if TYPE_CHECKING:
    from auscult.memory.allow import Allowance, Effect
    from auscult.runtime.bundle import Bundle

Output = Annotated[
    Path | None, typer.Option("-o", "--output", help="Where the new bundle is written.")
]


def bundle_allow(
    path: Annotated[Path, typer.Argument(help="A bundle from `auscult learn`.", metavar="BUNDLE")],
    recording: Annotated[
        Path, typer.Argument(help="A recording with an alarm that was none.", metavar="RECORDING")
    ],
    output: Output = None,
    from_s: Annotated[
        float, typer.Option("--from", min=0.0, help="Where the sound begins, in seconds.")
    ] = 0.0,
    to_s: Annotated[
        float | None, typer.Option("--to", help="Where it ends; default: with the recording.")
    ] = None,
    note: Annotated[str, typer.Option(help="Why it is allowed; kept in the bundle.")] = "",
    check: Annotated[
        list[Path] | None,
        typer.Option(
            "--check",
            help="Labelled recordings: say which alarms vanish, and which faults would be missed. May be repeated.",
            metavar="FOLDER",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say it, and write nothing.")] = False,
    channel: Channel = None,
    as_json: Json = False,
) -> None:
    """Allow a sound that raised an alarm and was none: at once, without learning again, and no limit moves.

    Example: auscult bundle allow fan.onnx door.wav --from 12 --to 16 --check recordings -o fan-2.onnx
    """
    from auscult.memory.allow import allow
    from auscult.runtime.bundle import load

    if output is None and not dry_run:
        raise RecipeError(
            "Nothing says where the new bundle goes.", "-o FILE, or --dry-run", "Give one."
        )
    target = None if output is None or dry_run else writable(output)
    if to_s is not None and to_s <= from_s:
        raise RecipeError(
            f"The stretch from {from_s:g} s to {to_s:g} s is empty.",
            "an end after the beginning",
            "Change --from or --to.",
        )
    before = load(path)
    made = allow(
        before,
        str(recording),
        start_s=from_s,
        end_s=to_s,
        channel=channel,
        note=note,
    )
    changed = _changed(before, made.bundle, check) if check else []
    if target is not None:
        made.bundle.save(target)
    if as_json:
        console.print_json(_as_json(target, made, changed))
    else:
        _tell(recording, target, made, changed, bool(check))


def _changed(before: "Bundle", after: "Bundle", places: list[Path]) -> list["Effect"]:
    from auscult.datasets.discover import discover
    from auscult.memory.allow import effects

    labelled = [clip for place in places for clip in discover(place).clips() if clip.label]
    with console.progress(float(len(labelled)), "recordings") as tell:
        return effects(before, after, labelled, tell)


def _as_json(target: Path | None, made: "Allowance", changed: list["Effect"]) -> dict[str, Any]:
    return {
        "bundle": None if target is None else str(target),
        "before": made.before,
        "after": made.after,
        "is_enough": made.is_enough,
        "places": made.places,
        "vanishing": [asdict(one) for one in changed if one.vanishes],
        "compared": len(changed),
    }


def _tell(
    recording: Path,
    target: Path | None,
    made: "Allowance",
    changed: list["Effect"],
    was_checked: bool,
) -> None:
    written = (
        "Nothing was written" if target is None else f"Wrote [bold]{escape(str(target))}[/bold]"
    )
    console.out.print(
        f"{escape(str(recording))} came to {made.before:.2f} of the limit; now it comes to {made.after:.2f}. {written}."
    )
    if not made.is_enough:
        console.note(
            "That still is an alarm: it is not one sound, or a very strong one. Allow the parts that are left, one after another, "
            "or learn it: auscult learn --add."
        )
    if was_checked:
        _tell_of(changed)


def _tell_of(changed: list["Effect"]) -> None:
    gone = [one for one in changed if one.vanishes]
    missed = [one for one in gone if one.label != "normal"]
    if not gone:
        console.out.print(f"Of {len(changed)} labelled recordings, none is judged otherwise.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("alarm that vanishes", "labelled", "before", "after"):
        table.add_column(name, justify="right" if name in ("before", "after") else "left")
    for one in gone:
        colour = "red" if one.label != "normal" else ""
        table.add_row(
            Text(one.name), Text(one.label, colour), f"{one.before:.2f}", f"{one.after:.2f}"
        )
    console.out.print(table)
    console.out.print(
        f"Of {len(changed)} labelled recordings {len(gone)} raise no alarm any more; {len(missed)} of them should."
    )


def bundle_allowed(
    path: Annotated[Path, typer.Argument(help="A bundle.", metavar="BUNDLE")],
    as_json: Json = False,
) -> None:
    """List the sounds that were allowed after learning.

    Example: auscult bundle allowed fan-2.onnx
    """
    from auscult.runtime.bundle import load

    allowed = load(path).manifest.allowed
    if as_json:
        console.print_json(json.loads(json.dumps([asdict(one) for one in allowed])))
        return
    if not allowed:
        console.out.print(f"{escape(str(path))} has allowed nothing since it was learned.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("", "recording", "from", "to", "why"):
        table.add_column(name, justify="right" if name in ("", "from", "to") else "left")
    for number, one in enumerate(allowed, start=1):
        stretch = (f"{one.start_s:.1f} s", f"{one.end_s:.1f} s")
        table.add_row(str(number), Text(one.recording), *stretch, Text(one.note))
    console.out.print(table)


def bundle_forbid(
    path: Annotated[Path, typer.Argument(help="A bundle.", metavar="BUNDLE")],
    number: Annotated[int, typer.Argument(help="Of the sound, as `allowed` lists it.")],
    output: Output = None,
    as_json: Json = False,
) -> None:
    """Take an allowance back.

    Example: auscult bundle forbid fan-2.onnx 1 -o fan-3.onnx
    """
    from auscult.memory.allow import forbid
    from auscult.runtime.bundle import load

    if output is None:
        raise RecipeError("Nothing says where the new bundle goes.", "-o FILE", "Give it.")
    target = forbid(load(path), number).save(writable(output))
    if as_json:
        console.print_json({"bundle": str(target)})
    else:
        console.out.print(f"Wrote [bold]{escape(str(target))}[/bold] without it.")
