"""`auscult export`."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from auscult.cli import console
from auscult.cli.options import Json, Normal, choice, writable
from auscult.cli.recordings import Gathered, gather, seconds_of
from auscult.errors import DatasetError, RecipeError

if TYPE_CHECKING:
    from auscult.datasets.clip import Clip
    from auscult.runtime.bundle import Bundle
    from auscult.runtime.manifest import Variant

INT8 = ("auto", "static", "dynamic", "weights")
USUAL_LOSS = 0.01
"""Of the AUC; what costs more is told."""

TFLITE = ("float", "int8-dynamic", "int8")


def export(
    bundle: Annotated[Path, typer.Argument(help="The bundle, as learn or train wrote it.")],
    int8: Annotated[
        str,
        typer.Option(
            "--int8",
            help="Its network in eight bits: 'static' for one that convolves, 'dynamic' for one that attends, 'weights' to keep it so and compute in float, 'auto'.",
            metavar="HOW",
        ),
    ] = "",
    tflite: Annotated[
        str,
        typer.Option(
            "--tflite",
            help="For LiteRT instead of onnxruntime: 'float', 'int8-dynamic' (weights in eight bits), or 'int8'.",
            metavar="HOW",
        ),
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            help="Bundle to write; default: beside it, as NAME-int8.onnx or NAME.tflite",
        ),
    ] = None,
    calibrate: Annotated[
        list[Path] | None,
        typer.Option(
            help="Normal sound to measure ranges and limits on; a memory of a network is learned again from it. May be repeated.",
            metavar="PATH",
        ),
    ] = None,
    test: Annotated[
        list[Path] | None,
        typer.Option(
            help="Labelled recordings to compare both on. May be repeated.", metavar="PATH"
        ),
    ] = None,
    normal: Normal = None,
    allow_loss: Annotated[
        bool,
        typer.Option(
            "--allow-loss", help="Write it even where it agrees too little with the bundle."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a bundle's form for a small device: a bundle of its own, proved, and compared with the one that it comes from.

    Front end and distances stay in float, and limits move with the scores of normal sound. What agrees too little is refused.

    A TFLite bundle takes whole windows only, and does not say where and how a sound is strange. To make one takes the extra
    tflite-convert (a gigabyte), or, in AUSCULT_CONVERTER_PYTHON, an interpreter that has litert-torch; to run it, the extra tflite.

    Example: auscult export fan.onnx --int8 auto --calibrate normal/ -o fan-int8.onnx

    Example: auscult export fan.onnx --tflite float -o fan.tflite
    """
    from auscult.runtime.bundle import load
    from auscult.training import variant

    if int8 and tflite:
        raise RecipeError(
            f"--int8 {int8} and --tflite {tflite} make different files.",
            "one of them",
            "Export twice; for a TFLite file in eight bits: --tflite int8",
        )
    how = choice(int8 or "auto", "--int8", INT8)
    precision = choice(tflite or "float", "--tflite", TFLITE)
    before = load(bundle)
    named = f"{bundle.stem}.tflite" if tflite else f"{bundle.stem}-int8.onnx"
    target = writable(output or bundle.with_name(named))
    _refuse_itself(bundle, target)
    usual, labelled = _gathered(calibrate, normal, to_learn=True), _gathered(test, normal)
    clips = _calm(usual, calibrate, before)
    with console.progress(seconds_of(clips) or 0.0, "s of sound") as tell:
        options: dict[str, Any] = {
            "clips": clips,
            "test": list(labelled.clips),
            "allow_loss": allow_loss,
            "progress": tell,
        }
        if tflite:
            made = variant.tflite(before, precision, **options)
        else:
            method = None if how == "auto" else how
            made = variant.int8(before, method, **options)
    path = made.save(target)
    skipped = [*usual.skipped, *labelled.skipped]
    if as_json:
        console.print_json(_summary(bundle, path, made) | {"skipped": skipped})
    else:
        _tell(bundle, path, made)
    console.tell_skipped(skipped)
    raise typer.Exit(console.SKIPPED if skipped else console.OK)


def _refuse_itself(bundle: Path, target: Path) -> None:
    if target.exists() and bundle.resolve() == target.resolve():
        raise RecipeError(
            f"{target} is the bundle itself.",
            "another place for what is made of it",
            "Choose another place with -o.",
        )


def _gathered(
    places: list[Path] | None, normal: list[str] | None, *, to_learn: bool = False
) -> Gathered:
    """Every recording in these places, where there are any."""
    if not places:
        return Gathered(clips=[], total=0, skipped=[])
    found = gather(places, to_learn=to_learn, normal=normal)
    return replace(found, clips=list(found.clips))


def _calm(usual: Gathered, places: list[Path] | None, bundle: "Bundle") -> "list[Clip]":
    """What is labelled normal, or nothing; to a classifier, every class is what it usually hears."""
    calm = [c for c in usual.clips if bundle.manifest.labels or c.is_normal or not c.label]
    if places and not calm:
        console.tell_skipped(usual.skipped)
        raise DatasetError(
            f"Nothing in {', '.join(map(str, places))} is labelled normal.",
            "normal sound to measure ranges and limits on",
            "Give normal recordings with --calibrate, or say what is normal with --normal.",
        )
    return calm


def _summary(source: Path, path: Path, made: "Bundle") -> dict[str, Any]:
    from dataclasses import asdict

    variant, calibration = made.manifest.variant, made.manifest.calibration
    return {
        "bundle": str(path),
        "of": str(source),
        "bytes": path.stat().st_size,
        "bytes_before": source.stat().st_size,
        "limit": None if calibration is None else calibration.recording_limit(),
        **({} if variant is None else asdict(variant)),
    }


def _tell(source: Path, path: Path, made: "Bundle") -> None:
    variant = made.manifest.variant
    assert variant is not None  # noqa: S101 - every variant says so
    before, after = source.stat().st_size / 1e6, path.stat().st_size / 1e6
    console.out.print(
        f"Wrote [bold]{escape(str(path))}[/bold] ({variant.kind}): {after:.2f} MB instead of {before:.2f} MB."
    )
    for sentence in agreement(variant):
        console.out.print(sentence)
    if variant.relearned:
        console.out.print("The memory was learned again, and has limits of its own.")
    elif made.manifest.calibration is not None:
        console.out.print(
            f"Limits moved with the scores of normal sound: × {variant.limit_ratio:.4f}."
        )


def agreement(variant: "Variant") -> Iterator[str]:
    """What a form is, and how far it agrees with the bundle that it was made of."""
    if variant.kind == "onnx-float":
        yield "It holds no network that eight bits are for: what it computes has stayed in float, and only takes less room."
    if variant.kind == "onnx-int8-weights":
        yield "Its weights are kept in eight bits, and computed with in float: no quicker than before."
    said = f"Scores of {variant.windows} windows correlate by {variant.correlation:.4f}"
    if variant.auc is None or variant.auc_before is None:
        yield f"{said}."
        return
    yield f"{said}; AUC {variant.auc:.3f} instead of {variant.auc_before:.3f}."
    lost = variant.auc_before - variant.auc
    if lost > USUAL_LOSS:
        yield f"That costs more than most: {lost:.3f} of the AUC, over {USUAL_LOSS:g}."
