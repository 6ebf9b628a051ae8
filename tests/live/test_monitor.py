"""The shell around a listener: nothing is lost within its bound, all is counted, and it stops when told."""

import time
from threading import Event as Flag
from threading import Thread, Timer

import numpy as np
import pytest

from auscult.errors import AuscultWarning, SourceError, StoreError
from auscult.live.clock import SystemClock
from auscult.live.events import Event
from auscult.live.health import HealthChange, SignalHealth
from auscult.live.listener import Block, Listener, listen
from auscult.live.monitor import Monitor
from auscult.live.sources import LiveSource
from auscult.runtime.verdict import Verdict

RATE_HZ = 16000


def blocks_of(samples, block=1600):
    for at in range(0, len(samples), block):
        yield Block(samples=samples[at : at + block], rate_hz=RATE_HZ)


class Given(LiveSource):
    """A source of blocks that are there; may go on for ever in silence."""

    def __init__(self, blocks, *, endless=False, pause_s=0.0):
        super().__init__(name="given", kind="test")
        self.blocks = blocks
        self.endless = endless
        self.pause_s = pause_s
        self.given = 0

    def _blocks(self):
        for block in self.blocks:
            if self._closed.wait(self.pause_s) if self.pause_s else self._closed.is_set():
                return
            yield block
            self.given += 1
        if self.endless:
            self._closed.wait()


def wait_until(is_so, limit_s=60.0):
    end_s = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < end_s, "it never came"
        time.sleep(0.002)


def stopped_when(monitor, is_so):
    """Stop it from another thread as soon as this is so, and tell when that was."""
    at_s = []

    def stop():
        wait_until(is_so)
        at_s.append(time.monotonic())
        monitor.stop()

    Thread(target=stop).start()
    return at_s


class Counting:
    """A listener that counts, and stalls where asked: for so long, or until something is so."""

    def __init__(self, stalls=(), stall_s=0.3, until=None):
        self.blocks = []
        self.stalls = stalls
        self.stall_s = stall_s
        self.until = until
        self.closed = 0

    def feed(self, block):
        if len(self.blocks) in self.stalls:
            wait_until(self.until) if self.until else time.sleep(self.stall_s)
        self.blocks.append(block)
        return []

    def close(self):
        self.closed += 1
        return []

    @property
    def samples(self):
        return np.concatenate([block.samples for block in self.blocks])


NOISE = np.random.default_rng(0).uniform(-0.1, 0.1, 20 * RATE_HZ).astype(np.float32)


def run(source, listener, *sinks, **options):
    return Monitor(source, listener, sinks, clock=SystemClock(), **options).run()


def test_it_tells_what_the_listener_alone_would(scorer, faulty):
    samples = np.concatenate([faulty(1), faulty(2)])
    told = []
    counts = run(Given(blocks_of(samples)), Listener(scorer), told.append, buffered_s=60.0)
    alone = list(listen(blocks_of(samples), Listener(scorer)))
    assert told == alone
    assert any(isinstance(item, Event) for item in told)
    assert counts.windows == sum(isinstance(item, Verdict) for item in told)
    assert counts.events == sum(isinstance(item, Event) and item.status == "begun" for item in told)
    assert (counts.heard_samples, counts.judged_samples) == (len(samples), len(samples))
    assert (counts.dropped_samples, counts.sink_errors, counts.last_error) == (0, 0, None)


def test_an_engine_that_stalls_loses_nothing_within_the_bound():
    listener = Counting(stalls=(3, 20), stall_s=0.3)
    source = Given(blocks_of(NOISE, 160), pause_s=0.0005)
    counts = run(source, listener, buffered_s=30.0)
    assert np.array_equal(listener.samples, NOISE)
    assert counts.heard_samples == counts.judged_samples == len(NOISE)
    assert counts.dropped_samples == 0


class Stalling:
    """A scorer of which every window takes its time."""

    def __init__(self, scorer, stall_s):
        self.scorer = scorer
        self.stall_s = stall_s
        self.bundle = scorer.bundle

    def stream(self, *, level_track):
        stream = self.scorer.stream(level_track=level_track)
        judge = stream.judge

        def late(window, start_s):
            time.sleep(self.stall_s)
            return judge(window, start_s)

        stream.judge = late
        return stream

    def explain_samples(self, samples, start_s):
        return self.scorer.explain_samples(samples, start_s)


