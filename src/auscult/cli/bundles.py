"""`auscult bundle show` and `auscult bundle verify`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.text import Text

from auscult.cli import console
from auscult.cli.options import Json

if TYPE_CHECKING:
    from auscult.runtime.bundle import Bundle

SHOWN = 20  # classes, before "and more"

app = typer.Typer(no_args_is_help=True, help="Look into a bundle, or prove it.")


@app.command("show")
def bundle_show(
    path: Annotated[Path, typer.Argument(help="A bundle.")], as_json: Json = False
) -> None:
    """Say what a bundle is, what it has heard, and what it may promise.

    Example: auscult bundle show fan.onnx
    """
    from auscult.runtime.bundle import load

    found = load(path)
    if as_json:
        console.print_json(json.loads(found.manifest.to_json()))
        return
    for label, text in _facts(found, path):
        console.out.print(
            Text.assemble((f"{label:<18}", "bold"), text), soft_wrap=not console.out.is_terminal
        )


def _facts(bundle: "Bundle", path: Path) -> Iterator[tuple[str, str]]:
    manifest = bundle.manifest
    rate_hz = manifest.sample_rate_hz
    yield "name", manifest.name
    yield "file", f"{path}, {path.stat().st_size / 1e6:.2f} MB"
    yield (
        "family",
        f"{manifest.family} ({manifest.embedder})" if manifest.embedder else manifest.family,
    )
    if manifest.labels:
        yield "classes", _classes(manifest.labels, manifest.alarm_labels)
    if manifest.open_set is not None:
        limit, share = manifest.open_set.limit, manifest.open_set.share
        yield (
            "none of these",
            f"from a distance of {limit:.2f} on; {100 * share:.1f} % of known windows",
        )
    yield (
        "listens to",
        (
            f"mono at {rate_hz} Hz, {manifest.window_samples / rate_hz:g} s every"
            f" {manifest.hop_samples / rate_hz:g} s"
        ),
    )
    yield "learned from", f"{manifest.data.seconds:,.0f} s in {manifest.data.recordings} recordings"
    if manifest.level is not None:
        yield (
            "loudness",
            f"{manifest.level.median_db:.1f} dBFS, as learned; never part of the score",
        )
    calibration = manifest.calibration
    if calibration is None:
        yield "limits", "none: never calibrated"
        return
    for rule in calibration.thresholds():
        yield f"limit, {rule.name}", f"{rule.limit:.2f} ({rule.votes} of {rule.of} windows)"
    yield "limit, 10 s", f"{calibration.recording_limit():.2f} for recordings"
    yield "trust", calibration.trust
    yield "promise", calibration.in_words()


def _classes(labels: tuple[str, ...], alarms: tuple[str, ...]) -> str:
    """The first of them, and which are alarms."""
    named = [f"{label} (alarm)" if label in alarms else label for label in labels[:SHOWN]]
    more = f" and {len(labels) - SHOWN} more" if len(labels) > SHOWN else ""
    return ", ".join(named) + more


@app.command("verify")
def bundle_verify(
    path: Annotated[Path, typer.Argument(help="A bundle.")], as_json: Json = False
) -> None:
    """Prove a bundle: structure, digest, and the scores of its own reference windows.

    A process with little memory and time opens it first, so that a file of unknown origin does no harm.

    Example: auscult bundle verify fan.onnx
    """
    from auscult.runtime.trial import inspect_untrusted

    found = inspect_untrusted(path)
    error = found.error
    manifest = found.bundle.manifest
    references = len(manifest.references)
    if as_json:
        console.print_json(
            {
                "bundle": str(path),
                "ok": True,
                "references": references,
                "references_of": manifest.references_of,
                "error": error,
            }
        )
    else:
        console.out.print(
            f"{escape(str(path))} is whole; {references} reference windows agree within {error:.1e}."
        )
        console.tell_of_references(manifest)
