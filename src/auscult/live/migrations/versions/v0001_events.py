"""Events and the outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_COUNT = sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "events",
        sa.Column("id", _NAME, primary_key=True),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("stream_name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("begun_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("start_s", sa.Float, nullable=False),
        sa.Column("end_s", sa.Float, nullable=False),
        sa.Column("peak_s", sa.Float, nullable=False),
        sa.Column("peak_ratio", sa.Float, nullable=False),
        sa.Column("limit", sa.Float),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("windows", _COUNT, nullable=False),
        sa.Column("suppressed", _COUNT, nullable=False),
        sa.Column("bundle", sa.Text, nullable=False),
        sa.Column("bundle_id", sa.Text, nullable=False),
        sa.Column("explanation", sa.JSON),
        sa.Column("evidence", sa.JSON),
        sa.Column("clip", sa.Text),
        sa.Column("label", sa.Text),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("labelled_at", sa.BigInteger),
    )
    op.create_index("events_by_stream", "events", ["stream", "id"])
    op.create_index("events_by_time", "events", ["begun_at"])
    op.create_table(
        "outbox",
        sa.Column("id", _NAME, primary_key=True),
        sa.Column(
            "event_id", _NAME, sa.ForeignKey("events.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("attempts", _COUNT, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
    )
    op.create_index("outbox_by_channel", "outbox", ["channel", "state", "id"])
