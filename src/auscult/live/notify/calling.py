"""One request to somebody who may be called, within a bounded time.

A name is looked up once; what it stands for is judged, and that same address is called. The time is that of the whole
call: somebody who answers a byte now and then is hung up on, too.
"""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping

import httpcore

from auscult.errors import NotifyError
from auscult.live.clock import Clock

MAX_REPLY_BYTES = 64 * 2**10

Resolve = Callable[[str, int], list[str]]

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# What the registry of special addresses calls global, or says nothing of, and is none of ours to call.
_NOT_PUBLIC = [ipaddress.ip_network(one) for one in ("64:ff9b:1::/48", "fec0::/10", "::/96")]


def addresses_of(host: str, port: int) -> list[str]:
    """What a name stands for now."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def is_public(address: str) -> bool:
    """Whether an address is out in the world: not on this machine, not in its networks, also not in disguise.

    Examples
    --------
    >>> [is_public(one) for one in ("93.184.215.14", "10.1.2.3", "::1", "::ffff:10.0.0.1", "64:ff9b::a00:1")]
    [True, False, False, False, False]
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if (older := inner(ip)) is not None:
            return is_public(str(older))
        if any(ip in network for network in _NOT_PUBLIC):
            return False
    return ip.is_global and not ip.is_multicast


def inner(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The address of the older kind that one of the newer kind leads to.

    Examples
    --------
    >>> inner(ipaddress.IPv6Address("::ffff:10.0.0.1"))
    IPv4Address('10.0.0.1')
    """
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


def post(
    url: str,
    *,
    name: str,
    headers: Mapping[str, str],
    body: bytes,
    allow_private: bool,
    resolve: Resolve,
    timeout_s: float,
    clock: Clock,
) -> int:
    """Post a body; the status of the answer. Nothing is followed, and what is answered is not kept.

    Raises
    ------
    NotifyError
        If there was no answer in time, one that is too long, or the address may not be called.
    """
    line = _Operator(name, allow_private, resolve, _Left(clock, timeout_s))
    try:
        with (
            httpcore.ConnectionPool(network_backend=line, http2=False) as pool,
            pool.stream("POST", url, headers=list(headers.items()), content=body) as answer,
        ):
            _hear_out(name, answer.iter_stream())
            return answer.status
    except httpcore.TimeoutException:
        raise NotifyError(f"{name} did not answer within {timeout_s:g} s.") from None
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise NotifyError(f"{name}: {error or type(error).__name__}.") from None


def _hear_out(name: str, chunks: Iterable[bytes]) -> None:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > MAX_REPLY_BYTES:
            raise NotifyError(f"{name} answers with more than {MAX_REPLY_BYTES} bytes.")


class _Left:
    """How much of the time is left."""

    def __init__(self, clock: Clock, timeout_s: float) -> None:
        self._clock = clock
        self._end_s = clock.monotonic_s() + timeout_s

    def seconds(self) -> float:
        left_s = self._end_s - self._clock.monotonic_s()
        if left_s <= 0.0:
            raise httpcore.ReadTimeout
        return left_s


class _Operator(httpcore.NetworkBackend):
    """Puts a call through, if it may be."""

    def __init__(self, name: str, allow_private: bool, resolve: Resolve, left: _Left) -> None:
        self._name = name
        self._allow_private = allow_private
        self._resolve = resolve
        self._left = left
        self._calls = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - ours counts
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Call the first of the addresses of a name that answers."""
        allowed = self._allowed(host, port)
        for after, address in enumerate(allowed, 1):
            share_s = self._left.seconds() / (len(allowed) - after + 1)
            try:
                stream = self._calls.connect_tcp(
                    address, port, share_s, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if after == len(allowed):
                    raise
                continue
            return _Line(stream, self._left)
        raise NotifyError(f"{self._name} leads into the own network, which is not allowed.")

    def _allowed(self, host: str, port: int) -> list[str]:
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise NotifyError(f"{self._name} has no address: {reason}.") from None
        return [one for one in found if self._allow_private or is_public(one)]


class _Line(httpcore.NetworkStream):
    """A connection that ends when the time is over."""

    def __init__(self, stream: httpcore.NetworkStream, left: _Left) -> None:
        self._stream = stream
        self._left = left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, self._left.seconds())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._left.seconds())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        secure = self._stream.start_tls(ssl_context, server_hostname, self._left.seconds())
        return _Line(secure, self._left)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)
