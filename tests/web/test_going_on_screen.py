"""What a model has learned on while it listened is told, undone and gone on with."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

from auscult.live.clock import SystemClock
from auscult.live.store import EventStore
from auscult.memory.trace import ears_of
from auscult.server.bundles import Bundles
from auscult.server.going_on import GoingOn
from auscult.server.settings import Settings


@pytest.fixture
def listened(tmp_path, minute_bundle, calm_of):
    """The data of a server where a model has made one version of itself."""
    settings = Settings(data_dir=tmp_path / "data")
    settings.data_dir.mkdir(mode=0o700)
    clock = SystemClock()
    bundles = Bundles(settings.bundles_dir)
    store = EventStore(settings.store_path, clock=clock)

    async def work():
        folder = settings.data_dir / "going-on"
        going_on = GoingOn(folder, bundles=bundles, store=store, clock=clock)
        first = bundles.add_bytes(minute_bundle.to_bytes(), name="Fan A")
        await going_on.begin(first.id)
        for one in calm_of(minute_bundle):
            going_on.hear(
                one, bundle=minute_bundle, bundle_id=first.id, ears=ears_of(minute_bundle)
            )
        await going_on.look()

    # In a thread of its own: the browser has a loop in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(work())).result()
    store.close()
    return settings.data_dir


def test_it_is_told_what_was_heard_and_any_version_is_undone(
    browser, serve, open_page, axe, listened
):
    with serve(listened) as server:
        page = open_page(browser, f"{server.url}/bundles")
        told = page.get_by_test_id("going-on").first
        expect(told).to_contain_text("Heard 11 min of calm sound so far.")
        expect(told).to_contain_text("At most about 393 false alarms a day (95 %).")
        expect(told).to_contain_text("The next version comes after 11 min more.")
        expect(page.get_by_test_id("bundle")).to_have_count(1)
        page.get_by_label("Show earlier versions, too: 1").check()
        expect(page.get_by_test_id("bundle")).to_have_count(2)
        told.get_by_text("Versions made while listening: 1").click()
        expect(told.get_by_role("listitem")).to_contain_text("from 11 min (judges now)")
        assert axe(page) == []
        told.get_by_role("button", name="Undo the last version").click()
        expect(told).to_contain_text("Too early to promise anything. It does not learn on.")
        expect(told.get_by_role("button", name="Undo the last version")).to_have_count(0)
        told.get_by_role("button", name="Learn on").click()
        expect(told).to_contain_text("The next version comes after 9 min more.")
        # What was undone is a model as any other now, which nobody has wanted to learn on.
        other = page.get_by_test_id("going-on").nth(1)
        expect(other).to_contain_text("It does not learn on.")
        assert axe(page) == []
        other.get_by_role("button", name="Learn on").click()
        expect(other).to_contain_text("Heard 11 min of calm sound so far.")
        page.goto(f"{server.url}/settings#sensitivity")
        switch = page.get_by_role("switch", name="Learn on while listening")
        switch.uncheck()
        expect(switch).not_to_be_checked()
        assert axe(page) == []
        page.context.close()
