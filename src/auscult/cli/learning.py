"""`auscult learn`."""

from pathlib import Path
from time import monotonic
from typing import Annotated, Any

import typer
from rich.markup import escape

from auscult.cli import console
from auscult.cli.options import Budget, Channel, Json, Normal, Threads, writable
from auscult.cli.recordings import gather, seconds_of, without
from auscult.errors import RecipeError


def learn(
    paths: Annotated[
        list[Path], typer.Argument(help="Folders or recordings of normal sound.", metavar="PATH...")
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Bundle to write; default: NAME.onnx.")
    ] = None,
    name: Annotated[str, typer.Option(help="What to call it; default: the folder's name.")] = "",
    budget: Budget = None,
    embedder: Annotated[
        str,
        typer.Option(
            help="'spectrum', a fetched one ('mn04', 'yamnet'), an ONNX file, or several: 'spectrum+mn04'."
        ),
    ] = "spectrum",
    preset: Annotated[
        str, typer.Option(help="'default', or 'edge' for small devices.")
    ] = "default",
    add: Annotated[Path | None, typer.Option(help="A bundle to go on from.")] = None,
    hold_out: Annotated[
        float,
        typer.Option(
            "--hold-out",
            min=0.0,
            max=0.9,
            help="Part of the recordings not to learn, for evaluate.",
        ),
    ] = 0.0,
    normal: Normal = None,
    channel: Channel = None,
    threads: Threads = 1,
    as_json: Json = False,
) -> None:
    """Learn what normal sounds like, and write it to one file.

    Only what is labelled normal is used; a folder without labels is taken to be all normal.

    Example: auscult learn recordings/normal -o fan.onnx
    """
    from auscult.memory.learn import default_name, learn_clips
    from auscult.runtime.calibration import DEFAULT_BUDGET_PER_DAY

    begin = monotonic()
    called = name or (output.stem if output else default_name(paths))
    target = writable(output or Path(f"{called}.onnx"))
    found = gather(paths, to_learn=True, normal=normal)
    seconds = seconds_of(found.clips) if found.total else None
    clips, held_back = without(found.clips, hold_out)
    with console.progress(seconds, "s of sound") as tell:
        learned = learn_clips(
            clips,
            embedder=_embedder(embedder),
            preset=_preset(preset),
            budget_per_day=DEFAULT_BUDGET_PER_DAY if budget is None else budget,
            name=name if add else called,
            add=add,
            channel=channel,
            threads=threads,
            progress=tell,
        )
    path = learned.bundle.save(target)
    calibration = learned.bundle.manifest.calibration
    assert calibration is not None  # noqa: S101 - learning always calibrates
    skipped = found.skipped + [{"file": one.file, "error": one.error} for one in learned.skipped]
    for note in learned.notes:
        console.note(note)
    console.tell_skipped(found.skipped)
    summary = {
        "bundle": str(path),
        "seconds_of_sound": round(learned.seconds_of_sound, 3),
        "windows": learned.windows,
        "limit": calibration.recording_limit(),
        "calibration": calibration.trust,
        "budget_per_day": calibration.budget_per_day,
        "supported_per_day": round(calibration.supported_per_day, 3),
        "seconds": round(monotonic() - begin, 3),
        "left_out": learned.left_out | held_back,
        "skipped": skipped,
        "notes": list(learned.notes),
    }
    if as_json:
        console.print_json(summary)
    else:
        counts = [f"{n} labelled '{label}'" for label, n in learned.left_out.items()]
        counts += [f"{n} normal {what}" for what, n in held_back.items()]
        left_out = ", ".join(counts)
        console.out.print(
            f"Learned {learned.seconds_of_sound:,.0f} s of normal sound in {summary['seconds']:.1f} s"
            f" and wrote [bold]{escape(str(path))}[/bold] ({path.stat().st_size / 1e6:.1f} MB)."
            + (f" Left out: {escape(left_out)}." if left_out else "")
        )
        console.out.print(calibration.in_words())
    raise typer.Exit(console.SKIPPED if skipped else console.OK)


def _embedder(name: str) -> str:
    from auscult.datasets.addresses import EMBEDDERS

    # What is joined by + is seen to, name by name, where the embedders are.
    if name not in ("spectrum", *EMBEDDERS) and "+" not in name and not Path(name).exists():
        raise RecipeError(
            f"--embedder {name} is not known.",
            f"spectrum, {', '.join(EMBEDDERS)}, or the file of an ONNX embedder",
            "Leave it out, or check the path.",
        )
    return name


def _preset(name: str) -> Any:
    from auscult.memory.spectrum import PRESETS

    if name not in PRESETS:
        raise RecipeError(
            f"There is no preset '{name}'.",
            f"one of {', '.join(PRESETS)}",
            "Choose one with --preset.",
        )
    return name
