"""`auscult export`."""

import errno
import json
import os

import numpy as np
import pytest
import soundfile

from auscult.cli.export import agreement
from auscult.runtime.bundle import load
from auscult.runtime.manifest import Variant


@pytest.fixture(scope="module")
def labelled(machine, faulty, tmp_path_factory):
    """Normal recordings, and such with a whistle."""
    root = tmp_path_factory.mktemp("labelled")
    for kind, sound in (("normal", machine), ("anomaly", faulty)):
        (root / kind).mkdir()
        for k in range(3):
            soundfile.write(root / kind / f"{k}.wav", sound(80 + k), 16000, subtype="PCM_16")
    return root


def test_a_smaller_file_that_is_the_same_detector(run, bundle_file, folder, labelled, tmp_path):
    ended = run(
        *("export", bundle_file, "--int8", "auto", "-o", "small.onnx"),
        *("--calibrate", folder, "--test", labelled, "--json"),
    )
    assert ended.code == 0, ended.err
    found = ended.json
    assert found["kind"] == "onnx-float"
    assert found["bytes"] < 0.4 * found["bytes_before"]
    assert found["auc"] == found["auc_before"] == 1.0
    assert found["correlation"] > 0.9999
    kept = load(tmp_path / "small.onnx").manifest
    assert kept.variant.correlation == found["correlation"]
    assert kept.calibration.recording_limit() == found["limit"]
    again = run("score", "small.onnx", labelled, "--json")
    assert {bool(one["is_anomaly"]) for one in again.json if "anomaly" in one["file"]} == {True}


def test_it_says_what_was_done(run, bundle_file, folder, tmp_path):
    ended = run("export", bundle_file, "-o", tmp_path / "x.onnx", "--calibrate", folder)
    assert "Wrote" in ended.words
    assert "no network that eight bits are for" in ended.words
    assert "correlate by 1.0000" in ended.words
    assert "Limits moved with the scores of normal sound: × 1.0000" in ended.words


@pytest.mark.parametrize(
    ("kind", "auc", "words", "without"),
    [
        ("onnx-int8-weights", 0.9, "computed with in float: no quicker", "costs more"),
        ("onnx-int8-static", 0.885, "costs more than most: 0.015 of the AUC, over 0.01", "quicker"),
        ("onnx-int8-dynamic", None, "correlate by 0.9900", "costs more"),
    ],
)
def test_what_it_costs_is_told(kind, auc, words, without):
    variant = Variant(
        kind=kind,
        of_sha256="0" * 64,
        windows=9,
        correlation=0.99,
        auc=auc,
        auc_before=None if auc is None else 0.9,
    )
    said = " ".join(agreement(variant))
    assert words in said
    assert without not in said


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            ["--int8", "nine"],
            "--int8 nine is not known. Expected: one of auto, static, dynamic, weights.",
        ),
        (
            ["--tflite", "nine"],
            "--tflite nine is not known. Expected: one of float, int8-dynamic, int8.",
        ),
        (["--tflite", "int8", "--int8", "static"], "make different files"),
        (["-o", "BUNDLE"], "is the bundle itself"),
        (["-o", "missing/x.onnx"], "can't be written"),
    ],
)
def test_what_is_wrong_is_told(run, bundle_file, options, words):
    given = [bundle_file if one == "BUNDLE" else one for one in options]
    before = bundle_file.read_bytes()
    ended = run("export", bundle_file, *given)
    assert (ended.code, ended.out) == (2, "")
    assert words in " ".join(ended.err.split())
    assert bundle_file.read_bytes() == before


def test_a_variant_is_not_exported_again(run, bundle_file, tmp_path):
    run("export", bundle_file, "-o", tmp_path / "x.onnx")
    ended = run("export", tmp_path / "x.onnx", "-o", tmp_path / "y.onnx")
    assert ended.code == 2
    assert "no variant of another" in ended.err
    assert not (tmp_path / "y.onnx").exists()
    assert json.loads(run("bundle", "show", tmp_path / "x.onnx", "--json").out)["variant"]["kind"]


def test_a_bundle_for_litert_is_scored_and_shown_as_any(run, loudness, labelled, tmp_path):
    pytest.importorskip("ai_edge_litert")
    file = loudness.save(tmp_path / "loudness.tflite")
    ended = run("score", file, labelled, "--json")
    assert ended.code == 0, ended.err
    assert {len(one["windows"]) for one in ended.json} == {19}
    assert run("bundle", "verify", file, "--json").json["ok"]
    assert run("bundle", "show", file, "--json").json["variant"]["outputs"] == ["score", "level_db"]
    assert run("evaluate", file, labelled, "--json").json["n_normal"] == 3
    assert run("listen", file, labelled / "normal" / "0.wav", "--json").code == 0
    refused = run("export", file, "-o", tmp_path / "again.onnx")
    assert "no variant of another" in refused.err


def test_without_the_converter_the_extra_is_named(run, bundle_file, monkeypatch, tmp_path):
    from auscult.training import litert_worker

    monkeypatch.delenv(litert_worker.PYTHON, raising=False)
    monkeypatch.setattr(litert_worker, "find_spec", lambda name: None)
    ended = run("export", bundle_file, "--tflite", "float", "-o", tmp_path / "fan.tflite")
    assert ended.code == 2
    assert "auscult[tflite-convert]" in ended.err
    assert not (tmp_path / "fan.tflite").exists()


def test_silence_and_faults_are_no_sound_to_measure_on(run, bundle_file, labelled, tmp_path):
    silent = tmp_path / "silent"
    silent.mkdir()
    soundfile.write(silent / "off.wav", np.zeros(160_000), 16000, subtype="PCM_16")
    for place, words in (
        (silent, "nothing to measure on in 1 recordings: they are silent"),
        (labelled / "anomaly", "is labelled normal. Expected: normal sound to measure"),
    ):
        ended = run("export", bundle_file, "--calibrate", place, "-o", tmp_path / "x.onnx")
        assert ended.code == 2
        assert words in ended.err
        assert not (tmp_path / "x.onnx").exists()


def test_places_that_are_not_there_are_told(run, bundle_file, folder, labelled, tmp_path):
    asked = (
        *("export", bundle_file, "-o", tmp_path / "x.onnx"),
        *("--calibrate", folder, "--calibrate", "typo/nowhere"),
        *("--test", labelled, "--test", "nope"),
    )
    ended = run(*asked)
    assert ended.code == 3
    assert (tmp_path / "x.onnx").exists()
    for place in ("typo/nowhere", "nope"):
        assert f"Skipped {place}" in ended.err
    assert [one["file"] for one in run(*asked, "--json").json["skipped"]] == [
        "typo/nowhere",
        "nope",
    ]
    nothing = run("export", bundle_file, "--calibrate", "no", "--calibrate", labelled / "anomaly")
    assert nothing.code == 2
    assert "Skipped no is not there." in nothing.err
    assert f"Nothing in no, {labelled / 'anomaly'} is labelled normal." in nothing.err


def test_a_card_that_is_full_leaves_nothing_behind(run, bundle_file, tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("auscult.runtime.bundle.write_whole", full)
    ended = run("export", bundle_file, "-o", tmp_path / "x.onnx")
    assert ended.code == 2
    assert "x.onnx could not be written: No space left on device." in ended.err
    assert "Choose another place with -o." in ended.err
    assert not (tmp_path / "x.onnx").exists()
