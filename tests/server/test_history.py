"""The last hour as ratios, and what another limit would have done with it."""

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from auscult.server.history import HISTORY_S, MAX_STREAMS, History, Stretch, events_at

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def at(seconds):
    return NOON + timedelta(seconds=seconds)


def result(stream, start_s, ratio, state="normal"):
    return {"type": "result", "stream": stream, "start_s": start_s, "ratio": ratio, "state": state}


def stretch(ratios, hop_s=1.0):
    return Stretch(start=NOON, hop_s=hop_s, ratios=np.asarray(ratios, float))


def test_results_become_ratios_at_an_even_step():
    history = History()
    for number in range(5):
        history.hear(result("fan", number * 0.5, number / 10), at=at(number * 0.5))
    found = history.last("fan", seconds=1.5)
    assert found.hop_s == 0.5
    assert found.ratios.tolist() == [0.2, 0.3, 0.4]
    assert found.start == at(1.0)
    assert history.streams() == ("fan",)
    assert history.last("pump", seconds=1.0) is None


def test_what_was_not_judged_is_missing():
    history = History()
    history.hear(result("fan", 0.0, 0.5), at=at(0))
    history.hear(result("fan", 1.0, 0.5), at=at(1))
    history.hear(result("fan", 2.0, 0.0, "no_signal"), at=at(2))
    history.hear(result("fan", 6.0, 0.7), at=at(6))
    assert np.isnan(history.last("fan", seconds=9).ratios).tolist() == [
        *(False, True),
        *(True, True, True),
        False,
    ]


def test_a_stream_that_begins_anew_goes_on():
    history = History()
    for number in range(3):
        history.hear(result("fan", float(number), 0.5), at=at(number))
    history.hear(result("fan", 0.0, 0.6), at=at(3))
    history.hear(result("fan", 1.0, 0.7), at=at(4))
    assert history.last("fan", seconds=9).ratios.tolist() == [0.5, 0.5, 0.6, 0.7]


def test_an_hour_is_kept_and_no_more():
    history = History()
    for number in range(4000):
        history.add("fan", float(number), hop_s=1.0, at=at(number))
    found = history.last("fan", seconds=HISTORY_S)
    assert len(found.ratios) == 3600
    assert found.ratios[-1] == 3999.0
    history.add("fan", 1.0, hop_s=1.0, at=at(90_000))
    assert len(history.last("fan", seconds=HISTORY_S).ratios) == 3600


def test_the_stream_that_was_silent_longest_is_forgotten_first():
    history = History()
    for number in range(MAX_STREAMS + 1):
        history.add(f"stream {number}", 0.5, hop_s=1.0, at=at(0))
        history.add("stream 0", 0.5, hop_s=1.0, at=at(0))
    assert len(history.streams()) == MAX_STREAMS
    assert history.last("stream 0", seconds=1) is not None
    assert history.last("stream 1", seconds=1) is None


def test_stretches_within_ten_seconds_are_one_event():
    assert events_at(stretch([1.5] + 9 * [0.1] + [1.5]), factor=1.0) == 1
    assert events_at(stretch([1.5] + 10 * [0.1] + [1.5]), factor=1.0) == 2
    assert events_at(stretch([1.5] + 19 * [0.1] + [1.5], hop_s=0.5), factor=1.0) == 1
    assert events_at(stretch([]), factor=1.0) == 0
    assert events_at(stretch([np.nan, 2.0, np.nan]), factor=1.0) == 1


@given(st.lists(st.floats(0, 5), max_size=60), st.floats(0.1, 5))
def test_far_above_everything_there_is_no_event(ratios, factor):
    line = stretch(ratios)
    assert events_at(line, factor=6.0) == 0
    assert (events_at(line, factor=factor) > 0) == any(ratio > factor for ratio in ratios)
