"""The scoring queue: one bad window is refused alone, and nothing stops the rest."""

import asyncio

import numpy as np
import pytest

from auscult.errors import EngineError
from auscult.live.clock import FakeClock
from auscult.runtime.scorer import Pending, Scorer
from auscult.server.inference import Dropped, ScoringQueue


class FakeScorer:
    """Doubles the first sample; refuses what begins with 99, and falls over 77."""

    def __init__(self):
        self.batches = []
        self.gate = None

    def run_together(self, pending):
        if self.gate is not None:
            self.gate.wait(60.0)
        self.batches.append(len(pending))
        if any(one.window[0] == 99.0 for one in pending):
            raise EngineError("no", "yes", "do")
        if any(one.window[0] == 77.0 for one in pending):
            raise ZeroDivisionError
        return [{"score": np.array([2.0 * one.window[0]], np.float32)} for one in pending]


class FakeBundles:
    def __init__(self):
        self.kept = {"a": FakeScorer(), "b": FakeScorer()}

    def scorer(self, bundle_id=None):
        return self.kept.get(bundle_id)


def window(value, n=4):
    return Pending(window=np.full(n, value, np.float32), start_s=0.0)


@pytest.fixture
def bundles():
    return FakeBundles()


def run(work, bundles, **options):
    async def inside():
        queue = ScoringQueue(bundles, **options)
        await queue.start()
        try:
            async with asyncio.timeout(60.0):
                return await work(queue), queue
        finally:
            await queue.close()

    return asyncio.run(inside())


async def answers(queue, *asked):
    """What each gets: its score, or why it was dropped."""
    found = await asyncio.gather(
        *(queue.submit(bundle, pending) for bundle, pending in asked), return_exceptions=True
    )
    return [one.reason if isinstance(one, Dropped) else float(one["score"][0]) for one in found]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (window(99.0), "bad_window"),
        (window(77.0), "error"),
        (Pending(window=np.full(4, np.nan, np.float32), start_s=0.0), "bad_window"),
        (Pending(window=np.zeros(0, np.float32), start_s=0.0), "bad_window"),
        (Pending(window=np.zeros((2, 2), np.float32), start_s=0.0), "bad_window"),
        (Pending(window=np.zeros(4, np.float64), start_s=0.0), "bad_window"),
    ],
)
def test_a_bad_window_among_good_ones_is_refused_alone(bundles, bad, reason, caplog):
    async def work(queue):
        asked = [("a", window(float(n))) for n in range(20)]
        return await answers(queue, *asked[:10], ("a", bad), *asked[10:])

    found, queue = run(work, bundles)
    assert found[10] == reason
    assert found[:10] + found[11:] == [2.0 * n for n in range(20)]
    assert (queue.submitted, queue.scored, sum(queue.dropped.values())) == (21, 20, 1)
    assert bool(caplog.records) == (reason == "error")


def test_after_bad_windows_it_goes_on_for_ever(bundles, caplog):
    async def work(queue):
        for _ in range(30):
            await answers(queue, ("a", window(77.0)), ("a", window(99.0)), ("nobody", window(1.0)))
        return await answers(queue, ("a", window(3.0)))

    found, queue = run(work, bundles)
    assert found == [6.0]
    assert queue.dropped == {"error": 30, "bad_window": 30, "no_bundle": 30}
    assert queue.waiting == 0


def test_windows_of_one_bundle_and_length_go_together(bundles):
    async def work(queue):
        return await answers(
            queue,
            *(("a", window(1.0)) for _ in range(10)),
            *(("b", window(2.0)) for _ in range(5)),
            *(("a", window(3.0, n=8)) for _ in range(3)),
        )

    found, queue = run(work, bundles, max_batch=8)
    assert found == [2.0] * 10 + [4.0] * 5 + [6.0] * 3
    assert sorted(bundles.kept["a"].batches) == [2, 3, 8]
    assert bundles.kept["b"].batches == [5]
    assert queue.calls == 4


