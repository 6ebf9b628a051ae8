"""Names of MIMII and DCASE Task 2, as their archives have them."""

import os
from pathlib import Path

import pytest

from auscult.datasets.machine_sounds import MachineSounds, parse, recognises
from auscult.errors import AuscultWarning, DatasetError


def made(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


# Path, then machine, unit, label, domain, split, attributes.
OFFICIAL = [
    (
        "-6_dB/fan/id_00/abnormal/00000012.wav",
        ("fan", "id_00", "anomaly", "", "", {"condition": "-6dB"}),
    ),
    (
        "0_dB_fan/fan/id_06/normal/00000000.wav",
        ("fan", "id_06", "normal", "", "", {"condition": "0dB"}),
    ),
    (
        "6_dB_pump/id_02/normal/00000000.wav",
        ("pump", "id_02", "normal", "", "", {"condition": "6dB"}),
    ),
    ("slider/id_04/normal/00000000.wav", ("slider", "id_04", "normal", "", "", {})),
    # DCASE 2020: development, additional training, evaluation.
    ("ToyCar/train/normal_id_01_00000123.wav", ("ToyCar", "id_01", "normal", "", "train", {})),
    ("fan/test/anomaly_id_00_00000007.wav", ("fan", "id_00", "anomaly", "", "test", {})),
    ("valve/test/id_01_00000007.wav", ("valve", "id_01", "", "", "test", {})),
    # The same names sorted by label.
    ("fan/anomaly/anomaly_id_00_00000007.flac", ("fan", "id_00", "anomaly", "", "", {})),
    ("slider_id_00/normal/normal_id_00_00000001.flac", ("slider", "id_00", "normal", "", "", {})),
    # DCASE 2021.
    (
        "fan/train/section_00_source_train_normal_0000_strength_1_ambient.wav",
        ("fan", "section_00", "normal", "source", "train", {"attribute": "strength_1_ambient"}),
    ),
    (
        "gearbox/train/section_02_target_train_normal_0002_0_g_25_mm_2000_mV_none.wav",
        (
            "gearbox",
            "section_02",
            "normal",
            "target",
            "train",
            {"attribute": "0_g_25_mm_2000_mV_none"},
        ),
    ),
    (
        "fan/source_test/section_01_source_test_anomaly_0099.wav",
        ("fan", "section_01", "anomaly", "source", "test", {}),
    ),
    (
        "fan/target_test/section_03_target_test_0042.wav",
        ("fan", "section_03", "", "target", "test", {}),
    ),
    # DCASE 2022.
    (
        "fan/test/section_00_source_test_normal_0001_m-n_X.wav",
        ("fan", "section_00", "normal", "source", "test", {"m-n": "X"}),
    ),
    (
        "bearing/train/section_01_target_train_normal_0009_vel_12_loc_G.wav",
        ("bearing", "section_01", "normal", "target", "train", {"vel": "12", "loc": "G"}),
    ),
    ("fan/test/section_03_test_0199.wav", ("fan", "section_03", "", "", "test", {})),
    # DCASE 2023 and 2024.
    (
        "gearbox/train/section_00_source_train_normal_0014_volt_3.0_wt_0.wav",
        ("gearbox", "section_00", "normal", "source", "train", {"volt": "3.0", "wt": "0"}),
    ),
    (
        "slider/test/section_00_source_test_anomaly_0003_noAttribute.wav",
        ("slider", "section_00", "anomaly", "source", "test", {}),
    ),
    ("Vacuum/test/section_00_0000.wav", ("Vacuum", "section_00", "", "", "test", {})),
    ("eval/3DPrinter/section_01_0000.wav", ("3DPrinter", "section_01", "", "", "", {})),
    # Taken out of a tree.
    ("fan_id_00_abnormal.wav", ("fan", "id_00", "anomaly", "", "", {})),
]


@pytest.mark.parametrize(("name", "expected"), OFFICIAL, ids=[name for name, _ in OFFICIAL])
def test_official_names_are_understood(name, expected):
    clip = parse(Path(name))
    told = (clip.machine, clip.unit, clip.label, clip.domain, clip.split, clip.attributes)
    assert told == expected
    assert recognises(Path(name))


@pytest.mark.parametrize(
    "name", ["normal/monday.wav", "fan/section.wav", "1-100032-A-0.wav", "fan/normal/0001.wav"]
)
def test_other_names_are_not_taken_for_official_ones(name):
    assert not recognises(Path(name))


MIMII = ("-6dB/fan/id_00/normal/00000000.wav", "-6dB/fan/id_00/abnormal/00000000.wav")


@pytest.mark.parametrize("level", ["", "-6dB", "-6dB/fan", "-6dB/fan/id_00"])
def test_any_level_of_a_tree_tells_the_same(tmp_path, level):
    root = made(tmp_path / "data", *MIMII) / level
    clips = list(MachineSounds(root).clips())
    assert [clip.label for clip in clips] == ["anomaly", "normal"]
    assert {(clip.machine, clip.unit, clip.attributes["condition"]) for clip in clips} == {
        ("fan", "id_00", "-6dB")
    }


def test_a_single_folder_of_a_tree_keeps_what_the_tree_says(tmp_path):
    (clip,) = MachineSounds(made(tmp_path, *MIMII) / "-6dB" / "fan" / "id_00" / "normal").clips()
    assert (clip.machine, clip.unit, clip.label) == ("fan", "id_00", "normal")


def test_folders_above_the_root_are_no_condition(tmp_path):
    root = made(tmp_path / "home", "fan/id_00/normal/00000000.wav")
    (clip,) = MachineSounds(root).clips()
    assert (clip.machine, clip.attributes) == ("fan", {})


def test_a_root_given_relative_tells_the_same(tmp_path, monkeypatch):
    monkeypatch.chdir(made(tmp_path, *MIMII) / "-6dB" / "fan")
    clips = list(MachineSounds(Path("id_00")).clips())
    assert [(clip.machine, str(clip.path)) for clip in clips] == [
        ("fan", "id_00/abnormal/00000000.wav"),
        ("fan", "id_00/normal/00000000.wav"),
    ]


def test_conditions_are_the_same_recordings_under_other_noise(tmp_path):
    names = [f"{noise}/fan/id_00/normal/0000000{i}.wav" for noise in ("0dB", "6dB") for i in (0, 1)]
    clips = list(MachineSounds(made(tmp_path, *names)).clips())
    assert len(clips) == 4
    assert len({clip.group for clip in clips}) == 2


def test_tables_add_what_names_do_not_say(tmp_path):
    root = made(tmp_path, "fan/test/section_00_0000.wav", "fan/test/section_00_0001.wav")
    (root / "fan" / "attributes_00.csv").write_text(
        "file_name,d1p,d1v,d2p,d2v\n"
        "fan/test/section_00_0000.wav,vel,6,loc,A\n\n"
        "fan/test/section_00_0001.wav,vel,8,,\n"
    )
    expected = [{"vel": "6", "loc": "A"}, {"vel": "8"}]
    assert [clip.attributes for clip in MachineSounds(root).clips()] == expected
    below = MachineSounds(root / "fan" / "test").clips()
    assert [clip.attributes for clip in below] == expected


def test_tables_of_other_machines_do_not_mix(tmp_path):
    root = made(tmp_path, "fan/test/section_00_0000.wav", "pump/test/section_00_0000.wav")
    for machine, value in (("fan", "1"), ("pump", "2")):
        table = f"file_name,d1p,d1v\n{machine}/test/section_00_0000.wav,vel,{value}\n"
        (root / machine / "attributes_00.csv").write_text(table)
    clips = MachineSounds(root).clips()
    assert [(clip.machine, clip.attributes["vel"]) for clip in clips] == [
        ("fan", "1"),
        ("pump", "2"),
    ]


def test_a_table_that_is_none_warns_and_the_recordings_stay(tmp_path):
    root = made(tmp_path, "fan/test/section_00_0000.wav")
    (root / "fan" / "attributes_00.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.warns(AuscultWarning, match=r"attributes_00\.csv can't be read as a table"):
        assert len(list(MachineSounds(root).clips())) == 1


def test_an_empty_tree_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="holds no recording"):
        list(MachineSounds(tmp_path).clips())


@pytest.mark.skipif("AUSCULT_DATA" not in os.environ, reason="AUSCULT_DATA is not set")
def test_real_sets_are_read_whole():
    root = Path(os.environ["AUSCULT_DATA"])
    mimii = list(MachineSounds(root / "mimii_-6dB").clips())
    assert len(mimii) == 180
    assert {clip.machine for clip in mimii} == {"fan", "pump", "slider"}
    assert sum(clip.is_normal for clip in mimii) == 120
    assert len({(clip.machine, clip.unit) for clip in mimii}) == 12
    dcase = list(MachineSounds(root / "dcase2020").clips())
    assert len(dcase) == 122
    assert all(clip.unit and clip.label for clip in dcase)
