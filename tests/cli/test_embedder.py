"""`auscult embedder`: networks of others are fetched, shown with their licence, and learned with by name."""

import hashlib
import sys
from dataclasses import replace

import pytest
import typer

from auscult.cli import console, embedder
from auscult.cli.console import BAD_USE, OK
from auscult.datasets import addresses
from auscult.datasets.addresses import Remote
from auscult.datasets.cache import tagger_file
from auscult.models import pretrained, tagging
from auscult.models.transfer import Bands


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("AUSCULT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def published(monkeypatch, tmp_path):
    """A file of weights, and a table in which it is mn04."""
    file = tmp_path / "random.pt"
    file.write_bytes(b"weights")
    remote = Remote(
        address="https://example.org/random.pt",
        name="random.pt",
        about_bytes=7,
        is_exact=True,
        sha256=hashlib.sha256(b"weights").hexdigest(),
    )
    known = dict(addresses.EMBEDDERS)
    known["mn04"] = replace(known["mn04"], file=remote)
    for module in (addresses, pretrained):
        monkeypatch.setattr(module, "EMBEDDERS", known)
    monkeypatch.setitem(pretrained.fetch.__kwdefaults__, "known", known)
    monkeypatch.setattr(pretrained, "network", lambda *_, **__: Bands(rate_hz=16000))
    # Random bands have no head; making one of real weights is tested where it is made.
    monkeypatch.setattr(tagging, "make", tagger_file)
    return file


@pytest.fixture
def embed(monkeypatch, capsys):
    """Run `auscult embedder …` in this process."""
    app = typer.Typer(pretty_exceptions_enable=False)
    app.add_typer(embedder.app, name="embedder")

    def ended(*arguments):
        monkeypatch.setattr(sys, "argv", ["auscult", "embedder", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            console.run(app)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return end.value.code or 0, " ".join(said.out.split()), said.err

    return ended


def test_a_file_brought_by_hand_becomes_an_embedder(embed, published, cache, run, folder):
    code, out, _ = embed("fetch", "mn04", "--from", published)
    assert code == OK
    assert "EfficientAT mn04" in out
    assert "Licence: MIT" in out
    assert "auscult learn FOLDER --embedder mn04" in out
    assert "alarms are also named in everyday words: by auscult score, and by servers" in out
    assert len(list((cache / "embedders").iterdir())) == 1
    ended = run("learn", folder, "--embedder", "mn04", "-o", "fan.onnx")
    assert ended.code == OK, ended.err
    assert run("bundle", "show", "fan.onnx", "--json").json["embedder"] == "mn04"


def test_what_there_is_and_what_is_here(embed, published, run):
    code, out, _ = embed("list")
    assert code == OK
    assert "mn04" in out
    assert "MIT" in out
    assert "yamnet" in out
    assert "Apache-2.0" in out
    assert "not fetched; get it: auscult embedder fetch mn04" in out
    embed("fetch", "mn04", "--from", published)
    code, out, _ = embed("list")
    assert "mn04-2.onnx" in out
    assert "auscult embedder fetch yamnet" in out


def test_json(embed, published):
    import json

    _, out, _ = embed("fetch", "mn04", "--from", published, "--json")
    told = json.loads(out)
    assert told["file"].endswith("mn04-2.onnx")
    assert told["licence"] == "MIT"
    _, out, _ = embed("list", "--json")
    here = {row["name"]: row["file"] for row in json.loads(out)}
    assert here == {"mn04": told["file"], "yamnet": None}


def test_the_wrong_file(embed, tmp_path, three_beats):
    (tmp_path / "other").write_bytes(b"x")
    code, _, err = embed("fetch", "yamnet", "--from", tmp_path / "other")
    assert code == BAD_USE
    assert "has the SHA-256" in err
    assert three_beats.search(err)


def test_an_unknown_name(embed, three_beats):
    code, _, err = embed("fetch", "vggish")
    assert code == BAD_USE
    assert "one of mn04, yamnet" in err
    assert three_beats.search(err)


def test_learning_with_what_was_not_fetched(run, folder, three_beats):
    ended = run("learn", folder, "--embedder", "yamnet", "-o", "fan.onnx")
    assert ended.code == BAD_USE
    assert "Fetch it once: auscult embedder fetch yamnet" in ended.err
    assert three_beats.search(ended.err)


def test_without_torch_it_says_what_to_install(embed, published, monkeypatch):
    monkeypatch.delitem(sys.modules, "auscult.models.pretrained")
    monkeypatch.delattr("auscult.models.pretrained")
    monkeypatch.setitem(sys.modules, "torch", None)
    code, _, err = embed("fetch", "mn04", "--from", published)
    assert code == BAD_USE
    assert "pip install 'auscult[train]'" in err
