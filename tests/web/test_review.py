"""A morning's twenty events are reviewed without touching the mouse."""

import pytest
from playwright.sync_api import expect

from .conftest import stored_event

MANY = 20
KEYS = {"n": "normal", "a": "anomaly", "s": "unsure"}


@pytest.fixture
def running(serve, bundle_file, tmp_path):
    """A server with twenty events that nobody has judged."""
    events = [stored_event(number, minutes_ago=200 - 9 * number) for number in range(MANY)]
    with serve(tmp_path / "data", "--bundle", str(bundle_file), events=events) as server:
        yield server


def labels(server):
    return {one["id"]: one["label"] for one in server.events(limit=200)["events"]}


def test_twenty_events_are_reviewed_by_keyboard(running, browser, open_page):
    page = open_page(browser, f"{running.url}/events")
    newest_first = [stored_event(number, minutes_ago=0).id for number in reversed(range(MANY))]
    detail, rows = page.get_by_test_id("detail"), page.get_by_test_id("row")
    expect(rows).to_have_count(MANY)
    expected = {}
    for place, event in enumerate(newest_first):
        expect(detail).to_have_attribute("data-id", event)
        key = list(KEYS)[place % len(KEYS)]
        with page.expect_response(lambda told, of=event: told.url.endswith(f"{of}/label")):
            page.keyboard.press(key)
        expected[event] = KEYS[key]
    expect(page.get_by_test_id("empty")).to_contain_text("All reviewed")
    assert labels(running) == expected
    for left, event in enumerate(newest_first[:-4:-1], start=1):
        with page.expect_response(lambda told, of=event: told.url.endswith(f"{of}/label")):
            page.keyboard.press("u")
        expected[event] = None
        expect(rows).to_have_count(left)
    assert labels(running) == expected
