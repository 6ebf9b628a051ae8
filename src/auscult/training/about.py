"""Where a run takes place: the machine, the versions, the state of the user's own repository."""

import os
import platform
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = (
    "auscult",
    "torch",
    "lightning",
    "numpy",
    "onnx",
    "onnxruntime",
    "onnxscript",
    "safetensors",
    "soundfile",
    "soxr",
)

_GIT_LIMIT_S = 1.0


def environment() -> dict[str, Any]:
    """Python, platform, processors and versions; nothing that names the machine or its user.

    Examples
    --------
    >>> environment()["cpus"] >= 1
    True
    """
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "cpus": os.cpu_count() or 1,
        "gpu": _gpu(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
    }


def git_state(folder: Path) -> dict[str, Any] | None:
    """Commit of the repository around a folder, and whether files differ from it; `None` without git or a repository.

    Whether files differ is unknown (`None`) where it would take longer than a second to say.
    """
    commit = _git(folder, "rev-parse", "--verify", "HEAD")
    if not commit:
        return None
    changes = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return {"commit": commit, "dirty": None if changes is None else bool(changes)}


def _git(folder: Path, *arguments: str) -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    # A look changes nothing, takes no lock, and starts no program that the repository names.
    command = [git, "--no-optional-locks", "-c", "core.fsmonitor=false", "-C", str(folder)]
    try:
        ended = subprocess.run(  # noqa: S603 - fixed words
            [*command, *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=_GIT_LIMIT_S,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError):
        return None
    return None if ended.returncode else ended.stdout.strip()


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _gpu() -> str | None:
    """Its name, if PyTorch is in use and has one."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return None
    return str(torch.cuda.get_device_name(0))
