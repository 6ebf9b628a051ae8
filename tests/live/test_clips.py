import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from auscult.audio.sound import Sound
from auscult.errors import StoreError
from auscult.live.clips import ClipFolder, ClipRing
from auscult.live.clock import FakeClock
from auscult.live.listener import Block
from auscult.live.store import Ids

RATE_HZ = 8000
STEPS = np.arange(40 * RATE_HZ, dtype=np.int64) % 30000
SOUND = (STEPS / 32768).astype(np.float32)
"""So that every sample tells where it is from."""


def fed(ring, samples=SOUND, *, start_s=None, block=800):
    cuts = []
    for at in range(0, len(samples), block):
        time_s = None if start_s is None else start_s + at / RATE_HZ
        cuts += ring.feed(Block(samples=samples[at : at + block], rate_hz=RATE_HZ, time_s=time_s))
    return cuts


def steps_of(cut):
    return np.rint(cut.sound.samples * 32768).astype(int)


@given(st.integers(50, 9000), st.floats(0.0, 20.0), st.floats(0.0, 8.0))
def test_a_clip_is_the_sound_around_its_event_however_it_came(block, begin_s, length_s):
    ring = ClipRing(pre_s=2.0, post_s=1.0)
    told = round(22.0 * RATE_HZ)
    cuts = fed(ring, SOUND[:told], block=block)
    ring.begin("one", begin_s)
    cuts += ring.end("one", begin_s + length_s)
    cuts += fed(ring, SOUND[told:], block=block)
    (cut,) = cuts
    first = round(max(begin_s - 2.0, 0.0) * RATE_HZ)
    assert cut.start_s == pytest.approx(first / RATE_HZ, abs=2e-4)
    n = round((min(begin_s, 2.0) + length_s + 1.0) * RATE_HZ)
    assert len(cut.sound.samples) == pytest.approx(n, abs=2)
    assert steps_of(cut)[0] == pytest.approx(STEPS[first], abs=1)
    assert np.all(np.diff(steps_of(cut)) % 30000 == 1)


def test_two_events_at_once_have_a_clip_each():
    ring = ClipRing(pre_s=1.0, post_s=1.0)
    cuts = fed(ring, SOUND[: 5 * RATE_HZ])
    ring.begin("a", 3.0)
    ring.begin("b", 4.0)
    ring.begin("a", 4.5)  # told twice
    cuts += ring.end("a", 4.0)
    cuts += ring.end("b", 5.0)
    cuts += fed(ring, SOUND[5 * RATE_HZ : 10 * RATE_HZ])
    assert [(cut.key, cut.start_s, cut.sound.duration_s) for cut in cuts] == [
        ("a", 2.0, 3.0),
        ("b", 3.0, 3.0),
    ]


def test_an_event_that_never_ends_has_a_clip_of_bounded_length():
    ring = ClipRing(pre_s=1.0, post_s=1.0, longest_s=10.0)
    fed(ring, SOUND[: 5 * RATE_HZ])
    ring.begin("a", 4.0)
    (cut,) = fed(ring, SOUND[5 * RATE_HZ :])
    assert (cut.start_s, cut.sound.duration_s) == (pytest.approx(3.0), 10.0)


def test_a_clip_ends_where_sound_is_missing():
    ring = ClipRing(pre_s=1.0, post_s=5.0)
    fed(ring, SOUND[: 5 * RATE_HZ], start_s=0.0)
    ring.begin("a", 4.0)
    (cut,) = fed(ring, SOUND[: 5 * RATE_HZ], start_s=100.0)
    assert (cut.start_s, cut.sound.duration_s) == (3.0, 2.0)
    ring.begin("b", 101.0)
    (cut,) = ring.end("b", 101.0) or ring.close()
    assert cut.start_s == 100.0
    assert cut.sound.duration_s == pytest.approx(5.0)


def test_a_clip_has_one_rate():
    ring = ClipRing(pre_s=1.0, post_s=5.0)
    fed(ring, SOUND[: 5 * RATE_HZ])
    ring.begin("a", 4.0)
    (cut,) = ring.feed(Block(samples=np.zeros(1600, np.float32), rate_hz=16000))
    assert cut.sound.rate_hz == RATE_HZ
    assert cut.sound.duration_s == 2.0


def test_what_is_open_at_the_end_is_cut_as_far_as_it_came():
    ring = ClipRing(pre_s=1.0, post_s=5.0)
    fed(ring, SOUND[: 5 * RATE_HZ])
    ring.begin("a", 4.0)
    (cut,) = ring.close()
    assert cut.sound.duration_s == 2.0
    assert ring.close() == []


def test_no_more_is_held_than_clips_may_want():
    ring = ClipRing(pre_s=1.0, post_s=1.0, longest_s=4.0)
    for _ in range(10):
        fed(ring)
    assert sum(len(part) for part in ring._parts) <= 3.2 * RATE_HZ


