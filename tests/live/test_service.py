"""A unit that systemd takes, that is locked in, and that calls out only where it has to."""

import re
import shlex
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.live.service import Service, quoted, unit

PLAIN = Service(
    program=("/usr/bin/env", "-i", "auscult"), bundle=Path("/etc/hostname"), source="mic:USB Audio"
)
CALLING = replace(
    PLAIN, user="daemon", forward="https://ears.example", forward_as="press-3", calls_out=True
)


def settings(service):
    """Each setting with what it says, in order."""
    lines = [line for line in unit(service).splitlines() if "=" in line and line[0] != "#"]
    found = {}
    for line in lines:
        key, _, value = line.partition("=")
        found.setdefault(key, []).append(value)
    return found


def test_it_listens_is_watched_and_comes_back():
    found = settings(PLAIN)
    (command,) = found["ExecStart"]
    assert command == (
        '/usr/bin/env -i auscult listen /etc/hostname --source "mic:USB Audio" --plain --events'
        " --store %S/auscult/events.sqlite"
    )
    assert (found["Type"], found["WatchdogSec"]) == (["notify"], ["60"])
    assert (found["Restart"], found["StartLimitIntervalSec"]) == (["always"], ["0"])
    assert found["StateDirectory"] == ["auscult"]


def test_who_calls_nobody_has_no_network():
    found = settings(PLAIN)
    assert (found["PrivateNetwork"], found["IPAddressDeny"]) == (["yes"], ["any"])
    assert found["RestrictAddressFamilies"] == ["AF_UNIX"]
    assert "Wants" not in found


def test_who_forwards_has_one_and_waits_for_it():
    found = settings(CALLING)
    assert "PrivateNetwork" not in found
    assert found["Wants"] == ["network-online.target"]
    (command,) = found["ExecStart"]
    assert "--forward https://ears.example --forward-as press-3" in command
    assert found["EnvironmentFile"] == ["-/etc/auscult/environment"]


def test_it_runs_as_nobody_in_particular_or_as_who_is_named():
    assert settings(PLAIN)["DynamicUser"] == ["yes"]
    assert settings(CALLING)["User"] == ["daemon"]
    assert "DynamicUser" not in settings(CALLING)
    assert settings(PLAIN)["SupplementaryGroups"] == ["audio"]


@pytest.mark.parametrize(
    ("change", "home"),
    [
        ({}, "yes"),
        ({"bundle": Path("/home/pi/fan.onnx")}, "read-only"),
        ({"program": ("/home/pi/venv/bin/python", "-m", "auscult")}, "read-only"),
    ],
)
def test_homes_are_closed_unless_it_stands_in_one(change, home):
    assert settings(replace(PLAIN, **change))["ProtectHome"] == [home]


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40))
def test_words_come_out_as_they_went_in(word):
    """As systemd takes a line apart: quotes, backslashes, then its own signs."""
    assert re.sub(r"%%|\$\$", lambda sign: sign[0][0], shlex.split(quoted(word))[0]) == word


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
@pytest.mark.parametrize(
    ("service", "most"), [(PLAIN, 1.5), (CALLING, 2.6)], ids=["alone", "calling"]
)
def test_systemd_takes_it_and_finds_it_safe(service, most, tmp_path):
    """Its own figure: 0 is locked in, 10 is open; most services are at 9."""
    path = tmp_path / "auscult.service"
    path.write_text(unit(service), encoding="utf-8")
    verified = subprocess.run(
        ["systemd-analyze", "verify", str(path)], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    (exposure,) = re.findall(r"Overall exposure level for auscult.service: ([\d.]+)", judged.stdout)
    assert float(exposure) <= most
