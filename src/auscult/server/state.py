"""All that a running server has, opened once and closed once."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol
from weakref import WeakKeyDictionary

from auscult.audio.sound import Sound
from auscult.errors import AuscultError, StoreError
from auscult.live.clips import ClipFolder
from auscult.live.clock import Clock
from auscult.live.keeper import MOST_UNSTORED, cut_off
from auscult.live.names import Namer, open_namer
from auscult.live.sources.machine import MachineSource, machine_named
from auscult.live.sources.network import SCHEMES, NetworkSource
from auscult.live.sources.source import Source
from auscult.live.speech import speech_judge
from auscult.live.spool import SpooledStore
from auscult.live.store import EventStore, StoredEvent
from auscult.server.allowing import whole_sound
from auscult.server.bundles import Bundles, Kept
from auscult.server.choices import Choices, ChoicesFile, overlaid
from auscult.server.clips import Clips
from auscult.server.collection import Collections
from auscult.server.demo import demo_bundle
from auscult.server.families import Families
from auscult.server.going_on import GoingOn
from auscult.server.history import History
from auscult.server.hub import EVERY, Hub, Subscription
from auscult.server.inference import ScoringQueue
from auscult.server.job_info import job_info
from auscult.server.jobs import Job, Jobs
from auscult.server.keys import Keyring
from auscult.server.lag import LoopLag
from auscult.server.messages import JOBS, JobTold, plain
from auscult.server.next_training import NextTraining
from auscult.server.pages import Page, built_page
from auscult.server.retention import sweep_for_ever
from auscult.server.security import Failures, Security, security_from
from auscult.server.settings import Settings
from auscult.server.sources import AnySession, Sources, Wanted, is_elsewhere, is_own
from auscult.server.streams import open_source_session
from auscult.server.telling import Telling

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
    key: str | None
    leave: asyncio.Event

    def recorded(self) -> Sound | None:
        """What was sent in the mode `learn`."""

    def forget_recorded(self) -> None:
        """It was learned from."""

    async def going_away(self) -> None:
        """Tell the client that the server stops."""


@dataclass(frozen=True, kw_only=True)
class StoreState:
    """Whether the store can be read and written, how many events it keeps, and how many changes wait for a database elsewhere."""

    ok: bool
    events: int
    waiting: int | None = None


def store_health(store: EventStore) -> StoreState:
    """Ask the store; it blocks."""
    try:
        events = store.count()
        return StoreState(ok=store.failure() is None, events=events, waiting=store.waiting)
    except StoreError:
        return StoreState(ok=False, events=0, waiting=store.waiting)


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
    sessions, viewers
        Streams of clients by session; the keys of those who watch, by what is set when they shall go.
    lag
        How late the event loop is.
    clips
        Where sound of events is kept, if it is.
    page
        The built page.
    namer
        Says in everyday words what an event is like, where such a network was fetched.
    telling
        Tells others of events.
    choices_file, choices
        What the owner has chosen on the page.
    changing
        One change of settings at a time.
    receiving, gathering
        A few at a time come in: files to be looked at, and sound to learn from.
    collections, jobs, families
        Sound to learn from, what is learned from it, and which networks can be trained here.
    going_on
        Bundles that learn on while they listen.
    next_training
        Sound of events, for those that don't.
    uploads, learning, inspecting
        One at a time.
    erasures
        How often everything was erased: what was learned of sound from before one is not kept.
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
    viewers: WeakKeyDictionary[asyncio.Event, str | None] = field(default_factory=WeakKeyDictionary)
    lag: LoopLag
    clips: Clips | None = None
    namer: Namer | None = None
    telling: Telling
    choices_file: ChoicesFile
    choices: Choices = field(default_factory=Choices)
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)
    receiving: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_RECEIVED))
    gathering: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_RECEIVED))
    collections: Collections = field(init=False)
    jobs: Jobs = field(init=False)
    families: Families = field(default_factory=Families)
    going_on: GoingOn = field(init=False)
    next_training: NextTraining = field(init=False)
    uploads: asyncio.Lock = field(default_factory=asyncio.Lock)
    learning: asyncio.Lock = field(default_factory=asyncio.Lock)
    inspecting: asyncio.Lock = field(default_factory=asyncio.Lock)
    erasures: int = 0
    stopping: bool = False
    port: int = field(init=False)
    started_s: float = 0.0
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _clip_tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._given = self.settings
        self.settings = overlaid(self._given, self.choices)
        self.port = self.settings.port
        self.sources = Sources(
            open_source=self._open_source,
            open_session=self._open_session,
            path=self.settings.data_dir / "sources.json",
            max_sources=self.settings.max_sources,
        )
        self.collections = Collections(
            self.settings.data_dir / "collections",
            max_bytes=self.settings.max_collected_bytes,
            clock=self.clock,
        )
        self.going_on = GoingOn(
            self.settings.data_dir / "going-on",
            bundles=self.bundles,
            store=self.store,
            clock=self.clock,
        )
        self.next_training = NextTraining(
            self.settings.data_dir / "next-training", bundles=self.bundles
        )
        self.jobs = Jobs(
            self.settings.data_dir / "jobs",
            bundles=self.bundles,
            clock=self.clock,
            max_s=self.settings.max_job_s,
            max_mib=self.settings.max_job_mib,
            on_end=self._job_ended,
            on_news=self._job_told,
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
            "settings_moved_aside": self.choices_file.moved_aside is not None,
            "stopping": self.stopping,
        }
        return [name for name, is_so in found.items() if is_so]

    async def start(self) -> None:
        """Score, listen, watch."""
        self.started_s = self.clock.monotonic_s()
        await self.queue.start()
        self.telling.start()
        await asyncio.to_thread(close_left_open, self.store)
        self.jobs.start()
        self._keep(self.collections.watch(), "old collections")
        self._keep(
            self._note_history(self.hub.subscribe(EVERY, max_messages=_MAX_UNNOTED)), "history"
        )
        self._keep(self.lag.watch(), "loop lag")
        keep_days = lambda: self.settings.clips_days  # noqa: E731 - it may be changed
        self._keep(self.next_training.watch(keep_days, self.clock), "next training")
        self._keep(self.going_on.watch(), "learning on")
        self._keep(sweep_for_ever(lambda: self.settings, self.store, self.clock), "old events")
        self._begin_clips()
        await self.sources.start_all()
        if self.settings.demo:
            await self.begin_demo()

    async def begin_demo(self) -> None:
        """Run the simulated machine, if it does not run yet; what it sounds like is learned first, which takes seconds.

        Raises
        ------
        RecipeError, StoreError
            If there is no room for what is learned.
        """
        async with self.learning:
            if self.demo is not None:
                return
            if self.demo_bundle_id is None or self.bundles.get(self.demo_bundle_id) is None:
                kept = await asyncio.to_thread(_demo_kept, self.settings, self.bundles)
                self.demo_bundle_id = kept.id
            kept_id = self.demo_bundle_id
            name = self.settings.demo_machine
            machine = MachineSource(machine_named(name), realtime=True, clock=self.clock, name=name)
            wanted = Wanted(id=DEMO, address=f"machine:{name}", name=machine.name, bundle=kept_id)
            await self.sources.add_fixed(wanted, machine)
            self.demo = machine
            if self.bundles.get(kept_id) is None:  # erased meanwhile
                await self.end_demo()

    async def end_demo(self) -> None:
        """End the simulated machine, where it runs: what it was judged by is gone. It can be begun again."""
        self.demo = self.demo_bundle_id = None
        await self.sources.end_fixed(DEMO)

    async def going_away(self) -> None:
        """Tell every client that the server stops; nothing new is taken from now on."""
        if self.stopping:
            return
        self.stopping = True
        self.families.end()
        with contextlib.suppress(TimeoutError):  # who has not gone by then is hung up on
            async with asyncio.timeout(GOING_AWAY_S):
                sessions = list(self.sessions.values())
                await asyncio.gather(
                    *(session.going_away() for session in sessions), return_exceptions=True
                )

    async def stop(self) -> None:
        """End everything in order: what sounds, what scores, what is kept."""
        await self.going_away()
        await self.sources.close()
        await self.jobs.close()
        await asyncio.to_thread(self.collections.clear)
        await _ended(self._tasks)
        await self.going_on.close()
        await self.queue.close()
        await asyncio.to_thread(self.telling.close)
        await self._end_clips()
        await asyncio.to_thread(self.store.close)

    def teaches(self, event: StoredEvent) -> str | None:
        """Which bundle an event has something to say to: that of its source, where it has one of its own, else `None`, the active one.

        Call it in the event loop.
        """
        found = self.sources.get(event.stream)
        is_of_active = event.bundle_id == self.bundles.active_id
        if is_of_active or (found is not None and found[0].bundle is None):
            return None
        newest = self.bundles.newest(event.bundle_id)
        own = (self.bundles.newest(one.bundle) for one, _, _ in self.sources.all() if one.bundle)
        return newest if newest in own else None

    def fixed_by(self, name: str) -> Literal["flag", "variable"] | None:
        """What set a setting when the server was started; `None`: it may be changed."""
        return self._given.fixed_by(name)

    async def choose(self, choices: Choices) -> None:
        """Keep what the owner has chosen, and go by it from now on.

        Raises
        ------
        StoreError
            If it can't be kept; then nothing has changed.
        """
        await asyncio.to_thread(self.choices_file.write, choices)
        before = self.settings
        self.choices, self.settings = choices, overlaid(self._given, choices)
        await asyncio.to_thread(self.telling.open, self.settings, choices)
        if _of_clips(before) != _of_clips(self.settings):
            await self._end_clips()
            self.clips = _clips(self.settings, self.store, self.clock)
            self._begin_clips()

    def part_from_strangers(self) -> None:
        """End every socket whose key opens nothing any more."""
        known = self.security.knows
        leaves = [(one.leave, one.key) for one in self.sessions.values()]
        for leave, key in (*leaves, *self.viewers.items()):
            if not known(key):
                leave.set()

    def _begin_clips(self) -> None:
        if self.clips is not None:
            self.clips.on_written = self._clip_written
            self._clip_tasks = [
                asyncio.create_task(self.clips.watch(self.hub), name="clips"),
                asyncio.create_task(self.clips.sweep(), name="old clips"),
            ]

    def _clip_written(self, event: StoredEvent) -> None:
        """People may have said of an event what it was before its sound was there."""
        if event.label is not None:
            self.next_training.note(event, whole_sound(event, self.settings.clips_dir))

    async def _end_clips(self) -> None:
        await _ended(self._clip_tasks)
        self._clip_tasks = []
        if self.clips is not None:
            await self.clips.close()

    def _keep(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.append(asyncio.create_task(work, name=name))

    def _job_ended(self, job: Job) -> None:
        found = self.collections.get(job.order.collection)
        if found is not None:
            found.used_by.discard(job.id)
        if job.bundle is not None and job.order.told.get("how") == "learn":
            self._keep(self.going_on.begin(job.bundle), "begins to learn on")

    def _job_told(self, news: Job | str) -> None:
        info = None
        if isinstance(news, Job):
            info = job_info(news, ahead=self.jobs.ahead_of(news), bundles=self.bundles)
        told = JobTold(id=news if isinstance(news, str) else news.id, job=info)
        self.hub.publish(JOBS, plain(told))

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


def close_left_open(store: EventStore) -> None:
    """End the events whose end nobody heard, because the server was killed. It blocks.

    What other devices forward, they end themselves.
    """
    with contextlib.suppress(StoreError):  # health tells of a store that fails
        for event in reversed(store.find(status="begun", limit=MOST_UNSTORED)):
            # Its end may wait for a database elsewhere.
            now = store.get(event.id)
            if ":" not in event.stream and now is not None and now.status == "begun":
                store.update(cut_off(now))


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
    make_private(settings.data_dir)
    opened = store or _opened_store(settings, clock)
    try:
        return _with_store(settings, opened, clock, page or Page(built_page()))
    except AuscultError:
        opened.close()
        raise


def _opened_store(settings: Settings, clock: Clock) -> EventStore:
    if settings.database is None:
        return EventStore(settings.store_path, clock=clock)
    url = settings.database.get_secret_value()
    return SpooledStore(url, spool=settings.spool_path, clock=clock, instead_of=settings.store_path)


def _with_store(settings: Settings, store: EventStore, clock: Clock, page: Page) -> State:
    bundles = Bundles(settings.bundles_dir, max_bundles=settings.max_bundles)
    for position, path in enumerate(settings.bundles):
        kept = bundles.add_file(path)
        if position == 0:
            bundles.activate(kept.id)
    demo_id = _demo_kept(settings, bundles).id if settings.demo else None
    for used in {bundles.active_id, demo_id} - {None}:
        bundles.scorer(used)  # before anyone waits for it
    choices_file = ChoicesFile(settings.choices_path, clock=clock)
    choices = choices_file.read()
    telling = Telling(store, clock=clock)
    telling.open(settings, choices)
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
        clips=_clips(overlaid(settings, choices), store, clock),
        namer=open_namer(),
        telling=telling,
        choices_file=choices_file,
        choices=choices,
    )


def _demo_kept(settings: Settings, bundles: Bundles) -> Kept:
    """What the simulated machine is judged by, and nothing else: it never judges sound of somebody's own."""
    learned = demo_bundle(
        settings.data_dir / "demo", machine=settings.demo_machine, minutes=settings.demo_minutes
    )
    return bundles.add_file(learned, activates=False)


def _clips(settings: Settings, store: EventStore, clock: Clock) -> Clips | None:
    if not settings.store_clips:
        return None
    folder = ClipFolder(settings.clips_dir, clock=clock, keep_days=settings.clips_days)
    return Clips(folder, store, None if settings.keep_speech else speech_judge())


def _of_clips(settings: Settings) -> tuple[bool, bool, float]:
    return settings.store_clips, settings.keep_speech, settings.clips_days


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


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
        keyring=Keyring(settings.keys_path),
    )


def make_private(folder: Path) -> None:
    """Events tell what went on somewhere: nobody else on this machine reads them."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The folder {folder} can't be made: {error.strerror}.",
            "a folder that may be written to",
            "Choose another place: --data-dir",
        ) from None
