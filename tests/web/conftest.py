"""The page in a real browser, served by a real server; the microphone is a file."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile
import soxr

from auscult.live.clock import SystemClock
from auscult.live.store import EventStore, StoredEvent
from auscult.server.pages import Page, built_page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(__file__).resolve().parents[2] / "web/node_modules/axe-core/axe.min.js"
MIC_RATE_HZ = 44_100
IMPACT_S = 14.0
MIC_S = 40.0

# How long anything may take, on a machine with more to do: whatever is waited for is there as soon as it is there.
PATIENCE_S = 60.0

FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--autoplay-policy=no-user-gesture-required",
    "--host-resolver-rules=MAP machine.test 127.0.0.1",
]
GRANTED = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]


def pytest_collection_modifyitems(items):
    """Say why these are skipped, where they are; and give a second try, which is told at the end.

    The microphone that Chromium pretends to have is a timer of its own: on a busy machine it skips, for seconds. What is tested here bears it,
    and says so; what a test wants to see may need sound that is whole.
    """
    reason = None
    if CHROMIUM is None:
        reason = "there is no chromium here: apt-get install chromium fonts-noto-cjk"
    elif not Page(built_page()).is_built:
        reason = "the page is not built: make web"
    here = Path(__file__).parent
    for item in items:
        if here not in item.path.parents:
            continue
        item.add_marker(pytest.mark.flaky(reruns=1))
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))


def impact(seconds=0.05):
    """A loud knock: noise from 2 to 4 kHz that dies away."""
    time_s = np.arange(round(seconds * MIC_RATE_HZ)) / MIC_RATE_HZ
    tones = [np.sin(2 * np.pi * hz * time_s) for hz in (2200, 2750, 3300, 3700)]
    return 0.5 * np.exp(-time_s / 0.012) * np.mean(tones, axis=0)


def normal_sound(machine, seed, seconds):
    """The machine of the tests at the rate of a microphone."""
    return soxr.resample(machine(seed, seconds), 16_000, MIC_RATE_HZ)


@pytest.fixture(scope="session")
def knocking(machine, tmp_path_factory):
    """A function from a length, and when there are knocks, to what a microphone hears: a machine, and the knocks. A WAV file."""

    def made(seconds, *knocks_s, louder=1.0):
        sound = normal_sound(machine, 77, seconds)
        knock = louder * impact()
        for knock_s in knocks_s:
            at = round(knock_s * MIC_RATE_HZ)
            sound[at : at + len(knock)] += knock
        path = tmp_path_factory.mktemp("microphone") / "machine.wav"
        soundfile.write(path, sound, MIC_RATE_HZ, subtype="PCM_16")
        return path

    return made


@pytest.fixture(scope="session")
def microphone(knocking):
    """What the microphone hears: a machine, and one knock after 14 s. A WAV file."""
    return knocking(MIC_S, IMPACT_S)


@pytest.fixture(scope="session")
def silence(tmp_path_factory):
    """A microphone that is switched off: zeros. A WAV file."""
    path = tmp_path_factory.mktemp("silence") / "silence.wav"
    soundfile.write(path, np.zeros(10 * MIC_RATE_HZ), MIC_RATE_HZ, subtype="PCM_16")
    return path


def stored_event(number, *, minutes_ago, **changes):
    """An event with a picture: three seconds of a whistle between 2.8 and 3.2 kHz."""
    begun_at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    bands_hz = [round(float(hz), 1) for hz in np.geomspace(100, 7000, 48)]
    level_db = np.full((60, 48), -70.0) - np.arange(48) / 4
    inside = (np.array(bands_hz) > 2800) & (np.array(bands_hz) < 3200)
    off = np.full((60, 48), 0.6)
    level_db[20:45, inside] = -35.0
    off[20:45, inside] = 5.0
    explanation = {
        "low_hz": 2800.0,
        "high_hz": 3200.0,
        "start_s": 12.0,
        "end_s": 14.5,
        "text": "12.0-14.5 s, 2.8 kHz-3.2 kHz: brighter than normal, 11 dB more there.",
        "kinds": ["brighter"],
        "change_db": 11.2,
        "level_change_db": 4.0,
        "nearest": {"recording": "03.wav", "start_s": 0.0, "end_s": 10.0, "distance": 2.4},
    }
    given = {
        "id": f"01HZX3K7M5Q8V2R4T6W9Y0B{number:03d}",
        "stream": "mic-1",
        "stream_name": "Pump room",
        "kind": "anomaly",
        "status": "ended",
        "begun_at": begun_at,
        "ended_at": begun_at + timedelta(seconds=3),
        "start_s": 12.0,
        "end_s": 15.0,
        "peak_s": 13.0,
        "peak_ratio": 1.86,
        "limit": 1.2,
        "rule": "sustained",
        "windows": 3,
        "bundle": "machine",
        "bundle_id": "000000000000",
        "explanation": explanation,
        "evidence": {
            "bands_hz": bands_hz,
            "start_s": 10.0,
            "hop_s": 0.1,
            "level_db": level_db.round(1).tolist(),
            "anomaly_map": off.tolist(),
        },
    }
    return StoredEvent(**(given | changes))


@dataclass
class Served:
    """A server in a process of its own, which can be stopped and started again."""

    data_dir: Path
    options: list[str] = field(default_factory=list)
    port: int = 0
    process: subprocess.Popen | None = None

    @property
    def url(self):
        """Where its page is."""
        return f"http://localhost:{self.port}"

    def start(self):
        """Until it answers."""
        command = [sys.executable, "-m", "auscult", "serve", "--json", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [*command, "--data-dir", str(self.data_dir), *self.options],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1", "AUSCULT_DEMO_MINUTES": "4"},
        )
        told = self.process.stdout.readline()
        assert told, "the server did not start"
        self.port = json.loads(told)["port"]

    def stop(self):
        """In order."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=PATIENCE_S)
        self.process.stdout.close()
        self.process = None

    def ask(self, path, method="GET", **what):
        """What it answers, beside the page."""
        told = httpx.request(method, f"{self.url}{path}", timeout=PATIENCE_S, **what)
        return told.raise_for_status().json()

    def events(self, **query):
        """What it has stored."""
        return self.ask("/api/events", params=query)

    def label(self, event_id, label):
        """As the page would do it."""
        self.ask(f"/api/events/{event_id}/label", "PUT", json={"label": label})


