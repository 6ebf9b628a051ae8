"""`/api/about`, `/api/diagnostics`, `/api/access`."""

import platform
from datetime import UTC, datetime

import pytest

from auscult.server.certificate import certificate_for


def test_what_it_is_made_of(serve):
    async def work(caller):
        return await caller.json("GET", "/api/about")

    told = serve(work)
    assert told["licence"] == "MIT"
    assert {"fastapi", "numpy"} <= {one["name"] for one in told["packages"]}


def test_a_report_of_a_fault_tells_nothing_of_people(serve, bundle_file, event):
    async def work(caller):
        caller.state.store.add(event(1, stream_name="Room of Aoi"))
        hook = {"revision": 0, "address": "https://me:secret@hooks.example/T0"}
        await caller.ask("POST", "/api/settings/notify", status=201, json=hook)
        return await caller.ask("GET", "/api/diagnostics")

    answer = serve(work, bundles=(bundle_file,))
    told = answer.json()
    assert (told["events"], told["bundles"], told["channels"]) == (1, 1, {"webhook": 1})
    assert told["packages"]["numpy"]
    assert told["loop_lag_s"] >= 0.0
    for hidden in ("Aoi", "secret", "hooks.example", platform.node(), "/tmp"):
        assert hidden not in answer.text


@pytest.mark.parametrize("is_here", [True, False])
def test_a_report_says_whether_events_are_named_in_everyday_words(serve, tagger, is_here):
    if not is_here:
        tagger.unlink()

    async def work(caller):
        return await caller.json("GET", "/api/diagnostics")

    assert serve(work)["everyday_names_by"] == ("mn04" if is_here else None)


def test_how_to_get_here(serve):
    async def work(caller):
        told = await caller.json("GET", "/api/access")
        drawn = await caller.ask(
            "GET", "/api/access/qr.svg", params={"address": "https://a.example"}
        )
        await caller.ask("GET", "/api/access/qr.svg", status=422, params={"address": "a.example"})
        return told, drawn

    told, drawn = serve(work)
    assert told == {
        "needs_key": False,
        "has_own_certificate": False,
        "ways": [
            {"address": "http://localhost:8000", "reach": "this_machine", "has_microphone": True}
        ],
    }
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert drawn.content.startswith(b"<?xml")


def test_the_authority_of_its_own_certificate_is_there_where_it_has_one(serve):
    async def work(caller):
        return await caller.ask("GET", "/api/access/authority.pem", status=404)

    assert "auscult serve --https" in serve(work).text

    async def trusting(caller):
        folder = caller.state.settings.tls_dir
        made = certificate_for(folder, (), now=datetime.now(UTC))
        told = await caller.json("GET", "/api/access")
        return made, told, await caller.ask("GET", "/api/access/authority.pem")

    made, told, answer = serve(trusting, https=True)
    assert told["has_own_certificate"] is True
    assert answer.content == made.authority.read_bytes()
    assert b"PRIVATE" not in answer.content
    assert answer.headers["content-type"] == "application/x-x509-ca-cert"
