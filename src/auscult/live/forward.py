"""Events that go on to a server: kept here until it has them, in order, and every one of them once.

A message leaves the outbox when the server has said that it is on its disk. What was sent and never acknowledged is sent
again, with the same event's id, by which the server knows it. Nothing is given up while the server is away, however long
that takes; only the space is bounded, and then the oldest events give way and are counted.
"""

import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from socket import gethostname
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

from auscult.errors import MissingExtra, NotifyError, RecipeError, StoreError
from auscult.live.clock import Clock, SystemClock
from auscult.live.notify.words import shown
from auscult.live.outbox import Message
from auscult.live.sources.source import Backoff
from auscult.live.store import EventStore

CHANNEL = "forward"
"""Its name in the outbox: the same for every address, so that what waits follows a server that moves."""

KEY_VARIABLE = "AUSCULT_FORWARD_KEY"
PATH = "/api/events/ingest"
BATCH = 50
KEPT_EVENTS = 10_000
TIMEOUT_S = 20.0
LOOK_EVERY_S = 1.0
TIDY_EVERY_S = 60.0

_EXPECTED = "http(s)://HOST:PORT of a server, with nothing secret in it"
# Nothing but these says that the message itself is at fault: unreadable, too large, or no event.
_UNFIT = (400, 413, 422)
_WHY = {
    401: f"it does not take this key: see {KEY_VARIABLE}",
    403: "it is not called by a name of its own: see its --allow-host",
    404: "nothing there takes events: is it an Auscult of this version?",
    405: "nothing there takes events: is it an Auscult of this version?",
    429: "it has had too many wrong keys from here",
}
_log = logging.getLogger(__name__)

Post = Callable[[str, Mapping[str, str], bytes], int]
"""Posts a body with headers to an address; the status of the answer, or `NotifyError`."""


def device_name(name: str = "") -> str:
    """What a machine is called on a server: as asked for, or by its host name; letters, digits, dots, dashes.

    Raises
    ------
    RecipeError
        If nothing is left of it.

    Examples
    --------
    >>> device_name("press 3 (hall B)")
    'press-3-hall-B'
    """
    found = re.sub(r"[^A-Za-z0-9._-]+", "-", name or gethostname()).strip("-._")[:40]
    if not found:
        raise RecipeError(
            f"'{name}' can't be a machine's name.",
            "up to 40 letters, digits, dots and dashes",
            "Name it: --forward-as press-3",
        )
    return found


def ingest_url(url: str) -> str:
    """Where a server takes events.

    Raises
    ------
    RecipeError
        If it is no address, or holds a password, which everybody on this machine could read in the list of processes.

    Examples
    --------
    >>> ingest_url("https://ears.example/plant/")
    'https://ears.example/plant/api/events/ingest'
    """
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        is_address = False
    if not is_address or parts.query or parts.fragment:
        raise RecipeError(
            f"{shown(url)} is no server's address.",
            _EXPECTED,
            "For example: --forward http://ears.local:8000",
        )
    if parts.username is not None or parts.password is not None:
        raise RecipeError(
            f"{shown(url)} was named with something secret in it.",
            _EXPECTED,
            f"Give the key in the environment variable {KEY_VARIABLE}.",
        )
    host = parts.netloc.encode("idna").decode()
    return f"{parts.scheme}://{host}{parts.path.rstrip('/')}{PATH}"


def is_in_the_open(url: str) -> bool:
    """What is sent there crosses a network as it is: no TLS, and not this machine.

    Examples
    --------
    >>> [is_in_the_open(url) for url in ("http://ears.local", "https://ears.local", "http://localhost:8000")]
    [True, False, False]
    """
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1")


