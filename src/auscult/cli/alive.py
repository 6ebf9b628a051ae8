"""Whether what runs beside a self-test still works: a server that answers, a listener that turns.

A self-test alone is a process of its own, and knows nothing of one that hangs.
"""

import os
import ssl
from collections.abc import Mapping
from http.client import HTTPException
from ipaddress import ip_address
from pathlib import Path
from time import time
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import BaseHandler, HTTPSHandler, ProxyHandler, Request, build_opener

KEYS_VARIABLE = "AUSCULT_KEYS"
ANSWER_S = 10.0
OLDEST_BEAT_S = 60.0

_PATH = "/api/health"
_BROKEN = 500
_HASHED = "sha256:"


def server_failure(url: str, *, environment: Mapping[str, str] = os.environ) -> str | None:
    """Why a server can't be relied on; `None` if it answers how it is.

    One that answers that it needs another key works as well: this one may have no key that it knows. Of one on this very machine no certificate is
    asked for that anybody trusts, and it may be one with TLS (`--https`) though the address says http.
    """
    is_here = _is_here(urlsplit(url).hostname or "")
    try:
        status = _asked(url, environment, trusts_all=is_here)
    except (OSError, HTTPException) as error:
        # Plain HTTP makes a server with TLS hang up, or say something else; one that is stuck or gone does neither.
        is_gone = isinstance(_reason(error), TimeoutError | ConnectionRefusedError)
        if not is_here or is_gone or not url.startswith("http://"):
            return _no_answer(url, error)
        try:
            status = _asked(url.replace("http://", "https://", 1), environment, trusts_all=True)
        except (OSError, HTTPException):
            return _no_answer(url, error)
    return f"The server at {url} answers {status}." if status >= _BROKEN else None


def _asked(url: str, environment: Mapping[str, str], *, trusts_all: bool) -> int:
    """The status of its answer."""
    request = Request(url.rstrip("/") + _PATH, headers=_key(environment))  # noqa: S310 - looked at
    # What is asked is beside us: no proxy knows it.
    handlers: list[BaseHandler] = [ProxyHandler({})]
    if trusts_all:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        handlers.append(HTTPSHandler(context=context))
    try:
        with build_opener(*handlers).open(request, timeout=ANSWER_S) as answer:
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code


def _no_answer(url: str, error: Exception) -> str:
    return f"The server at {url} does not answer: {_reason(error)}."


def _reason(error: Exception) -> object:
    return getattr(error, "reason", error)


def _is_here(host: str) -> bool:
    """Whether a name is that of the machine that asks.

    >>> [_is_here(host) for host in ("127.0.0.1", "::1", "localhost", "ears.example", "10.0.0.5")]
    [True, True, True, False, False]
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _key(environment: Mapping[str, str]) -> dict[str, str]:
    """The first key that stands in the environment as it is, where there is one."""
    keys = (one.strip() for one in environment.get(KEYS_VARIABLE, "").split(","))
    plain = next((one for one in keys if one and not one.startswith(_HASHED)), None)
    return {} if plain is None else {"Authorization": f"Bearer {plain}"}


def beat_failure(path: Path, *, now_s: float | None = None) -> str | None:
    """Why whoever touches a file at every beat can't be relied on; `None` if it was touched just now.

    Parameters
    ----------
    path
        The file.
    now_s
        Seconds since 1970; default: now.
    """
    try:
        touched_s = path.stat().st_mtime
    except OSError as error:
        return f"Nobody listens: there is no beat in {path} ({error.strerror})."
    age_s = (time() if now_s is None else now_s) - touched_s
    # A clock that was set back in between says nothing of the age; the next beat, seconds later, does.
    if abs(age_s) <= OLDEST_BEAT_S:
        return None
    return f"Whoever listens is stuck: the last beat in {path} is {abs(age_s):.0f} s off."
