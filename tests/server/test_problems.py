"""Errors over HTTP, whatever goes wrong."""

import asyncio
import logging

import httpx
import pytest
from fastapi import FastAPI

from auscult.errors import (
    AudioError,
    BundleError,
    MissingExtra,
    RecipeError,
    SourceError,
    StoreError,
)
from auscult.server.problems import Problem, add_to, not_found


def ask(path, **options):
    app = FastAPI()
    add_to(app)

    @app.get("/raise/{name}")
    async def fail(name: str) -> None:
        raise {
            "bundle": BundleError("It is broken.", "a whole one", "Get it again."),
            "recipe": RecipeError("It is 7.", "8", "Change it."),
            "source": SourceError("It is far away.", "near", "Go."),
            "store": StoreError("The disk is full.", "space", "Make room."),
            "extra": MissingExtra("This", "mic"),
            "coded": AudioError("None.", code="audio_empty", values={"name": "fan.wav"}),
            "foreign": AudioError("It is odd.", code="of_another_program"),
            "bug": ZeroDivisionError("secret of the house"),
            "problem": Problem(409, "Both.", "one", "Choose.", headers={"retry-after": "1"}),
            "gone": not_found("event", "x" * 200, "GET /api/events"),
        }[name]

    @app.get("/number/{number}")
    async def number(number: int) -> int:
        return number

    async def asked():
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.request(options.get("method", "GET"), path)

    return asyncio.run(asked())


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/raise/bundle", 422, "It is broken."),
        ("/raise/recipe", 422, "It is 7."),
        ("/raise/source", 422, "It is far away."),
        ("/raise/store", 503, "The disk is full."),
        ("/raise/extra", 501, "needs an optional part"),
        ("/raise/problem", 409, "Both."),
        ("/raise/gone", 404, "There is no event"),
        ("/number/many", 422, "path.number: Input should be a valid integer"),
        ("/nothing", 404, "Not Found."),
    ],
)
def test_each_error_is_a_problem(path, status, words, is_problem):
    answer = ask(path)
    assert answer.status_code == status
    is_problem(answer)
    assert words in answer.json()["detail"]


def test_a_method_that_is_not_known_is_told_with_those_that_are(is_problem):
    answer = ask("/number/1", method="POST")
    assert answer.status_code == 405
    is_problem(answer)
    assert answer.headers["allow"] == "GET"


def test_the_three_beats_and_the_headers_are_kept():
    answer = ask("/raise/problem")
    told = answer.json()
    assert (told["detail"], told["expected"], told["action"]) == ("Both.", "one", "Choose.")
    assert told["type"] == "urn:auscult:conflict"
    assert answer.headers["retry-after"] == "1"


def test_an_error_of_any_room_keeps_its_code_and_one_that_is_unknown_is_dropped():
    kept = ask("/raise/coded").json()
    assert (kept["code"], kept["values"]) == ("audio_empty", {"name": "fan.wav"})
    dropped = ask("/raise/foreign").json()
    assert (dropped["code"], dropped["detail"]) == (None, "It is odd.")
    assert ask("/raise/gone").json()["code"] == "event_gone"
    assert ask("/raise/extra").json()["values"] == {"extra": "mic"}


def test_a_name_is_shown_no_longer_than_it_needs_to_be():
    assert len(ask("/raise/gone").json()["detail"]) < 120


def test_what_nobody_expected_is_told_with_an_id_and_logged_beside_it(caplog, is_problem):
    with caplog.at_level(logging.ERROR, "auscult.server"):
        answer = ask("/raise/bug")
    assert answer.status_code == 500
    is_problem(answer)
    assert "secret of the house" not in answer.text
    (record,) = caplog.records
    assert answer.json()["id"] in record.getMessage()
    assert record.exc_info[0] is ZeroDivisionError
