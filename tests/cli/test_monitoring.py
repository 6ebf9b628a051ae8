"""`auscult listen --source`: live sources on the command line."""

import json
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import numpy as np
import pytest
from tests.live.simple import stored_event

from auscult.cli.console import ANOMALIES, BAD_USE, OK
from auscult.cli.monitoring import check_microphone
from auscult.live import sources
from auscult.live.clock import SystemClock
from auscult.live.database import Database, FullError, OutOfReachError
from auscult.live.monitor import Monitor
from auscult.live.postgres import PostgresDatabase
from auscult.live.sources import Microphone
from auscult.live.spool import SpooledStore, waiting_file
from auscult.live.store import EventStore


def test_a_source_is_heard_as_the_file_is(run, bundle_file, bad):
    ended = run("listen", bundle_file, "--source", f"file:{bad}", "--fast", "--json")
    alone = run("listen", bundle_file, bad, "--fast", "--json")
    assert ended.code == OK
    assert [line for line in ended.lines if "event" in line] == [
        line for line in alone.lines if "event" in line
    ]
    windows = [line["window"] for line in ended.lines if "window" in line]
    heard = [line["window"] for line in alone.lines if "window" in line]
    assert [{key: one[key] for key in heard[0]} for one in windows] == heard
    assert all(one["infer_ms"] > 0 for one in windows)
    limits = {one["rule"]: one["limit"] for one in windows}
    assert limits
    assert all(limit > 0 for limit in limits.values())


def test_a_line_a_window_says_all_of_it(run, bundle_file, bad):
    ended = run("listen", "--bundle", bundle_file, "--source", f"file:{bad}", "--fast", "--plain")
    assert ended.code == OK
    windows = [line for line in ended.out.splitlines() if "score" in line]
    assert len(windows) == 9
    for line in windows:
        assert "normal" in line or "ANOMALY" in line
        assert "limit" in line
        assert line.endswith(" ms")
    assert "anomaly begins" in ended.out
    assert "1 event in 10 s." in ended.words
    only = run("listen", bundle_file, "--source", f"file:{bad}", "--fast", "--plain", "--events")
    assert "score" not in only.out
    assert "anomaly begins" in only.out


def test_it_fails_on_anomalies_where_asked(run, bundle_file, good, bad):
    common = ("--fast", "--plain", "--fail-on-anomaly")
    assert run("listen", bundle_file, "--source", f"file:{bad}", *common).code == ANOMALIES
    assert run("listen", bundle_file, "--source", f"file:{good}", *common).code == OK


def test_health_is_told_beside_the_verdicts(run, bundle_file, write, machine, tmp_path):
    samples = np.concatenate([machine(1), np.zeros(8 * 16000, np.float32)])
    path = write(tmp_path / "dies.wav", samples)
    common = ("listen", bundle_file, "--source", f"file:{path}", "--fast")
    told = [line["health"] for line in run(*common, "--json").lines if "health" in line]
    assert [one["state"] for one in told] == ["silent"]
    assert told[0]["since_s"] == 10.0
    assert "signal: silence" in run(*common, "--plain").out


def test_a_dead_microphone_reaches_whoever_is_told(  # noqa: PLR0917
    run, bundle_file, write, machine, tmp_path, receiver
):
    samples = np.concatenate([machine(1), np.zeros(8 * 16000, np.float32)])
    path, store = write(tmp_path / "gone.wav", samples), tmp_path / "gone.sqlite"
    url = f"http://127.0.0.1:{receiver.server_port}/hook"
    run(
        *("listen", bundle_file, "--source", f"file:{path}", "--fast", "--plain"),
        *("--store", store, "--notify", url, "--forward", "http://127.0.0.1:9"),
    )
    told = [body for _, body in receiver.posted if body.get("kind") == "silent"]
    assert [one["status"] for one in told] == ["begun", "ended"]
    opened = EventStore(store, clock=SystemClock())
    (kept,) = opened.find(kind="silent")
    waiting = [one.payload["kind"] for one in opened.outbox.waiting("forward")]
    opened.close()
    assert (kept.status, kept.start_s) == ("ended", 10.0)
    assert waiting.count("silent") == 2


