import json

from auscult.recipe import from_dict, read_recipe, usual


def test_all_are_listed_with_what_they_are_for(run):
    done = run("recipes")
    assert done.code == 0
    assert all(name in done.out for name in usual.names())
    assert "waveform itself is what they hear" in done.words


def test_a_printed_one_is_a_recipe_of_ones_own(run, tmp_path):
    done = run("recipes", "wavelet_fusion")
    (tmp_path / "mine.yaml").write_text(done.out, encoding="utf-8")
    assert read_recipe(tmp_path / "mine.yaml") == read_recipe("wavelet_fusion")


def test_as_json_they_are_plain_settings(run):
    plain = json.loads(run("recipes", "--json").out)["recipes"]
    assert len(plain) == len(usual.names())
    (one,) = json.loads(run("recipes", "despawn", "--json").out)["recipes"]
    assert one.pop("about").startswith("Wavelets that learn")
    assert from_dict(one)[0].family == "despawn"


def test_an_unknown_one_is_told_with_the_nearest(run, three_beats):
    done = run("recipes", "autoencodr")
    assert done.code == 2
    assert three_beats.search(done.err)
    assert "Did you mean autoencoder?" in done.err
