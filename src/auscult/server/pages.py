"""The built page: its files, its own addresses, and what stands there while it is not built or not open to everyone.

Every address that is no file is the page itself, which knows its own addresses; the addresses of the server are not.
"""

import gzip
from functools import lru_cache
from html import escape
from importlib.resources import files
from pathlib import Path

from fastapi import Request, Response
from fastapi.responses import FileResponse, HTMLResponse

from auscult.server.problems import not_found

TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}

_NOT_THE_PAGE = ("api", "ws", "docs", "metrics", "inference", "assets")
_FOREVER = "public, max-age=31536000, immutable"
_PACKED = (".css", ".js", ".json", ".mjs", ".svg")
_AS_GZIP = {"content-encoding": "gzip", "vary": "accept-encoding"}

_FRAME = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Auscult</title><style>
body {{ font: 16px/1.6 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto; padding: 0 1rem;
  color: #16202b; background: #f6f8fa }}
code, input, button {{ font: inherit }} input, button {{ padding: .5rem .8rem; border: 1px solid #52637a; border-radius: 8px }}
button {{ background: #0b61c4; color: #fff; border-color: #0b61c4 }} label {{ display: block }}
@media (prefers-color-scheme: dark) {{ body {{ color: #e8eef5; background: #0c1117 }}
  input {{ background: #131a22; color: inherit }} }}
</style></head><body><main>{content}</main></body></html>
"""
_NOT_BUILT = """<h1>Auscult</h1><p>The server runs, but its page is not built. Build it with <code>make web</code> and
load this address again.</p><p lang="ja">サーバーは動いていますが、画面がまだ作られていません。<code>make web</code>
を実行してから、もう一度開いてください。</p><p><a href="/docs">/docs</a> lists what the server answers without it.</p>"""
_SIGN_IN = """<h1>Auscult</h1>{told}<form method="post" action="/api/session"><p>
<label for="key">Key of this server <span lang="ja">(このサーバーのキー)</span></label>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus>
<button>Open <span lang="ja">(開く)</span></button></p></form>"""
_WRONG = (
    '<p role="alert">This key is not known here. <span lang="ja">このキーは使えません。</span></p>'
)


def built_page() -> Path:
    """The folder that the page is built into."""
    return Path(str(files("auscult.server"))) / "page"


class Page:
    """The page in a folder.

    Parameters
    ----------
    folder
        As it was built; may be missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def is_built(self) -> bool:
        """There is a page."""
        return (self._folder / "index.html").is_file()

    def answer(self, path: str, request: Request) -> Response:
        """What stands at an address of the page.

        Raises
        ------
        Problem
            If nothing does.
        """
        if not self.is_built:
            if path:
                raise not_found("page", path, "/docs")
            return HTMLResponse(_FRAME.format(language="en", content=_NOT_BUILT))
        index = self._folder / "index.html"
        built_ns = index.stat().st_mtime_ns
        # What is asked for is only looked up, never made into a path: no address leads out of the folder.
        files = _files(self._folder, built_ns)
        if path in files:
            return self._file(files[path], built_ns, request)
        if f"{path}.gz" in files:
            return _unpacked(files[f"{path}.gz"], request)
        if path.split("/", maxsplit=1)[0] in _NOT_THE_PAGE:
            raise not_found("page", path, "/docs")
        return self._file(index, built_ns, request)

    def _file(self, path: Path, built_ns: int, request: Request) -> Response:
        is_hashed = path.parent == self._folder / "assets"
        headers = {"cache-control": _FOREVER if is_hashed else "no-cache"}
        media_type = TYPES.get(path.suffix, "application/octet-stream")
        if _takes_gzip(request) and path.suffix in _PACKED and is_hashed:
            headers |= _AS_GZIP
            return Response(_packed(path, built_ns), headers=headers, media_type=media_type)
        return FileResponse(path, headers=headers, media_type=media_type)


def sign_in(*, is_wrong: bool = False) -> HTMLResponse:
    """The form that asks for a key."""
    content = _SIGN_IN.format(told=_WRONG if is_wrong else "")
    return HTMLResponse(
        _FRAME.format(language="en", content=content),
        status_code=401 if is_wrong else 200,
        headers={"cache-control": "no-store"},
    )


def listing(title: str, rows: list[tuple[str, str, str]]) -> HTMLResponse:
    """A table of what the server answers: method, address, meaning."""
    lines = "".join(
        f"<tr><td><code>{escape(method)}</code></td><td><code>{escape(path)}</code></td><td>{escape(what)}</td></tr>"
        for method, path, what in rows
    )
    content = (
        f'<h1>{escape(title)}</h1><p>For programs: <a href="/api/openapi.json">/api/openapi.json</a></p>'
        f"<table>{lines}</table>"
    )
    return HTMLResponse(_FRAME.format(language="en", content=content))


def _takes_gzip(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")


def _unpacked(path: Path, request: Request) -> Response:
    """A file that was built packed: the engine of the page, which is large, and the same for ever."""
    media_type = TYPES.get(Path(path.stem).suffix, "application/octet-stream")
    headers = {"cache-control": _FOREVER}
    if _takes_gzip(request):
        return FileResponse(path, headers=headers | _AS_GZIP, media_type=media_type)
    return Response(gzip.decompress(path.read_bytes()), headers=headers, media_type=media_type)


@lru_cache(maxsize=4)
def _files(folder: Path, built_ns: int) -> dict[str, Path]:  # noqa: ARG001 - a newer page has other files
    files_below = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {path.relative_to(folder).as_posix(): path for path in files_below}


@lru_cache(maxsize=256)
def _packed(path: Path, built_ns: int) -> bytes:  # noqa: ARG001 - a newer page has other files
    return gzip.compress(path.read_bytes(), 9, mtime=0)
