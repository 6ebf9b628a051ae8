from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st

from auscult.live.clock import FakeClock
from auscult.live.database import Database
from auscult.live.tables import UtcTime, metadata

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(st.timedeltas(timedelta(days=-20_000), timedelta(days=90_000)).map(lambda d: EPOCH + d))
def test_times_come_back_to_the_microsecond(time):
    kind = UtcTime()
    stored = kind.process_bind_param(time, None)
    assert isinstance(stored, int)
    assert kind.process_result_value(stored, None) == time


def test_a_time_of_another_zone_is_the_same_moment():
    kind = UtcTime()
    tokyo = datetime(2030, 1, 1, 9, tzinfo=timezone(timedelta(hours=9)))
    stored = kind.process_bind_param(tokyo, None)
    assert kind.process_result_value(stored, None) == datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_steps_lead_to_what_the_code_expects(tmp_path):
    database = Database(tmp_path / "new.sqlite", clock=FakeClock())
    with database.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []
    database.close()
