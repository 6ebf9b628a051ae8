import json

import pytest
import typer

from auscult import cli
from auscult.cli import track
from auscult.cli.runs import differences, runs
from auscult.recipe import Recipe, Training
from auscult.training.track import open_run, runs_in


@pytest.fixture
def tell(run, monkeypatch):
    """Run a command of this file."""
    app = typer.Typer()
    app.command()(runs)
    app.add_typer(track.app, name="track")
    monkeypatch.setattr(cli, "app", app)
    return run


@pytest.fixture
def three(tmp_path):
    for name, epochs in (("a", 5), ("b/fold1", 9)):
        recipe = Recipe(family="resnet", training=Training(epochs=epochs))
        with open_run(tmp_path / "runs" / name, recipe, data={"sha256": "ab" * 32}) as run:
            run.metrics(step=1, epoch=1, loss=0.5, held_out_loss=0.75, held_out_accuracy=0.875)
    failed = open_run(tmp_path / "runs" / "c", recipe, data={"sha256": "ab" * 32})
    failed.close("failed", error="TrainingError: no number")
    return tmp_path / "runs"


def test_runs_are_listed_and_compared(tell, three) -> None:
    ended = tell("runs")
    assert ended.code == 0
    assert "c failed" in ended.words
    assert "b/fold1 done" in ended.words
    assert "0:00 1 0.500 0.750 87.5%" in ended.words
    assert "training.epochs 9 9 5" in ended.words
    assert "learning_rate" not in ended.out
    assert "c: TrainingError: no number" in ended.words


def test_json_has_all_of_them(tell, three) -> None:
    found = tell("runs", three, "--json").json["runs"]
    assert [one["status"] for one in found] == ["failed", "done", "done"]
    assert found[1]["best"]["held_out_accuracy"] == 0.875
    assert found[1]["recipe"]["training"]["epochs"] == 9
    assert json.dumps(found)


def test_one_run_is_listed_by_its_folder(tell, three) -> None:
    ended = tell("runs", three / "a")
    assert "a done" in ended.words
    assert "differ" not in ended.out


def test_no_runs_are_told_in_words(tell, tmp_path) -> None:
    ended = tell("runs", tmp_path)
    assert ended.code == 2
    assert "holds no run. Expected: a folder with runs below it" in " ".join(ended.err.split())
    assert tell("runs", tmp_path, "--json").json == {"runs": []}


def test_differing_data_is_a_difference(three) -> None:
    with open_run(three / "d", Recipe(family="resnet"), data={"sha256": "cd" * 32}) as run:
        run.log("note")
    rows = dict(differences(runs_in(three)))
    assert rows["data"] == ("cdcdcdcd", "abababab", "abababab", "abababab")