def test_events_are_kept_where_asked(run, bundle_file, bad, tmp_path):
    path = tmp_path / "events.sqlite"
    common = ("listen", bundle_file, "--source", f"file:{bad}", "--fast", "--json")
    lines = run(*common, "--store", path).lines
    (ended,) = [
        line["event"] for line in lines if "event" in line and line["event"]["status"] == "ended"
    ]
    store = EventStore(path, clock=SystemClock())
    (kept,) = store.find()
    store.close()
    assert (kept.status, kept.kind, kept.stream) == ("ended", "anomaly", "file")
    assert kept.peak_ratio == ended["peak_ratio"]
    assert kept.explanation["text"] == ended["explanation"]["text"]
    assert kept.limit > 0
    length_s = (kept.ended_at - kept.begun_at).total_seconds()
    assert length_s == pytest.approx(kept.end_s - kept.start_s)
    run(*common, "--store", path)
    store = EventStore(path, clock=SystemClock())
    assert store.count() == 2
    store.close()


def test_what_a_power_cut_left_open_is_closed_and_sent_on(run, bundle_file, good, tmp_path):
    path = tmp_path / "events.sqlite"
    store = EventStore(path, clock=SystemClock())
    left = stored_event(store.new_id(), stream="file", begun_at=SystemClock().utc())
    store.add(left)
    store.close()
    ended = run(
        *("listen", bundle_file, "--source", f"file:{good}", "--fast", "--plain"),
        *("--store", path, "--forward", "http://127.0.0.1:9"),
    )
    assert "Listening was cut off before: 1 event had not ended." in ended.err
    store = EventStore(path, clock=SystemClock())
    (kept,) = store.find()
    (message,) = store.outbox.waiting("forward")
    store.close()
    assert (kept.id, kept.status) == (left.id, "ended")
    assert kept.ended_at - kept.begun_at == timedelta(seconds=2.0)
    assert message.payload["status"] == "ended"


