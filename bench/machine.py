"""The machine in one line: no figure of a bench program means anything without it."""

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("numpy", "onnxruntime", "auscult")


def machine_line() -> str:
    """CPU model, usable cores, memory, operating system, Python and the versions that decide speed.

    Parts are joined by dots in the middle, as in
    `AMD EPYC 7R13 · 2 cores · 8.2 GB · Debian GNU/Linux 12 (x86_64) · Python 3.11.7 · numpy 2.4.6 · …`.
    """
    parts = [
        _cpu_model(),
        f"{_usable_cores()} cores",
        f"{_memory_bytes() / 1e9:.1f} GB",
        f"{_system()} ({platform.machine()})",
        f"Python {platform.python_version()}",
        *(f"{package} {_version(package)}" for package in PACKAGES),
    ]
    return "Machine: " + " · ".join(parts)


def _cpu_model() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            # "Model" is what single-board computers call themselves.
            key, _, value = line.partition(":")
            if key.strip() in {"model name", "Model"}:
                return value.strip()
    if platform.system() == "Darwin":
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return platform.processor() or platform.machine()


def _usable_cores() -> int:
    # A container or `taskset` may allow fewer cores than the machine has.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return f"{platform.system()} {platform.release()}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
