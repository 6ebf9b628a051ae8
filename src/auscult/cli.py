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
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from io import TextIOWrapper
from itertools import chain
from math import isfinite
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from auscult import __version__
from auscult.errors import (
    AudioError,
    AuscultError,
    AuscultWarning,
    DatasetError,
    MissingExtra,
    RecipeError,
)

if TYPE_CHECKING:
    from auscult.audio.synth import Fault
    from auscult.datasets.clip import Clip
    from auscult.evaluation.data_check import DataReport
    from auscult.live.demo import Outcome
    from auscult.live.events import Event
    from auscult.live.listener import Block, Listener
    from auscult.runtime.bundle import Bundle
    from auscult.runtime.scorer import Scorer
    from auscult.runtime.verdict import ClipVerdict, Verdict

OK, ANOMALIES, BAD_USE, SKIPPED, INTERRUPTED = 0, 1, 2, 3, 130

BUNDLES = (".onnx", ".tflite")
TITLE_LENGTH = 14  # of what is listened to, so that a line fits 80 columns
SHOWN = 5  # of a list, before "and more"

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

_told: set[str] = set()

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
    _told.clear()
    warnings.showwarning = _show_warning
    warnings.simplefilter("always", AuscultWarning)
    for stream in (sys.stdout, sys.stderr):
        # A file's name may hold what no terminal can show, and that must not stop the work.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except AuscultError as error:
        if os.environ.get("AUSCULT_DEBUG"):
            raise
        err.print(Text.assemble(("Error: ", "bold red"), str(error)), soft_wrap=not err.is_terminal)
        sys.exit(BAD_USE)
    except (KeyboardInterrupt, SystemExit, ImportError) as end:
        # Ctrl-C and a broken pipe come as exits that Typer made of them; while a library loads, Ctrl-C is an ImportError.
        if _comes_from(end, KeyboardInterrupt):
            err.print("Stopped. Nothing was left half written.")
            sys.exit(INTERRUPTED)
        if _comes_from(end, BrokenPipeError):
            # Whoever read our output (head, less) has gone: not an error, and nobody is left to tell.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(OK)
        raise


def _comes_from(error: BaseException | None, kind: type[BaseException]) -> bool:
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error is not None


def _show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    """Once: a recording that is read again to explain it would say everything twice."""
    if issubclass(category, AuscultWarning) and str(message) not in _told:
        _told.add(str(message))
        _note(str(message))


def _note(text: str) -> None:
    err.print(Text.assemble(("Note: ", "yellow"), text), soft_wrap=not err.is_terminal)


def _print_json(value: Any, indent: int | None = 2) -> None:
    # Names are readable where the terminal takes every letter, and escaped where it doesn't.
    escaped = "utf" not in (sys.stdout.encoding or "").lower()
    text = json.dumps(_finite(value), indent=indent, ensure_ascii=escaped, allow_nan=False)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _finite(value: Any) -> Any:
    """Silence has a level of minus infinity, which JSON does not know: null."""
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    if isinstance(value, float) and not isfinite(value):
        return None
    return value


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
        out.print(f"auscult {__version__}", highlight=False)
        raise typer.Exit


@dataclass(frozen=True, kw_only=True)
class _Gathered:
    """Recordings in the places named; a place of no use among others is told, and stops nothing.

    Parameters
    ----------
    clips
        Files are listed; what holds its sound inside (JSON) is streamed.
    total
        How many, where that is known without reading them.
    skipped
        Places of no use, filled while clips are taken.
    """

    clips: Iterable["Clip"]
    total: int | None
    skipped: list[dict[str, str]]