def test_events_are_kept_in_postgres_where_asked(  # noqa: PLR0917
    run, bundle_file, bad, postgres_url, tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    common = ("listen", bundle_file, "--source", f"file:{bad}", "--fast", "--plain")
    ended = run(*common, "--store", postgres_url())
    assert ended.code == OK, ended.err
    assert "wait for the database" not in ended.err
    store = EventStore(PostgresDatabase(postgres_url(), clock=SystemClock()), clock=SystemClock())
    (kept,) = store.find()
    assert (kept.status, kept.kind, kept.stream) == ("ended", "anomaly", "file")
    taken = run(*common, "--store", postgres_url())
    store.close()
    assert taken.code == BAD_USE
    assert "is in use by another Auscult" in taken.err
    assert "choose another place: --store" in taken.err
    assert [path.suffix for path in (tmp_path / "auscult").glob("*.sqlite")] == [".sqlite"]


def test_what_waits_when_postgres_goes_is_said_and_stored_another_time(  # noqa: PLR0917
    run, bundle_file, bad, postgres_url, tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    common = ("listen", bundle_file, "--source", f"file:{bad}", "--fast", "--plain")
    asked = (*common, "--store", postgres_url())
    assert run(*asked).code == OK

    def away(*_, **__):
        raise OutOfReachError("It is away.", "one that answers", "Wait.")

    with monkeypatch.context() as gone:
        gone.setattr(EventStore, "add", away)
        gone.setattr(EventStore, "update", away)
        ended = run(*asked)
    assert ended.code == OK, ended.err
    assert "Changes of events that wait for the database: 2." in " ".join(ended.err.split())
    waiting = SpooledStore(postgres_url(), spool=waiting_file(postgres_url()), clock=SystemClock())
    waiting.drain()
    assert (waiting.count(), waiting.waiting) == (2, 0)
    waiting.close()


def test_a_store_without_its_driver_or_address_is_told_with_the_option_that_there_is(
    run, bundle_file, bad, tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    common = ("listen", bundle_file, "--source", f"file:{bad}", "--fast", "--store")
    wrong = run(*common, "postgresql://u:s3cret@and-more@h/db")
    assert wrong.code == BAD_USE
    assert "Change --store; a file keeps events, too." in wrong.err
    assert "AUSCULT_DATABASE" not in wrong.err
    assert "s3cret" not in wrong.err
    monkeypatch.setitem(sys.modules, "psycopg", None)
    missing = run(*common, "postgresql://ears:s3cret@h/db")
    assert missing.code == BAD_USE
    assert "pip install 'auscult[postgres]'" in missing.err
    assert "s3cret" not in missing.err


def test_whoever_listens_is_told_of_the_option_that_there_is(run, bundle_file, bad, tmp_path):
    (tmp_path / "file").touch()
    other = sqlite3.connect(tmp_path / "other.sqlite")
    other.execute("CREATE TABLE ours (number INTEGER)")
    other.close()
    taken = EventStore(tmp_path / "taken.sqlite", clock=SystemClock())
    for name in ("file/events.sqlite", "other.sqlite", "taken.sqlite"):
        common = ("listen", bundle_file, "--source", f"file:{bad}", "--fast")
        ended = run(*common, "--store", tmp_path / name)
        assert ended.code == BAD_USE
        assert "choose another place: --store" in ended.err.replace("C", "c")
        assert "--data-dir" not in ended.err
    taken.close()


class Receiver(BaseHTTPRequestHandler):
    """Takes what is posted to it."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((dict(self.headers), json.loads(body)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        """Nothing."""


@pytest.fixture
def receiver():
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    server.posted = []
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join(5.0)
    server.server_close()


def test_others_are_told_where_asked(  # noqa: PLR0917
    run, bundle_file, bad, tmp_path, receiver, monkeypatch
):
    monkeypatch.setenv("AUSCULT_WEBHOOK_SECRET", "very secret")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    url = f"http://127.0.0.1:{receiver.server_port}/hook"
    ended = run(
        *("listen", bundle_file, "--source", f"file:{bad}", "--fast", "--plain"),
        *("--store", tmp_path / "events.sqlite", "--notify", url),
    )
    assert ended.code == OK
    assert "have not arrived" not in ended.err
    assert len(receiver.posted) == 2
    assert "begun" in json.dumps(receiver.posted[0][1])
    assert "ended" in json.dumps(receiver.posted[1][1])
    assert all(headers["webhook-signature"].startswith("v1,") for headers, _ in receiver.posted)


def test_a_receiver_that_is_down_is_told_and_its_messages_wait(run, bundle_file, bad, tmp_path):
    ended = run(
        *("listen", bundle_file, "--source", f"file:{bad}", "--fast", "--plain"),
        *("--store", tmp_path / "events.sqlite", "--notify", "http://127.0.0.1:9/hook"),
    )
    assert ended.code == OK
    assert "2 messages have not arrived yet" in ended.err


ALWAYS = "mon-sun 00:00-24:00"


def test_in_quiet_hours_messages_wait_and_come_afterwards(
    run, bundle_file, bad, tmp_path, receiver
):
    url = f"http://127.0.0.1:{receiver.server_port}/hook"
    common = ("listen", bundle_file, "--source", f"file:{bad}", "--fast", "--plain")
    told = ("--store", tmp_path / "events.sqlite", "--notify", url)
    ended = run(*common, *told, "--quiet", ALWAYS)
    assert ended.code == OK
    assert receiver.posted == []
    assert "2 messages have not arrived yet; they wait in the store" in ended.err
    run(*common, *told)
    assert len(receiver.posted) == 4


def test_of_what_begins_in_maintenance_nobody_is_told_not_later_either(
    run, bundle_file, bad, tmp_path, receiver
):
    url = f"http://127.0.0.1:{receiver.server_port}/hook"
    common = ("listen", bundle_file, "--source", f"file:{bad}", "--fast", "--plain")
    told = ("--store", tmp_path / "events.sqlite", "--notify", url)
    ended = run(*common, *told, "--maintenance", ALWAYS)
    assert ended.code == OK
    assert "have not arrived" not in ended.err
    assert receiver.posted == []
    store = EventStore(tmp_path / "events.sqlite", clock=SystemClock())
    assert len(store.find()) == 1
    store.close()


def test_what_is_not_installed_to_keep_events_is_told(run, bundle_file, bad, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "auscult.live.store", None)
    ended = run(
        "listen", bundle_file, "--source", f"file:{bad}", "--store", tmp_path / "events.sqlite"
    )
    assert ended.code == BAD_USE
    assert "pip install 'auscult[edge]'" in ended.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("BUNDLE --source mic:Foo", "No microphone is called 'Foo'. Expected: one of USB Audio"),
        ("BUNDLE --source today.wav", "'today.wav' is no source. Expected: mic, mic:NAME"),
        ("BUNDLE --source file:gone.wav --fast", "gone.wav does not exist"),
        ("BUNDLE --source machine:car", "There is no simulated machine 'car'"),
        ("BUNDLE today.wav --source mic", "2 sources were named"),
        ("--source mic", "No bundle was named"),
        ("BUNDLE --source mic --fault knock@3", "--fault means nothing without"),
        ("BUNDLE --source mic --channel 1", "--channel means nothing without"),
        ("BUNDLE today.wav --plain", "--plain means nothing without"),
        ("BUNDLE today.wav --store x.sqlite", "Expected: --source ADDRESS"),
        ("BUNDLE --source mic --notify https://example.org", "Expected: --store FILE"),
        ("BUNDLE --source mic --store x --notify pigeon", "There is no channel 'pigeon'"),
        ("BUNDLE today.wav --quiet 22:00-06:00", "--quiet or --maintenance means nothing without"),
        ("BUNDLE --source mic --quiet 22:00-06:00", "Expected: --notify ADDRESS"),
        ("BUNDLE --source mic --store x --notify print: --quiet night", "'night' names no hours"),
        ("BUNDLE", "0 sources were named"),
        ("", "No bundle was named"),
        ("BUNDLE rtsp://me:secret@camera/x", "rtsp://camera/x is no recording: it is live"),
    ],
)
def test_what_can_not_be_is_told(  # noqa: PLR0917
    run, bundle_file, three_beats, monkeypatch, words, told
):
    found = Microphone(id="USB Audio", name="USB", rate_hz=48000, channels=1, is_default=True)
    monkeypatch.setattr(sources, "microphones", lambda: [found])
    arguments = [bundle_file if word == "BUNDLE" else word for word in words.split()]
    ended = run("listen", *arguments)
    assert ended.code == BAD_USE
    assert told in " ".join(ended.err.split())
    assert three_beats.search(ended.err)
    assert "secret" not in ended.err


def test_of_two_microphones_that_are_called_so_none_is_waited_for_for_ever(
    run, bundle_file, three_beats, monkeypatch
):
    found = [
        Microphone(id=name, name=name, rate_hz=48000, channels=1, is_default=False)
        for name in ("USB Audio", "USB Cam")
    ]
    monkeypatch.setattr(sources, "microphones", lambda: found)
    monkeypatch.setattr(Monitor, "run", lambda _: pytest.fail("it is heard, and nothing comes"))
    ended = run("listen", bundle_file, "--source", "mic:USB")
    assert ended.code == BAD_USE
    assert three_beats.search(ended.err)
    assert "2 microphones are called like 'USB'. Expected: one of USB Audio, USB Cam" in ended.err


@pytest.mark.parametrize("wanted", ["", "USB Audio (hw:1,0)", "audio"])
def test_whatever_the_source_would_open_is_no_mistake(monkeypatch, wanted):
    found = [
        Microphone(
            id="USB Audio", name="USB Audio (hw:1,0)", rate_hz=48000, channels=1, is_default=True
        )
    ]
    monkeypatch.setattr(sources, "microphones", lambda: found)
    check_microphone(f"mic:{wanted}")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are different there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_machine_is_heard_live_until_someone_stops_it(
    started, wait_until, bundle_file, tmp_path, number
):
    out = tmp_path / "out.jsonl"
    with out.open("w") as file:
        process = started(
            "listen", bundle_file, "--source", "machine:fan", "--json", cwd=tmp_path, stdout=file
        )
        try:
            wait_until(lambda: out.read_text().count('"window"') >= 2, process)
            begin_s = time.monotonic()
            process.send_signal(number)
            _, err = process.communicate(timeout=120.0)
        finally:
            process.kill()
    assert time.monotonic() - begin_s < 20.0
    assert process.returncode == OK, err
    windows = [
        json.loads(line)["window"] for line in out.read_text().splitlines() if '"window"' in line
    ]
    assert [one["start_s"] for one in windows] == list(range(len(windows)))


def test_a_terminal_gets_a_panel(bundle_file, bad, tmp_path):
    program = (
        "import sys\n"
        "from auscult.cli import console, main\n"
        "from rich.console import Console\n"
        "console.out = Console(force_terminal=True, width=100)\n"
        "sys.argv = ['auscult', 'listen', sys.argv[1], '--source', 'file:' + sys.argv[2], '--fast']\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(bundle_file), str(bad)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == OK, done.stderr
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", done.stdout)
    for word in ("normal", "score", "limit", "band", "inference", "dBFS", "anomaly begins"):
        assert word in shown


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--forward", "http://ears"], "--store FILE, where what can't be delivered waits"),
        (["--store", "e.sqlite", "--forward", "ears"], "is no server's address"),
        (["--store", "e.sqlite", "--forward", "http://me:secret@ears"], "AUSCULT_FORWARD_KEY"),
        (
            ["--store", "e.sqlite", "--forward", "http://ears", "--forward-as", "///"],
            "can't be a machine's name",
        ),
    ],
)
def test_what_cannot_be_forwarded_to_is_told(  # noqa: PLR0917
    run, bundle_file, bad, three_beats, options, words
):
    ended = run("listen", bundle_file, "--source", f"file:{bad}", "--fast", *options)
    assert ended.code == BAD_USE
    assert three_beats.search(ended.err)
    assert words in ended.err
    assert "me:secret" not in ended.err


def test_systemd_is_told_that_it_listens_and_that_it_ends(
    run, bundle_file, bad, tmp_path, monkeypatch
):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "60000000")
        run("listen", bundle_file, "--source", f"file:{bad}", "--fast")
        told = [line.recv(1000) for _ in range(3)]
    assert told == [b"READY=1\nSTATUS=Listening to bad 0.wav", b"WATCHDOG=1", b"STOPPING=1"]


@pytest.mark.parametrize(
    ("url", "is_open"), [("http://127.0.0.1:9", False), ("http://ears.invalid", True)]
)
def test_what_is_not_forwarded_yet_is_told_and_waits(  # noqa: PLR0917
    run, bundle_file, bad, tmp_path, monkeypatch, url, is_open
):
    monkeypatch.setenv("AUSCULT_FORWARD_KEY", "very hidden")
    ended = run(
        *("listen", bundle_file, "--source", f"file:{bad}", "--fast", "--plain"),
        *("--store", tmp_path / "events.sqlite", "--forward", url),
    )
    assert ended.code == OK
    assert "2 messages are not yet forwarded; they wait in the store" in ended.err
    assert "have not arrived" not in ended.err  # that is said of whom --notify names
    assert ("The key crosses the network as it is" in ended.err) == is_open
    assert "very hidden" not in ended.err
    assert "1 event in" in ended.out


def test_where_no_systemd_is_a_file_is_touched(run, bundle_file, bad, tmp_path, monkeypatch):
    monkeypatch.setenv("AUSCULT_BEAT", str(tmp_path / "beat"))
    run("listen", bundle_file, "--source", f"file:{bad}", "--fast")
    assert (tmp_path / "beat").exists()


@pytest.mark.parametrize("has_room_later", [False, True])
def test_a_disk_that_is_full_makes_nobody_deaf(  # noqa: PLR0917
    run, bundle_file, bad, tmp_path, monkeypatch, has_room_later
):
    tried = []

    def database(path, **how):
        tried.append(path)
        if has_room_later and len(tried) > 1:
            return Database(path, **how)
        raise FullError(f"{path} can't be written: the disk is full.", "room", "Make room.")

    monkeypatch.setattr("auscult.live.late.Database", database)
    path = tmp_path / "events.sqlite"
    ended = run("listen", bundle_file, "--source", f"file:{bad}", "--fast", "--store", path)
    assert ended.code == OK
    assert "1 event in 10 s." in ended.words
    said = " ".join(ended.err.split())
    assert "Listening goes on: events are kept in memory until there is room" in said
    assert ("There is room again" in said) == has_room_later
    assert ("1 event could not be kept" in said) != has_room_later
    if has_room_later:
        store = EventStore(path, clock=SystemClock())
        assert [one.status for one in store.find()] == ["ended"]
        store.close()
