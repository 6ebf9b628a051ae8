"""`auscult selftest`: whether this machine can do the work."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from auscult.cli import console
from auscult.cli.options import Json, Threads
from auscult.cli.screen import clock, window_dict
from auscult.errors import RecipeError
from auscult.runtime.verdict import sounds_like

if TYPE_CHECKING:
    from collections.abc import Iterator

    from auscult.live.listener import Block
    from auscult.live.selftest import Chunk
    from auscult.runtime.scorer import Scorer

FAILED = 1


def selftest(
    recording: Annotated[
        Path | None,
        typer.Argument(help="What to judge. Default: a simulated ventilator that begins to knock."),
    ] = None,
    bundle: Annotated[
        Path | None,
        typer.Option(
            "--bundle", help="What judges. Default: a simulated ventilator is learned first."
        ),
    ] = None,
    server: Annotated[
        str | None,
        typer.Option(
            help="A server that must answer how it is, such as http://127.0.0.1:8000; its key, if it needs one: AUSCULT_KEYS.",
            metavar="URL",
        ),
    ] = None,
    beat: Annotated[
        Path | None,
        typer.Option(
            help="The file that `auscult listen` touches, as AUSCULT_BEAT names it there: it must not be older than a minute.",
            metavar="FILE",
        ),
    ] = None,
    threads: Threads = 1,
    as_json: Json = False,
) -> None:
    """Judge a recording chunk by chunk, and say how long each takes.

    Ends with 0 if this machine can be relied on, and with 1 if not: nothing was judged, scores are no numbers, judging
    takes longer than the sound lasts, or the knock of the simulated ventilator is not heard. An anomaly in a recording of
    yours is no failure. A bundle is proved on its own reference windows first; one that is refused ends with 2.

    That is a process of its own. --server and --beat look at one that runs already as well, which may hang: it fails, too, if
    that one gives no sign of life.

    With --json, one document. Containers use this as their health check.

    Example: auscult selftest today.wav --bundle fan.onnx
    """
    from auscult.live.events import Event
    from auscult.live.selftest import FAULT, chunks, failures, timing

    if server is not None:
        _refuse_what_is_no_server(server)
    blocks = _blocks(recording)
    scorer = _scorer(bundle, threads, as_json=as_json)
    manifest = scorer.bundle.manifest
    hop_s = manifest.hop_samples / manifest.sample_rate_hz
    heard: list[Chunk] = []
    events: list[Event] = []
    for item in chunks(scorer, blocks):
        if isinstance(item, Event):
            events.append(item)
            continue
        heard.append(item)
        if not as_json:
            console.out.print(_line(item), soft_wrap=not console.out.is_terminal)
    # Only what is known of both tells what must be heard.
    known = FAULT if recording is None and bundle is None else None
    failed = [*failures(heard, events, hop_s=hop_s, fault=known), *_stuck(server, beat)]
    times = timing(heard, hop_s) if heard else None
    if as_json:
        console.print_json(
            {
                "ok": not failed,
                "failures": failed,
                "bundle": manifest.name,
                "references_of": manifest.references_of,
                "chunks": [window_dict(one.verdict) | {"ms": round(one.ms, 3)} for one in heard],
                "events": [asdict(event) for event in events if event.status == "ended"],
                "timing": None if times is None else asdict(times),
            }
        )
    else:
        for one in failed:
            console.err.print(
                Text.assemble(("Failed: ", "bold red"), one),
                soft_wrap=not console.err.is_terminal,
            )
        console.tell_of_references(manifest)
        if times is not None:
            console.out.print(
                f"{len(heard)} chunks, {times.median_ms:.2f} ms each (median; {times.worst_ms:.2f} ms the slowest), "
                f"{100 * times.real_time_factor:.2g} % of real time. {'Failed.' if failed else 'All is well.'}"
            )
    raise typer.Exit(FAILED if failed else console.OK)


def _refuse_what_is_no_server(url: str) -> None:
    if not url.startswith(("http://", "https://")):
        raise RecipeError(
            f"--server {url} is no address.",
            "http://HOST:PORT or https://HOST:PORT",
            "Write it so.",
        )


def _stuck(server: str | None, beat: Path | None) -> list[str]:
    """What is wrong with those that run already."""
    from auscult.cli.alive import beat_failure, server_failure

    found = (
        None if server is None else server_failure(server),
        None if beat is None else beat_failure(beat),
    )
    return [one for one in found if one is not None]


def _blocks(recording: Path | None) -> "Iterator[Block]":
    if recording is None:
        from auscult.live.selftest import simulated_sound

        return simulated_sound()
    from auscult.audio.read import info
    from auscult.live.sources import from_file

    info(recording)  # what can't be read is told before anything is learned
    return from_file(recording)


def _scorer(bundle: Path | None, threads: int, *, as_json: bool) -> "Scorer":
    from auscult.runtime.scorer import Scorer, load

    if bundle is not None:
        return load(bundle, threads=threads)
    from auscult.live.selftest import simulated_bundle

    if not as_json:
        console.err.print("Learning a simulated ventilator ...")
    return Scorer(simulated_bundle(), threads=threads)


def _line(chunk: "Chunk") -> Text:
    """One chunk: when, the word, how sure, and how long it took.

    >>> from auscult.live.selftest import Chunk
    >>> from auscult.runtime.verdict import Verdict
    >>> heard = Verdict(start_s=3.0, end_s=5.0, score=7.0, ratio=0.61, state="normal", level_db=-30.0)
    >>> _line(Chunk(verdict=heard, ms=0.52)).plain
    '00:05.0  normal       ratio   0.61    0.52 ms'
    """
    verdict = chunk.verdict
    named = sounds_like(verdict)
    return Text.assemble(
        f"{clock(verdict.end_s)}  ",
        (f"{verdict.state:<11}", console.COLOURS[verdict.state]),
        f"  ratio {verdict.ratio:>6.2f}  {chunk.ms:>6.2f} ms{'  ' if named else ''}{named}",
    )
