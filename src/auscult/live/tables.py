"""What the store's database looks like; `migrations/` brings older ones here."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)


class UtcTime(TypeDecorator[datetime]):
    """An aware time, kept as whole microseconds since 1970 in UTC: it sorts, and no zone can be lost."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Into the database."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"the time {value} has no zone")
        return None if value is None else (value - _EPOCH) // _US

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Out of it."""
        return None if value is None else _EPOCH + int(value) * _US


# Names sort as their characters do, whatever the language of a server; and its whole numbers are as wide as a file's.
Name = Text().with_variant(Text(collation="C"), "postgresql")
Count = Integer().with_variant(BigInteger(), "postgresql")

metadata = MetaData()

events = Table(
    "events",
    metadata,
    Column("id", Name, primary_key=True),
    Column("stream", Text, nullable=False),
    Column("stream_name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("begun_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("start_s", Float, nullable=False),
    Column("end_s", Float, nullable=False),
    Column("peak_s", Float, nullable=False),
    Column("peak_ratio", Float, nullable=False),
    Column("limit", Float),
    Column("rule", Text, nullable=False),
    Column("windows", Count, nullable=False),
    Column("suppressed", Count, nullable=False),
    Column("bundle", Text, nullable=False),
    Column("bundle_id", Text, nullable=False),
    Column("explanation", JSON(none_as_null=True)),
    Column("evidence", JSON(none_as_null=True)),
    Column("clip", Text),
    Column("label", Text),
    Column("note", Text, nullable=False),
    Column("labelled_at", UtcTime),
    Column("name", Text, nullable=False, server_default=""),
    Column("silenced", JSON(none_as_null=True)),
    Column("has_heard", Boolean, nullable=False, server_default="0"),
    Index("events_by_stream", "stream", "id"),
    Index("events_by_time", "begun_at"),
)

heard = Table(
    "heard",
    metadata,
    Column("event_id", Name, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Name, primary_key=True),
    Column("event_id", Name, ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    Column("stream", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("next_at", UtcTime, nullable=False),
    Column("attempts", Count, nullable=False),
    Column("error", Text, nullable=False),
    Index("outbox_by_channel", "channel", "state", "id"),
)
