"""Every example runs as it stands: in a process and an empty folder of its own, with warnings as errors."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
PROGRAMS = sorted(EXAMPLES.glob("*.py"))
LIMIT_S = 300


def run(program: Path, folder: Path) -> str:
    """What a program prints."""
    ended = subprocess.run(
        [sys.executable, "-W", "error", str(program)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        check=False,
    )
    assert ended.returncode == 0, f"{program.name} ended with {ended.returncode}.\n{ended.stderr}"
    return ended.stdout


# What makes an example worth reading has to come true, too.
TRUE_OF = {
    "01": r"abnormal/\d+\.wav: anomaly, score .+\n    \d.*Hz: .* than normal",
    "02": r"4 of 4 faults heard, 0 of 4 false alarms",
    "03": r"anomaly has begun\n(.*\n)*.*anomaly has ended\n    \d.*Hz: .* than normal",
    "04": r"24-bands +AUC .*\nspectrum +AUC ",
    "05": r"without Auscult",
    "06": r"24 +\d.* a day \(preliminary\)\n.*\n +0\.14 ",
    "07": r"16 normal, 4 of other classes\nAUC .*: 4 normal against 4 others",
}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_example_runs(program: Path, tmp_path: Path) -> None:
    assert re.search(TRUE_OF[program.name[:2]], run(program, tmp_path))


def test_examples_are_numbered_and_listed() -> None:
    listed = re.findall(r"\]\((\w+\.py)\)", (EXAMPLES / "README.md").read_text(encoding="utf-8"))
    assert listed == [program.name for program in PROGRAMS]
    assert [program.name[:2] for program in PROGRAMS] == sorted(TRUE_OF)
