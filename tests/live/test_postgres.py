import os
import signal
import sys
import time

import pytest
from sqlalchemy import select, text

from auscult.errors import MissingExtra, RecipeError, StoreError
from auscult.live import postgres
from auscult.live.clock import FakeClock
from auscult.live.database import OutOfReachError
from auscult.live.postgres import PostgresDatabase, parsed, shown


@pytest.fixture
def open_it(postgres_url):
    made = []

    def opened(name="events", *, clock=None, url=None):
        made.append(PostgresDatabase(url or postgres_url(name), clock=clock or FakeClock()))
        return made[-1]

    yield opened
    for one in made:
        one.close()


@pytest.fixture
def table(open_it):
    """A database with one table, `t`."""
    opened = open_it()
    with opened.begin() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER UNIQUE, said TEXT)"))
    return opened


def insert(opened, n, said=""):
    with opened.begin() as connection:
        connection.execute(text("INSERT INTO t VALUES (:n, :said)"), {"n": n, "said": said})


def rows(opened):
    with opened.begin() as connection:
        return connection.execute(text("SELECT n, said FROM t ORDER BY n")).all()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mysql://h/db",
        "sqlite:///x",
        "postgresql",
        "postgresql://u:s3cret@h:port/db",
        "postgresql://u:s3cret@and-more@h/db",
    ],
)
def test_what_is_no_address_is_told_without_showing_it(url):
    with pytest.raises(RecipeError) as caught:
        parsed(url)
    assert "postgresql://USER:PASSWORD@HOST:PORT/NAME" in str(caught.value)
    assert "AUSCULT_DATABASE" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_where_it_is_is_shown_without_secrets():
    url = parsed("postgresql://ears:s3cret@h/auscult?password=s3cret&sslmode=require")
    assert shown(url) == "postgresql://ears@h/auscult"
    assert shown(parsed("postgresql:///auscult")) == "postgresql:///auscult"


def test_without_its_driver_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtra, match=r"pip install 'auscult\[postgres\]'"):
        PostgresDatabase("postgresql://h/db", clock=FakeClock())


def test_a_server_that_is_away_at_the_start_is_told_in_three_beats(unused):
    with pytest.raises(OutOfReachError) as caught:
        PostgresDatabase(f"postgresql://ears:s3cret@127.0.0.1:{unused}/db", clock=FakeClock())
    assert "Connection refused" in caught.value.what
    assert caught.value.what.startswith(f"postgresql://ears@127.0.0.1:{unused}/db can't be reached")
    assert "a Postgres server that answers" in caught.value.expected
    assert "--database" in caught.value.action
    assert "s3cret" not in str(caught.value)


@pytest.fixture
def unused():
    import socket

    with socket.socket() as bound:  # not listening, and nobody else gets it
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def test_a_wrong_password_is_told_and_not_shown(postgres_url):
    wrong = postgres_url().replace("ears:", "ears:wrong-", 1)
    with pytest.raises(
        OutOfReachError, match='password authentication failed for user "ears"'
    ) as caught:
        PostgresDatabase(wrong, clock=FakeClock())
    assert "wrong-" not in str(caught.value)


