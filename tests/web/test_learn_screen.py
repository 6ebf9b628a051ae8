"""A minute of normal sound becomes a bundle that listens."""

from playwright.sync_api import expect


def test_one_minute_of_sound_is_learned(browser, serve, open_page, tmp_path):
    with serve(tmp_path / "learn") as server:
        page = open_page(browser, f"{server.url}/learn")
        page.get_by_role("textbox", name="Name").fill("Pump A")
        page.get_by_role("button", name="Record 60 seconds").click()
        expect(page.get_by_test_id("progress")).to_have_text("5 of 60 seconds", timeout=15_000)
        expect(
            page.get_by_role("list", name="Recorded seconds").get_by_role("listitem")
        ).to_have_count(5)
        expect(page.get_by_text("good: 5")).to_be_visible()
        learned = page.get_by_test_id("learned")
        expect(learned).to_contain_text("Pump A was learned from 60 s of sound.", timeout=90_000)
        page.get_by_role("button", name="Listen with this model").click()
        expect(page.get_by_test_id("start")).to_be_visible()
        expect(page.get_by_role("button", name="Listen with this microphone")).to_be_visible()
        page.context.close()
