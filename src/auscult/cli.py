"""The command line: one command a verb. Each parses, makes one call, and prints.

Results go to stdout (`--json` on every command), progress and warnings to stderr. Exit codes: 0 fine, 1 anomalies found
where `--fail-on-anomaly`, 2 bad use or nothing usable, 3 some inputs skipped. Rooms are imported inside the commands, so
that a small machine loads only what it uses.
"""

import json
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from auscult import __version__
from auscult.errors import AuscultError, AuscultWarning, RecipeError

if TYPE_CHECKING:
    from auscult.datasets.clip import Clip
    from auscult.runtime.bundle import Bundle
    from auscult.runtime.scorer import Scorer
    from auscult.runtime.verdict import ClipVerdict, Verdict

OK, ANOMALIES, BAD_USE, SKIPPED, INTERRUPTED = 0, 1, 2, 3, 130

COLOURS = {"normal": "green", "anomaly": "bold red", "no_signal": "yellow", "unreliable": "yellow"}

app = typer.Typer(
    name="auscult",
    help="Learns what normal sounds like, and hears what isn't.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
bundle_app = typer.Typer(no_args_is_help=True, help="Look into a bundle, or prove it.")
data_app = typer.Typer(no_args_is_help=True, help="Check labelled sound, or make some.")
app.add_typer(bundle_app, name="bundle")
app.add_typer(data_app, name="data")

out = Console()
err = Console(stderr=True)

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
Threads = Annotated[int, typer.Option("--threads", min=1, help="Threads of the engine.")]


def main() -> None:
    """Run a command; what the user can mend is told without a traceback."""
    warnings.showwarning = _show_warning
    warnings.simplefilter("always", AuscultWarning)
    try:
        app(standalone_mode=True)
    except AuscultError as error:
        if os.environ.get("AUSCULT_DEBUG"):
            raise
        err.print(Text.assemble(("Error: ", "bold red"), str(error)), soft_wrap=True)
        sys.exit(BAD_USE)
    except KeyboardInterrupt:
        err.print("Stopped. Nothing was left half written.")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output (head, less) has gone: not an error, and nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(OK)


def _show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    if issubclass(category, AuscultWarning):
        _note(str(message))


def _note(text: str) -> None:
    err.print(Text.assemble(("Note: ", "yellow"), text), soft_wrap=True)


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


@contextmanager
def _progress(total: float | None, unit: str) -> Iterator[Callable[[float, str], None]]:
    """A bar with the time left, on stderr, for what lasts; called with how much is done and what with."""
    from rich import progress

    with progress.Progress(
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.TextColumn("{task.completed:.0f}/{task.total:.0f} " + unit),
        progress.TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    ) as bar:
        task = bar.add_task("", total=total)

        def tell(done: float, what: str) -> None:
            bar.update(task, completed=done, description=Path(what).name[:40])

        yield tell


@app.callback(invoke_without_command=True)
def _auscult(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        sys.stdout.write(f"auscult {__version__}\n")
        raise typer.Exit


# --- learn ----------------------------------------------------------------------------------------------------------------


@app.command()
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
        str, typer.Option(help="'spectrum', or the file of an ONNX embedder.")
    ] = "spectrum",
    preset: Annotated[
        str, typer.Option(help="'default', or 'edge' for small devices.")
    ] = "default",
    add: Annotated[Path | None, typer.Option(help="A bundle to go on from.")] = None,
    channel: Channel = None,
    threads: Threads = 1,
    as_json: Json = False,
) -> None:
    """Learn what normal sounds like, and write it to one file.

    Only what is labelled normal is used; a folder without labels is taken to be all normal.

    Example: auscult learn recordings/normal -o fan.onnx
    """
    from auscult.memory.learn import clips_in, default_name, learn_clips
    from auscult.runtime.calibration import DEFAULT_BUDGET_PER_DAY

    begin = monotonic()
    called = name or default_name(paths)
    clips = list(clips_in(paths))
    with _progress(_seconds_of(clips), "s of sound") as tell:
        learned = learn_clips(
            clips,
            embedder=embedder,
            preset=_preset(preset),
            budget_per_day=budget or DEFAULT_BUDGET_PER_DAY,
            name=called,
            add=add,
            channel=channel,
            threads=threads,
            progress=tell,
        )
    path = learned.bundle.save(output or Path(f"{called}.onnx"))
    calibration = learned.bundle.manifest.calibration
    assert calibration is not None  # noqa: S101 - learning always calibrates
    for note in learned.notes:
        _note(note)
    summary = {
        "bundle": str(path),
        "seconds_of_sound": round(learned.seconds_of_sound, 3),
        "windows": learned.windows,
        "limit": calibration.recording_limit(),
        "calibration": calibration.trust,
        "budget_per_day": calibration.budget_per_day,
        "supported_per_day": round(calibration.supported_per_day, 3),
        "seconds": round(monotonic() - begin, 3),
        "left_out": learned.left_out,
        "skipped": [{"file": one.file, "error": one.error} for one in learned.skipped],
        "notes": list(learned.notes),
    }
    if as_json:
        _print_json(summary)
    else:
        left_out = ", ".join(f"{n} labelled '{label}'" for label, n in learned.left_out.items())
        out.print(
            f"Learned {learned.seconds_of_sound:,.0f} s of normal sound in {summary['seconds']:.1f} s"
            f" and wrote [bold]{path}[/bold] ({path.stat().st_size / 1e6:.1f} MB)."
            + (f" Left out: {left_out}." if left_out else "")
        )
        out.print(calibration.in_words())
    raise typer.Exit(SKIPPED if learned.skipped else OK)


