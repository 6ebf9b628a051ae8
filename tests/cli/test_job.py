"""A job as whoever starts one sees it: lines in, lines out."""

import io
import json
import subprocess
import sys

import numpy as np
import pytest

from auscult.cli import job
from auscult.runtime.bundle import load


def piece(samples, label="", **more):
    told = {"kind": "samples", "path": "recording", "samples": len(samples), "rate_hz": 16000}
    return told | {"label": label, "stretches": []} | more


def do(order, samples=()):
    """What is told on the way, and the last line."""
    said = []
    data = b"".join(one.astype("<f4").tobytes() for one in samples)
    last = job.done(io.BytesIO(json.dumps(order).encode() + b"\n" + data), said.append)
    return said, json.loads(json.dumps(last))


def order_of(out, pieces, classes, **more):
    told = {"how": "learn", "name": "fan", "budget_per_day": 1.0, "recipe": None, "out": str(out)}
    seconds = sum(one.get("samples", 0) for one in pieces) / 16000
    return told | {"pieces": pieces, "classes": classes, "seconds": seconds} | more


NORMAL = {"": {"name": "normal", "use": "normal"}}


def test_sound_becomes_a_bundle_and_its_progress_is_told(tmp_path, machine):
    samples = machine(1, 60.0)
    said, last = do(order_of(tmp_path, [piece(samples)], NORMAL), [samples])
    assert said[0]["stage"] == "hear"
    assert said[-1]["stage"] == "keep"
    assert last["event"] == "done"
    assert last["seconds"] == pytest.approx(60.0)
    assert load(tmp_path / job.BUNDLE).manifest.name == "fan"


def test_no_voice_is_in_what_proves_a_bundle(tmp_path, spoken, is_voice_in):
    do(order_of(tmp_path, [piece(spoken)], NORMAL), [spoken])
    assert not is_voice_in(load(tmp_path / job.BUNDLE))


def test_no_voice_goes_on_into_a_next_version(tmp_path, spoken_bundle, is_voice_in, monkeypatch):
    monkeypatch.setattr("auscult.memory.going_on.read", lambda _: "what was heard")
    monkeypatch.setattr("auscult.memory.going_on.grown", lambda before, *_, **__: before)
    listened = tmp_path / "listened"
    listened.touch()
    path = spoken_bundle.save(tmp_path / "before.onnx")
    told = {"how": "go_on", "budget_per_day": 1.0, "called": {}, "name": "", "out": str(tmp_path)}
    _, last = do(told | {"bundle": str(path), "listened": str(listened)})
    assert last["event"] == "done"
    assert is_voice_in(load(path))
    assert not is_voice_in(load(tmp_path / job.BUNDLE))


def test_classes_are_called_and_taken_for_what_was_chosen(tmp_path, machine):
    samples = [machine(n, 12.0) for n in range(5)]
    classes = {
        "a": {"name": "idle", "use": "normal"},
        "normal": {"name": "normal", "use": "other"},
        "c": {"name": "x", "use": "out"},
    }
    labels = ("a", "a", "a", "normal", "c")
    pieces = [piece(one, label) for one, label in zip(samples, labels, strict=True)]
    _, last = do(order_of(tmp_path, pieces, classes), samples)
    assert last["seconds"] == pytest.approx(36.0)
    assert last["left_out"] == {"not normal": 1}


