"""The sockets against a real server on this machine's loopback, with real windows through a real bundle."""

import asyncio
import base64
import contextlib
import json
import socket as sockets
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
import uvicorn
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from auscult.audio.sound import Sound
from auscult.runtime.scorer import Scorer
from auscult.server.app import create_app
from auscult.server.lag import LoopLag
from auscult.server.security import FAILURES_PER_MINUTE
from auscult.server.settings import Settings
from auscult.server.sockets import MAX_LEARN_KEPT, legacy_answer
from auscult.server.streams import StreamSession
from auscult.server.wire import encode

RATE_HZ = 16000
HELLO = {"type": "hello", "v": 1, "sample_rate": RATE_HZ}


class Served:
    """A server in a thread."""

    def __init__(self, settings):
        self.app = create_app(settings)
        config = uvicorn.Config(
            self.app,
            ws="websockets-sansio",
            ws_max_size=settings.max_message_bytes,
            log_level="error",
            timeout_graceful_shutdown=5,
        )
        self.server = uvicorn.Server(config)
        self.bound = sockets.socket()
        self.bound.bind(("127.0.0.1", 0))
        self.port = self.bound.getsockname()[1]
        self.thread = threading.Thread(
            target=lambda: asyncio.run(self.server.serve(sockets=[self.bound])), daemon=True
        )

    @property
    def state(self):
        return self.app.state.auscult

    def __enter__(self):
        self.thread.start()
        end = time.monotonic() + 60.0
        while not self.server.started:
            assert time.monotonic() < end
            time.sleep(0.01)
        return self

    def __exit__(self, *_):
        self.server.should_exit = True
        self.thread.join(timeout=60.0)
        assert not self.thread.is_alive()
        self.bound.close()

    @contextlib.contextmanager
    def open(self, path="/ws/stream", **options):
        with connect(f"ws://127.0.0.1:{self.port}{path}", open_timeout=60, **options) as socket:
            yield socket


@pytest.fixture(scope="module")
def bundle_path(tmp_path_factory, bundle):
    return bundle.save(tmp_path_factory.mktemp("bundles") / "machine.onnx")


@pytest.fixture(scope="module")
def served(tmp_path_factory, bundle_path):
    data = tmp_path_factory.mktemp("server")
    with Served(Settings(data_dir=data, bundles=(bundle_path,), hello_timeout_s=30.0)) as running:
        yield running


@pytest.fixture
def impatient(served, monkeypatch):
    """The same, and whoever says nothing soon has to go."""
    soon = served.state.settings.model_copy(update={"hello_timeout_s": 0.2})
    monkeypatch.setattr(served.state, "settings", soon)
    return served


def say(socket, message):
    socket.send(json.dumps(message))


def hear(socket, kind=None):
    """The next message, or the next of a kind."""
    while True:
        message = json.loads(socket.recv(timeout=60))
        if kind is None or message["type"] == kind:
            return message


def until(is_so):
    end = time.monotonic() + 60.0
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def pcm(samples):
    return np.clip(np.round(np.asarray(samples) * 32768.0), -32768, 32767).astype(np.int16)


