"""What the owner chose: kept whole or not at all, bounded, and never in the place of what was given at the start."""

import os
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from auscult.errors import StoreError
from auscult.live.clock import FakeClock
from auscult.live.events import Patience
from auscult.server.choices import Choices, ChoicesFile, WeeklyHours, changed, overlaid
from auscult.server.settings import Settings

NIGHT = {"days": [0, 1, 2, 3, 4], "start": "22:00", "end": "06:30"}


@pytest.fixture
def file(tmp_path):
    return ChoicesFile(tmp_path / "settings.json", clock=FakeClock())


def test_what_was_written_is_read_and_only_its_owner_can(file, tmp_path):
    channel = {"id": "0123abcd", "address": "https://me:secret@hooks.example/1", "always": True}
    choices = changed(Choices(), {"quiet_hours": [NIGHT], "channels": [channel], "events_days": 90})
    file.write(choices)
    assert file.read() == choices
    assert choices.revision == 1
    assert file.moved_aside is None
    if os.name == "posix":
        assert (tmp_path / "settings.json").stat().st_mode & 0o777 == 0o600
    assert "secret" not in repr(choices)


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"clips_days": -1}', b"\xff\xfe", b" " * 2**21])
def test_a_file_that_nobody_understands_is_moved_aside_and_the_defaults_count(
    file, tmp_path, content
):
    (tmp_path / "settings.json").write_bytes(content)
    assert file.read() == Choices()
    assert file.moved_aside.read_bytes() == content
    assert not (tmp_path / "settings.json").exists()


def test_what_a_newer_version_adds_is_passed_over(file, tmp_path):
    (tmp_path / "settings.json").write_text('{"revision": 4, "of_tomorrow": 1}', encoding="utf8")
    assert file.read().revision == 4


def test_what_cannot_be_written_leaves_what_was_there(file, tmp_path):
    file.write(changed(Choices(), {"events_days": 5}))
    (tmp_path / "settings.part").mkdir()
    with pytest.raises(StoreError, match="The settings could not be written to"):
        file.write(Choices())
    assert file.read().events_days == 5


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"time_zone": "Mars/Olympus"}, "the time zone 'Mars/Olympus' is not known"),
        ({"time_zone": "../../etc/passwd"}, "is not known"),
        ({"quiet_hours": [NIGHT | {"start": "25:00"}]}, "pattern"),
        ({"quiet_hours": [NIGHT | {"days": []}]}, "at least 1 item"),
        ({"quiet_hours": [NIGHT] * 51}, "at most 50 items"),
        ({"events_days": 0.5}, "greater than or equal to 1"),
        ({"patience": {"merge_s": 1e9}}, "less than or equal to 3600"),
        (
            {"maintenance_once": [{"start": "2030-01-02T00:00Z", "end": "2030-01-01T00:00Z"}]},
            "it ends before it has begun",
        ),
        (
            {"maintenance_once": [{"start": "2030-01-02T00:00", "end": "2030-01-03T00:00"}]},
            "timezone",
        ),
    ],
)
def test_what_has_no_meaning_is_refused(change, words):
    with pytest.raises(ValidationError, match=words):
        changed(Choices(), change)


def test_what_was_given_at_the_start_stays(monkeypatch):
    choices = Choices(store_clips=False, clips_days=30.0, events_days=90.0)
    monkeypatch.setenv("AUSCULT_CLIPS_DAYS", "2")
    settings = Settings(store_clips=True)
    assert (settings.fixed_by("store_clips"), settings.fixed_by("clips_days")) == (
        "flag",
        "variable",
    )
    counts = overlaid(settings, choices)
    assert (counts.store_clips, counts.clips_days, counts.events_days) == (True, 2.0, 90.0)


def test_a_source_has_its_own_where_it_has_some():
    patience = {"min_on_s": 3.0, "merge_s": 60.0, "cooldown_s": 600.0}
    own = {"fan": {"budget_per_day": 0.2}, "pump": {"patience": patience}}
    choices = changed(Choices(), {"patience": {"min_on_s": 1.0}, "sources": own})
    assert choices.tuning("fan") == (0.2, Patience(min_on_s=1.0))
    assert choices.tuning("pump") == (None, Patience(min_on_s=3.0, merge_s=60.0, cooldown_s=600.0))
    assert choices.tuning("other") == (None, Patience(min_on_s=1.0))


def test_quiet_hours_go_by_the_owners_clock():
    choices = changed(Choices(), {"time_zone": "Asia/Tokyo", "quiet_hours": [NIGHT]})
    monday_23 = datetime(2030, 1, 7, 14, tzinfo=UTC)  # at nine hours more in Tokyo
    assert choices.quiet.covers(monday_23)
    assert not choices.maintenance.covers(monday_23)
    assert not changed(choices, {"time_zone": "UTC"}).quiet.covers(monday_23)


@given(
    st.builds(
        WeeklyHours,
        days=st.just((0,)),
        start=st.just("00:00"),
        end=st.times().map(lambda t: f"{t:%H:%M}"),
    )
)
def test_times_of_day_become_minutes(hours):
    assert hours.hours.end_minute == int(hours.end[:2]) * 60 + int(hours.end[3:])
