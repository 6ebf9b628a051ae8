"""What Lighthouse says of every screen, and how long the page takes to answer a click or a key.

A demo server with its simulated machine is looked at in a real browser. Lighthouse (desktop) is fetched by npx unless it is installed. Answers
are timed by the browser itself, from the input to the next picture (Event Timing), while the screens are gone through by the navigation.
Ends with 1 where accessibility is below 0.95, performance below 0.9, or an answer takes over 100 ms.

    python bench/page_quality.py
    python bench/page_quality.py --no-lighthouse
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from machine import machine_line
from serving import chromium, opened, served

SCREENS = ("", "learn", "bundles", "inspect", "settings")
LIGHTHOUSE = "lighthouse@12"
LEAST = {"accessibility": 0.95, "performance": 0.9}
MOST_MS = 100.0
ROUNDS = 3

# The browser counts in steps of 8 ms, and from 16 ms on.
TIMED = """() => {
  window.answers = []
  new PerformanceObserver((list) => {
    for (const one of list.getEntries())
      if (one.interactionId) window.answers.push(one.duration)
  }).observe({ type: 'event', durationThreshold: 16, buffered: true })
}"""


def scores(url: str, program: str) -> dict[str, float]:
    """Lighthouse's, by category."""
    found = shutil.which("lighthouse")
    lighthouse = [found] if found else ["npx", "--yes", LIGHTHOUSE]
    flags = "--headless=new --no-sandbox"
    answer = subprocess.run(
        [
            *lighthouse,
            url,
            "--quiet",
            "--output=json",
            "--preset=desktop",
            f"--chrome-flags={flags}",
        ],
        env={**os.environ, "CHROME_PATH": program},
        capture_output=True,
        text=True,
        check=True,
        timeout=180,
    )
    told = json.loads(answer.stdout)["categories"]
    return {name: float(one["score"]) for name, one in told.items() if one["score"] is not None}


def answers_ms(url: str) -> list[float]:
    """The milliseconds from each click or key until what came of it was seen, in order; what took less than 16 is left out."""
    found: list[float] = []
    with opened() as browser:
        page = browser.new_page()
        page.goto(url)
        page.wait_for_timeout(3000)
        page.evaluate(TIMED)
        for round_number in range(ROUNDS):
            for link in page.get_by_role("navigation").first.get_by_role("link").all():
                link.click()
                page.wait_for_timeout(700)
                page.keyboard.press("Tab")
                page.wait_for_timeout(200)
            took = page.evaluate("window.answers.splice(0)")
            # The first round fetches the screens, which is not an answer of the page alone.
            found += took if round_number else []
    return sorted(found)


def main() -> int:
    """Measure, and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lighthouse", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    program = chromium()
    if program is None:
        print("There is no chromium here: apt-get install chromium", file=sys.stderr)
        return 2
    console, missed = Console(width=100), []
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), "--demo") as url:
        if options.lighthouse:
            table = Table("screen", "performance", "accessibility", title="Lighthouse, desktop")
            for screen in SCREENS:
                told = scores(f"{url}/{screen}", program)
                table.add_row(
                    f"/{screen}",
                    *(f"{told[name]:.2f}" for name in ("performance", "accessibility")),
                )
                missed += [
                    f"/{screen}: {name} {told[name]:.2f} (goal {least})"
                    for name, least in LEAST.items()
                    if told[name] < least
                ]
            console.print(table)
        took = answers_ms(url)
        worst = took[-1] if took else 0.0
        table = Table("answers over 16 ms", "median, ms", "longest, ms", title="Clicks and keys")
        median = f"{took[len(took) // 2]:.0f}" if took else "-"
        table.add_row(str(len(took)), median, f"{worst:.0f}")
        console.print(table)
        if worst > MOST_MS:
            missed.append(f"an answer took {worst:.0f} ms (goal {MOST_MS:g})")
    console.print(machine_line(), soft_wrap=True)
    for one in missed:
        console.print(f"[red]missed:[/red] {one}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
