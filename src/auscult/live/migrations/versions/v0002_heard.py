"""What was real has a name, what was silenced is noted, and how an alarm was heard is kept without its sound."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Three columns of events, and a table beside them."""
    op.add_column("events", sa.Column("name", sa.Text, nullable=False, server_default=""))
    op.add_column("events", sa.Column("silenced", sa.JSON))
    op.add_column("events", sa.Column("has_heard", sa.Boolean, nullable=False, server_default="0"))
    op.create_table(
        "heard",
        sa.Column(
            "event_id", _NAME, sa.ForeignKey("events.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