def comes(ask, wanted):
    """Check that this is the answer, now or soon: pages show what is chosen before the server has stored it."""
    end = time.monotonic() + PATIENCE_S
    while (found := ask()) != wanted and time.monotonic() < end:
        time.sleep(0.05)
    assert found == wanted


def hold_first(page, address, method):
    """Keep back the first such request of a page; what is given lets it go, once it has come."""
    held = []

    def take(route):
        if route.request.method == method and not held:
            held.append(route)
        else:
            route.continue_()

    def let_go():
        while not held:
            page.wait_for_timeout(20)
        page.wait_for_timeout(300)  # what overtakes it has done so
        held[0].continue_()
        page.unroute(address, take)

    page.route(address, take)
    return let_go


# Waits until the page is kept for when the server is away, and gives the addresses of what is.
KEPT = """async () => {
  const registration = await navigator.serviceWorker.ready
  while (!navigator.serviceWorker.controller) await new Promise((resolve) => setTimeout(resolve, 50))
  const found = []
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) found.push(new URL(request.url).pathname)
  return found
}"""

COLOURS = """canvas => {
  const copy = new OffscreenCanvas(Math.max(1, canvas.width), Math.max(1, canvas.height)).getContext('2d')
  copy.drawImage(canvas, 0, 0)
  return new Set(copy.getImageData(0, 0, canvas.width, canvas.height).data).size
}"""