def test_a_transaction_is_there_whole_or_not_at_all(table):
    def half_way():
        with table.begin() as connection:
            connection.execute(text("INSERT INTO t VALUES (1, '')"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_way()
    assert rows(table) == []


def test_committed_means_on_the_disk_whatever_the_default_is(cluster, open_it):
    cluster.execute("ALTER ROLE ears SET synchronous_commit = off")
    try:
        with open_it().begin() as connection:
            assert connection.execute(text("SHOW synchronous_commit")).scalar_one() == "on"
    finally:
        cluster.execute("ALTER ROLE ears RESET synchronous_commit")


def test_who_comes_second_is_refused_until_the_first_has_gone(open_it, monkeypatch):
    quick = [one.replace("'3s'", "'100ms'") for one in postgres._SETTING_UP]
    monkeypatch.setattr(postgres, "_SETTING_UP", quick)
    first = open_it()
    with pytest.raises(StoreError, match="is in use by another Auscult") as caught:
        open_it()
    assert "Stop the other one" in str(caught.value)
    open_it("another schema of the same database")
    first.close()
    open_it()


def test_a_table_that_others_hold_is_waited_for_a_moment(table, postgres_url):
    import psycopg

    with table.begin() as connection:
        connection.execute(text("SELECT set_config('lock_timeout', '50ms', false)"))
    with psycopg.connect(postgres_url()) as other:
        other.execute("LOCK TABLE t")
        with pytest.raises(OutOfReachError, match="canceling statement due to lock timeout"):
            insert(table, 1)
    table._clock.advance(2.0)
    insert(table, 1)


def test_what_it_does_not_take_says_nothing_of_the_server(table):
    insert(table, 1)
    with pytest.raises(StoreError, match="does not take this: duplicate key") as caught:
        insert(table, 1)
    assert not isinstance(caught.value, OutOfReachError)
    with pytest.raises(StoreError, match=r"does not take this: .*out of range"):
        insert(table, 2**40)
    with pytest.raises(StoreError, match=r"does not take this: .*surrogates not allowed"):
        insert(table, 2, "half \ud800 a character")
    assert table.failure() is None


def test_what_it_has_no_place_for_becomes_a_mark(table):
    insert(table, 1, "a\0b")
    assert rows(table) == [(1, "a\ufffdb")]
    read = postgres._readable_json({"a\0": ["x\ud800", "😀", 1.0, ("\\u0000",)]})
    with table.begin() as connection:
        found = connection.execute(
            text("SELECT CAST(:read AS JSON) -> :key ->> 0"), {"read": read, "key": "a\ufffd"}
        )
        assert found.scalar_one() == "x?"
        found = connection.execute(
            text("SELECT CAST(:read AS JSONB) #>> '{}'"), {"read": read}
        ).scalar_one()
    assert "😀" in found
    assert "\\\\u0000" in found


def test_a_server_that_was_started_again_is_not_noticed(cluster, table):
    insert(table, 1)
    cluster.kill()
    cluster.start()
    insert(table, 2)
    assert len(rows(table)) == 2


def test_while_it_is_away_nobody_waits_and_it_is_asked_again_every_two_seconds(
    cluster, table, monkeypatch
):
    asked = []
    real = PostgresDatabase._set_up
    monkeypatch.setattr(PostgresDatabase, "_set_up", lambda *given: (asked.append(1), real(*given)))
    cluster.kill()
    try:
        with pytest.raises(OutOfReachError, match="can't be reached or used"):
            rows(table)
        begin_s = time.monotonic()
        for _ in range(100):
            with pytest.raises(OutOfReachError, match="can't be reached or used"):
                rows(table)
        assert time.monotonic() - begin_s < 10.0  # each would wait for seconds
        assert "can't be reached or used" in table.failure()
        assert asked == []
    finally:
        cluster.start()
    assert table.failure() is not None  # it was asked just now
    table._clock.advance(2.0)
    assert table.failure() is None
    assert rows(table) == []


def test_one_that_only_reads_is_no_place_to_write_to(cluster, table):
    cluster.execute("ALTER ROLE ears SET default_transaction_read_only = on")
    try:
        cluster.kill()
        cluster.start()
        with pytest.raises(OutOfReachError, match="read-only"):
            rows(table)
    finally:
        cluster.execute(
            "SET transaction_read_only = off; ALTER ROLE ears RESET default_transaction_read_only"
        )


@pytest.mark.skipif(os.name != "posix", reason="SIGSTOP is POSIX")
def test_one_that_stands_still_is_hung_up_on(cluster, postgres_url, open_it, monkeypatch):
    monkeypatch.setattr(postgres, "STILL_S", 0.5)
    opened = open_it(url=f"{postgres_url()}&connect_timeout=2")
    cluster.signal(signal.SIGSTOP)
    begin_s = time.monotonic()
    try:
        with pytest.raises(OutOfReachError, match="can't be reached or used"):
            opened.size_bytes()
    finally:
        cluster.signal(signal.SIGCONT)
    assert time.monotonic() - begin_s < 60.0


def test_how_much_room_it_takes(open_it):
    assert 0 < open_it().size_bytes() < 10**7


def test_what_was_closed_takes_nothing_more(open_it):
    opened = open_it()
    opened.close()
    opened.close()
    with pytest.raises(StoreError, match="was closed"), opened.begin():
        pass
    assert opened.forget() is None


def test_ids_sort_as_their_characters_do(open_it):
    from auscult.live.tables import events

    query = select(events.c.id).order_by(events.c.id).compile(dialect=open_it()._engine.dialect)
    assert "events.id" in str(query)
    with open_it("b").begin() as connection:
        told = connection.execute(
            text(
                "SELECT collation_name FROM information_schema.columns WHERE table_schema = current_schema()"
                " AND table_name IN ('events', 'heard', 'outbox') AND column_name IN ('id', 'event_id')"
            )
        )
        assert told.scalars().all() == ["C"] * 4
