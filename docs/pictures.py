"""Make the pictures of the README again, from the real program on simulated sound.

    python docs/pictures.py --chromium /usr/bin/chromium

`pictures/live.png` and `pictures/events.png` are the page while the simulated machine leaks air, and what it shows of it afterwards; `learn`, `bundles`,
`local`, `settings` and `inspect` are its other screens;
`pictures/demo.svg` is what `auscult demo --terminal` prints, `pictures/report.png` the top of the page that `auscult evaluate --report`
writes: learned from forty recordings of a simulated fan, evaluated on others of the same machine with faults as loud as
their band's background. Seeds are fixed, so the same version makes the same pictures (letters look as the fonts installed).
Without `--chromium` only that of the terminal is made. Needs the extra `test`, and the built page (`make web`).
"""

import argparse
import io
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from rich.console import Console

from auscult import cli
from auscult.cli import console

PICTURES = Path(__file__).resolve().parent / "pictures"
DEMO_COLUMNS = 120
WIDTH_PX, HEIGHT_PX = 1100, 1540
MOST_BYTES = 200_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--chromium", help="path of Chromium or Chrome, for the picture of the report"
    )
    chromium = parser.parse_args().chromium
    PICTURES.mkdir(exist_ok=True)
    save_demo(PICTURES / "demo.svg")
    if chromium:
        with tempfile.TemporaryDirectory() as folder:
            page = write_report(Path(folder))
            save_screenshot(chromium, page, PICTURES / "report.png")
        save_live(chromium, PICTURES)


class Narrow(Console):
    """Breaks long lines, as a terminal does; a picture would cut them off."""

    def print(self, *objects: Any, **how: Any) -> None:
        super().print(*objects, **how | {"soft_wrap": False})


def save_demo(path: Path) -> None:
    """Type `auscult demo` and keep what it prints, colours and all."""
    with recorded() as screen:
        run("demo", "--terminal", "--speed", "0")
    picture = screen.export_svg(title="auscult demo", unique_id="demo")
    # A picture should ask nothing of the network; every line has its length, so that any monospaced font will do.
    path.write_text(re.sub(r"@font-face {.*?}\s*", "", picture, flags=re.DOTALL), encoding="utf-8")


def write_report(folder: Path) -> Path:
    """Learn, make other recordings of the same machine, and evaluate on them."""
    bundle, page = folder / "fan.onnx", folder / "report.html"
    with recorded():
        run("data", "simulate", folder / "yesterday", "--normal", 40, "--anomaly", 0)
        run(
            "data",
            "simulate",
            folder / "today",
            "--normal",
            40,
            "--anomaly",
            40,
            "--snr",
            0,
            "--seed",
            1,
        )
        run("learn", folder / "yesterday", "-o", bundle, "--name", "fan")
        run("evaluate", bundle, folder / "today", "--report", page)
    return page


def run(*words: object) -> None:
    """One command line, in this process."""
    cli.app([str(word) for word in words], standalone_mode=False)


@contextmanager
def recorded() -> Iterator[Console]:
    """What commands print meanwhile goes to a console that remembers it."""
    before, console.out, console.err = (console.out, console.err), silent(), silent()
    try:
        yield console.out
    finally:
        console.out, console.err = before


def silent() -> Console:
    return Narrow(file=io.StringIO(), record=True, width=DEMO_COLUMNS)


def save_screenshot(chromium: str, page: Path, path: Path) -> None:
    """The top of a page, in 256 colours."""
    shot = page.with_suffix(".png")
    subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--force-color-profile=srgb",
            f"--window-size={WIDTH_PX},{HEIGHT_PX}",
            f"--screenshot={shot}",
            page.as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    save_small(shot, path)


def save_live(chromium: str, folder: Path) -> None:
    """The page itself, in front of a server that hears the simulated machine."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as data, served(Path(data)) as url, sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(
            viewport={"width": 1280, "height": 830}, locale="en-GB", color_scheme="dark"
        )
        page = context.new_page()
        page.goto(url)
        page.get_by_role("button", name="Hear the demo machine").click()
        page.wait_for_timeout(32_000)
        page.get_by_role("button", name="Air leak").click()
        page.get_by_text("Anomaly", exact=True).first.wait_for(timeout=30_000)
        page.wait_for_timeout(7_000)
        page.screenshot(path=Path(data) / "live.png")
        page.get_by_role("link", name="Events").first.click()
        page.wait_for_timeout(3_000)
        page.screenshot(path=Path(data) / "events.png")
        names = ["live", "events", *save_screens(page, url, Path(data))]
        browser.close()
        for name in names:
            save_small(Path(data) / f"{name}.png", folder / f"{name}.png")


def save_screens(page: Any, url: str, data: Path) -> Iterator[str]:
    """The other screens, each as one finds it; Inspect with a recording in it."""
    for name in ("learn", "bundles", "local", "settings"):
        page.goto(f"{url}/{name}")
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_timeout(2_000)
        page.screenshot(path=data / f"{name}.png")
        yield name
    with recorded():
        run("data", "simulate", data / "today", "--normal", 1, "--anomaly", 1)
    page.goto(f"{url}/inspect")
    page.locator("input[type=file]").first.set_input_files(
        next((data / "today").rglob("abnormal/*.wav"))
    )
    page.get_by_test_id("inspection").wait_for(timeout=60_000)
    page.wait_for_timeout(3_000)
    page.screenshot(path=data / "inspect.png")
    yield "inspect"


@contextmanager
def served(data: Path) -> Iterator[str]:
    """A server with the simulated machine; its address."""
    command = ["-m", "auscult", "serve", "--demo", "--port", "0", "--data-dir", str(data), "--json"]
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        process.wait(timeout=30)


def save_small(shot: Path, path: Path) -> None:
    """In 256 colours."""
    with Image.open(shot) as image:
        # Of all ways to choose 256 colours this one keeps rare ones, such as a legend's.
        few = image.convert("RGB").quantize(
            256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        )
        few.save(path, optimize=True)
    if path.stat().st_size > MOST_BYTES:
        raise SystemExit(f"{path} has more than {MOST_BYTES} bytes: show less.")


if __name__ == "__main__":
    main()
