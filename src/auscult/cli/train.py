"""`auscult train`."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.markup import escape
from rich.table import Table

from auscult.cli import console
from auscult.cli.options import Json, choice
from auscult.errors import MissingExtra, RecipeError

if TYPE_CHECKING:
    from auscult.datasets.clip import Clip
    from auscult.training.loop import Tell
    from auscult.training.track import Run
    from auscult.training.train import Trained

Progress = Literal["bar", "jsonl"]

_BARS = {"read": "reading", "features": "embedding", "evaluate": "judging", "batch": "batches"}


def train(
    recipe: Annotated[Path, typer.Argument(help="A recipe (YAML).", metavar="RECIPE")],
    data: Annotated[
        Path | None, typer.Option("--data", help="Labelled recordings; default: the recipe's.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Folder to write; default: runs/NAME."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="Change one setting: --set training.epochs=5", metavar="KEY=VALUE"
        ),
    ] = None,
    folds: Annotated[
        str,
        typer.Option(
            help="Units that are only for the test (fold4); 'all': each fold or unit in turn, with mean and spread; 5: so many parts "
            "of the recordings in turn."
        ),
    ] = "",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where it was stopped or killed.")
    ] = False,
    inspect: Annotated[
        bool,
        typer.Option(
            "--inspect", help="Also write inspect.onnx, which gives what each layer sees."
        ),
    ] = False,
    report: Annotated[
        bool, typer.Option(help="Evaluate it, and write one self-contained HTML page.")
    ] = True,
    progress: Annotated[
        str, typer.Option(help="'bar', or 'jsonl' on stderr for programs.")
    ] = "bar",
    as_json: Json = False,
) -> None:
    """Train a network on labelled sound: a bundle, an honest report, and a folder to repeat it from.

    Example: auscult train recipes/cnn_attention.yaml --data recordings/ -o runs/first
    """
    _need_torch()
    from auscult.recipe import read_recipe, with_settings

    chosen, notes = read_recipe(recipe)
    if data is not None:
        chosen = with_settings(chosen, [f"data.path={json.dumps(str(data))}"])
    chosen = with_settings(chosen, settings or [])
    if not chosen.data.path:
        raise RecipeError(
            f"{recipe} does not say what to learn from.",
            "data.path in the recipe, or --data FOLDER",
            "Give one.",
        )
    for note in notes:
        console.note(note)
    out = output or Path("runs") / (chosen.name or recipe.stem)
    way = choice(progress, "--progress", ("bar", "jsonl"))
    how = {"resume": resume, "inspect": inspect, "report": report, "way": way}
    if folds == "all" or folds.isdecimal():
        summary = _in_turn(chosen, out, None if folds == "all" else int(folds), **how)
    else:
        wanted = tuple(one for one in folds.split(",") if one) or chosen.data.folds
        summary = _once(chosen, out, wanted, **how)
    if as_json:
        console.print_json(summary)
    else:
        _tell(summary)
    raise typer.Exit(console.SKIPPED if summary["skipped"] else console.OK)


def _once(
    recipe: Any,
    out: Path,
    folds: tuple[str, ...],
    *,
    clips: "Iterable[Clip] | None" = None,
    resume: bool,
    inspect: bool,
    report: bool,
    way: Progress,
) -> dict[str, Any]:
    from auscult.training.train import train as run

    begin = monotonic()
    metrics: dict[str, Any] = {}
    with _shown(way) as tell:

        def judge(trained: "Trained", log: "Run") -> dict[str, float]:
            if _can_be_measured(trained):
                metrics.update(_evaluated(trained, out, log, tell))
            return _in_figures(metrics)

        trained = run(
            recipe,
            out=out,
            clips=clips,
            folds=folds,
            resume=resume,
            inspect=inspect,
            judge=judge if report else None,
            tell=tell,
        )
    console.tell_skipped([{"file": one.name, "error": one.error} for one in trained.skipped])
    outcome = trained.outcome
    summary: dict[str, Any] = {
        "bundle": str(trained.path),
        "epochs": trained.epochs,
        "best_epoch": outcome.best + 1,
        "stopped_early": outcome.stopped_early,
        "held_out_loss": outcome.epochs[outcome.best].held_out_loss,
        "held_out_accuracy": outcome.epochs[outcome.best].held_out_accuracy,
        "parity": trained.parity.worst,
        "judged_on": "held out, which chose the epoch" if trained.is_test_held_out else "test",
        "metrics": metrics or None,
        "skipped": [{"file": one.name, "error": one.error} for one in trained.skipped],
    }
    return summary | {"seconds": round(monotonic() - begin, 1)}


def _can_be_measured(trained: "Trained") -> bool:
    """A detector of what isn't normal needs recordings of both; classes can be told apart wherever there are any."""
    kinds = {clip.is_normal for clip in trained.test}
    if kinds and (trained.bundle.manifest.labels or len(kinds) > 1):
        return True
    console.note(
        "There is only normal sound to judge it by, so how well it hears what isn't normal was not measured: "
        "auscult evaluate BUNDLE RECORDINGS does, with recordings of both."
    )
    return False


