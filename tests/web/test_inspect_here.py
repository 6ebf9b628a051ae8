"""A file that is judged in the browser: it is not sent, and the server's numbers stand beside its own if asked for."""

import pytest
import soundfile
from playwright.sync_api import expect

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def recording(faulty, tmp_path_factory):
    """Ten seconds with a whistle from 4 to 6 s, on two channels."""
    path = tmp_path_factory.mktemp("recordings") / "odd.wav"
    samples = faulty(5, start_s=4.0, end_s=6.0)
    soundfile.write(path, samples[:, None].repeat(2, axis=1), RATE_HZ)
    return path


def test_a_file_is_judged_in_the_browser_and_compared(browser, server, open_page, recording, axe):
    page = open_page(browser, f"{server.url}/inspect")
    sent = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    page.get_by_role("switch", name="In this browser only").check()
    page.locator("input[type=file]").set_input_files(recording)
    expect(page.get_by_test_id("word")).to_have_text("Anomaly")
    expect(page.get_by_test_id("bars").locator("[data-state=anomaly]").first).to_be_visible()
    assert sent == []
    page.get_by_role("button", name="Send it to the server, too, and compare").click()
    both = page.get_by_test_id("both")
    expect(both).to_be_visible()
    assert float(both.get_attribute("data-difference")) <= 1e-4
    expect(both.get_by_text("Anomaly")).to_have_count(2)
    assert axe(page) == []


def test_what_the_browser_can_not_decode_is_told(browser, server, open_page, tmp_path):
    page = open_page(browser, f"{server.url}/inspect")
    page.get_by_role("switch", name="In this browser only").check()
    text = tmp_path / "notes.wav"
    text.write_text("This is a list of things to buy.")
    page.locator("input[type=file]").set_input_files(text)
    expect(page.get_by_role("alert")).to_contain_text("This browser cannot decode the file")
    short = tmp_path / "short.wav"
    soundfile.write(short, [0.1] * 1000, RATE_HZ)
    page.locator("input[type=file]").set_input_files(short)
    expect(page.get_by_role("alert")).to_contain_text("At least 0.50 s are needed")
