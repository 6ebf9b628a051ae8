"""Write the pages of docs/reference from the docstrings; with --check, only say whether they are fresh.

The command line is read from the functions behind it, not from `--help`: its looks depend on the terminal and on the
version of Typer, and a page that changes by itself can't be checked. For the same reason signatures come from the
source text.
"""

import ast
import dataclasses
import importlib
import inspect
import math
import re
import sys
import textwrap
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer
from typer.models import ArgumentInfo, OptionInfo

REFERENCE = Path(__file__).resolve().parent / "reference"
MARK = "<!-- Written by docs/generate.py; change the docstrings, then `make docs`. -->"
HEADING = re.compile(r"^(\w[\w ]*)\n-{3,}\n", re.MULTILINE)


def main(arguments: list[str]) -> int:
    pages = {
        "command-line.md": command_line_page(),
        "python.md": python_page(),
        "recipe.md": recipe_page(),
    }
    if "--check" in arguments:
        stale = [name for name, text in pages.items() if _read(REFERENCE / name) != text]
        if stale:
            print(
                f"Stale in docs/reference: {', '.join(stale)}. Write them again: make docs",
                file=sys.stderr,
            )
        return int(bool(stale))
    REFERENCE.mkdir(exist_ok=True)
    for name, text in pages.items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
    return 0


def _read(page: Path) -> str:
    return page.read_text(encoding="utf-8") if page.exists() else ""


# The command line


def command_line_page() -> str:
    app = importlib.import_module("auscult.cli").app
    parts = [MARK, "# Command line", *(command_text(*command) for command in commands(app))]
    return "\n\n".join(parts) + "\n"


