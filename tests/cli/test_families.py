"""Families, listed for people and for programs."""

from auscult.cli import options


def test_families_are_listed_with_what_they_learn_from(run) -> None:
    ended = run("families")
    assert ended.code == 0
    assert "Families that can be trained here" in ended.words
    for word in ("autoencoder", "normal sound of several units", "labelled classes", "mask_ratio"):
        assert word in ended.words


def test_json_has_every_setting(run) -> None:
    found = run("families", "--json").json
    assert found["broken"] == []
    one = next(one for one in found["families"] if one["name"] == "transfer")
    assert one["sections"]["model"][0]["choices"] == ["mn04", "yamnet", "bands"]


def test_without_pytorch_the_extra_is_named(run, monkeypatch) -> None:
    monkeypatch.setattr(options, "find_spec", lambda _: None)
    ended = run("families")
    assert ended.code == 2
    assert "pip install 'auscult[train]'" in " ".join(ended.err.split())
