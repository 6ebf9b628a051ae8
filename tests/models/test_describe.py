"""Families told so that a form can be made of them, and begins as their recipes do."""

import pytest

from auscult.models import describe, families
from auscult.models.describe import all_described, family_described
from auscult.recipe import Recipe, from_dict, read_recipe, usual


def begun(name):
    """The recipe that the form of a family begins with."""
    sections = family_described(name)["sections"]
    plain = {key: {one["name"]: one["begin"] for one in found} for key, found in sections.items()}
    return from_dict({"family": name, **plain})[0]


@pytest.mark.parametrize("name", sorted({*families.names()} & {*usual.names()}))
def test_forms_begin_as_the_recipe_of_the_family(name):
    form, (given, _) = begun(name), read_recipe(name)
    assert form.audio == given.audio
    assert form.training == given.training
    assert form.augment == given.augment
    assert {key: form.model[key] for key in given.model} == dict(given.model)


@pytest.mark.parametrize("name", families.names())
def test_every_option_is_told(name):
    found = family_described(name)
    options = found["sections"]["model"]
    assert [one["name"] for one in options] == list(families.options_of(families.family(name)))
    for one in options:
        assert one["help"], one["name"]
        assert "See `" not in one["help"]
    assert found["summary"].endswith(".")


def test_what_can_not_be_loaded_is_named_apart(monkeypatch):
    monkeypatch.setattr(describe.families, "names", lambda: ("resnet", "gone"))
    found, broken = all_described()
    assert [one["name"] for one in found] == ["resnet"]
    assert broken[0]["name"] == "gone"
    assert "There is no family 'gone'" in broken[0]["error"]


def test_recipes_of_forms_are_recipes():
    assert isinstance(begun("wavelet_fusion"), Recipe)
