"""Sources in threads, sessions in the loop, and what is between them."""

import asyncio
import json
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from auscult.errors import RecipeError, SourceError, StoreError
from auscult.live.listener import Block
from auscult.server import private, sources
from auscult.server.sources import Sources, Wanted, check_address, is_elsewhere, is_own

RATE_HZ = 16000


class Given:
    """A source that gives blocks until it is closed, or as many as it has."""

    kind = "given"

    def __init__(self, name="given", n=None, breaks=False):
        self.name = name
        self.state = "listening"
        self.error = None
        self.dropped_samples = 0
        self._n = n
        self._breaks = breaks
        self._closed = threading.Event()

    def __iter__(self):
        given = 0
        while not self._closed.wait(0.001) and (self._n is None or given < self._n):
            yield Block(samples=np.full(160, given / 1e4, np.float32), rate_hz=RATE_HZ)
            given += 1
        if self._breaks:
            self.state = "failed"
            raise SourceError("It was unplugged.", "a microphone", "Plug it in.")
        self.state = "ended"

    def close(self):
        self._closed.set()


class Heard:
    """A session that keeps what it hears."""

    def __init__(self, waits_s=0.0, error=None):
        self.blocks = []
        self.is_closed = False
        self._waits_s = waits_s
        self._error = error

    async def feed(self, block):
        await asyncio.sleep(self._waits_s)
        if self._error:
            raise self._error
        self.blocks.append(block)

    async def close(self):
        self.is_closed = True


class Fixture:
    def __init__(self, path, made=None, session=None, **options):
        self.sessions = []
        self.opened = []
        self._made = made or Given
        self._session = session or Heard
        self.sources = Sources(
            open_source=self._open, open_session=self._hear, path=path, **options
        )

    def _open(self, address):
        self.opened.append(address)
        if "gone" in address:
            raise SourceError("There is no such microphone.", "one that is", "Plug it in.")
        return self._made(address)

    async def _hear(self, wanted, kind):
        self.sessions.append(self._session())
        return self.sessions[-1]


async def until(is_so):
    async with asyncio.timeout(60.0):
        while not is_so():
            await asyncio.sleep(0.002)


def state_of(fixture, source_id):
    _, running, failure = fixture.sources.get(source_id)
    return (
        (running.state, running.error) if running else ("failed" if failure else "stopped", failure)
    )


def test_a_source_is_heard_until_it_is_stopped_and_again(tmp_path):
    async def work():
        fixture = Fixture(tmp_path / "sources.json")
        added = await fixture.sources.add(address="mic:USB", name="Pump")
        await until(lambda: len(fixture.sessions[0].blocks) > 3)
        await fixture.sources.start(added)  # it runs: nothing happens
        assert len(fixture.sessions) == 1
        await fixture.sources.stop(added)
        assert fixture.sessions[0].is_closed
        assert state_of(fixture, added) == ("stopped", None)
        await fixture.sources.start(added)
        await until(lambda: len(fixture.sessions[1].blocks) > 3)
        assert state_of(fixture, added) == ("listening", None)
        await fixture.sources.remove(added)
        assert fixture.sources.all() == []
        assert fixture.sessions[1].is_closed
        return fixture.sessions[0].blocks

    blocks = asyncio.run(work())
    assert [block.time_s for block in blocks] == pytest.approx(
        [0.01 * number for number in range(len(blocks))]
    )
    assert not [one for one in threading.enumerate() if one.name.startswith("source")]


def test_a_source_that_ends_or_breaks_says_so(tmp_path):
    async def work(breaks):
        fixture = Fixture(
            tmp_path / "sources.json", made=lambda name: Given(name, n=5, breaks=breaks)
        )
        added = await fixture.sources.add(address="file:x.wav")
        await until(lambda: fixture.sessions[0].is_closed)
        state = state_of(fixture, added)
        await fixture.sources.start(added)
        assert len(fixture.sessions) == 2
        await fixture.sources.close()
        return state, len(fixture.sessions[0].blocks)

    assert asyncio.run(work(breaks=False)) == (("ended", None), 5)
    (state, error), heard = asyncio.run(work(breaks=True))
    assert (state, heard) == ("failed", 5)
    assert "It was unplugged." in error


def test_a_session_that_fails_ends_its_source_alone(tmp_path):
    def failing():
        return Heard(error=StoreError("The disk is full.", "space", "Make room."))

    async def work():
        fixture = Fixture(tmp_path / "sources.json", session=failing)
        added = await fixture.sources.add(address="mic")
        await until(lambda: fixture.sessions[0].is_closed)
        state = state_of(fixture, added)
        await fixture.sources.close()
        return state

    state, error = asyncio.run(work())
    assert state == "failed"
    assert "The disk is full." in error


