"""Errors over HTTP: problem+json (RFC 9457) with an id, in three beats, and never a traceback.

What the user can mend comes as an `AuscultError` of another room, or as a `Problem` where the answer is about the request
itself. Whoever asks about anything else is told an id; what happened stands beside it in the server's own output.
"""

import logging
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from auscult.errors import AuscultError, MissingExtra, StoreError, Value
from auscult.server.codes import Code, code_of

MEDIA_TYPE = "application/problem+json"

logger = logging.getLogger("auscult.server")

# The server, not the request, is at fault: the same request may succeed later, or on another machine.
_OURS = {StoreError: HTTPStatus.SERVICE_UNAVAILABLE, MissingExtra: HTTPStatus.NOT_IMPLEMENTED}
_MAX_NAMED = 3
_GONE: dict[str, Code] = {
    "bundle": "bundle_gone",
    "deleted bundle": "bundle_gone",
    "collection": "collection_gone",
    "event": "event_gone",
    "job": "job_gone",
    "source": "source_gone",
}


class Problem(HTTPException):
    """An answer that is an error.

    Parameters
    ----------
    status
        Status of HTTP.
    what, expected, action
        As in `auscult.errors.AuscultError`.
    headers
        Sent with it.
    code, values
        As in `auscult.errors.AuscultError`; which codes there are stands in `auscult.server.codes`.

    Examples
    --------
    >>> Problem(404, "There is no event 7.", "the id of a stored event", "List them: GET /api/events").status_code
    404
    """

    def __init__(
        self,
        status: int,
        what: str,
        expected: str = "",
        action: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        code: Code | None = None,
        values: Mapping[str, Value] | None = None,
    ) -> None:
        super().__init__(status, what, headers)
        self.expected = expected
        self.action = action
        self.code = code
        self.values = dict(values or {})


def no_sound(status: int, event_id: str) -> Problem:
    """The answer where the sound of an event is needed, and none is kept."""
    return Problem(
        status,
        f"No sound of the event '{event_id}' is kept.",
        "an event whose has_clip is true",
        "Sound is kept from when that is switched on: in Settings, or by --store-clips.",
        code="event_clip_gone",
    )


def no_active_bundle() -> Problem:
    """The answer where a bundle has to judge, and none is active."""
    return Problem(
        409,
        "No bundle is active.",
        "an active bundle",
        "Activate one.",
        code="bundle_none_active",
    )


def not_found(kind: str, name: str, where: str) -> Problem:
    """There is no such thing; `where` says how to list what there is."""
    return Problem(
        404,
        f"There is no {kind} '{name[:80]}'.",
        f"one that {where} lists",
        f"Look it up: {where}",
        code=_GONE.get(kind, "not_found"),
    )


def answer(problem: Problem) -> JSONResponse:
    """The response that tells of a problem."""
    return _response(
        problem.status_code,
        problem.detail,
        problem.expected,
        problem.action,
        headers=problem.headers,
        code=problem.code,
        values=problem.values,
    )


def add_to(app: FastAPI) -> None:
    """Let an app answer so, whatever goes wrong."""
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(AuscultError, _of_auscult)
    app.add_exception_handler(ClientDisconnect, _of_hanging_up)
    app.add_exception_handler(Exception, _of_anything)


def _of_http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    if isinstance(error, Problem):
        return answer(error)
    what = f"{error.detail}".rstrip(".") + "."
    return _response(error.status_code, what, "", "", headers=error.headers)


def _of_validation(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    found = [f"{_place(one['loc'])}: {one['msg']}" for one in error.errors()[:_MAX_NAMED]]
    return _response(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        f"The request is not as it should be: {'; '.join(found)}.",
        "what /docs says of this address",
        "Change the request.",
        code="request_invalid",
    )


def _of_auscult(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AuscultError)  # noqa: S101 - registered for it
    found = (status for kind, status in _OURS.items() if isinstance(error, kind))
    status = next(found, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _response(
        status,
        error.what,
        error.expected,
        error.action,
        code=code_of(error.code),
        values=error.values,
    )


def _of_hanging_up(_: Request, __: Exception) -> JSONResponse:
    """Nobody is there any more to read it."""
    return _response(
        HTTPStatus.BAD_REQUEST, "The request broke off.", "all of it", "Send it again."
    )


def _of_anything(request: Request, error: Exception) -> JSONResponse:
    response_id = secrets.token_hex(6)
    logger.error("%s: %s %s failed", response_id, request.method, request.url.path, exc_info=error)
    return _response(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "The server failed at this.",
        "an answer",
        f"Try again. If it stays, report it with what the server printed beside {response_id}.",
        problem_id=response_id,
        code="server_failed",
        values={"id": response_id},
    )


def _place(location: tuple[Any, ...]) -> str:
    return ".".join(str(part)[:80] for part in location) or "request"


def _response(
    status: int,
    what: str,
    expected: str,
    action: str,
    *,
    problem_id: str = "",
    headers: Mapping[str, str] | None = None,
    code: Code | None = None,
    values: Mapping[str, Value] | None = None,
) -> JSONResponse:
    title = HTTPStatus(status).phrase
    content = {
        "type": f"urn:auscult:{title.lower().replace(' ', '-')}",
        "title": title,
        "status": int(status),
        "detail": what,
        "expected": expected,
        "action": action,
        "code": code,
        "values": values or {},
        "id": problem_id or secrets.token_hex(6),
    }
    return JSONResponse(content, status, media_type=MEDIA_TYPE, headers=headers)
