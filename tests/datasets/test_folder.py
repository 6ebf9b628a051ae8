"""Recordings in folders: what their names say, and what can't be read."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.datasets.folder import Folder, files_below
from auscult.errors import AuscultWarning, DatasetError


@pytest.fixture
def tree(tmp_path):
    """Make empty files; readers of folders look at names only."""

    def made(*names: str) -> Path:
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return tmp_path

    return made


def told(root: Path) -> list[tuple[str, ...]]:
    clips = Folder(root).clips()
    return [(clip.path.relative_to(root).as_posix(), clip.label) for clip in clips]


def test_recordings_in_no_folder_have_no_label(tree):
    assert told(tree("b.wav", "a.flac")) == [("a.flac", ""), ("b.wav", "")]


@pytest.mark.parametrize("normal", ["normal", "ok", "good", "Normal", "OK"])
def test_beside_a_normal_folder_everything_is_an_anomaly(tree, normal):
    root = tree(f"{normal}/a.wav", "abnormal/b.wav", "loose belt/c.wav", "ng/d.wav")
    labels = {clip.attributes["class"]: clip.label for clip in Folder(root).clips()}
    assert labels == {
        normal: "normal",
        "abnormal": "anomaly",
        "loose belt": "anomaly",
        "ng": "anomaly",
    }


def test_beside_a_normal_folder_a_recording_in_none_has_no_label(tree):
    assert told(tree("normal/a.wav", "x.wav")) == [("normal/a.wav", "normal"), ("x.wav", "")]


def test_without_a_normal_folder_the_folder_is_the_class(tree):
    root = tree("on_state/a.wav", "off_state/b.wav", "x.wav")
    assert told(root) == [
        ("off_state/b.wav", "off_state"),
        ("on_state/a.wav", "on_state"),
        ("x.wav", ""),
    ]


def test_a_folder_of_anomalies_alone_is_one(tree):
    assert told(tree("abnormal/a.wav")) == [("abnormal/a.wav", "anomaly")]


def test_folders_below_a_class_belong_to_it(tree):
    root = tree("normal/monday/noon/a.wav", "belt/2024/b.wav")
    assert told(root) == [("belt/2024/b.wav", "anomaly"), ("normal/monday/noon/a.wav", "normal")]


def test_folders_above_the_pair_name_the_machine(tree):
    root = tree("hall 2/fan/normal/a.wav", "hall 2/fan/belt/b.wav", "pump/ok/c.wav")
    clips = [(clip.machine, clip.label) for clip in Folder(root).clips()]
    assert clips == [("hall 2/fan", "anomaly"), ("hall 2/fan", "normal"), ("pump", "normal")]


def test_train_and_test_name_the_split_and_nothing_else(tree):
    root = tree("train/good/a.wav", "test/good/b.wav", "test/broken/c.wav")
    clips = [(clip.split, clip.label, clip.machine) for clip in Folder(root).clips()]
    assert clips == [("test", "anomaly", ""), ("test", "normal", ""), ("train", "normal", "")]


def test_hidden_files_and_other_files_are_passed_over(tree):
    root = tree("a.WAV", "._a.wav", ".cache/b.wav", "notes.txt", "c.wav.part")
    assert told(root) == [("a.WAV", "")]


@given(order=st.permutations(["a.wav", "b.wav", "c/d.wav", "c/e.wav"]))
def test_the_order_never_depends_on_the_disk(order, tmp_path_factory):
    root = tmp_path_factory.mktemp("order")
    for name in order:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).touch()
    assert [name for name, _ in told(root)] == ["a.wav", "b.wav", "c/d.wav", "c/e.wav"]


def test_links_are_followed_and_loops_are_not(tree, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "a.wav").touch()
    root = tree("b.wav")
    (root / "linked").symlink_to(elsewhere)
    (root / "loop").symlink_to(root)
    assert [name for name, _ in told(root)] == ["b.wav", "linked/a.wav"]


def test_an_empty_folder_is_refused(tree):
    with pytest.raises(DatasetError) as refused:
        list(Folder(tree("notes.txt")).clips())
    assert "holds no recording" in refused.value.what
    assert ".wav" in refused.value.expected
    assert "convert your recordings to WAV" in refused.value.action


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(
        DatasetError, match=r"nowhere is not there\. Expected: a recording, or a folder of"
    ):
        list(Folder(tmp_path / "nowhere").clips())


def test_a_file_in_place_of_a_folder_is_refused(tree):
    with pytest.raises(DatasetError, match=r"a\.wav is a file"):
        list(Folder(tree("a.wav") / "a.wav").clips())


def closed_to(monkeypatch, folder: Path) -> None:
    """Close a folder, for root too, who may open everything."""
    scandir = os.scandir

    def refusing(path):
        if Path(path) == folder:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)


def test_a_folder_that_may_not_be_opened_is_refused(tree, monkeypatch):
    root = tree("a.wav")
    closed_to(monkeypatch, root)
    with pytest.raises(DatasetError, match=r"can't be read: Permission denied.*you may open"):
        list(Folder(root).clips())


def test_a_folder_that_may_not_even_be_looked_at_is_refused(tree, monkeypatch):
    def refusing(self):
        raise PermissionError(13, "Permission denied", str(self))

    root = tree("a.wav")
    monkeypatch.setattr(Path, "is_dir", refusing)
    with pytest.raises(DatasetError, match="can't be read: Permission denied"):
        list(Folder(root).clips())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open everything")
def test_a_folder_without_permission_is_refused(tree):
    root = tree("a.wav")
    root.chmod(0)
    try:
        with pytest.raises(DatasetError, match="can't be read: Permission denied"):
            list(Folder(root).clips())
    finally:
        root.chmod(0o755)


def test_a_closed_sub_folder_does_not_stop_the_others(tree, monkeypatch):
    root = tree("a/a.wav", "b/b.wav")
    closed_to(monkeypatch, root / "a")
    with pytest.warns(AuscultWarning, match=r"can't be read \(Permission denied\).*left out"):
        assert [path.name for path in files_below(root, {".wav"})] == ["b.wav"]
