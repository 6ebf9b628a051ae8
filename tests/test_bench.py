"""Programs that measure: each explains itself, and documentation names none that is not there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BENCH = ROOT / "bench"
PROGRAMS = sorted(path for path in BENCH.glob("*.py") if "__main__" in path.read_text())
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])

# A program, and what follows on its line as far as it is its command.
NAMED = re.compile(r"bench/(\w+\.(?:py|js))([^`\n]*)")


def named():
    for page in PAGES:
        for name, rest in NAMED.findall(page.read_text(encoding="utf-8")):
            yield page.relative_to(ROOT).as_posix(), name, rest


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)
def test_every_program_has_a_help_that_says_what_it_measures(program):
    text = program.read_text(encoding="utf-8")
    assert text.startswith('"""')
    assert re.search(r"ArgumentParser\(\s*description=\(?__doc__", text)


def test_programs_and_options_that_documentation_names_are_there():
    found = list(named())
    assert len(found) > 30
    for page, name, rest in found:
        assert (BENCH / name).is_file(), f"{page} names bench/{name}"
        text = (BENCH / name).read_text(encoding="utf-8")
        for option in re.findall(r"--[a-z][a-z-]*", rest):
            assert f'"{option}"' in text, f"{page} names bench/{name} {option}"
