"""Events that outlive the process: stored when they are told, found again, labelled, deleted.

A method that changes something returns once it is on the disk, and only then is anyone told of it.
"""

import json
import secrets
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Text,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.engine import Connection, RowMapping

from auscult.errors import AuscultWarning, StoreError
from auscult.live.clock import Clock
from auscult.live.database import AnyDatabase, Database
from auscult.live.outbox import WAITING, Outbox, enqueue
from auscult.live.tables import events, heard, outbox

LABELS = ("normal", "anomaly", "unsure")
UNLABELLED = "none"
MAX_FOUND = 1000
MAX_NAMES = 100

MAX_HEARD = 1000
"""Of so many events, the newest, it is kept how they were heard: tens of megabytes at most."""

# A wall clock that ran ahead of the even one by more than this was set; nothing is deleted on its word alone. It is
# believed again when both have agreed for as long: whoever set it wrong has had time to set it right.
JUMP_S = 3600.0
BELIEVED_AFTER_S = 3600.0

# Events, and messages that wait: what is told later has a name that sorts later, also after a start with the clock set back.
_NAMED = (events.c.id, outbox.c.id)

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BITS = 80
_LETTERS = 26


@dataclass(frozen=True, kw_only=True)
class StoredEvent:
    """An event as it is kept.

    Parameters
    ----------
    id
        26 characters that sort by time.
    stream, stream_name
        Where it was heard: the stream's id, and what people call it.
    kind, status
        `anomaly`, `louder`, `quieter` or a state of health; `begun` or `ended`.
    begun_at, ended_at
        By the clock on the wall, UTC.
    start_s, end_s, peak_s
        In the stream's own time.
    peak_ratio, limit, rule, windows, suppressed
        See `auscult.live.events.Event`; the limit is that of the rule.
    bundle, bundle_id
        What judged it.
    explanation
        `auscult.runtime.verdict.Explanation` as plain values.
    evidence
        The picture of its sound: levels of bands by frame, and where they are unusual.
    clip
        Name of its sound's file, where sound is kept.
    label, note, labelled_at
        What a person said of it.
    name
        What it really was, in a person's words: the class of a fault.
    silenced
        What was taken out of its sound before that was kept: `judge`, who found speech; `stretches`, each with `start_s` and `end_s`, in
        seconds from the beginning of the sound; `is_kept`, whether anything is left.
    has_heard
        How its sound was heard is kept: see `EventStore.heard`.
    """

    id: str
    stream: str
    stream_name: str
    kind: str
    status: str
    begun_at: datetime
    ended_at: datetime | None = None
    start_s: float
    end_s: float
    peak_s: float
    peak_ratio: float
    limit: float | None = None
    rule: str = ""
    windows: int = 0
    suppressed: int = 0
    bundle: str = ""
    bundle_id: str = ""
    explanation: dict[str, Any] | None = None
    evidence: dict[str, Any] | None = None
    clip: str | None = None
    label: str | None = None
    note: str = ""
    labelled_at: datetime | None = None
    name: str = ""
    silenced: dict[str, Any] | None = None
    has_heard: bool = False


@dataclass(frozen=True, kw_only=True)
class EventChange:
    """What is to be stored of an event: `EventStore.add` and `EventStore.update` say what it means.

    Parameters
    ----------
    event, tell, heard
        As they take them.
    is_new
        To be added.
    """

    event: StoredEvent
    is_new: bool
    tell: tuple[str, ...] | None = None
    heard: bytes | None = None


class NoSuchEvent(StoreError):  # noqa: N818 - it reads as what it is
    """There is no such event, or no more: somebody may have deleted it."""

    def __init__(self, event_id: str) -> None:
        self._id = event_id
        super().__init__(
            f"There is no event '{event_id[:64]}'.", "an event that was stored", "List the events."
        )

    def __reduce__(self) -> tuple[type["NoSuchEvent"], tuple[str]]:
        return type(self), (self._id,)


class Ids:
    """Names for events: 26 letters and digits that sort by time, within a millisecond by the order of making (ULID).

    Parameters
    ----------
    clock
        For the time in them.
    after
        All are larger than this one.

    Examples
    --------
    >>> from auscult.live.clock import FakeClock
    >>> ids = Ids(FakeClock())
    >>> first, second = ids.new(), ids.new()
    >>> len(first), first[:10], first < second
    (26, '01Q3DCBD00', True)
    """

    def __init__(self, clock: Clock, *, after: str = "") -> None:
        self._clock = clock
        self._lock = Lock()
        self._last = _number(after)

    def new(self) -> str:
        """The next one; larger than all before it, though the clock went back."""
        with self._lock:
            ms = int(self._clock.utc().timestamp() * 1000)
            fresh = (max(ms, 0) << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS - 1)
            self._last = max(fresh, self._last + 1)
            number = self._last
        return "".join(_DIGITS[number >> shift & 31] for shift in range(125, -1, -5))


