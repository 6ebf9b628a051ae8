"""Counters for Prometheus, from a registry of our own: read off the server's state whenever someone asks."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from auscult import __version__
from auscult.errors import StoreError
from auscult.server.state import State, store_health

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(state: State) -> bytes:
    """All of them as text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Reading(state))
    return generate_latest(registry)


class _Reading(Collector):
    def __init__(self, state: State) -> None:
        self._state = state

    def collect(self) -> Iterator[Metric]:
        state = self._state
        yield _gauge("auscult_info", "What runs.", 1.0, version=__version__)
        yield _gauge("auscult_uptime_seconds", "Since the start.", state.uptime_s)
        yield _gauge("auscult_streams", "Streams that are heard.", state.streams)
        yield _gauge("auscult_bundles", "Bundles kept.", len(state.bundles.ids()))
        yield _gauge(
            "auscult_loop_lag_seconds",
            "Worst delay of the event loop within a minute.",
            state.lag.worst_s,
        )
        yield _gauge(
            "auscult_windows_waiting", "Windows that wait to be scored.", state.queue.waiting
        )
        yield _counter("auscult_windows_submitted", "Windows to be scored.", state.queue.submitted)
        yield _counter("auscult_windows_scored", "Windows scored.", state.queue.scored)
        yield _counter("auscult_engine_calls", "Calls of the engine for them.", state.queue.calls)
        dropped = CounterMetricFamily(
            "auscult_windows_dropped", "Windows dropped, and why.", labels=["reason"]
        )
        for reason, windows in state.queue.dropped.items():
            dropped.add_metric([reason], windows)
        yield dropped
        answers = CounterMetricFamily(
            "auscult_http_answers", "Answers over HTTP.", labels=["method", "status"]
        )
        for (method, status), number in list(state.counts.items()):
            answers.add_metric([method, str(status)], number)
        yield answers
        yield from self._of_sources()
        yield from self._of_store()

    def _of_sources(self) -> Iterator[Metric]:
        heard = CounterMetricFamily(
            "auscult_source_heard_seconds", "Sound heard.", labels=["source"]
        )
        lost = CounterMetricFamily(
            "auscult_source_dropped_samples", "Samples lost on the way.", labels=["source"]
        )
        for wanted, running, _ in self._state.sources.all():
            if running is not None:
                heard.add_metric([wanted.id], running.heard_s)
                lost.add_metric([wanted.id], running.dropped_samples)
        yield heard
        yield lost

    def _of_store(self) -> Iterator[Metric]:
        health = store_health(self._state.store)
        yield _gauge("auscult_store_ok", "The store can be read.", float(health.ok))
        yield _gauge("auscult_events", "Events kept.", health.events)
        if health.waiting is not None:
            yield _gauge("auscult_store_waiting", "Changes that wait for Postgres.", health.waiting)
        try:
            outbox = self._state.store.outbox.stats()
        except StoreError:
            return
        messages = GaugeMetricFamily(
            "auscult_outbox_messages",
            "Messages to others, by what became of them.",
            labels=["state"],
        )
        for state, number in outbox.items():
            messages.add_metric([state], number)
        yield messages


def _gauge(name: str, what: str, value: float, **labels: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, what, labels=list(labels))
    family.add_metric(list(labels.values()), value)
    return family


def _counter(name: str, what: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(name, what, value=value)
