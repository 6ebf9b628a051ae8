"""How a phone gets here: addresses of this server, and what each is good for."""

import io
import ipaddress
import socket
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from auscult.errors import MissingExtra
from auscult.server.problems import Problem

Reach = Literal["this_machine", "network", "proxy"]

MAX_ADDRESS = 300


@dataclass(frozen=True, kw_only=True)
class Way:
    """An address of this server.

    Parameters
    ----------
    address
        As one would type it.
    reach
        From where it can be reached: this machine alone, this network, or through whatever has that name.
    has_microphone
        A browser gives the page its microphone there.
    """

    address: str
    reach: Reach
    has_microphone: bool


def ways(
    *,
    host: str,
    port: int,
    allowed_hosts: tuple[str, ...],
    addresses: tuple[str, ...],
    https: bool = False,
) -> list[Way]:
    """All addresses that may work, those with a microphone first.

    Parameters
    ----------
    host, port
        Where the server listens.
    allowed_hosts
        Names by which it is called, as a TLS proxy would.
    addresses
        Of this machine in its networks.
    https
        It has a certificate of its own.

    Examples
    --------
    >>> for way in ways(host="0.0.0.0", port=8000, allowed_hosts=("ears.example",), addresses=("10.0.0.5",)):
    ...     print(way.address, way.reach, way.has_microphone)
    https://ears.example proxy True
    http://localhost:8000 this_machine True
    http://10.0.0.5:8000 network False
    """
    scheme = "https" if https else "http"
    here = Way(address=f"{scheme}://localhost:{port}", reach="this_machine", has_microphone=True)
    near = [
        Way(address=f"{scheme}://{_bracketed(one)}:{port}", reach="network", has_microphone=https)
        for one in _reached_by(host, addresses)
    ]
    if https:
        # No proxy is in front of it: its names are its own.
        named = [
            Way(address=f"https://{name}:{port}", reach="network", has_microphone=True)
            for name in allowed_hosts
        ]
        return [*named, *near, here]
    proxied = [
        Way(address=f"https://{name}", reach="proxy", has_microphone=True) for name in allowed_hosts
    ]
    return [*proxied, here, *near]


def own_addresses() -> tuple[str, ...]:
    """Addresses of this machine in its networks; nothing is sent to find out."""
    found = []
    for family, far in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as asked:
                asked.connect((far, 9))
                found.append(str(asked.getsockname()[0]))
        except OSError:
            continue  # no network of that kind
    return tuple(one for one in found if not ipaddress.ip_address(one).is_loopback)


def qr_svg(address: str) -> bytes:
    """A QR code of an address, as SVG.

    Raises
    ------
    Problem
        If it is no address of a page.
    MissingExtra
        If segno is not installed.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc or len(address) > MAX_ADDRESS:
        raise Problem(
            422,
            f"There is no page at '{address[:80]}'.",
            f"http:// or https:// and a name, at most {MAX_ADDRESS} characters",
            "Change the address.",
        )
    try:
        import segno
    except ImportError:
        raise MissingExtra("QR codes", "server") from None
    drawn = io.BytesIO()
    segno.make_qr(address, error="m").save(drawn, kind="svg", scale=4, border=4, light="#fff")
    return drawn.getvalue()


def _reached_by(host: str, addresses: tuple[str, ...]) -> tuple[str, ...]:
    """Those by which a server that listens there can be reached."""
    try:
        listens = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return () if host == "localhost" else (host,)
    if listens.is_loopback:
        return ()
    return addresses if listens.is_unspecified else (host,)


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
