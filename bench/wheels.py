"""Wheels for small machines: every dependency has one for aarch64 and x86-64, on Python 3.11 to 3.13.

Asks the index that pip is set to, by pip itself (`pip install --dry-run --only-binary :all: --platform …`): nothing is installed, and of
large wheels only the metadata is fetched. Ends with 1 where a wheel is missing, since there a compiler would be needed.

    python bench/wheels.py [EXTRA ...]

Without an extra: the core, and what `auscult[mic]` and `auscult[edge]` add to it.
"""

import argparse
import json
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from rich.console import Console
from rich.table import Table

from machine import machine_line

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
MACHINES = ("aarch64", "x86_64")
GLIBCS = (17, 24, 26, 27, 28, 31, 34)
"""Of manylinux_2_N: up to what Raspberry Pi OS 12 has, 2.36."""

EXTRAS = ("mic", "edge")
LIMIT_S = 300


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What pip found for one Python on one machine.

    Parameters
    ----------
    python, machine
        For which.
    wheels
        Names of the files, with their versions.
    error
        Why not all were found; empty where they were.
    """

    python: str
    machine: str
    wheels: tuple[str, ...] = ()
    error: str = ""


def requirements(extras: Sequence[str]) -> list[str]:
    """What the core needs, and what extras add; extras that name others are resolved."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = list(project["dependencies"])
    waiting = list(extras)
    seen: set[str] = set()
    while waiting:
        extra = waiting.pop()
        if extra in seen:
            continue
        seen.add(extra)
        for one in project["optional-dependencies"][extra]:
            if one.startswith("auscult["):
                waiting += [name.strip() for name in one[8:-1].split(",")]
            else:
                found.append(one)
    return sorted(set(found))


def ask(wanted: Sequence[str], python: str, machine: str) -> Answer:
    """Let pip find wheels, and nothing but wheels."""
    platforms = [f"manylinux_2_{n}_{machine}" for n in GLIBCS] + [f"manylinux2014_{machine}"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
    command += ["--disable-pip-version-check", "--only-binary", ":all:", "--report", "-"]
    command += ["--python-version", python, "--implementation", "cp", "--target", "nowhere"]
    command += [part for one in platforms for part in ("--platform", one)]
    done = subprocess.run(
        [*command, *wanted], capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    if done.returncode != 0:
        last = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        return Answer(python=python, machine=machine, error=(last or ["pip failed"])[-1])
    found = json.loads(done.stdout)["install"]
    names = (one["download_info"]["url"].rpartition("/")[2] for one in found)
    return Answer(python=python, machine=machine, wheels=tuple(sorted(names)))


def foreign(answer: Answer) -> list[str]:
    """Wheels that are not for this machine: none, unless pip was misunderstood."""
    ours = ("-any.whl", f"_{answer.machine}.whl")
    return [name for name in answer.wheels if not name.endswith(ours)]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("extras", nargs="*", metavar="EXTRA", help="default: mic and edge")
    extras = tuple(parser.parse_args().extras) or EXTRAS
    wanted = requirements(extras)
    pairs = list(product(PYTHONS, MACHINES))
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda pair: ask(wanted, *pair), pairs))
    print(machine_line())
    table = Table(title=f"Wheels for the core and {', '.join(extras)}", title_justify="left")
    for heading in ("Python", "machine", "wheels", "compiled", "what is missing"):
        table.add_column(heading)
    for one in answers:
        compiled = sum(not name.endswith("-any.whl") for name in one.wheels)
        missing = one.error or "; ".join(foreign(one)) or "nothing"
        table.add_row(one.python, one.machine, str(len(one.wheels)), str(compiled), missing)
    Console().print(table)
    return int(any(one.error or foreign(one) for one in answers))


if __name__ == "__main__":
    sys.exit(main())
