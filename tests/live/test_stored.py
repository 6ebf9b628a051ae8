"""One form for all that a store keeps, whoever hears it."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest

from auscult.live.health import HealthChange
from auscult.live.stored import Hearing

from .simple import heard_event

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def hearing():
    return Hearing(stream="mic", stream_name="USB Audio", now=NOON, heard_s=70.0)


def test_an_event_stands_where_it_was_heard_with_the_limit_of_its_rule(hearing):
    event = heard_event(windows=3, suppressed=2)
    found = hearing.event(event, "E1", limits={"sudden": 12.5, "lasting": 9.0})
    assert (found.id, found.stream, found.stream_name) == ("E1", "mic", "USB Audio")
    assert (found.begun_at, found.ended_at) == (NOON - timedelta(seconds=8.0), None)
    told = ("kind", "status", "start_s", "end_s", "peak_s", "peak_ratio", "rule", "windows")
    for name in (*told, "suppressed"):
        assert getattr(found, name) == getattr(event, name)
    assert (found.limit, found.explanation) == (12.5, asdict(event.explanation))
    assert hearing.event(event, "E1", limits={}).limit is None


def test_an_ailment_begins_when_it_did_and_lasts_so_far(hearing):
    found = hearing.ailment(HealthChange(state="silent", since_s=65.0), "E2")
    assert (found.id, found.kind, found.status) == ("E2", "silent", "begun")
    assert (found.start_s, found.end_s) == (65.0, 70.0)
    assert found.begun_at == NOON - timedelta(seconds=5.0)


@pytest.mark.parametrize("since_s", [70.0, 75.0])
def test_nothing_begins_later_than_now(hearing, since_s):
    found = hearing.ailment(HealthChange(state="no_signal", since_s=since_s), "E3")
    assert (found.begun_at, found.end_s) == (NOON, since_s)
