import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from sqlalchemy import text

from auscult.errors import StoreError
from auscult.live import database, schema
from auscult.live.clock import FakeClock
from auscult.live.database import Database


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "events.sqlite"


@pytest.fixture
def opened(path):
    made = []

    def open_it():
        made.append(Database(path, clock=FakeClock()))
        return made[-1]

    yield open_it
    for one in made:
        one.close()


def test_it_is_set_to_lose_nothing(opened):
    with opened().begin() as connection:
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


def test_a_transaction_is_there_whole_or_not_at_all(opened):
    opened_once = opened()
    with opened_once.begin() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))

    def half_way():
        with opened_once.begin() as connection:
            connection.execute(text("INSERT INTO t VALUES (1)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_way()
    with opened_once.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM t")).scalar_one() == 0


ANOTHER = """
import sys
from pathlib import Path
from auscult.errors import StoreError
from auscult.live.clock import FakeClock
from auscult.live.database import Database
try:
    Database(Path(sys.argv[1]), clock=FakeClock()).close()
    print("opened")
except StoreError as error:
    print(error)
"""


def test_a_second_process_is_refused_until_the_first_has_gone(path, opened):
    opened_once = opened()

    def another():
        command = [sys.executable, "-c", ANOTHER, str(path)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    told = another()
    assert f"{path} is in use by another Auscult. Expected: a store that no other" in told
    assert "Stop the other one" in told
    opened_once.close()
    assert another() == "opened"


@pytest.mark.parametrize("damage", ["noise", "header", "middle"])
def test_a_damaged_file_is_moved_aside_and_work_goes_on(path, opened, damage):
    opened_once = opened()
    with opened_once.begin() as connection:
        connection.execute(text("CREATE TABLE t (n TEXT)"))
        connection.execute(
            text("INSERT INTO t SELECT hex(randomblob(4000)) FROM (VALUES (1),(2),(3),(4),(5))")
        )
    opened_once.close()
    whole = path.read_bytes()
    broken = {
        "noise": b"this is no database at all" * 100,
        "header": b"x" * 100 + whole[100:],
        "middle": whole[:4096] + b"\xff" * (len(whole) - 4096),
    }[damage]
    path.write_bytes(broken)
    again = opened()
    assert again.moved_aside is not None
    assert again.moved_aside.name.startswith("events.sqlite.damaged-20300101T")
    assert again.moved_aside.read_bytes() == broken
    with again.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM events")).scalar_one() == 0


def test_what_a_newer_version_wrote_is_refused_and_left_alone(path, opened):
    opened().close()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
        raw.commit()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"written by a newer version of Auscult \(schema 9999\)"):
        opened()
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="can't be read or written") as caught:
        Database(tmp_path / "file" / "events.sqlite", clock=FakeClock())
    assert "choose another place: --data-dir" in str(caught.value)


def test_an_older_store_is_backed_up_before_it_is_changed(path, opened, monkeypatch):
    opened().close()
    with closing(sqlite3.connect(path)) as raw:
        before = raw.execute("SELECT sql FROM sqlite_master").fetchall()
    monkeypatch.setattr(schema, "HEAD", "0003")
    opened()
    with closing(sqlite3.connect(path.with_name("events.sqlite.before-0002"))) as copy:
        assert copy.execute("SELECT sql FROM sqlite_master").fetchall() == before


@pytest.fixture
def full(opened):
    """A database with one table, that takes no more; and a function that gives it space again."""
    opened_once = opened()
    with opened_once.begin() as connection:
        connection.execute(text("CREATE TABLE t (n BLOB)"))
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages + 2}"))

    def give_space():
        with opened_once.begin() as connection:
            connection.execute(text("PRAGMA max_page_count = 1000000"))

    return opened_once, give_space


def insert(opened_once, n_bytes):
    with opened_once.begin() as connection:
        connection.execute(text(f"INSERT INTO t VALUES (zeroblob({n_bytes}))"))


def rows(opened_once):
    with opened_once.begin() as connection:
        return connection.execute(text("SELECT count(*) FROM t")).scalar_one()


def test_a_full_disk_is_remembered_until_something_is_written_and_can_still_be_read(full):
    opened_once, give_space = full
    assert opened_once.failure() is None
    with pytest.raises(StoreError, match="database or disk is full") as caught:
        insert(opened_once, 100_000)
    assert "Make room" in str(caught.value)
    assert rows(opened_once) == 0
    assert "database or disk is full" in opened_once.failure()
    give_space()
    assert "database or disk is full" in opened_once.failure()  # nothing was written since
    insert(opened_once, 100_000)
    assert opened_once.failure() is None
    assert rows(opened_once) == 1


