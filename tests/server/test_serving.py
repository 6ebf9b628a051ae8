"""The app behind a socket of the operating system."""

import asyncio
import socket
import time
from collections import Counter
from contextlib import contextmanager, nullcontext, suppress
from threading import Thread

import pytest
import uvicorn
from uvicorn.server import ServerState

from auscult.errors import RecipeError
from auscult.server import serving
from auscult.server.app import create_app
from auscult.server.security import security_from
from auscult.server.serving import Line, bound_socket, url_of
from auscult.server.settings import Settings
from auscult.server.state import open_state

KEY = "a key that nobody guesses"


def test_a_free_port_is_found_and_told():
    with bound_socket(Settings(port=0)) as bound:
        assert url_of(bound, host="127.0.0.1") == f"http://localhost:{bound.getsockname()[1]}"


def test_what_is_small_is_sent_at_once():
    """Asyncio switches Nagle's algorithm off only for sockets that name their protocol."""
    with bound_socket(Settings(port=0)) as bound:
        assert bound.proto == socket.IPPROTO_TCP


def test_a_port_that_is_taken_is_told():
    with bound_socket(Settings(port=0)) as first:
        first.listen()
        port = first.getsockname()[1]
        with pytest.raises(RecipeError, match=rf"Port {port} is taken\. .*--port 8001"):
            bound_socket(Settings(port=port))


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.name.invalid"])
def test_an_address_of_another_machine_is_told(host):
    with pytest.raises(RecipeError, match=r"can't be used: .*--host 127\.0\.0\.1"):
        bound_socket(Settings(host=host, port=0))


def test_the_address_to_open_is_one_that_browsers_trust():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        for host in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "::"):
            assert url_of(bound, host=host) == f"http://localhost:{port}"
        assert url_of(bound, host="fe80::7") == f"http://[fe80::7]:{port}"
        assert url_of(bound, host="ears.local") == f"http://ears.local:{port}"
        assert url_of(bound, host="::", https=True) == f"https://localhost:{port}"


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine knows no IPv6")
def test_the_newer_addresses_work_too():
    with suppress(RecipeError), bound_socket(Settings(host="::1", port=0)) as bound:
        assert bound.family == socket.AF_INET6


@contextmanager
def running(settings, monkeypatch):
    """A server in a thread, behind a socket of its own; its port."""
    from auscult.live.clock import SystemClock

    servers = []

    class Server(serving._Server):
        def __init__(self, *given, **named):
            super().__init__(*given, **named)
            servers.append(self)

        def capture_signals(self):
            return nullcontext()  # a thread can't take any

    monkeypatch.setattr(serving, "_Server", Server)
    state = open_state(settings, clock=SystemClock())
    bound = bound_socket(settings)
    ready = []
    thread = Thread(
        target=serving.run,
        args=(create_app(settings, state=state), bound),
        kwargs={"state": state, "ready": lambda: ready.append(True)},
    )
    thread.start()
    try:
        until(lambda: ready)
        assert state.port == bound.getsockname()[1]
        yield state.port
    finally:
        servers[0].should_exit = True
        thread.join(60.0)
        bound.close()
        assert not thread.is_alive()


def until(is_so):
    end_s = time.monotonic() + 60.0
    while not is_so():
        assert time.monotonic() < end_s
        time.sleep(0.005)


REQUEST = b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n"


def wait_for_end(line, limit_s=8.0):
    """Until nothing more comes; fails where that takes as long as it would with the limit that is set otherwise."""
    line.settimeout(limit_s)
    with suppress(ConnectionError):
        while line.recv(65536):
            pass


def test_who_asks_nothing_is_hung_up_on_and_who_asks_is_answered(tmp_path, monkeypatch):
    monkeypatch.setattr(serving, "REQUEST_S", 1.5)
    with running(Settings(port=0, data_dir=tmp_path), monkeypatch) as port:
        place = ("127.0.0.1", port)
        with (
            socket.create_connection(place) as silent,
            socket.create_connection(place) as slow,
            socket.create_connection(place) as again,
        ):
            slow.sendall(REQUEST[:30])
            again.sendall(REQUEST)
            assert again.recv(12) == b"HTTP/1.1 200"
            while b"uptime_s" not in again.recv(65536):
                pass
            again.sendall(REQUEST[:30])
            for line in (slow, silent, again):
                wait_for_end(line)
        with socket.create_connection(place) as line:
            line.sendall(REQUEST[:30])
            time.sleep(0.1)
            line.sendall(REQUEST[30:])
            assert line.recv(12) == b"HTTP/1.1 200"


def test_one_that_became_a_websocket_stays(tmp_path, monkeypatch):
    from websockets.sync.client import connect

    monkeypatch.setattr(serving, "REQUEST_S", 0.6)
    with (
        running(Settings(port=0, data_dir=tmp_path), monkeypatch) as port,
        connect(f"ws://localhost:{port}/ws/stream") as line,
    ):
        time.sleep(1.2)
        assert line.ping().wait(30.0)


class Transport(asyncio.Transport):
    """A connection from an address, that only notes whether it has ended."""

    def __init__(self, address):
        super().__init__({"peername": (address, 1), "sockname": ("192.0.2.1", 8000)})
        self.ended = False
        self.protocol = None

    def get_protocol(self):
        return self.protocol

    def set_protocol(self, protocol):
        self.protocol = protocol

    def is_closing(self):
        return self.ended

    def abort(self):
        self.ended = True

    def close(self):
        self.ended = True


@pytest.fixture
def line(monkeypatch):
    """A function from an address to a connection of it, of which three may be unknown; nothing is ever answered."""
    monkeypatch.setattr(serving, "MAX_UNKNOWN", 3)

    async def app(scope, receive, send):
        await asyncio.Event().wait()

    config = uvicorn.Config(app, http="h11", ws="websockets-sansio", log_config=None)
    security = security_from(host="0.0.0.0", keys=[KEY])
    state, unknown = ServerState(), Counter()

    def connected(address):
        one = Line(
            config=config,
            server_state=state,
            app_state={},
            security=security,
            unknown=unknown,
        )
        transport = Transport(address)
        transport.set_protocol(one)
        one.connection_made(transport)
        return one

    connected.unknown = unknown
    return connected


def asked(key):
    return f"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n".encode()


def test_one_address_may_have_so_many_connections_before_it_shows_a_key(line):
    async def work():
        first, second, third = (line("192.0.2.7") for _ in range(3))
        assert not any(one.transport.ended for one in (first, second, third))
        assert line("192.0.2.7").transport.ended
        assert not line("192.0.2.8").transport.ended
        first.data_received(asked("a key that somebody guessed"))
        assert line("192.0.2.7").transport.ended
        second.data_received(asked(KEY))
        assert not line("192.0.2.7").transport.ended
        assert line("192.0.2.7").transport.ended
        third.connection_lost(None)
        assert not line("192.0.2.7").transport.ended
        assert line.unknown == {"192.0.2.7": 3, "192.0.2.8": 1}

    asyncio.run(work())


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.2"])
def test_this_machine_may_have_more(line, address):
    async def work():
        assert not any(line(address).transport.ended for _ in range(10))

    asyncio.run(work())


def test_a_websocket_counts_no_more(line):
    asked = (
        b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )

    async def work():
        one = line("192.0.2.7")
        one.data_received(asked)
        assert one.transport.protocol is not one
        assert not line.unknown
        assert one._due is None

    asyncio.run(work())