def test_a_scorer_that_stalls_judges_every_window_of_what_may_wait(scorer, machine):
    samples = machine(5)
    told = []
    listener = Listener(Stalling(scorer, 0.1))
    run(Given(blocks_of(samples), pause_s=0.002), listener, told.append)
    assert told == list(listen(blocks_of(samples), Listener(scorer)))


def test_beyond_the_bound_the_oldest_is_dropped_counted_and_a_gap():
    source = Given(blocks_of(NOISE))
    listener = Counting(stalls=(0,), until=lambda: source.given == 200)
    with pytest.warns(AuscultWarning, match="quicker than it can be judged: .* were dropped"):
        counts = run(source, listener, buffered_s=5.0)
    assert counts.heard_samples == len(NOISE)
    assert counts.judged_samples + counts.dropped_samples == counts.heard_samples
    assert 0 < counts.dropped_samples <= len(NOISE) - 5 * RATE_HZ
    assert np.array_equal(listener.samples[-5 * RATE_HZ :], NOISE[-5 * RATE_HZ :])
    for block in listener.blocks:
        first = round(block.time_s * RATE_HZ)
        assert np.array_equal(block.samples, NOISE[first : first + len(block.samples)])


def test_a_loss_is_told_while_it_runs_once_for_each_time():
    """Whoever listens for months never comes to the end, where it would be counted."""
    source = Given(blocks_of(NOISE), pause_s=0.004)
    listener = Counting(
        stalls=(0, 60), until=lambda: source.given >= (200 if listener.blocks else 100)
    )
    with pytest.warns(AuscultWarning) as caught:
        counts = run(source, listener, buffered_s=5.0)
    losses = [one.message for one in caught]
    assert {one.about for one in losses} == {"times that sound was dropped"}
    assert 1 <= len(losses) <= 2
    assert counts.judged_samples + counts.dropped_samples == counts.heard_samples == len(NOISE)


def test_the_judging_thread_beats_with_and_without_sound_and_not_while_it_is_stuck():
    beats = []
    listener = Counting(stalls=(50,), stall_s=0.6)
    source = Given(blocks_of(NOISE[: 10 * RATE_HZ]), endless=True, pause_s=0.001)
    monitor = Monitor(
        source, listener, [], clock=SystemClock(), beat=lambda: beats.append(time.monotonic())
    )
    at_s = stopped_when(monitor, lambda: len(listener.blocks) == 100 and len(beats) > 105)
    monitor.run()
    assert at_s
    # In silence a few times a second.
    assert np.median(np.diff(beats[-5:])) < 0.6
    assert np.diff(beats).max() >= 0.6


def test_a_source_that_can_wait_loses_nothing_however_slow_it_is_heard():
    listener = Counting(stalls=range(0, 200, 10), stall_s=0.01)
    counts = run(Given(blocks_of(NOISE)), listener, buffered_s=1.0, realtime=False)
    assert np.array_equal(listener.samples, NOISE)
    assert counts.dropped_samples == 0


def test_a_source_that_waits_can_be_stopped():
    listener = Counting(stalls=range(10_000), stall_s=0.05)
    monitor = Monitor(
        Given(blocks_of(NOISE)), listener, [], clock=SystemClock(), buffered_s=1.0, realtime=False
    )
    at_s = stopped_when(monitor, lambda: len(listener.blocks) >= 3)
    counts = monitor.run()
    assert time.monotonic() - at_s[0] < 5.0  # else ten
    assert counts.heard_samples == counts.judged_samples + counts.dropped_samples


@pytest.mark.parametrize("endless", [True, False])
def test_it_stops_from_any_thread_within_two_seconds_and_tells_what_was_open(endless):
    listener = Counting()
    source = Given(blocks_of(NOISE), endless=endless, pause_s=0.01)
    monitor = Monitor(source, listener, [], clock=SystemClock())
    at_s = stopped_when(monitor, lambda: source.given >= 3)
    counts = monitor.run()
    assert time.monotonic() - at_s[0] < 5.0
    assert 0 < counts.heard_samples < len(NOISE)
    assert counts.heard_samples == counts.judged_samples + counts.dropped_samples
    assert listener.closed == 1
    assert source.state == "ended"


def test_stopped_with_much_still_waiting_it_ends_in_time_and_counts_it():
    listener = Counting(stalls=range(10_000), stall_s=0.05)
    source = Given(blocks_of(NOISE), endless=True)
    monitor = Monitor(source, listener, [], clock=SystemClock())
    at_s = stopped_when(monitor, lambda: source.given == 200)
    counts = monitor.run()
    assert time.monotonic() - at_s[0] < 5.0  # else ten
    assert counts.dropped_samples > 0
    assert counts.heard_samples == counts.judged_samples + counts.dropped_samples == len(NOISE)


