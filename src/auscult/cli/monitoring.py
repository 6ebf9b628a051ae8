"""`auscult listen --source`: a live source is heard until it ends or someone stops it, and what is heard is shown and kept."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep
from types import FrameType
from typing import TYPE_CHECKING

from auscult.cli import console
from auscult.cli.panel import Facts, LiveShow
from auscult.errors import MissingExtra

if TYPE_CHECKING:
    from auscult.live.clock import Clock
    from auscult.live.events import Event
    from auscult.live.keeper import Keeper
    from auscult.live.listener import Block, Listener
    from auscult.live.monitor import Counts, Heard, Monitor
    from auscult.live.quiet import Calendar
    from auscult.live.sources import Source
    from auscult.live.store import EventStore
    from auscult.runtime.scorer import Scorer
    from auscult.runtime.verdict import Verdict

LAST_WORDS_S = 3.0
"""So long it waits at the end for what is still to be sent."""

STORE = "--store"
"""The option that says where events are kept."""

MOST_COUNTED = 1000
"""More messages that wait are not counted."""


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """What is kept of a live source, and who is told.

    Parameters
    ----------
    store
        The file of events, or the address of a database.
    notify
        Who is told of them.
    quiet, maintenance
        When messages wait; of what begins when nobody is told.
    forward, forward_as
        The server that is told of all of it, and what this machine is called there.
    """

    store: str
    notify: list[str]
    quiet: "Calendar"
    maintenance: "Calendar"
    forward: str | None
    forward_as: str


def monitor_source(
    scorer: "Scorer",
    address: str,
    *,
    make_show: Callable[[Facts], LiveShow],
    level_track: bool,
    realtime: bool,
    keeping: Keeping | None,
) -> tuple["Counts", list["Event"]]:
    """Hear a source until it ends, or Ctrl-C or SIGTERM ends it; what became of it, and the events that have ended."""
    from auscult.live.clock import SystemClock
    from auscult.live.events import Event
    from auscult.live.health import SignalHealth
    from auscult.live.listener import Listener
    from auscult.live.monitor import Monitor
    from auscult.live.sources import open_source
    from auscult.live.watchdog import Watchdog

    clock = SystemClock()
    watchdog = Watchdog(clock=clock)
    source = open_source(address, realtime=realtime, clock=clock)
    check_microphone(address)
    listener = TimedListener(Listener(scorer, level_track=level_track))
    ended: list[Event] = []
    turns: list[Callable[[], None]] = [watchdog.beat]

    def note(item: "Heard") -> None:
        if isinstance(item, Event) and item.status == "ended":
            ended.append(item)

    def turn() -> None:
        for one in turns:
            one()

    with ExitStack() as stack:
        sinks: list[Callable[[Heard], None]] = [note]
        if keeping is not None:
            keeper = stack.enter_context(_kept(keeping, scorer, source, clock))
            sinks.append(keeper)
            turns.append(keeper.turn)
        show = make_show(Facts(source=source, listener=listener, scorer=scorer, clock=clock))
        sinks.append(show.tell)
        turns.append(show.look)
        monitor = Monitor(
            source,
            listener,
            sinks,
            clock=clock,
            health=SignalHealth(scorer.bundle.manifest.sample_rate_hz, checks_rate=realtime),
            realtime=realtime,
            beat=turn,
        )
        stack.enter_context(_stopped_by_signals(monitor))
        stack.enter_context(show)
        watchdog.ready(f"Listening to {source.name}")
        stack.callback(watchdog.stopping)
        counts = monitor.run()
    return counts, ended


class TimedListener:
    """A listener that knows how long its last window took.

    Parameters
    ----------
    listener
        Who hears.
    """

    def __init__(self, listener: "Listener") -> None:
        self._listener = listener
        self.infer_ms = 0.0

    def feed(self, block: "Block") -> list["Verdict | Event"]:
        """Take the next block."""
        from auscult.runtime.verdict import Verdict

        begin_s = perf_counter()
        items = self._listener.feed(block)
        windows = sum(isinstance(item, Verdict) for item in items)
        if windows:
            self.infer_ms = 1000.0 * (perf_counter() - begin_s) / windows
        return items

    def close(self) -> list["Verdict | Event"]:
        """End of the sound."""
        return self._listener.close()


@contextmanager
def _opened_store(place: str, clock: "Clock") -> Iterator["EventStore"]:
    try:
        from auscult.live.late import opened
        from auscult.live.postgres import SCHEMES
        from auscult.live.store import EventStore
    except ImportError:
        raise MissingExtra("Keeping events", "edge") from None
    if place.partition("://")[0] in SCHEMES:
        store = _in_postgres(place, clock)
    else:
        store = EventStore(opened(Path(place), clock=clock, elsewhere=STORE), clock=clock)
    try:
        yield store
    finally:
        store.close()
        if store.waiting:
            console.note(
                f"Changes of events that wait for the database: {store.waiting}. They are on this machine's disk, and are stored when it "
                "listens again with the same --store."
            )


def _in_postgres(url: str, clock: "Clock") -> "EventStore":
    """What the database can't take meanwhile waits in the user's own data folder, and is handed on another time."""
    from auscult.live.postgres import parsed
    from auscult.live.spool import SpooledStore, waiting_file

    parsed(url, elsewhere=STORE)  # what is wrong with it is told with the option that there is
    spool = waiting_file(url)
    return SpooledStore(
        url, spool=spool, clock=clock, elsewhere=STORE, spool_elsewhere="XDG_DATA_HOME"
    )


@contextmanager
def _kept(
    keeping: Keeping, scorer: "Scorer", source: "Source", clock: "Clock"
) -> Iterator["Keeper"]:
    """What is heard is stored and told, for as long as it lasts; what was left open is closed first."""
    with (
        _opened_store(keeping.store, clock) as store,
        _told(store, keeping.notify, clock, keeping.quiet) as tell,
        _forwarded(store, keeping.forward, keeping.forward_as, clock) as always,
    ):
        from auscult.live.keeper import Keeper

        is_silenced = keeping.maintenance.covers
        told = {"tell": tell, "always": always}
        keeper = Keeper(store, scorer, source, clock, **told, is_silenced=is_silenced)
        if left := keeper.close_left_open():
            console.note(
                f"Listening was cut off before: {left} event{'' if left == 1 else 's'} had not ended. "
                "As their end counts the last time that is known of them."
            )
        try:
            yield keeper
        finally:
            if lost := keeper.close():
                console.note(f"{lost} changes of events could not be stored, and are lost.")


@contextmanager
def _told(
    store: "EventStore", addresses: list[str], clock: "Clock", quiet: "Calendar"
) -> Iterator[list[str]]:
    """Names of the channels that are told of what is stored, for as long as it lasts."""
    from auscult.live.notify import Dispatcher, open_channel

    secret = os.environ.get("AUSCULT_WEBHOOK_SECRET", "")
    # Whoever sits here may well mean a receiver of his own network.
    channels = [open_channel(one, secret=secret, allow_private=True) for one in addresses]
    names = [channel.name for channel in channels]
    dispatcher = Dispatcher(
        store.outbox, channels, clock=clock, is_held=lambda _: quiet.covers(clock.utc())
    )
    dispatcher.start()
    try:
        yield names
    finally:
        until_s = clock.monotonic_s() + LAST_WORDS_S
        while (
            clock.monotonic_s() < until_s
            and not quiet.covers(clock.utc())
            and any(map(store.outbox.due, names))
        ):
            sleep(0.05)
        dispatcher.close()
        if left := sum(len(store.outbox.waiting(name)) for name in names):
            console.note(
                f"{left} messages have not arrived yet; they wait in the store, for the next time."
            )


@contextmanager
def _forwarded(
    store: "EventStore", url: str | None, name: str, clock: "Clock"
) -> Iterator[list[str]]:
    """Name of the channel of what is forwarded, for as long as it lasts; none where nothing is."""
    if url is None:
        yield []
        return
    from auscult.live.forward import CHANNEL, KEY_VARIABLE, Forwarder, is_in_the_open

    key = os.environ.get(KEY_VARIABLE, "")
    if key and is_in_the_open(url):
        console.note(
            "The key crosses the network as it is: put a TLS proxy in front of the server, and call it https://…"
        )
    forwarder = Forwarder(store, url, device=name, key=key, clock=clock)
    forwarder.start()
    try:
        yield [CHANNEL]
    finally:
        until_s = clock.monotonic_s() + LAST_WORDS_S
        while clock.monotonic_s() < until_s and forwarder.error is None and forwarder.waiting():
            sleep(0.05)
        forwarder.close()
        if left := forwarder.waiting():
            console.note(
                f"{left}{' or more' if left == MOST_COUNTED else ''} messages are not yet forwarded; they wait in the store, "
                "for the next time."
            )


@contextmanager
def _stopped_by_signals(monitor: "Monitor") -> Iterator[None]:
    """Ctrl-C and SIGTERM end it in order; a second Ctrl-C ends it at once."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def stop(number: int, frame: FrameType | None) -> None:
        del frame
        signal.signal(number, before[signal.Signals(number)])
        monitor.stop()

    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def check_microphone(address: str) -> None:
    """Whoever sits here and mistypes a name is told; a source would wait for it to be plugged in."""
    scheme, _, wanted = address.partition(":")
    if scheme.lower() != "mic":
        return
    from auscult.live.sources import chosen, microphones

    chosen(microphones(), wanted or None)
