"""The reader that fits, by looking."""

import os
from pathlib import Path

import pytest

from auscult.datasets.discover import OneRecording, discover
from auscult.datasets.esc50 import Esc50
from auscult.datasets.folder import Folder
from auscult.datasets.machine_sounds import MachineSounds
from auscult.datasets.okng_json import OkNgJson
from auscult.errors import DatasetError


def made(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


@pytest.mark.parametrize(
    ("names", "reader"),
    [
        (["a.wav"], Folder),
        (["normal/a.wav", "belt/b.wav"], Folder),
        (["dog/a.wav", "cat/b.wav"], Folder),
        (["fan/id_00/normal/00000000.wav"], MachineSounds),
        (["fan/train/section_00_source_train_normal_0000.wav"], MachineSounds),
        (["fan/normal/normal_id_00_00000000.flac"], MachineSounds),
        (["normal/normal_id_00_00000000.wav", "normal/a.wav", "normal/b.wav"], Folder),
        (["esc50.csv", "audio/1-100032-A-0.wav"], Esc50),
        (["meta/esc50.csv", "audio/1-100032-A-0.wav"], Esc50),
        (["a.json", "more/b.json"], OkNgJson),
        (["a.wav", "about.json"], Folder),
    ],
)
def test_the_reader_fits_what_is_there(tmp_path, names, reader):
    assert discover(made(tmp_path, *names)) == reader(tmp_path)


def test_single_files_have_readers_too(tmp_path):
    made(tmp_path, "a.WAV", "b.json")
    assert discover(tmp_path / "b.json") == OkNgJson(tmp_path / "b.json")
    reader = discover(str(tmp_path / "a.WAV"))
    assert reader == OneRecording(tmp_path / "a.WAV")
    (clip,) = reader.clips()
    assert (clip.path, clip.label) == (tmp_path / "a.WAV", "")


@pytest.mark.parametrize(
    ("names", "path", "words"),
    [
        (["notes.txt"], ".", r"holds no recording\..*\.flac.*\.wav.*\.json.*Check the path"),
        ([], "nowhere", r"nowhere is not there\. Expected: a recording, or a folder"),
        (["notes.txt"], "notes.txt", r"notes\.txt is no kind of file.*\.wav.*Convert it"),
    ],
)
def test_what_can_not_be_read_is_refused(tmp_path, names, path, words):
    with pytest.raises(DatasetError, match=words):
        discover(made(tmp_path, *names) / path)


def test_a_closed_folder_is_refused(tmp_path, monkeypatch):
    def refusing(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(DatasetError, match=r"can't be read: Permission denied.*chmod"):
        discover(tmp_path)


def test_a_file_that_may_not_even_be_looked_at_is_refused(tmp_path, monkeypatch):
    def refusing(self):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "is_file", refusing)
    with pytest.raises(DatasetError, match="can't be read: Permission denied"):
        discover(tmp_path / "a.wav")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open everything")
def test_a_folder_in_a_closed_folder_is_refused(tmp_path):
    inner = made(tmp_path / "outer", "inner/a.wav") / "inner"
    inner.parent.chmod(0)
    try:
        with pytest.raises(DatasetError, match="can't be read: Permission denied"):
            discover(inner)
    finally:
        inner.parent.chmod(0o755)


@pytest.mark.skipif("AUSCULT_DATA" not in os.environ, reason="AUSCULT_DATA is not set")
@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("mimii_-6dB", MachineSounds),
        ("mimii_8ch", MachineSounds),
        ("dcase2020/slider_id_00", MachineSounds),
        ("esc50_16k", Esc50),
        ("esc10_44k", Folder),
    ],
)
def test_real_sets_are_recognised(name, reader):
    assert isinstance(discover(Path(os.environ["AUSCULT_DATA"]) / name), reader)
