"""A stream of sound on the server: heard by a listener, scored in the common queue, its events stored before they are told.

A session belongs to a client's socket or to a source of the server's own. It survives a lost connection for a minute.
"""

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import asdict, replace
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from auscult.audio.level import judge, measure
from auscult.audio.sound import Samples, Sound
from auscult.audio.window import windows
from auscult.errors import StoreError
from auscult.live import drift
from auscult.live.calm import CalmStretches
from auscult.live.clock import Clock
from auscult.live.drift import Change, Drift
from auscult.live.events import Event, Patience
from auscult.live.evidence import evidence
from auscult.live.health import HealthChange, SignalHealth
from auscult.live.listener import Block, Item, Listener, Steps, ToExplain, ToJudge
from auscult.live.names import Namer
from auscult.live.store import EventChange, EventStore, NoSuchEvent, StoredEvent
from auscult.live.stored import Hearing
from auscult.live.traces import Strange
from auscult.memory.rebase import Since
from auscult.memory.trace import ears_of, keeps_traces
from auscult.runtime.scorer import Scorer, Stream
from auscult.runtime.verdict import Explanation, State, Verdict
from auscult.server import hub as hubs
from auscult.server.bands import bands_of
from auscult.server.bundles import Bundles, at_budget
from auscult.server.choices import Choices
from auscult.server.describe import event_info
from auscult.server.gather import HELD_S, Gatherer, Piece
from auscult.server.going_on import GoingOn
from auscult.server.hub import Hub
from auscult.server.inference import Dropped, Reason, ScoringQueue
from auscult.server.lag import LoopLag
from auscult.server.messages import BundleName, Mode, StatusCode, Welcome
from auscult.server.settings import Settings
from auscult.server.sources import Wanted
from auscult.server.wire import BadFrame, Sequence, encode

MAX_UNACKED_S = 2.0
LEARN_S = 600.0
MAX_HELD_S = 12.0
"""More sound than this does not wait to be heard; a client that comes back brings ten seconds at once."""
MAX_DEVIATION = 0.04
"""A sample rate that lies by more is refused, if the sender's own clock does not tell sooner."""
MAX_LAG_S = 0.25
TICK_S = 1.0
KEPT_S = 60.0
"""A session whose connection was lost is kept for so long."""

_MAX_UNSTORED = 200

_CLIENTS = ("browser", "legacy")
"""What sends by a socket, and may hang up."""

_SPOILING = frozenset(("low", "clipped", "stuck", "dc", "channel_dead"))
"""States of health in which a verdict means nothing; a sample rate a little off is no such state."""

_log = logging.getLogger(__name__)


class AnyState(Protocol):
    """What a session asks of `auscult.server.state.State`."""

    settings: Settings
    clock: Clock
    store: EventStore
    bundles: Bundles
    hub: Hub
    queue: ScoringQueue
    sessions: dict[str, Any]
    lag: LoopLag
    choices: Choices
    going_on: GoingOn
    namer: Namer | None


