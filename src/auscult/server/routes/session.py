"""`/api/session`: a key for a cookie, so that the page need not keep keys."""

import json
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from auscult.server.pages import sign_in
from auscult.server.problems import Problem
from auscult.server.routes.access import Server
from auscult.server.security import COOKIE
from auscult.server.state import State

router = APIRouter(prefix="/api/session", tags=["session"])

_FORM = "application/x-www-form-urlencoded"
_YEAR_S = 365 * 24 * 3600
_BODY = {
    "requestBody": {
        "content": {
            "application/json": {
                "schema": {"type": "object", "properties": {"key": {"type": "string"}}}
            }
        },
        "required": True,
    }
}


@router.post("", openapi_extra=_BODY, response_class=JSONResponse)
async def open_session(request: Request, server: Server) -> Response:
    """Hand in a key (JSON or the form of the page); it comes back as a cookie that no script can read."""
    is_form = request.headers.get("content-type", "").startswith(_FORM)
    key = _key(await request.body(), is_form=is_form)
    _check_failures(request, server)
    if not server.security.knows(key):
        server.failures.add(_address(request), server.clock.monotonic_s())
        if is_form:
            return sign_in(is_wrong=True)
        raise Problem(
            401,
            "This key is not known here.",
            "a key of this server",
            "Check it.",
            code="key_unknown",
        )
    answer: Response = RedirectResponse("/", 303) if is_form else JSONResponse({"ok": True})
    answer.set_cookie(
        COOKIE,
        key,
        max_age=_YEAR_S,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


@router.delete("", status_code=204)
async def close_session(request: Request) -> Response:
    """Take the cookie away."""
    answer = Response(status_code=204)
    is_secure = request.url.scheme == "https"
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=is_secure)
    return answer


def _key(body: bytes, *, is_form: bool) -> str:
    """The key that was handed in; empty if there is none that could be one."""
    try:
        if is_form:
            key = parse_qs(body.decode("ascii"), max_num_fields=8).get("key", [""])[0]
        else:
            key = json.loads(body)["key"]
    except (ValueError, KeyError, TypeError, RecursionError):
        key = ""
    # What else a cookie could hold would not come back as it was.
    is_plain = isinstance(key, str) and key.isascii() and key.isprintable() and len(key) <= 512
    return key if is_plain else ""


def _check_failures(request: Request, server: State) -> None:
    if server.failures.too_many(_address(request), server.clock.monotonic_s()):
        raise Problem(
            429,
            "Too many wrong keys came from this address.",
            "the right key",
            "Wait for a minute.",
            code="keys_tried",
        )


def _address(request: Request) -> str:
    return "" if request.client is None else request.client.host