def _number(name: str) -> int:
    """What an id counts; 0 if it is none of ours."""
    if len(name) != _LETTERS or not set(name) <= set(_DIGITS):
        return 0
    number = 0
    for letter in name:
        number = number << 5 | _DIGITS.index(letter)
    return number


class EventStore:
    """Events in a SQLite file, or in what is handed over; may be called from any thread.

    Parameters
    ----------
    path
        The file, or an open database, which is closed with the store.
    clock
        Where times come from.

    Raises
    ------
    StoreError
        If another process uses the file, or it can't be read or written.

    Warns
    -----
    AuscultWarning
        If the file was damaged. It is moved aside, `moved_aside` names it, and a new one is begun.

    Examples
    --------
    >>> from auscult.live.clock import SystemClock
    >>> store = EventStore(Path(getfixture("tmp_path")) / "events.sqlite", clock=SystemClock())
    >>> store.count()
    0
    >>> store.close()
    """

    def __init__(self, path: Path | str | AnyDatabase, *, clock: Clock) -> None:
        self._clock = clock
        self._database: AnyDatabase = (
            Database(Path(path), clock=clock) if isinstance(path, str | Path) else path
        )
        self._ids = Ids(clock, after=self._newest_name())
        self._checked = (clock.utc(), clock.monotonic_s())
        self._jumped_s = clock.monotonic_s() - BELIEVED_AFTER_S
        self.outbox = Outbox(self._database, clock=clock)
        self.tell: tuple[str, ...] = ()
        """Channels that are told when an event begins and when it has ended."""
        self.is_silenced: Callable[[datetime], bool] = lambda _: False
        """Whether they are told nothing, neither of its beginning nor of its end, of an event that began at a time."""
        if (aside := self._database.moved_aside) is not None:
            warnings.warn(
                f"{path} could not be read. It was moved to {aside}, and a new one was begun: earlier events"
                " are missing here.",
                AuscultWarning,
                stacklevel=2,
            )

    @property
    def moved_aside(self) -> Path | None:
        """Where a damaged file went that was found here."""
        return self._database.moved_aside

    def failure(self) -> str | None:
        """Why nothing can be stored now, as far as is known; `None` where the last write succeeded. It may write to find out."""
        return self._database.failure()

    @property
    def waiting(self) -> int | None:
        """Changes that were taken and wait until a database elsewhere is back; `None`: a file takes them or does not."""
        return None

    def size_bytes(self) -> int:
        """How much room the events take, with the messages about them."""
        return self._database.size_bytes()

    def new_id(self) -> str:
        """A name for the next event."""
        return self._ids.new()

    def add(
        self,
        event: StoredEvent,
        *,
        tell: Iterable[str] | None = None,
        heard: bytes | None = None,
    ) -> StoredEvent:
        """Store an event, and in the same transaction the messages about it.

        Parameters
        ----------
        event
            With an id from `new_id`; one that is there already is left as it is.
        tell
            Channels that a message goes to; default: those of the store.
        heard
            How its sound was heard, without the sound: what `heard` gives back.
        """
        event = replace(event, has_heard=heard is not None)
        with self._database.begin() as connection:
            known = _get(connection, event.id)
            if known is not None:
                return known
            connection.execute(insert(events).values(**_values(event)))
            _keep_heard(connection, event.id, heard)
            self._enqueue(connection, event, self._usual(event) if tell is None else tell)
        return event

    def update(
        self,
        event: StoredEvent,
        *,
        tell: Iterable[str] | None = None,
        heard: bytes | None = None,
    ) -> StoredEvent:
        """Store what became of an event; what people said of it stays as they left it.

        The channels of the store are told only if its status is another one now.

        Raises
        ------
        NoSuchEvent
            If it is not there.
        """
        with self._database.begin() as connection:
            known = self._known(connection, event.id)
            kept = replace(
                event,
                label=known.label,
                note=known.note,
                labelled_at=known.labelled_at,
                name=known.name,
                has_heard=known.has_heard or heard is not None,
            )
            connection.execute(
                update(events).where(events.c.id == event.id).values(**_values(kept))
            )
            _keep_heard(connection, event.id, heard)
            usual = self._usual(kept) if kept.status != known.status else ()
            self._enqueue(connection, kept, usual if tell is None else tell)
        return kept

    def take(self, change: EventChange) -> StoredEvent:
        """Store a change: `add` or `update`."""
        write = self.add if change.is_new else self.update
        return write(change.event, tell=change.tell, heard=change.heard)

    def get(self, event_id: str) -> StoredEvent | None:
        """One event."""
        with self._database.begin() as connection:
            return _get(connection, event_id)

    def find(
        self, *, limit: int = 50, before_id: str | None = None, **which: Any
    ) -> list[StoredEvent]:
        """Events, newest first.

        Parameters
        ----------
        limit
            At most so many, up to 1000.
        before_id
            Only older ones than this: to go on where the last answer ended.
        which
            Any of `since`, `until` (aware times of their beginning; the second is not included), `stream`, `kind`, `status`, `label`
            (`"none"`: those without), `text` (in the stream's name, the explanation or the note).
        """
        query = select(*_COLUMNS).where(*_conditions(**which)).order_by(events.c.id.desc())
        if before_id is not None:
            query = query.where(events.c.id < before_id)
        with self._database.begin() as connection:
            rows = connection.execute(query.limit(min(max(limit, 0), MAX_FOUND))).mappings().all()
        # Pictures take long to read: only now, so that nobody has to wait to store an event.
        return [_event(row) for row in rows]

    def count(self, **which: Any) -> int:
        """How many there are: see `find`."""
        query = select(func.count()).select_from(events).where(*_conditions(**which))
        with self._database.begin() as connection:
            return int(connection.execute(query).scalar_one())

    def heard(self, event_ids: Iterable[str]) -> dict[str, bytes]:
        """How the sound of events was heard, as it was handed in; of the newest thousand at most."""
        wanted = heard.c.event_id.in_(list(event_ids)[:MAX_FOUND])
        with self._database.begin() as connection:
            rows = connection.execute(select(heard.c.event_id, heard.c.content).where(wanted))
            return {event_id: bytes(content) for event_id, content in rows}

    def names(self) -> list[str]:
        """What people have called faults, the most frequent first."""
        query = (
            select(events.c.name)
            .where(events.c.name != "")
            .group_by(events.c.name)
            .order_by(func.count().desc(), events.c.name)
        )
        with self._database.begin() as connection:
            return list(connection.execute(query.limit(MAX_NAMES)).scalars())

    def named(self, limit: int) -> list[StoredEvent]:
        """The newest events that have a name, and of which it is kept how they were heard."""
        query = select(*_COLUMNS).where(events.c.name != "", events.c.has_heard)
        with self._database.begin() as connection:
            found = query.order_by(events.c.id.desc()).limit(limit)
            rows = connection.execute(found).mappings().all()
        return [_event(row) for row in rows]

    def label(
        self,
        event_id: str,
        label: str | None,
        note: str | None = None,
        name: str | None = None,
    ) -> StoredEvent:
        """Say what was really heard; `None` takes it back. A name says what was real; whatever was not has none.

        Raises
        ------
        NoSuchEvent
            If it is not there.
        StoreError
            If there is no such label.
        """
        if label is not None and label not in LABELS:
            raise StoreError(
                f"'{label}' is no label.", f"one of {', '.join(LABELS)}", "Choose one."
            )
        with self._database.begin() as connection:
            known = self._known(connection, event_id)
            changed = replace(
                known,
                label=label,
                note=known.note if note is None else note,
                name=(known.name if name is None else name) if label == "anomaly" else "",
                labelled_at=None if label is None else self._clock.utc(),
            )
            connection.execute(
                update(events).where(events.c.id == event_id).values(**_values(changed))
            )
            return changed

    def delete(self, event_id: str) -> bool:
        """Delete an event and the messages about it; whether it was there. Nothing of it is left in the file."""
        return self._delete(events.c.id == event_id) > 0

    def delete_before(self, time: datetime) -> int:
        """Delete events that began before a time; how many.

        Nothing is deleted where the clock on the wall has run ahead of the even one by more than an hour since the last
        call: it was set, perhaps wrongly. It is believed when it has run evenly for an hour since.
        """
        return self._delete(events.c.begun_at < time) if self._is_believed() else 0

    def delete_all(self) -> int:
        """Delete every event and every message; how many events. Nothing of them is left in the file."""
        return self._delete(true())

    def keep_newest(self, number: int) -> tuple[int, int]:
        """Delete all but so many of the newest events; how many went, and of how many a message was still to be delivered.

        By the order in which they were stored, whatever the clock on the wall said.
        """
        oldest_kept = select(events.c.id).order_by(events.c.id.desc()).offset(number - 1).limit(1)
        with self._database.begin() as connection:
            first = connection.execute(oldest_kept).scalar()
            if first is None:
                return 0, 0
            is_old = events.c.id < first
            unsent = (
                select(func.count(func.distinct(outbox.c.event_id)))
                .select_from(outbox.join(events, events.c.id == outbox.c.event_id))
                .where(is_old, outbox.c.state == WAITING)
            )
            undelivered = int(connection.execute(unsent).scalar_one())
        return self._delete(is_old), undelivered

    def stats(self) -> dict[str, int]:
        """How many events there are, by label."""
        query = select(events.c.label, func.count()).group_by(events.c.label)
        with self._database.begin() as connection:
            found = {label or UNLABELLED: int(n) for label, n in connection.execute(query)}
        return {name: found.get(name, 0) for name in (*LABELS, UNLABELLED)}

    def close(self) -> None:
        """Close the database; another process may use it then."""
        self._database.close()

    def _delete(self, which: ColumnElement[bool]) -> int:
        with self._database.begin() as connection:
            gone = int(connection.execute(delete(events).where(which)).rowcount)
        if gone:
            self._database.forget()
        return gone

    def _is_believed(self) -> bool:
        (utc, even_s), now, now_s = self._checked, self._clock.utc(), self._clock.monotonic_s()
        self._checked = (now, now_s)
        if now - utc > timedelta(seconds=now_s - even_s + JUMP_S):
            self._jumped_s = now_s
        return now_s - self._jumped_s >= BELIEVED_AFTER_S

    def _newest_name(self) -> str:
        with self._database.begin() as connection:
            newest = [connection.execute(select(func.max(one))).scalar() for one in _NAMED]
        return max(name or "" for name in newest)

    def _usual(self, event: StoredEvent) -> tuple[str, ...]:
        return () if self.is_silenced(event.begun_at) else self.tell

    def _known(self, connection: Connection, event_id: str) -> StoredEvent:
        known = _get(connection, event_id)
        if known is None:
            raise NoSuchEvent(event_id)
        return known

    def _enqueue(self, connection: Connection, event: StoredEvent, tell: Iterable[str]) -> None:
        for channel in tell:
            enqueue(
                connection,
                message_id=self._ids.new(),
                event_id=event.id,
                stream=event.stream,
                channel=channel,
                payload=_payload(event),
                now=self._clock.utc(),
            )


