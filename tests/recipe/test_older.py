import copy

import pytest

from auscult.errors import RecipeError
from auscult.recipe.older import translated
from auscult.recipe.read import from_dict

SOUNDDITECT = {
    "model": {
        "architecture": "1d_cnn_attention",
        "input_length": 44100,
        "cnn_layers": [{"filters": 64, "kernel_size": 3}, {"filters": 128, "kernel_size": 5}],
        "attention": {"hidden_dim": 256, "num_heads": 8},
    },
    "training": {
        "batch_size": 32,
        "epochs": 100,
        "learning_rate": 0.001,
        "early_stopping": {"patience": 10},
    },
    "audio": {"sample_rate": 44100, "chunk_size": 1024, "detection_interval": 1.0},
}


def test_a_whole_config_is_understood_with_a_note_on_each_key() -> None:
    recipe, notes = from_dict(SOUNDDITECT, "config.yaml")
    assert recipe.family == "cnn_attention"
    assert recipe.model == {
        "channels": (64, 128, 256),
        "attention_dim": 256,
        "heads": 8,
    }
    assert (recipe.audio.sample_rate_hz, recipe.audio.window_s, recipe.audio.hop_s) == (44100, 1, 1)
    assert (recipe.training.epochs, recipe.training.patience) == (100, 10)
    assert set(notes) == {
        "model.architecture is family today.",
        "model.cnn_layers goes on to 3 layers, by doubling: [64, 128, 256].",
        "model.cnn_layers is model.channels today.",
        "model.cnn_layers.kernel_size is left out: the family has its own.",
        "model.input_length is audio.window_s today.",
        "model.attention.hidden_dim is model.attention_dim today.",
        "model.attention.num_heads is model.heads today.",
        "training.early_stopping.patience is training.patience today.",
        "audio.sample_rate is audio.sample_rate_hz today.",
        "audio.detection_interval is audio.hop_s today.",
        "audio.chunk_size is left out: sound may come in pieces of any length.",
    }


def test_what_is_given_stays_as_it_is() -> None:
    before = copy.deepcopy(SOUNDDITECT)
    translated(SOUNDDITECT, "config.yaml")
    assert before == SOUNDDITECT


def test_todays_recipes_need_no_translation() -> None:
    plain = {"family": "resnet", "training": {"epochs": 3}, "model": None}
    assert translated(plain, "it") == (plain, ())


@pytest.mark.parametrize(
    ("old", "section", "settings"),
    [
        ({"training": {"mixed_precision": True}}, "training", {"precision": "16-mixed"}),
        ({"training": {"mixed_precision": False}}, "training", {"precision": "32"}),
        ({"training": {"validation_split": 0.3}}, "data", {"validation": 0.3}),
        ({"training": {"gradient_accumulation_steps": 4}}, "training", {"accumulate": 4}),
        (
            {"training": {"early_stopping": {"enabled": False, "patience": 5}}},
            "training",
            {"patience": 0},
        ),
        (
            {"training": {"early_stopping": {"enabled": True, "patience": 5}}},
            "training",
            {"patience": 5},
        ),
        ({"model": {"cnn_layers": [{"filters": 8}]}}, "model", {"channels": [8, 16, 32]}),
    ],
)
def test_single_keys(old: dict, section: str, settings: dict) -> None:
    plain, notes = translated(old, "config.yaml")
    assert plain[section] == settings
    assert notes


@pytest.mark.parametrize(
    ("old", "words"),
    [
        (
            {"model": {"architecture": "rnn"}},
            "model.architecture is 'rnn'. Expected: one of 1d_cnn",
        ),
        ({"model": {"architecture": None}}, "model.architecture is empty. Expected: one of 1d_cnn"),
        ({"model": {"cnn_layers": 3}}, "model.cnn_layers is 3. Expected: a list of layers"),
        (
            {"model": {"cnn_layers": [{"stride": 2}]}},
            "Expected: a list of layers, each with filters",
        ),
        ({"model": {"input_length": 44100}}, "model.input_length is 44100. Expected: samples of a"),
        (
            {"training": {"patience": 3, "early_stopping": {"patience": 5}}},
            (
                "config.yaml has training.patience as well as the older training.early_stopping.patience."
                " Expected: one of them. Leave out training.early_stopping.patience."
            ),
        ),
        ({"training": {"validation_split": 0.1}, "data": 5}, "config.yaml: data is 5. Expected"),
    ],
)
def test_what_makes_no_sense_is_told(old: dict, words: str) -> None:
    with pytest.raises(RecipeError) as error:
        translated(old, "config.yaml")
    assert words in str(error.value)
