"""A few seconds of a source: as many as asked for, as they came, and nothing waited for that never comes."""

import time

import numpy as np
import pytest

from auscult.errors import SourceError
from auscult.live import excerpt as module
from auscult.live.clock import FakeClock, SystemClock
from auscult.live.excerpt import SETTLING_S, excerpt
from auscult.live.listener import Block
from auscult.live.sources import FileSource, LiveSource

RATE_HZ = 16000
NOISE = np.random.default_rng(0).uniform(-0.1, 0.1, 5 * RATE_HZ).astype(np.float32)


class Given(LiveSource):
    """A source of blocks; silent ever after."""

    def __init__(self, blocks, *, kind="test", ends=True):
        super().__init__(name="given", kind=kind)
        self.blocks = blocks
        self.ends = ends

    def _blocks(self):
        yield from self.blocks
        if not self.ends:
            self.error = "The camera answers 404."
            self._closed.wait(30.0)


def blocks_of(samples, rate_hz=RATE_HZ):
    for at in range(0, len(samples), 1600):
        yield Block(samples=samples[at : at + 1600], rate_hz=rate_hz)


def test_so_much_is_taken_and_the_source_is_closed():
    source = Given(blocks_of(NOISE))
    found = excerpt(source, 2.0, clock=None)
    assert found.sound.rate_hz == RATE_HZ
    assert np.array_equal(found.sound.samples, NOISE[: 2 * RATE_HZ])
    assert (found.health, found.dropped_samples) == ((), 0)
    assert source._closed.is_set()


def test_a_recording_may_end_sooner(folder):
    path = folder / "00.wav"
    source = FileSource(path, realtime=False, clock=SystemClock())
    assert excerpt(source, 60.0, clock=None).sound.duration_s == 10.0


def test_channels_are_averaged_and_a_dead_one_is_told():
    both = np.stack([NOISE, np.zeros_like(NOISE)], axis=1)
    found = excerpt(Given(blocks_of(both)), 5.0, clock=None)
    assert np.allclose(found.sound.samples, NOISE / 2)
    assert [one.state for one in found.health] == ["channel_dead"]


def test_the_beginning_of_a_microphone_is_left_out():
    skipped = round(SETTLING_S * RATE_HZ)
    found = excerpt(Given(blocks_of(NOISE), kind="mic"), 2.0, clock=None)
    assert np.array_equal(found.sound.samples, NOISE[skipped : skipped + 2 * RATE_HZ])


def test_a_rate_that_is_not_what_the_source_says_is_told():
    """Half as many samples come as should."""
    clock = FakeClock()

    def slow():
        for block in blocks_of(NOISE):
            clock.advance(0.2)
            yield block

    found = excerpt(Given(slow()), 5.0, clock=clock)
    assert [(one.state, one.is_refused) for one in found.health] == [("wrong_rate", True)]


def test_another_device_under_the_same_name_ends_it():
    source = Given([*blocks_of(NOISE[:RATE_HZ]), *blocks_of(NOISE, 48000)])
    found = excerpt(source, 5.0, clock=None)
    assert (found.sound.rate_hz, found.sound.duration_s) == (RATE_HZ, 1.0)


@pytest.mark.parametrize("first", [[], list(blocks_of(NOISE[:RATE_HZ]))])
def test_what_never_comes_is_not_waited_for(monkeypatch, first):
    monkeypatch.setattr(module, "GRACE_S", 0.2)
    source = Given(first, ends=False)
    begin_s = time.monotonic()
    if first:
        assert excerpt(source, 1.5, clock=None).sound.duration_s == 1.0
    else:
        with pytest.raises(
            SourceError, match=r"given gave no sound within 0.3 s.*The camera answers 404."
        ):
            excerpt(source, 0.1, clock=None)
    assert time.monotonic() - begin_s < 25.0
