"""A server on this machine that gives files, whole or in parts, and breaks off when it is told to."""

import hashlib
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass
class Shelf:
    """What the server gives, how it behaves, and what it was asked for."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    takes_ranges: bool = True
    says_length: bool = True
    tag: str = ""
    breaks_after: int | None = None
    status: int | None = None
    asked: list[dict[str, str]] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        shelf = self.server.shelf
        shelf.asked.append(dict(self.headers))
        content = shelf.files.get(self.path)
        if shelf.status or content is None:
            self.send_error(shelf.status or 404)
            return
        tag = shelf.tag or f'"{hashlib.md5(content).hexdigest()}"'
        start = self.start_of(content, tag)
        if start is not None and start >= len(content):
            self.send_error(416)
            return
        rest = content[start or 0 :]
        self.send_response(200 if start is None else 206)
        self.send_header("ETag", tag)
        if shelf.says_length:
            self.send_header("Content-Length", str(len(rest)))
        if start is not None:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(rest if shelf.breaks_after is None else rest[: shelf.breaks_after])
        self.close_connection = True

    def start_of(self, content, tag):
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if not asked or not self.server.shelf.takes_ranges:
            return None
        if self.headers.get("If-Range", tag) != tag:
            return None
        return int(asked[1])

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, *_):
        """Who asked has gone: that is what some tests are about."""


@pytest.fixture
def shelf():
    """A server, given back as its `Shelf`."""
    server = Server(("127.0.0.1", 0), Handler)
    server.shelf = Shelf(address=f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.shelf
    server.shutdown()
    thread.join()
    server.server_close()
