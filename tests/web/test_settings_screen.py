"""Settings: changed and undone, refused when stale, hours, channels that are tested, keys, privacy, phone, help."""

import io
import json
import re
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from playwright.sync_api import expect

from .conftest import comes, hold_first

OWNER = "a key that nobody guesses"


@pytest.fixture
def own(serve, bundle_file, tmp_path, monkeypatch):
    """A server with a bundle, whose webhooks may lead to this machine."""
    monkeypatch.setenv("AUSCULT_NOTIFY_PRIVATE", "1")
    with serve(tmp_path / "data", "--bundle", str(bundle_file)) as running:
        yield running


@pytest.fixture
def receiver():
    """A webhook's receiver on this machine: what it was sent."""
    sent = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            sent.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook/secret", sent
    server.shutdown()
    server.server_close()
    thread.join()


def part(page, name):
    return page.get_by_role("region", name=name, exact=True)


def settings_of(server):
    return server.ask("/api/settings")


def test_what_is_changed_counts_at_once_and_can_be_undone(browser, own, open_page, axe):
    page = open_page(browser, own.url, may_fail=True)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("menuitem", name="All settings").click()
    keeping = part(page, "What is kept")
    events = keeping.get_by_label("Events are kept for")
    events.fill("90")
    events.press("Enter")
    undo = page.get_by_test_id("undo")
    expect(undo).to_contain_text("Saved.")
    comes(lambda: settings_of(own)["events_days"], 90.0)
    undo.get_by_role("button", name="Undo").click()
    expect(keeping.get_by_label("Events are kept for")).to_have_value("")
    comes(lambda: settings_of(own)["events_days"], None)
    keeping.get_by_label("Sound of events is kept for").fill("9999")
    expect(keeping.get_by_role("alert")).to_have_text("A number from 0.01 to 365.")
    keeping.get_by_role("switch", name="Keep the sound of events").click()
    expect(part(page, "Privacy")).to_contain_text("are kept as sound, on the server alone")
    budget = page.get_by_test_id("sensitivity").get_by_role("radio", name=re.compile("One a week"))
    budget.click()
    expect(budget).to_be_checked()
    comes(lambda: settings_of(own)["store_clips"], True)
    # Somebody else was quicker: nothing of his is overwritten.
    now = settings_of(own)
    change = {"revision": now["revision"], "patience": {"min_on_s": 2}}
    own.ask("/api/settings", "PATCH", json=change)
    merge = part(page, "Patience").get_by_label("Pauses up to this are part of it")
    merge.fill("30")
    merge.press("Enter")
    expect(page.get_by_text("Somebody else changed the settings meanwhile")).to_be_visible()
    assert settings_of(own)["patience"]["merge_s"] == 10.0
    page.get_by_role("button", name="Show them as they are now").click()
    expect(part(page, "Patience").get_by_label("What is shorter is no event")).to_have_value("2")
    assert axe(page) == []


def test_two_changes_in_a_hurry_are_both_saved(browser, own, open_page):
    page = open_page(browser, f"{own.url}/settings")
    let_go = hold_first(page, "**/api/settings", "PATCH")
    keeping = part(page, "What is kept")
    keeping.get_by_role("switch", name="Keep the sound of events").check()
    events = keeping.get_by_label("Events are kept for")
    events.fill("90")
    events.press("Enter")
    let_go()
    comes(lambda: [settings_of(own)[name] for name in ("store_clips", "events_days")], [True, 90.0])
    expect(page.get_by_text("Somebody else changed the settings meanwhile")).to_have_count(0)


def test_a_switch_obeys_before_the_next_frame(browser, own, open_page):
    page = open_page(browser, f"{own.url}/settings")
    switch = page.get_by_role("switch", name="Learn on while listening")
    expect(switch).to_be_checked()
    # Neither a frame nor a timer comes between microtasks.
    is_on = switch.evaluate(
        """async (box) => {
          box.click()
          for (let i = 0; i < 10; i++) await null
          return box.checked
        }"""
    )
    assert not is_on
    expect(switch).not_to_be_checked()
    page.context.close()


