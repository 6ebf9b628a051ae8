from pathlib import Path

import numpy as np
import pytest
import soundfile

from auscult.errors import DatasetError
from auscult.training.sweeping.units import Unit, clips_by_unit, digests_of


@pytest.fixture
def place(tmp_path):
    def make(*names):
        for name in names:
            path = tmp_path / "root" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, np.zeros(80), 8000)
        return tmp_path / "root"

    return make


def names(root):
    return [unit.name for unit in digests_of(root)]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (("mimii_-6dB/fan/id_02/normal/00000000.wav",), ["mimii_-6dB/fan/id_02"]),
        (("fan/id_00/normal/0.wav", "pump/id_00/abnormal/0.wav"), ["root/fan/id_00", "root/pump/id_00"]),
        (("6_dB_fan/id_00/normal/0.wav",), ["6_dB/fan/id_00"]),
        (
            (
                "dcase/fan/train/section_00_source_train_normal_0000_x.wav",
                "dcase/fan/test/section_01_target_test_anomaly_0003_x.wav",
            ),
            ["dcase/fan/section_00", "dcase/fan/section_01"],
        ),
        (
            ("d/slider/normal/normal_id_00_00000000.wav", "d/slider_id_02/normal_id_02_00000001.wav"),
            ["d/slider/id_00", "d/slider/id_02"],
        ),
        (("press/normal/monday.wav", "press/loose/tuesday.wav"), ["root/press/all"]),
        (("hall 2/press/west/normal/a.wav",), ["hall 2/press/west"]),
        (("a/b/press/west/normal/a.wav",), ["a_b/press/west"]),
        (("normal/a.wav", "abnormal/b.wav"), ["root/root/all"]),
        (
            ("mimii/fan/id_00/normal/0.wav", "esc50/1-2-3.wav", "own/press/normal/1.wav"),
            ["mimii/fan/id_00", "own/press/all"],
        ),
    ],
)  # fmt: skip
def test_machines_are_found_by_folders_and_names(place, files, expected):
    root = place(*files)
    if expected[-1] == "own/press/all":
        expected = [expected[0], "root/own/press"]
    assert names(root) == expected


def test_a_machine_is_the_same_whichever_folder_is_named(place):
    root = place("mimii_-6dB/fan/id_02/normal/00000000.wav")
    for below in (
        root,
        root / "mimii_-6dB",
        root / "mimii_-6dB/fan",
        root / "mimii_-6dB/fan/id_02",
    ):
        assert names(below) == ["mimii_-6dB/fan/id_02"]


def test_every_clip_has_its_label_and_comes_in_order(place):
    root = place("c/fan/id_00/normal/1.wav", "c/fan/id_00/abnormal/0.wav")
    found = [(unit.id, clip.label) for unit, clip in clips_by_unit(root)]
    assert found == [("id_00", "anomaly"), ("id_00", "normal")]


def test_the_digest_is_of_names_and_sound_not_of_the_place(place, tmp_path):
    root = place("c/fan/id_00/normal/1.wav", "c/pump/id_00/normal/1.wav")
    before = digests_of(root)
    root = root.rename(tmp_path / "moved")
    assert digests_of(root) == before
    (root / "c/fan/id_00/normal/1.wav").rename(root / "c/fan/id_00/normal/2.wav")
    after = digests_of(root)
    assert [after[unit] == before[unit] for unit in before] == [False, True]


def test_other_sound_of_the_same_length_is_another_digest(place):
    root = place("c/fan/id_00/normal/1.wav", "c/pump/id_00/normal/1.wav")
    before = digests_of(root)
    path = root / "c/fan/id_00/normal/1.wav"
    content = path.read_bytes()
    path.write_bytes(content[:-2] + bytes(2) if content[-2:] != bytes(2) else content[:-2] + b"xx")
    after = digests_of(root)
    assert [after[unit] == before[unit] for unit in before] == [False, True]


def test_machines_of_two_halls_are_two(place):
    root = place(
        "hall1/6dB/fan/id_00/normal/0.wav",
        "hall2/6dB/fan/id_00/normal/0.wav",
        "dcase2022/raw/fan/train/section_00_source_train_normal_0000.wav",
        "dcase2023/raw/fan/train/section_00_source_train_normal_0000.wav",
    )
    assert names(root) == [
        "dcase2022_raw/fan/section_00",
        "dcase2023_raw/fan/section_00",
        "hall1_6dB/fan/id_00",
        "hall2_6dB/fan/id_00",
    ]


@pytest.mark.parametrize(
    ("one", "other", "name"),
    [
        ("a/b/press/west/normal", "a_b/press/west/normal", "a_b/press/west"),
        ("a/b/fan/id_00/normal", "a_b/fan/id_00/normal", "a_b/fan/id_00"),
        ("a/6dB_fan/id_00/normal", "a_6dB/fan/id_00/normal", "a_6dB/fan/id_00"),
        ("press/west/normal", "root/press/west/normal", "root/press/west"),
        ("press/normal", "press/all/normal", "root/press/all"),
        ("normal", "root/normal", "root/root/all"),
    ],
)
def test_two_machines_of_one_name_are_refused_and_both_are_named(place, one, other, name):
    root = place(f"{one}/0.wav", f"{other}/0.wav")
    with pytest.raises(DatasetError) as refused:
        digests_of(root)
    first, second = sorted((f"{one}", f"{other}"), key=lambda folder: str(root / folder))
    assert str(refused.value) == (
        f"Two machines would be called {name}: one lies in {first}, another in {second}."
        " Expected: folders whose names, joined by _, are different."
        " Rename a folder, or sweep each of them by itself: name it with --data."
    )


def test_a_new_name_for_one_of_their_folders_tells_them_apart(place):
    root = place("a/b/press/west/normal/0.wav", "a_b/press/west/normal/0.wav")
    (root / "a_b").rename(root / "c")
    assert names(root) == ["a_b/press/west", "c/press/west"]


def test_what_names_and_folders_say_of_one_place_is_one_machine(place):
    assert names(place("c/fan/id_00/normal/0.wav", "c/fan/id_00/loose/1.wav")) == ["c/fan/id_00"]


def test_a_folder_without_sound_is_an_error(tmp_path):
    with pytest.raises(DatasetError, match="holds no recording"):
        digests_of(tmp_path)


def test_units_of_one_machine_under_one_condition_are_siblings():
    one = Unit(condition="c", machine="fan", id="id_00")
    assert one.is_sibling(Unit(condition="c", machine="fan", id="id_02"))
    assert not one.is_sibling(one)
    assert not one.is_sibling(Unit(condition="d", machine="fan", id="id_02"))
    assert not one.is_sibling(Unit(condition="c", machine="pump", id="id_02"))


def test_the_best_bundle_is_called_after_its_unit():
    unit = Unit(condition="mimii_-6dB", machine="fan", id="id_00")
    assert Path(unit.best_name) == Path("best_mimii_-6dB_fan_id_00.onnx")
