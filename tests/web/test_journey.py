"""From the microphone to the word on the screen, in a real browser against a real server."""

import json
import re
import struct
import threading
import time
from itertools import pairwise

import numpy as np
import soundfile
from playwright.sync_api import expect
from websockets.sync.client import connect

from .conftest import PATIENCE_S, has_drawn

HEADER = struct.Struct("<BBHIQd")
RATE_HZ = 44_100

# Tells when a result was painted, and when the last sample of its window was captured.
PAINTED = """() => {
  window.painted = []
  let last = null
  const look = () => {
    const at = document.querySelector('[data-testid=ratio]')?.dataset.capturedMs
    if (at && at !== last) {
      last = at
      requestAnimationFrame(() => setTimeout(() => window.painted.push(Date.now() - Number(at)), 0))
    }
  }
  new MutationObserver(look).observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true})
}"""


class Tap(threading.Thread):
    """A viewer that keeps the sound that the server got."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.url = f"ws://localhost:{server.port}/ws/events"
        self.is_over = threading.Event()
        self.rates = {}
        self.frames = []
        self.came_s = []

    def run(self):
        stream = None
        with connect(self.url, max_size=2**22, open_timeout=PATIENCE_S) as socket:
            socket.send(json.dumps({"type": "watch", "v": 1, "stream": "*", "audio": True}))
            while not self.is_over.is_set():
                try:
                    message = socket.recv(timeout=0.2)
                except TimeoutError:
                    continue
                if isinstance(message, str):
                    told = json.loads(message)
                    if told["type"] == "audio":
                        stream = told["stream"]
                        self.rates[stream] = told["sample_rate"]
                # Sound of other streams comes in between; only a microphone sends at this rate.
                elif self.rates.get(stream) == RATE_HZ:
                    header = HEADER.unpack(message[: HEADER.size])
                    self.came_s.append(time.monotonic())
                    self.frames.append((header[4], np.frombuffer(message[HEADER.size :], "<i2")))

    def stop(self):
        self.is_over.set()
        self.join(PATIENCE_S)

    def wait_for(self, seconds, page):
        """Until so much sound has come; the page goes on meanwhile."""
        end = time.monotonic() + seconds + PATIENCE_S
        while sum(len(samples) for _, samples in self.frames) < seconds * RATE_HZ:
            assert time.monotonic() < end, "the sound does not come"
            page.wait_for_timeout(100)


def aligned(heard, original):
    """Where in the original the sound that was heard begins, by correlation."""
    probe = heard[:RATE_HZ].astype(float)
    n = len(original) + len(probe)
    spectrum = np.fft.rfft(original.astype(float), n) * np.conj(np.fft.rfft(probe, n))
    return int(np.argmax(np.fft.irfft(spectrum, n)[: len(original)]))


def test_what_the_microphone_hears_is_on_the_screen(browser, server, open_page):
    known = {one["id"] for one in server.events(limit=200)["events"]}
    page = open_page(browser, server.url, language="ja-JP")
    page.get_by_role("button", name="マイクで監視を始める").click()
    page.evaluate(PAINTED)
    verdict = page.get_by_test_id("verdict")
    expect(verdict).to_contain_text("正常")
    expect(page.get_by_test_id("connection")).to_have_text("接続中")

    # The knock comes after 14 s of the file; the window that holds it ends at most two seconds later.
    expect(verdict.get_by_role("status")).to_have_text("異常")
    expect(page).to_have_title("異常 – Auscult")
    expect(page.get_by_test_id("reason")).to_contain_text("kHz")
    told = page.get_by_test_id("recent").get_by_role("listitem")
    expect(told.filter(has_text="普段と違う音").first).to_be_visible()
    # What the page shows is stored; of the simulated machine there may be others.
    events = server.events(limit=200)["events"]
    heard = [one for one in events if one["id"] not in known and one["stream"] != "demo"]
    # Where the pretended microphone skips, its rate is told as wrong, and rightly.
    assert {one["kind"] for one in heard} - {"wrong_rate"} == {"anomaly"}
    page.wait_for_function("window.painted.length >= 8")
    # Twice the goal, by half of them: other programs share these cores, and hold up some. bench/ measures it alone.
    late_ms = page.evaluate("window.painted")
    assert np.median(late_ms) <= 200, late_ms


def test_the_server_gets_the_sound_of_the_microphone(browser, server, open_page, microphone):
    """Sample by sample, most seconds of it: the browser's pretended microphone itself skips when the machine is busy."""
    original = soundfile.read(microphone, dtype="int16")[0]
    for _ in range(4):
        tap = Tap(server)
        tap.start()
        page = open_page(browser, server.url, language="ja-JP")
        page.get_by_role("button", name="マイクで監視を始める").click()
        tap.wait_for(11, page)
        page.get_by_role("button", name="監視を停止").click()
        tap.stop()
        assert all(b == a + len(x) for (a, x), (b, _) in pairwise(tap.frames)), "gaps"
        likeness = correlations(np.concatenate([x for _, x in tap.frames]), original)
        if np.median(likeness) >= 0.999:
            return
    raise AssertionError(f"seconds are like the microphone's by {np.round(likeness, 3)} only")


