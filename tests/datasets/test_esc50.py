"""ESC-50: its table, its folders, and what is missing."""

import os
from pathlib import Path

import pytest

from auscult.datasets.esc50 import Esc50
from auscult.errors import AuscultWarning, DatasetError

TABLE = """filename,fold,target,category,esc10,src_file,take
1-100032-A-0.wav,1,0,dog,True,100032,A
2-100038-A-14.wav,2,14,chirping_birds,False,100038,A
2-100038-B-14.wav,2,14,chirping_birds,False,100038,B
"""
STEMS = ("1-100032-A-0", "2-100038-A-14", "2-100038-B-14")


def made(root: Path, *, table: str = "esc50.csv", audio: str = "audio", suffix: str = ".wav"):
    for path in (root / table, root / audio / "x"):
        path.parent.mkdir(parents=True, exist_ok=True)
    (root / table).write_text(TABLE)
    for stem in STEMS:
        (root / audio / f"{stem}{suffix}").touch()
    return root


@pytest.mark.parametrize(
    ("table", "audio", "suffix"),
    [
        ("meta/esc50.csv", "audio", ".wav"),
        ("esc50.csv", "audio", ".ogg"),
        ("esc50.csv", "esc50_16k", ".ogg"),
        ("esc50.csv", ".", ".wav"),
        ("esc50.csv", "clips", ".flac"),
    ],
)
def test_the_recordings_are_found_wherever_they_lie(tmp_path, table, audio, suffix):
    root = made(tmp_path, table=table, audio=audio, suffix=suffix)
    clips = list(Esc50(root).clips())
    assert [clip.path.name for clip in clips] == [f"{stem}{suffix}" for stem in STEMS]
    assert clips == list(Esc50(root / table).clips())


@pytest.mark.parametrize("table", ["esc50.csv", "meta/esc50.csv"])
def test_the_folder_of_recordings_will_do(tmp_path, table):
    assert len(list(Esc50(made(tmp_path, table=table) / "audio").clips())) == 3


def test_a_row_becomes_a_clip(tmp_path):
    clip = list(Esc50(made(tmp_path)).clips())[2]
    assert (clip.label, clip.unit, clip.group) == ("chirping_birds", "fold2", "100038")
    assert clip.attributes == {"target": "14", "esc10": "False", "take": "B"}


def test_folds_are_chosen(tmp_path):
    assert [clip.unit for clip in Esc50(made(tmp_path), folds=(1,)).clips()] == ["fold1"]
    with pytest.raises(DatasetError, match="lists no recording of fold 7"):
        list(Esc50(tmp_path, folds=(7,)).clips())


def test_missing_recordings_are_counted_once(tmp_path):
    root = made(tmp_path)
    for stem in STEMS[1:]:
        (root / "audio" / f"{stem}.wav").unlink()
    with pytest.warns(AuscultWarning) as warned:
        clips = list(Esc50(root).clips())
    assert len(clips) == 1
    (warning,) = warned
    assert "2 recordings that" in str(warning.message)
    assert "2-100038-A-14.wav, 2-100038-B-14.wav" in str(warning.message)


def test_no_recording_at_all_is_refused(tmp_path):
    (tmp_path / "esc50.csv").write_text(TABLE)
    with pytest.raises(DatasetError, match=r"None of the 3 recordings.*Unpack the whole ESC-50"):
        list(Esc50(tmp_path).clips())


def test_a_missing_table_is_refused(tmp_path):
    with pytest.raises(DatasetError, match=r"holds no esc50\.csv.*in its folder meta"):
        list(Esc50(tmp_path).clips())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"filename,category\na.wav,dog\n", "has no column fold, src_file"),
        (b"\xff\xfe\x00\x01", "can't be read as a table"),
        (b"", "has no column filename"),
        (TABLE.replace(",2,", ",two,", 1).encode(), "says 'two' for the fold of 2-100038-A-14.wav"),
    ],
)
def test_a_broken_table_is_refused(tmp_path, text, words):
    made(tmp_path)
    (tmp_path / "esc50.csv").write_bytes(text)
    with pytest.raises(DatasetError, match=words):
        list(Esc50(tmp_path, folds=(1,)).clips())


@pytest.mark.skipif("AUSCULT_DATA" not in os.environ, reason="AUSCULT_DATA is not set")
def test_four_real_folds_are_read_whole():
    clips = list(Esc50(Path(os.environ["AUSCULT_DATA"]), folds=(1, 2, 3, 4)).clips())
    assert len(clips) == 1600
    assert len({clip.label for clip in clips}) == 50
    folds_of_group = {clip.group: set() for clip in clips}
    for clip in clips:
        folds_of_group[clip.group].add(clip.unit)
    # The official folds keep clips of one recording together, but for these two.
    assert {group for group, folds in folds_of_group.items() if len(folds) > 1} == {
        "131943",
        "134049",
    }
