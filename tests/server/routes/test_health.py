"""How the server is, and what a page has to know of it."""

from prometheus_client.parser import text_string_to_metric_families

from auscult import __version__
from auscult.errors import StoreError


def test_a_server_without_a_bundle_says_so(serve):
    async def work(caller):
        return await caller.json("GET", "/api/health")

    health = serve(work)
    assert (health["status"], health["reasons"], health["bundle"]) == ("no_model", [], None)
    assert health["version"] == __version__
    assert health["store"] == {"ok": True, "events": 0, "waiting": None}
    assert health["queue"] == {"waiting": 0, "scored": 0, "dropped": {}}
    assert health["streams"] == 0


def test_a_server_with_a_bundle_is_well(serve, bundle_file, event):
    async def work(caller):
        caller.state.store.add(event(0))
        return await caller.json("GET", "/api/health")

    health = serve(work, bundles=(bundle_file,))
    assert health["status"] == "ok"
    assert health["bundle"]["name"] == "machine"
    assert health["store"]["events"] == 1


def test_what_is_wrong_is_told_in_codes(serve, monkeypatch):
    async def work(caller):
        state = caller.state
        state.lag.add(9.0)

        def broken():
            raise StoreError("The disk is gone.")

        monkeypatch.setattr(state.store, "count", broken)
        return await caller.json("GET", "/api/health")

    health = serve(work)
    assert health["status"] == "degraded"
    assert health["reasons"] == ["store", "slow_loop"]
    assert health["store"]["ok"] is False


def test_the_page_learns_what_it_has_to_know(serve):
    async def work(caller):
        return await caller.json("GET", "/api/config")

    config = serve(work)
    assert config["auth_required"] is False
    assert config["legacy_ws"] is True
    assert config["demo"] is False
    assert config["storing_clips"] is False
    assert config["languages"] == ["ja", "en"]
    assert config["limits"]["max_upload_bytes"] == 64 * 2**20
    assert serve(work, store_clips=True)["storing_clips"] is True


def test_prometheus_can_read_the_counters(serve):
    async def work(caller):
        return await caller.ask("GET", "/metrics")

    answer = serve(work)
    assert answer.headers["content-type"].startswith("text/plain")
    families = {family.name for family in text_string_to_metric_families(answer.text)}
    assert {
        "auscult_streams",
        "auscult_windows_scored",
        "auscult_store_ok",
    } <= families