def _gather(places: list[Path], *, to_learn: bool = False) -> _Gathered:
    from auscult.datasets.discover import discover
    from auscult.datasets.okng_json import OkNgJson

    skipped: list[dict[str, str]] = []

    def clips_of(place: Path) -> "Iterator[Clip]":
        try:
            clips = discover(place).clips()
            yield from _by_word(clips) if to_learn else clips
        except DatasetError as error:
            if len(places) == 1:
                raise
            skipped.append({"file": str(place), "error": str(error)})

    if any(_holds(place, OkNgJson) for place in places):
        return _Gathered(
            clips=chain.from_iterable(map(clips_of, places)), total=None, skipped=skipped
        )
    clips = [clip for place in places for clip in clips_of(place)]
    return _Gathered(clips=clips, total=len(clips), skipped=skipped)


def _by_word(clips: Iterable["Clip"]) -> Iterable["Clip"]:
    from auscult.memory.learn import by_word

    return by_word(clips)


def _holds(place: Path, reader: type) -> bool:
    from auscult.datasets.discover import discover

    try:
        return isinstance(discover(place), reader)
    except DatasetError:
        return False


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
    hold_out: Annotated[
        float,
        typer.Option(
            "--hold-out",
            min=0.0,
            max=0.9,
            help="Part of the recordings not to learn, for evaluate.",
        ),
    ] = 0.0,
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
    target = _writable(output or Path(f"{called}.onnx"))
    found = _gather(paths, to_learn=True)
    seconds = _seconds_of(found.clips) if found.total else None
    clips, held_back = _without(found.clips, hold_out)
    with _progress(seconds, "s of sound") as tell:
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
    skipped = found.skipped + [asdict(one) for one in learned.skipped]
    for note in learned.notes:
        _note(note)
    _tell_skipped(found.skipped)
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
        _print_json(summary)
    else:
        counts = [f"{n} labelled '{label}'" for label, n in learned.left_out.items()]
        counts += [f"{n} normal {what}" for what, n in held_back.items()]
        left_out = ", ".join(counts)
        out.print(
            f"Learned {learned.seconds_of_sound:,.0f} s of normal sound in {summary['seconds']:.1f} s"
            f" and wrote [bold]{escape(str(path))}[/bold] ({path.stat().st_size / 1e6:.1f} MB)."
            + (f" Left out: {escape(left_out)}." if left_out else "")
        )
        out.print(calibration.in_words())
    raise typer.Exit(SKIPPED if skipped else OK)


def _without(clips: Iterable["Clip"], hold_out: float) -> tuple[Iterable["Clip"], dict[str, int]]:
    """Recordings to learn from, and how many were held back for `evaluate`, which knows what was learned."""
    from auscult.datasets.split import by_recording

    if not hold_out:
        return clips, {}
    every = list(clips)
    normal = [clip for clip in every if clip.is_normal] or [
        clip for clip in every if not clip.label
    ]
    kept, held_back = by_recording(normal, test_fraction=hold_out)
    others = [clip for clip in every if not any(clip is one for one in normal)]
    return [*kept, *others], {"held back for evaluate": len(held_back)}


def _tell_skipped(skipped: list[dict[str, str]]) -> None:
    for one in skipped:
        err.print(
            Text.assemble(("Skipped ", "yellow"), f"{one['file']}: {one['error']}"),
            soft_wrap=not err.is_terminal,
        )


def _writable(path: Path) -> Path:
    """A place to write to, looked at before the work that it is for."""
    folder = path.parent
    if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise RecipeError(
            f"{path} can't be written{' over: it is a folder' if path.is_dir() else ''}.",
            "the name of a file in a folder that exists and may be written to",
            "Choose another place with -o.",
        )
    return path


def _need(module: str, what: str, *, wanted: bool) -> None:
    """Say what is missing before the work, not after it."""
    if wanted and find_spec(module) is None:
        raise MissingExtra(what, "report")


