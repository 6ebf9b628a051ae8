"""What is found in a data set, and what is wrong with it."""

import json
import math
import os
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given
from hypothesis import strategies as st

from auscult.audio import level as levels
from auscult.audio.resample import resample
from auscult.audio.sound import Sound
from auscult.datasets.clip import Clip
from auscult.datasets.discover import discover
from auscult.datasets.folder import Folder
from auscult.errors import DatasetError
from auscult.evaluation import data_check
from auscult.evaluation.data_check import check
from auscult.evaluation.level_leak import LEAK_AUC
from auscult.memory.learn import learn_clips

RATE_HZ = 8000


def noise(seed: int, *, rms: float = 0.1, seconds: float = 1.0) -> np.ndarray:
    samples = np.random.default_rng(seed).normal(0, 1, round(seconds * RATE_HZ))
    return (rms * samples / np.sqrt(np.mean(samples**2))).astype(np.float32)


def clip(name: str, samples, label: str = "normal", **facts) -> Clip:
    sound = Sound(samples=np.asarray(samples, np.float32), rate_hz=RATE_HZ)
    return Clip(path=Path(name), label=label, sound=sound, **facts)


def healthy(n: int = 6, **facts) -> list[Clip]:
    return [clip(f"healthy{i}.wav", noise(1000 + i), **facts) for i in range(n)]


def found(report, kind: str):
    (finding,) = [finding for finding in report.findings if finding.kind == kind]
    return finding


def kinds(report) -> set[str]:
    return {finding.kind for finding in report.findings}


