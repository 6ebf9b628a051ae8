"""What another process tells of families, and what happens where it tells nothing."""

import asyncio
import signal

from auscult.server import families
from auscult.server.families import Families


def test_a_process_that_takes_too_long_tells_nothing(monkeypatch):
    monkeypatch.setattr(families, "TIME_S", 0.01)
    assert asyncio.run(Families().all()) == ()


def test_whoever_waits_is_let_go_when_the_server_goes():
    async def asked_and_ended():
        asked = Families()
        waiting = asyncio.create_task(asked.all())
        while asked._child is None:
            await asyncio.sleep(0.01)
        asked.end()
        return await waiting, asked._child.returncode

    assert asyncio.run(asked_and_ended()) == ((), -signal.SIGKILL)


def test_nothing_has_to_be_installed_here():
    assert Families().missing_extra is None
