"""`auscult edge`: a microphone that is checked."""

import errno
import io
import os
import sys

import numpy as np
import pytest

from auscult.cli import console, edge
from auscult.cli.console import BAD_USE, OK
from auscult.cli.edge import UNFIT

RATE_HZ = 16000


def hiss(level, seconds=4.0, seed=0):
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal(round(seconds * RATE_HZ))).astype(np.float32)


@pytest.fixture
def loud(write, tmp_path):
    return write(tmp_path / "running.wav", hiss(0.03))


@pytest.fixture
def still(write, tmp_path):
    return write(tmp_path / "still.wav", hiss(0.002, seed=1))


def test_what_is_fit_is_told_with_figures(run, loud, still):
    ended = run("edge", "check", "--source", f"file:{loud}", "--quiet", f"file:{still}")
    assert ended.code == OK
    lines = ended.out.splitlines()
    assert lines[0].endswith("running.wav: 16000 Hz, 4.0 s heard.")
    assert [line.split()[1] for line in lines[1:8]] == [
        *("level", "headroom", "offset", "noise", "hum", "band", "breaks"),
    ]
    assert "dB above it" in ended.out
    assert lines[-1] == "It is fit to listen with."


def test_programs_get_the_same(run, loud):
    found = run("edge", "check", "--source", f"file:{loud}", "--json").json
    assert (found["ok"], found["rate_hz"], found["seconds"]) == (True, RATE_HZ, 4.0)
    assert found["findings"][0]["name"] == "level"
    assert found["findings"][0]["value"] == pytest.approx(-30.5, abs=0.1)


def test_what_is_unfit_is_told_with_what_to_do(run, write, tmp_path):
    clipped = write(tmp_path / "clipped.wav", np.clip(hiss(1.0), -1.0, 1.0))
    ended = run("edge", "check", "--source", f"file:{clipped}")
    assert ended.code == UNFIT
    assert "✗ headroom" in ended.out
    assert "Lower the gain by 10 dB" in ended.words
    assert ended.out.splitlines()[-1] == "Nothing should be learned from this yet."


def test_what_could_be_better_will_do(run, write, tmp_path):
    faint = write(tmp_path / "faint.wav", hiss(0.0004))
    ended = run("edge", "check", "--source", f"file:{faint}")
    assert ended.code == OK
    assert "Raise the gain by about 38 dB" in ended.words
    assert ended.out.splitlines()[-1] == "It will do, and could be better."


def test_at_a_terminal_it_asks_for_the_quiet_first(run, loud, still, monkeypatch):
    """What is live is played by recordings here."""
    asked = []
    heard = iter([still, loud])
    monkeypatch.setattr(edge, "_can_ask", lambda: True)
    monkeypatch.setattr(edge, "_is_live", lambda address: address == "mic")
    monkeypatch.setattr(edge, "_ask", asked.append)
    real = edge._heard
    monkeypatch.setattr(
        edge,
        "_heard",
        lambda address, seconds, *, as_json: real(f"file:{next(heard)}", seconds, as_json=as_json),
    )
    ended = run("edge", "check")
    assert asked == [
        "Stop the machine, and be quiet.",
        "Let the machine run as it usually does.",
    ]
    assert "dB above it" in ended.out


def test_enter_is_waited_for(run, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    edge._ask("Be quiet.")
    monkeypatch.setattr(edge, "_can_ask", lambda: True)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    ended = run("edge", "check", "--source", "mic")
    assert ended.code == BAD_USE
    assert "Nobody answered" in ended.err
    assert "--at-once" in ended.err


def test_where_nobody_sits_nothing_is_asked(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert not edge._can_ask()
    assert not console.err.is_terminal


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("ftp://somewhere", "is no source"),
        ("file:nothing.wav", "nothing.wav"),
    ],
)
def test_what_is_no_source_is_told(run, three_beats, address, words):
    ended = run("edge", "check", "--source", address)
    assert ended.code == BAD_USE
    assert three_beats.search(ended.err)
    assert words in ended.err


def test_passwords_are_not_shown():
    assert edge._shown("rtsp://me:secret@camera/a") == "rtsp://camera/a"
    assert edge._shown("file:a b.wav") == "file:a b.wav"


def test_lost_samples_and_wrong_rates_are_findings():
    from auscult.audio.sound import Sound
    from auscult.live.excerpt import Excerpt
    from auscult.live.health import HealthChange

    heard = Excerpt(
        sound=Sound(samples=hiss(0.03), rate_hz=RATE_HZ),
        health=tuple(
            HealthChange(state=state, since_s=1.0) for state in ("low", "wrong_rate", "wrong_rate")
        ),
        dropped_samples=160,
    )
    found = edge._findings(heard, None)[7:]
    assert [(one.name, one.severity) for one in found] == [
        ("wrong_rate", "bad"),
        ("lost", "warning"),
    ]
    assert found[1].text == "160 samples were lost"


