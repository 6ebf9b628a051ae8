"""What a bundle costs is measured in a process of its own."""

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from auscult.audio.sound import Sound
from auscult.datasets.clip import Clip
from auscult.errors import BundleError, EngineError
from auscult.evaluation import benchmark
from auscult.runtime.bundle import load

pytestmark = pytest.mark.alone  # it measures time, in programs of its own

DATA = Path(os.environ.get("AUSCULT_DATA", Path(__file__).parents[2] / "../shared/data"))
TOYCAR = DATA / "models" / "mlperf_tiny_ad01_model_ToyCar.tflite"
YAMNET = DATA / "models" / "yamnet_classification_int8.tflite"


@pytest.fixture(scope="module")
def cost(bundle_file):
    return benchmark.measure(bundle_file, windows=30)


def test_every_figure_is_there_and_they_fit_together(cost, bundle_file):
    assert (cost.name, cost.kind, cost.engine) == ("machine", "spectrum", "onnxruntime")
    assert (cost.threads, cost.windows, cost.seed, cost.hop_s) == (1, 30, 0, 1.0)
    assert cost.bundle_bytes == bundle_file.stat().st_size
    assert 0.0 < cost.p50_ms <= cost.p95_ms <= cost.p99_ms
    assert cost.p50_ms / 1000.0 < cost.first_s < benchmark.LIMIT_S
    assert cost.real_time_factor == pytest.approx(cost.p50_ms / 1000.0)
    assert cost.streams_per_core * cost.cpu_ms_per_hour == pytest.approx(3.6e6)
    assert 30e6 < cost.peak_rss_bytes < 1e9
    assert cost.install_bytes > 50e6
    assert (cost.auc, cost.pauc) == (None, None)
    assert set(cost.to_dict()) == set(benchmark.FIELDS)


def test_parameters_are_the_numbers_of_its_graph(bundle_file, own_bundle):
    bundle = load(bundle_file)
    largest = sum(v.size for v in bundle.weights.values() if v.dtype.kind == "f")
    assert benchmark.parameters_of(bundle) == largest
    assert benchmark.parameters_of(own_bundle) < largest


def test_it_needs_no_more_memory_than_its_own_process_took(bundle_file, monkeypatch):
    monkeypatch.setattr(benchmark, "peak_rss_bytes", lambda: 10**12)  # of the parent: not asked
    assert benchmark.measure(bundle_file, windows=20).peak_rss_bytes < 1e9


def test_a_bundle_for_litert_is_measured_too(loudness, tmp_path):
    pytest.importorskip("ai_edge_litert")
    found = benchmark.measure(loudness.save(tmp_path / "loudness.tflite"), windows=20)
    assert (found.engine, found.kind) == ("litert", "resnet tflite-float")
    assert (found.parameters, found.hop_s) == (3, 0.5)
    assert found.install_bytes > benchmark.install_bytes()


@pytest.mark.parametrize(
    ("file", "name", "hop_s", "parameters"),
    [
        (YAMNET, "YAMNet", 0.975, 3_700_000),
        (TOYCAR, "MLPerf Tiny autoencoder, without front end", 0.032, 265_864),
    ],
)
def test_models_of_others_are_measured_on_what_they_take(file, name, hop_s, parameters):
    pytest.importorskip("ai_edge_litert")
    if not file.is_file():
        pytest.skip(f"the file {file.name} is not here: set AUSCULT_DATA")
    found = benchmark.measure(file, windows=20)
    assert (found.name, found.kind, found.hop_s) == (name, "of others", hop_s)
    assert found.parameters == pytest.approx(parameters, rel=0.02)
    assert benchmark.with_accuracy(found, []) is found


def test_a_model_of_others_that_nobody_knows_is_refused(make_loudness_model, tmp_path):
    file = tmp_path / "theirs.tflite"
    file.write_bytes(make_loudness_model(8000))
    with pytest.raises(BundleError, match=r"takes 8000 numbers\..*15600 or 640 in float"):
        benchmark.measure(file)


