"""The figures as pictures for a talk."""

import sys

import numpy as np
import pytest

from auscult.errors import MissingExtra
from auscult.evaluation.evaluate import evaluate
from auscult.evaluation.png_figures import png_figures

NAMES = ["scores", "roc", "precision_recall", "f1_against_limit", "confusion", "embedding_map"]


def test_every_figure_is_a_png_and_no_two_are_alike(evaluation):
    pictures = dict(png_figures(evaluation))
    assert list(pictures) == NAMES
    assert len(set(pictures.values())) == 6
    for picture in pictures.values():
        assert picture[:8] == b"\x89PNG\r\n\x1a\n"


def test_a_bundle_without_a_limit_or_a_map(fake_scorer, some_clips):
    class Bare(fake_scorer):
        def embed(self, sound):
            return np.empty(0)

    result = evaluate(Bare(limit=np.inf), some_clips, bootstrap=1)
    assert [name for name, _ in png_figures(result)] == NAMES[:5]


def test_without_matplotlib_it_says_what_to_install(evaluation, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtra, match=r"Drawing PNG figures.*pip install 'auscult\[report\]'"):
        next(png_figures(evaluation))


def test_classes_have_pictures_of_their_own(only_classes, with_classes):
    own = ["class_confusion", "reliability", "embedding_map"]
    assert [name for name, _ in png_figures(only_classes)] == own
    assert len(list(png_figures(with_classes))) == 8


def test_of_many_classes_names_stand_on_the_map(some_clips, clip, scorer):
    clips = [*some_clips, *(clip(i, f"class {i}") for i in range(8))]
    assert dict(png_figures(evaluate(scorer, clips, bootstrap=5)))["embedding_map"]
