"""Families by name: ours, and those of plug-ins that are installed."""

import sys
import tomllib
from pathlib import Path

import pytest

from auscult.datasets.simulate import simulate
from auscult.errors import RecipeError
from auscult.models import families
from auscult.models.checks import check_outputs, run_checks
from auscult.models.cnn_attention import CnnAttention
from auscult.recipe import read_recipe, with_settings
from auscult.runtime.bundle import load
from auscult.training.train import train

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "08_own_family"

GIVEN = {"rate_hz": 16000, "window_samples": 16000, "labels": ("ok", "ng")}

PLUGIN = """
from auscult.models.cnn_attention import CnnAttention

class Louder(CnnAttention):
    family = "louder"

nothing = 7
"""


def tell_of(folder, package, points):
    """What pip writes down of a package that it has installed."""
    info = folder / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[auscult.families]\n" + "".join(f"{name} = {place}\n" for name, place in points.items())
    )


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """A package with three entry points, of which one is a family."""
    (tmp_path / "louder_plugin.py").write_text(PLUGIN)
    points = {
        "louder": "louder_plugin:Louder",
        "nothing": "louder_plugin:nothing",
        "missing": "no_such_package:Thing",
    }
    tell_of(tmp_path, "louder_plugin", points)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("louder_plugin", None)


@pytest.fixture
def example(tmp_path, monkeypatch):
    """The example package, with the entry point that its own pyproject.toml has."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    tell_of(tmp_path, "auscult_band_statistics", project["entry-points"][families.GROUP])
    monkeypatch.syspath_prepend(EXAMPLE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield
    sys.modules.pop("band_statistics", None)


def test_ours_are_there():
    assert {"cnn_attention", "resnet", "transfer"} <= set(families.names())
    assert families.family("cnn_attention") is CnnAttention


def test_that_of_a_plug_in_is_one_like_ours(plugin):
    assert "louder" in families.names()
    detector = families.build("louder", **GIVEN, heads=4)
    assert type(detector).__name__ == "Louder"
    check_outputs(families.family("louder"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nothing", "is no detector"),
        ("missing", "can't be loaded: No module named 'no_such_package'"),
        ("resnett", "There is no family 'resnett'.*Did you mean resnet"),
        ("zzz", "Change family in the recipe"),
    ],
)
def test_what_is_no_family(plugin, name, words):
    with pytest.raises(RecipeError, match=words):
        families.build(name, **GIVEN)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"head": 4}, "no option model.head.*Did you mean heads"),
        ({"heads": 2.5}, "model.heads is 2.5. Expected: a whole number"),
        ({"heads": True}, "a whole number"),
        ({"dropout": "much"}, "a number"),
        ({"channels": 64}, "a list, each a whole number"),
        ({"channels": ("a",)}, "a list, each a whole number"),
        ({"normalise": "peak"}, "one of rms, none"),
    ],
)
def test_options_are_known_and_of_their_kind(options, words):
    with pytest.raises(RecipeError, match=words):
        families.build("cnn_attention", **GIVEN, **options)


def test_whole_numbers_are_numbers_and_lists_are_tuples():
    detector = families.build(
        "cnn_attention", **GIVEN, dropout=0, channels=[8, 8, 16], band_hz=[20, 4000]
    )
    assert detector.settings()["dropout"] == 0.0
    assert detector.settings()["channels"] == (8, 8, 16)
    assert detector.settings()["band_hz"] == (20.0, 4000.0)


def test_the_example_is_a_family(example):
    recipe, notes = read_recipe(EXAMPLE / "recipe.yaml")
    assert not notes
    detector = families.build(recipe.family, **GIVEN, **recipe.model)
    assert detector.settings()["n_bands"] == 40
    run_checks(families.family("band_statistics"))
    with pytest.raises(RecipeError, match=r"band_statistics has no option model.heads"):
        families.build("band_statistics", **GIVEN, heads=4)


def test_it_is_there_only_while_its_package_is():
    assert "band_statistics" not in families.names()


@pytest.mark.filterwarnings("default::auscult.errors.AuscultWarning")
def test_the_example_is_trained_like_ours(example, tmp_path):
    simulate(tmp_path / "made", machine="fan", normal=8, anomaly=4, seconds=3.0)
    recipe, _ = read_recipe(EXAMPLE / "recipe.yaml")
    recipe = with_settings(
        recipe, [f"data.path={tmp_path / 'made'}", "training.epochs=2", "model.hidden=8"]
    )
    trained = train(recipe, out=tmp_path / "run")
    assert trained.bundle.manifest.family == "band_statistics"
    assert load(trained.path).manifest.dim == 8


def test_the_page_shows_the_class_of_the_example():
    page = (ROOT / "docs" / "how-to" / "own-family.md").read_text(encoding="utf-8")
    shown = (EXAMPLE / "band_statistics.py").read_text(encoding="utf-8")
    assert f"```python\n{shown}```\n" in page
