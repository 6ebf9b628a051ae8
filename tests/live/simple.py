"""Events for tests that need one, whatever it is of."""

from datetime import UTC, datetime

from auscult.live.events import Event
from auscult.live.store import StoredEvent
from auscult.runtime.verdict import Explanation


def heard_event(**changes):
    """An anomaly that begins, as a listener tells it."""
    plain = {
        "id": 1,
        "kind": "anomaly",
        "status": "begun",
        "start_s": 62.0,
        "end_s": 64.0,
        "peak_s": 63.0,
        "peak_ratio": 1.5,
        "rule": "sudden",
        "windows": 1,
        "explanation": Explanation(
            low_hz=2e3, high_hz=3e3, start_s=62.0, end_s=64.0, text="A hiss."
        ),
    }
    return Event(**plain | changes)


def stored_event(event_id, **changes):
    """One that begins, as a store keeps it."""
    plain = {
        "stream": "fan",
        "stream_name": "Fan",
        "kind": "anomaly",
        "status": "begun",
        "begun_at": datetime(2030, 1, 1, tzinfo=UTC),
        "start_s": 0.0,
        "end_s": 2.0,
        "peak_s": 1.0,
        "peak_ratio": 2.0,
    }
    return StoredEvent(id=event_id, **plain | changes)
