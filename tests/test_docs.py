"""The documentation tells the truth: its code runs, its commands end as it says, its links lead somewhere.

Blocks fenced as `python` and `console` are run from top to bottom, each page in an empty folder of its own.
A comment right above a block changes what is expected of it::

    <!-- exit: 1 -->                        the block's last command ends with 1
    <!-- no-run: it needs a microphone -->  left out, with the reason
"""

import importlib.util
import inspect
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINKED = [*sorted(ROOT.glob("*.md")), *PAGES[1:]]

BLOCK = re.compile(
    r"(?:^<!-- (?P<note>[^\n]*?) -->\n\n?)?^```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
# Indented code would be left out without a word.
INDENTED = re.compile(r"^[ \t]+```(?:python|console|bash|sh)\b", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
# What a page may type besides `auscult`: nothing that needs the network or leaves the page's folder.
COMMANDS = {"auscult", "cat", "cp", "head", "ls", "mkdir", "mv"}
COMMAND_LIMIT_S = 600


@dataclass(frozen=True, kw_only=True)
class Block:
    """Code of a page, and what is expected of it."""

    language: str
    text: str
    line: int
    exit_code: int = 0
    is_run: bool = True

    @property
    def commands(self) -> list[str]:
        """What is typed: after `$ ` in console blocks, where the rest is output; every line elsewhere."""
        lines = self.text.replace("\\\n", " ").splitlines()
        if self.language == "console":
            return [line[2:] for line in lines if line.startswith("$ ")]
        return [line for line in lines if line.strip() and not line.startswith("#")]


def blocks(text: str) -> list[Block]:
    """The blocks of a page that can be run, in order."""
    assert not INDENTED.search(text), "Move indented code to the margin, so that it is run."
    found = []
    for match in BLOCK.finditer(text):
        if match["language"] in {"python", "console", "bash", "sh"}:
            line = text.count("\n", 0, match.start("text"))
            found.append(
                Block(
                    language=match["language"],
                    text=match["text"],
                    line=line,
                    **expected(match["note"]),
                )
            )
    return found


def expected(note: str | None) -> dict[str, Any]:
    """What the comment above a block asks for."""
    key, _, value = (note or "").partition(": ")
    if key == "exit":
        return {"exit_code": int(value)}
    if key.startswith("no-run"):
        assert value.strip(), "Say why: <!-- no-run: the reason -->"
        return {"is_run": False}
    return {}


def run_page(page: Path) -> None:
    """Run a page in the present folder; its python blocks share their names."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(page.read_text(encoding="utf-8")):
        if not block.is_run:
            continue
        if block.language == "python":
            # The empty lines make a traceback name the page's own line.
            exec(compile("\n" * block.line + block.text, str(page), "exec"), names)
        else:
            run_commands(block, f"{page.name}:{block.line}")


def run_commands(block: Block, place: str) -> None:
    """Only a block's last command may end with something else than 0."""
    for index, command in enumerate(block.commands, start=1):
        assert shlex.split(command)[0] in COMMANDS, (
            f"{place}: only {sorted(COMMANDS)} are run, not {command!r}. "
            "Put <!-- no-run: the reason --> above the block."
        )
        wanted = block.exit_code if index == len(block.commands) else 0
        ended = in_shell(command)
        assert ended.returncode == wanted, (
            f"{place}: {command!r} ended with {ended.returncode}, not {wanted}.\n{ended.stdout}{ended.stderr}"
        )


def in_shell(command: str) -> subprocess.CompletedProcess[str]:
    """A shell, for pipes and wildcards, in which `auscult` is the code under test."""
    auscult = f'auscult() {{ {shlex.quote(sys.executable)} -m auscult "$@"; }}'
    return subprocess.run(
        ["sh", "-c", f"{auscult}\n{command}"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=COMMAND_LIMIT_S,
        env=os.environ | {"COLUMNS": "100", "NO_COLOR": "1"},
        check=False,
    )


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.filterwarnings("default::auscult.errors.AuscultWarning")
@pytest.mark.parametrize("written_page", PAGES, ids=name_of)
def test_code_of_a_page_runs(
    written_page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run_page(written_page)


@pytest.mark.parametrize("written_page", LINKED, ids=name_of)
def test_links_lead_somewhere(written_page: Path) -> None:
    links = LINK.findall(written_page.read_text(encoding="utf-8"))
    assert not [link for link in links if not (written_page.parent / link).exists()]


def test_blocks_are_found_with_what_is_expected_of_them() -> None:
    page = (
        "Words.\n\n```python\nx = 1\n```\n\n```text\n$ not run\n```\n"
        "<!-- exit: 3 -->\n```console\n$ auscult score \\\n  a.wav\noutput\n$ ls\n```\n"
        "<!-- no-run: it needs the network -->\n\n```sh\n# a remark\npip install auscult\n```\n"
    )
    first, second, third = blocks(page)
    assert (first.language, first.text, first.line) == ("python", "x = 1\n", 3)
    assert (second.commands, second.exit_code) == (["auscult score    a.wav", "ls"], 3)
    assert (third.commands, third.is_run) == (["pip install auscult"], False)


def test_leaving_a_block_out_needs_a_reason() -> None:
    with pytest.raises(AssertionError, match="Say why"):
        blocks("<!-- no-run -->\n```console\n$ auscult demo\n```\n")


def test_indented_code_is_refused() -> None:
    with pytest.raises(AssertionError, match="to the margin"):
        blocks("1. First\n\n   ```console\n   $ auscult demo\n   ```\n")


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run a page with the given text."""
    monkeypatch.chdir(tmp_path)

    def run(text: str) -> None:
        page = tmp_path / "page.md"
        page.write_text(text, encoding="utf-8")
        run_page(page)

    return run


def test_blocks_share_names_and_the_folder(written) -> None:
    written(
        "```python\nfrom pathlib import Path\n```\n"
        "```console\n$ mkdir made | cat\n```\n"
        "```python\nassert Path('made').is_dir()\n```\n"
    )


def test_an_error_names_the_line_of_the_page(written) -> None:
    with pytest.raises(ZeroDivisionError) as error:
        written("# Title\n\n```python\n1 / 0\n```\n")
    assert str(error.traceback[-1].path).endswith("page.md")
    assert error.traceback[-1].lineno + 1 == 4


def test_a_command_that_ends_differently_fails(written) -> None:
    written("<!-- exit: 1 -->\n```console\n$ ls .\n$ cat nothing.wav 2>/dev/null\n```\n")
    with pytest.raises(AssertionError, match=r"page.md:1: 'cat nothing.wav' ended with 1, not 0"):
        written("```console\n$ cat nothing.wav\n```\n")


def test_only_harmless_commands_are_run(written) -> None:
    with pytest.raises(AssertionError, match="are run, not 'pip install auscult'"):
        written("```console\n$ pip install auscult\n```\n")


@pytest.fixture(scope="module")
def generate():
    """The program that writes docs/reference."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_command_is_described_by_the_function_behind_it(generate) -> None:
    app, group = typer.Typer(), typer.Typer()
    app.add_typer(group, name="bundle")

    @app.command()
    def score(
        files: Annotated[list[Path], typer.Argument(help="Recordings.")],
        as_json: Annotated[bool, typer.Option("--json", "-j", help="JSON | text.")] = False,
        seed: Annotated[int, typer.Option(help="Of chance.")] = 0,
        secret: Annotated[str, typer.Option(hidden=True)] = "",
    ) -> None:
        """Score recordings."""

    @group.command("show")
    def show_bundle() -> None:
        """Show a bundle."""

    assert [name for name, _ in generate.commands(app)] == ["auscult score", "auscult bundle show"]
    assert generate.command_text("auscult score", score).splitlines() == [
        "## `auscult score`",
        "",
        "```text",
        "Score recordings.",
        "```",
        "",
        "| what | default | meaning |",
        "| --- | --- | --- |",
        "| `FILES` | required | Recordings. |",
        "| `--json, -j` |  | JSON \\| text. |",
        "| `--seed` | `0` | Of chance. |",
    ]
    assert "|" not in generate.command_text("auscult bundle show", show_bundle)


def test_docstrings_become_markdown(generate) -> None:
    docstring = """Hear it.

    Parameters
    ----------
    samples
        Shape (samples,),
        at least one.
    rate_hz
        Samples a second.

    Examples
    --------
    >>> hear()
    """
    assert generate.markdown(inspect.cleandoc(docstring)) == (
        "Hear it.\n\n**Parameters**\n\n"
        "- `samples` — Shape (samples,), at least one.\n- `rate_hz` — Samples a second.\n\n"
        "**Examples**\n\n```pycon\n>>> hear()\n```"
    )


def test_signatures_are_those_of_the_source(generate) -> None:
    assert generate.signature(in_shell) == "(command: str) -> subprocess.CompletedProcess[str]"
    assert generate.signature(Block.commands.fget) == "() -> list[str]"


def test_settings_are_described_by_their_dataclasses(generate) -> None:
    lines = generate.recipe_page().splitlines()
    assert "| `family` | required | text" in "\n".join(lines)
    assert (
        "| `epochs` | `30` | a whole number: 1 or more | Turns through all windows, at most. |"
        in lines
    )
    assert "| `noise_snr_db` | `null` | a number, or null: -20 to 120 |" in "\n".join(lines)
    assert "## `model:` of `transfer`" in lines


def test_stale_pages_are_named(generate, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(generate, "REFERENCE", tmp_path)
    monkeypatch.setattr(generate, "command_line_page", lambda: "commands\n")
    monkeypatch.setattr(generate, "python_page", lambda: "names\n")
    monkeypatch.setattr(generate, "recipe_page", lambda: "settings\n")
    assert generate.main(["--check"]) == 1
    assert (
        "command-line.md, python.md, recipe.md. Write them again: make docs"
        in capsys.readouterr().err
    )
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
