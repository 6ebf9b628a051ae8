"""`auscult bundle`: what is in one, and what is none."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from auscult.cli.console import BAD_USE, OK

RATE_HZ = 16000


def test_bundle_show_tells_what_is_in_it(run, bundle_file):
    ended = run("bundle", "show", bundle_file)
    assert ended.code == OK
    for words in (
        "mono at 16000 Hz, 2 s every 1 s",
        "120 s in 12 recordings",
        "provisional",
        "Too early to promise anything",
    ):
        assert words in ended.out
    labels = [line[:18].strip() for line in ended.out.splitlines()]
    assert {"limit, sustained", "limit, sudden", "limit, 10 s"} <= set(labels)
    manifest = run("bundle", "show", bundle_file, "--json").json
    assert manifest["name"] == "machine"
    assert manifest["sample_rate_hz"] == RATE_HZ


def test_bundle_verify_proves_it(run, bundle_file):
    ended = run("bundle", "verify", bundle_file)
    assert ended.code == OK
    assert "is whole" in ended.words
    answer = run("bundle", "verify", bundle_file, "--json").json
    assert answer["ok"] is True
    assert answer["references"] >= 1
    assert answer["error"] < 1e-3
    assert answer["references_of"] == "normal"
    assert "earlier normal" not in ended.err


def test_a_proof_on_sound_of_an_earlier_normal_is_said_to_be_one(run, bundle, tmp_path):
    manifest = replace(bundle.manifest, references_of="earlier")
    path = replace(bundle, manifest=manifest).save(tmp_path / "rebased.onnx")
    ended = run("bundle", "verify", path)
    assert ended.code == OK
    assert "reference windows are of an earlier normal" in " ".join(ended.err.split())
    assert run("bundle", "verify", path, "--json").json["references_of"] == "earlier"
    told = run("selftest", "--bundle", path)
    assert "no examples of what is normal now" in " ".join(told.err.split())


def flipped(content):
    """One bit of a weight, far from both ends."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 64]) + content[middle + 1 :]


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        (lambda content: content[: len(content) // 2], "is no bundle, or is broken"),
        (lambda content: b"", "is no bundle"),
        (lambda content: b"a text about fans", "is no bundle, or is broken"),
        (flipped, "Get it again|get the bundle again|Copy it again"),
        (lambda content: content.replace(b'"format": 1', b'"format": 9'), "format 9"),
    ],
)
@pytest.mark.parametrize("command", ["bundle show", "bundle verify", "score", "listen", "evaluate"])
def test_a_broken_bundle_is_refused_by_every_command(
    command, spoilt, words, *, run, bundle_file, good, three_beats
):
    content = bundle_file.read_bytes()
    Path("broken.onnx").write_bytes(spoilt(content))
    if command.startswith("bundle"):
        ended = run(*command.split(), "broken.onnx")
    else:
        ended = run(command, "broken.onnx", good)
    assert ended.code == BAD_USE
    assert "broken.onnx" in ended.err
    assert re.search(words, ended.err), ended.err
    assert three_beats.search(ended.err)
    assert ended.out == ""


def test_classes_are_shown(run, classifier_file):
    words = run("bundle", "show", classifier_file).words
    assert "family resnet classes hum, hiss, whistle (alarm)" in words
    assert "none of these from a distance of 3.00 on; 5.0 % of known windows" in words
    assert run("bundle", "show", classifier_file, "--json").json["open_set"] == {
        "limit": 3.0,
        "share": 0.05,
    }
