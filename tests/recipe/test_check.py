import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pytest

from auscult.errors import RecipeError
from auscult.recipe.check import JSON, kind_words, range_words, setting, typed


@dataclass(frozen=True, kw_only=True)
class Motor:
    poles: int = setting(2, 2, 64)
    load: float = setting(0.5, most=1.0, above=0.0)
    wear: float = setting(0.0, 0.0)
    phase: Literal["one", "3"] = "3"
    humid: bool = False
    torque_nm: float | None = None


@dataclass(frozen=True, kw_only=True)
class Plant:
    name: str = ""
    motor: Motor = field(default_factory=Motor)
    parts: tuple[str, ...] = ()
    notes: Mapping[str, JSON] = field(default_factory=dict)


def test_nothing_said_is_every_default() -> None:
    assert typed(Plant, {}, "it") == Plant()
    assert typed(Plant, {"motor": None, "parts": None, "notes": None}, "it") == Plant()


def test_values_take_the_kind_of_their_setting() -> None:
    motor = typed(Motor, {"poles": 4.0, "load": 1, "phase": 3, "torque_nm": 5}, "it")
    assert motor == Motor(poles=4, load=1.0, phase="3", torque_nm=5.0)
    assert [type(one) for one in (motor.poles, motor.load, motor.torque_nm)] == [int, float, float]
    assert typed(Motor, {"torque_nm": None}, "it").torque_nm is None


def test_names_may_stand_alone_and_be_numbers() -> None:
    assert typed(Plant, {"parts": "fan"}, "it").parts == ("fan",)
    assert typed(Plant, {"parts": [1, "2"]}, "it").parts == ("1", "2")


def test_what_is_free_stays_as_it_is_but_for_lists() -> None:
    free = {"a": [1, [2.5, "x"]], "b": None, "c": True}
    assert typed(Plant, {"notes": free}, "it").notes == {"a": (1, (2.5, "x")), "b": None, "c": True}


@pytest.mark.parametrize(
    ("plain", "words"),
    [
        (5, "plant.yaml: it is 5. Expected: settings: name, motor, parts, notes."),
        ({"motor": 5}, "plant.yaml: motor is 5. Expected: settings: poles, load,"),
        ({"motor": {"poles": 2.5}}, "motor.poles is 2.5. Expected: a whole number. Correct it."),
        ({"motor": {"poles": True}}, "motor.poles is True. Expected: a whole number."),
        ({"motor": {"poles": None}}, "motor.poles is empty. Expected: a whole number."),
        ({"motor": {"poles": 1}}, "motor.poles is 1. Expected: 2 to 64. Choose another value."),
        ({"motor": {"load": "half"}}, "motor.load is 'half'. Expected: a number."),
        ({"motor": {"load": math.nan}}, "motor.load is nan. Expected: a number."),
        ({"motor": {"load": 10**400}}, "motor.load is 1000"),
        ({"motor": {"load": 0}}, "motor.load is 0.0. Expected: more than 0, at most 1."),
        ({"motor": {"wear": -1}}, "motor.wear is -1.0. Expected: 0 or more."),
        ({"motor": {"phase": "two"}}, "motor.phase is 'two'. Expected: one of one, 3."),
        ({"motor": {"humid": "yes"}}, "motor.humid is 'yes'. Expected: true or false."),
        ({"motor": {"torque_nm": "x"}}, "motor.torque_nm is 'x'. Expected: a number"),
        ({"name": 5}, "name is 5. Expected: text, in quotes if need be"),
        ({"parts": [True]}, "parts holds a word that YAML takes for true. Expected: names."),
        ({"parts": [""]}, "parts holds ''. Expected: names."),
        ({"parts": {"a": 1}}, "parts holds {'a': 1}. Expected: names."),
        ({"notes": [1]}, "notes is [1]. Expected: names with values."),
        ({"notes": {"a": {"b": 1}}}, "notes.a is {'b': 1}. Expected: a number, a word,"),
        ({"notes": {"a": [[[[1]]]]}}, "notes.a is [1]. Expected: a number, a word,"),
        ({"notes": {True: 1}}, 'Put words such as "on", "off", "yes" and "no" in quotes.'),
    ],
)
def test_what_makes_no_sense_is_told(plain: object, words: str) -> None:
    with pytest.raises(RecipeError) as error:
        typed(Plant, plain, "plant.yaml")
    assert words in str(error.value)
    assert str(error.value).startswith("plant.yaml: ")
    assert len(str(error.value)) < 400


@pytest.mark.parametrize(
    ("plain", "key", "known", "meant"),
    [
        ({"moter": {}}, "moter", "name, motor, parts, notes", "motor"),
        ({"motor": {"pols": 2}}, "motor.pols", "poles, load, wear, phase", "motor.poles"),
        ({"poles": 2}, "poles", "name, motor, parts, notes", "motor.poles"),
        ({"torque": 2}, "torque", "name, motor, parts, notes", "motor.torque_nm"),
        ({"motor": {"parts": 2}}, "motor.parts", "poles, load, wear, phase", "parts"),
    ],
)
def test_an_unknown_key_is_refused_with_what_was_meant(
    plain: object, key: str, known: str, meant: str
) -> None:
    with pytest.raises(RecipeError) as error:
        typed(Plant, plain, "plant.yaml")
    assert f"plant.yaml has the setting {key}, which is not known." in str(error.value)
    assert f"Expected: one of {known}" in str(error.value)
    assert str(error.value).endswith(f"Did you mean {meant}?")


def test_nothing_is_suggested_for_what_is_like_nothing() -> None:
    with pytest.raises(RecipeError, match=r"Correct it, or leave it out\.$"):
        typed(Plant, {"qqqqqq": 1}, "plant.yaml")


def test_kinds_and_ranges_have_words() -> None:
    assert kind_words(float | None) == "a number, or null"
    assert kind_words(tuple[str, ...]) == "names"
    assert range_words({"least": -math.inf, "most": math.inf, "above": 0.0}) == "more than 0"