def test_a_bundle_that_was_copied_in_part_is_refused_wherever_it_ends(loudness, tmp_path):
    pytest.importorskip("ai_edge_litert")
    whole = loudness.to_bytes()
    manifest = whole.index(b"auscult.manifest")
    file = tmp_path / "cut.tflite"
    for kept in (8, 100, 200, manifest - 40, manifest + 20, len(whole) - 5000, len(whole) - 10):
        file.write_bytes(whole[:kept])
        with pytest.raises(BundleError, match=r"cut.tflite .* Expected: .* again") as refused:
            benchmark.measure(file, windows=20)
        assert "numbers" not in refused.value.what


def test_a_model_that_litert_does_not_take_is_told_in_its_words(make_loudness_model, tmp_path):
    pytest.importorskip("ai_edge_litert")
    whole = make_loudness_model(640, operators=("MUL", "MEAN", "MAXIMUM", "SQRT", "LOG", "CONV_2D"))
    (tmp_path / "odd.tflite").write_bytes(whole)
    with pytest.raises(
        BundleError, match=r"odd.tflite can't be run: .*\. Expected: .*Copy it again"
    ):
        benchmark.measure(tmp_path / "odd.tflite", windows=20)


def test_accuracy_comes_from_labelled_recordings(cost, machine, faulty):
    def clip(samples, label):
        sound = Sound(samples=samples, rate_hz=16000)
        return Clip(path=Path(f"{label}.wav"), label=label, sound=sound)

    clips = [clip(machine(60 + k), "normal") for k in range(3)]
    clips += [clip(faulty(70 + k), "anomaly") for k in range(3)]
    found = benchmark.with_accuracy(cost, clips)
    assert found.auc == 1.0
    assert found.pauc == 1.0
    assert found.p50_ms == cost.p50_ms


def test_what_breaks_down_is_told_in_words(bundle_file, monkeypatch):
    monkeypatch.setattr(benchmark, "_MODULE", "auscult.no_such_module")
    with pytest.raises(EngineError, match=r"could not be measured.*auscult bundle verify"):
        benchmark.measure(bundle_file, windows=20)


def test_a_process_that_says_everything_at_once_is_heard_out(tmp_path, monkeypatch):
    program = tmp_path / "python"
    program.write_text(f"#!{sys.executable}\nprint('first\\n' + '{{\"ms\": [1.0]}}', flush=True)\n")
    program.chmod(0o755)
    monkeypatch.setattr(benchmark.sys, "executable", str(program))
    first_s, found = benchmark._asked(["x.onnx"], 1, 60.0)
    assert first_s > 0.0
    assert found == {"ms": [1.0]}


def test_what_takes_too_long_is_ended(bundle_file):
    with pytest.raises(EngineError, match=r"more than 0\.01 s"):
        benchmark.measure(bundle_file, windows=100_000, limit_s=0.01)


def test_what_is_no_bundle_is_refused_before_anything_is_started(tmp_path, monkeypatch):
    monkeypatch.setattr(benchmark.subprocess, "Popen", None)
    (tmp_path / "x.onnx").write_bytes(b"a text about fans")
    with pytest.raises(BundleError, match="is no bundle"):
        benchmark.measure(tmp_path / "x.onnx")


def test_the_process_says_first_and_then_how_long_each_took(bundle_file, capsys, monkeypatch):
    monkeypatch.setattr(benchmark, "pin", lambda cores: None)
    benchmark.main(str(bundle_file), 1, 20, 0)
    first, rest = capsys.readouterr().out.splitlines()
    assert first == "first"
    assert len(json.loads(rest)["ms"]) == 20


def test_the_machine_is_one_line():
    said = benchmark.machine()
    assert "\n" not in said
    assert f"Python {sys.version_info.major}.{sys.version_info.minor}" in said
    assert f"numpy {np.__version__}" in said
