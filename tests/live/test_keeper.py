"""What is heard reaches the store whole: on a full disk later, after a power cut closed."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from auscult.errors import StoreError
from auscult.live import keeper as module
from auscult.live.clock import FakeClock
from auscult.live.database import Database, OutOfReachError
from auscult.live.health import HealthChange
from auscult.live.keeper import CUT_OFF, Keeper
from auscult.live.store import EventStore
from auscult.runtime.verdict import Verdict

from .simple import heard_event

WINDOW = Verdict(
    start_s=62.0, end_s=64.0, score=9.0, ratio=1.5, rule="sudden", state="anomaly", level_db=-30.0
)
BEGUN = heard_event()
ENDED = replace(BEGUN, status="ended", end_s=72.0, windows=9)


class Disk(Database):
    """A file on a disk that may be full."""

    is_full = False

    def begin(self):
        if self.is_full:
            raise OutOfReachError("The disk is full.", "space", "Make room.")
        return super().begin()


@dataclass
class Mic:
    """All that a keeper asks of a source."""

    kind: str = "mic"
    name: str = "USB Audio"


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def disk(tmp_path, clock):
    return Disk(tmp_path / "events.sqlite", clock=clock)


@pytest.fixture
def store(disk, clock):
    opened = EventStore(disk, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def keep(store, scorer, clock):
    """A function that makes a keeper, as a new start does."""

    def made(kind="mic", **options):
        return Keeper(store, scorer, Mic(kind=kind), clock, tell=["hook"], **options)

    return made


def told(store, channel="hook"):
    return [
        (one.payload["kind"], one.payload["status"], one.payload["ended_at"] is not None)
        for one in store.outbox.waiting(channel)
    ]


def test_an_event_is_stored_when_it_begins_and_again_when_it_has_ended(keep, store, clock):
    keeper = keep()
    keeper(WINDOW)
    keeper(BEGUN)
    (event,) = store.find(status="begun")
    assert event.begun_at == clock.utc() - timedelta(seconds=2.0)
    keeper(ENDED)
    (event,) = store.find(status="ended")
    assert event.ended_at - event.begun_at == timedelta(seconds=10.0)
    assert (event.stream, event.stream_name, event.windows) == ("mic", "USB Audio", 9)
    assert told(store) == [("anomaly", "begun", False), ("anomaly", "ended", True)]


def test_an_end_that_the_disk_did_not_take_is_stored_once_it_does(keep, store, disk, clock):
    keeper = keep()
    keeper(BEGUN)
    disk.is_full = True
    with pytest.raises(StoreError, match="The disk is full"):
        keeper(ENDED)
    clock.advance(10.0)
    keeper.turn()
    disk.is_full = False
    keeper.turn()
    assert store.find()[0].status == "begun"  # not at every turn: a sick disk takes its time
    clock.advance(10.0)
    keeper.turn()
    assert store.find()[0].status == "ended"
    assert told(store) == [("anomaly", "begun", False), ("anomaly", "ended", True)]


def test_a_beginning_that_the_disk_did_not_take_is_told_once_and_with_its_end(keep, store, disk):
    keeper = keep()
    disk.is_full = True
    with pytest.raises(StoreError):
        keeper(BEGUN)
    disk.is_full = False
    keeper(ENDED)
    (event,) = store.find()
    assert event.ended_at - event.begun_at == timedelta(seconds=10.0)
    assert told(store) == [("anomaly", "begun", False), ("anomaly", "ended", True)]


def test_what_waits_is_tried_again_at_the_end_and_counted(keep, store, disk):
    keeper = keep()
    disk.is_full = True
    for item in (BEGUN, ENDED):
        with pytest.raises(StoreError):
            keeper(item)
    assert keeper.close() == 2
    disk.is_full = False
    assert keeper.close() == 0
    assert store.count(status="ended") == 1


def test_where_too_much_waits_no_end_of_what_is_stored_is_lost(
    keep, store, disk, monkeypatch, caplog
):
    monkeypatch.setattr(module, "MOST_UNSTORED", 4)
    keeper = keep()
    keeper(BEGUN)
    disk.is_full = True
    later = [replace(one, id=number) for number in (2, 3, 4) for one in (BEGUN, ENDED)]
    for item in (ENDED, *later):
        with pytest.raises(StoreError):
            keeper(item)
    disk.is_full = False
    assert keeper.close() == 0
    assert store.count(status="begun") == 0
    assert store.count(status="ended") == 2
    assert "Too many events wait to be stored" in caplog.text


def test_what_was_deleted_meanwhile_holds_up_nothing(keep, store):
    keeper = keep()
    keeper(BEGUN)
    store.delete_all()
    keeper(ENDED)
    keeper(replace(BEGUN, id=2))
    assert [one.status for one in store.find()] == ["begun"]


def test_what_can_not_be_stored_ever_holds_up_nothing(keep, store):
    keeper = keep()
    with pytest.raises(StoreError, match="does not take this"):
        keeper(replace(BEGUN, rule="\udcff"))
    keeper(replace(BEGUN, id=2))
    assert keeper.close() == 0
    assert store.count() == 1


def test_what_a_power_cut_left_open_is_closed_at_the_next_start(keep, store, clock):
    keep()(BEGUN)
    clock.advance(3600.0)
    assert keep(always=["forward"]).close_left_open() == 1
    (event,) = store.find()
    assert event.status == "ended"
    assert event.ended_at - event.begun_at == timedelta(seconds=2.0)
    assert event.explanation["text"] == f"A hiss. {CUT_OFF}"
    assert event.explanation["low_hz"] == 2e3
    assert told(store) == [("anomaly", "begun", False), ("anomaly", "ended", True)]
    assert told(store, "forward") == [("anomaly", "ended", True)]
    assert keep().close_left_open() == 0


def test_nobody_closes_what_another_source_hears(keep, store):
    keep("press-3:mic")(BEGUN)
    assert keep().close_left_open() == 0
    assert store.count(status="begun") == 1


def test_what_was_left_open_is_closed_though_the_disk_is_full_at_the_start(
    keep, store, disk, clock, monkeypatch
):
    keep()(BEGUN)

    def full(*_, **__):
        raise OutOfReachError("The disk is full.", "space", "Make room.")

    with monkeypatch.context() as patch:
        patch.setattr(store, "update", full)
        keeper = keep()
        assert keeper.close_left_open() == 1
    clock.advance(10.0)
    keeper.turn()
    assert store.count(status="ended") == 1


def test_what_is_wrong_with_the_signal_is_an_event(keep, store, clock):
    keeper = keep()
    keeper(WINDOW)
    keeper(HealthChange(state="silent", since_s=61.0))
    (event,) = store.find()
    assert (event.kind, event.status, event.peak_ratio, event.bundle) == (
        "silent",
        "begun",
        0.0,
        "",
    )
    assert event.begun_at == clock.utc() - timedelta(seconds=3.0)
    keeper(HealthChange(state="clipped", since_s=70.0))
    keeper(HealthChange(state="ok", since_s=75.0))
    clipped, silent = store.find(status="ended")
    assert (silent.kind, silent.ended_at - silent.begun_at) == ("silent", timedelta(seconds=9.0))
    assert (clipped.kind, clipped.ended_at - clipped.begun_at) == (
        "clipped",
        timedelta(seconds=5.0),
    )
    assert [(kind, status) for kind, status, _ in told(store)] == [
        *[("silent", "begun"), ("silent", "ended")],
        *[("clipped", "begun"), ("clipped", "ended")],
    ]


def test_an_ailment_lasts_until_the_end_where_nothing_comes_any_more(keep, store, clock):
    keeper = keep()
    keeper(WINDOW)
    keeper(HealthChange(state="no_signal", since_s=64.0))
    clock.advance(100.0)
    assert keeper.close() == 0
    (event,) = store.find()
    assert (event.kind, event.status) == ("no_signal", "ended")
    assert event.ended_at - event.begun_at == timedelta(seconds=100.0)


def test_no_change_of_health_is_lost_on_a_full_disk(keep, store, disk, clock):
    keeper = keep()
    keeper(HealthChange(state="silent", since_s=61.0))
    disk.is_full = True
    with pytest.raises(StoreError):
        keeper(HealthChange(state="clipped", since_s=70.0))
    disk.is_full = False
    clock.advance(10.0)
    keeper.turn()
    assert [(one.kind, one.status) for one in store.find()] == [
        ("clipped", "begun"),
        ("silent", "ended"),
    ]


def test_of_what_is_silenced_a_server_is_told_all_the_same(keep, store):
    keeper = keep(always=["forward"], is_silenced=lambda _: True)
    keeper(BEGUN)
    keeper(ENDED)
    assert told(store) == []
    assert len(told(store, "forward")) == 2