def test_broken_and_too_loud_samples_are_within_what_a_file_holds():
    ring = ClipRing(pre_s=1.0, post_s=0.0)
    samples = np.array([np.nan, np.inf, -np.inf, 3.0, -3.0, 0.5] * 1000, np.float32)
    fed(ring, samples)
    ring.begin("a", 0.1)
    (cut,) = ring.end("a", 0.2)
    assert np.isfinite(cut.sound.samples).all()
    assert np.abs(cut.sound.samples).max() <= 1.0


# The folder


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def key(clock):
    """A function that makes names of events."""
    return Ids(clock).new


def second(value=0.25):
    return Sound(samples=np.full(RATE_HZ, value, np.float32), rate_hz=RATE_HZ)


def aged(path, clock, days):
    at = clock.utc().timestamp() - days * 86400
    os.utime(path, (at, at))


def test_a_clip_is_a_sound_file_for_its_owner_alone(tmp_path, clock, key):
    folder = ClipFolder(tmp_path / "clips", clock=clock)
    name = folder.write(key(), second())
    path = folder.path / name
    samples, rate_hz = soundfile.read(path)
    assert (rate_hz, len(samples), samples[0]) == (RATE_HZ, RATE_HZ, 0.25)
    assert path.stat().st_mode & 0o077 == 0
    assert [one.name for one in folder.path.iterdir()] == [name]
    assert folder.delete(name)
    assert not folder.delete(name)


def test_what_is_written_is_on_the_disk_in_the_right_order(tmp_path, clock, key):
    """Its content before its name, its name before anyone is told."""
    steps = []

    def synced(number):
        os.fsync(number)
        place = Path(f"/proc/self/fd/{number}").readlink()
        steps.append((place.name, sorted(one.name for one in (tmp_path / "clips").iterdir())))

    folder = ClipFolder(tmp_path / "clips", clock=clock, synced=synced)
    name = folder.write(key(), second())
    assert steps == [(f"{name}.part", [f"{name}.part"]), ("clips", [name])]


@pytest.mark.parametrize("fails_at", [1, 2])
def test_a_disk_that_fails_leaves_nothing_behind_and_is_told(tmp_path, clock, key, fails_at):
    calls = []

    def full(number):
        calls.append(number)
        if len(calls) == fails_at:
            raise OSError(28, "No space left on device")

    folder = ClipFolder(tmp_path / "clips", clock=clock, synced=full)
    with pytest.raises(StoreError, match=r"No space left on device\. Expected: a folder that may"):
        folder.write(key(), second())
    assert not list(folder.path.glob("*.part"))


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "x" * 65, "a b", "nul\0"])
def test_no_name_leads_out_of_the_folder(tmp_path, clock, name):
    folder = ClipFolder(tmp_path / "clips", clock=clock)
    with pytest.raises(StoreError, match="is no name for a clip"):
        folder.write(name, second())
    (tmp_path / "outside.wav").write_text("mine")
    assert not folder.delete("../outside.wav")
    assert (tmp_path / "outside.wav").exists()


def test_a_link_that_someone_left_is_not_followed(tmp_path, clock, key):
    folder = ClipFolder(tmp_path / "clips", clock=clock)
    target = tmp_path / "target"
    target.write_text("mine")
    name = key()
    (folder.path / f"{name}.wav.part").symlink_to(target)
    folder.write(name, second())
    assert target.read_text() == "mine"


def test_old_clips_go_and_others_stay(tmp_path, clock, key):
    folder = ClipFolder(tmp_path / "clips", clock=clock, keep_days=7.0)
    old, new = folder.write(key(), second()), folder.write(key(), second())
    torn = folder.path / f"{key()}.wav.part"
    foreign = [folder.path / name for name in ("holiday.wav", "01.txt", "notes")]
    for path in (torn, *foreign):
        path.write_text("x")
    (folder.path / f"{key()}.wav").mkdir()
    for path in (folder.path / old, torn, *foreign):
        aged(path, clock, 8.0)
    aged(folder.path / new, clock, 6.0)
    assert folder.sweep() == 2
    assert not (folder.path / old).exists()
    assert not torn.exists()
    assert (folder.path / new).exists()
    assert all(path.exists() for path in foreign)


def test_the_oldest_go_where_there_is_too_much(tmp_path, clock, key):
    folder = ClipFolder(tmp_path / "clips", clock=clock, keep_bytes=40_000)
    names = [folder.write(key(), second()) for _ in range(5)]
    for age, name in enumerate(reversed(names)):
        aged(folder.path / name, clock, 0.1 + age / 100)
    assert folder.sweep() == 3
    assert sorted(one.name for one in folder.path.iterdir()) == sorted(names[3:])


def test_a_clock_that_jumps_deletes_nothing_at_once(tmp_path, clock, key):
    folder = ClipFolder(tmp_path / "clips", clock=clock, keep_days=7.0)
    aged(folder.path / folder.write(key(), second()), clock, 1.0)
    clock.step_utc(365 * 86400.0)
    assert folder.sweep() == 0
    clock.step_utc(-365 * 86400.0)
    assert folder.sweep() == 0
    clock.advance(8 * 86400.0)
    assert folder.sweep() == 1


def test_a_folder_that_can_not_be_is_told(tmp_path, clock):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="could not be written or deleted"):
        ClipFolder(tmp_path / "file" / "clips", clock=clock)
