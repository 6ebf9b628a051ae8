"""Figures of classes in words."""

from dataclasses import replace

import numpy as np
import pytest

from auscult.evaluation.class_words import class_cautions, class_summary, listed
from auscult.evaluation.classes import class_results, strangers

LABELS = [f"class {i}" for i in range(6)]


def result(right=10, wrong=2, sure=0.9, **changes):
    """Of each of six classes, so many named rightly and so many wrongly, about so surely."""
    truth = np.repeat(np.arange(6), right + wrong)
    named = np.concatenate([[i] * right + [(i + 1) % 6] * wrong for i in range(6)])
    shares = np.full((len(truth), 6), (1 - sure) / 5)
    shares[np.arange(len(truth)), named] = sure
    return replace(class_results(truth, shares, LABELS, draws=20), **changes)


def test_the_result_in_sentences():
    first, second = class_summary("siren", result())
    assert first.startswith("siren named 83 % of 72 recordings of 6 classes rightly")
    assert "from 73 to 90 would be no surprise" in first
    assert first.endswith("always naming the commonest class gives 17 %.")
    assert "83 % of each are named rightly" in second
    assert "among its first 3 guesses" in second
    assert "among its first 5 guesses" in second
    assert "7 points off" in second
    assert "are 1 point off" in class_summary("siren", result(calibration_error=0.013))[1]


def test_what_is_unknown_is_told():
    others = strangers([1.0, 1.2], [2.0, 0.9], {"tone": 2}, limit=1.5)
    last = class_summary("siren", result(strangers=others))[-1]
    assert "Of 2 recordings of classes that it does not know, it calls 50 % none of these" in last
    assert "of the 2 that it knows, 0 %" in last
    assert "in 50 of 100 cases" in last
    without = strangers([1.0, 1.2], [2.0, 0.9], {"tone": 2}, limit=None)
    last = class_summary("siren", result(strangers=without))[-1]
    assert last.startswith("A recording of a class that it does not know")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (result(right=2, wrong=10), "can't be told from that"),
        (result(right=5, wrong=1), "Fewer than 10 recordings of class 0, class 1"),
        (result(recordings=9), "The 72 clips are cut from 9 recordings"),
        (result(right=6, wrong=6), "too sure of itself: its probabilities are 40 points off"),
        (result(right=12, wrong=0, sure=0.6), "not sure enough of itself"),
        (
            result(accuracy_by_column={"rms_normalised": 0.5}),
            "33 points of accuracy are lost when every clip is equally loud",
        ),
        (
            result(accuracy_by_column={"random_gain": 0.7}),
            "13 points of accuracy are lost under random gain",
        ),
        (
            result(strangers=strangers([1.0], [None], {"tone": 1}, limit=None)),
            "can't tell from those it knows: tone (1)",
        ),
        (
            result(strangers=strangers([1.0], [0.5], {"tone": 1}, limit=None)),
            "hardly notices sound that is none of its classes",
        ),
    ],
)
def test_what_to_know_before_believing_it(found, words):
    assert any(words in text for text in class_cautions(found))


def test_nothing_stands_against_a_good_result():
    assert class_cautions(result(right=40, wrong=4)) == ()


def test_classes_without_recordings_are_named():
    found = class_results([0] * 12, np.eye(6)[[0] * 12], LABELS, draws=5)
    said = " ".join(class_cautions(found))
    assert "No recording here is of the class class 1, class 2, class 3, class 4, class 5:" in said


def test_of_many_names_five_are_listed():
    assert listed(LABELS) == "class 0, class 1, class 2, class 3, class 4, …"
