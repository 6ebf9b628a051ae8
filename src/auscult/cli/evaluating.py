"""`auscult evaluate`."""

from collections.abc import Iterable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from auscult.cli import console
from auscult.cli.options import (
    BUNDLES,
    Budget,
    Channel,
    Json,
    Normal,
    Threads,
    Tta,
    TtaSnr,
    averaging,
    choice,
    need,
    scorer_and_paths,
)
from auscult.cli.recordings import Gathered, gather
from auscult.errors import RecipeError

if TYPE_CHECKING:
    from auscult.datasets.clip import Clip
    from auscult.evaluation.evaluate import Evaluation
    from auscult.evaluation.judge import ClipScorer, Skipped


def evaluate(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="The bundle (or several of one kind), then labelled recordings.",
            metavar="BUNDLE PATH...",
        ),
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
    submission: Annotated[
        Path | None,
        typer.Option(
            "--submission",
            help="Also write the files of a DCASE submission into this folder; recordings without a label are in them, too.",
        ),
    ] = None,
    dcase: Annotated[
        int | None,
        typer.Option(
            "--dcase",
            help="Official score by the rule of this year, 2020 to 2025; default: what the files' names say.",
            metavar="YEAR",
        ),
    ] = None,
    tsne: Annotated[bool, typer.Option("--tsne", help="Map by t-SNE instead of PCA.")] = False,
    budget: Budget = None,
    normal: Normal = None,
    channel: Channel = None,
    pool: Annotated[str, typer.Option(help="'max' or 'mean', as for score.")] = "auto",
    tta: Tta = 0,
    tta_snr: TtaSnr = 30.0,
    seed: Annotated[int, typer.Option(help="Of random gains, of noise, and of intervals.")] = 0,
    threads: Threads = 1,
    as_json: Json = False,
) -> None:
    """Measure how well a bundle tells normal from abnormal, loudness removed and not; of a classifier, also class from class.

    What the bundle has learned from is left out, unless nothing normal is left then: learn with --hold-out. It is known
    again by its samples: another channel, cut or encoding of a recording that was learned counts as new, and flatters.

    Where a data set has a test split, its training split is left out.

    Of several bundles, trained alike but for their seed, it prints mean ± standard deviation of every figure.

    Example: auscult evaluate fan.onnx test/ --report fan.html

    Example: auscult evaluate seed0.onnx seed1.onnx seed2.onnx test/
    """
    bundles, places = _bundles_and_places(bundle, paths)
    if len(bundles) > 1:
        _refuse_pages({"--report": report, "--figures": figures, "--submission": submission})
    need("matplotlib", "Drawing PNG figures", wanted=figures is not None)
    need("sklearn", "A t-SNE map", wanted=tsne)
    how: dict[str, Any] = {
        "seed": seed,
        "pool": choice(pool, "--pool", ("auto", "max", "mean")),
        "channel": channel,
        "dcase": dcase,
    }
    results: list[Evaluation] = []
    skipped: list[dict[str, str]] = []
    files: tuple[Path, ...] = ()
    for first in bundles:
        plain, rest = scorer_and_paths(first, places, budget, threads)
        scorer = averaging(plain, tta, tta_snr, seed)
        found = gather(rest, normal=normal)
        if submission is None:
            results.append(_measured(scorer, found.clips, found.total, how))
        else:
            heard, files, left_out = _submitted(scorer, found, submission, how)
            results += heard
            skipped += left_out
        skipped += found.skipped
    skipped += [{"file": one.name, "error": one.error} for one in _skipped(results)]
    for result in results:
        _write_pages(result, report, figures, tsne=tsne)
    if as_json:
        console.print_json(_in_json(results, files))
    else:
        _tell(results)
        if files:
            console.out.print(f"Submission: {len(files)} files in {files[0].parent}.")
    console.tell_skipped(_once(skipped))
    raise typer.Exit(console.SKIPPED if skipped else console.OK)


def _bundles_and_places(bundle: Path | None, paths: list[Path]) -> tuple[list[Path], list[Path]]:
    """Bundles come first, unless one is named apart."""
    if bundle is not None:
        return [bundle], paths
    several = list(takewhile(lambda path: path.suffix in BUNDLES, paths)) or paths[:1]
    return several, paths[len(several) :]


