from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from auscult.live.tables import UtcTime

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
