"""What every request and every socket passes first: name, page, key, size, time; and the headers of every answer."""

import re
from asyncio import timeout
from collections import Counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auscult.live.clock import Clock
from auscult.server.keys import Scope as KeyScope
from auscult.server.keys import allows, needed
from auscult.server.problems import Problem, answer
from auscult.server.security import HEADERS, Failures, Security
from auscult.server.settings import Settings

MIN_BYTES_PER_S = 1024
BODY_S = 30.0

_CLOSED = ("/api/", "/metrics", "/docs", "/inference")
_FILES = (
    "/api/bundles",
    "/api/inspect",
    "/api/inspect/layers",
    "/api/inspect/scores",
    "/inference",
)
_RECORDING = re.compile(r"/api/collections/[^/]+/files")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OPEN = frozenset({"/api/session"})
_HEADERS = [(name.encode(), value.encode()) for name, value in HEADERS.items()]


class Guard:
    """An ASGI app around another one.

    Parameters
    ----------
    app
        What it lets requests through to.
    security
        Who may ask.
    settings
        How much.
    clock
        For slow bodies.
    failures
        Wrong keys a minute.
    counts
        Where answers are counted, by method and status.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        security: Security,
        settings: Settings,
        clock: Clock,
        failures: Failures,
        counts: Counter[tuple[str, int]],
    ) -> None:
        self._app = app
        self._security = security
        self._settings = settings
        self._clock = clock
        self._failures = failures
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, refuse, or let through."""
        if scope["type"] == "http":
            await self._http(scope, receive, self._with_headers(scope, send))
        elif scope["type"] == "websocket" and (code := self._security.refuse_socket(scope)):
            # Browsers tell a page the code only of a socket that was accepted.
            await receive()
            await send({"type": "websocket.accept"})
            await send(
                {"type": "websocket.close", "code": code, "reason": "foreign origin or host"}
            )
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = self._refused(scope) or self._too_large(scope)
        if problem is not None:
            await answer(problem)(scope, receive, send)
            return
        await self._app(scope, self._bounded(scope, receive), send)

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        """Headers for whatever is answered; the API's answers are never kept by anyone."""
        is_data = scope["path"].startswith(_CLOSED)
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._counts[method, message["status"]] += 1
                headers = list(message.get("headers", ()))
                has = {name.lower() for name, _ in headers}
                if is_data and b"cache-control" not in has:
                    headers.append((b"cache-control", b"no-store"))
                message = {**message, "headers": headers + [h for h in _HEADERS if h[0] not in has]}
            await send(message)

        return sent

    def _refused(self, scope: Scope) -> Problem | None:
        if not self._security.comes_from_us(scope):
            return Problem(
                403,
                "This server was called by a foreign page, or by a name that is not its own.",
                "its own page, or one of its names in the address",
                "Open http://localhost and the port; let other names in with --allow-host NAME.",
                code="foreign_page",
            )
        path = scope["path"]
        is_closed = path.startswith(_CLOSED) and path not in _OPEN
        return self._without_key(scope) if is_closed else None

    def _without_key(self, scope: Scope) -> Problem | None:
        key, now_s = self._security.key_of(scope), self._clock.monotonic_s()
        address = (scope.get("client") or ("",))[0]
        if self._security.needs_key and self._failures.too_many(address, now_s):
            return Problem(
                429,
                "Too many wrong keys came from this address.",
                "the right key",
                "Wait for a minute.",
                headers={"retry-after": "60"},
                code="keys_tried",
            )
        has = self._security.scope_of(key)
        if has is not None:
            return _beyond(has, needed(scope["method"], scope["path"]))
        if key is not None:
            self._failures.add(address, now_s)
        return Problem(
            401,
            "This needs a key." if key is None else "This key is not known here.",
            "Authorization: Bearer KEY, with a key of this server",
            "Give a key that the server was started with.",
            headers={"www-authenticate": "Bearer"},
            code="key_missing" if key is None else "key_unknown",
        )

    def _limit(self, scope: Scope) -> int:
        if _RECORDING.fullmatch(scope["path"]):
            return self._settings.max_recording_bytes
        is_upload = scope["path"] in _FILES
        return self._settings.max_upload_bytes if is_upload else self._settings.max_json_bytes

    def _too_large(self, scope: Scope) -> Problem | None:
        lengths = [value for name, value in scope["headers"] if name == b"content-length"]
        limit = self._limit(scope)
        # More digits than any length has: Python would refuse to read them.
        if any(len(value) > 18 or not value.isdigit() or int(value) > limit for value in lengths):
            return too_large(limit)
        return None

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        """The body, as long as it is neither too large nor too slow."""
        limit = self._limit(scope)
        begin_s = self._clock.monotonic_s()
        taken, is_whole = 0, False

        async def bounded() -> Message:
            nonlocal taken, is_whole
            if is_whole:
                return await receive()  # for the end of the connection, which may take long
            due_s = begin_s + BODY_S + taken / MIN_BYTES_PER_S
            try:
                async with timeout(max(due_s - self._clock.monotonic_s(), 0.0)):
                    message = await receive()
            except TimeoutError:
                raise Problem(
                    408,
                    f"The request came too slowly: {taken} bytes.",
                    f"at least {MIN_BYTES_PER_S} bytes a second",
                    "Send it again over a better connection.",
                    code="request_slow",
                ) from None
            taken += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            if taken > limit:
                raise too_large(limit)
            return message

        return bounded


def _beyond(has: KeyScope, wanted: KeyScope) -> Problem | None:
    if allows(has, wanted):
        return None
    return Problem(
        403,
        f"This key may not do this: its scope is '{has}'.",
        f"a key with the scope '{wanted}'",
        "Ask whoever runs this server for another key.",
        code="scope_missing",
        values={"has": has, "wanted": wanted},
    )


def too_large(limit: int) -> Problem:
    """The problem of a body that is too large."""
    return Problem(
        413,
        "The request is too large.",
        f"at most {limit:,} bytes",
        "Send less at a time.",
        code="request_large",
        values={"most_mib": round(limit / 2**20, 3)},
    )
