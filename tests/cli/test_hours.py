"""Hours on the command line mean what they say, and what says nothing is refused."""

import contextlib
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.cli.hours import calendar_of
from auscult.errors import RecipeError

FRIDAY = datetime(2030, 1, 4)  # noqa: DTZ001 - a time on this machine's wall


def covers(text, time):
    return calendar_of([text], "--quiet").covers(time.astimezone())


@pytest.mark.parametrize(
    ("text", "hours", "is_covered"),
    [
        ("22:00-06:00", 23, True),
        ("22:00-06:00", 29, True),
        ("22:00-06:00", 12, False),
        ("fri 08:00-12:00", 8, True),
        ("Fri 08:00-12:00", 12, False),
        ("sat-sun 00:00-24:00", 23, False),
        ("sat-sun 00:00-24:00", 24, True),
        ("sat-sun 00:00-24:00", 71, True),
        ("sat-sun 00:00-24:00", 72, False),
        ("sun-fri 08:00-12:00", 9, True),
        ("sun-fri 08:00-12:00", 33, False),
        ("2030-01-04T08:00/2030-01-04T12:00", 9, True),
        ("2030-01-04T08:00/2030-01-04T12:00", 12, False),
    ],
)
def test_hours_cover(text, hours, is_covered):
    assert covers(text, FRIDAY + timedelta(hours=hours)) is is_covered


@pytest.mark.parametrize(
    "text",
    [
        *("", "night", "22-6", "25:00-26:00", "22:00-06:60", "24:01-06:00", "xyz 08:00-09:00"),
        *("fri-xyz 08:00-09:00", "2030-01-05T08:00/2030-01-04T08:00", "a/b", "1/2/3"),
    ],
)
def test_what_says_nothing_is_refused(text):
    with pytest.raises(RecipeError, match=r"--quiet .* names no hours\. Expected: 22:00-06:00"):
        calendar_of([text], "--quiet")


@given(st.text(max_size=40))
def test_whatever_is_written_it_is_read_or_refused(text):
    with contextlib.suppress(RecipeError):
        calendar_of([text], "--quiet")


def test_several_are_all_of_them():
    both = calendar_of(["fri 08:00-09:00", "fri 10:00-11:00"], "--quiet")
    found = [both.covers((FRIDAY + timedelta(hours=h)).astimezone()) for h in (8, 9, 10)]
    assert found == [True, False, True]
    assert not calendar_of([], "--quiet").covers(FRIDAY.astimezone())
