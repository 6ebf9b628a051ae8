"""`auscult track setup` and `auscult track send`."""

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from base64 import b64encode
from pathlib import Path
from typing import Annotated, Any

import typer

from auscult.cli import console
from auscult.cli.options import Json, choice, refused_disk
from auscult.errors import DatasetError, RecipeError, TrainingError

app = typer.Typer(no_args_is_help=True, help="Show trainings in ClearML, MLflow or TensorBoard.")

ACCESS_KEY, SECRET_KEY = "CLEARML_API_ACCESS_KEY", "CLEARML_API_SECRET_KEY"
HOSTS = {"api": "CLEARML_API_HOST", "web": "CLEARML_WEB_HOST", "files": "CLEARML_FILES_HOST"}
PUBLIC = "clear.ml"

_CHECK_LIMIT_S = 10.0
_KNOWN = ("clearml", "mlflow", "tensorboard")


@app.command("setup")
def setup(
    tracker: Annotated[str, typer.Argument(help="clearml", metavar="TRACKER")],
    server: Annotated[
        str, typer.Option(help="A server of your own, http://HOST: its three ports are ClearML's.")
    ] = "",
    access_key: Annotated[
        str, typer.Option("--access-key", help=f"Default: {ACCESS_KEY}, or asked for.")
    ] = "",
    check: Annotated[bool, typer.Option(help="Ask the server whether it takes the keys.")] = True,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: Json = False,
) -> None:
    """Write ClearML's configuration file, readable for you alone: asked for what is missing, or from environment variables.

    The secret key is asked for without being shown, or taken from CLEARML_API_SECRET_KEY; it is never printed. Where those
    environment variables stay set, no file is needed. The file is ~/clearml.conf, or what CLEARML_CONFIG_FILE names, and the one
    that clearml-init would write.

    Example: auscult track setup clearml
    """
    if choice(tracker, "TRACKER", _KNOWN) != "clearml":
        console.out.print(
            f"{tracker} needs no setting up: --set track.{tracker}=true, with auscult train."
        )
        return
    place = _place(force=force)
    hosts = _hosts(server)
    if not access_key and not os.environ.get(ACCESS_KEY):
        console.note(f"Keys are made at {hosts['web']}/settings/workspace-configuration")
    key = access_key or os.environ.get(ACCESS_KEY) or _asked("Access key")
    secret = os.environ.get(SECRET_KEY) or _asked("Secret key", is_secret=True)
    if check:
        _check(hosts["api"], key, secret)
    _write_private(place, configuration(hosts, key, secret))
    if as_json:
        console.print_json({"file": str(place), "server": hosts["api"], "checked": check})
        return
    console.out.print(f"Wrote {place}. From now on: auscult train … --set track.clearml=true")


@app.command("send")
def send(
    folder: Annotated[Path, typer.Argument(help="Of one run.", metavar="FOLDER")],
    to: Annotated[str, typer.Option("--to", help="clearml, mlflow or tensorboard")] = "clearml",
    as_json: Json = False,
) -> None:
    """Tell a tracker of a run that is over: when it could not be reached, or was not asked for then.

    Example: auscult track send runs/first --to mlflow
    """
    from auscult.training.trackers.courier import need
    from auscult.training.trackers.deliver import send as tell_all

    name = choice(to, "--to", _KNOWN)
    need(name)
    told = tell_all(folder, name)
    if told is None:
        raise DatasetError(
            f"{folder} holds no run.", "a folder that auscult train has written", "Name another."
        )
    if told.state != "told":
        raise TrainingError(
            f"{name} could not be told of {folder}: {told.why}.",
            "a server that answers, and credentials that it takes",
            "Set it up (auscult track setup clearml), or try again later.",
        )
    if as_json:
        console.print_json({"state": told.state, "where": told.where})
    else:
        console.out.print(f"Told: {told.where}", highlight=False)


def configuration(hosts: dict[str, str], access_key: str, secret_key: str) -> str:
    """The text of `clearml.conf`: HOCON, of which JSON is a part."""
    api = {
        "web_server": hosts["web"],
        "api_server": hosts["api"],
        "files_server": hosts["files"],
        "credentials": {"access_key": access_key, "secret_key": secret_key},
    }
    return json.dumps({"api": api}, indent=2, ensure_ascii=False) + "\n"


def _place(*, force: bool) -> Path:
    place = Path(os.environ.get("CLEARML_CONFIG_FILE") or Path.home() / "clearml.conf").expanduser()
    if place.exists() and not force:
        raise RecipeError(
            f"{place} is there already.",
            "no file in this place",
            "Replace it with --force, or keep it.",
        )
    return place


def _hosts(server: str) -> dict[str, str]:
    """ClearML's own service, unless said otherwise; a server of one's own has it on three ports."""
    if server:
        parts = urllib.parse.urlsplit(server)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise RecipeError(
                f"--server {server} is no address.", "http://HOST or https://HOST", "Correct it."
            )
        base = f"{parts.scheme}://{parts.hostname}"
        found = {"api": f"{base}:8008", "web": f"{base}:8080", "files": f"{base}:8081"}
    else:
        base = f"https://{{}}.{PUBLIC}"
        found = {name: base.format(name) for name in ("api", "files")} | {"web": base.format("app")}
    given = {
        name: os.environ[variable] for name, variable in HOSTS.items() if os.environ.get(variable)
    }
    return found if server else found | given


def _asked(what: str, *, is_secret: bool = False) -> str:
    if not sys.stdin.isatty():
        raise RecipeError(
            f"The {what.lower()} is missing, and nobody is there to be asked.",
            f"{ACCESS_KEY} and {SECRET_KEY} in the environment, or a terminal",
            "Set them, or call it from a terminal.",
        )
    return str(typer.prompt(what, hide_input=is_secret, err=True)).strip()


def _check(api: str, access_key: str, secret_key: str) -> None:
    """Whether the server takes the keys."""
    scheme = urllib.parse.urlsplit(api).scheme
    if scheme not in {"http", "https"}:
        raise RecipeError(
            f"{api} is no address.", "http:// or https://", f"Correct {HOSTS['api']}."
        )
    basic = b64encode(f"{access_key}:{secret_key}".encode()).decode()
    request = urllib.request.Request(  # noqa: S310 - http or https, as was looked at
        f"{api}/auth.login", method="POST", headers={"Authorization": f"Basic {basic}"}, data=b""
    )
    try:
        with urllib.request.urlopen(request, timeout=_CHECK_LIMIT_S):  # noqa: S310
            return
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in {401, 403}:
            raise TrainingError(
                f"{api} does not take these keys ({error.code}).",
                "keys that belong together, and are not revoked",
                "Make new ones on its page, and set it up again.",
            ) from None
        why: Any = error.code
    except (urllib.error.URLError, OSError, ValueError) as error:
        why = getattr(error, "reason", error)
    raise TrainingError(
        f"{api} does not answer as ClearML does ({why}).",
        "the address of a ClearML server that can be reached",
        "Correct --server, or write the file unchecked with --no-check.",
    )


def _write_private(place: Path, text: str) -> None:
    """A file that nobody else may read, from its first byte on."""
    temporary = place.with_name(f".{place.name}.{os.getpid()}")
    with refused_disk(place, "Name another file: CLEARML_CONFIG_FILE=…"):
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            temporary.replace(place)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