def _preset(name: str) -> Any:
    from auscult.memory.spectrum import PRESETS

    if name not in PRESETS:
        raise RecipeError(
            f"There is no preset '{name}'.",
            f"one of {', '.join(PRESETS)}",
            "Choose one with --preset.",
        )
    return name


def _seconds_of(clips: Iterable["Clip"]) -> float | None:
    """Sound to come, from the headers; what can't be read is told about when it is its turn."""
    from auscult.audio.read import info

    total = 0.0
    for clip in clips:
        try:
            seconds = clip.sound.duration_s if clip.sound else info(clip.path).duration_s
        except AuscultError:
            continue
        end_s = seconds if clip.end_s is None else clip.end_s
        total += max(end_s - clip.start_s, 0.0)
    return total if total > 0 else None


# --- score ----------------------------------------------------------------------------------------------------------------


@app.command()
def score(
    paths: Annotated[
        list[Path],
        typer.Argument(help="The bundle, then recordings or folders.", metavar="BUNDLE PATH..."),
    ],
    bundle: Annotated[
        Path | None, typer.Option("--bundle", help="The bundle, if it is not the first path.")
    ] = None,
    budget: Budget = None,
    channel: Channel = None,
    pool: Annotated[
        str, typer.Option(help="'max': the worst ten seconds; 'mean': features averaged over all.")
    ] = "max",
    threads: Threads = 1,
    fail_on_anomaly: Annotated[
        bool, typer.Option("--fail-on-anomaly", help="Exit with 1 if anything sounds wrong.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Judge recordings: which sound wrong, when, in which band, and how far from normal.

    Example: auscult score fan.onnx today/*.wav
    """
    from auscult.memory.learn import clips_in

    scorer, places = _scorer_and_paths(bundle, paths, budget, threads)
    pooling = _choice(pool, "--pool", ("max", "mean"))
    results: list[ClipVerdict | dict[str, str]] = []
    clips = list(clips_in(places))
    with _progress(len(clips), "recordings") as tell:
        for done, clip in enumerate(clips):
            tell(done, clip.name)
            results.append(_judged(scorer, clip, channel, pooling))
    skipped = [result for result in results if isinstance(result, dict)]
    verdicts = [result for result in results if not isinstance(result, dict)]
    if as_json:
        _print_json([r if isinstance(r, dict) else _verdict_dict(r) for r in results])
    else:
        _print_verdicts(scorer, verdicts, skipped)
    if not verdicts:
        raise typer.Exit(BAD_USE)
    if fail_on_anomaly and any(verdict.is_anomaly for verdict in verdicts):
        raise typer.Exit(ANOMALIES)
    raise typer.Exit(SKIPPED if skipped else OK)


def _scorer_and_paths(
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
    return load(first, threads=threads, budget_per_day=budget), places


def _choice(value: str, option: str, known: tuple[str, ...]) -> Any:
    if value not in known:
        raise RecipeError(
            f"{option} {value} is not known.", f"one of {', '.join(known)}", "Choose one."
        )
    return value


def _judged(
    scorer: "Scorer", clip: "Clip", channel: int | None, pool: Any
) -> "ClipVerdict | dict[str, str]":
    from dataclasses import replace

    try:
        if clip.sound is not None:
            verdict = scorer.score(clip.sound, pool=pool)
        else:
            verdict = scorer.score(
                clip.path, channel=channel, start_s=clip.start_s, end_s=clip.end_s, pool=pool
            )
    except AuscultError as error:
        return {"file": clip.name, "error": str(error)}
    return replace(verdict, file=clip.name)


def _verdict_dict(verdict: "ClipVerdict") -> dict[str, Any]:
    whole = verdict.to_dict()
    fields = ("start_s", "end_s", "score", "ratio", "state")
    whole["windows"] = [{name: window[name] for name in fields} for window in whole["windows"]]
    return whole


def _print_verdicts(
    scorer: "Scorer", verdicts: list["ClipVerdict"], skipped: list[dict[str, str]]
) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("recording", overflow="fold")
    for column in ("score", "ratio"):
        table.add_column(column, justify="right")
    table.add_column("state")
    table.add_column("what is different", overflow="fold")
    for verdict in verdicts:
        explanation = "" if verdict.explanation is None else verdict.explanation.text
        table.add_row(
            Text(_short(verdict.file)),
            f"{verdict.score:.2f}",
            f"{_worst_ratio(verdict):.2f}",
            Text(verdict.state, COLOURS[verdict.state]),
            Text(explanation),
        )
    if verdicts:
        out.print(table)
    for one in skipped:
        err.print(
            Text.assemble(("Skipped ", "yellow"), f"{one['file']}: {one['error']}"), soft_wrap=True
        )
    wrong = sum(verdict.is_anomaly for verdict in verdicts)
    calibration = scorer.bundle.manifest.calibration
    promise = "" if calibration is None else f" {calibration.in_words()}"
    out.print(f"\n{wrong} of {len(verdicts)} recordings sound wrong.{promise}")


def _worst_ratio(verdict: "ClipVerdict") -> float:
    """Ratio of the rule that is furthest over its limit: 1.0 is at the limit, whichever rule it is."""
    return max([verdict.ratio, *(window.ratio for window in verdict.windows)])


def _short(name: str) -> str:
    parts = Path(name).parts
    return str(Path(*parts[-3:])) if len(parts) > 3 else name


# --- evaluate -------------------------------------------------------------------------------------------------------------


@app.command()
def evaluate(
    paths: Annotated[
        list[Path],
        typer.Argument(help="The bundle, then labelled recordings.", metavar="BUNDLE PATH..."),
    ],
    bundle: Annotated[
        Path | None, typer.Option("--bundle", help="The bundle, if it is not the first path.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="Also write one self-contained HTML page.")
    ] = None,
    figures: Annotated[
        Path | None, typer.Option("--figures", help="Also write the plots as PNG into this folder.")
    ] = None,
    tsne: Annotated[bool, typer.Option("--tsne", help="Map by t-SNE instead of PCA.")] = False,
    budget: Budget = None,
    channel: Channel = None,
    pool: Annotated[str, typer.Option(help="'max' or 'mean', as for score.")] = "max",
    seed: Annotated[int, typer.Option(help="Of random gains and intervals.")] = 0,
    threads: Threads = 1,
    as_json: Json = False,
) -> None:
    """Measure how well a bundle tells normal from abnormal, loudness removed and not.

    Give it recordings that it has not learned from.

    Example: auscult evaluate fan.onnx test/ --report fan.html
    """
    from auscult.evaluation.evaluate import evaluate as run
    from auscult.evaluation.report import figures as write_figures
    from auscult.evaluation.report import table, write_html
    from auscult.memory.learn import clips_in

    scorer, places = _scorer_and_paths(bundle, paths, budget, threads)
    clips = list(clips_in(places))
    pooling = _choice(pool, "--pool", ("max", "mean"))
    with _progress(len(clips), "recordings") as tell:
        result = run(
            scorer,
            clips,
            seed=seed,
            pool=pooling,
            channel=channel,
            progress=lambda done, _: tell(done, ""),
        )
    if report is not None:
        write_html(result, report, tsne=tsne)
        _note(f"Report: {report}")
    if figures is not None:
        write_figures(result, figures, tsne=tsne)
        _note(f"Figures: {figures}")
    if as_json:
        _print_json(result.to_dict())
    else:
        out.print(table(result))
    raise typer.Exit(SKIPPED if result.skipped else OK)


# --- bundle ---------------------------------------------------------------------------------------------------------------


@bundle_app.command("show")
def bundle_show(
    path: Annotated[Path, typer.Argument(help="A bundle.")], as_json: Json = False
) -> None:
    """Say what a bundle is, what it has heard, and what it may promise.

    Example: auscult bundle show fan.onnx
    """
    from auscult.runtime.bundle import load

    found = load(path)
    if as_json:
        _print_json(json.loads(found.manifest.to_json()))
        return
    for label, text in _facts(found, path):
        out.print(Text.assemble((f"{label:<14}", "bold"), text), soft_wrap=True)


def _facts(bundle: "Bundle", path: Path) -> Iterator[tuple[str, str]]:
    manifest = bundle.manifest
    rate_hz = manifest.sample_rate_hz
    yield "name", manifest.name
    yield "file", f"{path}, {path.stat().st_size / 1e6:.2f} MB"
    yield "family", f"{manifest.family} ({manifest.embedder})"
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
        yield f"limit, {rule.name}"[:14], f"{rule.limit:.2f} ({rule.votes} of {rule.of} windows)"
    yield "limit, 10 s", f"{calibration.recording_limit():.2f} for recordings"
    yield "trust", calibration.trust
    yield "promise", calibration.in_words()


@bundle_app.command("verify")
def bundle_verify(
    path: Annotated[Path, typer.Argument(help="A bundle.")], as_json: Json = False
) -> None:
    """Prove a bundle: structure, digest, and the scores of its own reference windows.

    Example: auscult bundle verify fan.onnx
    """
    from auscult.runtime.bundle import load, verify

    found = load(path)
    error = verify(found)
    references = len(found.manifest.references)
    if as_json:
        _print_json({"bundle": str(path), "ok": True, "references": references, "error": error})
    else:
        out.print(f"{path} is whole; {references} reference windows agree within {error:.1e}.")


# --- data -----------------------------------------------------------------------------------------------------------------


@data_app.command("check")
def data_check(
    paths: Annotated[
        list[Path], typer.Argument(help="Folders or files of sound.", metavar="PATH...")
    ],
    as_json: Json = False,
) -> None:
    """Say what is in a data set, and what is wrong with it.

    Example: auscult data check recordings/
    """
    from auscult.evaluation.data_check import check
    from auscult.memory.learn import clips_in

    clips = list(clips_in(paths))
    with _progress(len(clips), "recordings") as tell:
        report = check(clips, progress=lambda done, _: tell(done, ""))
    if as_json:
        _print_json(report.to_dict())
    else:
        _print_data_report(report)
    worst = {finding.severity for finding in report.findings}
    raise typer.Exit(SKIPPED if "error" in worst else OK)


def _print_data_report(report: Any) -> None:
    raise NotImplementedError


def _round_all(value: "Verdict") -> None:
    del value