def _embedder(name: str) -> str:
    if name != "spectrum" and not Path(name).exists():
        raise RecipeError(
            f"--embedder {name} is not known.",
            "spectrum, or the file of an ONNX embedder",
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
    scorer, places = _scorer_and_paths(bundle, paths, budget, threads)
    pooling = _choice(pool, "--pool", ("max", "mean"))
    found = _gather(places)
    results: list[ClipVerdict | dict[str, str]] = []
    with _progress(found.total, "recordings") as tell:
        for done, clip in enumerate(found.clips):
            tell(done, clip.name)
            results.append(_judged(scorer, clip, channel, pooling))
    results += found.skipped
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
    if first.suffix not in BUNDLES and any(place.suffix in BUNDLES for place in places):
        raise RecipeError(
            f"{first} stands where the bundle should.",
            "the bundle first, then what to judge",
            f"For example: auscult score {next(p for p in places if p.suffix in BUNDLES)} {first}",
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
    _tell_skipped(skipped)
    if not verdicts:
        return
    wrong = sum(verdict.is_anomaly for verdict in verdicts)
    calibration = scorer.bundle.manifest.calibration
    promise = "" if calibration is None else f" {calibration.in_words()}"
    out.print(f"\n{wrong} of {len(verdicts)} recordings sound wrong.{promise}")
    if calibration is not None and calibration.trust == "provisional":
        out.print("Limits from so little sound are wide: what scores highest deserves a look, too.")


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

    What the bundle has learned from is left out, unless nothing normal is left then: learn with --hold-out.

    Example: auscult evaluate fan.onnx test/ --report fan.html
    """
    from auscult.evaluation.evaluate import evaluate as run
    from auscult.evaluation.report import cautions, table, write_html
    from auscult.evaluation.report import figures as write_figures

    scorer, places = _scorer_and_paths(bundle, paths, budget, threads)
    _need("matplotlib", "Drawing PNG figures", wanted=figures is not None)
    _need("sklearn", "A t-SNE map", wanted=tsne)
    found = _gather(places)
    pooling = _choice(pool, "--pool", ("max", "mean"))
    with _progress(found.total, "recordings") as tell:
        result = run(
            scorer,
            found.clips,
            seed=seed,
            pool=pooling,
            channel=channel,
            progress=tell,
        )
    if report is not None:
        write_html(result, report, tsne=tsne)
        _note(f"Report: {report}")
    if figures is not None:
        write_figures(result, figures, tsne=tsne)
        _note(f"Figures: {figures}")
    if as_json:
        _print_json(result.to_dict() | {"cautions": cautions(result)})
    else:
        out.print(table(result))
        for text in cautions(result):
            _note(text)
    skipped = found.skipped + [{"file": one.name, "error": one.error} for one in result.skipped]
    _tell_skipped(skipped)
    raise typer.Exit(SKIPPED if skipped else OK)


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
        out.print(Text.assemble((f"{label:<18}", "bold"), text), soft_wrap=not out.is_terminal)


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
        yield f"limit, {rule.name}", f"{rule.limit:.2f} ({rule.votes} of {rule.of} windows)"
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
        out.print(
            f"{escape(str(path))} is whole; {references} reference windows agree within {error:.1e}."
        )


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

    found = _gather(paths)
    with _progress(found.total, "recordings") as tell:
        report = check(found.clips, progress=tell)
    if as_json:
        _print_json(report.to_dict())
    else:
        _print_data_report(report)
    _tell_skipped(found.skipped)
    worst = {finding.severity for finding in report.findings}
    raise typer.Exit(SKIPPED if "error" in worst or found.skipped else OK)


def _print_data_report(report: "DataReport") -> None:
    out.print(f"{report.recordings} recordings, {report.hours:.2f} h that can be read.")
    for what, counts in report.counts.items():
        known = {name or "(not said)": count for name, count in counts.items()}
        if set(known) != {"(not said)"}:
            listed = ", ".join(f"{name} {count}" for name, count in list(known.items())[:SHOWN])
            more = f" and {len(known) - SHOWN} more" if len(known) > SHOWN else ""
            out.print(
                Text.assemble((f"{what:<10}", "bold"), listed + more), soft_wrap=not out.is_terminal
            )
    if report.level_auc is not None:
        out.print(
            f"Loudness alone: AUC {report.level_auc:.2f} (0.5 says nothing, 1.0 gives all away)."
        )
    styles = {"error": "bold red", "warning": "yellow", "note": "dim"}
    for finding in report.findings:
        files = "".join(f"\n    {name}" for name in finding.files[:SHOWN])
        more = f"\n    and {len(finding.files) - SHOWN} more" if len(finding.files) > SHOWN else ""
        label = (f"{finding.severity}: ", styles[finding.severity])
        out.print(Text.assemble(label, finding.text, files, more), soft_wrap=not out.is_terminal)
    if not report.findings:
        out.print("Nothing is wrong with it.")


@data_app.command("simulate")
def data_simulate(
    output: Annotated[Path, typer.Argument(help="Folder to make.", metavar="OUT")],
    machine: Annotated[str, typer.Option(help="fan, pump, valve, cyclic or two_states.")] = "fan",
    normal: Annotated[int, typer.Option(min=1, help="Normal recordings.")] = 30,
    anomaly: Annotated[int, typer.Option(min=0, help="Recordings with a fault.")] = 20,
    seconds: Annotated[float, typer.Option(help="Length of each.")] = 10.0,
    snr: Annotated[float, typer.Option(help="Faults above their band's background, in dB.")] = 6.0,
    seed: Annotated[int, typer.Option(help="Another seed, another data set.")] = 0,
    as_json: Json = False,
) -> None:
    """Make a data set of a simulated machine, with the truth about every fault.

    Example: auscult data simulate demo-data --machine pump
    """
    from auscult.audio.synth import MACHINES
    from auscult.datasets.simulate import simulate

    name = _choice(machine, "--machine", tuple(MACHINES))
    with _progress(normal + anomaly, "recordings") as tell:
        root = simulate(
            output,
            machine=name,
            normal=normal,
            anomaly=anomaly,
            seconds=seconds,
            seed=seed,
            snr_db=snr,
            progress=lambda done, _: tell(done, ""),
        )
    if as_json:
        _print_json({"data": str(root), "machine": machine, "normal": normal, "anomaly": anomaly})
    else:
        out.print(
            f"Wrote {normal} normal recordings and {anomaly} with a fault to {escape(str(root))};"
            " truth.json says which."
        )


# --- listen and demo ------------------------------------------------------------------------------------------------------


@app.command()
def listen(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="The bundle, then a recording, or simulated:fan (pump, valve, cyclic, two_states).",
            metavar="BUNDLE SOURCE",
        ),
    ],
    bundle: Annotated[
        Path | None, typer.Option("--bundle", help="The bundle, if it is not the first argument.")
    ] = None,
    fast: Annotated[
        bool, typer.Option("--fast", help="As fast as possible instead of as if live.")
    ] = False,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="Into a simulated machine: knock@30 begins at 30 s; may be repeated."),
    ] = None,
    seconds: Annotated[float, typer.Option(help="Of a simulated machine.")] = 60.0,
    snr: Annotated[float, typer.Option(help="Of its faults, in dB.")] = 6.0,
    seed: Annotated[int, typer.Option(help="Of a simulated machine.")] = 1,
    level: Annotated[
        bool, typer.Option("--level", help="Also tell when it is louder or quieter than usual.")
    ] = False,
    events_only: Annotated[
        bool, typer.Option("--events", help="Only events, not every window.")
    ] = False,
    budget: Budget = None,
    channel: Channel = None,
    threads: Threads = 1,
    fail_on_anomaly: Annotated[
        bool, typer.Option("--fail-on-anomaly", help="Exit with 1 if anything sounds wrong.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Listen to a recording or a simulated machine as if it were live.

    With --json, one line for each window and each event.

    Example: auscult listen fan.onnx simulated:fan --fault knock@20 --fault hum@45
    """
    from auscult.live.listener import Listener

    first, source = _bundle_and_source(bundle, paths)
    from auscult.runtime.scorer import load

    scorer = load(first, threads=threads, budget_per_day=budget)
    listener = Listener(scorer, level_track=level)
    blocks = _source(source, channel, fault or [], seconds, snr, seed)
    show = _JsonLines(events_only) if as_json else _Screen(events_only, source)
    heard = _ended(_play(blocks, listener, 0.0 if fast else 1.0, show))
    if show.windows == 0:
        raise _too_short(source, scorer)
    calibration = scorer.bundle.manifest.calibration
    if not as_json:
        promise = "" if calibration is None else f" {calibration.in_words()}"
        out.print(
            f"{len(heard)} event{'' if len(heard) == 1 else 's'} in {show.position_s:.0f} s.{promise}"
        )
    raise typer.Exit(ANOMALIES if heard and fail_on_anomaly else OK)


def _ended(events: "list[Event]") -> "list[Event]":
    return [event for event in events if event.status == "ended"]


def _too_short(source: str, scorer: "Scorer") -> AudioError:
    manifest = scorer.bundle.manifest
    window_s = manifest.window_samples / manifest.sample_rate_hz
    return AudioError(
        f"{source} is over before anything could be judged.",
        f"at least {window_s:g} s, one window of the bundle",
        "Listen for longer; `auscult score` judges shorter recordings, too.",
    )


def _bundle_and_source(bundle: Path | None, paths: list[str]) -> tuple[Path, str]:
    words = list(paths)
    if bundle is None and len(words) == 2 and words[1].endswith(BUNDLES):
        raise RecipeError(
            f"{words[0]} stands where the bundle should.",
            "the bundle first, then what to listen to",
            f"For example: auscult listen {words[1]} {words[0]}",
        )
    first = bundle or Path(words.pop(0))
    if len(words) != 1:
        raise RecipeError(
            f"{len(words)} sources were named beside the bundle {first}.",
            "one: a recording, or simulated:fan",
            "For example: auscult listen fan.onnx today.wav",
        )
    return first, words[0]


def _source(
    source: str, channel: int | None, faults: list[str], seconds: float, snr: float, seed: int
) -> "Iterator[Block]":
    from auscult.live.sources import from_file, from_machine

    prefix, _, name = source.partition(":")
    if prefix != "simulated":
        if faults:
            raise RecipeError(
                f"A fault can't be put into {source}.",
                "a simulated machine",
                "Listen to simulated:fan.",
            )
        return from_file(source, channel=channel)
    from auscult.audio.synth import MACHINES

    machine = MACHINES[_choice(name or "fan", "simulated:", tuple(MACHINES))]()
    added = [_fault(text, snr) for text in faults]
    for text, one in zip(faults, added, strict=True):
        if one.start_s >= seconds:
            raise RecipeError(
                f"--fault {text} begins after the end.",
                f"a time before {seconds:g} s",
                "Listen for longer: --seconds.",
            )
    return from_machine(machine, seconds=seconds, seed=seed, faults=added)


def _fault(text: str, snr: float) -> "Fault":
    """`knock@30` or `knock@30+5`: a fault, when it begins, and for how long."""
    from auscult.audio.synth import FAULTS, Dropout

    kind, _, when = text.partition("@")
    start, _, duration = when.partition("+")
    try:
        begin_s, last_s = float(start), float(duration or 10.0)
    except ValueError:
        raise RecipeError(
            f"--fault {text} says no time.", "KIND@SECONDS, such as knock@30", "Write it so."
        ) from None
    fault = FAULTS[_choice(kind, "--fault", tuple(FAULTS))]
    if fault is Dropout:
        return Dropout(start_s=begin_s, duration_s=last_s)
    return fault(start_s=begin_s, duration_s=last_s, snr_db=snr)  # type: ignore[call-arg]


def _play(
    blocks: "Iterable[Block]", listener: "Listener", speed: float, show: "_Show"
) -> list["Event"]:
    """Feed a listener at a multiple of real time (0: as fast as it goes); the events, each as it begins and ends."""
    from auscult.live.events import Event

    begin = monotonic()
    position_s = 0.0
    heard: list[Event] = []

    def tell(items: "list[Verdict | Event]") -> None:
        for item in items:
            show.tell(item)
            if isinstance(item, Event):
                heard.append(item)

    with show:
        for block in blocks:
            tell(listener.feed(block))
            position_s += len(block.samples) / block.rate_hz
            ahead_s = position_s / speed - (monotonic() - begin) if speed else 0.0
            if ahead_s > 0:
                sleep(ahead_s)
        tell(listener.close())
    return heard


class _Show:
    """Tells people or programs what is heard."""

    def __init__(self, events_only: bool) -> None:
        self.events_only = events_only
        self.windows = 0
        self.position_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def tell(self, item: "Verdict | Event") -> None:
        from auscult.live.events import Event

        if isinstance(item, Event):
            self.event(item)
            return
        self.windows += 1
        self.position_s = item.end_s
        self.window(item)

    def event(self, event: "Event") -> None:
        raise NotImplementedError

    def window(self, verdict: "Verdict") -> None:
        raise NotImplementedError


class _JsonLines(_Show):
    """One JSON object a line."""

    def event(self, event: "Event") -> None:
        _print_json({"event": asdict(event)}, indent=None)

    def window(self, verdict: "Verdict") -> None:
        if not self.events_only:
            _print_json({"window": asdict(verdict)}, indent=None)


class _Screen(_Show):
    """A line that moves, and a lasting one for each event; without a terminal, lasting lines only."""

    def __init__(self, events_only: bool, title: str) -> None:
        from rich.live import Live

        super().__init__(events_only)
        self._title = Path(title).name[:TITLE_LENGTH]
        self._live = Live(console=out, transient=True, refresh_per_second=12)
        self._moves = out.is_terminal

    def __enter__(self) -> Self:
        if self._moves:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def window(self, verdict: "Verdict") -> None:
        if self._moves:
            self._live.update(_window_line(verdict, self._title))
        elif not self.events_only:
            out.print(_window_line(verdict, ""), soft_wrap=not out.is_terminal)

    def event(self, event: "Event") -> None:
        if event.status == "begun":
            what = (f"  {_clock(event.start_s)}  {event.kind} ", "bold red")
            out.print(
                Text.assemble(what, f"begins ({event.rule}, {event.peak_ratio:.1f} x its limit)")
            )
            return
        text = "" if event.explanation is None else event.explanation.text
        length = f"ended after {event.end_s - event.start_s:.0f} s. "
        out.print(
            Text.assemble((f"  {_clock(event.end_s)}  {event.kind} ", "red"), length, text),
            soft_wrap=not out.is_terminal,
        )


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02d}:{seconds % 60:04.1f}"


def _window_line(verdict: "Verdict", title: str) -> Text:
    level = max(verdict.level_db, -99.0)
    filled = min(round(verdict.ratio * 10), 30)
    colour = COLOURS[verdict.state]
    bar = ("█" * min(filled, 10)).ljust(10, "·") + "|" + ("█" * max(filled - 10, 0)).ljust(20)
    return Text.assemble(
        f"{title}  " if title else "",
        f"{_clock(verdict.end_s)}  {level:6.1f} dBFS  ",
        (bar, colour),
        f" {verdict.ratio:5.2f}  ",
        (verdict.state, colour),
    )


@app.command()
def demo(
    machine: Annotated[str, typer.Option(help="fan, pump, valve, cyclic or two_states.")] = "fan",
    minutes: Annotated[int, typer.Option(min=1, max=120, help="Of normal sound to learn.")] = 60,
    snr: Annotated[float, typer.Option(help="Faults above their band's background, in dB.")] = 6.0,
    speed: Annotated[
        float, typer.Option(min=0.0, help="Times real time; 0: as fast as possible.")
    ] = 8.0,
    seed: Annotated[int, typer.Option(help="Another seed, another hour of its life.")] = 0,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Also keep the bundle.")
    ] = None,
    budget: Budget = None,
    as_json: Json = False,
) -> None:
    """Learn a simulated machine, break it in seven ways, and hear each: no microphone, no data.

    Example: auscult demo
    """
    from auscult.audio.synth import MACHINES, truth
    from auscult.live.demo import faults_in_turn, learn_machine, outcomes
    from auscult.live.listener import Listener
    from auscult.live.sources import from_machine
    from auscult.runtime.calibration import DEFAULT_BUDGET_PER_DAY
    from auscult.runtime.scorer import Scorer

    name = _choice(machine, "--machine", tuple(MACHINES))
    faults, seconds = faults_in_turn(snr)
    if output is not None:
        _writable(output)
    if not as_json:
        out.print(
            f"[bold]A simulated {name}.[/bold] Learning {minutes} min of its normal sound ..."
        )
    with _progress(minutes * 60.0, "s of sound") as tell:
        learned = learn_machine(
            name,
            minutes=minutes,
            seed=seed,
            budget_per_day=DEFAULT_BUDGET_PER_DAY if budget is None else budget,
            progress=tell,
        )
    if output is not None:
        learned.bundle.save(output)
    calibration = learned.bundle.manifest.calibration
    assert calibration is not None  # noqa: S101 - learning always calibrates
    spans = truth(MACHINES[name](), faults)
    if not as_json:
        out.print(calibration.in_words())
        out.print(
            f"\n[bold]Now it runs for {seconds / 60:.0f} min[/bold] and breaks in {len(faults)} ways.\n"
        )
    show = _Quiet(True) if as_json else _Screen(True, name)
    sound = from_machine(MACHINES[name](), seconds=seconds, seed=seed + 1, faults=faults)
    events = _play(sound, Listener(Scorer(learned.bundle)), speed, show)
    heard, false = outcomes(spans, events)
    if as_json:
        _print_json(_demo_dict(heard, false, calibration.trust))
    else:
        _print_outcomes(heard, len(false))
    raise typer.Exit(OK)


