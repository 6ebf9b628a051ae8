"""`auscult key`: keys for people and programs, made and taken back where the server's data is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from auscult.cli import console
from auscult.cli.options import Json, choice
from auscult.cli.serving import is_installed
from auscult.errors import MissingExtra, RecipeError

if TYPE_CHECKING:
    from auscult.server.keys import Keyring, NamedKey

app = typer.Typer(
    no_args_is_help=True, help="Keys that open a server: made, listed and taken back."
)

MAX_NAME = 40

DataDir = Annotated[
    Path | None, typer.Option(help="Folder of the server's data. Default: your data folder.")
]


@app.command("add")
def key_add(
    name: Annotated[str, typer.Argument(help="Whose it is, or what it is for.", metavar="NAME")],
    scope: Annotated[
        str,
        typer.Option(help="read: see results; listen: also send and hear sound; admin: all."),
    ] = "read",
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Make a key; it is shown once, and kept nowhere.

    While the server runs, keys are made on its page: Settings, Keys and people.

    Example: auscult key add "tablet in hall 3" --scope listen
    """
    wanted: Any = choice(scope, "--scope", ("read", "listen", "admin"))
    called = name.strip()
    if not 1 <= len(called) <= MAX_NAME:
        raise RecipeError(
            f"A key can't be called {name!r}.",
            f"1 to {MAX_NAME} characters",
            "Choose another name.",
        )
    with _keyring(data_dir) as keyring:
        key, secret = keyring.add(called, wanted)
    if as_json:
        console.print_json({**_plain(key), "key": secret})
        return
    console.out.print(f"[bold]{secret}[/bold]", soft_wrap=True)
    console.note(
        f"This opens the server for '{key.name}' ({key.scope}), once it is started with a key of its own (--key-file). It is shown only now."
    )


@app.command("list")
def key_list(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Say which keys there are, and what each may do; not the keys themselves.

    Example: auscult key list
    """
    with _keyring(data_dir, writes=False) as keyring:
        keys = keyring.all()
    if as_json:
        console.print_json([_plain(key) for key in keys])
        return
    for key in keys:
        console.out.print(
            f"{key.id}  {key.scope:<6}  {key.created_at:%Y-%m-%d}  {escape(key.name)}"
        )
    if not keys:
        console.out.print("There are none. Make one: auscult key add NAME")


@app.command("remove")
def key_remove(
    name: Annotated[str, typer.Argument(help="Of the key, or its id.", metavar="NAME")],
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Take a key back: it opens nothing any more.

    Example: auscult key remove "tablet in hall 3"
    """
    with _keyring(data_dir) as keyring:
        keys = keyring.all()
        found = next((key for key in keys if name in (key.name, key.id)), None)
        if found is None:
            raise RecipeError(
                f"There is no key '{name}'.",
                f"one of {', '.join(key.name for key in keys)}" if keys else "a key that was made",
                "auscult key list says which there are.",
            )
        keyring.revoke(found.id)
    if as_json:
        console.print_json(_plain(found))
        return
    console.out.print(f"The key '{escape(found.name)}' opens nothing any more.")


@contextmanager
def _keyring(data_dir: Path | None, *, writes: bool = True) -> Iterator["Keyring"]:
    """The keys of a server that does not run now: one that runs would write its own over them."""
    if not is_installed():
        raise MissingExtra("Keys", "server")
    from auscult.live.database import claimed
    from auscult.server.keys import Keyring
    from auscult.server.settings import settings_from
    from auscult.server.state import make_private

    settings = settings_from(data_dir=data_dir)
    if not writes:
        yield Keyring(settings.keys_path)
        return
    make_private(settings.data_dir)
    with claimed(settings.store_path):
        yield Keyring(settings.keys_path)


def _plain(key: "NamedKey") -> dict[str, Any]:
    return key.model_dump(mode="json", exclude={"digest"})
