import pytest
from tests.live.simple import stored_event

from auscult.errors import NotifyError, StoreError
from auscult.live.clock import FakeClock
from auscult.live.notify.dispatcher import MESSAGES_A_MINUTE, Dispatcher
from auscult.live.store import EventStore


class Receiver:
    def __init__(self, name="a"):
        self.name = name
        self.got = []
        self.is_down = False
        self.is_closed = False

    def send(self, message_id, payload):
        if self.is_down:
            raise NotifyError("down")
        self.got.append((message_id, payload))

    def close(self):
        self.is_closed = True


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def store(tmp_path, clock):
    opened = EventStore(tmp_path / "events.sqlite", clock=clock)
    yield opened
    opened.close()


def add(store, n=1, tell=("a",), **changes):
    return [store.add(stored_event(store.new_id(), **changes), tell=tell) for _ in range(n)]


def test_what_is_due_arrives_once_and_in_order(store, clock):
    receiver = Receiver()
    dispatcher = Dispatcher(store.outbox, [receiver], clock=clock)
    events = add(store, 3)
    assert dispatcher.send_due() == 3
    assert [payload["id"] for _, payload in receiver.got] == [one.id for one in events]
    assert dispatcher.send_due() == 0


def test_a_receiver_that_is_down_gets_it_later_under_the_same_id_and_delays_no_other(store, clock):
    down, up = Receiver("a"), Receiver("b")
    down.is_down = True
    dispatcher = Dispatcher(store.outbox, [down, up], clock=clock)
    add(store, 2, tell=("a", "b"))
    assert dispatcher.send_due() == 2
    assert len(up.got) == 2
    (waiting, _) = store.outbox.waiting("a")
    down.is_down = False
    assert dispatcher.send_due() == 0
    clock.advance(5.0)
    assert dispatcher.send_due() == 2
    assert down.got[0][0] == waiting.id


def test_a_storm_becomes_a_few_messages_and_a_summary_and_nothing_is_missing(store, clock):
    receiver = Receiver()
    dispatcher = Dispatcher(store.outbox, [receiver], clock=clock)
    add(store, 40)
    add(store, 30, stream="pump", stream_name="Pump")
    assert dispatcher.send_due() == MESSAGES_A_MINUTE
    clock.advance(30.0)
    assert dispatcher.send_due() == 0
    clock.advance(31.0)
    dispatcher.send_due()
    *sent, (summary_id, summary) = receiver.got
    assert len(sent) == MESSAGES_A_MINUTE
    assert {name: summary[name] for name in ("type", "messages", "streams")} == {
        "type": "summary",
        "messages": 60,
        "streams": ["Fan", "Pump"],
    }
    # Who hears of an event only by the summary must know of it what there is to do.
    assert len(summary["events"]) == 60
    assert summary["events"][0].keys() == {"id", "stream", "stream_name", "kind", "status"}
    assert summary_id.startswith("summary-")
    assert store.outbox.stats()["waiting"] == 0


def test_a_summary_that_does_not_arrive_is_tried_again(store, clock):
    receiver = Receiver()
    dispatcher = Dispatcher(store.outbox, [receiver], clock=clock)
    add(store, 40)
    dispatcher.send_due()
    receiver.is_down = True
    clock.advance(61.0)
    assert dispatcher.send_due() == 0
    assert store.outbox.stats()["waiting"] == 40 - MESSAGES_A_MINUTE
    receiver.is_down = False
    clock.advance(61.0)
    dispatcher.send_due()
    assert receiver.got[-1][1]["messages"] == 40 - MESSAGES_A_MINUTE


def test_threads_send_and_end(store, clock, monkeypatch):
    import threading

    arrived = threading.Event()
    receiver = Receiver()
    monkeypatch.setattr(receiver, "send", lambda *_: arrived.set())
    monkeypatch.setattr("auscult.live.notify.dispatcher.LOOK_EVERY_S", 0.01)
    dispatcher = Dispatcher(store.outbox, [receiver], clock=clock)
    add(store)
    dispatcher.start()
    assert arrived.wait(60.0)
    dispatcher.close()
    assert receiver.is_closed
    assert not [one for one in threading.enumerate() if one.name == "to a"]


def test_a_store_that_cannot_be_read_for_a_while_ends_no_thread(store, clock, monkeypatch, caplog):
    import threading

    arrived = threading.Event()
    receiver = Receiver()
    monkeypatch.setattr(receiver, "send", lambda *_: arrived.set())
    monkeypatch.setattr("auscult.live.notify.dispatcher.LOOK_EVERY_S", 0.01)
    add(store)
    due, failures = store.outbox.due, [3]

    def sometimes(channel, **more):
        if failures[0]:
            failures[0] -= 1
            raise StoreError("locked", "free", "wait")
        return due(channel, **more)

    monkeypatch.setattr(store.outbox, "due", sometimes)
    dispatcher = Dispatcher(store.outbox, [receiver], clock=clock)
    dispatcher.start()
    assert arrived.wait(60.0)
    dispatcher.close()
    assert "The outbox can't be read" in caplog.text


def test_two_channels_of_one_name_are_one(store, clock):
    first, second = Receiver("a"), Receiver("a")
    dispatcher = Dispatcher(store.outbox, [first, second], clock=clock)
    add(store, 3)
    assert dispatcher.send_due() == 3
    assert (len(first.got), len(second.got)) == (3, 0)
    dispatcher.close()
    assert first.is_closed
    assert second.is_closed


def test_in_quiet_hours_messages_wait_and_then_arrive_as_one(store, clock):
    quiet, open_ = Receiver("a"), Receiver("b")
    is_night = True
    dispatcher = Dispatcher(
        store.outbox,
        [quiet, open_],
        clock=clock,
        is_held=lambda name: is_night and name == "a",
    )
    add(store, 12, tell=("a", "b"))
    dispatcher.send_due()
    assert quiet.got == []
    assert len(open_.got) == MESSAGES_A_MINUTE
    clock.advance(8 * 3600.0)
    assert len(store.outbox.waiting("a")) == 12
    is_night = False
    dispatcher.send_due()
    ((name, told),) = quiet.got
    assert name.startswith("summary-")
    assert (told["messages"], len(told["events"])) == (12, 12)
    assert store.outbox.waiting("a") == []


def test_few_that_waited_through_the_night_arrive_one_by_one(store, clock):
    receiver = Receiver()
    is_night = True
    dispatcher = Dispatcher(store.outbox, [receiver], clock=clock, is_held=lambda _: is_night)
    events = add(store, 3)
    assert dispatcher.send_due() == 0
    clock.advance(1.0)
    is_night = False
    assert dispatcher.send_due() == 3
    assert [payload["id"] for _, payload in receiver.got] == [one.id for one in events]
