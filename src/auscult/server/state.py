"""All that a running server has, opened once and closed once."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from auscult.audio.sound import Sound
from auscult.errors import AuscultError, StoreError
from auscult.live.clips import ClipFolder
from auscult.live.clock import Clock
from auscult.live.notify import Dispatcher, open_channel
from auscult.live.sources.machine import MachineSource, machine_named
from auscult.live.sources.network import SCHEMES, NetworkSource
from auscult.live.sources.source import Source
from auscult.live.store import EventStore
from auscult.server.bundles import Bundles
from auscult.server.clips import Clips
from auscult.server.demo import demo_bundle
from auscult.server.history import History
from auscult.server.hub import EVERY, Hub, Subscription
from auscult.server.inference import ScoringQueue
from auscult.server.lag import LoopLag
from auscult.server.pages import Page, built_page
from auscult.server.security import Failures, Security, security_from
from auscult.server.settings import Settings
from auscult.server.sources import AnySession, Sources, Wanted, is_elsewhere, is_own
from auscult.server.streams import open_source_session

DEMO = "demo"
GOING_AWAY_S = 2.0
MAX_RECEIVED = 4
"""Uploads that come in at the same time; each may be slow, and as large as uploads may be."""
_OVERLOADED_S = (
    0.25  # answers are so late that streams fall behind; windows are dropped at two seconds
)
_MAX_UNNOTED = 4096


class AnyStreamSession(Protocol):
    """What is asked of a client's `auscult.server.streams.StreamSession`."""

    mode: str

    def recorded(self) -> Sound | None:
        """What was sent in the mode `learn`."""

    def forget_recorded(self) -> None:
        """It was learned from."""

    async def going_away(self) -> None:
        """Tell the client that the server stops."""


@dataclass(frozen=True, kw_only=True)
class StoreState:
    """Whether the store can be read and written, and how many events it keeps."""

    ok: bool
    events: int


def store_health(store: EventStore) -> StoreState:
    """Ask the store; it blocks."""
    try:
        events = store.count()
        return StoreState(ok=store.failure() is None, events=events)
    except StoreError:
        return StoreState(ok=False, events=0)


def microphones_here() -> list[Any]:
    """Microphones of this machine; none where nothing can list them. It blocks."""
    from auscult.live.sources import microphones

    try:
        return list(microphones())
    except AuscultError:
        return []