def test_hours_and_channels(browser, own, open_page, receiver, axe):
    address, sent = receiver
    page = open_page(browser, f"{own.url}/settings", may_fail=True, timezone_id="Asia/Tokyo")
    quiet = part(page, "Quiet hours")
    for day in ("Saturday", "Sunday"):
        quiet.get_by_role("checkbox", name=day).uncheck()
    quiet.get_by_role("button", name="Add these hours").click()
    expect(quiet.get_by_role("listitem")).to_contain_text("Mon–Fri 22:00–06:00")
    expect(quiet).to_contain_text("By the clock of Asia/Tokyo.")
    care = part(page, "Maintenance")
    care.get_by_label("Begins").fill("2030-01-01T10:00")
    care.get_by_label("Ends").fill("2030-01-01T09:00")
    expect(care.get_by_role("alert")).to_have_text("It ends before it begins.")
    care.get_by_label("Ends").fill("2030-01-01T12:00")
    care.get_by_label("Name (may be empty)").last.fill("New belt")
    care.get_by_role("button", name="Add once").click()
    expect(care.get_by_role("listitem")).to_contain_text("New belt: ")
    comes(
        lambda: [one["start"] for one in settings_of(own)["maintenance_once"]],
        ["2030-01-01T01:00:00Z"],
    )
    comes(lambda: [one["days"] for one in settings_of(own)["quiet_hours"]], [[0, 1, 2, 3, 4]])
    notify = part(page, "Notifications")
    new = notify.get_by_label("Address of another one")
    new.fill("pigeon:home")
    notify.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="There is no channel")).to_be_visible()
    new.fill(address)
    notify.get_by_role("button", name="Add", exact=True).click()
    channel = notify.get_by_test_id("channel")
    expect(channel).to_contain_text("http://127.0.0.1")
    expect(page.get_by_text("secret", exact=True)).to_have_count(0)
    channel.get_by_role("button", name=re.compile("Test")).click()
    expect(channel.get_by_role("status")).to_contain_text("It arrived")
    assert sent == [{"type": "test"}]
    assert axe(page) == []
    channel.get_by_role("button", name="Remove").click()
    channel.get_by_role("button", name="Remove").click()
    expect(channel).to_have_count(0)


def test_all_is_taken_along_and_erased(browser, own, open_page):
    page = open_page(browser, f"{own.url}/settings", language="ja-JP")
    privacy = part(page, "プライバシー")
    with page.expect_download() as told:
        privacy.get_by_role("link", name="すべて書き出す").click()
    names = zipfile.ZipFile(io.BytesIO(told.value.path().read_bytes())).namelist()
    assert {"events.json", "settings.json"} < set(names)
    erase = privacy.get_by_role("button", name="完全に消去する")
    expect(erase).to_be_disabled()
    privacy.get_by_label("確認のため「消去」と入力してください").fill("消去")
    erase.click()
    expect(privacy.get_by_role("status")).to_have_text("消去しました:イベント 0 件、モデル 0 件。")
    privacy.get_by_role("link", name="室内に掲示するお知らせ").click()
    notice = page.get_by_test_id("notice")
    expect(notice).to_contain_text("ここでは、マイクが機械の音を聞いています")
    expect(notice).to_contain_text("普段と違う音がしても、その音は残しません。")
    expect(notice).to_contain_text("短い音(通常は 2 秒)が最大 2 つ残ります")
    page.get_by_label("問い合わせ先").fill("設備課")
    expect(notice).to_contain_text("設備課")


def test_this_device_and_this_program(browser, own, open_page, axe):
    page = open_page(
        browser,
        f"{own.url}/settings",
        permissions=["microphone", "notifications", "clipboard-read"],
    )
    microphone = part(page, "Microphone of this device")
    microphone.get_by_role("button", name="Check the microphone").click()
    expect(page.get_by_test_id("microphone-found")).to_contain_text("noise suppression: off")
    expect(page.get_by_test_id("permission")).to_contain_text("may show notifications")
    expect(part(page, "Keys and people")).to_contain_text("asks nobody for a key")
    expect(part(page, "Use a phone")).to_contain_text("Only this machine reaches the server now")
    part(page, "Use a phone").get_by_text("How to get HTTPS").click()
    problems = part(page, "When something does not work")
    problems.get_by_text("It stays at “Reconnecting”").click()
    expect(problems.get_by_text(re.compile("firewall or proxy"))).to_be_visible()
    page.get_by_text("See what is copied").click()
    facts = json.loads(page.get_by_test_id("diagnostics").inner_text())
    assert facts["bundles"] == 1
    assert facts["page"]["secure"]
    page.get_by_role("button", name="Copy the diagnostics").click()
    expect(part(page, "Diagnostics").get_by_role("status")).to_have_text(re.compile("."))
    for title in ("Packages of the server", "Packages of the page"):
        page.get_by_text(re.compile(title)).click()
        expect(page.get_by_role("region", name=title)).to_contain_text("MIT")
    assert axe(page) == []


