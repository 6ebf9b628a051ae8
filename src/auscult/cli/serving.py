"""`auscult serve`: the server, from its options to its end."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auscult.cli import console
from auscult.cli.options import Json
from auscult.errors import MissingExtra

if TYPE_CHECKING:
    from auscult.server.certificate import Certificate
    from auscult.server.settings import Settings


def serve(
    bundle: Annotated[
        list[Path] | None,
        typer.Option(help="Take over this bundle; the first one judges. May be repeated."),
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on. Default: this machine alone.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Default: 8000; 0: any that is free.")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder of events and bundles. Default: your data folder.")
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            help="Keep events in Postgres: postgresql://USER@HOST/NAME. A password is better in AUSCULT_DATABASE. Default: a file.",
            metavar="URL",
        ),
    ] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Also run a simulated machine that can be broken.")
    ] = False,
    key_file: Annotated[
        Path | None,
        typer.Option(help="Keys, one a line; made if it isn't there. Needed for other addresses."),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="A name by which browsers call this server. May be repeated."),
    ] = None,
    store_clips: Annotated[
        bool,
        typer.Option(
            "--store-clips", help="Keep the sound around events; speech in it is silenced."
        ),
    ] = False,
    keep_speech: Annotated[
        bool,
        typer.Option(
            "--keep-speech",
            help="Leave speech in the sound that is kept: ask those who may be heard.",
        ),
    ] = False,
    notify: Annotated[
        list[str] | None,
        typer.Option(
            help="Tell of events: https://…, mqtt://HOST/TOPIC, apprise:URL or print:. May be repeated.",
            metavar="WHERE",
        ),
    ] = None,
    https: Annotated[
        bool,
        typer.Option(
            "--https",
            help="With a certificate of its own, so that phones may give their microphone. Needs the extra https.",
        ),
    ] = False,
    kiosk: Annotated[
        bool,
        typer.Option(
            "--kiosk", help="Also open the page here as ?kiosk: for a screen with only the word."
        ),
    ] = False,
    legacy_ws: Annotated[
        bool, typer.Option("--legacy-ws", help="Speak plain messages on /ws also with keys.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Listen to browsers, microphones and cameras, and show them on a page.

    With --json, one line that says where, once requests are answered.

    Example: auscult serve --bundle fan.onnx
    """
    flags = {
        "bundles": tuple(bundle) if bundle else None,
        "host": host,
        "port": port,
        "data_dir": data_dir,
        "database": database,
        "demo": demo or None,
        "allowed_hosts": tuple(allow_host) if allow_host else None,
        "store_clips": store_clips or None,
        "keep_speech": keep_speech or None,
        "notify": tuple(notify) if notify else None,
        "legacy_ws": legacy_ws or None,
        "https": https or None,
    }
    run_server(flags, key_file=key_file, as_json=as_json, kiosk=kiosk)


def page_is_there() -> bool:
    """The server is installed, and its page is built."""
    if not is_installed():
        return False
    from auscult.server.pages import Page, built_page

    return Page(built_page()).is_built


def demo_dir() -> Path:
    """A folder of its own for what happens to a simulated machine."""
    from auscult.live.home import default_data_dir

    return default_data_dir() / "demo"


def is_installed() -> bool:
    """Everything that a server needs is there."""
    wanted = ("fastapi", "uvicorn", "websockets", "pydantic_settings", "sqlalchemy", "alembic")
    return all(find_spec(name) is not None for name in wanted)


def run_server(
    flags: dict[str, Any], *, key_file: Path | None, as_json: bool, kiosk: bool = False
) -> None:
    """Open, serve and close; `flags` as in `auscult.server.settings.settings_from`."""
    if not is_installed():
        raise MissingExtra("The server", "server")
    from auscult.live.clock import SystemClock
    from auscult.server.app import create_app
    from auscult.server.security import keys_in
    from auscult.server.serving import bound_socket, run, url_of
    from auscult.server.settings import settings_from
    from auscult.server.state import open_state, security_of

    keys = {} if key_file is None else {"keys": keys_in(key_file)}
    settings = settings_from(**flags, **keys)
    security_of(settings)  # refuses an open door before anything is done
    with bound_socket(settings) as bound:
        certificate = _certificate(settings)
        url = url_of(bound, host=settings.host, https=settings.https)
        if settings.demo and not as_json:
            console.out.print("Learning a simulated machine, if it is not yet known ...")
        state = open_state(settings, clock=SystemClock())
        app = create_app(settings, state=state)

        def ready() -> None:
            if kiosk:
                _open_kiosk(url)
            if as_json:
                console.print_json(
                    {
                        "url": url,
                        "port": bound.getsockname()[1],
                        "data_dir": str(settings.data_dir),
                    },
                    indent=None,
                )
                return
            console.out.print(f"[bold]Open {url}[/bold]", soft_wrap=True)
            for name, reason in state.bundles.broken.items():
                console.note(f"{name} is left out. {reason}")
            if certificate is not None:
                console.note(
                    f"Browsers warn of this certificate until they trust {certificate.authority}: see Settings, Use a phone."
                )
            if settings.keys:
                _tell_of_keys(key_file, https=settings.https)

        run(app, bound, state=state, ready=ready, certificate=certificate)
    if not as_json:
        console.out.print("Stopped. Nothing was left half written.")


def _open_kiosk(url: str) -> None:
    """The page in the browser of this machine, where there is one."""
    import webbrowser

    address = f"{url.rstrip('/')}/?kiosk"
    if not webbrowser.open(address):
        console.note(f"This machine has no browser that could be opened. Open {address} yourself.")


def _certificate(settings: "Settings") -> "Certificate | None":
    """The server's own certificate, where it is to have one; for the addresses that it has now."""
    if not settings.https:
        return None
    from auscult.live.clock import SystemClock
    from auscult.server.access import own_addresses
    from auscult.server.certificate import certificate_for
    from auscult.server.state import make_private

    make_private(settings.data_dir)
    names = (*settings.allowed_hosts, *own_addresses())
    return certificate_for(settings.tls_dir, names, now=SystemClock().utc())


def _tell_of_keys(key_file: Path | None, *, https: bool) -> None:
    where = "AUSCULT_KEYS" if key_file is None else str(key_file)
    if https:
        console.note(f"It asks for a key: see {where}.")
        return
    console.note(
        f"It asks for a key: see {where}. Sound and keys cross the network as they are; "
        "start it with --https, or put a TLS proxy in front of it, without which browsers give no microphone either."
    )