def test_when_the_loop_is_slow_the_oldest_is_dropped_counted_and_shows_as_a_gap(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(sources, "MAX_WAITING_BLOCKS", 4)

    async def work():
        fixture = Fixture(
            tmp_path / "sources.json",
            made=lambda name: Given(name, n=60),
            session=lambda: Heard(waits_s=0.01),
        )
        added = await fixture.sources.add(address="mic")
        await until(lambda: fixture.sessions[0].is_closed)
        _, running, _ = fixture.sources.get(added)
        return running.dropped_samples, fixture.sessions[0].blocks

    dropped, blocks = asyncio.run(work())
    assert dropped > 0
    assert dropped + 160 * len(blocks) == 160 * 60
    for block in blocks:
        assert block.time_s == pytest.approx(round(float(block.samples[0]) * 1e4) * 0.01)


def test_sources_run_again_after_a_restart_and_keep_their_passwords_to_themselves(tmp_path):
    path = tmp_path / "sources.json"

    async def work():
        fixture = Fixture(path)
        await fixture.sources.add(address="rtsp://u:secret@cam/audio", name="Hall")
        stopped = await fixture.sources.add(address="mic")
        await fixture.sources.stop(stopped)
        await fixture.sources.close()
        again = Fixture(path)
        await again.sources.start_all()
        found = [(wanted.id, wanted.shown) for wanted, _, _ in again.sources.all()]
        states = [state_of(again, wanted.id)[0] for wanted, _, _ in again.sources.all()]
        await again.sources.close()
        return again.opened, found, states

    opened, found, states = asyncio.run(work())
    assert opened == ["rtsp://u:secret@cam/audio"]
    assert found == [("rtsp-1", "rtsp://cam/audio"), ("mic-1", "mic")]
    assert states == ["listening", "stopped"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_one_that_can_not_be_opened_at_the_start_keeps_nobody_waiting(tmp_path):
    path = tmp_path / "sources.json"
    kept = [
        {"id": f"mic-{n}", "address": address, "name": "x", "bundle": None, "is_running": True}
        for n, address in enumerate(("mic:gone", "mic:here"))
    ]
    path.write_text(json.dumps(kept))

    async def work():
        fixture = Fixture(path)
        await fixture.sources.start_all()
        states = [state_of(fixture, f"mic-{n}") for n in range(2)]
        await fixture.sources.close()
        return states

    (failed, error), (state, _) = asyncio.run(work())
    assert (failed, state) == ("failed", "listening")
    assert "no such microphone" in error


@pytest.mark.parametrize("text", ["", "{}", "[7]", '[{"id": 1}]'])
def test_a_list_that_can_not_be_read_is_none(tmp_path, text):
    (tmp_path / "sources.json").write_text(text)

    async def work():
        fixture = Fixture(tmp_path / "sources.json")
        await fixture.sources.start_all()
        return fixture.sources.all()

    assert asyncio.run(work()) == []


def test_one_that_can_not_be_opened_is_not_added(tmp_path):
    async def work():
        fixture = Fixture(tmp_path / "sources.json", max_sources=1)
        with pytest.raises(SourceError, match="no such microphone"):
            await fixture.sources.add(address="mic:gone")
        assert fixture.sources.all() == []
        await fixture.sources.add(address="mic")
        with pytest.raises(RecipeError, match="There are 1 sources already"):
            await fixture.sources.add(address="mic")
        await fixture.sources.close()

    asyncio.run(work())


def slowly(fixture):
    """Opening takes a while, as that of a microphone does."""
    opened = fixture.sources._open_source

    def open_slowly(address):
        time.sleep(0.05)
        return opened(address)

    fixture.sources._open_source = open_slowly
    return fixture


def hearing():
    return [one for one in threading.enumerate() if one.name.startswith("source")]


def test_whoever_adds_at_the_same_time_gets_a_source_of_his_own_and_no_more_than_may_be(tmp_path):
    async def work():
        fixture = slowly(Fixture(tmp_path / "sources.json", max_sources=3))
        added = await asyncio.gather(
            *(fixture.sources.add(address="mic") for _ in range(5)), return_exceptions=True
        )
        for source_id in [one for one in added if isinstance(one, str)]:
            await fixture.sources.remove(source_id)
        return added, hearing(), fixture

    added, left, fixture = asyncio.run(work())
    assert added[:3] == ["mic-1", "mic-2", "mic-3"]
    assert all("There are 3 sources already" in str(one) for one in added[3:])
    assert left == []
    assert all(session.is_closed for session in fixture.sessions)


def test_whoever_starts_at_the_same_time_starts_it_once(tmp_path):
    async def work():
        fixture = slowly(Fixture(tmp_path / "sources.json"))
        added = await fixture.sources.add(address="mic")
        await fixture.sources.stop(added)
        await asyncio.gather(*(fixture.sources.start(added) for _ in range(4)))
        opened = len(fixture.opened)
        await asyncio.gather(fixture.sources.start(added), fixture.sources.remove(added))
        await asyncio.gather(*(fixture.sources.remove(added) for _ in range(2)))
        await fixture.sources.start(added)
        assert fixture.sources.all() == []
        return opened, hearing()

    assert asyncio.run(work()) == (2, [])


def test_nothing_is_written_to_the_disk_in_the_event_loop(tmp_path, monkeypatch):
    threads = []
    monkeypatch.setattr(
        private.os, "fsync", lambda _: threads.append(threading.current_thread().name)
    )

    async def work():
        fixture = Fixture(tmp_path / "sources.json")
        await fixture.sources.remove(await fixture.sources.add(address="mic"))

    asyncio.run(work())
    assert threads
    assert threading.main_thread().name not in threads


def test_a_list_that_can_not_be_written_is_told(tmp_path):
    async def work():
        fixture = Fixture(tmp_path / "gone" / "sources.json")
        try:
            with pytest.raises(StoreError, match=r"could not be written to .*--data-dir"):
                await fixture.sources.add(address="mic")
        finally:
            await fixture.sources.close()

    asyncio.run(work())


def test_what_belongs_to_the_server_can_not_be_stopped(tmp_path):
    async def work():
        fixture = Fixture(tmp_path / "sources.json")
        await fixture.sources.add_fixed(
            Wanted(id="demo", address="machine:fan", name="Fan"), Given()
        )
        for ask in (fixture.sources.start, fixture.sources.stop, fixture.sources.remove):
            with pytest.raises(RecipeError, match="part of this server"):
                await ask("demo")
        await fixture.sources.add(address="mic")
        await fixture.sources.close()
        return json.loads((tmp_path / "sources.json").read_text())

    assert [one["id"] for one in asyncio.run(work())] == ["mic-1"]


def test_what_the_server_needs_no_more_is_heard_no_longer(tmp_path):
    async def work():
        fixture = Fixture(tmp_path / "sources.json")
        await fixture.sources.end_fixed("demo")
        wanted, given = Wanted(id="demo", address="machine:fan", name="Fan"), Given()
        await fixture.sources.add_fixed(wanted, given)
        await fixture.sources.end_fixed("demo")
        assert fixture.sources.get("demo") is None
        await fixture.sources.add_fixed(wanted, Given())
        assert fixture.sources.get("demo")[0] == wanted
        await fixture.sources.close()

    asyncio.run(work())


def test_what_is_shown_holds_no_password():
    wanted = Wanted(id="x", address="rtsp://u:p@cam:554/a/b?token=x#y", name="Hall")
    assert wanted.shown == "rtsp://cam:554/a/b"


@pytest.mark.parametrize(
    "address", ["10.1.2.3", "192.168.1.9", "172.16.0.1", "93.184.215.14", "fd00::7", "2001:db8::1"]
)
def test_cameras_are_out_in_the_world_or_in_networks_of_ours(address):
    assert is_elsewhere(address)
    assert not is_own(address)


def test_addresses_of_this_machine_are_known_in_every_form():
    assert is_own("127.0.0.1")
    assert is_own("::ffff:127.0.0.1")


RECORDINGS = Path("data") / "recordings"


@pytest.mark.parametrize(
    "address", ["mic", "mic:USB", "machine:fan", "file:data/recordings/x.wav", "rtsp://192.0.2.1/a"]
)
def test_who_holds_a_key_may_open_these(address):
    check_address(address, is_trusted=False, recordings=RECORDINGS)


@pytest.mark.parametrize(
    "address",
    [
        "file:/etc/passwd",
        "file:data/recordings/../events.sqlite",
        "http://127.0.0.1:8000/api/events",
        "http://localhost/",
        "http://[::1]/",
        "http://0.0.0.0/",
        "http://[::ffff:127.0.0.1]:8000/",
        "http://[::ffff:169.254.169.254]/",
        "http://[::ffff:0.0.0.0]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[64:ff9b:1::7f00:1]/",
        "http://[::127.0.0.1]/",
        "http://[2002:7f00:1::]/",
        "http://[fe80::1]/",
        "http://[ff02::1]/",
        "http://[fd00:ec2::254]/",
        "http://100.100.100.200/",
        "http://255.255.255.255/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://169.254.169.254/latest/meta-data",
        "rtsp://224.0.0.1/a",
        "http://",
        "http://[::1/",
        "http://x:99999/",
        "http://" + "a" * 300 + "/",
    ],
)
def test_who_does_not_sit_here_reaches_nothing_within_this_machine(address):
    with pytest.raises(SourceError):
        check_address(address, is_trusted=False, recordings=RECORDINGS)


@pytest.mark.parametrize(
    "address", ["ftp://x/y", "concat:a|b", "/etc/passwd", "pipe:0", "", "microphone"]
)
def test_what_is_no_source_is_told_to_everyone(address):
    for is_trusted in (True, False):
        with pytest.raises(SourceError, match="is no source"):
            check_address(address, is_trusted=is_trusted, recordings=RECORDINGS)


def test_who_sits_here_may_open_his_own_files_and_servers():
    for address in ("file:/home/me/x.wav", "http://127.0.0.1:1/x"):
        check_address(address, is_trusted=True, recordings=RECORDINGS)
