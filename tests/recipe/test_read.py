import math
import typing
from dataclasses import fields, is_dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.errors import RecipeError
from auscult.recipe import Recipe, from_dict, read_recipe, usual, with_settings

WORDS = st.text("abcÄ日 _-", min_size=1, max_size=8)


def values_of(kind: typing.Any, limits: typing.Mapping[str, float]) -> st.SearchStrategy:
    """What a setting of a kind may be, within its limits."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if is_dataclass(kind):
        return made(kind)
    if origin is typing.Literal:
        return st.sampled_from(arguments)
    if origin is tuple:
        one = WORDS if arguments[0] is str else values_of(arguments[0], limits)
        return st.lists(one, max_size=3).map(tuple)
    if type(None) in arguments:
        return st.none() | values_of(arguments[0], limits)
    if kind in {int, float}:
        return numbers_of(kind, limits)
    plain = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-1, 1) | WORDS
    values = plain | st.lists(plain, max_size=3).map(tuple)
    return {
        bool: st.booleans(),
        str: WORDS,
    }.get(kind, st.dictionaries(WORDS, values, max_size=3))


def numbers_of(kind: type, limits: typing.Mapping[str, float]) -> st.SearchStrategy:
    least, most = max(limits["least"], limits["above"]), min(limits["most"], 1e9)
    if kind is int:
        return st.integers(int(least), int(most))
    return st.floats(least, most, exclude_min=math.isfinite(limits["above"]))


def made(kind: type) -> st.SearchStrategy:
    kinds = typing.get_type_hints(kind)
    parts = {one.name: values_of(kinds[one.name], one.metadata) for one in fields(kind)}
    return st.builds(kind, **parts)


@given(made(Recipe))
def test_plain_and_back_is_the_same(recipe: Recipe) -> None:
    alarms = recipe.data.alarm_labels
    if recipe.data.labels and not set(alarms) <= set(recipe.data.labels):
        return
    assert from_dict(recipe.to_dict()) == (recipe, ())


@given(st.recursive(st.none() | st.integers() | WORDS, lambda one: st.dictionaries(WORDS, one)))
def test_whatever_else_is_given_is_refused_in_words(plain: object) -> None:
    with pytest.raises(RecipeError, match="Expected: "):
        from_dict(plain)


@pytest.mark.parametrize("name", usual.names())
def test_recipes_of_the_house_are_understood(name: str) -> None:
    recipe, notes = read_recipe(name)
    assert recipe.name == name
    assert name.endswith(recipe.family)
    assert notes == ()


@pytest.fixture
def written(tmp_path):
    """Read a recipe of the given text."""

    def read(text):
        path = tmp_path / "mine.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_recipe(path)

    return read


def test_numbers_are_read_as_people_mean_them(written) -> None:
    recipe, _ = written("family: x\ntraining:\n  learning_rate: 1e-3\n  weight_decay: 2E-2\n")
    assert (recipe.training.learning_rate, recipe.training.weight_decay) == (0.001, 0.02)


def test_a_byte_order_mark_and_windows_lines_are_fine(written) -> None:
    recipe, _ = written(b"\xef\xbb\xbffamily: x\r\naudio:\r\n  window_s: 2\r\n")
    assert recipe.audio.window_s == 2.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "mine.yaml is empty. Expected: settings, such as family: cnn_attention. Add them."),
        ("- a\n", "mine.yaml is ['a']. Expected: settings, such as family"),
        (
            "name: x\n",
            "mine.yaml names no family. Expected: that of a family, such as autoencoder, or",
        ),
        ("family: [\n", "mine.yaml, line 2, column 1: expected the node content"),
        ("family: x\nfamily: y\n", "mine.yaml, line 2, column 1: family is said twice."),
        (
            "family: x\ndata: &a\n  path: *a\n",
            "line 3, column 9: references (*) are not understood",
        ),
        (
            "family: x\nname: !!python/name:os.system\n",
            "line 2, column 7: could not determine a con",
        ),
        ("family: x\nname: " + "[" * 5000, "mine.yaml: maximum recursion depth exceeded"),
        ("family: x\naudio:\n  window_s: " + "9" * 5000, "mine.yaml: Exceeds the limit"),
        (b"family: \xff\n", "can't be read ('utf-8' codec can't decode byte 0xff"),
        (
            "#" * (1 << 20) + "\nfamily: x\n",
            "mine.yaml is over 1 MiB. Expected: some lines of YAML.",
        ),
        (
            "family: x\nname: ../y\n",
            "name is '../y'. Expected: the name of a bundle and of a folder",
        ),
        (
            "family: x\ndata: {labels: [a, b], alarm_labels: [c]}\n",
            "data.alarm_labels names c, which data.labels does not. Expected: some of a, b.",
        ),
        ("family: x\ntraining:\n  epochz: 3\n", "Did you mean training.epochs?"),
        (
            "family: x\ndata:\n  group_by: [unit, colour]\n",
            "data.group_by holds 'colour'. Expected: one of machine, unit, domain, attributes.",
        ),
        (
            "family: x\ndata:\n  labels: [on, off]\n",
            "data.labels holds a word that YAML takes for t",
        ),
    ],
)
def test_what_makes_no_sense_is_told(written, text, words: str) -> None:
    with pytest.raises(RecipeError) as error:
        written(text)
    assert words in str(error.value)
    assert "mine.yaml" in str(error.value)
    assert len(str(error.value)) < 600


def test_a_file_that_is_not_there_and_a_folder_are_told(tmp_path) -> None:
    with pytest.raises(
        RecipeError, match=r"There is no recipe .*none\.yaml\. Expected: a YAML file"
    ):
        read_recipe(tmp_path / "none.yaml")
    with pytest.raises(RecipeError, match="can't be read"):
        read_recipe(tmp_path)


RECIPE = Recipe(family="resnet", model={"dropout": 0.5})


def test_settings_change_what_they_name() -> None:
    changed = with_settings(
        RECIPE,
        [
            "training.epochs=5",
            "training.learning_rate=1e-4",
            "data.path=a = b",
            "model.dropout=0.1",
            "model.channels=[8, 16]",
            "augment.noise_snr_db=20",
            "track.mlflow=true",
        ],
    )
    assert (changed.training.epochs, changed.training.learning_rate) == (5, 1e-4)
    assert changed.data.path == "a = b"
    assert changed.model == {"dropout": 0.1, "channels": (8, 16)}
    assert changed.augment.noise_snr_db == 20.0
    assert changed.track.mlflow
    assert with_settings(changed, ["augment.noise_snr_db=null"]).augment.noise_snr_db is None
    assert with_settings(RECIPE, []) == RECIPE


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("training.epochs", "--set training.epochs changes nothing. Expected: KEY=VALUE."),
        ("=5", "--set =5 changes nothing."),
        (
            "training..epochs=5",
            "changes nothing. Expected: KEY=VALUE. For example: --set training.ep",
        ),
        ("training.epochs=many", "--set: training.epochs is 'many'. Expected: a whole number."),
        ("training.epochs=0", "--set: training.epochs is 0. Expected: 1 or more."),
        (
            "training.epochs=[",
            "--set training.epochs=[, line 1, column 2: expected the node content",
        ),
        (
            "trainig.epochs=5",
            "--set has the setting trainig, which is not known. Expected: one of fam",
        ),
        ("epochs=5", "Did you mean training.epochs?"),
        ("training.epochs.most=5", "training.epochs is one value and holds no settings."),
        ("training=5", "--set: training is 5. Expected: settings: epochs, batch_size"),
        ("family=", "--set names no family."),
    ],
)
def test_settings_that_make_no_sense_are_told(setting: str, words: str) -> None:
    with pytest.raises(RecipeError) as error:
        with_settings(RECIPE, [setting])
    assert words in str(error.value)
