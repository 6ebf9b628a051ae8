"""Events are judged by keyboard, and every judgement can be taken back."""

import pytest
from playwright.sync_api import expect

from .conftest import comes, has_drawn, hold_first, stored_event

SEEDED = [f"01HZX3K7M5Q8V2R4T6W9Y0B{number:03d}" for number in range(3)]


@pytest.fixture(scope="module")
def quiet(serve, tmp_path_factory):
    """A server with three events, to which none are added: it hears nothing."""
    events = [stored_event(number, minutes_ago=50 - 15 * number) for number in range(3)]
    with serve(tmp_path_factory.mktemp("quiet") / "data", events=events) as running:
        yield running


@pytest.fixture
def events(browser, quiet, open_page):
    """The screen, with the three events unjudged."""
    for one in SEEDED:
        quiet.label(one, None)
    return open_page(browser, f"{quiet.url}/events")


def test_keys_judge_and_lead_to_the_next(events, quiet):
    page = events
    rows = page.get_by_test_id("row")
    expect(rows).to_have_count(3)
    expect(page.get_by_test_id("detail")).to_have_attribute("data-id", SEEDED[2])
    page.keyboard.press("j")
    expect(page.get_by_test_id("detail")).to_have_attribute("data-id", SEEDED[1])
    page.keyboard.press("k")
    expect(page.get_by_test_id("detail")).to_have_attribute("data-id", SEEDED[2])
    page.keyboard.press("n")
    expect(page.get_by_test_id("undo")).to_contain_text("Recorded: Normal.")
    expect(rows).to_have_count(2)
    expect(page.get_by_test_id("detail")).to_have_attribute("data-id", SEEDED[1])
    page.keyboard.press("a")
    expect(rows).to_have_count(1)
    page.keyboard.press("s")
    expect(page.get_by_test_id("empty")).to_contain_text("All reviewed")
    comes(lambda: labels(quiet), ["unsure", "anomaly", "normal"])
    page.keyboard.press("u")
    expect(rows).to_have_count(1)
    comes(lambda: labels(quiet), [None, "anomaly", "normal"])
    page.keyboard.press("u")
    page.keyboard.press("u")
    expect(rows).to_have_count(3)
    held = "new KeyboardEvent('keydown', {key: 'n', bubbles: true, repeat: i > 0})"
    page.evaluate(f"for (let i = 0; i < 5; i++) document.body.dispatchEvent({held})")
    expect(rows).to_have_count(2)
    page.keyboard.press("u")
    expect(rows).to_have_count(3)


def labels(server):
    found = {one["id"]: one["label"] for one in server.events()["events"]}
    return [found[one] for one in SEEDED]


def test_what_is_undone_at_once_stays_undone(events, quiet):
    page = events
    answered = []
    page.on("response", lambda one: one.request.method == "PUT" and answered.append(one))
    expect(page.get_by_test_id("row")).to_have_count(3)
    let_go = hold_first(page, "**/label", "PUT")
    page.keyboard.press("n")
    page.keyboard.press("u")
    let_go()
    while len(answered) < 2:
        page.wait_for_timeout(20)
    assert labels(quiet) == [None, None, None]


def test_it_says_why_and_shows_where(events):
    page = events
    expect(page.get_by_test_id("why")).to_have_text("2.8–3.2 kHz: 11 dB louder than usual (2.5 s)")
    picture, band = (page.get_by_test_id(name).bounding_box() for name in ("picture", "band"))
    assert (band["x"] - picture["x"]) / picture["width"] == pytest.approx(2 / 6, abs=0.02)
    assert band["width"] / picture["width"] == pytest.approx(2.5 / 6, abs=0.02)
    has_drawn(page.get_by_test_id("picture").locator("canvas"), 20)
    page.get_by_role("button", name="What is off").click()
    expect(page.get_by_text("≥6")).to_be_visible()
    expect(page.get_by_text("Nearest normal: 03.wav")).to_be_visible()


def test_filters_export_and_help(events):
    page = events
    page.get_by_role("combobox", name="Kind").select_option("clipped")
    expect(page.get_by_test_id("empty")).to_contain_text("Nothing matches.")
    page.get_by_role("button", name="Show all events").click()
    expect(page.get_by_test_id("row").nth(2)).to_be_visible()
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as told:
        page.get_by_role("menuitem", name="CSV").click()
    assert told.value.path().read_text().count("\n") > 3
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Next event")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_word_being_typed_judges_nothing(events):
    page = events
    page.get_by_role("searchbox").fill("")
    page.get_by_role("searchbox").press_sequentially("nana")
    expect(page.get_by_test_id("undo")).to_have_count(0)
