"""`auscult key`: keys are made, listed and taken back, and never beside a server that runs."""

import json

import pytest

from auscult.cli.console import BAD_USE, OK
from auscult.live.clock import SystemClock
from auscult.live.store import EventStore
from auscult.server.keys import Keyring, digest_of


def test_a_key_is_made_shown_once_listed_and_taken_back(run, tmp_path):
    place = ("--data-dir", tmp_path / "data")
    made = run("key", "add", "tablet in hall 3", "--scope", "listen", *place)
    assert made.code == OK
    secret = made.out.strip()
    assert "opens the server for 'tablet in hall 3' (listen)" in made.err
    keyring = Keyring(tmp_path / "data" / "keys.json")
    assert keyring.scope_of(digest_of(secret)) == "listen"
    listed = run("key", "list", *place)
    assert "listen" in listed.words
    assert "tablet in hall 3" in listed.words
    assert secret not in listed.out
    (known,) = run("key", "list", *place, "--json").json
    assert set(known) == {"id", "name", "scope", "created_at"}
    gone = run("key", "remove", "tablet in hall 3", *place)
    assert "The key 'tablet in hall 3' opens nothing any more." in gone.words
    assert Keyring(tmp_path / "data" / "keys.json").scope_of(digest_of(secret)) is None
    assert "There are none." in run("key", "list", *place).words


def test_json_and_the_id(run, tmp_path):
    place = ("--data-dir", tmp_path / "data", "--json")
    made = run("key", "add", "logger", *place).json
    assert made["scope"] == "read"
    assert len(made["key"]) > 40
    assert run("key", "remove", made["id"], *place).json["name"] == "logger"
    assert (tmp_path / "data" / "keys.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("add", "x", "--scope", "god"), "--scope god is not known"),
        (("add", " "), "A key can't be called ' '. Expected: 1 to 40 characters"),
        (("add", "x" * 41), "Expected: 1 to 40 characters"),
        (("remove", "x"), "There is no key 'x'. Expected: one of logger"),
        (("add", "logger"), "There is a key 'logger' already"),
    ],
)
def test_what_can_not_be_is_told(run, tmp_path, three_beats, words, told):
    place = ("--data-dir", tmp_path)
    run("key", "add", "logger", *place)
    ended = run("key", *words, *place)
    assert ended.code == BAD_USE
    assert told in " ".join(ended.err.split())
    assert three_beats.search(ended.err)
    assert [key.name for key in Keyring(tmp_path / "keys.json").all()] == ["logger"]


def test_beside_a_server_that_runs_nothing_is_changed(run, tmp_path):
    store = EventStore(tmp_path / "events.sqlite", clock=SystemClock())
    try:
        refused = run("key", "add", "x", "--data-dir", tmp_path)
        assert refused.code == BAD_USE
        assert "is in use by another Auscult" in refused.err
        assert json.loads(run("key", "list", "--data-dir", tmp_path, "--json").out) == []
    finally:
        store.close()
    assert run("key", "add", "x", "--data-dir", tmp_path).code == OK