def test_what_is_there_is_counted(tmp_path):
    for name, channels, rate_hz in (
        ("normal/a.wav", 1, 8000),
        ("normal/b.flac", 1, 8000),
        ("belt/c.wav", 2, 16000),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        sf.write(tmp_path / name, np.stack([noise(len(name))] * channels, axis=1), rate_hz)
    report = check(Folder(tmp_path).clips())
    assert report.recordings == 3
    assert report.hours * 3600 == pytest.approx(2.5)
    assert report.counts == {
        "label": {"anomaly": 1, "normal": 2},
        "machine": {"": 3},
        "unit": {"": 3},
        "domain": {"": 3},
        "split": {"": 3},
        "rate_hz": {"8000": 2, "16000": 1},
        "channels": {"1": 2, "2": 1},
        "length_s": {"0.5": 1, "1": 2},
    }


def test_units_have_whole_names():
    facts = {"machine": "fan", "unit": "id_00", "attributes": {"condition": "-6dB"}}
    assert check(healthy(**facts)).counts["unit"] == {"-6dB/fan/id_00": 6}


def test_a_sound_data_set_has_nothing_but_notes():
    report = check([*healthy(), *(clip(f"x{i}", noise(i), "anomaly") for i in range(4))])
    assert kinds(report) == {"little_normal"}
    assert "0.1 minutes of normal sound" in report.findings[0].text


@pytest.mark.parametrize(
    ("kind", "samples"),
    [
        ("silent", np.zeros(RATE_HZ)),
        ("silent", noise(1, rms=1e-6)),
        ("stuck", np.full(RATE_HZ, 0.5)),
        ("clipped", np.clip(noise(1, rms=0.9), -1, 1)),
        ("dc", noise(1, rms=0.01) + 0.5),
        ("too_short", noise(1, seconds=0.4)),
        ("odd_length", noise(1, seconds=3.0)),
    ],
)
def test_an_ill_recording_is_named(kind, samples):
    report = check([*healthy(), clip("ill.wav", samples)])
    finding = found(report, kind)
    assert finding.files == ("ill.wav",)
    assert finding.severity == ("note" if kind == "odd_length" else "warning")
    assert finding.text.startswith("1 recording is ")


def test_lengths_that_all_differ_are_not_odd():
    clips = [clip(f"{i}.wav", noise(i, seconds=1 + i / 10)) for i in range(6)]
    assert "odd_length" not in kinds(check(clips))


def test_files_that_can_not_be_read_do_not_stop_the_others(tmp_path):
    sf.write(tmp_path / "good.wav", noise(1), RATE_HZ)
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.flac").write_text("no sound")
    whole = (tmp_path / "good.wav").read_bytes()
    (tmp_path / "cut.wav").write_bytes(whole[: len(whole) // 2])
    broken = noise(2)
    broken[5] = np.nan
    sf.write(tmp_path / "nan.wav", broken, RATE_HZ, subtype="FLOAT")
    report = check([*Folder(tmp_path).clips(), Clip(path=tmp_path / "missing.wav")])
    finding = found(report, "unreadable")
    assert finding.severity == "error"
    assert [Path(name).name for name in finding.files] == [
        "cut.wav",
        "empty.wav",
        "nan.wav",
        "text.flac",
        "missing.wav",
    ]
    assert "5 recordings can't be read. The first: " in finding.text
    assert "cut.wav is cut off" in finding.text
    assert (report.recordings, sum(report.counts["length_s"].values())) == (6, 1)
    assert report.findings[0] == finding, "errors come first"


def test_a_set_of_unreadable_files_is_a_report_too(tmp_path):
    (tmp_path / "empty.wav").touch()
    report = check(Folder(tmp_path).clips())
    assert kinds(report) == {"unreadable"}
    assert (report.hours, report.level_auc) == (0.0, None)


def test_no_recording_at_all_is_refused():
    with pytest.raises(DatasetError, match="There is no recording to check"):
        check([])


def test_mixed_rates_and_channels_are_named(tmp_path):
    for i in range(4):
        sf.write(tmp_path / f"{i}.wav", noise(i), RATE_HZ)
    sf.write(tmp_path / "x.wav", noise(9), 2 * RATE_HZ)
    sf.write(tmp_path / "y.wav", np.stack([noise(7), noise(8)], axis=1), RATE_HZ)
    report = check(Folder(tmp_path).clips())
    rates, channels = found(report, "mixed_rates"), found(report, "mixed_channels")
    assert [Path(name).name for name in rates.files + channels.files] == ["x.wav", "y.wav"]
    assert "Sample rates differ (8000, 16000 Hz): 1 recording is not at 8000 Hz" in rates.text
    assert "Numbers of channels differ (1, 2): 1 recording has not 1" in channels.text


@pytest.mark.parametrize(
    ("facts", "kind", "severity"),
    [
        ({"label": "normal"}, "duplicate", "warning"),
        ({"label": "anomaly"}, "duplicate_across_labels", "error"),
        ({"label": "normal", "split": "test"}, "duplicate_across_splits", "error"),
    ],
)
def test_copies_are_found_by_their_samples(facts, kind, severity):
    original, *others = healthy(split="train")
    report = check([original, *others, clip("copy.wav", original.sound.samples, **facts)])
    finding = found(report, kind)
    assert finding.severity == severity
    assert finding.files == (original.name, "copy.wav")
    assert "copies of one another, sample for sample" in finding.text
    assert len([kind for kind in kinds(report) if kind.startswith("duplicate")]) == 1


def test_copies_are_found_across_formats(tmp_path):
    first, second = ((noise(i) * 2**15).astype(np.int16) for i in (1, 2))
    sf.write(tmp_path / "a.wav", first, RATE_HZ)
    sf.write(tmp_path / "b.flac", first, RATE_HZ)
    sf.write(tmp_path / "c.flac", second, RATE_HZ)
    finding = found(check(Folder(tmp_path).clips()), "duplicate")
    assert [Path(name).name for name in finding.files] == ["a.wav", "b.flac"]


def test_silence_is_no_copy():
    report = check([*healthy(), *(clip(f"{i}.wav", np.zeros(RATE_HZ)) for i in range(2))])
    assert "duplicate" not in kinds(report)


@pytest.mark.parametrize(
    ("labels", "kind", "words"),
    [
        (["normal"], "one_kind", "All recordings are normal: enough to learn from"),
        (["anomaly"], "one_kind", "All recordings are anomalous: nothing can be learned"),
        ([""], "one_kind", "to learn from them is to call them normal"),
        (["dog"], "one_kind", "labelled dog, none normal"),
        (["dog", "cat"], "no_normal", "None of the 2 labels is normal"),
        (["normal", "anomaly", ""], "unlabelled", "6 recordings have no label"),
    ],
)
def test_labels_that_say_too_little_are_named(labels, kind, words):
    clips = [
        clip(f"{label}{i}.wav", noise(6 * k + i), label)
        for k, label in enumerate(labels)
        for i in range(6)
    ]
    assert words in found(check(clips), kind).text


def test_units_with_few_normal_recordings_are_named():
    clips = [*healthy(6, machine="fan"), *healthy(2, machine="pump")]
    assert "normal recordings of pump (2):" in found(check(clips), "few_normal").text


def test_what_learn_would_refuse_is_an_error_here():
    finding = found(check(healthy(2)), "too_little")
    assert finding.severity == "error"
    assert "too little to learn from, `auscult learn` will refuse it. It needs 3" in finding.text
    assert "too_little" not in kinds(check(healthy(6)))


@pytest.mark.parametrize(
    "lengths_s",
    [
        (2, 2, 2),
        (2, 2, 3),
        (3, 3, 3),
        (1,) * 6,
        (0.4,) * 6,
        (15, 15),
        (16, 9),
        (25,),
        (26,),
        (5, 5, 0.3),
    ],
)
def test_it_is_too_little_exactly_where_learning_refuses_it(lengths_s):
    clips = [clip(f"{i}.wav", noise(i, seconds=seconds)) for i, seconds in enumerate(lengths_s)]
    try:
        learn_clips(clips, preset="edge")
        is_refused = False
    except DatasetError:
        is_refused = True
    assert ("too_little" in kinds(check(clips))) == is_refused


def test_copies_and_silence_are_not_counted_as_something_to_learn_from():
    one, *_ = healthy(1)
    copies = [clip(f"copy {i}.wav", one.sound.samples) for i in range(8)]
    silent = [clip(f"silent {i}.wav", np.zeros(60 * RATE_HZ)) for i in range(3)]
    assert (
        "1 s of normal sound in 1 recording:"
        in found(check([one, *copies, *silent]), "too_little").text
    )


def test_every_other_class_is_compared_with_the_normal_one():
    quiet = [clip(f"q{i}.wav", noise(i, rms=0.01)) for i in range(8)]
    loud = [clip(f"l{i}.wav", noise(20 + i, rms=0.1), label="rattling") for i in range(8)]
    report = check([*quiet, *loud])
    assert report.level_auc == 1.0
    assert "level_leak" in kinds(report)


def test_classes_of_which_none_is_normal_are_told_how_to_name_one():
    clips = [clip(f"{i}.wav", noise(i), label=label) for i, label in enumerate(("dog", "rain"))]
    assert "name it: --normal LABEL." in found(check(clips), "no_normal").text


def labelled(unit: str, normal_db, anomaly_db) -> list[Clip]:
    """Recordings of noise with the given levels."""
    wanted = [("normal", db) for db in normal_db] + [("anomaly", db) for db in anomaly_db]
    return [
        clip(
            f"{unit}-{i}",
            noise(zlib.crc32(f"{unit}{i}".encode()), rms=10 ** (db / 20)),
            label,
            unit=unit,
        )
        for i, (label, db) in enumerate(wanted)
    ]


def test_a_level_leak_is_heard_in_each_unit_by_its_own_median():
    # Louder in one unit, quieter in the other, and their medians are far apart: only by unit is it plain.
    clips = [
        *labelled("id_00", [-20.0, -20.5, -21, -19.5, -20.2], [-15.0, -15.5, -14]),
        *labelled("id_02", [-40.0, -40.5, -41, -39.5, -40.2], [-46.0, -45.5, -47]),
    ]
    report = check(clips)
    assert report.level_auc == 1.0
    assert [(leak.unit, leak.n_normal, leak.n_anomaly, leak.auc) for leak in report.per_unit] == [
        ("id_00", 5, 3, 1.0),
        ("id_02", 5, 3, 1.0),
    ]
    finding = found(report, "level_leak")
    assert finding.severity == "warning"
    assert "AUC 1.00 over 10 and 6; id_00 1.00, id_02 1.00" in finding.text
    assert "evaluate with the level removed too" in finding.text


def test_one_leaking_unit_among_many_is_named():
    rng = np.random.default_rng(0)
    clips = labelled("leaky", rng.normal(-20, 0.1, 10), rng.normal(-26, 0.1, 10))
    for i in range(5):
        clips += labelled(f"id_0{i}", rng.normal(-20, 2, 10), rng.normal(-20, 2, 10))
    report = check(clips)
    assert report.level_auc < LEAK_AUC
    assert "in 1 of 6 units; leaky 1.00" in found(report, "level_leak").text


def test_equal_levels_are_no_leak():
    rng = np.random.default_rng(0)
    report = check(labelled("fan", rng.normal(-20, 2, 30), rng.normal(-20, 2, 30)))
    assert 0.3 < report.level_auc < 0.7
    assert "level_leak" not in kinds(report)


def test_a_handful_of_recordings_is_no_evidence():
    report = check(labelled("fan", [-20.0, -20.1, -20.2], [-10.0]))
    assert report.level_auc == 1.0
    assert "level_leak" not in kinds(report)
    assert check(labelled("fan", [-20.0, -20.1], [-10.0])).level_auc is None


@given(cut=st.integers(1, RATE_HZ - 1), offset=st.floats(-0.5, 0.5))
def test_the_level_of_a_whole_is_that_of_its_parts_joined(cut, offset):
    samples = noise(3) + np.linspace(0, offset, RATE_HZ, dtype=np.float32)
    parts = [samples[:cut], samples[cut:]]
    joined = data_check._joined([(len(part), levels.measure(part, RATE_HZ)) for part in parts])
    whole = levels.measure(samples, RATE_HZ)
    for name in ("level_db", "peak_db", "ac_level_db", "dc", "clipped_fraction"):
        assert getattr(joined, name) == pytest.approx(getattr(whole, name), abs=0.01), name


def test_long_files_are_heard_block_by_block(tmp_path, monkeypatch):
    monkeypatch.setattr(data_check, "_BLOCK_S", 0.25)
    sf.write(tmp_path / "a.wav", noise(1, seconds=2), RATE_HZ)
    sf.write(tmp_path / "b.wav", np.zeros(2 * RATE_HZ), RATE_HZ)
    lengths = []
    measure = levels.measure
    monkeypatch.setattr(
        levels,
        "measure",
        lambda samples, rate: lengths.append(len(samples)) or measure(samples, rate),
    )
    report = check(Folder(tmp_path).clips())
    assert max(lengths) <= RATE_HZ // 4
    assert report.hours * 3600 == 4
    assert found(report, "silent").files == (str(tmp_path / "b.wav"),)


def test_stretches_of_one_file_are_recordings_of_their_own(tmp_path):
    path = tmp_path / "a.wav"
    sf.write(path, noise(1, seconds=2), RATE_HZ)
    report = check(Clip(path=path, start_s=s, end_s=s + 1.0) for s in (0.0, 1.0))
    assert report.hours * 3600 == 2
    assert "duplicate" not in kinds(report)


def test_progress_is_told_after_each_recording():
    told = []
    check(healthy(3), progress=lambda done, name: told.append((done, name)))
    assert told == [(1, "healthy0.wav"), (2, "healthy1.wav"), (3, "healthy2.wav")]


def test_the_report_is_json():
    report = check([*healthy(), clip("silent.wav", np.zeros(RATE_HZ), "anomaly")])
    told = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert told["recordings"] == 7
    assert told["findings"][0]["kind"] == "silent"
    assert math.isclose(told["hours"], 7 / 3600)


def test_json_waveforms_are_checked_too(tmp_path):
    waveforms = [noise(i).tolist() for i in range(3)]
    waveforms.append(waveforms[0])
    text = json.dumps({"waveforms": waveforms, "labels": ["OK"] * 3 + ["NG"], "fs": RATE_HZ})
    path = tmp_path / "press.json"
    path.write_text(text)
    report = check(discover(path).clips())
    assert found(report, "duplicate_across_labels").files == (f"{path}#0", f"{path}#3")


@pytest.mark.skipif("AUSCULT_DATA" not in os.environ, reason="AUSCULT_DATA is not set")
def test_real_machines_leak_their_level():
    report = check(discover(Path(os.environ["AUSCULT_DATA"]) / "mimii_-6dB").clips())
    assert report.level_auc > 0.85
    fans = [leak.auc for leak in report.per_unit if "/fan/" in leak.unit]
    assert len(fans) == 4
    assert min(fans) > 0.95
    assert kinds(report) == {"level_leak"}


class TestClasses:
    """Which of them sound alike, before anything is trained."""

    def test_what_sounds_like_itself_alone_has_a_high_silhouette(self, class_clips):
        found = check([clip for clip in class_clips if clip.path.name != "whistle0.wav"]).classes
        assert set(found.silhouettes) == {"hum", "hiss", "whistle", "tone"}
        assert min(found.silhouettes.values()) > 0.1
        assert max(found.silhouettes.values()) > 0.4
        assert found.silhouette == pytest.approx(np.mean(list(found.silhouettes.values())))
        assert len(found.places) == 23
        assert found.left_out == 0

    def test_classes_that_are_one_sound_overlap(self, class_clips):
        same = [replace(c, label="one" if i % 2 else "other") for i, c in enumerate(class_clips)]
        assert max(check(same).classes.silhouettes.values()) < 0.1

    def test_loudness_says_nothing(self, class_clips):
        louder = [
            replace(clip, sound=Sound(samples=clip.sound.samples * 2, rate_hz=16000))
            for clip in class_clips
        ]
        one, other = check(class_clips).classes, check(louder).classes
        assert one.silhouettes == pytest.approx(other.silhouettes, abs=1e-3)

    def test_another_rate_is_heard_alike(self, class_clips):
        resampled = [
            replace(
                clip,
                sound=Sound(samples=resample(clip.sound.samples, 16000, 44100), rate_hz=44100),
            )
            for clip in class_clips
        ]
        one, other = check(class_clips).classes, check(resampled).classes
        assert one.silhouettes == pytest.approx(other.silhouettes, abs=0.05)

    @pytest.mark.parametrize("kept", [slice(0, 6), slice(5, 7), slice(0, 0)])
    def test_one_class_or_next_to_nothing_has_no_map(self, class_clips, kept, sound_like):
        clips = class_clips[kept] or [Clip(path=Path("a.wav"), sound=class_clips[0].sound)]
        assert check(clips).classes is None

    def test_what_can_not_be_heard_is_left_out(self, class_clips):
        silence = Sound(samples=np.zeros(32000, np.float32), rate_hz=16000)
        broken = Sound(samples=np.zeros(100, np.float32), rate_hz=16000)
        more = [
            Clip(path=Path(f"{i}.wav"), label="nothing", sound=sound)
            for i, sound in enumerate((silence, silence, broken))
        ]
        assert "nothing" not in check([*class_clips, *more]).classes.silhouettes

    def test_many_are_thinned_out(self, class_clips, monkeypatch):
        monkeypatch.setattr("auscult.evaluation.data_check.MAX_POINTS", 10)
        found = check(class_clips).classes
        assert (len(found.places), found.left_out) == (8, 16)

    def test_it_is_plain_json(self, class_clips):
        plain = json.loads(json.dumps(check(class_clips).to_dict()))
        assert plain["classes"]["places"][0]["label"] == "hum"
        assert set(plain["classes"]["silhouettes"]) == {"hum", "hiss", "whistle", "tone"}