def test_a_family_that_tells_units_apart_takes_classes_for_units(tmp_path, sound_like, monkeypatch):
    looked_at = []
    monkeypatch.setattr(
        "auscult.live.unspoken.without_voices", lambda made: looked_at.append(made) or made
    )
    samples = [sound_like(kind, n, 4.0) for kind in ("hum", "hiss") for n in range(4)]
    parts = [(0.0, 2.0), (2.0, 4.0)]
    pieces = [
        piece(one, "ab"[n // 4], path=f"{n}.wav", stretches=parts) for n, one in enumerate(samples)
    ]
    classes = {one: {"name": one, "use": "normal"} for one in "ab"}
    recipe = {
        "family": "attributes",
        "audio": {"sample_rate_hz": 8000, "window_s": 1.0, "hop_s": 1.0},
        "model": {"n_bands": 32, "n_fft": 256, "hop": 128, "width": 0.25, "embedding": 8},
        "training": {"epochs": 1},
    }
    said, last = do(order_of(tmp_path, pieces, classes, how="train", recipe=recipe), samples)
    assert last["event"] == "done", last
    assert {one["stage"] for one in said} >= {"judge", "keep"}
    assert [one.manifest.name for one in looked_at] == ["fan"]
    assert last["histogram"] is None or last["histogram"]["n"] > 0
    assert any(note.startswith("There were few recordings") for note in last["notes"])


def test_one_class_is_none_to_tell_apart(tmp_path, machine):
    samples = machine(1, 10.0)
    recipe = {"family": "resnet"}
    _, last = do(
        order_of(tmp_path, [piece(samples)], NORMAL, how="train", recipe=recipe), [samples]
    )
    assert last["event"] == "failed"
    assert last["what"] == "There are recordings of fewer than two classes."


def test_errors_come_in_three_beats_and_leave_no_bundle(tmp_path, machine, monkeypatch):
    samples = machine(1, 60.0)
    order = order_of(tmp_path, [piece(samples)], NORMAL)
    _, last = do(order | {"recipe": {"family": "resnets"}, "how": "train"}, [samples])
    assert last["event"] == "failed"
    assert last["action"] == "Did you mean resnet?"
    _, last = do(order | {"out": str(tmp_path / "file" / "x")}, [samples])
    assert last["event"] == "failed"

    def no_memory(*_):
        raise MemoryError

    monkeypatch.setattr(job, "clips_of", no_memory)
    _, last = do(order, [samples])
    assert last["what"] == "There was not enough memory for it."
    assert list(tmp_path.iterdir()) == []


def test_counts_are_of_all_values_and_far_ones_are_in_the_last():
    found = job.histogram(np.array([0.0, 1.0, 1.01, 99.0, np.inf]))
    assert (found["n"], found["below"], sum(found["counts"]), found["counts"][-1]) == (4, 2, 4, 1)
    assert job.histogram(np.zeros(0)) is None


def test_what_libraries_print_is_not_in_the_answer(tmp_path):
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"waveforms": [[0.5] * 8000], "labels": ["OK"], "fs": 8000}))
    program = "import auscult.cli.job as job; print('noise'); job.main()"
    ended = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps({"how": "check", "path": str(path)}) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(ended.stdout.splitlines()[-1])["labels"] == {"normal": [1, 1.0]}


def test_a_bundle_is_made_small_and_measured_on_its_sound(tmp_path, machine, bundle_file):
    samples = machine(1, 20.0)
    order = order_of(tmp_path, [piece(samples)], NORMAL, how="export", form="int8")
    said, last = do(order | {"bundle": str(bundle_file), "budget_per_day": 2.0}, [samples])
    assert [one["stage"] for one in said] == ["export", "keep"]
    made = load(tmp_path / last["file"])
    assert made.manifest.variant.windows > 2
    assert made.manifest.calibration.budget_per_day == 2.0


def test_no_voice_is_in_a_form_for_a_small_device(tmp_path, spoken, spoken_bundle, is_voice_in):
    path = spoken_bundle.save(tmp_path / "before.onnx")
    order = order_of(tmp_path, [piece(spoken)], NORMAL, how="export", form="int8")
    _, last = do(order | {"bundle": str(path)}, [spoken])
    assert not is_voice_in(load(tmp_path / last["file"]))


def test_a_converter_that_is_not_there_is_told(tmp_path, bundle_file, monkeypatch):
    monkeypatch.setenv("AUSCULT_CONVERTER_PYTHON", "/nowhere/python")
    order = order_of(tmp_path, [], {}, how="export", form="tflite-int8", bundle=str(bundle_file))
    _, last = do(order)
    assert last["event"] == "failed"
    assert "/nowhere/python" in last["what"]
