"""What benchmarks of the page have in common: a server of its own, and a browser that looks at it."""

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any


@contextmanager
def served(data_dir: Path, *options: str) -> Iterator[str]:
    """The address of a server, for as long as it lasts."""
    command = [sys.executable, "-m", "auscult", "serve", "--json", "--port", "0", *options]
    process = Popen([*command, "--data-dir", str(data_dir)], stdout=PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://localhost:{json.loads(process.stdout.readline())['port']}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def chromium() -> str | None:
    """The browser of this machine, if it has one; Playwright looks for its own where it has none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def opened(*flags: str) -> Iterator[Any]:
    """A browser that nobody sees."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=["--no-sandbox", *flags])
        yield browser
        browser.close()
