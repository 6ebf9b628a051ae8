import os
import pickle
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from auscult.errors import AuscultWarning, StoreError
from auscult.live.clock import FakeClock
from auscult.live.spool import SpooledStore
from auscult.live.store import EventStore, Ids, NoSuchEvent, StoredEvent

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)

EVENT = StoredEvent(
    id="",
    stream="fan",
    stream_name="Fan in hall 2",
    kind="anomaly",
    status="begun",
    begun_at=NOON,
    start_s=3.0,
    end_s=5.0,
    peak_s=4.0,
    peak_ratio=1.8,
    limit=12.5,
    rule="sudden",
    windows=2,
    bundle="fan",
    bundle_id="3f2a9c0d1e4b",
    explanation={"text": "3.0-5.0 s, 2.8 kHz-3.2 kHz: brighter.", "kinds": ["brighter"]},
    evidence={"bands_hz": [100.0], "level_db": [[-30.0]]},
)


@pytest.fixture
def clock():
    return FakeClock(NOON)


@pytest.fixture
def store(open_store, clock):
    return open_store(clock)


@pytest.fixture
def file_store(tmp_path, clock):
    opened = EventStore(tmp_path / "events.sqlite", clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def filled(store, clock):
    """Six events, a minute apart, on two streams."""
    for number in range(6):
        clock.advance(60.0)
        store.add(
            replace(
                EVENT,
                id=store.new_id(),
                stream=("fan", "pump")[number % 2],
                stream_name=("Fan in hall 2", "Pump 100%")[number % 2],
                kind=("anomaly", "louder")[number > 3],
                begun_at=clock.utc(),
            )
        )
    return store


class TestIds:
    def test_they_sort_in_the_order_of_their_making_though_the_clock_goes_back(self, clock):
        ids = Ids(clock)
        made = []
        for _ in range(200):
            made.append(ids.new())
            clock.step_utc(-5.0 if len(made) % 3 else 11.0)
        assert made == sorted(set(made))
        assert {len(one) for one in made} == {26}


class TestAnEvent:
    def test_it_comes_back_as_it_was(self, store):
        event = store.add(replace(EVENT, id=store.new_id()))
        assert store.get(event.id) == event

    def test_adding_it_twice_stores_it_once(self, store):
        event = store.add(replace(EVENT, id=store.new_id()))
        assert store.add(replace(event, peak_ratio=9.0)) == event
        assert store.count() == 1

    def test_what_became_of_it_keeps_what_people_said(self, store, clock):
        event = store.add(replace(EVENT, id=store.new_id()))
        store.label(event.id, "unsure", "a bang?")
        ended = replace(event, status="ended", ended_at=NOON + timedelta(seconds=9), windows=7)
        assert store.update(ended) == replace(
            ended, label="unsure", note="a bang?", labelled_at=clock.utc()
        )
        assert store.get(event.id).windows == 7

    def test_names_go_on_rising_after_a_start_with_the_clock_set_back(self, open_store, clock):
        first = open_store(clock)
        before = first.add(replace(EVENT, id=first.new_id())).id
        first.close()
        clock.step_utc(-86400.0)
        assert open_store(clock).new_id() > before

    def test_a_damaged_file_is_told_of(self, tmp_path, clock):
        (tmp_path / "e.sqlite").write_bytes(b"this is no database at all" * 100)
        with pytest.warns(AuscultWarning, match="could not be read. It was moved to"):
            opened = EventStore(tmp_path / "e.sqlite", clock=clock)
        opened.close()

    def test_a_label_can_be_taken_back(self, store):
        event = store.add(replace(EVENT, id=store.new_id()))
        assert store.label(event.id, "normal", "truck").label == "normal"
        undone = store.label(event.id, None)
        assert (undone.label, undone.labelled_at, undone.note) == (None, None, "truck")

    def test_an_unknown_label_or_event_is_refused(self, store):
        event = store.add(replace(EVENT, id=store.new_id()))
        with pytest.raises(
            StoreError, match=r"'bad' is no label. Expected: one of normal, anomaly"
        ):
            store.label(event.id, "bad")
        for change in (lambda: store.label("no", "normal"), lambda: store.update(EVENT)):
            with pytest.raises(StoreError, match="There is no event"):
                change()

    def test_it_is_gone_when_it_was_deleted_and_so_are_its_messages(self, store):
        event = store.add(replace(EVENT, id=store.new_id()), tell=["webhook:a"])
        assert store.outbox.stats()["waiting"] == 1
        assert store.delete(event.id)
        assert not store.delete(event.id)
        assert store.get(event.id) is None
        assert store.outbox.stats()["waiting"] == 0

    def test_it_is_there_when_the_store_is_opened_again(self, open_store, clock):
        first = open_store(clock)
        event = first.add(replace(EVENT, id=first.new_id()))
        first.close()
        assert open_store(clock).find() == [event]

    def test_what_is_no_number_is_stored_as_nothing(self, store):
        told = store.add(replace(EVENT, id=store.new_id(), evidence={"level_db": [float("-inf")]}))
        assert store.get(told.id).evidence == {"level_db": [None]}

    def test_a_time_without_its_zone_is_refused_and_the_store_goes_on(self, store):
        naive = replace(EVENT, id=store.new_id(), begun_at=datetime(2030, 1, 1))  # noqa: DTZ001
        with pytest.raises(StoreError, match=r"does not take this: .* has no zone"):
            store.add(naive)
        assert store.add(replace(EVENT, id=store.new_id())).id

    def test_nothing_of_a_deleted_one_is_left_in_the_file(self, file_store, tmp_path):
        store = file_store
        told = store.add(replace(EVENT, id=store.new_id(), stream_name="nobody shall read this"))

        def traces():
            return [one for one in tmp_path.iterdir() if b"nobody shall" in one.read_bytes()]

        assert traces()
        assert store.delete(told.id)
        assert not traces()

    def test_one_that_is_gone_has_an_error_of_its_own_that_travels(self):
        error = pickle.loads(pickle.dumps(NoSuchEvent("x" * 500)))
        assert isinstance(error, NoSuchEvent)
        assert "x" * 64 in str(error)
        assert "x" * 65 not in str(error)


class TestTelling:
    """In the transaction of what it tells: who is told by default, and of what."""

    def test_of_the_beginning_and_of_the_end_and_of_nothing_else(self, store):
        store.tell = ("a", "b")
        event = store.add(replace(EVENT, id=store.new_id()))
        assert store.outbox.stats()["waiting"] == 2
        store.label(event.id, "normal")
        store.update(replace(event, clip="x.wav"))
        assert store.outbox.stats()["waiting"] == 2
        store.update(replace(event, status="ended", ended_at=NOON))
        assert [one.payload["status"] for one in store.outbox.waiting("b")] == ["begun", "ended"]

    def test_who_is_named_is_told_instead(self, store):
        store.tell = ("a",)
        store.add(replace(EVENT, id=store.new_id()), tell=["c"])
        assert (len(store.outbox.waiting("a")), len(store.outbox.waiting("c"))) == (0, 1)

    def test_of_what_began_while_it_is_silenced_nothing_is_told_but_it_is_kept(self, store, clock):
        store.tell, store.is_silenced = ("a",), lambda began: began < NOON + timedelta(hours=1)
        during = store.add(replace(EVENT, id=store.new_id()))
        clock.advance(7200.0)
        store.update(replace(during, status="ended", ended_at=clock.utc()))
        assert store.outbox.stats()["waiting"] == 0
        assert store.get(during.id).status == "ended"
        store.add(replace(EVENT, id=store.new_id(), begun_at=clock.utc()))
        assert store.outbox.stats()["waiting"] == 1


class TestKeepingTheNewest:
    """So that a disk never fills; by the order of storing, whatever the clock said."""

    @pytest.mark.parametrize(("number", "gone"), [(1, 5), (4, 2), (6, 0), (100, 0)])
    def test_so_many_stay(self, filled, number, gone):
        newest = filled.find()[:number]
        assert filled.keep_newest(number) == (gone, 0)
        assert filled.find() == newest

    def test_those_whose_message_has_not_arrived_are_counted(self, store, clock):
        made = [store.add(replace(EVENT, id=store.new_id()), tell=["a", "b"]) for _ in range(4)]
        store.update(replace(made[1], status="ended", ended_at=NOON), tell=["a"])
        delivered = [one for one in store.outbox.waiting("a") if one.event_id == made[0].id]
        store.outbox.delivered(*(one.id for one in delivered))
        store.outbox.delivered(store.outbox.waiting("b")[0].id)
        assert store.keep_newest(2) == (2, 1)
        assert {one.event_id for one in store.outbox.waiting("a")} == {made[2].id, made[3].id}

    def test_a_clock_that_was_set_back_changes_nothing(self, store, clock):
        first = store.add(replace(EVENT, id=store.new_id()))
        clock.step_utc(-60 * 365 * 86400.0)
        second = store.add(replace(EVENT, id=store.new_id(), begun_at=clock.utc()))
        assert store.keep_newest(1) == (1, 0)
        assert [one.id for one in store.find()] == [second.id] != [first.id]


class TestFinding:
    def test_newest_come_first_and_pages_follow_one_another(self, filled):
        everything = filled.find()
        assert [one.begun_at for one in everything] == sorted(
            (one.begun_at for one in everything), reverse=True
        )
        pages = filled.find(limit=4)
        pages += filled.find(limit=4, before_id=pages[-1].id)
        assert pages == everything

    @pytest.mark.parametrize(
        ("which", "n"),
        [
            ({}, 6),
            ({"stream": "fan"}, 3),
            ({"kind": "louder"}, 2),
            ({"kind": "louder", "stream": "pump"}, 1),
            ({"since": NOON + timedelta(minutes=3)}, 4),
            ({"until": NOON + timedelta(minutes=3)}, 2),
            ({"label": "none"}, 6),
            ({"label": "normal"}, 0),
            ({"text": "HALL"}, 3),
            ({"text": "brighter"}, 6),
            ({"text": "100%"}, 3),
            ({"text": "1_0"}, 0),
            ({"text": "%"}, 3),
        ],
    )
    def test_only_what_fits_is_found_and_counted(self, filled, which, n):
        assert len(filled.find(**which)) == n
        assert filled.count(**which) == n

    def test_labels_are_counted(self, filled):
        first, second, *_ = filled.find()
        filled.label(first.id, "normal")
        filled.label(second.id, "anomaly", "belt")
        assert filled.stats() == {"normal": 1, "anomaly": 1, "unsure": 0, "none": 4}
        assert filled.find(text="belt") == [filled.get(second.id)]


class TestRetention:
    def test_all_of_them_go(self, store):
        for _ in range(3):
            store.add(replace(EVENT, id=store.new_id()), tell=["a"])
        assert store.delete_all() == 3
        assert (store.count(), store.outbox.stats()["waiting"], store.delete_all()) == (0, 0, 0)

    def test_nothing_of_them_is_left_in_the_file(self, file_store, tmp_path):
        for n in range(3):
            new = replace(EVENT, id=file_store.new_id(), note=f"nobody shall {n}")
            file_store.add(new, tell=["a"])
        assert file_store.delete_all() == 3
        assert not [one for one in tmp_path.iterdir() if b"nobody shall" in one.read_bytes()]

    def test_old_ones_go(self, filled, clock):
        assert filled.delete_before(NOON + timedelta(minutes=3)) == 2
        assert filled.count() == 4

    def test_a_clock_that_was_set_deletes_nothing_on_its_word_alone(self, filled, clock):
        filled.delete_before(NOON)
        clock.step_utc(90 * 86400.0)
        assert filled.delete_before(clock.utc() - timedelta(days=30)) == 0
        assert filled.count() == 6
        clock.advance(60.0)
        assert filled.delete_before(clock.utc() - timedelta(days=30)) == 0
        clock.advance(3600.0)
        assert filled.delete_before(clock.utc() - timedelta(days=30)) == 6


class Model(RuleBasedStateMachine):
    """The store against a dictionary."""

    @initialize()
    def open(self):
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.clock = FakeClock(NOON)
        self.store = self.opened()
        self.model = {}

    def opened(self):
        return EventStore(f"{self.folder.name}/s.sqlite", clock=self.clock)

    @rule(stream=st.sampled_from("ab"), seconds=st.floats(0.0, 100.0))
    def add(self, stream, seconds):
        self.clock.advance(seconds)
        event = replace(EVENT, id=self.store.new_id(), stream=stream, begun_at=self.clock.utc())
        self.model[event.id] = self.store.add(event)

    @rule(data=st.data(), label=st.sampled_from(["normal", "anomaly", "unsure", None]))
    def label(self, data, label):
        if self.model:
            chosen = data.draw(st.sampled_from(sorted(self.model)))
            self.model[chosen] = self.store.label(chosen, label)

    @rule(data=st.data())
    def delete(self, data):
        if self.model:
            chosen = data.draw(st.sampled_from(sorted(self.model)))
            assert self.store.delete(chosen)
            del self.model[chosen]

    @rule()
    def reopen(self):
        self.store.close()
        self.store = self.opened()

    @invariant()
    def agrees(self):
        if hasattr(self, "model"):
            newest = sorted(self.model.values(), key=lambda one: one.id, reverse=True)
            assert self.store.find(limit=1000) == newest
            assert self.store.count(stream="a") == sum(one.stream == "a" for one in newest)

    def teardown(self):
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()


TestModel = Model.TestCase
TestModel.settings = settings(max_examples=10, stateful_step_count=20, deadline=None)


class PostgresModel(Model):
    """The same in Postgres, where each run finds what the one before has left deleted."""

    url = None

    def opened(self):
        spool = Path(self.folder.name) / "waiting.sqlite"
        store = SpooledStore(self.url, spool=spool, clock=self.clock)
        if not hasattr(self, "store"):
            store.delete_all()
        return store


@pytest.fixture
def postgres_model(postgres_url):
    PostgresModel.url = postgres_url()


TestPostgresModel = pytest.mark.usefixtures("postgres_model")(PostgresModel.TestCase)
TestPostgresModel.settings = settings(max_examples=5, stateful_step_count=20, deadline=None)

WRITER = """
import sys
from dataclasses import replace
from auscult.live.clock import SystemClock
from auscult.live.store import EventStore, StoredEvent
store = EventStore(sys.argv[1], clock=SystemClock())
while True:
    event = StoredEvent(id=store.new_id(), stream="s", stream_name="S", kind="anomaly", status="begun",
                        begun_at=SystemClock().utc(), start_s=0.0, end_s=1.0, peak_s=0.5, peak_ratio=2.0)
    store.add(event, tell=["print"])
    sys.stdout.write(event.id + "\\n")
    sys.stdout.flush()
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")
def test_what_was_acknowledged_survives_kill_9(tmp_path, clock):
    path = tmp_path / "events.sqlite"
    acknowledged = set()
    for round_number in range(5):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(20 + 7 * round_number):
            acknowledged.add(child.stdout.readline().strip())
        child.send_signal(signal.SIGKILL)
        acknowledged |= {line.strip() for line in child.stdout if len(line) == 27}
        child.wait(timeout=60)
        child.stdout.close()
    store = EventStore(path, clock=clock)
    assert store.moved_aside is None
    kept = {event.id for event in store.find(limit=1000)}
    assert acknowledged <= kept
    assert store.outbox.stats()["waiting"] == len(kept)
    store.close()


def new(store):
    return replace(EVENT, id=store.new_id())


def test_how_it_was_heard_is_kept_of_the_newest_only(store, monkeypatch):
    monkeypatch.setattr("auscult.live.store.MAX_HEARD", 2)
    ids = [store.add(new(store), heard=bytes([n])).id for n in range(3)]
    assert store.heard(ids) == {ids[1]: b"\1", ids[2]: b"\2"}
    assert [store.get(one).has_heard for one in ids] == [False, True, True]
    store.update(replace(store.get(ids[2]), status="ended"), heard=b"more")
    store.update(replace(store.get(ids[1]), status="ended"))
    assert store.heard(ids) == {ids[1]: b"\1", ids[2]: b"more"}
    store.delete(ids[2])
    assert store.heard(ids) == {ids[1]: b"\1"}


def test_what_was_real_has_a_name_and_nothing_else(store):
    first, second, third = (store.add(new(store), heard=b"x").id for _ in range(3))
    assert store.label(first, "anomaly", name="bearing").name == "bearing"
    store.label(second, "anomaly", name="belt")
    store.label(third, "anomaly", name="bearing")
    assert store.names() == ["bearing", "belt"]
    assert [one.id for one in store.named(2)] == [third, second]
    store.update(replace(store.get(first), name="lost", status="ended"))
    assert store.get(first).name == "bearing"
    assert store.label(first, "anomaly", note="seen").name == "bearing"
    assert store.label(first, "normal").name == ""


def test_an_older_store_is_brought_up_to_date(tmp_path):
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine

    path = tmp_path / "old.sqlite"
    config = Config()
    config.set_main_option("script_location", "auscult.live:migrations")
    with create_engine(f"sqlite:///{path}").begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(
            "INSERT INTO events (id, stream, stream_name, kind, status, begun_at, start_s, end_s, peak_s, peak_ratio,"
            " rule, windows, suppressed, bundle, bundle_id, note)"
            " VALUES ('A', 'fan', 'Fan', 'anomaly', 'ended', 0, 0, 1, 0, 1.5, 'sudden', 1, 0, '', '', 'old')"
        )
    store = EventStore(path, clock=FakeClock())
    old = store.get("A")
    assert (old.note, old.name, old.silenced, old.has_heard) == ("old", "", None, False)
    assert (tmp_path / "old.sqlite.before-0001").is_file()
    store.close()