@dataclass(kw_only=True, eq=False)
class State:
    """What routes and sockets share.

    Parameters
    ----------
    settings, clock, store, bundles
        What it was opened with.
    hub
        Messages to viewers.
    queue
        The one queue in which windows of all streams are scored.
    security, failures, counts
        Who may ask, wrong keys, answers by method and status.
    history
        Ratios of the last hour.
    sources
        What the server itself listens to.
    demo, demo_bundle_id
        The simulated machine, where there is one, and the bundle that was learned from it.
    sessions
        Streams of clients by session.
    lag
        How late the event loop is.
    clips
        Where sound of events is kept, if it is.
    page
        The built page.
    dispatcher
        Tells others of events, where it was asked for.
    receiving
        A few at a time come in.
    uploads, learning, inspecting
        One at a time.
    stopping
        The server is about to end: nothing new is taken.
    port
        Where it listens.
    """

    settings: Settings
    clock: Clock
    store: EventStore
    bundles: Bundles
    hub: Hub
    queue: ScoringQueue
    security: Security
    page: Page
    failures: Failures = field(default_factory=Failures)
    counts: Counter[tuple[str, int]] = field(default_factory=Counter)
    history: History = field(default_factory=History)
    demo: MachineSource | None = None
    demo_bundle_id: str | None = None
    sessions: dict[str, AnyStreamSession] = field(default_factory=dict)
    lag: LoopLag
    clips: Clips | None = None
    dispatcher: Dispatcher | None = None
    receiving: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_RECEIVED))
    uploads: asyncio.Lock = field(default_factory=asyncio.Lock)
    learning: asyncio.Lock = field(default_factory=asyncio.Lock)
    inspecting: asyncio.Lock = field(default_factory=asyncio.Lock)
    stopping: bool = False
    port: int = field(init=False)
    started_s: float = 0.0
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.port = self.settings.port
        self.sources = Sources(
            open_source=self._open_source,
            open_session=self._open_session,
            path=self.settings.data_dir / "sources.json",
            max_sources=self.settings.max_sources,
        )

    @property
    def uptime_s(self) -> float:
        """Since the start."""
        return self.clock.monotonic_s() - self.started_s

    @property
    def streams(self) -> int:
        """Streams that are heard: of clients, and of the server's own sources."""
        return len(self.sessions) + sum(running is not None for _, running, _ in self.sources.all())

    def reasons(self, *, store_ok: bool) -> list[str]:
        """Why the server is not as it should be, in codes; none if it is."""
        found = {
            "store": not store_ok,
            "store_moved_aside": self.store.moved_aside is not None,
            "overloaded": self.queue.delay_s > _OVERLOADED_S,
            "slow_loop": self.lag.is_slow,
            "broken_bundles": bool(self.bundles.broken),
            "stopping": self.stopping,
        }
        return [name for name, is_so in found.items() if is_so]

    async def start(self) -> None:
        """Score, listen, watch."""
        self.started_s = self.clock.monotonic_s()
        await self.queue.start()
        if self.dispatcher is not None:
            self.dispatcher.start()
        self._keep(
            self._note_history(self.hub.subscribe(EVERY, max_messages=_MAX_UNNOTED)), "history"
        )
        self._keep(self.lag.watch(), "loop lag")
        if self.clips is not None:
            self._keep(self.clips.watch(self.hub), "clips")
            self._keep(self.clips.sweep(), "old clips")
        await self.sources.start_all()
        if self.settings.demo:
            name = self.settings.demo_machine
            self.demo = MachineSource(
                machine_named(name), realtime=True, clock=self.clock, name=name
            )
            wanted = Wanted(
                id=DEMO,
                address=f"machine:{name}",
                name=self.demo.name,
                bundle=self.demo_bundle_id,
            )
            await self.sources.add_fixed(wanted, self.demo)

    async def going_away(self) -> None:
        """Tell every client that the server stops; nothing new is taken from now on."""
        if self.stopping:
            return
        self.stopping = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GOING_AWAY_S):
                sessions = list(self.sessions.values())
                await asyncio.gather(
                    *(session.going_away() for session in sessions), return_exceptions=True
                )

    async def stop(self) -> None:
        """End everything in order: what sounds, what scores, what is kept."""
        await self.going_away()
        await self.sources.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.queue.close()
        if self.dispatcher is not None:
            await asyncio.to_thread(self.dispatcher.close)
        if self.clips is not None:
            await self.clips.close()
        await asyncio.to_thread(self.store.close)

    def _keep(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.append(asyncio.create_task(work, name=name))

    def _open_source(self, address: str) -> Source:
        from auscult.live.sources import open_source

        if address.partition(":")[0].lower() in SCHEMES:
            return NetworkSource(
                address, realtime=True, clock=self.clock, may_call=self._may_be_called
            )
        return open_source(address, realtime=True)

    def _may_be_called(self, address: str, port: int) -> bool:
        """By whoever sits at this machine, anything; by others, nothing within it."""
        if not self.security.needs_key:
            return True
        return is_elsewhere(address) and not (port == self.port and is_own(address))

    async def _open_session(self, wanted: Wanted, kind: str) -> AnySession:
        return await open_source_session(self, wanted, kind)

    async def _note_history(self, told: Subscription) -> None:
        try:
            while True:
                message = await told.get()
                if isinstance(message, Mapping) and message.get("type") == "result":
                    self.history.hear(message, at=self.clock.utc())
        finally:
            told.close()


def open_state(
    settings: Settings, *, store: EventStore | None = None, clock: Clock, page: Page | None = None
) -> State:
    """Open what a server needs: the store first, which refuses a second server on the same data.

    Bundles that the settings name are taken over, and the simulated machine is learned, where it is wanted.

    Raises
    ------
    StoreError
        If another server uses this data, or it can't be read or written.
    BundleError
        If a named bundle can't be used.
    """
    _make_private(settings.data_dir)
    opened = store or EventStore(settings.store_path, clock=clock)
    try:
        return _with_store(settings, opened, clock, page or Page(built_page()))
    except AuscultError:
        opened.close()
        raise


def _with_store(settings: Settings, store: EventStore, clock: Clock, page: Page) -> State:
    bundles = Bundles(settings.bundles_dir, max_bundles=settings.max_bundles)
    for position, path in enumerate(settings.bundles):
        kept = bundles.add_file(path)
        if position == 0:
            bundles.activate(kept.id)
    demo_id = None
    if settings.demo:
        learned = demo_bundle(
            settings.data_dir / "demo",
            machine=settings.demo_machine,
            minutes=settings.demo_minutes,
        )
        demo_id = bundles.add_file(learned).id
    for used in {bundles.active_id, demo_id} - {None}:
        bundles.scorer(used)  # before anyone waits for it
    channels = [
        open_channel(
            address,
            secret=settings.notify_secret.get_secret_value(),
            allow_private=settings.notify_private,
        )
        for address in settings.notify
    ]
    store.tell = tuple(channel.name for channel in channels)
    return State(
        settings=settings,
        clock=clock,
        store=store,
        bundles=bundles,
        hub=Hub(),
        queue=ScoringQueue(
            bundles,
            threads=settings.scoring_threads,
            max_batch=settings.max_batch,
            max_waiting=settings.max_waiting_windows,
            clock=clock,
        ),
        security=security_of(settings),
        page=page,
        lag=LoopLag(clock),
        demo_bundle_id=demo_id,
        clips=_clips(settings, store, clock),
        dispatcher=Dispatcher(store.outbox, channels, clock=clock) if channels else None,
    )


def _clips(settings: Settings, store: EventStore, clock: Clock) -> Clips | None:
    if not settings.store_clips:
        return None
    folder = ClipFolder(settings.clips_dir, clock=clock, keep_days=settings.clips_days)
    return Clips(folder, store)


def security_of(settings: Settings) -> Security:
    """What a server with these settings lets in.

    Raises
    ------
    RecipeError
        If others could reach it and there is no key.
    """
    return security_from(
        host=settings.host,
        keys=[key.get_secret_value() for key in settings.keys],
        allowed_hosts=settings.allowed_hosts,
    )


def _make_private(folder: Path) -> None:
    """Events tell what went on somewhere: nobody else on this machine reads them."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The folder {folder} can't be made: {error.strerror}.",
            "a folder that may be written to",
            "Choose another place: --data-dir",
        ) from None
