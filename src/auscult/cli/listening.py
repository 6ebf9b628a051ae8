"""`auscult listen`: a recording or a live source is played to a listener, and what it hears is shown."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Annotated

import typer

from auscult.cli import console
from auscult.cli.options import BUNDLES, Budget, Channel, Json, Threads, choice
from auscult.cli.screen import JsonLines, Screen, Show
from auscult.errors import AudioError, RecipeError

if TYPE_CHECKING:
    from auscult.audio.synth import Fault
    from auscult.cli.monitoring import Keeping
    from auscult.live.events import Event
    from auscult.live.listener import Block, Listener
    from auscult.runtime.scorer import Scorer
    from auscult.runtime.verdict import Verdict

LIVE = ("mic", "microphone")  # words by which people ask for what is live


def listen(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            help="The bundle, then a recording, or simulated:fan (pump, valve, cyclic, two_states).",
            metavar="BUNDLE SOURCE",
        ),
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option("--bundle", help="The bundle, if it is not the first argument.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            help="A live source, in place of a recording: mic, mic:NAME, rtsp://…, http(s)://…, file:PATH, machine:fan.",
            metavar="ADDRESS",
        ),
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Of a live source one line a window, no panel.")
    ] = False,
    store: Annotated[
        str | None,
        typer.Option(
            help="Keep the events of a live source in this file, or in Postgres: postgresql://USER@HOST/NAME.",
            metavar="FILE",
        ),
    ] = None,
    notify: Annotated[
        list[str] | None,
        typer.Option(
            help="Tell of events: https://… (a webhook), mqtt://HOST/TOPIC, apprise:URL; may be repeated. Needs --store.",
            metavar="ADDRESS",
        ),
    ] = None,
    quiet: Annotated[
        list[str] | None,
        typer.Option(
            help="Messages of --notify wait in these hours: 22:00-06:00, sat-sun 00:00-24:00. May be repeated.",
            metavar="HOURS",
        ),
    ] = None,
    maintenance: Annotated[
        list[str] | None,
        typer.Option(
            help="Of what begins in these hours nobody is told, not later either; also once: START/END.",
            metavar="HOURS",
        ),
    ] = None,
    forward: Annotated[
        str | None,
        typer.Option(
            help="Send events on to an Auscult server, also those of when it was away. Needs --store.",
            metavar="URL",
        ),
    ] = None,
    forward_as: Annotated[
        str,
        typer.Option(
            help="What this machine is called there. Default: its host name.", metavar="NAME"
        ),
    ] = "",
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
    """Listen to a recording or a simulated machine as if it were live; with --source, to what is live.

    With --json, one line for each window and each event. Ctrl-C ends it as the end of the recording would, with the summary.

    A live source that breaks off is heard again as soon as it is back; what it lacks (silence, clipping, a wrong rate) is
    told beside the verdicts. --store needs the extra `edge` or `server`, and `postgres` for an address. A webhook is signed with AUSCULT_WEBHOOK_SECRET, where it
    is set; the key for the server of --forward is in AUSCULT_FORWARD_KEY.

    Example: auscult listen fan.onnx simulated:fan --fault knock@20 --fault hum@45

    Example: auscult listen fan.onnx --source mic
    """
    from auscult.live.listener import Listener

    _refuse_mixed(
        source,
        store=store,
        notify=notify,
        forward=forward,
        hours=quiet or maintenance,
        plain=plain,
        fault=fault,
        channel=channel,
    )
    first, place = _bundle_and_source(bundle, paths or [], source)
    from auscult.runtime.scorer import load

    scorer = load(first, threads=threads, budget_per_day=budget)
    show: Show
    if source is not None:
        show, heard = _listen_live(
            scorer,
            source,
            level_track=level,
            realtime=not fast,
            keeping=_keeping(store, notify, quiet, maintenance, forward, forward_as),
            events_only=events_only,
            plain=plain,
            as_json=as_json,
        )
    else:
        listener = Listener(scorer, level_track=level)
        blocks = _source(place, channel, fault or [], seconds, snr, seed)
        show = JsonLines(events_only) if as_json else Screen(events_only, place)
        heard = _ended(play(blocks, listener, 0.0 if fast else 1.0, show))
    if show.windows == 0 and not _may_be_mute(source):
        raise _too_short(place, scorer)
    calibration = scorer.bundle.manifest.calibration
    if not as_json:
        promise = "" if calibration is None else f" {calibration.in_words()}"
        console.out.print(
            f"{len(heard)} event{'' if len(heard) == 1 else 's'} in {show.position_s:.0f} s.{promise}"
        )
    raise typer.Exit(console.ANOMALIES if heard and fail_on_anomaly else console.OK)


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


def _keeping(
    store: str | None,
    notify: list[str] | None,
    quiet: list[str] | None,
    maintenance: list[str] | None,
    forward: str | None,
    forward_as: str,
) -> "Keeping | None":
    """What is kept, and who is told; nothing and nobody without a store."""
    from auscult.cli.hours import calendar_of
    from auscult.cli.monitoring import Keeping

    if store is None:
        return None
    return Keeping(
        store=store,
        notify=notify or [],
        quiet=calendar_of(quiet or [], "--quiet"),
        maintenance=calendar_of(maintenance or [], "--maintenance"),
        forward=forward,
        forward_as=forward_as,
    )


def _listen_live(
    scorer: "Scorer",
    address: str,
    *,
    level_track: bool,
    realtime: bool,
    keeping: "Keeping | None",
    events_only: bool,
    plain: bool,
    as_json: bool,
) -> tuple[Show, "list[Event]"]:
    from auscult.cli.monitoring import monitor_source
    from auscult.cli.panel import Facts, LiveJson, LiveLines, LivePanel, LiveShow

    made: list[LiveShow] = []

    def make_show(facts: Facts) -> LiveShow:
        lines = LiveLines if plain or not console.out.is_terminal else LivePanel
        kind: type[LiveShow] = LiveJson if as_json else lines
        made.append(kind(facts, events_only=events_only))
        return made[0]

    counts, heard = monitor_source(
        scorer,
        address,
        make_show=make_show,
        level_track=level_track,
        realtime=realtime,
        keeping=keeping,
    )
    if counts.dropped_samples:
        console.note(
            f"{counts.dropped_samples} of {counts.heard_samples} samples were not judged: they came quicker than they "
            "could be judged, or just before the end."
        )
    return made[0], heard


def _may_be_mute(source: str | None) -> bool:
    """A live source may have nothing to say until someone ends it."""
    return source is not None and not source.lower().startswith("file:")


def _refuse_mixed(
    source: str | None,
    *,
    store: str | None,
    notify: list[str] | None,
    forward: str | None,
    hours: list[str] | None,
    plain: bool,
    fault: list[str] | None,
    channel: int | None,
) -> None:
    """Options that mean nothing beside each other."""
    live: dict[str, object] = {
        "--store": store,
        "--notify": notify,
        "--forward": forward,
        "--plain": plain,
    }
    recorded: dict[str, object] = {"--fault": fault, "--channel": channel is not None}
    if source is not None and hours and not notify:
        raise RecipeError(
            "--quiet and --maintenance mean nothing where nobody is told.",
            "--notify ADDRESS",
            "Leave them out, or say who is to be told.",
        )
    live["--quiet or --maintenance"] = hours
    given = recorded if source is not None else live
    needed = "--source ADDRESS" if source is None else "a recording or simulated:fan, no --source"
    if source is not None and store is None:
        given = given | {"--notify": notify, "--forward": forward}
        waits = notify or forward
        needed = "--store FILE, where what can't be delivered waits" if waits else needed
    wrong = [name for name, value in given.items() if value]
    if wrong:
        raise RecipeError(
            f"{wrong[-1]} means nothing without what it needs.",
            needed,
            f"Leave {wrong[-1]} out, or give what it needs.",
        )


def _bundle_and_source(bundle: Path | None, paths: list[str], live: str | None) -> tuple[Path, str]:
    words = list(paths)
    if bundle is None and len(words) == 2 and words[1].endswith(BUNDLES):
        raise RecipeError(
            f"{words[0]} stands where the bundle should.",
            "the bundle first, then what to listen to",
            f"For example: auscult listen {words[1]} {words[0]}",
        )
    if bundle is None and not words:
        raise RecipeError(
            "No bundle was named.",
            "a bundle, and what to listen to",
            "For example: auscult listen fan.onnx today.wav",
        )
    first = bundle or Path(words.pop(0))
    if live is not None:
        words.append(live)
    if len(words) != 1:
        raise RecipeError(
            f"{len(words)} sources were named beside the bundle {first}.",
            "one: a recording, simulated:fan, or --source ADDRESS",
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
        _refuse_live(source)
        return from_file(source, channel=channel)
    from auscult.audio.synth import MACHINES

    machine = MACHINES[choice(name or "fan", "simulated:", tuple(MACHINES))]()
    added = [_fault(text, snr) for text in faults]
    for text, one in zip(faults, added, strict=True):
        if one.start_s >= seconds:
            raise RecipeError(
                f"--fault {text} begins after the end.",
                f"a time before {seconds:g} s",
                "Listen for longer: --seconds.",
            )
    return from_machine(machine, seconds=seconds, seed=seed, faults=added)


def _refuse_live(source: str) -> None:
    """What sounds by itself is no file."""
    from auscult.live.sources.network import shown

    is_live = source.partition(":")[0].lower() in LIVE or "://" in source
    if is_live and not Path(source).exists():
        raise RecipeError(
            f"{shown(source)} is no recording: it is live.",
            "a recording, or simulated:fan",
            "For what is live, write --source before it: auscult listen fan.onnx --source mic. Or hear it on a page: "
            "auscult serve --bundle fan.onnx",
        )


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
    fault = FAULTS[choice(kind, "--fault", tuple(FAULTS))]
    if fault is Dropout:
        from auscult.live.demo import DROPOUT_DB

        return Dropout(start_s=begin_s, duration_s=last_s, depth_db=DROPOUT_DB)
    return fault(start_s=begin_s, duration_s=last_s, snr_db=snr)  # type: ignore[call-arg]


def play(
    blocks: "Iterable[Block]", listener: "Listener", speed: float, show: "Show"
) -> list["Event"]:
    """Feed a listener at a multiple of real time (0: as fast as it goes); the events, each as it begins and ends.

    Ctrl-C is an end like any other, once something was heard.
    """
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
        try:
            for block in blocks:
                tell(listener.feed(block))
                position_s += len(block.samples) / block.rate_hz
                ahead_s = position_s / speed - (monotonic() - begin) if speed else 0.0
                if ahead_s > 0:
                    sleep(ahead_s)
        except KeyboardInterrupt:
            if show.windows == 0:
                raise
        tell(listener.close())
    return heard
