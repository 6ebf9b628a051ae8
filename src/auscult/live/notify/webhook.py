"""Webhooks, signed as Standard Webhooks says: a receiver can tell who sent a message, when, and a second copy of it."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote

from auscult.errors import MissingExtra, NotifyError, RecipeError
from auscult.live.clock import Clock, SystemClock
from auscult.live.notify.words import name_of, parts_of, shown

TIMEOUT_S = 10.0
_PREFIX = "whsec_"
_IN_PATHS = "/%:@!$&'()*+,;=~?"
_EXPECTED = "https:// and a host; http:// only into the own network, where that is allowed"


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
        For the time in the signature, and to hang up.
    resolve
        Looks names up: addresses from host and port. Default: as this machine does.

    Raises
    ------
    RecipeError
        If it is no such address.
    MissingExtra
        If httpcore is not there.
    """

    def __init__(
        self,
        url: str,
        *,
        secret: str = "",
        allow_private: bool = False,
        clock: Clock | None = None,
        resolve: Callable[[str, int], list[str]] | None = None,
    ) -> None:
        try:
            from auscult.live.notify import calling
        except ImportError:
            raise MissingExtra("Webhooks", "edge") from None
        parts = parts_of(url, expected=_EXPECTED)
        if parts.scheme != "https" and not allow_private:
            raise RecipeError(
                f"{shown(url)} can't be a webhook.", _EXPECTED, "Change it.", code="channel_wrong"
            )
        self.name = name_of(url)
        # Names of the whole world are written with ASCII on the wire.
        place = parts.netloc.rpartition("@")[2].encode("idna").decode()
        query = f"?{parts.query}" if parts.query else ""
        self._url = f"{parts.scheme}://{place}{quote((parts.path or '/') + query, safe=_IN_PATHS)}"
        self._headers = {"host": place, "content-type": "application/json"}
        if parts.username is not None:
            known = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            self._headers["authorization"] = f"Basic {base64.b64encode(known).decode()}"
        self._secret = _secret(secret)
        self._allow_private = allow_private
        self._clock = clock or SystemClock()
        self._resolve = resolve or calling.addresses_of
        self._post = calling.post

    def send(self, message_id: str, payload: Mapping[str, Any]) -> None:
        """Post one message; any answer but 2xx is a failure."""
        body = json.dumps(payload, ensure_ascii=False).encode(errors="replace")
        status = self._post(
            self._url,
            name=self.name,
            headers=self._headers | self._signed(message_id, body),
            body=body,
            allow_private=self._allow_private,
            resolve=self._resolve,
            timeout_s=TIMEOUT_S,
            clock=self._clock,
        )
        if not 200 <= status < 300:
            raise NotifyError(f"{self.name} answers {status}.")

    def close(self) -> None:
        """Nothing is open."""

    def _signed(self, message_id: str, body: bytes) -> dict[str, str]:
        timestamp = str(int(self._clock.utc().timestamp()))
        headers = {
            "content-length": str(len(body)),
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
            "The webhook's secret is no base64.",
            "whsec_ and base64, or any text",
            "Copy it again.",
            code="webhook_secret",
        ) from None
