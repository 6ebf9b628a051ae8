"""Events reach a server in order and once, whatever happens in between; and what can't be said is told."""

import json
import logging
import shutil
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.errors import MissingExtra, NotifyError, RecipeError
from auscult.live import forward as module
from auscult.live.clock import FakeClock
from auscult.live.forward import BATCH, CHANNEL, Forwarder, device_name, ingest_url
from auscult.live.outbox import GIVE_UP_S
from auscult.live.store import EventStore

from .simple import stored_event

URL = "http://ears.local:8000"


class Server:
    """What the server does with events, and what a network does with a server."""

    def __init__(self):
        self.is_up = True
        self.loses_answers = False
        self.status = 200
        self.unfit = set()
        self.events = {}
        self.told = []
        self.requests = []

    def post(self, url, headers, body):
        self.requests.append((url, dict(headers), json.loads(body)))
        if not self.is_up:
            raise NotifyError("ears: connection refused.")
        if self.status != 200:
            return self.status
        sent = json.loads(body)["events"]
        if self.unfit & {one["id"] for one in sent}:
            return 422
        for event in sent:
            known = self.events.get(event["id"])
            if known is None or (known == "begun" and event["status"] == "ended"):
                self.events[event["id"]] = event["status"]
                self.told.append((event["id"], event["status"]))
        if self.loses_answers:
            raise NotifyError("ears did not answer within 20 s.")
        return 200


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def store(tmp_path, clock):
    opened = EventStore(tmp_path / "events.sqlite", clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def server():
    return Server()


def begun(store, clock):
    event = stored_event(
        store.new_id(), stream="mic", stream_name="microphone", begun_at=clock.utc()
    )
    return store.add(event, tell=[CHANNEL])


def ended(store, clock, event):
    return store.update(
        replace(event, status="ended", ended_at=max(clock.utc(), event.begun_at)), tell=[CHANNEL]
    )


def forwarder(store, server, clock, **options):
    return Forwarder(store, URL, device="press-3", clock=clock, post=server.post, **options)


def test_what_waits_is_sent_in_order_in_few_requests(store, server, clock):
    sent = []
    for _ in range(BATCH):
        event = begun(store, clock)
        ended(store, clock, event)
        sent += [(event.id, "begun"), (event.id, "ended")]
    assert forwarder(store, server, clock).turn() == 2 * BATCH
    assert server.told == sent
    assert len(server.requests) == 2
    assert store.outbox.stats() == {"waiting": 0, "dead": 0}
    url, headers, body = server.requests[0]
    assert url == "http://ears.local:8000/api/events/ingest"
    assert headers == {"host": "ears.local:8000", "content-type": "application/json"}
    assert body["device"] == "press-3"
    assert not {"label", "note", "labelled_at", "evidence", "clip"} & set(body["events"][0])


def test_a_key_travels_in_a_header_alone(store, server, clock):
    begun(store, clock)
    forwarder(store, server, clock, key="very secret").turn()
    ((url, headers, body),) = server.requests
    assert headers["authorization"] == "Bearer very secret"
    assert "secret" not in url + json.dumps(body)


def test_a_server_that_is_away_for_a_week_gets_all_of_it(store, server, clock, caplog):
    """Longer than after which a webhook's messages are given up."""
    sends = forwarder(store, server, clock)
    server.is_up = False
    sent = []
    for _ in range(7 * 24):
        event = begun(store, clock)
        sent.append((event.id, "begun"))
        assert sends.turn() == 0
        clock.advance(3600.0)
    assert clock.monotonic_s() > 2 * GIVE_UP_S
    assert sends.error == "ears: connection refused."
    assert len(server.requests) == 7 * 24
    server.is_up = True
    assert sends.turn() == len(sent)
    assert server.told == sent
    assert sends.error is None
    told = [record.message for record in caplog.records]
    assert told == [
        "Events wait here until the server has them. ears: connection refused.",
        "http://ears.local:8000/api/events/ingest takes events again.",
    ]


def test_while_it_is_away_it_is_asked_ever_less_often(store, server, clock):
    begun(store, clock)
    sends = forwarder(store, server, clock)
    server.is_up = False
    for _ in range(6 * 3600):
        sends.turn()
        clock.advance(1.0)
    assert 6 * 120 <= len(server.requests) <= 6 * 120 + 60


def test_an_answer_that_was_lost_is_no_second_event(store, server, clock):
    event = begun(store, clock)
    sends = forwarder(store, server, clock)
    server.loses_answers = True
    assert sends.turn() == 0
    ended(store, clock, event)
    server.loses_answers = False
    clock.advance(60.0)
    assert sends.turn() == 2
    assert server.told == [(event.id, "begun"), (event.id, "ended")]


@settings(max_examples=25)
@given(
    st.lists(
        st.sampled_from(["begin", "end", "down", "up", "deaf", "wait", "turn", "restart", "clock"]),
        max_size=40,
    )
)
def test_nothing_is_lost_nothing_comes_twice_and_order_is_kept(tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("forward")
    clock, server = FakeClock(datetime(1970, 1, 1, tzinfo=UTC)), Server()
    store = EventStore(folder / "events.sqlite", clock=clock)
    sends = forwarder(store, server, clock)
    open_ones, sent = [], []
    for step in steps:
        if step == "begin":
            open_ones.append(begun(store, clock))
            sent.append((open_ones[-1].id, "begun"))
        elif step == "end" and open_ones:
            event = ended(store, clock, open_ones.pop(0))
            sent.append((event.id, "ended"))
        elif step in {"down", "up", "deaf"}:
            server.is_up, server.loses_answers = step != "down", step == "deaf"
        elif step == "wait":
            clock.advance(45.0)
        elif step == "clock":
            clock.step_utc(60 * 365 * 86400.0 if clock.utc().year < 2000 else -3600.0)
        elif step == "turn":
            sends.turn()
        elif step == "restart":
            store.close()
            store = EventStore(folder / "events.sqlite", clock=clock)
            sends = forwarder(store, server, clock)
    server.is_up, server.loses_answers = True, False
    clock.advance(120.0)
    sends.turn()
    assert server.told == sent
    assert store.outbox.stats() == {"waiting": 0, "dead": 0}
    store.close()
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "answers 401: it does not take this key: see AUSCULT_FORWARD_KEY."),
        (403, "answers 403: it is not called by a name of its own"),
        (404, "answers 404: nothing there takes events"),
        (503, "answers 503: try later."),
        (302, "answers 302: try later."),
    ],
)
def test_what_another_answer_means_is_told_once_and_nothing_is_lost(  # noqa: PLR0917
    store, server, clock, caplog, status, words
):
    begun(store, clock)
    server.status = status
    sends = forwarder(store, server, clock)
    for _ in range(5):
        assert sends.turn() == 0
        clock.advance(40.0)
    assert len(server.requests) == 5
    assert words in sends.error
    assert len(caplog.records) == 1
    server.status = 200
    assert sends.turn() == 1


