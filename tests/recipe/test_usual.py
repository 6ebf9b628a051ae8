import pytest

from auscult.errors import RecipeError
from auscult.models.families import build, family
from auscult.recipe import read_recipe, usual

# Its network is fetched, and not here.
BUILT = [name for name in usual.names() if name != "transfer"]


def test_every_one_says_what_it_is_for():
    assert len(usual.names()) == 9
    for name in usual.names():
        assert len(usual.about(name)) > 50
        assert "family:" not in usual.about(name)


@pytest.mark.parametrize("name", BUILT)
def test_every_one_is_of_a_family_that_takes_it(name):
    recipe, _ = read_recipe(name)
    kind = family(recipe.family)
    detector = build(
        recipe.family,
        rate_hz=recipe.audio.sample_rate_hz,
        window_samples=round(recipe.audio.window_s * recipe.audio.sample_rate_hz),
        labels=() if kind.learns_from == "normal" else ("a", "b"),
        **recipe.model,
    )
    assert detector.family == recipe.family


def test_a_file_of_that_name_comes_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "despawn").write_text("family: resnet\n")
    assert read_recipe("despawn")[0].family == "resnet"
    assert read_recipe("autoencoder")[0].family == "autoencoder"


def test_an_unknown_name_is_told_with_those_there_are():
    with pytest.raises(RecipeError, match=r"There is no recipe autoencodr.+dense_autoencoder"):
        read_recipe("autoencodr")
