"""Names, pages and keys: who may ask."""

import hashlib

import pytest

from auscult.errors import RecipeError
from auscult.server.security import (
    COOKIE,
    FAILURES_PER_MINUTE,
    FOREIGN,
    Failures,
    keys_in,
    security_from,
)

KEY = "a key that nobody guesses"
LOCAL = security_from(host="127.0.0.1")
WIDE = security_from(host="0.0.0.0", keys=[KEY], allowed_hosts=["Ears.Example"])


def scope(kind="http", method="GET", **headers):
    return {
        "type": kind,
        "method": method,
        "headers": [
            (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
        ],
    }


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST:1"])
def test_own_names_are_known(host):
    assert LOCAL.host_is_ours(host)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "evil.example:8000", "192.168.1.5:8000", "", "[::1"],
)
def test_other_names_are_foreign_on_loopback(host):
    assert not LOCAL.host_is_ours(host)


def test_off_loopback_digits_and_given_names_are_known_but_no_others():
    assert WIDE.host_is_ours("192.168.1.5:8000")
    assert WIDE.host_is_ours("[fe80::1]:8000")
    assert WIDE.host_is_ours("ears.example")
    assert not WIDE.host_is_ours("evil.example")
    named = security_from(host="ears.local", keys=[KEY])
    assert named.host_is_ours("ears.local:8000")


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("origin", "is_ours"),
    [
        (None, True),
        ("http://localhost:8000", True),
        ("https://localhost:8000", True),
        ("http://localhost:5173", False),
        ("http://localhost", False),
        ("http://evil.example", False),
        ("http://localhost:8000.evil.example", False),
        ("null", False),
        ("", False),
        ("file://", False),
    ],
)
def test_only_pages_of_this_server_may_call_it(kind, origin, is_ours):
    headers = {"host": "localhost:8000"} | ({} if origin is None else {"origin": origin})
    asked = scope(kind, "POST", **headers)
    assert LOCAL.comes_from_us(asked) is is_ours
    assert LOCAL.refuse_socket(asked) == (None if is_ours else FOREIGN)


def test_a_request_has_one_host():
    assert not LOCAL.comes_from_us(scope())
    twice = scope(host="localhost")
    twice["headers"] += [(b"host", b"localhost")]
    assert not LOCAL.comes_from_us(twice)


@pytest.mark.parametrize(
    ("method", "site", "is_ours"),
    [
        ("POST", "cross-site", False),
        ("DELETE", "same-site", False),
        ("POST", "same-origin", True),
        ("POST", "none", True),
        ("GET", "cross-site", True),  # a link to this page
    ],
)
def test_what_browsers_say_of_the_site_counts(method, site, is_ours):
    asked = scope("http", method, host="localhost:8000", sec_fetch_site=site)
    assert LOCAL.comes_from_us(asked) is is_ours


def test_keys_are_kept_as_digests():
    assert WIDE.digests == (hashlib.sha256(KEY.encode()).digest(),)
    assert KEY not in repr(WIDE)
    assert WIDE.knows(KEY)
    for wrong in (None, "", KEY + " ", KEY[:-1], "sha256:" + WIDE.digests[0].hex(), "\udce4" * 30):
        assert not WIDE.knows(wrong)


def test_a_key_may_be_given_as_its_digest():
    security = security_from(
        host="0.0.0.0", keys=["sha256:" + hashlib.sha256(KEY.encode()).hexdigest()]
    )
    assert security.knows(KEY)


def test_without_keys_anything_is_known_on_loopback_only():
    assert LOCAL.knows(None)
    assert not LOCAL.needs_key
    for host in ("0.0.0.0", "::", "192.168.1.5", "ears.local", ""):
        with pytest.raises(RecipeError, match="there is no key"):
            security_from(host=host)
    for host in ("localhost", "::1", "127.0.0.2"):
        assert security_from(host=host).is_loopback


@pytest.mark.parametrize("key", ["short", "sha256:abc", "sha256:" + "0" * 62, ""])
def test_a_key_that_could_be_guessed_is_refused(key):
    with pytest.raises(RecipeError, match=r"A key has .* at least 20 characters"):
        security_from(host="127.0.0.1", keys=[key])


def test_where_a_key_may_stand():
    assert WIDE.key_of(scope(authorization=f"Bearer {KEY}")) == KEY
    assert WIDE.key_of(scope(authorization="Basic abc")) is None
    assert WIDE.key_of(scope(cookie=f"other=1; {COOKIE}=abc")) == "abc"
    assert WIDE.key_of(scope(cookie="other=1")) is None
    # A socket's cookie alone is what a foreign page could send.
    assert WIDE.key_of(scope("websocket", cookie=f"{COOKIE}=abc")) is None
    assert WIDE.key_of(scope("websocket", cookie=f"{COOKIE}=abc", origin="http://x")) == "abc"


def test_a_file_of_keys_is_made_for_its_owner_alone(tmp_path):
    path = tmp_path / "keys"
    (made,) = keys_in(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(made) >= 40
    assert keys_in(path) == (made,)
    path.write_text(f"# remark\n\n  {KEY}  \nanother\n")
    assert keys_in(path) == (KEY, "another")


def test_a_file_of_keys_that_others_may_read_is_refused(tmp_path):
    path = tmp_path / "keys"
    keys_in(path)
    path.chmod(0o640)
    with pytest.raises(RecipeError, match=r"Others on this machine .* chmod 600"):
        keys_in(path)


def test_a_file_of_keys_that_is_none_is_told(tmp_path):
    with pytest.raises(RecipeError, match="Is a directory"):
        keys_in(tmp_path)
    (tmp_path / "keys").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RecipeError, match="it is no text"):
        keys_in(tmp_path / "keys")
    with pytest.raises(RecipeError, match="No such file"):
        keys_in(tmp_path / "gone" / "keys")


def test_wrong_keys_are_counted_by_address_for_a_minute():
    failures = Failures()
    for second in range(FAILURES_PER_MINUTE):
        assert not failures.too_many("10.0.0.9", float(second))
        failures.add("10.0.0.9", float(second))
    assert failures.too_many("10.0.0.9", 10.0)
    assert not failures.too_many("10.0.0.8", 10.0)
    assert not failures.too_many("10.0.0.9", 60.5)
    for _ in range(100):
        failures.add("127.0.0.1", 0.0)
    assert not failures.too_many("127.0.0.1", 0.0)


def test_no_more_addresses_are_remembered_than_fit():
    failures = Failures()
    for number in range(5000):
        failures.add(f"10.0.{number // 256}.{number % 256}", 0.0)
    assert len(failures._times) <= 4096
