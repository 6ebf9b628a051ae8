"""Hours in which nobody is told, as they are written on the command line."""

import re
from datetime import datetime

from auscult.errors import RecipeError
from auscult.live.quiet import DAY_MINUTES, Calendar, Once, Weekly

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKLY = re.compile(
    r"(?:(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))? )?(?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d)"
)


def calendar_of(texts: list[str], option: str) -> Calendar:
    """Hours by the clock of this machine.

    Parameters
    ----------
    texts
        `22:00-06:00`, `sat-sun 00:00-24:00`, or once: `2030-01-05T08:00/2030-01-05T12:00`.
    option
        How they were named, for messages.

    Raises
    ------
    RecipeError
        If one can't be understood.

    Examples
    --------
    >>> night = calendar_of(["22:00-06:00"], "--quiet")
    >>> night.covers(datetime(2030, 1, 4, 23).astimezone()), night.covers(datetime(2030, 1, 4, 12).astimezone())
    (True, False)
    """
    weekly = tuple(_weekly(text, option) for text in texts if "/" not in text)
    once = tuple(_once(text, option) for text in texts if "/" in text)
    # The clock on the wall, with its summer time, is what a naive time is read by.
    return Calendar(zone=None, weekly=weekly, once=once)


def _weekly(text: str, option: str) -> Weekly:
    found = _WEEKLY.fullmatch(text.strip().lower())
    if found is None:
        raise _unreadable(text, option)
    first, last = found["first"] or "mon", found["last"] or found["first"] or "sun"
    if first not in _DAYS or last not in _DAYS:
        raise _unreadable(text, option)
    begin, length = _DAYS.index(first), (_DAYS.index(last) - _DAYS.index(first)) % 7 + 1
    return Weekly(
        days=frozenset((begin + n) % 7 for n in range(length)),
        start_minute=_minute(found["start"], text, option),
        end_minute=_minute(found["end"], text, option) % DAY_MINUTES,
    )


def _minute(time: str, text: str, option: str) -> int:
    hours, minutes = int(time[:2]), int(time[3:])
    if minutes > 59 or 60 * hours + minutes > DAY_MINUTES:
        raise _unreadable(text, option)
    return 60 * hours + minutes


def _once(text: str, option: str) -> Once:
    try:
        start, end = (datetime.fromisoformat(one.strip()).astimezone() for one in text.split("/"))
    except (ValueError, OverflowError, OSError):
        raise _unreadable(text, option) from None
    if end <= start:
        raise _unreadable(text, option)
    return Once(start=start, end=end)


def _unreadable(text: str, option: str) -> RecipeError:
    return RecipeError(
        f"{option} {text!r} names no hours.",
        "22:00-06:00, sat-sun 00:00-24:00, or once 2030-01-05T08:00/2030-01-05T12:00",
        "Write them so; several, with the option several times.",
    )