def commands(app: typer.Typer, prefix: str = "auscult") -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every command of an app and of its groups, with the words that call it."""
    if app.registered_callback and app.registered_callback.callback:
        yield prefix, app.registered_callback.callback
    for command in app.registered_commands:
        if command.callback and not command.hidden:
            name = command.name or command.callback.__name__.replace("_", "-")
            yield f"{prefix} {name}", command.callback
    for group in app.registered_groups:
        if group.typer_instance and not group.hidden:
            # A name is given where the group is added, or where it is made.
            given = group.name if isinstance(group.name, str) else group.typer_instance.info.name
            yield from commands(group.typer_instance, f"{prefix} {given}")


def command_text(name: str, function: Callable[..., Any]) -> str:
    parameters = inspect.signature(function, eval_str=True).parameters.values()
    rows = [row for row in map(parameter_row, parameters) if row]
    table = ["| what | default | meaning |", "| --- | --- | --- |", *rows] if rows else []
    text = inspect.getdoc(function)
    parts = [f"## `{name}`", f"```text\n{text}\n```" if text else "", "\n".join(table)]
    return "\n\n".join(part for part in parts if part)


def parameter_row(parameter: inspect.Parameter) -> str:
    """One row of a command's table; empty for what is hidden or isn't typed on the command line."""
    infos = getattr(parameter.annotation, "__metadata__", ())
    info = next((info for info in infos if isinstance(info, ArgumentInfo | OptionInfo)), None)
    if info is None or info.hidden:
        return ""
    if isinstance(info, ArgumentInfo):
        what = info.metavar or parameter.name.upper()
    else:
        what = ", ".join(option_names(info) or [f"--{parameter.name.replace('_', '-')}"])
    return f"| `{what}` | {default_text(parameter.default)} | {_cell(info.help or '')} |"


def option_names(info: OptionInfo) -> list[str]:
    # `Option("--json")` takes its first word for a default; Typer mends that only when the command is built.
    words = (info.default, *(info.param_decls or ()))
    return [word for word in words if isinstance(word, str) and word.startswith("-")]


def default_text(default: object) -> str:
    if default is inspect.Parameter.empty:
        return "required"
    if default is None or default is False or default in ("", ()):
        return ""
    return f"`{default}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


# The Python interface


def python_page() -> str:
    auscult = importlib.import_module("auscult")
    public = [(name, getattr(auscult, name)) for name in auscult.__all__]
    documented = [(name, thing) for name, thing in public if callable(thing)]
    parts = [MARK, "# Python", *(entry_text(name, thing) for name, thing in documented)]
    return "\n\n".join(parts) + "\n"


def entry_text(name: str, thing: Any) -> str:
    if not inspect.isclass(thing):
        return f"## `{name}{signature(thing)}`\n\n{markdown(inspect.getdoc(thing) or '')}"
    entries = [f"## `{name}`", markdown(inspect.getdoc(thing) or "")]
    for member, function in public_methods(thing):
        entries += [f"### `{name}.{member}`", markdown(inspect.getdoc(function) or "")]
    return "\n\n".join(entries)


def public_methods(kind: type) -> Iterator[tuple[str, Any]]:
    """Methods and properties that the class itself defines, under the words that call them."""
    for name, member in vars(kind).items():
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            yield name, member.fget
        elif isinstance(member, classmethod | staticmethod):
            yield f"{name}{signature(member.__func__)}", member.__func__
        elif inspect.isfunction(member):
            yield f"{name}{signature(member)}", member


def signature(function: Any) -> str:
    """Arguments and result as the source writes them, without `self`."""
    definition = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef)
    arguments = re.sub(r"^(self|cls)(, )?", "", ast.unparse(definition.args))
    # A class that names itself as its result does so in quotes.
    result = ast.unparse(definition.returns).strip("'") if definition.returns else ""
    return f"({arguments})" + (f" -> {result}" if result else "")


def markdown(docstring: str) -> str:
    """Numpydoc as Markdown: sections become bold words, parameters lists, examples fenced."""
    opening, *rest = HEADING.split(docstring)
    parts = [opening.strip()]
    for heading, body in zip(rest[::2], rest[1::2], strict=True):
        parts += [f"**{heading}**", section_text(heading, body.strip("\n"))]
    return "\n\n".join(part for part in parts if part)


def section_text(heading: str, body: str) -> str:
    if heading == "Examples":
        return f"```pycon\n{body}\n```"
    if heading not in {"Attributes", "Parameters", "Raises", "Returns", "Yields"}:
        return body
    items: list[str] = []
    for line in filter(str.strip, body.splitlines()):
        if line.startswith(" "):
            items[-1] += (" — " if "\n" not in items[-1] else "") + line.strip() + "\n"
        else:
            items.append(f"- `{line}`")
    return "\n".join(" ".join(item.split()) for item in items)


# Recipes

RECIPE_WORDS = """A recipe is a YAML file: sections with settings, of which only `family` has to be there. `auscult train RECIPE --set
training.epochs=5` changes one for once. What is not known is refused, with the names that are."""
MODELS = Path(__file__).resolve().parent.parent / "src" / "auscult" / "models"


def recipe_page() -> str:
    """Every setting with its default and range; families are read as text, since PyTorch may not be there."""
    choices = importlib.import_module("auscult.recipe.choices")
    sections = ("Recipe", "Audio", "Data", "Training", "Augment", "Track")
    parts = [MARK, "# Recipe", RECIPE_WORDS.replace("\n", " ")]
    parts += [section_page(getattr(choices, name)) for name in sections]
    parts += [text for file in sorted(MODELS.glob("*.py")) if (text := family_page(file))]
    return "\n\n".join(parts) + "\n"


def section_page(kind: Any) -> str:
    check = importlib.import_module("auscult.recipe.check")
    name = kind.__name__.lower()
    docstring = inspect.getdoc(kind) or ""
    meaning, kinds = meanings(docstring), typing.get_type_hints(kind)
    rows = []
    for field in dataclasses.fields(kind):
        if dataclasses.is_dataclass(kinds[field.name]):
            continue
        limits = [*field.metadata.values()]
        has_range = any(math.isfinite(limit) for limit in limits)
        words = [check.kind_words(kinds[field.name])]
        words += [check.range_words(field.metadata)] if has_range else []
        default = "required" if field.name == "family" else plain_text(field.default)
        rows.append((field.name, default, ": ".join(words), meaning[field.name]))
    title = "At the top" if name == "recipe" else f"`{name}:`"
    return f"## {title}\n\n{docstring.partition(chr(10))[0]}\n\n{setting_table(rows)}"


def family_page(file: Path) -> str:
    """What a family takes under `model:`; empty for a file that holds no family."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and (family := family_name(node)):
            docstring = ast.get_docstring(node) or ""
            meaning, rows = meanings(docstring), []
            [init] = [one for one in node.body if getattr(one, "name", "") == "__init__"]
            for argument, default in zip(init.args.kwonlyargs, init.args.kw_defaults, strict=True):
                if argument.arg != "alarm_labels" and default is not None:
                    value = plain_text(ast.literal_eval(default))
                    rows.append((argument.arg, value, "", meaning.get(argument.arg, "")))
            heading = f"## `model:` of `{family}`"
            return f"{heading}\n\n{docstring.partition(chr(10))[0]}\n\n{setting_table(rows)}"
    return ""


def family_name(node: ast.ClassDef) -> str:
    for line in node.body:
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "family":
            return str(ast.literal_eval(line.value))
    return ""


def meanings(docstring: str) -> dict[str, str]:
    """What a docstring says of each parameter; several may share their words."""
    sections = HEADING.split(docstring)
    body = sections[sections.index("Parameters") + 1] if "Parameters" in sections else ""
    found: dict[str, str] = {}
    names: list[str] = []
    for line in filter(str.strip, body.splitlines()):
        if line.startswith(" "):
            found |= {name: f"{found.get(name, '')} {line.strip()}".strip() for name in names}
        else:
            names = line.split(", ")
    return found


def plain_text(default: object) -> str:
    """A default as YAML has it."""
    if default in ("", ()) or default is dataclasses.MISSING:
        return ""
    if default is None or isinstance(default, bool):
        return f"`{'null' if default is None else str(default).lower()}`"
    return f"`{list(default) if isinstance(default, tuple) else default}`"


def setting_table(rows: list[tuple[str, str, str, str]]) -> str:
    has_kinds = any(kind for _, _, kind, _ in rows)
    heads = ["setting", "default", *(["may be"] if has_kinds else []), "meaning"]
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    for name, default, kind, meaning in rows:
        cells = [f"`{name}`", default, *([kind] if has_kinds else []), meaning]
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
