"""What is drawn again stands beside what was given, for recordings that are worth a look."""

from dataclasses import replace

import numpy as np
import pytest

from auscult.evaluation.inside import Inside
from auscult.evaluation.page_figures import page_figures
from auscult.evaluation.page_rebuilt import chosen, rebuilt_figures


@pytest.fixture
def redrawn(evaluation, redrawer):
    return replace(evaluation, inside=Inside(scorer=redrawer()))


def test_a_normal_one_comes_first_and_then_the_worst(evaluation):
    why, rows = zip(*chosen(evaluation), strict=True)
    assert why[0] == "a normal recording like most"
    assert [row.is_normal for row in rows] == [True, False, False, True]
    normal = [row.score for row in evaluation.rows if row.is_normal and not row.silenced]
    assert rows[0].score == sorted(normal)[(len(normal) - 1) // 2]
    anomalous = [row.score for row in evaluation.rows if row.is_anomalous]
    assert (rows[1].score, rows[2].score) == (max(anomalous), min(anomalous))
    assert rows[3].score == max(row.score for row in evaluation.rows if row.is_normal)


def test_one_recording_is_shown_once(evaluation):
    heard = [row for row in evaluation.rows if not row.silenced]
    few = [next(row for row in heard if row.is_normal is kind) for kind in (True, False)]
    shown = chosen(replace(evaluation, rows=tuple(few)))
    assert [row.is_normal for _, row in shown] == [True, False]


def test_both_pictures_stand_side_by_side_with_their_numbers_behind_a_fold(redrawn, reader):
    figures = list(rebuilt_figures(redrawn))
    assert len(figures) == 4
    page = reader(figures[1])
    labels = [attrs["aria-label"] for attrs in page.all("svg")]
    assert len(labels) == 4  # two parts, each given and drawn
    assert [label.endswith("as it was given") for label in labels] == [True, False] * 2
    assert len(page.all("image")) == 4
    assert page.words.index("Drawn again: the anomalous one") < page.words.index("Numbers")
    for words in ("all of it", "wave", "300", "6.0"):
        assert words in page.words
    assert page.all("details")


def test_names_from_outside_are_text(redrawn, reader, nasty):
    rows = tuple(replace(row, name=f"{i} {nasty}") for i, row in enumerate(redrawn.rows))
    text = "".join(rebuilt_figures(replace(redrawn, rows=rows)))
    assert "<script>" not in text
    assert reader(text).words.count("<script>alert") == 4


def test_a_picture_that_is_all_alike_is_drawn(redrawn, monkeypatch):
    run = redrawn.inside.scorer.run
    monkeypatch.setattr(
        redrawn.inside.scorer,
        "run",
        lambda *given: {name: np.zeros_like(value) for name, value in run(*given).items()},
    )
    assert len(list(rebuilt_figures(redrawn))) == 4


def test_what_is_gone_is_left_out(redrawn, tmp_path):
    rows = tuple(
        replace(row, clip=replace(row.clip, sound=None, path=tmp_path / "gone.wav"))
        for row in redrawn.rows
    )
    assert list(rebuilt_figures(replace(redrawn, rows=rows))) == []


def test_a_page_has_them_only_where_there_are_any(redrawn, evaluation):
    assert sum("Drawn again" in figure for figure in page_figures(redrawn)) == 4
    assert not any("Drawn again" in figure for figure in page_figures(evaluation))
