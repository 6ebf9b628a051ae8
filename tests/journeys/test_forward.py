"""A machine that listens elsewhere, and a server that is killed and comes back: nothing lost, nothing twice, in order."""

import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import replace

import httpx
import pytest
import soundfile
from tests.live.simple import stored_event

from auscult.live.clock import SystemClock
from auscult.live.forward import CHANNEL, Forwarder
from auscult.live.store import EventStore

KEY = "a key that nobody guesses"
LIMIT_S = 120.0


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def serve(tmp_path, port):
    """Starts a server on the same data and port each time; it keeps its messages, since nobody takes them."""
    started = []

    def start():
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "auscult", "serve", "--json", "--port", str(port)),
                *("--data-dir", tmp_path / "data", "--notify", "http://127.0.0.1:9/nobody"),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ
            | {"OMP_NUM_THREADS": "1", "AUSCULT_KEYS": KEY, "AUSCULT_NOTIFY_PRIVATE": "1"},
        )
        started.append(process)
        assert process.stdout.readline()
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def until(is_so):
    end = time.monotonic() + LIMIT_S
    while not is_so():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


class Machine:
    """Stores events as they are heard."""

    def __init__(self, folder):
        self.store = EventStore(folder / "edge.sqlite", clock=SystemClock())
        self.said = []

    def hear(self):
        now = SystemClock().utc()
        event = stored_event(self.store.new_id(), stream="mic", begun_at=now)
        self.store.add(event, tell=[CHANNEL])
        self.said.append((event.id, "begun"))
        self.store.update(replace(event, status="ended", ended_at=now), tell=[CHANNEL])
        self.said.append((event.id, "ended"))


def test_a_server_is_killed_and_comes_back(tmp_path, port, serve, monkeypatch):
    monkeypatch.setattr("auscult.live.forward.LOOK_EVERY_S", 0.05)
    url = f"http://127.0.0.1:{port}"
    machine = Machine(tmp_path)
    sends = Forwarder(machine.store, url, device="press-3", key=KEY)
    server = serve()
    sends.start()
    for _ in range(2):
        machine.hear()
        until(lambda: not sends.waiting())
        for _ in range(20):
            machine.hear()
        server.kill()  # while they are on their way
        server.wait()
        for _ in range(20):
            machine.hear()
        until(lambda: sends.error is not None)
        server = serve()
    until(lambda: not sends.waiting())
    found = httpx.get(
        f"{url}/api/events?limit=500",
        headers={"authorization": f"Bearer {KEY}"},
        trust_env=False,
        timeout=LIMIT_S,
    ).json()
    assert [one["id"] for one in found["events"]] == [
        name for name, status in reversed(machine.said) if status == "ended"
    ]
    assert {(one["status"], one["stream"]) for one in found["events"]} == {("ended", "press-3:mic")}
    sends.close()
    machine.store.close()
    server.terminate()
    server.wait()
    here = EventStore(tmp_path / "data" / "events.sqlite", clock=SystemClock())
    (channel,) = {one.channel for one in here.outbox.waiting("http://127.0.0.1:9/nobody")}
    told = [
        (one.event_id, one.payload["status"]) for one in here.outbox.waiting(channel, limit=9999)
    ]
    here.close()
    assert told == machine.said


def test_listening_forwards_what_it_hears_now_and_what_it_heard_while_the_server_was_away(  # noqa: PLR0917
    tmp_path, port, serve, auscult_in, learned_file, simulated
):
    """As people type it: once with nobody there, and once with the server."""
    recording = tmp_path / "today.wav"
    sound, rate_hz = soundfile.read(simulated.broken[0])
    soundfile.write(recording, sound, rate_hz)
    command = [
        *("listen", learned_file, "--source", f"file:{recording}", "--fast", "--json", "--events"),
        *("--store", "edge.sqlite", "--forward", f"http://127.0.0.1:{port}"),
        *("--forward-as", "press 3"),
    ]
    os.environ["AUSCULT_FORWARD_KEY"] = KEY
    try:
        code, out, err = auscult_in(*command)
        assert code == 0
        heard = [json.loads(line)["event"] for line in out.splitlines()]
        assert heard
        assert "not yet forwarded; they wait in the store" in err
        assert KEY not in out + err
        serve()
        code, out, err = auscult_in(*command)
    finally:
        del os.environ["AUSCULT_FORWARD_KEY"]
    assert code == 0
    assert "not yet forwarded" not in err
    found = httpx.get(
        f"http://127.0.0.1:{port}/api/events",
        headers={"authorization": f"Bearer {KEY}"},
        trust_env=False,
        timeout=LIMIT_S,
    ).json()
    twice = 2 * sum(event["status"] == "ended" for event in heard)
    assert found["total"] == twice
    assert {one["stream_name"] for one in found["events"]} == {"press-3: today.wav"}
    assert {one["status"] for one in found["events"]} == {"ended"}
    assert all(one["explanation"]["text"] for one in found["events"])
