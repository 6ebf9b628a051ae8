"""The house in order: tests mirror the source, every room says its rule, no file knows the machine it was made on."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "auscult"
TESTS = ROOT / "tests"
ROOMS = sorted(init.parent for init in SOURCE.rglob("__init__.py") if init.parent != SOURCE)

# Types alone, with doctests of their own; what they are for is tested where they are used.
PURE_TYPES = {"errors.py", "audio/sound.py", "runtime/verdict.py"}
# Tests of the house, of whole journeys and of the page mirror no file.
OF_THE_HOUSE = {
    "cli/test_init.py",
    "test_bench.py",
    "test_docs.py",
    "test_examples.py",
    "test_imports.py",
    "test_init.py",
    "test_layout.py",
}
JOURNEYS = {"journeys", "web"}

# What people and tools make beside our files.
NOT_OURS = {"build", "demo", "dist", "htmlcov", "node_modules", "out"}
# Absolute paths of the one machine that a file was written on.
MACHINE_PATH = re.compile(rb"(?<![\w.~-])/(?:root|work)/")


def sources() -> list[str]:
    files = (file.relative_to(SOURCE) for file in SOURCE.rglob("*.py"))
    return sorted(
        file.as_posix()
        for file in files
        # The steps from one schema to the next are tested together, by what they lead to.
        if not file.name.startswith("__") and "migrations" not in file.parts
    )


def written_tests() -> list[str]:
    files = (file.relative_to(TESTS) for file in TESTS.rglob("test_*.py"))
    return sorted(file.as_posix() for file in files if file.parts[0] not in JOURNEYS)


def mirrored(source: str) -> str:
    """The test file of a source file.

    >>> mirrored("audio/read.py")
    'audio/test_read.py'
    """
    path = Path(source)
    return (path.parent / f"test_{path.name}").as_posix()


def our_files() -> list[Path]:
    """Every file of the project: all at the top, and all below folders that aren't hidden (`.ci` is ours too)."""
    found = [path for path in ROOT.iterdir() if path.is_file() and path.name != ".coverage"]
    for folder in ROOT.iterdir():
        is_ours = not folder.name.startswith(".") and folder.name not in NOT_OURS
        if folder.is_dir() and (is_ours or folder.name == ".ci"):
            found += [path for path in folder.rglob("*") if path.is_file()]
    return [
        path
        for path in found
        if path.suffix != ".pyc" and not NOT_OURS.intersection(path.relative_to(ROOT).parts)
    ]


def test_every_source_file_has_its_test_file() -> None:
    untested = [source for source in sources() if mirrored(source) not in written_tests()]
    assert sorted(set(untested) - PURE_TYPES) == []


def test_every_test_file_has_its_source_file() -> None:
    expected = {mirrored(source) for source in sources()} | OF_THE_HOUSE
    assert sorted(set(written_tests()) - expected) == []


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_every_room_says_its_rule(room: Path) -> None:
    docstring = ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8")))
    assert len((docstring or "").splitlines()) >= 3, (
        f"{room.name}/__init__.py: what is here, the rule, who may use it"
    )


def test_no_file_names_a_path_of_one_machine() -> None:
    found = {
        str(file.relative_to(ROOT)): match.group().decode()
        for file in our_files()
        if (match := MACHINE_PATH.search(file.read_bytes()))
    }
    assert not found


@pytest.mark.parametrize(
    "path",
    ["/" + "work/main", "see /" + "root/x", '"/' + 'work/fan.wav"'],
)
def test_paths_of_one_machine_are_recognised(path: str) -> None:
    assert MACHINE_PATH.search(path.encode())


@pytest.mark.parametrize("path", ["at-work/fan", "out/work/fan.onnx", "~/work/x", "tests/root/a"])
def test_paths_of_any_machine_are_left_alone(path: str) -> None:
    assert not MACHINE_PATH.search(path.encode())


# Put together here, so that this file may be looked at, too.
UNWRITTEN = (
    *("TO" + "DO", "FIX" + "ME", "XX" + "X", "lor" + "em", "coming " + "soon"),
    r"not (?:yet )?" + "implemented",
)
PLACEHOLDER = re.compile(rf"\b({'|'.join(UNWRITTEN)})\b".encode(), re.IGNORECASE)


def test_nothing_is_left_to_be_written() -> None:
    texts = [
        file
        for file in our_files()
        if file.suffix in {".py", ".md", ".ts", ".tsx", ".toml", ".json"}
    ]
    found = {
        str(file.relative_to(ROOT)): match.group().decode()
        for file in texts
        if (match := PLACEHOLDER.search(file.read_bytes()))
    }
    assert not found


@pytest.mark.parametrize(
    "text",
    ["# TO" + "DO: more", "fix" + "me", "Coming " + "soon!", "is not yet " + "implemented"],
)
def test_what_is_left_to_be_written_is_recognised(text: str) -> None:
    assert PLACEHOLDER.search(text.encode())


@pytest.mark.parametrize(
    "name", ["CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md"]
)
def test_the_front_pages_say_something(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8").strip()
