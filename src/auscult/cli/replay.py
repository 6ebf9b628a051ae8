"""`auscult replay`: a long recording, heard as if it were live, and what each sensitivity would have made of it."""

from math import inf, isfinite, isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from auscult.cli import console
from auscult.cli.options import BUNDLES, Budget, Channel, Json, Threads
from auscult.errors import RecipeError

if TYPE_CHECKING:
    from auscult.evaluation.operating import OperatingPoint
    from auscult.evaluation.replay import Replay
    from auscult.runtime.scorer import Scorer
    from auscult.runtime.verdict import Verdict


def replay(
    paths: Annotated[
        list[Path],
        typer.Argument(help="The bundle, then one long recording.", metavar="BUNDLE RECORDING"),
    ],
    bundle: Annotated[
        Path | None, typer.Option("--bundle", help="The bundle, if it is not the first path.")
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option(
            "--events",
            help="What really happened: a CSV file with the columns start_s, end_s and, if you like, label.",
            metavar="CSV",
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", help="Also write one HTML page: timeline, trade-off, every fault."
        ),
    ] = None,
    level: Annotated[
        bool, typer.Option("--level", help="Also tell when it is louder or quieter than usual.")
    ] = False,
    budget: Budget = None,
    channel: Channel = None,
    threads: Threads = 1,
    as_json: Json = False,
) -> None:
    """Hear a long recording as live listening would, as fast as it goes, and say what each sensitivity trades.

    With --events, each fault of the table is looked for: how late it was heard, or that it was missed; events about none of them
    are false. Every budget gets a row, so that one can be chosen; --budget looks at one closely.

    Example: auscult replay fan.onnx night.wav --events truth.csv --report night.html
    """
    from auscult.audio.read import info
    from auscult.evaluation.replay import replay as run
    from auscult.evaluation.truth import read_truth
    from auscult.runtime.scorer import load

    first, recording = _bundle_and_recording(bundle, paths)
    told_s = info(recording).duration_s
    duration_s = inf if isnan(told_s) else told_s  # some headers don't say
    # Looked at before the hours of listening.
    faults = None if truth is None else read_truth(truth, duration_s=duration_s)
    scorer = load(first, threads=threads, budget_per_day=budget)
    verdicts, heard_s = _heard(scorer, recording, channel, duration_s)
    found = run(
        scorer.bundle.manifest,
        verdicts,
        duration_s=heard_s,
        truth=faults,
        recording=recording.name,
        level_track=level,
    )
    if report is not None:
        from auscult.evaluation.page_replay import replay_page
        from auscult.evaluation.report import write_page

        write_page(replay_page(found), report)
        console.note(f"Report: {report}")
    if as_json:
        console.print_json(found.to_dict())
    else:
        _print(found)


def _bundle_and_recording(bundle: Path | None, paths: list[Path]) -> tuple[Path, Path]:
    places = list(paths)
    if bundle is None:
        # Either order will do: only one of them can be a bundle.
        found = [path for path in places if path.suffix in BUNDLES]
        if len(found) == 1 and len(places) == 2:
            places.remove(found[0])
            return found[0], places[0]
        raise RecipeError(
            f"{len(places)} path{'s were' if len(places) != 1 else ' was'} given, {len(found)} of them a bundle.",
            "one bundle and one recording",
            "For example: auscult replay fan.onnx night.wav",
        )
    if len(places) != 1:
        raise RecipeError(
            f"{len(places)} recordings were given.",
            "one recording beside --bundle",
            "Replay them one by one: a recording is one stretch of time.",
        )
    return bundle, places[0]


def _heard(
    scorer: "Scorer", recording: Path, channel: int | None, duration_s: float
) -> "tuple[list[Verdict], float]":
    """Verdicts of all windows as live listening gives them, and how many seconds were heard."""
    from auscult.live.listener import Listener
    from auscult.live.sources import from_file
    from auscult.runtime.verdict import Verdict

    listener = Listener(scorer, explain=False)
    verdicts: list[Verdict] = []
    heard, heard_s = 0, 0.0
    with console.progress(duration_s if isfinite(duration_s) else None, "s") as tell:
        for block in from_file(recording, channel=channel):
            verdicts += (item for item in listener.feed(block) if isinstance(item, Verdict))
            heard += len(block.samples)
            heard_s = heard / block.rate_hz
            tell(heard_s, recording.name)
        verdicts += (item for item in listener.close() if isinstance(item, Verdict))
    return verdicts, heard_s


def _print(found: "Replay") -> None:
    from auscult.evaluation.page_replay import replay_words

    console.out.print(_budgets(found))
    if found.chosen.heard:
        console.out.print(_faults(found.chosen))
    for text in replay_words(found):
        console.out.print(Text(text), soft_wrap=not console.out.is_terminal)


def _budgets(found: "Replay") -> Table:
    from auscult.evaluation.page_replay import rate

    table = Table(
        title=escape(f"{found.recording}: what each budget would have done"),
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        header_style="bold",
    )
    names = ["budget\na day", "limits", "events"]
    known = found.truth is not None
    names += ["false", "false\na day", "at most\n(95 %)"] if known else []
    names += ["heard", "median\ndelay"] if found.chosen.heard else []
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    for point in found.budgets:
        cells = [rate(point.budget_per_day), f"× {point.factor:.2f}", str(len(point.alarms))]
        if known:
            cells += [
                str(point.n_false),
                rate(point.false_per_day),
                rate(point.false_per_day_at_most),
            ]
        if point.heard:
            cells += [f"{len(point.heard) - point.n_missed}/{len(point.heard)}", _delay(point)]
        is_chosen = point.budget_per_day == found.chosen.budget_per_day
        table.add_row(*cells, style="bold" if is_chosen else "")
    return table


def _faults(point: "OperatingPoint") -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("fault", overflow="fold")
    for name in ("from", "to", "heard after"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in point.heard:
        late = Text("missed", "bold red") if one.delay_s is None else Text(f"{one.delay_s:.1f} s")
        times = (f"{one.fault.start_s:.1f} s", f"{one.fault.end_s:.1f} s")
        table.add_row(Text(one.fault.label or "–"), *times, late)
    return table


def _delay(point: "OperatingPoint") -> str:
    return "–" if point.median_delay_s is None else f"{point.median_delay_s:.1f} s"
