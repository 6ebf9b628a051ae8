"""Whether what runs beside a self-test still works: a server that answers, a listener that turns.

A self-test alone is a process of its own, and knows nothing of one that hangs.
"""

import os
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from time import time
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

KEYS_VARIABLE = "AUSCULT_KEYS"
ANSWER_S = 10.0
OLDEST_BEAT_S = 60.0

_PATH = "/api/health"
_BROKEN = 500
_HASHED = "sha256:"


def server_failure(url: str, *, environment: Mapping[str, str] = os.environ) -> str | None:
    """Why a server can't be relied on; `None` if it answers how it is.

    One that answers that it needs another key works as well: this one may have no key that it knows.
    """
    request = Request(url.rstrip("/") + _PATH, headers=_key(environment))  # noqa: S310 - looked at
    # What is asked is beside us: no proxy knows it.
    opener = build_opener(ProxyHandler({}))
    try:
        opener.open(request, timeout=ANSWER_S).close()
    except HTTPError as error:
        error.close()
        return f"The server at {url} answers {error.code}." if error.code >= _BROKEN else None
    except (OSError, HTTPException) as error:
        return f"The server at {url} does not answer: {getattr(error, 'reason', error)}."
    return None


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
