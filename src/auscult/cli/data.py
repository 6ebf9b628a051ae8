"""`auscult data check` and `auscult data simulate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.text import Text

from auscult.cli import console
from auscult.cli.options import Json, Normal, choice
from auscult.cli.recordings import gather

if TYPE_CHECKING:
    from auscult.evaluation.data_check import ClassMap, DataReport

SHOWN = 5  # of a list, before "and more"

app = typer.Typer(no_args_is_help=True, help="Check labelled sound, or make some.")


@app.command("check")
def data_check(
    paths: Annotated[
        list[Path], typer.Argument(help="Folders or files of sound.", metavar="PATH...")
    ],
    report: Annotated[
        Path | None,
        typer.Option("--report", help="Also write one self-contained HTML page, with a map."),
    ] = None,
    normal: Normal = None,
    as_json: Json = False,
) -> None:
    """Say what is in a data set, what is wrong with it, and which of its classes sound alike.

    Example: auscult data check recordings/ --report data.html
    """
    from auscult.evaluation.data_check import check
    from auscult.evaluation.report import write_data_html

    found = gather(paths, normal=normal)
    with console.progress(found.total, "recordings") as tell:
        result = check(found.clips, progress=tell)
    if report is not None:
        write_data_html(result, report)
        console.note(f"Report: {report}")
    if as_json:
        console.print_json(result.to_dict())
    else:
        _print_data_report(result)
    console.tell_skipped(found.skipped)
    worst = {finding.severity for finding in result.findings}
    raise typer.Exit(console.SKIPPED if "error" in worst or found.skipped else console.OK)


def _print_data_report(report: "DataReport") -> None:
    console.out.print(f"{report.recordings} recordings, {report.hours:.2f} h that can be read.")
    for what, counts in report.counts.items():
        known = {name or "(not said)": count for name, count in counts.items()}
        if set(known) != {"(not said)"}:
            listed = ", ".join(f"{name} {count}" for name, count in list(known.items())[:SHOWN])
            more = f" and {len(known) - SHOWN} more" if len(known) > SHOWN else ""
            console.out.print(
                Text.assemble((f"{what:<10}", "bold"), listed + more),
                soft_wrap=not console.out.is_terminal,
            )
    if report.classes is not None:
        _print_classes(report.classes)
    if report.level_auc is not None:
        console.out.print(
            f"Loudness alone: AUC {report.level_auc:.2f} (0.5 says nothing, 1.0 gives all away)."
        )
    styles = {"error": "bold red", "warning": "yellow", "note": "dim"}
    for finding in report.findings:
        files = "".join(f"\n    {name}" for name in finding.files[:SHOWN])
        more = f"\n    and {len(finding.files) - SHOWN} more" if len(finding.files) > SHOWN else ""
        label = (f"{finding.severity}: ", styles[finding.severity])
        console.out.print(
            Text.assemble(label, finding.text, files, more), soft_wrap=not console.out.is_terminal
        )
    if not report.findings:
        console.out.print("Nothing is wrong with it.")


def _print_classes(found: "ClassMap") -> None:
    """The most mixed classes first."""
    ranked = sorted(found.silhouettes.items(), key=lambda item: item[1])
    listed = ", ".join(f"{label} {value:.2f}" for label, value in ranked[:SHOWN])
    more = f" and {len(ranked) - SHOWN} more" if len(ranked) > SHOWN else ""
    console.out.print(
        Text(
            f"Silhouette: {listed}{more} (1 sounds like itself alone, 0 overlaps, below 0 sounds more like another)."
        ),
        soft_wrap=not console.out.is_terminal,
    )


@app.command("simulate")
def data_simulate(
    output: Annotated[Path, typer.Argument(help="Folder to make.", metavar="OUT")],
    machine: Annotated[str, typer.Option(help="fan, pump, valve, cyclic or two_states.")] = "fan",
    normal: Annotated[int, typer.Option(min=1, help="Normal recordings.")] = 30,
    anomaly: Annotated[int, typer.Option(min=0, help="Recordings with a fault.")] = 20,
    seconds: Annotated[float, typer.Option(help="Length of each.")] = 10.0,
    snr: Annotated[float, typer.Option(help="Faults above their band's background, in dB.")] = 6.0,
    seed: Annotated[int, typer.Option(help="Another seed, another data set.")] = 0,
    long: Annotated[
        bool,
        typer.Option(
            "--long",
            help="One recording of so many seconds with so many faults, and a table of them, for replay.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a data set of a simulated machine, with the truth about every fault.

    Example: auscult data simulate demo-data --machine pump

    Example: auscult data simulate night --long --seconds 600 --anomaly 5
    """
    if long:
        _simulate_long(
            output, machine, seconds=seconds, faults=anomaly, snr=snr, seed=seed, as_json=as_json
        )
        return
    from auscult.audio.synth import MACHINES
    from auscult.datasets.simulate import simulate

    name = choice(machine, "--machine", tuple(MACHINES))
    with console.progress(normal + anomaly, "recordings") as tell:
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
        console.print_json(
            {"data": str(root), "machine": machine, "normal": normal, "anomaly": anomaly}
        )
    else:
        console.out.print(
            f"Wrote {normal} normal recordings and {anomaly} with a fault to {escape(str(root))};"
            " truth.json says which."
        )


def _simulate_long(
    output: Path,
    machine: str,
    *,
    seconds: float,
    faults: int,
    snr: float,
    seed: int,
    as_json: bool,
) -> None:
    from auscult.audio.synth import MACHINES
    from auscult.datasets.simulate_long import EVENTS_FILE, RECORDING_FILE, simulate_long

    name = choice(machine, "--machine", tuple(MACHINES))
    with console.progress(seconds, "s") as tell:
        root = simulate_long(
            output,
            machine=name,
            seconds=seconds,
            faults=faults,
            seed=seed,
            snr_db=snr,
            progress=lambda done_s: tell(done_s, RECORDING_FILE),
        )
    recording, events = root / RECORDING_FILE, root / EVENTS_FILE
    if as_json:
        console.print_json(
            {
                "recording": str(recording),
                "events": str(events),
                "seconds": seconds,
                "faults": faults,
            }
        )
    else:
        console.out.print(
            Text(f"Wrote {recording}, {seconds:g} s with {faults} faults; {events} says when."),
            soft_wrap=not console.out.is_terminal,
        )
