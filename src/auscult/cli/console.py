"""Where words go: results to stdout, progress and warnings to stderr, and what the exit codes mean."""

import errno
import json
import os
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from auscult.errors import AuscultError, AuscultWarning

if TYPE_CHECKING:
    from auscult.runtime.manifest import Manifest

OK, ANOMALIES, BAD_USE, SKIPPED, INTERRUPTED = 0, 1, 2, 3, 130

FULL = (errno.ENOSPC, errno.EDQUOT)
"""The disk, or what this user may take of it, has no room left."""

COLOURS = {"normal": "green", "anomaly": "bold red", "no_signal": "yellow", "unreliable": "yellow"}

_told: set[str] = set()
_alike: Counter[str] = Counter()

UNBROKEN = 10_000  # columns, where no terminal breaks lines: what reads them wants each row whole

out = Console()
err = Console(stderr=True)
if not out.is_terminal and "COLUMNS" not in os.environ:
    out.width = UNBROKEN


def run(app: Callable[[], object]) -> None:
    """Run the command line; what the user can mend is told without a traceback."""
    _told.clear()
    _alike.clear()
    warnings.showwarning = _show_warning
    warnings.simplefilter("always", AuscultWarning)
    for stream in (sys.stdout, sys.stderr):
        # A file's name may hold what no terminal can show, and that must not stop the work.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            app()
        finally:
            _tell_how_many()
    except AuscultError as error:
        if os.environ.get("AUSCULT_DEBUG"):
            raise
        err.print(Text.assemble(("Error: ", "bold red"), str(error)), soft_wrap=not err.is_terminal)
        sys.exit(BAD_USE)
    except OSError as error:
        if error.errno not in FULL or os.environ.get("AUSCULT_DEBUG"):
            raise
        _tell_full(error)
        sys.exit(BAD_USE)
    except (KeyboardInterrupt, SystemExit, ImportError) as end:
        # Ctrl-C and a broken pipe come as exits that Typer made of them; while a library loads, Ctrl-C is an ImportError.
        if _comes_from(end, KeyboardInterrupt):
            err.print("Stopped. Nothing was left half written.")
            sys.exit(INTERRUPTED)
        if _comes_from(end, BrokenPipeError):
            # Whoever read our output (head, less) has gone: not an error, and nobody is left to tell.
            _say_no_more()
            sys.exit(OK)
        raise


def _tell_full(error: OSError) -> None:
    where = f" ({error.filename})" if error.filename else ""
    told = AuscultError(
        f"The disk has no room for what was to be written{where}: {error.strerror}.",
        "a disk with space left, also for what is printed into a file",
        "Make room, or choose another place.",
    )
    err.print(Text.assemble(("Error: ", "bold red"), str(told)), soft_wrap=not err.is_terminal)
    try:
        sys.stdout.flush()
    except OSError:  # it is what had no room, and would be tried once more at the end
        _say_no_more()


def _say_no_more() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _comes_from(error: BaseException | None, kind: type[BaseException]) -> bool:
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error is not None


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    """Once: a recording that is read again to explain it would say everything twice, and many alike the same."""
    if not isinstance(message, AuscultWarning) or str(message) in _told:
        return
    _told.add(str(message))
    if message.about:
        _alike[message.about] += 1
    if _alike[message.about] <= 1:
        note(str(message))


def _tell_how_many() -> None:
    for about, count in _alike.items():
        if count > 1:
            note(f"There were {count} {about}; only the first was named.")


def note(text: str) -> None:
    """Say what is good to know, though the work goes on."""
    err.print(Text.assemble(("Note: ", "yellow"), text), soft_wrap=not err.is_terminal)


def tell_of_references(manifest: "Manifest") -> None:
    """Say what a proof was made on, where it is not the sound that is normal now."""
    if manifest.references_of == "earlier":
        note(
            "Its reference windows are of an earlier normal: the present one was learned from how it was heard, and no sound of it was kept. "
            "They prove that this machine computes its scores; they are no examples of what is normal now."
        )


def tell_skipped(skipped: list[dict[str, str]]) -> None:
    """Name each recording and place that was of no use, and why."""
    for one in skipped:
        # Most errors begin with the file's name, and once is enough.
        is_named = one["error"].startswith(one["file"])
        err.print(
            Text.assemble(
                ("Skipped ", "yellow"), "" if is_named else f"{one['file']}: ", one["error"]
            ),
            soft_wrap=not err.is_terminal,
        )


def print_json(value: Any, indent: int | None = 2) -> None:
    """One JSON document on stdout, valid whatever is in it."""
    # Names are readable where the terminal takes every letter, and escaped where it doesn't.
    escaped = "utf" not in (sys.stdout.encoding or "").lower()
    text = json.dumps(_finite(value), indent=indent, ensure_ascii=escaped, allow_nan=False)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _finite(value: Any) -> Any:
    """Silence has a level of minus infinity, which JSON does not know: null."""
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    if isinstance(value, float) and not isfinite(value):
        return None
    return value


@contextmanager
def progress(total: float | None, unit: str) -> Iterator[Callable[[float, str], None]]:
    """A bar with the time left, on stderr, for what lasts; called with how much is done and what with."""
    from rich import progress

    of = "" if total is None else "/{task.total:.0f}"  # of what has no end nobody knows how much
    with progress.Progress(
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.TextColumn("{task.completed:.0f}" + of + " " + unit),
        progress.TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    ) as bar:
        task = bar.add_task("", total=total)

        def tell(done: float, what: str) -> None:
            bar.update(task, completed=done, description=Path(what).name[:40])

        yield tell
