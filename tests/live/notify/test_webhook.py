"""Webhooks against a real server on this machine."""

import base64
import contextlib
import hashlib
import hmac
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from auscult.errors import NotifyError, RecipeError
from auscult.live.clock import FakeClock, SystemClock
from auscult.live.notify import webhook as module
from auscult.live.notify.webhook import Webhook

PAYLOAD = {"stream_name": "送風機", "kind": "anomaly", "status": "begun", "peak_ratio": 2.0}
SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef").decode()


@pytest.fixture
def receiver():
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            got.append((self.path, dict(self.headers), body))
            if self.path == "/slow":
                stop.wait(5.0)
            status = {"/500": 500, "/away": 302, "/429": 429}.get(self.path, 204)
            self.send_response(200 if self.path == "/endless" else status)
            if status == 302:
                self.send_header("location", "/ok")
            self.end_headers()
            if self.path == "/endless":
                self.wfile.write(b"x" * 200_000)

        def log_message(self, *_):
            return

    stop = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    server.got = got
    server.url = f"http://localhost:{server.server_port}"
    yield server
    stop.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def hook():
    made = []

    def open_it(url, **options):
        made.append(Webhook(url, **({"allow_private": True, "clock": FakeClock()} | options)))
        return made[-1]

    yield open_it
    for one in made:
        one.close()


def test_a_message_arrives_signed_with_its_id_and_time(receiver, hook):
    hook(f"{receiver.url}/ok?a=b", secret=SECRET).send("msg_1", PAYLOAD)
    ((path, headers, body),) = receiver.got
    assert path == "/ok?a=b"
    assert json.loads(body) == PAYLOAD
    assert headers["webhook-id"] == "msg_1"
    signed = b"msg_1." + headers["webhook-timestamp"].encode() + b"." + body
    expected = base64.b64encode(hmac.digest(b"0123456789abcdef", signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["host"] == receiver.url.removeprefix("http://")


def test_without_a_secret_nothing_is_signed(receiver, hook):
    hook(f"{receiver.url}/ok").send("1", PAYLOAD)
    assert "webhook-signature" not in receiver.got[0][1]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/500", "answers 500"),
        ("/429", "answers 429"),
        ("/away", "answers 302"),
        ("/endless", "more than"),
    ],
)
def test_any_other_answer_is_a_failure(receiver, hook, path, why):
    with pytest.raises(NotifyError, match=why):
        hook(receiver.url + path).send("1", PAYLOAD)
    assert len(receiver.got) == 1


def test_a_slow_receiver_is_given_up(receiver, hook, monkeypatch):
    monkeypatch.setattr(module, "TIMEOUT_S", 0.2)
    with pytest.raises(NotifyError, match=r"did not answer within 0\.2 s"):
        hook(f"{receiver.url}/slow").send("1", PAYLOAD)


def test_nobody_there(hook):
    with pytest.raises(NotifyError, match="Connection refused"):
        hook("http://localhost:9").send("1", PAYLOAD)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.1.1",
        "169.254.169.254",
        "::1",
        "fe80::1",
        "::ffff:10.0.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "::10.0.0.1",
        "fec0::1",
    ],
)
def test_it_never_leads_into_the_own_network_unless_allowed(hook, address):
    channel = hook("https://example.org/x", allow_private=False, resolve=lambda *_: [address])
    with pytest.raises(NotifyError, match="leads into the own network"):
        channel.send("1", PAYLOAD)


def test_a_name_that_stands_for_nothing(hook):
    def unknown(*_):
        raise OSError(-2, "Name or service not known")

    with pytest.raises(NotifyError, match="has no address: Name or service not known"):
        hook("https://example.org", resolve=unknown).send("1", PAYLOAD)


def test_a_secret_that_is_none(hook):
    with pytest.raises(RecipeError, match="secret is no base64"):
        hook("https://example.org", secret="whsec_!!!")


def test_a_name_is_looked_up_once_and_that_address_is_called(receiver, hook):
    """A second answer may be another one: who is judged must be who is called."""
    asked = []

    def answers(host, port):
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.9.9.9"]

    hook(receiver.url.replace("localhost", "hook.example"), resolve=answers).send("1", PAYLOAD)
    assert asked == ["hook.example"]
    assert receiver.got[0][1]["host"].startswith("hook.example:")


def test_the_next_address_is_called_where_one_does_not_answer(receiver, hook):
    hook(receiver.url, resolve=lambda *_: ["127.0.0.2", "127.0.0.1"]).send("1", PAYLOAD)
    assert len(receiver.got) == 1


def test_who_answers_a_letter_now_and_then_is_hung_up_on(hook, monkeypatch):
    monkeypatch.setattr(module, "TIMEOUT_S", 0.5)
    end = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip():
            line, _ = server.accept()
            with line, contextlib.suppress(OSError):
                line.sendall(b"HTTP/1.1 200 OK\r\n")
                while not end.wait(0.05):
                    line.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(NotifyError, match=r"did not answer within 0\.5 s"):
            hook(
                f"http://localhost:{server.getsockname()[1]}",
                clock=SystemClock(),
                resolve=lambda *_: ["127.0.0.1"],
            ).send("1", PAYLOAD)
        end.set()
        thread.join(60.0)


def test_who_is_known_by_name_and_password_is(receiver, hook):
    url = receiver.url.replace("http://", "http://me:p%40ss@")
    channel = hook(f"{url}/ok")
    channel.send("1", PAYLOAD)
    known = base64.b64encode(b"me:p@ss").decode()
    assert receiver.got[0][1]["authorization"] == f"Basic {known}"
    assert "p%40ss" not in channel.name


def test_two_addresses_that_differ_only_in_what_is_secret_have_two_names(hook):
    assert len({hook(f"https://example.org/?token={n}").name for n in range(2)}) == 2


@pytest.mark.parametrize(
    ("url", "why"),
    [("https://", "names no host"), ("http://example.org", "can't be a webhook")],
)
def test_an_address_that_is_none(hook, url, why):
    with pytest.raises(RecipeError, match=why):
        hook(url, allow_private=False)
