"""What is told and where, and how a command ends: errors, interruptions, readers that have gone."""

import errno
import io
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from rich.console import Console

from auscult import cli
from auscult.cli import console
from auscult.cli.console import ANOMALIES, BAD_USE, INTERRUPTED, OK, SKIPPED
from auscult.errors import DatasetError


def test_whoever_mends_auscult_may_see_the_traceback(run, monkeypatch):
    monkeypatch.setenv("AUSCULT_DEBUG", "1")
    monkeypatch.setattr(sys, "argv", ["auscult", "data", "check", "gone"])
    with warnings.catch_warnings(), pytest.raises(DatasetError, match="gone is not there"):
        cli.main()


def test_what_had_to_be_upsampled_is_a_note(run, bundle_file, machine, write):
    write(Path("low.wav"), machine(8)[::2], rate_hz=8000)
    ended = run("score", bundle_file, "low.wav", "--json")
    assert isinstance(ended.json, list)
    assert "Note: " in ended.err
    assert "8000 Hz" in ended.err.replace(" ", " ").replace("8 000", "8000")


def test_many_notes_alike_are_told_once_and_counted(run, bundle_file, machine, write):
    for i in range(4):
        write(Path(f"low{i}.wav"), machine(8)[::2], rate_hz=8000)
    ended = run("score", bundle_file, *(f"low{i}.wav" for i in range(4)))
    told = " ".join(ended.err.split())
    assert told.count("is read at 16000 Hz") == 1
    assert "Learn one from such recordings, or record at 16000 Hz." in told
    assert "There were 4 recordings of a low rate; only the first was named." in told


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux only")
def test_names_that_are_no_text_are_told_too(run, bundle_file, good):
    name = os.fsdecode(b"caf\xe9.wav")
    shutil.copy(good, name)
    ended = run("score", bundle_file, name, "--json")
    assert ended.code == OK
    assert ended.json[0]["file"] == name
    assert "caf\\udce9.wav" in run("score", bundle_file, name).out


def test_a_terminal_without_those_letters_gets_valid_json(
    bundle_file, bad, tmp_path, started, strange_name
):
    shutil.copy(bad, tmp_path / strange_name)
    for arguments in (["--json"], []):
        process = started("score", bundle_file, strange_name, *arguments, cwd=tmp_path)
        process.communicate()
        assert process.returncode == OK
    command = [sys.executable, "-m", "auscult", "score", bundle_file, strange_name, "--json"]
    ascii_only = os.environ | {"PYTHONIOENCODING": "ascii"}
    ended = subprocess.run(command, cwd=tmp_path, env=ascii_only, capture_output=True, check=True)
    assert json.loads(ended.stdout.decode("ascii"))[0]["file"] == strange_name


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here is always full")
@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_a_file_that_has_no_room_for_what_is_printed_is_told(started, tmp_path, arguments):
    with Path("/dev/full").open("w") as full:
        process = started("recipes", *arguments, cwd=tmp_path, stdout=full)
        _, told = process.communicate(timeout=120)
    assert process.returncode == BAD_USE
    words = " ".join(told.decode().split())
    assert words.startswith("Error: The disk has no room for what was to be written: No space left")
    assert words.endswith("Make room, or choose another place.")


def test_what_else_a_disk_refuses_is_a_fault_of_ours(monkeypatch):
    def broken():
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with pytest.raises(OSError, match="Input/output"):
        console.run(broken)


def interrupted(process):
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=120)
    assert process.returncode == INTERRUPTED
    return (told or b"").decode()


def test_interrupting_simulate_leaves_nothing(tmp_path, started, wait_until):
    process = started("data", "simulate", "out", "--normal", 3000, cwd=tmp_path)
    wait_until(lambda: list(tmp_path.rglob("*.wav")), process)
    told = interrupted(process)
    assert told == "Stopped. Nothing was left half written.\n"
    assert list(tmp_path.iterdir()) == []


def test_interrupting_learn_leaves_the_old_bundle(tmp_path, good, started):
    (tmp_path / "fan.onnx").write_bytes(b"the one before")
    # The same recording under many names takes long to hear, and no room.
    (tmp_path / "normal").mkdir()
    for i in range(5000):
        (tmp_path / "normal" / f"{i:04d}.wav").symlink_to(good)
    ours, theirs = pty.openpty()
    process = started("learn", "normal", "-o", "fan.onnx", cwd=tmp_path, stderr=theirs)
    os.close(theirs)
    shown = b""
    while b"s of sound" not in shown:  # a bar with the time left, because it is a terminal
        shown += os.read(ours, 4096)
    interrupted(process)
    while b"Stopped." not in shown:
        shown += os.read(ours, 4096)
    os.close(ours)
    assert re.search(rb"\d:\d\d:\d\d|-:--:--", shown)
    assert (tmp_path / "fan.onnx").read_bytes() == b"the one before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fan.onnx", "normal"]


def test_ctrl_c_while_a_library_loads_is_no_traceback(run, monkeypatch):
    def broken(_):
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as stop:
            raise ImportError("initialization failed") from stop

    monkeypatch.setattr("auscult.runtime.bundle.load", broken)
    ended = run("bundle", "show", "fan.onnx")
    assert ended.code == INTERRUPTED
    assert ended.err == "Stopped. Nothing was left half written.\n"


def test_a_library_that_is_broken_shows_itself(monkeypatch):
    def broken(_):
        raise ImportError("no such library")

    monkeypatch.setattr("auscult.runtime.bundle.load", broken)
    monkeypatch.setattr(sys, "argv", ["auscult", "bundle", "show", "fan.onnx"])
    with warnings.catch_warnings(), pytest.raises(ImportError, match="no such library"):
        cli.main()


@pytest.mark.parametrize("as_json", [True, False])
def test_a_reader_that_has_gone_is_no_error(as_json, simulated_fan, tmp_path, started):
    options = ["--json"] if as_json else []
    process = started(
        "listen", simulated_fan, "simulated:", "--seconds", 600, "--fast", *options, cwd=tmp_path
    )
    assert process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=120) == OK
    assert process.stderr.read() == b""
    process.stderr.close()


def test_a_reader_that_was_never_there_is_no_error(bundle_file, good, tmp_path, started):
    reading, writing = os.pipe()
    os.close(reading)
    process = started("score", bundle_file, good, "--json", cwd=tmp_path, stdout=writing)
    os.close(writing)
    _, told = process.communicate(timeout=120)
    assert (process.returncode, told) == (OK, b"")


def test_exit_codes_are_those_that_are_documented():
    assert (OK, ANOMALIES, BAD_USE, SKIPPED, INTERRUPTED) == (0, 1, 2, 3, 130)


@pytest.mark.parametrize(("total", "words"), [(None, "7 s"), (20.0, "7/20 s")])
def test_what_has_no_end_has_a_bar_too(total, words, monkeypatch):
    terminal = Console(file=io.StringIO(), force_terminal=True, width=100)
    monkeypatch.setattr(console, "err", terminal)
    with console.progress(total, "s") as tell:
        tell(7.0, "folder/hall.wav")
    assert words in terminal.file.getvalue()
    assert "hall.wav" in terminal.file.getvalue()
