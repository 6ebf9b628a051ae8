"""Nothing stands in anyone's way: every screen passes its checks in each language, theme and size."""

import io

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

# Pairwise: every two of language, theme and size meet at least once.
LOOKS = [
    ("ja-JP", True, False),
    ("ja-JP", False, True),
    ("en-US", True, True),
    ("en-US", False, False),
]


def a_hiss():
    """A recording, as the browser is given it."""
    file = io.BytesIO()
    samples = 0.01 * np.random.default_rng(0).standard_normal(3 * 16_000)
    soundfile.write(file, samples, 16_000, format="WAV")
    return {"name": "hiss.wav", "mimeType": "audio/wav", "buffer": file.getvalue()}


@pytest.mark.parametrize("look", LOOKS)
def test_every_screen(browser, server, open_page, axe, look):
    language, dark, phone = look
    words = {"ja-JP": ("デモ音で試す", "設定"), "en-US": ("Hear the demo machine", "Settings")}
    demo, settings = words[language]
    page = open_page(browser, server.url, language=language, dark=dark, phone=phone)
    expect(page.get_by_role("button", name=demo)).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name=settings).click()
    expect(page.get_by_role("menu")).to_be_visible()
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name=demo).click()
    expect(page.get_by_test_id("ratio")).to_be_visible()
    assert axe(page) == []
    assert_fits(page)
    for path in ("events", "learn", "bundles", "settings", "local", "inspect"):
        page.goto(f"{server.url}/{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert axe(page) == []
        assert_fits(page)
    page.locator("input[type=file]").set_input_files(a_hiss())
    expect(page.get_by_test_id("inspection")).to_be_visible()
    assert axe(page) == []
    assert_fits(page)


def assert_fits(page):
    """Nothing is wider than the screen, and no control is narrower than its words."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")
    cut = page.evaluate(
        """() => [...document.querySelectorAll('button, a, select, kbd')]
          .filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1 && getComputedStyle(e).display !== 'inline')
          .map(e => e.outerHTML.slice(0, 120))"""
    )
    assert cut == []


def test_an_alarm_and_its_table(browser, server, open_page, axe):
    page = open_page(browser, server.url)
    page.get_by_role("button", name="Hear the demo machine").click()
    page.get_by_role("button", name="Table").click()
    page.get_by_role("button", name="Knock").click()
    expect(page.get_by_test_id("verdict")).to_have_attribute("data-word", "anomaly")
    assert axe(page) == []
    server.ask("/api/demo/fault", "DELETE")


def test_without_motion_pictures_stand_still_for_a_second(browser, server, open_page):
    page = open_page(browser, server.url, reduced_motion="reduce")
    page.get_by_role("button", name="Hear the demo machine").click()
    expect(page.get_by_test_id("spectrogram")).to_be_visible()
    draws_per_s = page.evaluate(
        """() => new Promise(done => {
          let count = 0
          let begun = null
          const own = CanvasRenderingContext2D.prototype.fillRect
          CanvasRenderingContext2D.prototype.fillRect = function (...all) {
            if (this.canvas.dataset.testid === 'spectrogram' && all[0] === 0 && all[1] === 0) {
              begun ??= performance.now()
              const pastS = (performance.now() - begun) / 1000
              if (++count >= 3 && pastS >= 3) done(count / pastS)
            }
            return own.apply(this, all)
          }
        })"""
    )
    # With motion it is one for each frame of the screen.
    assert draws_per_s <= 3
