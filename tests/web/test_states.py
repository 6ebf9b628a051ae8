"""Everything that may be wrong with a microphone, a connection or a sound is told as such, and never as normal."""

import re

import pytest
from playwright.sync_api import expect

START = "Listen with this microphone"


def start(page):
    page.get_by_role("button", name=START).click()


@pytest.mark.parametrize(
    ("flag", "words"),
    [
        ("--use-fake-device-for-media-stream", "The microphone is not allowed"),
        ("--use-fake-ui-for-media-stream", "There is no microphone"),
    ],
)
def test_without_a_microphone(browser_with, server, open_page, flag, words):
    with browser_with(flag) as browser:
        page = open_page(browser, server.url)
        start(page)
        trouble = page.get_by_test_id("trouble")
        expect(trouble.get_by_role("alert")).to_contain_text(words)
        expect(trouble.get_by_role("button", name="Try again")).to_be_visible()
        expect(trouble.get_by_role("link", name="More help")).to_be_visible()
        expect(page.get_by_text("Normal", exact=True)).to_have_count(0)
        page.context.close()


def test_on_an_insecure_connection_the_address_that_works_is_told(browser, server, open_page):
    page = open_page(browser, f"http://machine.test:{server.port}/", may_fail=True)
    start(page)
    trouble = page.get_by_test_id("trouble")
    expect(trouble).to_have_attribute("data-refusal", "insecure")
    expect(trouble).to_contain_text(f"http://localhost:{server.port}")
    trouble.get_by_role("link", name="How to get HTTPS").click()
    phone = page.get_by_role("region", name="Use a phone")
    expect(phone).to_be_in_viewport()
    phone.get_by_text("How to get HTTPS").click()
    expect(phone).to_contain_text("reverse_proxy")


def test_silence_is_not_normal(browser_with, server, open_page, silence):
    flags = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={silence}",
    ]
    with browser_with(*flags) as browser:
        page = open_page(browser, server.url, language="ja-JP")
        page.get_by_role("button", name="マイクで監視を始める").click()
        verdict = page.get_by_test_id("verdict")
        expect(verdict.get_by_role("status")).to_have_text("音なし")
        expect(page).to_have_title("音なし – Auscult")
        page.context.close()


@pytest.mark.parametrize("name", ["NotReadableError", "AbortError"])
def test_a_busy_microphone(browser, server, open_page, name):
    page = open_page(browser, server.url)
    page.evaluate(
        """name => {
          navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', name) }
        }""",
        name,
    )
    start(page)
    expect(page.get_by_role("alert")).to_contain_text("The microphone is in use")


def test_a_microphone_that_is_unplugged_and_comes_back(browser, server, open_page):
    page = open_page(browser, server.url)
    page.evaluate(
        """() => {
          const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
          navigator.mediaDevices.getUserMedia = async (wanted) => (window.stream = await ask(wanted))
        }"""
    )
    start(page)
    expect(page.get_by_test_id("connection")).to_have_text("Connected")
    page.evaluate("window.stream.getAudioTracks()[0].dispatchEvent(new Event('ended'))")
    expect(page.get_by_role("alert")).to_contain_text("The microphone is gone")
    page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    expect(page.get_by_test_id("connection")).to_have_text("Connected")


def test_a_browser_that_alters_the_sound_is_told(browser, server, open_page):
    page = open_page(browser, server.url)
    page.evaluate(
        """() => {
          const own = MediaStreamTrack.prototype.getSettings
          MediaStreamTrack.prototype.getSettings = function () { return { ...own.call(this), autoGainControl: true } }
        }"""
    )
    start(page)
    expect(page.get_by_test_id("reason")).to_contain_text("automatic gain")
    expect(page.get_by_test_id("verdict")).not_to_have_attribute("data-word", "normal")


def test_sound_that_the_browser_stopped_goes_on_when_the_page_is_shown(browser, server, open_page):
    page = open_page(browser, server.url)
    page.evaluate(
        """() => {
          const Own = window.AudioContext
          window.AudioContext = class extends Own { constructor(...all) { super(...all); window.context = this } }
        }"""
    )
    start(page)
    expect(page.get_by_test_id("ratio")).to_be_visible()
    page.evaluate("window.context.suspend()")
    expect(page.get_by_test_id("verdict")).to_have_attribute("data-word", "stopped")
    page.wait_for_timeout(1500)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_text(re.compile(r"Nothing was heard for \d+ s"))).to_be_visible()
    expect(page.get_by_test_id("connection")).to_have_text("Connected")


def test_nothing_learned_leads_to_learning(browser, serve, open_page, tmp_path):
    with serve(tmp_path / "empty") as server:
        page = open_page(browser, server.url)
        page.get_by_role("button", name="Skip").click()
        expect(page.get_by_text("Nothing has been learned here yet")).to_be_visible()
        page.get_by_role("link", name="Learn normal sound").click()
        expect(page).to_have_url(f"{server.url}/learn")
        page.get_by_role("link", name="Events").click()
        expect(page.get_by_test_id("empty")).to_contain_text("No events yet")
        page.context.close()


def test_a_server_that_goes_and_comes_back(browser, serve, open_page, bundle_file, tmp_path):
    with serve(tmp_path / "gone", "--bundle", str(bundle_file)) as server:
        page = open_page(browser, server.url, may_fail=True)
        start(page)
        verdict = page.get_by_test_id("verdict")
        expect(page.get_by_test_id("ratio")).to_be_visible()
        server.stop()
        expect(verdict.get_by_role("status")).to_have_text("Reconnecting")
        expect(page.get_by_test_id("connection")).to_have_text("Not connected")
        expect(page.get_by_test_id("ratio")).to_contain_text("ago")
        server.start()
        expect(page.get_by_test_id("connection")).to_have_text("Connected")
        expect(verdict).to_have_attribute("data-word", re.compile("normal|watch|anomaly"))
        page.context.close()


def test_every_address_of_the_page_opens_and_no_other(browser, server, open_page):
    page = open_page(browser, f"{server.url}/events")
    expect(page.get_by_role("heading", name="Events")).to_be_visible()
    page.goto(f"{server.url}/nowhere")
    expect(page.get_by_text("There is no such page.")).to_be_visible()


def test_language_and_theme_are_chosen_and_kept(browser, server, open_page):
    page = open_page(browser, server.url, language="fr-FR")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("menuitemradio", name="日本語").click()
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    page.get_by_role("button", name="設定").click()
    page.get_by_role("menuitemradio", name="ライト").click()
    page.reload()
    expect(page.get_by_role("link", name="ライブ")).to_be_visible()
    assert (
        page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        == "rgb(246, 248, 250)"
    )


@pytest.mark.parametrize("told", [("en-US", 12), ("ja-JP", None)])
def test_events_that_cannot_be_stored_are_told(browser, server, open_page, axe, told):
    language, waiting = told
    page = open_page(browser, server.url, language=language)

    def sick(route):
        health = route.fetch().json()
        health["reasons"], health["store"]["waiting"] = ["store"], waiting
        route.fulfill(json=health)

    expect(page.get_by_test_id("store")).to_have_count(0)
    page.route("**/api/health", sick)
    page.reload()
    words = {
        12: "The database of events is away. Kept on the server until it is back: 12.",
        None: "現在、イベントを保存できません。サーバーを確認してください。",
    }
    expect(page.get_by_test_id("store")).to_have_text(words[waiting])
    assert axe(page) == []
