"""What bundles' files are called by."""

import pytest

from auscult.server.bundles import Bundles
from auscult.server.suffixes import bundle_files_in, suffix_of


@pytest.fixture
def lite_file(loudness, tmp_path):
    """A TFLite bundle under the wrong name."""
    return loudness.save(tmp_path / "came.onnx")


def test_the_content_says_what_it_is(lite_file, bundle_file, tmp_path):
    assert (suffix_of(lite_file), suffix_of(bundle_file)) == (".tflite", ".onnx")
    empty = tmp_path / "empty.tflite"
    empty.touch()
    assert suffix_of(empty) == ".onnx"


def test_only_files_that_are_called_so_are_found(tmp_path):
    for name in ("a.onnx", "b.tflite", "bundles.json", "c.part"):
        (tmp_path / name).touch()
    assert sorted(path.name for path in bundle_files_in(tmp_path)) == ["a.onnx", "b.tflite"]
    assert list(bundle_files_in(tmp_path / "nowhere")) == []


def test_a_folder_keeps_both_kinds_across_a_restart(lite_file, bundle_file, tmp_path):
    folder = tmp_path / "bundles"
    bundles = Bundles(folder)
    first, lite = bundles.add_file(bundle_file), bundles.add_file(lite_file)
    assert [one.path.suffix for one in (first, lite)] == [".onnx", ".tflite"]
    bundles.activate(lite.id)
    again = Bundles(folder)
    assert (set(again.ids()), again.active_id) == ({first.id, lite.id}, lite.id)
    assert again.scorer().engine.name == "litert"
    again.activate(first.id)
    again.remove(lite.id)
    assert again.restore(lite.id).path.read_bytes() == lite_file.read_bytes()
    assert again.erase() == 2
    assert list(bundle_files_in(folder)) == []