def has_drawn(canvas, more_than):
    """Check that a picture holds more different bytes than these, now or soon: one that is blank has few."""
    end = time.monotonic() + PATIENCE_S
    while (found := canvas.evaluate(COLOURS)) <= more_than and time.monotonic() < end:
        canvas.page.wait_for_timeout(50)
    assert found > more_than


@contextmanager
def served(data_dir, *options, events=()):
    """A server for a while, with these events in its store."""
    data_dir.mkdir(parents=True, exist_ok=True)
    if events:
        store = EventStore(data_dir / "events.sqlite", clock=SystemClock())
        for event in events:
            store.add(event)
        store.close()
    server = Served(data_dir, list(options))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def serve():
    """The context manager `served`."""
    return served


@pytest.fixture(scope="session")
def server(bundle_file, tmp_path_factory):
    """A server with a bundle, the simulated machine and three events."""
    events = [stored_event(number, minutes_ago=50 - 15 * number) for number in range(3)]
    options = ["--bundle", str(bundle_file), "--demo", "--allow-host", "machine.test"]
    with served(tmp_path_factory.mktemp("server") / "data", *options, events=events) as running:
        yield running


@pytest.fixture(scope="session")
def playwright():
    """The driver."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=1000 * PATIENCE_S)
    with sync_playwright() as driver:
        yield driver


@contextmanager
def launched(driver, *flags):
    """A browser for a while."""
    browser = driver.chromium.launch(
        executable_path=CHROMIUM, args=[*FLAGS, *flags], timeout=1000 * PATIENCE_S
    )
    try:
        yield browser
    finally:
        browser.close()


@pytest.fixture
def browser_with(playwright):
    """A context manager: a browser with more flags."""
    return lambda *flags: launched(playwright, *flags)


@pytest.fixture(scope="module")
def browser(playwright, microphone):
    """A browser whose microphone hears the file, from its beginning for each module."""
    with launched(
        playwright, *GRANTED, f"--use-file-for-fake-audio-capture={microphone}"
    ) as opened:
        yield opened


@dataclass
class Watched:
    """A page, and what went wrong on it."""

    page: object
    troubles: list[str]


@pytest.fixture
def open_page():
    """A function that opens a page; at the end nothing may have gone wrong on any of them."""
    opened = []

    def open_one(browser, url, *, language="en-US", dark=True, phone=False, may_fail=False, **more):
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 800}
        context = browser.new_context(
            locale=language,
            color_scheme="dark" if dark else "light",
            viewport=size,
            **more,
        )
        context.set_default_timeout(1000 * PATIENCE_S)
        page = context.new_page()
        troubles = []
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        origin = "/".join(url.split("/")[:3])
        page.on("request", lambda request: _note_foreign(request, origin, troubles))
        if not may_fail:
            page.on("console", lambda message: _note_console(message, troubles))
        opened.append((context, troubles))
        page.goto(url)
        return page

    yield open_one
    for context, troubles in opened:
        for page in context.pages:
            page.unroute_all(behavior="ignoreErrors")
        context.close()
        assert troubles == []


def _note_console(message, troubles):
    if message.type in ("error", "warning"):
        troubles.append(f"{message.type}: {message.text}")


def _note_foreign(request, origin, troubles):
    is_ours = request.url.startswith((origin, "blob:", "data:", origin.replace("http", "ws", 1)))
    if not is_ours:
        troubles.append(f"asked {request.url}")


@pytest.fixture(scope="session")
def axe():
    """A function from a page to what its checks for accessibility find."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: make web")
    script = AXE.read_text(encoding="utf8")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

    def found(page):
        page.evaluate(script)
        # A colour on its way from one to another is neither.
        run = """async tags => {
          const ending = one => Number.isFinite(one.effect.getComputedTiming().endTime)
          await Promise.allSettled(document.getAnimations().filter(ending).map(one => one.finished))
          return axe.run(document, { runOnly: { type: 'tag', values: tags } })
        }"""
        violations = page.evaluate(run, tags)["violations"]
        return [f"{one['id']}: {node['html'][:160]}" for one in violations for node in one["nodes"]]

    return found
