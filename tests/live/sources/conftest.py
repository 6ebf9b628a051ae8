"""Senders on this machine: HTTP and RTSP, that refuse, stall, break off and send garbage when told to."""

import base64
import io
import socket
import struct
import threading
import time
from contextlib import contextmanager, suppress

import numpy as np
import pytest
import soundfile

RATE_HZ = 16000


def tone(seconds, *, hz=440.0, rate_hz=RATE_HZ):
    """A sine at a tenth of full scale."""
    times_s = np.arange(round(seconds * rate_hz)) / rate_hz
    return (0.1 * np.sin(2 * np.pi * hz * times_s)).astype(np.float32)


def encoded(samples, *, rate_hz=RATE_HZ, kind="WAV", subtype=None):
    """A file of that sound, in memory."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format=kind, subtype=subtype)
    return file.getvalue()


class Sender:
    """A server that plays a script to each connection; those beyond the last script get the last again."""

    def __init__(self, *scripts):
        self.scripts = scripts
        self.connections = 0
        self.requests = []
        self.closed = threading.Event()
        self._playing = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        self.closed.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in (self._thread, *self._playing):
            thread.join(30.0)
            assert not thread.is_alive()

    def wait(self, seconds):
        """Wait, but not beyond the end."""
        self.closed.wait(seconds)

    def _serve(self):
        while not self.closed.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            script = self.scripts[min(self.connections, len(self.scripts) - 1)]
            self.connections += 1
            self._playing.append(
                threading.Thread(target=self._play, args=(script, connection), daemon=True)
            )
            self._playing[-1].start()

    def _play(self, script, connection):
        connection.settimeout(5.0)
        with connection, suppress(OSError):
            script(self, connection)


@pytest.fixture
def sender():
    """A function from scripts to a sender; all are closed at the end."""
    senders = []

    def start(*scripts):
        senders.append(Sender(*scripts))
        return senders[-1]

    yield start
    for one in senders:
        one.close()


def request_of(sender, connection):
    """The next request, up to its empty line."""
    text = b""
    while b"\r\n\r\n" not in text:
        piece = connection.recv(4096)
        if not piece:
            raise ConnectionError
        text += piece
    sender.requests.append(text.decode("latin-1"))
    return sender.requests[-1]


def http(
    content, *, status="200 OK", length=None, chunk=8192, pause_s=0.0, stall_s=0.0, headers=""
):
    """A script: answer with a status, and send something, all at once or bit by bit; then stall, then hang up."""

    def script(sender, connection):
        request_of(sender, connection)
        size = "" if length is None else f"Content-Length: {length}\r\n"
        connection.sendall(
            f"HTTP/1.1 {status}\r\nContent-Type: audio/x\r\n{size}{headers}Connection: close\r\n\r\n".encode()
        )
        for at in range(0, len(content), chunk):
            connection.sendall(content[at : at + chunk])
            sender.wait(pause_s)
            if sender.closed.is_set():
                return
        sender.wait(stall_s)

    return script


def refusing(sender, connection):
    """A script: hang up at once."""
    del sender, connection


def silent(sender, connection):
    """A script: say nothing."""
    sender.wait(20.0)
    del connection


SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=fake\r\nt=0 0\r\n{video}"
    "m=audio 0 RTP/AVP 96\r\na=rtpmap:96 L16/16000/1\r\na=control:track1\r\n"
)
VIDEO = "m=video 0 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\na=control:track0\r\n"


def rtsp(
    samples,
    *,
    password=None,
    packet=320,
    pause_s=0.0,
    stall_s=0.0,
    status=None,
    lost=(),
    garbage=False,
):
    """A script: a camera with a picture and sound, of which the sound is sent in packets."""

    def script(sender, connection):
        if not _agree(sender, connection, password, status):
            return
        steps = (samples * 32767).astype(">i2")
        for number, at in enumerate(range(0, len(steps), packet)):
            if sender.closed.is_set():
                return
            if number in lost:
                continue
            payload = b"\xff" * 40 if garbage else steps[at : at + packet].tobytes()
            header = struct.pack(">BBHII", 0x80, 96, number & 0xFFFF, at & 0xFFFFFFFF, 7)
            if garbage:
                header = b"\x13" * 12
            data = header + payload
            connection.sendall(struct.pack(">cBH", b"$", 0, len(data)) + data)
            sender.wait(pause_s)
        sender.wait(stall_s)

    return script


def _agree(sender, connection, password, status):
    """The talk before the sound; whether it came to that."""
    while True:
        request = request_of(sender, connection)
        method, _, _ = request.partition(" ")
        number = next(line for line in request.splitlines() if line.lower().startswith("cseq"))

        def answer(line, headers="", body="", number=number):
            length = f"Content-Length: {len(body)}\r\n" if body else ""
            connection.sendall(
                f"RTSP/1.0 {line}\r\n{number}\r\n{headers}{length}\r\n{body}".encode()
            )

        if method == "OPTIONS":
            answer("200 OK", "Public: OPTIONS, DESCRIBE, SETUP, PLAY\r\n")
        elif status is not None:
            answer(status)
        elif password is not None and not _knows(request, password):
            answer("401 Unauthorized", 'WWW-Authenticate: Basic realm="camera"\r\n')
        elif method == "DESCRIBE":
            answer("200 OK", "Content-Type: application/sdp\r\n", SDP.format(video=VIDEO))
        elif method == "SETUP":
            answer("200 OK", "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n")
        elif method == "PLAY":
            answer("200 OK", "Session: 1\r\nRange: npt=0-\r\n")
            return True
        else:
            answer("200 OK")


def _knows(request, password):
    wanted = base64.b64encode(password.encode()).decode()
    return f"Authorization: Basic {wanted}" in request


def heard(source, *, seconds=None, until=None, limit_s=60.0):
    """Blocks of a source until there is so much of them, or something is so; then it is closed."""
    blocks, have_s = [], 0.0
    end_s = time.monotonic() + limit_s
    watch = threading.Timer(limit_s, source.close)
    watch.start()
    try:
        for block in source:
            blocks.append(block)
            have_s += len(block.samples) / block.rate_hz
            if (seconds is not None and have_s >= seconds) or (until is not None and until()):
                break
        source.close()
    finally:
        watch.cancel()
    assert time.monotonic() < end_s, (source.state, source.error, have_s)
    return blocks


@contextmanager
def no_threads_left():
    """No source goes on reading after it."""
    yield
    end_s = time.monotonic() + 30.0
    while extra := [one.name for one in threading.enumerate() if one.name.startswith("read ")]:
        assert time.monotonic() < end_s, extra
        time.sleep(0.01)
