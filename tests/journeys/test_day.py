"""A quarter of an hour of what `bench/day.py` does for a day: nothing lost, and nothing twice."""

import importlib.util
import sys
from pathlib import Path

import pytest

from auscult.audio.synth import Knock

BENCH = Path(__file__).resolve().parents[2] / "bench" / "day.py"
HOURS = 0.25


@pytest.fixture(scope="module")
def day():
    """The program, with everything in it shorter."""
    spec = importlib.util.spec_from_file_location("day", BENCH)
    module = importlib.util.module_from_spec(spec)
    sys.modules["day"] = module  # where its dataclasses look their types up
    spec.loader.exec_module(module)
    module.LOOP_S = 30.0
    module.LEARNED_MINUTES = 3
    module.FAULT = Knock(start_s=10.0, duration_s=8.0, snr_db=12.0)
    module.AWAY_S = (200.0, 500.0)
    yield module
    del sys.modules["day"]


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_a_quarter_of_an_hour_is_as_a_day_should_be(day, tmp_path):
    day.make(tmp_path)
    found = day.live(HOURS, tmp_path, sample_every_s=60.0)
    # Memory, threads and open files are those of all tests in this process; the program has one of its own, and looks at them.
    shared = ("memory grew", "there are more threads", "there are more open files")
    assert [w for w in day.failures(found, HOURS) if not w.startswith(shared)] == []
    assert found.counts.windows == 899
    assert len(found.said) >= 6


def test_what_is_wrong_with_a_day_is_named(day):
    from auscult.live.monitor import Counts

    bad = day.Day(
        counts=Counts(windows=3, dropped_samples=4),
        memory_mb=[100.0, 100.0, 150.0, 150.0],
        threads=(3, 4),
        files=(9, 8),
        said=[("a", "begun"), ("a", "ended")],
        arrived=[("a", "ended")],
        waiting=1,
        store_mb=0.1,
    )
    assert day.failures(bad, HOURS) == [
        "memory grew by 50.0 MB",
        "3 windows instead of 899",
        "4 samples were dropped",
        "events are missing, doubled or out of order",
        "1 messages still wait",
        "there are more threads than at first",
    ]
