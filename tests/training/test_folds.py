import pytest
import soundfile

from auscult.errors import DatasetError
from auscult.recipe import from_dict
from auscult.training.folds import folds_of

from .simple import RATE_HZ, sound, write_set


def recipe(path):
    return from_dict({"family": "resnet", "data": {"path": str(path)}})[0]


def test_the_folds_of_a_set_that_has_some(tmp_path):
    rows = ["filename,fold,target,category,esc10,src_file,take"]
    (tmp_path / "audio").mkdir()
    for fold in (1, 2, 3):
        for target, category in enumerate(("dog", "rain")):
            name = f"{fold}-{target}-A-{target}.wav"
            soundfile.write(tmp_path / "audio" / name, sound(fold, knocks=False), RATE_HZ)
            rows.append(f"{name},{fold},{target},{category},True,{fold}{target},A")
    (tmp_path / "esc50.csv").write_text("\n".join(rows) + "\n")
    found = folds_of(recipe(tmp_path))
    assert [fold.units for fold in found] == [("fold1",), ("fold2",), ("fold3",)]
    assert [fold.name for fold in folds_of(recipe(tmp_path), 2)] == ["part1", "part2"]


def test_units_are_folds_where_there_are_no_others(tmp_path):
    for unit in ("id_00", "id_02"):
        place = write_set(tmp_path / "mimii" / "fan" / unit, n=2)
        (place / "anomaly").rename(place / "abnormal")
    found = folds_of(recipe(tmp_path / "mimii"))
    assert [fold.units for fold in found] == [("id_00",), ("id_02",)]
    assert found[0].clips(recipe(tmp_path / "mimii")) is None


@pytest.mark.parametrize(("n", "wanted"), [(None, 5), (2, 2), (3, 3)])
def test_recordings_are_dealt_out_where_there_are_no_parts(tmp_path, n, wanted):
    given = recipe(write_set(tmp_path / "data", n=6))
    found = folds_of(given, n)
    assert [fold.name for fold in found] == [f"part{i + 1}" for i in range(wanted)]
    tested = [name for fold in found for name in sorted(fold.recordings)]
    assert len(tested) == len(set(tested)) == 12
    for fold in found:
        clips = list(fold.clips(given))
        assert len(clips) == 12
        assert {c.split for c in clips} == {
            "test",
            "",
        }  # what was a training split, evaluations would leave out
        assert {str(c.path) for c in clips if c.split == "test"} == fold.recordings
    assert folds_of(given, n) == found


def test_more_folds_than_recordings_are_refused(tmp_path):
    data = write_set(tmp_path / "data", n=2)
    with pytest.raises(DatasetError, match="7 folds"):
        folds_of(recipe(data), 7)
