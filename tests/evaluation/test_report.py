"""What is written where, and what the terminal shows."""

import io
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from auscult.errors import DatasetError, MissingExtra
from auscult.evaluation import report
from auscult.evaluation.data_check import check
from auscult.evaluation.evaluate import evaluate


def test_its_public_names():
    assert report.__all__ == [
        "cautions",
        "class_table",
        "figures",
        "summary",
        "table",
        "tables",
        "write_data_html",
        "write_html",
        "write_json",
        "write_page",
    ]


def test_json(evaluation, tmp_path):
    report.write_json(evaluation, tmp_path / "deep" / "r.json")
    answer = json.loads((tmp_path / "deep" / "r.json").read_text("utf-8"))
    assert answer == json.loads(json.dumps(evaluation.to_dict(rows=True)))
    assert len(answer["rows"]) == 24
    report.write_json(evaluation, tmp_path / "short.json", rows=False)
    assert "rows" not in json.loads((tmp_path / "short.json").read_text("utf-8"))


def test_table(evaluation):
    console = Console(width=120, file=io.StringIO(), record=True)
    console.print(report.table(evaluation))
    text = console.export_text()
    assert "fan <b>[red]7" in text
    for name in (
        "As recorded",
        "Every clip equally loud",
        "Random gain",
        "Loudness alone",
        "Always alarm",
    ):
        assert name in text
    assert "fan id_01" in text
    assert "mean of fan" in text
    assert f"{evaluation.columns['as_recorded'].auc:.3f}" in text


@dataclass
class InParts:
    """One part hears what all of it hears, one the opposite."""

    inner: Any

    @property
    def bundle(self):
        return self.inner.bundle

    def score(self, sound, **options):
        verdict = self.inner.score(sound, **options)
        return replace(verdict, parts={"keen": verdict.score, "deaf": -verdict.score})

    def embed(self, sound):
        return self.inner.embed(sound)


def test_parts_have_figures_of_their_own(fake_scorer, some_clips, tmp_path, written):
    found = evaluate(InParts(fake_scorer()), some_clips, bootstrap=10)
    for column, whole in found.columns.items():
        assert found.parts["keen"][column] == {"auc": whole.auc, "pauc": whole.pauc}
        assert found.parts["deaf"][column]["auc"] == pytest.approx(1.0 - whole.auc)
    console = Console(width=120, file=io.StringIO(), record=True)
    console.print(report.table(found))
    assert "As recorded, keen alone" in console.export_text()
    report.write_json(found, tmp_path / "parts.json")
    said = json.loads((tmp_path / "parts.json").read_text())
    assert said["parts"] == found.parts
    assert set(said["rows"][0]["parts"]["random_gain"]) == {"keen", "deaf"}
    assert "As recorded, deaf alone" in written(found, listen=0)


def test_one_unit_is_not_said_twice(scorer, clip):
    result = evaluate(scorer, [clip(0), clip(2, "anomaly")], bootstrap=1)
    assert report.table(result).row_count == 5


def test_png_figures_are_files(evaluation, tmp_path):
    paths = report.figures(evaluation, tmp_path / "figures")
    assert [path.name for path in paths[:2]] == ["scores.png", "roc.png"]
    assert sorted(paths) == sorted((tmp_path / "figures").iterdir())


@pytest.mark.parametrize("library", ["matplotlib.figure", "sklearn.manifold"])
def test_nothing_is_written_where_an_extra_is_missing(evaluation, tmp_path, monkeypatch, library):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtra, match=r"pip install 'auscult\[report\]'"):
        report.figures(evaluation, tmp_path, tsne=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("limit", [np.inf, 1e-9, 1e9])
def test_one_of_each_and_strange_limits(fake_scorer, clip, written, tmp_path, limit):
    result = evaluate(fake_scorer(limit=limit), [clip(1), clip(2, "anomaly")], bootstrap=10)
    report.write_json(result, tmp_path / "r.json")
    assert report.table(result).row_count == 8
    assert "1 normal and 1 anomalous recordings are few" in written(result)


def test_a_place_that_cannot_be_written(evaluation, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatasetError, match=r"can't be written.*Expected: a place that can be"):
        report.write_json(evaluation, tmp_path / "file" / "r.json")


def test_nothing_half_written_is_left(evaluation, tmp_path, monkeypatch):
    def fails(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(DatasetError, match="No space left"):
        report.write_json(evaluation, tmp_path / "r.json")
    assert list(tmp_path.iterdir()) == []


def test_a_classifier_has_a_table_of_its_classes(only_classes, with_classes, evaluation):
    assert len(report.tables(evaluation)) == 1
    assert len(report.tables(with_classes)) == 2
    (table,) = report.tables(only_classes)
    said = shown(table)
    assert "three: how well it tells classes apart" in said
    assert "hum" in said
    assert "whistle (1)" in said
    assert "All together" in said


def test_a_report_on_data_is_written(class_clips, tmp_path):
    report.write_data_html(check(class_clips), tmp_path / "data.html")
    assert "Which classes sound alike" in (tmp_path / "data.html").read_text("utf-8")


def shown(table):
    console = Console(width=120, file=io.StringIO())
    console.print(table)
    return console.file.getvalue()
