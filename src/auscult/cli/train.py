"""`auscult train`."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.markup import escape
from rich.table import Table

from auscult.cli import console
from auscult.cli.options import Json, choice, need_torch
from auscult.errors import DatasetError, RecipeError

if TYPE_CHECKING:
    from auscult.datasets.clip import Clip
    from auscult.training.loop import Tell
    from auscult.training.track import Run
    from auscult.training.train import Trained

Progress = Literal["bar", "jsonl"]

# Figures that folds are compared by.
_TITLES = {
    "accuracy": "accuracy",
    "as_recorded": "AUC as recorded",
    "rms_normalised": "AUC equally loud",
}

_BARS = {"read": "reading", "features": "embedding", "evaluate": "judging", "batch": "batches"}


def train(
    recipe: Annotated[
        Path,
        typer.Argument(
            help="A recipe: a YAML file, or a name that auscult recipes lists.", metavar="RECIPE"
        ),
    ],
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
    """Train a network: a bundle, an honest report, and a folder to repeat it from.

    Example: auscult train autoencoder --data recordings/ -o runs/first
    """
    need_torch()
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
    outcome, manifest = trained.outcome, trained.bundle.manifest
    if manifest.calibration is None and (manifest.alarm_labels or not manifest.labels):
        console.note(
            f"{trained.path} ranks sounds and calls none of them anomalous: too little that is no alarm was held out to set a limit by."
            " Ten windows of two recordings are the least; give it more or longer ones."
        )
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
        "has_limits": manifest.calibration is not None,
        "skipped": [{"file": one.name, "error": one.error} for one in trained.skipped],
    }
    return summary | {"seconds": round(monotonic() - begin, 1)}


def _can_be_measured(trained: "Trained") -> bool:
    """A detector of what isn't normal needs recordings of both; classes can be told apart wherever there are any."""
    kinds = {clip.is_normal for clip in trained.test}
    if kinds and (trained.bundle.manifest.labels or len(kinds) > 1):
        return True
    only = "anomalous" if kinds == {False} else "normal"
    console.note(
        f"There is only {only} sound to judge it by, so how well it hears what isn't normal was not measured: "
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
    refused: dict[str, DatasetError] = {}
    for fold in folds_of(recipe, n):
        console.note(f"Test on {fold.name}")
        try:
            done = _once(recipe, out / fold.name, fold.units, clips=fold.clips(recipe), **how)
        except DatasetError as error:  # what can't be tested stops no other
            refused[fold.name] = error
            continue
        rows.append({"fold": fold.name} | done)
    if not rows:
        raise next(iter(refused.values()))
    left_out = [{"file": name, "error": str(error)} for name, error in refused.items()]
    console.tell_skipped(left_out)
    figures = [_figures_of(row["metrics"] or {}) for row in rows]
    means = {name: _mean_of([one[name] for one in figures if name in one]) for name in _TITLES}
    return {
        "folds": rows,
        "accuracy": means.pop("accuracy"),
        "auc": means if any(means.values()) else None,
        "skipped": [one for row in rows for one in row["skipped"]] + left_out,
        "seconds": round(monotonic() - begin, 1),
    }


def _figures_of(metrics: Mapping[str, Any]) -> dict[str, float]:
    """What folds are compared by: how often classes are told right, or else how well what isn't normal is."""
    if metrics.get("classes"):
        return {"accuracy": metrics["classes"]["accuracy"]}
    if "auc" not in metrics:
        return {}  # a part may hold one kind alone
    return {"as_recorded": metrics["auc"], "rms_normalised": metrics["rms_normalised"]["auc"]}


def _mean_of(found: list[float]) -> dict[str, float] | None:
    """Mean and deviation of a figure over the folds."""
    from statistics import mean, stdev

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
    if "folds" in summary:
        _tell_folds(summary)
        return
    figures = _figures_of(summary["metrics"] or {})
    if "accuracy" in figures:
        console.out.print(f"Accuracy {figures['accuracy']:.1%} on {summary['judged_on']}.")
    elif figures:
        console.out.print(
            f"AUC {figures['as_recorded']:.3f}, at equal loudness {figures['rms_normalised']:.3f},"
            f" on {summary['judged_on']}."
        )


def _tell_folds(summary: Mapping[str, Any]) -> None:
    means = {"accuracy": summary["accuracy"], **(summary["auc"] or {})}
    names = [name for name, mean in means.items() if mean]
    table = Table(title="Each fold tested by a network that has not heard it")
    table.add_column("fold")
    for name in names:
        table.add_column(_TITLES[name], justify="right")
    for row in summary["folds"]:
        figures = _figures_of(row["metrics"] or {})
        table.add_row(row["fold"], *(_figure(name, figures.get(name)) for name in names))
    if names:
        table.add_section()
        found = ((name, means[name]) for name in names)
        table.add_row(
            "mean ± deviation",
            *(f"{_figure(name, one['mean'])} ± {_figure(name, one['sd'])}" for name, one in found),
        )
    console.out.print(table)


def _figure(name: str, value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.1%}" if name == "accuracy" else f"{value:.3f}"


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
