"""When nobody is to be told: hours that come again every week, and stretches that come once. Events are kept all the same."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

DAY_MINUTES = 24 * 60


@dataclass(frozen=True, kw_only=True)
class Weekly:
    """Hours of some days of the week, by the clock on the wall.

    Parameters
    ----------
    days
        On which they begin: 0 is Monday, 6 is Sunday.
    start_minute, end_minute
        Minutes after midnight, the second not included; an end that is not after the start is on the next day.

    Examples
    --------
    >>> night = Weekly(days=frozenset({4}), start_minute=22 * 60, end_minute=7 * 60)
    >>> friday, saturday = datetime(2030, 1, 4, 23), datetime(2030, 1, 5, 6, 59)
    >>> night.covers(friday), night.covers(saturday), night.covers(datetime(2030, 1, 5, 23))
    (True, True, False)
    """

    days: frozenset[int]
    start_minute: int
    end_minute: int

    def covers(self, local: datetime) -> bool:
        """Whether a time on the wall lies within."""
        minute, today = local.hour * 60 + local.minute, local.weekday()
        if self.start_minute < self.end_minute:
            return today in self.days and self.start_minute <= minute < self.end_minute
        began_yesterday = (today - 1) % 7 in self.days
        return (today in self.days and minute >= self.start_minute) or (
            began_yesterday and minute < self.end_minute
        )


@dataclass(frozen=True, kw_only=True)
class Once:
    """A stretch of time that comes once.

    Parameters
    ----------
    start, end
        Aware times; the second is not included.
    """

    start: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Stretches in which nobody is to be told.

    Parameters
    ----------
    zone
        Whose clock on the wall counts; `None`: this machine's.
    weekly, once
        What it is made of.

    Examples
    --------
    >>> always = Weekly(days=frozenset(range(7)), start_minute=0, end_minute=0)
    >>> Calendar(weekly=(always,)).covers(datetime(2030, 1, 1, tzinfo=UTC)), Calendar().covers(datetime(2030, 1, 1, tzinfo=UTC))
    (True, False)
    """

    zone: tzinfo | None = UTC
    weekly: tuple[Weekly, ...] = ()
    once: tuple[Once, ...] = ()

    def covers(self, time: datetime) -> bool:
        """Whether an aware time lies within any of them."""
        if any(one.start <= time < one.end for one in self.once):
            return True
        local = time.astimezone(self.zone)
        return any(one.covers(local) for one in self.weekly)
