"""What a data set holds, as a page."""

from pathlib import Path

import pytest

from auscult.audio.sound import Sound
from auscult.datasets.clip import Clip
from auscult.evaluation.data_check import check
from auscult.evaluation.data_page import data_page


@pytest.fixture(scope="module")
def report(class_clips):
    return check(class_clips)


def test_it_holds_everything_and_asks_nothing_of_anyone(report, reader):
    page = reader(data_page(report))
    assert page.all("script") == []
    assert "default-src 'none'" in str(page.all("meta"))
    assert "24 recordings, 0.01 h that can be read" in page.words
    assert "Which classes sound alike" in page.words
    assert len(page.all("path")) == 24


def test_the_most_mixed_classes_come_first(report, reader):
    words = reader(data_page(report)).words
    ranked = sorted(report.classes.silhouettes, key=report.classes.silhouettes.get)
    places = [words.index(f"{label} {report.classes.silhouettes[label]:.2f}") for label in ranked]
    assert places == sorted(places)


def test_findings_are_told_with_their_files(report, reader):
    assert "None of the 4 labels is normal" in reader(data_page(report)).words


def test_one_class_has_no_map(class_clips, reader):
    page = reader(data_page(check(class_clips[:5])))
    assert "Which classes" not in page.words
    assert page.all("svg") == []


def test_names_cannot_become_markup(class_clips, nasty):
    clips = [
        Clip(path=Path(nasty), label=nasty, sound=Sound(samples=clip.sound.samples, rate_hz=16000))
        for clip in class_clips[:3]
    ]
    assert "<script" not in data_page(check([*clips, *class_clips[6:12]]))
