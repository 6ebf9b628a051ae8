"""Bundles are looked at, switched, proved, sent, deleted and had back, and two of them are compared by ear."""

import re

import pytest
import soundfile
from playwright.sync_api import expect

from auscult.memory.learn import learn_clips

RATE_HZ = 16_000


@pytest.fixture
def keeper(serve, bundle_file, classifier_file, tmp_path):
    """A server with two bundles: `machine` is in use, `three` tells classes apart."""
    options = ["--bundle", str(bundle_file), "--bundle", str(classifier_file)]
    with serve(tmp_path / "data", *options) as running:
        yield running


@pytest.fixture(scope="module")
def heard(machine, faulty, sound_like, clip, tmp_path_factory):
    """Three normal and three anomalous recordings, a text, and a bundle that takes nothing but a hiss for normal."""
    folder = tmp_path_factory.mktemp("heard")
    for n in range(3):
        soundfile.write(folder / f"calm{n}.wav", machine(40 + n, 6.0), RATE_HZ)
        soundfile.write(folder / f"odd{n}.wav", faulty(50 + n, 6.0), RATE_HZ)
    (folder / "text.wav").write_text("no sound")
    hisses = [clip(sound_like("hiss", n, 10.0), f"{n}.wav") for n in range(6)]
    learn_clips(hisses, name="hiss").bundle.save(folder / "hiss.onnx")
    return folder


def card(page, name):
    return page.get_by_role("article", name=name)


def test_one_is_in_use_and_the_way_back_is_open(browser, keeper, open_page, axe):
    page = open_page(browser, f"{keeper.url}/bundles")
    machine, three = card(page, "machine"), card(page, "three")
    expect(machine).to_contain_text("In use")
    expect(machine).to_contain_text("What is in use cannot be deleted.")
    expect(machine.get_by_role("button", name="Delete")).to_have_count(0)
    expect(machine).to_contain_text("Learned from normal sound only: it carries no figures.")
    expect(three).to_contain_text("hum, hiss, whistle")
    assert axe(page) == []
    three.get_by_role("button", name="Use it").click()
    expect(three).to_contain_text("In use")
    expect(page.get_by_test_id("undo")).to_contain_text("three judges from now on.")
    page.get_by_test_id("undo").get_by_role("button", name="Undo").click()
    expect(machine).to_contain_text("In use")
    three.get_by_role("button", name="Use it").click()
    page.get_by_role("button", name="Back to machine").click()
    expect(machine).to_contain_text("In use")


def test_one_is_proved_fetched_deleted_and_had_back(
    browser, keeper, open_page, bundle_file, tmp_path
):
    page = open_page(browser, f"{keeper.url}/bundles", may_fail=True)
    card(page, "machine").get_by_role("button", name="Self-test").click()
    expect(card(page, "machine").get_by_role("status")).to_contain_text(
        re.compile("Proved: it gives (exactly )?its own scores here")
    )
    with page.expect_download() as told:
        card(page, "machine").get_by_role("link", name="Download").click()
    assert told.value.path().read_bytes() == bundle_file.read_bytes()
    card(page, "three").get_by_role("button", name="Delete").click()
    expect(card(page, "three")).to_have_count(0)
    expect(page.get_by_test_id("undo")).to_contain_text("three was deleted.")
    page.get_by_test_id("undo").get_by_role("button", name="Undo").click()
    expect(card(page, "three")).to_be_visible()
    card(page, "three").get_by_role("button", name="Delete").click()
    expect(card(page, "three")).to_have_count(0)
    fake = tmp_path / "fake.onnx"
    fake.write_text("no bundle")
    page.locator("input[type=file]").set_input_files(fake)
    expect(page.get_by_role("alert")).to_contain_text("is no bundle, or is broken")
    expect(page.get_by_test_id("bundle")).to_have_count(1)


@pytest.fixture
def files(bundle_file, loudness, tmp_path):
    """A model for each engine."""
    return bundle_file, loudness.save(tmp_path / "loudness.tflite")


def test_models_for_either_engine_are_sent(browser, serve, open_page, files, tmp_path):
    with serve(tmp_path / "empty") as server:
        page = open_page(browser, f"{server.url}/bundles")
        expect(page.get_by_test_id("empty")).to_contain_text("No models yet")
        page.locator("input[type=file]").set_input_files(files[0])
        expect(page.get_by_text("machine was taken.")).to_be_visible()
        expect(card(page, "machine")).to_contain_text("In use")
        page.locator("input[type=file]").set_input_files(files[1])
        expect(page.get_by_text("loudness was taken.")).to_be_visible()
        card(page, "loudness").get_by_role("button", name="Use it").click()
        expect(card(page, "loudness")).to_contain_text("In use")
        with page.expect_download() as told:
            card(page, "loudness").get_by_role("link", name="Download").click()
        assert told.value.suggested_filename == "loudness.tflite"
        page.context.close()


