"""What a person may have otherwise: everyday names of an event, the name of a model, the patience of one source."""

import pytest
from playwright.sync_api import expect

from .conftest import comes, stored_event

NAMES = [
    {"name": "Squeak", "probability": 0.42},
    {"name": "Yodeling", "probability": 0.2},
    {"name": "Speech", "probability": 0.031},
]


@pytest.fixture
def own(serve, bundle_file, tmp_path):
    """A server with a bundle and an event that has everyday names."""
    event = stored_event(1, minutes_ago=5)
    evidence = event.evidence | {"everyday": {"by": "mn04", "names": NAMES}}
    named = stored_event(1, minutes_ago=5, evidence=evidence)
    with serve(tmp_path / "data", "--bundle", str(bundle_file), events=[named]) as running:
        yield running


def test_names_of_events_models_and_the_patience_of_a_source(browser, own, open_page, axe):
    page = open_page(browser, f"{own.url}/events", language="ja-JP", dark=False, phone=True)
    page.get_by_test_id("row").click()
    names = page.get_by_role("region", name="こんな音に似ています")
    expect(names).to_contain_text("キーキーという音 42 %")
    expect(names.get_by_text("Yodeling", exact=True)).to_have_attribute("lang", "en")
    expect(names).to_contain_text("話し声 3 %")
    expect(names).to_contain_text("判定ではなくヒント")
    assert axe(page) == []

    page = open_page(browser, f"{own.url}/bundles")
    card = page.get_by_test_id("bundle")
    card.get_by_role("button", name="Rename machine").click()
    field = card.get_by_role("textbox", name="Name of the model")
    expect(field).to_be_focused()
    field.fill("Fan, since the new belt")
    assert axe(page) == []
    field.press("Enter")
    expect(page.get_by_role("article", name="Fan, since the new belt")).to_be_visible()
    card.get_by_role("button", name="Rename Fan, since the new belt").click()
    field.press("Escape")
    expect(field).to_have_count(0)
    assert own.events()["events"][0]["bundle"] == "machine"

    # Only now, because the model takes it for strange, and events come of it.
    source = {"address": "machine:fan", "name": "Fan of hall 3"}
    own.ask("/api/sources", "POST", json=source)
    page = open_page(browser, f"{own.url}/settings")
    patience = page.get_by_role("region", name="Patience", exact=True)
    expect(patience).to_contain_text("Whatever the model calls unusual is told, however short.")
    expect(patience).to_contain_text("hold with no other, so it cannot be set here")
    of_fan = patience.get_by_role("group", name="Patience of Fan of hall 3")
    of_fan.get_by_label("Fan of hall 3").select_option("Its own")
    shortest = of_fan.get_by_label("What is shorter is no event")
    shortest.fill("20")
    shortest.press("Enter")
    expect(of_fan).to_contain_text("Nobody is told of what lasts less than 20 s")
    patient = {"min_on_s": 20.0, "merge_s": 10.0, "cooldown_s": 0.0}
    comes(lambda: [one["patience"] for one in chosen(own)], [patient])
    expect(page.get_by_role("region", name="Diagnostics")).to_contain_text(
        "auscult embedder fetch mn04"
    )
    assert axe(page) == []
    of_fan.get_by_label("Fan of hall 3").select_option("As for all")
    expect(shortest).to_have_count(0)
    comes(lambda: chosen(own), [])


def chosen(server):
    """What single sources have otherwise."""
    return list(server.ask("/api/settings")["sources"].values())
