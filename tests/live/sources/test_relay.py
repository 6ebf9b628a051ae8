"""What is handed on between FFmpeg and a camera, and what is not."""

import socket
import ssl
import subprocess
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.live.sources.relay import (
    HOST,
    MAX_ANSWER_BYTES,
    Answers,
    RefusedAnswer,
    Relay,
    addresses_of,
    dial,
)

OK = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n"
MOVED = b"RTSP/1.0 302 Found\r\nCSeq: 1\r\nLocation: rtsp://127.0.0.1:1/\r\n\r\n"


@given(st.lists(st.integers(1, 60), max_size=8))
def test_answers_are_handed_on_however_they_are_cut(cuts):
    described = b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 7\r\n\r\nv=0\r\n\n$"
    sent, answers, found = OK + described + OK, Answers(), b""
    for size in [*cuts, len(OK + described + OK)]:
        found += answers.feed(sent[:size])
        sent = sent[size:]
    assert found == OK + described + OK


@pytest.mark.parametrize(
    "first",
    [
        b"",
        OK,
        b"RTSP/1.0 401 Unauthorized\n\r\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nv=0\n",
    ],
)
def test_what_leads_elsewhere_is_not_handed_on(first):
    answers = Answers()
    assert answers.feed(first).count(b"RTSP") == bool(first)
    with pytest.raises(RefusedAnswer, match=r"leads elsewhere \(status 302\)"):
        answers.feed(MOVED)


@pytest.mark.parametrize(
    "text",
    [
        b"\r\n" + MOVED,
        b"$\0\0\0" + MOVED,
        b" " + MOVED,
        MOVED.replace(b"/1.0 ", b"/1.0\t"),
        MOVED.replace(b"RTSP/1.0", b"RTSP/"),
        b"RTSP/1.0 200 OK\r\nContent-Length: -5\r\n\r\n" + MOVED,
        b"RTSP/1.0 200 OK\r\nContent-Length: 5\r\nContent-Length: 0\r\n\r\n12345" + MOVED,
        b"RTSP/1.0 200 OK\r\nContent-Length: 0x5\r\n\r\n12345" + MOVED,
        b"RTSP/1.0 200 OK\r\n Content-Length: 5\r\n\r\n12345" + MOVED,
        b"RTSP/1.0 200 OK\r\nContent-Length : 5\r\n\r\n12345" + MOVED,
        b"RTSP/1.0 200 OK\r\nA: \0\r\n\r\n" + MOVED,
        b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n" * MAX_ANSWER_BYTES,
    ],
)
def test_what_could_be_read_in_two_ways_is_not_handed_on(text):
    with pytest.raises(RefusedAnswer):
        Answers().feed(text)


def test_no_answer_that_could_be_read_as_another_is_made():
    """A body that looks like an answer stays within its length."""
    hidden = b"RTSP/1.0 200 OK\nCONTENT-LENGTH:\t%d\n\n" % len(MOVED) + MOVED
    found = Answers().feed(hidden)
    assert found == b"RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(MOVED) + MOVED


def talk(relay, camera, *, asks, answers):
    """What a caller hears when it asks, and the camera answers so."""
    with socket.create_connection((HOST, relay.port), timeout=30.0) as caller:
        caller.sendall(asks)
        assert camera.recv(1000) == asks
        camera.sendall(answers)
        try:
            return caller.recv(1000)
        except ConnectionError:
            return b""


def test_it_hears_every_answer_until_sound_is_asked_for():
    odd = b"$\0\0\2xx" + MOVED
    for asks, answers, heard in (
        (b"DESCRIBE rtsp://x RTSP/1.0\r\n\r\n", OK, OK),
        (b"DESCRIBE rtsp://x RTSP/1.0\r\n\r\n", MOVED, b""),
        (b"PLAY rtsp://x RTSP/1.0\r\n\r\n", odd, odd),
    ):
        near, far = socket.socketpair()
        with far:
            relay = Relay(near, timeout_s=30.0)
            with relay:
                assert talk(relay, far, asks=asks, answers=answers) == heard
            assert (relay.refused is not None) == (not heard)
        assert near.fileno() == -1


def test_it_ends_though_nobody_comes():
    near, far = socket.socketpair()
    with far, Relay(near, timeout_s=30.0) as relay:
        pass
    assert not relay._thread.is_alive()


def test_the_next_address_is_called_where_one_does_not_answer():
    with socket.create_server((HOST, 0)) as here:
        port = here.getsockname()[1]
        with dial(["127.0.0.2", HOST], port, timeout_s=30.0) as line:
            assert line.getpeername() == (HOST, port)
        with pytest.raises(ConnectionRefusedError):
            dial(["127.0.0.2", "127.0.0.3"], port, timeout_s=30.0)
    assert addresses_of("127.0.0.1", 554) == ["127.0.0.1"]


def test_tls_is_spoken_with_whoever_answers(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=camera"]
    try:
        subprocess.run(
            [*command, "-keyout", key, "-out", certificate], check=True, capture_output=True
        )
    except FileNotFoundError:
        pytest.skip("no openssl here to make a certificate with")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def camera(server):
        line, _ = server.accept()
        with context.wrap_socket(line, server_side=True) as line:
            line.recv(1000)
            line.sendall(OK * 1000)
            line.recv(1000)

    with socket.create_server((HOST, 0)) as server:
        Thread(target=camera, args=(server,), daemon=True).start()
        line = dial([HOST], server.getsockname()[1], timeout_s=30.0, tls_host="camera.local")
        with (
            Relay(line, timeout_s=30.0) as relay,
            socket.create_connection((HOST, relay.port), timeout=30.0) as caller,
        ):
            caller.sendall(b"OPTIONS rtsp://x RTSP/1.0\r\n\r\n")
            heard = b""
            while len(heard) < len(OK) * 1000:
                heard += caller.recv(100_000)
    assert heard == OK * 1000