class Forwarder:
    """Sends what waits in a store to a server, in a thread of its own.

    Parameters
    ----------
    store
        Where events are, and the messages about them under the channel `CHANNEL`.
    url
        Of the server.
    device
        What this machine is called there: see `device_name`.
    key
        Of the server; empty where it needs none.
    clock
        Time that runs evenly.
    kept_events
        Beyond so many the oldest give way, delivered or not.
    post
        Sends; default: over HTTP.

    Raises
    ------
    RecipeError
        If the address or the name is none.
    MissingExtra
        If what speaks HTTP is not installed.
    """

    def __init__(
        self,
        store: EventStore,
        url: str,
        *,
        device: str = "",
        key: str = "",
        clock: Clock | None = None,
        kept_events: int = KEPT_EVENTS,
        post: Post | None = None,
    ) -> None:
        self._store = store
        self._url = ingest_url(url)
        self._device = device_name(device)
        self._clock = clock or SystemClock()
        self._kept_events = kept_events
        self._post = post or _http(self._url, self._clock)
        self._headers = {"host": urlsplit(self._url).netloc, "content-type": "application/json"}
        if key:
            self._headers["authorization"] = f"Bearer {key}"
        self._backoff = Backoff()
        self._next_s = self._tidied_s = self._clock.monotonic_s()
        self._batch = BATCH
        self._stop = Event()
        self._thread: Thread | None = None
        self.error: str | None = None
        """Why nothing arrives; `None` while all is well."""

    def start(self) -> None:
        """Begin to send."""
        self._thread = Thread(target=self._run, name="forward", daemon=True)
        self._thread.start()

    def close(self, timeout_s: float = 5.0) -> None:
        """End; what was not sent waits in the store."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def waiting(self) -> int:
        """How many messages wait, of the first thousand."""
        return len(self._store.outbox.waiting(CHANNEL))

    def turn(self) -> int:
        """Send what waits, if it is time to; how many messages arrived.

        Raises
        ------
        StoreError
            If the store can't be read or written.
        """
        now_s = self._clock.monotonic_s()
        if now_s - self._tidied_s >= TIDY_EVERY_S:
            self._tidied_s = now_s
            self._tidy()
        arrived = 0
        while now_s >= self._next_s and not self._stop.is_set():
            held = self._store.outbox.waiting(CHANNEL, limit=self._batch)
            if not held:
                break
            arrived += self._deliver(held)
        return arrived

    def _run(self) -> None:
        is_well = True
        while not self._stop.wait(LOOK_EVERY_S):
            try:
                self.turn()
                is_well = True
            except StoreError as error:
                # Until the store is back nothing can be sent, and nothing is lost. That is said once.
                if is_well and not self._stop.is_set():
                    _log.warning("What is to be forwarded can't be read: %s", error)
                is_well = False

    def _deliver(self, held: Sequence[Message]) -> int:
        body = _body(self._device, held)
        try:
            status = self._post(self._url, self._headers, body)
        except NotifyError as error:
            self._failed(str(error))
            return 0
        if 200 <= status < 300:
            self._store.outbox.delivered(*(message.id for message in held))
            self._succeeded()
            return len(held)
        if status in _UNFIT:
            self._part(held, status)
        else:
            self._failed(f"{shown(self._url)} answers {status}: {_WHY.get(status, 'try later')}.")
        return 0

    def _part(self, held: Sequence[Message], status: int) -> None:
        """One of them is unfit: fewer at a time, until it is known which; that one is set aside, for good."""
        if len(held) > 1:
            self._batch = len(held) // 2
            return
        self._batch = BATCH
        self._store.outbox.refused(held[0].id, f"The server answers {status}.")
        _log.warning(
            "The server does not take event %s (it answers %d). It stays here, and is not sent again.",
            held[0].event_id,
            status,
        )

    def _succeeded(self) -> None:
        self._batch = min(2 * self._batch, BATCH)
        if self.error is not None:
            _log.warning("%s takes events again.", shown(self._url))
        self.error = None
        self._backoff = Backoff()

    def _failed(self, why: str) -> None:
        if why != self.error and not self._stop.is_set():
            _log.warning("Events wait here until the server has them. %s", why)
        self.error = why
        now_s = self._clock.monotonic_s()
        self._next_s = now_s + self._backoff.failed(now_s)

    def _tidy(self) -> None:
        """Keep the store within its bound."""
        gone, unsent = self._store.keep_newest(self._kept_events)
        if unsent:
            _log.warning(
                "%d events gave way to newer ones, %d of them before the server had them: there is room for %d.",
                gone,
                unsent,
                self._kept_events,
            )


def _body(device: str, held: Sequence[Message]) -> bytes:
    told = {"device": device, "events": [_event(message.payload) for message in held]}
    return json.dumps(told, ensure_ascii=False).encode(errors="replace")


def _event(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of an event; labels are what people say where they see it."""
    return {
        name: value
        for name, value in payload.items()
        if name not in ("label", "note", "labelled_at")
    }


def _http(url: str, clock: Clock) -> Post:
    try:
        from auscult.live.notify import calling
    except ImportError:
        raise MissingExtra("Forwarding events", "edge") from None

    def post(address: str, headers: Mapping[str, str], body: bytes) -> int:
        return calling.post(
            address,
            name=shown(url),
            headers={**headers, "content-length": str(len(body))},
            body=body,
            # Whoever set this machine up may well mean a server of the own network.
            allow_private=True,
            resolve=calling.addresses_of,
            timeout_s=TIMEOUT_S,
            clock=clock,
        )

    return post
