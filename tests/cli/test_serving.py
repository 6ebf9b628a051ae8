"""`auscult serve`: what is refused before anything runs; how it runs is seen in the journeys."""

import json
import signal
import socket
import ssl
import subprocess
import sys
import webbrowser

import httpx
import pytest
from websockets.sync.client import connect

from auscult.cli import serving
from auscult.cli.console import BAD_USE


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--host 0.0.0.0", "and there is no key. Expected: 127.0.0.1, or at least one key"),
        ("--host 192.0.2.1 --key-file keys", "Address 192.0.2.1 can't be used"),
        ("--key-file .", "The keys in . can't be read: Is a directory"),
        ("--bundle gone.onnx", "gone.onnx could not be opened: No such file"),
    ],
)
def test_what_can_not_run_is_told_in_three_beats(arguments, words, run, three_beats):
    ended = run("serve", "--port", 0, "--data-dir", "data", *arguments.split(), "--json")
    assert ended.code == BAD_USE
    assert words in ended.err
    assert three_beats.search(ended.err), ended.err
    assert ended.out == ""


def test_a_port_that_is_taken_is_told(run):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ended = run("serve", "--port", other.getsockname()[1], "--data-dir", "data")
    assert ended.code == BAD_USE
    assert "is taken. Expected: a port that no other program listens on" in " ".join(
        ended.err.split()
    )


def test_a_variable_without_meaning_is_told(run, monkeypatch):
    monkeypatch.setenv("AUSCULT_MAX_STREAMS", "many")
    ended = run("serve", "--json")
    assert ended.code == BAD_USE
    assert "AUSCULT_MAX_STREAMS" in ended.err


def test_a_missing_part_is_told_with_how_to_get_it(run, monkeypatch):
    monkeypatch.setattr(serving, "find_spec", lambda name: None)
    ended = run("serve")
    assert ended.code == BAD_USE
    assert "pip install 'auscult[server]'" in " ".join(ended.err.split())
    assert not serving.page_is_there()


def test_the_demo_keeps_its_events_to_itself(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert serving.demo_dir() == tmp_path / "auscult" / "demo"


@pytest.mark.parametrize("has_browser", [True, False])
def test_a_screen_with_only_the_word_is_opened_where_there_is_a_browser(
    monkeypatch, capsys, has_browser
):
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or has_browser)
    serving._open_kiosk("http://localhost:8000/")
    assert opened == ["http://localhost:8000/?kiosk"]
    said = " ".join(capsys.readouterr().err.split())
    assert ("Open http://localhost:8000/?kiosk yourself" in said) != has_browser


def test_it_is_opened_once_requests_are_answered_and_only_if_asked_for(run, monkeypatch, tmp_path):
    from auscult.server import serving as served

    opened = []

    def answer_once(app, bound, *, state, ready, certificate):
        ready()
        state.store.close()

    monkeypatch.setattr(served, "run", answer_once)
    monkeypatch.setattr(serving, "_open_kiosk", opened.append)
    for options in ((), ("--kiosk",)):
        ended = run("serve", "--port", 0, "--data-dir", tmp_path / "data", "--json", *options)
        assert ended.code == 0
    assert opened == [ended.json["url"]]


def test_over_tls_with_a_certificate_of_its_own(tmp_path):
    command = [sys.executable, "-m", "auscult", "serve", "--https", "--json", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--data-dir", str(tmp_path / "data")], stdout=subprocess.PIPE, text=True
    )
    try:
        url = json.loads(process.stdout.readline())["url"]
        assert url.startswith("https://localhost:")
        trusts = ssl.create_default_context(cafile=tmp_path / "data" / "tls" / "authority.pem")
        assert (
            httpx.get(f"{url}/api/health", verify=trusts, timeout=60.0).json()["status"]
            == "no_model"
        )
        ways = httpx.get(f"{url}/api/access", verify=trusts, timeout=60.0).json()["ways"]
        assert all(way["address"].startswith("https://") for way in ways)
        with connect(f"{url.replace('https', 'wss')}/ws/events", ssl=trusts) as events:
            assert events.ping().wait(timeout=60.0)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        process.stdout.close()
    assert process.returncode == 0


def test_whoever_asks_it_twice_to_stop_reads_no_traceback(tmp_path):
    command = [sys.executable, "-m", "auscult", "serve", "--json", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--data-dir", str(tmp_path / "data")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (0, "")
