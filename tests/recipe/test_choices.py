from dataclasses import FrozenInstanceError, fields, is_dataclass

import pytest

from auscult.recipe import Audio, Augment, Data, Recipe, Track, Training


def test_a_family_is_all_that_a_recipe_needs() -> None:
    recipe = Recipe(family="resnet")
    assert (recipe.name, recipe.budget_per_day, dict(recipe.model)) == ("", 1.0, {})
    assert recipe.audio == Audio(sample_rate_hz=16000, window_s=1.0, hop_s=0.5)
    assert (recipe.training.epochs, recipe.training.schedule) == (30, "one_cycle")


def test_nothing_is_changed_or_tracked_unless_asked_for() -> None:
    assert Augment() == Augment(gain_db=0.0, noise_snr_db=None, shift_s=0.0, time_mask_s=0.0)
    assert not any(vars(Track()).values())


def test_recipes_can_not_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Recipe(family="resnet").family = "other"


def test_plain_values_are_what_json_knows() -> None:
    recipe = Recipe(family="x", data=Data(labels=("OK", "NG")), model={"channels": (1, (2, 3))})
    plain = recipe.to_dict()
    assert plain["data"]["labels"] == ["OK", "NG"]
    assert plain["model"] == {"channels": [1, [2, 3]]}
    assert list(plain)[:2] == ["family", "name"]


@pytest.mark.parametrize("kind", [Audio, Augment, Data, Recipe, Track, Training])
def test_every_setting_is_explained(kind: type) -> None:
    assert is_dataclass(kind)
    lines = [line.strip() for line in kind.__doc__.splitlines()]
    named = {name for line in lines for name in line.split(", ")}
    assert {one.name for one in fields(kind)} <= named
