"""Every figure of the page draws what was measured, and says it in numbers too."""

import re

import numpy as np
import pytest

from auscult.evaluation.evaluate import evaluate
from auscult.evaluation.page_figures import page_figures

TITLES = [
    "Scores",
    "Decisions at the limit",
    "What each false alarm buys (ROC)",
    "How many alarms are right (precision and recall)",
    "F1 against the limit",
    "How alike the recordings sound",
    "How strange they sound",
]


@pytest.fixture(scope="module")
def drawn(evaluation):
    return dict(zip(TITLES, page_figures(evaluation), strict=True))


def test_each_has_a_title_a_sentence_a_picture_and_numbers(drawn, reader):
    for title, figure in drawn.items():
        read = reader(figure)
        assert read.text[0] == title
        tags = [tag for tag, _ in read.tags]
        for tag in ("h3", "figcaption", "svg", "details", "summary", "table"):
            assert tags.count(tag) == 1, (title, tag)


def test_bars_hold_every_recording_once(evaluation, drawn):
    found = re.findall(r"<title>(\d+) (normal|anomalous), score", drawn["Scores"])
    for kind, n in (("normal", evaluation.n_normal), ("anomalous", evaluation.n_anomaly)):
        assert sum(int(count) for count, name in found if name == kind) == n
    table = drawn["Scores"].split("<tbody>")[1]
    counts = [int(cell) for cell in re.findall(r">(\d+)</td>", table)]
    assert sum(counts) == len(evaluation.rows)


def test_normal_goes_up_and_anomalous_down(drawn):
    middle = float(re.search(r'd="M[\d.]+ ([\d.]+)L[^"]*" class="zero"', drawn["Scores"])[1])
    bars = re.findall(r'y="([\d.]+)" [^>]*height="([\d.]+)" class="bar (c\d)"', drawn["Scores"])
    assert {kind for *_, kind in bars} == {"c0", "c1"}
    for y, height, kind in bars:
        edge = float(y) + float(height) if kind == "c0" else float(y)
        assert edge == pytest.approx(middle, abs=0.1)


def test_decisions_are_counted(evaluation, drawn, reader):
    counted = evaluation.at_limit
    words = reader(drawn["Decisions at the limit"]).words
    assert f"Of 14 normal recordings {counted.fp} raised a false alarm" in words
    assert f"normal {counted.tn} {counted.fp} anomalous {counted.fn} {counted.tp}" in words


def test_the_dot_is_where_the_bundle_decides(evaluation, drawn):
    x, y = (float(v) for v in re.search(r'cx="([\d.]+)" cy="([\d.]+)"', drawn[TITLES[2]]).groups())
    assert (x - 52) / (506 - 52) == pytest.approx(
        evaluation.at_limit.false_positive_rate, abs=0.001
    )
    assert (274 - y) / (274 - 16) == pytest.approx(evaluation.at_limit.recall, abs=0.001)


def test_without_an_alarm_there_is_no_precision_to_point_at(fake_scorer, some_clips):
    silent = evaluate(fake_scorer(limit=np.inf), some_clips, bootstrap=1)
    figure = list(page_figures(silent))[3]
    assert 'class="dot"' not in figure
    assert "at the limit" not in figure.split("<svg")[0]


def test_f1_is_told_at_the_limit_and_at_quantiles(drawn, reader):
    words = reader(drawn["F1 against the limit"]).words
    assert "the bundle's limit 0.42" in words
    assert "100 % of normal recordings stay below" in words


def test_marks_tell_normal_from_anomalous_without_colour(drawn):
    figure = drawn["How alike the recordings sound"]
    assert len(re.findall(r'class="mark c0"', figure)) == len(re.findall("<circle", figure)) == 14
    assert len(re.findall(r'<path d="M[^"]*Z" class="mark c1"', figure)) == 10


def test_classes_have_their_own_colours(scorer, some_clips, clip):
    clips = [*some_clips, *(clip(i, f"class {i}") for i in range(8))]
    figure = list(page_figures(evaluate(scorer, clips[:-5], bootstrap=5)))[5]
    assert "key c0 round" in figure
    assert "key c2 diamond" in figure


def test_of_more_classes_than_colours_names_stand_on_the_map(scorer, some_clips, clip):
    clips = [*some_clips, *(clip(i, f"class {i}") for i in range(8))]
    figure = list(page_figures(evaluate(scorer, clips, bootstrap=5)))[5]
    assert "key" not in figure
    assert figure.count('class="note mid up"') == 10
    assert ">class 7</text>" in figure
    assert "c6" not in figure


def test_a_classifier_without_alarms_has_figures_of_its_classes_alone(only_classes, reader):
    figures = [reader(figure).words for figure in page_figures(only_classes)]
    titles = ("What is taken for what", "How far to trust its probabilities", "How alike the")
    assert len(figures) == len(titles)
    assert all(title in figure for title, figure in zip(titles, figures, strict=True))


def test_a_classifier_with_alarms_has_all_of_them(with_classes):
    assert len(list(page_figures(with_classes))) == 9


def test_classes_that_are_known_are_round_and_others_are_not(only_classes):
    figure = list(page_figures(only_classes))[2]
    assert figure.count("<circle") == 18
    assert "key c2 diamond" in figure  # tone


def test_thinned_out_points_are_told(evaluation, monkeypatch, reader):
    monkeypatch.setattr("auscult.evaluation.embedding_map.MAX_POINTS", 10)
    assert (
        "16 recordings are left out of the picture"
        in reader(list(page_figures(evaluation))[5]).words
    )
