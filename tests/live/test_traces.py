import numpy as np

from auscult.live.traces import BEFORE_WINDOWS, Strange
from auscult.memory.trace import MAX_WINDOWS
from auscult.runtime.verdict import Verdict


def verdict(number, state="normal"):
    return Verdict(
        start_s=number, end_s=number + 2, score=1.0, ratio=1.0, state=state, level_db=-30.0
    )


def hear(strange, states, first=0):
    for number, state in enumerate(states, start=first):
        embedding = None if state == "no_signal" else np.full(3, number, np.float32)
        strange.hear(verdict(number, state), embedding)


def rows(strange):
    return strange.trace().embeddings[:, 0].tolist()


def test_nothing_is_kept_without_an_alarm():
    strange = Strange("ears")
    hear(strange, ["normal"] * 50)
    assert strange.trace() is None


def test_it_begins_before_the_alarm_and_ends_after_a_minute():
    strange = Strange("ears")
    hear(strange, ["normal"] * 40 + ["anomaly"] + ["normal"] * 100)
    first = 40 - BEFORE_WINDOWS
    assert rows(strange) == list(range(first, first + MAX_WINDOWS))
    assert strange.trace().ears == "ears"


def test_the_next_event_has_a_trace_of_its_own():
    strange = Strange("ears")
    hear(strange, ["normal", "anomaly", "normal"])
    strange.forget()
    assert strange.trace() is None
    hear(strange, ["normal", "no_signal", "anomaly"], first=3)
    assert rows(strange) == [0, 1, 2, 3, 5]
