"""On a wall: the word alone, as large as the screen, and what colour that is."""

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize("phone", [False, True])
def test_the_word_fills_the_screen(server, browser, open_page, phone):
    page = open_page(browser, f"{server.url}/?kiosk", phone=phone)
    page.get_by_role("button", name="Hear the demo machine").click()
    kiosk = page.get_by_test_id("kiosk")
    expect(kiosk).to_have_attribute("data-tone", "ok")
    expect(kiosk.get_by_role("status").first).to_have_text("Normal")
    size = page.viewport_size
    box = kiosk.bounding_box()
    assert (box["x"], box["y"]) == (0, 0)
    assert (box["width"], box["height"]) == (size["width"], size["height"])
    assert kiosk.get_by_role("status").first.bounding_box()["height"] > (40 if phone else 80)
    kiosk.get_by_role("link", name="Show the whole page").click()
    expect(page.get_by_test_id("kiosk")).to_have_count(0)
    expect(page.get_by_test_id("verdict")).to_be_visible()
