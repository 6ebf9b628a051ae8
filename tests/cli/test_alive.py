"""What runs beside a self-test, alive, stuck and gone."""

import os
import socket
import ssl
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from auscult.cli import alive
from auscult.cli.alive import OLDEST_BEAT_S, beat_failure, server_failure
from auscult.cli.console import BAD_USE, OK
from auscult.cli.selftest import FAILED


class Answering(BaseHTTPRequestHandler):
    """Answers with the status that its server was given."""

    def do_GET(self):
        self.server.asked.append((self.path, self.headers["Authorization"]))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_):
        """Nothing."""


@pytest.fixture
def server():
    made = HTTPServer(("127.0.0.1", 0), Answering)
    made.status, made.asked = 200, []
    made.url = f"http://127.0.0.1:{made.server_port}"
    thread = Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    thread.join(5.0)
    made.server_close()


@pytest.mark.parametrize(
    ("keys", "sent"),
    [
        ("", None),
        ("sha256:00ff", None),
        ("sha256:00ff, a-key-that-nobody-guesses,another", "Bearer a-key-that-nobody-guesses"),
    ],
)
def test_a_server_is_asked_with_the_key_that_there_is(server, keys, sent):
    assert server_failure(server.url, environment={"AUSCULT_KEYS": keys}) is None
    assert server.asked == [("/api/health", sent)]


def test_no_proxy_is_asked_for_it(server, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert server_failure(server.url + "/") is None


@pytest.mark.parametrize(
    ("status", "works"), [(401, True), (421, True), (500, False), (503, False)]
)
def test_whoever_needs_another_key_works_and_whoever_breaks_does_not(server, status, works):
    server.status = status
    told = server_failure(server.url)
    assert (told is None) == works
    assert works or f"answers {status}" in told


@pytest.fixture
def with_tls(server, tmp_path):
    """The same server with a certificate of its own."""
    pytest.importorskip("cryptography", reason="pip install 'auscult[https]'")
    from auscult.server.certificate import certificate_for

    made = certificate_for(tmp_path, ("ears.example",), now=datetime.now(UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.chain, made.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return server


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_here_may_have_a_certificate_that_nobody_trusts(with_tls, scheme, monkeypatch):
    url = with_tls.url.replace("http", scheme)
    assert server_failure(url, environment={"AUSCULT_KEYS": "a-key-that-nobody-guesses"}) is None
    assert with_tls.asked == [("/api/health", "Bearer a-key-that-nobody-guesses")]
    with_tls.status = 503
    assert server_failure(url) == f"The server at {url} answers 503."
    monkeypatch.setattr(alive, "_is_here", lambda _: False)
    assert "does not answer" in server_failure(url)
    assert len(with_tls.asked) == 2


def test_a_server_that_takes_connections_and_says_nothing_hangs(monkeypatch):
    monkeypatch.setattr(alive, "ANSWER_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as stuck:
        url = f"http://127.0.0.1:{stuck.getsockname()[1]}"
        assert server_failure(url) == f"The server at {url} does not answer: timed out."
    assert "does not answer" in server_failure(url)


def test_what_answers_no_http_is_no_server(monkeypatch):
    monkeypatch.setattr(alive, "ANSWER_S", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as other:

        def answer():
            line, _ = other.accept()
            line.recv(1000)
            line.sendall(b"SSH-2.0\r\n")
            line.close()

        thread = Thread(target=answer, daemon=True)
        thread.start()
        assert "does not answer" in server_failure(f"http://127.0.0.1:{other.getsockname()[1]}")
        thread.join(5.0)


@pytest.mark.parametrize(
    ("age_s", "works"),
    [(0.0, True), (59.0, True), (61.0, False), (-59.0, True), (-3600.0, False)],
)
def test_a_beat_is_as_old_as_its_file(tmp_path, age_s, works):
    place = tmp_path / "beat"
    place.touch()
    os.utime(place, (1e9, 1e9))
    told = beat_failure(place, now_s=1e9 + age_s)
    assert (told is None) == works
    assert works or f"is {abs(age_s):.0f} s off" in told


def test_a_self_test_fails_where_what_runs_beside_it_does(run, bundle_file, bad, tmp_path, server):
    beat = tmp_path / "beat"
    common = ("selftest", bad, "--bundle", bundle_file)
    both = (*common, "--server", server.url, "--beat", beat)
    ended = run(*both)
    assert ended.code == FAILED
    assert f"Nobody listens: there is no beat in {beat} (No such file or directory)." in ended.err
    beat.touch()
    assert run(*both).code == OK
    stuck_s = beat.stat().st_mtime - 2.0 * OLDEST_BEAT_S
    os.utime(beat, (stuck_s, stuck_s))
    server.status = 503
    failed = run(*both, "--json").json["failures"]
    assert failed[0] == f"The server at {server.url} answers 503."
    assert failed[1].startswith(f"Whoever listens is stuck: the last beat in {beat} is 12")
    assert len(failed) == 2


def test_a_server_has_an_address(run, bundle_file, bad, three_beats):
    ended = run("selftest", bad, "--bundle", bundle_file, "--server", "ftp://here")
    assert ended.code == BAD_USE
    assert three_beats.search(ended.err)
