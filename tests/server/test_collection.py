"""What is kept of what was brought."""

import asyncio

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.audio.sound import Sound
from auscult.live.clock import FakeClock
from auscult.server import collection as collected
from auscult.server.collection import (
    MAX_COLLECTIONS,
    Collections,
    label_of,
    looks_like_json,
    pieces_of,
    receive,
    still_here,
)
from auscult.server.problems import Problem


def sound(seconds):
    return Sound(samples=np.ones(round(seconds * 1000), np.float32), rate_hz=1000)


def opened(tmp_path, max_bytes=10**9, clock=None):
    return Collections(tmp_path / "c", max_bytes=max_bytes, clock=clock or FakeClock())


def test_what_nobody_asks_for_in_a_day_is_deleted(tmp_path):
    clock = FakeClock()
    kept = opened(tmp_path, clock=clock)
    asked_for, used, old = (kept.new() for _ in range(3))
    used.used_by.add("job")
    clock.advance(20 * 3600)
    assert kept.get(asked_for.id) is asked_for
    clock.advance(5 * 3600)
    kept.sweep()
    assert [one.folder.exists() for one in (asked_for, used, old)] == [True, True, False]


def test_the_oldest_that_nothing_is_learned_from_makes_room(tmp_path):
    kept = opened(tmp_path, 10**9)
    made = [kept.new() for _ in range(MAX_COLLECTIONS)]
    made[0].used_by.add("job")
    kept.new()
    assert kept.get(made[0].id) is made[0]
    assert kept.get(made[1].id) is None
    assert not made[1].folder.exists()
    for one in list(kept._kept.values()):
        one.used_by.add("job")
    with pytest.raises(Problem, match="are being learned from"):
        kept.new()


def test_nothing_outlives_a_server(tmp_path):
    left = opened(tmp_path, 10**9).new().folder
    opened(tmp_path, 10**9)
    assert not left.exists()


def test_all_files_together_have_a_bound(tmp_path):
    kept = opened(tmp_path, 0)
    with pytest.raises(Problem, match=r"With a\.wav there would be more than 0\.0 GiB"):
        kept.check_room(kept.new(), "a.wav")


def test_what_does_not_come_whole_is_gone(tmp_path):
    made = opened(tmp_path, 10**9).new()

    async def broken():
        yield b"RIFF"
        raise ConnectionResetError

    with pytest.raises(Problem, match="could not be written"):
        asyncio.run(receive(made, broken(), item_id=1, name="a.wav"))
    assert list(made.folder.iterdir()) == []


@pytest.mark.parametrize("name", ["..", ".", "", "送" * 120 + ".wav", "a" * 120, "-rf", "con.wav"])
def test_any_name_can_be_written(tmp_path, name):
    made = opened(tmp_path).new()

    async def some():
        yield b"RIFF"

    path = asyncio.run(receive(made, some(), item_id=1, name=name))
    assert path.read_bytes() == b"RIFF"
    assert path.parent.parent == made.folder


def test_a_disk_that_is_full_while_writing_is_told(tmp_path):
    made = opened(tmp_path, 10**9).new()

    async def full():
        yield b"RIFF"
        raise OSError(collected.errno.ENOSPC, "No space left on device")

    with pytest.raises(Problem, match=r"There is no room for a\.wav") as told:
        asyncio.run(receive(made, full(), item_id=1, name="a.wav"))
    assert told.value.status_code == 507


@pytest.mark.parametrize(
    ("place", "label"),
    [
        ("a.wav", ""),
        ("recordings/a.wav", ""),
        ("recordings/knock/a.wav", "knock"),
        ("recordings/NG/a.wav", "anomaly"),
        ("recordings/train/ok/a.wav", "normal"),
        ("recordings/ok/test/a.wav", "normal"),
        ("../../etc/passwd/a.wav", "passwd"),
        ("set\\ng\\a.wav", "anomaly"),
        ("/a.wav", ""),
    ],
)
def test_folders_tell_the_class(place, label):
    assert label_of(place) == label


@given(st.text(max_size=300))
def test_any_place_gives_a_class_that_can_be_shown(place):
    label = label_of(place)
    assert len(label) <= collected.MAX_LABEL_CHARACTERS
    assert label.isprintable()


@pytest.mark.parametrize(
    ("begin", "is_json"),
    [(b'  {"a"', True), (b"\xef\xbb\xbf[1", True), (b"RIFF", False), (b"", False)],
)
def test_json_is_told_by_how_it_begins(tmp_path, begin, is_json):
    (tmp_path / "x").write_bytes(begin)
    assert looks_like_json(tmp_path / "x") is is_json


@given(
    st.floats(1.0, 60.0),
    st.lists(st.integers(0, 70), max_size=20),
    st.one_of(st.none(), st.floats(1.0, 20.0)),
)
def test_what_is_left_is_what_was_not_struck_out(seconds, struck_out, longest_s):
    made = collected.Collection(id="c", folder=None)
    made.add_recording(sound(seconds), name="recording")
    seconds = made.seconds
    pieces, samples = pieces_of(made, struck_out=tuple(struck_out), longest_s=longest_s)
    gone = {one for one in struck_out if one < seconds}
    if len(gone) >= seconds:
        assert (pieces, samples) == ([], b"")
        return
    assert len(samples) == 4 * pieces[0]["samples"]
    stretches = pieces[0]["stretches"] or [(0.0, seconds)]
    lost_s = sum(min(one + 1, seconds) - one for one in gone)
    assert sum(end - start for start, end in stretches) == pytest.approx(seconds - lost_s)
    for start, end in stretches:
        assert 0.0 <= start < end <= seconds
        assert not any(start < one + 0.5 < end for one in gone if one + 0.5 < seconds)
        assert longest_s is None or end - start <= longest_s + 1e-6


def test_what_is_gone_since_is_not_learned_from_again():
    made = collected.Collection(id="c", folder=None)
    made.add_recording(sound(2.0), name="recording")
    made.add_recording(sound(3.0), name="recording")
    pieces, samples = pieces_of(made)
    assert still_here(made, pieces) == (pieces, samples)
    del made.items[pieces[0]["item"]]
    assert still_here(made, pieces) == (pieces[1:], samples[-4 * 3000 :])
