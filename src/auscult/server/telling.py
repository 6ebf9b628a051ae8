"""Who is told of events: channels that the server was started with, and those that its owner added; never in quiet hours."""

import hashlib
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from auscult.errors import AuscultError, NotifyError, RecipeError
from auscult.live.clock import Clock
from auscult.live.notify import Channel, Dispatcher, open_channel
from auscult.live.notify.calling import addresses_of
from auscult.live.quiet import Calendar
from auscult.live.store import EventStore
from auscult.server.choices import Choices
from auscult.server.settings import Settings
from auscult.server.sources import is_elsewhere

ChannelKind = Literal["print", "webhook", "mqtt", "apprise"]

_KINDS: dict[str, ChannelKind] = {"print": "print", "mqtt": "mqtt", "mqtts": "mqtt"}
_SHOWN_PATHS = ("mqtt", "mqtts")


@dataclass(frozen=True, kw_only=True)
class Told:
    """Somebody who is told.

    Parameters
    ----------
    id, name
        Of the channel; the name is what messages wait under.
    kind, shown
        What it is, and as much of its address as holds no secret.
    always
        In quiet hours, too.
    fixed_by
        What named it when the server was started; `None`: the owner added it.
    error
        Why it can't be used, where it can't.
    """

    id: str
    name: str
    kind: ChannelKind
    shown: str
    always: bool
    fixed_by: Literal["flag", "variable"] | None
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class Tested:
    """What became of a test message: it arrived, or why it did not."""

    delivered: bool
    reason: str
    took_s: float


class Telling:
    """All channels, and what empties the outbox into them; its methods block.

    Parameters
    ----------
    store
        Whose events are told.
    clock
        For quiet hours, and pauses.
    """

    def __init__(self, store: EventStore, *, clock: Clock) -> None:
        self.all: tuple[Told, ...] = ()
        self._store = store
        self._clock = clock
        self._channels: dict[str, Channel] = {}
        self._dispatcher: Dispatcher | None = None
        self._is_running = False
        self._quiet = Calendar()
        self._always: frozenset[str] = frozenset()
        self._opened_with: tuple[object, ...] = ()

    def open(self, settings: Settings, choices: Choices) -> None:
        """Open what is named; of what was open, the same goes on.

        Raises
        ------
        RecipeError, MissingExtra
            If one that the server was started with can't be used. One that the owner added says so where it is listed.
        """
        self._quiet = choices.quiet
        self._store.is_silenced = choices.maintenance.covers
        wanted = (settings.notify, secret_of(settings, choices), choices.channels)
        if wanted != self._opened_with:
            self._stop()
            self._open_channels(settings, choices)
            self._opened_with = wanted
            if self._is_running:
                self._run()

    def start(self) -> None:
        """Begin to send."""
        self._is_running = True
        self._run()

    def close(self) -> None:
        """End; what was not sent waits in the outbox."""
        self._is_running = False
        self._stop()

    def forget(self, told: Told) -> None:
        """What still waits for a channel that is gone is told to nobody."""
        while left := self._store.outbox.waiting(told.name):
            self._store.outbox.delivered(*(message.id for message in left))

    def test(self, told: Told) -> Tested:
        """Send a message that is about nothing, at once, quiet hours or not."""
        begin_s = self._clock.monotonic_s()
        channel = self._channels.get(told.id)
        reason = told.error or "It is being opened anew; try again."
        if channel is not None:
            try:
                channel.send(f"test-{self._store.new_id()}", {"type": "test"})
                reason = ""
            except NotifyError as error:
                reason = str(error)
        took_s = self._clock.monotonic_s() - begin_s
        return Tested(delivered=not reason, reason=reason, took_s=took_s)

    def is_quiet(self) -> bool:
        """Whether messages wait now."""
        return self._quiet.covers(self._clock.utc())

    def _is_held(self, name: str) -> bool:
        return name not in self._always and self.is_quiet()

    def _open_channels(self, settings: Settings, choices: Choices) -> None:
        secret = secret_of(settings, choices)
        fixed_by = settings.fixed_by("notify") or "flag"
        fixed = {channel_id(address): address for address in settings.notify}
        chosen = {one.id: one for one in choices.channels if one.id not in fixed}
        found: list[Told] = []
        self._channels = {}
        for key, address in fixed.items():
            channel = _opened(address, secret, settings)
            self._channels[key] = channel
            found.append(_told(address, channel.name, always=False, fixed_by=fixed_by))
        for key, one in chosen.items():
            try:
                channel = _opened(one.address, secret, settings)
                self._channels[key] = channel
                found.append(_told(one.address, channel.name, always=one.always))
            except AuscultError as error:
                found.append(_told(one.address, "", always=one.always, error=str(error)))
        self.all = tuple(found)
        self._always = frozenset(one.name for one in found if one.always)
        self._store.tell = tuple(channel.name for channel in self._channels.values())

    def _run(self) -> None:
        if self._channels and self._dispatcher is None:
            self._dispatcher = Dispatcher(
                self._store.outbox,
                list(self._channels.values()),
                clock=self._clock,
                is_held=self._is_held,
            )
            self._dispatcher.start()

    def _stop(self) -> None:
        if self._dispatcher is not None:
            self._dispatcher.close()  # and its channels
            self._dispatcher = None
        else:
            for channel in self._channels.values():
                channel.close()


