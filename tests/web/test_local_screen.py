"""Listening in the browser alone: no server is asked while it listens, and none is needed."""

import re

import onnx
import pytest
from playwright.sync_api import expect

from .conftest import KEPT, has_drawn

TAKE = re.compile("Take machine from the server")


def choose(page, path):
    page.locator("input[type=file]").set_input_files(path)


@pytest.fixture
def own_server(serve, bundle_file, tmp_path):
    """A server with a bundle, which may be stopped."""
    with serve(tmp_path / "data", "--bundle", str(bundle_file)) as running:
        yield running


def test_it_listens_while_the_server_is_gone(browser, own_server, open_page, axe):
    page = open_page(browser, f"{own_server.url}/local", may_fail=True)
    page.get_by_role("button", name=TAKE).click()
    opened = page.get_by_test_id("opened")
    expect(opened).to_contain_text("machine")
    expect(page.get_by_test_id("proved")).to_contain_text("Proved")
    page.get_by_role("button", name="Listen here").click()
    expect(page.get_by_test_id("ratio")).to_be_visible()
    page.evaluate(KEPT)  # the page itself is asked for once more, to be kept
    own_server.stop()
    asked = []
    page.context.on("request", lambda request: asked.append(request.url))
    verdict = page.get_by_test_id("verdict")
    expect(verdict).to_have_attribute("data-word", "anomaly")
    expect(page.get_by_test_id("events").get_by_role("listitem").first).to_contain_text("× limit")
    has_drawn(page.get_by_test_id("spectrogram"), 100)
    has_drawn(page.get_by_test_id("score"), 3)
    assert axe(page) == []
    assert asked == []
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Listen here")).to_be_visible()
    expect(page.get_by_test_id("events")).to_contain_text("machine")
    page.context.close()


@pytest.fixture(scope="module")
def files(bundle_file, embedder_file, tmp_path_factory):
    """A folder of files that are no bundles, or no longer."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "list.onnx").write_text("This is a list of things to buy.")
    model = onnx.load(bundle_file)
    del model.metadata_props[:]
    onnx.save(model, folder / "plain.onnx")
    content = bytearray(bundle_file.read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "changed.onnx").write_bytes(content)
    (folder / "device.onnx").write_bytes(b"\x1c\0\0\0TFL3" + bytes(100))
    (folder / "embedder.onnx").write_bytes(embedder_file.read_bytes())
    return folder


def test_what_is_no_bundle_is_told(browser, server, open_page, files, bundle_file):
    page = open_page(browser, f"{server.url}/local")
    told = {
        files / "list.onnx": "This is no ONNX file",
        files / "plain.onnx": "This ONNX file is no model of Auscult",
        files / "changed.onnx": re.compile("changed since it was written|no ONNX file"),
        files / "device.onnx": "small devices (TFLite)",
        files / "embedder.onnx": "has learned no normal sound yet",
    }
    for path, words in told.items():
        choose(page, path)
        expect(page.get_by_role("alert")).to_contain_text(words)
    choose(page, bundle_file)
    expect(page.get_by_test_id("proved")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.reload()
    expect(page.get_by_test_id("proved")).to_be_visible()  # it was kept
    page.get_by_role("button", name="Forget this model").click()
    expect(page.get_by_test_id("proved")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name=TAKE)).to_be_visible()
    expect(page.get_by_test_id("proved")).to_have_count(0)


def test_without_a_microphone_it_says_so_in_japanese(
    browser_with, server, open_page, bundle_file, axe
):
    with browser_with("--use-fake-device-for-media-stream") as browser:
        page = open_page(browser, f"{server.url}/local", language="ja-JP", dark=False, phone=True)
        choose(page, bundle_file)
        page.get_by_role("button", name="ここで監視を始める").click()
        expect(page.get_by_test_id("trouble")).to_contain_text("マイクが許可されていません")
        assert axe(page) == []
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0
        page.context.close()
