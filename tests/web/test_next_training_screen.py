"""What is said of an event of a trained network is kept for its next training, and is there to learn from."""

import hashlib

import pytest
import soundfile
from playwright.sync_api import expect

from .conftest import stored_event


@pytest.fixture
def told(serve, classifier_file, machine, tmp_path):
    """A server with a trained model, and two events of it: of the first one sound is kept."""
    bundle_id = hashlib.sha256(classifier_file.read_bytes()).hexdigest()[:12]
    data_dir = tmp_path / "data"
    (data_dir / "clips").mkdir(parents=True)
    soundfile.write(data_dir / "clips" / "one.wav", machine(5, 4.0), 16_000)
    event = stored_event(0, minutes_ago=5, bundle_id=bundle_id, clip="one.wav")
    other = stored_event(1, minutes_ago=3, bundle_id=bundle_id)
    with serve(data_dir, "--bundle", str(classifier_file), events=[event, other]) as server:
        yield server.url, event, other


def say_it_was_normal(page):
    """Until the server has heard it."""
    with page.expect_response(lambda one: one.request.method == "PUT"):
        page.get_by_role("button", name="It was normal").click()


def test_what_was_normal_is_there_for_the_next_training(browser, told, open_page, axe):
    url, event, other = told
    page = open_page(browser, f"{url}/events/{other.id}")
    say_it_was_normal(page)
    page.goto(f"{url}/events/{other.id}")
    kept = page.get_by_test_id("next-training")
    expect(kept).to_contain_text("cannot be collected for the next training")
    page.goto(f"{url}/events/{event.id}")
    say_it_was_normal(page)
    page.goto(f"{url}/events/{event.id}")
    expect(kept).to_contain_text("Kept for the next training: 1 normal, 0 real.")
    assert axe(page) == []
    kept.get_by_role("link").click()
    sets = page.get_by_test_id("next-sets")
    expect(sets).to_contain_text("1 normal, 0 real")
    assert axe(page) == []
    sets.get_by_role("button", name="Train with it").click()
    expect(page.get_by_test_id("amount")).to_have_text("Files: 1, 4 s of sound")
    page.context.close()
