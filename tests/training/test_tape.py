"""Recordings on disk: each sample where it belongs, whatever came before it."""

import errno
import shutil
import sys
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from auscult.audio.sound import Sound
from auscult.datasets.clip import Clip
from auscult.errors import DatasetError, TrainingError
from auscult.training import tape
from auscult.training.tape import record, windows_of

RATE_HZ = 8000


@pytest.fixture
def clips(tmp_path):
    rng = np.random.default_rng(0)
    made = []
    for number, seconds in enumerate((1.0, 0.3, 2.5)):
        samples = rng.uniform(-0.9, 0.9, round(seconds * RATE_HZ)).astype(np.float32)
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, samples, RATE_HZ, subtype="PCM_16")
        made.append(Clip(path=path, label=("normal", "anomaly")[number % 2]))
    return made


def test_every_recording_is_on_it_to_the_sample(clips, tmp_path):
    made = record(clips, tmp_path / "tape", rate_hz=RATE_HZ)
    assert [take.samples for take in made.takes] == [8000, 2400, 20000]
    for take in made.takes:
        wanted, _ = soundfile.read(take.clip.path, dtype="float32")
        assert np.array_equal(made.samples(take), wanted)
    assert made.seconds == 3.8


def test_clips_that_carry_their_sound_are_let_go_of(clips, tmp_path):
    sound = Sound(samples=np.full(16000, 0.5, np.float32), rate_hz=16000)
    carried = replace(clips[0], sound=sound, group="file#0")
    made = record([carried], tmp_path / "tape", rate_hz=RATE_HZ)
    (take,) = made.takes
    assert take.clip.sound is None
    assert (take.name, take.has_file, take.samples) == ("file#0", False, 8000)


def test_a_recording_that_cannot_be_read_is_left_out_whole(clips, tmp_path):
    cut = tmp_path / "cut.wav"
    cut.write_bytes(clips[2].path.read_bytes()[:10000])
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF nothing")
    made = record(
        [clips[0], Clip(path=cut), Clip(path=broken), clips[1]], tmp_path / "t", rate_hz=RATE_HZ
    )
    assert [take.clip.path.name for take in made.takes][::2] in (["0.wav"], ["0.wav", "1.wav"])
    assert made.takes[-1].first + made.takes[-1].samples == len(made.sound)
    assert {one.name for one in made.skipped} >= {str(broken)}
    wanted, _ = soundfile.read(clips[1].path, dtype="float32")
    assert np.array_equal(made.samples(made.takes[-1]), wanted)


def test_what_an_absent_part_would_read_is_left_out_and_named(clips, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    (tmp_path / "phone.m4a").write_bytes(b"\0\0\0\x18ftypM4A " + bytes(200))
    phone = Clip(path=tmp_path / "phone.m4a", label="normal")
    made = record([phone, *clips], tmp_path / "tape", rate_hz=RATE_HZ)
    assert len(made.takes) == len(clips)
    (skipped,) = made.skipped
    assert skipped.name == str(phone.path)
    assert "auscult[streams]" in skipped.error


def test_nothing_that_can_be_used(tmp_path):
    (tmp_path / "x.wav").write_bytes(b"")
    with pytest.raises(DatasetError, match="None of 1 recordings can be used"):
        record([Clip(path=tmp_path / "x.wav")], tmp_path / "tape", rate_hz=RATE_HZ)


def test_a_full_disk_is_told_and_leaves_nothing_behind(clips, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(tape.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(TrainingError, match=r"could not be written: No space left.*-o"):
        record(clips, tmp_path / "tape", rate_hz=RATE_HZ)
    assert not (tmp_path / "tape").exists()
    assert errno.ENOSPC


def test_windows_are_cut_from_recordings_and_never_across_them(clips, tmp_path):
    made = record(clips, tmp_path / "tape", rate_hz=RATE_HZ)
    windows = windows_of(
        made, [0, 1, 2], lambda clip: int(clip.label == "anomaly"), length=4000, hop=2000
    )
    assert windows.take.tolist() == [0, 0, 0, 1] + [2] * 9
    assert windows.first.tolist() == [0, 2000, 4000, 0, *range(0, 16001, 2000)]
    assert windows.label.tolist() == [0, 0, 0, 1] + [0] * 9
    assert windows.name(1) == f"{clips[0].path} at 0.2 s"
    found = windows.batch([1, 3])
    assert np.array_equal(found[0], made.samples(made.takes[0])[2000:6000])
    # One that is shorter than a window goes on from its beginning.
    short = made.samples(made.takes[1])
    assert np.array_equal(found[1], np.concatenate([short, short])[:4000])
