"""From an empty server to the recording, in steps; any of them may be skipped."""

import re

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from .conftest import has_drawn

RATE_HZ = 44_100


@pytest.fixture(scope="module")
def clap(tmp_path_factory):
    """A quiet room, and a clap every five seconds. A WAV file."""
    rng = np.random.default_rng(0)
    sound = 0.003 * rng.standard_normal(10 * RATE_HZ)
    decay = np.exp(-np.arange(RATE_HZ // 5) / (0.02 * RATE_HZ))
    for at_s in (4, 9):
        sound[at_s * RATE_HZ :][: len(decay)] += 0.4 * decay * rng.standard_normal(len(decay))
    path = tmp_path_factory.mktemp("room") / "clap.wav"
    soundfile.write(path, sound.clip(-1, 1), RATE_HZ, subtype="PCM_16")
    return path


@pytest.fixture
def quiet_browser(browser_with, clap):
    """A browser in that room."""
    flags = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    with browser_with(*flags, f"--use-file-for-fake-audio-capture={clap}") as opened:
        yield opened


def test_the_first_run_leads_to_the_recording(quiet_browser, serve, open_page, tmp_path, axe):
    with serve(tmp_path / "empty") as server:
        page = open_page(quiet_browser, server.url)
        first = page.get_by_test_id("first")
        expect(first.get_by_role("listitem").first).to_have_attribute("aria-current", "step")
        assert axe(page) == []
        page.get_by_role("button", name="Try the microphone").click()
        expect(page.get_by_test_id("level")).to_be_visible()
        expect(page.get_by_test_id("clap")).to_have_text("Clap once.")
        expect(page.get_by_test_id("clap")).to_have_attribute("data-heard", "clap")
        has_drawn(page.get_by_test_id("spectrogram"), 100)
        page.get_by_role("button", name="Go on: record normal sound").click()
        page.get_by_role("button", name="Record 60 seconds").click()
        expect(page.get_by_test_id("progress")).to_have_text(
            re.compile(r"^([2-9]|\d\d) of 60 seconds$")
        )
        assert axe(page) == []
        page.get_by_role("button", name="Cancel").click()
        page.get_by_role("button", name="Skip").click()
        expect(page.get_by_test_id("start")).to_contain_text("Nothing has been learned here yet")
        page.reload()
        expect(page.get_by_test_id("start")).to_be_visible()
        # The simulated machine is one click away here, too: it is learned first, and judges nothing else.
        page.get_by_role("button", name="Hear the demo machine").click()
        verdict = page.get_by_test_id("verdict")
        expect(verdict).to_have_attribute("data-word", "normal")
        expect(page.get_by_role("button", name="Knock")).to_be_visible()
        page.context.close()
        page = open_page(quiet_browser, server.url)
        expect(page.get_by_test_id("first")).to_be_visible()
        expect(page.get_by_role("button", name="Hear the demo machine")).to_be_visible()
        page.context.close()


def test_where_something_was_learned_there_is_no_first_run(browser, server, open_page):
    page = open_page(browser, server.url, language="ja-JP")
    expect(page.get_by_test_id("start")).to_be_visible()
    expect(page.get_by_test_id("first")).to_have_count(0)