def test_a_form_for_a_small_device_is_made_and_compared(browser, keeper, open_page, axe):
    page = open_page(browser, f"{keeper.url}/bundles", language="ja-JP", dark=False, phone=True)
    card(page, "machine").get_by_role("button", name="小型機器向け").click()
    assert axe(page) == []
    page.get_by_role("menuitem", name="ONNX(8 ビット)").click()
    told = page.get_by_test_id("export")
    expect(told).to_contain_text("machine (int8) ができました")
    assert axe(page) == []
    small = card(page, "machine (int8)")
    expect(small).to_contain_text("onnx-float. ")
    expect(small).to_contain_text("相関:1.0000")
    expect(small.get_by_role("button", name="小型機器向け")).to_have_count(0)
    with page.expect_download() as file:
        told.get_by_role("link", name="ダウンロード").click()
    assert file.value.suggested_filename == "machine (int8).onnx"
    told.get_by_role("button", name="machine (int8) を閉じる").click()
    expect(told).to_have_count(0)
    # What is made for a device is nothing that is being learned.
    page.goto(f"{keeper.url}/learn")
    expect(page.get_by_test_id("jobs")).to_have_count(0)


def test_two_are_compared_on_the_same_recordings(browser, keeper, open_page, heard, axe):
    page = open_page(browser, f"{keeper.url}/bundles", may_fail=True)
    page.locator("input[type=file]").set_input_files(heard / "hiss.onnx")
    for name in ("machine", "hiss"):
        card(page, name).get_by_role("checkbox", name="Compare").check()
    compare = page.get_by_test_id("compare")
    expect(compare.get_by_role("heading", name="machine against hiss")).to_be_visible()
    normal, anomalous = compare.locator("input[type=file]").all()
    normal.set_input_files([*sorted(heard.glob("calm*.wav")), heard / "text.wav"])
    anomalous.set_input_files(sorted(heard.glob("odd*.wav")))
    compare.get_by_role("button", name="Compare on 7 recordings").click()
    expect(page.get_by_test_id("outcome")).to_be_visible()
    first, second = page.get_by_test_id("figures").all()
    expect(first).to_contain_text("1.000 (1.00–1.00)")
    expect(first).to_contain_text("0 of 3")
    expect(second.get_by_role("cell", name="3 of 3")).to_have_count(2)
    expect(compare.get_by_text("Could not be judged: 1")).to_be_visible()
    expect(compare.get_by_test_id("histogram")).to_have_count(2)
    expect(compare.get_by_role("img", name=re.compile("machine: AUC 1.000"))).to_be_visible()
    apart = compare.get_by_test_id("disagreements").get_by_role("listitem")
    expect(apart).to_have_count(3)
    apart.first.get_by_role("button", name=re.compile("Play calm")).click()
    expect(apart.first.get_by_role("button", name=re.compile("Pause calm"))).to_be_visible()
    assert axe(page) == []


def test_without_limits_nothing_is_called_an_anomaly(browser, keeper, open_page, heard):
    page = open_page(browser, f"{keeper.url}/bundles")
    for name in ("machine", "three"):
        card(page, name).get_by_role("checkbox", name="Compare").check()
    compare = page.get_by_test_id("compare")
    compare.locator("input[type=file]").first.set_input_files(heard / "calm0.wav")
    compare.get_by_role("button", name="Compare on 1 recordings").click()
    expect(page.get_by_test_id("figures").last).to_contain_text("no limit")
    expect(compare).to_contain_text("Curves need normal and anomalous recordings.")
    expect(compare).to_contain_text("there is nothing to disagree about")


def test_what_it_hears_is_told_live(browser, serve, open_page, classifier_file, tmp_path):
    with serve(tmp_path / "classes", "--bundle", str(classifier_file)) as server:
        page = open_page(browser, server.url, language="ja-JP")
        page.get_by_role("button", name="マイクで監視を始める").click()
        expect(page.get_by_test_id("heard")).to_have_text(re.compile(r"(hum|hiss|whistle) \d+ %"))
        page.context.close()
