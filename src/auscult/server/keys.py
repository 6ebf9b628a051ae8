"""Keys that were made on the page: each has a name, may do so much, and can be taken back; kept as digests alone.

They open a server beside the keys that it was started with, which may do everything. A server that was started with none
asks nobody for a key, so these count for nothing there.
"""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from auscult.errors import RecipeError, StoreError
from auscult.live.clock import Clock, SystemClock
from auscult.server.private import write_private

Scope = Literal["read", "listen", "admin"]
"""Look at results; also hear sound, send it, and say what it was; everything. Each may do what those before it may."""

MAX_KEYS = 100

_RANKS = {name: rank for rank, name in enumerate(get_args(Scope))}

# What listeners may send; to look on, GET is enough, and everything else is for who runs the server.
_LISTEN_POSTS = ("/api/inspect", "/inference", "/api/events/ingest", "/api/demo/fault")
_WITH_SOUND = (".wav", "/file")  # a bundle's file holds windows of sound, which prove it
_ADMIN_GETS = ("/api/keys", "/api/export-all", "/api/diagnostics")


def digest_of(key: str) -> bytes:
    """What is kept of a key: SHA-256. They are long and drawn by chance, so nothing slower is needed."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def allows(has: Scope, needed: Scope) -> bool:
    """Whether who may do the first may do the second.

    Examples
    --------
    >>> allows("admin", "read"), allows("listen", "listen"), allows("read", "listen")
    (True, True, False)
    """
    return _RANKS[has] >= _RANKS[needed]


def needed(method: str, path: str) -> Scope:
    """What one has to be allowed for a request; what is not known here is for who runs the server.

    Examples
    --------
    >>> needed("GET", "/api/events"), needed("PUT", "/api/events/1/label"), needed("POST", "/api/bundles")
    ('read', 'listen', 'admin')
    """
    if method in ("GET", "HEAD"):
        if path.startswith(_ADMIN_GETS):
            return "admin"
        return "listen" if path.endswith(_WITH_SOUND) else "read"
    is_label = method == "PUT" and path.startswith("/api/events/") and path.endswith("/label")
    is_sent = method in ("POST", "DELETE") and path.startswith(_LISTEN_POSTS)
    return "listen" if is_label or is_sent else "admin"


class NamedKey(BaseModel):
    """A key, without itself."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(pattern=r"^[0-9a-f]{8}$")
    name: str = Field(min_length=1, max_length=40)
    scope: Scope
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", repr=False)]
    created_at: AwareDatetime


_KEYS = TypeAdapter(tuple[NamedKey, ...])


class Keyring:
    """All of them.

    Parameters
    ----------
    path
        Their file; it is made with the first key.
    clock
        When they were made and used.

    Raises
    ------
    StoreError
        If the file can't be understood: then nobody knows who may come in.
    """

    def __init__(self, path: Path, *, clock: Clock | None = None) -> None:
        self._path = path
        self._clock = clock or SystemClock()
        self._keys = _read(path)
        self._used: dict[str, datetime] = {}

    def all(self) -> tuple[NamedKey, ...]:
        """In the order in which they were made."""
        return self._keys

    def used_at(self, key_id: str) -> datetime | None:
        """When a key was last shown since the server began; `None`: not yet."""
        return self._used.get(key_id)

    def scope_of(self, digest: bytes) -> Scope | None:
        """What the key with this digest may do; `None`: there is none."""
        # All of them are compared, always: how long it takes tells nothing.
        found = [
            one for one in self._keys if hmac.compare_digest(bytes.fromhex(one.digest), digest)
        ]
        if not found:
            return None
        self._used[found[0].id] = self._clock.utc()
        return found[0].scope

    def add(self, name: str, scope: Scope) -> tuple[NamedKey, str]:
        """Make a key; it, and what opens the server, which is kept nowhere.

        Raises
        ------
        RecipeError
            If there are too many, or one is called so already.
        StoreError
            If it can't be kept.
        """
        if len(self._keys) >= MAX_KEYS:
            raise RecipeError(
                f"There are {MAX_KEYS} keys already.",
                f"at most {MAX_KEYS}",
                "Take one back that is not used any more.",
                code="keys_full",
                values={"most": MAX_KEYS},
            )
        if any(one.name == name for one in self._keys):
            raise RecipeError(
                f"There is a key '{name}' already.",
                "a name of its own",
                "Choose another name.",
                code="key_there",
                values={"name": name},
            )
        secret = secrets.token_urlsafe(32)
        key = NamedKey(
            id=secrets.token_hex(4),
            name=name,
            scope=scope,
            digest=digest_of(secret).hex(),
            created_at=self._clock.utc().astimezone(UTC),
        )
        self._write((*self._keys, key))
        return key, secret

    def revoke(self, key_id: str) -> NamedKey:
        """Take a key back.

        Raises
        ------
        KeyError
            If there is no such key.
        """
        found = next((one for one in self._keys if one.id == key_id), None)
        if found is None:
            raise KeyError(key_id)
        self._write(tuple(one for one in self._keys if one.id != key_id))
        return found

    def _write(self, keys: tuple[NamedKey, ...]) -> None:
        write_private(self._path, _KEYS.dump_python(keys, mode="json"), what="The keys")
        self._keys = keys


def _read(path: Path) -> tuple[NamedKey, ...]:
    try:
        return _KEYS.validate_json(path.read_bytes())[:MAX_KEYS]
    except FileNotFoundError:
        return ()
    except (OSError, ValidationError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no list of keys"
        raise StoreError(
            f"The keys in {path} can't be read: {reason}.",
            "the file as the server wrote it",
            "Put it back from a copy, or delete it: the keys in it open nothing any more then.",
        ) from None