def _refuse_pages(options: "dict[str, Path | None]") -> None:
    wrong = [name for name, value in options.items() if value is not None]
    if wrong:
        raise RecipeError(
            f"{wrong[0]} is about one bundle, and several were given.",
            "one bundle",
            f"Evaluate one by itself with {wrong[0]}.",
        )


def _measured(
    scorer: "ClipScorer", clips: "Iterable[Clip]", total: int | None, how: dict[str, Any]
) -> "Evaluation":
    from auscult.evaluation.evaluate import evaluate as run

    with console.progress(total, "recordings") as tell:
        return run(scorer, clips, progress=tell, **how)


def _submitted(
    scorer: "ClipScorer", found: Gathered, folder: Path, how: dict[str, Any]
) -> "tuple[list[Evaluation], tuple[Path, ...], list[dict[str, str]]]":
    """What was measured where labels are, the files written, and what could not be scored without a label."""
    from auscult.evaluation import submission

    clips = [clip for clip in found.clips if clip.split != "train"]
    submission.check_clips(clips, how["dcase"])
    unknown = [clip for clip in clips if not clip.label]
    known = len(clips) > len(unknown)
    results = [_measured(scorer, clips, len(clips), how)] if known else []
    if not known:
        console.note(
            "Nothing says what these recordings are: they are scored, and nothing is measured."
        )
    with console.progress(len(unknown), "recordings") as tell:
        entries, skipped = submission.judged(
            scorer, unknown, pool=how["pool"], channel=how["channel"], progress=tell
        )
    entries += [entry for result in results for entry in submission.entries_of(result.rows)]
    files = submission.write_submission(entries, folder, how["dcase"])
    every = [*skipped, *_skipped(results)]
    for gap in submission.gaps(entries, every, how["dcase"]):
        console.note(gap)
    return results, files, [{"file": one.name, "error": one.error} for one in skipped]


def _skipped(results: "list[Evaluation]") -> "Iterator[Skipped]":
    for result in results:
        yield from result.skipped


def _once(skipped: list[dict[str, str]]) -> list[dict[str, str]]:
    """Of several bundles, each recording that none could score is named once."""
    return list({(one["file"], one["error"]): one for one in skipped}.values())


def _write_pages(
    result: "Evaluation", report: Path | None, figures: Path | None, *, tsne: bool
) -> None:
    from auscult.evaluation.report import figures as write_figures
    from auscult.evaluation.report import write_html

    if report is not None:
        write_html(result, report, tsne=tsne)
        console.note(f"Report: {report}")
    if figures is not None:
        write_figures(result, figures, tsne=tsne)
        console.note(f"Figures: {figures}")


def _in_json(results: "list[Evaluation]", files: tuple[Path, ...]) -> dict[str, Any]:
    from auscult.evaluation.report import cautions
    from auscult.evaluation.seeds import over_seeds

    plain = [result.to_dict() | {"cautions": cautions(result)} for result in results]
    if len(plain) > 1:
        return {"over_seeds": over_seeds(plain), "evaluations": plain}
    written = {"submission": [str(path) for path in files]} if files else {}
    return (plain[0] if plain else {}) | written


def _tell(results: "list[Evaluation]") -> None:
    from auscult.evaluation.class_words import class_summary
    from auscult.evaluation.report import cautions, tables
    from auscult.evaluation.seeds import over_seeds, seeds_table

    if len(results) > 1:
        console.out.print(seeds_table(over_seeds([result.to_dict() for result in results])))
        return
    for result in results:
        console.out.print(*tables(result), sep="\n")
        for rule in result.dcase:
            score = "none: " + rule.why_not if rule.score is None else f"{100 * rule.score:.2f} %"
            console.out.print(
                Text(f"Official DCASE score, {rule.rule}: {score}"),
                soft_wrap=not console.out.is_terminal,
            )
        if result.classes is not None:
            for text in class_summary(result.bundle, result.classes):
                console.out.print(Text(text), soft_wrap=not console.out.is_terminal)
        for text in cautions(result):
            console.note(text)
