"""The outbox emptied: a thread for each channel, so that a slow receiver delays no other.

A storm is not passed on: after so many messages in a minute a channel gets one summary for the rest of that minute. The
outbox keeps all of them until the summary has arrived. So it is with what comes while a channel is not to be disturbed.
"""

import logging
from collections.abc import Callable, Sequence
from threading import Event, Thread
from time import monotonic
from typing import Any

from auscult.errors import NotifyError, StoreError
from auscult.live.clock import Clock
from auscult.live.notify.channel import Channel
from auscult.live.outbox import Message, Outbox

MESSAGES_A_MINUTE = 10
LOOK_EVERY_S = 1.0
_MINUTE_S = 60.0
_TOLD = ("id", "stream", "stream_name", "kind", "status")
_log = logging.getLogger(__name__)


class Dispatcher:
    """Sends what is in the outbox.

    Parameters
    ----------
    outbox
        Where messages wait.
    channels
        Where they go, by the names under which they were put there; of several with one name the first.
    clock
        Time that runs evenly.
    is_held
        Whether a channel, by its name, is not to be disturbed now: what comes waits.
    """

    def __init__(
        self,
        outbox: Outbox,
        channels: Sequence[Channel],
        *,
        clock: Clock,
        is_held: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._stop = Event()
        self._channels = list(channels)
        # Two that take messages of one name would each get some of them, or both the same.
        unlike = {channel.name: channel for channel in reversed(self._channels)}
        self._posts = [
            _Post(outbox, channel, clock, self._stop, is_held) for channel in unlike.values()
        ]
        self._threads: list[Thread] = []

    def start(self) -> None:
        """Begin to send."""
        for post in self._posts:
            thread = Thread(target=post.run, name=f"to {post.name}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def close(self, timeout_s: float = 5.0) -> None:
        """End, within this time for all of them; what was not sent waits in the outbox."""
        self._stop.set()
        end_s = monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(end_s - monotonic(), 0.0))
        for channel in self._channels:
            channel.close()

    def send_due(self) -> int:
        """Send what is due, here and now; how many arrived. For tests, and for who has no threads."""
        return sum(post.send_due() for post in self._posts)


class _Post:
    """One channel's turn."""

    def __init__(
        self,
        outbox: Outbox,
        channel: Channel,
        clock: Clock,
        stop: Event,
        is_held: Callable[[str], bool],
    ) -> None:
        self.name = channel.name
        self._outbox = outbox
        self._channel = channel
        self._clock = clock
        self._stop = stop
        self._is_held = is_held
        self._minute_s = -_MINUTE_S
        self._sent = 0
        self._is_flooded = False

    def run(self) -> None:
        is_well = True
        while not self._stop.wait(LOOK_EVERY_S):
            try:
                self.send_due()
                is_well = True
            except StoreError as error:
                # Until the store is back nothing can be sent, and nothing is lost. That is said once.
                if is_well and not self._stop.is_set():
                    _log.warning("The outbox can't be read: %s", error)
                is_well = False

    def send_due(self) -> int:
        now_s = self._clock.monotonic_s()
        if self._is_held(self.name):
            # What piled up meanwhile is a flood: it is told in one, as soon as it may be.
            self._minute_s, self._is_flooded = now_s - _MINUTE_S, True
            return 0
        if now_s - self._minute_s >= _MINUTE_S:
            self._minute_s, self._sent = now_s, 0
            if self._is_flooded and not self._summarise():
                return 0
        arrived = 0
        while due := self._outbox.due(self.name):
            for message in due:
                if self._sent >= MESSAGES_A_MINUTE:
                    self._is_flooded = True
                    return arrived
                if self._stop.is_set():
                    return arrived
                arrived += self._deliver(message)
        return arrived

    def _deliver(self, message: Message) -> bool:
        try:
            self._channel.send(message.id, message.payload)
        except NotifyError as error:
            self._outbox.failed(message.id, str(error))
            return False
        self._sent += 1
        self._outbox.delivered(message.id)
        return True

    def _summarise(self) -> bool:
        """One message in place of all that piled up; where few did, they are sent after all."""
        held = self._outbox.waiting(self.name)
        if len(held) > MESSAGES_A_MINUTE:
            try:
                self._channel.send(f"summary-{held[0].id}", _summary(held))
            except NotifyError as error:
                self._outbox.failed(held[0].id, str(error))
                return False
            self._sent += 1
            self._outbox.delivered(*(message.id for message in held))
        self._is_flooded = False
        return True


def _summary(held: Sequence[Message]) -> dict[str, Any]:
    """What became of each event, in place of everything that was said of it."""
    last = {message.event_id: message.payload for message in held}
    return {
        "type": "summary",
        "messages": len(held),
        "streams": list(dict.fromkeys(str(one["stream_name"]) for one in last.values())),
        "events": [{name: one[name] for name in _TOLD} for one in last.values()],
    }
