"""The page without its server, and a newer version of it: kept whole, never taken by itself."""

import json
import re
import shutil
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import soundfile
from playwright.sync_api import expect

from auscult.server.pages import built_page

from .conftest import KEPT


class _Site(SimpleHTTPRequestHandler):
    """The built page in a folder, at all of its addresses; there is nothing else."""

    def do_GET(self):
        if self.path.startswith(("/api", "/ws")):
            self.send_error(404)
            return
        if "." not in self.path:
            self.path = "/index.html"
        super().do_GET()

    def end_headers(self):
        self.send_header("cache-control", "no-cache")
        super().end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def site(tmp_path):
    """A copy of the page that may be changed: its folder and its address."""
    folder = tmp_path / "page"
    shutil.copytree(built_page(), folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Site, directory=str(folder)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield folder, f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def own_server(serve, bundle_file, tmp_path):
    """A server with a bundle, which may be stopped."""
    with serve(tmp_path / "data", "--bundle", str(bundle_file)) as running:
        yield running


def test_the_page_and_its_engine_are_there_without_the_server(
    browser, own_server, open_page, faulty, tmp_path
):
    page = open_page(browser, f"{own_server.url}/local", may_fail=True)
    page.get_by_role("button", name=re.compile("Take machine")).click()
    expect(page.get_by_test_id("proved")).to_be_visible()
    kept = page.evaluate(KEPT)
    assert "/" in kept
    assert "/local/bundle" in kept
    assert any(path.endswith(".wasm") for path in kept)
    assert not [path for path in kept if path.startswith(("/api", "/ws", "/metrics"))]
    own_server.stop()
    page.goto(f"{own_server.url}/local")
    expect(page.get_by_role("heading", name="In this browser only")).to_be_visible()
    expect(page.get_by_test_id("proved")).to_be_visible()
    page.get_by_role("link", name="Inspect").click()
    page.get_by_role("switch", name="In this browser only").check()
    recording = tmp_path / "odd.wav"
    soundfile.write(recording, faulty(5), 16_000)
    page.locator("input[type=file]").set_input_files(recording)
    expect(page.get_by_test_id("word")).to_have_text("Anomaly")
    page.context.close()


def take_away(folder, pattern):
    """Parts of the page that the server has no more."""
    gone = list((folder / "assets").glob(pattern))
    assert gone
    for part in gone:
        part.unlink()


def test_a_page_of_the_version_before_finds_its_parts(browser, site, open_page):
    folder, url = site
    page = open_page(browser, f"{url}/local", may_fail=True)
    page.evaluate(KEPT)
    page.evaluate("window.marker = 'here before'")
    worker = (folder / "sw.js").read_text()
    (folder / "sw.js").write_text(worker.replace("auscult-page-", "auscult-page-newer"))
    # Of yesterday's page a part is gone from the server; who has it open finds it where it was kept.
    take_away(folder, "LearnPage-*.js")
    page.evaluate(
        "() => { navigator.serviceWorker.getRegistration().then(found => found.update()).catch(() => undefined) }"
    )
    page.wait_for_timeout(1500)
    page.get_by_role("link", name="Learn").click()
    expect(page.get_by_role("button", name="Record 60 seconds")).to_be_visible()
    assert page.evaluate("window.marker") == "here before"


def test_an_update_comes_with_a_click_and_never_by_itself(browser, site, open_page):
    folder, url = site
    page = open_page(browser, f"{url}/local", may_fail=True)
    page.evaluate(KEPT)
    page.evaluate("window.marker = 'here before'")
    worker = (folder / "sw.js").read_text()
    (version,) = set(re.findall(r'"([0-9a-f]{12})"', worker))
    (folder / "sw.js").write_text(worker.replace(version, "0123456789ab"))
    page.evaluate(
        "() => navigator.serviceWorker.getRegistration().then((found) => found.update()).then(() => null)"
    )
    bar = page.get_by_test_id("update")
    expect(bar).to_contain_text("A newer version of this page is there.")
    assert page.evaluate("window.marker") == "here before"
    bar.get_by_role("button", name="Update").click()
    expect(bar).to_have_count(0)
    page.wait_for_function("window.marker === undefined && navigator.serviceWorker.controller")
    names = page.evaluate("caches.keys()")
    assert "auscult-page-0123456789ab" in names
    assert f"auscult-page-{version}" in names  # for pages that are still open


def test_a_page_that_was_not_kept_says_what_to_do(browser, site, open_page):
    folder, url = site
    page = open_page(browser, f"{url}/local", may_fail=True, service_workers="block")
    expect(page.get_by_role("heading", name="In this browser only")).to_be_visible()
    take_away(folder, "LearnPage-*.js")
    page.get_by_role("link", name="Learn").click()
    expect(page.get_by_test_id("update")).to_contain_text("A newer version of this page is there.")
    expect(page.get_by_test_id("update").get_by_role("button", name="Update")).to_be_visible()


def test_where_a_key_is_needed_the_page_is_kept_and_not_the_form(
    browser, serve, open_page, tmp_path
):
    keys = tmp_path / "keys.txt"
    keys.touch(mode=0o600)
    keys.write_text("a key of at least twenty characters\n")
    with serve(tmp_path / "data", "--key-file", str(keys)) as server:
        page = open_page(browser, server.url, may_fail=True)
        expect(page.get_by_label("Key of this server")).to_be_visible()
        body = json.dumps({"key": "a key of at least twenty characters"})
        page.evaluate(
            "body => fetch('/api/session', { method: 'POST', body }).then(() => null)", body
        )
        page.goto(server.url)
        expect(page.get_by_test_id("first")).to_be_visible()
        page.evaluate(KEPT)
        shell = page.evaluate("caches.match('/').then((kept) => kept.text())")
        assert 'id="root"' in shell
        assert 'type="password"' not in shell
        manifest = page.locator("link[rel=manifest]")
        assert manifest.get_attribute("crossorigin") == "use-credentials"
        page.context.close()


def test_it_can_be_installed():
    page = built_page()
    manifest = json.loads((page / "manifest.webmanifest").read_text(encoding="utf8"))
    assert manifest["display"] == "standalone"
    for icon in manifest["icons"]:
        assert (page / icon["src"].lstrip("/")).is_file()
    sizes = {icon["sizes"] for icon in manifest["icons"]}
    assert {"192x192", "512x512"} <= sizes
    html = (page / "index.html").read_text(encoding="utf8")
    assert 'rel="manifest"' in html
