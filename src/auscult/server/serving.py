"""The app behind a socket of the operating system: started, told where it is, stopped in order."""

import asyncio
import contextlib
import errno
import ipaddress
import signal
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from types import FrameType
from typing import Any

import h11
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from auscult.errors import RecipeError
from auscult.server.certificate import Certificate
from auscult.server.security import Security
from auscult.server.settings import Settings
from auscult.server.state import State

STOP_S = 8
"""For connections to end; whoever has not gone by then is cut off."""
PING_S = 20.0
MAX_HEADER_BYTES = 32 * 2**10
BACKLOG = 512
REQUEST_S = 10.0
"""From a connection, or the first byte of its next request, to the end of that request's headers; bodies have their own."""
MAX_UNKNOWN = 32
"""Connections from one address without a key among what they asked; loopback may have more."""


def bound_socket(settings: Settings) -> socket.socket:
    """A socket that listens nowhere yet but has its port.

    Raises
    ------
    RecipeError
        If the port is taken, or the address is not of this machine.
    """
    is_v6 = ":" in settings.host
    family = socket.AF_INET6 if is_v6 else socket.AF_INET
    # Only where the protocol is named does asyncio send what is small at once; else each answer waits 40 ms for an acknowledgement.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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


def url_of(bound: socket.socket, *, host: str, https: bool = False) -> str:
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
    return f"http{'s' if https else ''}://{f'[{name}]' if ':' in name else name}:{port}"


def run(
    app: FastAPI,
    bound: socket.socket,
    *,
    state: State,
    ready: Callable[[], None],
    certificate: Certificate | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is called once requests are answered. With a certificate, over TLS."""
    settings = state.settings
    state.port = bound.getsockname()[1]
    config = uvicorn.Config(
        app,
        http=partial(Line, security=state.security, unknown=Counter()),  # type: ignore[arg-type]
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
        ssl_certfile=None if certificate is None else certificate.chain,
        ssl_keyfile=None if certificate is None else str(certificate.key),
    )
    _Server(config, state=state, ready=ready).run(sockets=[bound])


class Line(H11Protocol):
    """A connection that has to ask something in time, and is one of few until it has shown a key.

    One that became a WebSocket is none any more: what may happen there is bounded there.

    Parameters
    ----------
    security
        Which keys are known.
    unknown
        Open connections without a key, by address; shared by all.
    """

    def __init__(
        self, *given: Any, security: Security, unknown: Counter[str], **named: Any
    ) -> None:
        super().__init__(*given, **named)
        self._security = security
        self._unknown = unknown
        self._counted: str | None = None  # the address that it counts for
        self._due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take it, if there are not too many of that address."""
        super().connection_made(transport)
        address = self.client[0] if self.client is not None else ""
        if not _is_loopback(address):
            if self._unknown[address] >= MAX_UNKNOWN:
                transport.abort()
                return
            self._unknown[address] += 1
            self._counted = address
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what came; as long as it is no whole request, the time runs."""
        super().data_received(data)
        if self.transport.get_protocol() is not self:
            return  # it has become a WebSocket
        if self.cycle is None or self.cycle.response_complete:
            self._wait()
        else:
            self._wait_no_more()
        if self._counted is not None and self.scope is not None and self._shows_a_key():
            self._count_no_more()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """It asked, and goes on as a WebSocket."""
        self._wait_no_more()
        self._count_no_more()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """It has ended."""
        self._wait_no_more()
        self._count_no_more()
        super().connection_lost(exc)

    def _shows_a_key(self) -> bool:
        scope: Any = self.scope
        return self._security.knows(self._security.key_of(scope))

    def _wait(self) -> None:
        if self._due is None and not self.transport.is_closing():
            self._due = self.loop.call_later(REQUEST_S, self.transport.abort)

    def _wait_no_more(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _count_no_more(self) -> None:
        if self._counted is not None:
            self._unknown[self._counted] -= 1
            if not self._unknown[self._counted]:
                del self._unknown[self._counted]
            self._counted = None


def _is_loopback(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return True  # a socket of this machine's file system has none
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return (mapped or ip).is_loopback


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
        if self.force_exit:
            # Whoever asks twice waits for no connection; what is open is closed all the same.
            await self.lifespan.shutdown()

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
