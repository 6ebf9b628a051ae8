import io
import time
from threading import Timer

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from auscult.audio.read import read
from auscult.errors import AudioError
from auscult.live.clock import FakeClock, SystemClock
from auscult.live.sources import BLOCK_S, FileSource, from_file


def joined(blocks):
    return np.concatenate([block.samples for block in blocks])


@pytest.fixture(scope="module")
def stereo(tmp_path_factory):
    """Two seconds of two channels at 44.1 kHz."""
    path = tmp_path_factory.mktemp("stereo") / "two.wav"
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (88200, 2)).astype(np.float32)
    soundfile.write(path, samples, 44100, subtype="FLOAT")
    return path


@given(st.floats(0.001, 3.0))
def test_however_it_is_cut_a_file_is_the_same_sound(stereo, block_s):
    blocks = list(from_file(stereo, block_s=block_s))
    assert {block.rate_hz for block in blocks} == {44100}
    assert np.array_equal(joined(blocks), read(stereo).samples)


def test_blocks_follow_one_another_and_are_as_long_as_asked_for(stereo):
    blocks = list(from_file(stereo))
    assert {len(block.samples) for block in blocks} == {round(BLOCK_S * 44100)}
    assert {block.time_s for block in blocks} == {None}


def test_a_channel_can_be_chosen(stereo):
    samples, _ = soundfile.read(stereo, dtype="float32")
    assert np.array_equal(joined(from_file(stereo, channel=1)), samples[:, 1])
    source = FileSource(stereo, realtime=False, clock=SystemClock(), channel=1)
    assert np.array_equal(joined(source), samples[:, 1])


def test_bytes_and_open_files_are_files_too(stereo):
    whole = read(stereo).samples
    content = stereo.read_bytes()
    assert np.array_equal(joined(from_file(content)), whole)
    assert np.array_equal(joined(from_file(io.BytesIO(content))), whole)


def test_what_is_no_recording_is_told(tmp_path, stereo):
    with pytest.raises(AudioError, match=r"gone\.wav does not exist\. Expected: a recording\."):
        next(from_file(tmp_path / "gone.wav"))
    with pytest.raises(AudioError, match=r"Channel 2 was asked for.*Choose another channel"):
        next(from_file(stereo, channel=2))


def test_a_source_is_the_file_and_ends_with_it(stereo):
    source = FileSource(stereo, realtime=False, clock=SystemClock())
    assert (source.name, source.kind, source.state) == ("two.wav", "file", "starting")
    states = [source.state for _ in source]
    assert set(states) == {"listening"}
    assert (source.state, source.error, source.dropped_samples) == ("ended", None, 0)
    assert np.array_equal(
        joined(FileSource(stereo, realtime=False, clock=SystemClock())), (read(stereo).samples)
    )


def test_a_source_that_can_not_be_read_has_failed(tmp_path):
    source = FileSource(tmp_path / "gone.wav", realtime=False, clock=SystemClock())
    with pytest.raises(AudioError, match="does not exist"):
        list(source)
    assert source.state == "failed"
    assert "gone.wav does not exist" in source.error


def test_as_if_live_each_block_comes_when_it_was_taken(stereo):
    begin_s = time.monotonic()
    came_s = []
    source = FileSource(stereo, realtime=True, clock=SystemClock())
    for _ in source:
        came_s.append(time.monotonic() - begin_s)
        if len(came_s) == 5:
            source.close()
    assert len(came_s) == 5
    assert all(at_s >= (k + 1) * BLOCK_S - 0.02 for k, at_s in enumerate(came_s))
    assert source.state == "ended"


def test_a_wait_ends_when_it_is_closed(stereo):
    clock = FakeClock()
    source = FileSource(stereo, realtime=True, clock=clock)
    blocks = iter(source)
    next(blocks)
    clock.advance(-100.0)  # so long it would wait for the next
    begin_s = time.monotonic()
    Timer(0.15, source.close).start()
    assert list(blocks) == []
    assert time.monotonic() - begin_s < 50.0
