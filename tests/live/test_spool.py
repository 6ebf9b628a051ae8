import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.errors import AuscultWarning, RecipeError, StoreError
from auscult.live import spool
from auscult.live.clock import FakeClock, SystemClock
from auscult.live.database import OutOfReachError
from auscult.live.spool import Spool, SpooledStore, waiting_file
from auscult.live.store import EventChange, EventStore, NoSuchEvent

from .simple import stored_event

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)

EVENT = stored_event(
    "",
    begun_at=NOON,
    explanation={"text": "brighter", "kinds": ["brighter"]},
    evidence={"level_db": [[-30.0]]},
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "waiting.sqlite"


@pytest.fixture
def kept(path):
    opened = Spool(path, clock=FakeClock())
    yield opened
    opened.close()


def change(number, *, is_new=True, **changes):
    return EventChange(event=replace(EVENT, id=f"E{number}", **changes), is_new=is_new)


def test_what_waits_for_another_place_waits_in_another_file(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    url = "postgresql://ears:a@h/auscult"
    same = [url, "postgres://ears@h/auscult", f"{url}?password=b"]
    others = ["postgresql://ears@h/other", f"{url}?options=-csearch_path%3Dfan"]
    assert len({waiting_file(one) for one in same}) == 1
    assert len({waiting_file(one) for one in (url, *others)}) == 3
    assert waiting_file(url).parent == tmp_path / "auscult"


class TestTheFile:
    def test_what_comes_first_goes_first_and_comes_back_as_it_was(self, kept):
        whole = EventChange(
            event=replace(EVENT, id="E1", ended_at=NOON + timedelta(microseconds=1)),
            is_new=False,
            tell=("a", "b"),
            heard=b"\0x",
        )
        kept.put(whole)
        kept.put(change(2))
        number, first = kept.first()
        assert first == whole
        kept.taken(number)
        assert kept.first()[1] == change(2)
        assert len(kept) == 1

    def test_it_is_there_when_the_file_is_opened_again(self, kept, path):
        kept.put(change(1))
        kept.close()
        again = Spool(path, clock=FakeClock())
        assert (len(again), again.first()[1], again.newest_name()) == (1, change(1), "E1")
        again.close()

    def test_what_a_newer_version_knows_more_of_an_event_is_left_out(self, kept):
        kept.put(change(1))
        with kept._database.begin() as connection:
            connection.exec_driver_sql(
                """UPDATE changes SET content = json_set(content, '$.mood', 'grim')"""
            )
        assert kept.first()[1] == change(1)

    def test_numbers_are_never_given_twice(self, kept):
        kept.put(change(1))
        number, _ = kept.first()
        kept.taken(number)
        kept.put(change(2))
        assert kept.first()[0] > number

    def test_the_newest_of_an_event_is_known(self, kept):
        kept.put(change(1))
        kept.put(change(2))
        kept.put(change(1, is_new=False, status="ended"))
        assert kept.newest("E1").status == "ended"
        assert kept.newest("E3") is None

    def test_what_was_refused_stays_and_holds_up_nothing(self, kept):
        kept.put(change(1))
        kept.put(change(2))
        kept.refused(kept.first()[0], "no")
        assert (kept.first()[1], len(kept), kept.newest("E1")) == (change(2), 1, None)

    def test_more_than_its_bound_is_refused_in_words(self, kept, monkeypatch):
        monkeypatch.setattr(spool, "MAX_WAITING", 2)
        kept.put(change(1))
        kept.put(change(2))
        with pytest.raises(StoreError) as caught:
            kept.put(change(3))
        assert "2 changes of events wait in" in caught.value.what
        assert "which is as many as may wait" in caught.value.what
        assert "stored as soon as it is back" in caught.value.action
        kept.taken(kept.first()[0])
        kept.put(change(3))

    def test_its_bytes_have_a_bound_too_and_those_put_aside_count(self, kept, monkeypatch):
        kept.put(change(1))
        kept.refused(kept.first()[0], "no")
        monkeypatch.setattr(spool, "MAX_WAITING_BYTES", kept._bytes + 1000)
        with pytest.raises(StoreError, match="as many as may wait"):
            kept.put(replace(change(2), heard=bytes(1000)))
        kept.put(change(3))

    def test_what_is_forgotten_is_nowhere_in_the_file(self, kept, tmp_path):
        kept.put(change(1, note="nobody shall read this"))
        kept.put(change(2))

        def traces():
            return [one for one in tmp_path.iterdir() if b"nobody shall" in one.read_bytes()]

        assert traces()
        assert kept.forget("E1")
        assert not traces()
        assert not kept.forget("E1")
        assert kept.forget()
        assert len(kept) == 0

    def test_a_time_without_its_zone_is_refused(self, kept):
        with pytest.raises(StoreError, match=r"does not take this: .* has no zone"):
            kept.put(change(1, begun_at=datetime(2030, 1, 1)))  # noqa: DTZ001
        assert len(kept) == 0

    def test_a_second_process_is_refused(self, kept, path):
        with pytest.raises(StoreError, match="is in use by another Auscult"):
            Spool(path, clock=FakeClock())

    @settings(max_examples=15)
    @given(st.lists(st.sampled_from(["put", "take", "refuse", "forget"]), max_size=25))
    def test_it_is_a_queue(self, tmp_path_factory, steps):
        kept = Spool(tmp_path_factory.mktemp("queue") / "w", clock=FakeClock())
        model, made = [], 0
        for step in steps:
            if step == "put":
                made += 1
                kept.put(change(made))
                model.append(f"E{made}")
            elif model and step == "forget":
                kept.forget(model.pop())
            elif model:
                (kept.taken if step == "take" else lambda n: kept.refused(n, "x"))(kept.first()[0])
                model.pop(0)
            assert len(kept) == len(model)
            first = kept.first()
            assert (first and first[1].event.id) == (model[0] if model else None)
        kept.close()


class Link:
    """Lets through to the database or not: as if it were away."""

    def __init__(self, store, monkeypatch):
        self.is_cut = False
        real = type(store._database).begin

        def begin(database):
            if self.is_cut:
                raise OutOfReachError("It is away.")
            return real(database)

        monkeypatch.setattr(type(store._database), "begin", begin)


@pytest.fixture
def store(postgres_url, path, monkeypatch):
    """Nothing is handed on unless it is asked to."""
    monkeypatch.setattr(spool, "_LOOK_EVERY_S", 3600.0)
    opened = SpooledStore(postgres_url(), spool=path, clock=FakeClock(NOON))
    yield opened
    opened.close()


@pytest.fixture
def link(store, monkeypatch):
    return Link(store, monkeypatch)


def new(store, **changes):
    return replace(EVENT, id=store.new_id(), **changes)


class TestWhileTheDatabaseIsAway:
    def test_what_is_stored_waits_and_goes_there_in_its_order(self, store, link):
        store.tell = ("a",)
        before = store.add(new(store))
        link.is_cut = True
        ended = store.update(replace(before, status="ended", ended_at=NOON), heard=b"trace")
        later = store.add(new(store, stream="pump"))
        assert ended.has_heard
        assert store.waiting == 2
        link.is_cut = False
        third = store.add(new(store))  # it is back, and this one waits for its turn all the same
        assert store.waiting == 3
        assert store.count() == 1
        assert store.drain() == 3
        assert store.waiting == 0
        assert [one.id for one in store.find()] == [third.id, later.id, before.id]
        assert store.get(before.id).status == "ended"
        assert store.heard([before.id]) == {before.id: b"trace"}
        told = [(one.event_id, one.payload["status"]) for one in store.outbox.waiting("a")]
        assert told == [
            (before.id, "begun"),
            (before.id, "ended"),
            (later.id, "begun"),
            (third.id, "begun"),
        ]

    def test_nothing_is_there_twice_though_it_was_handed_on_twice(self, store, link, monkeypatch):
        store.tell = ("a",)
        link.is_cut = True
        event = store.add(new(store))
        store.update(replace(event, status="ended", ended_at=NOON))
        link.is_cut = False
        with (
            monkeypatch.context() as killed
        ):  # after it was stored there, before that was noted here
            killed.setattr(
                store._spool, "taken", lambda _: (_ for _ in ()).throw(KeyboardInterrupt)
            )
            with pytest.raises(KeyboardInterrupt):
                store.drain()
        assert store.drain() == 2
        assert store.count() == 1
        assert len(store.outbox.waiting("a")) == 2

    def test_a_single_event_is_as_it_is_after_all_that_waits(self, store, link):
        link.is_cut = True
        event = store.add(new(store))
        assert store.get(event.id) == event
        with pytest.raises(OutOfReachError):
            store.get("another")
        with pytest.raises(OutOfReachError):
            store.find()

    def test_what_people_say_is_refused_and_what_they_said_stays(self, store, link):
        event = store.add(new(store))
        store.label(event.id, "normal", "a truck")
        link.is_cut = True
        store.update(replace(event, status="ended", ended_at=NOON))
        with pytest.raises(OutOfReachError):
            store.label(event.id, "anomaly")
        link.is_cut = False
        store.drain()
        kept = store.get(event.id)
        assert (kept.label, kept.note, kept.status) == ("normal", "a truck", "ended")

    def test_it_says_that_something_waits_until_nothing_does(self, store, link):
        assert store.failure() is None
        link.is_cut = True
        store.add(new(store))
        link.is_cut = False
        told = store.failure()
        assert told.startswith("Changes of events that wait for postgresql://ears@127.0.0.1")
        assert told.endswith(": 1.")
        store.drain()
        assert store.failure() is None

    def test_what_is_unknown_is_no_event_once_it_is_back(self, store, link):
        with pytest.raises(NoSuchEvent):
            store.update(new(store))
        link.is_cut = True
        store.update(new(store))
        link.is_cut = False
        assert store.drain() == 1
        assert store.count() == 0

    def test_what_it_never_takes_is_put_aside(self, store, link, caplog):
        link.is_cut = True
        store.add(new(store, windows=2**63))
        good = store.add(new(store))
        link.is_cut = False
        store.drain()
        assert [one.id for one in store.find()] == [good.id]
        assert "is put aside" in caplog.text
        assert store.waiting == 0

    def test_what_is_deleted_does_not_come_back(self, store, link):
        event = store.add(new(store))
        link.is_cut = True
        store.update(replace(event, status="ended", ended_at=NOON))
        store.add(new(store))
        with pytest.raises(OutOfReachError):
            store.delete(event.id)
        link.is_cut = False
        assert store.delete(event.id)
        assert store.waiting == 1
        assert store.delete_all() == 0
        assert store.drain() == 0
        assert store.count() == 0

    def test_when_not_even_the_file_takes_it_nothing_is_acknowledged(
        self, store, link, monkeypatch
    ):
        monkeypatch.setattr(spool, "MAX_WAITING", 1)
        link.is_cut = True
        store.add(new(store))
        with pytest.raises(StoreError, match="as many as may wait"):
            store.add(new(store))
        assert store.waiting == 1

    def test_names_go_on_rising_after_what_waits(self, store, link, postgres_url, path):
        link.is_cut = True
        before = store.add(new(store)).id
        link.is_cut = False
        store.close()
        again = SpooledStore(postgres_url(), spool=path, clock=FakeClock(NOON - timedelta(days=1)))
        assert again.new_id() > before
        assert again.drain() == 1
        assert again.moved_aside is None
        again.close()


def test_it_is_handed_on_by_itself_and_said(postgres_url, path, monkeypatch, caplog):
    monkeypatch.setattr(spool, "_LOOK_EVERY_S", 0.02)
    store = SpooledStore(postgres_url(), spool=path, clock=SystemClock())
    link = Link(store, monkeypatch)
    link.is_cut = True
    event = store.add(new(store))
    time.sleep(0.1)
    assert store.waiting == 1
    link.is_cut = False
    wait_until(lambda: store.waiting == 0)
    assert store.get(event.id) == event
    store.close()
    assert "Events wait in" in caplog.text
    assert "is back; changes of events that went there: 1." in caplog.text


def wait_until(is_so):
    end_s = time.monotonic() + 120.0
    while not is_so():
        assert time.monotonic() < end_s
        time.sleep(0.02)


def test_a_damaged_spool_is_told_of_and_moved_aside(postgres_url, path):
    path.write_bytes(b"this is no database at all" * 100)
    with pytest.warns(AuscultWarning, match=r"what waited in it for the database is missing there"):
        store = SpooledStore(postgres_url(), spool=path, clock=FakeClock())
    assert store.moved_aside.name.startswith("waiting.sqlite.damaged-")
    store.close()


def test_the_file_in_whose_place_it_stands_is_nobody_elses_meanwhile(postgres_url, path, tmp_path):
    file = tmp_path / "events.sqlite"
    store = SpooledStore(postgres_url(), spool=path, clock=FakeClock(), instead_of=file)
    with pytest.raises(StoreError, match=r"events\.sqlite is in use by another Auscult"):
        EventStore(file, clock=FakeClock())
    store.close()
    EventStore(file, clock=FakeClock()).close()


def test_where_the_database_can_not_be_opened_the_file_is_free_again(path):
    for _ in range(2):
        with pytest.raises(RecipeError):
            SpooledStore(
                "mysql://h/db", spool=path, clock=FakeClock(), instead_of=path.parent / "e"
            )


WRITER = """
import sys, time
from pathlib import Path
from auscult.live import postgres, spool
from auscult.live.clock import SystemClock
from auscult.live.spool import SpooledStore
from auscult.live.store import StoredEvent
postgres.TRY_EVERY_S, spool._LOOK_EVERY_S = 0.2, 0.1
clock = SystemClock()
store = SpooledStore(sys.argv[1], spool=Path(sys.argv[2]), clock=clock)
while True:
    event = StoredEvent(id=store.new_id(), stream="s", stream_name="S", kind="anomaly", status="begun",
                        begun_at=clock.utc(), start_s=0.0, end_s=1.0, peak_s=0.5, peak_ratio=2.0)
    store.add(event, tell=["print"])
    sys.stdout.write(event.id + "\\n")
    sys.stdout.flush()
    time.sleep(0.004)
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")
def test_what_was_acknowledged_survives_kills_of_postgres_and_of_the_writer(
    cluster, postgres_url, path
):
    url, acknowledged = postgres_url(), []
    for round_number in range(5):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, url, str(path)], stdout=subprocess.PIPE, text=True
        )
        acknowledged += [child.stdout.readline().strip() for _ in range(10 + 7 * round_number)]
        cluster.kill()
        acknowledged += [child.stdout.readline().strip() for _ in range(20)]
        cluster.start()
        if round_number == 1:  # in the other rounds the writer dies while much still waits
            acknowledged += [child.stdout.readline().strip() for _ in range(150)]
        child.send_signal(signal.SIGKILL)
        acknowledged += [line.strip() for line in child.stdout if len(line) == 27]
        child.wait(timeout=60)
        child.stdout.close()
    store = SpooledStore(url, spool=path, clock=SystemClock())
    store.drain()
    told = [one.event_id for one in store.outbox.waiting("print", limit=100_000)]
    assert len(told) == len(set(told)) == store.count()
    assert set(acknowledged) <= set(told)
    assert told == sorted(told)  # in the order of their making
    store.close()
