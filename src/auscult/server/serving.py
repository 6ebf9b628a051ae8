"""The app behind a socket of the operating system: started, told where it is, stopped in order."""

import contextlib
import errno
import signal
import socket
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn
from fastapi import FastAPI

from auscult.errors import RecipeError
from auscult.server.settings import Settings
from auscult.server.state import State

STOP_S = 8
"""For connections to end; whoever has not gone by then is cut off."""
PING_S = 20.0
MAX_HEADER_BYTES = 32 * 2**10
BACKLOG = 512


def bound_socket(settings: Settings) -> socket.socket:
    """A socket that listens nowhere yet but has its port.

    Raises
    ------
    RecipeError
        If the port is taken, or the address is not of this machine.
    """
    is_v6 = ":" in settings.host
    made = socket.socket(socket.AF_INET6 if is_v6 else socket.AF_INET)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((settings.host, settings.port))
    except OSError as error:
        made.close()
        is_busy = error.errno == errno.EADDRINUSE
        reason = "is taken" if is_busy else f"can't be used: {error.strerror or error}"
        raise RecipeError(
            f"{'Port' if is_busy else 'Address'} {settings.port if is_busy else settings.host} {reason}.",
            "a port that no other program listens on" if is_busy else "an address of this machine",
            "Choose another one: --port 8001, or 0 for any that is free"
            if is_busy
            else "Choose another one: --host 127.0.0.1",
        ) from None
    return made


def url_of(bound: socket.socket, *, host: str) -> str:
    """The address that people open.

    Examples
    --------
    >>> with socket.socket() as bound:
    ...     bound.bind(("127.0.0.1", 0))
    ...     url_of(bound, host="127.0.0.1") == f"http://localhost:{bound.getsockname()[1]}"
    True
    """
    port = bound.getsockname()[1]
    is_local = host in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "::")  # noqa: S104 - compared, not bound
    name = "localhost" if is_local else host
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"


def run(app: FastAPI, bound: socket.socket, *, state: State, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is called once requests are answered."""
    settings = state.settings
    config = uvicorn.Config(
        app,
        http="h11",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=settings.max_message_bytes,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PING_S,
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
        limit_concurrency=settings.max_streams + 256,
        backlog=BACKLOG,
        timeout_graceful_shutdown=STOP_S,
        server_header=False,
        access_log=False,
        log_level="warning",
    )
    _Server(config, state=state, ready=ready).run(sockets=[bound])


class _Server(uvicorn.Server):
    """Says when it is there, tells its clients before it goes, and ends without an error when asked to."""

    def __init__(self, config: uvicorn.Config, *, state: State, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._state = state
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._state.going_away()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {one: signal.signal(one, self._stop) for one in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def _stop(self, _: int, __: FrameType | None) -> None:
        # Asked twice, it goes at once.
        self.force_exit = self.should_exit
        self.should_exit = True