@pytest.fixture
def keyed(serve, bundle_file, tmp_path, monkeypatch):
    """A server that asks for a key, with a model."""
    monkeypatch.setenv("AUSCULT_KEYS", OWNER)
    with serve(tmp_path / "keyed", "--bundle", str(bundle_file)) as server:
        yield server


def test_who_may_only_look_is_offered_neither_a_file_nor_a_judgement(browser, keyed, open_page):
    """What would be refused can't be pressed, and why is said beside it."""
    url, own = keyed.url, {"authorization": f"Bearer {OWNER}"}
    page = open_page(browser, url, may_fail=True)
    body = {"name": "Wall", "scope": "read"}
    made = page.request.post(f"{url}/api/keys", data=body, headers=own).json()
    page.get_by_label("Key of this server").fill(made["secret"])
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("button", name="Settings")).to_be_visible()
    reason = page.get_by_test_id("forbidden").filter(has_text="holds seconds of sound")
    page.goto(f"{url}/bundles")
    expect(page.get_by_role("button", name="Download")).to_be_disabled()
    expect(page.get_by_role("link", name="Download")).to_have_count(0)
    expect(reason).to_be_visible()
    page.goto(f"{url}/local")
    expect(page.get_by_role("button", name="from the server")).to_be_disabled()
    expect(reason).to_be_visible()
    page.goto(f"{url}/inspect")
    expect(page.get_by_test_id("forbidden")).to_contain_text("to have a file judged")
    expect(page.locator("input[type=file]")).to_be_disabled()
    page.get_by_role("switch").check()
    expect(page.locator("input[type=file]")).to_be_enabled()
    page.context.close()


def test_keys_are_made_shown_once_and_taken_back(browser, serve, open_page, tmp_path, monkeypatch):
    monkeypatch.setenv("AUSCULT_KEYS", OWNER)
    with serve(tmp_path / "keyed", "--allow-host", "ears.example") as server:
        page = open_page(browser, server.url, may_fail=True)
        page.get_by_label("Key of this server").fill(OWNER)
        page.get_by_role("button", name="Open").click()
        expect(page.get_by_role("button", name="Settings")).to_be_visible()
        page.goto(f"{server.url}/settings")
        keys = part(page, "Keys and people")
        keys.get_by_label("Name", exact=True).fill("Phone of Aoi")
        keys.get_by_label("May").select_option("read")
        keys.get_by_role("button", name="Make a key").click()
        secret = page.get_by_test_id("secret").inner_text()
        expect(page.get_by_test_id("key")).to_contain_text("Phone of Aoi · look")
        expect(page.get_by_role("img", name="QR code of https://ears.example")).to_be_visible()
        viewer = open_page(browser, server.url, may_fail=True)
        viewer.get_by_label("Key of this server").fill(secret)
        viewer.get_by_role("button", name="Open").click()
        expect(viewer.get_by_role("button", name="Settings")).to_be_visible()
        viewer.goto(f"{server.url}/settings")
        expect(viewer.get_by_text("not change them")).to_be_visible()
        expect(part(viewer, "Keys and people")).to_have_count(0)
        expect(viewer.get_by_role("switch", name="Keep the sound of events")).to_be_disabled()
        for place in ("learn", "bundles"):
            viewer.goto(f"{server.url}/{place}")
            words = viewer.get_by_test_id("forbidden").filter(has_text="may change nothing here")
            expect(words).to_be_visible()
            expect(viewer.get_by_role("main").get_by_role("button")).to_have_count(0)
        key = page.get_by_test_id("key")
        key.get_by_role("button", name="Take it back").click()
        key.get_by_role("button", name="Take it back").click()
        expect(key).to_have_count(0)
        viewer.goto(f"{server.url}/settings")
        expect(viewer.get_by_label("Key of this server")).to_be_visible()
        page.context.close()
        viewer.context.close()
