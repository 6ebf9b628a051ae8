"""What the first visit loads."""

import gzip
import re

from auscult.server.pages import built_page

FIRST_LOAD_BYTES = 200_000


def test_the_first_load_is_small():
    page = built_page()
    html = (page / "index.html").read_text(encoding="utf8")
    wanted = set(re.findall(r"/assets/[\w.-]+\.js", html))
    seen: set[str] = set()
    while wanted - seen:
        name = (wanted - seen).pop()
        seen.add(name)
        text = (page / name.lstrip("/")).read_text(encoding="utf8")
        # What is imported at once; what is imported when needed stands in parentheses.
        wanted |= {
            f"/assets/{found}"
            for found in re.findall(r"""(?:from|import)\s*["']\./([\w.-]+\.js)""", text)
        }
    size = sum(len(gzip.compress((page / name.lstrip("/")).read_bytes(), 9)) for name in seen)
    assert seen
    assert size <= FIRST_LOAD_BYTES


def test_the_page_is_files_of_its_own():
    html = (built_page() / "index.html").read_text(encoding="utf8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not re.search(r"https?://", html)