class _Quiet(_Show):
    """Tells nothing."""

    def event(self, event: "Event") -> None:
        del event

    def window(self, verdict: "Verdict") -> None:
        del verdict


def _demo_dict(heard: "list[Outcome]", false: "list[Event]", trust: str) -> dict[str, Any]:
    return {
        "calibration": trust,
        "faults": [
            {
                "kind": one.fault.kind,
                "start_s": one.fault.start_s,
                "end_s": one.fault.end_s,
                "low_hz": one.fault.low_hz,
                "high_hz": one.fault.high_hz,
                "heard": one.event is not None,
                "delay_s": one.delay_s,
                "explanation": None
                if one.event is None or one.event.explanation is None
                else asdict(one.event.explanation),
            }
            for one in heard
        ],
        "heard": sum(one.event is not None for one in heard),
        "false_alarms": len(false),
    }


def _print_outcomes(heard: "list[Outcome]", false: int) -> None:
    table = Table(title="What was there, and what was heard", title_justify="left")
    for heading in ("fault", "began", "its band", "heard", "what was heard"):
        table.add_column(heading)
    for one in heard:
        fault, event = one.fault, one.event
        explanation = "" if event is None or event.explanation is None else event.explanation.text
        explanation = explanation.partition(" s, ")[
            2
        ]  # the band and the words; when, says the list above
        table.add_row(
            fault.kind.replace("_", " "),
            _clock(fault.start_s),
            f"{fault.low_hz:.0f}-{fault.high_hz:.0f} Hz",
            Text("no", "red") if event is None else Text("yes", "green"),
            explanation,
        )
    out.print()
    out.print(table)
    found = sum(one.event is not None for one in heard)
    out.print(
        f"{found} of {len(heard)} faults heard, {false} false alarm{'' if false == 1 else 's'}."
    )
