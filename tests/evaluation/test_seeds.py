"""Means and spreads over several trainings."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from auscult.errors import DatasetError
from auscult.evaluation.evaluate import evaluate
from auscult.evaluation.seeds import over_seeds, seeds_table


@pytest.fixture(scope="module")
def plain(fake_scorer, some_clips):
    by_hiss = evaluate(fake_scorer(), some_clips, bootstrap=5).to_dict()
    by_loudness = evaluate(fake_scorer(hears="loudness"), some_clips, bootstrap=5).to_dict()
    return [by_hiss, by_loudness]


def test_mean_and_deviation_of_the_sample(plain):
    result = over_seeds(plain)
    values = [one["auc"] for one in plain]
    figure = result["figures"]["AUC"]
    assert result["n"] == 2
    assert figure["values"] == values
    assert figure["mean"] == pytest.approx(np.mean(values))
    assert figure["sd"] == pytest.approx(abs(values[0] - values[1]) / np.sqrt(2))
    assert [unit["unit"] for unit in result["per_unit"]] == ["id_00", "id_01"]
    assert result["per_unit"][0]["auc"]["values"] == [one["per_unit"][0]["auc"] for one in plain]


def test_of_one_there_is_no_spread(plain):
    figure = over_seeds(plain[:1])["figures"]["F1 at the limit"]
    assert figure["sd"] is None


def test_what_not_all_measured_is_left_out(plain):
    without = {key: value for key, value in plain[0].items() if key != "level_auc"}
    figures = over_seeds([without, plain[1]])["figures"]
    assert "AUC of loudness alone" not in figures
    assert "AUC" in figures


def test_official_scores_are_averaged(plain):
    rules = [
        [{"rule": "2020", "score": score}, {"rule": "x", "score": None}] for score in (0.5, 0.7)
    ]
    both = [one | {"dcase": dcase} for one, dcase in zip(plain, rules, strict=True)]
    figures = over_seeds(both)["figures"]
    assert figures["DCASE 2020"]["mean"] == pytest.approx(0.6)
    assert "DCASE x" not in figures


def test_other_recordings_are_refused(plain, fake_scorer, some_clips):
    fewer = evaluate(fake_scorer(), some_clips[1:], bootstrap=1).to_dict()
    renamed = [replace(clip, path=Path(f"x{clip.path}")) for clip in some_clips]
    others = evaluate(fake_scorer(), renamed, bootstrap=1).to_dict()
    with pytest.raises(DatasetError, match="not of the same recordings"):
        over_seeds([plain[0], others])
    with pytest.raises(DatasetError, match="not of the same recordings"):
        over_seeds([plain[0], fewer])
    with pytest.raises(DatasetError, match="no evaluation to average"):
        over_seeds([])


def test_table(plain):
    console = Console(width=120, file=io.StringIO())
    console.print(seeds_table(over_seeds(plain)))
    said = console.file.getvalue()
    for words in ("fan <b>[red]7: 2 evaluations", "pAUC", "AUC of fan id_01", "±"):
        assert words in said
