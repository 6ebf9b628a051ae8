"""`auscult demo`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from auscult.cli import console
from auscult.cli.listening import play
from auscult.cli.options import Budget, Json, choice, writable
from auscult.cli.screen import Quiet, Screen, clock
from auscult.cli.serving import demo_dir, page_is_there, run_server

if TYPE_CHECKING:
    from auscult.live.demo import Outcome
    from auscult.live.events import Event


def demo(
    machine: Annotated[str, typer.Option(help="fan, pump, valve, cyclic or two_states.")] = "fan",
    minutes: Annotated[int, typer.Option(min=1, max=120, help="Of normal sound to learn.")] = 60,
    snr: Annotated[float, typer.Option(help="Faults above their band's background, in dB.")] = 6.0,
    speed: Annotated[
        float | None,
        typer.Option(min=0.0, help="Times real time; 0: as fast as possible. Default: 8."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed, another hour of its life.")] = 0,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Also keep the bundle.")
    ] = None,
    budget: Budget = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Of the page. Default: 8000.")
    ] = None,
    terminal: Annotated[
        bool, typer.Option("--terminal", help="Without the page: all faults in turn, here.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Learn a simulated machine and hear it break: no microphone, no data.

    Shows it on a page where the server is installed and its page is built, and faults are a click. Here in the terminal
    it breaks in seven ways, one after the other: with --terminal, --json, --output, or --speed.

    Example: auscult demo
    """
    is_here = terminal or as_json or output is not None or speed is not None
    if not is_here and page_is_there():
        flags = {"demo": True, "demo_machine": machine, "demo_minutes": minutes, "port": port}
        # What happens to a simulated machine is nobody's business elsewhere.
        own = {"data_dir": demo_dir(), "database": ""}
        run_server(flags | own, key_file=None, as_json=False)
        return
    from auscult.audio.synth import MACHINES, truth
    from auscult.live.demo import faults_in_turn, learn_machine, outcomes
    from auscult.live.listener import Listener
    from auscult.live.sources import from_machine
    from auscult.runtime.calibration import DEFAULT_BUDGET_PER_DAY
    from auscult.runtime.scorer import Scorer

    name = choice(machine, "--machine", tuple(MACHINES))
    faults, seconds = faults_in_turn(snr)
    if output is not None:
        writable(output)
    if not as_json:
        console.out.print(
            f"[bold]A simulated {name}.[/bold] Learning {minutes} min of its normal sound ..."
        )
    with console.progress(minutes * 60.0, "s of sound") as tell:
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
        console.out.print(calibration.in_words())
        console.out.print(
            f"\n[bold]Now it runs for {seconds / 60:.0f} min[/bold] and breaks in {len(faults)} ways.\n"
        )
    show = Quiet(True) if as_json else Screen(True, name)
    sound = from_machine(MACHINES[name](), seconds=seconds, seed=seed + 1, faults=faults)
    pace = 8.0 if speed is None else speed
    events = play(sound, Listener(Scorer(learned.bundle)), pace, show)
    # Ctrl-C ends it early: what never came was not missed.
    came = [span for span in spans if span.start_s < show.position_s]
    heard, false = outcomes(came, events)
    if as_json:
        console.print_json(_demo_dict(heard, false, calibration.trust))
    else:
        _print_outcomes(heard, len(false))
        if len(came) < len(spans):
            console.out.print(f"Stopped before the other {len(spans) - len(came)} came.")
    raise typer.Exit(console.OK)


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
            clock(fault.start_s),
            f"{fault.low_hz:.0f}-{fault.high_hz:.0f} Hz",
            Text("no", "red") if event is None else Text("yes", "green"),
            explanation,
        )
    console.out.print()
    console.out.print(table)
    found = sum(one.event is not None for one in heard)
    console.out.print(
        f"{found} of {len(heard)} faults heard, {false} false alarm{'' if false == 1 else 's'}."
    )
