"""A file is dropped, judged, looked at from all sides, heard, and kept nowhere."""

import json
import re

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from .conftest import has_drawn

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def recordings(faulty, sound_like, tmp_path_factory):
    """A folder: `odd.wav` with a whistle from 4 to 6 s, `whistle.flac` for the classifier, `notes.wav` that is a text."""
    folder = tmp_path_factory.mktemp("recordings")
    soundfile.write(folder / "odd.wav", faulty(5, start_s=4.0, end_s=6.0), RATE_HZ)
    soundfile.write(folder / "whistle.flac", sound_like("whistle", seconds=3.0), RATE_HZ)
    (folder / "notes.wav").write_text("This is a list of things to buy.")
    return folder


@pytest.fixture(scope="module")
def inspector(serve, bundle_file, inspected_file, tmp_path_factory):
    """A server with a bundle of normal sound, which is in use, and one for inspection."""
    options = ["--bundle", str(bundle_file), "--bundle", str(inspected_file)]
    with serve(tmp_path_factory.mktemp("inspector") / "data", *options) as running:
        yield running


def choose(page, path):
    page.locator("input[type=file]").set_input_files(path)


def test_an_anomaly_is_found_shown_and_saved(browser, inspector, open_page, recordings):
    page = open_page(browser, f"{inspector.url}/inspect")
    choose(page, recordings / "odd.wav")
    expect(page.get_by_test_id("word")).to_have_text("Anomaly")
    expect(page.get_by_test_id("why")).to_contain_text("kHz")
    expect(page.get_by_test_id("score")).to_contain_text("× limit")
    spectrogram, band = (page.get_by_test_id(one).bounding_box() for one in ("spectrogram", "band"))
    assert (band["x"] - spectrogram["x"]) / spectrogram["width"] == pytest.approx(0.4, abs=0.05)
    assert band["width"] / spectrogram["width"] == pytest.approx(0.2, abs=0.05)
    # Everything stands on one axis.
    edges = [page.get_by_test_id(one).bounding_box() for one in ("waveform", "bars", "map")]
    assert {(round(one["x"]), round(one["width"])) for one in edges} == {
        (round(spectrogram["x"]), round(spectrogram["width"]))
    }
    has_drawn(page.get_by_test_id("spectrogram").locator("canvas"), 50)
    has_drawn(page.get_by_test_id("map").locator("canvas"), 50)
    expect(page.get_by_test_id("bars").locator("[data-state=anomaly]").first).to_be_visible()
    with page.expect_download() as told:
        page.get_by_role("button", name="Save as JSON").click()
    saved = json.loads(told.value.path().read_text())
    assert told.value.suggested_filename == "odd.json"
    assert saved["verdict"]["state"] == "anomaly"
    assert len(saved["windows"]) == 9


def test_the_pointer_and_the_keys_say_what_stands_where(browser, inspector, open_page, recordings):
    page = open_page(browser, f"{inspector.url}/inspect")
    choose(page, recordings / "odd.wav")
    expect(page.get_by_test_id("word")).to_have_text("Anomaly")
    box = page.get_by_test_id("spectrogram").bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    read_out = page.get_by_test_id("readout")
    expect(read_out).to_contain_text("5.00 s")
    expect(read_out).to_contain_text("Anomaly")
    expect(read_out).to_contain_text("kHz")
    expect(read_out).to_contain_text("dB")
    page.mouse.click(box["x"] + 0.2 * box["width"], box["y"] + 10)
    place = page.get_by_role("slider", name="Position")
    expect(place).to_have_attribute("aria-valuetext", "2.0 of 10.0 s")
    place.press("ArrowRight")
    expect(place).to_have_attribute("aria-valuetext", "2.1 of 10.0 s")
    page.get_by_role("button", name="Table").click()
    expect(page.get_by_test_id("windows").get_by_role("row")).to_have_count(10)