def test_that_there_is_space_again_is_found_by_trying(full):
    opened_once, give_space = full
    with pytest.raises(StoreError):
        insert(opened_once, 100_000)
    clock = opened_once._clock
    for _ in range(3):
        clock.advance(2.0)
        assert opened_once.failure() is not None
    give_space()
    assert opened_once.failure() is not None  # it was tried just now
    clock.advance(2.0)
    assert opened_once.failure() is None
    with opened_once.begin() as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master")).scalars().all()
    assert "tried" not in names


def test_what_is_no_fault_of_the_disk_is_not_remembered(opened):
    opened_once = opened()
    with opened_once.begin() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER UNIQUE)"))
        connection.execute(text("INSERT INTO t VALUES (1)"))
    with pytest.raises(StoreError, match="does not take this"), opened_once.begin() as connection:
        connection.execute(text("INSERT INTO t VALUES (1)"))
    assert opened_once.failure() is None
    opened_once.close()
    with pytest.raises(StoreError, match="was closed"), opened_once.begin():
        pass
    assert opened_once.failure() is None


FULL = """
import os, sys
from pathlib import Path
from sqlalchemy import text
from auscult.errors import StoreError
from auscult.live.clock import FakeClock
from auscult.live.database import Database
folder = Path(sys.argv[1])
clock = FakeClock()
opened = Database(folder / "events.sqlite", clock=clock)
with opened.begin() as connection:
    connection.execute(text("CREATE TABLE t (n BLOB)"))
def fill(name):
    number = os.open(folder / name, os.O_CREAT | os.O_WRONLY)
    try:
        while True:
            os.write(number, bytes(4096))
    except OSError:
        os.close(number)
fill("first")
try:
    for _ in range(100):
        with opened.begin() as connection:
            connection.execute(text("INSERT INTO t VALUES (zeroblob(20000))"))
except StoreError as error:
    print(error.what)
fill("second")
with opened.begin() as connection:
    print(connection.execute(text("SELECT count(*) < 100 FROM t")).scalar_one())
clock.advance(2.0)
print(opened.failure() is not None)
(folder / "first").unlink()
clock.advance(2.0)
print(opened.failure())
opened.close()
"""


def test_on_a_file_system_that_is_really_full(tmp_path):
    """It is read even where nobody would get a new file any more."""
    mount = f'mount -t tmpfs -o size=1m none "{tmp_path}"'
    try:
        subprocess.run(["unshare", "-rm", "sh", "-c", mount], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no small file system can be made here")
    command = f'{mount} && exec "{sys.executable}" -c "$0" "{tmp_path}"'
    told = subprocess.run(
        ["unshare", "-rm", "sh", "-c", command, FULL], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert "database or disk is full" in told[0]
    assert told[1:] == ["1", "True", "None"]


def test_a_database_of_something_else_is_left_alone(path, opened):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE customers (name TEXT)")
        raw.commit()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="is a database of something else"):
        opened()
    with closing(sqlite3.connect(path)) as raw:
        tables = raw.execute("SELECT name FROM sqlite_master").fetchall()
    assert tables == [("customers",)]
    assert len(path.read_bytes()) == len(before)


def test_what_was_deleted_is_nowhere_in_the_files(path, opened):
    opened_once = opened()
    with opened_once.begin() as connection:
        connection.execute(text("CREATE TABLE t (n TEXT)"))
        connection.execute(text("INSERT INTO t VALUES ('nobody shall read this')"))
    with opened_once.begin() as connection:
        connection.execute(text("DELETE FROM t"))

    def traces():
        files = (path, path.with_name(f"{path.name}-wal"))
        return [one for one in files if one.exists() and b"nobody shall" in one.read_bytes()]

    assert traces()
    opened_once.forget()
    assert not traces()


def test_what_was_closed_takes_nothing_more(opened):
    opened_once = opened()
    opened_once.close()
    with pytest.raises(StoreError, match="was closed"), opened_once.begin():
        pass


def test_json_is_such_that_everybody_reads_it():
    told = {"a": [1.0, float("nan"), (float("inf"), "x")], "b": None}
    assert json.loads(database.plain_json(told)) == {"a": [1.0, None, [None, "x"]], "b": None}


@pytest.mark.parametrize("name", ["odd name?.sqlite", "100%.sqlite", "a#b.sqlite", "送風機.sqlite"])
def test_any_name_is_a_name(tmp_path, name):
    Database(tmp_path / name, clock=FakeClock()).close()
    assert (tmp_path / name).exists()
