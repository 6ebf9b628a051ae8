"""What the page says of classes."""

import re
from dataclasses import replace

import numpy as np
import pytest

from auscult.evaluation.classes import class_results
from auscult.evaluation.page_classes import (
    class_table,
    class_tiles,
    confusion_numbers,
    confusion_picture,
    reliability_numbers,
    reliability_picture,
    strangers_table,
    ways_table,
)


@pytest.fixture
def found(with_classes):
    return with_classes.classes


def many(k):
    truth = np.arange(3 * k) % k
    shares = np.eye(k)[truth]
    return class_results(truth, shares, [f"a class of sound {i}" for i in range(k)], draws=5)


def test_tiles_say_it_in_figures(found, only_classes):
    tiles = {name: (big, more) for big, name, more in class_tiles(found)}
    assert tiles["named rightly"][0] == "94 %"
    assert "commonest class 39 %" in tiles["named rightly"][1]
    assert tiles["AUC of unknown classes"] == ("1.00", "100 % called none of these")
    assert len(list(class_tiles(replace(only_classes.classes, strangers=None)))) == 3


def test_the_table_has_every_class_and_all_of_them(found, reader):
    page = reader(class_table(found))
    assert len(page.all("tr")) == 5
    assert "hum whistle (1) 7 1.000 0.857 0.923" in page.words
    assert "All, on average over classes" in page.words


def test_a_class_that_is_not_there_has_dashes(reader):
    found = class_results([0, 0], [[0.9, 0.1]] * 2, ["a", "b"], draws=5)
    assert "b – 0 – – – –" in reader(class_table(found)).words


def test_other_ways_of_playing(found, reader):
    words = reader(ways_table(found)).words
    assert "As recorded 0.944 Every clip equally loud 0.944" in words


def test_strangers(found, reader):
    words = reader(strangers_table(found)).words
    assert "tone 6" in words
    assert "Called none of these, of the unknown 100 %" in words
    assert strangers_table(replace(found, strangers=None)) is None


def test_each_field_is_drawn_and_those_with_recordings_are_numbered(found, reader):
    page = reader(confusion_picture(found))
    assert len(page.all("rect")) == 9
    assert "hum, named whistle: 1" in page.words
    assert len(re.findall(r'class="mid"', confusion_picture(found))) == 4
    assert "hum whistle 1" in reader(confusion_numbers(found)).words


def test_of_many_classes_only_the_colours_are_drawn(reader):
    picture = confusion_picture(many(50))
    assert 'class="mid"' not in picture
    assert len(reader(picture).all("rect")) == 2500
    assert "a class of so…" in picture
    assert picture.count("rotate(-60)") == 25  # every other: there is no more room


def test_names_cannot_become_markup(reader):
    found = class_results([0, 1], np.eye(2), ["<script>alert(1)</script>", "b"], draws=5)
    for part in (class_table(found), confusion_picture(found), confusion_numbers(found)):
        assert "<script" not in part


def test_reliability(found, reader):
    page = reader(reliability_picture(found))
    assert len(page.all("circle")) == len(found.reliability)
    assert "recordings, 100 % sure" in page.words
    assert "0.93 – 1.00" in reader(reliability_numbers(found)).words