class StreamSession:
    """One stream; used in the event loop alone.

    Parameters
    ----------
    state
        What the server has.
    stream, name, kind
        Its id, what people call it, and what it is (`browser`, `microphone`, `machine` …).
    rate_hz
        Samples a second that come.
    mode
        `listen`, or `learn`: kept to be learned from.
    bundle_id
        What judges it; `None`: the active bundle.
    is_live
        Sound comes as it is taken, so its rate can be checked against the clock.
    key
        That its client came with.
    """

    def __init__(
        self,
        state: AnyState,
        *,
        stream: str,
        name: str,
        kind: str,
        rate_hz: int,
        mode: Mode = "listen",
        bundle_id: str | None = None,
        is_live: bool = False,
        key: str | None = None,
    ) -> None:
        self.id = secrets.token_urlsafe(16)
        self.stream = stream
        self.name = name
        self.kind = kind
        self.rate_hz = rate_hz
        self.mode = mode
        self.heard_s = 0.0
        self.unheard = 0  # samples that have come and wait
        self.on_heard: Callable[[], None] = _nothing
        self.leave = asyncio.Event()
        self.is_attached = False
        self.sequence = Sequence(rate_hz)
        self.key = key
        self._state = state
        self._wanted_bundle = bundle_id
        self._is_live = is_live
        self._listener: Listener | None = None
        self._scorer: Scorer | None = None
        self._untuned: Scorer | None = None
        self._tuned_by: Choices | None = None
        self._tuning: tuple[float | None, Patience] = (None, Patience())
        self._limits: dict[str, float] = {}
        self._gatherer = Gatherer()
        self._health = SignalHealth(rate_hz, checks_rate=is_live)
        self._ailment: StoredEvent | None = None  # the event that says how bad the signal is
        self._told_no_bundle = False
        self._recorded: list[NDArray[np.int16]] = []  # half the memory of floats
        self._recorded_s = 0.0
        self._learn_told_s = 0.0
        self._details: dict[float, tuple[list[float], float]] = {}  # bands and time, by start_s
        self._evidence: dict[int, dict[str, Any]] = {}  # by number of the event
        self._stored: dict[int, StoredEvent] = {}
        self._unstored: deque[EventChange] = deque()
        self._ears = ""
        self._strange: Strange | None = None
        self._drift: Drift | None = None
        self._calm: CalmStretches | None = None
        self._changes: list[Change] = []
        self._end_s = 0.0
        self._seq: int | None = None
        self._received_s = 0.0
        self._hearing: asyncio.Task[None] | None = None
        self._ticking: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None
        self._failure: BaseException | None = None
        self._is_closed = False
        self._work = asyncio.Lock()

    # --- What it is

    @property
    def is_legacy(self) -> bool:
        """Its client speaks the messages of an older program."""
        return self.kind == "legacy"

    @property
    def is_closed(self) -> bool:
        """It has ended: nothing is heard any more."""
        return self._is_closed

    @property
    def bundle_id(self) -> str | None:
        """What judges it now."""
        if self._wanted_bundle is None:
            return self._state.bundles.active_id
        return self._state.bundles.newest(self._wanted_bundle)

    @property
    def bundle(self) -> BundleName | None:
        """The same, with its name."""
        kept = None if self.bundle_id is None else self._state.bundles.get(self.bundle_id)
        return None if kept is None else BundleName(id=kept.id, name=kept.name)

    async def welcome(self) -> Welcome:
        """What a client is told at first."""
        async with self._work:
            await self._refresh()
        manifest = None if self._scorer is None else self._scorer.bundle.manifest
        rate_hz = self.rate_hz if manifest is None else manifest.sample_rate_hz
        return Welcome(
            session=self.id,
            stream=self.stream,
            window_s=None if manifest is None else manifest.window_samples / rate_hz,
            hop_s=None if manifest is None else manifest.hop_samples / rate_hz,
            bundle=self.bundle,
            max_unacked_s=MAX_UNACKED_S,
            bands_hz=[round(float(hz), 1) for hz in bands_of(rate_hz).centres_hz],
        )

    def recorded(self) -> Sound | None:
        """What was sent in the mode `learn`."""
        if not self._recorded:
            return None
        return Sound(samples=to_float(np.concatenate(self._recorded)), rate_hz=self.rate_hz)

    def forget_recorded(self) -> None:
        """It was learned from, and is of no use any more."""
        self._recorded = []

    # --- Sound in

    def offer(self, block: Block, *, seq: int | None = None) -> None:
        """Take the next block, to be heard as soon as that is worth it; the oldest is dropped where too much waits."""
        if self._is_closed:
            self.leave.set()  # whoever still sends must come anew
            return
        self._raise_failure()
        if not len(block.samples):
            return
        self.rate_hz = block.rate_hz
        start_s = self._end_s if block.time_s is None else block.time_s
        seconds = len(block.samples) / block.rate_hz
        self._end_s = start_s + seconds
        self.heard_s += seconds
        self._publish_sound(block, start_s)
        now_s = self._state.clock.monotonic_s()
        if self._ticking is None:
            self._tick()
        self._gatherer.add(block, seq=seq, received_s=now_s)
        dropped = self._gatherer.shed(MAX_HELD_S)
        self.unheard += len(block.samples) - dropped
        if dropped:
            self.tell_status("overloaded", samples=dropped, reason="backlog")
        if self._hearing is None and self._gatherer.is_due(self._due_s):
            self._begin_hearing(self._hear_all())

    async def feed(self, block: Block, *, seq: int | None = None) -> None:
        """Take the next block, and wait until what can be heard of it is heard."""
        self.offer(block, seq=seq)
        await self._idle()
        self._raise_failure()

    def attach(self) -> asyncio.Event:
        """A client is there, for the first time or again; what is set when it shall go.

        A client that is still there goes, and what its connection did to arrival times is forgotten.
        """
        self.leave.set()
        self.leave = asyncio.Event()
        self.on_heard = _nothing
        self.is_attached = True
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
        self._health = SignalHealth(self.rate_hz, checks_rate=self._is_live)
        return self.leave

    def end_after(self, seconds: float) -> None:
        """End the session, unless a client comes by then."""

        async def end() -> None:
            await asyncio.sleep(seconds)
            self._ending = None
            await self.close()

        self._ending = asyncio.create_task(end(), name=f"end of {self.stream}")

    def lost(self, samples: int) -> None:
        """So many samples are missing before the next block."""
        self.tell_status("gap", samples=samples)

    async def settle(self) -> None:
        """Hear all that has come, though no window needs it: for now there is no more."""
        await self._idle()
        await self._hear_rest()

    async def _hear_rest(self) -> None:
        async with self._work:
            while (piece := self._gatherer.take()) is not None:
                await self._hear(piece)
            await self._store_again()
        self.on_heard()

    async def close(self) -> None:
        """End of the sound: what is open ends."""
        self._is_closed = True
        for one in (self._ticking, self._ending):
            if one is not None:
                one.cancel()
        await self.settle()
        async with self._work:
            if self._listener is not None:
                await self._answer(self._listener, self._listener.closing_steps())
                self._listener = None
            self._recover()
            await self._store_again()
        self._state.sessions.pop(self.id, None)

    async def going_away(self) -> None:
        """The server stops: tell the client, and let its socket go."""
        self.tell_status("going_away")
        if self.is_attached:
            self.leave.set()
        else:
            await self.close()

    # --- Judging

    @property
    def _due_s(self) -> float:
        if self.mode == "learn":
            return HELD_S
        return 0.0 if self._listener is None else self._listener.due_s

    def _begin_hearing(self, work: Coroutine[Any, Any, None]) -> None:
        self._hearing = asyncio.create_task(work, name=f"hears {self.stream}")
        self._hearing.add_done_callback(self._heard)

    async def _hear_all(self) -> None:
        """Hear what is held, as far as it is worth it."""
        while (piece := self._gatherer.take(due_s=self._due_s)) is not None:
            async with self._work:
                await self._hear(piece)
            self.on_heard()

    def _heard(self, hearing: asyncio.Task[None]) -> None:
        self._hearing = None
        if not hearing.cancelled():
            self._failure = self._failure or hearing.exception()

    async def _idle(self) -> None:
        """Wait until nothing is being heard; whoever gives up waiting ends nothing."""
        while self._hearing is not None:
            await asyncio.wait([self._hearing])
            await asyncio.sleep(0)  # for its end to be noticed

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    async def _hear(self, piece: Piece) -> None:
        self._seq, self._received_s = piece.seq, piece.received_s
        self.unheard -= len(piece.block.samples)
        self._tell_health(piece)
        await self._store_again()
        if self.mode == "learn":
            self._record(piece.block)
            return
        await self._refresh()
        if self._listener is None:
            if not self._told_no_bundle:
                self._told_no_bundle = True
                self.tell_status("no_bundle")
            return
        await self._answer(self._listener, self._listener.steps(piece.block))

    async def _refresh(self) -> None:
        """Take up what judges now, and how; what the one before has open ends, and nothing is remembered."""
        untuned, choices = await self._state.bundles.ready(self.bundle_id), self._state.choices
        if untuned is self._untuned and choices is self._tuned_by:
            return
        before, self._tuned_by = self._tuning, choices
        self._tuning = choices.tuning(self.stream)
        if untuned is self._untuned and self._tuning == before:
            return
        is_change = self._untuned not in (None, untuned)
        if self._listener is not None:
            await self._answer(self._listener, self._listener.closing_steps())
        budget_per_day, patience = self._tuning
        scorer = untuned if untuned is None else at_budget(untuned, budget_per_day)
        self._untuned, self._scorer = untuned, scorer
        self._listener = None if scorer is None else Listener(scorer, patience=patience)
        self._strange = self._drift = self._calm = None
        if scorer is not None and keeps_traces(scorer.bundle):
            self._ears = await asyncio.to_thread(ears_of, scorer.bundle)
            self._strange, self._drift = Strange(self._ears), Drift()
        calibration = None if scorer is None else scorer.bundle.manifest.calibration
        thresholds = () if calibration is None else calibration.thresholds()
        self._limits = {one.name: one.limit for one in thresholds}
        self._told_no_bundle = False
        if is_change:
            self.tell_status("bundle_changed", reason=self.bundle_id)

    async def _answer(self, listener: Listener, steps: Steps) -> None:
        """Answer what the listener asks, by the common queue; then tell what it told."""
        answer: Verdict | Explanation | None = None
        while True:
            try:
                question = steps.send(answer)
            except StopIteration as done:
                items: list[Item] = done.value
                break
            if isinstance(question, ToJudge):
                answer = await self._judged(listener, question)
            else:
                answer = await self._explained(question)
        for item in items:
            if isinstance(item, Verdict):
                self._tell_verdict(item)
            else:
                await self._tell_event(item)
        self._details.clear()
        for change in self._changes:
            self._tell_change(change)
        if self._changes:
            self._changes = []
            await self._store_again()

    async def _judged(self, listener: Listener, question: ToJudge) -> Verdict | None:
        stream, scorer = cast("Stream", listener.stream), self._scorer
        assert scorer is not None  # noqa: S101 - there is no listener without one
        manifest = scorer.bundle.manifest
        begin_s = self._state.clock.monotonic_s()
        pending = stream.prepare(question.window, question.start_s)
        if isinstance(pending, Verdict):
            verdict = pending
        else:
            try:
                found = await self._state.queue.submit(
                    self.bundle_id or "", pending, since_s=self._received_s
                )
            except Dropped as dropped:
                self._tell_dropped(dropped.reason)
                return None
            verdict = stream.decide(pending, found)
        newest = question.window[-manifest.hop_samples :]
        newest = np.where(np.isnan(newest), np.float32(0.0), newest)
        bands = bands_of(manifest.sample_rate_hz).levels_db(newest)
        self._remember(verdict, stream.embedding, bands)
        took_ms = 1000.0 * (self._state.clock.monotonic_s() - begin_s)
        self._details[question.start_s] = (bands, took_ms)
        return verdict

    def _remember(
        self, verdict: Verdict, embedding: NDArray[np.float32] | None, bands_db: list[float]
    ) -> None:
        """What an event or a lasting change may have to tell of this window later."""
        if self._strange is not None:
            self._strange.hear(verdict, embedding)
        if self._drift is not None:
            change = self._drift.hear(verdict, embedding, bands_db)
            self._changes += [] if change is None else [change]
            self._learn_on(verdict, embedding, is_usual=not self._drift.is_off)

    def _learn_on(
        self, verdict: Verdict, embedding: NDArray[np.float32] | None, *, is_usual: bool
    ) -> None:
        """Hand over what has turned out to be calm, where that is wanted."""
        scorer, bundle_id = self._scorer, self.bundle_id
        is_wanted = self._state.choices.learns_on_at(self.stream)
        calibration = None if scorer is None else scorer.bundle.manifest.calibration
        if scorer is None or bundle_id is None or calibration is None:
            return
        if not (is_wanted and self._state.going_on.wants(bundle_id)):
            self._calm = None
            return
        manifest = scorer.bundle.manifest
        if self._calm is None:
            hop_s = manifest.hop_samples / manifest.sample_rate_hz
            self._calm = CalmStretches(calibration, hop_s=hop_s)
        is_well = is_usual and self._health.state not in _SPOILING
        is_fit = is_well and not self._state.choices.maintenance.covers(self._state.clock.utc())
        for calm in self._calm.hear(verdict, embedding, is_fit=is_fit):
            self._state.going_on.hear(
                calm, bundle=scorer.bundle, bundle_id=bundle_id, ears=self._ears
            )

    async def _explained(self, question: ToExplain) -> Explanation | None:
        scorer = self._scorer
        assert scorer is not None  # noqa: S101
        explanation, picture = await asyncio.to_thread(
            _explained, scorer, question.samples, question.start_s, self._state.namer
        )
        self._evidence[question.event.id] = picture
        return explanation

    # --- What is told

    def tell_status(
        self,
        code: StatusCode,
        *,
        samples: int | None = None,
        windows: int | None = None,
        reason: str | None = None,
    ) -> None:
        """Tell viewers and client about the stream."""
        message = {"type": "status", "stream": self.stream, "code": code}
        more = {"samples": samples, "windows": windows, "reason": reason}
        self._publish(message | more)

    def _publish(self, message: dict[str, Any]) -> None:
        self._state.hub.publish(self.stream, message)

    def _tell_dropped(self, reason: Reason) -> None:
        code: StatusCode = "overloaded" if reason in ("overloaded", "late") else "dropped"
        self.tell_status(code, windows=1, reason=reason)

    def _tell_verdict(self, verdict: Verdict) -> None:
        bands, took_ms = self._details.pop(verdict.start_s, ([], 0.0))
        limit = self._limits.get(verdict.rule)
        self._publish(
            {
                "type": "result",
                "stream": self.stream,
                "seq": self._seq,
                "first_sample": round(verdict.start_s * self.rate_hz),
                "start_s": round(verdict.start_s, 6),
                "end_s": round(verdict.end_s, 6),
                "score": verdict.score,
                "limit": limit,
                "ratio": verdict.ratio,
                "state": self._believed(verdict.state),
                "holding": verdict.holding,
                "rule": verdict.rule,
                "level_db": verdict.level_db if np.isfinite(verdict.level_db) else None,
                "label": verdict.label,
                "probability": verdict.probability,
                "is_known": verdict.is_known,
                "bands": bands,
                "infer_ms": round(took_ms, 2),
            }
        )

    def _believed(self, state: State) -> State:
        """Sound of a sick microphone is never normal, whatever it sounds like."""
        return "unreliable" if state == "normal" and self._health.state in _SPOILING else state

    def _tell_health(self, piece: Piece) -> None:
        for change in self._health.feed(piece.block, piece.received_s):
            deviation = change.deviation or 0.0
            # A server that falls behind would blame its clients: what was measured is forgotten, and measured anew.
            if change.state == "wrong_rate" and self._state.lag.worst_s > MAX_LAG_S:
                self._health = SignalHealth(self.rate_hz, checks_rate=self._is_live)
                return
            self._change_health(change)
            if abs(deviation) > MAX_DEVIATION:
                percent = f"{100.0 * deviation:+.1f} %"
                self._failure = BadFrame("rate_mismatch", f"{percent} samples a second came")

    def _tick(self) -> None:
        """Time passes: what is held is heard where no more comes, and no sound at all is told, too."""
        now_s = self._state.clock.monotonic_s()
        if self._hearing is None and self._gatherer.waits_since_s < now_s - HELD_S:
            self._begin_hearing(self._hear_rest())
        # Whoever has gone has not fallen silent.
        if self.is_attached or self.kind not in _CLIENTS:
            for change in self._health.tick(now_s):
                self._change_health(change)
        if self._hearing is None and self._unstored:
            self._begin_hearing(self._hear_rest())
        self._ticking = asyncio.get_running_loop().call_later(TICK_S, self._tick)

    def _change_health(self, change: HealthChange) -> None:
        """Tell it, and make an event of what is wrong: somebody has to see to the microphone."""
        self._publish(_health_told(self.stream, change))
        self._recover(change.since_s)
        if change.state == "ok":
            return
        self._ailment = self._so_far().ailment(change, self._state.store.new_id())
        self._to_be_stored(EventChange(event=self._ailment, is_new=True))

    def _recover(self, at_s: float | None = None) -> None:
        """What was wrong with the signal is over."""
        if self._ailment is None:
            return
        now = self._state.clock.utc()
        end_s = max(self._end_s if at_s is None else at_s, self._ailment.start_s)
        ended = replace(self._ailment, status="ended", ended_at=now, end_s=end_s)
        self._ailment = None
        self._to_be_stored(EventChange(event=ended, is_new=False))

    def _to_be_stored(self, change: EventChange) -> None:
        if len(self._unstored) == _MAX_UNSTORED:
            lost = self._unstored.popleft().event.id
            _log.error("Too many events wait to be stored: event %s is lost.", lost)
            self.tell_status("dropped", reason="store")
        self._unstored.append(change)

    async def _tell_event(self, event: Event) -> None:
        """Store an event, and only then tell it."""
        known = self._stored.get(event.id)
        fresh = self._as_stored(event, known)
        self._stored[event.id] = fresh
        if event.status == "ended":
            del self._stored[event.id]
        heard = self._heard_of(event)
        self._to_be_stored(EventChange(event=fresh, is_new=known is None, heard=heard))
        await self._store_again()

    def _tell_change(self, change: Change) -> None:
        """One notice of a change that lasts, with what is needed to take it for normal."""
        assert self._scorer is not None  # noqa: S101 - it judged
        hearing, bundle = self._so_far(), self.bundle
        bands_hz = bands_of(self._scorer.bundle.manifest.sample_rate_hz).centres_hz
        explanation = drift.explained(change, bands_hz)
        event = StoredEvent(
            id=self._state.store.new_id(),
            stream=self.stream,
            stream_name=self.name,
            kind=drift.KIND,
            status="ended",
            begun_at=hearing.time_of(change.since_s),
            ended_at=hearing.now,
            start_s=change.since_s,
            end_s=change.until_s,
            peak_s=change.since_s,
            peak_ratio=change.after,
            windows=len(change.level_db),
            bundle="" if bundle is None else bundle.name,
            bundle_id="" if bundle is None else bundle.id,
            explanation=None if explanation is None else asdict(explanation),
            evidence=drift.picture(change, bands_hz),
        )
        since = Since(
            ears=self._ears,
            embeddings=change.embeddings,
            level_db=change.level_db,
            stretch=change.stretch,
        )
        self._to_be_stored(EventChange(event=event, is_new=True, heard=since.to_bytes()))

    def _heard_of(self, event: Event) -> bytes | None:
        """How an event was heard, once it has ended: what is needed to allow it, and no sound."""
        if self._strange is None or event.kind != "anomaly" or event.status != "ended":
            return None
        trace = self._strange.trace()
        self._strange.forget()
        return None if trace is None else trace.to_bytes()

    async def _store_again(self) -> None:
        """Store what is not yet: in order, as far as the store takes it."""
        while self._unstored:
            try:
                kept = await asyncio.to_thread(self._state.store.take, self._unstored[0])
            except NoSuchEvent:
                self._unstored.popleft()  # somebody has deleted it: nobody wants to know what became of it
                continue
            except StoreError as error:
                _log.error("An event could not be stored: %s", error)
                self.tell_status("dropped", reason="store")
                return
            self._unstored.popleft()
            phase = "close" if kept.status == "ended" else "open"
            info = event_info(kept).model_dump(mode="json")
            self._publish({"type": "event", "stream": self.stream, "phase": phase, "event": info})

    def _as_stored(self, event: Event, known: StoredEvent | None) -> StoredEvent:
        hearing, bundle = self._so_far(), self.bundle
        event_id = self._state.store.new_id() if known is None else known.id
        fresh = replace(
            hearing.event(event, event_id, limits=self._limits),
            bundle="" if bundle is None else bundle.name,
            bundle_id="" if bundle is None else bundle.id,
            evidence=self._evidence.pop(event.id, None if known is None else known.evidence),
        )
        if known is not None:
            fresh = replace(fresh, begun_at=known.begun_at)
        if event.status == "ended":
            fresh = replace(fresh, ended_at=max(hearing.time_of(event.end_s), fresh.begun_at))
        return fresh

    def _so_far(self) -> Hearing:
        return Hearing(
            stream=self.stream,
            stream_name=self.name,
            now=self._state.clock.utc(),
            heard_s=self._end_s,
        )

    def _publish_sound(self, block: Block, start_s: float) -> None:
        if not self._state.hub.wants_audio(self.stream):
            return
        frame = encode(_int16(block), first_sample=round(start_s * self.rate_hz))
        sound = hubs.Sound(stream=self.stream, rate_hz=self.rate_hz, data=frame)
        self._state.hub.publish(self.stream, sound)

    # --- Recording, to learn from

    def _record(self, block: Block) -> None:
        if self._recorded_s >= LEARN_S:
            return
        samples = _int16(block)
        self._recorded.append(samples)
        self._recorded_s += len(samples) / block.rate_hz
        if self._recorded_s - self._learn_told_s < 1.0 - 1e-6:
            return
        self._learn_told_s = self._recorded_s
        newest = to_float(np.concatenate(self._recorded[-50:])[-self.rate_hz :])
        state = judge(measure(newest, self.rate_hz))
        told = {"silent": "silent", "stuck": "silent", "clipped": "clipped"}.get(state, "ok")
        seconds = round(self._recorded_s, 1)
        self._publish({"type": "learn", "stream": self.stream, "seconds": seconds, "state": told})


