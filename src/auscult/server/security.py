"""Who may ask: which names the server answers to, which pages may call it, and which keys open it.

Localhost is no border: any page in the owner's browser can send requests and open sockets to it. So the name that was
called (Host) and the page that calls (Origin) are checked on every request and every socket, on loopback too. Off
loopback there are keys besides, and without them the server does not start.
"""

import hashlib
import hmac
import ipaddress
import os
import secrets
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any

from auscult.errors import RecipeError
from auscult.server.keys import Keyring, Scope, digest_of

COOKIE = "auscult_key"
FOREIGN = 4403
"""Close code of a socket from a foreign page, or to a foreign name."""

MIN_KEY_CHARACTERS = 20
FAILURES_PER_MINUTE = 10

_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_MAX_REMEMBERED = 4096
_HASHED = "sha256:"

Request = MutableMapping[str, Any]

# The page is served from here alone, talks to here alone, and nobody may put it into a frame. The engine in the page is
# WebAssembly; the dialogs' scroll lock sets a style.
HEADERS = {
    "content-security-policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
    "connect-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "microphone=(self), camera=(), geolocation=()",
    # Not "no-referrer": browsers would send the form that asks for a key with the origin "null", which is refused.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


@dataclass(frozen=True, kw_only=True)
class Security:
    """What this server lets in.

    Parameters
    ----------
    is_loopback
        It listens where only this machine can reach it.
    digests
        SHA-256 of each key; none: no key is needed.
    hosts
        Names by which it may be called, in lower case.
    keyring
        Keys that were made on the page; they count where `digests` do.
    """

    is_loopback: bool
    digests: tuple[bytes, ...] = field(default=(), repr=False)
    hosts: frozenset[str] = _LOCAL_NAMES
    keyring: Keyring | None = None

    @property
    def needs_key(self) -> bool:
        """A key is asked for."""
        return bool(self.digests)

    def knows(self, key: str | None) -> bool:
        """The key opens this server; where none is needed, anything does.

        Examples
        --------
        >>> security = security_from(host="127.0.0.1", keys=["a key of at least twenty"])
        >>> security.knows("a key of at least twenty"), security.knows("another"), security.knows(None)
        (True, False, False)
        """
        return self.scope_of(key) is not None

    def scope_of(self, key: str | None) -> Scope | None:
        """What whoever has this key may do; `None`: it opens nothing."""
        if not self.digests:
            return "admin"
        digest = digest_of(key or "")
        # All of them are compared, always: how long it takes tells nothing.
        found = [hmac.compare_digest(digest, known) for known in self.digests]
        named = None if self.keyring is None else self.keyring.scope_of(digest)
        if key is None:
            return None
        return "admin" if any(found) else named

    def host_is_ours(self, host: str) -> bool:
        """The name that was called is one of this server's.

        An address in digits can't be rebound to another machine as a name can; off loopback any of them is taken.

        Examples
        --------
        >>> security = security_from(host="127.0.0.1")
        >>> security.host_is_ours("localhost:8000"), security.host_is_ours("evil.example:8000")
        (True, False)
        """
        name = _without_port(host.lower())
        if name in self.hosts:
            return True
        return not self.is_loopback and _is_address(name)

    def comes_from_us(self, scope: Request) -> bool:
        """The request was sent to one of our names, and by our page or by no page at all."""
        hosts, origins = _values(scope, b"host"), _values(scope, b"origin")
        if len(hosts) != 1 or not self.host_is_ours(hosts[0]):
            return False
        ours = {f"http://{hosts[0].lower()}", f"https://{hosts[0].lower()}"}
        if any(origin.lower() not in ours for origin in origins):
            return False
        site = _values(scope, b"sec-fetch-site")
        is_safe = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        return is_safe or not set(site) & {"cross-site", "same-site"}

    def refuse_socket(self, scope: Request) -> int | None:
        """The close code for a socket of a foreign page or to a foreign name; `None` for one that may go on."""
        return None if self.comes_from_us(scope) else FOREIGN

    def key_of(self, scope: Request) -> str | None:
        """The key that comes with a request: its `Authorization: Bearer …`, or the page's cookie.

        A socket's cookie counts only together with an Origin, which `comes_from_us` has checked.
        """
        for value in _values(scope, b"authorization"):
            scheme, _, key = value.partition(" ")
            if scheme.lower() == "bearer":
                return key.strip()
        if scope["type"] == "websocket" and not _values(scope, b"origin"):
            return None
        return _cookie(_values(scope, b"cookie"))


class Failures:
    """Wrong keys a minute, by address; loopback is exempt."""

    def __init__(self) -> None:
        self._times: dict[str, list[float]] = {}

    def add(self, address: str, now_s: float) -> None:
        """Note a wrong key."""
        if _is_loopback(address):
            return
        if len(self._times) >= _MAX_REMEMBERED:
            self._times.pop(next(iter(self._times)))
        self._times[address] = [*self._recent(address, now_s), now_s][-FAILURES_PER_MINUTE:]

    def too_many(self, address: str, now_s: float) -> bool:
        """There were so many within the last minute that nothing more is tried."""
        return len(self._recent(address, now_s)) >= FAILURES_PER_MINUTE

    def _recent(self, address: str, now_s: float) -> list[float]:
        return [time_s for time_s in self._times.get(address, ()) if now_s - time_s < 60.0]


def security_from(
    *,
    host: str,
    keys: Iterable[str] = (),
    allowed_hosts: Iterable[str] = (),
    keyring: Keyring | None = None,
) -> Security:
    """What a server on this address lets in.

    Raises
    ------
    RecipeError
        If others could reach it and there is no key, or a key could be guessed.

    Examples
    --------
    >>> security_from(host="0.0.0.0")
    Traceback (most recent call last):
    auscult.errors.RecipeError: The server would listen on 0.0.0.0, where others can reach it, and there is no key. Expected: 127.0.0.1, or at least one key. Name a file of keys, which is made if it isn't there: --key-file FILE, or set AUSCULT_KEYS.
    """
    is_loopback = _is_loopback(host)
    digests = tuple(_key_digest(key) for key in keys)
    if not is_loopback and not digests:
        raise RecipeError(
            f"The server would listen on {host}, where others can reach it, and there is no key.",
            "127.0.0.1, or at least one key",
            "Name a file of keys, which is made if it isn't there: --key-file FILE, or set AUSCULT_KEYS.",
        )
    own = () if is_loopback or _is_address(host) else (host,)
    names = {_bracketed(name.lower()) for name in (*own, *allowed_hosts)}
    return Security(
        is_loopback=is_loopback, digests=digests, hosts=_LOCAL_NAMES | names, keyring=keyring
    )


def keys_in(path: Path) -> tuple[str, ...]:
    """The keys in a file, one a line; lines that begin with # are remarks. A file that isn't there is made, with one key.

    Raises
    ------
    RecipeError
        If it can't be read or made, or others may read it.
    """
    try:
        if not path.exists():
            _write_secret(path, f"# A key of Auscult's server.\n{secrets.token_urlsafe(32)}\n")
        text, mode = path.read_text(encoding="utf-8"), path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise RecipeError(
            f"The keys in {path} can't be read: {reason}.",
            "a text file with a key in each line",
            "Choose another place: --key-file FILE",
        ) from None
    if os.name == "posix" and mode & 0o077:
        raise RecipeError(
            f"Others on this machine may read the keys in {path}.",
            "a file for its owner alone",
            f"Close it: chmod 600 {path}",
        )
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def _write_secret(path: Path, text: str) -> None:
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(text)


def _key_digest(key: str) -> bytes:
    """Keys are given as they are, or as `sha256:` and their digest in hexadecimal."""
    if key.startswith(_HASHED):
        try:
            digest = bytes.fromhex(key.removeprefix(_HASHED))
        except ValueError:
            digest = b""
        if len(digest) == hashlib.sha256().digest_size:
            return digest
    elif len(key) >= MIN_KEY_CHARACTERS:
        return digest_of(key)
    raise RecipeError(
        f"A key has {len(key)} characters, or is no digest.",
        f"at least {MIN_KEY_CHARACTERS} characters that nobody guesses, or sha256: and 64 digits",
        "Let one be made: --key-file with the name of a file that isn't there yet.",
    )


def _values(scope: Request, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _cookie(headers: list[str]) -> str | None:
    for header in headers:
        try:
            found = SimpleCookie(header).get(COOKIE)
        except CookieError:
            continue
        if found is not None:
            return found.value
    return None


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[: host.find("]") + 1]
    return host.rpartition(":")[0] if ":" in host else host


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name and not name.startswith("[") else name


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    return _is_address(host) and ipaddress.ip_address(host.strip("[]")).is_loopback
