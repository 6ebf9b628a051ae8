"""Webhooks, signed as Standard Webhooks says: a receiver can tell who sent a message, when, and a second copy of it."""

import base64
import binascii
import hashlib
import hmac
import ipaddress
import json
import socket
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from auscult.errors import MissingExtra, NotifyError, RecipeError
from auscult.live.clock import Clock, SystemClock
from auscult.live.notify.words import shown

TIMEOUT_S = 10.0
MAX_REPLY_BYTES = 64 * 2**10
_PREFIX = "whsec_"

Resolve = Callable[[str, int], list[str]]


def addresses_of(host: str, port: int) -> list[str]:
    """What a name stands for now."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[0]) for *_, place in found]


class Webhook:
    """Posts messages to an address.

    Parameters
    ----------
    url
        `https://…`; `http://…` only where `allow_private`.
    secret
        Signs what is sent; empty: nothing is signed.
    allow_private
        Let it lead into the own network or this machine. Without, a name that stands for such an address is refused at
        every attempt: it may stand for another one each time.
    clock
        For the time in the signature.
    resolve
        Looks names up.

    Raises
    ------
    RecipeError
        If it is no such address.
    MissingExtra
        If httpx is not there.
    """

    def __init__(
        self,
        url: str,
        *,
        secret: str = "",
        allow_private: bool = False,
        clock: Clock | None = None,
        resolve: Resolve = addresses_of,
    ) -> None:
        try:
            import httpx
        except ImportError:
            raise MissingExtra("Webhooks", "server") from None
        parts = urlsplit(url)
        if not parts.hostname or (parts.scheme != "https" and not allow_private):
            raise RecipeError(
                f"{shown(url)} can't be a webhook.",
                "https:// and a host; http:// only into the own network, where that is allowed",
                "Change it.",
            )
        self.name = shown(url)
        self._parts = parts
        self._host = parts.hostname
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._secret = _secret(secret)
        self._allow_private = allow_private
        self._clock = clock or SystemClock()
        self._resolve = resolve
        self._httpx = httpx
        self._client = httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False)

    def send(self, message_id: str, payload: Mapping[str, Any]) -> None:
        """Post one message; any answer but 2xx is a failure."""
        body = json.dumps(payload, ensure_ascii=False, allow_nan=False).encode()
        address = self._allowed_address()
        literal = f"[{address}]" if ":" in address else address
        path = self._parts.path or "/"
        query = f"?{self._parts.query}" if self._parts.query else ""
        url = f"{self._parts.scheme}://{literal}:{self._port}{path}{query}"
        headers = self._headers(message_id, body) | {"host": self._parts.netloc.rpartition("@")[2]}
        auth = (self._parts.username or "", self._parts.password or "")
        try:
            with self._client.stream(
                "POST",
                url,
                content=body,
                headers=headers,
                auth=auth if any(auth) else None,
                # The address was looked up once and is the one that is called; the certificate is that of the name.
                extensions={"sni_hostname": self._host},
            ) as answer:
                self._read(answer)
        except self._httpx.HTTPError as error:
            raise NotifyError(f"{self.name}: {type(error).__name__}.") from None

    def close(self) -> None:
        """Close what is open."""
        self._client.close()

    def _read(self, answer: Any) -> None:
        size = 0
        for chunk in answer.iter_bytes():
            size += len(chunk)
            if size > MAX_REPLY_BYTES:
                raise NotifyError(f"{self.name} answers with more than {MAX_REPLY_BYTES} bytes.")
        if not 200 <= answer.status_code < 300:
            raise NotifyError(f"{self.name} answers {answer.status_code}.")

    def _allowed_address(self) -> str:
        try:
            found = self._resolve(self._host, self._port)
        except OSError as error:
            raise NotifyError(f"{self.name} has no address: {error.strerror or error}.") from None
        for address in found:
            if self._allow_private or _is_public(address):
                return address
        raise NotifyError(f"{self.name} leads into the own network, which is not allowed.")

    def _headers(self, message_id: str, body: bytes) -> dict[str, str]:
        timestamp = str(int(self._clock.utc().timestamp()))
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
        }
        if self._secret:
            headers["webhook-signature"] = signature(self._secret, message_id, timestamp, body)
        return headers


def signature(secret: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """The signature of a message: HMAC-SHA256 over its id, its time and its body.

    Examples
    --------
    >>> signature(b"key", "msg_1", "1700000000", b"{}")
    'v1,XaXLFEFQ69Q4+demDWPEv5ydXczDW2mM5crCUEFcFBA='
    """
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def _secret(text: str) -> bytes:
    if not text.startswith(_PREFIX):
        return text.encode()
    try:
        return base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise RecipeError(
            "The webhook's secret is no base64.", "whsec_ and base64, or any text", "Copy it again."
        ) from None


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_global and not ip.is_multicast
