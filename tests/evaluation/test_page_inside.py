"""Maps and filters as pictures."""

import numpy as np

from auscult.evaluation.inside import FilterPair, StrangeMap
from auscult.evaluation.page_inside import filter_numbers, filter_picture, map_picture

HAAR = FilterPair(name="1", low_pass=np.array([0.7, 0.7]), high_pass=np.array([0.7, -0.7]))


def test_a_map_has_an_axis_of_frequency_where_bands_are_known(reader):
    values = np.arange(12.0).reshape(3, 4)
    drawn = StrangeMap(values=values, start_s=5.0, end_s=9.0, centres_hz=(500.0, 1500.0, 6000.0))
    read = reader(map_picture(drawn, title="<a>.wav"))
    assert read.all("svg")[0]["aria-label"] == "Where the bundle finds <a>.wav strange"
    assert read.all("image")[0]["href"].startswith("data:image/png;base64,")
    for words in ("kHz", "1", "4", "6", "8"):
        assert words in read.text
    bare = reader(map_picture(StrangeMap(values=values, start_s=0.0, end_s=1.0), title="a"))
    assert "kHz" not in bare.words


def test_a_map_that_is_all_alike_is_drawn():
    drawn = StrangeMap(values=np.zeros((2, 3)), start_s=0.0, end_s=1.0)
    assert "image" in map_picture(drawn, title="a")


def test_filters_are_curves_and_numbers(reader):
    picture = reader(filter_picture([HAAR, HAAR]))
    assert "2 learned pairs" in picture.all("svg")[0]["aria-label"]
    kinds = [attrs["class"] for attrs in picture.all("path")]
    assert kinds.count("curve") == kinds.count("curve second") == 2
    assert "0.7000, -0.7000" in reader(filter_numbers([HAAR])).words