def channel_id(address: str) -> str:
    """A name for a channel that tells nothing of its address."""
    return hashlib.sha256(address.encode(errors="replace")).hexdigest()[:8]


def secret_of(settings: Settings, choices: Choices) -> str:
    """What signs webhooks."""
    return settings.notify_secret.get_secret_value() or choices.webhook_secret


def check_channel(address: str, *, is_trusted: bool) -> None:
    """Refuse what this server would not call for whoever asks.

    Who sits at this machine may name anything. Others may name nothing that leads into it; for webhooks the setting
    `notify_private` says how far they go.

    Raises
    ------
    RecipeError
        If it is refused.
    """
    if is_trusted or address.startswith("https://"):
        return
    plain = address.removeprefix("apprise:")
    try:
        host = urlsplit(plain).hostname or ""
    except ValueError:
        host = ""
    if not host or not _leads_elsewhere(host, has_to_be_known=not address.startswith("apprise:")):
        raise RecipeError(
            f"{_shown(address)} leads into this machine, or nowhere.",
            "https://…, mqtt://HOST/TOPIC or apprise:URL of another machine",
            "Whoever starts the server may name it: --notify",
            code="channel_inner",
        )


def check_usable(address: str, settings: Settings) -> None:
    """Refuse an address that no channel can be made of.

    Raises
    ------
    RecipeError, MissingExtra
        If none can.
    """
    _opened(address, "", settings).close()


def _leads_elsewhere(host: str, *, has_to_be_known: bool) -> bool:
    """Whether a name stands for another machine; in the place of hosts some services of Apprise have tokens."""
    try:
        return all(is_elsewhere(one) for one in addresses_of(host, 0))
    except (OSError, UnicodeError):
        return not has_to_be_known


def _opened(address: str, secret: str, settings: Settings) -> Channel:
    return open_channel(address, secret=secret, allow_private=settings.notify_private)


def _told(
    address: str,
    name: str,
    *,
    always: bool,
    fixed_by: Literal["flag", "variable"] | None = None,
    error: str = "",
) -> Told:
    scheme = address.partition(":")[0]
    return Told(
        id=channel_id(address),
        name=name,
        kind=_KINDS.get(scheme, "apprise" if scheme == "apprise" else "webhook"),
        shown=_shown(address),
        always=always,
        fixed_by=fixed_by,
        error=error,
    )


def _shown(address: str) -> str:
    """Of an address its host: in those of webhooks the path is often the secret.

    >>> _shown("https://me@hooks.example/T0/B1"), _shown("apprise:slack://a/b/c"), _shown("print:")
    ('https://hooks.example/…', 'apprise:slack', 'print:')
    """
    if address.startswith("apprise:"):
        return address.partition("://")[0]
    try:
        parts = urlsplit(address)
    except ValueError:
        return address.partition(":")[0]
    host = parts.netloc.rpartition("@")[2]
    if not host:
        return address.partition("?")[0]
    path = parts.path if parts.scheme in _SHOWN_PATHS else "/…"
    return f"{parts.scheme}://{host}{path}"
