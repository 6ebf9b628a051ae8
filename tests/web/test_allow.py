"""It was normal: what that changes is shown first, then it is no alarm any more, and it can be undone."""

import pytest
import soundfile
from playwright.sync_api import expect

from .conftest import stored_event

RATE_HZ = 16000


@pytest.fixture
def running(serve, bundle_file, faulty, tmp_path):
    """A server that keeps sound, with two doors, the first of them called real, and one event without sound."""
    folder = tmp_path / "data" / "clips"
    folder.mkdir(parents=True)
    events = [stored_event(0, minutes_ago=50)]
    for number, label in ((1, "anomaly"), (2, None)):
        samples = faulty(100 + number, 20.0, start_s=8.0, end_s=12.0)
        soundfile.write(folder / f"{number}.wav", samples, RATE_HZ)
        minutes_ago = 50 - 10 * number
        events.append(
            stored_event(number, minutes_ago=minutes_ago, clip=f"{number}.wav", label=label)
        )
    options = ("--bundle", str(bundle_file), "--store-clips")
    with serve(tmp_path / "data", *options, events=events) as server:
        yield server


def bundles(server):
    return server.ask("/api/bundles")


def test_one_button_and_it_is_never_told_again(running, browser, open_page):
    judged = stored_event(2, minutes_ago=0).id
    running.label(judged, "unsure")
    page = open_page(browser, f"{running.url}/events/{judged}")
    before = bundles(running)["active"]
    box = page.get_by_test_id("allow")
    box.get_by_role("button", name="Do not tell me of this sound again").click()
    expect(box).to_contain_text("Of 1 other events, 1 would not have been told.")
    expect(box).to_contain_text("Real ones among them: 1.")
    assert bundles(running)["active"] == before
    # The same by keys: one asks, another leaves.
    page.keyboard.press("Escape")
    expect(box).to_contain_text("this sound will come again?")
    page.keyboard.press("m")
    expect(box).to_contain_text("Of 1 other events")
    box.get_by_role("button", name="Leave it").click()
    expect(box).to_contain_text("this sound will come again?")
    page.keyboard.press("m")
    expect(box.get_by_role("button", name="Allow this sound")).to_be_focused()
    page.keyboard.press("Enter")
    expect(box).to_contain_text("no limit has moved")
    assert bundles(running)["active"] != before
    box.get_by_role("button", name="Undo").click()
    expect(box).to_contain_text("this sound will come again?")
    assert bundles(running)["active"] == before
    # What had been said of it is said again.
    labels = {one["id"][-1]: one["label"] for one in running.events()["events"]}
    assert labels == {"0": None, "1": "anomaly", "2": "unsure"}


def test_where_no_sound_is_kept_it_is_not_offered(running, browser, open_page):
    page = open_page(browser, f"{running.url}/events")
    expect(page.get_by_test_id("allow")).to_have_count(1)
    page.get_by_test_id("row").last.click()
    expect(page.get_by_text("No sound of this event was kept")).to_be_visible()
    expect(page.get_by_test_id("allow")).to_have_count(0)


def test_an_undo_that_is_refused_says_why(running, browser, open_page):
    page = open_page(browser, f"{running.url}/events", may_fail=True)
    box = page.get_by_test_id("allow")
    box.get_by_role("button", name="Do not tell me of this sound again").click()
    box.get_by_role("button", name="Allow this sound").click()
    expect(box).to_contain_text("no limit has moved")
    # Meanwhile somebody else undoes it.
    running.ask("/api/bundles/rollback", "POST", params={"of": bundles(running)["active"]})
    box.get_by_role("button", name="Undo").click()
    expect(box.get_by_role("alert")).to_contain_text("judges in the place of no other")
    expect(box.get_by_role("button", name="Undo")).to_be_visible()
