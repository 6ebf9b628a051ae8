"""`auscult export`."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from auscult.cli import console
from auscult.cli.options import Json, Normal, choice, writable
from auscult.cli.recordings import gather, seconds_of
from auscult.errors import RecipeError

if TYPE_CHECKING:
    from auscult.datasets.clip import Clip
    from auscult.runtime.bundle import Bundle

INT8 = ("auto", "static", "dynamic")
TFLITE = ("float", "int8-dynamic", "int8")


def export(
    bundle: Annotated[Path, typer.Argument(help="The bundle, as learn or train wrote it.")],
    int8: Annotated[
        str,
        typer.Option(
            "--int8",
            help="Its network in eight bits: 'static' for one that convolves, 'dynamic' for one that attends, 'auto'.",
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
    clips = _calm(calibrate, normal, before)
    with console.progress(seconds_of(clips) or 0.0, "s of sound") as tell:
        options: dict[str, Any] = {
            "clips": clips,
            "test": _all(test, normal),
            "allow_loss": allow_loss,
            "progress": tell,
        }
        if tflite:
            made = variant.tflite(before, precision, **options)
        else:
            method = None if how == "auto" else how
            made = variant.int8(before, method, **options)
    path = made.save(target)
    if as_json:
        console.print_json(_summary(bundle, path, made))
    else:
        _tell(bundle, path, made)


def _refuse_itself(bundle: Path, target: Path) -> None:
    if target.exists() and bundle.resolve() == target.resolve():
        raise RecipeError(
            f"{target} is the bundle itself.",
            "another place for what is made of it",
            "Choose another place with -o.",
        )


def _all(places: list[Path] | None, normal: list[str] | None) -> "list[Clip]":
    return list(gather(places, normal=normal).clips) if places else []


def _calm(places: list[Path] | None, normal: list[str] | None, bundle: "Bundle") -> "list[Clip]":
    """What is labelled normal, or nothing; to a classifier, every class is what it usually hears."""
    found: Iterable[Clip] = gather(places, to_learn=True, normal=normal).clips if places else ()
    if bundle.manifest.labels:
        return list(found)
    return [clip for clip in found if clip.is_normal or not clip.label]


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
    if variant.kind == "onnx-float":
        console.out.print(
            "It holds no network that eight bits are for: what it computes has stayed in float, and only takes less room."
        )
    said = f"Scores of {variant.windows} windows correlate by {variant.correlation:.4f}"
    if variant.auc is not None and variant.auc_before is not None:
        said += f"; AUC {variant.auc:.3f} instead of {variant.auc_before:.3f}"
    console.out.print(f"{said}.")
    if variant.relearned:
        console.out.print("The memory was learned again, and has limits of its own.")
    elif made.manifest.calibration is not None:
        console.out.print(
            f"Limits moved with the scores of normal sound: × {variant.limit_ratio:.4f}."
        )