def correlations(heard, original):
    """How like the original each second is, wherever in it that second lies; the file begins anew at its end."""
    assert len(heard) > 8 * RATE_HZ
    endless = np.concatenate([original, original[:RATE_HZ]])
    seconds = heard[: len(heard) // RATE_HZ * RATE_HZ].reshape(-1, RATE_HZ)
    places = [aligned(one, endless) for one in seconds]
    return [
        np.corrcoef(one, endless[at : at + RATE_HZ])[0, 1]
        for one, at in zip(seconds, places, strict=True)
        if at + RATE_HZ <= len(endless)
    ]


def test_a_fault_of_the_simulated_machine_is_shown(browser, server, open_page):
    page = open_page(browser, server.url)
    page.get_by_role("button", name="Hear the demo machine").click()
    verdict = page.get_by_test_id("verdict")
    expect(verdict).to_have_attribute("data-word", "normal")
    page.get_by_role("button", name="Knock").click()
    expect(verdict.get_by_role("status")).to_have_text("Anomaly")
    page.get_by_role("button", name="Mend it").click()
    expect(page.get_by_role("button", name="Mend it")).to_be_disabled()

    has_drawn(page.get_by_test_id("spectrogram"), 100)
    page.get_by_role("button", name="Waveform").click()
    page.get_by_role("button", name="Spectrum").click()
    page.get_by_role("button", name="Table").click()
    # The newest are of the machine that was mended meanwhile.
    expect(page.get_by_role("row").filter(has_text="Anomaly").first).to_be_visible()
    has_drawn(page.get_by_test_id("waveform"), 1)
    has_drawn(page.get_by_test_id("spectrum"), 1)


def test_the_limit_says_what_it_would_have_done(browser, server, open_page):
    page = open_page(browser, server.url)
    page.get_by_role("button", name="Hear the demo machine").click()
    slider = page.get_by_role("slider", name="Limit")
    told = re.compile(r"1\.00, events in the past hour: \d+")
    expect(slider).to_have_attribute("aria-valuetext", told)
    slider.focus()
    for _ in range(4):
        page.keyboard.press("PageUp")
    expect(slider).to_have_attribute("aria-valuenow", "3")
    expect(page.get_by_test_id("would")).to_contain_text("At 3.00 × the limit")
    page.get_by_role("button", name="Back to 1.00").click()
    expect(slider).to_have_attribute("aria-valuenow", "1")
    box = slider.bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 10, box["y"] - 20, steps=4)
    page.mouse.up()
    expect(slider).to_have_attribute("aria-valuenow", re.compile(r"^(1\.[2-9]|[2-9])"))


def test_pause_mute_and_stop(browser, server, open_page):
    page = open_page(browser, server.url)
    page.get_by_role("button", name="Hear the demo machine").click()
    verdict = page.get_by_test_id("verdict")
    expect(verdict).to_have_attribute("data-word", "normal")
    page.get_by_role("button", name="Mute").click()
    page.get_by_role("menuitem", name="For 15 minutes").click()
    expect(page.get_by_role("button", name="Muted: 15 min left")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(verdict.get_by_role("status")).to_have_text("Paused")
    page.get_by_role("button", name="Go on").click()
    expect(verdict).to_have_attribute("data-word", "normal")
    page.reload()
    expect(verdict).to_have_attribute("data-word", "normal")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_test_id("start")).to_be_visible()


def test_a_busy_page_delays_nothing(browser, server, open_page):
    page = open_page(browser, server.url)
    page.get_by_role("button", name="Listen with this microphone").click()
    expect(page.get_by_test_id("ratio")).to_be_visible()
    tap = Tap(server)
    tap.start()
    page.evaluate(
        """() => {
          window.times = 0
          setInterval(() => { window.times++; const end = Date.now() + 600; while (Date.now() < end); }, 1000)
        }"""
    )
    tap.wait_for(6, page)
    times = page.evaluate("window.times")
    tap.stop()
    starts = [first for first, _ in tap.frames]
    assert all(b - a == 2048 for a, b in pairwise(starts))
    # Sent by the page itself, nothing would come for 600 ms of each second, and then all of it.
    waits_s = np.diff(tap.came_s)
    assert np.sum(waits_s > 0.5) < times / 2, (times, sorted(waits_s)[-10:])