def test_one_that_the_server_never_takes_is_set_aside_and_the_others_go_on(
    store, server, clock, caplog
):
    made = [begun(store, clock) for _ in range(11)]
    server.unfit = {made[4].id}
    forwarder(store, server, clock).turn()
    assert server.told == [(one.id, "begun") for one in made if one is not made[4]]
    (dead,) = store.outbox.dead()
    assert (dead.event_id, dead.error) == (made[4].id, "The server answers 422.")
    assert f"does not take event {made[4].id}" in caplog.text
    assert store.count() == 11


def test_space_is_bounded_the_oldest_give_way_and_are_counted(
    store, server, clock, caplog, tmp_path
):
    """A server that is away for ever: the file stops growing."""
    server.is_up = False
    sends = forwarder(store, server, clock, kept_events=50)
    sizes = []
    for _ in range(10):
        for _ in range(50):
            begun(store, clock)
        clock.advance(61.0)
        sends.turn()
        sizes.append((tmp_path / "events.sqlite").stat().st_size)
    assert store.count() == 50
    assert max(sizes[4:]) <= 1.1 * sizes[3]
    assert "50 events gave way to newer ones, 50 of them before the server had them" in caplog.text
    newest = [one.id for one in store.find()]
    server.is_up = True
    clock.advance(60.0)
    sends.turn()
    assert [one for one, _ in server.told] == newest[::-1]


def test_what_was_delivered_gives_way_without_a_word(store, server, clock, caplog):
    sends = forwarder(store, server, clock, kept_events=10)
    for _ in range(30):
        begun(store, clock)
    sends.turn()
    clock.advance(61.0)
    sends.turn()
    assert store.count() == 10
    assert caplog.records == []


def test_a_thread_sends_and_ends(store, server, clock, monkeypatch, wait_for):
    monkeypatch.setattr(module, "LOOK_EVERY_S", 0.01)
    sends = forwarder(store, server, clock)
    sends.start()
    begun(store, clock)
    wait_for(lambda: server.told)
    sends.close()
    begun(store, clock)
    assert sends.waiting() == 1
    assert len(server.told) == 1


def test_a_store_that_fails_is_told_once_and_asked_again(  # noqa: PLR0917
    store, server, clock, monkeypatch, caplog, wait_for
):
    from auscult.errors import StoreError

    monkeypatch.setattr(module, "LOOK_EVERY_S", 0.005)
    asked = []

    def broken():
        asked.append(1)
        raise StoreError("The disk is full.", "space", "Make room.")

    sends = forwarder(store, server, clock)
    monkeypatch.setattr(sends, "turn", broken)
    with caplog.at_level(logging.WARNING):
        sends.start()
        wait_for(lambda: len(asked) > 3)
        sends.close()
    assert [record.message for record in caplog.records] == [
        "What is to be forwarded can't be read: The disk is full. Expected: space. Make room."
    ]


@pytest.fixture
def wait_for():
    import time

    def wait(is_so):
        end = time.monotonic() + 60.0
        while not is_so():
            assert time.monotonic() < end
            time.sleep(0.005)

    return wait


@pytest.mark.parametrize(
    "url",
    ["ears", "ftp://ears", "http://", "http://ears:port", "https://ears/?a=1", "http://ears/#a"],
)
def test_what_is_no_address_is_told(url):
    with pytest.raises(RecipeError, match="is no server's address"):
        ingest_url(url)


def test_a_password_in_an_address_is_refused_and_not_repeated():
    with pytest.raises(RecipeError, match="AUSCULT_FORWARD_KEY") as error:
        ingest_url("https://me:secret@ears")
    assert "me:secret" not in str(error.value)


def test_names_of_the_whole_world_are_written_as_the_wire_wants_them():
    assert ingest_url("http://bücher.example:81") == (
        "http://xn--bcher-kva.example:81/api/events/ingest"
    )


def test_a_machine_is_called_by_its_host_unless_it_is_named(monkeypatch):
    monkeypatch.setattr(module, "gethostname", lambda: "pi-7.local")
    assert device_name() == "pi-7.local"
    assert device_name("日本 7") == "7"
    assert len(device_name("x" * 99)) == 40
    with pytest.raises(RecipeError, match="can't be a machine's name"):
        device_name("日本")


def test_what_is_not_installed_is_told(store, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "auscult.live.notify.calling", None)
    monkeypatch.delattr("auscult.live.notify.calling", raising=False)
    with pytest.raises(MissingExtra, match=r"auscult\[edge\]"):
        Forwarder(store, URL)
