"""The server as an ASGI app: routes, sockets, page, and what guards them."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from auscult import __version__
from auscult.live.clock import Clock, SystemClock
from auscult.live.store import EventStore
from auscult.server import problems, sockets
from auscult.server.guard import Guard
from auscult.server.models import ProblemInfo
from auscult.server.routes import (
    about,
    allow,
    bundles,
    collections,
    demo,
    events,
    exports,
    families,
    going_on,
    health,
    history,
    ingest,
    inspect,
    keys,
    learn,
    next_training,
    page,
    privacy,
    rebaseline,
    session,
    sources,
    train,
)
from auscult.server.routes import (
    settings as settings_route,
)
from auscult.server.security import Failures
from auscult.server.settings import Settings
from auscult.server.state import State, open_state, security_of

_PROBLEM = {
    "model": ProblemInfo,
    "description": "An error: what happened, what was expected, what to do.",
    "content": {problems.MEDIA_TYPE: {}},
}
_PARTS = (
    health,
    bundles,
    ingest,
    allow,
    rebaseline,
    events,
    history,
    sources,
    demo,
    learn,
    next_training,
    collections,
    train,
    exports,
    families,
    going_on,
    inspect,
    keys,
    privacy,
    about,
    session,
    settings_route,
)


def create_app(
    settings: Settings,
    *,
    store: EventStore | None = None,
    clock: Clock | None = None,
    state: State | None = None,
) -> FastAPI:
    """The app; what it needs is opened when it starts, and closed when it stops.

    Parameters
    ----------
    settings
        What can be set.
    store, clock
        Others than those of the settings and the system, for tests.
    state
        What was opened already; `store` and `clock` are then those in it.

    Raises
    ------
    RecipeError
        If others could reach it and there is no key.
    """
    used_clock = state.clock if state is not None else clock or SystemClock()
    security = state.security if state is not None else security_of(settings)
    failures, counts = Failures(), Counter[tuple[str, int]]()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        opened = state or open_state(settings, store=store, clock=used_clock)
        opened.security, opened.failures, opened.counts = security, failures, counts
        app.state.auscult = opened
        try:
            await opened.start()
            yield
        finally:
            await opened.stop()

    app = FastAPI(
        title="Auscult",
        version=__version__,
        summary="Learns what normal sounds like, and hears what isn't.",
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses={"4XX": _PROBLEM, "5XX": _PROBLEM},
    )
    problems.add_to(app)
    for part in _PARTS:
        app.include_router(part.router)
    app.include_router(sockets.router)
    app.include_router(page.router)  # last: it takes every address that is left
    app.add_middleware(
        Guard,
        security=security,
        settings=settings,
        clock=used_clock,
        failures=failures,
        counts=counts,
    )
    return app
