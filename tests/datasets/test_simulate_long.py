"""A long recording and the table that fits it."""

import csv

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.audio.level import level_db
from auscult.datasets.simulate_long import placed_faults, simulate_long
from auscult.errors import DatasetError, RecipeError


def table(root):
    with (root / "events.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@settings(max_examples=30)
@given(st.integers(1, 20), st.integers(0, 1000), st.floats(40.0, 200.0))
def test_faults_lie_apart_within_the_time(n, seed, each_s):
    seconds = n * each_s
    faults = placed_faults(n, seconds=seconds, seed=seed, snr_db=6.0)
    assert len(faults) == n
    ends = [0.0, *(fault.end_s for fault in faults)]
    starts = [*(fault.start_s for fault in faults), seconds]
    # Pauses of a fifth of a part at least, at both ends too.
    assert min(b - a for a, b in zip(ends, starts, strict=True)) >= 0.2 * each_s - 0.02


def test_the_sound_differs_where_the_table_says_so(tmp_path):
    told = []
    how = {"machine": "pump", "seconds": 90.0, "seed": 3, "rate_hz": 8000}
    root = simulate_long(tmp_path / "a", faults=2, snr_db=40.0, progress=told.append, **how)
    broken, rate_hz = soundfile.read(root / "long.wav")
    healthy, _ = soundfile.read(simulate_long(tmp_path / "b", faults=0, **how) / "long.wav")
    assert (rate_hz, len(broken)) == (8000, 90 * 8000)
    rows = table(root)
    assert len(rows) == 2
    inside = np.zeros(len(broken), bool)
    for row in rows:
        start, end = float(row["start_s"]), float(row["end_s"])
        inside[int(start * rate_hz) - 8 : int(end * rate_hz) + 8] = True
        assert row["label"]
    off = np.abs(broken - healthy)
    assert off[~inside].max() < 2 / 32768
    assert off[inside].max() > 0.001
    assert told[-1] == pytest.approx(90.0)
    assert table(tmp_path / "b") == []
    assert -40.0 < level_db(healthy.astype(np.float32)) < -28.0


def test_it_is_repeatable(tmp_path):
    roots = [simulate_long(tmp_path / name, seconds=41.0, faults=1, seed=5) for name in "ab"]
    for name in ("long.wav", "events.csv"):
        assert (roots[0] / name).read_bytes() == (roots[1] / name).read_bytes()
    other = simulate_long(tmp_path / "c", seconds=41.0, faults=1, seed=6)
    assert table(other) != table(roots[0])


@pytest.mark.parametrize(
    "values",
    [{"seconds": 9.0}, {"seconds": np.nan}, {"faults": -1}, {"seconds": 79.0, "faults": 2}],
)
def test_what_makes_no_sense_is_refused(tmp_path, values):
    with pytest.raises(RecipeError, match=r"were asked for.*at most one fault every 40 s"):
        simulate_long(tmp_path / "a", **({"faults": 0} | values))
    assert not (tmp_path / "a").exists()


def test_an_unknown_machine(tmp_path):
    with pytest.raises(RecipeError, match="no simulated machine 'mill'"):
        simulate_long(tmp_path / "a", machine="mill")


def test_nothing_is_written_over(tmp_path):
    root = simulate_long(tmp_path / "a", seconds=10.0, faults=0)
    before = (root / "long.wav").read_bytes()
    with pytest.raises(DatasetError, match=r"long\.wav is there already"):
        simulate_long(root, seconds=10.0, faults=0, seed=1)
    assert (root / "long.wav").read_bytes() == before
    assert sorted(path.name for path in root.iterdir()) == ["events.csv", "long.wav"]


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatasetError, match="can't be written"):
        simulate_long(tmp_path / "file", seconds=10.0, faults=0)
