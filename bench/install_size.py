"""How much disk the core takes: a fresh environment, `pip install .`, byte code not counted.

Ends with 1 when the goal is missed, when a package that the core must do without has crept in, or when a module can't be
imported without the extras, of those rooms that need none.
"""

import argparse
import subprocess
import sys
import tempfile
import venv
from importlib.metadata import Distribution, distributions
from pathlib import Path

from rich.console import Console
from rich.table import Table

from machine import machine_line

GOAL_MB = 200.0
MUST_BE_ABSENT = frozenset({"torch", "scipy", "numba"})
SHOWN = 10
# Events are stored, networks trained and pages served with extras.
ROOMS = ("audio", "datasets", "recipe", "runtime", "memory", "evaluation", "cli")
IMPORT_EVERY_MODULE = f"""
import importlib, pkgutil, auscult
for room in {ROOMS}:
    found = importlib.import_module("auscult." + room)
    for module in pkgutil.walk_packages(found.__path__, found.__name__ + "."):
        importlib.import_module(module.name)
"""
ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0]).parse_args()
    with tempfile.TemporaryDirectory(prefix="auscult-size-") as folder:
        site = install_core(Path(folder))
        sizes_mb = {name(d): megabytes(files_of(d)) for d in distributions(path=[str(site)])}
        total_mb = megabytes([path for path in site.rglob("*") if path.is_file()])
        stands_alone = imports_alone(Path(folder))

    print(machine_line())
    Console().print(table_of(sizes_mb, total_mb))
    crept_in = MUST_BE_ABSENT & sizes_mb.keys()
    if crept_in:
        print(f"The core must do without {', '.join(sorted(crept_in))}.", file=sys.stderr)
    if not stands_alone:
        print("A module needs what the core does not install: see above.", file=sys.stderr)
    return int(total_mb > GOAL_MB or bool(crept_in) or not stands_alone)


def install_core(folder: Path) -> Path:
    """Install this checkout, without extras, into a fresh environment; return its site-packages."""
    # Without pip inside, the environment holds nothing but what the core brings.
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    options = ["--disable-pip-version-check", "--no-compile", "--constraint", "constraints.txt"]
    subprocess.run([*command, *options, "."], cwd=ROOT, check=True)
    return next(folder.glob("lib/python*/site-packages"))


def imports_alone(folder: Path) -> bool:
    """Every module can be imported where nothing but the core is installed."""
    command = [str(folder / "bin" / "python"), "-B", "-c", IMPORT_EVERY_MODULE]
    return subprocess.run(command, cwd=folder, check=False).returncode == 0


def name(distribution: Distribution) -> str:
    return distribution.metadata["Name"].lower()


def files_of(distribution: Distribution) -> list[Path]:
    found = (Path(str(distribution.locate_file(file))) for file in distribution.files or ())
    # Scripts stand outside of site-packages, in bin; they are a few kilobytes.
    return [path for path in found if path.is_file() and "site-packages" in path.resolve().parts]


def megabytes(files: list[Path]) -> float:
    """Sum of the files' lengths in MB (10^6 bytes), byte code left out."""
    return sum(file.stat().st_size for file in files if "__pycache__" not in file.parts) / 1e6


def table_of(sizes_mb: dict[str, float], total_mb: float) -> Table:
    table = Table(title="The core on disk, without byte code", title_justify="left")
    table.add_column("distribution")
    table.add_column("MB", justify="right")
    biggest = sorted(sizes_mb.items(), key=lambda item: -item[1])
    for distribution, size_mb in biggest[:SHOWN]:
        table.add_row(distribution, f"{size_mb:.1f}")
    others = biggest[SHOWN:]
    table.add_row(f"{len(others)} others", f"{sum(size for _, size in others):.1f}")
    table.add_section()
    verdict = "within" if total_mb <= GOAL_MB else "over"
    table.add_row(f"all ({verdict} the goal of {GOAL_MB:.0f} MB)", f"{total_mb:.1f}")
    return table


if __name__ == "__main__":
    sys.exit(main())