def _evaluated(trained: "Trained", out: Path, log: "Run", tell: "Tell") -> dict[str, Any]:
    from auscult.evaluation.evaluate import evaluate
    from auscult.evaluation.png_figures import png_figures
    from auscult.evaluation.report import write_html, write_json
    from auscult.runtime.scorer import Scorer

    def progress(done: float, name: str) -> None:
        tell("evaluate", {"done": int(done), "of": len(trained.test), "name": name})

    result = evaluate(Scorer(trained.bundle), trained.test, progress=progress)
    write_json(result, out / "report.json")
    write_html(result, out / "report.html")
    log.artefact(out / "report.html", "report")
    for name, picture in png_figures(result):
        log.plot(name, picture)
    return result.to_dict()


def _in_figures(metrics: Mapping[str, Any]) -> dict[str, float]:
    """What the log of the run keeps of it, to compare runs by."""
    figures = {"test_accuracy": (metrics.get("classes") or {}).get("accuracy")}
    figures |= {"test_auc": metrics.get("auc"), "test_pauc": metrics.get("pauc")}
    return {name: value for name, value in figures.items() if value is not None}


def _in_turn(recipe: Any, out: Path, n: int | None, **how: Any) -> dict[str, Any]:
    from auscult.training.folds import folds_of

    begin = monotonic()
    rows = []
    for fold in folds_of(recipe, n):
        console.note(f"Test on {fold.name}")
        done = _once(recipe, out / fold.name, fold.units, clips=fold.clips(recipe), **how)
        rows.append({"fold": fold.name} | done)
    return {
        "folds": rows,
        "accuracy": _mean_of([row["metrics"] for row in rows]),
        "skipped": [one for row in rows for one in row["skipped"]],
        "seconds": round(monotonic() - begin, 1),
    }


def _mean_of(metrics: list[dict[str, Any] | None]) -> dict[str, float] | None:
    """Mean and deviation of the accuracy over the folds."""
    from statistics import mean, stdev

    found = [one["classes"]["accuracy"] for one in metrics if one and one.get("classes")]
    if not found:
        return None
    return {"mean": mean(found), "sd": stdev(found) if len(found) > 1 else 0.0, "folds": len(found)}


def _tell(summary: Mapping[str, Any]) -> None:
    for one in summary.get("folds", [summary]):
        path = Path(one["bundle"])
        console.out.print(
            f"Trained {one['epochs']} epochs in {one['seconds']:,.0f} s, kept the weights of epoch {one['best_epoch']}, and wrote"
            f" [bold]{escape(str(path))}[/bold] ({path.stat().st_size / 1e6:.1f} MB, within {one['parity']:.1e} of the network)."
        )
    if "folds" not in summary:
        metrics = summary["metrics"] or {}
        if metrics.get("classes"):
            accuracy = metrics["classes"]["accuracy"]
            console.out.print(f"Accuracy {accuracy:.1%} on {summary['judged_on']}.")
        elif metrics:
            console.out.print(
                f"AUC {metrics['auc']:.3f}, at equal loudness {metrics['rms_normalised']['auc']:.3f},"
                f" on {summary['judged_on']}."
            )
        return
    table = Table(title="Each fold tested by a network that has not heard it")
    table.add_column("fold")
    table.add_column("accuracy", justify="right")
    for row in summary["folds"]:
        classes = (row["metrics"] or {}).get("classes")
        table.add_row(row["fold"], f"{classes['accuracy']:.1%}" if classes else "")
    console.out.print(table)
    if summary["accuracy"]:
        mean = summary["accuracy"]
        console.out.print(f"Mean {mean['mean']:.1%}, deviation {mean['sd']:.1%}.")


@contextmanager
def _shown(way: Progress) -> Iterator[Any]:
    """Progress as bars with the time left, or as lines of JSON."""
    if way == "jsonl":

        def line(what: str, figures: Mapping[str, Any]) -> None:
            sys.stderr.write(json.dumps({"event": what, **figures}) + "\n")
            sys.stderr.flush()

        yield line
        return
    from rich import progress

    with progress.Progress(
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        progress.TimeRemainingColumn(),
        console=console.err,
        transient=True,
        disable=not console.err.is_terminal,
    ) as bars:
        tasks: dict[str, Any] = {}

        def show(what: str, figures: Mapping[str, Any]) -> None:
            name = _BARS.get(what, "epochs")
            done = figures["number"] + 1 if what == "epoch" else figures["done"]
            # How many there are is not known of a file that is read as a stream.
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=figures["of"])
            bars.update(tasks[name], completed=done, total=figures["of"])
            if what == "epoch":
                bars.console.print(_epoch_line(figures), highlight=False)

        yield show


def _epoch_line(figures: Mapping[str, Any]) -> str:
    stage = f"{figures['stage']} " if "stage" in figures else ""
    parts = [
        f"{stage}epoch {figures['number'] + 1}/{figures['of']}",
        f"loss {figures['loss']:.3f}",
    ]
    if figures["held_out_loss"] is not None:
        parts.append(f"held out {figures['held_out_loss']:.3f}")
    if figures["held_out_accuracy"] is not None:
        parts.append(f"{figures['held_out_accuracy']:.1%}")
    parts.append(f"{figures['windows_per_s']:,.0f} windows/s")
    return "  ".join(parts) + ("  *" if figures["is_best"] else "")


def _need_torch() -> None:
    if not all(find_spec(name) for name in ("torch", "lightning")):
        raise MissingExtra("Training", "train")
