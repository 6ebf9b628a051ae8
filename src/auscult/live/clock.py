"""Time from one place: the clock on the wall, which may jump, and one that runs evenly."""

from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Protocol


class Clock(Protocol):
    """Where everything that happens live takes its time from."""

    def utc(self) -> datetime:
        """The time on the wall, aware, in UTC; it may jump."""

    def monotonic_s(self) -> float:
        """Seconds on a clock that runs evenly and never goes back."""


class SystemClock:
    """The clocks of this machine.

    Examples
    --------
    >>> SystemClock().utc().tzinfo
    datetime.timezone.utc
    """

    def utc(self) -> datetime:
        """The time on the wall."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Seconds since some moment."""
        return monotonic()


class FakeClock:
    """A clock that stands still until it is moved, for tests and for hearing days in seconds.

    Parameters
    ----------
    utc
        What it shows at first.

    Examples
    --------
    >>> clock = FakeClock(datetime(2030, 1, 1, tzinfo=UTC))
    >>> clock.advance(90.0)
    >>> clock.step_utc(-3600.0)
    >>> clock.utc().isoformat(), clock.monotonic_s()
    ('2029-12-31T23:01:30+00:00', 90.0)
    """

    def __init__(self, utc: datetime = datetime(2030, 1, 1, tzinfo=UTC)) -> None:
        self._utc = utc
        self._monotonic_s = 0.0

    def utc(self) -> datetime:
        """What it shows."""
        return self._utc

    def monotonic_s(self) -> float:
        """Seconds that passed."""
        return self._monotonic_s

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._utc += timedelta(seconds=seconds)
        self._monotonic_s += seconds

    def step_utc(self, seconds: float) -> None:
        """Set the wall clock, as a time server does; no time passes."""
        self._utc += timedelta(seconds=seconds)
