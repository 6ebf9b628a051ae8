"""The map by score: every recording once, the strangest strongest and on top."""

import re

from auscult.evaluation.embedding_map import embedding_map
from auscult.evaluation.page_map import map_figure, strangeness_figure


def opacities(figure):
    return [float(value) for value in re.findall(r"fill-opacity:([\d.]+)", figure)]


def test_stronger_the_stranger(evaluation, reader):
    figure = strangeness_figure(embedding_map(evaluation))
    drawn = opacities(figure)
    assert len(drawn) == len(evaluation.rows)
    assert drawn == sorted(drawn)
    assert (drawn[0], drawn[-1]) == (0.08, 1.0)
    strangest = max(evaluation.rows, key=lambda row: row.score)
    said = re.findall(r"<title>(.*?)</title>", figure)
    assert f"score {strangest.score:.3g}" in said[-1]
    assert "How strange they sound" in reader(figure).words


def test_the_map_by_label_has_a_legend(evaluation, reader):
    words = reader(map_figure(embedding_map(evaluation))).words
    assert "normal" in words
    assert "anomaly" in words