def test_it_plays_with_a_moving_cursor(browser, inspector, open_page, recordings):
    page = open_page(browser, f"{inspector.url}/inspect")
    choose(page, recordings / "odd.wav")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    cursor = page.get_by_test_id("cursor")
    expect(cursor).to_have_attribute("style", re.compile(r"left: ([5-9]|\d\d)"))
    page.get_by_role("button", name="Pause").click()
    # The browser tells of the pause a moment after it was asked for; until then the cursor goes on.
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    before = cursor.get_attribute("style")
    page.wait_for_timeout(200)
    assert cursor.get_attribute("style") == before


def test_play_and_pause_in_one_breath_is_no_trouble(browser, inspector, open_page, recordings):
    page = open_page(browser, f"{inspector.url}/inspect")
    choose(page, recordings / "odd.wav")
    page.get_by_role("button", name="Play").evaluate("one => { one.click(); one.click() }")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


def test_a_network_for_inspection_shows_classes_and_layers(
    browser, inspector, open_page, recordings, axe
):
    page = open_page(browser, f"{inspector.url}/inspect")
    page.get_by_role("combobox", name="Model").select_option(label="three")
    choose(page, recordings / "whistle.flac")
    expect(page.get_by_test_id("heard")).to_contain_text("whistle")
    expect(page.get_by_test_id("classes").get_by_role("listitem")).to_have_count(3)
    page.get_by_role("button", name="Of the window that counted most").click()
    layers = page.get_by_test_id("layer")
    expect(layers).to_have_count(2)
    expect(layers.first).to_contain_text("stem")
    page.get_by_role("button", name="Show 2 channels").click()
    expect(page.get_by_test_id("channels").get_by_role("img")).to_have_count(2)
    assert axe(page) == []


def test_what_can_not_be_judged_is_told(browser, inspector, open_page, recordings, tmp_path):
    page = open_page(browser, f"{inspector.url}/inspect", may_fail=True)
    choose(page, recordings / "notes.wav")
    expect(page.get_by_role("alert")).to_contain_text("notes.wav can't be read as sound")
    large = tmp_path / "large.wav"
    with large.open("wb") as file:
        file.truncate(65 * 2**20)
    choose(page, large)
    expect(page.get_by_role("alert")).to_contain_text("large.wav has 65 MiB. At most 64 MiB")
    silent = tmp_path / "silent.wav"
    soundfile.write(silent, np.zeros(5 * RATE_HZ), RATE_HZ)
    choose(page, silent)
    expect(page.get_by_test_id("word")).to_have_text("No sound")


def test_a_file_is_dropped(browser, inspector, open_page, recordings):
    page = open_page(browser, f"{inspector.url}/inspect", language="ja-JP")
    content = list((recordings / "odd.wav").read_bytes())
    page.locator("label:has(input[type=file])").evaluate(
        """(label, bytes) => {
          const data = new DataTransfer()
          data.items.add(new File([new Uint8Array(bytes)], 'odd.wav'))
          label.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }))
        }""",
        content,
    )
    expect(page.get_by_test_id("word")).to_have_text("異常")


def test_a_server_that_goes_while_it_judges(browser, serve, open_page, bundle_file, recordings):
    with serve(recordings / "data", "--bundle", str(bundle_file)) as server:
        page = open_page(browser, f"{server.url}/inspect", may_fail=True)
        expect(page.get_by_role("heading", name="Inspect a file")).to_be_visible()
        server.stop()
        choose(page, recordings / "odd.wav")
        expect(page.get_by_role("alert")).to_contain_text("The server does not answer.")
        server.start()
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_test_id("word")).to_have_text("Anomaly")
        page.context.close()


def test_without_a_bundle_it_leads_to_learning(browser, serve, open_page, tmp_path):
    with serve(tmp_path / "empty") as server:
        page = open_page(browser, f"{server.url}/inspect")
        expect(page.get_by_test_id("empty")).to_contain_text("Nothing has been learned here yet")
        expect(
            page.get_by_test_id("empty").get_by_role("link", name="Learn normal sound")
        ).to_be_visible()
        page.context.close()
