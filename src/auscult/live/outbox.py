"""Messages that have to reach somebody: kept until they were delivered, tried again, and at last shown as undelivered.

Delivery is at least once, and a message keeps its id, so that a receiver can tell a second copy. Of one stream, a channel gets
them in order.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update
from sqlalchemy.engine import RowMapping

from auscult.live.clock import Clock
from auscult.live.database import AnyDatabase
from auscult.live.tables import outbox

WAITING, DEAD = "waiting", "dead"
FIRST_RETRY_S = 2.0
LAST_RETRY_S = 900.0
GIVE_UP_S = 72 * 3600.0
# Three days by a clock that was set are not three days: it was also tried so often, which takes hours.
GIVE_UP_ATTEMPTS = 20
_MAX_ERROR = 500


@dataclass(frozen=True, kw_only=True)
class Message:
    """Something to be told.

    Parameters
    ----------
    id
        The same at every attempt.
    event_id, stream, channel
        What it is about, and where it goes.
    payload
        The event as plain values.
    created_at, attempts, error
        Since when it waits, how often it was tried, and what went wrong last.
    """

    id: str
    event_id: str
    stream: str
    channel: str
    payload: Mapping[str, Any]
    created_at: datetime
    attempts: int = 0
    error: str = ""


class Outbox:
    """Messages in the store's database; may be called from any thread.

    Parameters
    ----------
    database
        That of the events.
    clock
        When to try again.
    jitter
        Gives a part of the pause, from 0 to 1, so that many do not come back at once.
    """

    def __init__(
        self, database: AnyDatabase, *, clock: Clock, jitter: Callable[[], float] = random.random
    ) -> None:
        self._database = database
        self._clock = clock
        self._jitter = jitter

    def due(self, channel: str, *, limit: int = 20) -> list[Message]:
        """Messages to be tried now, of each stream the oldest that waits; none past one that is not yet due.

        One that would have to wait longer than any pause is due too: the clock was set back.
        """
        now = self._clock.utc()
        is_due = outbox.c.next_at <= now
        is_lost = outbox.c.next_at > now + timedelta(seconds=LAST_RETRY_S)
        oldest = (
            select(func.min(outbox.c.id))
            .where(outbox.c.channel == channel, outbox.c.state == WAITING)
            .group_by(outbox.c.stream)
        )
        query = (
            select(outbox)
            .where(outbox.c.id.in_(oldest), or_(is_due, is_lost))
            .order_by(outbox.c.id)
            .limit(limit)
        )
        with self._database.begin() as connection:
            return [_message(row) for row in connection.execute(query).mappings()]

    def delivered(self, *message_ids: str) -> None:
        """They arrived."""
        with self._database.begin() as connection:
            connection.execute(delete(outbox).where(outbox.c.id.in_(message_ids)))

    def failed(self, message_id: str, error: str) -> None:
        """It did not arrive: try again later, each time after a longer pause, for three days; then it is shown as dead."""
        now = self._clock.utc()
        with self._database.begin() as connection:
            row = (
                connection.execute(select(outbox).where(outbox.c.id == message_id))
                .mappings()
                .first()
            )
            if row is None:
                return
            pause_s = min(FIRST_RETRY_S * 2.0 ** min(row["attempts"], 30), LAST_RETRY_S)
            pause_s *= 0.5 + 0.5 * self._jitter()
            is_over = (now - row["created_at"]).total_seconds() >= GIVE_UP_S and row[
                "attempts"
            ] + 1 >= GIVE_UP_ATTEMPTS
            connection.execute(
                update(outbox)
                .where(outbox.c.id == message_id)
                .values(
                    attempts=row["attempts"] + 1,
                    error=error[:_MAX_ERROR],
                    next_at=now + timedelta(seconds=pause_s),
                    state=DEAD if is_over else WAITING,
                )
            )

    def refused(self, message_id: str, error: str) -> None:
        """It will never be taken: shown as dead from now on."""
        with self._database.begin() as connection:
            connection.execute(
                update(outbox)
                .where(outbox.c.id == message_id)
                .values(error=error[:_MAX_ERROR], state=DEAD)
            )

    def waiting(self, channel: str, *, limit: int = 1000) -> list[Message]:
        """All that waits for a channel, oldest first, due or not."""
        query = (
            select(outbox)
            .where(outbox.c.channel == channel, outbox.c.state == WAITING)
            .order_by(outbox.c.id)
            .limit(limit)
        )
        with self._database.begin() as connection:
            return [_message(row) for row in connection.execute(query).mappings()]

    def dead(self, *, limit: int = 100) -> list[Message]:
        """Messages that were given up, newest first."""
        query = (
            select(outbox).where(outbox.c.state == DEAD).order_by(outbox.c.id.desc()).limit(limit)
        )
        with self._database.begin() as connection:
            return [_message(row) for row in connection.execute(query).mappings()]

    def stats(self) -> dict[str, int]:
        """How many wait, and how many were given up."""
        query = select(outbox.c.state, func.count()).group_by(outbox.c.state)
        with self._database.begin() as connection:
            found = {state: int(n) for state, n in connection.execute(query)}
        return {state: found.get(state, 0) for state in (WAITING, DEAD)}


def enqueue(
    connection: Connection,
    *,
    message_id: str,
    event_id: str,
    stream: str,
    channel: str,
    payload: Mapping[str, Any],
    now: datetime,
) -> None:
    """Put a message into the outbox, within the transaction of what it tells."""
    connection.execute(
        insert(outbox).values(
            id=message_id,
            event_id=event_id,
            stream=stream,
            channel=channel,
            payload=dict(payload),
            state=WAITING,
            created_at=now,
            next_at=now,
            attempts=0,
            error="",
        )
    )


def _message(row: RowMapping) -> Message:
    names = ("id", "event_id", "stream", "channel", "payload", "created_at", "attempts", "error")
    return Message(**{name: row[name] for name in names})
