"""Counters for Prometheus."""

from collections import Counter
from types import SimpleNamespace

from prometheus_client.parser import text_string_to_metric_families

from auscult.errors import StoreError
from auscult.server.metrics import exposition
from auscult.server.sources import Wanted


class Store:
    waiting = 4

    def __init__(self, ok=True):
        self._ok = ok
        self.outbox = SimpleNamespace(stats=self._stats)

    def failure(self):
        return None

    def count(self):
        if not self._ok:
            raise StoreError("The disk is gone.")
        return 12

    def _stats(self):
        if not self._ok:
            raise StoreError("The disk is gone.")
        return {"waiting": 3, "dead": 1}


def state(**changes):
    wanted = Wanted(id="mic-1", address="mic", name='a "name"\n')
    running = SimpleNamespace(heard_s=7.5, dropped_samples=160)
    given = {
        "uptime_s": 12.0,
        "streams": 2,
        "bundles": SimpleNamespace(ids=lambda: ("x",)),
        "lag": SimpleNamespace(worst_s=0.25),
        "queue": SimpleNamespace(
            waiting=4,
            submitted=107,
            scored=100,
            calls=9,
            dropped={"late": 2, "broken": 1},
        ),
        "counts": Counter({("GET", 200): 9}),
        "sources": SimpleNamespace(all=lambda: [(wanted, running, None), (wanted, None, "x")]),
        "store": Store(),
    }
    return SimpleNamespace(**given | changes)


def values(found):
    families = text_string_to_metric_families(exposition(found).decode())
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


def test_what_the_server_counts_is_what_is_told():
    found = values(state())
    assert found["auscult_streams",] == 2
    assert found["auscult_windows_scored_total",] == 100
    assert found["auscult_windows_dropped_total", "late"] == 2
    assert found["auscult_http_answers_total", "200", "GET"] == 9
    assert found["auscult_source_heard_seconds_total", "mic-1"] == 7.5
    assert found["auscult_source_dropped_samples_total", "mic-1"] == 160
    assert found["auscult_events",] == 12
    assert found["auscult_outbox_messages", "dead"] == 1
    assert found["auscult_loop_lag_seconds",] == 0.25


def test_a_store_that_is_gone_is_told_and_the_rest_as_well():
    found = values(state(store=Store(ok=False)))
    assert found["auscult_store_ok",] == 0
    assert found["auscult_store_waiting",] == 4
    assert found["auscult_streams",] == 2
    assert ("auscult_outbox_messages", "dead") not in found