def test_a_unit_is_printed_with_what_it_needs(run, bundle_file, monkeypatch):
    monkeypatch.setattr(edge, "getuser", lambda: "pi")
    ended = run("edge", "service", bundle_file, "--source", "machine:fan")
    assert ended.code == OK
    assert f"-m auscult listen {bundle_file} --source machine:fan" in ended.out
    assert "User=pi" in ended.out
    assert "PrivateNetwork=yes" in ended.out
    assert ended.out.endswith("WantedBy=multi-user.target\n")


def test_a_unit_is_written_and_how_to_begin_is_told(run, bundle_file, bad, tmp_path):
    options = ("--source", f"file:{bad}", "--forward", "http://ears", "--forward-as", "press 3")
    target = tmp_path / "auscult.service"
    ended = run("edge", "service", bundle_file, *options, "-o", target)
    assert "systemctl daemon-reload && systemctl enable --now auscult.service" in ended.out
    text = target.read_text(encoding="utf-8")
    assert "--forward http://ears --forward-as press-3" in text
    assert f'--source "file:{bad}"' in text  # its name has a blank
    assert run("edge", "service", bundle_file, *options, "--json").json == {
        "unit": text,
        "file": None,
    }


def test_who_is_root_gets_a_user_that_may_enter_no_home(run, bundle_file, monkeypatch):
    monkeypatch.setattr(edge, "getuser", lambda: "root")
    monkeypatch.setattr("sys.executable", "/home/pi/venv/bin/python")
    ended = run("edge", "service", bundle_file, "--source", "machine:fan")
    assert "DynamicUser=yes" in ended.out
    assert "install it in /opt, or name one with --user" in ended.err
    monkeypatch.setattr("sys.executable", "/opt/auscult/bin/python")
    assert run("edge", "service", bundle_file, "--source", "machine:fan").err == ""


def test_a_password_in_a_unit_is_pointed_out(run, bundle_file):
    pytest.importorskip("av")
    ended = run("edge", "service", bundle_file, "--source", "rtsp://me:secret@camera/a")
    assert "can read the password" in ended.err
    assert "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6" in ended.out


@pytest.mark.parametrize(
    "options",
    [
        ["torn.wav"],
        ["BUNDLE", "--source", "ftp://x"],
        ["BUNDLE", "--source", "machine:fan", "--forward", "ears"],
        ["BUNDLE", "--source", "machine:fan", "-o", "nowhere/at/all"],
    ],
)
def test_a_unit_that_cannot_work_is_not_made(run, torn, bundle_file, three_beats, options):
    ended = run("edge", "service", *(bundle_file if one == "BUNDLE" else one for one in options))
    assert ended.code == BAD_USE
    assert three_beats.search(ended.err)


@pytest.mark.parametrize(
    ("module", "options", "what"),
    [
        ("sqlalchemy", ["--source", "mic"], "Keeping events"),
        ("httpcore", ["--source", "machine:fan", "--forward", "http://ears"], "Forwarding events"),
    ],
)
def test_a_unit_whose_needs_are_not_installed_is_not_made(  # noqa: PLR0917
    run, bundle_file, monkeypatch, module, options, what
):
    monkeypatch.setitem(sys.modules, module, None)
    ended = run("edge", "service", bundle_file, *options)
    assert ended.code == BAD_USE
    assert ended.out == ""
    assert f"{what} needs an optional part of Auscult." in ended.err
    assert "pip install 'auscult[edge]'" in ended.err


def test_what_is_not_forwarded_needs_nothing_to_forward(run, bundle_file, monkeypatch):
    monkeypatch.setitem(sys.modules, "httpcore", None)
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    assert run("edge", "service", bundle_file, "--source", "machine:fan").code == OK


def test_a_unit_that_the_disk_has_no_room_for_leaves_the_one_before(
    run, bundle_file, monkeypatch, three_beats, tmp_path
):
    target = tmp_path / "auscult.service"
    target.write_text("the one before")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("auscult.runtime.whole.os.fsync", full)
    ended = run("edge", "service", bundle_file, "--source", "machine:fan", "-o", target)
    assert ended.code == BAD_USE
    assert three_beats.search(ended.err)
    assert "auscult.service can't be written (No space left on device)" in ended.err
    assert "-o" in ended.err
    assert target.read_text() == "the one before"