_NOT_TOLD = ("evidence", "clip", "name", "silenced", "has_heard")
_NAMES = tuple(field.name for field in fields(StoredEvent))
_JSON = tuple(name for name in _NAMES if isinstance(events.c[name].type, JSON))
_COLUMNS = [
    cast(events.c[name], Text).label(name) if name in _JSON else events.c[name] for name in _NAMES
]


def _values(event: StoredEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in _NAMES}


def _event(row: RowMapping) -> StoredEvent:
    plain = {name: row[name] for name in _NAMES}
    read = {name: json.loads(plain[name]) for name in _JSON if plain[name] is not None}
    return StoredEvent(**(plain | read))


def _get(connection: Connection, event_id: str) -> StoredEvent | None:
    row = connection.execute(select(*_COLUMNS).where(events.c.id == event_id)).mappings().first()
    return None if row is None else _event(row)


def _keep_heard(connection: Connection, event_id: str, content: bytes | None) -> None:
    """Keep how an event was heard in place of what was kept of it, and of the newest events only."""
    if content is None:
        return
    connection.execute(delete(heard).where(heard.c.event_id == event_id))
    connection.execute(insert(heard).values(event_id=event_id, content=content))
    newest = select(heard.c.event_id).order_by(heard.c.event_id.desc()).offset(MAX_HEARD)
    gone = list(connection.execute(newest.limit(MAX_FOUND)).scalars())
    if gone:
        connection.execute(delete(heard).where(heard.c.event_id.in_(gone)))
        connection.execute(update(events).where(events.c.id.in_(gone)).values(has_heard=False))


def _payload(event: StoredEvent) -> Mapping[str, Any]:
    """What others are told: no sound, and no picture of it."""
    plain = asdict(replace(event, evidence=None, clip=None, silenced=None))
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in plain.items()
        if name not in _NOT_TOLD
    }


def _conditions(
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    stream: str | None = None,
    kind: str | None = None,
    status: str | None = None,
    label: str | None = None,
    text: str | None = None,
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if since is not None:
        found.append(events.c.begun_at >= since)
    if until is not None:
        found.append(events.c.begun_at < until)
    if stream is not None:
        found.append(events.c.stream == stream)
    if kind is not None:
        found.append(events.c.kind == kind)
    if status is not None:
        found.append(events.c.status == status)
    if label == UNLABELLED:
        found.append(events.c.label.is_(None))
    elif label is not None:
        found.append(events.c.label == label)
    if text:
        said = events.c.explanation["text"].as_string()
        places = (events.c.stream_name, events.c.note, said)
        found.append(or_(*(place.icontains(text, autoescape=True) for place in places)))
    return found
