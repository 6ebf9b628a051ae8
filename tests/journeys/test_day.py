"""A quarter of an hour of what `bench/day.py` does for a day: nothing lost, nothing twice, and memory steady."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from auscult.audio.synth import Knock

BENCH = Path(__file__).resolve().parents[2] / "bench" / "day.py"
HOURS = 0.25


def program():
    """The program, with everything in it shorter."""
    spec = importlib.util.spec_from_file_location("day", BENCH)
    module = importlib.util.module_from_spec(spec)
    sys.modules["day"] = module  # where its dataclasses look their types up
    spec.loader.exec_module(module)
    module.LOOP_S = 30.0
    module.LEARNED_MINUTES = 3
    module.FAULT = Knock(start_s=10.0, duration_s=8.0, snr_db=12.0)
    module.AWAY_S = (200.0, 500.0)
    module.GROWTH_MB = 16.0  # of a quarter of an hour most is warming up
    return module


@pytest.fixture(scope="module")
def day():
    yield program()
    del sys.modules["day"]


def live(folder):
    """What came of it, as JSON."""
    module = program()
    found = module.live(HOURS, folder, sample_every_s=60.0)
    told = {
        "failures": module.failures(found, HOURS),
        "windows": found.counts.windows,
        "said": len(found.said),
    }
    sys.stdout.write(json.dumps(told))


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_a_quarter_of_an_hour_is_as_a_day_should_be(day, tmp_path):
    day.make(tmp_path)
    # Memory, threads and open files are those of a process: it has one of its own.
    ended = subprocess.run(
        [sys.executable, __file__, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["failures"] == []
    assert told["windows"] == 899
    assert told["said"] >= 6


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


if __name__ == "__main__":
    live(Path(sys.argv[1]))
