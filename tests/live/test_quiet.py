"""When nobody is told: by the clock on the wall, over midnight, over a change of the clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from auscult.live.quiet import Calendar, Once, Weekly

TOKYO = ZoneInfo("Asia/Tokyo")
BERLIN = ZoneInfo("Europe/Berlin")
EVERY_DAY = frozenset(range(7))


def test_a_night_belongs_to_the_day_on_which_it_begins():
    night = Weekly(days=frozenset({4}), start_minute=22 * 60, end_minute=6 * 60)
    calendar = Calendar(zone=TOKYO, weekly=(night,))
    friday = datetime(2030, 1, 4, tzinfo=TOKYO)
    assert not calendar.covers(friday + timedelta(hours=21, minutes=59))
    assert calendar.covers(friday + timedelta(hours=22))
    assert calendar.covers((friday + timedelta(hours=29, minutes=59)).astimezone(UTC))
    assert not calendar.covers(friday + timedelta(hours=30))
    assert not calendar.covers(friday + timedelta(hours=5))


def test_the_clock_on_the_wall_counts_also_when_it_is_changed():
    lunch = Weekly(days=EVERY_DAY, start_minute=12 * 60, end_minute=13 * 60)
    calendar = Calendar(zone=BERLIN, weekly=(lunch,))
    winter, summer = (
        datetime(2030, 3, 30, 11, 30, tzinfo=UTC),
        datetime(2030, 3, 31, 10, 30, tzinfo=UTC),
    )
    assert calendar.covers(winter)
    assert calendar.covers(summer)
    assert not calendar.covers(summer + timedelta(hours=1))


def test_a_stretch_that_comes_once_is_over_at_its_end():
    noon = datetime(2030, 1, 1, 12, tzinfo=UTC)
    calendar = Calendar(once=(Once(start=noon, end=noon + timedelta(hours=1)),))
    seconds = (-1, 0, 3599, 3600)
    covered = [calendar.covers(noon + timedelta(seconds=one)) for one in seconds]
    assert covered == [False, True, True, False]


@given(
    st.integers(0, 1439),
    st.integers(0, 1439),
    st.frozensets(st.integers(0, 6)),
    st.integers(0, 7 * 1440 - 1),
)
def test_of_two_that_share_their_borders_exactly_one_covers_each_minute(start, end, days, minute):
    first = Weekly(days=EVERY_DAY, start_minute=start, end_minute=end)
    second = Weekly(days=EVERY_DAY, start_minute=end, end_minute=start)
    time = datetime(2030, 1, 7, tzinfo=UTC) + timedelta(minutes=minute)
    assert first.covers(time) + second.covers(time) == (2 if start == end else 1)
    some = Weekly(days=days, start_minute=start, end_minute=end)
    assert not some.covers(time) or first.covers(time)
