import subprocess
import sys
import time
from dataclasses import replace

import pytest

from auscult.errors import BundleError, EngineError
from auscult.runtime import trial
from auscult.runtime.bundle import load
from auscult.runtime.trial import inspect_untrusted

posix = pytest.mark.skipif(sys.platform == "win32", reason="no limits of processes")
linux = pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux alone")


def refused(content, *words, kind=BundleError, **how):
    with pytest.raises(kind) as caught:
        inspect_untrusted(content, source="fan.onnx", **how)
    beats = (caught.value.what, caught.value.expected, caught.value.action)
    for word, said in zip(words, beats, strict=True):
        assert word in said


def died(content, **how):
    refused(content, "fan.onnx could not be tried", "as Auscult writes it", "Do not use", **how)


class TestGood:
    def test_what_it_gives_is_what_loading_gives(self, bundle_file):
        found = inspect_untrusted(bundle_file)
        expected = load(bundle_file)
        assert 0.0 <= found.error < 1e-4
        assert found.bundle.to_bytes() == expected.to_bytes()
        assert found.bundle.source == str(bundle_file)

    def test_bytes_and_a_name(self, own_bundle):
        assert inspect_untrusted(own_bundle.to_bytes(), source="up.onnx").bundle.source == "up.onnx"

    def test_a_file_that_only_embeds(self, embedder_file):
        assert inspect_untrusted(embedder_file).error == 0.0


class TestRefusals:
    """In the words in which `load` would refuse it."""

    def test_no_bundle(self):
        refused(b"a text about fans", "fan.onnx is no bundle", "auscult learn", "Copy it again")

    def test_a_missing_file(self, tmp_path):
        with pytest.raises(BundleError, match="could not be opened: No such file"):
            inspect_untrusted(tmp_path / "fan.onnx")

    def test_other_scores_than_it_promises(self, own_bundle):
        first, *rest = own_bundle.manifest.references
        other = replace(first, score=2.0 * first.score)
        manifest = replace(own_bundle.manifest, references=(other, *rest))
        content = replace(own_bundle, manifest=manifest).to_bytes()
        what = "fan.onnx: the score of reference window 1 is"
        refused(content, what, "as its manifest says", "The file is damaged")

    def test_a_graph_that_can_not_be_run(self, own_bundle, monkeypatch):
        answer = {"kind": "EngineError", "what": "a", "expected": "b", "action": "c"}
        monkeypatch.setattr(trial, "_asked", lambda *_: answer)
        refused(own_bundle.to_bytes(), "a", "b", "c", kind=EngineError)

    def test_what_was_refused_is_not_opened_here(self, monkeypatch):
        monkeypatch.setattr(trial, "loads", lambda *_: pytest.fail("it was opened"))
        refused(b"x", "is no bundle", "a whole file", "Copy it again")


class TestHarm:
    @linux
    def test_a_file_that_fills_the_memory_when_it_is_read(self, monkeypatch):
        # Ten million empty nodes: two bytes each in the file, and a hundred in memory.
        n = 10_000_000
        length, size = b"", 2 * n
        while size:
            length += bytes([size % 128 + 128 * (size >= 128)])
            size //= 128
        content = b"\x3a" + length + b"\x0a\x00" * n
        monkeypatch.setattr(trial, "MEMORY_BYTES", 2**29)
        with pytest.raises(BundleError):
            inspect_untrusted(content, source="fan.onnx")

    @linux
    def test_too_little_memory_for_it(self, bundle_file, monkeypatch):
        monkeypatch.setattr(trial, "MEMORY_BYTES", 2**24)
        # Protobuf and onnxruntime say so in words of their own, where they don't die of it.
        with pytest.raises((BundleError, EngineError)):
            inspect_untrusted(bundle_file)

    def test_too_little_time_for_it(self, own_bundle):
        begun = time.perf_counter()
        died(own_bundle.to_bytes(), time_s=0.02)
        assert time.perf_counter() - begun < 20.0

    def test_a_process_that_breaks_down(self, own_bundle, monkeypatch):
        monkeypatch.setattr(trial, "_NAME", "auscult.no_such_module")
        died(own_bundle.to_bytes())

    @pytest.mark.parametrize("answer", [b"", b"x", b"[]", b"7", b'{"error": "x"}', b"{" * 10**6])
    def test_an_answer_that_is_none(self, own_bundle, monkeypatch, answer):
        ended = subprocess.CompletedProcess([], 0, stdout=answer)
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: ended)
        died(own_bundle.to_bytes())


@posix
@pytest.mark.parametrize(
    ("attempt", "outcome"),
    [
        ("open('here.txt', 'w')", "OSError"),
        ("open(sys.executable, 'rb')", "OSError"),
        ("__import__('socket').socket()", "OSError"),
        ("os.pipe()", "OSError"),
        ("None", "nothing"),
    ],
)
def test_the_process_opens_nothing(attempt, outcome, tmp_path):
    program = f"""
import os, socket, sys
from auscult.runtime import trial
trial._warm_up()
trial._limit_self(2**31)
try:
    {attempt}
except OSError:
    sys.stdout.write("OSError")
else:
    sys.stdout.write("nothing")
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, check=True
    )
    assert ended.stdout.decode() == outcome
    assert not list(tmp_path.iterdir())


@linux
def test_the_process_takes_no_more_memory_than_it_may(tmp_path):
    program = """
import sys
from auscult.runtime import trial
trial._limit_self(2**29)
try:
    bytearray(2**29)
except MemoryError:
    sys.stdout.write("MemoryError")
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert ended.stdout == b"MemoryError"


@linux
def test_a_bundle_for_litert_is_tried_in_that_process_too(loudness):
    pytest.importorskip("ai_edge_litert")
    content = loudness.to_bytes()
    found = inspect_untrusted(content, source="fan.tflite")
    assert found.error < 1e-3
    assert found.bundle.tflite == loudness.tflite
    with pytest.raises(
        BundleError, match=r"fan\.tflite is a TFLite model without a manifest, or is broken"
    ):
        inspect_untrusted(
            content.replace(b'"name": "loudness"', b'"name": "Loudness"'), source="fan.tflite"
        )