async def open_source_session(state: AnyState, wanted: Wanted, kind: str) -> StreamSession:
    """A session for a source of the server's own; its stream has the source's id."""
    return StreamSession(
        state,
        stream=wanted.id,
        name=wanted.name,
        kind=kind,
        rate_hz=16000,
        bundle_id=wanted.bundle,
    )


def _explained(
    scorer: Scorer, samples: Samples, start_s: float, namer: Namer | None
) -> tuple[Explanation | None, dict[str, Any]]:
    """Why, in words and as a picture, and what it is like; what takes longest of all."""
    manifest = scorer.bundle.manifest
    parts = windows(samples, manifest.window_samples, manifest.window_samples)
    maps = []
    if manifest.map_hop_samples:
        maps = [scorer.run(part, (), outputs=("anomaly_map",))["anomaly_map"][0] for part in parts]
    drawn = np.concatenate(maps, axis=1) if maps else None
    picture = evidence(manifest, samples, start_s, anomaly_map=drawn)
    named = None if namer is None else namer.told(samples, rate_hz=manifest.sample_rate_hz)
    if named is not None:
        picture["everyday"] = named
    return scorer.explain_samples(samples, start_s), picture


def _nothing() -> None:
    """Nobody wants to know."""


def to_float(samples: NDArray[np.int16]) -> Samples:
    """Samples of 16 bits, full scale at ±1."""
    return samples.astype(np.float32) / np.float32(32768.0)


def _int16(block: Block) -> NDArray[np.int16]:
    samples = np.nan_to_num(block.mono(), nan=0.0)
    return np.clip(np.round(samples * 32768.0), -32768, 32767).astype(np.int16)


def _health_told(stream: str, change: HealthChange) -> dict[str, Any]:
    told = {"type": "health", "stream": stream, "state": change.state}
    return told | {"since_s": round(change.since_s, 3)}
