"""`auscult edge`: whether an input is fit to listen with, and a unit that listens at every start."""

import sys
from dataclasses import asdict
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from auscult.cli import console
from auscult.cli.options import Json, need, refused_disk, writable
from auscult.cli.panel import HEALTH
from auscult.errors import RecipeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auscult.live.excerpt import Excerpt
    from auscult.live.input_check import Finding

UNFIT = 1
LONGEST_S = 600.0
SIGNS = {"good": ("✓", "green"), "warning": ("!", "yellow"), "bad": ("✗", "bold red")}

app = typer.Typer(no_args_is_help=True, help="Set up a small machine that listens on its own.")


@app.command("check")
def check(
    source: Annotated[
        str,
        typer.Option(
            help="What to check: mic, mic:NAME, rtsp://…, http(s)://…, file:PATH, machine:fan.",
            metavar="ADDRESS",
        ),
    ] = "mic",
    quiet: Annotated[
        str | None,
        typer.Option(
            help="What it hears while the machine stands still, such as file:PATH; else you are asked to stop it.",
            metavar="ADDRESS",
        ),
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=2.0, max=LONGEST_S, help="How long to listen each time.")
    ] = 10.0,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="Listen once and ask nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check a microphone: level, headroom, offset, noise, hum of the mains, what it cuts away; and say what to do.

    At a terminal it listens twice, with the machine stopped and with it running, and asks for each. Where it can't ask, it
    listens once, and what is the machine's and what the cable's can only be guessed.

    Ends with 0 if it will do, and with 1 if nothing should be learned from what it hears.

    Example: auscult edge check --source mic
    """
    asks = not (as_json or at_once or quiet is not None) and _is_live(source) and _can_ask()
    still = quiet
    if asks:
        _ask("Stop the machine, and be quiet.")
        still = source
    # The room first: whoever set it up stands beside a machine that is off.
    room = None if still is None else _heard(still, seconds, as_json=as_json)
    if asks:
        _ask("Let the machine run as it usually does.")
    running = _heard(source, seconds, as_json=as_json)
    findings = _findings(running, room)
    if as_json:
        console.print_json(
            {
                "source": _shown(source),
                "rate_hz": running.sound.rate_hz,
                "seconds": running.sound.duration_s,
                "ok": not _is_bad(findings),
                "findings": [asdict(one) for one in findings],
            }
        )
    else:
        console.out.print(
            f"{_shown(source)}: {running.sound.rate_hz} Hz, {running.sound.duration_s:.1f} s heard.",
            markup=False,
            highlight=False,
        )
        for one in findings:
            console.out.print(_line(one), soft_wrap=not console.out.is_terminal)
        console.out.print(_conclusion(findings))
    raise typer.Exit(UNFIT if _is_bad(findings) else console.OK)


@app.command("service")
def service(
    bundle: Annotated[Path, typer.Argument(help="What judges.")],
    source: Annotated[str, typer.Option(help="What to listen to.", metavar="ADDRESS")] = "mic",
    forward: Annotated[
        str, typer.Option(help="A server that gets the events.", metavar="URL")
    ] = "",
    forward_as: Annotated[
        str,
        typer.Option(
            help="What this machine is called there. Default: its host name.", metavar="NAME"
        ),
    ] = "",
    user: Annotated[
        str,
        typer.Option(help="Who it runs as. Default: you; for root, a user that exists only then."),
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Write it there: /etc/systemd/system/auscult.service"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Print a systemd unit: it listens from the start of the machine on, and is restarted when it fails or is stuck.

    It may use the sound card, its own folder (/var/lib/auscult, with the events) and, where somebody is to be called, the
    network; nothing else. The key for --forward stands in /etc/auscult/environment: AUSCULT_FORWARD_KEY=…

    Example: auscult edge service fan.onnx --forward https://ears.example -o auscult.service
    """
    from auscult.live.service import Service, is_at_home, unit
    from auscult.live.sources import open_source
    from auscult.runtime.bundle import load
    from auscult.runtime.whole import write_whole

    # A unit that can't work is found out now; systemd would start it again and again.
    need("sqlalchemy", "Keeping events", wanted=True, extra="edge")
    need("httpcore", "Forwarding events", wanted=bool(forward), extra="edge")
    load(bundle)
    address = open_source(source)
    address.close()
    if forward:
        from auscult.live.forward import device_name, ingest_url

        ingest_url(forward)
        forward_as = device_name(forward_as) if forward_as else ""
    chosen = user or ("" if getuser() == "root" else getuser())
    made = Service(
        program=(sys.executable, "-m", "auscult"),
        bundle=bundle.resolve(),
        source=_absolute(source),
        user=chosen,
        forward=forward,
        forward_as=forward_as,
        calls_out=bool(forward) or address.kind in ("rtsp", "http"),
    )
    text = unit(made)
    if not chosen and any(is_at_home(Path(one)) for one in (sys.executable, made.bundle)):
        console.note(
            "The program or the bundle is in a home, which a user that exists only while it runs may not enter: install it "
            "in /opt, or name one with --user."
        )
    if _shown(source) != source:
        console.note(
            "Everybody on this machine can read the password of the source in its list of processes."
        )
    if output is not None:
        with refused_disk(output):
            write_whole(writable(output), text.encode())
    if as_json:
        console.print_json({"unit": text, "file": None if output is None else str(output)})
    elif output is None:
        console.out.print(text, markup=False, highlight=False, soft_wrap=True, end="")
    else:
        console.out.print(
            f"Wrote {output}. Begin: systemctl daemon-reload && systemctl enable --now {output.name}",
            soft_wrap=True,
        )


