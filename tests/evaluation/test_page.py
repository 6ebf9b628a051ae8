"""The page stands alone, escapes what comes from outside, and says what the numbers say."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pytest

from auscult.evaluation.evaluate import evaluate
from auscult.evaluation.page import page


@pytest.fixture(scope="module")
def html(evaluation):
    return page(evaluation, listen=2)


def test_asks_nothing_of_the_network_and_runs_nothing(html, reader):
    read = reader(html)
    assert not read.all("script")
    assert not read.all("link")
    for _, attrs in read.tags:
        assert not any(name.startswith("on") for name in attrs)
        for name in ("src", "href", "xlink:href"):
            assert attrs.get(name, "data:").startswith("data:")
    assert not re.findall(r"url\(|@import|https?://", html)
    (policy,) = [m for m in read.all("meta") if "http-equiv" in m]
    assert "default-src 'none'" in policy["content"]


def test_what_comes_from_outside_is_escaped(html, reader, nasty):
    assert "<script" not in html
    assert "<here>" not in html
    assert "fan <b>" not in html
    words = reader(html).words
    assert nasty in words
    assert "More hiss <here> than usual." in words
    assert "fan <b>[red]7" in words
    assert "gone<i>.wav" in words


def test_is_well_formed(html):
    # As strict as XML: every tag closed, every attribute quoted.
    body = html.removeprefix("<!doctype html>\n")
    body = re.sub(r"<meta([^>]*)>", r"<meta\1/>", body)
    body = re.sub(r" (controls)(?=[ >])", r' \1="controls"', body)
    ET.fromstring(body)


def test_headings_figures_and_tables_for_everybody(html, reader):
    read = reader(html)
    assert read.tags[0] == ("html", {"lang": "en"})
    assert len(read.all("h1")) == 1
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch("h[1-6]", tag)]
    assert all(b <= a + 1 for a, b in pairwise(levels))
    assert len(read.all("figure")) == len(read.all("details")) == 7
    assert len(read.all("table")) == len(read.all("caption")) == 7 + 3
    for svg in read.all("svg"):
        assert svg.get("aria-label") or svg.get("aria-hidden") == "true"
    for audio in read.all("audio"):
        assert audio["aria-label"].startswith("Play ")


def test_every_class_has_its_look(html, reader):
    style = html[html.index("<style>") : html.index("</style>")]
    used = {name for _, attrs in reader(html).tags for name in attrs.get("class", "").split()}
    styled = set(re.findall(r"\.([a-z][\w-]*)", style))
    assert used <= styled
    assert "prefers-color-scheme:dark" in style.replace(" ", "")


def test_says_the_result_in_words(evaluation, html, reader):
    counted = evaluation.at_limit
    words = reader(html).words
    assert f"heard {counted.tp} of 10 anomalous recordings" in words
    assert f"false alarm on {counted.fp} of 14 normal ones" in words
    assert "Without a label, and left out: 1 recording." in words
    assert f"{evaluation.columns['as_recorded'].auc:.3f}" in words


def test_no_invalid_numbers_reach_it(html):
    assert not re.search(r"\bnan\b|\binf\b|NaN|Infinity", html)


def test_listen_zero_leaves_the_misses_out(evaluation, reader):
    quiet = page(evaluation, listen=0)
    assert not reader(quiet).all("audio")
    assert "worst misses" not in quiet


def test_the_same_evaluation_gives_the_same_page(evaluation, html):
    assert page(evaluation, listen=2) == html


@pytest.mark.parametrize("limit", [np.inf, 1e-9, 1e9])
def test_one_of_each_and_strange_limits(fake_scorer, clip, reader, limit):
    result = evaluate(fake_scorer(limit=limit), [clip(1), clip(2, "anomaly")], bootstrap=10)
    html = page(result)
    assert not re.search(r"\bnan\b|\binf\b", html)
    assert reader(html).words


def test_a_bundle_without_a_limit_or_a_map(fake_scorer, some_clips, reader):
    class Bare(fake_scorer):
        def embed(self, sound):
            return np.empty(0)

    read = reader(page(evaluate(Bare(limit=np.inf), some_clips, bootstrap=5), listen=0))
    assert "no limit for recordings yet" in read.words
    assert len(read.all("figure")) == 5


def test_all_scores_alike(scorer, clip, fan, reader):
    same = fan(1)
    clips = [clip(i, label, sound=same) for i in range(3) for label in ("normal", "anomaly")]
    html = page(evaluate(scorer, clips, bootstrap=10))
    assert "can't be told from guessing" in reader(html).words
    assert not re.search(r"\bnan\b|\binf\b", html)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("{label}_id_00_{i:08d}.wav", "2020"),
        (
            "section_00_source_test_{label}_{i:04d}_x.wav",
            "fan id_00 has no normal recording of the target domain",
        ),
    ],
)
def test_official_scores_are_shown_or_said_why_not(scorer, clip, reader, name, said):
    clips = [
        clip(i, label, name=name.format(label=label, i=i), unit="id_00", domain="source")
        for i in range(4)
        for label in ("normal", "anomaly")
    ]
    words = reader(page(evaluate(scorer, clips, bootstrap=5), listen=0)).words
    assert "Official DCASE score" in words
    assert said in words


def test_one_unit_is_not_told_twice(scorer, clip):
    alone = page(evaluate(scorer, [clip(0), clip(2, "anomaly")], bootstrap=1), listen=0)
    assert "Machine by machine" not in alone
    assert "Machine by machine" in page(
        evaluate(scorer, [clip(0), clip(1, "anomaly")], bootstrap=1), listen=0
    )


def test_a_classifier_without_alarms_has_no_normal_and_anomalous_ones(
    only_classes, written, reader
):
    page = reader(written(only_classes))
    assert "24 recordings" in page.words
    for title in ("Class by class", "What is taken for what", "The surest mistakes"):
        assert title in page.words
    for title in ("Three ways of playing", "The worst misses", "AUC as recorded", "pAUC"):
        assert title not in page.words
    assert "Wilson" in page.words


def test_a_classifier_with_alarms_has_both(with_classes, written, reader):
    words = reader(written(with_classes)).words
    assert "13 normal and 5 anomalous recordings" in words
    for title in ("Class by class", "Three ways of playing", "The worst misses", "surest mistakes"):
        assert title in words
    assert "alarm labels count as anomalous" in words
    assert "Every label but" not in words
