"""What is heard, as an event that a store keeps: an event of the listener's, and a signal that can't be believed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from auscult.live.events import Event
from auscult.live.health import HealthChange
from auscult.live.store import StoredEvent


@dataclass(frozen=True, kw_only=True)
class Hearing:
    """A stream, and how far it has been heard.

    Parameters
    ----------
    stream, stream_name
        Its id, and what people call it.
    now
        By the clock on the wall.
    heard_s
        In the stream's own time.

    Examples
    --------
    >>> from datetime import UTC
    >>> noon = datetime(2030, 1, 1, 12, tzinfo=UTC)
    >>> hearing = Hearing(stream="mic", stream_name="USB Audio", now=noon, heard_s=60.0)
    >>> hearing.time_of(58.0).isoformat()
    '2030-01-01T11:59:58+00:00'
    """

    stream: str
    stream_name: str
    now: datetime
    heard_s: float

    def time_of(self, time_s: float) -> datetime:
        """A time of the stream by the clock on the wall; never later than now."""
        return self.now - timedelta(seconds=max(self.heard_s - time_s, 0.0))

    def event(self, event: Event, event_id: str, *, limits: Mapping[str, float]) -> StoredEvent:
        """An event of the listener's. What judged it, and when it ended by the clock, whoever stores it knows.

        Parameters
        ----------
        event
            As it is told.
        event_id
            Under which it is stored.
        limits
            By rule.
        """
        return StoredEvent(
            id=event_id,
            stream=self.stream,
            stream_name=self.stream_name,
            kind=event.kind,
            status=event.status,
            begun_at=self.time_of(event.start_s),
            start_s=event.start_s,
            end_s=event.end_s,
            peak_s=event.peak_s,
            peak_ratio=event.peak_ratio,
            limit=limits.get(event.rule),
            rule=event.rule,
            windows=event.windows,
            suppressed=event.suppressed,
            explanation=None if event.explanation is None else asdict(event.explanation),
        )

    def ailment(self, change: HealthChange, event_id: str) -> StoredEvent:
        """What is wrong with the signal, as an event that begins: somebody has to see to the microphone.

        Parameters
        ----------
        change
            To another state than `ok`.
        event_id
            Under which it is stored.
        """
        return StoredEvent(
            id=event_id,
            stream=self.stream,
            stream_name=self.stream_name,
            kind=change.state,
            status="begun",
            begun_at=self.time_of(change.since_s),
            start_s=change.since_s,
            end_s=max(self.heard_s, change.since_s),
            peak_s=change.since_s,
            peak_ratio=0.0,
        )
