"""The converter is a process of its own; without it, everything around it is tested with one that says what it was asked."""

import errno
import json
import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import onnx
import pytest

from auscult.errors import BundleError, EngineError, MissingExtra, RecipeError
from auscult.memory.embedder import describe
from auscult.memory.learn import learn_clips
from auscult.runtime.bundle import load
from auscult.runtime.quantise import layers_of, named
from auscult.runtime.scorer import Scorer
from auscult.training import litert_worker, variant
from auscult.training.litert_worker import PYTHON, converted


def has_converter():
    python = os.environ.get(PYTHON)
    if not python:
        return find_spec("litert_torch") is not None
    asked = "import importlib.util, sys; sys.exit(importlib.util.find_spec('litert_torch') is None)"
    return subprocess.run([python, "-c", asked], check=False).returncode == 0


needs_converter = pytest.mark.skipif(
    not has_converter(),
    reason=f"litert-torch is not installed, and {PYTHON} names no interpreter with it",
)


@pytest.fixture
def instead(tmp_path, monkeypatch):
    """A function that puts a program in the converter's place."""

    def put(text):
        program = tmp_path / "python"
        program.write_text(
            f"#!{sys.executable}\n"
            "import json, os, sys\nfrom pathlib import Path\n"
            "folder = Path(sys.argv[3])\ntask = json.loads((folder / 'task.json').read_text())\n"
            + textwrap.dedent(text)
        )
        program.chmod(0o755)
        monkeypatch.setenv(PYTHON, str(program))

    return put


INPUTS = {"waveform": np.zeros((2, 8000), np.float32)}


def test_the_process_is_told_everything(instead, small_network, tmp_path):
    instead(
        """
        found = {**task, "files": sorted(os.listdir(folder)), "argv": sys.argv[1:3],
                 "path": os.environ["PYTHONPATH"], "own": os.environ["TMPDIR"] == str(folder),
                 "offline": os.environ["HF_HUB_OFFLINE"]}
        (folder / "model.tflite").write_text(json.dumps(found))
        """
    )
    found = json.loads(converted(small_network(), "int8", INPUTS, ["embedding"], layers=["Conv.5"]))
    assert found["argv"] == ["-m", "auscult.training.litert_worker"]
    assert found["own"]
    assert found["files"] == ["model.onnx", "task.json", "waveform.npy"]
    assert (found["precision"], found["layers"]) == ("int8", ["Conv.5"])
    assert (found["inputs"], found["outputs"], found["offline"]) == (
        ["waveform"],
        ["embedding"],
        "1",
    )


@pytest.mark.parametrize(
    ("program", "kind", "words"),
    [
        ("sys.exit('Boom: no such layer')", BundleError, "Boom: no such layer"),
        ("sys.exit(3)", BundleError, "it ended with 3"),
        (
            "sys.exit('OSError: [Errno 28] No space left on device')",
            EngineError,
            "could not be written to .*: No space left on device.*TMPDIR",
        ),
        (
            "sys.exit(\"ModuleNotFoundError: No module named 'litert_torch'\")",
            MissingExtra,
            r"auscult\[tflite-convert\]",
        ),
        (
            "(folder / 'failed.json').write_text(json.dumps(['That is it.', 'other', 'Mend it.']))",
            BundleError,
            r"That is it\. Expected: other\. Mend it\.",
        ),
        ("import time; time.sleep(60)", BundleError, "it took more than 0.5 s"),
    ],
)
def test_what_goes_wrong_there_is_told_here(instead, small_network, program, kind, words):
    instead(program)
    with pytest.raises(kind, match=words):
        converted(
            small_network(),
            "float",
            INPUTS,
            ["embedding"],
            limit_s=0.5 if "sleep" in program else 60.0,
        )


def test_an_interpreter_that_is_not_there_is_named(small_network, monkeypatch, tmp_path):
    broken = tmp_path / "python"
    broken.write_bytes(b"no program")
    broken.chmod(0o755)
    for path, why in (("/no/such/python", "there is no such program"), (broken, "Exec format")):
        monkeypatch.setenv(PYTHON, str(path))
        with pytest.raises(
            RecipeError, match=rf"{PYTHON} is {path}, which can't be run: {why}.* Correct {PYTHON};"
        ):
            converted(small_network(), "float", INPUTS, ["embedding"])


@pytest.mark.parametrize(
    ("missing", "extra"), [("litert_torch", "tflite-convert"), ("ai_edge_litert", "tflite")]
)
def test_what_is_missing_is_told_before_anything_is_heard(bundle, monkeypatch, missing, extra):
    monkeypatch.delenv(PYTHON, raising=False)
    monkeypatch.setattr(litert_worker, "find_spec", lambda name: name != missing or None)
    for late in ("heard_of", "converted"):
        monkeypatch.setattr(variant, late, None)
    with pytest.raises(MissingExtra, match=rf"auscult\[{extra}\]"):
        variant.tflite(bundle, "float")


def test_a_full_disk_is_told(small_network, monkeypatch, instead):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    instead("")
    monkeypatch.setattr(litert_worker.onnx, "save", full)
    with pytest.raises(EngineError, match=r"converted to TFLite: .*No space left.*TMPDIR"):
        converted(small_network(), "float", INPUTS, ["embedding"])


