"""What a person says of an event without its sound: what it really was, and that it was normal."""

import numpy as np
import pytest
from playwright.sync_api import expect

from auscult.audio.window import windows
from auscult.live.clock import SystemClock
from auscult.live.store import EventStore
from auscult.memory.rebase import Since
from auscult.memory.trace import Trace, ears_of
from auscult.runtime.scorer import Scorer

from .conftest import comes, stored_event

KEPT = {"judge": "silero", "stretches": [], "is_kept": False}


def trace_of(bundle, samples):
    stream, rows, manifest = Scorer(bundle).stream(), [], bundle.manifest
    for window in windows(samples, manifest.window_samples, manifest.hop_samples):
        stream.judge(window, 0.0)
        rows.append(stream.embedding)
    return Trace(ears=ears_of(bundle), embeddings=np.stack(rows))


@pytest.fixture
def running(serve, bundle, bundle_file, faulty, tmp_path):
    """A server that has no sound of three events, only how they were heard: two squeals and a hiss."""
    store = EventStore(tmp_path / "data" / "events.sqlite", clock=SystemClock())
    for number, hz in enumerate((1000.0, 3000.0, 3000.0)):
        samples = faulty(100 + number, 20.0, start_s=8.0, end_s=12.0, hz=hz)
        kept = stored_event(
            number, minutes_ago=50 - 10 * number, silenced=KEPT if number == 2 else None
        )
        store.add(kept, heard=trace_of(bundle, samples).to_bytes())
    store.close()
    with serve(tmp_path / "data", "--bundle", str(bundle_file)) as server:
        yield server


def test_it_is_named_known_again_and_allowed_without_its_sound(running, browser, open_page, axe):
    page = open_page(browser, f"{running.url}/events")
    page.get_by_test_id("detail").wait_for()
    expect(page.get_by_text("speech in it could not be ruled out")).to_be_visible()
    page.keyboard.press("a")
    page.get_by_role("button", name="All", exact=True).or_(
        page.get_by_role("tab", name="All")
    ).first.click()
    page.get_by_test_id("row").filter(has_text="Anomaly").first.wait_for()
    page.locator("[data-testid=row]:has-text('Anomaly')").last.click()
    field = page.get_by_label("What was it?")
    field.fill("belt")
    field.press("Enter")
    expect(page.get_by_role("button", name="Call it that")).to_be_disabled()
    comes(lambda: names(running), ["belt", "", ""])

    page.get_by_test_id("row").first.click()
    like = page.get_by_test_id("like")
    expect(like).to_contain_text("Sounds like “belt” of")
    assert axe(page) == []
    box = page.get_by_test_id("allow")
    box.get_by_role("button", name="Do not tell me of this sound again").click()
    expect(box).to_contain_text("Of 2 other events, 1 would not have been told.")
    expect(box).to_contain_text("Real ones among them: 1.")
    like.get_by_role("button", name="It was belt").click()
    expect(page.get_by_test_id("like")).to_have_count(0)
    comes(lambda: names(running), ["belt", "belt", ""])


def names(server):
    return [one["name"] for one in server.events()["events"]]


@pytest.fixture
def changed(serve, bundle, bundle_file, faulty, tmp_path):
    """A server that was told of a change an hour ago."""
    rows, levels, stretch = [], [], []
    for number in range(6):
        trace = trace_of(bundle, faulty(200 + number, 20.0, start_s=0.0, end_s=20.0))
        rows += list(trace.embeddings)
        levels += [-30.0] * len(trace.embeddings)
        stretch += [number] * len(trace.embeddings)
    since = Since(
        ears=ears_of(bundle),
        embeddings=np.stack(rows),
        level_db=np.array(levels),
        stretch=np.array(stretch),
    )
    before = np.linspace(-40.0, -70.0, 48)
    after = before + np.where(np.arange(48) > 38, 9.0, 0.0)
    picture = {
        "bands_hz": np.geomspace(100, 7000, 48).round(1).tolist(),
        "start_s": 0.0,
        "hop_s": 180.0,
        "level_db": np.array([*[before] * 20, *[after] * 20]).round(1).tolist(),
        "anomaly_map": None,
    }
    why = {"text": "", "kinds": ["brighter"], "low_hz": 3000.0, "high_hz": 7000.0}
    why |= {"start_s": 3600.0, "end_s": 7200.0, "change_db": 9.0, "level_change_db": 0.0}
    store = EventStore(tmp_path / "data" / "events.sqlite", clock=SystemClock())
    notice = stored_event(
        0,
        minutes_ago=70,
        kind="drift",
        peak_s=3600.0,
        evidence=picture,
        explanation=why | {"nearest": None},
        clip="01HZX3K7M5Q8V2R4T6W9Y0B000.wav",
    )
    store.add(notice, heard=since.to_bytes())
    store.close()
    with serve(tmp_path / "data", "--bundle", str(bundle_file)) as server:
        yield server


def test_a_change_that_lasts_is_taken_for_the_new_normal(changed, browser, open_page, axe):
    page = open_page(browser, f"{changed.url}/events")
    expect(page.get_by_test_id("why")).to_contain_text("Different since")
    expect(page.get_by_test_id("why")).to_contain_text("9 dB louder")
    box = page.get_by_test_id("rebaseline")
    expect(page.get_by_test_id("allow")).to_have_count(0)
    expect(page.get_by_role("button", name="Before: normal as it was learned")).to_be_visible()
    expect(page.get_by_role("button", name="After: when it was told")).to_be_visible()
    expect(page.get_by_test_id("detail")).to_contain_text("keeps of normal sound, the same for")
    assert axe(page) == []
    box.get_by_role("button", name="This is the new normal").click()
    expect(box).to_contain_text("Learned from 2 minutes since then")
    box.get_by_role("button", name="Undo").click()
    expect(box).to_contain_text("the new normal, or a fault?")
