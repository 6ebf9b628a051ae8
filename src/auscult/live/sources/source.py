"""What every source has: a name, a state and an end; how it keeps its pace, and how long it waits before trying again."""

from collections.abc import Iterator
from threading import Event, Lock
from typing import Literal, Protocol

from auscult.errors import AuscultError
from auscult.live.clock import Clock
from auscult.live.listener import Block

SourceState = Literal["starting", "listening", "reconnecting", "ended", "failed"]

BLOCK_S = 0.1


class Source(Protocol):
    """Sound that goes on until someone closes it, or it ends."""

    @property
    def name(self) -> str:
        """What people call it; holds no password."""

    @property
    def kind(self) -> str:
        """`file`, `machine`, `mic`, `rtsp` or `http`."""

    @property
    def state(self) -> SourceState:
        """How it is."""

    @property
    def error(self) -> str | None:
        """Why it failed, or is being opened again."""

    @property
    def dropped_samples(self) -> int:
        """Samples that it had, or knows of, and did not give."""

    def __iter__(self) -> Iterator[Block]:
        """Blocks, as they come; in one thread, once."""

    def close(self) -> None:
        """End it, from any thread; whoever iterates it sees the end within a second."""


class LiveSource:
    """State and end of a source; the sound is its subclasses' own.

    Parameters
    ----------
    name, kind
        See `Source`.
    """

    def __init__(self, *, name: str, kind: str) -> None:
        self.name = name
        self.kind = kind
        self.state: SourceState = "starting"
        self.error: str | None = None
        self._closed = Event()
        self._lock = Lock()

    @property
    def dropped_samples(self) -> int:
        """Samples that it had and did not give."""
        return 0

    def close(self) -> None:
        """End it, from any thread."""
        self._closed.set()

    def __iter__(self) -> Iterator[Block]:
        try:
            yield from self._blocks()
        except AuscultError as error:
            self._is_now("failed", str(error))
            raise
        finally:
            self._is_now("ended")

    def _is_now(self, state: SourceState, error: str | None = None) -> None:
        """Change the state; the last one stays, whatever another thread still says."""
        with self._lock:
            if self.state not in ("ended", "failed"):
                self.state, self.error = state, error

    def _blocks(self) -> Iterator[Block]:
        """Blocks until it is closed or ends; `AuscultError` if it never can."""
        raise NotImplementedError


class Pace:
    """Holds sound back until its time has come.

    Parameters
    ----------
    clock
        Whose time.
    closed
        Ends every wait.
    """

    def __init__(self, clock: Clock, closed: Event) -> None:
        self._clock = clock
        self._closed = closed
        self._begin_s = clock.monotonic_s()

    @property
    def now_s(self) -> float:
        """Seconds since the beginning."""
        return self._clock.monotonic_s() - self._begin_s

    def wait_until(self, position_s: float) -> bool:
        """Wait for a position of the sound, in seconds; `False` if it was closed."""
        ahead_s = position_s - self.now_s
        return not (self._closed.wait(ahead_s) if ahead_s > 0.0 else self._closed.is_set())


class Backoff:
    """How long to wait before trying again: a fifteenth of what the outage has lasted, within bounds.

    So what is away for a minute is back within four seconds of its return, and what is away for a day is asked for twice
    a minute. An outage is over only after a minute of sound: what breaks off again and again is not asked ever so often.

    Parameters
    ----------
    shortest_s, longest_s
        Bounds of the wait.
    healthy_s
        How much sound it takes until an outage is forgotten.

    Examples
    --------
    >>> backoff = Backoff()
    >>> [backoff.failed(now_s) for now_s in (0.0, 1.0, 60.0, 86400.0)]
    [1.0, 1.0, 4.0, 30.0]
    >>> backoff.succeeded(86400.0)
    >>> backoff.failed(86400.0 + 61.0)
    1.0
    """

    def __init__(
        self, *, shortest_s: float = 1.0, longest_s: float = 30.0, healthy_s: float = 60.0
    ) -> None:
        self._shortest_s = shortest_s
        self._longest_s = longest_s
        self._healthy_s = healthy_s
        self._since_s: float | None = None  # the outage began
        self._sound_since_s: float | None = None

    def succeeded(self, now_s: float) -> None:
        """There is sound; told at its beginning, or again and again."""
        if self._sound_since_s is None:
            self._sound_since_s = now_s

    def failed(self, now_s: float) -> float:
        """There is none; how long to wait."""
        heard_s = 0.0 if self._sound_since_s is None else now_s - self._sound_since_s
        if self._since_s is None or heard_s >= self._healthy_s:
            self._since_s = now_s
        self._sound_since_s = None
        return min(max((now_s - self._since_s) / 15.0, self._shortest_s), self._longest_s)