def test_what_was_written_in_part_is_no_model(small_network, monkeypatch, tmp_path):
    def full(path, content):
        path.touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    onnx.save(small_network(), tmp_path / "model.onnx")
    task = {"precision": "float", "inputs": [], "outputs": ["embedding"], "layers": []}
    (tmp_path / "task.json").write_text(json.dumps(task))
    monkeypatch.setattr(litert_worker, "_converted", lambda *_: b"model")
    with monkeypatch.context() as disk:
        disk.setattr(type(tmp_path), "write_bytes", full)
        with pytest.raises(OSError, match="No space"):
            litert_worker.main(str(tmp_path))
    assert not (tmp_path / "model.tflite").exists()
    litert_worker.main(str(tmp_path))
    assert (tmp_path / "model.tflite").read_bytes() == b"model"


def test_without_the_converter_the_extra_is_named(small_network, monkeypatch):
    monkeypatch.delenv(PYTHON, raising=False)
    monkeypatch.setattr(litert_worker, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"auscult\[tflite-convert\]"):
        converted(small_network(), "float", INPUTS, ["embedding"])


def test_the_process_writes_why_it_could_not(graph, tmp_path):
    pytest.importorskip("litert_torch")
    model = graph([("Einsum", "waveform", "embedding", {"equation": "ij->ij"})], {}, dim="n")
    onnx.save(model, tmp_path / "model.onnx")
    np.save(tmp_path / "waveform.npy", INPUTS["waveform"])
    task = {"precision": "float", "inputs": ["waveform"], "outputs": ["embedding"], "layers": []}
    (tmp_path / "task.json").write_text(json.dumps(task))
    litert_worker.main(str(tmp_path))
    assert "Einsum" in json.loads((tmp_path / "failed.json").read_text())[0]


def test_a_variant_for_litert_is_a_bundle_of_its_own(loudness, make_loudness, monkeypatch):
    """The same detector as an ONNX graph, and a converter that gives back what was converted before."""
    pytest.importorskip("ai_edge_litert")
    before = onnx_loudness(make_loudness)
    asked = {}

    def by_hand(model, precision, inputs, outputs, **options):
        asked.update(precision=precision, outputs=outputs, rows=len(inputs["waveform"]), **options)
        return loudness.tflite

    monkeypatch.setattr(variant, "look_first", lambda: None)
    monkeypatch.setattr(variant, "converted", by_hand)
    found = variant.tflite(before, "float")
    assert asked == {
        "precision": "float",
        "outputs": ("score", "level_db"),
        "rows": 1,
        "layers": (),
    }
    kept = found.manifest
    assert (kept.variant.kind, kept.variant.outputs) == ("tflite-float", ("score", "level_db"))
    assert kept.variant.correlation > 0.9999
    assert kept.references[0].tolerance == {"litert": 1e-2}
    assert kept.min_window_samples == kept.window_samples
    assert Scorer(found).engine.name == "litert"


def onnx_loudness(make_loudness):
    from onnx import TensorProto, helper, numpy_helper

    nodes = [
        helper.make_node("Mul", ["waveform", "waveform"], ["square"]),
        helper.make_node("ReduceMean", ["square", "one"], ["mean"], keepdims=0),
        helper.make_node("Max", ["mean", "floor"], ["power"]),
        helper.make_node("Sqrt", ["power"], ["score"]),
        helper.make_node("Log", ["power"], ["log"]),
        helper.make_node("Mul", ["log", "db"], ["level_db"]),
    ]
    constants = {
        "one": np.array([1]),
        "floor": np.array(1e-10, np.float32),
        "db": np.array(10.0 / np.log(10.0), np.float32),
    }
    graph = helper.make_graph(
        nodes,
        "loudness",
        [helper.make_tensor_value_info("waveform", TensorProto.FLOAT, ["batch", "samples"])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch"])
            for name in ("score", "level_db")
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    assert isinstance(model, onnx.ModelProto)
    return replace(make_loudness(variant=None), model=model, tflite=b"")


@needs_converter
@pytest.mark.parametrize("precision", ["float", "int8-dynamic", "int8"])
def test_a_network_is_converted(small_network, clips, tmp_path, precision):
    described = describe(
        small_network(), name="small", rate_hz=16000, window_samples=8000, hop_samples=8000, dim=8
    )
    embedder = described.save(tmp_path / "small.onnx")
    before = learn_clips(clips, name="machine", embedder=str(embedder)).bundle
    assert layers_of(named(before.model)).nodes
    made = variant.tflite(before, precision, clips=clips, allow_loss=True)
    assert made.manifest.variant.relearned is (precision != "float")
    found = load(made.save(tmp_path / "small.tflite"))
    assert found.manifest.variant.kind == f"tflite-{precision}"
    assert found.manifest.variant.correlation > (0.99999 if precision == "float" else 0.9)
    if precision != "float":
        whole = variant.tflite(before, "float", clips=clips)
        assert len(found.tflite) < 0.6 * len(whole.tflite)
