"""Settings told so that a form can be made of them."""

import json
from dataclasses import dataclass, fields

import pytest

from auscult.recipe import Recipe, from_dict
from auscult.recipe.describe import SECTIONS, described, help_of, settings_of


@pytest.mark.parametrize("section", SECTIONS)
def test_every_setting_is_told_with_its_meaning(section):
    kind = SECTIONS[section]
    found = settings_of(kind)
    assert [one.name for one in found] == [one.name for one in fields(kind)]
    for one in found:
        assert one.help, one.name
        assert json.loads(json.dumps(one.to_dict()))["name"] == one.name


@pytest.mark.parametrize("section", SECTIONS)
def test_defaults_are_a_recipe(section):
    plain = {one.name: one.default for one in settings_of(SECTIONS[section])}
    recipe, _ = from_dict({"family": "resnet", section: plain})
    assert recipe == Recipe(family="resnet")


@pytest.mark.parametrize(
    ("kind", "form", "may_be_empty"),
    [
        (int, "whole", False),
        (float | None, "number", True),
        (tuple[int, ...], "wholes", False),
        (tuple[float, ...], "numbers", False),
        (tuple[str, ...], "texts", False),
        (bool, "truth", False),
        (str, "text", False),
    ],
)
def test_kinds_become_forms(kind, form, may_be_empty):
    found = described("x", kind, default=None)
    assert (found.form, found.may_be_empty) == (form, may_be_empty)


def test_names_that_stand_together_share_their_words():
    @dataclass
    class Kind:
        """What it is.

        Parameters
        ----------
        a, b
            Both of
            them.
        c
            Alone.

        Raises
        ------
        ValueError
            Never.
        """

    assert help_of(Kind) == {"a": "Both of them.", "b": "Both of them.", "c": "Alone."}
    assert help_of(int) == {}
