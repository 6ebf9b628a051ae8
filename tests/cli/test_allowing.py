"""`auscult bundle allow`, `allowed` and `forbid`."""

import pytest
import soundfile

from auscult.cli.console import BAD_USE, OK

RATE_HZ = 16000


@pytest.fixture
def recordings(tmp_path, machine, faulty):
    """A door that is heard now and then, and a fault that sounds like nothing else."""
    place = tmp_path / "recordings"
    sounds = {
        "normal/calm.wav": machine(60, 20.0),
        "normal/door.wav": faulty(61, 20.0, start_s=8.0, end_s=12.0),
        "anomaly/whistle.wav": faulty(62, 20.0, start_s=8.0, end_s=12.0, hz=1000.0),
        "anomaly/another door.wav": faulty(63, 20.0, start_s=8.0, end_s=12.0),
    }
    for name, samples in sounds.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(place / name, samples, RATE_HZ, subtype="FLOAT")
    return place


@pytest.fixture
def door(tmp_path, faulty):
    path = tmp_path / "door.wav"
    soundfile.write(path, faulty(100, 20.0, start_s=8.0, end_s=12.0), RATE_HZ, subtype="FLOAT")
    return path


def test_a_false_alarm_is_none_any_more(run, bundle_file, door, recordings, tmp_path):
    new = tmp_path / "second.onnx"
    ended = run("bundle", "allow", bundle_file, door, "--note", "a door", "-o", new)
    assert ended.code == OK, ended.err
    assert "of the limit; now it comes to 0." in ended.words
    scored = {
        name: run("score", new, recordings / name, "--json").json[0]["is_anomaly"]
        for name in ("normal/door.wav", "anomaly/whistle.wav")
    }
    assert scored == {"normal/door.wav": False, "anomaly/whistle.wav": True}
    assert "a door" in run("bundle", "allowed", new).out
    (entry,) = run("bundle", "allowed", new, "--json").json
    assert entry["recording"] == str(door)
    third = tmp_path / "third.onnx"
    assert run("bundle", "forbid", new, "1", "-o", third).code == OK
    assert "has allowed nothing" in run("bundle", "allowed", third).words
    assert third.read_bytes() == bundle_file.read_bytes()
    assert run("bundle", "verify", new).code == OK


def test_what_would_be_missed_is_said_before_anything_is_written(
    run, bundle_file, door, recordings
):
    given = ("bundle", "allow", bundle_file, door, "--check", recordings, "--dry-run")
    ended = run(*given)
    assert ended.code == OK, ended.err
    assert "Nothing was written" in ended.words
    assert "Of 4 labelled recordings 2 raise no alarm any more; 1 of them should." in ended.words
    answer = run(*given, "--json").json
    assert answer["bundle"] is None
    assert answer["is_enough"] is True
    assert sorted(one["name"].rpartition("/")[2] for one in answer["vanishing"]) == [
        "another door.wav",
        "door.wav",
    ]


def test_what_is_judged_as_before_is_said(run, bundle_file, door, recordings):
    for name in ("normal/door.wav", "anomaly/another door.wav"):
        (recordings / name).unlink()
    given = ("bundle", "allow", bundle_file, door, "--check", recordings, "--dry-run")
    assert "none is judged otherwise" in run(*given).words


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ((), "Nothing says where the new bundle goes"),
        (("--dry-run", "--from", "5", "--to", "5"), "from 5 s to 5 s is empty"),
        (("--dry-run", "--to", "4"), "raises no alarm"),
    ],
)
def test_bad_use(run, bundle_file, door, more, words):
    ended = run("bundle", "allow", bundle_file, door, *more)
    assert ended.code == BAD_USE
    assert words in " ".join(ended.err.split())
    assert "Traceback" not in ended.err


def test_nothing_to_take_back(run, bundle_file, tmp_path):
    ended = run("bundle", "forbid", bundle_file, "1", "-o", tmp_path / "x.onnx")
    assert ended.code == BAD_USE
    assert "has allowed 0 sounds" in ended.err
    assert run("bundle", "forbid", bundle_file, "1").code == BAD_USE
