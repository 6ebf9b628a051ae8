"""The built page, and what stands in its place."""

import gzip
from contextlib import suppress

import pytest
from starlette.requests import Request

from auscult.server.pages import Page, built_page, listing, sign_in
from auscult.server.problems import Problem


def asked(**headers):
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": named})


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "page"
    (root / "assets").mkdir(parents=True)
    (root / "index.html").write_text("<!doctype html><title>page</title>")
    (root / "assets" / "app-1a2b.js").write_text("export const x = 1;\n" * 100)
    (root / "assets" / "engine-3c4d.wasm.gz").write_bytes(gzip.compress(b"\0asm"))
    (root / "sw.js").write_text("self")
    (tmp_path / "secret.txt").write_text("secret")
    return root


def test_a_page_that_is_not_built_says_how(tmp_path):
    page = Page(tmp_path / "gone")
    assert not page.is_built
    answer = page.answer("", asked())
    assert answer.status_code == 200
    assert b"make web" in answer.body
    with pytest.raises(Problem) as error:
        page.answer("assets/app.js", asked())
    assert error.value.status_code == 404


@pytest.mark.parametrize(
    "path", ["", "events", "events/01H", "learn", "index.html", "%00", "a\0b", "x" * 5000]
)
def test_every_address_of_the_page_is_the_page(folder, path):
    answer = Page(folder).answer(path, asked())
    assert answer.path == folder / "index.html"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.media_type == "text/html"


@pytest.mark.parametrize(
    "path", ["api/nothing", "ws/nothing", "ws", "docs/x", "metrics/x", "assets/gone.js", "assets"]
)
def test_addresses_of_the_server_are_never_the_page(folder, path):
    with pytest.raises(Problem) as error:
        Page(folder).answer(path, asked())
    assert error.value.status_code == 404


@pytest.mark.parametrize(
    "path", ["../secret.txt", "assets/../../secret.txt", "/etc/passwd", "..\\secret.txt"]
)
def test_no_address_leads_out_of_the_folder(folder, path):
    with suppress(Problem):
        assert Page(folder).answer(path, asked()).path == folder / "index.html"


def test_a_link_does_not_lead_out_of_the_folder(folder):
    (folder / "assets" / "out.js").symlink_to(folder.parent / "secret.txt")
    with pytest.raises(Problem):
        Page(folder).answer("assets/out.js", asked())


def test_hashed_files_are_kept_for_ever_and_others_never(folder):
    page = Page(folder)
    hashed = page.answer("assets/app-1a2b.js", asked())
    assert "immutable" in hashed.headers["cache-control"]
    assert hashed.media_type == "text/javascript"
    assert page.answer("sw.js", asked()).headers["cache-control"] == "no-cache"


def test_hashed_files_are_packed_for_who_takes_it(folder):
    answer = Page(folder).answer("assets/app-1a2b.js", asked(accept_encoding="br, gzip"))
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(answer.body) == (folder / "assets" / "app-1a2b.js").read_bytes()


def test_the_engine_lies_packed_and_is_unpacked_for_who_takes_nothing_else(folder):
    page = Page(folder)
    packed = page.answer("assets/engine-3c4d.wasm", asked(accept_encoding="gzip"))
    assert packed.path == folder / "assets" / "engine-3c4d.wasm.gz"
    assert packed.headers["content-encoding"] == "gzip"
    assert "immutable" in packed.headers["cache-control"]
    plain = page.answer("assets/engine-3c4d.wasm", asked())
    assert plain.body == b"\0asm"
    assert "content-encoding" not in plain.headers
    assert packed.media_type == plain.media_type == "application/wasm"


def test_the_form_asks_for_a_key():
    assert b'type="password"' in sign_in().body
    assert b"not known" not in sign_in().body
    wrong = sign_in(is_wrong=True)
    assert b"not known" in wrong.body
    assert wrong.status_code == 401


def test_a_listing_takes_no_markup():
    body = listing("<Title>", [("GET", "/x", "<script>")]).body
    assert b"<script>" not in body
    assert b"&lt;Title&gt;" in body


def test_the_page_is_built_into_the_package():
    assert built_page().parent.name == "server"
