"""The server as people run it: a process, a socket, a page's messages; stopped, killed, started again."""

import asyncio
import contextlib
import io
import json
import os
import re
import signal
import struct
import subprocess
import sys
import time
from dataclasses import dataclass, field

import httpx
import numpy as np
import pytest
import soundfile
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

RATE_HZ = 16000
FRAME = 2048
HEADER = struct.Struct("<BBHIQd")
LIMIT_S = 120.0


@dataclass(kw_only=True)
class Served:
    """A server in a process of its own."""

    process: subprocess.Popen
    url: str

    @property
    def sockets(self):
        return self.url.replace("http://", "ws://")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(LIMIT_S)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process.stderr.close()

    def kill(self):
        self.process.kill()
        self.process.wait()


def launch(data_dir, *arguments, **variables):
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "auscult", "serve", "--json", "--port", "0"),
            *("--data-dir", str(data_dir), *map(str, arguments)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"} | variables,
    )


@pytest.fixture
def served(tmp_path):
    """A function that starts a server on this test's data, and waits until it answers."""
    started = []

    def start(*arguments, **variables):
        process = launch(tmp_path / "data", *arguments, **variables)
        line = process.stdout.readline()
        assert line, process.communicate()
        server = Served(process=process, url=json.loads(line)["url"])
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


@dataclass(kw_only=True)
class Told:
    """What a client was told, and how it ended."""

    messages: list = field(default_factory=list)
    code: int | None = None

    def of(self, kind):
        return [message for message in self.messages if message["type"] == kind]


def hello(**changes):
    given = {
        "type": "hello",
        "v": 1,
        "sample_rate": RATE_HZ,
        "codec": "pcm_s16le",
        "channels": 1,
        "source": "test",
        "processing": {"agc": False, "noise": False, "echo": False},
        "mode": "listen",
        "resume": None,
    }
    return json.dumps(given | changes)


async def read(socket, told, news):
    with contextlib.suppress(ConnectionClosed):
        async for message in socket:
            if isinstance(message, str):
                told.messages.append(json.loads(message))
                news.set()
    told.code = socket.close_code
    news.set()


