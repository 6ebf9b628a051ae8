"""`auscult evaluate`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from auscult.cli import console
from auscult.cli.options import (
    Budget,
    Channel,
    Json,
    Normal,
    Threads,
    choice,
    need,
    scorer_and_paths,
)
from auscult.cli.recordings import gather


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
    normal: Normal = None,
    channel: Channel = None,
    pool: Annotated[str, typer.Option(help="'max' or 'mean', as for score.")] = "auto",
    seed: Annotated[int, typer.Option(help="Of random gains and intervals.")] = 0,
    threads: Threads = 1,
    as_json: Json = False,
) -> None:
    """Measure how well a bundle tells normal from abnormal, loudness removed and not; of a classifier, also class from class.

    What the bundle has learned from is left out, unless nothing normal is left then: learn with --hold-out. It is known
    again by its samples: another channel, cut or encoding of a recording that was learned counts as new, and flatters.

    Example: auscult evaluate fan.onnx test/ --report fan.html
    """
    from auscult.evaluation.class_words import class_summary
    from auscult.evaluation.evaluate import evaluate as run
    from auscult.evaluation.report import cautions, tables, write_html
    from auscult.evaluation.report import figures as write_figures

    scorer, places = scorer_and_paths(bundle, paths, budget, threads)
    need("matplotlib", "Drawing PNG figures", wanted=figures is not None)
    need("sklearn", "A t-SNE map", wanted=tsne)
    found = gather(places, normal=normal)
    pooling = choice(pool, "--pool", ("auto", "max", "mean"))
    with console.progress(found.total, "recordings") as tell:
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
        console.note(f"Report: {report}")
    if figures is not None:
        write_figures(result, figures, tsne=tsne)
        console.note(f"Figures: {figures}")
    if as_json:
        console.print_json(result.to_dict() | {"cautions": cautions(result)})
    else:
        console.out.print(*tables(result), sep="\n")
        if result.classes is not None:
            for text in class_summary(result.bundle, result.classes):
                console.out.print(Text(text), soft_wrap=not console.out.is_terminal)
        for text in cautions(result):
            console.note(text)
    skipped = found.skipped + [{"file": one.name, "error": one.error} for one in result.skipped]
    console.tell_skipped(skipped)
    raise typer.Exit(console.SKIPPED if skipped else console.OK)