def send(socket, samples, *, first=0, n=1600, **header):
    values = pcm(samples)
    for at in range(0, len(values), n):
        socket.send(encode(values[at : at + n], first_sample=first + at, seq=at // n, **header))


def closed(socket):
    """What it says before it is closed, and the code."""
    told = []
    try:
        while True:
            told.append(json.loads(socket.recv(timeout=60)))
    except ConnectionClosed as end:
        return [one for one in told if one["type"] == "error"], end.rcvd.code


def results(socket, n):
    return [hear(socket, "result") for _ in range(n)]


class TestAStream:
    def test_it_is_judged_as_a_recording_is(self, served, bundle, machine):
        samples = pcm(machine(200)).astype(np.float32) / np.float32(32768)
        expected = list(
            Scorer(bundle).score(Sound(samples=samples, rate_hz=RATE_HZ), explain=False)
        )
        with served.open() as socket:
            say(socket, HELLO)
            welcome = hear(socket)
            assert (welcome["type"], welcome["v"], welcome["limit"]) == ("welcome", 1, 1.0)
            assert (welcome["window_s"], welcome["hop_s"]) == (2.0, 1.0)
            assert welcome["bundle"]["name"] == "machine"
            assert len(welcome["bands_hz"]) == 32
            send(socket, samples)
            found = results(socket, 9)
        assert [one["start_s"] for one in found] == [float(n) for n in range(9)]
        assert [one["first_sample"] for one in found] == [n * RATE_HZ for n in range(9)]
        for one, verdict in zip(found, expected, strict=True):
            assert one["score"] == pytest.approx(verdict.score, rel=1e-4)
            assert one["ratio"] == pytest.approx(verdict.ratio, rel=1e-4)
            assert one["state"] == verdict.state
            assert len(one["bands"]) == 32

    def test_it_is_acknowledged_to_the_sample(self, served, machine):
        with served.open() as socket:
            say(socket, HELLO)
            told = [0]
            for at in range(0, 80000, 1600):
                # A client that sends no more than two seconds ahead is never held up for good.
                while at - told[-1] > 2 * RATE_HZ - 1600:
                    told.append(hear(socket, "ack")["first_sample"])
                send(socket, machine(1)[at : at + 1600], first=at)
        assert told == sorted(told)
        assert set(told) <= set(range(0, 80000, 1600))
        assert told[-1] >= 80000 - 2 * RATE_HZ

    def test_an_event_is_stored_before_it_is_told(self, served, faulty):
        with served.open() as socket:
            say(socket, {**HELLO, "source": "Hall 2"})
            stream = hear(socket)["stream"]
            send(socket, faulty(3, 20.0))
            told = hear(socket, "event")
            assert (told["phase"], told["stream"]) == ("open", stream)
            stored = served.state.store.get(told["event"]["id"])
            assert stored.stream_name == "Hall 2"
            assert stored.bundle == "machine"
            assert "kHz" in stored.explanation["text"]
            evidence = stored.evidence
            assert len(evidence["level_db"]) == len(evidence["anomaly_map"]) <= 200
            assert len(evidence["bands_hz"]) == len(evidence["level_db"][0]) <= 64
            ended = hear(socket, "event")
            assert (ended["phase"], ended["event"]["id"]) == ("close", told["event"]["id"])
            assert served.state.store.get(told["event"]["id"]).status == "ended"

    def test_across_a_gap_nothing_is_judged_and_the_gap_is_told(self, served, machine):
        with served.open() as socket:
            say(socket, HELLO)
            send(socket, machine(4)[:48000])
            results(socket, 2)
            send(socket, machine(5)[:64000], first=48000 + 800)
            gap = hear(socket, "status")
            assert (gap["code"], gap["samples"]) == ("gap", 800)
            first = hear(socket, "result")
        assert first["start_s"] >= 3.05

    def test_silence_is_no_signal_and_never_normal(self, served):
        with served.open() as socket:
            say(socket, HELLO)
            send(socket, np.zeros(6 * RATE_HZ))
            assert {one["state"] for one in results(socket, 4)} == {"no_signal"}

    def test_two_channels_are_averaged(self, served, machine):
        with served.open() as socket:
            say(socket, {**HELLO, "channels": 2})
            mono = pcm(machine(6)[:48000])
            both = np.stack([mono, mono], axis=1)
            for at in range(0, len(both), 1600):
                socket.send(encode(both[at : at + 1600].ravel(), first_sample=at))
            (one, _) = results(socket, 2)
        with served.open() as socket:
            say(socket, HELLO)
            send(socket, machine(6)[:48000])
            assert hear(socket, "result")["score"] == one["score"]

    def test_after_a_lost_connection_it_goes_on(self, served, machine):
        samples = machine(7)
        with served.open() as socket:
            say(socket, HELLO)
            session = hear(socket)["session"]
            send(socket, samples[:64000])
            results(socket, 3)
        with served.open() as socket:
            resume = {"session": session, "next_sample": 64000}
            say(socket, {**HELLO, "resume": resume})
            assert hear(socket)["session"] == session
            # A part was on its way when the connection broke: it comes twice, and counts once.
            send(socket, samples[56000:], first=56000)
            found = results(socket, 5)
        assert [one["start_s"] for one in found] == [3.0, 4.0, 5.0, 6.0, 7.0]

    def test_whoever_comes_back_before_the_old_socket_is_known_to_be_dead_takes_over(
        self, served, machine
    ):
        samples = machine(7)
        with served.open() as old, served.open() as new:
            say(old, HELLO)
            session = hear(old)["session"]
            send(old, samples[:48000])
            results(old, 2)
            say(new, {**HELLO, "resume": {"session": session, "next_sample": 48000}})
            assert hear(new)["session"] == session
            assert hear(new) == {"type": "ack", "first_sample": 48000}
            _, closing = closed(old)
            assert closing == 1000
            send(new, samples[48000:96000], first=48000)
            assert [one["start_s"] for one in results(new, 3)] == [2.0, 3.0, 4.0]
        assert len([one for one in served.state.sessions if one == session]) == 1

    def test_whoever_comes_back_while_it_is_settled_is_heard_on(self, served, machine, monkeypatch):
        settle = StreamSession.settle
        is_settling, go_on = threading.Event(), threading.Event()

        async def slowly(self):
            is_settling.set()
            await asyncio.to_thread(go_on.wait, 60.0)
            await settle(self)

        monkeypatch.setattr(StreamSession, "settle", slowly)
        with served.open() as first:
            say(first, HELLO)
            session = hear(first, "welcome")["session"]
            send(first, machine(1)[:32000])
        assert is_settling.wait(60.0)
        with served.open() as again:
            say(again, HELLO | {"resume": {"session": session, "next_sample": 32000}})
            assert hear(again, "welcome")["session"] == session
            go_on.set()
            send(again, machine(1)[32000:80000], first=32000)
            assert len(results(again, 3)) == 3
            (kept,) = [one for one in served.state.sessions.values() if one.id == session]
            assert kept.is_attached
            assert kept._ending is None

    def test_who_never_sent_anything_is_forgotten_at_once(self, served):
        for _ in range(20):
            with served.open() as socket:
                say(socket, HELLO)
                session = hear(socket)["session"]
        until(lambda: session not in served.state.sessions)

    def test_what_was_recorded_to_be_learned_from_is_kept_for_a_while(self, served, machine):
        kept = []
        for _ in range(MAX_LEARN_KEPT + 2):
            with served.open() as socket:
                say(socket, {**HELLO, "mode": "learn"})
                kept.append(hear(socket)["session"])
                send(socket, machine(1)[:24000])
                assert hear(socket, "learn")["seconds"] >= 1.0
            until(lambda: not served.state.sessions[kept[-1]].is_attached)
            until(lambda: served.state.sessions[kept[-1]].recorded().duration_s == 1.5)
        until(lambda: kept[1] not in served.state.sessions)
        assert set(kept[2:]) <= set(served.state.sessions)

    def test_an_unknown_session_is_a_new_one(self, served):
        with served.open() as socket:
            say(socket, {**HELLO, "resume": {"session": "gone", "next_sample": 5}})
            assert hear(socket)["session"] != "gone"


class TestBadInput:
    @pytest.mark.parametrize(
        ("hello", "code"),
        [
            ("no json", "bad_hello"),
            ("[]", "bad_hello"),
            ('{"type": "hello"}', "bad_hello"),
            (json.dumps({**HELLO, "v": 9}), "bad_version"),
            (json.dumps({**HELLO, "sample_rate": 10**9}), "bad_hello"),
            (json.dumps({**HELLO, "codec": "mp3"}), "bad_hello"),
            (json.dumps({**HELLO, "bundle": "nobody"}), "bad_hello"),
            (json.dumps({**HELLO, "source": "x" * 5000}), "bad_hello"),
            ("[" * 3000, "bad_hello"),
        ],
    )
    def test_a_bad_hello(self, served, hello, code):
        with served.open() as socket:
            socket.send(hello)
            (error,), closing = closed(socket)
        assert (error["code"], closing) == (code, 4400)

    def test_no_hello_at_all(self, impatient):
        with impatient.open() as socket:
            _, closing = closed(socket)
        assert closing == 4408

    @pytest.mark.parametrize(
        ("data", "code", "closing"),
        [
            (b"", "bad_header", 4400),
            (bytes(10), "bad_header", 4400),
            (encode(np.zeros(4, np.int16), first_sample=0)[:-1], "bad_samples", 4400),
            (encode(np.zeros(0, np.int16), first_sample=0), "bad_samples", 4400),
            (b"\x09" + encode(np.zeros(4, np.int16), first_sample=0)[1:], "bad_header", 4400),
            (encode(np.zeros(2**18, np.int16), first_sample=0), "too_large", 4413),
            ("text", "bad_header", 4400),
        ],
    )
    def test_a_bad_frame_ends_its_stream_and_no_other(self, served, machine, data, code, closing):
        with served.open() as good, served.open() as bad:
            say(good, HELLO)
            say(bad, HELLO)
            send(good, machine(8)[:40000])
            bad.send(data)
            (error,), found = closed(bad)
            assert (error["code"], found) == (code, closing)
            send(good, machine(8)[40000:80000], first=40000)
            scores = [one["score"] for one in results(good, 4)]
        with served.open() as alone:
            say(alone, HELLO)
            send(alone, machine(8)[:80000])
            assert [one["score"] for one in results(alone, 4)] == scores

    def test_frames_that_are_lost_repeated_or_out_of_order_are_their_own_streams_business(
        self, served, machine, faulty
    ):
        sound = pcm(faulty(3))
        frames = [encode(sound[at : at + 4000], first_sample=at) for at in range(0, 120000, 4000)]
        del frames[12]  # lost
        frames[4:4] = frames[2:4]  # repeated
        frames[8], frames[9] = frames[9], frames[8]  # the wrong way round: the later one counts
        with served.open() as good, served.open() as bad:
            say(good, HELLO)
            say(bad, HELLO)
            for number, frame in enumerate(frames):
                bad.send(frame)
                part = slice(2600 * number, 2600 * (number + 1))
                send(good, machine(8)[part], first=2600 * number)
            found = [one["score"] for one in results(good, 3)]
            told = []
            while not told or told[-1].get("first_sample") != 120000 or told[-1]["type"] != "ack":
                told.append(hear(bad))
            gaps = [one for one in told if one.get("code") == "gap"]
        assert sum(one["samples"] for one in gaps) == 8000
        with served.open() as alone:
            say(alone, HELLO)
            send(alone, machine(8)[:80000])
            assert [one["score"] for one in results(alone, 3)] == found

    def test_a_rate_that_lies(self, served, machine):
        with served.open() as socket:
            say(socket, HELLO)
            one = pcm(machine(9)[:16000])
            with contextlib.suppress(ConnectionClosed):
                for second in range(26):
                    now_ms = 1e12 + second * 1000.0 / 0.92
                    socket.send(encode(one, first_sample=second * 16000, captured_ms=now_ms))
            (error,), closing = closed(socket)
        assert (error["code"], closing) == ("rate_mismatch", 4406)

    def test_sound_that_comes_too_quickly_to_be_true(self, served):
        with served.open() as socket:
            say(socket, HELLO)
            with contextlib.suppress(ConnectionClosed):
                for at in range(80):
                    socket.send(encode(np.zeros(16000, np.int16), first_sample=at * 16000))
            (error,), closing = closed(socket)
        assert (error["code"], closing) == ("too_many", 4429)

    @pytest.mark.parametrize("path", ["/ws/stream", "/ws/events", "/ws"])
    @pytest.mark.parametrize("origin", ["https://evil.example", "null"])
    def test_a_foreign_page(self, served, path, origin):
        with served.open(path, origin=origin) as socket:
            _, closing = closed(socket)
        assert closing == 4403


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    data = tmp_path_factory.mktemp("locked")
    with Served(
        Settings(data_dir=data, keys=("a key of at least twenty",), max_streams=1)
    ) as running:
        yield running


class TestKeys:
    def test_each_key_goes_as_far_as_its_scope(self, locked):
        _, secret = locked.state.security.keyring.add("viewer", "read")
        watch = {"type": "watch", "v": 1, "key": secret}
        for path, first in (
            ("/ws/stream", {**HELLO, "key": secret}),
            ("/ws/events", {**watch, "audio": True}),
        ):
            with locked.open(path) as socket:
                say(socket, first)
                (error,), closing = closed(socket)
            assert (error["code"], closing) == ("forbidden", 4405)
            assert error["detail"] == "a key with the scope 'listen' is needed"
        with locked.open("/ws/events") as socket:
            say(socket, watch)
            assert json.loads(socket.recv(timeout=60))["type"] == "welcome"

    @pytest.mark.parametrize(
        ("path", "first"),
        [("/ws/stream", HELLO), ("/ws/events", {"type": "watch", "v": 1})],
    )
    def test_without_a_key_nobody_gets_in(self, locked, path, first):
        for key in ({}, {"key": "another key, also long"}):
            with locked.open(path) as socket:
                say(socket, {**first, **key})
                (error,), closing = closed(socket)
            assert (error["code"], closing) == ("unauthorised", 4401)
        with locked.open(path) as socket:
            say(socket, {**first, "key": "a key of at least twenty"})
            assert hear(socket)["type"] == "welcome"

    def test_a_key_in_the_header_will_do(self, locked):
        headers = {"Authorization": "Bearer a key of at least twenty"}
        with locked.open("/ws/events", additional_headers=headers) as socket:
            say(socket, {"type": "watch", "v": 1})
            assert hear(socket)["type"] == "welcome"

    def test_no_more_streams_than_may_be(self, locked):
        hello = {**HELLO, "key": "a key of at least twenty"}
        locked.state.sessions.clear()
        with locked.open() as first, locked.open() as second:
            say(first, hello)
            hear(first)
            say(second, hello)
            (error,), closing = closed(second)
        assert (error["code"], closing) == ("too_many", 4429)

    def test_no_more_streams_of_one_key_than_may_be(self, tmp_path):
        keys = ("the first key, long enough", "the second key, long enough")
        settings = Settings(data_dir=tmp_path / "d", keys=keys, max_streams_per_key=1)
        with Served(settings) as running, contextlib.ExitStack() as opened:
            first, again, other = (opened.enter_context(running.open()) for _ in range(3))
            say(first, {**HELLO, "key": keys[0]})
            assert hear(first)["type"] == "welcome"
            say(again, {**HELLO, "key": keys[0]})
            (error,), closing = closed(again)
            assert (error["code"], closing) == ("too_many", 4429)
            say(other, {**HELLO, "key": keys[1]})
            assert hear(other)["type"] == "welcome"

    def test_keys_are_not_guessed(self, tmp_path, monkeypatch):
        monkeypatch.setattr("auscult.server.security._is_loopback", lambda address: not address)
        settings = Settings(data_dir=tmp_path / "d", keys=("a key of at least twenty",))
        with Served(settings) as running:
            codes = []
            for number in range(FAILURES_PER_MINUTE + 1):
                with running.open() as socket:
                    say(socket, {**HELLO, "key": f"guess {number}"})
                    codes.append(closed(socket)[1])
        assert codes == [4401] * FAILURES_PER_MINUTE + [4429]

    def test_without_a_bundle_it_is_said(self, locked, machine):
        locked.state.sessions.clear()
        with locked.open() as socket:
            say(socket, {**HELLO, "key": "a key of at least twenty"})
            assert hear(socket)["bundle"] is None
            send(socket, machine(1)[:1600])
            assert hear(socket, "status")["code"] == "no_bundle"


class TestOverload:
    """Refused early, rather than heard late: and whoever is heard already notices nothing."""

    def refused(self, served):
        with served.open() as socket:
            say(socket, HELLO)
            told = hear(socket)
            if told["type"] == "welcome":
                return None
            assert (told["code"], closed(socket)[1]) == ("too_many", 4429)
            return told["detail"]

    def test_when_windows_are_late(self, served, machine):
        with served.open() as heard:
            say(heard, HELLO)
            hear(heard)
            assert self.refused(served) is None
            queue = served.state.queue
            queue._delay = (1.0, served.state.clock.monotonic_s())
            assert "busy" in self.refused(served)
            queue._delay = (0.0, 0.0)
            send(heard, machine(1)[:48000])
            assert len(results(heard, 2)) == 2
            assert self.refused(served) is None

    def test_when_one_more_would_be_too_much(self, served, monkeypatch):
        state = served.state
        many = {
            f"s{n}": SimpleNamespace(is_attached=True, heard_s=60.0, key=None, mode="listen")
            for n in range(30)
        }
        monkeypatch.setattr(state, "sessions", many)
        monkeypatch.setattr(LoopLag, "busy", 0.9)
        assert self.refused(served) is None
        monkeypatch.setattr(LoopLag, "busy", 0.94)
        assert "30 streams" in self.refused(served)
        # Streams that have only just come will be as busy as the others.
        monkeypatch.setattr(LoopLag, "busy", 0.5)
        many |= {
            f"t{n}": SimpleNamespace(**{**vars(many["s0"]), "heard_s": 0.0}) for n in range(40)
        }
        assert "70 streams" in self.refused(served)


class TestViewers:
    def test_they_see_and_hear_what_a_stream_tells(self, served, machine):
        with served.open() as socket, served.open("/ws/events") as viewer:
            say(socket, HELLO)
            stream = hear(socket)["stream"]
            say(viewer, {"type": "watch", "v": 1, "stream": stream, "audio": True})
            welcome = hear(viewer)
            assert stream in [one["stream"] for one in welcome["streams"]]
            send(socket, machine(10)[:40000])
            told = []
            while len(told) < 40:
                message = viewer.recv(timeout=60)
                told.append(message if isinstance(message, bytes) else json.loads(message))
                if isinstance(told[-1], dict) and told[-1]["type"] == "result":
                    break
        audio = next(one for one in told if isinstance(one, dict) and one["type"] == "audio")
        assert audio == {"type": "audio", "stream": stream, "sample_rate": RATE_HZ}
        sound = b"".join(one[24:] for one in told if isinstance(one, bytes))
        assert sound == pcm(machine(10)).tobytes()[: len(sound)]
        assert len(sound) >= 2 * 32000


class TestAnOlderProgram:
    def test_float32_and_int16_are_heard_and_answered(self, served, machine, faulty):
        for samples, words in ((machine(11), {"正常"}), (faulty(11, 10.0), {"正常", "異常"})):
            with served.open("/ws") as socket:
                for at in range(0, len(samples), 1024):
                    part = samples[at : at + 1024].astype("<f4")
                    data = base64.b64encode(part.tobytes()).decode()
                    say(socket, {"type": "audio_data", "data": data, "sample_rate": RATE_HZ})
                found = [json.loads(socket.recv(timeout=60)) for _ in range(9)]
            assert {one["type"] for one in found} == {"detection_result"}
            assert {one["message"] for one in found} == words
            assert all(
                (one["prediction"], one["status"]) in ((0, "OK"), (1, "NG")) for one in found
            )
            assert all(0.5 <= one["confidence"] <= 1.0 for one in found)

    def test_sixteen_bits_are_known_by_themselves(self, served, machine):
        found = []
        for values in (machine(11).astype("<f4"), pcm(machine(11)).astype("<i2")):
            with served.open("/ws") as socket:
                for part in np.array_split(values, 10):
                    data = base64.b64encode(part.tobytes()).decode()
                    say(socket, {"type": "audio_data", "data": data, "sample_rate": RATE_HZ})
                found.append([json.loads(socket.recv(timeout=60)) for _ in range(9)])
        for one, other in zip(*found, strict=True):
            assert one["message"] == other["message"] == "正常"
            assert one["confidence"] == pytest.approx(other["confidence"], abs=0.01)

    @pytest.mark.parametrize(
        "message",
        [
            {"type": "audio_data", "data": "no base64!"},
            {"type": "audio_data", "data": ""},
            {"type": "audio_data", "data": "AAAA"},
            {"type": "audio_data"},
            {"type": "other"},
        ],
    )
    def test_what_it_should_not_send(self, served, message):
        with served.open("/ws") as socket:
            say(socket, message)
            _, closing = closed(socket)
        assert closing == 4400

    def test_it_says_something_soon_or_goes(self, impatient):
        with impatient.open("/ws") as socket, pytest.raises(ConnectionClosed):
            socket.recv(timeout=60)

    def test_nan_in_its_sound_is_not_normal(self, served):
        with served.open("/ws") as socket:
            data = base64.b64encode(np.full(48000, np.nan, "<f4").tobytes()).decode()
            say(socket, {"type": "audio_data", "data": data, "sample_rate": RATE_HZ})
            found = json.loads(socket.recv(timeout=60))
        assert (found["status"], found["message"]) == ("NG", "判定不能")

    def test_confidence_grows_with_the_distance_from_the_limit(self):
        def confidence(ratio):
            state = "anomaly" if ratio > 1.0 else "normal"
            return legacy_answer({"state": state, "ratio": ratio}).confidence

        assert confidence(0.0) == 1.0
        assert confidence(0.2) > confidence(0.9) >= 0.5
        assert confidence(10.0) > confidence(1.1) >= 0.5


def test_when_the_server_stops_clients_are_told(tmp_path, bundle_path):
    with Served(Settings(data_dir=tmp_path / "d", bundles=(bundle_path,))) as running:
        with running.open() as socket:
            say(socket, HELLO)
            hear(socket)
            begin = time.monotonic()
            running.server.should_exit = True
            _, closing = closed(socket)
        assert closing == 1012
        assert time.monotonic() - begin < 10.0
