"""What is heard, as a store keeps it: every event when it begins, and again when it has ended; a sick signal is one, too.

What the disk does not take waits, in order and within bounds, and is tried again. What a power cut left open is closed at
the next start: otherwise it would go on for ever, here and wherever it was forwarded to.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from auscult.errors import StoreError
from auscult.live.clock import Clock
from auscult.live.database import TRY_EVERY_S, OutOfReachError
from auscult.live.events import Event
from auscult.live.health import HealthChange
from auscult.live.monitor import Heard
from auscult.live.sources.source import Source
from auscult.live.store import EventChange, EventStore, NoSuchEvent, StoredEvent
from auscult.live.stored import Hearing
from auscult.runtime.scorer import Scorer
from auscult.runtime.verdict import Verdict

MOST_UNSTORED = 200
"""So many changes wait for the disk."""

CUT_OFF = "Listening was cut off before its end."
"""Said of an event whose end nobody heard."""

_log = logging.getLogger(__name__)


class Keeper:
    """Stores every event: when it begins, and again when it has ended.

    What is wrong with the signal is an event as well: somebody has to see to the microphone.

    Parameters
    ----------
    store, scorer, source, clock
        Where to, what judges, what is heard, and by which time.
    tell
        Channels that are told.
    always
        Channels that are told even of what is silenced: it is not to be lost elsewhere.
    is_silenced
        Whether people are told nothing of what begins at a time.
    """

    def __init__(
        self,
        store: EventStore,
        scorer: Scorer,
        source: Source,
        clock: Clock,
        *,
        tell: Sequence[str] = (),
        always: Sequence[str] = (),
        is_silenced: Callable[[datetime], bool] = lambda _: False,
    ) -> None:
        self._store = store
        self._tell = tell
        self._always = always
        self._is_silenced = is_silenced
        self._source = source
        self._clock = clock
        self._bundle = scorer.bundle.manifest.name
        calibration = scorer.bundle.manifest.calibration
        thresholds = () if calibration is None else calibration.thresholds()
        self._limits = {one.name: one.limit for one in thresholds}
        self._begun: dict[int, StoredEvent] = {}
        self._ailment: StoredEvent | None = None  # the event that says how bad the signal is
        self._ailing_s = 0.0  # since when that is known
        self._unstored: deque[EventChange] = deque()
        self._tried_s = clock.monotonic_s()
        self._heard_s = 0.0

    def __call__(self, item: Heard) -> None:
        """Store it, if it is an event or a change of health.

        Raises
        ------
        StoreError
            If the store does not take it. Where the disk is at fault, it is tried again.
        """
        if isinstance(item, Verdict):
            self._heard_s = item.end_s
        elif isinstance(item, Event):
            self._keep(item)
            self._store_all()
        else:
            self._change_health(item)
            self._store_all()

    def close_left_open(self) -> int:
        """Close what was being heard from such a source when listening was cut off; how many events."""
        left = self._store.find(stream=self._source.kind, status="begun", limit=MOST_UNSTORED)
        for event in reversed(left):
            self._put(cut_off(event), is_new=False)
        with suppress(StoreError):  # it is told when the next event can't be stored, either
            self._store_all()
        return len(left)

    def turn(self) -> None:
        """Time passes: what could not be stored is tried again."""
        if self._clock.monotonic_s() - self._tried_s >= TRY_EVERY_S:
            with suppress(StoreError):  # it was told when it failed first
                self._store_all()

    def close(self) -> int:
        """End of the sound: no ailment outlasts it, and what waits is tried once more; how many changes are lost."""
        self._recover(self._heard_s)
        with suppress(StoreError):  # what is lost is counted
            self._store_all()
        return len(self._unstored)

    def _keep(self, event: Event) -> None:
        fresh = self._hearing().event(event, self._store.new_id(), limits=self._limits)
        fresh = replace(fresh, bundle=self._bundle)
        known = self._begun.pop(event.id, None)
        if known is not None:
            fresh = replace(fresh, id=known.id, begun_at=known.begun_at)
        if event.status == "begun":
            self._begun[event.id] = fresh
        else:
            fresh = replace(fresh, ended_at=_end_of(fresh))
        self._put(fresh, is_new=known is None)

    def _change_health(self, change: HealthChange) -> None:
        self._recover(change.since_s)
        if change.state == "ok":
            return
        self._ailing_s = self._clock.monotonic_s()
        self._ailment = self._hearing().ailment(change, self._store.new_id())
        self._put(self._ailment, is_new=True)

    def _recover(self, at_s: float) -> None:
        """What was wrong with the signal is over."""
        if self._ailment is None:
            return
        known, self._ailment = self._ailment, None
        ended = replace(known, status="ended", end_s=max(at_s, known.start_s))
        # Where nothing came, the stream's time stood still.
        lasted = timedelta(seconds=self._clock.monotonic_s() - self._ailing_s)
        ended = replace(ended, ended_at=max(_end_of(ended), known.begun_at + lasted))
        self._put(ended, is_new=False)

    def _put(self, event: StoredEvent, *, is_new: bool) -> None:
        if len(self._unstored) >= MOST_UNSTORED:
            self._give_way()
        self._unstored.append(EventChange(event=event, is_new=is_new))

    def _give_way(self) -> None:
        """Lose the oldest event of which nothing is stored: one whose beginning is stored has to end."""
        waiting = [one.event.id for one in self._unstored if one.is_new]
        lost = waiting[0] if waiting else self._unstored[0].event.id
        self._unstored = deque(one for one in self._unstored if one.event.id != lost)
        _log.error("Too many events wait to be stored: event %s is lost.", lost)

    def _store_all(self) -> None:
        """Store what waits: in order, as far as the disk takes it."""
        self._tried_s = self._clock.monotonic_s()
        while self._unstored:
            try:
                self._write(self._unstored[0])
            except OutOfReachError:
                raise
            except StoreError:
                self._unstored.popleft()  # what is wrong with it will not change
                raise
            self._unstored.popleft()

    def _write(self, change: EventChange) -> None:
        with suppress(NoSuchEvent):  # it was deleted: nobody wants to know what became of it
            self._store.take(replace(change, tell=self._told(change.event.begun_at)))

    def _told(self, begun_at: datetime) -> tuple[str, ...]:
        return (*self._always, *(() if self._is_silenced(begun_at) else self._tell))

    def _hearing(self) -> Hearing:
        source = self._source
        return Hearing(
            stream=source.kind,
            stream_name=source.name,
            now=self._clock.utc(),
            heard_s=self._heard_s,
        )


def _end_of(event: StoredEvent) -> datetime:
    """By the stream's time: the wall clock may have been set since, or the sound may run faster."""
    return event.begun_at + timedelta(seconds=max(event.end_s - event.start_s, 0.0))


def cut_off(event: StoredEvent) -> StoredEvent:
    """An event as far as it is known, and why no more is."""
    why = event.explanation
    if why is not None:
        why = why | {"text": f"{why.get('text', '')} {CUT_OFF}".strip()}
    return replace(event, status="ended", ended_at=_end_of(event), explanation=why)
