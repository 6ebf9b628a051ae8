"""How messages and addresses are put into words, with nothing secret in them."""

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from auscult.errors import RecipeError

_MAX_STREAMS = 5


def shown(address: str) -> str:
    """An address without user, password and query: for names, logs and errors.

    Examples
    --------
    >>> shown("https://me:secret@example.org/hook?token=1")
    'https://example.org/hook'
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return address.partition(":")[0]
    if not parts.netloc:
        return address.partition("?")[0]
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def name_of(address: str, kind: str = "") -> str:
    """A name for an address, without what is secret in it; two that differ only there have two names.

    Parameters
    ----------
    address
        The whole address.
    kind
        What is shown of it, where that is not `shown(address)`.

    Examples
    --------
    >>> name_of("https://example.org/hook")
    'https://example.org/hook'
    >>> name_of("https://example.org/hook?token=1")
    'https://example.org/hook#70d830'
    """
    told = kind or shown(address)
    if told == address:
        return told
    return f"{told}#{hashlib.sha256(address.encode(errors='replace')).hexdigest()[:6]}"


def parts_of(address: str, *, expected: str) -> SplitResult:
    """An address in its parts.

    Raises
    ------
    RecipeError
        If it is none, or names no host.

    Examples
    --------
    >>> parts_of("mqtt://broker:99999", expected="mqtt://HOST")
    Traceback (most recent call last):
    auscult.errors.RecipeError: mqtt://broker:99999 can't be read: Port out of range 0-65535. Expected: mqtt://HOST. Change it.
    """
    try:
        parts = urlsplit(address)
        if not parts.hostname:
            raise ValueError("it names no host")
        _ = parts.port, parts.hostname.encode("idna")
    except ValueError as error:
        raise RecipeError(
            f"{shown(address)} can't be read: {error}.",
            expected,
            "Change it.",
            code="channel_wrong",
        ) from None
    return parts


def sentence(payload: Mapping[str, Any]) -> str:
    """A message in one sentence, where only text goes.

    Examples
    --------
    >>> sentence({"stream_name": "Fan", "kind": "anomaly", "status": "begun", "peak_ratio": 1.86,
    ...           "explanation": {"text": "3.0-5.0 s, 2.8 kHz-3.2 kHz: brighter."}})
    'Fan: anomaly begins, 1.9 times its limit. 3.0-5.0 s, 2.8 kHz-3.2 kHz: brighter.'
    >>> sentence({"type": "summary", "messages": 7, "streams": ["Fan", "Pump"]})
    '7 more messages about Fan, Pump.'
    >>> sentence({"type": "test"})
    'This is a test: messages of Auscult arrive here.'
    """
    if payload.get("type") == "summary":
        names = payload["streams"]
        rest = len(names) - _MAX_STREAMS
        more = f" and {rest} other{'s' if rest > 1 else ''}" if rest > 0 else ""
        return f"{payload['messages']} more messages about {', '.join(names[:_MAX_STREAMS])}{more}."
    if payload.get("type") == "test":
        return "This is a test: messages of Auscult arrive here."
    verb = "begins" if payload["status"] == "begun" else "has ended"
    ratio = payload.get("peak_ratio")
    much = f", {ratio:.1f} times its limit" if ratio else ""
    why = (payload.get("explanation") or {}).get("text") or ""
    return f"{payload['stream_name']}: {payload['kind']} {verb}{much}. {why}".strip()
