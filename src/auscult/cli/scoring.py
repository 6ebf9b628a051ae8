"""`auscult score`."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.cells import cell_len, set_cell_size
from rich.table import Table
from rich.text import Text

from auscult.cli import console
from auscult.cli.naming import Naming
from auscult.cli.options import (
    Budget,
    Channel,
    Json,
    Threads,
    Tta,
    TtaSnr,
    averaging,
    choice,
    scorer_and_paths,
)
from auscult.cli.recordings import gather
from auscult.errors import AuscultError
from auscult.runtime.verdict import CLASS_FIELDS, sounds_like

NARROWEST = 24  # columns of a name, however narrow the terminal is

if TYPE_CHECKING:
    from auscult.datasets.clip import Clip
    from auscult.runtime.scorer import Scorer
    from auscult.runtime.tta import AugmentedScorer
    from auscult.runtime.verdict import ClipVerdict


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
        str,
        typer.Option(
            help="'max': the worst ten seconds; 'mean': averaged over all; 'auto': as the bundle's limits were made."
        ),
    ] = "auto",
    tta: Tta = 0,
    tta_snr: TtaSnr = 30.0,
    seed: Annotated[int, typer.Option(help="Of the noise of --tta.")] = 0,
    threads: Threads = 1,
    fail_on_anomaly: Annotated[
        bool, typer.Option("--fail-on-anomaly", help="Exit with 1 if anything sounds wrong.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Judge recordings: which sound wrong, when, in which band, and how far from normal.

    Example: auscult score fan.onnx today/*.wav
    """
    scorer, places = scorer_and_paths(bundle, paths, budget, threads)
    pooling = choice(pool, "--pool", ("auto", "max", "mean"))
    found = gather(places)
    judge = averaging(scorer, tta, tta_snr, seed)
    naming = Naming(channel)
    results: list[ClipVerdict | dict[str, str]] = []
    with console.progress(found.total, "recordings") as tell:
        for done, clip in enumerate(found.clips):
            tell(done, clip.name)
            result = _judged(judge, clip, channel, pooling)
            naming.hear(clip, result)
            results.append(result)
    results += found.skipped
    skipped = [result for result in results if isinstance(result, dict)]
    verdicts = [result for result in results if not isinstance(result, dict)]
    if as_json:
        classes = bool(scorer.bundle.manifest.labels)
        how = {} if judge is scorer else {"tta": {"copies": tta, "snr_db": tta_snr, "seed": seed}}
        plain = (
            r if isinstance(r, dict) else _verdict_dict(r, classes) | how | naming.of(r.file)
            for r in results
        )
        console.print_json(list(plain))
    else:
        _print_verdicts(scorer, verdicts, skipped)
        naming.print()
    if not verdicts:
        raise typer.Exit(console.BAD_USE)
    if fail_on_anomaly and any(verdict.is_anomaly for verdict in verdicts):
        raise typer.Exit(console.ANOMALIES)
    raise typer.Exit(console.SKIPPED if skipped else console.OK)


def _judged(
    scorer: "Scorer | AugmentedScorer", clip: "Clip", channel: int | None, pool: Any
) -> "ClipVerdict | dict[str, str]":
    try:
        if clip.sound is not None:
            verdict = _for(clip, scorer).score(clip.sound, pool=pool)
        else:
            verdict = scorer.score(
                clip.path, channel=channel, start_s=clip.start_s, end_s=clip.end_s, pool=pool
            )
    except AuscultError as error:
        return {"file": clip.name, "error": str(error)}
    return replace(verdict, file=clip.name)


def _for(clip: "Clip", scorer: "Scorer | AugmentedScorer") -> "Scorer | AugmentedScorer":
    """Sound out of JSON has no file; noise is seeded by its place in there."""
    from auscult.runtime.scorer import Scorer

    return scorer if isinstance(scorer, Scorer) else scorer.named(clip.name)


def _verdict_dict(verdict: "ClipVerdict", classes: bool) -> dict[str, Any]:
    whole = verdict.to_dict()
    fields = ("start_s", "end_s", "score", "ratio", "state", *(CLASS_FIELDS if classes else ()))
    if not classes:
        whole = {key: value for key, value in whole.items() if key not in _OF_CLASSES}
    if not verdict.parts:
        del whole["parts"]
    whole["windows"] = [{name: window[name] for name in fields} for window in whole["windows"]]
    return whole


_OF_CLASSES = (*CLASS_FIELDS, "probabilities")


def _print_verdicts(
    scorer: "Scorer", verdicts: list["ClipVerdict"], skipped: list[dict[str, str]]
) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("recording", no_wrap=True)
    classes, alarms = bool(scorer.bundle.manifest.labels), scorer.bundle.manifest.alarm_labels
    if classes:
        table.add_column("sounds like", overflow="fold")
    for column in ("score", "ratio"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("what is different", overflow="fold")
    width = max(console.out.width // 3, NARROWEST)
    for verdict in verdicts:
        explanation = "" if verdict.explanation is None else verdict.explanation.text
        table.add_row(
            Text(shortened(_short(verdict.file), width)),
            *([_class_cell(verdict, alarms)] if classes else []),
            f"{verdict.score:.2f}",
            f"{_worst_ratio(verdict):.2f}",
            Text(verdict.state, console.COLOURS[verdict.state]),
            Text(explanation),
        )
    if verdicts:
        console.out.print(table)
    console.tell_skipped(skipped)
    if not verdicts:
        return
    calibration = scorer.bundle.manifest.calibration
    console.out.print()
    if classes:
        console.out.print(Text(_counted(verdicts)))
    if classes and calibration is None:
        return
    wrong = sum(verdict.is_anomaly for verdict in verdicts)
    promise = "" if calibration is None else f" {calibration.in_words()}"
    console.out.print(f"{wrong} of {len(verdicts)} recordings sound wrong.{promise}")
    if calibration is not None and calibration.trust == "provisional":
        console.out.print(
            "Limits from so little sound are wide: what scores highest deserves a look, too."
        )


def _class_cell(verdict: "ClipVerdict", alarms: tuple[str, ...]) -> Text:
    is_alarm = verdict.label in alarms and verdict.is_known is not False
    return Text(sounds_like(verdict), console.COLOURS["anomaly"] if is_alarm else "")


def _counted(verdicts: list["ClipVerdict"]) -> str:
    """How many recordings of each class; the most first."""
    names = Counter(
        "none of these" if verdict.is_known is False else verdict.label or "nothing to hear"
        for verdict in verdicts
    )
    return ", ".join(f"{name} {count}" for name, count in names.most_common()) + "."


def _worst_ratio(verdict: "ClipVerdict") -> float:
    """Ratio of the rule that is furthest over its limit: 1.0 is at the limit, whichever rule it is."""
    return max([verdict.ratio, *(window.ratio for window in verdict.windows)])


def shortened(name: str, width: int) -> str:
    """A name that is no wider than so many columns: its beginning and its end, which tell most.

    >>> shortened("hall 3/pump/2026-03-02 monday morning.wav", 24)
    'hall 3/pump… morning.wav'
    """
    if cell_len(name) <= width:
        return name
    head = (width - 1) // 2
    tail = set_cell_size(name[::-1], width - 1 - head)[::-1]
    return f"{set_cell_size(name, head)}…{tail}"


def _short(name: str) -> str:
    parts = Path(name).parts
    return str(Path(*parts[-3:])) if len(parts) > 3 else name
