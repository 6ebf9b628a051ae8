"""Who is told: channels of the start and of the owner, in quiet hours, in maintenance, and when they fail."""

from dataclasses import replace

import pytest

from auscult.errors import NotifyError, RecipeError
from auscult.live.clock import FakeClock
from auscult.live.store import EventStore
from auscult.server import telling as telling_module
from auscult.server.choices import Choices, changed
from auscult.server.settings import Settings
from auscult.server.telling import Telling, channel_id, check_channel

HOOK = "https://me:secret@hooks.example/T0/B1?token=2"


class Receiver:
    def __init__(self, name):
        self.name = name
        self.got = []
        self.is_closed = False

    def send(self, message_id, payload):
        if self.name == "https://down.example":
            raise NotifyError("https://down.example answers 503.")
        self.got.append(payload)

    def close(self):
        self.is_closed = True


@pytest.fixture
def clock():
    return FakeClock()  # a Tuesday, at midnight


@pytest.fixture
def store(tmp_path, clock):
    opened = EventStore(tmp_path / "events.sqlite", clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def receivers(monkeypatch):
    """By address, as they were opened last."""
    found = {}

    def opened(address, *, secret, allow_private):
        if address.startswith("https://broken"):
            raise RecipeError("It can't be opened.")
        found[address] = Receiver(address)
        return found[address]

    monkeypatch.setattr(telling_module, "open_channel", opened)
    return found


def with_channels(*addresses, always=False, **change):
    channels = [{"id": channel_id(one), "address": one, "always": always} for one in addresses]
    return changed(Choices(), {"channels": channels} | change)


@pytest.fixture
def telling(store, clock):
    return Telling(store, clock=clock)


def tell(store, event, n=1):
    for _ in range(n):
        store.add(replace(event(1), id=store.new_id(), begun_at=store._clock.utc()))


def send(telling, clock):
    """What the threads would do."""
    dispatcher = telling_module.Dispatcher(
        telling._store.outbox,
        list(telling._channels.values()),
        clock=clock,
        is_held=telling._is_held,
    )
    return dispatcher.send_due()


def test_nothing_secret_is_shown(telling, receivers, monkeypatch):
    settings = Settings(notify=(HOOK,))
    telling.open(settings, with_channels("mqtt://u:p@broker/plant", "apprise:slack://a/b/c"))
    assert [(one.kind, one.shown, one.fixed_by) for one in telling.all] == [
        ("webhook", "https://hooks.example/…", "flag"),
        ("mqtt", "mqtt://broker/plant", None),
        ("apprise", "apprise:slack", None),
    ]
    assert "secret" not in repr([(one.id, one.shown) for one in telling.all])


def test_one_of_the_owners_that_cannot_be_opened_says_so_and_the_others_are_told(
    telling, receivers, store
):
    telling.open(Settings(), with_channels("https://broken.example", "https://a.example"))
    broken, well = telling.all
    assert (broken.error, well.error) == ("It can't be opened.", "")
    assert store.tell == ("https://a.example",)
    assert telling.test(broken).reason == "It can't be opened."


def test_one_of_the_start_that_cannot_be_opened_ends_the_start(telling, receivers):
    with pytest.raises(RecipeError, match="can't be opened"):
        telling.open(Settings(notify=("https://broken.example",)), Choices())


def test_in_quiet_hours_messages_wait_unless_a_channel_is_always_told(
    telling, receivers, store, clock, event
):
    night = {"days": [0, 1, 2, 3, 4, 5, 6], "start": "22:00", "end": "06:00"}
    quiet = with_channels("https://a.example", quiet_hours=[night])
    siren = {"id": channel_id("https://siren.example"), "address": "https://siren.example"}
    channels = [one.model_dump() for one in quiet.channels] + [siren | {"always": True}]
    telling.open(Settings(), changed(quiet, {"channels": channels}))
    assert telling.is_quiet()
    tell(store, event, 3)
    send(telling, clock)
    assert len(receivers["https://siren.example"].got) == 3
    assert receivers["https://a.example"].got == []
    clock.advance(6 * 3600.0)
    assert not telling.is_quiet()
    send(telling, clock)
    assert len(receivers["https://a.example"].got) == 3


def test_of_what_begins_in_maintenance_nobody_is_told_and_it_is_kept(
    telling, receivers, store, clock, event
):
    stretch = {"start": clock.utc(), "end": clock.utc().replace(hour=2)}
    telling.open(Settings(), with_channels("https://a.example", maintenance_once=[stretch]))
    tell(store, event)
    clock.advance(2 * 3600.0)
    tell(store, event)
    send(telling, clock)
    assert store.count() == 2
    assert len(receivers["https://a.example"].got) == 1


def test_a_change_of_hours_opens_no_channel_again(telling, receivers):
    telling.open(Settings(), with_channels("https://a.example"))
    before = receivers["https://a.example"]
    telling.open(Settings(), with_channels("https://a.example", time_zone="Asia/Tokyo"))
    assert not before.is_closed
    telling.open(Settings(), with_channels("https://b.example"))
    assert before.is_closed


def test_a_test_says_whether_it_arrived_or_why_not(telling, receivers):
    telling.open(Settings(), with_channels("https://a.example", "https://down.example"))
    well, down = map(telling.test, telling.all)
    assert (well.delivered, well.reason) == (True, "")
    assert (down.delivered, down.reason) == (False, "https://down.example answers 503.")
    assert receivers["https://a.example"].got == [{"type": "test"}]


def test_what_waits_for_one_that_is_gone_is_forgotten(telling, receivers, store, event):
    telling.open(Settings(), with_channels("https://a.example"))
    tell(store, event, 3)
    telling.forget(telling.all[0])
    assert store.outbox.stats()["waiting"] == 0


@pytest.mark.parametrize(
    "address",
    [
        "print:",
        "mqtt://127.0.0.1/a",
        "mqtt://localhost",
        "http://127.0.0.1/x",
        "apprise:json://localhost/x",
        "apprise:syslog://",
        "apprise:json://[::1",
        "mqtt://no-such-host.invalid/x",
    ],
)
def test_who_does_not_sit_here_names_nothing_within_this_machine(address):
    check_channel(address, is_trusted=True)
    with pytest.raises(RecipeError, match="leads into this machine, or nowhere"):
        check_channel(address, is_trusted=False)


@pytest.mark.parametrize(
    "address", ["https://hooks.example/x", "mqtt://10.1.2.3/plant", "apprise:slack://token/b/c"]
)
def test_who_does_not_sit_here_names_others(address):
    check_channel(address, is_trusted=False)
