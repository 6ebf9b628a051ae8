"""A server without a network: its app, and a client that calls it."""

import asyncio
import io
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import soundfile

from auscult.live.store import StoredEvent
from auscult.server.app import create_app
from auscult.server.settings import Settings

HOST = "localhost:8000"
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)

EVENT = StoredEvent(
    id="01HZX3K7M5Q8V2R4T6W9Y0B000",
    stream="demo",
    stream_name="Fan",
    kind="anomaly",
    status="ended",
    begun_at=NOON,
    ended_at=NOON + timedelta(seconds=12),
    start_s=3.0,
    end_s=15.0,
    peak_s=6.0,
    peak_ratio=1.86,
    limit=12.5,
    rule="sudden",
    windows=9,
    suppressed=0,
    bundle="machine",
    bundle_id="3f2a9c0d1e4b",
    explanation={"text": "3.0-5.0 s, 2.8-3.2 kHz: brighter than normal.", "low_hz": 2800.0},
    evidence={"bands_hz": [100.0], "start_s": 0.0, "hop_s": 0.1, "level_db": [[-30.0]]},
    clip=None,
    label=None,
    note="",
    labelled_at=None,
)


def event_number(number, **changes):
    """The event of a minute, by number."""
    begun_at = NOON + timedelta(minutes=number)
    changed = {"id": f"{EVENT.id[:-3]}{number:03d}", "begun_at": begun_at} | changes
    return replace(EVENT, **changed)


@pytest.fixture(scope="session")
def event():
    """A function from a number, and what is different, to an event to be stored."""
    return event_number


class Caller:
    """A client within the lifetime of an app."""

    def __init__(self, app, http):
        self.app = app
        self.http = http

    @property
    def state(self):
        return self.app.state.auscult

    async def ask(self, method, path, *, status=200, **options):
        """Ask, and check the status and the shape of errors."""
        answer = await self.http.request(method, path, **options)
        assert answer.status_code == status, (answer.status_code, answer.text)
        if status >= 400:
            check_problem(answer)
        return answer

    async def json(self, method, path, **options):
        return (await self.ask(method, path, **options)).json()

    async def ended(self, job_id):
        """A job, once it has ended."""
        async with asyncio.timeout(240):
            while True:
                found = await self.json("GET", f"/api/jobs/{job_id}")
                if found["state"] not in {"queued", "running"}:
                    return found
                await asyncio.sleep(0.05)


def check_problem(answer):
    """Three beats, an id, no traceback."""
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert set(told) == {
        "type",
        "title",
        "status",
        "detail",
        "expected",
        "action",
        "code",
        "values",
        "id",
    }
    assert told["status"] == answer.status_code
    assert told["detail"].endswith((".", "?"))
    assert len(told["id"]) == 12
    assert "Traceback" not in answer.text
    assert "site-packages" not in answer.text


@pytest.fixture(scope="session")
def is_problem():
    """A check that an answer is a problem as all of them are."""
    return check_problem


@asynccontextmanager
async def opened(settings, **headers):
    app = create_app(settings)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}", headers=headers) as http,
    ):
        yield Caller(app, http)


@pytest.fixture
def settings(tmp_path):
    """Settings of a server with nothing in it."""
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def serve(settings):
    """A function that runs what is done with a client of a server, and gives what that gives.

    Settings may be changed by name.
    """

    def run(work, *, headers=(), **changes):
        async def all_of_it():
            changed = settings.model_copy(update=changes)
            async with opened(changed, **dict(headers)) as caller:
                return await work(caller)

        return asyncio.run(all_of_it())

    return run


def wav_of(samples, rate_hz=16_000, **options):
    """The bytes of a recording."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format=options.pop("format", "WAV"), **options)
    return file.getvalue()


@pytest.fixture(scope="session")
def wav():
    """A function from samples, a rate and a format to the bytes of a recording."""
    return wav_of