def test_a_source_that_does_not_end_is_left_behind():
    class Stubborn(Given):
        def _blocks(self):
            yield from self.blocks
            go_on.wait(60.0)

    go_on = Flag()
    monitor = Monitor(Stubborn(blocks_of(NOISE)), Counting(), [], clock=SystemClock())
    Timer(0.1, monitor.stop).start()
    begin_s = time.monotonic()
    monitor.run()
    assert time.monotonic() - begin_s < 20.0
    go_on.set()


def verdicts(n):
    return [
        Verdict(
            start_s=float(k), end_s=k + 1.0, score=0.0, ratio=0.5, state="normal", level_db=-30.0
        )
        for k in range(n)
    ]


class Talking(Counting):
    """A listener that says something of each block."""

    def feed(self, block):
        super().feed(block)
        return verdicts(1)


def test_a_sink_that_fails_is_told_and_counted_and_stops_nobody():
    def broken(item):
        raise StoreError("The disk is full.", "space", "Make room.")

    told = []
    with pytest.warns(
        AuscultWarning, match=r"could not be handed on: The disk is full\."
    ) as caught:
        counts = run(Given(blocks_of(NOISE)), Talking(), broken, told.append)
    assert len(told) == counts.windows == counts.sink_errors == len(caught) == 200
    assert counts.last_error == "The disk is full. Expected: space. Make room."
    assert counts.judged_samples == len(NOISE)
    assert {one.message.about for one in caught} == {"failures to hand on"}


def test_a_mistake_in_a_sink_is_not_hidden_and_the_source_is_closed():
    def wrong(item):
        raise KeyError(item)

    source = Given(blocks_of(NOISE), endless=True)
    with pytest.raises(KeyError):
        run(source, Talking(), wrong)
    assert source._closed.is_set()


def test_a_source_that_fails_is_told_after_what_it_gave():
    class Failing(Given):
        def _blocks(self):
            yield from self.blocks
            raise SourceError("The camera is gone.")

    listener = Counting()
    with pytest.raises(SourceError, match=r"The camera is gone\."):
        run(Failing(blocks_of(NOISE)), listener)
    assert np.array_equal(listener.samples, NOISE)
    assert listener.closed == 1


def test_health_is_told_among_the_rest():
    silence = np.zeros(5 * RATE_HZ, np.float32)
    told = []
    run(
        Given(blocks_of(np.concatenate([NOISE[: 5 * RATE_HZ], silence]))),
        Counting(),
        told.append,
        health=SignalHealth(RATE_HZ),
    )
    assert told == [HealthChange(state="silent", since_s=5.0)]


def test_a_source_that_gives_nothing_is_no_signal():
    class Hasty(SystemClock):
        def monotonic_s(self):
            return super().monotonic_s() * 20.0

    told = []
    monitor = Monitor(
        Given([], endless=True),
        Counting(),
        [told.append],
        clock=Hasty(),
        health=SignalHealth(RATE_HZ),
    )
    stopped_when(monitor, lambda: told)
    monitor.run()
    assert told == [HealthChange(state="no_signal", since_s=0.0)]


def test_blocks_are_dated_when_they_come_and_not_when_they_are_heard():
    """An engine that stalls is no wrong rate."""

    came_s = []

    class Noting:
        def feed(self, block, now_s):
            del block
            came_s.append(now_s)
            return []

        def tick(self, now_s):
            del now_s
            return []

    listener = Counting(stalls=(3,), stall_s=1.5)
    source = Given(blocks_of(NOISE[: 3 * RATE_HZ]), pause_s=0.01)
    run(source, listener, health=Noting())
    assert np.diff(came_s).max() < 1.0


def test_counts_can_be_read_while_it_runs():
    monitor = Monitor(Given(blocks_of(NOISE), pause_s=0.001), Counting(), [], clock=SystemClock())
    runs = Thread(target=monitor.run)
    runs.start()
    seen = 0
    while runs.is_alive():
        counts = monitor.counts
        assert seen <= counts.heard_samples
        assert counts.judged_samples + counts.dropped_samples <= counts.heard_samples
        seen = counts.heard_samples
    assert monitor.counts.judged_samples == len(NOISE)
