from dataclasses import replace
from datetime import timedelta

import pytest

from auscult.live.clock import FakeClock
from auscult.live.outbox import FIRST_RETRY_S, GIVE_UP_ATTEMPTS, GIVE_UP_S, LAST_RETRY_S, Outbox

from .simple import stored_event

CLOCK_START = FakeClock().utc()


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def store(open_store, clock):
    opened = open_store(clock)
    opened.outbox = Outbox(opened._database, clock=clock, jitter=lambda: 1.0)
    return opened


def event(store, **changes):
    return stored_event(store.new_id(), evidence={"level_db": [[1.0]]}, **changes)


def test_a_message_tells_the_event_without_its_sound(store):
    told = store.add(event(store), tell=["webhook:a"])
    (message,) = store.outbox.due("webhook:a")
    assert (message.event_id, message.stream, message.attempts) == (told.id, "fan", 0)
    assert message.payload["begun_at"] == "2030-01-01T00:00:00+00:00"
    assert not {"evidence", "clip"} & set(message.payload)


def test_each_channel_has_its_own_and_what_was_delivered_is_gone(store):
    store.add(event(store), tell=["a", "b"])
    (message,) = store.outbox.due("a")
    store.outbox.delivered(message.id)
    assert store.outbox.due("a") == []
    assert len(store.outbox.due("b")) == 1


def test_of_a_stream_they_come_in_order_and_one_that_fails_holds_up_only_its_own(store, clock):
    first = store.add(event(store), tell=["a"])
    ended = store.update(replace(first, status="ended"), tell=["a"])
    store.add(event(store, stream="pump"), tell=["a"])
    due = store.outbox.due("a")
    assert [(one.stream, one.payload["status"]) for one in due] == [
        ("fan", "begun"),
        ("pump", "begun"),
    ]
    store.outbox.failed(due[0].id, "refused")
    assert [one.stream for one in store.outbox.due("a")] == ["pump"]
    clock.advance(FIRST_RETRY_S)
    again = store.outbox.due("a")[0]
    assert (again.id, again.attempts, again.error) == (due[0].id, 1, "refused")
    store.outbox.delivered(again.id)
    assert store.outbox.due("a")[0].payload["status"] == ended.status


def test_pauses_grow_up_to_a_quarter_of_an_hour(store, clock):
    store.add(event(store), tell=["a"])
    pauses = []
    for _ in range(14):
        (message,) = store.outbox.due("a")
        store.outbox.failed(message.id, "down")
        before_s = clock.monotonic_s()
        while not store.outbox.due("a"):
            clock.advance(2.0)
        pauses.append(clock.monotonic_s() - before_s)
    assert pauses[:4] == [2.0, 4.0, 8.0, 16.0]
    assert max(pauses) == LAST_RETRY_S


def test_after_three_days_it_is_given_up_and_shown(store, clock):
    store.add(event(store), tell=["a"])
    (message,) = store.outbox.due("a")
    clock.advance(GIVE_UP_S - 1.0)
    store.outbox.failed(message.id, "x" * 10_000)
    assert store.outbox.stats() == {"waiting": 1, "dead": 0}
    clock.advance(2.0 + timedelta(seconds=LAST_RETRY_S).total_seconds())
    for _ in range(GIVE_UP_ATTEMPTS - 2):
        store.outbox.failed(message.id, "still down")
        assert store.outbox.stats() == {"waiting": 1, "dead": 0}
    store.outbox.failed(message.id, "still down")
    assert store.outbox.stats() == {"waiting": 0, "dead": 1}
    (dead,) = store.outbox.dead()
    assert (dead.id, dead.error) == (message.id, "still down")
    assert store.outbox.due("a") == []


def test_a_message_that_is_gone_cannot_fail(store):
    store.outbox.failed("no such", "x")
    assert store.outbox.stats() == {"waiting": 0, "dead": 0}


def test_what_will_never_be_taken_is_dead_at_once_and_holds_up_nothing(store):
    store.add(event(store), tell=["a"])
    store.add(event(store), tell=["a"])
    first, second = store.outbox.waiting("a")
    store.outbox.refused(first.id, "no event: " + "x" * 600)
    assert [one.id for one in store.outbox.due("a")] == [second.id]
    (dead,) = store.outbox.dead()
    assert dead.id == first.id
    assert len(dead.error) == 500
    assert store.outbox.stats() == {"waiting": 1, "dead": 1}
