"""The page at every address that is none of the server's own; `/docs` lists those."""

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from auscult.server.pages import listing, sign_in
from auscult.server.routes.access import Server

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs(request: Request) -> Response:
    """What the server answers."""
    rows = [
        (method.upper(), path, str(operation.get("description", "")))
        for path, operations in request.app.openapi()["paths"].items()
        for method, operation in operations.items()
    ]
    return listing("What this server answers", rows)


@router.api_route("/{path:path}", methods=["GET", "HEAD"])
async def page(path: str, request: Request, server: Server) -> Response:
    """The page, once whoever asks has shown a key where one is needed."""
    is_known = server.security.knows(server.security.key_of(request.scope))
    if not is_known and not path.startswith("assets/"):
        return sign_in()
    # Files are read, packed and unpacked there; nobody else waits for it.
    return await run_in_threadpool(server.page.answer, path, request)
