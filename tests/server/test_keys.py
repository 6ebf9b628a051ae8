"""Keys of the page: made once, kept as digests, taken back; and what each scope may do."""

import os

import pytest

from auscult.errors import RecipeError, StoreError
from auscult.live.clock import FakeClock
from auscult.server import keys as keys_module
from auscult.server.keys import Keyring, allows, digest_of, needed


@pytest.fixture
def ring(tmp_path):
    return Keyring(tmp_path / "keys.json", clock=FakeClock())


def test_a_key_is_kept_as_its_digest_and_known_after_a_start(ring, tmp_path):
    key, secret = ring.add("Phone", "listen")
    content = (tmp_path / "keys.json").read_text(encoding="utf8")
    assert secret not in content
    assert len(secret) >= 40
    if os.name == "posix":
        assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
    again = Keyring(tmp_path / "keys.json")
    assert again.all() == (key,)
    assert again.scope_of(digest_of(secret)) == "listen"
    assert again.scope_of(digest_of(secret[:-1])) is None
    assert key.digest not in repr(key)


def test_when_it_was_used_is_known(ring):
    key, secret = ring.add("Phone", "read")
    assert ring.used_at(key.id) is None
    ring.scope_of(digest_of(secret))
    assert ring.used_at(key.id) == FakeClock().utc()


def test_one_that_was_taken_back_opens_nothing(ring, tmp_path):
    key, secret = ring.add("Phone", "admin")
    ring.add("Tablet", "read")
    assert ring.revoke(key.id) == key
    assert ring.scope_of(digest_of(secret)) is None
    assert [one.name for one in Keyring(tmp_path / "keys.json").all()] == ["Tablet"]
    with pytest.raises(KeyError):
        ring.revoke(key.id)


def test_each_has_a_name_of_its_own_and_there_are_not_too_many(ring, monkeypatch):
    ring.add("Phone", "read")
    with pytest.raises(RecipeError, match="There is a key 'Phone' already"):
        ring.add("Phone", "listen")
    monkeypatch.setattr(keys_module, "MAX_KEYS", 1)
    with pytest.raises(RecipeError, match="There are 1 keys already"):
        ring.add("Tablet", "read")


@pytest.mark.parametrize("content", [b"{", b"[{}]", b"\xff", b'[{"id": "x"}]'])
def test_where_the_file_is_damaged_nobody_comes_in(tmp_path, content):
    (tmp_path / "keys.json").write_bytes(content)
    with pytest.raises(StoreError, match="can't be read: it is no list of keys"):
        Keyring(tmp_path / "keys.json")


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/api/events", "read"),
        ("GET", "/api/settings", "read"),
        ("HEAD", "/metrics", "read"),
        ("GET", "/api/events/1/clip.wav", "listen"),
        ("POST", "/api/inspect/layers", "listen"),
        ("POST", "/api/events/ingest", "listen"),
        ("PUT", "/api/events/1/label", "listen"),
        ("DELETE", "/api/demo/fault", "listen"),
        ("GET", "/api/events/1/normal.wav", "listen"),
        ("GET", "/api/bundles/1/file", "listen"),
        ("GET", "/api/bundles", "read"),
        ("POST", "/api/bundles", "admin"),
        ("DELETE", "/api/events/1", "admin"),
        ("POST", "/api/events/1/allow", "admin"),
        ("POST", "/api/whatever-comes", "admin"),
        ("OPTIONS", "/api/events", "admin"),
        ("GET", "/api/keys", "admin"),
        ("GET", "/api/export-all", "admin"),
        ("DELETE", "/api/everything", "admin"),
        ("PATCH", "/api/settings", "admin"),
    ],
)
def test_what_each_request_needs(method, path, scope):
    assert needed(method, path) == scope


def test_who_may_do_more_may_do_less():
    order = ("read", "listen", "admin")
    for at, has in enumerate(order):
        assert [allows(has, wanted) for wanted in order] == [rank <= at for rank in range(3)]
