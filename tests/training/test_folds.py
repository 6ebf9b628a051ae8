import pytest
import soundfile

from auscult.errors import DatasetError
from auscult.recipe import from_dict
from auscult.training.folds import units_of

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
    assert units_of(recipe(tmp_path)) == ("fold1", "fold2", "fold3")


def test_without_parts_there_is_nothing_to_take_in_turn(tmp_path):
    data = write_set(tmp_path / "data", n=2)
    with pytest.raises(DatasetError, match=r"is in 0 parts.*Leave out --folds"):
        units_of(recipe(data))
