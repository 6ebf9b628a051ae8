"""What streams tell, to whoever watches: a bounded queue for each viewer, and a count of what it missed.

A viewer that reads too slowly loses the oldest messages and is told how many; nothing that it does delays a stream.
"""

import asyncio
import json
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any


@dataclass(frozen=True, kw_only=True, eq=False)
class Sound:
    """A frame of sound of a stream, as it is sent to who listens.

    Parameters
    ----------
    stream, rate_hz
        Whose, and its sample rate.
    data
        Header and samples.
    """

    stream: str
    rate_hz: int
    data: bytes


Message = Mapping[str, Any] | Sound

EVERY = "*"
MAX_MESSAGES = 256
MAX_BYTES = 2**20


class Subscription:
    """The messages of one stream, or of all, for one viewer.

    Parameters
    ----------
    hub
        It belongs to.
    stream
        A stream's id, or `"*"`.
    audio
        Sound is wanted, too.
    max_messages, max_bytes
        So much waits for it; then the oldest go.
    """

    def __init__(
        self,
        hub: "Hub",
        stream: str,
        *,
        audio: bool,
        max_messages: int = MAX_MESSAGES,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.stream = stream
        self.audio = audio
        self._hub = hub
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self._messages: deque[tuple[Message, int]] = deque()
        self._bytes = 0
        self._missed = 0
        self._news = asyncio.Event()
        self._is_closed = False

    def offer(self, message: Message) -> None:
        """Put a message into the queue; the oldest make room for it."""
        size = len(message.data) if isinstance(message, Sound) else 512
        self._messages.append((message, size))
        self._bytes += size
        while len(self._messages) > self._max_messages or self._bytes > self._max_bytes:
            self._bytes -= self._messages.popleft()[1]
            self._missed += 1
        self._news.set()

    async def get(self) -> Message:
        """The next message; first of all how many were missed, if any."""
        while True:
            if self._missed:
                missed, self._missed = self._missed, 0
                return {"type": "missed", "messages": missed}
            if self._messages:
                message, size = self._messages.popleft()
                self._bytes -= size
                return message
            self._news.clear()
            await self._news.wait()

    def close(self) -> None:
        """No more of them."""
        self._hub.forget(self)


class Hub:
    """Streams on one side, viewers on the other; used in one event loop.

    Examples
    --------
    >>> async def example() -> object:
    ...     hub = Hub()
    ...     viewer = hub.subscribe("fan")
    ...     hub.publish("pump", {"type": "result"})
    ...     hub.publish("fan", {"type": "event"})
    ...     return await viewer.get()
    >>> asyncio.run(example())
    {'type': 'event'}
    """

    def __init__(self) -> None:
        # By stream, because there are as many viewers as streams: each client watches its own.
        self._viewers: dict[str, list[Subscription]] = {}

    def publish(self, stream: str, message: Message) -> None:
        """Tell everyone who watches a stream."""
        is_audio = isinstance(message, Sound)
        for viewer in self._of(stream):
            if viewer.audio or not is_audio:
                viewer.offer(message)

    def wants_audio(self, stream: str) -> bool:
        """Someone listens to the sound of a stream."""
        return any(viewer.audio for viewer in self._of(stream))

    def subscribe(
        self,
        stream: str,
        *,
        audio: bool = False,
        max_messages: int = MAX_MESSAGES,
        max_bytes: int = MAX_BYTES,
    ) -> Subscription:
        """Watch a stream, or all (`"*"`)."""
        viewer = Subscription(
            self, stream, audio=audio, max_messages=max_messages, max_bytes=max_bytes
        )
        self._viewers.setdefault(stream, []).append(viewer)
        return viewer

    def forget(self, viewer: Subscription) -> None:
        """Someone has gone."""
        left = [one for one in self._viewers.get(viewer.stream, ()) if one is not viewer]
        if left:
            self._viewers[viewer.stream] = left
        else:
            self._viewers.pop(viewer.stream, None)

    @property
    def viewers(self) -> int:
        """How many watch."""
        return sum(map(len, self._viewers.values()))

    def _of(self, stream: str) -> Iterator[Subscription]:
        return chain(self._viewers.get(stream, ()), self._viewers.get(EVERY, ()))


def text_of(message: Mapping[str, Any]) -> str:
    """A message as it is sent: numbers that JSON doesn't know are null.

    Examples
    --------
    >>> text_of({"level_db": float("-inf"), "name": "送風機"})
    '{"level_db":null,"name":"送風機"}'
    """
    try:
        return json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except ValueError:
        plain = json.dumps(message)
        return json.dumps(
            json.loads(plain, parse_constant=lambda _: None),
            ensure_ascii=False,
            separators=(",", ":"),
        )
