import subprocess
import sys

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from auscult.errors import MissingExtra, StoreError
from auscult.live import schema
from auscult.live.clock import FakeClock
from auscult.live.schema import bring_up_to_date
from auscult.live.tables import metadata

OLD = (
    "INSERT INTO events (id, stream, stream_name, kind, status, begun_at, start_s, end_s, peak_s, peak_ratio,"
    " rule, windows, suppressed, bundle, bundle_id, note)"
    " VALUES ('A', 'fan', 'Fan', 'anomaly', 'ended', 0, 0, 1, 0, 1.5, 'sudden', 1, 0, '', '', 'old')"
)


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request, tmp_path):
    if request.param == "sqlite":
        made = create_engine(f"sqlite:///{tmp_path / 'old.sqlite'}")
    else:
        url = request.getfixturevalue("postgres_url")()
        made = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    yield made
    made.dispose()


def tables(engine):
    with engine.begin() as connection:
        return inspect(connection).get_table_names()


def test_nothing_becomes_a_store_and_a_store_is_left_as_it_is(engine):
    for _ in range(2):
        bring_up_to_date(engine.begin, "here", elsewhere="--there", back_up=pytest.fail)
    assert sorted(tables(engine)) == ["alembic_version", "events", "heard", "outbox"]


def take_steps(engine, target):
    config = Config()
    config.set_main_option("script_location", "auscult.live:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, target)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("is_new", [False, True])
def test_the_steps_lead_to_what_a_new_one_is(engine, is_new):
    if is_new:
        bring_up_to_date(engine.begin, "here", elsewhere="--there")
    else:
        take_steps(engine, "head")
    with engine.begin() as connection:
        # Of a file, Alembic takes an empty text for another default than an empty text.
        compared = {
            "compare_type": False,
            "compare_server_default": connection.dialect.name != "sqlite",
        }
        context = MigrationContext.configure(connection, opts=compared)
        assert context.get_current_revision() == schema.HEAD
        assert compare_metadata(context, metadata) == []


def test_only_an_older_one_needs_alembic(tmp_path):
    code = """
import sys
from auscult.live.clock import FakeClock
from auscult.live.store import EventStore
for _ in range(2):
    EventStore(sys.argv[1], clock=FakeClock()).close()
print([name for name in ("alembic", "psycopg") if name in sys.modules])
"""
    command = [sys.executable, "-c", code, str(tmp_path / "events.sqlite")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"


def test_without_alembic_an_older_one_says_what_is_missing(engine, monkeypatch):
    take_steps(engine, "0001")
    monkeypatch.setitem(sys.modules, "alembic", None)
    with pytest.raises(MissingExtra, match=r"auscult\[edge\]"):
        bring_up_to_date(engine.begin, "here", elsewhere="--there")


def test_an_older_one_is_backed_up_and_keeps_what_it_has(engine):
    take_steps(engine, "0001")
    with engine.begin() as connection:
        connection.execute(text(OLD))
    told = []
    bring_up_to_date(engine.begin, "here", elsewhere="--there", back_up=told.append)
    assert told == ["0001"]
    with engine.begin() as connection:
        kept = connection.execute(text("SELECT id, note, name, has_heard FROM events")).one()
    assert tuple(kept) == ("A", "old", "", False)


def test_what_a_newer_version_wrote_is_refused(engine):
    bring_up_to_date(engine.begin, "here", elsewhere="--there")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError) as caught:
        bring_up_to_date(engine.begin, "here", elsewhere="--there")
    assert str(caught.value) == (
        "here was written by a newer version of Auscult (schema 9999). Expected: schema 0002 or older. "
        "Update Auscult, or use another --there."
    )


def test_a_database_of_something_else_is_left_alone(engine):
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE customers (name TEXT)"))
    with pytest.raises(StoreError, match=r"here is a database of something else\. .*: --there"):
        bring_up_to_date(engine.begin, "here", elsewhere="--there")
    assert tables(engine) == ["customers"]


def test_a_step_that_fails_changes_nothing(open_store, monkeypatch):
    def half_way(config, revision):
        connection = config.attributes["connection"]
        connection.execute(text("CREATE TABLE half (n INTEGER)"))
        raise StoreError("It broke.")

    open_store(FakeClock()).close()
    monkeypatch.setattr(command, "upgrade", half_way)
    with monkeypatch.context() as newer:
        newer.setattr(schema, "HEAD", "0003")
        with pytest.raises(StoreError, match="It broke"):
            open_store(FakeClock())
    with open_store(FakeClock())._database.begin() as connection:
        assert "half" not in inspect(connection).get_table_names()


def test_making_a_new_one_that_fails_leaves_nothing(open_store, monkeypatch):
    def broken(_):
        raise StoreError("It broke.")

    with monkeypatch.context() as making:
        making.setattr(schema, "insert", broken)
        with pytest.raises(StoreError, match="It broke"):
            open_store(FakeClock())
    assert open_store(FakeClock()).count() == 0


def test_stores_open_what_they_made(open_store):
    open_store(FakeClock()).close()
    assert open_store(FakeClock()).count() == 0
