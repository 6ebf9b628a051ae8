"""The shell around a listener: a source is heard in one thread, judged in another, and what comes of it is handed on.

Between the two waits up to half a minute of sound, so that an engine that stalls for seconds loses nothing. What waits
longer is dropped, oldest first, and counted; the listener sees it as the gap that it is.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Event as Flag
from threading import Thread
from typing import Protocol, TypeAlias

from auscult.errors import AuscultError, AuscultWarning
from auscult.live.buffer import Arrival, BlockBuffer, timed
from auscult.live.clock import Clock
from auscult.live.events import Event
from auscult.live.health import HealthChange, SignalHealth
from auscult.live.listener import Block
from auscult.runtime.verdict import Verdict

BUFFERED_S = 30.0
"""So much sound may wait for the listener."""

STOP_S = 1.0
"""What waits when it is stopped is still judged for so long."""

Heard: TypeAlias = Verdict | Event | HealthChange
Sink: TypeAlias = Callable[[Heard], None]

_POLL_S = 0.25


class AnySource(Protocol):
    """What a monitor asks of `auscult.live.sources.Source`."""

    def __iter__(self) -> Iterator[Block]:
        """Blocks, as they come."""

    def close(self) -> None:
        """End it soon; from any thread."""


class AnyListener(Protocol):
    """What a monitor asks of `auscult.live.listener.Listener`."""

    def feed(self, block: Block) -> list[Verdict | Event]:
        """Take the next block."""

    def close(self) -> list[Verdict | Event]:
        """End of the sound."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What became of the sound: `heard_samples` = `judged_samples` + `dropped_samples` + what still waits.

    Parameters
    ----------
    heard_samples
        What the source gave.
    judged_samples
        What the listener took.
    dropped_samples
        What waited for too long, or was not judged any more when it was stopped.
    windows, events
        Verdicts, and events that have begun.
    sink_errors
        How often a sink failed.
    last_error
        What the last of these said.
    """

    heard_samples: int = 0
    judged_samples: int = 0
    dropped_samples: int = 0
    windows: int = 0
    events: int = 0
    sink_errors: int = 0
    last_error: str | None = None


class Monitor:
    """One source, heard by one listener, until it ends or is stopped.

    Parameters
    ----------
    source
        Where sound comes from; it is closed at the end.
    listener
        Who hears it.
    sinks
        Called with everything that is heard, one after the other, in the thread of `run`. One that raises an
        `AuscultError` is told by a warning and counted; the others, and the sound, go on.
    clock
        Tells when blocks come.
    health
        Of the source; `None`: it is not watched.
    buffered_s
        How much sound may wait.
    realtime
        The source goes on whether it is heard or not; else it can wait, and nothing is dropped.
    beat
        Called at every turn, a few times a second, whether there is sound or not: proof that judging has not stuck.

    Examples
    --------
    >>> monitor = Monitor(open_source("mic"), Listener(auscult.load("fan.onnx")), [print],
    ...                   clock=SystemClock(), health=SignalHealth(48000))  # doctest: +SKIP
    >>> monitor.run()  # doctest: +SKIP
    """

    def __init__(
        self,
        source: AnySource,
        listener: AnyListener,
        sinks: Sequence[Sink],
        *,
        clock: Clock,
        health: SignalHealth | None = None,
        buffered_s: float = BUFFERED_S,
        realtime: bool = True,
        beat: Callable[[], None] | None = None,
    ) -> None:
        self._source = source
        self._listener = listener
        self._sinks = tuple(sinks)
        self._clock = clock
        self._health = health
        self._buffer = BlockBuffer(buffered_s)
        self._realtime = realtime
        self._beat = beat
        self._stopped = Flag()
        self._failure: AuscultError | None = None
        self._heard_samples = 0
        self._judged_samples = 0
        self._windows = 0
        self._events = 0
        self._sink_errors = 0
        self._last_error: str | None = None
        self._lost_samples = 0  # at the last look
        self._is_losing = False

    @property
    def counts(self) -> Counts:
        """What became of the sound so far; from any thread."""
        return Counts(
            heard_samples=self._heard_samples,
            judged_samples=self._judged_samples,
            dropped_samples=self._buffer.dropped_samples,
            windows=self._windows,
            events=self._events,
            sink_errors=self._sink_errors,
            last_error=self._last_error,
        )

    def stop(self) -> None:
        """End it, from any thread or a signal: `run` returns within two seconds, once what was open has been told."""
        self._stopped.set()
        self._source.close()

    def run(self) -> Counts:
        """Hear the source to its end; what became of it.

        Raises
        ------
        AuscultError
            If the source fails; what was heard before is judged and told first.

        Warns
        -----
        AuscultWarning
            For each time that a sink fails, and each time that sound begins to be dropped.
        """
        capture = Thread(target=self._capture, name="capture", daemon=True)
        capture.start()
        try:
            self._judge_all()
        finally:
            self._source.close()
            self._buffer.end()
            capture.join(STOP_S)
            self._buffer.drop_all()
        self._tell(self._listener.close())
        if self._failure is not None:
            raise self._failure
        return self.counts

    def _capture(self) -> None:
        """In a thread of its own: take what the source gives, and when it came."""
        try:
            for block in timed(self._source):
                self._heard_samples += len(block.samples)
                arrival = Arrival(block=block, at_s=self._clock.monotonic_s())
                if self._realtime:
                    self._buffer.put(arrival)
                    continue
                while not self._buffer.wait_and_put(arrival, _POLL_S):
                    pass  # the end of the buffer ends this, too
        except AuscultError as error:
            self._failure = error
        finally:
            self._buffer.end()

    def _judge_all(self) -> None:
        until_s: float | None = None
        while not self._buffer.is_over:
            now_s = self._clock.monotonic_s()
            if self._stopped.is_set():
                until_s = now_s + STOP_S if until_s is None else until_s
                if now_s >= until_s:
                    return
            arrival = self._buffer.take(_POLL_S)
            self._look_for_losses()
            if self._beat is not None:
                self._beat()
            if arrival is not None:
                self._judge(arrival)
            elif self._health is not None:
                self._tell(self._health.tick(self._clock.monotonic_s()))

    def _look_for_losses(self) -> None:
        """Say so when sound begins to be dropped, not again while it goes on."""
        lost = self._buffer.dropped_samples
        was_losing, self._is_losing = self._is_losing, lost > self._lost_samples
        self._lost_samples = lost
        if self._is_losing and not was_losing:
            warnings.warn(
                AuscultWarning(
                    f"Sound comes quicker than it can be judged: {lost} samples were dropped so far, the oldest first. "
                    "What follows is judged as after a gap. Give this machine less to do, or use a smaller bundle.",
                    "times that sound was dropped",
                ),
                stacklevel=2,
            )

    def _judge(self, arrival: Arrival) -> None:
        if self._health is not None:
            self._tell(self._health.feed(arrival.block, arrival.at_s))
        self._judged_samples += len(arrival.block.samples)
        self._tell(self._listener.feed(arrival.block))

    def _tell(self, items: Sequence[Heard]) -> None:
        for item in items:
            self._windows += isinstance(item, Verdict)
            self._events += isinstance(item, Event) and item.status == "begun"
            for sink in self._sinks:
                self._hand_on(sink, item)

    def _hand_on(self, sink: Sink, item: Heard) -> None:
        try:
            sink(item)
        except AuscultError as error:
            self._sink_errors += 1
            self._last_error = str(error)
            warnings.warn(
                AuscultWarning(
                    f"It was heard, but could not be handed on: {error}", "failures to hand on"
                ),
                stacklevel=2,
            )