class Talk:
    """A client that sends sound, never more than two seconds ahead of what was acknowledged."""

    def __init__(self, socket):
        self.socket = socket
        self.told = Told()
        self.news = asyncio.Event()
        self._reading = asyncio.create_task(read(socket, self.told, self.news))

    async def until(self, is_so, what="it"):
        async with asyncio.timeout(LIMIT_S):
            while not is_so(self.told):
                assert self.told.code is None, (what, self.told.code, self.told.messages[-3:])
                self.news.clear()
                await self.news.wait()

    async def end(self):
        async with asyncio.timeout(LIMIT_S):
            await self._reading

    @property
    def acknowledged(self):
        return max((one["first_sample"] for one in self.told.of("ack")), default=0)

    async def send(self, samples, first=0):
        pcm = np.clip(np.round(samples * 32767), -32768, 32767).astype("<i2")
        for seq, at in enumerate(range(0, len(pcm), FRAME)):
            header = HEADER.pack(1, 1, 0, first // FRAME + seq, first + at, 1000.0 * at / RATE_HZ)
            await self.socket.send(header + pcm[at : at + FRAME].tobytes())
            ahead = first + at - 2 * RATE_HZ + 2 * FRAME
            await self.until(lambda _, due=ahead: self.acknowledged >= due, "an ack")


@contextlib.asynccontextmanager
async def talk(server, path="/ws/stream", first=None, **options):
    async with connect(f"{server.sockets}{path}", compression=None, **options) as socket:
        with contextlib.suppress(ConnectionClosed):
            await socket.send(first or hello())
        yield Talk(socket)


def until(is_so):
    """Wait for something that the server does after it has told of it."""
    end_s = time.monotonic() + LIMIT_S
    while not is_so():
        assert time.monotonic() < end_s, "it never came"
        time.sleep(0.02)


def recording(machine, faulty):
    """Half a minute, a whistle from 13 s to 15 s."""
    return np.concatenate([machine(70), faulty(71), machine(72)])


def check_clip(http, event, sent):
    """What is kept is what was sent, from five seconds before the event on."""
    until(lambda: http.get(f"/api/events/{event['id']}").json()["has_clip"])
    clip = http.get(f"/api/events/{event['id']}/clip.wav").content
    samples, rate_hz = soundfile.read(io.BytesIO(clip))
    assert rate_hz == RATE_HZ
    assert 6 * RATE_HZ < len(samples) <= 30 * RATE_HZ
    begin = round((event["start_s"] - 5.0) * RATE_HZ)
    same = sent[begin : begin + len(samples)]
    assert np.max(np.abs(samples[: len(same)] - same)) < 2e-4


def test_sound_that_is_sent_is_judged_told_stored_and_labelled(
    served, bundle_file, machine, faulty
):
    server = served("--bundle", bundle_file, "--store-clips")
    watch = json.dumps({"type": "watch", "v": 1, "stream": "*", "audio": True})

    async def work():
        async with talk(server, "/ws/events", watch) as viewer, talk(server) as client:
            await client.until(lambda told: told.of("welcome"), "a welcome")
            await viewer.until(lambda told: told.of("welcome"), "a welcome")
            sound = recording(machine, faulty)
            await client.send(sound)
            await client.until(lambda told: len(told.of("result")) >= 27, "results")
            await client.until(lambda told: told.of("event"), "an event")
            await viewer.until(lambda told: told.of("event") and told.of("audio"), "an event")
            await viewer.until(lambda told: len(told.of("result")) >= 27, "results")
            await client.until(lambda told: told.of("event")[-1]["phase"] == "close", "its end")
            return client.told, viewer.told

    told, seen = asyncio.run(work())
    (welcome,) = told.of("welcome")
    assert (welcome["window_s"], welcome["hop_s"]) == (2.0, 1.0)
    assert len(welcome["bands_hz"]) == 32
    results = told.of("result")
    assert [round(result["start_s"]) for result in results[:27]] == list(range(27))
    assert {result["stream"] for result in results} == {welcome["stream"]}
    wrong = {round(one["start_s"]) for one in results if one["state"] == "anomaly"}
    assert wrong & {12, 13, 14}
    assert not wrong & set(range(10))
    event = told.of("event")[0]["event"]
    assert told.of("event")[0]["phase"] == "open"
    assert 11.0 <= event["start_s"] <= 15.0
    # Either was asked as soon as it had 27: one of them may have heard of one more.
    watched = [one["start_s"] for one in seen.of("result")]
    assert watched[:27] == [one["start_s"] for one in results[:27]]
    assert seen.of("event")[0]["event"]["id"] == event["id"]

    with httpx.Client(base_url=server.url, timeout=LIMIT_S) as http:
        listed = http.get("/api/events").json()
        assert listed["events"][0]["id"] == event["id"]
        detail = http.get(f"/api/events/{event['id']}").json()
        assert "kHz" in detail["explanation"]["text"]
        assert len(detail["evidence"]["level_db"]) > 0
        check_clip(http, event, recording(machine, faulty))
        place = f"/api/events/{event['id']}/label"
        assert http.put(place, json={"label": "anomaly"}).json()["label"] == "anomaly"
        assert http.get("/api/events?label=anomaly").json()["total"] == 1
        history = http.get("/api/history", params={"stream": welcome["stream"]}).json()
        assert len(history["ratios"]) >= 20
        would = http.get("/api/history/would", params={"stream": welcome["stream"]}).json()
        assert would["events"] >= 1
        health = http.get("/api/health").json()
        assert health["status"] == "ok"
        assert health["queue"]["scored"] >= 27
        assert "auscult_windows_scored_total" in http.get("/metrics").text
    assert server.stop() == 0


def test_a_minute_that_is_sent_becomes_a_bundle(served, machine):
    server = served()

    async def work():
        async with talk(server, first=hello(mode="learn")) as client:
            await client.until(lambda told: told.of("welcome"), "a welcome")
            for number in range(4):
                await client.send(machine(80 + number), first=number * 10 * RATE_HZ)
                await asyncio.sleep(
                    1.5
                )  # sound may come a few times as fast as it is taken, and no faster
            await client.until(
                lambda told: told.of("learn")[-1:] and told.of("learn")[-1]["seconds"] > 38
            )
            session = client.told.of("welcome")[0]["session"]
            body = {"session": session, "name": "Fan"}
            async with httpx.AsyncClient(base_url=server.url, timeout=LIMIT_S) as http:
                answer = await http.post("/api/learn", json=body)
                return answer, (await http.get("/api/health")).json()

    answer, health = asyncio.run(work())
    assert answer.status_code == 201, answer.text
    assert answer.json()["bundle"]["active"]
    assert answer.json()["seconds_of_sound"] == pytest.approx(40.0, abs=1.5)
    assert health["bundle"]["name"] == "Fan"


def test_stopping_tells_everyone_and_takes_seconds(served, bundle_file, machine):
    server = served("--bundle", bundle_file)

    async def work():
        async with talk(server) as client:
            await client.until(lambda told: told.of("welcome"), "a welcome")
            await client.send(machine(70)[: 3 * RATE_HZ])
            begin_s = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            await client.end()
            return client.told, begin_s

    told, begin_s = asyncio.run(work())
    assert server.process.wait(LIMIT_S) == 0
    assert time.monotonic() - begin_s < 30.0
    assert "going_away" in [status["code"] for status in told.of("status")]
    assert told.code == 1012
    assert server.process.stderr.read() == ""


def test_nothing_that_was_told_is_lost_when_the_server_is_killed(
    served, bundle_file, machine, faulty
):
    server = served("--bundle", bundle_file)

    async def work():
        async with talk(server) as client:
            sending = asyncio.create_task(client.send(recording(machine, faulty)))
            await client.until(lambda told: told.of("event"), "an event")
            server.kill()
            sending.cancel()
            await client.end()
            await asyncio.gather(sending, return_exceptions=True)
            return [one["event"]["id"] for one in client.told.of("event")]

    ids = asyncio.run(work())
    begin_s = time.monotonic()
    again = served()
    assert time.monotonic() - begin_s < 60.0
    with httpx.Client(base_url=again.url, timeout=LIMIT_S) as http:
        assert http.get("/api/bundles").json()["active"] is not None
        for event_id in ids:
            assert http.get(f"/api/events/{event_id}").status_code == 200


def test_a_second_server_on_the_same_data_is_refused(served, tmp_path):
    first = served()
    second = launch(tmp_path / "data")
    out, err = second.communicate(timeout=LIMIT_S)
    assert (second.returncode, out) == (2, "")
    assert re.search(r"^Error: .+\. Expected: .+\. .+", err)
    assert "Traceback" not in err
    assert httpx.get(f"{first.url}/api/health", timeout=LIMIT_S).status_code == 200


def test_foreign_pages_and_wrong_keys_get_no_stream(served, bundle_file, tmp_path):
    keys = tmp_path / "keys"
    server = served("--bundle", bundle_file, "--key-file", keys)
    key = keys.read_text().splitlines()[-1]
    foreign = {"origin": "http://evil.example"}

    async def ended(path, first, **options):
        async with talk(server, path, first, **options) as client:
            await client.end()
            return client.told.code

    async def welcomed(path, first, **options):
        async with talk(server, path, first, **options) as client:
            await client.until(lambda told: told.of("welcome"), "a welcome")

    async def work():
        watch = {"type": "watch", "v": 1, "stream": "*", "audio": False}
        for path, said in (
            ("/ws/stream", hello),
            ("/ws/events", lambda **more: json.dumps(watch | more)),
        ):
            assert await ended(path, said(key=key), **foreign) == 4403
            assert await ended(path, said()) == 4401
            assert await ended(path, said(key="wrong")) == 4401
            await welcomed(path, said(key=key))
            bearer = {"authorization": f"Bearer {key}"}
            await welcomed(path, said(), additional_headers=bearer)
            cookie = {"cookie": f"auscult_key={key}"}
            own = server.url
            await welcomed(path, said(), additional_headers=cookie, origin=own)
            assert await ended(path, said(), additional_headers=cookie) == 4401

    asyncio.run(work())
    with httpx.Client(base_url=server.url, timeout=LIMIT_S) as http:
        assert http.get("/api/health").status_code == 401
        bearer = {"authorization": f"Bearer {key}"}
        assert http.get("/api/health", headers=bearer).status_code == 200
        assert http.get("/api/health", headers=bearer | foreign).status_code == 403
        assert http.get("/", headers={"host": "evil.example"}).status_code == 403


def test_the_simulated_machine_breaks_on_request_and_is_heard(served):
    server = served("--demo", AUSCULT_DEMO_MINUTES="1")
    watch = json.dumps({"type": "watch", "v": 1, "stream": "demo", "audio": False})

    async def work():
        async with (
            talk(server, "/ws/events", watch) as viewer,
            httpx.AsyncClient(base_url=server.url, timeout=LIMIT_S) as http,
        ):
            await viewer.until(lambda told: told.of("result"), "a result")
            assert {one["state"] for one in viewer.told.of("result")} == {"normal"}
            body = {"fault": "knock", "seconds": 20}
            assert (await http.post("/api/demo/fault", json=body)).status_code == 200
            await viewer.until(lambda told: told.of("event"), "an event")
            events = (await http.get("/api/events?stream=demo")).json()["events"]
            sources = (await http.get("/api/sources")).json()["sources"]
            return events, sources

    events, sources = asyncio.run(work())
    assert events[0]["kind"] == "anomaly"
    assert (sources[0]["id"], sources[0]["state"]) == ("demo", "listening")