def _absolute(source: str) -> str:
    scheme, _, rest = source.partition(":")
    return f"file:{Path(rest).resolve()}" if scheme.lower() == "file" else source


def _heard(address: str, seconds: float, *, as_json: bool) -> "Excerpt":
    from auscult.cli.monitoring import check_microphone
    from auscult.live.clock import SystemClock
    from auscult.live.excerpt import excerpt
    from auscult.live.sources import open_source

    source = open_source(address, realtime=_is_live(address))
    check_microphone(address)
    if not as_json:
        console.err.print(f"Listening to {source.name} for {seconds:g} s ...")
    return excerpt(source, seconds, clock=SystemClock() if _is_live(address) else None)


def _findings(running: "Excerpt", room: "Excerpt | None") -> "list[Finding]":
    from auscult.live.input_check import check_input

    found = check_input(running.sound, None if room is None else room.sound)
    return [*found, *_of_the_signal(running)]


def _of_the_signal(running: "Excerpt") -> "list[Finding]":
    """What only whoever listened can know: a rate that is wrong, a dead channel, sound that was lost."""
    from auscult.live.input_check import Finding

    # What the loudness says of itself, the other findings say better.
    states = dict.fromkeys(
        one.state for one in running.health if one.state in ("wrong_rate", "channel_dead", "stuck")
    )
    found = [
        Finding(
            name=state,
            severity="bad",
            value=None,
            unit="",
            text=HEALTH[state],
            advice="Choose another input or another rate of the sound card: auscult sources",
        )
        for state in states
    ]
    if running.dropped_samples:
        found.append(
            Finding(
                name="lost",
                severity="warning",
                value=float(running.dropped_samples),
                unit="samples",
                text=f"{running.dropped_samples} samples were lost",
                advice="Something keeps this machine from listening: a weak supply, or other work.",
            )
        )
    return found


def _is_bad(findings: "Sequence[Finding]") -> bool:
    return any(one.severity == "bad" for one in findings)


def _conclusion(findings: "Sequence[Finding]") -> Text:
    if _is_bad(findings):
        return Text("Nothing should be learned from this yet.", "bold red")
    if any(one.severity == "warning" for one in findings):
        return Text("It will do, and could be better.", "bold yellow")
    return Text("It is fit to listen with.", "bold green")


def _line(finding: "Finding") -> Text:
    sign, colour = SIGNS[finding.severity]
    line = Text.assemble((f"{sign} {finding.name:<13}", colour), finding.text)
    if finding.advice:
        line.append(f"\n  {'':<13}{finding.advice}", "dim")
    return line


def _is_live(address: str) -> bool:
    """What sounds by itself, and can't be hurried."""
    return not address.lower().startswith(("file:", "machine:"))


def _shown(address: str) -> str:
    from auscult.live.sources.network import shown

    return shown(address) if "://" in address else address


def _can_ask() -> bool:
    return sys.stdin.isatty() and console.err.is_terminal


def _ask(what: str) -> None:
    console.err.print(f"[bold]{what}[/bold] Then press Enter.", end=" ")
    if not sys.stdin.readline():
        raise RecipeError(
            "Nobody answered.", "Enter", "Let it listen once, and ask nothing: --at-once"
        )
