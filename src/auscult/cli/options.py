"""Options that commands share, and what is looked at before the work begins."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auscult.errors import MissingExtra, RecipeError

if TYPE_CHECKING:
    from auscult.runtime.scorer import Scorer
    from auscult.runtime.tta import AugmentedScorer

BUNDLES = (".onnx", ".tflite")

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Budget = Annotated[
    float | None,
    typer.Option(
        "--budget", help="False alarms a day that are acceptable (0.14 = one a week).", metavar="N"
    ),
]
Channel = Annotated[
    int | None, typer.Option("--channel", help="One channel, from 0; default: the mean of all.")
]
Normal = Annotated[
    list[str] | None,
    typer.Option(
        "--normal",
        help="A class that is normal, where folders or labels are classes; may be repeated.",
        metavar="LABEL",
    ),
]
Tta = Annotated[
    int,
    typer.Option(
        "--tta",
        min=0,
        help="Average each recording's score over so many noisy copies and itself; takes as many times longer.",
        metavar="N",
    ),
]
TtaSnr = Annotated[
    float, typer.Option("--tta-snr", help="How far below the recording that noise lies, in dB.")
]
Threads = Annotated[int, typer.Option("--threads", min=1, help="Threads of the engine.")]


def choice(value: str, option: str, known: tuple[str, ...]) -> Any:
    """The value of an option that knows a few words only."""
    if value not in known:
        raise RecipeError(
            f"{option} {value} is not known.", f"one of {', '.join(known)}", "Choose one."
        )
    return value


def writable(path: Path, option: str = "-o") -> Path:
    """A place to write to, looked at before the work that it is for."""
    folder = path.parent
    if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise RecipeError(
            f"{path} can't be written{' over: it is a folder' if path.is_dir() else ''}.",
            "the name of a file in a folder that exists and may be written to",
            f"Choose another place with {option}.",
        )
    return path


@contextmanager
def refused_disk(path: Path, action: str = "Choose another place with -o.") -> Iterator[None]:
    """What the disk refuses, or has no room for, is told in words."""
    try:
        yield
    except OSError as error:
        raise RecipeError(
            f"{path} can't be written ({error.strerror or error}).",
            "a folder that may be written to, on a disk with space left",
            action,
        ) from None


def need(module: str, what: str, *, wanted: bool, extra: str = "report") -> None:
    """Say what is missing before the work, not after it."""
    if wanted and find_spec(module) is None:
        raise MissingExtra(what, extra)


def need_torch() -> None:
    """Say that a network can't be trained here, before anything else is done."""
    if not all(find_spec(name) for name in ("torch", "lightning")):
        raise MissingExtra("Training", "train")


def averaging(
    scorer: "Scorer", copies: int, snr_db: float, seed: int
) -> "Scorer | AugmentedScorer":
    """The scorer, or one that averages over noisy copies where some were asked for."""
    if not copies:
        return scorer
    from auscult.runtime.tta import Augmentation, AugmentedScorer

    how = Augmentation(copies=copies, snr_db=snr_db, seed=seed)
    return AugmentedScorer(scorer=scorer, augmentation=how)


def scorer_and_paths(
    bundle: Path | None, paths: list[Path], budget: float | None, threads: int
) -> tuple["Scorer", list[Path]]:
    """The bundle is the first path unless it was named apart."""
    from auscult.runtime.scorer import load

    places = list(paths)
    first = bundle or places.pop(0)
    if not places:
        raise RecipeError(
            f"There is nothing to judge beside the bundle {first}.",
            "a bundle and at least one recording or folder",
            "For example: auscult score fan.onnx today.wav",
        )
    if first.suffix not in BUNDLES and any(place.suffix in BUNDLES for place in places):
        raise RecipeError(
            f"{first} stands where the bundle should.",
            "the bundle first, then what to judge",
            f"For example: auscult score {next(p for p in places if p.suffix in BUNDLES)} {first}",
        )
    return load(first, threads=threads, budget_per_day=budget), places
