"""A simulated machine, healthy and broken, and a command line beside it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import auscult
from auscult.datasets.simulate import simulate

N_LEARNED = 10


@dataclass(frozen=True, kw_only=True)
class Simulated:
    """A simulated data set: what is learned from, what is not, and what is true of the faults."""

    root: Path

    @property
    def normal(self):
        return sorted(self.root.glob("fan/id_00/normal/*.wav"))

    @property
    def learned(self):
        return self.normal[:N_LEARNED]

    @property
    def healthy(self):
        return self.normal[N_LEARNED:]

    @property
    def broken(self):
        return sorted(self.root.glob("fan/id_00/abnormal/*.wav"))

    @property
    def truth(self):
        """By path: kind, start_s, end_s, low_hz, high_hz of the fault."""
        files = json.loads((self.root / "truth.json").read_text(encoding="utf-8"))["files"]
        return {self.root / name: fault for name, fault in files.items()}


@pytest.fixture(scope="session")
def simulated(tmp_path_factory):
    """Sixteen healthy recordings of a ventilator, twelve broken ones at 6 dB; not to be written to."""
    out = tmp_path_factory.mktemp("simulated") / "recordings"
    return Simulated(root=simulate(out, normal=16, anomaly=12, seed=1, snr_db=6.0))


@pytest.fixture(scope="session")
def learned(simulated):
    """A bundle of ten of its healthy recordings."""
    return auscult.learn(simulated.learned, name="fan")


@pytest.fixture(scope="session")
def learned_file(learned, tmp_path_factory):
    """The same, saved; not to be written to."""
    return learned.save(tmp_path_factory.mktemp("learned") / "fan.onnx")


@pytest.fixture
def auscult_in(tmp_path):
    """Run the command line as a process in an empty folder: exit code, stdout, stderr."""

    def run(*arguments):
        ended = subprocess.run(
            [sys.executable, "-m", "auscult", *map(str, arguments)],
            cwd=tmp_path,
            env=os.environ | {"PYTHONUTF8": "1", "COLUMNS": "120"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert "Traceback" not in ended.stderr
        return ended.returncode, ended.stdout, ended.stderr

    return run
