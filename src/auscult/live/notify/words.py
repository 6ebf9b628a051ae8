"""How messages and addresses are put into words, with nothing secret in them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit


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


def sentence(payload: Mapping[str, Any]) -> str:
    """A message in one sentence, where only text goes.

    Examples
    --------
    >>> sentence({"stream_name": "Fan", "kind": "anomaly", "status": "begun", "peak_ratio": 1.86,
    ...           "explanation": {"text": "3.0-5.0 s, 2.8 kHz-3.2 kHz: brighter."}})
    'Fan: anomaly begins, 1.9 times its limit. 3.0-5.0 s, 2.8 kHz-3.2 kHz: brighter.'
    >>> sentence({"type": "summary", "messages": 7, "streams": ["Fan", "Pump"]})
    '7 more messages about Fan, Pump.'
    """
    if payload.get("type") == "summary":
        streams = ", ".join(payload["streams"])
        return f"{payload['messages']} more messages about {streams}."
    verb = "begins" if payload["status"] == "begun" else "has ended"
    why = (payload.get("explanation") or {}).get("text", "")
    told = f"{payload['stream_name']}: {payload['kind']} {verb}, {payload['peak_ratio']:.1f} times its limit."
    return f"{told} {why}".strip()
