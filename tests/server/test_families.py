"""What another process tells of families, and what happens where it tells nothing."""

import asyncio

from auscult.server import families
from auscult.server.families import Families


def test_a_process_that_takes_too_long_tells_nothing(monkeypatch):
    monkeypatch.setattr(families, "TIME_S", 0.01)
    assert asyncio.run(Families().all()) == ()


def test_nothing_has_to_be_installed_here():
    assert Families().missing_extra is None