def test_when_too_many_wait_the_oldest_is_dropped_and_told(bundles):
    import threading

    gate = bundles.kept["a"].gate = threading.Event()

    async def work(queue):
        first = asyncio.create_task(answers(queue, ("a", window(0.0))))
        while queue.waiting or not queue.calls:
            await asyncio.sleep(0.001)
        rest = asyncio.create_task(answers(queue, *(("a", window(float(n))) for n in range(1, 6))))
        while queue.waiting < 3:
            await asyncio.sleep(0.001)
        gate.set()
        return await first + await rest

    found, queue = run(work, bundles, max_waiting=3)
    assert found == [0.0, "overloaded", "overloaded", 6.0, 8.0, 10.0]
    assert queue.dropped == {"overloaded": 2}


def test_what_waited_too_long_is_not_scored_any_more(bundles):
    import threading

    clock = FakeClock()
    gate = bundles.kept["a"].gate = threading.Event()

    async def work(queue):
        first = asyncio.create_task(answers(queue, ("a", window(1.0))))
        while queue.waiting or not queue.calls:
            await asyncio.sleep(0.001)
        late = asyncio.create_task(answers(queue, ("a", window(2.0))))
        while not queue.waiting:
            await asyncio.sleep(0.001)
        clock.advance(3.0)
        gate.set()
        return await first + await late

    found, queue = run(work, bundles, clock=clock, deadline_s=2.0)
    assert found == [2.0, "late"]
    assert queue.dropped == {"late": 1}


def test_nobody_waits_for_ever_when_it_ends(bundles):
    import threading

    gate = bundles.kept["a"].gate = threading.Event()

    async def work(queue):
        asked = [asyncio.create_task(answers(queue, ("a", window(1.0)))) for _ in range(3)]
        while not queue.calls:
            await asyncio.sleep(0.001)
        late = asyncio.create_task(answers(queue, ("b", window(1.0))))
        await asyncio.sleep(0)
        gate.set()
        await queue.close()
        found = [await one for one in asked] + [await late]
        return found, await answers(queue, ("a", window(1.0)))

    (found, after), queue = run(work, bundles)
    assert after == ["stopped"]
    assert {value for one in found for value in one} <= {2.0, "stopped"}
    assert queue.submitted == queue.scored + sum(queue.dropped.values())


def test_lateness_counts_from_when_the_sound_came(bundles):
    clock = FakeClock()
    clock.advance(100.0)

    async def work(queue):
        pending = window(2.0)
        found = await queue.submit("a", pending, since_s=98.5)
        with pytest.raises(Dropped, match="late"):
            await queue.submit("a", pending, since_s=97.0)
        return float(found["score"][0])

    found, queue = run(work, bundles, clock=clock, deadline_s=2.0)
    assert found == 4.0
    assert (queue.submitted, queue.scored, queue.dropped) == (2, 1, {"late": 1})
    late_s = queue.delay_s
    assert late_s > 0.1
    clock.advance(1.0)
    assert queue.delay_s == pytest.approx(late_s / 2)


def some_windows(machine):
    """Real ones, with contexts of any length."""
    pending = []
    for seed in range(9):
        context = tuple(np.random.default_rng(seed).normal(size=(seed, 384)).astype(np.float32))
        pending.append(Pending(window=machine(seed)[:32000], start_s=0.0, context=context))
    return pending


def test_whoever_the_neighbours_are_the_numbers_are_the_same(bundle, machine):
    scorer = Scorer(bundle)
    pending = some_windows(machine)
    together = scorer.run_together(pending)
    for few in (1, 2, 5):
        for at in range(len(pending) - few + 1):
            some = scorer.run_together(pending[at : at + few])
            for found, expected in zip(some, together[at : at + few], strict=True):
                for name, value in expected.items():
                    np.testing.assert_array_equal(found[name], value)


def test_scored_together_is_scored_alone(bundle, machine):
    scorer = Scorer(bundle)
    pending = some_windows(machine)
    together = scorer.run_together(pending)
    for one, found in zip(pending, together, strict=True):
        alone = scorer.run(one.window, one.context)
        assert set(found) == set(alone)
        for name, value in alone.items():
            np.testing.assert_allclose(found[name], value, rtol=1e-5, atol=1e-5)
