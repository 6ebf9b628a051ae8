"""A line to one camera, and to nowhere else.

FFmpeg follows a camera that sends it elsewhere (RTSP, status 3xx) to any place at all, and no option forbids it. So it
talks to a relay on loopback, which has called an address that was judged before. Until sound is asked for, each answer is
taken apart and written anew: FFmpeg reads nothing that was not understood here, and nothing that leads elsewhere.
After that no answer makes it call anybody, and bytes are handed on as they come.
"""

import re
import selectors
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from threading import Thread
from types import TracebackType
from typing import Any, Self

HOST = "127.0.0.1"
MAX_ANSWER_BYTES = 256 * 2**10

_PIECE_BYTES = 64 * 2**10  # more than TLS packs together: none is left where no selector sees it
_HEAD_END = re.compile(rb"\n\r*\n")
_STATUS = re.compile(rb"RTSP/\d\.\d (\d{3})(?: |$)")
_FIELD = re.compile(rb"[!-9;-~]+:[\t -~\x80-\xff]*")
_LENGTH = re.compile(rb"content-length:[ \t]*(\d{1,6})[ \t]*", re.IGNORECASE)


def addresses_of(host: str, port: int) -> list[str]:
    """What a name stands for now.

    Raises
    ------
    OSError
        If it stands for nothing.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def dial(
    addresses: Sequence[str], port: int, *, timeout_s: float, tls_host: str | None = None
) -> socket.socket:
    """Call the first of the addresses that answers.

    Parameters
    ----------
    addresses, port
        At least one.
    timeout_s
        For all of them together.
    tls_host
        Speak TLS, and ask for this name. Its certificate is not judged: cameras have none that anybody signed.

    Raises
    ------
    OSError
        If the last of them does not answer either.
    """
    share_s = timeout_s / len(addresses)
    for position, address in enumerate(addresses, 1):
        try:
            line = socket.create_connection((address, port), timeout=share_s)
        except OSError:
            if position == len(addresses):
                raise
            continue
        break
    if tls_host is None:
        return line
    try:
        return _any_certificate().wrap_socket(line, server_hostname=tls_host)
    except OSError:
        line.close()
        raise


def _any_certificate() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class RefusedAnswer(Exception):  # noqa: N818 - it is an answer, not a mistake
    """An answer that is not handed on, and why."""


class Answers:
    r"""Answers of a camera before there is sound, written anew.

    Lines end where FFmpeg ends them: at a line feed, and carriage returns count for nothing.

    Examples
    --------
    >>> answers = Answers()
    >>> answers.feed(b"RTSP/1.0 200 OK\nCSeq: 1\ncontent-length:2\n\nv=")
    b'RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 2\r\n\r\nv='
    >>> answers.feed(b"RTSP/1.0 302 Found\r\nLocation: rtsp://elsewhere/\r\n\r\n")
    Traceback (most recent call last):
    auscult.live.sources.relay.RefusedAnswer: it leads elsewhere (status 302), and is not followed
    """

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """What may be handed on, now that this has come.

        Raises
        ------
        RefusedAnswer
            If it leads elsewhere, or is no answer.
        """
        self._held += data
        found = b""
        while answer := self._next():
            found += answer
        if len(self._held) > MAX_ANSWER_BYTES:
            raise RefusedAnswer("its answer is too long")
        return found

    def _next(self) -> bytes:
        """The next whole answer; nothing, if it is not yet there."""
        end = _HEAD_END.search(self._held)
        if end is None:
            return b""
        lines = self._held[: end.start()].replace(b"\r", b"").split(b"\n")
        size = _judged(lines)
        if len(self._held) < end.end() + size:
            return b""
        body = self._held[end.end() : end.end() + size]
        self._held = self._held[end.end() + size :]
        kept = [line for line in lines if not _LENGTH.fullmatch(line)]
        length = [b"Content-Length: %d" % size] if size else []
        return b"\r\n".join([*kept, *length, b"", body])


def _judged(lines: list[bytes]) -> int:
    """How long the body is, of an answer that may be handed on."""
    status = _STATUS.match(lines[0])
    if status is None or not all(_FIELD.fullmatch(line) for line in lines[1:]):
        raise RefusedAnswer("its answer can't be understood")
    if status[1].startswith(b"3"):
        raise RefusedAnswer(
            f"it leads elsewhere (status {status[1].decode()}), and is not followed"
        )
    named = [line for line in lines[1:] if line.lower().startswith(b"content-length:")]
    lengths = [_LENGTH.fullmatch(line) for line in named]
    if len(lengths) > 1 or None in lengths:
        raise RefusedAnswer("its answer can't be understood")
    return sum(int(length[1]) for length in lengths if length is not None)


class Relay:
    """Hands on what one caller on this machine and a camera say, in a thread of its own, while it is open.

    Parameters
    ----------
    camera
        A line to it, as `dial` makes it; it is closed with the relay.
    timeout_s
        For the caller to come, and for the camera to take what is said.
    """

    def __init__(self, camera: socket.socket, *, timeout_s: float) -> None:
        self.refused: str | None = None
        self._camera = camera
        self._timeout_s = timeout_s
        self._door = socket.create_server((HOST, 0), backlog=1)
        self.port: int = self._door.getsockname()[1]
        self._caller: socket.socket | None = None
        self._thread = Thread(target=self._serve, name="relay", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        for one in (self._door, self._caller, self._camera):
            with suppress(OSError):  # it has hung up already
                if one is not None:
                    one.shutdown(socket.SHUT_RDWR)
        self._thread.join(self._timeout_s)

    def _serve(self) -> None:
        try:
            with self._camera, self._door:
                self._door.settimeout(self._timeout_s)
                self._caller, _ = self._door.accept()
                with self._caller:
                    self._hand_on(self._caller)
        except RefusedAnswer as why:
            self.refused = str(why)
        except OSError:
            return  # either has hung up, and the other one is told by the end of its line

    def _hand_on(self, caller: socket.socket) -> None:
        answers: Answers | None = Answers()
        with selectors.DefaultSelector() as ready:
            ready.register(caller, selectors.EVENT_READ)
            ready.register(self._camera, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    said = _heard(key.fileobj)
                    if said is None:
                        continue
                    if not said:
                        return
                    if key.fileobj is self._camera:
                        self._say(caller, said if answers is None else answers.feed(said))
                        continue
                    # Nothing that is answered from here on makes FFmpeg call anybody.
                    answers = None if said.startswith(b"PLAY ") else answers
                    self._say(self._camera, said)

    def _say(self, line: socket.socket, what: bytes) -> None:
        line.settimeout(None if line is self._caller else self._timeout_s)
        line.sendall(what)


def _heard(line: Any) -> bytes | None:
    """What has come; nothing at the end of the line, `None` if it is not for us."""
    line.settimeout(0.0)
    try:
        return bytes(line.recv(_PIECE_BYTES))
    except (BlockingIOError, ssl.SSLWantReadError):
        return None
