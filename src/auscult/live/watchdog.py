"""Proof of life for systemd: it restarts a service that does not say in time that it still works.

The protocol is one datagram for each message, to the socket that `NOTIFY_SOCKET` names (`sd_notify(3)`). Where that is
not set nothing is sent, so that nobody has to ask whether systemd is there. A container has no systemd: there a file that
`AUSCULT_BEAT` names is touched, and whoever looks at its age knows the same.
"""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from auscult.live.clock import Clock

SOCKET_VARIABLE = "NOTIFY_SOCKET"
INTERVAL_VARIABLE = "WATCHDOG_USEC"
PROCESS_VARIABLE = "WATCHDOG_PID"
FILE_VARIABLE = "AUSCULT_BEAT"
TOUCHED_EVERY_S = 10.0


class Watchdog:
    """Says that the work is under way, that it goes on, and that it ends.

    Called from one thread: that which must not stick. A message that can't be sent is left out, since the work matters
    more than the proof of it; systemd then does what it does without the proof.

    Parameters
    ----------
    clock
        Time that runs evenly.
    environment
        Where systemd says how to reach it, and within which time it wants to hear something; and which file is touched.
    process_id
        Of this process: what is meant for another one is not answered.

    Examples
    --------
    >>> from auscult.live.clock import FakeClock
    >>> watchdog = Watchdog(clock=FakeClock(), environment={})
    >>> watchdog.ready("Listening to mic")
    >>> watchdog.is_watched
    False
    """

    def __init__(
        self,
        *,
        clock: Clock,
        environment: Mapping[str, str] = os.environ,
        process_id: int | None = None,
    ) -> None:
        self._clock = clock
        self._address = _address(environment.get(SOCKET_VARIABLE, ""))
        self._interval_s = _interval_s(
            environment, os.getpid() if process_id is None else process_id
        )
        named = environment.get(FILE_VARIABLE, "")
        self._file = Path(named) if named else None
        self._next_s = self._touch_s = clock.monotonic_s()

    @property
    def is_watched(self) -> bool:
        """Somebody waits for beats."""
        return self._address is not None and self._interval_s is not None

    def ready(self, status: str) -> None:
        """The work has begun; `status` is what `systemctl status` shows."""
        self._send("READY=1", f"STATUS={_one_line(status)}")

    def beat(self) -> None:
        """It goes on. May be called as often as one likes: three are sent in the time that systemd waits.

        The file is touched every ten seconds.
        """
        now_s = self._clock.monotonic_s()
        if self._interval_s is not None and now_s >= self._next_s:
            self._next_s = now_s + self._interval_s / 3.0
            self._send("WATCHDOG=1")
        if self._file is not None and now_s >= self._touch_s:
            self._touch_s = now_s + TOUCHED_EVERY_S
            with suppress(OSError):  # the work goes on; who looks at the file finds it old
                self._file.touch()

    def stopping(self) -> None:
        """It is about to end."""
        self._send("STOPPING=1")

    def _send(self, *lines: str) -> None:
        if self._address is None:
            return
        # Full or gone: the work goes on.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.setblocking(False)
            line.sendto("\n".join(lines).encode(), self._address)


def _address(text: str) -> str | None:
    """A path, or with `@` a name without one (Linux); nothing else is answered.

    >>> _address("/run/systemd/notify"), len(_address("@auscult")), _address("vsock:2:1234")
    ('/run/systemd/notify', 8, None)
    """
    if text.startswith("@"):
        return "\0" + text[1:]
    return text if text.startswith("/") else None


def _interval_s(environment: Mapping[str, str], process_id: int) -> float | None:
    """Within which time systemd wants to hear something; `None` where it does not."""
    text, wanted = environment.get(INTERVAL_VARIABLE, ""), environment.get(PROCESS_VARIABLE, "")
    if not text.isdecimal() or int(text) == 0 or wanted not in ("", str(process_id)):
        return None
    return int(text) / 1e6


def _one_line(text: str) -> str:
    return " ".join(text.split())
