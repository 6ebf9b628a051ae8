"""Commands run as people and programs run them, and recordings to run them on."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import warnings
from dataclasses import dataclass

import pytest
import soundfile

from auscult import cli
from auscult.memory.learn import learn_clips

RATE_HZ = 16000

THREE_BEATS = re.compile(r"^Error: .+\. Expected: .+\. .+\.?$", re.MULTILINE)
STRANGE = "日本 <script>alert(1)</script> [red] ünï.wav".replace("/", "\N{DIVISION SLASH}")


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        """The one document on stdout."""
        return json.loads(self.out)

    @property
    def lines(self):
        """The documents on stdout, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def words(self):
        """What people read, however the terminal broke its lines."""
        return " ".join(self.out.split())


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run a command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def ended(*arguments):
        monkeypatch.setattr(sys, "argv", ["auscult", *map(str, arguments)])
        with warnings.catch_warnings(), pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Ended(code=end.value.code or 0, out=said.out, err=said.err)

    return ended


def start(*arguments, cwd, **options):
    """Start a command as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "auscult", *map(str, arguments)],
        cwd=cwd,
        env=os.environ | {"PYTHONUTF8": "1", "TERM": "xterm", "COLUMNS": "100"},
        # What runs in the background of a shell has interrupts switched off, and so would its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        **({"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options),
    )


@pytest.fixture(scope="session")
def started():
    """A function that starts a command as a process of its own."""
    return start


def wait(is_so, process, limit_s=120.0):
    """Wait for something that a process does."""
    end = time.monotonic() + limit_s
    while not is_so():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


@pytest.fixture(scope="session")
def wait_until():
    """A function that waits for something that a process does."""
    return wait


def write_recording(path, samples, rate_hz=RATE_HZ):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate_hz, subtype="PCM_16")
    return path


@pytest.fixture(scope="session")
def write():
    """A function from a place, samples and a rate to a recording."""
    return write_recording


@pytest.fixture(scope="session")
def labelled(tmp_path_factory, machine, faulty):
    """Recordings that were not learned from, by what they are; not to be written to."""
    root = tmp_path_factory.mktemp("labelled")
    for i in range(4):
        write_recording(root / "normal" / f"good {i}.wav", machine(100 + i))
    for i in range(3):
        write_recording(root / "abnormal" / f"bad {i}.wav", faulty(200 + i))
    return root


@pytest.fixture(scope="session")
def classes(tmp_path_factory, sound_like):
    """Recordings of `hum`, `hiss`, `whistle` and the unknown `tone` in folders of their names; not to be written to."""
    root = tmp_path_factory.mktemp("classes")
    for kind in ("hum", "hiss", "whistle", "tone"):
        for i in range(4):
            write_recording(root / kind / f"{kind} {i}.wav", sound_like(kind, i))
    return root


@pytest.fixture
def good(labelled):
    return labelled / "normal" / "good 0.wav"


@pytest.fixture
def bad(labelled):
    return labelled / "abnormal" / "bad 0.wav"


@pytest.fixture
def torn(tmp_path):
    """A file that only claims to be a recording."""
    path = tmp_path / "torn.wav"
    path.write_text("no sound at all")
    return path


@pytest.fixture(scope="session")
def simulated_fan(tmp_path_factory):
    """Learned from two minutes of the simulated ventilator."""
    from auscult.audio.synth import fan
    from auscult.live.demo import minutes_of

    learned = learn_clips(minutes_of(fan(), minutes=2, seed=0), preset="edge")
    return learned.bundle.save(tmp_path_factory.mktemp("fan") / "fan.onnx")


@pytest.fixture(scope="session")
def three_beats():
    """What an error reads like: what happened, what was expected, what to do."""
    return THREE_BEATS


@pytest.fixture(scope="session")
def strange_name():
    """A file's name that terminals and pages may stumble over."""
    return STRANGE
